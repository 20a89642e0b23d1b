"""The two stores on the same figures: publishing, every kind of question of the API, and the full scan.

Then publishers are killed, readers look while others publish, and PostGIS is stopped under a service.
Targets: p99 <= 20 ms of every question on SQLite and <= 50 ms on PostGIS, a full scan in <= 0.5 s; no
mixture and no loss; a new edition answered by every worker within a second; no failure while away.

    python benchmarks/bench_stores.py                       # 300,000 figures, 20 kills
    python benchmarks/bench_stores.py --figures 10000000 --asks 500 --kills 200 --reads 100000 --outage 60

Figures are generated and mean nothing. One client asks, each question another one, through the whole
application in this process; an edition is always answered by its sheets here, however small. PostGIS is a
private cluster; without it only SQLite is measured, and the output says how to get it.
"""

import argparse
import asyncio
import datetime as dt
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from killed_publisher import killed
from measure import measure
from postgis_cluster import Cluster, PostgisMissing, cpu_seconds, postgis_cluster
from reads_meanwhile import read_meanwhile, read_without_database
from server_data import GROUPS, SITUATION, days, million
from tile_sets import world_adm1

from boundaries.units import BoundarySet
from geo.origin_totals import origin_totals
from geo.postgres_store import PostgresStore
from geo.release import ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.sqlite_store import SqliteStore
from geo.store import Store
from geo.stored_figures import Sizes, StoredFigures
from geo.tables import UNIT_FLOW_COLUMNS, UNIT_PRESENCE_COLUMNS, typed_frame
from maps.spec import LayerSpec, MapSpec
from service.app import create_app
from service.published import specs_to_json
from service.settings import Settings
from service.stores import Address, home_of

ALWAYS = Sizes(by_sheets=1, short_profiles=1, columns=1)
_MEANWHILE = 30_000  # figures of an edition that is published while others read
_UNITS = 500
_CREATED = dt.date(2024, 1, 1)


def figures_of(places: BoundarySet, rows: int) -> tuple[ReleasedFigures, list[str]]:
    """Return an edition of ``rows`` figures of 500 regions: by group, day and origin."""
    codes = places.codes(1)[:_UNITS]
    countries = sorted({places.ancestor(code, 0) for code in codes})
    iso3 = {code: places.unit(code).iso3 for code in countries}
    frame = million(places, codes, rows=rows)
    return ReleasedFigures(
        situation=SITUATION, title={"en": "Generated figures"}, as_of=max(frame["date"]),
        created=_CREATED, vintage=places.vintage.id, countries=tuple(sorted(set(iso3.values()))),
        focus=min(iso3.values()), figures=frame, flows=typed_frame([], UNIT_FLOW_COLUMNS),
        presence=typed_frame([], UNIT_PRESENCE_COLUMNS),
        sources=(Source("survey", "Generated", "Nobody", _CREATED, "CC0", Sensitivity.PUBLIC),),
    ), codes  # fmt: skip


def publish(store: Store, released: ReleasedFigures, places: BoundarySet) -> tuple[str, float]:
    layer = LayerSpec("symbols", ("IDP",), level=1)
    specs = specs_to_json((MapSpec("map", {"en": "Generated"}, (layer,)),), places.vintage)
    began = time.perf_counter()
    edition = store.publish(released, specs_json=specs, published=dt.datetime.now(dt.UTC))
    return edition.id, time.perf_counter() - began


def questions(
    released: ReleasedFigures, places: BoundarySet, codes: list[str], asks: int
) -> dict[str, Callable[[int], str]]:
    """Return addresses by kind of question, a different one for each number."""
    dice = random.Random(3)  # noqa: S311 - which figures are asked for is no secret
    index = released.index
    there = [
        (series[0], day, series[3])
        for series, level, listed in index.offered()
        if level == 1
        for day in listed
    ]
    some = [dice.choice(there) for _ in range(asks)]
    api = f"/api/situations/{SITUATION}"

    def asked(number: int) -> str:
        group, day, origin = some[number]
        return f"group={group}&date={day}" + (f"&origin={origin}" if origin else "")

    groups = sorted({group for group, _, _ in there})
    return {
        "counts": lambda n: f"{api}/counts?level=1&{asked(n)}&limit={1000 + n}",
        "counts of a parent": lambda n: (
            f"{api}/counts?level=1&{asked(n)}&parent="
            f"{places.ancestor(codes[n % len(codes)], 0)}&limit={1000 + n}"
        ),
        "latest counts": lambda n: (
            f"{api}/counts?level=1&group={groups[n % len(groups)]}&limit={1000 + n}"
        ),
        "situation": lambda _: api,
        "sources": lambda _: f"{api}/sources",
        "flows": lambda n: f"{api}/flows?limit={1000 + n}",
        "origins": lambda n: f"{api}/origins?group={groups[n % len(groups)]}&limit={1000 + n}",
        "unit": lambda n: f"{api}/units/{codes[n % len(codes)]}",
    }


