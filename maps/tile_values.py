"""A scene's values in the shape tiles splice in: a `ValueTable`, one row of bytes per unit.

The order of the columns is fixed per scene, so that a tile's features never change with the values.
``value`` and ``count`` are numbers in every row: where there is no figure they are NaN and ``state``
says which kind of emptiness it is. A reported zero is 0 with the state "figure".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.terms import State
from maps.emptiness import PATTERNS
from maps.mvt_encoding import Value
from maps.scene import Scene
from maps.tile_address import to_world
from maps.tile_geometry import TileGeometry
from maps.tile_levels import MapLevels
from maps.tile_marks import LevelMarks, level_marks
from maps.tile_memory import TileMemory
from maps.value_table import ValueTable, number_cells, text_cells, value_table, whole_cells

__all__ = ["FIELD_TYPES", "SceneValues", "scene_values", "unit_columns"]

FIELD_TYPES = {"value": "Number", "count": "Number", "class": "Number"}
"""TileJSON's type of the unit columns; group counts are numbers, everything else is text."""

_NOT_IN_MAP = State.OUT_OF_SCOPE.value
_LONGEST_STATE = max(len(state) for state in (*State, *PATTERNS))


@dataclass(eq=False)
class SceneValues:
    """What a map tile adds to the geometry of its units. Built once per scene, then only read.

    ``table`` has a row per unit of the geometry. ``levels`` have the circles, bands and names of
    each level that is shown at any zoom, the map's own last. ``lines`` are (shape in world units,
    attributes), ``land`` (shape in world units, role).
    """

    table: ValueTable
    levels: tuple[LevelMarks, ...]
    lines: tuple[tuple[Any, dict[str, Value]], ...]
    land: tuple[tuple[Any, str], ...]
    scene: Scene = field(repr=False)
    memory: TileMemory = field(default_factory=TileMemory, repr=False)

    def marks(self, zoom: int) -> LevelMarks:
        """Return what is placed on the map at a tile zoom."""
        return next(each for each in self.levels if zoom <= each.shown.last)


def unit_columns(scene: Scene) -> tuple[str, ...]:
    """Return the names of the values a tile's units carry, besides ``pcode`` and ``name``.

    A choropleth gives value, state, count, class, colour; symbols give one column per group.
    """
    mapped = ("value", "state", "count", "class", "colour") if scene.fills else ()
    groups = dict.fromkeys(part.group for symbol in scene.symbols for part in symbol.parts)
    return (*mapped, *sorted(groups))


def scene_values(
    scene: Scene, geometry: TileGeometry, seen: MapLevels | None = None
) -> SceneValues:
    """Prepare a scene for its tiles. Units of ``geometry`` that the map leaves out say so.

    Without ``seen`` the map is shown alike from near and far.
    """
    return SceneValues(
        table=_unit_table(scene, geometry.pcodes),
        levels=level_marks(scene, seen or MapLevels.alike(scene)),
        lines=tuple(
            (
                shapely.transform(line.geometry, to_world),
                {"rank": int(line.rank), "status": line.status},
            )
            for line in scene.lines
        ),
        land=tuple(
            (shapely.transform(area.geometry, to_world), area.role) for area in scene.context
        ),
        scene=scene,
    )


def _unit_table(scene: Scene, pcodes: Sequence[str]) -> ValueTable:
    """Write the columns of `unit_columns`, a row per P-code in the order given."""
    place = {pcode: i for i, pcode in enumerate(pcodes)}
    cells: dict[str, NDArray[np.uint8]] = {}
    if scene.fills:
        drawn = [(place[fill.pcode], fill) for fill in scene.fills if fill.pcode in place]
        at = [i for i, _ in drawn]
        value, count = np.full((2, len(pcodes)), np.nan)
        value[at] = [math.nan if fill.value is None else fill.value for _, fill in drawn]
        count[at] = [math.nan if fill.count is None else fill.count for _, fill in drawn]
        klass = np.full(len(pcodes), -1, dtype=np.int64)
        klass[at] = [fill.klass for _, fill in drawn]
        state, colour = [_NOT_IN_MAP] * len(pcodes), [""] * len(pcodes)
        for i, fill in drawn:
            state[i], colour[i] = fill.state, fill.colour
        cells = {
            "value": number_cells(value),
            "state": text_cells(state, width=_LONGEST_STATE),
            "count": number_cells(count),
            "class": whole_cells(klass),
            "colour": text_cells(colour, width=len("#rrggbb")),
        }
    groups = unit_columns(scene)[len(cells) :]
    counts = {group: np.full(len(pcodes), np.nan) for group in groups}
    for symbol in scene.symbols:
        if symbol.place in place:
            for part in symbol.parts:
                counts[part.group][place[symbol.place]] = part.value
    cells |= {group: number_cells(counts[group]) for group in groups}
    return value_table(cells, units=len(pcodes))
