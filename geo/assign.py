"""Points to places: one partition of a table of points becomes counts per unit, group and day.

`assign_partition` is a pure function, and its counts add up: partitions may be done in any order,
anywhere, and again. Persons are whole numbers, so sums are exact whatever the order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from boundaries.id_grid import OUTSIDE
from geo.count_matrix import CountMatrix
from geo.point_columns import GOOD, REASONS, Words, coordinates, days, groups, persons

if TYPE_CHECKING:
    from boundaries.id_grid import IdGrid
    from geo.point_files import Partition

__all__ = ["AssignTask", "PartCounts", "Period", "added", "assign_partition"]

Period = Literal["day", "month", "year"]

_EXAMPLES = 5  # rows that the ledger names for each reason

_TRIED = 10_000  # of the rows of a batch without a unit
_OFF, _OUTSIDE, _ON_WATER = (
    REASONS.index(name) for name in ("off-the-globe", "outside", "on-water")
)

Key = tuple[int, int, str, str]
"""Unit, unit of origin (-1: not asked), group and day."""


@dataclass(frozen=True)
class AssignTask:
    """What is asked of every partition. Columns are those of the files; "" is not asked.

    ``grid`` and ``land`` are folders of kept grids; without ``land``, all that is outside is on water.
    """

    grid: Path
    lon: str
    lat: str
    group: str = ""
    date: str = ""
    count: str = ""
    origin_lon: str = ""
    origin_lat: str = ""
    period: Period = "day"
    land: Path | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to be read, each once."""
        asked = (self.lon, self.lat, self.group, self.date, self.count)
        ends = (self.origin_lon, self.origin_lat)
        return tuple(dict.fromkeys(name for name in (*asked, *ends) if name))

    @property
    def by_origin(self) -> bool:
        """Whether movements are counted."""
        return bool(self.origin_lon)


@dataclass
class PartCounts:
    """Counts of one or more partitions: ``persons`` and ``points`` by key, and what became of the rows.

    ``left_out`` counts rows by reason, ``examples`` names some: (file, row from 1, what stood there).
    Of those without a unit, ``tried`` were tried with longitude and latitude exchanged (a sample of every
    million), and ``swapped`` of them then lay in one.
    """

    counts: dict[Key, list[int]] = field(default_factory=dict)
    rows: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    tried: int = 0
    swapped: int = 0

    @property
    def placed(self) -> int:
        """The rows that are in a unit."""
        return self.rows - sum(self.left_out.values())

    def count(self, key: Key, people: int, points: int) -> None:
        """Add persons and points to a key."""
        own = self.counts.setdefault(key, [0, 0])
        own[0] += people
        own[1] += points

    def add(self, other: "PartCounts") -> None:
        """Add the counts of another partition."""
        for key, (people, points) in other.counts.items():
            self.count(key, people, points)
        self.rows += other.rows
        self.tried += other.tried
        self.swapped += other.swapped
        for reason, count in other.left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + count
        for reason, rows in other.examples.items():
            both = sorted([*self.examples.get(reason, []), *rows])
            self.examples[reason] = both[:_EXAMPLES]


def added(parts: Iterable[PartCounts]) -> PartCounts:
    """Return the sum of partitions; the same in any order."""
    whole = PartCounts()
    for part in parts:
        whole.add(part)
    return whole


def assign_partition(task: AssignTask, partition: "Partition") -> PartCounts:
    """Return the counts of one partition of a table of points.

    Raises
    ------
    TableError
        The file cannot be read, or lacks a column.
    LostGrid
        The grid is not where the task says.
    """
    from boundaries.id_grid_files import open_grid
    from geo.point_files import batches

    grid = open_grid(task.grid)
    part = PartCounts()
    matrix = CountMatrix(len(grid.pcodes), part.count, by_origin=task.by_origin)
    words = [name for name in (task.group, task.date) if name]
    for first_row, batch in batches(partition, task.columns, words):
        _count_batch(task, grid, part, matrix, _Batch(partition.name, first_row, batch))
    matrix.write_out()
    return part


