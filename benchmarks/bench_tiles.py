"""Tiles: first touch, whole pyramids, correctness and pictures, with the peers in the same run.

Targets: first touch of a valid tile no more CPU than PostGIS at z3 to z8 (half is the aim); the
pyramid z0 to z8 of the world's regions at most twice tippecanoe's CPU; GDAL reads every tile, no polygon
is invalid, no unit is lost from z3 on, slivers at most 41 parts per million at z3; a picture of 512 px
after a switch at least 100 times less CPU than mapnik where a palette holds it, 5 times elsewhere.

    python benchmarks/bench_tiles.py [--sets adm1,adm2] [--tiles 150] [--no-pyramid]

`benchmarks/tile_peers.py` says how to get tippecanoe and mapnik; `postgis_cluster.py` PostGIS. A peer
that is missing is named and left out. CPU is that of our process, and of the server's backend.
"""

import argparse
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyogrio
import shapely
from measure import measure
from postgis_cluster import PostgisMissing, postgis_cluster
from tile_peers import PeerMissing, PostgisTiles, mapnik_milliseconds, tippecanoe_seconds
from tile_sets import world_adm1, world_adm2

from boundaries.lines import boundary_lines
from boundaries.units import BoundarySet
from maps.mvt import geometry_tile
from maps.scene import MapLine
from maps.tile_address import EXTENT
from maps.tile_geometry import TileGeometry
from maps.tile_png import Paint, painted_tile
from maps.tile_pyramid import encode_pyramid, zoom_tiles
from service.lasting import set_apart_what_lasts

ZOOMS = (0, 3, 6, 8)
DEEPEST = 8
TURNS = 4
COUNTED = 3  # the last zoom of which every tile is searched for units that are in none
COLOURS = ("#fef1d1", "#f8c27a", "#e29656", "#c06e43", "#7d3f2a")
_THIN = 8  # grid steps: 2 CSS pixels of 512; a hole that vanishes within is a sliver

Tile = tuple[int, int, int]


def chosen(geometry: TileGeometry, zoom: int, most: int) -> list[Tile]:
    """Return tiles at the units' own points, in a fixed order; all of them where they are few."""
    at = np.unique(np.clip(geometry.points * 2**zoom, 0, 2**zoom - 1).astype(int), axis=0)
    order = np.random.default_rng(7).permutation(len(at))[:most]
    return [(zoom, int(x), int(y)) for x, y in at[order]]


def judged(tiles: list[bytes]) -> dict[str, Any]:
    """Read tiles with GDAL: how many it reads, invalid polygons, slivers, and the units of each."""
    read = invalid = features = 0
    slivers = area = 0.0
    units: list[set[str]] = []
    frame_box = (0, 0, EXTENT, EXTENT)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a tile by itself does not know its projection
        path = Path(folder) / "tile.pbf"
        for tile in tiles:
            path.write_bytes(tile)
            units.append(set())
            if not tile:
                read += 1
                continue
            try:
                frame = pyogrio.read_dataframe(path, layer="units")
            except Exception:  # noqa: S112 - whatever GDAL says, it could not read the tile
                continue
            read += 1
            shapes = np.asarray(frame.geometry.values, dtype=object)
            features += len(shapes)
            invalid += int((~shapely.is_valid(shapes)).sum())
            units[-1] = set(frame["pcode"])
            whole = shapely.union_all(shapely.clip_by_rect(shapely.make_valid(shapes), *frame_box))
            area += whole.area
            for part in shapely.get_parts(whole):
                for ring in getattr(part, "interiors", ()):
                    hole = shapely.Polygon(ring)
                    slivers += hole.area if hole.buffer(-_THIN).is_empty else 0.0
    ppm = slivers / area * 1e6 if area else 0.0
    return {"read": read, "invalid": invalid, "features": features, "ppm": ppm, "units": units}


