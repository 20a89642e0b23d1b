"""An edition never changes, is there as a whole or not at all, and a damaged one is never shown."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from geo.errors import StoreUnavailable, UnknownEdition, UnknownSituation
from geo.sqlite_store import SqliteStore
from geo.store import content_hash

NOON = datetime(2021, 1, 15, 12, tzinfo=UTC)
LATER = datetime(2021, 2, 15, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path):
    return SqliteStore(tmp_path / "deep" / "store.sqlite")


def doubled(released):
    figures = released.figures.assign(value=released.figures["value"] * 2)
    return replace(released, figures=figures)


def assert_same(one, other):
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs)
        else:
            assert mine == theirs, field.name


def test_what_is_read_is_what_was_published(store, xaa_released):
    edition = store.publish(xaa_released, specs_json='{"maps": []}', published=NOON)
    assert_same(store.read(edition.id), xaa_released)
    assert store.specs(edition.id) == '{"maps": []}'
    assert (edition.number, edition.published, edition.situation) == (1, NOON, "xaa-2020")
    assert store.current("xaa-2020") == edition
    assert store.situations() == ("xaa-2020",)


def test_an_empty_edition_keeps_its_columns_and_types(store, xaa_released):
    empty = replace(xaa_released, figures=xaa_released.figures.iloc[:0])
    edition = store.publish(empty, specs_json="", published=NOON)
    pd.testing.assert_frame_equal(store.read(edition.id).figures, empty.figures)


def test_the_same_content_is_the_same_edition_whenever_and_in_whatever_order(store, xaa_released):
    first = store.publish(xaa_released, specs_json="{}", published=NOON)
    shuffled = xaa_released.figures.sample(frac=1, random_state=1).reset_index(drop=True)
    again = store.publish(replace(xaa_released, figures=shuffled), specs_json="{}", published=LATER)
    assert again == first
    assert len(store.editions("xaa-2020")) == 1


def test_an_id_changes_with_anything_an_edition_says(xaa_released):
    hashes = {
        content_hash(xaa_released, "{}"),
        content_hash(xaa_released, "{ }"),
        content_hash(doubled(xaa_released), "{}"),
        content_hash(replace(xaa_released, flows=xaa_released.flows.iloc[1:]), "{}"),
        content_hash(replace(xaa_released, notes=()), "{}"),
        content_hash(replace(xaa_released, vintage="xaa-2011"), "{}"),
        content_hash(replace(xaa_released, sources=xaa_released.sources[::-1]), "{}"),
    }
    assert len(hashes) == 7


def test_a_new_edition_becomes_current_and_the_old_one_stays_readable(store, xaa_released):
    old = store.publish(xaa_released, specs_json="{}", published=NOON)
    new = store.publish(doubled(xaa_released), specs_json="{}", published=LATER)
    assert store.current("xaa-2020") == new
    assert store.editions("xaa-2020") == (old, new)
    assert_same(store.read(old.id), xaa_released)
    back = store.publish(xaa_released, specs_json="{}", published=LATER)
    assert back == old == store.current("xaa-2020")
    assert len(store.editions("xaa-2020")) == 2


def test_what_is_not_there_is_said_with_what_is(store, xaa_released):
    store.publish(xaa_released, specs_json="{}", published=NOON)
    with pytest.raises(UnknownSituation, match="there are xaa-2020"):
        store.current("xbb-2020")
    with pytest.raises(UnknownEdition):
        store.read("000000000000")


def test_a_read_only_store_serves_but_changes_nothing(store, xaa_released):
    edition = store.publish(xaa_released, specs_json="{}", published=NOON)
    serving = SqliteStore.open_readonly(store.path)
    assert serving.current("xaa-2020") == edition
    with pytest.raises(StoreUnavailable):
        serving.publish(doubled(xaa_released), specs_json="{}", published=LATER)
    assert serving.current("xaa-2020") == edition
    store.publish(doubled(xaa_released), specs_json="{}", published=LATER)
    assert serving.current("xaa-2020") != edition  # seen without opening again


def test_a_missing_store_is_not_made_by_reading_it(tmp_path):
    with pytest.raises(StoreUnavailable, match="does not exist"):
        SqliteStore.open_readonly(tmp_path / "store.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_health_is_good_after_publishing(store, xaa_released):
    store.publish(xaa_released, specs_json="{}", published=NOON)
    health = store.health()
    assert (health.ok, health.editions, health.problems) == (True, 1, ())


def test_another_program_that_holds_the_store_is_one_sentence(store, xaa_released, monkeypatch):
    monkeypatch.setattr("geo.sqlite_file._PATIENCE", 0.01)
    store.publish(xaa_released, specs_json="{}", published=NOON)
    with sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked by another program"):
            store.publish(doubled(xaa_released), specs_json="{}", published=NOON)
        assert store.current("xaa-2020").number == 1  # readers do not wait
        other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough" * 99, b""])
def test_a_file_that_is_no_store_is_one_sentence(tmp_path, content):
    path = tmp_path / "store.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable) as caught:
        SqliteStore.open_readonly(path)
    assert str(path) in str(caught.value)
    assert not SqliteStore(path, readonly=True).health().ok


def test_a_database_of_somebody_else_is_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="no sitmap store"):
        SqliteStore(path).situations()
    assert path.read_bytes() == before


def test_a_damaged_edition_is_not_shown(store, xaa_released):
    edition = store.publish(xaa_released, specs_json="{}", published=NOON)
    with sqlite3.connect(store.path) as other:
        other.execute("UPDATE figures SET value = value + 1 WHERE pcode = 'XA01'")
    other.close()
    with pytest.raises(StoreUnavailable, match="damaged"):
        store.read(edition.id)
    assert store.health().problems == (f"edition {edition.id} does not say what was published",)


def test_flipped_bits_never_give_other_figures(store, xaa_released):
    edition = store.publish(xaa_released, specs_json="{}", published=NOON)
    with sqlite3.connect(store.path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    whole = store.path.read_bytes()
    flipped = store.path.with_name("flipped.sqlite")
    for at in range(100, len(whole), len(whole) // 60):
        flipped.write_bytes(whole[:at] + bytes([whole[at] ^ 0x04]) + whole[at + 1 :])
        try:
            read = SqliteStore(flipped, readonly=True).read(edition.id)
        except (StoreUnavailable, UnknownEdition):
            continue
        assert_same(read, xaa_released)


KILLED = """
import os, signal, sys
from pathlib import Path
import geo.sqlite_store as module

