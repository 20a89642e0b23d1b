"""Dots on the page: all of one size, each where the scene put it, mixed so that no group lies on top."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from maps.display import Layer, PathItem
from maps.projection import MapFrame
from maps.scene import Scene
from maps.symbology import Symbology
from maps.text import POINT

__all__ = ["dot_item", "dot_layers", "dot_radius"]

_SIZES = (0.38, 0.46, 0.6)  # mm: radius on A5, A4, A3
_STUB = 0.02  # mm: what a round line needs to be a dot
_ROUNDS = 4  # drawn in so many turns, one group after the other in each


def dot_radius(symbology: Symbology) -> float:
    """Return a dot's radius in mm."""
    return _SIZES[symbology.step]


def dot_item(
    points: Sequence[BaseGeometry], radius: float, colour: str, group: str = ""
) -> PathItem:
    """Return dots at points in mm as one item: as many short strokes with round ends.

    A disc of its own for each would make a file of megabytes.
    """
    xy = shapely.get_coordinates(list(points))
    stub = np.array([_STUB, 0.0])
    strokes = np.stack([xy - stub, xy + stub], axis=1)
    return PathItem(
        MultiLineString(list(strokes)),
        stroke=colour,
        stroke_width=2 * radius / POINT,
        dash=(0.01, 99),
        role=f"dots-{group}" if group else "legend-dot",
    )


def dot_layers(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[Layer]:
    """Return the layer of dots; those outside the frame are left out."""
    x0, y0, x1, y1 = frame.box
    radius = dot_radius(symbology)
    groups = {mark.group: mark.colour for mark in scene.dots}
    items = []
    turns: dict[tuple[int, str], list[BaseGeometry]] = {}
    for mark in scene.dots:
        if not mark.points:
            continue
        at = frame.points(np.array(mark.points))
        inside = (at > [x0 + radius, y0 + radius]).all(1) & (at < [x1 - radius, y1 - radius]).all(1)
        for i, (x, y) in enumerate(at[inside]):
            turns.setdefault((i % _ROUNDS, mark.group), []).append(Point(x, y))
    for turn in range(_ROUNDS):
        for group, colour in groups.items():
            if points := turns.get((turn, group)):
                items.append(dot_item(points, radius, colour, group))
    return [Layer("dots", tuple(items))]
