"""The figures of one series on one day, as a sheet gave them: a few hundred rows, asked once or twice.

It answers what `geo.figure_index.FigureIndex` answers of its rows, without making frames: for so few
rows the frames would cost more than reading them.
"""

import datetime as dt
from collections.abc import Collection
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.figure_index import Positions, Series
from geo.sheets import Columns
from geo.standing import standing_rows
from geo.terms import State

__all__ = ["StoredPart"]

_NUMBERS = ("value", "low", "high")


class StoredPart:
    """Standing rows (`geo.standing`) of one series and day; positions are those of the sheet."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._level = np.array(columns["level"], dtype=np.int64)
        self._lost = np.array(columns["unplaced"], dtype=np.bool_)
        figure = State.FIGURE.value
        self._known = np.array([state == figure for state in columns["state"]], dtype=np.bool_)
        self._standing = _standing(columns)

    def __len__(self) -> int:
        return len(self._level)

    def rows(self, _series: Series, _day: dt.date) -> Positions:
        """Return all rows that stand."""
        return self._standing

    def at_level(self, rows: Positions, level: int) -> Positions:
        """Return those of some rows that speak at a level."""
        at: Positions = rows[self._level[rows] == level]
        return at

    def where(self, rows: Positions, column: str, cells: Collection[str]) -> Positions:
        """Return those of some rows whose cell of a text column is one of ``cells``."""
        wanted, there = frozenset(cells), self._columns[column]
        if wanted.isdisjoint(there):
            return np.empty(0, dtype=np.intp)
        return np.array([row for row in rows.tolist() if there[row] in wanted], dtype=np.intp)

    def unplaced(self, rows: Positions) -> NDArray[np.bool_]:
        """Return which of some rows could be placed in none of the units of their level."""
        return self._lost[rows]

    def is_figure(self, rows: Positions) -> NDArray[np.bool_]:
        """Return which of some rows hold a figure."""
        return self._known[rows]

    def cells(self, rows: Positions, column: str) -> list[Any]:
        """Return the cells of a column in some rows; NaN is a missing number."""
        there = self._columns[column]
        found = there if len(rows) == len(there) else [there[row] for row in rows.tolist()]
        if column in _NUMBERS:
            missing = found.count(None)
            if missing == len(found):  # as a rule no figure is a range
                return [nan] * len(found)
            if not missing:
                return found
            return [nan if cell is None else cell for cell in found]
        if column == "start":
            days = {cell: dt.date.fromisoformat(cell) if cell else None for cell in set(found)}
            return [days[cell] for cell in found]
        return found


def _standing(columns: Columns) -> Positions:
    """Return one row per unit and level; the sheet agrees in all else that makes a figure one."""
    cells = list(zip(columns["pcode"], columns["level"], columns["unplaced"], strict=True))
    return np.array(standing_rows(cells, columns["state"], columns["basis"]), dtype=np.intp)
