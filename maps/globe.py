"""The locator globe: where on Earth the country lies. Seen from far above the country itself."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from maps.display import PathItem
from maps.scene import ContextArea
from maps.symbology import BOUNDARY, GLOBE_FOCUS, GLOBE_LAND, WHITE

__all__ = ["globe_items"]

_DETAIL = 0.4  # degrees; the globe is 20 mm wide
_FINE, _DOT = 0.006, 0.0003  # of the unit disc: detail and land too small to be seen
_STEP = 3.0  # degrees between points along an edge
_SPECK = 0.5  # square degrees, below which an island is not drawn
_POLYGON = shapely.GeometryType.POLYGON
_TOO_SMALL = 0.6  # mm², below which the country gets a ring to be found by


def globe_items(
    world: Iterable[ContextArea], focus: str, *, x: float, y: float, radius: float
) -> tuple[PathItem, ...]:
    """Return an orthographic globe of ``radius`` mm around (x, y), the focus country in red."""
    ours, land, place = _from_above(tuple(world), focus)
    disc = Point(x, y).buffer(radius, 64)

    def on_page(shape: BaseGeometry) -> BaseGeometry:
        """Scale from the unit disc, y up, to the page."""
        return shapely.transform(
            shape, lambda p: np.stack([x + radius * p[:, 0], y - radius * p[:, 1]], axis=1)
        )

    rest = on_page(land)
    country = on_page(place)
    items = [
        PathItem(disc, fill=WHITE, role="globe"),
        # The hairline closes the seams between countries.
        PathItem(rest, fill=GLOBE_LAND, stroke=GLOBE_LAND, stroke_width=0.15, role="globe-land"),
        PathItem(country, fill=GLOBE_FOCUS, role="globe-focus"),
    ]
    if ours and country.area < _TOO_SMALL:
        ring = Point(country.centroid).buffer(1.3, 24)
        items.append(PathItem(ring, stroke=GLOBE_FOCUS, stroke_width=0.7, role="globe-focus"))
    items.append(PathItem(disc, stroke=BOUNDARY, stroke_width=0.7, role="globe-frame"))
    return tuple(items)


@lru_cache(16)
def _from_above(
    areas: tuple[ContextArea, ...], focus: str
) -> tuple[bool, BaseGeometry, BaseGeometry]:
    """Return whether the focus is among the areas, and the rest and it on the unit disc, y up."""
    ours = [area.geometry for area in areas if area.pcode == focus or area.role == "focus"]
    rest_of_world = [
        area.geometry for area in areas if not (area.pcode == focus or area.role == "focus")
    ]
    lon0, lat0 = (0.0, 10.0)
    if ours:
        middle = shapely.centroid(shapely.union_all(ours))
        lon0, lat0 = middle.x, float(np.clip(middle.y, -60, 60))
    coarse = shapely.simplify(np.array(rest_of_world, dtype=object), _DETAIL)
    land = _seen(coarse, lon0, lat0, speck=_SPECK)
    place = shapely.union_all(_seen(np.array(ours, dtype=object), lon0, lat0, speck=0))
    return bool(ours), shapely.geometrycollections(land), place


def _seen(
    geometries: NDArray[np.object_], lon0: float, lat0: float, *, speck: float
) -> NDArray[np.object_]:
    """Return the polygons that are seen, on the unit disc; what lies beyond is pushed to the rim."""
    parts = shapely.get_parts(shapely.get_parts(geometries))
    parts = parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)]
    parts = parts[shapely.area(parts) >= speck]
    edges = shapely.segmentize(shapely.get_exterior_ring(parts), _STEP)
    lonlat, ring = shapely.get_coordinates(edges, return_index=True)
    flat, front = _orthographic(lonlat, lon0, lat0)
    seen = np.bincount(ring, front, minlength=len(parts)) > 0
    if not seen.any():
        return np.array([], dtype=object)
    keep = seen[ring]
    number = np.cumsum(seen) - 1
    shapes = shapely.polygons(shapely.linearrings(flat[keep], indices=number[ring[keep]]))
    shapes = shapely.simplify(shapes, _FINE if speck else 0)  # much lies folded along the rim
    shapes = shapes[shapely.area(shapes) > (_DOT if speck else 0)]
    folded = ~shapely.is_valid(shapes)
    shapes[folded] = shapely.make_valid(shapes[folded])
    return np.asarray(shapes, dtype=object)


def _orthographic(
    lonlat: NDArray[np.float64], lon0: float, lat0: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return positions (n, 2) on the unit disc, y up, and which lie on the near side (n,)."""
    lon, lat = np.radians(lonlat[:, 0] - lon0), np.radians(lonlat[:, 1])
    tilt = np.radians(lat0)
    x = np.cos(lat) * np.sin(lon)
    y = np.cos(tilt) * np.sin(lat) - np.sin(tilt) * np.cos(lat) * np.cos(lon)
    near = np.sin(tilt) * np.sin(lat) + np.cos(tilt) * np.cos(lat) * np.cos(lon) > 0
    rim = np.where(near, 1.0, 1 / np.maximum(np.hypot(x, y), 1e-9))
    return np.stack([x * rim, y * rim], axis=1), np.asarray(near)
