"""Tiles and counts over HTTP beside tipg on PostGIS and nginx on files: same data, same tiles, one run.

Targets: spliced tiles >= 50 x tipg's requests/s at z6, >= 100 x at z3, >= 40 x at z8, and >= 1/3 of
nginx sending the same bytes from disk; a switch of the metric >= 6 x fewer bytes than baked tiles and
>= 100 x less CPU than encoding again in PostGIS; counts p99 <= 10 ms at 8 connections with a million
stored figures; readers of a store that is written to see one edition or the other; 500 who ask for one
cold tile cause one encoding; under load memory grows < 5 % and nothing fails.

One worker each, 8 connections, no compression on either side but where said; the load generator shares
the processor, so trust CPU per request and ratios, not requests/s.

    python benchmarks/bench_server.py [--quick] [--only tiles,switch,counts,ingest,herd,soak]
                                      [--soak MINUTES] [--without-adm2]

Needs wrk, nginx and PostgreSQL with PostGIS (Debian: apt install wrk nginx postgresql
postgresql-15-postgis-3), psycopg, and tipg in an environment of its own: SITMAP_BENCH_VENV names it,
or `python -m venv out/benchmarks/tipg && out/benchmarks/tipg/bin/pip install tipg uvicorn` makes it.
"""

# ruff: noqa: S608 - table names put into statements are this file's own

import argparse
import asyncio
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from postgis_cluster import Cluster, PostgisMissing, postgis_cluster
from served import Load, Server, load, nginx, resident, sitmap, tipg
from server_data import GROUPS, adm2_within_world, days, million, publish, two_days
from tile_sets import world_adm1

from boundaries.units import BoundarySet
from maps.tile_address import tiles_covering, to_world

ROOT = Path(__file__).parents[1]
TIPG = Path(os.environ.get("SITMAP_BENCH_VENV", ROOT / "out" / "benchmarks" / "tipg"))
AT_ZOOM = {3: 37, 6: 150, 8: 150}  # tiles asked for
TIMES_TIPG = {3: 100, 6: 50, 8: 40}  # targets
EUROPE_LEVANT = {4: (-10, 15, 60, 60), 6: (22, 28, 48, 42)}  # what fills a screen, by zoom
MAP = "/tiles/maps/bench/map"
VALUES = "/api/situations/bench/values/map?form=binary"
SAHEL = ("MLI", "NER", "BFA", "MRT", "SEN", "GIN", "CIV", "TCD", "NGA", "CMR", "SDN", "DZA")
Address = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A set of units that is served by all."""

    name: str
    places: BoundarySet
    level: int
    store: Path


def main() -> None:
    options = _options()
    _check_programs()
    wanted = set(options.only.split(","))
    with tempfile.TemporaryDirectory(prefix="sitmap-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        cases = [_case(home / "adm1", "ADM1", world_adm1(), 1)]
        if not options.without_adm2:
            cases.append(_case(home / "adm2", "ADM2", adm2_within_world(), 2))
        if wanted & {"tiles", "switch"}:
            _against_peers(home, cases, wanted, seconds=2 if options.quick else 3)
        if "herd" in wanted:
            _herd(cases[0])
        if wanted & {"counts", "ingest"}:
            _figures(home / "million", wanted, rows=100_000 if options.quick else 1_000_000)
        if "soak" in wanted:
            _soak(cases[0], minutes=options.soak)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="shorter runs, fewer figures")
    parser.add_argument("--only", default="tiles,switch,counts,ingest,herd,soak")
    parser.add_argument("--soak", type=float, default=1.0, metavar="MINUTES")
    parser.add_argument("--without-adm2", action="store_true")
    return parser.parse_args()


def _check_programs() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed. On Debian or Ubuntu (as root): apt install wrk")
    if not Path("/usr/sbin/nginx").exists() and not shutil.which("nginx"):
        sys.exit("nginx is not installed. On Debian or Ubuntu (as root): apt install nginx")
    if not (TIPG / "bin" / "uvicorn").exists():
        print(f"making {TIPG} with tipg (SITMAP_BENCH_VENV names another)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(TIPG)], check=True)
        subprocess.run([str(TIPG / "bin" / "pip"), "install", "-q", "tipg", "uvicorn"], check=True)


def _case(folder: Path, name: str, places: BoundarySet, level: int) -> Case:
    store, _ = publish(folder, places, two_days(places, level), level=level)
    return Case(name, places, level, store)


# --- tiles -----------------------------------------------------------------------------------------


def _against_peers(home: Path, cases: Sequence[Case], wanted: set[str], *, seconds: float) -> None:
    try:
        with postgis_cluster(shared_buffers="512MB") as cluster:
            for case in cases:
                archive = {"SITMAP_TILE_ARCHIVE": str(home / f"tiles-{case.name}")}
                with sitmap(case.store, **archive) as ours:
                    first = _first_touch(case, ours)
                    _fill(cluster, case, ours)
                    if "tiles" in wanted:
                        _tiles(home, case, cluster, ours, first, seconds=seconds)
                    if "switch" in wanted:
                        _switch(case, cluster, ours)
    except PostgisMissing as error:
        sys.exit(str(error))


def _first_touch(case: Case, ours: Server) -> dict[int, float]:
    """Ask for every tile once of a service that has none; return CPU ms a tile by zoom."""
    begun = ours.cpu()
    ours.get(f"{MAP}/0/0/0.mvt")
    print(
        f"\n{case.name}: {len(case.places.codes(case.level)):,} units. The first tile of a cold "
        f"service (figures read, map composed, coverage prepared): {ours.cpu() - begun:.1f} CPU-s"
    )
    cost = {}
    for zoom, tiles in _sample(case).items():
        ours.get(_path(tiles[0]))  # the zoom's coverage is made with its first tile
        before = ours.cpu()
        for at in tiles[1:]:
            ours.get(_path(at))
        cost[zoom] = (ours.cpu() - before) / (len(tiles) - 1) * 1e3
    return cost


def _sample(case: Case) -> dict[int, list[Address]]:
    """Return tiles at the units' own places, by zoom."""
    frame = case.places.at(case.level)
    world = to_world(frame[["label_lon", "label_lat"]].to_numpy(dtype=np.float64))
    rng = np.random.default_rng(5)
    sample = {}
    for zoom, count in AT_ZOOM.items():
        tiles = np.unique((world * 2**zoom).astype(int), axis=0)
        chosen = rng.permutation(len(tiles))[:count]
        sample[zoom] = [(zoom, int(x), int(y)) for x, y in tiles[chosen]]
    return sample


