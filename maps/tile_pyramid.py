"""Whole zooms encoded at once, into the archive. A zoom that lies there already is not made again."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import shapely

from maps.tile_address import EXTENT
from maps.tile_clip import BUFFER, ZoomGeometry, encoded_tiles
from maps.tile_splice import UnitShapes

if TYPE_CHECKING:
    from maps.tile_geometry import TileGeometry

__all__ = ["encode_pyramid", "zoom_tiles"]

_BLOCK = 3  # tiles are cut together with their neighbours, 2^3 × 2^3 at most

Step = Callable[[int, int], None]


def encode_pyramid(
    geometry: "TileGeometry", zooms: Iterable[int], *, step: Step | None = None
) -> int:
    """Encode every tile of some zooms and keep them; returns how many zooms were made.

    ``step`` is told after each zoom how many are done, and of how many. Needs a geometry with an
    archive.
    """
    wanted = list(zooms)
    made = 0
    for done, zoom in enumerate(wanted, start=1):
        archive = geometry.archive
        if archive is not None and not archive.has_all(zoom):
            with archive.all_turn(zoom) as waited:
                if not (waited and archive.has_all(zoom)):
                    archive.keep_all(zoom, zoom_tiles(geometry.at(zoom)))
                    made += 1
        if step is not None:
            step(done, len(wanted))
    return made


def zoom_tiles(whole: ZoomGeometry) -> Iterator[tuple[int, int, UnitShapes]]:
    """Encode the tiles of a zoom that have units: (x, y, shapes), neighbours near each other."""
    tiles = _candidates(whole)
    block = (tiles[:, 1] >> _BLOCK) << 32 | tiles[:, 0] >> _BLOCK
    order = np.argsort(block, kind="stable")
    tiles, block = tiles[order], block[order]
    for together in np.split(tiles, np.flatnonzero(np.diff(block)) + 1):
        addresses = [(x, y) for x, y in together.tolist()]
        for (x, y), shapes in zip(addresses, encoded_tiles(whole, addresses), strict=True):
            if len(shapes.index):
                yield x, y, shapes


def _candidates(whole: ZoomGeometry) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    """Return the tiles that the bounds of a unit's parts meet, each once, shape (n, 2)."""
    last = 2**whole.zoom - 1
    bounds = shapely.bounds(shapely.get_parts(whole.polygons))
    low = np.clip((bounds[:, :2] - BUFFER) // EXTENT, 0, last).astype(np.int64)
    high = np.clip((bounds[:, 2:] + BUFFER) // EXTENT, 0, last).astype(np.int64)
    ranges = np.unique(np.hstack([low, high]), axis=0)
    across, down = (ranges[:, 2:] - ranges[:, :2] + 1).T
    count = across * down
    of = np.repeat(np.arange(len(ranges)), count)
    place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    x = ranges[of, 0] + place % across[of]
    y = ranges[of, 1] + place // across[of]
    return np.unique(np.column_stack([x, y]), axis=0)
