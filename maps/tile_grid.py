"""A coverage on the integer grid of one zoom: neighbours share their edges there, and all is valid.

Rounding every point of a coverage by one rule moves both sides of a border together, so almost all
polygons only have to be rounded. Where rounding folds a polygon or flattens it, the polygon is mended
together with its neighbours: their edges are noded on the grid (snap rounding) and polygonised once,
so that no gap opens between what is mended and what is not.
"""

from collections.abc import Sequence
from threading import RLock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.tile_address import EXTENT, MAX_ZOOM

__all__ = ["Coverage", "on_grid"]

Polygons = NDArray[np.object_]
Keys = NDArray[np.int64]
Rows = NDArray[np.intp]

_TOLERANCE = 4.0  # grid steps: half a CSS pixel where a tile is 512 pixels wide
_WORTH_WHILE = 0.25  # share of points that simplifying can take away
_ONE_COVERAGE = 0.5  # more units than this cross where the source never was a coverage
_RUNGS = 3
_ROUNDS = 8  # of mending wider and wider neighbourhoods; two are nearly always enough
_ROW = 1 << 31  # a point's key is x + y * _ROW; a zoom-14 world is 2^26 steps wide


class Coverage:
    """The units of a level in world units, shape (n,), and what is simplified of them.

    Where a zoom is too coarse for the points there are, `shapely.coverage_simplify` takes points away
    from both sides of a border together. It starts from what a finer zoom, the next multiple of
    three, has left: that costs a third of starting anew, and is kept.
    """

    def __init__(self, world: Polygons) -> None:
        self.world = world
        self._rungs: dict[int, Polygons] = {}
        self._lock = RLock()

    def at(self, zoom: int) -> tuple[Polygons, bool]:
        """Return the units in steps of a zoom, not yet rounded, and whether they were simplified."""
        units = _scaled(self.world, EXTENT * 2.0**zoom)
        if zoom >= MAX_ZOOM or not _simplifying_helps(units):
            return units, False
        finer = zoom - zoom % _RUNGS + _RUNGS
        if finer < MAX_ZOOM:
            units = _scaled(self._rung(finer), EXTENT * 2.0**zoom)
        return shapely.coverage_simplify(units, _TOLERANCE), True

    def _rung(self, zoom: int) -> Polygons:
        with self._lock:
            if zoom not in self._rungs:
                units, simplified = self.at(zoom)
                back = 2.0**-zoom / EXTENT
                self._rungs[zoom] = _scaled(units, back) if simplified else self.world
            return self._rungs[zoom]


def _scaled(polygons: Polygons, by: float) -> Polygons:
    """Scale by a power of two, which is exact."""
    return np.asarray(shapely.transform(polygons, lambda xy: xy * by), dtype=object)


def on_grid(coverage: Coverage, points: NDArray[np.float64], zoom: int) -> Polygons:
    """Put a coverage on the integer grid of a zoom.

    Parameters
    ----------
    coverage : Coverage
        Of n units. Where they do not share their borders point by point, gaps and overlaps of the
        source stay; polygons are mended all the same.
    points : array of float, shape (n, 2)
        A point of each unit, in world units. A unit too small for the grid is one grid square at its
        point: none is ever lost.
    zoom : int
        The world is 4096 · 2^zoom steps wide.

    Returns
    -------
    array of Polygon or MultiPolygon, shape (n,)
        Valid, with integer coordinates; y down.

    References
    ----------
    Hobby (1999), "Practical segment intersection with finite precision output", Computational
    Geometry 13(4): snap rounding.
    """
    units, _ = coverage.at(zoom)
    rounded = _Rounded(units)
    polygons = rounded.polygons
    broken = rounded.crowded | ~shapely.is_valid(polygons)
    # Where two sides of a unit cross, the unit is invalid; where two coasts do, only comparing tells.
    crossed = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    if crossed.mean() < _ONE_COVERAGE:
        broken |= crossed
    if broken.any():
        _mend(polygons, units, rounded, broken)
    lost = shapely.is_empty(polygons)
    corner = np.floor(np.clip(points[lost], 0, 1 - 1e-9) * EXTENT * 2**zoom)
    polygons[lost] = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 1, corner[:, 1] + 1)
    return polygons


def _simplifying_helps(units: Polygons) -> bool:
    """Whether enough points span so small a triangle with their neighbours that they would go."""
    xy, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(units)), return_index=True
    )
    if len(xy) < 3:
        return False
    before, after = xy[1:-1] - xy[:-2], xy[2:] - xy[1:-1]
    twice = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
    small = (twice < 2 * _TOLERANCE**2) & (ring[2:] == ring[:-2])
    return bool(small.mean() > _WORTH_WHILE)


