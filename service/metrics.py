"""What an operator watches, in the text format of Prometheus. Labels are route templates, never input.

Counting is adding to plain numbers; they become Prometheus' own only when somebody looks. Where
several workers serve, each writes its numbers to a file of a folder that `sitmap serve` makes
(``SITMAP_NUMBERS``), and whichever worker is asked adds them up.
"""

import asyncio
import json
import os
from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

__all__ = ["CONTENT_TYPE", "FOLDER", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER = "SITMAP_NUMBERS"
"""The environment variable that names the folder workers share their numbers in."""

_BOUNDS = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    10.0,
)  # seconds
_LABELS = (*map(str, _BOUNDS), "+Inf")
_WRITTEN_AFTER = 0.2  # seconds from a count to the file that others read


class Metrics:
    """The numbers of one application. Counts come from its event loop, makings from any thread."""

    def __init__(self, memory: Callable[[], int] = lambda: 0) -> None:
        """Count; ``memory`` tells how many bytes of tiles are at hand."""
        folder = os.environ.get(FOLDER)
        self._folder = Path(folder) if folder else None
        self._memory = memory
        self._requests: dict[tuple[str, int], int] = {}
        self._seconds: dict[str, list[float]] = {}  # sum, then answers by bound
        self._tiles = {"memory": 0, "made": 0, "reader": 0}
        self._made = 0
        self._lock = Lock()
        self._to_be_written = False

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer of a route (its template)."""
        counted = self._requests
        counted[route, status] = counted.get((route, status), 0) + 1
        times = self._seconds.get(route)
        if times is None:
            times = self._seconds[route] = [0.0] * (len(_BOUNDS) + 2)
        times[0] += seconds
        times[1 + bisect_left(_BOUNDS, seconds)] += 1
        if self._folder is not None and not self._to_be_written:
            self._write_soon()

    def tile(self, origin: str) -> None:
        """Count one tile: from ``memory``, ``made``, or kept by the ``reader``."""
        self._tiles[origin] += 1

    def tile_made(self) -> None:
        """Count the making of one tile, however many wait for it."""
        with self._lock:
            self._made += 1

    def text(self, *, editions: dict[str, int]) -> bytes:
        """Return all numbers, of all workers where there are several."""
        own = self._numbers()
        every = [own] if self._folder is None else self._of_all_workers(self._folder, own)
        registry = CollectorRegistry()
        registry.register(_Sum(every, editions))
        return generate_latest(registry)

    def _numbers(self) -> dict[str, Any]:
        return {
            "requests": [[*key, count] for key, count in list(self._requests.items())],
            "seconds": {route: list(times) for route, times in list(self._seconds.items())},
            "tiles": dict(self._tiles),
            "made": self._made,
            "shelf": self._memory(),
        }

    # -- several workers ----------------------------------------------------------------------------

    def _write_soon(self) -> None:
        self._to_be_written = True
        asyncio.get_running_loop().call_later(_WRITTEN_AFTER, self._write)

    def _write(self) -> None:
        self._to_be_written = False
        if self._folder is not None:
            beside = self._folder / f".{os.getpid()}"
            beside.write_text(json.dumps(self._numbers()))
            beside.replace(self._folder / f"{os.getpid()}.json")

    def _of_all_workers(self, folder: Path, own: dict[str, Any]) -> list[dict[str, Any]]:
        others = [path for path in folder.glob("[!.]*.json") if path.stem != str(os.getpid())]
        read = [(path.stem, json.loads(path.read_text())) for path in sorted(others)]
        # what a worker counted stays counted when it ends; its memory does not
        return [own, *({**told, "shelf": told["shelf"] * _lives(pid)} for pid, told in read)]


def _lives(pid: str) -> bool:
    if os.name != "posix":  # elsewhere there is no asking without ending the process
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Sum:
    """The numbers of all workers together, as Prometheus' families."""

    def __init__(self, workers: list[dict[str, Any]], editions: dict[str, int]) -> None:
        self._workers, self._editions = workers, editions

    def collect(self) -> Iterable[Metric]:
        """Return the families, summed over the workers."""
        requests: dict[tuple[str, int], int] = {}
        seconds: dict[str, list[float]] = {}
        for worker in self._workers:
            for route, status, count in worker["requests"]:
                requests[route, status] = requests.get((route, status), 0) + count
            for route, times in worker["seconds"].items():
                known = seconds.get(route, [0.0] * len(times))
                seconds[route] = [a + b for a, b in zip(known, times, strict=True)]
        answered = CounterMetricFamily(
            "sitmap_requests", "Requests answered.", labels=["route", "status"]
        )
        for (route, status), count in sorted(requests.items()):
            answered.add_metric([route, str(status)], count)
        took = HistogramMetricFamily(
            "sitmap_request_seconds", "Time from request to answer.", labels=["route"]
        )
        for route, (total, *by_bound) in sorted(seconds.items()):
            upto = zip(_LABELS, accumulate(by_bound), strict=True)
            took.add_metric([route], buckets=list(upto), sum_value=total)
        tiles = CounterMetricFamily(
            "sitmap_tiles", "Tiles answered, by where they came from.", labels=["from"]
        )
        for origin in ("memory", "made", "reader"):
            tiles.add_metric([origin], self._of_all("tiles", origin))
        editions = GaugeMetricFamily(
            "sitmap_editions", "Editions that may be shown.", labels=["situation"]
        )
        for situation, count in self._editions.items():
            editions.add_metric([situation], count)
        return (
            answered,
            took,
            tiles,
            CounterMetricFamily(
                "sitmap_tiles_encoded", "Tiles made because none was at hand.",
                value=self._of_all("made"),
            ),
            editions,
            GaugeMetricFamily(
                "sitmap_tile_memory_bytes", "Memory taken by tiles at hand.",
                value=self._of_all("shelf"),
            ),
        )  # fmt: skip

    def _of_all(self, name: str, of: str | None = None) -> int:
        return sum(worker[name] if of is None else worker[name][of] for worker in self._workers)
