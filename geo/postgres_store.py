"""The store in PostgreSQL with PostGIS, for several machines. It holds what `geo.sqlite_store` holds.

An edition, its summaries, the pointer to it and the word to everybody that it is there are one
transaction. Who may do what is decided by the database (`geo.postgres_schema`).
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import json
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from geo.coded_frame import CodedFrame
from geo.columnar_store import ColumnarStore
from geo.edition_rows import FRAMES, Ask, check_shown, specs_of, whole_edition, without_figures
from geo.errors import StoreUnavailable, UnknownEdition, UnknownSituation, WithdrawnEdition
from geo.kept_editions import KeptEditions
from geo.postgres_connecting import Connections, shown_address, unavailable
from geo.postgres_listening import EDITION, Listener, edition_of, holdings_of
from geo.postgres_rows import asked, send_rows, send_sheets
from geo.postgres_schema import CHANNEL, SCHEMA
from geo.release import ReleasedFigures
from geo.sheet_cutting import cut
from geo.store import (
    Edition,
    Health,
    Holdings,
    Status,
    content_hash,
    particulars,
)
from geo.store_sheets import StoreSheets, sealed
from geo.stored_figures import SheetReader, Sizes, StoredFigures, StoredIndex

if TYPE_CHECKING:
    import psycopg

    from boundaries.units import BoundarySet

    Database = psycopg.Connection[Any]

__all__ = ["PostgresStore"]

T = TypeVar("T")


class PostgresStore:
    """A `geo.store.Store` in the database at ``url`` (``postgresql://USER:PASSWORD@HOST/DATABASE``).

    Parameters
    ----------
    url : str
        As libpq takes it; a password may also come from PGPASSWORD or ~/.pgpass.
    readonly : bool
        Never make tables. What else it may not do its user's rights say.
    listening : bool
        For serving: holdings come from a listener in the background, so that a new edition is
        seen within a second, no request waits for the database to say what is current, and what
        was seen last is shown while the database is away.
    keep : Path, optional
        A folder of this machine in which editions that were read are kept for the same case.
    columns : Path, optional
        A folder for the columnar copies of large editions; see `geo.columnar_store`.

    Raises
    ------
    StoreUnavailable
        On any call: the database is away, refuses the user, has no PostGIS or other tables.
    """

    def __init__(
        self,
        url: str,
        *,
        readonly: bool = False,
        listening: bool = False,
        keep: Path | None = None,
        columns: Path | None = None,
        sizes: Sizes | None = None,
    ) -> None:
        self.url, self.readonly = url, readonly
        self.columns = ColumnarStore(columns) if columns is not None else None
        self.sizes = sizes or Sizes()
        self._kept = KeptEditions(keep) if keep is not None else None
        self._connections = Connections(url, application="sitmap")
        self._listener = Listener(url, kept=self._kept) if listening else None

    def __str__(self) -> str:
        return shown_address(self.url)

    def close(self) -> None:
        """Let go of the database; a later call takes hold of it again."""
        if self._listener is not None:
            self._listener.stop()
        self._connections.drop()

    def publish(
        self, released: ReleasedFigures, *, specs_json: str, published: datetime
    ) -> Edition:
        """Publish as the current edition, all or nothing.

        The content of the current edition again publishes nothing; that of an earlier edition
        makes the earlier one current. Raises `WithdrawnEdition` where that was withdrawn.
        """
        figures = CodedFrame.of(released.figures, FRAMES["figures"])
        content = content_hash(released, specs_json, figures=figures)
        edition, situation = content[:12], released.situation
        if self.columns is not None and figures.rows >= self.sizes.columns:
            self.columns.write(edition, released.figures)
        with self._open() as db, db.transaction():
            _alone(db, situation)
            known = _row(db, "SELECT status FROM editions WHERE id = %s", [edition])
            if known == (Status.WITHDRAWN.value,):
                raise WithdrawnEdition(edition, situation=situation)
            if known is None:
                (last,) = _told(
                    db,
                    "SELECT coalesce(max(number), 0) FROM editions WHERE situation = %s",
                    [situation],
                )
                said = json.dumps(particulars(released), ensure_ascii=False, sort_keys=True)
                row = (
                    edition, situation, last + 1, published, released.vintage, content,
                    Status.PUBLISHED.value, said, specs_json,
                )  # fmt: skip
                db.execute(f"INSERT INTO editions VALUES ({_marks(len(row))})".encode(), row)
                for table in ("flows", "presence"):
                    rows = CodedFrame.of(getattr(released, table), FRAMES[table])
                    send_rows(db, table, edition, rows)
                send_rows(db, "figures", edition, figures)
            large = figures.rows >= self.sizes.by_sheets
            cutting = large and sealed(_asking(db), edition) is None
            if cutting:
                short = figures.rows >= self.sizes.short_profiles
                send_sheets(db, edition, cut(figures, edition, every_origin_of_a_unit=not short))
            _point(db, situation, edition)
            found = edition_of(_one(db, edition))
        if cutting:
            self._analyse()
        return found

    def withdraw(self, edition: str) -> Edition | None:
        """Show an edition no more; return the situation's current edition, None where none is left.

        Where it was current, the one published before it takes its place. Raises `UnknownEdition`.
        """
        with self._open() as db, db.transaction():
            taken = edition_of(_one(db, edition))
            _alone(db, taken.situation)
            _set_status(db, edition, Status.WITHDRAWN)
            now = _current(db, taken.situation)
            if now is not None and now.id == edition:
                db.execute("DELETE FROM current WHERE situation = %s", [taken.situation])
                before = _row(
                    db,
                    "SELECT id FROM editions WHERE situation = %s AND status = %s "
                    "ORDER BY number < %s DESC, number DESC LIMIT 1",
                    [taken.situation, Status.PUBLISHED.value, taken.number],
                )
                if before is not None:
                    _point(db, taken.situation, before[0])
                now = _current(db, taken.situation)
            _tell(db, taken.situation)
            return now

    def restore(self, edition: str) -> Edition:
        """Make an edition current again, withdrawn or not; raises `UnknownEdition`."""
        with self._open() as db, db.transaction():
            situation = edition_of(_one(db, edition)).situation
            _alone(db, situation)
            _set_status(db, edition, Status.PUBLISHED)
            _point(db, situation, edition)
            return edition_of(_one(db, edition))

    def holdings(self) -> Holdings:
        """Return what is shown now; a listening store what it heard last, database or not."""
        if self._listener is not None:
            return self._listener.holdings()
        with self._open() as db:
            return holdings_of(db)

    def stamp(self) -> Hashable:
        """Return how often something was heard; None where nobody listens."""
        return self._listener.heard if self._listener is not None else None

    def trouble(self) -> StoreUnavailable | None:
        """Return why the database cannot be asked now although its editions are still shown."""
        return self._listener.trouble if self._listener is not None else None

    def current(self, situation: str) -> Edition:
        """Return the edition that is shown; raises `UnknownSituation`."""
        with self._open() as db:
            found = _current(db, situation)
            if found is None:
                raise UnknownSituation(situation, known=_situations(db))
            return found

    def editions(self, situation: str) -> tuple[Edition, ...]:
        """Return all editions this user may see, the first first; raises `UnknownSituation`."""
        with self._open() as db:
            rows = _rows(
                db,
                f"SELECT {EDITION} FROM editions WHERE situation = %s ORDER BY number",
                [situation],
            )
            if not rows:
                raise UnknownSituation(situation, known=_situations(db))
            return tuple(edition_of(row) for row in rows)

    def open(self, edition: str) -> ReleasedFigures:
        """Return an edition to answer from: whole, or by its sheets where it has some.

        While the database is away, what this machine keeps. Raises `UnknownEdition`.
        """
        return self._or_kept(lambda: self._opened(edition), lambda kept: kept.read(edition))

    def read(self, edition: str, *, withdrawn: bool = False) -> ReleasedFigures:
        """Return an edition's figures as they were published; raises `UnknownEdition`.

        What is read is hashed: a damaged edition raises `StoreUnavailable` and is never shown.
        """
        with self._open() as db:
            check_shown(_asking(db), edition, withdrawn=withdrawn)
            released = whole_edition(_asking(db), edition)
        if released is None:
            raise self._damaged(edition)
        return released

    def specs(self, edition: str, *, withdrawn: bool = False) -> str:
        """Return the specifications published with an edition; raises `UnknownEdition`."""

        def ask() -> str:
            with self._open() as db:
                check_shown(_asking(db), edition, withdrawn=withdrawn)
                return specs_of(_asking(db), edition)

        return self._or_kept(ask, lambda kept: kept.specs(edition))

    def situations(self) -> tuple[str, ...]:
        """Return the ids of all situations, ascending."""
        with self._open() as db:
            return _situations(db)

    def health(self) -> Health:
        """Check that current editions still say what they said.

        A database that cannot be asked is a problem among the others, not an error.
        """
        problems: list[str] = []
        situations = editions = 0
        try:
            with self._open() as db:
                situations = len(_situations(db))
                (editions,) = _told(db, "SELECT count(*) FROM editions")
                for (edition,) in _rows(db, "SELECT edition FROM current ORDER BY situation"):
                    if whole_edition(_asking(db), edition) is None:
                        problems.append(f"edition {edition} does not say what was published")
        except StoreUnavailable as error:
            problems.append(str(error))
        return Health(not problems, str(self), SCHEMA, situations, editions, tuple(problems))

    # -- boundaries, which several machines must share ---------------------------------------------

    def keep_boundaries(self, boundaries: "BoundarySet", parquet: bytes | None) -> None:
        """Keep a vintage's units for desktop GIS and, with ``parquet``, its file for other machines."""
        content = boundaries.vintage.content
        units = boundaries.frame
        with self._open() as db, db.transaction():
            if parquet is not None:
                db.execute(
                    "INSERT INTO boundaries VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    [content, parquet],
                )
            columns = (units[name].tolist() for name in ("pcode", "level", "parent", "name"))
            shapes = units.geometry.to_wkb().tolist()
            with db.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO units VALUES (%s, %s, %s, %s, %s, ST_GeomFromWKB(%s, 4326)) "
                    "ON CONFLICT DO NOTHING",
                    [(content, *row) for row in zip(*columns, shapes, strict=True)],
                )

    def boundaries(self, content: str) -> bytes | None:
        """Return the file of a vintage's units by its content hash, None where there is none."""
        with self._open() as db:
            row = _row(db, "SELECT parquet FROM boundaries WHERE content = %s", [content])
            return None if row is None else bytes(row[0])

    # -- asking ---------------------------------------------------------------------------------

    def _open(self) -> "AbstractContextManager[Database]":
        if self._listener is not None and self._listener.trouble is not None:
            raise self._listener.trouble  # at once: the listener looks for its return
        return self._connections.open(prepare=not self.readonly)

    def _ask(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._open() as db:
            return asked(db, sql, values)

    def _opened(self, edition: str) -> ReleasedFigures:
        with self._open() as db:
            ask = _asking(db)
            check_shown(ask, edition, withdrawn=False)
            seal = sealed(ask, edition)
            without = without_figures(ask, edition) if seal is not None else None
        if seal is not None:
            if without is None:
                raise self._damaged(edition)
            index = StoredIndex.of(
                self._sheets(edition, without),
                seal,
                damaged=lambda: self._damaged(edition),
            )
            if index is not None:
                return StoredFigures.of(without, index)
        released = self.read(edition)
        if self._kept is not None:
            self._kept.put(edition, released, specs_of(self._ask, edition))
        return released

    def _sheets(self, edition: str, without: ReleasedFigures) -> SheetReader:
        """Return where an edition's sheets are read: from this machine once they are kept on it."""
        there = StoreSheets(self._ask, edition, at_hand=False)
        if self._kept is None:
            return there
        with self._open() as db:
            told, specs = edition_of(_one(db, edition)), specs_of(_asking(db), edition)
        return self._kept.sheets(told, without, specs, there)

    def _damaged(self, edition: str) -> StoreUnavailable:
        return StoreUnavailable(
            str(self),
            found=f"edition {edition} is damaged: it does not say what was published",
            todo="Build the situation again into a new database, or restore a backup.",
        )

    def _or_kept(self, ask: Callable[[], T], kept: Callable[[KeptEditions], T | None]) -> T:
        try:
            return ask()
        except StoreUnavailable:
            held = None if self._kept is None else kept(self._kept)
            if held is None:
                raise
            return held

    def _analyse(self) -> None:
        """Tell the planner of ten million new rows; where this user may not, the server does it later."""
        import psycopg

        with self._open() as db:
            for table in ("figures", "sheets"):
                try:
                    db.execute(f"ANALYZE {table}".encode())
                except psycopg.Error as error:
                    raise unavailable(self.url, error) from error


def _asking(db: "Database") -> Ask:
    return lambda sql, values: asked(db, sql, values)


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


def _rows(db: "Database", query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute(query.encode(), list(values))]


def _row(db: "Database", query: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
    return next(iter(_rows(db, query, values)), None)


def _told(db: "Database", query: str, values: Sequence[object] = ()) -> tuple[Any, ...]:
    (row,) = _rows(db, query, values)
    return row


def _alone(db: "Database", situation: str) -> None:
    """Let one decide on a situation at a time; readers do not wait."""
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [situation])


def _one(db: "Database", edition: str) -> tuple[Any, ...]:
    row = _row(db, f"SELECT {EDITION} FROM editions WHERE id = %s", [edition])
    if row is None:
        raise UnknownEdition(edition)
    return row


def _current(db: "Database", situation: str) -> Edition | None:
    row = _row(
        db,
        f"SELECT {EDITION} FROM editions "
        "WHERE id = (SELECT edition FROM current WHERE situation = %s)",
        [situation],
    )
    return None if row is None else edition_of(row)


def _point(db: "Database", situation: str, edition: str) -> None:
    db.execute(
        "INSERT INTO current VALUES (%s, %s) "
        "ON CONFLICT (situation) DO UPDATE SET edition = excluded.edition",
        [situation, edition],
    )
    _tell(db, situation)


def _tell(db: "Database", situation: str) -> None:
    """Notify whoever listens; they hear it when, and only if, the transaction is committed."""
    db.execute("SELECT pg_notify(%s, %s)", [CHANNEL, situation])


def _set_status(db: "Database", edition: str, status: Status) -> None:
    db.execute("UPDATE editions SET status = %s WHERE id = %s", [status.value, edition])


def _situations(db: "Database") -> tuple[str, ...]:
    return tuple(row[0] for row in _rows(db, "SELECT situation FROM current ORDER BY situation"))