def _path(at: Address, query: str = "") -> str:
    return f"{MAP}/{'/'.join(map(str, at))}.mvt?layers=units{query}"


def _fill(cluster: Cluster, case: Case, ours: Server) -> None:
    """Put the same units with the same attributes into a table of PostGIS, in web mercator."""
    import psycopg

    values = httpx.get(
        f"{ours.base}/api/situations/bench/values/map", timeout=600
    ).json()["rows"]  # fmt: skip
    shapes = case.places.at(case.level).set_index("pcode").geometry.to_crs(3857)
    table = case.name.lower()
    with psycopg.connect(cluster.url, autocommit=True) as db:
        db.execute(
            f"CREATE TABLE {table} (id serial PRIMARY KEY, pcode text, name text, value float8, "
            "state text, count float8, class int, colour text, geom geometry(Geometry, 3857))"
        )
        columns = "pcode, name, value, state, count, class, colour, geom"
        with db.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(
                    (row["pcode"], row["name"], row["value"], row["state"], row["count"],
                     row["klass"], row["colour"], shapes[row["pcode"]].wkb_hex)
                )  # fmt: skip
        db.execute(f"CREATE INDEX ON {table} USING gist (geom)")
        db.execute(f"VACUUM ANALYZE {table}")


def _tiles(
    home: Path,
    case: Case,
    cluster: Cluster,
    ours: Server,
    first: dict[int, float],
    *,
    seconds: float,
) -> None:
    sample = _sample(case)
    folder = home / f"files-{case.name}"
    for tiles in sample.values():
        for at in tiles:
            file = folder / "/".join(map(str, at))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(ours.get(_path(at), accept_encoding="identity"))
    collection = f"/collections/public.{case.name.lower()}/tiles/WebMercatorQuad"
    print(
        f"\n{case.name}     requests/s: nginx   ours   tipg | CPU us a request: nginx   ours   tipg"
        " | ours / tipg  target | ours / nginx  target"
    )
    with nginx(folder) as files, tipg(TIPG, cluster.url) as peer:
        for zoom, tiles in sample.items():
            at = ["/".join(map(str, each)) for each in tiles]
            peer.get(f"{collection}/{at[0]}")
            static = load(files, [f"/{each}" for each in at], seconds=seconds)
            mine = load(ours, [_path(each) for each in tiles], seconds=seconds)
            theirs = load(
                peer, [f"{collection}/{each}" for each in at], seconds=seconds, cpu_of=[cluster]
            )
            _told_no_failure(static, mine, theirs)
            print(
                f"  z{zoom}, spliced      {static.per_second:10,.0f} {mine.per_second:6,.0f} "
                f"{theirs.per_second:6,.1f} | {static.cpu:24.0f} {mine.cpu:6.0f} {theirs.cpu:6,.0f}"
                f" | {mine.per_second / theirs.per_second:11.0f} {f'>= {TIMES_TIPG[zoom]}':>7}"
                f" | {mine.per_second / static.per_second:12.2f}  >= 0.33"
            )
            print(
                f"  z{zoom}, first touch  {'':>37} CPU us {first[zoom] * 1e3:6,.0f} {theirs.cpu:6,.0f}"
                f" | CPU {theirs.cpu / first[zoom] / 1e3:.1f} x less than tipg"
            )