insert, calls = module._insert, []
def killed(db, table, edition, frame):
    insert(db, table, edition, frame)
    calls.append(table)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
module._insert = killed

from datetime import datetime, UTC
from dataclasses import replace
store = module.SqliteStore(Path(sys.argv[1]))
released = store.read(store.current("xaa-2020").id)
figures = released.figures.assign(value=released.figures["value"] * 2)
store.publish(replace(released, figures=figures), specs_json="{}", published=datetime.now(UTC))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is Unix's")
def test_a_killed_writer_leaves_the_old_edition(store, xaa_released):
    edition = store.publish(xaa_released, specs_json="{}", published=NOON)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for when in ("1", "3"):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(store.path), when],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        assert store.health().ok
        assert store.current("xaa-2020") == edition
        assert_same(store.read(edition.id), xaa_released)
    after = store.publish(doubled(xaa_released), specs_json="{}", published=LATER)
    assert (after.number, store.current("xaa-2020")) == (2, after)


def test_readers_see_the_old_or_the_new_edition_while_another_is_published(store, xaa_released):
    one = store.publish(xaa_released, specs_json="{}", published=NOON)
    ids = {one.id, content_hash(doubled(xaa_released), "{}")[:12]}
    seen: list[str] = []
    failed: list[Exception] = []
    stop = threading.Event()

    def look():
        serving = SqliteStore.open_readonly(store.path)
        while not stop.is_set():
            try:
                now = serving.current("xaa-2020").id
                serving.read(now)
                seen.append(now)
            except Exception as error:
                failed.append(error)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for at in range(6):
        content = doubled(xaa_released) if at % 2 == 0 else xaa_released
        store.publish(content, specs_json="{}", published=NOON)
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert set(seen) <= ids
