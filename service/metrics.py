"""What an operator watches, in the text format of Prometheus. Labels are route templates, never input.

Where several workers serve, each writes its numbers to files of a folder that `sitmap serve` makes
(``PROMETHEUS_MULTIPROC_DIR``), and whichever worker is asked adds them up.
"""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
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


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sitmap_requests", "Requests answered.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "sitmap_request_seconds",
            "Time from request to answer.",
            ["route"],
            buckets=_BOUNDS,
            registry=self._registry,
        )
        self._tiles = Counter(
            "sitmap_tiles", "Tiles answered, by where they came from.", ["from"],
            registry=self._registry,
        )  # fmt: skip
        self._made = Counter(
            "sitmap_tiles_encoded", "Tiles made because none was at hand.", registry=self._registry
        )
        self._editions = Gauge(
            "sitmap_editions", "Editions that may be shown.", ["situation"],
            registry=self._registry, multiprocess_mode="mostrecent",
        )  # fmt: skip
        self._shelf = Gauge(
            "sitmap_tile_memory_bytes", "Memory taken by tiles at hand.",
            registry=self._registry, multiprocess_mode="livesum",
        )  # fmt: skip
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._tile_children = {
            origin: self._tiles.labels(origin) for origin in ("memory", "made", "reader")
        }

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer of a route (its template)."""
        children = self._children.get((route, status))
        if children is None:
            counted = self._requests.labels(route, str(status))
            children = self._children[route, status] = (counted, self._seconds.labels(route))
        children[0].inc()
        children[1].observe(seconds)

    def tile(self, origin: str) -> None:
        """Count one tile: from ``memory``, ``made``, or kept by the ``reader``."""
        self._tile_children[origin].inc()

    def tile_made(self) -> None:
        """Count the making of one tile, however many wait for it."""
        self._made.inc()

    def text(self, *, editions: dict[str, int], shelf: int) -> bytes:
        """Return all numbers, of all workers where there are several."""
        for situation, count in editions.items():
            self._editions.labels(situation).set(count)
        self._shelf.set(shelf)
        registry = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
