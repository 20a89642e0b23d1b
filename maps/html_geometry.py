"""Shapes for a page: simplified once as one network, so that a border stays one line in all of them.

Land, filled areas and boundary lines repeat each other's points. Whether a point stays is decided on
the network of all their edges, not per shape: two shapes that shared a border still share it.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["detail_for", "geojson_geometries"]

Geometry = dict[str, Any]


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
