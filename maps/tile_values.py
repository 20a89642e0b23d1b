"""A scene's values in the shape tiles splice in: a `ValueTable`, one row of bytes per unit.

The order of the columns is fixed per scene, so that a tile's features never change with the values.
``value`` and ``count`` are numbers in every row: where there is no figure they are NaN and ``state``
says which kind of emptiness it is. A reported zero is 0 with the state "figure".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.terms import State
from maps.mvt_encoding import Value
from maps.scene import Scene
from maps.tile_address import to_world
from maps.tile_geometry import TileGeometry
from maps.tile_memory import TileMemory
from maps.value_table import ValueTable, number_cells, text_cells, value_table, whole_cells
from maps.web_view import ScreenView, WebBand

__all__ = [
    "FIELD_TYPES",
    "PlacedCircle",
    "PlacedLabel",
    "SceneValues",
    "scene_values",
    "unit_columns",
]

FIELD_TYPES = {"value": "Number", "count": "Number", "class": "Number"}
"""TileJSON's type of the unit columns; group counts are numbers, everything else is text."""

_NOT_IN_MAP = State.OUT_OF_SCOPE.value
_LONGEST_STATE = max(len(state) for state in State)


@dataclass(frozen=True, slots=True)
class PlacedCircle:
    """A circle of a symbol: its place in world units, its offset in CSS pixels, its attributes."""

    x: float
    y: float
    dx: float
    dy: float
    attributes: dict[str, Value]


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A name at a place in world units."""

    x: float
    y: float
    attributes: dict[str, Value]


@dataclass(eq=False)
class SceneValues:
    """What a map tile adds to the geometry of its units. Built once per scene, then only read.

    ``table`` has a row per unit of the geometry. ``lines`` are (shape in world units, attributes),
    ``land`` (shape in world units, role).
    """

    table: ValueTable
    circles: tuple[PlacedCircle, ...]
    labels: tuple[PlacedLabel, ...]
    lines: tuple[tuple[Any, dict[str, Value]], ...]
    land: tuple[tuple[Any, str], ...]
    scene: Scene = field(repr=False)
    _view: ScreenView = field(repr=False)
    memory: TileMemory = field(default_factory=TileMemory, repr=False)
    _bands: dict[int, list[WebBand]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def bands(self, zoom: int) -> list[WebBand]:
        """Return the flows as drawn at a tile zoom, tiles being 512 CSS pixels wide."""
        with self._lock:
            if zoom not in self._bands:
                self._bands[zoom] = self._view.bands(zoom, tile_size=512)
            return self._bands[zoom]


def unit_columns(scene: Scene) -> tuple[str, ...]:
    """Return the names of the values a tile's units carry, besides ``pcode`` and ``name``.

    A choropleth gives value, state, count, class, colour; symbols give one column per group.
    """
    mapped = ("value", "state", "count", "class", "colour") if scene.fills else ()
    groups = dict.fromkeys(part.group for symbol in scene.symbols for part in symbol.parts)
    return (*mapped, *sorted(groups))


def scene_values(scene: Scene, geometry: TileGeometry) -> SceneValues:
    """Prepare a scene for its tiles. Units of ``geometry`` that the map leaves out say so."""
    view = ScreenView(scene)
    return SceneValues(
        table=_unit_table(scene, geometry.pcodes),
        circles=_circles(scene, view),
        labels=_labels(scene),
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
        _view=view,
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


def _circles(scene: Scene, view: ScreenView) -> tuple[PlacedCircle, ...]:
    placed = []
    for symbol, circles in zip(scene.symbols, view.circles, strict=True):
        ((x, y),) = to_world(np.array([[symbol.lon, symbol.lat]])).tolist()
        for circle in circles:
            attributes: dict[str, Value] = {
                "place": symbol.place,
                "name": symbol.name,
                "group": circle.part.group,
                "value": float(circle.part.value),
                "label": circle.part.label,
                "colour": circle.part.colour,
                "radius": circle.radius,
            }
            placed.append(PlacedCircle(x, y, circle.dx, circle.dy, attributes))
    return tuple(placed)


def _labels(scene: Scene) -> tuple[PlacedLabel, ...]:
    ordered = sorted(scene.labels, key=lambda label: label.rank)
    if not ordered:
        return ()
    places = to_world(np.array([(label.lon, label.lat) for label in ordered])).tolist()
    return tuple(
        PlacedLabel(x, y, {"text": label.text, "kind": label.kind, "rank": int(label.rank)})
        for label, (x, y) in zip(ordered, places, strict=True)
    )
