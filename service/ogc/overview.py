"""A small picture of some features for a web page: shapes without words, drawn as plain SVG paths.

Degrees, stretched so that the middle of the picture keeps its proportions. It is a way to see at a
glance what a page of features is about, and no map: a map has a legend, sources and a disclaimer.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from service.ogc.collection import Bounds

__all__ = ["Overview", "overview"]

_WIDTH, _TALLEST = 640.0, 420.0
_MARGIN = 12.0
_FINEST = 0.6  # picture units: what is smaller is not drawn in detail
_MOST = 2000  # shapes: more say nothing more


@dataclass(frozen=True, slots=True)
class Overview:
    """Paths and points in a box of ``width`` by ``height``."""

    width: float
    height: float
    ground: str
    areas: tuple[str, ...]
    lines: tuple[str, ...]
    points: tuple[tuple[float, float], ...]


def overview(shapes: Iterable[Any], ground: Sequence[Any] = ()) -> Overview | None:
    """Return a picture of the shapes (degrees) over a pale ground; None where there is none."""
    import shapely

    there = [shape for shape in shapes if shape is not None][:_MOST]
    if not there:
        return None
    west, south, east, north = map(float, shapely.total_bounds([*there, *ground]))
    place, size = _frame((west, south, east, north))

    def drawn(shape: Any) -> Any:
        return shapely.simplify(shapely.transform(shape, place), _FINEST)

    areas, lines, points = [], [], []
    for shape in map(drawn, there):
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon" and not part.is_empty:
                areas.append(_rings(part))
            elif part.geom_type == "LineString" and not part.is_empty:
                lines.append(_path(part))
            elif part.geom_type == "Point":
                points.append((round(part.x, 1), round(part.y, 1)))
    beneath = [part for shape in ground for part in shapely.get_parts(drawn(shape))]
    return Overview(
        width=size[0],
        height=size[1],
        ground=" ".join(_rings(part) for part in beneath if not part.is_empty),
        areas=tuple(areas),
        lines=tuple(lines),
        points=tuple(dict.fromkeys(points)),
    )


def _frame(box: Bounds) -> tuple[Any, tuple[float, float]]:
    """Return what places degrees in the picture, and the picture's size."""
    import numpy as np

    west, south, east, north = box
    narrowing = max(math.cos(math.radians((south + north) / 2)), 0.1)
    wide, high = max((east - west) * narrowing, 1e-6), max(north - south, 1e-6)
    if wide == 1e-6 and high == 1e-6:  # one point: a picture of some degrees round it
        wide = high = 4.0
        west, north = west - wide / narrowing / 2, north + high / 2
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_TALLEST - 2 * _MARGIN) / high)
    size = (round(wide * scale + 2 * _MARGIN, 1), round(high * scale + 2 * _MARGIN, 1))

    def place(points: Any) -> Any:
        x = (points[:, 0] - west) * narrowing * scale + _MARGIN
        y = (north - points[:, 1]) * scale + _MARGIN
        return np.column_stack([x, y])

    return place, size


def _rings(polygon: Any) -> str:
    rings = [polygon.exterior, *polygon.interiors]
    return " ".join(f"{_path(ring)}Z" for ring in rings)


def _path(line: Any) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line.coords)
