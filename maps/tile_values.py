"""A scene's values in the shape tiles splice in: a `ValueTable`, one row of bytes per unit.

The order of the columns is fixed per scene, so that a tile's features never change with the values.
``value`` and ``count`` are numbers in every row: where there is no figure they are NaN and ``state``
says which kind of emptiness it is. A reported zero is 0 with the state "figure".
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.terms import State
from maps.emptiness import PATTERNS
from maps.mvt_encoding import Value
from maps.scene import Scene
from maps.tile_address import to_world
from maps.tile_geometry import TileGeometry
from maps.tile_levels import MapLevels
from maps.tile_marks import LevelMarks, level_marks
from maps.tile_memory import TileMemory
from maps.value_table import Cells, ValueTable, number_cells, text_cells, value_table, whole_cells

__all__ = ["FIELD_TYPES", "SceneValues", "scene_values", "unit_columns"]

FIELD_TYPES = {"value": "Number", "count": "Number", "class": "Number"}
"""TileJSON's type of the unit columns; group counts are numbers, everything else is text."""

_NOT_IN_MAP = State.OUT_OF_SCOPE.value
_LONGEST_STATE = max(len(state) for state in (*State, *PATTERNS))


@dataclass(eq=False)
class SceneValues:
    """What a map tile adds to the geometry of its units. Built once per scene, then only read.

    ``table`` has a row per unit of the geometry. What the other layers show is placed when one is first
    asked for.
    """

    table: ValueTable
    scene: Scene = field(repr=False)
    seen: MapLevels = field(repr=False)
    geometry: TileGeometry = field(repr=False)
    memory: TileMemory = field(default_factory=TileMemory, repr=False)

    @cached_property
    def levels(self) -> tuple[LevelMarks, ...]:
        """Return the circles, bands and names of each level that is shown at any zoom, the map's own last."""
        return level_marks(self.scene, self.seen)

    @cached_property
    def lines(self) -> tuple[tuple[Any, dict[str, Value]], ...]:
        """Return (shape in world units, attributes) of each line."""
        return tuple(
            (self._in_world(line.geometry), {"rank": int(line.rank), "status": line.status})
            for line in self.scene.lines
        )

    @cached_property
    def land(self) -> tuple[tuple[Any, str], ...]:
        """Return (shape in world units, role) of each country."""
        return tuple((self._in_world(area.geometry), area.role) for area in self.scene.context)

    def _in_world(self, shape: BaseGeometry) -> Any:
        """Project a shape; maps of other figures have the same shapes, which are projected once."""
        _, projected = self.geometry.memory.kept(
            ("world", id(shape)),
            # holds the shape, so that no other can have its id
            lambda: (shape, shapely.transform(shape, to_world)),
        )
        return projected

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
        _unit_table(scene, geometry), scene, seen or MapLevels.alike(scene), geometry
    )


def _unit_table(scene: Scene, geometry: TileGeometry) -> ValueTable:
    """Write the columns of `unit_columns`, a row per unit of a geometry."""
    place, units = geometry.place, len(geometry)
    cells: dict[str, Cells] = {}
    if fills := scene.fills:
        found = [place.get(fill.pcode, -1) for fill in fills]
        row = np.array(found, dtype=np.intp)
        drawn = row >= 0
        row = row[drawn]

        def column(said: list[Any], otherwise: Any, dtype: Any) -> NDArray[Any]:
            cells_of = np.full(units, otherwise, dtype=dtype)
            cells_of[row] = np.array(said, dtype=dtype)[drawn]  # None, as a number, is NaN
            return cells_of

        value = column([fill.value for fill in fills], np.nan, np.float64)
        state = column([fill.state for fill in fills], _NOT_IN_MAP, object)
        count = column([fill.count for fill in fills], np.nan, np.float64)
        klass = column([fill.klass for fill in fills], -1, np.int64)
        colour = column([fill.colour for fill in fills], "", object)
        cells = {
            "value": number_cells(value),
            "state": text_cells(state.tolist(), width=_LONGEST_STATE),
            "count": number_cells(count),
            "class": whole_cells(klass),
            "colour": text_cells(colour.tolist(), width=len("#rrggbb")),
        }
    counts: dict[str, tuple[list[int], list[float]]] = {
        group: ([], []) for group in unit_columns(scene)[len(cells) :]
    }
    for symbol in scene.symbols:
        at = place.get(symbol.place)
        if at is not None:
            for part in symbol.parts:
                rows, values = counts[part.group]
                rows.append(at)
                values.append(part.value)
    for group, (rows, values) in counts.items():
        numbers = np.full(units, np.nan)
        numbers[rows] = values
        cells[group] = number_cells(numbers)
    return value_table(cells, units=units)
