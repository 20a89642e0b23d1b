"""Our own signs of the sectors: one plain shape each, read at three millimetres and in grey print.

A sign is drawn in a square from -1 to 1, y down, and placed by its centre and half its side. Where
presence is stated it is white on a full ground; where it is only inferred, an outline.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from maps.display import PathItem
from maps.sectors import OTHER
from maps.symbology import WHITE

__all__ = ["SIGNS", "sector_sign", "sign_items"]

_GROUND = "#18558A"
_CORNER = 0.28  # of half the side
_PICTURE = 0.74  # of half the side that the picture takes


def _bar(x0: float, y0: float, x1: float, y1: float, width: float) -> BaseGeometry:
    """Return a stroke with square ends."""
    return LineString([(x0, y0), (x1, y1)]).buffer(width / 2, cap_style="flat")


def _stroke(points: list[tuple[float, float]], width: float) -> BaseGeometry:
    return LineString(points).buffer(width / 2, cap_style="round", join_style="round")


def _ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0) -> BaseGeometry:
    disc = affinity.scale(Point(0, 0).buffer(1, 16), rx, ry)
    return affinity.translate(affinity.rotate(disc, turn, origin=(0, 0)), x, y)


def _arc(
    x: float, y: float, radius: float, angles: tuple[float, float], width: float
) -> BaseGeometry:
    """Return a band along a circle between two angles, degrees, clockwise from the right."""
    at = np.radians(np.linspace(*angles, 16))
    return _stroke([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in at], width)


def _person(x: float, top: float, size: float) -> BaseGeometry:
    """Return a person of a height, standing below ``top``."""
    head = Point(x, top + 0.19 * size).buffer(0.19 * size, 16)
    body = Polygon(
        [
            (x - 0.3 * size, top + size),
            (x - 0.24 * size, top + 0.46 * size),
            (x + 0.24 * size, top + 0.46 * size),
            (x + 0.3 * size, top + size),
        ]
    ).buffer(0.05 * size)
    return shapely.union(head, body)


def _shield() -> BaseGeometry:
    side = [(0.0, -1.0), (0.8, -0.72), (0.8, 0.02), (0.62, 0.5), (0.3, 0.82), (0.0, 1.0)]
    return Polygon([*side, *[(-x, y) for x, y in side[-2:0:-1]]]).buffer(0.04)


def _heart(x: float, y: float, size: float) -> BaseGeometry:
    at = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    px = 16 * np.sin(at) ** 3
    py = -(13 * np.cos(at) - 5 * np.cos(2 * at) - 2 * np.cos(3 * at) - np.cos(4 * at))
    return Polygon(np.column_stack([x + px / 16 * size, y + py / 16 * size]))


def _camp() -> BaseGeometry:
    def tent(x: float, base: float, size: float) -> BaseGeometry:
        outer = Polygon([(x - size, base), (x, base - 1.25 * size), (x + size, base)])
        door = Polygon([(x - 0.3 * size, base), (x, base - 0.75 * size), (x + 0.3 * size, base)])
        return outer.difference(door)

    pole = _bar(0.4, -0.95, 0.4, -0.1, 0.11)
    flag = Polygon([(0.4, -0.95), (1.0, -0.73), (0.4, -0.5)])
    front = tent(-0.2, 0.85, 0.8)
    back = tent(0.48, 0.85, 0.55).difference(front.convex_hull.buffer(0.11))
    return shapely.union_all([front, back, pole, flag])


def _book() -> BaseGeometry:
    def page(sign: int) -> BaseGeometry:
        leaf = Polygon(
            [
                (sign * 0.07, -0.55),
                (sign * 0.45, -0.75),
                (sign * 1.0, -0.68),
                (sign * 1.0, 0.6),
                (sign * 0.45, 0.54),
                (sign * 0.07, 0.76),
            ]
        )
        lines = [_bar(sign * 0.28, y - 0.04, sign * 0.8, y - 0.14, 0.1) for y in (-0.22, 0.08)]
        return leaf.difference(shapely.union_all(lines))

    return shapely.union(page(-1), page(1))


def _sprout() -> BaseGeometry:
    stem = _stroke([(0, 0.75), (0, -0.1)], 0.16)
    left = _ellipse(-0.44, -0.3, 0.5, 0.27, 35)
    right = _ellipse(0.44, -0.5, 0.54, 0.3, -35)
    ground = _bar(-0.85, 0.86, 0.85, 0.86, 0.18)
    return shapely.union_all([stem, left, right, ground])


def _wheat() -> BaseGeometry:
    stem = _stroke([(0, 0.92), (0, -0.35)], 0.12)
    grains = [_ellipse(0, -0.76, 0.17, 0.26)]
    for y in (-0.32, 0.08, 0.48):
        grains += [_ellipse(0.36, y, 0.16, 0.31, 42), _ellipse(-0.36, y, 0.16, 0.31, -42)]
    return shapely.union_all([stem, *grains])


def _care() -> BaseGeometry:
    """A heart with a pulse: the cross is a protected emblem."""
    pulse = [(-0.95, 0.0), (-0.32, 0.0), (-0.12, -0.36), (0.14, 0.4), (0.32, 0.0), (0.95, 0.0)]
    return _heart(0, -0.06, 0.97).difference(_stroke(pulse, 0.15))


def _truck() -> BaseGeometry:
    body = box(-1.0, -0.6, 0.22, 0.4)
    cab = Polygon([(0.32, -0.28), (0.66, -0.28), (1.0, 0.08), (1.0, 0.4), (0.32, 0.4)])
    window = Polygon([(0.46, -0.14), (0.61, -0.14), (0.82, 0.08), (0.46, 0.08)])
    wheels = [Point(x, 0.44) for x in (-0.55, 0.62)]
    cut = shapely.union_all([w.buffer(0.31, 16) for w in wheels])
    chassis = shapely.union_all([body, cab.difference(window)]).difference(cut)
    return shapely.union_all([chassis, *(w.buffer(0.22, 16) for w in wheels)])


def _bowl() -> BaseGeometry:
    half = Point(0, -0.05).buffer(0.88, 24).intersection(box(-1, -0.05, 1, 1))
    foot = box(-0.36, 0.74, 0.36, 0.94)
    spoon = _stroke([(0.14, -0.2), (0.72, -0.95)], 0.17)
    steam = [_arc(x, -0.62, 0.2, (110, 250), 0.1) for x in (-0.28, -0.62)]
    return shapely.union_all([half, foot, spoon, *steam])


def _child() -> BaseGeometry:
    adult, child = _person(-0.36, -1.0, 1.95), _person(0.58, -0.22, 1.17)
    return shapely.union(adult.difference(child.buffer(0.12)), child)


def _shield_heart() -> BaseGeometry:
    return _shield().difference(_heart(0, -0.12, 0.42))


def _deed() -> BaseGeometry:
    roof = Polygon([(-0.95, -0.12), (0, -0.95), (0.95, -0.12)])
    walls = box(-0.68, -0.12, 0.68, 0.92)
    bow = Point(-0.24, 0.36).buffer(0.24, 16).difference(Point(-0.24, 0.36).buffer(0.11, 12))
    bit = shapely.union_all([_bar(-0.06, 0.36, 0.5, 0.36, 0.14), box(0.3, 0.36, 0.44, 0.6)])
    return shapely.union(roof, walls).difference(shapely.union(bow, bit))


def _mine() -> BaseGeometry:
    """An explosive: ball, neck, fuse and spark."""
    ball = Point(-0.16, 0.3).buffer(0.64, 24)
    neck = affinity.rotate(box(0.04, -0.44, 0.5, -0.1), 40, origin=(0.27, -0.27))
    fuse = _stroke([(0.36, -0.4), (0.5, -0.58), (0.66, -0.62)], 0.13)
    rays = [
        _bar(
            0.7 + 0.1 * math.cos(a),
            -0.66 + 0.1 * math.sin(a),
            0.7 + 0.36 * math.cos(a),
            -0.66 + 0.36 * math.sin(a),
            0.1,
        )
        for a in np.radians(np.arange(-150, 90, 60))
    ]
    shine = _arc(-0.16, 0.3, 0.4, (190, 250), 0.13)
    return shapely.union_all([ball, neck, fuse, *rays]).difference(shine)


def _house() -> BaseGeometry:
    roof = Polygon([(-1.0, -0.02), (0, -0.92), (1.0, -0.02), (0.86, 0.1), (-0.86, 0.1)])
    walls = box(-0.68, 0.0, 0.68, 0.9).difference(box(-0.2, 0.28, 0.2, 0.9))
    return shapely.union(roof, walls)


def _mast() -> BaseGeometry:
    tower = Polygon([(-0.09, -0.3), (0.09, -0.3), (0.46, 0.95), (-0.46, 0.95)])
    inside = Polygon([(-0.03, 0.0), (0.03, 0.0), (0.27, 0.95), (-0.27, 0.95)])
    bars = [_bar(-0.3, y, 0.3, y, 0.12) for y in (0.3, 0.64)]
    frame = shapely.union_all([tower.difference(inside), *bars]).intersection(tower)
    waves = [
        _arc(0, -0.4, radius, (start, start + 84), 0.13)
        for radius in (0.46, 0.82)
        for start in (-42, 138)
    ]
    return shapely.union_all([frame, Point(0, -0.4).buffer(0.19, 16), *waves])


def _drop() -> BaseGeometry:
    round_part = Point(0, 0.34).buffer(0.62, 24)
    tip = Polygon([(0, -1.0), (0.55, 0.06), (-0.55, 0.06)])
    shine = _arc(0, 0.34, 0.36, (20, 80), 0.13)
    return shapely.union(round_part, tip).difference(shine)


def _note() -> BaseGeometry:
    bill = box(-1.0, -0.58, 1.0, 0.58)
    coin = Point(0, 0).buffer(0.34, 20)
    corners = [Point(x, 0).buffer(0.1, 12) for x in (-0.72, 0.72)]
    return bill.difference(shapely.union_all([coin, *corners]))


def _joined() -> BaseGeometry:
    nodes = [(0.0, -0.66), (0.72, 0.52), (-0.72, 0.52)]
    links = [_bar(*nodes[i], *nodes[(i + 1) % 3], 0.15) for i in range(3)]
    return shapely.union_all([*links, *(Point(n).buffer(0.32, 16) for n in nodes)])


def _four() -> BaseGeometry:
    return MultiPolygon([box(x, y, x + 0.76, y + 0.76) for x in (-0.86, 0.1) for y in (-0.86, 0.1)])


def _dots() -> BaseGeometry:
    return shapely.union_all([Point(x, 0).buffer(0.2, 16) for x in (-0.62, 0, 0.62)])


SIGNS: Mapping[str, Callable[[], BaseGeometry]] = {
    "CCM": _camp,
    "EDU": _book,
    "ERY": _sprout,
    "FSC": _wheat,
    "HEA": _care,
    "LOG": _truck,
    "NUT": _bowl,
    "PRO": _shield,
    "PRO-CPN": _child,
    "PRO-GBV": _shield_heart,
    "PRO-HLP": _deed,
    "PRO-MIN": _mine,
    "SHL": _house,
    "TEL": _mast,
    "WSH": _drop,
    "CASH": _note,
    "CSS": _joined,
    "MUL": _four,
    OTHER: _dots,
}


@cache
def sector_sign(code: str) -> BaseGeometry:
    """Return the picture of a sector in the square from -1 to 1, y down; three dots for another."""
    return SIGNS.get(code, SIGNS[OTHER])()


@cache
def _ground() -> BaseGeometry:
    return box(-1 + _CORNER, -1 + _CORNER, 1 - _CORNER, 1 - _CORNER).buffer(_CORNER, 8)


def sign_items(
    code: str, x: float, y: float, half: float, *, inferred: bool = False, picture: bool = True
) -> tuple[PathItem, ...]:
    """Return a sign around a point in mm, ``half`` a side from its centre to its edge.

    Without ``picture`` only the ground is drawn: where signs have fixed places, at sizes at which
    no picture would be read.
    """

    def placed(shape: BaseGeometry, size: float) -> BaseGeometry:
        return affinity.translate(affinity.scale(shape, size, size, origin=(0, 0)), x, y)

    line = 0.5 if picture else 0.35
    role = f"sector-{code}"
    if inferred:
        # The outline lies within the square, so that both kinds take the same room.
        inner = half - line * 0.18
        ground = PathItem(
            placed(_ground(), inner), fill=WHITE, stroke=_GROUND, stroke_width=line, role=role
        )
    else:
        ground = PathItem(placed(_ground(), half), fill=_GROUND, role=role)
    if not picture:
        return (ground,)
    shape = placed(sector_sign(code), half * _PICTURE)
    return ground, PathItem(shape, fill=_GROUND if inferred else WHITE, role="sector-picture")
