"""Units cut to tiles: a plain cut first, and a cut on the grid for what the plain one breaks.

A plain cut leaves fractions where a border leaves the tile. Rounding those breaks few polygons, so
that testing is far cheaper than cutting everything by snap rounding; polygons inside are not touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.mvt_encoding import polygon_stream
from maps.tile_address import EXTENT
from maps.tile_splice import UnitShapes

__all__ = ["BUFFER", "ZoomGeometry", "cut_tiles", "encoded_tiles"]

BUFFER = 64  # grid steps drawn beyond the tile's edge, so that outlines do not end at it
_TIE = 0.5 + 1e-6  # half a step goes up whatever the last digit of a cut says

Polygons = NDArray[np.object_]
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ZoomGeometry:
    """All units of a level at one zoom, in grid steps of that zoom's world, y down.

    ``polygons`` (n,) are valid Polygons or MultiPolygons with integer coordinates. A unit too small
    for the grid is one grid square at its label point: no unit is ever lost.
    """

    zoom: int
    polygons: Polygons

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return an index of the polygons."""
        return shapely.STRtree(self.polygons)

    @cached_property
    def reach(self) -> NDArray[np.float64]:
        """Return what each unit reaches to, shape (n, 4): west, low y, and minus east and high y."""
        return np.asarray(shapely.bounds(self.polygons) * (1, 1, -1, -1), dtype=np.float64)

    def within(self, x: int, y: int, *, buffer: float) -> Rows:
        """Return the units that touch a tile and a buffer, ascending."""
        west, low = x * EXTENT - buffer, y * EXTENT - buffer
        side = EXTENT + 2 * buffer
        frame = shapely.box(west, low, west + side, low + side)
        return np.sort(self.tree.query(frame, predicate="intersects"))


def cut_tiles(whole: ZoomGeometry, tiles: Sequence[tuple[int, int]]) -> tuple[list[Rows], Polygons]:
    """Cut tiles (x, y) of a zoom, each with its buffer.

    Returns
    -------
    list of arrays
        For each tile which units, ascending.
    array of Polygon or MultiPolygon, shape (n,)
        Their polygons, tile after tile, in the steps of the zoom's world: valid, with integer
        coordinates, empty where a unit only comes near.
    """
    low = np.multiply(tiles, float(EXTENT)) - BUFFER
    frames = np.hstack([low, low + (EXTENT + 2 * BUFFER)])
    if len(tiles) == 1:
        unit = whole.tree.query(shapely.box(*frames[0].tolist()))  # by bounds
        unit.sort()
        tile = np.zeros(len(unit), dtype=np.intp)
    else:
        tile, unit = whole.tree.query(shapely.box(*frames.T))
        order = np.lexsort((unit, tile))
        tile, unit = tile[order], unit[order]
    cut = whole.polygons[unit]
    reach = frames * (1, 1, -1, -1)
    crossing = (whole.reach[unit] < reach[tile]).any(axis=1).nonzero()[0]
    if len(crossing):
        plain, starts = cut[crossing], np.searchsorted(tile[crossing], np.arange(len(tiles) + 1))
        for frame, (begin, end) in zip(frames.tolist(), pairwise(starts.tolist()), strict=True):
            if begin < end:
                plain[begin:end] = shapely.clip_by_rect(plain[begin:end], *frame)
        rounded = shapely.set_coordinates(plain, np.floor(shapely.get_coordinates(plain) + _TIE))
        cut[crossing] = rounded
        sound = shapely.is_valid(rounded)
        if not sound.all():
            broken = crossing[~sound]
            boxes = shapely.box(*frames[tile[broken]].T)
            cut[broken] = _areas(
                shapely.intersection(whole.polygons[unit[broken]], boxes, grid_size=1.0)
            )
    return np.split(unit, np.searchsorted(tile, np.arange(1, len(tiles)))), cut


def _areas(shapes: Polygons) -> Polygons:
    """Return the polygons of cuts; points and lines, where a unit only touched, are no area."""
    result: Polygons = np.array(shapes, dtype=object)
    for i, shape in enumerate(result.tolist()):
        if shape.geom_type not in {"Polygon", "MultiPolygon"}:
            parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
            result[i] = shapely.MultiPolygon(parts)
    return result


def encoded_tiles(whole: ZoomGeometry, tiles: Sequence[tuple[int, int]]) -> list[UnitShapes]:
    """Cut and encode tiles (x, y) of a zoom, in the order given; many at once cost less each."""
    units, polygons = cut_tiles(whole, tiles)
    sizes = [len(unit) for unit in units]
    corner = np.multiply(tiles, EXTENT)
    if len(tiles) > 1:
        corner = np.repeat(corner, sizes, axis=0)
    commands, ends = polygon_stream(polygons, corner)
    last = np.cumsum(sizes).tolist()
    return [
        _shapes(unit, ends[end - len(unit) : end + 1], commands)
        for unit, end in zip(units, last, strict=True)
    ]


def _shapes(unit: Rows, ends: NDArray[np.int64], commands: bytes) -> UnitShapes:
    """Keep the units of a tile that have an area there; ``ends`` count in all of ``commands``."""
    begin, end = int(ends[0]), int(ends[-1])
    drawn = ends[1:] > ends[:-1]
    if not drawn.all():
        kept = np.zeros(len(unit) + 1, dtype=bool)
        kept[0], kept[1:] = True, drawn
        unit, ends = unit[drawn], ends[kept]
    return UnitShapes(unit, ends - begin, commands[begin:end])
