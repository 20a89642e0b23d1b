"""From degrees to millimetres on the page. Scale is what the ground says at the map's centre."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.display import Box

__all__ = ["MapFrame", "fit_frame", "projected_size"]

_EDGE_POINTS = 33  # a parallel is curved on the page: sample the edges of a bounding box
_TOLERANCE = 0.04  # mm; detail finer than a tenth of a hairline is left out


@dataclass(frozen=True, eq=False)
class MapFrame:
    """A projection placed on the page: ``box`` is what is drawn, ``room`` what is kept free for
    the content, ``centre`` (projected metres) lies in the middle of ``room``, and one millimetre
    is ``metres`` projected metres."""

    projection: str
    box: Box
    room: Box
    centre: tuple[float, float]
    metres: float

    @cached_property
    def _transformer(self) -> Any:
        return _transformer(self.projection)

    def points(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return page positions (n, 2) in mm of longitudes and latitudes (n, 2) in degrees."""
        lonlat = np.asarray(lonlat, dtype=float).reshape(-1, 2)
        x, y = self._transformer.transform(lonlat[:, 0], lonlat[:, 1])
        middle_x, middle_y = _middle(self.room)
        return np.stack(
            [
                middle_x + (np.asarray(x) - self.centre[0]) / self.metres,
                middle_y - (np.asarray(y) - self.centre[1]) / self.metres,
            ],
            axis=1,
        )

    def degrees(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return longitudes and latitudes (n, 2) of page positions (n, 2) in mm."""
        middle_x, middle_y = _middle(self.room)
        x = self.centre[0] + (points[:, 0] - middle_x) * self.metres
        y = self.centre[1] - (points[:, 1] - middle_y) * self.metres
        lon, lat = self._transformer.transform(x, y, direction="INVERSE")
        return np.stack([np.asarray(lon), np.asarray(lat)], axis=1)

    @cached_property
    def window(self) -> Box:
        """Degrees (west, south, east, north) that hold all that the frame shows, with a margin."""
        seen = self.degrees(_outline(self.box))
        seen = seen[np.isfinite(seen).all(1)]
        west, south = seen.min(0) - 1
        east, north = seen.max(0) + 1
        return (float(west), float(south), float(east), float(north))

    def shape(self, geometry: BaseGeometry, *, clip: bool = True) -> BaseGeometry:
        """Return a geometry on the page: simplified below what print shows, cut at the frame."""
        near = shapely.clip_by_rect(geometry, *self.window) if clip else geometry
        page = shapely.transform(near, self.points)
        # Areas must stay areas; a coast of ten thousand islands has no topology worth its time.
        areal = "Polygon" in page.geom_type
        page = shapely.simplify(page, _TOLERANCE, preserve_topology=areal)
        if clip:
            page = shapely.clip_by_rect(shapely.make_valid(page), *self.box)
        return page

    @cached_property
    def ground_per_mm(self) -> float:
        """Metres on the ground per millimetre of paper, measured across the map's centre."""
        from pyproj import Geod

        middle_x, middle_y = _middle(self.box)
        (lon0, lat0), (lon1, lat1) = self.degrees(
            np.array([[middle_x - 5, middle_y], [middle_x + 5, middle_y]])
        )
        return float(Geod(ellps="WGS84").inv(lon0, lat0, lon1, lat1)[2]) / 10


def _transformer(projection: str) -> Any:
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", projection, always_xy=True)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _outline(box: Box) -> NDArray[np.float64]:
    """Return points along the edges of a box (n, 2)."""
    x0, y0, x1, y1 = box
    x, y = np.linspace(x0, x1, _EDGE_POINTS), np.linspace(y0, y1, _EDGE_POINTS)
    sides = [(x, y * 0 + y0), (x, y * 0 + y1), (x * 0 + x0, y), (x * 0 + x1, y)]
    return np.concatenate([np.stack(side, axis=1) for side in sides])


def _extent(projection: str, bbox: Box) -> Box:
    outline = _outline(bbox)
    x, y = _transformer(projection).transform(outline[:, 0], outline[:, 1])
    return (float(np.min(x)), float(np.min(y)), float(np.max(x)), float(np.max(y)))


def projected_size(projection: str, bbox: Box) -> tuple[float, float]:
    """Return width and height in metres of a bounding box in degrees, as projected."""
    x0, y0, x1, y1 = _extent(projection, bbox)
    return x1 - x0, y1 - y0


def fit_frame(projection: str, bbox: Box, *, box: Box, room: Box) -> MapFrame:
    """Place a bounding box in degrees as large as it fits into ``room``, within the frame ``box``.

    >>> frame = fit_frame("+proj=laea +lat_0=0 +lon_0=0", (-5, -5, 5, 5),
    ...                   box=(0, 0, 100, 100), room=(0, 0, 100, 100))
    >>> frame.points(np.array([[0.0, 0.0]])).round(6).tolist()
    [[50.0, 50.0]]
    """
    x0, y0, x1, y1 = _extent(projection, bbox)
    metres = max((x1 - x0) / (room[2] - room[0]), (y1 - y0) / (room[3] - room[1]))
    return MapFrame(projection, box, room, ((x0 + x1) / 2, (y0 + y1) / 2), metres)
