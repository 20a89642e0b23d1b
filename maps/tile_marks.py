"""What a map places on its tiles at one level: circles, bands and names, in world units, with attributes.

``value`` is a number in every feature: NaN where there is none, and ``state`` says why. A circle of no
figure, and of nobody, has the radius 0.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from geo.terms import State
from maps.compose_wider import Sum, WiderScene
from maps.mvt_encoding import Value
from maps.palettes import group_colour
from maps.scene import Scene
from maps.tile_address import EXTENT, to_world
from maps.tile_levels import TILE_PIXELS, LevelRange, MapLevels
from maps.web_view import ScreenView, WebBand

__all__ = ["LevelMarks", "PlacedCircle", "PlacedLabel", "level_marks"]


_STEPS_PER_PIXEL = EXTENT / TILE_PIXELS


@dataclass(frozen=True, slots=True)
class PlacedCircle:
    """A circle of a symbol: its place in world units, offset and radius in CSS pixels, attributes."""

    x: float
    y: float
    dx: float
    dy: float
    radius: float
    attributes: dict[str, Value]


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A name at a place in world units."""

    x: float
    y: float
    attributes: dict[str, Value]


@dataclass(eq=False)
class LevelMarks:
    """The circles, bands and names of one level, and the zooms it is shown at."""

    shown: LevelRange
    circles: tuple[PlacedCircle, ...]
    labels: tuple[PlacedLabel, ...]
    flows: tuple[dict[str, Value], ...]
    """Attributes of the bands, by `WebBand.index`."""
    view: ScreenView = field(repr=False)
    _bands: dict[int, list[WebBand]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def near(self, z: int, x: int, y: int) -> list[tuple[float, float, PlacedCircle]]:
        """Return the circles that reach into a tile, each with its column and row in tile steps.

        The middle of a circle lies within the bounds of one tile only. Clients that draw tile by tile
        (QGIS) need those that reach in; those that draw circles whole (MapLibre, GDAL) leave them out.
        """
        if not self.circles:
            return []
        at = self._places
        columns = (at[:, 0] * 2**z - x) * EXTENT + at[:, 2] * _STEPS_PER_PIXEL
        rows = (at[:, 1] * 2**z - y) * EXTENT + at[:, 3] * _STEPS_PER_PIXEL
        reach = at[:, 4] * _STEPS_PER_PIXEL
        inside = (columns >= -reach) & (columns < EXTENT + reach)
        inside &= (rows >= -reach) & (rows < EXTENT + reach)
        return [
            (float(columns[i]), float(rows[i]), self.circles[i]) for i in np.flatnonzero(inside)
        ]

    def labels_in(self, z: int, x: int, y: int) -> list[tuple[int, int, PlacedLabel]]:
        """Return the names whose point lies within a tile's bounds, each with its column and row."""
        if not self.labels:
            return []
        at = (self._label_places * 2**z - [x, y]) * EXTENT
        inside = np.flatnonzero(((at >= 0) & (at < EXTENT)).all(axis=1))
        return [
            (column, row, self.labels[i])
            for i, (column, row) in zip(
                inside.tolist(), at[inside].astype(np.int64).tolist(), strict=True
            )
        ]

    @cached_property
    def _label_places(self) -> NDArray[np.float64]:
        return np.array([(label.x, label.y) for label in self.labels])

    @cached_property
    def _places(self) -> NDArray[np.float64]:
        return np.array([(c.x, c.y, c.dx, c.dy, c.radius) for c in self.circles])

    def bands(self, zoom: int) -> list[WebBand]:
        """Return the bands as drawn at a tile zoom; solved once."""
        with self._lock:
            if zoom not in self._bands:
                self._bands[zoom] = self.view.bands(zoom, tile_size=TILE_PIXELS)
            return self._bands[zoom]


def level_marks(scene: Scene, seen: MapLevels) -> tuple[LevelMarks, ...]:
    """Place what each level shows; all at the scale of the map's own."""
    own = ScreenView(scene)
    marks = []
    for each, shown in zip(seen.scenes, seen.ranges, strict=True):
        # a zoom of 512-pixel tiles is one less than that of 256-pixel tiles
        view = (
            own
            if each.scene is scene
            else ScreenView(each.scene, scale=own, nearest=shown.last + 1)
        )
        marks.append(
            LevelMarks(
                shown=shown,
                circles=_circles(each, view),
                labels=_labels(each),
                flows=_flows(each),
                view=view,
            )
        )
    return tuple(marks)


def _circles(seen: WiderScene, view: ScreenView) -> tuple[PlacedCircle, ...]:
    placed = []
    silent: dict[str, list[tuple[str, Sum]]] = {}
    for (pcode, group), one in seen.sums.items():
        if one.value is None:
            silent.setdefault(pcode, []).append((group, one))
    for symbol, circles in zip(seen.scene.symbols, view.circles, strict=True):
        ((x, y),) = to_world(np.array([[symbol.lon, symbol.lat]])).tolist()
        place: dict[str, Value] = {"pcode": symbol.place, "name": symbol.name}
        for circle in circles:
            part = circle.part
            about: dict[str, Value] = {
                **place,
                "group": part.group,
                "value": float(part.value),
                "label": part.label,
                "colour": part.colour,
                "radius": circle.radius,
                "to_scale": int(circle.to_scale),
                **_told(seen.sums.get((symbol.place, part.group)), seen.level),
            }
            placed.append(PlacedCircle(x, y, circle.dx, circle.dy, circle.radius, about))
        for group, one in silent.get(symbol.place, ()):
            about = {
                **place,
                "group": group,
                "value": math.nan,
                "label": one.label,
                "colour": group_colour(group),
                "radius": 0.0,
                "to_scale": 1,
                **_told(one, seen.level),
            }
            placed.append(PlacedCircle(x, y, 0.0, 0.0, 0.0, about))
    return tuple(placed)


def _told(one: Sum | None, level: int) -> dict[str, Value]:
    if one is None:
        return {"level": level, "state": State.FIGURE.value, "members": 1, "missing": 0}
    about: dict[str, Value] = {
        "level": one.level,
        "state": one.state,
        "members": one.members,
        "missing": one.missing,
    }
    if one.unplaced:
        about["unplaced"] = float(one.unplaced)
    if one.inside is not None:
        about["inside"] = float(one.inside)
    return about


def _flows(seen: WiderScene) -> tuple[dict[str, Value], ...]:
    names = {node.id: node.name for node in seen.scene.nodes}
    return tuple(
        {
            "origin": flow.origin,
            "origin_name": names.get(flow.origin, flow.origin),
            "destination": flow.destination,
            "destination_name": names.get(flow.destination, flow.destination),
            "level": seen.level,
            "group": flow.group,
            "measure": flow.measure,
            "value": float(flow.value),
            "state": State.FIGURE.value,
            "label": flow.label,
            "colour": flow.colour,
            "members": rows.members,
            "missing": rows.missing,
        }
        for flow, rows in zip(seen.scene.flows, seen.bands, strict=True)
    )


def _labels(seen: WiderScene) -> tuple[PlacedLabel, ...]:
    ordered = sorted(seen.scene.labels, key=lambda label: label.rank)
    if not ordered:
        return ()
    places = to_world(np.array([(label.lon, label.lat) for label in ordered])).tolist()
    return tuple(
        PlacedLabel(
            x,
            y,
            {"text": label.text, "kind": label.kind, "rank": int(label.rank), "level": seen.level},
        )
        for label, (x, y) in zip(ordered, places, strict=True)
    )
