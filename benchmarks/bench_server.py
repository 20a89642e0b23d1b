"""Tiles and counts over HTTP beside tipg on PostGIS and nginx on files: same data, same tiles, one run.

Targets: spliced tiles >= 50 x tipg's requests/s at z6, >= 100 x at z3, >= 40 x at z8, and >= 1/3 of
nginx sending the same bytes from disk; a switch of the metric >= 6 x fewer bytes than baked tiles (of
what a screen shows alone >= 15 x) and >= 100 x less CPU than encoding again in PostGIS; counts p99 <= 10 ms at 8 connections with a million
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
from measure import measure
from postgis_cluster import Cluster, PostgisMissing, postgis_cluster
from served import Load, Server, load, nginx, resident, sitmap, tipg
from server_data import GROUPS, adm2_within_world, days, million, publish, two_days
from tile_sets import world_adm1

from boundaries.units import BoundarySet
from maps.tile_address import tile_bounds, tiles_covering, to_world

ROOT = Path(__file__).parents[1]
TIPG = Path(os.environ.get("SITMAP_BENCH_VENV", ROOT / "out" / "benchmarks" / "tipg"))
AT_ZOOM = {3: 37, 6: 150, 8: 150}  # tiles asked for
TIMES_TIPG = {3: 100, 6: 50, 8: 40}  # targets
EUROPE_LEVANT = {4: (-10, 15, 60, 60), 6: (22, 28, 48, 42)}  # what fills a screen, by zoom
MAP = "/tiles/maps/bench/map"
VALUES = "/api/situations/bench/values/map?form=binary"
_ROUNDS = 10  # of tiles in PostGIS, whose processes' time is told in hundredths of a second
ROWS = "/api/situations/bench/values/map?form=rows"
SAHEL = ("MLI", "NER", "BFA", "MRT", "SEN", "GIN", "CIV", "TCD", "NGA", "CMR", "SDN", "DZA")
Address = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A set of units that is served by all."""

    name: str
    places: BoundarySet
    level: int
    store: Path

    @property
    def key(self) -> str:
        """How its lines of the table begin."""
        return f"server-{self.name.lower()}"


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
    print(f"\n{case.name}: {len(case.places.codes(case.level)):,} units")
    measure(f"{case.key}-cold", f"{case.name}, the first tile of a cold service: map composed, coverage prepared",
            ours.cpu() - begun, "CPU-s", digits=1)  # fmt: skip
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
        # the southernmost units lie beyond the square that web mercator maps
        at = np.clip((world * 2**zoom).astype(int), 0, 2**zoom - 1)
        tiles = np.unique(at, axis=0)
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
            key = f"{case.key}-z{zoom}"
            measure(f"{key}-tipg", f"{case.name} z{zoom}, spliced tiles: requests/s, ours to tipg",
                    mine.per_second / theirs.per_second, "times", at_least=TIMES_TIPG[zoom],
                    beside=f"{mine.per_second:,.0f}/s, tipg {theirs.per_second:,.0f}/s")  # fmt: skip
            measure(f"{key}-nginx", "  ours to nginx sending the same bytes from disk",
                    mine.per_second / static.per_second, at_least=1 / 3, digits=2,
                    beside=f"nginx {static.per_second:,.0f}/s")  # fmt: skip
            measure(f"{key}-cpu", "  CPU a request", mine.cpu, "µs",
                    beside=f"nginx {static.cpu:.0f}, tipg {theirs.cpu:,.0f}")  # fmt: skip
            measure(f"{key}-first", "  first touch: CPU, tipg to ours", theirs.cpu / first[zoom] / 1e3,
                    "times", beside=f"ours {first[zoom]:.1f} ms")  # fmt: skip


def _told_no_failure(*loads: Load) -> None:
    for each in loads:
        if each.failed:
            print(f"  {each.failed} requests failed")


# --- a switch of the metric --------------------------------------------------------------------------


