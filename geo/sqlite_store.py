"""The store in one SQLite file. An edition and the pointer to it are written in one transaction.

A reader sees the old edition or the new one, never a half; so does whoever opens the file after
the writer was killed. Each call opens its own connection: threads and forked workers share none.
The file must lie on a local disk (write-ahead logging does not work on network shares).
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import StoreUnavailable, UnknownEdition, UnknownSituation
from geo.release import ReleasedFigures
from geo.store import (
    Edition,
    Health,
    Status,
    content_hash,
    frame_rows,
    particulars,
    released_from,
)
from geo.tables import (
    UNIT_FIGURE_COLUMNS,
    UNIT_FLOW_COLUMNS,
    UNIT_PRESENCE_COLUMNS,
    typed_frame,
)

__all__ = ["SCHEMA", "SqliteStore"]

SCHEMA = 2
"""Version of the tables below, in the file's ``user_version``. Version 1 had no bounds of figures."""

_APPLICATION = 0x7369_746D  # "sitm" in the file's header: this is a sitmap store
_PATIENCE = 5.0  # seconds to wait for another writer

_FRAMES: Mapping[str, Mapping[str, str]] = {
    "figures": UNIT_FIGURE_COLUMNS,
    "flows": UNIT_FLOW_COLUMNS,
    "presence": UNIT_PRESENCE_COLUMNS,
}
_TYPES = {
    "level": "INTEGER NOT NULL",
    "unplaced": "INTEGER NOT NULL",
    "value": "REAL",
    "low": "REAL",
    "high": "REAL",
    "start": "TEXT",
}
# `place` keeps the order the rows were published in
_KEYS = {
    "figures": "edition, date, group_, measure, unit, level, pcode, unplaced, origin, basis",
    "flows": "edition, place",
    "presence": "edition, place",
}


def _column(name: str) -> str:
    return "group_" if name == "group" else name  # GROUP is a word of SQL


def _create_table(table: str) -> str:
    columns = ", ".join(
        f"{_column(name)} {_TYPES.get(name, 'TEXT NOT NULL')}" for name in _FRAMES[table]
    )
    return (
        f"CREATE TABLE {table} (edition TEXT NOT NULL REFERENCES editions (id), "
        f"place INTEGER NOT NULL, {columns}, PRIMARY KEY ({_KEYS[table]})) WITHOUT ROWID"
    )


