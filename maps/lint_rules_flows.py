"""Rules over flows as drawn: where a band goes must be seen, and which of two bands goes on.

Read from the outlines alone: a band's ring is its one side, its head, and its other side.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from maps.display import PathItem
from maps.flow_curves import FloatArray
from maps.lint_rules import RuleBook, Severity
from maps.page_case import PageCase

__all__ = ["BOOK"]

_HIDDEN = 0.4  # of a head under bands drawn over it: its point or both barbs are lost
_ACUTE = np.radians(30)
_HEAD = 3  # corners of an arrowhead
_SHORTEST = 8  # samples of a centre line

BOOK: RuleBook[PageCase] = RuleBook()


@dataclass(frozen=True, eq=False, slots=True)
class _Band:
    """One band read back from its outline: ``centre`` (s, 2) from its tail to its head."""

    item: PathItem
    head: Polygon
    centre: FloatArray

    @property
    def named(self) -> str:
        return f"{self.item.value or 0:,.0f}"


def _bands(case: PageCase) -> list[_Band]:
    """Return the bands in the order in which they are drawn; one that the frame cuts is left out."""
    out = []
    for item in case.paths("flow"):
        shape = item.geometry
        if not isinstance(shape, Polygon) or shape.is_empty:
            continue
        ring = shapely.get_coordinates(shape.exterior)[:-1]
        samples = (len(ring) - _HEAD) // 2
        if len(ring) % 2 == 0 or samples < _SHORTEST:
            continue
        one, other = ring[:samples], ring[samples + _HEAD :][::-1]
        across = np.hypot(*(one - other).T)
        if np.ptp(across) > 0.05 * float(across.mean()):
            continue  # not side and side: a cut or folded outline
        out.append(_Band(item, Polygon(ring[samples : samples + _HEAD]), (one + other) / 2))
    return out


@BOOK.rule(
    "flow-head-covered",
    Severity.WARNING,
    point=17,
    why="Without its head a band leads either way.",
    fix="Lower `most`, raise `minimum`, or use a larger sheet.",
)
def _heads_seen(case: PageCase) -> Iterator[str]:
    bands = _bands(case)
    outlines = np.array([band.item.geometry for band in bands], dtype=object)
    tree = shapely.STRtree(outlines)
    for i, band in enumerate(bands):
        over = [int(j) for j in tree.query(band.head, predicate="intersects") if j > i]
        hidden = float(shapely.union_all(outlines[over]).intersection(band.head).area)
        if hidden > _HIDDEN * band.head.area:
            share = hidden / band.head.area
            yield f"{share:.0%} of the head of the band of {band.named} lies under other bands"


@BOOK.rule(
    "flow-crossing-acute",
    Severity.WARNING,
    point=19,
    why="Where bands cross at a narrow angle, the eye goes on along the wrong one.",
    fix="Lower `most`, raise `minimum`, or use a larger sheet.",
)
def _crossings_clear(case: PageCase) -> Iterator[str]:
    if case.scene.flow_legend is not None and case.scene.flow_legend.tree:
        return  # the branches of a tree part, they do not cross
    bands = _bands(case)
    lines = shapely.linestrings([band.centre for band in bands]) if bands else []
    tree = shapely.STRtree(lines)
    for i, line in enumerate(lines):
        for j in tree.query(line, predicate="crosses"):
            if j <= i:
                continue
            where = shapely.get_coordinates(shapely.intersection(line, lines[j]))
            angles = [_angle(bands[i].centre, bands[j].centre, point) for point in where]
            if angles and min(angles) < _ACUTE:
                yield (
                    f"the bands of {bands[i].named} and {bands[j].named} cross at"
                    f" {np.degrees(min(angles)):.0f} degrees"
                )


def _angle(one: FloatArray, other: FloatArray, point: FloatArray) -> float:
    """Return the angle, at most a right one, at which two centre lines meet."""
    headings = []
    for line in (one, other):
        at = int(np.clip(np.hypot(*(line - point).T).argmin(), 1, len(line) - 2))
        way = line[at + 1] - line[at - 1]
        headings.append(float(np.arctan2(way[1], way[0])))
    turn = abs(headings[0] - headings[1]) % np.pi
    return min(turn, np.pi - turn)
