"""From polygons to an exact id grid. A cell counts as free of borders only if none comes near it.

Every cell within a millionth of a cell of an edge is marked with the edge's unit. All of an unmarked
cell lies on one side of every border, so its middle speaks for it; middles are filled row by row
between the crossings of the rings, even-odd, which is right for valid polygons with holes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.id_grid import IdGrid

__all__ = ["build_id_grid"]

_FINE = 16  # fine cells across a coarse one
_NEAR = 1e-6  # cells; coordinates as cells are exact to 1e-11
_FINEST = 2048  # cells per degree, about 50 m: below that, more cells save no exact tests
_MOST_MARKS = 4_000_000  # cells on borders: they decide memory (about 50 MB) and building time
_MOST_CELLS = 3e8  # cells of the whole extent: the world at 64 to a degree
_PACKED = 20  # bits of a unit's position where three of them make one number

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Edges:
    """The edges of all rings, in cells from the grid's south-west corner; ``unit`` they belong to."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    unit: Ints


@dataclass(frozen=True)
class _Spans:
    """Runs of cells whose middles are inside a unit, sorted by row: columns start ≤ c < end."""

    row: Ints
    start: Ints
    end: Ints
    unit: Ints


@dataclass(frozen=True)
class _Marks:
    """Cells that an edge touches, with the edge's unit; sorted, each pair once. key = row × columns + column."""

    key: Ints
    unit: Ints


def build_id_grid(
    pcodes: tuple[str, ...], polygons: NDArray[Any], *, per_degree: int | None = None
) -> IdGrid:
    """Return the grid of some units.

    Parameters
    ----------
    pcodes : tuple of str
        In any order; the grid holds them ascending.
    polygons : array of Polygon or MultiPolygon, shape (n,)
        Degrees, valid. They may overlap: shared ground is the smallest P-code's.
    per_degree : int, optional
        Fine cells per degree, a power of two; default as fine as about 50 MB allow.
    """
    order = sorted(range(len(pcodes)), key=lambda at: pcodes[at])
    shapes = np.array([polygons[at] for at in order], dtype=object)
    bounds = shapely.total_bounds(shapes)
    if per_degree is None:
        per_degree = _resolution(shapes, bounds)
    fine = min(_FINE, per_degree)
    step = fine / per_degree
    west, south = np.floor(bounds[0] / step) * step, np.floor(bounds[1] / step) * step
    columns = max(int(np.ceil((bounds[2] - west) / step)), 1) * fine
    rows = max(int(np.ceil((bounds[3] - south) / step)), 1) * fine
    edges = _edges(shapes, west, south, per_degree)
    filler = _Filler(len(order), rows, columns, fine)
    filler.fill(_marks(edges, rows, columns), _spans(edges, rows, columns))
    starts, members = filler.sets()
    return IdGrid(
        pcodes=tuple(pcodes[at] for at in order),
        polygons=shapes,
        west=float(west),
        south=float(south),
        per_degree=per_degree,
        fine=fine,
        coarse=filler.coarse,
        cells=filler.blocks(),
        starts=starts,
        members=members,
    )


def _resolution(shapes: NDArray[Any], bounds: Floats) -> int:
    """Return how many cells per degree give at most `_MOST_MARKS` cells on borders."""
    length = float(shapely.length(shapes).sum()) * 1.3  # a slanted line touches more cells
    corners = int(shapely.get_num_coordinates(shapes).sum())
    square = float((bounds[2] - bounds[0]) * (bounds[3] - bounds[1]))
    per_degree = 1
    while (
        per_degree < _FINEST
        and length * per_degree * 2 + corners <= _MOST_MARKS
        and square * (per_degree * 2) ** 2 <= _MOST_CELLS
    ):
        per_degree *= 2
    return per_degree


def _edges(shapes: NDArray[Any], west: float, south: float, per_degree: int) -> _Edges:
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = (points[:, 0] - west) * per_degree, (points[:, 1] - south) * per_degree
    edge = ring[1:] == ring[:-1]
    unit = of_shape[of_part[ring[:-1]]][edge].astype(np.int64)
    return _Edges(x[:-1][edge], y[:-1][edge], x[1:][edge], y[1:][edge], unit)