def _told_no_failure(*loads: Load) -> None:
    for each in loads:
        if each.failed:
            print(f"  {each.failed} requests failed")


# --- a switch of the metric --------------------------------------------------------------------------


def _switch(case: Case, cluster: Cluster, ours: Server) -> None:
    """Another group over tiles that are there: what has to be sent, and what it costs the server."""
    other = "&group=REF&show=choropleth"
    begun = ours.cpu()
    whole = ours.get(VALUES + other, accept_encoding="gzip")
    print(
        f"\n{case.name}, a switch to a group nobody asked for before: the map is composed once, "
        f"{ours.cpu() - begun:.2f} CPU-s; from then on"
    )
    plain = httpx.get(ours.base + VALUES + other, timeout=600)
    sent = int(plain.headers["content-length"])
    for zoom, box in EUROPE_LEVANT.items():
        tiles = tiles_covering(box, zoom)[:24]
        for at in tiles:
            ours.get(_path(at, other))
        baked = sum(
            len(gzip.compress(ours.get(_path(at, other), accept_encoding="identity"), 6))
            for at in tiles
        )
        spliced = _cpu_of(ours, [_path(at, other) for at in tiles])
        encoded = _encoded_in_postgis(case, cluster, tiles)
        values = _cpu_of(ours, [VALUES + other])
        print(
            f"  z{zoom}, {len(tiles)} tiles: values {sent / 1e3:.1f} kB beside {baked / 1e3:.0f} kB baked"
            f" = {baked / sent:.1f} x fewer (>= 6); CPU of PostGIS {encoded * 1e3:.0f} ms,"
            f" spliced {spliced * 1e3:.2f} ms = {encoded / spliced:.0f} x less (>= 100),"
            f" values {values * 1e3:.2f} ms = {encoded / values:.0f} x less"
        )
    assert whole


def _cpu_of(ours: Server, paths: Sequence[str], *, rounds: int = 20) -> float:
    """Return the CPU seconds of the server for asking for all of some paths once."""
    with httpx.Client(base_url=ours.base, headers={"Accept-Encoding": "identity"}) as client:
        before = ours.cpu()
        for _ in range(rounds):
            for path in paths:
                client.get(path)
        return max(ours.cpu() - before, 0.01) / rounds


def _encoded_in_postgis(case: Case, cluster: Cluster, tiles: Sequence[Address]) -> float:
    import psycopg

    query = (
        f"WITH b AS (SELECT ST_TileEnvelope(%s, %s, %s) AS e) SELECT ST_AsMVT(t, 'units', 4096, 'g')"
        " FROM (SELECT id, pcode, name, value, state, count, class, colour,"
        " ST_AsMVTGeom(geom, b.e, 4096, 64, true) AS g"
        f" FROM {case.name.lower()}, b WHERE geom && ST_Expand(b.e, (ST_XMax(b.e) - ST_XMin(b.e)) / 64)) t"
    )
    with psycopg.connect(cluster.url, autocommit=True) as db:
        for at in tiles:
            db.execute(query, at)
        before = cluster.cpu()
        for at in tiles:
            db.execute(query, at)
        return cluster.cpu() - before


# --- one cold tile -----------------------------------------------------------------------------------


def _herd(case: Case, clients: int = 500) -> None:
    with sitmap(case.store, SITMAP_TILE_ARCHIVE="") as ours:

        async def all_at_once() -> tuple[set[bytes], list[float]]:
            limits = httpx.Limits(max_connections=clients)
            times = []
            async with httpx.AsyncClient(limits=limits, timeout=300) as client:

                async def one() -> bytes:
                    begun = time.perf_counter()
                    answer = await client.get(f"{ours.base}{MAP}/3/4/3.mvt")
                    times.append(time.perf_counter() - begun)
                    answer.raise_for_status()
                    return answer.content

                return set(await asyncio.gather(*(one() for _ in range(clients)))), times

        bodies, times = asyncio.run(all_at_once())
        numbers = ours.get("/metrics").decode()
    made = re.search(r"^sitmap_tiles_encoded_total (\S+)", numbers, re.MULTILINE)
    encodings = float(made[1]) if made else float("nan")
    print(
        f"\n{clients} clients on one cold tile of a cold service: {encodings:.0f} made (target 1), "
        f"{len(bodies)} different answer(s); the last had it after {max(times):.1f} s"
    )


# --- a million figures -------------------------------------------------------------------------------


