"""What the stores show now, asked often and looked up seldom: a new edition is seen within half a second.

A look at a store costs a connection; its stamp costs two system calls. The stamp is taken every
`GLANCE` seconds at most, and the store is looked at where it changed, or where the last look is
`PATIENCE` seconds old.
"""

import math
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo.store import Edition, Holdings, Store

__all__ = ["GLANCE", "PATIENCE", "Shown", "Watched"]

GLANCE = 0.02
"""Seconds for which nobody asks again."""
PATIENCE = 0.5
"""Seconds after which a store is looked at again, whatever its stamp says."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An edition that may be shown, the store it is in, and where its boundaries lie."""

    edition: "Edition"
    store: "Store"
    home: Path


class Watched:
    """A store that is asked what it shows for every request. Safe to share between threads."""

    def __init__(
        self, store: "Store", home: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.store, self.home = store, home
        self._clock = clock
        self._lock = Lock()
        self._glanced = -math.inf
        self._looked = -math.inf
        self._stamp: Hashable = None
        self._seen: Holdings | None = None

    def current(self) -> Mapping[str, "Edition"]:
        """Return the current edition of each situation; raises a `StoreError`."""
        return self.now().current

    def now(self) -> "Holdings":
        """Return what the store shows; raises a `StoreError` where it cannot be read."""
        seen, clock = self._seen, self._clock()
        if seen is not None and clock - self._glanced < GLANCE:
            return seen
        with self._lock:  # one look for all who ask at once
            stamp, seen = self.store.stamp(), self._seen
            if seen is None or stamp != self._stamp or clock - self._looked >= PATIENCE:
                seen = self.store.holdings()
                # the stamp from before the look: what is published meanwhile is seen the next time
                self._stamp, self._looked, self._seen = stamp, clock, seen
            self._glanced = clock
            return seen
