"""Slow work beside the event loop: each thing is made once, however many wait, and only so much at once.

Who asks for what is being made waits for it. Who asks for one thing more than the limit is told to
come back (`Busy`), before anything is begun: a queue that grows without end helps nobody.
"""

import asyncio
import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from service.errors import Busy

__all__ = ["Flights"]

V = TypeVar("V")

_THREADS = max(2, min(4, os.cpu_count() or 1))  # geometry lets go of the interpreter's lock


class Flights(Generic[V]):
    """Work in a few threads, ``waiting`` different things at most, begun or not."""

    def __init__(self, *, waiting: int, threads: int = _THREADS) -> None:
        self._waiting = waiting
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None  # a forked worker makes its own
        self._flying: dict[Hashable, Future[V]] = {}

    def __len__(self) -> int:
        return len(self._flying)

    async def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return what ``make`` makes for ``key``, made by one thread for all who ask meanwhile.

        A reader who goes away stops nothing: others may wait for the same. Raises `Busy`, and
        whatever ``make`` raises.
        """
        flying = self._flying.get(key)
        if flying is None:
            if len(self._flying) >= self._waiting:
                raise Busy(waiting=self._waiting)
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="sitmap")
            flying = self._flying[key] = self._pool.submit(make)
            flying.add_done_callback(lambda _: self._flying.pop(key, None))
            if flying.done():  # before the callback was there
                self._flying.pop(key, None)
        return await asyncio.shield(asyncio.wrap_future(flying))
