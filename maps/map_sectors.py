"""Partner presence by sector on the map: a small grid of signs for each unit, each with a number.

A grid stands in its unit or, where it does not fit, near it with a line to it: never in another's.
"""

import math

import numpy as np
import shapely
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from maps.display import Item, PathItem, TextItem
from maps.label_layout import FloatArray, area_boxes, point_boxes
from maps.label_wishes import Wish
from maps.projection import MapFrame
from maps.scene import PresenceMark, Scene
from maps.sector_icons import sign_items
from maps.symbology import RULE, WHITE, Symbology
from maps.text import CAP_HEIGHT, POINT, TextStyle, text_width

__all__ = ["sector_grid", "sector_wishes"]

_SIDES = (3.2, 3.8, 4.8)  # mm: a sign on A5, A4, A3
_GAP = 0.55  # mm between cells, and between a sign and its number
_AWAY = (1.2, 3.0, 5.5, 9.0)  # mm from the unit's point, where there is no room inside
_RANK = 2
_OUTSIDE = 3.0  # cost of a place that leaves the unit


def _size(mark: PresenceMark, symbology: Symbology) -> tuple[int, float, float]:
    """Return the columns of a grid, and the width of its widest number and of a cell (mm)."""
    style = TextStyle(symbology.note, bold=True)
    widest = max(text_width(str(each.count), style) for each in mark.by_sector)
    columns = min(3, math.ceil(math.sqrt(len(mark.by_sector))))
    return columns, widest, _SIDES[symbology.step] + _GAP / 2 + widest + 2 * _GAP


def _extent(mark: PresenceMark, symbology: Symbology) -> tuple[float, float]:
    columns, _, cell = _size(mark, symbology)
    rows = math.ceil(len(mark.by_sector) / columns)
    side = _SIDES[symbology.step]
    return columns * cell - 2 * _GAP, rows * (side + _GAP) - _GAP


def sector_wishes(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[Wish]:
    """Ask for a place for each unit's grid: inside the unit, else beside its point."""
    wishes = []
    for mark in scene.presence:
        if not mark.by_sector:
            continue
        size = _extent(mark, symbology)
        x, y = (float(v) for v in frame.points(np.array([[mark.lon, mark.lat]]))[0])
        boxes, cost = point_boxes((x, y), size, 0.8, _AWAY)
        cost = cost + _OUTSIDE
        unit = _unit(scene, frame, mark)
        if unit is not None:
            inside, price = area_boxes(unit, *size)
            held = shapely.area(shapely.intersection(shapely.box(*inside.T), unit))
            share = held / (size[0] * size[1])
            boxes = np.concatenate([inside, boxes])
            cost = np.concatenate([price + 4 * (1 - share), cost])
        style = TextStyle(symbology.note, bold=True)
        wishes.append(
            Wish(((),), style, RULE, boxes, cost, np.zeros(len(cost)), _RANK, "sectors", badge=mark)
        )
    return wishes


def _unit(scene: Scene, frame: MapFrame, mark: PresenceMark) -> BaseGeometry | None:
    """Return a mark's unit on the page; None where it has no name of its own there."""
    for label in scene.labels:
        if label.kind == "unit" and (label.lon, label.lat) == (mark.lon, mark.lat):
            return frame.shape(label.geometry) if label.geometry is not None else None
    return None


def sector_grid(
    wish: Wish, scene: Scene, frame: MapFrame, symbology: Symbology, at: FloatArray
) -> list[Item]:
    """Return the signs of a unit in their box, with a line to the unit's point where it lies apart."""
    mark = wish.badge
    if mark is None:
        return []
    side, (columns, _, cell) = _SIDES[symbology.step], _size(mark, symbology)
    style = TextStyle(symbology.note, bold=True)
    rise = CAP_HEIGHT * style.size * POINT
    point = Point(*frame.points(np.array([[mark.lon, mark.lat]]))[0])
    grid = box(*at)
    items: list[Item] = []
    unit = _unit(scene, frame, mark)
    at_home = unit is not None and unit.contains(grid.centroid)
    if not at_home and not grid.buffer(side).contains(point):
        end = shapely.shortest_line(grid, point)
        line = LineString(shapely.get_coordinates(end))
        items += [
            PathItem(line, stroke=WHITE, stroke_width=1.4, role="leader-casing"),
            PathItem(line, stroke=RULE, stroke_width=0.5, role="leader"),
            PathItem(point.buffer(0.45, 12), fill=RULE, role="leader-end"),
        ]
    for i, each in enumerate(mark.by_sector):
        x = float(at[0]) + (i % columns) * cell + side / 2
        y = float(at[1]) + (i // columns) * (side + _GAP) + side / 2
        items += sign_items(each.code, x, y, side / 2, inferred=each.inferred)
        items.append(
            TextItem(
                str(each.count),
                x + side / 2 + _GAP / 2,
                y + rise / 2,
                style,
                RULE,
                halo=WHITE,
                role="sector-count",
            )
        )
    return items