def _repeated(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return, for runs first…last, the number of the run and each whole number in it."""
    many = np.maximum(last - first + 1, 0)
    run = np.repeat(np.arange(len(first)), many)
    before = np.cumsum(many) - many
    return run, np.arange(len(run)) - before[run] + first[run]


def _marks(edges: _Edges, rows: int, columns: int) -> _Marks:
    """Mark every cell that an edge comes near: row by row, from where it enters to where it leaves."""
    low, high = np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1)
    first = np.clip(np.floor(low - _NEAR), 0, rows - 1).astype(np.int64)
    last = np.clip(np.floor(high + _NEAR), 0, rows - 1).astype(np.int64)
    edge, row = _repeated(first, last)
    x0, y0 = edges.x0[edge], edges.y0[edge]
    dx, dy = edges.x1[edge] - x0, edges.y1[edge] - y0
    flat = dy == 0
    per = np.where(flat, 1.0, dy)
    enters = np.where(flat, 0.0, np.clip((row - _NEAR - y0) / per, 0, 1))
    leaves = np.where(flat, 1.0, np.clip((row + 1 + _NEAR - y0) / per, 0, 1))
    xa, xb = x0 + dx * enters, x0 + dx * leaves
    left = np.clip(np.floor(np.minimum(xa, xb) - _NEAR), 0, columns - 1).astype(np.int64)
    right = np.clip(np.floor(np.maximum(xa, xb) + _NEAR), 0, columns - 1).astype(np.int64)
    run, column = _repeated(left, right)
    return _once(row[run] * columns + column, edges.unit[edge[run]])


def _once(key: Ints, unit: Ints) -> _Marks:
    """Return pairs of cell and unit sorted, each once."""
    order = np.lexsort((unit, key))
    key, unit = key[order], unit[order]
    new = np.ones(len(key), dtype=bool)
    new[1:] = (key[1:] != key[:-1]) | (unit[1:] != unit[:-1])
    return _Marks(key[new], unit[new])


def _spans(edges: _Edges, rows: int, columns: int) -> _Spans:
    """Return where the middles of each row's cells are inside a unit, between pairs of crossings."""
    # an edge crosses the middle line r + ½ if one end lies at or below it and the other above
    low, high = np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1)
    first = np.maximum(np.ceil(low - 0.5), 0).astype(np.int64)
    last = np.minimum(np.ceil(high - 0.5) - 1, rows - 1).astype(np.int64)
    edge, row = _repeated(first, last)
    x0, y0 = edges.x0[edge], edges.y0[edge]
    x = x0 + (row + 0.5 - y0) / (edges.y1[edge] - y0) * (edges.x1[edge] - x0)
    unit = edges.unit[edge]
    order = np.lexsort((x, unit, row))
    row, unit, x = row[order][::2], unit[order][::2], x[order]
    start = np.clip(np.ceil(x[::2] - 0.5), 0, columns).astype(np.int64)
    end = np.clip(np.ceil(x[1::2] - 0.5), 0, columns).astype(np.int64)
    some = end > start
    return _Spans(row[some], start[some], end[some], unit[some])