def _figures(home: Path, wanted: set[str], *, rows: int) -> None:
    world = world_adm1()
    codes = [code for code in world.codes(1) if world.unit(code).iso3 in SAHEL]
    figures = million(world, codes, rows=rows)
    begun = time.process_time()
    store, edition = publish(home, world, figures, level=1)
    spent = time.process_time() - begun
    print(
        f"\n{len(figures):,} figures of {len(codes)} units stored: {len(figures) / spent:,.0f} a CPU-s"
    )
    paths = [
        f"/api/situations/bench/counts?level=1&group={group}&date={day}"
        for group in GROUPS
        for day in days(25)
    ]
    with sitmap(store, SITMAP_CACHE_ENTRIES="1") as ours:
        begun = ours.cpu()
        ours.get(paths[0])
        print(f"  the first answer of a cold service: {ours.cpu() - begun:.1f} CPU-s")
        if "counts" in wanted:
            _told_counts("computed each time", load(ours, paths, seconds=4))
    with sitmap(store) as ours:
        ours.get(paths[0])
        if "counts" in wanted:
            load(ours, paths, seconds=2)
            _told_counts("asked before", load(ours, paths, seconds=4))
        if "ingest" in wanted:
            _ingest(home, ours, edition, rows=rows)


def _told_counts(which: str, counts: Load) -> None:
    print(
        f"  counts, {which}: {counts.per_second:,.0f}/s, {counts.cpu:,.0f} us CPU each, "
        f"p50 {counts.p50:.1f} ms, p99 {counts.p99:.1f} ms (<= 10), {counts.failed} failed"
    )


def _ingest(home: Path, ours: Server, old: str, *, rows: int) -> None:
    """Publish another edition while four readers ask; each answer must be of one edition alone."""
    path = f"/api/situations/bench/counts?level=1&group=IDP&date={days(1)[0]}"
    told = threading.Event()
    seen: list[tuple[str, float]] = []
    times: list[tuple[float, float]] = []

    def read() -> None:
        with httpx.Client(base_url=ours.base, timeout=300) as client:
            while not told.is_set():
                begun = time.perf_counter()
                answer = client.get(path)
                times.append((begun, time.perf_counter() - begun))
                document = answer.json()
                assert document["total"] == sum(row["value"] for row in document["rows"])
                seen.append((document["edition"], document["total"]))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    time.sleep(1)
    begun = time.perf_counter()
    script = (
        "import sys; sys.path.insert(0, 'benchmarks')\n"
        "from pathlib import Path; from server_data import *; from tile_sets import world_adm1\n"
        f"world = world_adm1(); codes = [c for c in world.codes(1) if world.unit(c).iso3 in {SAHEL}]\n"
        f"figures = million(world, codes, rows={rows}, factor=2)\n"
        f"print(publish(Path({str(home)!r}), world, figures, level=1)[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    published, new = time.perf_counter(), done.stdout.split()[-1]
    while new not in {edition for edition, _ in seen} and time.perf_counter() < published + 120:
        time.sleep(0.05)
    visible = time.perf_counter() - published
    time.sleep(0.5)
    told.set()
    for reader in readers:
        reader.join()
    totals = {edition: {total for e, total in seen if e == edition} for edition in (old, new)}
    mixed = sum(edition not in {old, new} for edition, _ in seen)
    mixed += sum(len(each) != 1 for each in totals.values())
    during = [took * 1e3 for at, took in times if begun < at < published]
    print(
        f"  an ingest of {rows:,} figures beside four readers: {len(seen):,} answers, {mixed} mixed "
        f"(target 0); while it ran p99 {np.percentile(during, 99):.1f} ms; the new edition was "
        f"answered {visible:.1f} s after it was published"
    )


# --- load for a while --------------------------------------------------------------------------------


def _soak(case: Case, *, minutes: float) -> None:
    with sitmap(case.store, SITMAP_TILE_ARCHIVE="") as ours:
        paths = [_path(at) for tiles in _sample(case).values() for at in tiles]
        paths += [path.replace(".mvt?layers=units", ".png") for path in paths[:40]]
        paths += ["/api/situations/bench/counts?level=1&group=IDP&limit=200", "/readyz", VALUES]
        for path in paths:
            ours.get(path)
        load(ours, paths, seconds=5)
        before, failed, asked = resident(ours), 0, 0.0
        for _ in range(max(1, round(minutes * 60 / 10))):
            part = load(ours, paths, seconds=10)
            failed, asked = failed + part.failed, asked + part.per_second * 10
        after = resident(ours)
    print(
        f"\n{minutes:g} minutes of load, {asked:,.0f} requests: memory {before:.0f} -> {after:.0f} MB, "
        f"{after / before - 1:+.1%} (< +5 %), {failed} failed (target 0)"
    )


if __name__ == "__main__":
    main()
