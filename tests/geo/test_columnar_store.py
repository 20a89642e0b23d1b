"""A columnar copy is read whole or not at all; without it the answer is the same."""

import json
import os
from pathlib import Path

import pytest

from geo.columnar_store import ColumnarStore
from geo.release import ReleasedFigures

EDITION = "0123456789ab"


@pytest.fixture
def store(tmp_path: Path, xaa_released: ReleasedFigures) -> ColumnarStore:
    store = ColumnarStore(tmp_path / "columns")
    store.write(EDITION, xaa_released.figures)
    return store


def total(store: ColumnarStore) -> float:
    copy = store.edition(EDITION)
    assert copy is not None
    found = copy.values(
        "SELECT sum(value) AS persons FROM figures WHERE \"group\" = $1 AND date = DATE '2020-12-31' "
        "AND level = 1 AND origin = ''",
        ["IDP"],
    )
    return float(found["persons"].iloc[0])


def test_it_holds_the_figures_that_stand(store: ColumnarStore) -> None:
    assert total(store) == 1540
    assert store.is_whole(EDITION)
    copy = store.edition(EDITION)
    assert copy is not None
    # stated and summed 1,540 for the country: only the stated one stands
    (rows,) = copy.values(
        "SELECT count(*) AS n FROM figures WHERE pcode = 'XA' AND \"group\" = $1 "
        "AND date = DATE '2020-12-31'",
        ["IDP"],
    )["n"].tolist()
    assert rows == 1


def test_what_was_not_written_to_the_end_is_no_copy(
    store: ColumnarStore, xaa_released: ReleasedFigures
) -> None:
    home = store.folder / EDITION
    manifest = (home / "manifest.json").read_text("utf-8")
    for broken in ("{", "{}", json.dumps({**json.loads(manifest), "edition": "x"}), "[]"):
        (home / "manifest.json").write_text(broken, "utf-8")
        assert store.edition(EDITION) is None
    (home / "manifest.json").unlink()
    assert store.edition(EDITION) is None
    assert not store.is_whole(EDITION)
    store.write(EDITION, xaa_released.figures)  # is made again
    assert total(store) == 1540


def test_a_file_that_is_shorter_or_gone_is_noticed_and_a_changed_one_by_a_check(
    store: ColumnarStore,
) -> None:
    copy = store.edition(EDITION)
    assert copy is not None
    (path,) = copy.files
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    assert store.edition(EDITION) is not None
    assert not store.is_whole(EDITION)
    path.write_bytes(content[:-1])
    assert store.edition(EDITION) is None
    path.unlink()
    assert store.edition(EDITION) is None


def test_the_first_of_two_writers_stays(
    store: ColumnarStore, xaa_released: ReleasedFigures
) -> None:
    before = (store.folder / EDITION / "manifest.json").stat().st_ino
    store.write(EDITION, xaa_released.figures)
    assert (store.folder / EDITION / "manifest.json").stat().st_ino == before
    assert [path.name for path in store.folder.iterdir()] == [EDITION]


def test_sweeping_takes_what_nobody_needs_and_leaves_who_is_at_work(
    store: ColumnarStore, xaa_released: ReleasedFigures
) -> None:
    store.write("ffffffffffff", xaa_released.figures)
    (store.folder / "aaaaaaaaaaaa.x.part").mkdir()  # somebody is writing it
    assert store.sweep([EDITION]) == ["ffffffffffff"]
    assert total(store) == 1540
    left = store.folder / "aaaaaaaaaaaa.x.part"
    assert left.is_dir()
    os.utime(left, (0, 0))  # nobody has been at it for long
    store.write("ffffffffffff", xaa_released.figures)
    assert not left.exists()
    assert {path.name for path in store.folder.iterdir()} == {EDITION, "ffffffffffff"}


def test_an_edition_without_figures_has_a_copy_too(
    tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    store = ColumnarStore(tmp_path)
    store.write(EDITION, xaa_released.figures.iloc[:0])
    copy = store.edition(EDITION)
    assert copy is not None
    assert copy.values("SELECT count(*) AS n FROM figures", [])["n"].tolist() == [0]
