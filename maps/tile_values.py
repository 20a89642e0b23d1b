"""A scene's values in the shape tiles splice in: one row of ready-made bytes per unit.

The order of the columns is fixed per scene, so that a tile's features never change with the values.
``value`` and ``count`` are numbers in every row: where there is no figure they are NaN and ``state``
says which kind of emptiness it is. A reported zero is 0 with the state "figure".
"""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.terms import State
from maps.mvt_encoding import Value, value_message
from maps.scene import AreaFill, Scene
from maps.tile_address import to_world
from maps.tile_geometry import TileGeometry
from maps.tile_memory import TileMemory
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

    ``rows`` (units, widest) holds each unit's value messages, ``used`` (units, widest) which of its
    bytes count. ``lines`` are (shape in world units, attributes), ``land`` (shape in world units, role).
    """

    columns: tuple[str, ...]
    rows: NDArray[np.uint8]
    used: NDArray[np.bool_]
    circles: tuple[PlacedCircle, ...]
    labels: tuple[PlacedLabel, ...]
    lines: tuple[tuple[Any, dict[str, Value]], ...]
    land: tuple[tuple[Any, str], ...]
    scene: Scene = field(repr=False)
    _view: ScreenView = field(repr=False)
    memory: TileMemory = field(default_factory=TileMemory, repr=False)
    _bands: dict[int, list[WebBand]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def tail(self, index: NDArray[np.intp]) -> bytes:
        """Return the value messages of the units of a tile, in the tile's order."""
        tail: bytes = self.rows[index][self.used[index]].tobytes()
        return tail

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
    columns = unit_columns(scene)
    fills = {fill.pcode: fill for fill in scene.fills}
    counts = {
        symbol.place: {part.group: part.value for part in symbol.parts} for symbol in scene.symbols
    }
    messages = [
        b"".join(
            value_message(value)
            for value in _unit_values(columns, fills.get(pcode), counts.get(pcode, {}))
        )
        for pcode in geometry.pcodes
    ]
    width = np.array([len(message) for message in messages], dtype=np.int64)
    widest = int(width.max(initial=0))
    padded = b"".join(message.ljust(widest, b"\0") for message in messages)
    return SceneValues(
        columns=columns,
        rows=np.frombuffer(padded, dtype=np.uint8).reshape(len(messages), widest),
        used=np.arange(widest) < width[:, None],
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


def _unit_values(
    columns: tuple[str, ...], fill: AreaFill | None, counts: dict[str, float]
) -> list[Value]:
    known: dict[str, Value] = {
        "value": _number(fill.value if fill else None),
        "state": fill.state if fill else _NOT_IN_MAP,
        "count": _number(fill.count if fill else None),
        "class": fill.klass if fill else -1,
        "colour": fill.colour if fill else "",
    }
    return [known[c] if c in known else _number(counts.get(c)) for c in columns]


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


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
