"""A store of the version before figures had bounds is read as it is, and brought up when written to."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from geo.release import ReleasedFigures
from geo.sqlite_store import SCHEMA, SqliteStore
from geo.stored_figures import Sizes, StoredFigures

DAY = datetime(2021, 1, 15, tzinfo=UTC)


@pytest.fixture
def version_1(tmp_path: Path, xaa_released: ReleasedFigures) -> tuple[SqliteStore, str]:
    """A store as version 1 made it, with one edition."""
    store = SqliteStore(tmp_path / "store.sqlite")
    edition = store.publish(xaa_released, specs_json="[]", published=DAY).id
    with closing(sqlite3.connect(store.path)) as db:
        for bound in ("low", "high"):
            db.execute(f"ALTER TABLE figures DROP COLUMN {bound}")
        for table in ("sheets", "seals"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    return store, edition


@pytest.fixture
def version_2(tmp_path: Path, xaa_released: ReleasedFigures) -> tuple[SqliteStore, str]:
    """A store as version 2 made it: figures by day first, and no summaries."""
    store = SqliteStore(tmp_path / "store.sqlite")
    edition = store.publish(xaa_released, specs_json="[]", published=DAY).id
    with closing(sqlite3.connect(store.path)) as db:
        (made,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'figures'").fetchone()
        older = made[: made.index("PRIMARY KEY")] + (
            "PRIMARY KEY (edition, date, group_, measure, unit, level, pcode, unplaced, origin, "
            "basis)) WITHOUT ROWID"
        )
        db.execute(older.replace("figures", "figures_2", 1))
        db.execute("INSERT INTO figures_2 SELECT * FROM figures")
        for table in ("figures", "sheets", "seals"):
            db.execute(f"DROP TABLE {table}")
        db.execute("ALTER TABLE figures_2 RENAME TO figures")
        db.execute("PRAGMA user_version = 2")
        db.commit()
    return store, edition


def test_a_store_of_version_2_is_read_as_it_is_and_brought_up_when_written_to(
    version_2: tuple[SqliteStore, str], xaa_released: ReleasedFigures
) -> None:
    store, edition = version_2
    reading = SqliteStore.open_readonly(store.path)
    pd.testing.assert_frame_equal(reading.open(edition).figures, xaa_released.figures)
    assert version(store) == 2
    large = SqliteStore(store.path, sizes=Sizes(by_sheets=1))
    doubled = xaa_released.figures.assign(value=xaa_released.figures["value"] * 2)
    new = large.publish(replace(xaa_released, figures=doubled), specs_json="[]", published=DAY).id
    assert version(store) == SCHEMA
    pd.testing.assert_frame_equal(store.read(edition).figures, xaa_released.figures)
    assert isinstance(store.open(new), StoredFigures)
    assert store.health().ok


def version(store: SqliteStore) -> int:
    with closing(sqlite3.connect(store.path)) as db:
        (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_its_editions_are_read_without_being_touched(version_1: tuple[SqliteStore, str]) -> None:
    store, edition = version_1
    figures = SqliteStore.open_readonly(store.path).read(edition).figures
    assert figures["low"].isna().all()
    assert version(store) == 1


def test_publishing_brings_it_up_and_keeps_what_was_published(
    version_1: tuple[SqliteStore, str], xaa_released: ReleasedFigures
) -> None:
    store, edition = version_1
    figures = xaa_released.figures.copy()
    figures.loc[figures.index[0], ["low", "high"]] = [50.0, 150.0]
    bounded = replace(xaa_released, figures=figures)
    new = store.publish(bounded, specs_json="[]", published=DAY).id
    assert version(store) == SCHEMA
    assert new != edition
    assert store.read(edition).figures["high"].isna().all()
    read = store.read(new).figures
    assert read.loc[read["low"].notna(), ["low", "high"]].to_numpy().tolist() == [[50.0, 150.0]]
