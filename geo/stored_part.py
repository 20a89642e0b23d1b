"""The figures of one series on one day, as a store gave them: a few hundred rows, asked once or twice.

It answers what `geo.figure_index.FigureIndex` answers of its rows, without making frames: for so few
rows the frames would cost more than reading them.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.figure_index import Positions, Series
from geo.terms import State

__all__ = ["PART_COLUMNS", "StoredPart"]

PART_COLUMNS = (
    "pcode", "level", "unplaced", "start", "value", "low", "high", "state", "carried", "sources",
    "origin", "qualifier", "kind", "basis",
)  # fmt: skip

_AT = {name: place for place, name in enumerate(PART_COLUMNS)}
_NUMBERS = ("value", "low", "high")


class StoredPart:
    """Standing rows (`geo.standing`) of one series and day; positions are 0…n-1."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        standing = _standing(rows)
        listed: list[tuple[Any, ...]] = list(zip(*standing, strict=True))
        cells = listed or [() for _ in PART_COLUMNS]
        self._columns: dict[str, list[Any]] = {
            name: list(column) for name, column in zip(PART_COLUMNS, cells, strict=True)
        }
        for name in _NUMBERS:
            self._columns[name] = [nan if cell is None else cell for cell in self._columns[name]]
        self._columns["start"] = [_day(cell) for cell in self._columns["start"]]
        self._level = np.array(self._columns["level"], dtype=np.int64)
        self._lost = np.array(self._columns["unplaced"], dtype=np.bool_)
        figure = State.FIGURE.value
        self._known = np.array([s == figure for s in self._columns["state"]], dtype=np.bool_)

    def rows(self, _series: Series, _day: dt.date) -> Positions:
        """Return all rows."""
        return np.arange(len(self._level), dtype=np.intp)

    def at_level(self, rows: Positions, level: int) -> Positions:
        """Return those of some rows that speak at a level."""
        at: Positions = rows[self._level[rows] == level]
        return at

    def where(self, rows: Positions, column: str, cells: Collection[str]) -> Positions:
        """Return those of some rows whose cell of a text column is one of ``cells``."""
        wanted, there = frozenset(cells), self._columns[column]
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
        return [there[row] for row in rows.tolist()]


def _standing(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return one row per unit and level: the stated figure, else the sum, else the reason for neither."""
    pcode, level, unplaced = (_AT[name] for name in ("pcode", "level", "unplaced"))
    state, basis = _AT["state"], _AT["basis"]
    best: dict[tuple[Any, Any, Any], tuple[int, int]] = {}
    for place, row in enumerate(rows):
        key = (row[pcode], row[level], row[unplaced])
        worth = 2 * (row[state] == State.FIGURE.value) + (row[basis] == "stated")
        if key not in best or worth > best[key][0]:
            best[key] = (worth, place)
    return [rows[place] for place in sorted(place for _, place in best.values())]


def _day(cell: Any) -> dt.date | None:
    if not cell:
        return None
    return cell if isinstance(cell, dt.date) else dt.date.fromisoformat(cell)