def _switch(case: Case, cluster: Cluster, ours: Server) -> None:
    """Another group over tiles that are there: what has to be sent, and what it costs the server."""
    other = "&group=REF&show=choropleth"
    begun, spent = time.perf_counter(), ours.cpu()
    sent = _sent(ours, VALUES + other, "br")
    measure(f"{case.key}-switch-first", f"{case.name}, values of a group nobody asked for before: the map is composed",
            ours.cpu() - spent, "CPU-s", beside=f"{time.perf_counter() - begun:.2f} s")  # fmt: skip
    gzipped, first = _sent(ours, VALUES + other, "gzip"), sent
    other_known = f"{other}&bases=known"
    sent = _sent(ours, VALUES + other_known, "br")
    values = load(ours, [VALUES + other_known], seconds=1, accept_encoding="br")
    few = len(case.places.codes(case.level)) <= 10_000
    _told_no_failure(values)
    as_rows = ""
    if few:  # nobody should read 80,000 rows of JSON
        rows = load(ours, [ROWS + other], seconds=1, accept_encoding="br")
        _told_no_failure(rows)
        as_rows = f"; as rows of JSON {rows.cpu:.0f} µs"
    measure(f"{case.key}-values", "  from then on: CPU a request for the values of the level", values.cpu, "µs",
            beside=f"{sent / 1e3:.1f} kB; once, with the inhabitants, {first / 1e3:.1f} kB (gzip "
                   f"{gzipped / 1e3:.1f}){as_rows}")  # fmt: skip
    for zoom, box in EUROPE_LEVANT.items():
        tiles = tiles_covering(box, zoom)[:24]
        paths = [_path(at, other) for at in tiles]
        for at in tiles:
            ours.get(_path(at, "&group=IDP&show=choropleth"))  # what was on the screen before
        before = ours.cpu_precise()
        for path in paths:
            ours.get(path)
        spliced = ours.cpu_precise() - before
        baked = sum(
            len(gzip.compress(ours.get(path, accept_encoding="identity"), 6)) for path in paths
        )
        again = load(ours, paths, seconds=1)
        part = f"{VALUES}{other_known}&bbox={_view(tiles)}"
        here = _sent(ours, part, "br")
        _told_no_failure(again, load(ours, [part], seconds=1))
        encoded = _encoded_in_postgis(case, cluster, tiles)
        key = f"{case.key}-switch-z{zoom}"
        measure(f"{key}-bytes", f"{case.name} z{zoom}, a switch: bytes of {len(tiles)} baked tiles to values of the level",
                baked / sent, "times", at_least=6 if few else None,
                beside=f"baked {baked / 1e3:,.0f} kB")  # fmt: skip
        measure(f"{key}-view", "  to values of what the screen shows", baked / here, "times", at_least=6,
                beside=f"{here / 1e3:.1f} kB")  # fmt: skip
        measure(f"{key}-cpu", "  CPU: PostGIS encoding these tiles, to values of the level",
                encoded / values.cpu * 1e6, "times", at_least=100,
                beside=f"PostGIS {encoded * 1e3:.0f} ms")  # fmt: skip
        measure(f"{key}-again", "  to tiles with the values in them, asked before",
                encoded / (again.cpu * len(tiles)) * 1e6, "times", at_least=100,
                beside=f"{again.cpu * len(tiles) / 1e3:.2f} ms")  # fmt: skip
        measure(f"{key}-spliced", "  to tiles spliced for the first time, the value table made", encoded / spliced,
                "times", beside=f"{spliced * 1e3:.1f} ms")  # fmt: skip


def _sent(ours: Server, path: str, coding: str) -> int:
    """Return how many bytes an answer has in a coding."""
    answer = httpx.get(ours.base + path, headers={"Accept-Encoding": coding}, timeout=600)
    answer.raise_for_status()
    return int(answer.headers["content-length"])


def _view(tiles: Sequence[Address]) -> str:
    """Return the box of some tiles as west,south,east,north in degrees."""
    edges = np.array([tile_bounds(*at) for at in tiles])
    west, south = edges[:, :2].min(axis=0).round(6).tolist()
    east, north = edges[:, 2:].max(axis=0).round(6).tolist()
    return f"{west},{south},{east},{north}"


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
        for _ in range(_ROUNDS):
            for at in tiles:
                db.execute(query, at)
        return (cluster.cpu() - before) / _ROUNDS


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
    print()
    measure("server-herd", f"{clients} clients on one cold tile of a cold service: encodings", encodings,
            at_most=1, beside=f"{len(bodies)} different answer(s); the last after {max(times):.1f} s")  # fmt: skip


