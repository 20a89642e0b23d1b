"""An edition's sheets say what its rows say, and one that was changed afterwards is never shown."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.units import BoundarySet
from geo.coded_frame import CodedFrame, canonical, order_by
from geo.counts import CountQuery, counts
from geo.edition_rows import FRAMES
from geo.errors import StoreUnavailable
from geo.kept_editions import KeptEditions
from geo.origin_totals import origin_totals
from geo.release import ReleasedFigures
from geo.sheet_cutting import cut
from geo.sheets import CONTENTS, DAY, ORIGINS, UNIT, cells_of, contents_of, seal_of
from geo.sqlite_store import SqliteStore
from geo.store import content_hash, frame_rows, particulars
from geo.stored_figures import Sizes, StoredFigures
from geo.unit_profiles import unit_profile

DAY_OF_IT = datetime(2021, 1, 15, tzinfo=UTC)
ALWAYS = Sizes(by_sheets=1, short_profiles=1)


def sheets_of(released: ReleasedFigures, *, every: bool = True) -> dict[tuple[str, str], bytes]:
    figures = CodedFrame.of(released.figures, FRAMES["figures"])
    listed = cut(figures, "0123456789ab", every_origin_of_a_unit=every)
    return {(sheet.kind, sheet.key): sheet.content for sheet in listed}


@pytest.fixture
def store(tmp_path: Path, xaa_released: ReleasedFigures) -> SqliteStore:
    store = SqliteStore(tmp_path / "store.sqlite", sizes=ALWAYS)
    store.publish(xaa_released, specs_json="{}", published=DAY_OF_IT)
    return store


def test_every_row_is_in_one_sheet_of_a_day(xaa_released: ReleasedFigures) -> None:
    days = [
        cells_of(content) for (kind, _), content in sheets_of(xaa_released).items() if kind == DAY
    ]
    places = sorted(place for cells in days for place in cells["place"])
    assert places == list(range(len(xaa_released.figures)))


def test_the_list_has_the_hash_of_every_other_sheet(xaa_released: ReleasedFigures) -> None:
    sheets = sheets_of(xaa_released)
    contents = contents_of(sheets.pop((CONTENTS, "")))
    assert contents is not None
    assert contents.hashes == {where: seal_of(content) for where, content in sheets.items()}
    assert {kind for kind, _ in sheets} == {DAY, UNIT, ORIGINS}


def test_a_list_of_a_later_form_is_not_guessed_at() -> None:
    assert contents_of(b'{"form": 2}') is None


@pytest.mark.parametrize("kind", [DAY, UNIT, ORIGINS, CONTENTS])
def test_a_sheet_that_was_changed_is_never_shown(
    kind: str, store: SqliteStore, xaa: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    edition = store.current("xaa-2020").id
    with closing(sqlite3.connect(store.path)) as db:
        rows = db.execute("SELECT rowid, content FROM sheets WHERE kind = ?", [kind]).fetchall()
        for row, content in rows:
            changed = bytes(content).replace(b"0", b"1")
            db.execute("UPDATE sheets SET content = ? WHERE rowid = ?", [changed, row])
        db.commit()
    with pytest.raises(StoreUnavailable, match="damaged"):
        ask(kind, store, edition, xaa)


def ask(kind: str, store: SqliteStore, edition: str, xaa: BoundarySet) -> None:
    """Ask what needs a sheet of a kind."""
    opened = store.open(edition)
    if kind == DAY:
        counts(opened, xaa, CountQuery(1, "IDP"))
    elif kind == UNIT:
        unit_profile(opened, xaa, "XA01")
    else:
        origin_totals(opened, level=1, group="REF")


def test_a_sheet_that_is_gone_is_damage_and_no_absence(
    store: SqliteStore, xaa: BoundarySet
) -> None:
    opened = store.open(store.current("xaa-2020").id)
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("DELETE FROM sheets WHERE kind = 'day'")
        db.commit()
    with pytest.raises(StoreUnavailable, match="damaged"):
        counts(opened, xaa, CountQuery(1, "IDP"))
    with pytest.raises(StoreUnavailable, match="damaged"):
        _ = opened.figures


def test_an_edition_published_before_there_were_sheets_gets_them_when_it_is_published_again(
    tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    path = tmp_path / "store.sqlite"
    before = SqliteStore(path).publish(xaa_released, specs_json="{}", published=DAY_OF_IT)
    assert not isinstance(SqliteStore(path).open(before.id), StoredFigures)
    again = SqliteStore(path, sizes=ALWAYS).publish(
        xaa_released, specs_json="{}", published=DAY_OF_IT
    )
    assert again == before
    assert isinstance(SqliteStore(path).open(before.id), StoredFigures)


def test_a_store_of_version_3_loses_its_summaries_and_none_of_its_editions(
    tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    path = tmp_path / "store.sqlite"
    edition = SqliteStore(path).publish(xaa_released, specs_json="{}", published=DAY_OF_IT).id
    with closing(sqlite3.connect(path)) as db:
        for table in ("sheets", "seals"):
            db.execute(f"DROP TABLE {table}")
        db.execute("CREATE TABLE days (edition TEXT NOT NULL)")
        db.execute("PRAGMA user_version = 3")
        db.commit()
    reading = SqliteStore.open_readonly(path)
    pd.testing.assert_frame_equal(reading.open(edition).figures, xaa_released.figures)
    SqliteStore(path).restore(edition)  # is written to
    with closing(sqlite3.connect(path)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    assert {"sheets", "seals"} <= tables
    assert "days" not in tables
    pd.testing.assert_frame_equal(reading.open(edition).figures, xaa_released.figures)


def test_kept_sheets_answer_without_their_store_and_until_then_the_store_does(
    tmp_path: Path, store: SqliteStore, xaa: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    edition = store.current("xaa-2020")
    opened = store.open(edition.id)
    assert isinstance(opened, StoredFigures)
    kept = KeptEditions(tmp_path / "kept")
    there = opened.stored._reader
    first = kept.sheets(edition, opened, "{}", there)
    assert first.content(CONTENTS, "") == there.content(CONTENTS, "")
    until = time.monotonic() + 30
    while not first.at_hand and time.monotonic() < until:
        time.sleep(0.02)
    assert first.at_hand
    store.path.unlink()
    read = kept.read(edition.id)
    assert isinstance(read, StoredFigures)
    assert counts(read, xaa, CountQuery(1, "IDP")) == counts(
        xaa_released, xaa, CountQuery(1, "IDP")
    )


# --- rows in order, without sorting texts -----------------------------------------------------------


def slow_hash(released: ReleasedFigures, specs_json: str) -> str:
    """Return the hash as its definition reads: every row a canonical text, the texts in order."""
    import hashlib

    def texts(frame: pd.DataFrame) -> list[str]:
        return sorted(map(canonical, frame_rows(frame)))

    whole = {
        "figures": texts(released.figures),
        "flows": texts(released.flows),
        "presence": texts(released.presence),
        "particulars": particulars(released),
        "specs": specs_json,
    }
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


TEXTS = st.sampled_from(["", "a", "ab", 'a"b', "a,b", "é", "\n", "\\", "zz", "2"])
NUMBERS = st.one_of(st.just(float("nan")), st.integers(0, 12).map(float), st.just(0.5))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_hash_is_that_of_the_sorted_texts(
    data: st.DataObject, xaa_released: ReleasedFigures
) -> None:
    figures = xaa_released.figures.copy()
    rows = len(figures)
    for name in ("note", "rows", "qualifier"):
        figures[name] = pd.Series(
            data.draw(st.lists(TEXTS, min_size=rows, max_size=rows)), dtype="str"
        )
    for name in ("value", "low", "high"):
        figures[name] = data.draw(st.lists(NUMBERS, min_size=rows, max_size=rows))
    days = st.sampled_from([None, date(2020, 1, 1), date(2020, 10, 1)])
    figures["start"] = pd.Series(
        data.draw(st.lists(days, min_size=rows, max_size=rows)), dtype="object"
    )
    changed = replace(xaa_released, figures=figures)
    assert content_hash(changed, "{}") == slow_hash(changed, "{}")


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2**20), st.integers(0, 2**30)), max_size=30
    )
)
def test_the_order_by_numbers_is_that_of_tuples(rows: list[tuple[int, int, int]]) -> None:
    keys = [np.array([row[i] for row in rows], dtype=np.int32) for i in range(3)]
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    assert order_by(keys, len(rows)).tolist() == expected
