"""Connections to PostgreSQL, and what goes wrong with them in one sentence that never holds a password."""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from geo.errors import StoreUnavailable
from geo.postgres_schema import SCHEMA, found_schema, has_postgis

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool

__all__ = ["PATIENCE", "Connections", "bring_up_at", "connect", "shown_address", "unavailable"]

PATIENCE = 3.0
"""Seconds to wait for a connection; after it the database is said to be away."""

_LIVELY = {  # a host that vanished is noticed in seconds, not after the system's two hours
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}
_AT_ONCE = 8  # connections of one process

# What libpq or the server says -> what was found, what to do. The first that fits is told.
_SAYINGS = (
    (
        "password authentication failed",
        "it refuses this user or password",
        "Check both in the URL, or put the password into PGPASSWORD or ~/.pgpass.",
    ),
    (
        "no password supplied",
        "it wants a password",
        "Put it into the URL, PGPASSWORD or ~/.pgpass.",
    ),
    ("role", "it does not know this user", "Name a user it has in the URL."),
    ("database", "it has no database of this name", "Make it with `createdb`, or name another."),
    ("pg_hba.conf", "it does not let this machine in", "Add a line to its pg_hba.conf."),
    ("starting up", "it is just starting", "Try again in a moment."),
    ("shutting down", "it is just shutting down", "Try again when it is up."),
    (
        "too many",
        "it has no connection left",
        "Raise max_connections, or serve with fewer workers.",
    ),
    ("translate host name", "there is no host of this name", "Check the host in the URL."),
    ("Name or service", "there is no host of this name", "Check the host in the URL."),
    ("refused", "nothing answers at this address", "Start the database, or check host and port."),
    (
        "No such file",
        "nothing answers at this address",
        "Start the database, or check host and port.",
    ),
    ("timeout", "it does not answer", "Check that it is up and can be reached from here."),
)


def shown_address(url: str) -> str:
    """Return a URL as it may be shown: without password and options.

    >>> shown_address("postgresql://ann:secret@db.example:5433/figures?sslmode=require")
    'postgresql://ann@db.example:5433/figures'
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{url.partition('://')[0]}://…"
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def connect(url: str, **more: Any) -> "psycopg.Connection[Any]":
    """Return a connection of one's own, each statement a transaction; raises `StoreUnavailable`."""
    psycopg = _driver(url)
    try:
        return psycopg.connect(url, **_given(**more))  # type: ignore[no-any-return]
    except psycopg.Error as error:
        raise unavailable(url, error) from error


def unavailable(url: str, error: Exception) -> StoreUnavailable:
    """Return what the driver, the database or the pool says as one sentence."""
    said = " ".join(str(error).split())
    state = getattr(error, "sqlstate", None) or ""
    address = shown_address(url)
    if state == "42501":
        found = f"its user may not do that ({said.partition(' LINE ')[0]})"
        todo = "Publish as a member of sitmap_publisher; make and bring up tables as their owner."
        return StoreUnavailable(address, found=found, todo=todo)
    if state == "53100":
        return StoreUnavailable(
            address, found="its disk is full", todo="Make room; what was published is whole."
        )
    if state.startswith("42"):
        return StoreUnavailable(
            address,
            found=f"its tables are not those of this sitmap ({said.partition(' LINE ')[0]})",
            todo="Look with `sitmap doctor --store URL`.",
        )
    for word, found, todo in _SAYINGS:
        if word in said:
            return StoreUnavailable(address, found=found, todo=todo)
    if 'missing "="' in said or "invalid" in said:
        return StoreUnavailable(
            address,
            found="this is no address of a database",
            todo="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
        )
    return StoreUnavailable(
        address,
        found="it went away",
        todo="What is held goes on being shown; it is asked again by itself.",
    )


