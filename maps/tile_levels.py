"""Which level a map shows at which zoom: one rule, for all tiles of a zoom alike.

The deepest level whose units are, in the median, at least `LEAST_ACROSS` CSS pixels across; where none
are, the widest; and from the zoom on at which the whole map fits a desk, the map's own level.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.units import BoundarySet
from maps.compose_wider import WiderScene
from maps.compose_wider_flows import BandRows
from maps.scene import Scene
from maps.tile_address import MAX_ZOOM, home_zoom
from maps.web_view import HOME_VIEW

__all__ = ["LEAST_ACROSS", "TILE_PIXELS", "LevelRange", "MapLevels", "across", "level_ranges"]

LEAST_ACROSS = 40.0
"""CSS pixels: a middling unit then holds the circle of a middling figure, or its name."""
TILE_PIXELS = 512
"""CSS pixels of a vector tile's side, as MapLibre draws it; a zoom here is a tile's z."""


@dataclass(frozen=True, slots=True)
class LevelRange:
    """The zooms, first and last, at which a level is shown."""

    level: int
    first: int
    last: int


def across(places: BoundarySet, pcodes: Sequence[str]) -> float:
    """Return how wide units are in the median, in world units; 0 where there are none.

    A unit is as wide as the square root of its area. Areas are those of degrees, stretched as web mercator
    stretches them at the unit's label point: a few per cent off for the largest countries.
    """
    frame = places.frame
    units = frame[frame["pcode"].isin(list(pcodes))]
    if units.empty:
        return 0.0
    stretch = np.cos(np.radians(units["label_lat"].to_numpy(dtype=np.float64)))
    area = shapely.area(units.geometry.to_numpy()) / np.maximum(stretch, 0.05)
    return float(np.median(np.sqrt(area))) / 360


def level_ranges(
    wide: Mapping[int, float], *, home: int, max_zoom: int = MAX_ZOOM
) -> tuple[LevelRange, ...]:
    """Return the zooms of each level that is shown at any, the widest level first.

    Parameters
    ----------
    wide : mapping of int to float
        How wide the units of each level are, in world units; the deepest is the map's own.
    home : int
        The zoom from which on the map's own level is shown whatever its units' size.

    Examples
    --------
    >>> level_ranges({0: 0.025, 1: 0.009}, home=5, max_zoom=8)
    (LevelRange(level=0, first=0, last=3), LevelRange(level=1, first=4, last=8))
    >>> level_ranges({1: 0.009}, home=5, max_zoom=8)
    (LevelRange(level=1, first=0, last=8),)
    """
    levels = sorted(wide)
    own = levels[-1]
    shown: list[int] = []
    for zoom in range(max_zoom + 1):
        pixels = TILE_PIXELS * 2.0**zoom
        fitting = [level for level in levels if wide[level] * pixels >= LEAST_ACROSS]
        shown.append(own if zoom >= home else max(fitting, default=levels[0]))
    return tuple(
        LevelRange(level, shown.index(level), len(shown) - 1 - shown[::-1].index(level))
        for level in dict.fromkeys(shown)
    )


@dataclass(frozen=True)
class MapLevels:
    """A map from far and near: a scene for each level that is shown at any zoom, its own last."""

    scenes: tuple[WiderScene, ...]
    ranges: tuple[LevelRange, ...]

    @classmethod
    def of(cls, scenes: Sequence[WiderScene], places: BoundarySet) -> "MapLevels":
        """Choose the zooms of a map's scenes; those of levels that no zoom shows are left out."""
        own = scenes[-1].scene
        width, height = HOME_VIEW
        fits = home_zoom(own.bbox, width=width, height=height, tile_size=TILE_PIXELS)
        wide = {each.level: across(places, each.units) for each in scenes}
        ranges = level_ranges(wide, home=max(0, math.floor(fits)))
        shown = {each.level for each in ranges}
        return cls(tuple(each for each in scenes if each.level in shown), ranges)

    @classmethod
    def alike(cls, scene: Scene, level: int = 0) -> "MapLevels":
        """Show a scene at every zoom as it is."""
        whole = WiderScene(level, scene, {}, tuple(BandRows() for _ in scene.flows), (), ())
        return cls((whole,), (LevelRange(level, 0, MAX_ZOOM),))
