"""What `sitmap assign` wrote beside a table binds the source that the table is declared with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from geo.errors import ReleaseRefused, UndeclaredSensitivity
from service.assigned_ledgers import DeclaredTooOpen
from service.cli import main
from service.errors import BadSituation
from service.pipeline import build
from service.publishing import fingerprint
from service.situation_file import load_situation

# rio-tiler and affine warn of their own futures
pytestmark = pytest.mark.filterwarnings(
    "ignore::PendingDeprecationWarning", "ignore::FutureWarning"
)

LEVELS = ("public", "sensitive", "restricted")


def with_ledger(folder: Path, stated: Any, table: str = "idps.csv") -> Path:
    written = stated if isinstance(stated, str) and stated.startswith("{") else json.dumps(
        {"sensitivity": stated, "rows": 3}
    )  # fmt: skip
    (folder / f"{table}.ledger.json").write_text(written, "utf-8")
    return folder


@pytest.mark.parametrize("stated", LEVELS)
@pytest.mark.parametrize("declared", LEVELS)
def test_a_source_may_declare_as_much_as_the_ledger_or_more_but_never_less(
    edited: Callable[..., Path], declared: str, stated: str
) -> None:
    folder = edited("situation.toml", 'sensitivity = "public"', f'sensitivity = "{declared}"')
    with_ledger(folder, stated)
    if LEVELS.index(declared) < LEVELS.index(stated):
        with pytest.raises(DeclaredTooOpen) as error:
            build(load_situation(folder))
        assert (error.value.declared, error.value.stated) == (declared, stated)
    elif declared == "public":
        assert build(load_situation(folder)).released is not None
    else:  # no version of the program protects such figures yet
        with pytest.raises(ReleaseRefused):
            build(load_situation(folder))


def test_it_is_told_in_one_sentence_and_nothing_is_published(folder: Path) -> None:
    with_ledger(folder, "restricted", "people.csv")
    done = CliRunner().invoke(main, ["build", str(folder)])
    assert done.exit_code == 2
    said = " ".join(done.stderr.split())
    assert "source 'survey' is declared 'public', but people.csv.ledger.json says" in said
    assert "Traceback" not in said
    assert not (folder / ".sitmap").exists()


def test_a_ledger_that_states_nothing_changes_nothing(folder: Path) -> None:
    assert build(load_situation(with_ledger(folder, None))).released is not None


def test_an_undeclared_source_stays_undeclared_whatever_the_ledger_states(
    edited: Callable[..., Path],
) -> None:
    folder = with_ledger(edited("situation.toml", 'sensitivity = "public"\n', ""), "public")
    with pytest.raises(UndeclaredSensitivity):
        build(load_situation(folder))


@pytest.mark.parametrize("written", ['{"rows": 3}', '{"sensitivity": "secret"}', "{"])
def test_a_ledger_that_cannot_be_read_lets_nothing_through(folder: Path, written: str) -> None:
    with pytest.raises(BadSituation, match="ledger"):
        build(load_situation(with_ledger(folder, written)))


def test_another_ledger_makes_the_edition_stale(folder: Path) -> None:
    before = fingerprint(load_situation(with_ledger(folder, None)))
    assert fingerprint(load_situation(with_ledger(folder, "public"))) != before


def test_a_density_grid_that_says_it_is_sensitive_is_never_put_where_it_is_served(
    folder: Path, tmp_path: Path
) -> None:
    points = tmp_path / "points.csv"
    points.write_text("lon,lat\n" + "10.51,11.51\n" * 30, "utf-8")
    grid = tmp_path / "density.tif"
    told = ["--source", "X", "--date", "2020-12-31", "--sensitivity", "restricted"]
    made = CliRunner().invoke(
        main,
        ["density", str(points), "--lon", "lon", "--lat", "lat", *told, "--out", str(grid)],
    )
    assert made.exit_code == 0, made.stderr
    told = ["--publisher", "X", "--date", "2020-12-31", "--sensitivity", "public"]
    done = CliRunner().invoke(main, ["raster", str(folder), str(grid), "--as", "points", *told])
    assert done.exit_code == 2
    assert "restricted" in done.stderr
    assert not list((folder / ".sitmap").rglob("*.tif"))
