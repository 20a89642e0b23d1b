"""Shapes for a page: simplified once as one network, and each stretch of border written once.

Land, filled areas and boundary lines repeat each other's points. Whether a point stays is decided on
the network of all their edges, not per shape: two shapes that shared a border still share it, and the
page holds the stretch between two junctions (an arc) once, as steps from point to point.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["Arcs", "detail_for", "encoded_steps", "geojson_geometries"]

Geometry = dict[str, Any]
Point = tuple[int, int]
Chain = tuple[Point, ...]


def detail_for(
    bbox: tuple[float, float, float, float], *, width: float = 900.0
) -> tuple[float, int]:
    """Return (tolerance in degrees, decimals) for a box shown ``width`` CSS pixels wide.

    Half a pixel at that size: the next steps of zooming in still look smooth, and a page with its
    neighbours' borders stays small enough for a bad line.

    >>> detail_for((-12.0, 10.0, 6.0, 25.0))
    (0.01, 3)
    """
    west, _, east, _ = bbox
    tolerance = max(east - west, 1e-3) / width / 2
    return tolerance, min(max(math.ceil(-math.log10(tolerance)) + 1, 2), 5)


def geojson_geometries(
    shapes: Sequence[BaseGeometry], *, tolerance: float, decimals: int
) -> list[Geometry | None]:
    """Simplify polygons and lines together; None where nothing that can be drawn is left.

    The largest part of a polygon is always kept, small islands go where the tolerance swallows
    them. Coordinates are degrees, rounded to ``decimals``.
    """
    if not len(shapes):
        return []
    kept = _kept_points(np.array(shapes, dtype=object), tolerance)
    return [_geometry(shape, kept, decimals) for shape in shapes]


def _kept_points(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.complex128]:
    """Return the points that stay, as complex numbers, ascending."""
    chains = _chains(shapes)
    xy, chain = shapely.get_coordinates(chains, return_index=True)
    edge = np.flatnonzero((chain[1:] == chain[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    ends = np.sort(_points(np.stack([xy[edge], xy[edge + 1]], axis=1)), axis=1)
    once = np.unique(ends, axis=0)
    edges = shapely.linestrings(np.stack([once.real, once.imag], axis=2))
    arcs = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges)))
    simple = shapely.simplify(arcs, tolerance, preserve_topology=False)
    return np.unique(_points(shapely.get_coordinates(simple)))


def _chains(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    parts = shapely.get_parts(shapes)
    areas = shapely.get_dimensions(parts) == 2
    return np.concatenate([shapely.get_rings(parts[areas]), parts[~areas]])


def _points(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(xy[..., 0] + 1j * xy[..., 1])


def _geometry(shape: BaseGeometry, kept: NDArray[np.complex128], decimals: int) -> Geometry | None:
    parts = shapely.get_parts(shape)
    if not len(parts):
        return None
    if shapely.get_dimensions(shape) == 2:
        polygons = []
        largest = max(parts, key=lambda part: float(part.area))
        for part in parts:
            exterior = _thinned(part.exterior, kept, decimals)
            if len(exterior) < 4 and part is largest:
                exterior = part.exterior.coords.__array__().round(decimals + 1).tolist()
            if len(exterior) >= 4:
                holes = [_thinned(hole, kept, decimals) for hole in part.interiors]
                polygons.append([exterior, *(hole for hole in holes if len(hole) >= 4)])
        return {"type": "MultiPolygon", "coordinates": polygons} if polygons else None
    lines = [_thinned(part, kept, decimals) for part in parts if part.geom_type == "LineString"]
    lines = [line for line in lines if len(line) >= 2]
    return {"type": "MultiLineString", "coordinates": lines} if lines else None


def _thinned(chain: BaseGeometry, kept: NDArray[np.complex128], decimals: int) -> list[list[float]]:
    """Return the kept points of a ring or line; a ring stays closed."""
    xy = shapely.get_coordinates(chain)
    points = _points(xy)
    stays = kept[np.searchsorted(kept, points).clip(max=len(kept) - 1)] == points
    closed = bool(points[0] == points[-1])
    thin = xy[stays].round(decimals)
    new = np.ones(len(thin), dtype=bool)
    new[1:] = (thin[1:] != thin[:-1]).any(axis=1)
    thin = thin[new]
    if closed and len(thin) > 2 and (thin[0] != thin[-1]).any():
        thin = np.vstack([thin, thin[:1]])
    coordinates: list[list[float]] = thin.tolist()
    return coordinates


# --- each stretch once ----------------------------------------------------------------------------


class Arcs:
    """Geometries rewritten as numbers of arcs, as TopoJSON does; -1 - n is arc n backwards.

    An arc runs from junction to junction, so that what two shapes share is the same arc in both.
    ``decimals`` is the grid all coordinates are put on.

    Examples
    --------
    >>> west = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    >>> east = {"type": "Polygon", "coordinates": [[[1, 0], [2, 0], [1, 1], [1, 0]]]}
    >>> arcs = Arcs([west, east], decimals=0)
    >>> [shape["coordinates"] for shape in arcs.geometries]
    [[[0, 1]], [[2, -1]]]
    """

    def __init__(self, geometries: Iterable[Geometry | None], *, decimals: int) -> None:
        self._scale = 10**decimals
        self._number: dict[Chain, int] = {}
        shapes = list(geometries)
        chains = [chain for shape in shapes if shape for chain in _chains_of(shape["coordinates"])]
        self._junctions = _junctions(self._points(chain) for chain in chains)
        self.geometries: list[Geometry | None] = [
            shape and {**shape, "coordinates": self._numbered(shape["coordinates"])}
            for shape in shapes
        ]

    def encoded(self) -> list[str]:
        """Return the arcs as text, in the order of their numbers; see `encoded_steps`."""
        return [encoded_steps(arc) for arc in self._number]

    def _points(self, chain: Sequence[Sequence[float]]) -> list[Point]:
        points = [(round(x * self._scale), round(y * self._scale)) for x, y in chain]
        return [points[0], *(new for old, new in pairwise(points) if new != old)]

    def _numbered(self, coordinates: Any) -> list[Any]:
        if not _is_chain(coordinates):
            return [self._numbered(part) for part in coordinates]
        return [self._arc(tuple(arc)) for arc in self._split(self._points(coordinates))]

    def _split(self, points: list[Point]) -> list[list[Point]]:
        inner = range(1, len(points) - 1)
        closed = points[0] == points[-1]
        if closed and points[0] not in self._junctions:
            # a ring may begin anywhere: at a junction, or at the same point in every shape
            there = [i for i in inner if points[i] in self._junctions]
            start = there[0] if there else points.index(min(points))
            points = [*points[start:-1], *points[: start + 1]]
        cuts = [i for i in range(1, len(points) - 1) if points[i] in self._junctions]
        return [points[first : last + 1] for first, last in pairwise([0, *cuts, len(points) - 1])]

    def _arc(self, arc: Chain) -> int:
        backwards = arc[::-1]
        if backwards in self._number and backwards != arc:
            return -1 - self._number[backwards]
        return self._number.setdefault(arc, len(self._number))


def encoded_steps(points: Sequence[Point]) -> str:
    """Write points as text: the first, then the steps, each number in groups of five bits.

    References
    ----------
    Google's Encoded Polyline Algorithm Format, with x before y and no scaling.

    Examples
    --------
    >>> encoded_steps([(0, 0), (1, -1), (40, 200)])
    '??A@mAqK'
    """
    steps = [points[0], *((x - a, y - b) for (a, b), (x, y) in pairwise(points))]
    return "".join(_letters(number) for step in steps for number in step)


def _letters(number: int) -> str:
    rest = number << 1 if number >= 0 else ~(number << 1)
    letters = ""
    while rest >= 32:
        letters += chr((rest & 31 | 32) + 63)
        rest >>= 5
    return letters + chr(rest + 63)


def _is_chain(coordinates: Any) -> bool:
    return not isinstance(coordinates[0][0], list)


def _chains_of(coordinates: Any) -> Iterable[Any]:
    if _is_chain(coordinates):
        yield coordinates
    else:
        for part in coordinates:
            yield from _chains_of(part)


def _junctions(chains: Iterable[list[Point]]) -> set[Point]:
    """Return the points where arcs end: where more than two ways meet, and where a line ends."""
    beside: dict[Point, set[Point]] = {}
    ends: set[Point] = set()
    for chain in chains:
        for one, other in pairwise(chain):
            beside.setdefault(one, set()).add(other)
            beside.setdefault(other, set()).add(one)
        if chain[0] != chain[-1]:
            ends |= {chain[0], chain[-1]}
    return ends | {point for point, near in beside.items() if len(near) > 2}
