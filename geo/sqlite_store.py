"""The store in one SQLite file. An edition and the pointer to it are written in one transaction.

A reader sees the old edition or the new one, never a half; so does whoever opens the file after
the writer was killed. Each call opens its own connection: threads and forked workers share none.
The file must lie on a local disk (write-ahead logging does not work on network shares).
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Hashable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, repeat
from pathlib import Path
from typing import Any

import pandas as pd

from geo.columnar_store import ColumnarStore
from geo.edition_parts import (
    SUMMARIES,
    Sizes,
    StoredFigures,
    StoredIndex,
    frame_of,
    question,
)
from geo.errors import (
    StoreError,
    StoreUnavailable,
    UnknownEdition,
    UnknownSituation,
    WithdrawnEdition,
)
from geo.release import ReleasedFigures
from geo.sqlite_schema import (
    APPLICATION,
    FRAMES,
    SCHEMA,
    SINCE,
    TABLES,
    bring_up,
    column_of,
)
from geo.store import (
    Edition,
    Health,
    Holdings,
    Status,
    content_hash,
    frame_cells,
    particulars,
    released_from,
)

__all__ = ["SCHEMA", "SqliteStore"]

_PATIENCE = 5.0  # seconds to wait for another writer
_LARGE_CACHE = 256 << 20  # bytes; the cache for ten million rows in one transaction

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
    sizes: Sizes = field(default_factory=Sizes)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def columns(self) -> ColumnarStore:
        """Where large editions are kept in columns too: a folder beside the file."""
        return ColumnarStore(self.path.with_suffix(".columns"))

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
        makes the earlier one current. Raises `WithdrawnEdition` where that was withdrawn.
        """
        content = content_hash(released, specs_json)
        edition_id, situation = content[:12], released.situation
        said = json.dumps(particulars(released), ensure_ascii=False, sort_keys=True)
        large = len(released.figures) >= self.sizes.by_parts
        if len(released.figures) >= self.sizes.columns:
            self._write_columns(edition_id, released)
        with self._open() as db:
            if large:
                db.execute(f"PRAGMA cache_size = -{_LARGE_CACHE // 1024}")
            db.execute("BEGIN IMMEDIATE")
            known = db.execute("SELECT status FROM editions WHERE id = ?", [edition_id]).fetchone()
            if known == (Status.WITHDRAWN.value,):
                raise WithdrawnEdition(edition_id, situation=situation)
            if not known:
                (last,) = db.execute(
                    "SELECT coalesce(max(number), 0) FROM editions WHERE situation = ?", [situation]
                ).fetchone()
                row = (
                    edition_id, situation, last + 1, published.isoformat(), released.vintage,
                    content, Status.PUBLISHED.value, said, specs_json,
                )  # fmt: skip
                db.execute(f"INSERT INTO editions VALUES ({_marks(len(row))})", row)
                for table in FRAMES:
                    _insert(db, table, edition_id, getattr(released, table))
                for statement in SUMMARIES.values() if large else ():
                    db.execute(statement, [edition_id])
            _point(db, situation, edition_id)
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            return _edition(_one(db, edition_id))

    def withdraw(self, edition: str) -> Edition | None:
        """Show an edition no more; return the situation's current edition, None where none is left.

        Where it was current, the one published before it takes its place. Raises `UnknownEdition`.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            taken = _edition(_one(db, edition))
            _set_status(db, edition, Status.WITHDRAWN)
            now = _current(db, taken.situation)
            if now is not None and now.id == edition:
                db.execute("DELETE FROM current WHERE situation = ?", [taken.situation])
                before = db.execute(
                    "SELECT id FROM editions WHERE situation = ? AND status = ? "
                    "ORDER BY number < ? DESC, number DESC LIMIT 1",
                    [taken.situation, Status.PUBLISHED.value, taken.number],
                ).fetchone()
                if before is not None:
                    _point(db, taken.situation, before[0])
                now = _current(db, taken.situation)
            db.execute("COMMIT")
            return now

    def restore(self, edition: str) -> Edition:
        """Make an edition current again, withdrawn or not; raises `UnknownEdition`."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            situation = _edition(_one(db, edition)).situation
            _set_status(db, edition, Status.PUBLISHED)
            _point(db, situation, edition)
            db.execute("COMMIT")
            return _edition(_one(db, edition))

    def holdings(self) -> Holdings:
        """Return what is shown now, by one look at the file."""
        with self._open() as db:
            rows = db.execute(
                f"SELECT {_EDITION}, id IN (SELECT edition FROM current) FROM editions "
                "WHERE status = ? ORDER BY situation, number",
                [Status.PUBLISHED.value],
            ).fetchall()
        editions = [(_edition(row[:-1]), bool(row[-1])) for row in rows]
        return Holdings(
            current={each.situation: each for each, is_current in editions if is_current},
            shown={each.id: each for each, _ in editions},
        )

    def stamp(self) -> Hashable:
        """Return the times and sizes of the file and its log: whoever publishes changes them."""
        path = str(self.path)
        return _file_stamp(path), _file_stamp(f"{path}-wal")

    def current(self, situation: str) -> Edition:
        """Return the edition that is shown; raises `UnknownSituation`."""
        with self._open() as db:
            current = _current(db, situation)
            if current is None:
                raise UnknownSituation(situation, known=_situations(db))
            return current

    def editions(self, situation: str) -> tuple[Edition, ...]:
        """Return all editions, withdrawn ones too, the first first; raises `UnknownSituation`."""
        with self._open() as db:
            rows = db.execute(
                f"SELECT {_EDITION} FROM editions WHERE situation = ? ORDER BY number", [situation]
            ).fetchall()
            if not rows:
                raise UnknownSituation(situation, known=_situations(db))
            return tuple(_edition(row) for row in rows)

    def open(self, edition: str) -> ReleasedFigures:
        """Return an edition to answer from: whole, or by parts where it is large."""
        with self._open() as db:
            _check_shown(db, edition, withdrawn=False)
            if not _in_parts(db, edition):
                return self.read(edition)
            without = _read(db, edition, tables=("flows", "presence"))
        if without is None:
            raise self._damaged(edition)
        index = StoredIndex(self._ask, edition, self.columns.edition(edition))
        return StoredFigures.of(without, index)

    def read(self, edition: str, *, withdrawn: bool = False) -> ReleasedFigures:
        """Return an edition's figures as they were published; raises `UnknownEdition`.

        What is read is hashed: a damaged edition raises `StoreUnavailable` and is never shown.
        """
        with self._open() as db:
            _check_shown(db, edition, withdrawn=withdrawn)
            released = _read(db, edition)
        if released is None:
            raise self._damaged(edition)
        return released

    def specs(self, edition: str, *, withdrawn: bool = False) -> str:
        """Return the specifications published with an edition; raises `UnknownEdition`."""
        with self._open() as db:
            _check_shown(db, edition, withdrawn=withdrawn)
            return str(_text(db, edition, "specs"))

    def boundaries(self, content: str) -> bytes | None:  # noqa: ARG002 - as every store is asked
        """Return None: boundaries of the user's own lie beside the file."""
        return None

    def trouble(self) -> StoreError | None:
        """Return None: a file that cannot be asked says so at once."""
        return None

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

    # -- large editions -------------------------------------------------------------------------

    def _write_columns(self, edition: str, released: ReleasedFigures) -> None:
        try:
            self._make_folder()
            self.columns.write(edition, released.figures)
        except OSError as error:
            raise StoreUnavailable(
                str(self.path),
                found=f"its columns cannot be written ({error.strerror})",
                todo="Make room, or name a store in a folder you may write to.",
            ) from error

    def _ask(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Run one question on a connection that the thread keeps for the next."""
        db = _kept_connection(self)
        try:
            return db.execute(sql, list(values)).fetchall()
        except sqlite3.Error as error:
            _LOCAL.connections.pop(self.path, None)
            raise self._unavailable(error) from error

    def _damaged(self, edition: str) -> StoreUnavailable:
        return StoreUnavailable(
            str(self.path),
            found=f"edition {edition} is damaged: it does not say what was published",
            todo="Build the situation again into a new store, or restore a copy.",
        )

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
        return sqlite3.connect(
            address, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA foreign_keys = ON")
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        if (application, schema) == (APPLICATION, SCHEMA):
            return
        if application == APPLICATION and schema in SINCE:
            if not self.readonly:
                bring_up(db)
            return
        (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if self.readonly or tables or application not in (0, APPLICATION):
            other = f"of schema {schema}" if application == APPLICATION else "no sitmap store"
            raise StoreUnavailable(
                str(self.path),
                found=f"is {other}; this sitmap reads schema {SCHEMA}",
                todo="Name another store, or build the situation into a new one.",
            )
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        (made,) = db.execute("PRAGMA user_version").fetchone()
        if made != SCHEMA:  # nobody else made it while this one waited
            for statement in TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
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


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _insert(db: sqlite3.Connection, table: str, edition: str, frame: pd.DataFrame) -> None:
    columns = list(FRAMES[table])
    into = ", ".join(["edition", "place", *map(column_of, columns)])
    statement = f"INSERT INTO {table} ({into}) VALUES ({_marks(len(columns) + 2)})"
    cells = frame_cells(frame, columns)
    rows = zip(repeat(edition, len(frame)), count(), *cells.values(), strict=False)
    db.executemany(statement, rows)


def _read(
    db: sqlite3.Connection, edition: str, *, tables: Sequence[str] = tuple(FRAMES)
) -> ReleasedFigures | None:
    """Return an edition's figures, None where they are not those that were published.

    With some ``tables`` the others are empty, and nothing is checked.
    """
    said, specs = _text(db, edition, "particulars"), _text(db, edition, "specs")
    try:
        frames = {table: _frame(db, table, edition if table in tables else "") for table in FRAMES}
        released = released_from(json.loads(said), **frames)
    except (ValueError, TypeError, KeyError):  # not the JSON, days or numbers that were written
        return None
    if set(tables) != set(FRAMES):
        return released
    return released if content_hash(released, specs)[:12] == edition else None


def _frame(db: sqlite3.Connection, table: str, edition: str) -> pd.DataFrame:
    columns = FRAMES[table]
    there = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    query = f"{question(columns, there=there, named=table)} WHERE edition = ? ORDER BY place"
    return frame_of(db.execute(query, [edition]).fetchall(), columns)


def _in_parts(db: sqlite3.Connection, edition: str) -> bool:
    """Whether an edition has the summaries that it can be asked by."""
    (there,) = db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'days'").fetchone()
    if not there:
        return False
    query = "SELECT 1 FROM days WHERE edition = ? LIMIT 1"
    return db.execute(query, [edition]).fetchone() is not None


class _Local(threading.local):
    """A thread's own connections: opening one costs more than most questions."""

    def __init__(self) -> None:
        self.connections: dict[Path, tuple[int, sqlite3.Connection]] = {}


_LOCAL = _Local()


def _kept_connection(store: SqliteStore) -> sqlite3.Connection:
    kept = _LOCAL.connections.get(store.path)
    if kept is not None and kept[0] == os.getpid():  # a forked worker opens its own
        return kept[1]
    with store._open():  # says in one sentence what is wrong
        pass
    db = SqliteStore(store.path, readonly=True)._connect()
    db.execute("PRAGMA query_only = ON")
    db.execute(f"PRAGMA mmap_size = {_LARGE_CACHE * 16}")
    weakref.finalize(threading.current_thread(), db.close)
    _LOCAL.connections[store.path] = (os.getpid(), db)
    return db


def _one(db: sqlite3.Connection, edition: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = db.execute(
        f"SELECT {_EDITION} FROM editions WHERE id = ?", [edition]
    ).fetchone()
    if row is None:
        raise UnknownEdition(edition)
    return row


def _current(db: sqlite3.Connection, situation: str) -> Edition | None:
    row = db.execute(
        f"SELECT {_EDITION} FROM editions "
        "WHERE id = (SELECT edition FROM current WHERE situation = ?)",
        [situation],
    ).fetchone()
    return None if row is None else _edition(row)


def _point(db: sqlite3.Connection, situation: str, edition: str) -> None:
    db.execute(
        "INSERT INTO current VALUES (?, ?) "
        "ON CONFLICT (situation) DO UPDATE SET edition = excluded.edition",
        [situation, edition],
    )


def _set_status(db: sqlite3.Connection, edition: str, status: Status) -> None:
    db.execute("UPDATE editions SET status = ? WHERE id = ?", [status.value, edition])


def _check_shown(db: sqlite3.Connection, edition: str, *, withdrawn: bool) -> None:
    """Tell a withdrawn edition like a missing one, but to who asks for withdrawn ones."""
    if _text(db, edition, "status") == Status.WITHDRAWN.value and not withdrawn:
        raise UnknownEdition(edition)


def _file_stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for every request or so
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _text(db: sqlite3.Connection, edition: str, column: str) -> str:
    row = db.execute(f"SELECT {column} FROM editions WHERE id = ?", [edition]).fetchone()
    if row is None:
        raise UnknownEdition(edition)
    return str(row[0])


def _edition(row: tuple[Any, ...]) -> Edition:
    identity, situation, number, published, vintage, content, status = row
    try:
        return Edition(
            id=identity,
            situation=situation,
            number=number,
            published=datetime.fromisoformat(published),
            vintage=vintage,
            content=content,
            status=Status(status),
        )
    except (ValueError, TypeError) as error:  # not the day or the status that was written
        raise sqlite3.DatabaseError("the list of editions is damaged") from error


def _situations(db: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(row[0] for row in db.execute("SELECT situation FROM current ORDER BY situation"))
