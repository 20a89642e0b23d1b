"""Who serves hears of a new edition at once, and never waits for the database to say what is current.

One connection of its own listens in the background and keeps what is shown. Where it breaks, what
was heard last stays, `Listener.trouble` says why, and it is tried again three times a second until
the database is back. A look every `HEARTBEAT` finds what a lost word missed.
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import threading
import weakref
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geo.errors import StoreUnavailable
from geo.kept_editions import KeptEditions
from geo.postgres_connecting import connect, unavailable
from geo.postgres_schema import CHANNEL
from geo.store import Edition, Holdings, Status

if TYPE_CHECKING:
    import psycopg

__all__ = ["EDITION", "HEARTBEAT", "Listener", "edition_of", "holdings_of"]

HEARTBEAT = 0.5
"""Seconds after which the holdings are looked at even where nothing was heard."""
_AGAIN = 0.3  # seconds between two attempts to reach the database
_FIRST = 5.0  # seconds the first who asks waits for the first look

EDITION = "id, situation, number, published, vintage, content, status"


def edition_of(row: Sequence[Any]) -> Edition:
    """Return an edition from its columns in the order of `EDITION`."""
    identity, situation, number, published, vintage, content, status = row
    return Edition(
        id=identity,
        situation=situation,
        number=number,
        published=_utc(published),
        vintage=vintage,
        content=content,
        status=Status(status),
    )


def holdings_of(db: "psycopg.Connection[Any]") -> Holdings:
    """Return what is shown now, by one statement, so that it agrees with itself."""
    rows = db.execute(
        f"SELECT {EDITION}, id IN (SELECT edition FROM current) FROM editions "
        "WHERE status = 'published' ORDER BY situation, number".encode()
    ).fetchall()
    editions = [(edition_of(row[:-1]), bool(row[-1])) for row in rows]
    return Holdings(
        current={each.situation: each for each, is_current in editions if is_current},
        shown={each.id: each for each, _ in editions},
    )


class _Heard:
    """What the background thread and those who ask share."""

    def __init__(self) -> None:
        self.holdings: Holdings | None = None
        self.trouble: StoreUnavailable | None = None
        self.times = 0
        self.looked = threading.Event()
        self.stopped = threading.Event()


class Listener:
    """Hears what a database shows. Starts with the first who asks; stops when nobody holds it."""

    def __init__(self, url: str, *, kept: KeptEditions | None = None) -> None:
        self._url, self._kept = url, kept
        self._lock = threading.Lock()
        self._heard = _Heard()
        self._thread: threading.Thread | None = None

    @property
    def heard(self) -> int:
        """How often something else was shown than before."""
        return self._heard.times

    @property
    def trouble(self) -> StoreUnavailable | None:
        """Why the database cannot be asked just now, None where it can."""
        return self._heard.trouble

    def holdings(self) -> Holdings:
        """Return what was heard last, else what this machine keeps; raises `StoreUnavailable`."""
        self._start()
        heard = self._heard
        heard.looked.wait(_FIRST)
        if heard.holdings is not None:
            return heard.holdings
        kept = self._kept.holdings() if self._kept is not None else None
        if kept is not None:
            return kept
        raise heard.trouble or unavailable(self._url, TimeoutError("timeout"))

    def stop(self) -> None:
        """End the background thread; who asks again starts another."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._heard.stopped.set()
            if thread is not None:
                thread.join(timeout=HEARTBEAT + 5)
                self._heard = _Heard()

    def _start(self) -> None:
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                # a thread that holds what is heard, not the listener: else it would never end
                self._thread = threading.Thread(
                    target=_listen,
                    args=(self._url, self._heard, self._kept),
                    name="sitmap-listener",
                    daemon=True,
                )
                weakref.finalize(self, self._heard.stopped.set)
                self._thread.start()


def _listen(url: str, heard: _Heard, kept: KeptEditions | None) -> None:
    import psycopg

    while not heard.stopped.is_set():
        try:
            with connect(url, application_name="sitmap listener") as db:
                db.execute("SET statement_timeout = '5s'")
                if not _is_replica(db):
                    db.execute(f"LISTEN {CHANNEL}".encode())
                while not heard.stopped.is_set():
                    _look(db, heard, kept)
                    for _ in db.notifies(timeout=HEARTBEAT, stop_after=1):
                        pass
        except StoreUnavailable as error:
            heard.trouble = error
        except psycopg.Error as error:
            heard.trouble = unavailable(url, error)
        heard.looked.set()
        heard.stopped.wait(_AGAIN)


def _is_replica(db: "psycopg.Connection[Any]") -> bool:
    """Whether nothing can be heard here: a replica has only the look every `HEARTBEAT`."""
    row = db.execute("SELECT pg_is_in_recovery()").fetchone()
    return row is not None and bool(row[0])


def _look(db: "psycopg.Connection[Any]", heard: _Heard, kept: KeptEditions | None) -> None:
    now = holdings_of(db)
    if now != heard.holdings:
        heard.holdings = now
        heard.times += 1
        if kept is not None:
            kept.follow(now)
    heard.trouble = None
    heard.looked.set()


def _utc(moment: datetime) -> datetime:
    """Return a moment in UTC, as the file store does: a connection's own zone says nothing."""
    return moment.astimezone(UTC)
