"""Readers see what is published and nothing else, the database says so; what goes wrong is one sentence."""

# ruff: noqa: S608 - statements are made of names in this file

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from geo.errors import StoreUnavailable, UnknownEdition
from geo.postgres_connecting import bring_up_at, shown_address, unavailable
from geo.postgres_schema import SCHEMA, bring_up, found_schema
from geo.postgres_store import PostgresStore
from geo.release import ReleasedFigures
from geo.store import content_hash
from geo.stored_figures import Sizes

pytestmark = pytest.mark.postgis

NOON = datetime(2021, 1, 15, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SHEETS = ("sheets", "seals")
TABLES = ("editions", "current", "figures", "flows", "presence", *SHEETS)


@pytest.fixture
def store(fresh_database: str) -> Generator[PostgresStore, None, None]:
    store = PostgresStore(fresh_database, sizes=Sizes(by_sheets=1))  # so that summaries are filled
    yield store
    store.close()


@contextmanager
def opened(url: str, **more: Any) -> Generator[PostgresStore, None, None]:
    store = PostgresStore(url, **more)
    try:
        yield store
    finally:
        store.close()


def as_user(postgis: Any, name: str, role: str = "") -> str:
    """Return the address for a user who logs in and is a member of a role."""
    postgis.sql(
        f"DO $$ BEGIN CREATE ROLE {name} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        *([f"GRANT {role} TO {name}"] if role else []),
    )
    return str(postgis.url_as(name))


def doubled(released: ReleasedFigures) -> ReleasedFigures:
    return replace(released, figures=released.figures.assign(value=released.figures["value"] * 2))


def publish(store: PostgresStore, released: ReleasedFigures) -> str:
    return store.publish(released, specs_json="{}", published=NOON).id


def until(true: Callable[[], bool], seconds: float = 20) -> float:
    """Wait until something is true; return for how long."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.01)
    return time.monotonic() - began


# --- who may do what ---------------------------------------------------------------------------------


def test_a_reader_can_read_published_editions_only_and_write_nothing(
    store: PostgresStore, postgis: Any, xaa_released: ReleasedFigures
) -> None:
    first, second = publish(store, xaa_released), publish(store, doubled(xaa_released))
    store.withdraw(second)
    url = as_user(postgis, "portal", "sitmap_reader")
    with opened(url, readonly=True) as reader:
        pd.testing.assert_frame_equal(reader.read(first).figures, xaa_released.figures)
        assert set(reader.holdings().shown) == {first}
        for withdrawn in (False, True):  # not even by name
            with pytest.raises(UnknownEdition):
                reader.read(second, withdrawn=withdrawn)
        with pytest.raises(StoreUnavailable, match="may not do that"):
            publish(reader, doubled(xaa_released))
        with pytest.raises((StoreUnavailable, UnknownEdition)):
            reader.restore(second)
        with pytest.raises(StoreUnavailable):
            reader.withdraw(first)
    with psycopg.connect(url, autocommit=True) as db:
        for table in TABLES:
            column = "id" if table == "editions" else "edition"
            seen = db.execute(f"SELECT DISTINCT {column} FROM sitmap.{table}").fetchall()
            assert seen == [(first,)], table
            for statement in (
                f"DELETE FROM sitmap.{table}",
                f"UPDATE sitmap.{table} SET {column} = 'x'",
                f"INSERT INTO sitmap.{table} SELECT * FROM sitmap.{table}",
                f"TRUNCATE sitmap.{table}",
                f"DROP TABLE sitmap.{table}",
                f"ALTER TABLE sitmap.{table} DISABLE ROW LEVEL SECURITY",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    db.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("CREATE TABLE sitmap.own (x int)")
        shown = db.execute("SELECT DISTINCT edition FROM sitmap.current_figures").fetchall()
        assert shown == [(first,)]


def test_a_publisher_publishes_and_decides_but_rewrites_no_figure(
    store: PostgresStore, postgis: Any, xaa_released: ReleasedFigures
) -> None:
    first = publish(store, xaa_released)
    url = as_user(postgis, "ingester", "sitmap_publisher")
    with opened(url, sizes=Sizes(by_sheets=1)) as publisher:
        second = publish(publisher, doubled(xaa_released))
        assert publisher.read(second).figures["value"].max() == 120_000
        assert publisher.withdraw(second) == publisher.current("xaa-2020")
        assert publisher.restore(second).id == second
    with psycopg.connect(url, autocommit=True) as db:
        for table in ("figures", "flows", "presence", *SHEETS):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"UPDATE sitmap.{table} SET edition = edition")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"DELETE FROM sitmap.{table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("UPDATE sitmap.editions SET content = ''")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("DELETE FROM sitmap.editions")
    assert store.editions("xaa-2020")[0].id == first


def test_a_stranger_sees_nothing(
    store: PostgresStore, postgis: Any, xaa_released: ReleasedFigures
) -> None:
    publish(store, xaa_released)
    with (
        opened(as_user(postgis, "stranger"), readonly=True) as other,
        pytest.raises(StoreUnavailable, match="may not do that"),
    ):
        other.holdings()


# --- what goes wrong ---------------------------------------------------------------------------------


def test_what_is_wrong_with_an_address_is_one_sentence(postgis: Any, fresh_database: str) -> None:
    port = postgis.port
    wrong = {
        f"postgresql://sitmap:secret@127.0.0.1:{port}/nothing": "no database of this name",
        f"postgresql://nobody:secret@127.0.0.1:{port}/sitmap": "does not know this user",
        "postgresql://sitmap:secret@127.0.0.1:1/sitmap": "nothing answers",
        "postgresql://sitmap:secret@no-such-host.invalid/sitmap": "no host of this name",
        "postgresql://sitmap:secret@127.0.0.1:port/sitmap": "no address of a database",
        fresh_database: "no sitmap tables",
    }
    for url, sentence in wrong.items():
        with (
            opened(url, readonly=True) as store,
            pytest.raises(StoreUnavailable, match=sentence) as told,
        ):
            store.situations()
        assert "secret" not in str(told.value)
        assert "\n" not in str(told.value)
        with opened(url, readonly=True) as store:
            assert not store.health().ok


def test_a_wrong_password_is_one_sentence(postgis: Any, fresh_database: str) -> None:
    rules = postgis.folder / "data" / "pg_hba.conf"
    text = rules.read_text("utf-8")
    as_user(postgis, "locked")
    try:
        rules.write_text(f"host all locked 127.0.0.1/32 scram-sha-256\n{text}", "utf-8")
        postgis.sql("ALTER ROLE locked PASSWORD 'right'", "SELECT pg_reload_conf()")
        url = f"postgresql://locked:wrong@127.0.0.1:{postgis.port}/sitmap"
        told: list[str] = []

        def refused() -> bool:  # the rules are read again a moment later
            with opened(url, readonly=True) as store, pytest.raises(StoreUnavailable) as error:
                store.situations()
            told.append(str(error.value))
            return "password" in told[-1]

        until(refused)
        assert "wrong" not in told[-1]
    finally:
        rules.write_text(text, "utf-8")
        postgis.sql("SELECT pg_reload_conf()")


def test_older_tables_are_refused_until_the_owner_brings_them_up(
    fresh_database: str, postgis: Any, xaa_released: ReleasedFigures
) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        bring_up(db, to=1)
    with opened(fresh_database) as store, pytest.raises(StoreUnavailable, match="--bring-up"):
        publish(store, xaa_released)
    stranger = as_user(postgis, "portal", "sitmap_reader")
    with pytest.raises(StoreUnavailable, match="as the owner"):
        bring_up_at(stranger)
    assert bring_up_at(fresh_database) == (1, SCHEMA)
    assert bring_up_at(fresh_database) == (SCHEMA, SCHEMA)
    with opened(fresh_database) as store:
        edition = publish(store, xaa_released)
        assert store.current("xaa-2020").id == edition
    postgis.sql(f"INSERT INTO sitmap.schema_version VALUES ({SCHEMA + 1})")
    with opened(fresh_database) as store, pytest.raises(StoreUnavailable, match="newer sitmap"):
        store.situations()


def test_what_was_published_before_stays_when_tables_are_brought_up(
    fresh_database: str, xaa_released: ReleasedFigures
) -> None:
    with opened(fresh_database) as store:
        edition = publish(store, xaa_released)
    with psycopg.connect(fresh_database, autocommit=True) as db:
        for table in SHEETS:
            db.execute(f"DROP TABLE sitmap.{table}".encode())
        db.execute("DELETE FROM sitmap.schema_version WHERE version > 1")
        assert found_schema(db) == 1
    bring_up_at(fresh_database)
    with opened(fresh_database) as store:
        pd.testing.assert_frame_equal(store.open(edition).figures, xaa_released.figures)


def test_a_database_without_postgis_is_one_sentence(postgis: Any, fresh_database: str) -> None:
    bring_up_at(fresh_database)
    postgis.sql("DROP EXTENSION postgis CASCADE")
    try:
        with opened(fresh_database) as store, pytest.raises(StoreUnavailable, match="no PostGIS"):
            store.situations()
    finally:
        postgis.sql("CREATE EXTENSION postgis")


@pytest.mark.parametrize("url", ["postgresql://a:b:c@[/x", "postgresql://u:p@h/d?sslmode=on#p"])
def test_no_address_shows_its_password(url: str) -> None:
    assert ":p@" not in shown_address(url)
    assert "b:c" not in shown_address(url)
    assert "b:c" not in str(unavailable(url, OSError("nothing known")))


def test_a_damaged_edition_is_not_shown(
    store: PostgresStore, postgis: Any, xaa_released: ReleasedFigures
) -> None:
    edition = publish(store, xaa_released)
    postgis.sql("UPDATE sitmap.figures SET value = value + 1 WHERE pcode = 'XA01'")
    with pytest.raises(StoreUnavailable, match="damaged"):
        store.read(edition)
    assert store.health().problems == (f"edition {edition} does not say what was published",)


# --- hearing of new editions, and the database away ----------------------------------------------------


def test_who_listens_hears_of_every_decision_within_a_second(
    store: PostgresStore, fresh_database: str, xaa_released: ReleasedFigures
) -> None:
    first = publish(store, xaa_released)
    with (
        opened(fresh_database, readonly=True, listening=True) as one,
        opened(fresh_database, readonly=True, listening=True) as other,
    ):
        assert {each.holdings().current["xaa-2020"].id for each in (one, other)} == {first}
        stamps = one.stamp(), other.stamp()
        second = publish(store, doubled(xaa_released))
        for each in (one, other):
            until(lambda each=each: each.holdings().current["xaa-2020"].id == second)  # type: ignore[misc]
        assert one.stamp() != stamps[0]
        assert other.stamp() != stamps[1]
        store.withdraw(second)
        until(lambda: set(one.holdings().shown) == {first})


def test_what_was_heard_is_shown_while_the_database_is_away_and_it_is_found_again(
    fresh_database: str, postgis: Any, tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    with opened(fresh_database) as store:
        edition = publish(store, xaa_released)
    keep = tmp_path / "kept"
    serving = PostgresStore(fresh_database, readonly=True, listening=True, keep=keep)
    late = PostgresStore(fresh_database, readonly=True, listening=True, keep=keep)
    try:
        assert serving.holdings().current["xaa-2020"].id == edition
        serving.open(edition)
        serving.specs(edition)
        postgis.stop("immediate")
        try:
            until(lambda: serving.trouble() is not None)
            for each in (serving, late):  # the second one was started while it was away
                assert each.holdings().current["xaa-2020"].id == edition
                pd.testing.assert_frame_equal(each.open(edition).figures, xaa_released.figures)
                assert each.specs(edition) == "{}"
                began = time.monotonic()
                with pytest.raises(StoreUnavailable):
                    each.open("0123456789ab")
                assert time.monotonic() - began < 2  # nobody waits for what is known to be away
                assert each.trouble() is not None
        finally:
            postgis.start()
        until(lambda: serving.trouble() is None and late.trouble() is None)
        with opened(fresh_database) as store:
            second = publish(store, doubled(xaa_released))
            until(lambda: serving.holdings().current["xaa-2020"].id == second)
            assert serving.open(second).figures["value"].max() == 120_000
            store.withdraw(edition)
            until(lambda: not (keep / f"{edition}.sqlite").exists())  # not kept on either
    finally:
        serving.close()
        late.close()


# --- killed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_ingester_leaves_the_old_or_the_new_edition_and_loses_nothing_acknowledged(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = str(tmp_path / "store.sqlite")
    if kind == "postgresql":
        address = request.getfixturevalue("fresh_database")
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "killed_publisher.py", address, "--kills", "10"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "0 a mixture" in done.stdout


def test_readers_see_the_old_or_the_new_edition_while_another_is_published(
    store: PostgresStore, fresh_database: str, xaa_released: ReleasedFigures
) -> None:
    ids = {publish(store, xaa_released), content_hash(doubled(xaa_released), "{}")[:12]}
    seen: list[str] = []
    failed: list[Exception] = []
    stop = threading.Event()

    def look() -> None:
        with opened(fresh_database, readonly=True) as serving:
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
        publish(store, doubled(xaa_released) if at % 2 == 0 else xaa_released)
    until(lambda: len(seen) > 3)
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert set(seen) <= ids
