"""Where work is done: in this process, in several, or on a Dask cluster. The results are the same.

A job is a pure function of an item, in a module that the workers can import, and what it returns adds
up. So an item that was lost with its worker is done again, and nothing is counted twice.
"""

import importlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from boundaries.errors import SitmapError

__all__ = ["ExecutorError", "NoCluster", "UnknownExecutor", "WorkersLost", "run_all"]

_TRIES = 3  # times in a row that workers may die without any item getting done
_PATIENCE = 10  # seconds to reach a cluster

Item = TypeVar("Item")
Result = TypeVar("Result")


class ExecutorError(SitmapError):
    """Work cannot be done where it was to be done."""

    code = "executor-error"


class UnknownExecutor(ExecutorError):
    """A word that names no place to work."""

    code = "unknown-executor"

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(
            f"no such executor {word!r}; expected serial, pool, pool:N (N processes) or the address "
            "of a Dask scheduler, such as tcp://10.0.0.5:8786."
        )


class NoCluster(ExecutorError):
    """A Dask cluster that cannot be used."""

    code = "no-cluster"

    def __init__(self, address: str, *, why: str, todo: str) -> None:
        self.address, self.why, self.todo = address, why, todo
        super().__init__(f"{address}: {why}. {todo}")


class WorkersLost(ExecutorError):
    """Workers that die again and again, most often for want of memory."""

    code = "workers-lost"

    def __init__(self, where: str, *, left: int) -> None:
        self.where, self.left = where, left
        super().__init__(
            f"{where}: workers died {_TRIES} times in a row with {left} part(s) left to do; expected "
            "them to live. Look whether memory ran out, use fewer of them, and run it again: what is "
            "done is kept."
        )


def run_all(
    job: Callable[[Item], Result], items: Sequence[Item], executor: str = "serial"
) -> Iterator[tuple[int, Result]]:
    """Yield the number of each item and what ``job`` makes of it, as they get done.

    Parameters
    ----------
    job : callable
        A pure function in an importable module (or a `functools.partial` of one).
    items : sequence
        Each is sent to a worker by itself.
    executor : str
        ``serial``, ``pool`` (a process per core), ``pool:N``, or the address of a Dask scheduler.

    Raises
    ------
    UnknownExecutor, NoCluster, WorkersLost
    """
    if executor == "serial":
        return ((at, job(item)) for at, item in enumerate(items))
    if executor == "pool" or executor.startswith("pool:"):
        count = executor.partition(":")[2] or str(os.cpu_count() or 1)
        if not (count.isascii() and count.isdigit() and 0 < int(count) <= 512):
            raise UnknownExecutor(executor)
        return _in_pool(job, items, min(int(count), max(len(items), 1)))
    if "://" in executor:
        return _on_cluster(job, items, executor)
    raise UnknownExecutor(executor)


def _in_pool(
    job: Callable[[Item], Result], items: Sequence[Item], workers: int
) -> Iterator[tuple[int, Result]]:
    left, tries = set(range(len(items))), _TRIES
    fresh = multiprocessing.get_context("spawn")  # a forked copy of a process with threads may hang
    while left:
        before = len(left)
        with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
            try:
                doing = {pool.submit(job, items[at]): at for at in sorted(left)}
                for done in as_completed(doing):
                    result = done.result()
                    left.discard(doing[done])
                    yield doing[done], result
            except (
                BrokenProcessPool
            ):  # one worker died, and its pool with it: the others' items too
                tries = _TRIES if len(left) < before else tries - 1
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        if not tries:
            raise WorkersLost("the process pool", left=len(left))


def _on_cluster(
    job: Callable[[Item], Result], items: Sequence[Item], address: str
) -> Iterator[tuple[int, Result]]:
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise NoCluster(
            address,
            why="the package distributed is not installed",
            todo="Install the extra: sitmap[bulk].",
        ) from None
    try:
        client: Any = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise NoCluster(
            address,
            why=f"no Dask scheduler answers there ({type(fault).__name__})",
            todo="Start one with `dask scheduler` and workers with `dask worker`, or use --executor pool.",
        ) from None
    with client:
        # impure: the cluster must not take a result of another run for this one
        futures = client.map(job, list(items), pure=False, retries=_TRIES)
        number = {future.key: at for at, future in enumerate(futures)}
        left = len(futures)
        try:
            for future in distributed.as_completed(futures, loop=client.loop):
                result = future.result()
                left -= 1
                yield number[future.key], result
                future.release()
        except distributed.KilledWorker:
            raise WorkersLost(address, left=left) from None
        finally:
            client.cancel(futures, force=True)