class Connections:
    """The connections of one process to one database, checked for being the right one first.

    After a failure all of them are dropped, and the next who asks tries afresh: the database may
    be stopped and started while nobody here is.
    """

    def __init__(self, url: str, *, application: str) -> None:
        self.url, self._application = url, application
        self._lock = threading.Lock()
        self._pool: ConnectionPool[psycopg.Connection[Any]] | None = None
        self._close: weakref.finalize[..., Any] | None = None

    @contextmanager
    def open(self, *, prepare: bool = False) -> Iterator["psycopg.Connection[Any]"]:
        """Lend a connection in autocommit; raises `StoreUnavailable`.

        ``prepare``: an empty database gets its tables; an older one is never changed unasked.
        """
        psycopg = _driver(self.url)
        from psycopg_pool import PoolTimeout

        pool = self._pool or self._started(prepare=prepare)
        try:
            with pool.connection(timeout=PATIENCE) as db:
                yield db
        except (psycopg.OperationalError, PoolTimeout) as error:
            self.drop()
            raise unavailable(self.url, error) from error
        except psycopg.Error as error:
            raise unavailable(self.url, error) from error

    def drop(self) -> None:
        """Close all connections; the next who asks gets new ones."""
        with self._lock:
            closing, self._close, self._pool = self._close, None, None
        if closing is not None:
            closing()

    def _started(self, *, prepare: bool) -> "ConnectionPool[psycopg.Connection[Any]]":
        import logging

        import psycopg
        from psycopg_pool import ConnectionPool

        with self._lock:
            if self._pool is not None:
                return self._pool
            with connect(self.url, application_name=self._application) as db:
                _check(self.url, db, prepare=prepare)
            # its warnings are about what is told here in a sentence
            logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
            pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
                self.url,
                kwargs=_given(application_name=self._application),
                min_size=1,
                max_size=_AT_ONCE,
                timeout=PATIENCE,
                check=ConnectionPool.check_connection,
                open=True,
            )
            self._pool = pool
            self._close = weakref.finalize(self, pool.close, 1.0)
            return pool


def _given(**more: Any) -> dict[str, Any]:
    return {
        "autocommit": True,
        "connect_timeout": int(PATIENCE),
        "options": "-c search_path=sitmap,public",
        **_LIVELY,
        **more,
    }


def bring_up_at(url: str) -> tuple[int, int]:
    """Make the tables, or bring older ones up; return the version found before and that of now.

    The user must own the database. Raises `StoreUnavailable`.
    """
    psycopg = _driver(url)
    with connect(url, application_name="sitmap bringing up") as db:
        try:
            before = found_schema(db)
        except psycopg.Error as error:
            raise unavailable(url, error) from error
        if before < SCHEMA:
            _make(url, db)
    return before, SCHEMA


def _check(url: str, db: "psycopg.Connection[Any]", *, prepare: bool) -> None:
    """Say in one sentence what the database is not; with ``prepare`` make what an empty one lacks."""
    import psycopg

    address = shown_address(url)
    try:
        schema = found_schema(db)
        if schema == 0 and prepare:
            _make(url, db)
            return
        if schema == 0:
            raise StoreUnavailable(
                address,
                found="it holds no sitmap tables",
                todo="Publish into it with `sitmap build FOLDER --store URL`, as its owner.",
            )
        if not has_postgis(db):
            raise _no_postgis(address)
    except psycopg.Error as error:
        raise unavailable(url, error) from error
    if schema != SCHEMA:
        older = schema < SCHEMA
        raise StoreUnavailable(
            address,
            found=f"its tables are of schema {schema}; this sitmap reads schema {SCHEMA}",
            todo="Bring them up as their owner with `sitmap doctor --store URL --bring-up`."
            if older
            else "Use the newer sitmap that made them.",
        )


def _make(url: str, db: "psycopg.Connection[Any]") -> None:
    import psycopg

    from geo.postgres_schema import bring_up

    try:
        bring_up(db)
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile) as error:
        raise _no_postgis(shown_address(url)) from error  # not even on the machine
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreUnavailable(
            shown_address(url),
            found="its user may not make or change tables",
            todo="Do it once as the owner: `sitmap doctor --store URL --bring-up`.",
        ) from error


def _no_postgis(address: str) -> StoreUnavailable:
    return StoreUnavailable(
        address,
        found="it has no PostGIS",
        todo="Install it (Debian: postgresql-postgis), then CREATE EXTENSION postgis as superuser.",
    )


def _driver(url: str) -> Any:
    try:
        import psycopg
        import psycopg_pool  # noqa: F401 - told together
    except ImportError as error:
        raise StoreUnavailable(
            shown_address(url),
            found="psycopg is not installed here",
            todo="Install it with `pip install 'sitmap[postgis]'`.",
        ) from error
    return psycopg
