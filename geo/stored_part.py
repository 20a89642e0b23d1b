"""The figures of one series on one day, as a sheet gave them: a few hundred rows, asked once or twice.

It answers what `geo.figure_index.FigureIndex` answers of its rows, without making frames: for so few
rows the frames would cost more than reading them. A column of one cell stays one cell.
"""

import datetime as dt
from collections.abc import Collection
from functools import lru_cache
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.figure_index import Positions, Series
from geo.sheets import SheetRows
from geo.standing import standing_rows
from geo.terms import State

__all__ = ["StoredPart"]

_NUMBERS = ("value", "low", "high")
_FIGURE = State.FIGURE.value


class StoredPart:
    """Standing rows (`geo.standing`) of one series and day; positions are those of the sheet."""

    def __init__(self, sheet: SheetRows) -> None:
        self._count, self._columns = sheet.count, dict(sheet.cells)
        codes, distinct = sheet.cells["pcode"], sheet.count == 1
        if isinstance(codes, list):
            self._columns["pcode"], distinct = _same_codes(tuple(codes))
        for name in _NUMBERS:
            self._columns[name] = _numbers(sheet.cells[name])
        # the sheet agrees in all else that makes a figure one
        self._standing = np.arange(self._count) if distinct else self._one_of_each()

    def __len__(self) -> int:
        return self._count

    def rows(self, _series: Series, _day: dt.date) -> Positions:
        """Return all rows that stand."""
        return self._standing

    def at_level(self, rows: Positions, level: int) -> Positions:
        """Return those of some rows that speak at a level."""
        at: Positions = rows[self._marked(rows, "level", level)]
        return at

    def where(self, rows: Positions, column: str, cells: Collection[str]) -> Positions:
        """Return those of some rows whose cell of a text column is one of ``cells``."""
        wanted, there = frozenset(cells), self._columns[column]
        if not isinstance(there, list):
            return rows if there in wanted else rows[:0]
        if wanted.isdisjoint(there):
            return rows[:0]
        return np.array([row for row in rows.tolist() if there[row] in wanted], dtype=np.intp)

    def unplaced(self, rows: Positions) -> NDArray[np.bool_]:
        """Return which of some rows could be placed in none of the units of their level."""
        return self._marked(rows, "unplaced", True)

    def is_figure(self, rows: Positions) -> NDArray[np.bool_]:
        """Return which of some rows hold a figure."""
        return self._marked(rows, "state", _FIGURE)

    def cells(self, rows: Positions, column: str) -> list[Any]:
        """Return the cells of a column in some rows; NaN is a missing number."""
        there = self._columns[column]
        if not isinstance(there, list):
            return [_day(there) if column == "start" else there] * len(rows)
        found = there if len(rows) == len(there) else [there[row] for row in rows.tolist()]
        if column == "start":
            days = {cell: _day(cell) for cell in set(found)}
            return [days[cell] for cell in found]
        return found

    def _marked(self, rows: Positions, column: str, wanted: object) -> NDArray[np.bool_]:
        """Return which of some rows have one cell in a column."""
        there = self._columns[column]
        if not isinstance(there, list):
            same = np.empty(len(rows), dtype=np.bool_)
            same.fill(there == wanted)  # `np.full` takes four times as long for so few
            return same
        if len(rows) < len(there):
            there = [there[row] for row in rows.tolist()]
        marks = [cell == wanted for cell in there]
        return np.array(marks, dtype=np.bool_)

    def _one_of_each(self) -> Positions:
        """Return one row per unit and level."""
        cells = zip(*map(self._spread, ("pcode", "level", "unplaced")), strict=True)
        states, bases = self._spread("state"), self._spread("basis")
        return np.array(standing_rows(list(cells), states, bases), dtype=np.intp)

    def _spread(self, column: str) -> list[Any]:
        there = self._columns[column]
        return there if isinstance(there, list) else [there] * self._count


def _numbers(there: Any) -> Any:
    """Return a number, or a list of numbers, with NaN for what is missing."""
    if isinstance(there, list):
        return [nan if cell is None else cell for cell in there] if None in there else there
    return nan if there is None else there


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@lru_cache(maxsize=8)
def _same_codes(codes: tuple[str, ...]) -> tuple[list[str], bool]:
    """Return codes as a list, and whether each is there once; of equal codes always the same list.

    The series of a situation speak of the same units on all days: a thousand sheets in memory share
    their texts, and whoever compares them finds them the same without reading them.
    """
    return list(codes), len(set(codes)) == len(codes)
