"""Finished pieces of tiles, held in memory: what was asked for least recently goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

__all__ = ["TileMemory"]

Made = TypeVar("Made")


class TileMemory:
    """A bounded memory that threads may share.

    >>> memory = TileMemory(limit=1)
    >>> memory.kept("a", lambda: 1), memory.kept("a", lambda: 2)
    (1, 1)
    >>> memory.kept("b", lambda: 3), memory.kept("a", lambda: 4)
    (3, 4)
    """

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def kept(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what ``make`` made for ``key``, from memory where it is still there."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                held: Made = self._held[key]
                return held
        made = make()  # outside the lock: a slow piece must not hold up the others
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._limit:
                self._held.popitem(last=False)
        return made
