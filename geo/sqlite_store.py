"""The store in one SQLite file. An edition and the pointer to it are written in one transaction.

A reader sees the old edition or the new one, never a half; so does whoever opens the file after
the writer was killed. Each call opens its own connection: threads and forked workers share none.
The file must lie on a local disk (write-ahead logging does not work on network shares).
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import json
import os
import sqlite3
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import pandas as pd

from geo.coded_frame import CodedFrame, order_by
from geo.columnar_store import ColumnarStore
from geo.edition_rows import (
    FIGURES_KEY,
    FRAMES,
    Ask,
    check_shown,
    column_of,
    specs_of,
    whole_edition,
    without_figures,
)
from geo.errors import (
    StoreError,
    StoreUnavailable,
    UnknownEdition,
    UnknownSituation,
    WithdrawnEdition,
)
from geo.release import ReleasedFigures
from geo.sheet_cutting import cut
from geo.sheets import CONTENTS, Sheet, seal_of
from geo.sqlite_file import SqliteFile
from geo.sqlite_schema import SCHEMA
from geo.store import (
    Edition,
    Health,
    Holdings,
    Status,
    content_hash,
    particulars,
)
from geo.store_sheets import StoreSheets, sealed
from geo.stored_figures import Sizes, StoredFigures, StoredIndex

__all__ = ["SCHEMA", "SqliteStore"]

_LARGE_CACHE = 256 << 20  # bytes; the cache for ten million rows in one transaction
_AT_ONCE = 100_000  # rows sent together

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
    def _file(self) -> SqliteFile:
        return SqliteFile(self.path, readonly=self.readonly)

    @property
    def columns(self) -> ColumnarStore:
        """Where large editions are kept in columns too: a folder beside the file."""
        return ColumnarStore(self.path.with_suffix(".columns"))

    @classmethod
    def open_readonly(cls, path: Path) -> "SqliteStore":
        """Return the store to serve from: it can change nothing."""
        store = cls(path, readonly=True)
        with store._file.open():
            return store

    def publish(
        self, released: ReleasedFigures, *, specs_json: str, published: datetime
    ) -> Edition:
        """Publish as the current edition, all or nothing.

        The content of the current edition again publishes nothing; that of an earlier edition
        makes the earlier one current. Raises `WithdrawnEdition` where that was withdrawn.
        """
        figures = CodedFrame.of(released.figures, FRAMES["figures"])
        content = content_hash(released, specs_json, figures=figures)
        edition_id, situation = content[:12], released.situation
        if figures.rows >= self.sizes.columns:
            self._write_columns(edition_id, released)
        with self._file.open() as db:
            if figures.rows >= self.sizes.by_sheets:
                db.execute(f"PRAGMA cache_size = -{_LARGE_CACHE // 1024}")
            db.execute("BEGIN IMMEDIATE")
            known = db.execute("SELECT status FROM editions WHERE id = ?", [edition_id]).fetchone()
            if known == (Status.WITHDRAWN.value,):
                raise WithdrawnEdition(edition_id, situation=situation)
            if not known:
                (last,) = db.execute(
                    "SELECT coalesce(max(number), 0) FROM editions WHERE situation = ?", [situation]
                ).fetchone()
                edition = Edition(
                    edition_id, situation, last + 1, published, released.vintage, content
                )
                _insert_edition(db, edition, released, specs_json)
                _insert(db, "figures", edition_id, figures)
            if figures.rows >= self.sizes.by_sheets and sealed(_asking(db), edition_id) is None:
                short = figures.rows >= self.sizes.short_profiles
                _seal(db, edition_id, cut(figures, edition_id, every_origin_of_a_unit=not short))
            _point(db, situation, edition_id)
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            return _edition(_one(db, edition_id))

    def keep_sheets(
        self,
        edition: Edition,
        without: ReleasedFigures,
        *,
        specs_json: str,
        sheets: Iterable[Sheet],
    ) -> None:
        """Write another store's edition to answer from: its sheets, and no rows of figures."""
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            _insert_edition(db, edition, without, specs_json)
            _seal(db, edition.id, sheets)
            _point(db, edition.situation, edition.id)
            db.execute("COMMIT")

    def withdraw(self, edition: str) -> Edition | None:
        """Show an edition no more; return the situation's current edition, None where none is left.

        Where it was current, the one published before it takes its place. Raises `UnknownEdition`.
        """
        with self._file.open() as db:
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
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            situation = _edition(_one(db, edition)).situation
            _set_status(db, edition, Status.PUBLISHED)
            _point(db, situation, edition)
            db.execute("COMMIT")
            return _edition(_one(db, edition))

    def holdings(self) -> Holdings:
        """Return what is shown now, by one look at the file."""
        with self._file.open() as db:
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
        with self._file.open() as db:
            current = _current(db, situation)
            if current is None:
                raise UnknownSituation(situation, known=_situations(db))
            return current

    def editions(self, situation: str) -> tuple[Edition, ...]:
        """Return all editions, withdrawn ones too, the first first; raises `UnknownSituation`."""
        with self._file.open() as db:
            rows = db.execute(
                f"SELECT {_EDITION} FROM editions WHERE situation = ? ORDER BY number", [situation]
            ).fetchall()
            if not rows:
                raise UnknownSituation(situation, known=_situations(db))
            return tuple(_edition(row) for row in rows)

    def open(self, edition: str) -> ReleasedFigures:
        """Return an edition to answer from: whole, or by its sheets where it has some."""
        ask = self._file.ask
        check_shown(ask, edition, withdrawn=False)
        seal = sealed(ask, edition) if self._has_sheets() else None
        if seal is not None:
            without = without_figures(ask, edition)
            if without is None:
                raise self._damaged(edition)
            index = StoredIndex.of(
                StoreSheets(ask, edition, at_hand=True),
                seal,
                damaged=lambda: self._damaged(edition),
            )
            if index is not None:
                return StoredFigures.of(without, index)
        return self.read(edition)

    def read(self, edition: str, *, withdrawn: bool = False) -> ReleasedFigures:
        """Return an edition's figures as they were published; raises `UnknownEdition`.

        What is read is hashed: a damaged edition raises `StoreUnavailable` and is never shown.
        """
        with self._file.open() as db:
            ask = _asking(db)
            check_shown(ask, edition, withdrawn=withdrawn)
            released = whole_edition(ask, edition, there=lambda table: _columns_of(db, table))
        if released is None:
            raise self._damaged(edition)
        return released

    def specs(self, edition: str, *, withdrawn: bool = False) -> str:
        """Return the specifications published with an edition; raises `UnknownEdition`."""
        with self._file.open() as db:
            check_shown(_asking(db), edition, withdrawn=withdrawn)
            return specs_of(_asking(db), edition)

    def boundaries(self, content: str) -> bytes | None:  # noqa: ARG002 - as every store is asked
        """Return None: boundaries of the user's own lie beside the file."""
        return None

    def trouble(self) -> StoreError | None:
        """Return None: a file that cannot be asked says so at once."""
        return None

    def situations(self) -> tuple[str, ...]:
        """Return the ids of all situations, ascending."""
        with self._file.open() as db:
            return _situations(db)

    def health(self) -> Health:
        """Check the file's structure, and that current editions still say what they said.

        A file that cannot be opened at all is a problem among the others, not an error.
        """
        problems: list[str] = []
        situations = editions = 0
        try:
            with self._file.open() as db:
                problems += [row[0] for row in db.execute("PRAGMA quick_check") if row[0] != "ok"]
                situations = len(_situations(db))
                (editions,) = db.execute("SELECT count(*) FROM editions").fetchone()
                for (edition,) in db.execute("SELECT edition FROM current").fetchall():
                    there = lambda table: _columns_of(db, table)  # noqa: E731
                    if whole_edition(_asking(db), edition, there=there) is None:
                        problems.append(f"edition {edition} does not say what was published")
        except StoreUnavailable as error:
            problems.append(str(error))
        return Health(not problems, str(self.path), SCHEMA, situations, editions, tuple(problems))

    # -- large editions -------------------------------------------------------------------------

    def _write_columns(self, edition: str, released: ReleasedFigures) -> None:
        try:
            self._file.make_folder()
            self.columns.write(edition, released.figures)
        except OSError as error:
            raise StoreUnavailable(
                str(self.path),
                found=f"its columns cannot be written ({error.strerror})",
                todo="Make room, or name a store in a folder you may write to.",
            ) from error

    def _has_sheets(self) -> bool:
        """Whether the file is of a version that has sheets; an older one is not changed to be read."""
        ((there,),) = self._file.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'seals'", [])
        return bool(there)

    def _damaged(self, edition: str) -> StoreUnavailable:
        return StoreUnavailable(
            str(self.path),
            found=f"edition {edition} is damaged: it does not say what was published",
            todo="Build the situation again into a new store, or restore a copy.",
        )


