"""Which way is north. An arrow stands on a map exactly where north is not up; up is the default."""

import math

import numpy as np
from shapely import affinity
from shapely.geometry import Point, Polygon

from maps.display import Item, PathItem, TextItem
from maps.projection import MapFrame
from maps.symbology import DARK, WHITE, Symbology
from maps.text import TextStyle

__all__ = ["ARROW", "UNTURNED", "north_arrow", "north_turn"]

UNTURNED = 5.0  # degrees from the top that nobody notices
ARROW = 15.0  # mm that an arrow takes, whichever way it points


def north_turn(frame: MapFrame) -> float:
    """Return by how many degrees, clockwise, north lies from the page's top amid the content.

    0 where the middle is no place on Earth, or a pole.
    """
    x0, y0, x1, y1 = frame.room
    (lon, lat), *_ = frame.degrees(np.array([[(x0 + x1) / 2, (y0 + y1) / 2]]))
    if not np.isfinite([lon, lat]).all() or abs(lat) > 89:
        return 0.0
    south, north = frame.points(np.array([[lon, lat - 0.2], [lon, lat + 0.2]]))
    return math.degrees(math.atan2(north[0] - south[0], south[1] - north[1]))


def north_arrow(frame: MapFrame, symbology: Symbology, *, x: float, bottom: float) -> list[Item]:
    """Return an arrow to north standing around ``x`` above ``bottom`` (mm); none where north is up."""
    turn = north_turn(frame)
    if abs(turn) <= UNTURNED:
        return []
    y = bottom - ARROW / 2
    needle = Polygon([(x, y - 4.2), (x + 1.7, y + 2.6), (x, y + 1.4), (x - 1.7, y + 2.6)])
    turned = affinity.rotate(needle, turn, origin=(x, y))
    letter = affinity.rotate(Point(x, y - 6.2), turn, origin=(x, y))
    style = TextStyle(symbology.note, bold=True)
    return [
        PathItem(turned, fill=DARK, stroke=WHITE, stroke_width=0.5, role="north-arrow"),
        TextItem("N", letter.x, letter.y + 0.9, style, DARK, "middle", halo=WHITE, role="north"),
    ]
