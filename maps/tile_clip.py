"""Units cut to tiles: a plain cut first, and a cut on the grid for what the plain one breaks.

A plain cut leaves fractions where a border leaves the tile. Rounding those breaks few polygons, so
that testing is far cheaper than cutting everything by snap rounding; polygons inside are not touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.mvt_encoding import polygon_commands
from maps.tile_address import EXTENT
from maps.tile_splice import UnitShapes
from maps.tile_written import WrittenUnits

__all__ = ["BUFFER", "ZoomGeometry", "cut_tiles", "encoded_tile", "encoded_tiles"]

BUFFER = 64  # grid steps drawn beyond the tile's edge, so that outlines do not end at it
_SIDE = EXTENT + 2 * BUFFER
_TIE = 0.5 + 1e-6  # half a step goes up whatever the last digit of a cut says

Polygons = NDArray[np.object_]
Rows = NDArray[np.intp]
Frame = tuple[float, float, float, float]


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
    def written(self) -> WrittenUnits:
        """Return the units, encoded."""
        return WrittenUnits.of(self.polygons)

    @cached_property
    def reach(self) -> NDArray[np.float64]:
        """Return what each unit reaches to, shape (4, n): west, low y, and minus east and high y."""
        return np.ascontiguousarray((shapely.bounds(self.polygons) * (1, 1, -1, -1)).T)

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
    near = _near(whole, tiles)
    polygons = whole.polygons[near.unit]
    polygons[near.crossing] = _cut(whole, near)
    return np.split(near.unit, near.ends[:-1]), polygons


class _Near(NamedTuple):
    """Units near tiles, tile after tile; ``ends`` (tiles,) says where each tile's end.

    ``crossing`` are the places of those that reach beyond their frame; ``bounds`` (tiles + 1,) cuts these
    into tiles. ``frames`` (tiles) are west, low y, east, high y.
    """

    unit: Rows
    ends: Rows
    crossing: Rows
    bounds: list[int]
    frames: list[Frame]


def _near(whole: ZoomGeometry, tiles: Sequence[tuple[int, int]]) -> _Near:
    frames = [_frame(x, y) for x, y in tiles]
    edges = np.array(frames)
    tile, unit = whole.tree.query(shapely.box(*edges.T))  # by bounds
    order = np.lexsort((unit, tile))
    tile, unit = tile[order], unit[order]
    beyond = whole.reach[:, unit] < (edges * (1, 1, -1, -1)).T[:, tile]
    crossing = np.flatnonzero(beyond.any(axis=0))
    number = np.arange(len(tiles) + 1)
    ends = np.searchsorted(tile, number[1:])
    return _Near(unit, ends, crossing, np.searchsorted(tile[crossing], number).tolist(), frames)


def _frame(x: int, y: int) -> Frame:
    west, low = float(x * EXTENT - BUFFER), float(y * EXTENT - BUFFER)
    return west, low, west + _SIDE, low + _SIDE


def _cut(whole: ZoomGeometry, near: _Near) -> Polygons:
    """Cut the units that reach beyond their frame."""
    units = near.unit[near.crossing]
    cut = whole.polygons[units]
    if not len(cut):
        return cut
    for frame, (begin, end) in zip(near.frames, pairwise(near.bounds), strict=True):
        if begin < end:
            cut[begin:end] = shapely.clip_by_rect(cut[begin:end], *frame)
    sound = _rounded(cut)
    if not sound.all():
        for frame, (begin, end) in zip(near.frames, pairwise(near.bounds), strict=True):
            broken = begin + (~sound[begin:end]).nonzero()[0]
            if len(broken):
                cut[broken] = _cut_on_grid(whole.polygons[units[broken]], frame)
    return cut


def _rounded(cut: Polygons) -> NDArray[np.bool_]:
    """Round plain cuts in place; returns which of them are valid polygons after it."""
    shapely.set_coordinates(cut, np.floor(shapely.get_coordinates(cut) + _TIE))
    return np.asarray(shapely.is_valid(cut))


def _cut_on_grid(polygons: Polygons, frame: Frame) -> Polygons:
    """Cut by snap rounding what a plain cut and rounding break."""
    return _areas(
        shapely.intersection(_around(polygons, frame), shapely.box(*frame), grid_size=1.0)
    )


def _around(polygons: Polygons, frame: Frame) -> Polygons:
    """Return valid polygons that are the same within a frame, and small: a cut costs by the points it reads.

    A plain cut may touch itself at its own edge; there the whole polygon is read.
    """
    west, low, east, high = frame
    near = shapely.clip_by_rect(polygons, west - BUFFER, low - BUFFER, east + BUFFER, high + BUFFER)
    return np.where(shapely.is_valid(near), near, polygons)


def _areas(shapes: Polygons) -> Polygons:
    """Return the polygons of cuts; points and lines, where a unit only touched, are no area."""
    result: Polygons = np.array(shapes, dtype=object)
    for i, shape in enumerate(result.tolist()):
        if shape.geom_type not in {"Polygon", "MultiPolygon"}:
            parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
            result[i] = shapely.MultiPolygon(parts)
    return result


def encoded_tile(whole: ZoomGeometry, x: int, y: int) -> UnitShapes:
    """Cut and encode one tile of a zoom. Most hold few units, so that few calls are what counts.

    Units inside the tile are copied as they were written for the zoom; the others are cut.
    """
    west, low, east, high = frame = _frame(x, y)
    unit = whole.tree.query(shapely.box(west, low, east, high))  # by bounds
    unit.sort()
    reach = zip(*whole.reach[:, unit].tolist(), strict=True)
    crosses = [a < west or b < low or c < -east or d < -high for a, b, c, d in reach]
    corner = np.array([[x * EXTENT, y * EXTENT]])
    if all(crosses):
        unit, cut = _cut_one(whole, unit, frame)
        return _shapes(unit, polygon_commands(cut, corner))
    if not any(crosses):
        return _shapes(unit, whole.written.commands(unit, corner))
    crossing = np.array(crosses)
    inside = unit[~crossing]
    cut_unit, cut = _cut_one(whole, unit[crossing], frame)
    blobs = dict(zip(inside.tolist(), whole.written.commands(inside, corner), strict=True))
    blobs.update(zip(cut_unit.tolist(), polygon_commands(cut, corner), strict=True))
    drawn = sorted(blobs)
    return _shapes(np.array(drawn), [blobs[each] for each in drawn])


def _cut_one(whole: ZoomGeometry, unit: Rows, frame: Frame) -> tuple[Rows, Polygons]:
    """Cut units to one frame; leaves out those that only come near."""
    cut = shapely.clip_by_rect(whole.polygons[unit], *frame)
    points = shapely.get_num_coordinates(cut)
    if np.count_nonzero(points) < len(points):
        drawn = points.nonzero()[0]
        unit, cut = unit[drawn], cut[drawn]
    sound = _rounded(cut)
    if not sound.all():
        broken = (~sound).nonzero()[0]
        cut[broken] = _cut_on_grid(whole.polygons[unit[broken]], frame)
    return unit, cut


def encoded_tiles(whole: ZoomGeometry, tiles: Sequence[tuple[int, int]]) -> list[UnitShapes]:
    """Cut and encode tiles (x, y) of a zoom, in the order given; many at once cost less each.

    The tiles are those of `encoded_tile`.
    """
    near = _near(whole, tiles)
    crossing = near.crossing
    inside = np.ones(len(near.unit), dtype=bool)
    inside[crossing] = False
    at_inside = inside.nonzero()[0]
    tile = np.searchsorted(near.ends, np.arange(len(near.unit)), side="right")
    corner = np.multiply(tiles, EXTENT)[tile]
    blobs = [b""] * len(near.unit)
    for place, blob in zip(
        at_inside.tolist(),
        whole.written.commands(near.unit[at_inside], corner[at_inside]),
        strict=True,
    ):
        blobs[place] = blob
    for place, blob in zip(
        crossing.tolist(), polygon_commands(_cut(whole, near), corner[crossing]), strict=True
    ):
        blobs[place] = blob
    return [
        _shapes(near.unit[begin:end], blobs[begin:end])
        for begin, end in pairwise([0, *near.ends.tolist()])
    ]


def _shapes(unit: Rows, blobs: list[bytes]) -> UnitShapes:
    """Keep the units of a tile that have an area there."""
    if not all(blobs):
        unit = unit[[bool(blob) for blob in blobs]]
        blobs = [blob for blob in blobs if blob]
    return UnitShapes(unit, np.array([0, *accumulate(map(len, blobs))]), b"".join(blobs))