_TABLES = (
    "CREATE TABLE editions (id TEXT PRIMARY KEY, situation TEXT NOT NULL, "
    "number INTEGER NOT NULL, published TEXT NOT NULL, vintage TEXT NOT NULL, "
    "content TEXT NOT NULL, status TEXT NOT NULL, particulars TEXT NOT NULL, "
    "specs TEXT NOT NULL, UNIQUE (situation, number)) WITHOUT ROWID",
    "CREATE TABLE current (situation TEXT PRIMARY KEY, "
    "edition TEXT NOT NULL REFERENCES editions (id)) WITHOUT ROWID",
    *(_create_table(table) for table in _FRAMES),
)
_SINCE_1 = tuple(f"ALTER TABLE figures ADD COLUMN {name} REAL" for name in ("low", "high"))
_EDITION = "id, situation, number, published, vintage, content, status"


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """A `geo.store.Store` in the file ``path``; made where it is missing, unless ``readonly``.

    Raises
    ------
    StoreUnavailable
        On any call: the file is missing (read-only), locked for long, full, damaged, not a
        store, or a store of another version of sitmap.
    """

    path: Path
    readonly: bool = False

    @classmethod
    def open_readonly(cls, path: Path) -> "SqliteStore":
        """Return the store to serve from: it can change nothing."""
        store = cls(path, readonly=True)
        with store._open():
            return store

    def publish(
        self, released: ReleasedFigures, *, specs_json: str, published: datetime
    ) -> Edition:
        """Publish as the current edition, all or nothing.

        The content of the current edition again publishes nothing; that of an earlier edition
        makes the earlier one current.
        """
        content = content_hash(released, specs_json)
        edition_id, situation = content[:12], released.situation
        said = json.dumps(particulars(released), ensure_ascii=False, sort_keys=True)
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            (known,) = db.execute(
                "SELECT count(*) FROM editions WHERE id = ?", [edition_id]
            ).fetchone()
            if not known:
                (last,) = db.execute(
                    "SELECT coalesce(max(number), 0) FROM editions WHERE situation = ?", [situation]
                ).fetchone()
                row = (
                    edition_id, situation, last + 1, published.isoformat(), released.vintage,
                    content, Status.PUBLISHED.value, said, specs_json,
                )  # fmt: skip
                db.execute(f"INSERT INTO editions VALUES ({_marks(len(row))})", row)
                for table in _FRAMES:
                    _insert(db, table, edition_id, getattr(released, table))
            db.execute(
                "INSERT INTO current VALUES (?, ?) "
                "ON CONFLICT (situation) DO UPDATE SET edition = excluded.edition",
                [situation, edition_id],
            )
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            return _edition(_one(db, edition_id))

    def current(self, situation: str) -> Edition:
        """Return the edition that is shown; raises `UnknownSituation`."""
        with self._open() as db:
            row = db.execute(
                f"SELECT {_EDITION} FROM editions "
                "WHERE id = (SELECT edition FROM current WHERE situation = ?)",
                [situation],
            ).fetchone()
            if row is None:
                raise UnknownSituation(situation, known=_situations(db))
            return _edition(row)

    def editions(self, situation: str) -> tuple[Edition, ...]:
        """Return a situation's editions, the first published first; raises `UnknownSituation`."""
        with self._open() as db:
            rows = db.execute(
                f"SELECT {_EDITION} FROM editions WHERE situation = ? ORDER BY number", [situation]
            ).fetchall()
            if not rows:
                raise UnknownSituation(situation, known=_situations(db))
            return tuple(_edition(row) for row in rows)

    def read(self, edition: str) -> ReleasedFigures:
        """Return an edition's figures as they were published; raises `UnknownEdition`.

        What is read is hashed: a damaged edition raises `StoreUnavailable` and is never shown.
        """
        with self._open() as db:
            released = _read(db, edition)
        if released is None:
            raise StoreUnavailable(
                str(self.path),
                found=f"edition {edition} is damaged: it does not say what was published",
                todo="Build the situation again into a new store, or restore a copy.",
            )
        return released

    def specs(self, edition: str) -> str:
        """Return the specifications published with an edition; raises `UnknownEdition`."""
        with self._open() as db:
            return str(_text(db, edition, "specs"))

    def situations(self) -> tuple[str, ...]:
        """Return the ids of all situations, ascending."""
        with self._open() as db:
            return _situations(db)

    def health(self) -> Health:
        """Check the file's structure, and that current editions still say what they said.

        A file that cannot be opened at all is a problem among the others, not an error.
        """
        problems: list[str] = []
        situations = editions = 0
        try:
            with self._open() as db:
                problems += [row[0] for row in db.execute("PRAGMA quick_check") if row[0] != "ok"]
                situations = len(_situations(db))
                (editions,) = db.execute("SELECT count(*) FROM editions").fetchone()
                for (edition,) in db.execute("SELECT edition FROM current").fetchall():
                    if _read(db, edition) is None:
                        problems.append(f"edition {edition} does not say what was published")
        except StoreUnavailable as error:
            problems.append(str(error))
        return Health(not problems, str(self.path), SCHEMA, situations, editions, tuple(problems))

    # -- the file -------------------------------------------------------------------------------

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection of this call's own; turn what SQLite says into one sentence."""
        if self.readonly and not self.path.is_file():
            raise StoreUnavailable(
                str(self.path), found="does not exist", todo="Make it with `sitmap build`."
            )
        try:
            self._make_folder()
            with closing(self._connect()) as db:
                self._prepare(db)
                yield db
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def _make_folder(self) -> None:
        try:
            if not self.readonly:
                self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                str(self.path),
                found=f"its folder cannot be made ({error.strerror})",
                todo="Name a store in a folder you may write to.",
            ) from error

    def _connect(self) -> sqlite3.Connection:
        mode = "ro" if self.readonly else "rwc"
        address = f"{self.path.resolve().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA foreign_keys = ON")
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        if (application, schema) == (_APPLICATION, SCHEMA):
            return
        if (application, schema) == (_APPLICATION, 1):
            if not self.readonly:
                _bring_up(db)
            return
        (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if self.readonly or tables or application not in (0, _APPLICATION):
            other = f"of schema {schema}" if application == _APPLICATION else "no sitmap store"
            raise StoreUnavailable(
                str(self.path),
                found=f"is {other}; this sitmap reads schema {SCHEMA}",
                todo="Name another store, or build the situation into a new one.",
            )
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        (made,) = db.execute("PRAGMA user_version").fetchone()
        if made != SCHEMA:  # nobody else made it while this one waited
            for statement in _TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {_APPLICATION}")
            db.execute(f"PRAGMA user_version = {SCHEMA}")
        db.execute("COMMIT")

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        said = str(error)
        if "locked" in said or "busy" in said:
            found, todo = "is locked by another program", "Wait until it is done, then try again."
        elif "full" in said:
            found, todo = "its disk is full", "Make room; what was published before is whole."
        elif "readonly" in said or "unable to open" in said:
            found, todo = f"cannot be opened ({said})", "Check that the file and folder are yours."
        else:
            found = f"cannot be read ({said})"
            todo = "Move it away and build the situation again, or restore a copy."
        return StoreUnavailable(str(self.path), found=found, todo=todo)


def _bring_up(db: sqlite3.Connection) -> None:
    """Bring a store of version 1 to this one; what is published in it stays as it is."""
    db.execute("BEGIN IMMEDIATE")
    (made,) = db.execute("PRAGMA user_version").fetchone()
    if made == 1:  # nobody else did while this one waited
        for statement in _SINCE_1:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    db.execute("COMMIT")


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _insert(db: sqlite3.Connection, table: str, edition: str, frame: pd.DataFrame) -> None:
    columns = list(_FRAMES[table])
    into = ", ".join(["edition", "place", *map(_column, columns)])
    statement = f"INSERT INTO {table} ({into}) VALUES ({_marks(len(columns) + 2)})"
    rows = enumerate(frame_rows(frame))
    db.executemany(
        statement, ([edition, place, *(row.get(name) for name in columns)] for place, row in rows)
    )


def _read(db: sqlite3.Connection, edition: str) -> ReleasedFigures | None:
    """Return an edition's figures, None where they are not those that were published."""
    said, specs = _text(db, edition, "particulars"), _text(db, edition, "specs")
    try:
        frames = {table: _frame(db, table, edition) for table in _FRAMES}
        released = released_from(json.loads(said), **frames)
    except (ValueError, TypeError, KeyError):  # not the JSON, days or numbers that were written
        return None
    return released if content_hash(released, specs)[:12] == edition else None


def _frame(db: sqlite3.Connection, table: str, edition: str) -> pd.DataFrame:
    columns = _FRAMES[table]
    there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
    names = ", ".join(c if (c := _column(name)) in there else f"NULL AS {c}" for name in columns)
    query = f"SELECT {names} FROM {table} WHERE edition = ? ORDER BY place"
    rows: list[dict[str, Any]] = []
    for cells in db.execute(query, [edition]):
        row = dict(zip(columns, cells, strict=True))
        row["date"] = date.fromisoformat(row["date"])
        row["start"] = date.fromisoformat(row["start"]) if row["start"] else None
        if "value" in row and row["value"] is None:
            row["value"] = float("nan")
        rows.append(row)
    return typed_frame(rows, columns)


def _one(db: sqlite3.Connection, edition: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = db.execute(
        f"SELECT {_EDITION} FROM editions WHERE id = ?", [edition]
    ).fetchone()
    if row is None:
        raise UnknownEdition(edition)
    return row


def _text(db: sqlite3.Connection, edition: str, column: str) -> str:
    row = db.execute(f"SELECT {column} FROM editions WHERE id = ?", [edition]).fetchone()
    if row is None:
        raise UnknownEdition(edition)
    return str(row[0])


def _edition(row: tuple[Any, ...]) -> Edition:
    identity, situation, number, published, vintage, content, status = row
    return Edition(
        id=identity,
        situation=situation,
        number=number,
        published=datetime.fromisoformat(published),
        vintage=vintage,
        content=content,
        status=Status(status),
    )


def _situations(db: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(row[0] for row in db.execute("SELECT situation FROM current ORDER BY situation"))