def measured(
    address: Address, asked: dict[str, Callable[[int], str]], asks: int, server: int | None
) -> Iterator[tuple[str, float, float, float, float]]:
    """Give for each kind: first answer, p50 and p99 in ms of the others, CPU ms of each."""
    app = create_app(Settings(stores=(address,)))
    transport = httpx.ASGITransport(app)

    async def run(paths: list[str]) -> list[float]:
        times = []
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://bench.test",
            headers={"Accept-Encoding": "identity"},
        ) as client:
            for path in paths:
                began = time.perf_counter()
                answer = await client.get(path)
                times.append(1000 * (time.perf_counter() - began))
                assert answer.status_code == 200, (path, answer.text)
        return times

    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime + (cpu_seconds(server) if server else 0)

    asyncio.run(run([f"/api/situations/{SITUATION}"]))  # the edition is opened
    for kind, path in asked.items():
        (first,) = asyncio.run(run([path(0)]))
        before = cpu()
        times = asyncio.run(run([path(number) for number in range(1, asks)]))
        each = 1000 * (cpu() - before) / len(times)
        yield kind, first, float(np.percentile(times, 50)), float(np.percentile(times, 99)), each


def scans(store: Store, edition: str, level: int = 1) -> Iterator[tuple[str, str, float]]:
    """Give seconds of origin x region over all time: as published, in SQL, and from columns."""
    released = store.open(edition)
    assert isinstance(released, StoredFigures)
    copy = store.columns.edition(edition)  # type: ignore[attr-defined]
    began = time.perf_counter()
    found = origin_totals(released, level=level, group="IDP").frame
    yield "origins", f"origins of a group as kept: {len(found):,} rows", time.perf_counter() - began
    group_by = "SELECT origin, pcode, count(*), max(date), max(value) FROM figures WHERE "
    began = time.perf_counter()
    ask = store._file.ask if isinstance(store, SqliteStore) else store._ask  # type: ignore[attr-defined]
    everything = ask(f"{group_by} edition = ? AND origin <> '' GROUP BY origin, pcode", [edition])
    yield (
        "sql",
        f"all groups, GROUP BY in SQL: {len(everything):,} rows",
        time.perf_counter() - began,
    )
    assert copy is not None
    began = time.perf_counter()
    wanted = copy.values(
        'SELECT origin, pcode, count(*), max("date"), max(value) FROM figures '
        "WHERE origin <> '' GROUP BY origin, pcode",
        [],
    )
    yield (
        "columns",
        f"all groups, GROUP BY in columns: {len(wanted):,} rows",
        time.perf_counter() - began,
    )
    assert len(wanted) == len(everything)


@contextmanager
def stores(folder: Path, *, postgis: bool) -> Iterator[list[tuple[str, Address, Any, Any]]]:
    file = folder / "store.sqlite"
    found: list[tuple[str, Address, Any, Any]] = [
        ("SQLite", file, SqliteStore(file, sizes=ALWAYS), None)
    ]
    if not postgis:
        yield found
        return
    with postgis_cluster(shared_buffers="512MB", options=("synchronous_commit=on",)) as cluster:
        home = home_of(cluster.url)
        store = PostgresStore(cluster.url, sizes=ALWAYS, columns=home / "columns")
        found.append(("PostGIS", cluster.url, store, cluster))
        yield found
        store.close()


