"""Released figures by what can be asked of them, so that a question touches its own rows and no others.

Built once per set of released figures; texts are kept once each and looked up by number. Only
figures that stand are in it (`geo.standing`), and positions follow the order of the rows.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.standing import CELL, standing_figures
from geo.terms import State

__all__ = ["FigureIndex", "Positions", "Series"]

Series = tuple[str, str, str, str]
"""Group, measure, unit, and origin ("" for all origins together)."""
Positions = NDArray[np.intp]

_TEXTS = ("pcode", "state", "carried", "sources", "origin", "qualifier", "kind", "basis")
_SERIES = ("group", "measure", "unit", "origin")


@dataclass(frozen=True)
class _Column:
    """A column whose cells are few different things: ``codes`` (n,) into ``cells``."""

    codes: NDArray[np.intp]
    cells: list[Any]

    @classmethod
    def of(cls, column: "pd.Series[Any]") -> "_Column":
        codes, cells = pd.factorize(column, use_na_sentinel=False)
        return cls(codes, list(cells))

    @cached_property
    def _lookup(self) -> NDArray[np.object_]:
        made = np.empty(len(self.cells), dtype=np.object_)
        made[:] = self.cells
        return made

    def at(self, positions: Positions) -> list[Any]:
        cells: list[Any] = self._lookup[self.codes[positions]].tolist()
        return cells


@dataclass(frozen=True)
class FigureIndex:
    """The rows of ``frame`` (standing figures), found by group, measure, unit, origin, day and level."""

    frame: pd.DataFrame

    @classmethod
    def of(cls, figures: pd.DataFrame) -> "FigureIndex":
        """Index figures with the columns of ``UNIT_FIGURE_COLUMNS``."""
        used = [*dict.fromkeys((*CELL, *_TEXTS)), "start", "value", "low", "high"]
        return cls(standing_figures(figures[[name for name in used if name in figures.columns]]))

    at_hand = True
    """An answer waits for nobody: all of it is in memory."""

    @cached_property
    def levels(self) -> dict[str, list[int]]:
        """Each group that has figures, with the levels it has them at; both ascending."""
        found: dict[str, set[int]] = {}
        for (group, *_), level, _ in self._days:
            found.setdefault(group, set()).add(level)
        return {group: sorted(found[group]) for group in sorted(found)}

    def measures(self, group: str, level: int) -> list[str]:
        """Return the measures of a group's figures at a level, ascending."""
        return sorted({series[1] for series in self._at(group, level)})

    def units(self, group: str, level: int, measure: str) -> set[str]:
        """Return what a group's figures of a measure count at a level."""
        return {series[2] for series in self._at(group, level) if series[1] == measure}

    def origins(self, group: str, level: int, measure: str) -> list[str]:
        """Return the origins that figures of a measure at a level are told by, ascending."""
        told = {series[3] for series in self._at(group, level) if series[1] == measure}
        return sorted(told - {""})

    def days(self, series: Series, level: int, *, placed: bool = False) -> list[dt.date]:
        """Return the days with figures at a level, ascending; ``placed``: in one of its units."""
        found = self._days_at.get((series, level), {})
        return [day for day in sorted(found) if found[day] or not placed]

    def offered(self) -> Iterator[tuple[Series, int, list[dt.date]]]:
        """Give each series at each level with its days, ascending."""
        for series, level, days in self._days:
            yield series, level, sorted(days)

    def of_day(self, _series: Series, _day: dt.date) -> "FigureIndex":
        """Return an index that has the rows of one series and day: this one."""
        return self

    def rows(self, series: Series, day: dt.date) -> Positions:
        """Return the rows of one series and day, of all levels and states."""
        return self._rows.get((series, day), np.empty(0, dtype=np.intp))

    def at_level(self, rows: Positions, level: int) -> Positions:
        """Return those of some rows that speak at a level."""
        at: Positions = rows[self._level[rows] == level]
        return at

    def unplaced(self, rows: Positions) -> NDArray[np.bool_]:
        """Return which of some rows could be placed in none of the units of their level."""
        return self._unplaced[rows]

    def is_figure(self, rows: Positions) -> NDArray[np.bool_]:
        """Return which of some rows hold a figure."""
        return self._known[rows]

    def where(self, rows: Positions, column: str, cells: Collection[str]) -> Positions:
        """Return those of some rows whose cell of a text column is one of ``cells``."""
        number = self._numbered[column]
        wanted = [number[cell] for cell in cells if cell in number]
        kept: Positions = rows[np.isin(self._texts[column].codes[rows], wanted)]
        return kept

    def cells(self, rows: Positions, column: str) -> list[Any]:
        """Return the cells of a column in some rows; NaN is a missing number."""
        if column in self._numbers:
            numbers: list[Any] = self._numbers[column][rows].tolist()
            return numbers
        return self._texts[column].at(rows)

    # -- made when first asked for ----------------------------------------------------------------

    @cached_property
    def _texts(self) -> dict[str, _Column]:
        names = [*_TEXTS, *_SERIES, "start", "date"]
        return {name: _Column.of(self.frame[name]) for name in dict.fromkeys(names)}

    @cached_property
    def _numbered(self) -> dict[str, dict[str, int]]:
        return {
            name: {cell: i for i, cell in enumerate(self._texts[name].cells)} for name in _TEXTS
        }

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.float64]]:
        there = [name for name in ("value", "low", "high") if name in self.frame.columns]
        return {name: self.frame[name].to_numpy(dtype=np.float64) for name in there}

    @cached_property
    def _level(self) -> NDArray[np.int64]:
        return self.frame["level"].to_numpy(dtype=np.int64)

    @cached_property
    def _unplaced(self) -> NDArray[np.bool_]:
        return self.frame["unplaced"].to_numpy(dtype=np.bool_)

    @cached_property
    def _known(self) -> NDArray[np.bool_]:
        state = self._texts["state"]
        figure = np.array([cell == State.FIGURE.value for cell in state.cells], dtype=np.bool_)
        known: NDArray[np.bool_] = figure[state.codes] if len(figure) else np.zeros(0, np.bool_)
        return known

    @cached_property
    def _rows(self) -> dict[tuple[Series, dt.date], Positions]:
        found: dict[tuple[Series, dt.date], Positions] = {}
        for key, rows in self._runs([*_SERIES, "date"], np.arange(len(self.frame))):
            group, measure, unit, origin, day = key
            found[(group, measure, unit, origin), day] = rows
        return found

    @cached_property
    def _days(self) -> list[tuple[Series, int, dict[dt.date, bool]]]:
        """Each series at each level, with its days and whether any figure of the day is placed."""
        found: dict[tuple[Series, int], dict[dt.date, bool]] = {}
        known = np.flatnonzero(self._known)
        for key, rows in self._runs([*_SERIES, "date"], known):
            group, measure, unit, origin, day = key
            for level in np.unique(self._level[rows]).tolist():
                placed = bool((~self.unplaced(self.at_level(rows, level))).any())
                found.setdefault(((group, measure, unit, origin), level), {})[day] = placed
        return [(series, level, days) for (series, level), days in found.items()]

    @cached_property
    def _days_at(self) -> dict[tuple[Series, int], dict[dt.date, bool]]:
        return {(series, level): days for series, level, days in self._days}

    @cached_property
    def _series_at(self) -> dict[tuple[str, int], list[Series]]:
        found: dict[tuple[str, int], list[Series]] = {}
        for series, level, _ in self._days:
            found.setdefault((series[0], level), []).append(series)
        return found

    def _at(self, group: str, level: int) -> list[Series]:
        return self._series_at.get((group, level), [])

    def _runs(
        self, names: Sequence[str], rows: Positions
    ) -> "list[tuple[tuple[Any, ...], Positions]]":
        """Return rows that agree in some columns together, with what they agree in."""
        if not len(rows):
            return []
        columns = [self._texts[name] for name in names]
        codes = [column.codes[rows] for column in columns]
        order = np.lexsort(codes[::-1])  # stable: rows keep their order
        sorted_codes = np.stack([code[order] for code in codes])
        changes = np.flatnonzero((sorted_codes[:, 1:] != sorted_codes[:, :-1]).any(axis=0)) + 1
        starts = np.concatenate([[0], changes])
        keys = [
            tuple(column.cells[code] for column, code in zip(columns, key, strict=True))
            for key in sorted_codes[:, starts].T.tolist()
        ]
        return list(zip(keys, np.split(rows[order], changes), strict=True))