# --- a million figures -------------------------------------------------------------------------------


def _figures(home: Path, wanted: set[str], *, rows: int) -> None:
    world = world_adm1()
    codes = [code for code in world.codes(1) if world.unit(code).iso3 in SAHEL]
    figures = million(world, codes, rows=rows)
    begun = time.process_time()
    store, edition = publish(home, world, figures, level=1)
    spent = time.process_time() - begun
    print(f"\n{len(figures):,} figures of {len(codes)} units")
    measure(
        "server-stored", "figures published for a second of the processor", len(figures) / spent
    )
    paths = [
        f"/api/situations/bench/counts?level=1&group={group}&date={day}"
        for group in GROUPS
        for day in days(25)
    ]
    # too little memory for as many answers as are asked for in turn
    with sitmap(store, SITMAP_CACHE_ENTRIES="1", SITMAP_TILE_MEMORY_MB="1") as ours:
        begun = ours.cpu()
        ours.get(paths[0])
        measure(
            "server-counts-cold", "the first answer of a cold service", ours.cpu() - begun, "CPU-s"
        )
        if "counts" in wanted:
            _told_counts("computed", "computed each time", load(ours, paths, seconds=4))
    with sitmap(store) as ours:
        ours.get(paths[0])
        if "counts" in wanted:
            load(ours, paths, seconds=2)
            _told_counts("asked", "asked before", load(ours, paths, seconds=4))
        if "ingest" in wanted:
            _ingest(home, ours, edition, rows=rows)


def _told_counts(key: str, which: str, counts: Load) -> None:
    measure(f"server-counts-{key}", f"counts, {which}, 8 connections: p99", counts.p99, "ms", at_most=10,
            beside=f"p50 {counts.p50:.1f} ms; {counts.per_second:,.0f}/s, {counts.cpu:,.0f} µs CPU each, "
                   f"{counts.failed} failed")  # fmt: skip


def _ingest(home: Path, ours: Server, old: str, *, rows: int) -> None:
    """Publish another edition while four readers ask; each answer must be of one edition alone."""
    path = f"/api/situations/bench/counts?level=1&group=IDP&date={days(1)[0]}"
    told = threading.Event()
    seen: list[tuple[str, float, float]] = []
    times: list[tuple[float, float]] = []

    def read() -> None:
        with httpx.Client(base_url=ours.base, timeout=300) as client:
            while not told.is_set():
                begun = time.perf_counter()
                answer = client.get(path)
                times.append((begun, time.perf_counter() - begun))
                document = answer.json()
                assert document["total"] == sum(row["value"] for row in document["rows"])
                seen.append((document["edition"], document["total"], time.time()))

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
        "import time\n"
        f"print(publish(Path({str(home)!r}), world, figures, level=1)[1], time.time())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    published, (new, moment) = time.perf_counter(), done.stdout.split()[-2:]
    while new not in {edition for edition, *_ in seen} and time.perf_counter() < published + 120:
        time.sleep(0.05)
    visible = min(at for edition, _, at in seen if edition == new) - float(moment)
    time.sleep(0.5)
    told.set()
    for reader in readers:
        reader.join()
    totals = {edition: {total for e, total, _ in seen if e == edition} for edition in (old, new)}
    mixed = sum(edition not in {old, new} for edition, *_ in seen)
    mixed += sum(len(each) != 1 for each in totals.values())
    during = [took * 1e3 for at, took in times if begun < at < published]
    measure("server-ingest", f"mixed answers of four readers while {rows:,} figures were published", mixed,
            at_most=0, beside=f"{len(seen):,} answers, p99 {np.percentile(during, 99):.1f} ms")  # fmt: skip
    measure(
        "server-seen",
        "  the new edition is answered after",
        max(visible, 0),
        "s",
        at_most=1,
        digits=2,
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
    print()
    measure("server-soak", f"{minutes:g} minutes of load: growth of memory", after / before - 1, "%",
            at_most=0.05, digits=1, beside=f"{before:.0f} to {after:.0f} MB")  # fmt: skip
    measure("server-soak-failed", "  requests failed", failed, at_most=0, beside=f"of {asked:,.0f}")


if __name__ == "__main__":
    main()
