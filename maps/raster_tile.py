"""Tiles of a raster to lie under a map: shades of grey, so that they are never read as the map's figures.

The darker, the more; the scale is logarithmic up to ``top``, the same for all tiles. Where the raster has
no value, or nobody lives, a tile is transparent.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from maps.tile_address import check_tile
from maps.tile_png import png_bytes

__all__ = ["grey_pixels", "raster_tile_png"]

_IMPORTING = Lock()
_GREY = 70
_DARKEST = 190  # of 255: what lies above stays readable
_STEPS = 24  # shades: few enough for a palette, more than an eye tells apart


def raster_tile_png(
    paths: Sequence[Path], z: int, x: int, y: int, *, top: float, size: int = 256
) -> bytes:
    """Return a tile of a raster's first band as a PNG.

    Parameters
    ----------
    paths : sequence of Path
        Cloud-Optimised GeoTIFFs, whose overviews are what makes low zooms fast; parts of one grid, none
        of which crosses the 180th meridian.
    z, x, y : int
        Raises `NoSuchTile` outside the world.
    top : float
        The value that is darkest; larger ones are no darker.
    """
    with _IMPORTING:  # two first tiles at once would each find the other's half of the package
        from rio_tiler.errors import TileOutsideBounds
        from rio_tiler.io import Reader

    check_tile(z, x, y)
    values = np.full((size, size), np.nan)
    for path in paths:
        try:
            with Reader(str(path)) as reader:
                tile = reader.tile(x, y, z, tilesize=size, resampling_method="average")
        except TileOutsideBounds:
            continue
        part = np.ma.filled(tile.array[0].astype(np.float64), np.nan)
        values = np.where(np.isnan(part), values, part)
    if np.isnan(values).all():
        return png_bytes(np.zeros((size, size, 4), dtype=np.uint8))
    return png_bytes(grey_pixels(values, top=top))


def grey_pixels(values: NDArray[np.float64], *, top: float) -> NDArray[np.uint8]:
    """Return RGBA pixels, shape (…, 4), of values, shape (…): transparent for NaN, 0 and less.

    >>> grey_pixels(np.array([np.nan, 0, 10, 1e9]), top=10)[:, 3].tolist()
    [0, 0, 190, 190]
    """
    known = np.where(np.isfinite(values) & (values > 0), values, 0.0)
    part = np.minimum(np.log1p(known / max(top, 1e-9) * 100) / np.log1p(100), 1.0)
    pixels = np.full((*values.shape, 4), _GREY, dtype=np.uint8)
    pixels[..., 3] = np.rint(np.rint(part * _STEPS) / _STEPS * _DARKEST).astype(np.uint8)
    return pixels
