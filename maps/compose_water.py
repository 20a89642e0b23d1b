"""Rivers and lakes as context: as many as the frame's size can bear, the largest first."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import shapely
from shapely.geometry.base import BaseGeometry

from maps.scene import PlaceLabel, WaterShape

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["compose_water", "name_water"]

Box = tuple[float, float, float, float]

# Up to which rank water is shown in a frame of at most so many degrees.
_RIVERS = ((6.0, 7), (12.0, 6), (18.0, 4), (30.0, 3), (60.0, 2), (140.0, 1))
_NAMED_BEYOND = 0.35  # of the frame's diagonal that a river must run through it, to be named
_MOST_NAMES = 3
_WATER_RANK = 3  # of a label: the first to go
_SMALLEST_LAKE = 0.012  # of the frame's diagonal, squared
_NAMED_LAKE = 0.10


def compose_water(water: "gpd.GeoDataFrame", frame: Box) -> tuple[WaterShape, ...]:
    """Return the lakes and rivers for a frame, cut a little beyond it, lakes first.

    Parameters
    ----------
    water : GeoDataFrame
        Columns ``kind`` (lake, river), ``name``, ``rank`` (0 the most important), EPSG:4326.
    frame : tuple
        West, south, east, north in degrees: what the page will show.
    """
    west, south, east, north = frame
    across, diagonal = max(east - west, north - south), math.hypot(east - west, north - south)
    most = next((rank for size, rank in _RIVERS if across <= size), 0)
    near = water.cx[west:east, south:north]
    shapes = []
    for kind, name, rank, geometry in zip(
        near["kind"], near["name"], near["rank"], near.geometry, strict=True
    ):
        if kind == "river" and rank > most:
            continue
        if kind == "lake" and geometry.area < (_SMALLEST_LAKE * diagonal) ** 2:
            continue
        shape = shapely.clip_by_rect(geometry, west - 1, south - 1, east + 1, north + 1)
        if not shape.is_empty:
            shapes.append(WaterShape(kind, str(name or ""), int(rank), shape))
    return tuple(sorted(shapes, key=lambda each: (each.kind == "river", each.rank, each.name)))


def name_water(water: Iterable[WaterShape], frame: Box, lang: str) -> tuple[PlaceLabel, ...]:
    """Return the names of the main rivers and of large lakes; dropped before any other name.

    The source has names in Latin letters only: an Arabic map shows water without names.
    """
    if lang == "ar":
        return ()
    west, south, east, north = frame
    diagonal = math.hypot(east - west, north - south)
    rivers: dict[str, list[BaseGeometry]] = {}
    labels = []
    for each in water:
        seen = shapely.clip_by_rect(each.geometry, *frame)
        if not each.name or seen.is_empty:
            continue
        if each.kind == "river":
            rivers.setdefault(each.name, []).append(seen)
        elif seen.area > (_NAMED_LAKE * diagonal) ** 2:
            point = shapely.point_on_surface(seen)
            labels.append(PlaceLabel(each.name, "water", point.x, point.y, _WATER_RANK, seen))
    longest = sorted(
        ((shapely.line_merge(shapely.union_all(parts)), name) for name, parts in rivers.items()),
        key=lambda each: (-each[0].length, each[1]),
    )
    for course, name in longest[:_MOST_NAMES]:
        if course.length < _NAMED_BEYOND * diagonal:
            continue
        reach = max(shapely.get_parts(course), key=lambda part: part.length)
        point = shapely.line_interpolate_point(reach, 0.5, normalized=True)
        labels.append(PlaceLabel(name, "water", point.x, point.y, _WATER_RANK, reach))
    return tuple(labels)
