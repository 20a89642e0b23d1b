"""What two bands cost each other: crossings, and the depth to which they run into each other.

Twice the same: `pair_cost` and `distances` in NumPy, and loops that Numba compiles where it is
installed (extra ``speed``) and there is enough to do. Both give the same layout. Millimetres.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import hypot, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maps.flow_curves import FloatArray
from maps.flow_pieces import PIECES, SAMPLES, STEPS, boxes, crossings, distance, overlap, pieces

__all__ = ["GAP", "TOO_ACUTE", "Kernel", "Prices", "kernel_for"]

# What a fault costs; for those that weigh differently in a crowd see `Prices`.
_CROSSING = 7.0
_BROAD = 1.0  # a crossing of the broadest bands costs so many more crossings of hairlines
_TOUCHING = 20.0
_ACUTE_SINE = 0.77  # crossings under 50 degrees begin to mislead the eye
TOO_ACUTE = 0.5  # and under 30 degrees they do
_AT_NODE = 0.6  # siblings may touch a little, at their node
GAP = 0.6  # mm between bands

_CROWDS = (30, 80, 300)  # flows for which these prices are; between them they are interpolated
_PRICES = (
    (32.0, 32.0, 20.0),  # siblings that cross
    (14.0, 14.0, 11.0),  # a crossing's acuteness
    (9.0, 9.0, 3.0),  # once more for a misleading one
    (26.0, 18.0, 30.0),  # a covered node
    (4.0, 4.0, 3.0),  # a covered head
)
_FEW = 60  # flows that NumPy lays out before compiled code is even loaded


@dataclass(frozen=True, slots=True)
class Prices:
    """What faults cost. Few flows need hide nothing; of many, some will cross, and places come first.

    ``siblings`` crossing each other, a crossing by its ``acute``ness and once more where it is
    ``misleading`` (under 30 degrees), a ``node`` and a ``head`` covered.
    """

    siblings: float
    acute: float
    misleading: float
    node: float
    head: float

    @classmethod
    def among(cls, flows: int) -> "Prices":
        """Return the prices among so many flows.

        >>> Prices.among(20).node, Prices.among(80).node, Prices.among(400).node
        (26.0, 18.0, 30.0)
        """
        at = [float(np.interp(flows, _CROWDS, each)) for each in _PRICES]
        return cls(*at)

    def __iter__(self) -> Iterator[float]:
        yield from (self.siblings, self.acute, self.misleading, self.node, self.head)


@dataclass(frozen=True, slots=True)
class Kernel:
    """The two sums that a layout spends its time on.

    ``pair_cost(lines, width, theirs, their_widths, kin, widest, prices)`` is what lines (k, s, 2) of
    a flow of a width cost (k, o) with lines (o, s, 2) of flows of their widths (o,); ``kin`` (o,)
    tells which share a node with it, ``widest`` is the broadest band of all. ``distance(lines, points)``
    is the distance (k, p) from polylines to points.
    """

    pair_cost: Callable[
        [FloatArray, float, FloatArray, FloatArray, NDArray[np.bool_], float, Prices], FloatArray
    ]
    distance: Callable[[FloatArray, FloatArray], FloatArray]


def kernel_for(flows: int) -> Kernel:
    """Return compiled sums for many flows where Numba is installed, else those in NumPy."""
    return _compiled() if flows > _FEW else _NUMPY


def pair_cost(  # noqa: PLR0917 - as loops, it takes no names
    lines: FloatArray,
    width: float,
    theirs: FloatArray,
    their_width: FloatArray,
    kin: NDArray[np.bool_],
    widest: float,
    prices: Prices,
) -> FloatArray:
    """Return what lines of one flow cost with those of others; see `Kernel`."""
    k, o = len(lines), len(theirs)
    low, high = boxes(lines)
    their_low, their_high = boxes(theirs)
    room = their_width / 2 + width / 2 + GAP
    close = overlap(low, high, their_low, their_high, room[:, None, None])
    trial, piece, other, their = np.nonzero(close)
    if len(trial) == 0:
        return np.zeros((k, o))
    ax, ay = pieces(lines, trial, piece)
    bx, by = pieces(theirs, other, their)

    apart = ax[:STEPS, None] - bx
    apart *= apart
    apart_y = ay[:STEPS, None] - by
    apart_y *= apart_y
    apart += apart_y
    depth = np.sqrt(apart.min(axis=1))
    depth -= np.hypot(ax[1] - ax[0], ay[1] - ay[0]) / 4  # samples miss the closest points
    depth = np.clip(1 - depth / room[other], 0, 1)
    # A sample is as deep as it is in the deepest of the other line's pieces.
    key = (trial * PIECES + piece) * o + other
    first = np.flatnonzero(np.diff(key, prepend=-1))
    deepest = np.maximum.reduceat(depth, first, axis=1).sum(0) / (SAMPLES - 1)
    weight = _TOUCHING * np.where(kin[other[first]], _AT_NODE, 1.0)
    cost = np.bincount(trial[first] * o + other[first], weight * deepest, minlength=k * o)

    meet = np.flatnonzero(
        (low[trial, piece] <= their_high[other, their]).all(1)
        & (high[trial, piece] >= their_low[other, their]).all(1)
    )
    crossing, sine = crossings(ax[:, meet], ay[:, meet], bx[:, meet], by[:, meet])
    if len(crossing):
        trial, other = trial[meet][crossing], other[meet][crossing]
        price = np.where(kin[other], prices.siblings, _CROSSING)
        price = price * (1 + _BROAD * (their_width[other] + width) / widest)
        price += prices.acute * np.maximum(0, 1 - sine / _ACUTE_SINE)
        price += np.where(sine < TOO_ACUTE, prices.misleading, 0.0)
        cost += np.bincount(trial * o + other, price, minlength=k * o)
    return np.asarray(cost, dtype=np.float64).reshape(k, o)


_NUMPY = Kernel(pair_cost, distance)


# --- the same as loops ----------------------------------------------------------------------------


@cache
def _compiled() -> Kernel:
    try:
        import numba
    except ImportError:
        return _NUMPY

    def compiled(function: Callable[..., None]) -> Callable[..., Any]:
        try:
            return numba.njit(cache=True)(function)
        except RuntimeError:  # there is nowhere to keep what was compiled
            return numba.njit(function)  # type: ignore[no-any-return]

    pair_loop, distance_loop = compiled(_pair_cost_loop), compiled(_distance_loop)

    def pairs(  # noqa: PLR0917
        lines: FloatArray,
        width: float,
        theirs: FloatArray,
        their_width: FloatArray,
        kin: NDArray[np.bool_],
        widest: float,
        prices: Prices,
    ) -> FloatArray:
        cost = np.zeros((len(lines), len(theirs)))
        low, high = boxes(lines)
        their_low, their_high = boxes(theirs)
        sides = (lines, low, high, theirs, their_low, their_high)
        siblings, acute, misleading, _, _ = prices
        priced = (float(siblings), float(acute), float(misleading))
        pair_loop(*map(np.ascontiguousarray, sides), width, their_width, kin, widest, *priced, cost)
        return cost

    def distances(lines: FloatArray, points: FloatArray) -> FloatArray:
        out = np.empty((len(lines), len(points)))
        distance_loop(np.ascontiguousarray(lines), np.ascontiguousarray(points), out)
        return out

    return Kernel(pairs, distances)


def _pair_cost_loop(  # noqa: PLR0912, PLR0917 - compiled as one
    lines: FloatArray,
    low: FloatArray,
    high: FloatArray,
    theirs: FloatArray,
    their_low: FloatArray,
    their_high: FloatArray,
    width: float,
    their_width: FloatArray,
    kin: NDArray[np.bool_],
    widest: float,
    siblings: float,
    acute: float,
    misleading: float,
    cost: FloatArray,
) -> None:
    """Fill ``cost`` (k, o) as `pair_cost` does, of lines and the boxes of their pieces."""
    depth = np.empty(STEPS)
    for k in range(len(lines)):
        for o in range(len(theirs)):
            room = their_width[o] / 2 + width / 2 + GAP
            touching, crossed = 0.0, 0.0
            for p in range(PIECES):
                near = False
                depth[:] = 0.0
                for q in range(PIECES):
                    if (
                        low[k, p, 0] > their_high[o, q, 0] + room
                        or high[k, p, 0] < their_low[o, q, 0] - room
                        or low[k, p, 1] > their_high[o, q, 1] + room
                        or high[k, p, 1] < their_low[o, q, 1] - room
                    ):
                        continue
                    near = True
                    for i in range(STEPS):
                        a = p * STEPS + i
                        least = np.inf
                        for b in range(q * STEPS, q * STEPS + STEPS + 1):
                            x = lines[k, a, 0] - theirs[o, b, 0]
                            y = lines[k, a, 1] - theirs[o, b, 1]
                            least = min(least, x * x + y * y)
                        first = p * STEPS
                        step = hypot(
                            lines[k, first + 1, 0] - lines[k, first, 0],
                            lines[k, first + 1, 1] - lines[k, first, 1],
                        )
                        deep = 1 - (sqrt(least) - step / 4) / room
                        depth[i] = max(depth[i], min(max(deep, 0.0), 1.0))
                    if (
                        low[k, p, 0] > their_high[o, q, 0]
                        or high[k, p, 0] < their_low[o, q, 0]
                        or low[k, p, 1] > their_high[o, q, 1]
                        or high[k, p, 1] < their_low[o, q, 1]
                    ):
                        continue
                    for a in range(p * STEPS, p * STEPS + STEPS):
                        ax, ay = lines[k, a, 0], lines[k, a, 1]
                        dx, dy = lines[k, a + 1, 0] - ax, lines[k, a + 1, 1] - ay
                        line = dx * ay - dy * ax
                        past = (dx * theirs[o, q * STEPS, 1] - dy * theirs[o, q * STEPS, 0]) >= line
                        for b in range(q * STEPS, q * STEPS + STEPS):
                            next_x, next_y = theirs[o, b + 1, 0], theirs[o, b + 1, 1]
                            before = past
                            past = dx * next_y - dy * next_x >= line
                            if past == before:
                                continue
                            bx, by = theirs[o, b, 0], theirs[o, b, 1]
                            ex, ey = next_x - bx, next_y - by
                            other = ex * by - ey * bx
                            start = ay * ex - ax * ey >= other
                            stop = lines[k, a + 1, 1] * ex - lines[k, a + 1, 0] * ey >= other
                            if start == stop:
                                continue
                            product = hypot(dx, dy) * hypot(ex, ey)
                            sine = abs(dx * ey - dy * ex) / max(product, 1e-9)
                            price = siblings if kin[o] else _CROSSING
                            price *= 1 + _BROAD * (their_width[o] + width) / widest
                            crossed += price + acute * max(0.0, 1 - sine / _ACUTE_SINE)
                            if sine < TOO_ACUTE:
                                crossed += misleading
                if near:
                    touching += depth.sum() / (SAMPLES - 1)
            weight = _TOUCHING * (_AT_NODE if kin[o] else 1.0)
            cost[k, o] = weight * touching + crossed


def _distance_loop(lines: FloatArray, points: FloatArray, out: FloatArray) -> None:
    """Fill ``out`` (k, p) as `maps.flow_pieces.distance` does."""
    for k in range(len(lines)):
        for p in range(len(points)):
            least = np.inf
            for s in range(lines.shape[1] - 1):
                run_x = lines[k, s + 1, 0] - lines[k, s, 0]
                run_y = lines[k, s + 1, 1] - lines[k, s, 1]
                x, y = points[p, 0] - lines[k, s, 0], points[p, 1] - lines[k, s, 1]
                along = (x * run_x + y * run_y) / max(run_x * run_x + run_y * run_y, 1e-12)
                along = min(max(along, 0.0), 1.0)
                x, y = x - along * run_x, y - along * run_y
                least = min(least, x * x + y * y)
            out[k, p] = sqrt(least)
