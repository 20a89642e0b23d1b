"""The locator globe: where on Earth the country lies. Seen from far above the country itself."""

from collections.abc import Iterable

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
_STEP = 3.0  # degrees between points along an edge
_SPECK = 0.5  # square degrees, below which an island is not drawn
_TOO_SMALL = 0.6  # mm², below which the country gets a ring to be found by


def globe_items(
    world: Iterable[ContextArea], focus: str, *, x: float, y: float, radius: float
) -> tuple[PathItem, ...]:
    """Return an orthographic globe of ``radius`` mm around (x, y), the focus country in red."""
    areas = list(world)
    ours = [area.geometry for area in areas if area.pcode == focus or area.role == "focus"]
    disc = Point(x, y).buffer(radius, 64)
    lon0, lat0 = (0.0, 10.0)
    if ours:
        middle = shapely.centroid(shapely.union_all(ours))
        lon0, lat0 = middle.x, float(np.clip(middle.y, -60, 60))
    land = [
        _seen(area.geometry, lon0, lat0, speck=_SPECK)
        for area in areas
        if not (area.pcode == focus or area.role == "focus")
    ]
    place = shapely.union_all([_seen(geometry, lon0, lat0, speck=0) for geometry in ours])

    def on_page(shape: BaseGeometry) -> BaseGeometry:
        """Scale from the unit disc, y up, to the page."""
        return shapely.transform(
            shape, lambda p: np.stack([x + radius * p[:, 0], y - radius * p[:, 1]], axis=1)
        )

    rest = on_page(shapely.geometrycollections([part for part in land if not part.is_empty]))
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


def _seen(geometry: BaseGeometry, lon0: float, lat0: float, *, speck: float) -> BaseGeometry:
    """Return what is seen of an area on the unit disc; what lies beyond is pushed to the rim."""
    parts = []
    for polygon in shapely.get_parts(shapely.simplify(geometry, _DETAIL if speck else 0)):
        if polygon.is_empty or polygon.area < speck:
            continue
        ring = shapely.get_coordinates(shapely.segmentize(polygon.exterior, _STEP))
        flat, front = _orthographic(ring, lon0, lat0)
        if front.any():
            parts.append(shapely.make_valid(shapely.polygons(flat)))
    return shapely.union_all(parts)


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
