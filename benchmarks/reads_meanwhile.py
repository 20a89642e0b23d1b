"""Readers while others publish, and while the database is away: what do they see, and when?

Each edition says its own number in every figure, so that an answer of one edition with figures of
another, or of two at once, cannot hide. Readers and publisher are processes of their own.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import httpx
import numpy as np
from postgis_cluster import Cluster

from geo.postgres_store import PostgresStore
from geo.release import ReleasedFigures
from geo.sqlite_store import SqliteStore
from maps.spec import MapSpec
from service.app import SitmapApp, create_app
from service.published import specs_to_json
from service.settings import Settings
from service.stores import Address

__all__ = ["Away", "Meanwhile", "read_meanwhile", "read_without_database"]

SITUATION = "meanwhile"
_AT = f"/api/situations/{SITUATION}/counts?level=1&group=REF"
_SEEN_WITHIN = 60.0  # seconds after which an edition counts as never seen


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """``torn`` answers were of no one edition; ``seen`` are seconds from publication, by the last reader."""

    answers: int
    failed: int
    torn: int
    editions: int
    seen: tuple[float, ...]
    p99: float


@dataclass(frozen=True, slots=True)
class Away:
    """What was asked while the database was away; ``recovered`` is seconds from its start."""

    answers: int
    failed: int
    told: bool
    recovered: float
    seen: float


@dataclass(frozen=True, slots=True)
class _Look:
    edition: str
    number: float | None
    at: float
    took: float
    failed: bool


def numbered(released: ReleasedFigures, number: int) -> ReleasedFigures:
    """Return the figures with one number in all of them."""
    figures = released.figures.assign(value=float(number))
    return replace(released, situation=SITUATION, figures=figures)


def read_meanwhile(
    address: Address, released: ReleasedFigures, *, reads: int, readers: int = 2, workers: int = 2
) -> Meanwhile:
    """Read ``reads`` times through several services while editions are published one after another.

    Each reader is a process with a service of its own (as each worker has) and ``workers`` clients.
    """
    context = get_context("spawn")
    stop, told, looks = context.Event(), context.Queue(), context.Queue()
    publisher = context.Process(target=_publish, args=(address, released, stop, told))
    publisher.start()
    published = [told.get(timeout=600)]
    asking = [
        context.Process(target=_read, args=(address, reads // readers, workers, looks))
        for _ in range(readers)
    ]
    for process in asking:
        process.start()
    seen = [looks.get(timeout=3600) for _ in asking]
    stop.set()
    while (edition := told.get(timeout=600)) is not None:
        published.append(edition)
    for process in (*asking, publisher):
        process.join()
    return _judged(published, seen)


def _judged(published: Sequence[tuple[str, int, float]], seen: Sequence[list[_Look]]) -> Meanwhile:
    number_of = {edition: number for edition, number, _ in published}
    everything = [look for looks in seen for look in looks]
    answers = [look for look in everything if not look.failed]
    torn = sum(number_of.get(look.edition) != look.number for look in answers)
    waited = []
    for (edition, _, at), (_, _, until) in pairwise(published[1:]):
        # of those that were current long enough for every reader to look, and were being read
        for looks in seen:
            first = min((look.at for look in looks if look.edition == edition), default=None)
            if first is not None and looks[0].at < at < looks[-1].at:
                waited.append(max(0.0, first - at))
            elif looks[0].at < at and until < looks[-1].at and until - at > 1:
                waited.append(_SEEN_WITHIN)  # there for a second, and never answered
    times = [look.took for look in answers]
    return Meanwhile(
        len(answers), len(everything) - len(answers), torn, len(published),
        tuple(waited), 1000 * float(np.percentile(times, 99)),
    )  # fmt: skip


def read_without_database(
    cluster: Cluster, address: Address, released: ReleasedFigures, *, seconds: float
) -> Away:
    """Stop the database for some seconds under a service that goes on answering."""
    store = _store(address)
    first = store.publish(numbered(released, 1), specs_json=_specs(released), published=_now()).id
    store.close()  # type: ignore[union-attr]
    app = create_app(Settings(stores=(address,)))

    async def asked() -> Away:
        async with _client(app) as client:
            begun = time.monotonic()
            while not app.state.catalogue.published(SITUATION).released.index.at_hand:
                assert (await _look(client)).edition == first
                await asyncio.sleep(0.05)  # the service keeps what it read
                assert time.monotonic() < begun + 120, "nothing was kept"
            cluster.stop("immediate")
            looks, told = [], False
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                looks.append(await _look(client))
                ready = (await client.get("/readyz")).json()
                told = told or ready["status"] == "degraded"
            cluster.start()
            started = time.monotonic()
            while (await client.get("/readyz")).json()["status"] != "ready":
                looks.append(await _look(client))
            recovered = time.monotonic() - started
            store = _store(address)
            new = store.publish(
                numbered(released, 2), specs_json=_specs(released), published=_now()
            ).id
            published = time.monotonic()
            while (look := await _look(client)).edition != new:
                looks.append(look)
                assert time.monotonic() < published + _SEEN_WITHIN
            store.close()  # type: ignore[union-attr]
            right = {first: 1.0, new: 2.0}
            failed = sum(look.failed or right.get(look.edition) != look.number for look in looks)
            return Away(len(looks), failed, told, recovered, time.monotonic() - published)

    return asyncio.run(asked())


def _publish(address: Address, released: ReleasedFigures, stop: Any, told: Any) -> None:
    store = _store(address)
    specs, number = _specs(released), int(time.time())  # new ones in a store that has some
    while not stop.is_set():
        number += 1
        edition = store.publish(numbered(released, number), specs_json=specs, published=_now()).id
        told.put((edition, number, time.time()))
        stop.wait(1.0)
    told.put(None)


def _read(address: Address, reads: int, workers: int, looks: Any) -> None:
    app = create_app(Settings(stores=(address,), cache_entries=1))
    found: list[_Look] = []

    async def one(client: httpx.AsyncClient) -> None:
        while len(found) < reads:
            found.append(await _look(client))
            await asyncio.sleep(0)

    async def everyone() -> None:
        async with _client(app) as client:
            await _look(client)  # the edition is opened
            await asyncio.gather(*(one(client) for _ in range(workers)))

    asyncio.run(everyone())
    looks.put(found)


async def _look(client: httpx.AsyncClient) -> _Look:
    begun = time.perf_counter()
    answer = await client.get(_AT)
    took = time.perf_counter() - begun
    if answer.status_code != 200:
        return _Look("", None, time.time(), took, True)
    document = answer.json()
    told = [row["value"] for row in document["rows"] if row["value"] is not None]
    values = set(told)
    alike = len(values) == 1 and document["total"] == sum(told)
    return _Look(document["edition"], values.pop() if alike else None, time.time(), took, False)


def _client(app: SitmapApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://bench.test",
        headers={"Accept-Encoding": "identity"},
        timeout=60,
    )


def _store(address: Address) -> SqliteStore | PostgresStore:
    return PostgresStore(address) if isinstance(address, str) else SqliteStore(address)


def _specs(released: ReleasedFigures) -> str:
    from boundaries.natural_earth import open_natural_earth

    vintage = open_natural_earth().vintage
    assert vintage.id == released.vintage
    no_maps: tuple[MapSpec, ...] = ()
    return specs_to_json(no_maps, vintage)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