def first_touch(name: str, places: BoundarySet, level: int, most: int, cluster: Any) -> None:
    geometry = TileGeometry.of(places, level)
    peer = PostgisTiles(cluster, name, places.at(level).sort_values("pcode")) if cluster else None
    print(f"\n{name}: {len(geometry):,} units. CPU ms per tile, first touch; nothing is cached")
    for zoom in ZOOMS if level < 2 else ZOOMS[1:]:  # at z0 most of a second level is no pixel
        tiles = chosen(geometry, zoom, most)
        start = time.process_time()
        whole = geometry.at(zoom)
        assert whole.reach.shape[1] == len(whole.tree) == len(whole.written.begin) == len(geometry)
        made_once = time.process_time() - start
        set_apart_what_lasts()  # as a serving process does
        ours, spent, made, cost = _in_turns(geometry, peer, tiles)
        mine = judged(ours)
        key = f"tiles-{name}-z{zoom}"
        its = judged(made) if peer else None
        if peer and cost:
            measure(f"{key}-first", f"{name} z{zoom}, first touch of {len(tiles)} tiles: CPU, ours to PostGIS",
                    spent / cost, at_most=1 if zoom >= 3 else None, digits=2,
                    beside=f"{spent:.2f} ms a tile, PostGIS {cost:.2f}; once a zoom {made_once:.2f} s")  # fmt: skip
        measure(
            f"{key}-read", "  tiles that GDAL does not read", len(tiles) - mine["read"], at_most=0
        )
        measure(f"{key}-invalid", "  invalid polygons", mine["invalid"], at_most=0)
        measure(f"{key}-slivers", "  slivers, parts per million of the area", mine["ppm"], digits=1,
                at_most=41 if zoom == 3 else None,
                beside=f"PostGIS {its['ppm']:.1f}" if its else "")  # fmt: skip
        if zoom <= COUNTED:  # every tile of the zoom is made for this
            seen = {unit for _, _, shapes in zoom_tiles(whole) for unit in shapes.index.tolist()}
            missing = zip(mine["units"], its["units"], strict=True) if its else ()
            lacks = sum(len(ours_has - its_has) for ours_has, its_has in missing)
            measure(f"{key}-lost", "  units in no tile of the zoom", len(geometry) - len(seen),
                    at_most=0 if zoom >= 3 else None,
                    beside=f"PostGIS lacks {lacks} that our tiles have" if its else "")  # fmt: skip
    if peer:
        peer.close()


def _in_turns(
    geometry: TileGeometry, peer: PostgisTiles | None, tiles: list[Tile]
) -> tuple[list[bytes], float, list[bytes], float]:
    """Encode tiles in turns, the peer's and ours: the tiles and the CPU ms per tile of each."""
    ours: list[bytes] = []
    made: list[bytes] = []
    mine = its = 0.0
    turns = 1 if len(tiles) < TURNS else TURNS
    for turn in range(-1, turns):
        geometry.memory.__init__()  # type: ignore[misc]  # nothing is kept
        start = time.process_time()
        ours = [geometry_tile(geometry, *tile) for tile in tiles]
        mine += (time.process_time() - start) * (
            turn >= 0
        )  # the first turn loads what there is to load
        if peer:
            made, seconds = peer.tiles(tiles)
            its += seconds * (turn >= 0)
    each = 1e3 / (turns * len(tiles))
    return ours, mine * each, made, its * each