class _Filler:
    """Fills the grid one row of coarse cells at a time; candidate sets are numbered as they occur."""

    def __init__(self, units: int, rows: int, columns: int, fine: int) -> None:
        self.units, self.columns, self.fine = units, columns, fine
        self.coarse = np.full((rows // fine, columns // fine), units, dtype=np.int32)
        self._blocks: list[NDArray[np.uint32]] = []
        self._made = 0
        self._sets: dict[tuple[int, ...], int] = {}
        self._packed: dict[int, int] = {}

    def fill(self, marks: _Marks, spans: _Spans) -> None:
        """Fill all rows."""
        size = self.fine * self.columns
        mark = np.searchsorted(marks.key, np.arange(len(self.coarse) + 1) * size)
        span = np.searchsorted(spans.row, np.arange(len(self.coarse) + 1) * self.fine)
        for at in range(len(self.coarse)):
            here, run = slice(mark[at], mark[at + 1]), slice(span[at], span[at + 1])
            own = _Marks(marks.key[here] - at * size, marks.unit[here])
            runs = _Spans(
                spans.row[run] - at * self.fine, spans.start[run], spans.end[run], spans.unit[run]
            )
            if len(own.key) or len(runs.row):
                self._fill_row(at, own, runs)

    def sets(self) -> tuple[Ints, NDArray[np.int32]]:
        """Return where each candidate set starts, and all members."""
        many = np.array([0, *(len(members) for members in self._sets)], dtype=np.int64)
        members = [unit for each in self._sets for unit in each]
        return np.cumsum(many), np.array(members, dtype=np.int32)

    def blocks(self) -> NDArray[Any]:
        """Return the cut-up cells, in as few bytes as hold every code."""
        most = self.units + 1 + len(self._sets)
        kind: Any = np.uint16 if most < 1 << 16 else np.uint32
        none = np.empty((0, self.fine * self.fine), dtype=kind)
        return np.concatenate([none, *(block.astype(kind) for block in self._blocks)])

    def _fill_row(self, at: int, marks: _Marks, spans: _Spans) -> None:
        fine, columns = self.fine, self.columns
        shape = (fine, columns)
        inside = np.zeros((fine, columns + 1), dtype=np.int64)
        # the sum of the units whose spans cover a cell, and how many they are, in one number
        many = np.int64(1) << 40
        np.add.at(inside, (spans.row, spans.start), spans.unit + many)
        np.subtract.at(inside, (spans.row, spans.end), spans.unit + many)
        inside = np.cumsum(inside[:, :columns], axis=1)
        middle = inside[fine // 2, fine // 2 :: fine]
        covers = middle >> 40
        codes = np.where(covers == 1, middle & (many - 1), self.units).astype(np.int32)
        across = np.flatnonzero(covers > 1)
        if len(across):  # units drawn over one another
            keys = (fine // 2) * columns + across * fine + fine // 2
            pairs = _covering(np.sort(keys), spans, columns)
            codes[across] = self._codes_of(pairs)[1]
        cut = np.unique(marks.key % columns // fine)
        if len(cut):
            codes[cut] = -1 - (self._made + np.arange(len(cut)))
            self._blocks.append(self._cut_up(cut, inside.reshape(shape), marks, spans))
            self._made += len(cut)
        self.coarse[at] = codes

    def _cut_up(self, cut: Ints, inside: Ints, marks: _Marks, spans: _Spans) -> NDArray[np.uint32]:
        """Return the codes of the cells of some coarse cells, shape (len(cut), fine²)."""
        fine, columns = self.fine, self.columns
        summed = inside.reshape(fine, columns // fine, fine)[:, cut].transpose(1, 0, 2)
        covers = summed >> 40
        codes = np.where(covers == 1, summed & ((1 << 40) - 1), self.units)
        block, row, column = np.nonzero(covers > 1)
        several = row * columns + cut[block] * fine + column
        asked = np.unique(np.concatenate([marks.key, several]))
        more = _covering(asked, spans, columns)
        pairs = _once(
            np.concatenate([marks.key, more.key]), np.concatenate([marks.unit, more.unit])
        )
        key, found = self._codes_of(pairs)
        row, column = key // columns, key % columns
        codes[np.searchsorted(cut, column // fine), row, column % fine] = found
        return codes.reshape(len(cut), fine * fine).astype(np.uint32)

    def _codes_of(self, pairs: _Marks) -> tuple[Ints, Ints]:
        """Return the cells of sorted pairs, and the code of each one's candidate set."""
        first = np.flatnonzero(np.r_[True, pairs.key[1:] != pairs.key[:-1]])
        many = np.diff(np.r_[first, len(pairs.key)])
        codes = np.empty(len(first), dtype=np.int64)
        few = many <= 3 if self.units < (1 << _PACKED) - 1 else np.zeros(len(first), dtype=bool)
        packed = np.zeros(int(few.sum()), dtype=np.int64)
        for nth in range(3):
            there = many[few] > nth
            unit = np.zeros(len(packed), dtype=np.int64)
            unit[there] = pairs.unit[first[few][there] + nth] + 1
            packed |= unit << (_PACKED * nth)
        kinds, kind = np.unique(packed, return_inverse=True)
        codes[few] = np.array([self._packed_code(each) for each in kinds.tolist()], dtype=np.int64)[
            kind
        ]
        for at in np.flatnonzero(~few).tolist():
            start = int(first[at])
            codes[at] = self._code(tuple(pairs.unit[start : start + int(many[at])].tolist()))
        return pairs.key[first], codes

    def _packed_code(self, packed: int) -> int:
        if packed not in self._packed:
            parts = ((packed >> (_PACKED * nth)) & ((1 << _PACKED) - 1) for nth in range(3))
            self._packed[packed] = self._code(tuple(part - 1 for part in parts if part))
        return self._packed[packed]

    def _code(self, units: tuple[int, ...]) -> int:
        return self.units + 1 + self._sets.setdefault(units, len(self._sets))


def _covering(cells: Ints, spans: _Spans, columns: int) -> _Marks:
    """Return the units whose spans cover each of some cells (sorted keys), as sorted pairs."""
    low = np.searchsorted(cells, spans.row * columns + spans.start)
    high = np.searchsorted(cells, spans.row * columns + spans.end)
    span, at = _repeated(low, high - 1)
    return _once(cells[at], spans.unit[span])