def size_of(address: Address, cluster: Cluster | None) -> float:
    if cluster is not None:
        return float(cluster.sql("SELECT pg_database_size('sitmap')")) / 1e6
    return Path(address).stat().st_size / 1e6


def report(folder: Path, asked: argparse.Namespace, *, postgis: bool) -> None:
    places = world_adm1()
    released, codes = figures_of(places, asked.figures)
    print(f"{len(released.figures):,} figures of {len(codes)} regions, {len(GROUPS)} groups, "
          f"{len(days(25))} days at most; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    paths = questions(released, places, codes, asked.asks)
    with stores(folder, postgis=postgis) as there:
        for name, address, store, cluster in there:
            edition, seconds = publish(store, released, places)
            rate = len(released.figures) / seconds
            key = f"stores-{name.lower()}"
            print()
            measure(f"{key}-publish", f"{name}: {len(released.figures):,} figures published", seconds, "s",
                    beside=f"{rate:,.0f} figures/s, {size_of(address, cluster):,.0f} MB")  # fmt: skip
            server = cluster.pid if cluster else None
            for kind, *numbers in measured(address, paths, asked.asks, server):
                first, p50, p99, each = numbers
                measure(f"{key}-{kind.replace(' ', '-')}", f"  {kind}: p99", p99, "ms", digits=1,
                        at_most=20 if cluster is None else 50,
                        beside=f"first {first:.1f}, p50 {p50:.1f}, CPU {each:.1f} ms")  # fmt: skip
            for how, what, took in scans(store, edition):
                measure(f"{key}-scan-{how}", f"  full scan, {what}", took, "s",
                        at_most=0.5 if how == "origins" else None)  # fmt: skip
            if asked.kills:
                told_killed(
                    key,
                    str(folder / "killed.sqlite") if cluster is None else cluster.url,
                    asked.kills,
                )
            some = replace(released, figures=released.figures.iloc[:_MEANWHILE])
            if asked.reads:
                told_meanwhile(key, address, some, asked.reads)
            if cluster is not None and asked.outage:
                away = read_without_database(cluster, address, some, seconds=asked.outage)
                measure(f"{key}-away", f"  reads that failed with the database away for {asked.outage:g} s",
                        away.failed, at_most=0, beside=f"of {away.answers:,}; /readyz "
                        f"{'says so' if away.told else 'SAYS NOTHING'}; ready {away.recovered:.2f} s after "
                        f"its start, a new edition answered after {away.seen:.2f} s")  # fmt: skip


def told_killed(key: str, where: str, kills: int) -> None:
    began = time.perf_counter()
    found = killed(where, kills=kills)
    measure(f"{key}-kills", f"  mixtures and losses after {kills} publishers were killed", 0,
            at_most=0, beside=f"{found.old} left the old edition, {found.new} a new one; "
            f"{found.acknowledged} acknowledged; {time.perf_counter() - began:.0f} s")  # fmt: skip


def told_meanwhile(key: str, address: Address, released: ReleasedFigures, reads: int) -> None:
    found = read_meanwhile(address, released, reads=reads)
    measure(f"{key}-torn", f"  torn of {found.answers:,} reads by 2 services while editions were published",
            found.torn, at_most=0, beside=f"{found.editions} editions of {len(released.figures):,} figures; "
            f"{found.failed} failed; p99 {found.p99:.1f} ms")  # fmt: skip
    if found.seen:
        measure(f"{key}-seen", "  a new edition is answered by the other service after, at most",
                max(*found.seen, 0.0), "s", at_most=1, digits=2,
                beside=f"median {np.median(found.seen):.2f} s")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--figures", type=int, default=300_000)
    parser.add_argument("--asks", type=int, default=60, help="questions of each kind")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--reads", type=int, default=2_000, help="while editions are published")
    parser.add_argument("--outage", type=float, default=5, metavar="SECONDS", help="of PostGIS")
    parser.add_argument("--sqlite-only", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sitmap-stores-") as home:
        os.environ["SITMAP_DATA"] = home
        try:
            report(Path(home), asked, postgis=not asked.sqlite_only)
        except PostgisMissing as missing:
            print(f"{missing}\n", file=sys.stderr)
            report(Path(home) / "alone", asked, postgis=False)


if __name__ == "__main__":
    main()
