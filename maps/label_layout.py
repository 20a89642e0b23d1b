"""Where labels go. None overlaps another: what does not fit is left out, the lowest rank first.

Each label brings candidate boxes with a cost of their own (Imhof's order for points, distance from
the middle for areas). What lies beneath, borders, bands and symbols, is painted into a cost field,
so that a box is priced in constant time. Choice is by annealing (Christensen, Marks and Shieber
1995, "An empirical study of algorithms for point-feature label placement", ACM TOG 14(3)), here by
heat-bath sweeps: each label in turn draws a new place with the odds its cost gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.display import Box

__all__ = [
    "CostField",
    "LabelRequest",
    "area_boxes",
    "centred_boxes",
    "line_boxes",
    "place_labels",
    "point_boxes",
]

FloatArray = NDArray[np.float64]

FORBIDDEN = 1e3
_CELL = 0.5  # mm
_PADDING = 0.35  # mm between labels
_COARSE = 0.2  # mm; finer detail of an area does not matter to its name
_OVERLAP = 30.0
_ABSENT = 18.0  # what leaving out the least important label costs
_PER_RANK = 6.0
_SWEEPS = 45
_HOT, _COLD = 3.0, 0.05

# Imhof's order of places around a point: (to the right, downwards, cost); 1 is beside, 0 centred.
_AROUND = (
    (1.0, -0.8, 0.0),
    (1.0, 0.0, 0.1),
    (1.0, 0.8, 0.2),
    (0.0, -1.0, 0.25),
    (0.0, 1.0, 0.35),
    (-1.0, -0.8, 0.4),
    (-1.0, 0.0, 0.45),
    (-1.0, 0.8, 0.55),
)


@dataclass(frozen=True, eq=False)
class LabelRequest:
    """A label to be placed: ``boxes`` (k, 4) in mm, their ``cost`` (k,), and its ``rank`` (0 is
    left out last)."""

    boxes: FloatArray
    cost: FloatArray
    rank: int


class CostField:
    """What it costs to cover the map beneath, per cell of half a millimetre.

    Paint everything first, then ask: `price` sums over boxes by a summed-area table.
    """

    def __init__(self, frame: Box) -> None:
        self.frame = frame
        self._columns = int(np.ceil((frame[2] - frame[0]) / _CELL))
        self._rows = int(np.ceil((frame[3] - frame[1]) / _CELL))
        self._cost = np.zeros((self._rows, self._columns))

    def paint(self, geometry: BaseGeometry, weight: float) -> None:
        """Add ``weight`` to every cell whose middle a polygon covers."""
        for part in shapely.get_parts(geometry):
            if part.geom_type != "Polygon" or part.is_empty:
                continue
            x0, y0, x1, y1 = (int(side) for side in self._cells(part.bounds))
            x = self.frame[0] + (np.arange(x0, x1) + 0.5) * _CELL
            y = self.frame[1] + (np.arange(y0, y1) + 0.5) * _CELL
            shapely.prepare(part)
            xs, ys = np.meshgrid(x, y)
            self._cost[y0:y1, x0:x1] += weight * shapely.contains_xy(part, xs, ys)

    def trace(self, geometry: BaseGeometry, weight: float) -> None:
        """Add ``weight`` to every cell that a line runs through, once."""
        hit = np.zeros_like(self._cost, dtype=bool)
        for part in shapely.get_parts(geometry):
            if part.geom_type != "LineString" or part.is_empty:
                continue
            dense = shapely.get_coordinates(shapely.segmentize(part, _CELL / 2))
            column = ((dense[:, 0] - self.frame[0]) / _CELL).astype(int)
            row = ((dense[:, 1] - self.frame[1]) / _CELL).astype(int)
            here = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)
            hit[row[here], column[here]] = True
        self._cost[hit] += weight

    def price(self, boxes: FloatArray) -> FloatArray:
        """Return the mean cost (k,) under boxes (k, 4); outside the frame is forbidden."""
        table = np.zeros((self._rows + 1, self._columns + 1))
        table[1:, 1:] = self._cost.cumsum(0).cumsum(1)
        left, top, right, bottom = self._cells(boxes.T)
        left, top = np.minimum(left, self._columns - 1), np.minimum(top, self._rows - 1)
        right, bottom = np.maximum(right, left + 1), np.maximum(bottom, top + 1)
        total = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
        mean = total / ((right - left) * (bottom - top))
        x0, y0, x1, y1 = self.frame
        out = (boxes[:, 0] < x0) | (boxes[:, 1] < y0) | (boxes[:, 2] > x1) | (boxes[:, 3] > y1)
        return np.asarray(mean + FORBIDDEN * out)

    def _cells(self, box: Sequence[float] | FloatArray) -> tuple[NDArray[np.intp], ...]:
        """Return (left, top, right, bottom) cell indices, the last two exclusive, clamped."""
        x0, y0, x1, y1 = (np.asarray(side) for side in box)
        column = self.frame[0], self._columns
        row = self.frame[1], self._rows
        return tuple(
            np.clip(turn((side - start) / _CELL), 0, count).astype(np.intp)
            for side, (start, count), turn in (
                (x0, column, np.floor),
                (y0, row, np.floor),
                (x1, column, np.ceil),
                (y1, row, np.ceil),
            )
        )


def point_boxes(
    at: tuple[float, float], size: tuple[float, float], radius: float, gaps: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """Return candidate boxes and costs around a symbol, at growing gaps from its edge (mm).

    >>> boxes, cost = point_boxes((0, 0), (10, 3), 1, gaps=(0.5,))
    >>> boxes[int(cost.argmin())].round(1).tolist()  # right, and above
    [1.5, -2.7, 11.5, 0.3]
    """
    (x, y), (width, height) = at, size
    out = []
    for step, gap in enumerate(gaps):
        d = radius + gap
        for right, down, cost in _AROUND:
            left = x + (d if right > 0 else -d - width if right < 0 else -width / 2)
            lift = d if right == 0 else 0.4 * d * step
            top = y - height / 2 + down * (height / 2 + lift)
            out.append((left, top, left + width, top + height, cost + 0.5 * step))
    table = np.array(out)
    return table[:, :4], table[:, 4]


def area_boxes(
    area: BaseGeometry, width: float, height: float, *, most: int = 60
) -> tuple[FloatArray, FloatArray]:
    """Return candidate boxes and costs in an area: near its pole of inaccessibility, and inside."""
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0]
    if not parts:
        return np.empty((0, 4)), np.empty(0)
    main = shapely.simplify(max(parts, key=lambda part: float(part.area)), _COARSE)
    pole = shapely.get_coordinates(shapely.maximum_inscribed_circle(main, tolerance=0.5))[0]
    x0, y0, x1, y1 = main.bounds
    step = max(1.5, float(np.sqrt(main.area)) / 16)
    xs, ys = np.meshgrid(np.arange(x0, x1, step), np.arange(y0, y1, step))
    grid = np.stack([xs.ravel(), ys.ravel()], axis=1)
    shapely.prepare(main)
    spots = np.concatenate([pole[None], grid[shapely.contains_xy(main, grid[:, 0], grid[:, 1])]])
    boxes = np.stack(
        [
            spots[:, 0] - width / 2,
            spots[:, 1] - height / 2,
            spots[:, 0] + width / 2,
            spots[:, 1] + height / 2,
        ],
        axis=1,
    )
    inside = _share_inside(main, boxes)
    away = np.linalg.norm(spots - pole, axis=1) / max(float(np.sqrt(main.area)), 1e-9)
    cost = 0.8 * away + 6 * (1 - inside)
    best = np.argsort(cost, kind="stable")[:most]
    return boxes[best], cost[best]


def _share_inside(area: BaseGeometry, boxes: FloatArray) -> FloatArray:
    """Return about what share of boxes (k,) a prepared area covers, by a grid of points in each."""
    right, down = (grid.ravel() for grid in np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 3)))
    x = boxes[:, :1] + (boxes[:, 2:3] - boxes[:, :1]) * right
    y = boxes[:, 1:2] + (boxes[:, 3:] - boxes[:, 1:2]) * down
    return np.asarray(shapely.contains_xy(area, x, y).mean(1))


def line_boxes(
    centre: FloatArray, band_width: float, width: float, height: float
) -> tuple[FloatArray, FloatArray]:
    """Return candidate boxes and costs beside a band, about its middle, on both sides."""
    out = []
    last = len(centre) - 1
    for share in np.linspace(0.2, 0.9, 15):
        at = int(share * last)
        run = centre[min(at + 1, last)] - centre[max(at - 1, 0)]
        normal = np.array([-run[1], run[0]]) / max(float(np.hypot(*run)), 1e-9)
        reach = abs(normal[0]) * width / 2 + abs(normal[1]) * height / 2
        for gap in (0.5, 2.0):
            for side in (1, -1):
                x, y = centre[at] + side * normal * (band_width / 2 + gap + reach)
                cost = abs(share - 0.6) + 0.4 * (gap > 1)
                out.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2, cost))
    table = np.array(out)
    return table[:, :4], table[:, 4]


def centred_boxes(centre: FloatArray, width: float, height: float) -> tuple[FloatArray, FloatArray]:
    """Return candidate boxes and costs on the middle line of a band, away from its ends."""
    share = np.linspace(0.25, 0.75, 21)
    at = np.stack(
        [np.interp(share * (len(centre) - 1), np.arange(len(centre)), c) for c in centre.T]
    )
    x, y = at
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return boxes, np.abs(share - 0.55)


def place_labels(
    requests: Sequence[LabelRequest], field: CostField, *, seed: int = 0
) -> list[int | None]:
    """Return the chosen box of every label, None for one that is left out. Deterministic."""
    if not requests:
        return []
    rank = np.array([request.rank for request in requests])
    absent = _ABSENT + _PER_RANK * np.maximum(0, 9 - rank)
    choice = _Choice(requests, field, absent)
    rng = np.random.default_rng(seed)
    choice.settle(np.argsort(rank, kind="stable"), noise=None)
    for sweep in range(1, _SWEEPS):
        heat = _HOT * (_COLD / _HOT) ** (sweep / _SWEEPS)
        choice.settle(rng.permutation(len(requests)), heat * rng.gumbel(size=choice.odds))
    choice.settle(np.argsort(rank, kind="stable"), noise=None)
    choice.drop_conflicts(np.argsort(-rank, kind="stable"))
    return [int(pick) if pick >= 0 else None for pick in choice.chosen]


class _Choice:
    """Which candidate each label has, and how many placed labels every candidate would overlap.

    Candidates of all labels are numbered through; ``odds`` counts them and one more per label,
    that of being left out.
    """

    def __init__(
        self, requests: Sequence[LabelRequest], field: CostField, absent: FloatArray
    ) -> None:
        counts = [len(request.boxes) for request in requests]
        self._start = np.concatenate([[0], np.cumsum(counts)])
        boxes = np.concatenate([request.boxes for request in requests])
        own = np.concatenate([request.cost for request in requests])
        self._cost = own + field.price(boxes)
        self._absent = absent
        self._neighbours = _overlaps(boxes, self._start)
        self._crowd = np.zeros(len(boxes))
        self.odds = len(boxes) + len(requests)
        self.chosen = np.full(len(requests), -1)

    def settle(self, order: NDArray[np.intp], noise: FloatArray | None) -> None:
        """Let each label in turn take its cheapest candidate, the price blurred by ``noise``."""
        for label in order:
            start, stop = self._start[label], self._start[label + 1]
            self._move(label, -1)
            price = np.empty(stop - start + 1)
            price[:-1] = self._cost[start:stop] + _OVERLAP * self._crowd[start:stop]
            price[-1] = self._absent[label]
            if noise is not None:
                price -= noise[start + label : stop + label + 1]
            best = int(price.argmin())
            self._move(label, best if best < stop - start else -1)

    def _move(self, label: int, pick: int) -> None:
        others, meets = self._neighbours[label]
        if self.chosen[label] >= 0:
            self._crowd[others] -= meets[self.chosen[label]]
        if pick >= 0:
            self._crowd[others] += meets[pick]
        self.chosen[label] = pick

    def drop_conflicts(self, order: NDArray[np.intp]) -> None:
        """Leave labels out, in this order, until no two overlap."""
        for label in order:
            pick = self.chosen[label]
            if pick >= 0 and self._crowd[self._start[label] + pick] > 0:
                self._move(label, -1)


def _overlaps(
    boxes: FloatArray, start: NDArray[np.intp]
) -> list[tuple[NDArray[np.intp], FloatArray]]:
    """Return for each label the candidates of others near it, and which of its own meet them.

    The first are numbers (n,), the second is 1 where padded boxes overlap (its candidates, n).
    """
    low, high = boxes[:, :2] - _PADDING / 2, boxes[:, 2:] + _PADDING / 2
    whole_low = np.minimum.reduceat(low, start[:-1])
    whole_high = np.maximum.reduceat(high, start[:-1])
    label_of = np.repeat(np.arange(len(start) - 1), np.diff(start))
    out = []
    for label in range(len(start) - 1):
        near = ((low < whole_high[label]) & (high > whole_low[label])).all(1)
        near &= label_of != label
        others = np.flatnonzero(near)
        mine = slice(start[label], start[label + 1])
        meets = (low[mine, None, 0] < high[others, 0]) & (low[others, 0] < high[mine, None, 0])
        meets &= (low[mine, None, 1] < high[others, 1]) & (low[others, 1] < high[mine, None, 1])
        some = meets.any(0)
        out.append((others[some], meets[:, some].astype(np.float64)))
    return out
