"""Where a tile lies. Tiles count from the north-west corner of the web-mercator square, y downwards.

Positions are *world units*: the square is 0…1 in both directions, x from west, y from north.
A tile at zoom z is 1/2^z of it; its inside is a grid of `EXTENT` × `EXTENT` steps.
"""

import math

import numpy as np
from numpy.typing import NDArray

from maps.errors import MapError

__all__ = [
    "EXTENT",
    "MAX_ZOOM",
    "NoSuchTile",
    "check_tile",
    "from_world",
    "home_zoom",
    "metres_per_pixel",
    "tile_bounds",
    "tiles_covering",
    "to_world",
]

EXTENT = 4096
MAX_ZOOM = 14
_MAX_LATITUDE = 85.0511287798066  # where the square ends: atan(sinh(pi))
_EARTH_RADIUS = 6378137.0  # web mercator's sphere, metres


class NoSuchTile(MapError):
    """A tile address outside the world, or deeper than tiles are made."""

    code = "no-such-tile"

    def __init__(self, z: int, x: int, y: int, *, max_zoom: int) -> None:
        self.z, self.x, self.y, self.max_zoom = z, x, y, max_zoom
        super().__init__(
            f"there is no tile {z}/{x}/{y}: expected a zoom of 0 to {max_zoom}, and x and y from 0 "
            "to 2^zoom - 1. Ask for a tile inside the world."
        )


def check_tile(z: int, x: int, y: int, *, max_zoom: int = MAX_ZOOM) -> None:
    """Raise `NoSuchTile` unless z/x/y is a tile of the world at a zoom that is made.

    >>> check_tile(1, 1, 0)
    >>> check_tile(1, 2, 0)
    Traceback (most recent call last):
    maps.tile_address.NoSuchTile: there is no tile 1/2/0: expected a zoom of 0 to 14, ...
    """
    if not 0 <= z <= max_zoom or not (0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NoSuchTile(z, x, y, max_zoom=max_zoom)


def to_world(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project degrees, shape (n, 2), to world units; latitudes beyond the square lie on its edge.

    >>> to_world(np.array([[0.0, 0.0], [180.0, -90.0]])).round(6).tolist()
    [[0.5, 0.5], [1.0, 1.0]]
    """
    degrees = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    latitude = np.radians(np.clip(degrees[:, 1], -_MAX_LATITUDE, _MAX_LATITUDE))
    y = 0.5 - np.arctanh(np.sin(latitude)) / (2 * math.pi)
    return np.column_stack([degrees[:, 0] / 360 + 0.5, y])


def from_world(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn world units, shape (n, 2), back into degrees (lon, lat).

    >>> from_world(np.array([[0.5, 0.5]])).tolist()
    [[0.0, 0.0]]
    """
    position = np.asarray(xy, dtype=np.float64)
    latitude = np.degrees(np.arctan(np.sinh((0.5 - position[:, 1]) * 2 * math.pi)))
    return np.column_stack([(position[:, 0] - 0.5) * 360, latitude])


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return a tile's (west, south, east, north) in degrees.

    >>> [round(edge, 2) for edge in tile_bounds(1, 0, 0)]
    [-180.0, 0.0, 0.0, 85.05]
    """
    corners = from_world(np.array([[x, y + 1], [x + 1, y]], dtype=np.float64) / 2**z)
    (west, south), (east, north) = corners.tolist()
    return west, south, east, north


def tiles_covering(bbox: tuple[float, float, float, float], z: int) -> list[tuple[int, int, int]]:
    """Return the addresses (z, x, y) of the tiles that touch a (west, south, east, north) box.

    >>> tiles_covering((-10, 10, 10, 20), 1)
    [(1, 0, 0), (1, 1, 0)]
    """
    west, south, east, north = bbox
    (x0, y0), (x1, y1) = (to_world(np.array([[west, north], [east, south]])) * 2**z).tolist()
    last = 2**z - 1
    return [
        (z, x, y)
        for x in range(min(int(x0), last), min(int(x1), last) + 1)
        for y in range(min(int(y0), last), min(int(y1), last) + 1)
    ]


def home_zoom(
    bbox: tuple[float, float, float, float], *, width: float, height: float, tile_size: int = 256
) -> float:
    """Return the (fractional) zoom at which a box in degrees just fits into a view in pixels.

    >>> home_zoom((-180, -85.0511287798066, 180, 85.0511287798066), width=512, height=512)
    1.0
    """
    west, south, east, north = bbox
    (x0, y0), (x1, y1) = to_world(np.array([[west, north], [east, south]])).tolist()
    scale = min(width / max(x1 - x0, 1e-9), height / max(y1 - y0, 1e-9))
    return round(math.log2(scale / tile_size), 9)


def metres_per_pixel(latitude: float, zoom: float, *, tile_size: int = 256) -> float:
    """Return the true ground size of a pixel at a latitude.

    >>> round(metres_per_pixel(0, 0))
    156543
    """
    circumference = 2 * math.pi * _EARTH_RADIUS
    return float(circumference * math.cos(math.radians(latitude)) / (tile_size * 2.0**zoom))
