"""Which polygons share ground, and how much. Overlaid in degrees as drawn; areas are of the ellipsoid.

Two drawings of one border never agree to the metre. What two polygons share only in a strip that
is nowhere as wide as the tolerance is a matter of drawing, and does not count as shared ground.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.assembly import polygons_only

__all__ = ["MAIN_SHARE", "Overlay", "area_km2", "overlay", "reaches_width"]

MAIN_SHARE = 0.5
"""A pair in which one polygon holds this share of the other belongs together."""

_TWIN_DECIMALS = 7  # about 1 cm: writers of the same polygon agree to that
_METRES_PER_DEGREE = 111_195.0  # mean Earth radius 6371.0 km; only widths are measured with it

_Polygons = NDArray[Any]


@dataclass(frozen=True)
class Overlay:
    """Pairs of polygons that share ground, in order of ``old``, then ``new``.

    Positions ``old`` and ``new`` into the two inputs, the shared ``km2``, and the shared
    ``ground`` itself (the polygon of ``new`` where the two are twins). ``twin``: one and the same
    polygon in both.
    """

    old: NDArray[np.int64]
    new: NDArray[np.int64]
    km2: NDArray[np.float64]
    twin: NDArray[np.bool_]
    ground: _Polygons


def area_km2(polygons: _Polygons) -> NDArray[np.float64]:
    """Return areas in km² of polygons in degrees, by an equal-area projection of the whole Earth.

    The projection (EPSG:6933, cylindrical, WGS 84) shows areas true everywhere and has no point
    where it breaks, so sets of any extent are measured alike. Polygons may be drawn beyond ±180.

    >>> area_km2(np.array([shapely.box(0, 0, 1, 1)])).round()
    array([12308.])
    """
    from pyproj import Transformer

    forward = Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)
    level = shapely.force_2d(np.asarray(polygons, dtype=object))
    degrees, owner = shapely.get_coordinates(level, return_index=True)
    bounds = shapely.bounds(level)
    # turned about the poles to 0°: beyond 180° the projection would go on at -180°
    degrees[:, 0] -= ((bounds[:, 0] + bounds[:, 2]) / 2)[owner]
    flat = shapely.set_coordinates(level, np.column_stack(forward.transform(*degrees.T)))
    return np.asarray(shapely.area(flat) / 1e6, dtype=np.float64)


def reaches_width(polygons: _Polygons, metres: float) -> NDArray[np.bool_]:
    """Return whether a circle of ``metres`` across fits into each polygon (given in degrees).

    >>> strip = shapely.box(0, 0, 1, 0.0005)  # 56 m wide, 111 km long
    >>> reaches_width(np.array([strip, strip]), 50).tolist(), reaches_width(np.array([strip]), 60)
    ([True, True], array([False]))
    """
    reaches = np.zeros(len(polygons), dtype=bool)
    parts, of = shapely.get_parts(polygons, return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    parts, of = parts[solid], of[solid]
    if not len(parts):
        return reaches
    bounds = shapely.bounds(parts)
    east = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2)) * _METRES_PER_DEGREE
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    local = (coordinates - bounds[owner, :2]) * np.c_[
        east[owner], np.full(len(owner), _METRES_PER_DEGREE)
    ]
    flat = shapely.set_coordinates(shapely.force_2d(parts), local)
    area, edge = shapely.area(flat), shapely.length(flat)
    # the widest circle in a polygon without holes is at least twice its area by its edge across
    sure = (2 * area >= metres * edge) & (shapely.get_num_interior_rings(flat) == 0)
    reaches[of[sure]] = True
    # a part that is smaller than the circle cannot hold it: spares most slivers the erosion
    ask = ~reaches[of] & (area >= np.pi / 4 * metres**2)
    kept = ~shapely.is_empty(shapely.buffer(flat[ask], -metres / 2, quad_segs=4))
    reaches[of[ask][kept]] = True
    return reaches


def overlay(old: _Polygons, new: _Polygons, *, tolerance_m: float) -> Overlay:
    """Return the pairs of polygons that share ground.

    Twins are found by their coordinates, and whole; only what has no twin is overlaid, and only
    where an R-tree says that two polygons meet.

    Parameters
    ----------
    old, new : array of Polygon or MultiPolygon
        In degrees. Invalid ones are mended for the purpose.
    tolerance_m : float
        Shared ground that is nowhere this wide (metres) is left out, unless it is at least
        ``MAIN_SHARE`` of one of the two.
    """
    old, new = _valid(old), _valid(new)
    twins = _twins(old, new)
    rest_old = np.setdiff1d(np.arange(len(old)), twins[:, 0])
    rest_new = np.setdiff1d(np.arange(len(new)), twins[:, 1])
    near_new, near_old = shapely.STRtree(old[rest_old]).query(new[rest_new], "intersects")
    i, j = rest_old[near_old], rest_new[near_new]
    ground = shapely.intersection(old[i], new[j])
    shared = area_km2(ground)
    smaller = np.minimum(area_km2(old)[i], area_km2(new)[j])
    counts = (shared > 0) & (shared >= MAIN_SHARE * smaller)
    doubtful = np.flatnonzero((shared > 0) & ~counts)
    counts[doubtful] = reaches_width(ground[doubtful], tolerance_m)
    pieces = polygons_only(ground[counts])
    everything = Overlay(
        old=np.r_[twins[:, 0], i[counts]],
        new=np.r_[twins[:, 1], j[counts]],
        km2=np.r_[area_km2(new[twins[:, 1]]), shared[counts]],
        twin=np.r_[np.ones(len(twins), dtype=bool), np.zeros(len(pieces), dtype=bool)],
        ground=np.r_[new[twins[:, 1]], pieces],
    )
    order = np.lexsort((everything.new, everything.old))
    return Overlay(
        everything.old[order],
        everything.new[order],
        everything.km2[order],
        everything.twin[order],
        everything.ground[order],
    )


def _valid(polygons: _Polygons) -> _Polygons:
    polygons = np.asarray(polygons, dtype=object)
    return polygons if shapely.is_valid(polygons).all() else polygons_only(polygons)


def _twins(old: _Polygons, new: _Polygons) -> NDArray[np.int64]:
    """Return the positions of polygons that are in both, shape (n, 2); each is used once."""

    def keys(polygons: _Polygons) -> list[bytes]:
        rounded = shapely.transform(
            shapely.force_2d(polygons), lambda xy: np.round(xy, _TWIN_DECIMALS) + 0.0
        )
        return list(shapely.to_wkb(shapely.normalize(rounded), byte_order=1))

    position = {key: at for at, key in reversed(list(enumerate(keys(old))))}
    pairs = []
    for at, key in enumerate(keys(new)):
        twin = position.pop(key, None)
        if twin is not None:
            pairs.append((twin, at))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)