class _Rounded:
    """Units rounded point by point, without rings that lost their area.

    ``xy`` are all points as keys, ``unit`` (points,) whose they are; ``polygons`` (units,) may be
    invalid or empty. ``crowded`` (units,) are those that touch a ring which lost its area.
    """

    def __init__(self, units: Polygons) -> None:
        parts, unit_of_part = shapely.get_parts(units, return_index=True)
        rings, part_of_ring = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        xy = np.floor(xy + 0.5)
        moved = np.ones(len(xy), dtype=bool)
        moved[1:] = (xy[1:] != xy[:-1]).any(axis=1) | (ring[1:] != ring[:-1])
        xy, ring = xy[moved], ring[moved]
        self.xy = xy[:, 0].astype(np.int64) + xy[:, 1].astype(np.int64) * _ROW
        self.ring = ring
        self.unit = unit_of_part[part_of_ring[ring]]
        self.units = len(units)

        count = np.bincount(ring, minlength=len(rings))
        self.flat = flat = _twice_areas(xy, ring, len(rings)) == 0
        first = np.ones(len(rings), dtype=bool)
        first[1:] = part_of_ring[1:] != part_of_ring[:-1]
        gone = flat | np.isin(part_of_ring, part_of_ring[first & flat])
        self.crowded = np.zeros(len(units), dtype=bool)
        if flat.any():
            self.crowded = self._touching(flat)
        self.polygons = _assembled(
            xy[~gone[ring]],
            count[~gone],
            np.bincount(part_of_ring[~gone], minlength=len(parts)),
            np.bincount(unit_of_part, minlength=len(units)),
        )

    def _touching(self, flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which units have a point of a flat ring on a ring that is not flat."""
        on_flat = flat[self.ring]
        touching = np.zeros(self.units, dtype=bool)
        touching[self.unit[~on_flat][np.isin(self.xy[~on_flat], np.unique(self.xy[on_flat]))]] = (
            True
        )
        return touching

    def beside(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the chosen units and those that share a point with one of them."""
        shared = np.isin(self.xy, np.unique(self.xy[chosen[self.unit]]))
        wider = chosen.copy()
        wider[self.unit[shared]] = True
        return wider

    def edges(self) -> tuple[Rows, NDArray[np.uint64], Rows]:
        """Return each edge's first point, a number that both of its directions share, and its unit.

        Flat rings have none: their neighbours have the same points.
        """
        start = np.flatnonzero((self.ring[1:] == self.ring[:-1]) & ~self.flat[self.ring[1:]])
        return start, _hashed(self.xy[start], self.xy[start + 1]), self.unit[start]

    def chains(self, edges: Rows) -> Polygons:
        """Return edges, given by their first points, as lines: those in a row are one."""
        last = np.ones(len(edges), dtype=bool)
        last[:-1] = edges[1:] != edges[:-1] + 1
        chain = np.cumsum(np.concatenate([[0], last[:-1]])).astype(np.intp)
        point = np.concatenate([edges, edges[last] + 1])
        owner = np.concatenate([chain, chain[last]])
        order = np.lexsort((point, owner))
        keys = self.xy[point[order]]
        xy = np.column_stack([keys % _ROW, keys // _ROW]).astype(np.float64)
        return np.asarray(shapely.linestrings(xy, indices=owner[order]), dtype=object)


def _twice_areas(xy: NDArray[np.float64], ring: Rows, rings: int) -> NDArray[np.float64]:
    """Return twice the signed area of each closed ring; exact, since coordinates are whole."""
    first = np.searchsorted(ring, np.arange(rings))
    local = xy - xy[np.minimum(first, len(xy) - 1)][ring]  # small numbers: products stay exact
    cross = local[:-1, 0] * local[1:, 1] - local[:-1, 1] * local[1:, 0]
    same = ring[1:] == ring[:-1]
    areas = np.bincount(ring[:-1][same], weights=cross[same], minlength=rings)
    return np.asarray(areas, dtype=np.float64)


def _assembled(xy: NDArray[np.float64], points: Rows, rings: Rows, parts: Rows) -> Polygons:
    """Build polygons from flat points: points per ring, rings per part, parts per unit.

    A part without rings is left out; a unit without parts is an empty MultiPolygon.
    """
    unit_of_part = np.repeat(np.arange(len(parts)), parts)
    kept = rings > 0
    made = np.bincount(unit_of_part[kept], minlength=len(parts))
    polygons: Polygons = np.empty(len(parts), dtype=object)
    polygons[:] = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON,
        xy,
        tuple(np.concatenate([[0], np.cumsum(each)]) for each in (points, rings[kept], made)),
    )
    return polygons


# --- mending -------------------------------------------------------------------------------------


def _mend(
    polygons: Polygons, units: Polygons, rounded: _Rounded, broken: NDArray[np.bool_]
) -> None:
    """Replace broken polygons, and neighbours whose edges move with them, by noded ones.

    Each cluster of neighbours is noded by itself: many small ones take a fraction of one large. Where
    noding bends an edge that a unit outside has too, that unit, or its cluster, is taken in.
    """
    start, edge, owner = rounded.edges()
    beyond = _other_side(edge, owner)
    first = np.searchsorted(owner, np.arange(len(units) + 1))
    cluster = _clusters(polygons, rounded.beside(broken), broken)
    todo = set(np.unique(cluster[cluster >= 0]).tolist())
    for _ in range(_ROUNDS):
        grown = set()
        for number in sorted(todo):
            chosen = np.flatnonzero(cluster == number)
            runs = [np.arange(first[unit], first[unit + 1]) for unit in chosen.tolist()]
            mine = np.concatenate([*runs, np.empty(0, dtype=np.intp)])
            if not len(mine):
                continue  # taken in by another, or shrunk to points
            _, once = np.unique(edge[mine], return_index=True)
            lines = rounded.chains(start[mine[np.sort(once)]])
            noded = shapely.union_all(lines, grid_size=1.0)
            polygons[chosen] = _owned(noded, units[chosen])
            rim = mine[beyond[mine] >= 0]
            rim = rim[cluster[beyond[rim]] != number]
            bent = beyond[rim[~np.isin(edge[rim], _edges_of(noded))]]
            if len(bent):
                whole = np.isin(cluster, cluster[bent][cluster[bent] >= 0])
                cluster[whole] = cluster[bent] = number
                grown.add(number)
        todo = grown
        if not todo:
            break


def _other_side(edge: NDArray[np.uint64], owner: Rows) -> Rows:
    """Return, for each edge, the other unit that has it; -1 at a coast."""
    order = np.argsort(edge, kind="stable")
    same = np.flatnonzero(edge[order[1:]] == edge[order[:-1]])
    one, other = order[same], order[same + 1]
    beyond = np.full(len(edge), -1, dtype=np.intp)
    beyond[one], beyond[other] = owner[other], owner[one]
    beyond[beyond == owner] = -1
    return beyond


def _clusters(
    polygons: Polygons, scope: NDArray[np.bool_], broken: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Number the units that hang together by a broken one; -1 for units out of scope."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    inside, sick = np.flatnonzero(scope), np.flatnonzero(broken)
    outlines = shapely.boundary(polygons[inside])
    one, other = shapely.STRtree(outlines).query(
        shapely.boundary(polygons[sick]), predicate="intersects"
    )
    place = np.zeros(len(scope), dtype=np.intp)
    place[inside] = np.arange(len(inside))
    links = coo_array(
        (np.ones(len(one), dtype=np.int8), (place[sick[one]], other)), shape=(len(inside),) * 2
    )
    _, label = connected_components(links, directed=False)
    cluster = np.full(len(scope), -1, dtype=np.int64)
    cluster[inside] = label
    return cluster


def _edges_of(lines: Any) -> NDArray[np.uint64]:
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    key = xy[:, 0].astype(np.int64) + xy[:, 1].astype(np.int64) * _ROW
    start = np.flatnonzero(line[1:] == line[:-1])
    return _hashed(key[start], key[start + 1])


def _hashed(one: Keys, other: Keys) -> NDArray[np.uint64]:
    """Return one number per edge, in whichever direction it runs.

    Of 10^6 edges two different ones have the same number in one world of 10^7.
    """
    low, high = np.minimum(one, other).astype(np.uint64), np.maximum(one, other).astype(np.uint64)
    low = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (low >> np.uint64(29))
    high = (high * np.uint64(0xC2B2AE3D27D4EB4F)) ^ (high >> np.uint64(31))
    hashed: NDArray[np.uint64] = low * np.uint64(0x165667B19E3779F9) + high
    return hashed


def _owned(noded: Any, units: Polygons) -> Polygons:
    """Give each face that lines enclose to the unit that holds a point inside it.

    A face in no unit is a lake, the sea, or a unit that is not mended.
    """
    faces = np.asarray(
        shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object
    )
    inside = shapely.point_on_surface(faces)
    face, owner = shapely.STRtree(units).query(inside, predicate="intersects")
    face, first = np.unique(face, return_index=True)  # a point on a border would have two owners
    owner = owner[first]
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(units) + 1))
    polygons: Polygons = np.empty(len(units), dtype=object)
    for unit in range(len(units)):
        polygons[unit] = _joined(faces[face[order[starts[unit] : starts[unit + 1]]]])
    return polygons


def _joined(faces: Sequence[Any]) -> Any:
    if len(faces) > 1:
        return shapely.coverage_union_all(faces)
    return faces[0] if len(faces) else shapely.MultiPolygon()
