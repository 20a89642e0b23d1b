"""A store's SQLite file: connections to it, and what goes wrong with them in one sentence."""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import StoreUnavailable
from geo.sqlite_schema import APPLICATION, SCHEMA, SINCE, TABLES, bring_up

__all__ = ["SqliteFile"]

_PATIENCE = 5.0  # seconds to wait for another writer
_MAPPED = 4 << 30  # bytes of the file that a kept connection may map


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """The file ``path``; made where it is missing, unless ``readonly``."""

    path: Path
    readonly: bool = False

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection of this call's own; raises `StoreUnavailable`."""
        if self.readonly and not self.path.is_file():
            raise StoreUnavailable(
                str(self.path), found="does not exist", todo="Make it with `sitmap build`."
            )
        try:
            self.make_folder()
            with closing(self._connect()) as db:
                self._prepare(db)
                yield db
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def ask(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Run one question on a connection that the thread keeps for the next."""
        db = self._kept()
        try:
            return db.execute(sql, list(values)).fetchall()
        except sqlite3.Error as error:
            _LOCAL.connections.pop(self.path, None)
            raise self._unavailable(error) from error

    def make_folder(self) -> None:
        """Make the folder of a file that may be written."""
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

    def _kept(self) -> sqlite3.Connection:
        kept = _LOCAL.connections.get(self.path)
        # a forked worker opens its own, and so does who finds another file in this one's place
        if kept is not None and kept.process == os.getpid() and kept.file == _file_at(self.path):
            return kept.connection
        with self.open():  # says in one sentence what is wrong
            pass
        file = _file_at(self.path)
        db = SqliteFile(self.path, readonly=True)._connect()
        db.execute("PRAGMA query_only = ON")
        db.execute(f"PRAGMA mmap_size = {_MAPPED}")
        weakref.finalize(threading.current_thread(), db.close)
        _LOCAL.connections[self.path] = _Kept(os.getpid(), file, db)
        return db

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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A connection, the process that opened it, and the file it was opened on."""

    process: int
    file: tuple[int, int] | None
    connection: sqlite3.Connection


class _Local(threading.local):
    """A thread's own connections: opening one costs more than most questions."""

    def __init__(self) -> None:
        self.connections: dict[Path, _Kept] = {}


_LOCAL = _Local()


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for every question
    except OSError:
        return None
    return found.st_dev, found.st_ino