def _asking(db: sqlite3.Connection) -> Ask:
    return lambda sql, values: db.execute(sql, list(values)).fetchall()


def _columns_of(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _insert_edition(
    db: sqlite3.Connection, edition: Edition, released: ReleasedFigures, specs_json: str
) -> None:
    """Write all of an edition but its figures."""
    said = json.dumps(particulars(released), ensure_ascii=False, sort_keys=True)
    row = (
        edition.id, edition.situation, edition.number, edition.published.isoformat(),
        edition.vintage, edition.content, edition.status.value, said, specs_json,
    )  # fmt: skip
    db.execute(f"INSERT INTO editions VALUES ({_marks(len(row))})", row)
    for table in ("flows", "presence"):
        frame: pd.DataFrame = getattr(released, table)
        _insert(db, table, edition.id, CodedFrame.of(frame, FRAMES[table]))


def _insert(db: sqlite3.Connection, table: str, edition: str, rows: CodedFrame) -> None:
    """Write rows in the order of their key: so each goes to the end of the table."""
    columns = list(FRAMES[table])
    into = ", ".join(["edition", "place", *map(column_of, columns)])
    statement = f"INSERT INTO {table} ({into}) VALUES ({_marks(len(columns) + 2)})"
    key = FIGURES_KEY if table == "figures" else ()
    order = order_by([rows.ranks(name) for name in key], rows.rows)
    for first in range(0, rows.rows, _AT_ONCE):
        part = order[first : first + _AT_ONCE]
        cells = (rows.at(name, part) for name in columns)
        db.executemany(statement, zip(repeat(edition), part.tolist(), *cells, strict=False))


def _seal(db: sqlite3.Connection, edition: str, sheets: Iterable[Sheet]) -> None:
    """Write an edition's sheets, and the hash of the list of them."""
    for sheet in sheets:
        row = (edition, sheet.kind, sheet.key, sheet.content)
        db.execute("INSERT INTO sheets VALUES (?, ?, ?, ?)", row)
        if sheet.kind == CONTENTS:
            db.execute("INSERT INTO seals VALUES (?, ?)", [edition, seal_of(sheet.content)])


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


def _file_stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for every request or so
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


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
