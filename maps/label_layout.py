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

__all__ = ["CostField", "LabelRequest", "area_boxes", "line_boxes", "place_labels", "point_boxes"]

FloatArray = NDArray[np.float64]

FORBIDDEN = 1e3
_CELL = 0.5  # mm
_PADDING = 0.35  # mm between labels
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
    main = max(parts, key=lambda part: float(part.area))
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
    inside = shapely.area(shapely.intersection(shapely.box(*boxes.T), main)) / (width * height)
    away = np.linalg.norm(spots - pole, axis=1) / max(float(np.sqrt(main.area)), 1e-9)
    cost = 0.8 * away + 6 * (1 - inside)
    best = np.argsort(cost, kind="stable")[:most]
    return boxes[best], cost[best]


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


def place_labels(
    requests: Sequence[LabelRequest], field: CostField, *, seed: int = 0
) -> list[int | None]:
    """Return the chosen box of every label, None for one that is left out. Deterministic."""
    if not requests:
        return []
    boxes = np.concatenate([request.boxes for request in requests])
    counts = np.array([len(request.boxes) for request in requests])
    start = np.concatenate([[0], np.cumsum(counts)])
    own = np.repeat(np.arange(len(requests)), counts)
    cost = np.concatenate([request.cost for request in requests]) + field.price(boxes)
    meets = _overlaps(boxes, own)
    absent = np.array([_ABSENT + _PER_RANK * max(0, 9 - request.rank) for request in requests])

    rng = np.random.default_rng(seed)
    chosen = np.full(len(requests), -1)
    crowd = np.zeros(len(boxes))  # how many placed labels each candidate would overlap
    order = np.argsort([request.rank for request in requests], kind="stable")
    for sweep in range(_SWEEPS + 1):
        heat = 0.0 if sweep in (0, _SWEEPS) else _HOT * (_COLD / _HOT) ** (sweep / _SWEEPS)
        for label in order if sweep == 0 else rng.permutation(len(requests)):
            mine = slice(start[label], start[label + 1])
            if chosen[label] >= 0:
                crowd -= meets[chosen[label]]
            price = np.append(cost[mine] + _OVERLAP * crowd[mine], absent[label])
            noise = heat * rng.gumbel(size=len(price)) if heat else 0.0
            best = int((price - noise).argmin())
            chosen[label] = start[label] + best if best < counts[label] else -1
            if chosen[label] >= 0:
                crowd += meets[chosen[label]]
    _drop_conflicts(chosen, meets, np.array([request.rank for request in requests]))
    return [int(c - start[i]) if c >= 0 else None for i, c in enumerate(chosen)]


def _overlaps(boxes: FloatArray, own: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which candidates of different labels overlap, with padding (k, k)."""
    low, high = boxes[:, :2] - _PADDING / 2, boxes[:, 2:] + _PADDING / 2
    meets = (low[:, None, 0] < high[None, :, 0]) & (low[None, :, 0] < high[:, None, 0])
    meets &= (low[:, None, 1] < high[None, :, 1]) & (low[None, :, 1] < high[:, None, 1])
    return np.asarray(meets & (own[:, None] != own[None]))


def _drop_conflicts(
    chosen: NDArray[np.intp], meets: NDArray[np.bool_], rank: NDArray[np.intp]
) -> None:
    """Leave out the lowest ranks until no two labels overlap."""
    for label in np.argsort(-rank, kind="stable"):
        placed = chosen[chosen >= 0]
        if chosen[label] >= 0 and meets[chosen[label], placed].any():
            chosen[label] = -1