@dataclass(frozen=True)
class _Batch:
    """Some rows of a file: columns by name; ``row`` is the number of the first."""

    file: str
    row: int
    columns: Mapping[str, Any]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def _count_batch(
    task: AssignTask, grid: "IdGrid", part: PartCounts, matrix: CountMatrix, batch: _Batch
) -> None:
    columns = batch.columns
    unit, why = _units(task, grid, part, (columns[task.lon], columns[task.lat]))
    origin = None
    if task.by_origin:
        ends = columns[task.origin_lon], columns[task.origin_lat]
        origin, lost = _units(task, grid, part, ends)
        at_origin = (why == GOOD) & (lost != GOOD)
        why[at_origin] = lost[at_origin] + len(REASONS)
    words: list[Words] = []
    for name, read, reason in (
        (task.group, groups, "bad-group"),
        (task.date, lambda column: days(column, task.period), "bad-date"),
    ):
        words.append(read(columns[name]) if name else Words(("",), np.zeros(1, dtype=np.int32)))
        if name:
            _leave_out(why, words[-1].code < 0, reason)
    people: NDArray[np.float64] | None = None
    if task.count:
        people, bad = persons(columns[task.count])
        _leave_out(why, bad, "bad-count")
    part.rows += len(batch)
    _tell(task, part, batch, why)
    if why.any():
        keep = np.flatnonzero(why == GOOD)
        unit, origin = unit[keep], None if origin is None else origin[keep]
        people = None if people is None else people[keep]
        words = [
            Words(each.words, each.code[keep] if len(each.words) > 1 else each.code)
            for each in words
        ]
    matrix.add(unit, origin, words, people)


def _leave_out(why: NDArray[np.uint8], hit: NDArray[np.bool_], reason: str) -> None:
    """Give a reason to rows that have none, or only that they lie outside."""
    if hit.any():
        weak = (why == GOOD) | (why >= _OUTSIDE)
        why[hit & weak] = REASONS.index(reason)


def _units(
    task: AssignTask, grid: "IdGrid", part: PartCounts, lonlat: tuple[Any, Any]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return each row's unit and its reason; try whether coordinates look exchanged."""
    x, y, why = coordinates(*lonlat)
    unit = grid.positions(x, y)
    nowhere = np.flatnonzero((unit == OUTSIDE) & (why == GOOD))
    why[nowhere] = _ON_WATER
    if task.land is not None and len(nowhere):
        from boundaries.id_grid_files import open_grid

        dry = open_grid(task.land).positions(x[nowhere], y[nowhere]) != OUTSIDE
        why[nowhere[dry]] = _OUTSIDE
    lost = np.flatnonzero((why == _ON_WATER) | (why == _OUTSIDE) | (why == _OFF))
    if len(lost):
        some = lost[:: max(len(lost) // _TRIED, 1)]
        part.tried += len(some)
        part.swapped += int(np.count_nonzero(grid.positions(y[some], x[some]) != OUTSIDE))
    return unit, why


def _tell(task: AssignTask, part: PartCounts, batch: _Batch, why: NDArray[np.uint8]) -> None:
    if not why.any():
        return
    counted = np.bincount(why, minlength=1)
    for number in np.flatnonzero(counted)[np.flatnonzero(counted) != GOOD].tolist():
        at_origin, plain = divmod(number, len(REASONS))
        reason = ("origin-" if at_origin else "") + REASONS[plain]
        part.left_out[reason] = part.left_out.get(reason, 0) + int(counted[number])
        told = part.examples.setdefault(reason, [])
        if len(told) < _EXAMPLES:
            for at in np.flatnonzero(why == number)[: _EXAMPLES - len(told)].tolist():
                told.append((batch.file, batch.row + at, _said(task, batch, reason, at)))


def _said(task: AssignTask, batch: _Batch, reason: str, at: int) -> str:
    """Return what stands in the cells that a reason speaks of."""
    named = {"bad-group": (task.group,), "bad-date": (task.date,), "bad-count": (task.count,)}
    ends = (task.lon, task.lat)
    if reason.startswith("origin-"):
        ends = (task.origin_lon, task.origin_lat)
    cells = (batch.columns[name][at].as_py() for name in named.get(reason, ends))
    return ", ".join("" if cell is None else str(cell)[:40] for cell in cells)
