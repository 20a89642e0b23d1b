"""How a place without a figure looks: each kind of emptiness has a pattern of its own, grey on grey.

No colour alone says it, so that grey print and every eye can tell "not reported" from "not assessed".
A reported zero is no emptiness: it is white and has no pattern.
"""

from collections.abc import Callable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from maps.display import Box, PathItem

__all__ = ["PATTERNS", "emptiness_pattern", "hatch"]

_INK = "#9A9DA1"
_HATCH_INK = "#B4B6B9"
_STEP = 1.1  # mm between lines
_WIDE = 1.8  # mm between dots, dashes and crosses
_ROLE = "hatch"


def _across(box: Box, step: float, *, rising: bool) -> BaseGeometry:
    """Return lines at 45°, counted from the page's origin: neighbours are hatched as one."""
    x0, y0, x1, y1 = box
    tall = y1 - y0
    start = x0 - y1 if not rising else x0 + y0
    stop = x1 - y0 if not rising else x1 + y1
    offsets = np.arange(np.floor(start / step) * step, stop + step, step)
    if rising:
        lines = [LineString([(o - y0, y0), (o - y0 - tall, y1)]) for o in offsets]
    else:
        lines = [LineString([(o + y0, y0), (o + y0 + tall, y1)]) for o in offsets]
    return MultiLineString(lines)


def _upright(box: Box, step: float) -> BaseGeometry:
    x0, y0, x1, y1 = box
    columns = np.arange(np.floor(x0 / step) * step, x1 + step, step)
    return MultiLineString([[(x, y0), (x, y1)] for x in columns])


def _grid(box: Box, step: float) -> NDArray[np.float64]:
    """Return the points of a grid, every other row shifted by half a step (n, 2)."""
    x0, y0, x1, y1 = box
    first, last = int(np.floor(y0 / step)), int(np.ceil(y1 / step))
    rows = []
    for row in range(first, last + 1):
        shift = step / 2 if row % 2 else 0.0
        columns = np.arange(np.floor(x0 / step) - 1, np.ceil(x1 / step) + 1) * step + shift
        rows.append(np.column_stack([columns, np.full(len(columns), row * step)]))
    return np.concatenate(rows)


def _marks(area: BaseGeometry, strokes: NDArray[np.float64]) -> BaseGeometry:
    """Return short strokes (k, 2, 2) at every grid point whose strokes lie inside an area."""
    points = _grid(area.bounds, _WIDE)
    shapely.prepare(area)
    reach = float(np.abs(strokes).max())
    inner = area.buffer(-reach)
    points = points[shapely.contains_xy(inner, points[:, 0], points[:, 1])]
    if not len(points):  # smaller than the grid: one mark all the same
        points = shapely.get_coordinates(area.representative_point())
    placed = points[:, None, None, :] + strokes[None]
    return MultiLineString(list(placed.reshape(-1, 2, 2)))


def _lines(area: BaseGeometry, lines: BaseGeometry) -> BaseGeometry:
    return shapely.intersection(lines, area)


def hatch(area: BaseGeometry) -> PathItem:
    """Return the hatching of an area that was not reported: thin lines falling to the right."""
    lines = _lines(area, _across(area.bounds, _STEP, rising=False))
    return PathItem(lines, stroke=_HATCH_INK, stroke_width=0.3, role=_ROLE)


def _crossed(area: BaseGeometry) -> PathItem:
    both = (_across(area.bounds, _WIDE, rising=rising) for rising in (True, False))
    lines = shapely.union_all([_lines(area, each) for each in both])
    return PathItem(lines, stroke=_INK, stroke_width=0.35, role=_ROLE)


def _dotted(area: BaseGeometry) -> PathItem:
    dot = np.array([[[-0.02, 0.0], [0.02, 0.0]]])
    # The dash is all there is of each stroke: round ends make a dot of it.
    return PathItem(
        _marks(area, dot), stroke="#6E7175", stroke_width=1.5, dash=(0.01, 9), role=_ROLE
    )


def _plus(area: BaseGeometry) -> PathItem:
    arm = 0.34
    cross = np.array([[[-arm, -arm], [arm, arm]], [[-arm, arm], [arm, -arm]]])
    return PathItem(_marks(area, cross), stroke=_INK, stroke_width=0.35, role=_ROLE)


def _ruled(area: BaseGeometry) -> PathItem:
    lines = _lines(area, _upright(area.bounds, _STEP))
    return PathItem(lines, stroke=_INK, stroke_width=0.3, role=_ROLE)


def _broken(area: BaseGeometry) -> PathItem:
    half = 0.42
    dash = np.array([[[0.0, -half], [0.0, half]]])
    return PathItem(_marks(area, dash), stroke=_INK, stroke_width=0.4, role=_ROLE)


def _dashed(area: BaseGeometry) -> PathItem:
    half = 0.42
    dash = np.array([[[-half, 0.0], [half, 0.0]]])
    return PathItem(_marks(area, dash), stroke=_INK, stroke_width=0.5, role=_ROLE)


def _rising(area: BaseGeometry) -> PathItem:
    lines = _lines(area, _across(area.bounds, _WIDE, rising=True))
    return PathItem(lines, stroke="#A3A7AD", stroke_width=0.8, role=_ROLE)


def _noughts(area: BaseGeometry) -> PathItem:
    around = np.linspace(0, 2 * np.pi, 9)
    ring = 0.3 * np.column_stack([np.cos(around), np.sin(around)])
    sides = np.stack([ring[:-1], ring[1:]], axis=1)
    return PathItem(_marks(area, sides), stroke=_INK, stroke_width=0.35, role=_ROLE)


PATTERNS: Mapping[str, Callable[[BaseGeometry], PathItem]] = {
    "not_reported": hatch,
    "not_assessed": _crossed,
    "suppressed": _dotted,
    "out_of_scope": _plus,
    "no_population": _ruled,
    "people_in_part": _broken,
    "none_displaced": _noughts,
    "small_base": _dashed,
    "not_comparable": _rising,
}


def emptiness_pattern(area: BaseGeometry, state: str) -> PathItem:
    """Return the pattern of a kind of emptiness over an area in mm; an unknown kind is hatched."""
    return PATTERNS.get(state, hatch)(area)