def pyramid(name: str, places: BoundarySet, level: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        geometry = TileGeometry.of(places, level, archives=Path(folder))
        encode_pyramid(geometry, range(DEEPEST + 1))
        ours = time.process_time() - start
        size = sum(path.stat().st_size for path in Path(folder).glob("*/tiles-*"))
    print()
    try:
        theirs, its_size = tippecanoe_seconds(places.at(level), DEEPEST)
    except PeerMissing as missing:
        measure(f"tiles-{name}-pyramid", f"{name}, every tile of z0 to z{DEEPEST}", ours, "CPU-s",
                beside=str(missing))  # fmt: skip
        return
    measure(f"tiles-{name}-pyramid", f"{name}, every tile of z0 to z{DEEPEST}: CPU, ours to tippecanoe",
            ours / theirs, at_most=2, digits=2,
            beside=f"{ours:.1f} s, {size / 1e6:.1f} MB; tippecanoe {theirs:.1f} s, {its_size / 1e6:.1f} MB packed")  # fmt: skip


def pictures(name: str, places: BoundarySet, level: int, most: int) -> None:
    units = places.at(level).sort_values("pcode")
    geometry = TileGeometry.of(places, level)
    drawn = boundary_lines(units)
    lines = tuple(
        MapLine(int(rank), "coast" if rank < 0 else "agreed", shape)
        for rank, shape in zip(drawn["rank"], drawn.geometry, strict=True)
    )
    rng = np.random.default_rng(3)
    classes = rng.integers(0, len(COLOURS), len(geometry))
    table = np.array([[*bytes.fromhex(colour[1:]), 255] for colour in COLOURS], dtype=np.uint8)

    def painted(klass: Any) -> Paint:
        rgba = np.zeros((len(geometry) + 2, 4), dtype=np.uint8)
        rgba[1:-1], rgba[-1] = table[klass], (0xA8, 0xAA, 0xAD, 255)
        return Paint(SimpleNamespace(lines=lines, fills=()), rgba)  # type: ignore[arg-type]

    before, after = painted(rng.permutation(classes)), painted(classes)
    assert after.lines.key == before.lines.key
    print(f"\n{name}, pictures of 512 px after a switch of figures, CPU ms per tile")
    for zoom in ZOOMS[1:]:
        tiles = chosen(geometry, zoom, most)
        start = time.process_time()
        for tile in tiles:
            painted_tile(before, geometry, *tile, size=512)
        first = (time.process_time() - start) / len(tiles) * 1e3
        fits, spent = [], []
        for tile in tiles:
            pixels = geometry.memory.kept(("pixels", *tile, 512, after.key), _not_made)
            rounds = 20 if pixels.fits else 3
            start = time.process_time()
            for _ in range(rounds):
                painted_tile(after, geometry, *tile, size=512)
            spent.append((time.process_time() - start) / rounds * 1e3)
            fits.append(pixels.fits)
        try:
            peer = np.array(mapnik_milliseconds(units, classes.tolist(), COLOURS, tiles))
        except PeerMissing as missing:
            peer = None
            print(f"  {missing}")
        ours, fit = np.array(spent), np.array(fits)
        for key, words, which, target in (
            ("palette", "where the palette fits", fit, 100),
            ("plain", "elsewhere", ~fit, 5),
        ):
            if which.any() and peer is not None:
                measure(f"tiles-{name}-z{zoom}-{key}",
                        f"{name} z{zoom}, pictures after a switch, {words}: CPU, mapnik to ours",
                        peer[which].mean() / ours[which].mean(), "times", at_least=target,
                        beside=f"{which.sum()} of {len(fit)} tiles: {ours[which].mean():.3f} ms, mapnik "
                               f"{peer[which].mean():.1f}; pixels made once {first:.0f} ms")  # fmt: skip


def _not_made() -> Any:
    raise AssertionError("the pixels were made above")


def main() -> None:
    said = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    said.add_argument("--sets", default="adm1,adm2")
    said.add_argument("--tiles", type=int, default=150)
    said.add_argument("--pictures", type=int, default=40)
    said.add_argument("--no-pyramid", action="store_true")
    asked = said.parse_args()
    sets = {"adm1": (world_adm1, 1), "adm2": (world_adm2, 2)}
    wanted = [(name, made(), level) for name, (made, level) in sets.items() if name in asked.sets]
    try:
        with postgis_cluster() as cluster:
            for name, places, level in wanted:
                first_touch(name, places, level, asked.tiles, cluster)
    except PostgisMissing as missing:
        print(missing)
        for name, places, level in wanted:
            first_touch(name, places, level, asked.tiles, None)
    for name, places, level in wanted:
        if name == "adm1" and not asked.no_pyramid:
            pyramid(name, places, level)
        pictures(name, places, level, asked.pictures)


if __name__ == "__main__":
    main()
