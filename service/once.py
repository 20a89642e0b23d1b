"""A bounded memory of what was made: each key is made once, however many ask at the same time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Once"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """Keep the ``size`` values asked for last; those who ask for one being made wait for it.

    A value whose making fails is not kept: everybody who waited gets the error, the next who asks
    starts again.

    >>> memory = Once[str, int](size=2)
    >>> memory.get("one", lambda: 1), memory.get("one", lambda: 2)
    (1, 1)
    """

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, Future[V]] = OrderedDict()
        self._lock = Lock()

    def ready(self, key: K) -> V | None:
        """Return the value of ``key`` if it is there by now; never waits and never makes."""
        with self._lock:
            future = self._kept.get(key)
            if future is None or not future.done() or future.exception() is not None:
                return None
            self._kept.move_to_end(key)
            return future.result()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of ``key``, making it where it is not there yet."""
        with self._lock:
            future = self._kept.get(key)
            mine = future is None
            if future is None:
                future = self._kept[key] = Future()
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(key)
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:
                with self._lock:
                    if self._kept.get(key) is future:
                        del self._kept[key]
                future.set_exception(error)
        return future.result()
