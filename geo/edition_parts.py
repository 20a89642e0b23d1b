"""A large edition answered by parts: each question reads the rows it is about, and never the whole.

Small editions are read whole, checked against their hash and indexed in memory. Ten million figures
would take every worker gigabytes and minutes, so a store writes three summaries beside them when it
publishes (`SUMMARIES`), and what is said here is asked with them. The SQL is the same for every store;
``?`` marks a value.
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from math import nan
from typing import Any

import pandas as pd

from boundaries.units import BoundarySet
from geo.columnar_store import ColumnarEdition
from geo.figure_index import Series
from geo.release import ReleasedFigures
from geo.standing import standing_figures
from geo.stored_part import PART_COLUMNS, StoredPart
from geo.tables import (
    UNIT_FIGURE_COLUMNS,
    UNIT_FLOW_COLUMNS,
    UNIT_PRESENCE_COLUMNS,
    typed_columns,
)

__all__ = [
    "FRAMES",
    "SUMMARIES",
    "Ask",
    "Sizes",
    "StoredFigures",
    "StoredIndex",
    "column_of",
    "day_of",
    "frame_of",
    "question",
]

Ask = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""Runs one statement with values for its marks in the store; raises a `StoreError`."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """From how many figures on an edition is answered by parts, and also kept in columns.

    A million figures in memory answer in a millisecond or two and take a worker a gigabyte.
    """

    by_parts: int = 2_000_000
    columns: int = 5_000_000


FRAMES: Mapping[str, Mapping[str, str]] = {
    "figures": UNIT_FIGURE_COLUMNS,
    "flows": UNIT_FLOW_COLUMNS,
    "presence": UNIT_PRESENCE_COLUMNS,
}
"""The tables an edition is kept in, by name, with their columns."""

_SERIES = "group_, measure, unit, origin"

SUMMARIES: Mapping[str, str] = {
    # the days on which a series speaks at a level: 0 of no figure, 1 of one that could not be
    # placed in a unit of it, 2 of one that is
    "days": f"INSERT INTO days SELECT edition, {_SERIES}, level, date, "
    "max(CASE WHEN state <> 'figure' THEN 0 WHEN unplaced THEN 1 ELSE 2 END) FROM figures "
    f"WHERE edition = ? GROUP BY edition, {_SERIES}, level, date",
    # each unit's latest day with a figure of a series, none where it never has one
    "latest": f"INSERT INTO latest SELECT edition, {_SERIES}, level, pcode, "
    "max(CASE WHEN state = 'figure' THEN date END) FROM figures "
    f"WHERE edition = ? GROUP BY edition, {_SERIES}, level, pcode",
    # what rests on which sources
    "fed": "INSERT INTO fed SELECT DISTINCT edition, level, group_, measure, date, sources "
    "FROM figures WHERE edition = ?",
}
"""By name of the table, the statement that fills it for one edition."""


def column_of(name: str) -> str:
    """Return the name a column has in a store; GROUP is a word of SQL.

    >>> column_of("group"), column_of("pcode")
    ('group_', 'pcode')
    """
    return "group_" if name == "group" else name


def question(columns: Mapping[str, str], *, there: Sequence[str] = (), named: str) -> str:
    """Return ``SELECT columns FROM named``; columns that are not ``there`` (if told) are NULL."""
    names = list(map(column_of, columns))
    asked = [name if not there or name in there else f"NULL AS {name}" for name in names]
    return f"SELECT {', '.join(asked)} FROM {named}"


def day_of(cell: Any) -> dt.date | None:
    """Return a day that is stored as a date or as its text."""
    if not cell:
        return None
    return cell if isinstance(cell, dt.date) else dt.date.fromisoformat(cell)


def frame_of(rows: Sequence[Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return stored rows as a frame of ``columns``; raises ValueError for what is no day."""
    found = zip(*rows, strict=True) if rows else (() for _ in columns)
    cells: dict[str, Sequence[Any]] = dict(zip(columns, found, strict=True))
    for name in ("date", "start"):
        days = {cell: day_of(cell) for cell in set(cells[name])}
        cells[name] = [days[cell] for cell in cells[name]]
    if "value" in cells:
        cells["value"] = [nan if value is None else value for value in cells["value"]]
    return typed_columns(cells)


_LATELY = 64  # parts kept: one answer asks for its part twice


class StoredIndex:
    """The index of one large edition in a store; asks as `geo.figure_index.FigureIndex` is asked."""

    def __init__(self, ask: Ask, edition: str, columns: ColumnarEdition | None = None) -> None:
        self._ask, self._edition = ask, edition
        self.columns = columns  # the same figures for questions that touch all of them
        self._lately: dict[tuple[Series, dt.date], StoredPart] = {}
        self._countries: dict[Any, tuple[BoundarySet, dict[str, dt.date]]] = {}

    @cached_property
    def _series(self) -> dict[tuple[str, int], list[Series]]:
        rows = self._ask(
            f"SELECT DISTINCT {_SERIES}, level FROM days WHERE edition = ? AND placed > 0 "
            f"ORDER BY {_SERIES}, level",
            [self._edition],
        )
        found: dict[tuple[str, int], list[Series]] = {}
        for group, measure, unit, origin, level in rows:
            found.setdefault((group, level), []).append((group, measure, unit, origin))
        return found

    @cached_property
    def levels(self) -> dict[str, list[int]]:
        """Each group that has figures, with the levels it has them at; both ascending."""
        found: dict[str, list[int]] = {}
        for group, level in sorted(self._series):
            found.setdefault(group, []).append(level)
        return found

    def measures(self, group: str, level: int) -> list[str]:
        """Return the measures of a group's figures at a level, ascending."""
        return sorted({series[1] for series in self._series.get((group, level), [])})

    def units(self, group: str, level: int, measure: str) -> set[str]:
        """Return what a group's figures of a measure count at a level."""
        there = self._series.get((group, level), [])
        return {series[2] for series in there if series[1] == measure}

    def origins(self, group: str, level: int, measure: str) -> list[str]:
        """Return the origins that figures of a measure at a level are told by, ascending."""
        there = self._series.get((group, level), [])
        return sorted({series[3] for series in there if series[1] == measure} - {""})

    def days(self, series: Series, level: int, *, placed: bool = False) -> list[dt.date]:
        """Return the days with figures at a level, ascending; ``placed``: in one of its units."""
        rows = self._ask(
            "SELECT date FROM days WHERE edition = ? AND group_ = ? AND measure = ? "
            "AND unit = ? AND origin = ? AND level = ? AND placed > ? ORDER BY date",
            [self._edition, *series, level, int(placed)],
        )
        return [_day(day) for (day,) in rows]

    def of_day(self, series: Series, day: dt.date) -> StoredPart:
        """Return one series' rows of one day, of all levels and states."""
        key = (series, day)
        part = self._lately.get(key)
        if part is None:
            part = StoredPart(
                self._ask(
                    f"SELECT {', '.join(PART_COLUMNS)} FROM figures WHERE edition = ? "
                    "AND group_ = ? AND measure = ? AND unit = ? AND origin = ? AND date = ? "
                    "ORDER BY place",
                    [self._edition, *series, day.isoformat()],
                )
            )
            while len(self._lately) >= _LATELY:
                self._lately.pop(next(iter(self._lately)), None)
            self._lately[key] = part
        return part

    def of_unit(self, pcode: str) -> pd.DataFrame:
        """Return the rows that speak of one unit, of ``UNIT_FIGURE_COLUMNS``.

        All days of all origins together; by origin the latest day of each series alone: all days
        of eighty origins are thousands of rows, and no profile.
        """
        columns = ", ".join(f"f.{column_of(name)}" for name in UNIT_FIGURE_COLUMNS)
        # CROSS JOIN: from the unit to its series to their figures, in this order
        rows = self._ask(
            f"SELECT f.place, {columns} FROM latest l CROSS JOIN days d CROSS JOIN figures f "
            f"WHERE l.edition = ? AND l.pcode = ? AND l.origin = '' AND {_same('d', 'l')} "
            f"AND d.level = l.level AND {_same('f', 'l')} AND f.date = d.date "
            "AND f.level = l.level AND f.pcode = l.pcode",
            [self._edition, pcode],
        ) + self._ask(
            f"SELECT f.place, {columns} FROM latest l CROSS JOIN figures f "
            f"WHERE l.edition = ? AND l.pcode = ? AND l.origin <> '' AND {_same('f', 'l')} "
            "AND f.date = l.date AND f.level = l.level AND f.pcode = l.pcode",
            [self._edition, pcode],
        )
        return frame_of([row[1:] for row in sorted(rows, key=_place)], UNIT_FIGURE_COLUMNS)

    def of_groups(self, groups: Collection[str], *, by_origin: bool) -> pd.DataFrame:
        """Return the rows of some groups: of all origins together, and of countries by each."""
        marks = ", ".join("?" * len(groups))
        some = "" if by_origin else " AND (origin = '' OR level = 0)"
        return self._figures(f"group_ IN ({marks}){some}", sorted(groups))

    def dated(self) -> pd.DataFrame:
        """Return group, measure, unit, origin, level and date of all figures."""
        columns = ("group", "measure", "unit", "origin", "level", "date")
        names = ", ".join(map(column_of, columns))
        rows = self._ask(
            f"SELECT {names} FROM days WHERE edition = ? AND placed > 0", [self._edition]
        )
        found = pd.DataFrame(rows, columns=list(columns))
        found["date"] = pd.Series([_day(cell) for cell in found["date"]], dtype="object")
        return found

    def by_origin(self, *, level: int, group: str, measure: str, unit: str) -> pd.DataFrame:
        """Return the standing rows told by origin of one group, measure and unit at a level, of all days."""
        rows = self._figures(
            "group_ = ? AND measure = ? AND unit = ? AND level = ? AND origin <> ''",
            [group, measure, unit, level],
        )
        return standing_figures(rows)

    def countries(
        self, series: Series, level: int, boundaries: BoundarySet
    ) -> tuple[dict[str, dt.date], "_OnDay"]:
        """Return each country's latest day with figures of a series at a level, and who has which day."""
        key = (series, level, id(boundaries))
        if key not in self._countries:
            rows = self._ask(
                "SELECT pcode, date FROM latest WHERE edition = ? AND group_ = ? AND measure = ? "
                "AND unit = ? AND origin = ? AND level = ? AND date IS NOT NULL",
                [self._edition, *series, level],
            )
            latest: dict[str, dt.date] = {}
            for code, cell in rows:
                if code in boundaries:
                    country, day = boundaries.ancestor(code, 0), _day(cell)
                    latest[country] = max(day, latest.get(country, day))
            # with the boundaries themselves, so that no other set can get their id
            self._countries[key] = (boundaries, latest)
        return self._countries[key][1], _OnDay(self, series, level, boundaries)

    def offered(self) -> Iterator[tuple[Series, int, list[dt.date]]]:
        """Give each series at each level with its days, ascending."""
        yield from self._offered

    @cached_property
    def _offered(self) -> list[tuple[Series, int, list[dt.date]]]:
        rows = self._ask(
            f"SELECT {_SERIES}, level, date FROM days WHERE edition = ? AND placed > 0 "
            f"ORDER BY {_SERIES}, level, date",
            [self._edition],
        )
        days: dict[Any, dt.date] = {}  # few different ones
        found: dict[tuple[Series, int], list[dt.date]] = {}
        for *series, level, cell in rows:
            day = days[cell] if cell in days else days.setdefault(cell, _day(cell))
            found.setdefault(((series[0], series[1], series[2], series[3]), level), []).append(day)
        return [(series, level, listed) for (series, level), listed in found.items()]

    @cached_property
    def whole(self) -> pd.DataFrame:
        """All rows: for the few questions that cannot be asked otherwise. Slow, and large."""
        return self._figures("1 = 1", [])

    def levels_spoken_at(self) -> list[int]:
        """Return the levels at which any row speaks, ascending."""
        return [
            int(level)
            for (level,) in self._ask(
                "SELECT DISTINCT level FROM fed WHERE edition = ? ORDER BY level", [self._edition]
            )
        ]

    def fed_by(self, source: str) -> set[tuple[str, str, dt.date]]:
        """Return group, measure and day of what rests on a source."""
        return {
            (group, measure, _day(day))
            for group, measure, day, sources in self._fed
            if source in sources.split("|")
        }

    @cached_property
    def _fed(self) -> list[tuple[Any, ...]]:
        query = "SELECT DISTINCT group_, measure, date, sources FROM fed WHERE edition = ?"
        return self._ask(query, [self._edition])

    def _figures(self, where: str, values: Sequence[object]) -> pd.DataFrame:
        query = question(UNIT_FIGURE_COLUMNS, named="figures")
        rows = self._ask(
            f"{query} WHERE edition = ? AND {where} ORDER BY place", [self._edition, *values]
        )
        return frame_of(rows, UNIT_FIGURE_COLUMNS)


@dataclass(frozen=True, slots=True)
class _OnDay:
    """Which countries have figures of a series on a day, looked up for the day that is asked."""

    index: StoredIndex
    series: Series
    level: int
    boundaries: BoundarySet

    def get(self, day: dt.date, _default: set[str]) -> set[str]:
        part = self.index.of_day(self.series, day)
        rows = part.at_level(part.rows(self.series, day), self.level)
        codes = set(part.cells(rows[part.is_figure(rows)], "pcode"))
        return {self.boundaries.ancestor(c, 0) for c in codes if c in self.boundaries}


class StoredFigures(ReleasedFigures):
    """Released figures that stay in their store; ``figures`` is read whole only where it is asked for."""

    @classmethod
    def of(cls, without: ReleasedFigures, index: StoredIndex) -> "StoredFigures":
        """Return ``without`` (its figures are empty) with those that ``index`` knows."""
        made = object.__new__(cls)
        told = {each.name: getattr(without, each.name) for each in fields(without)}
        del told["figures"]  # so that asking for it comes to `__getattr__`
        made.__dict__.update(told, index=index)
        return made

    def __getattr__(self, name: str) -> Any:
        if name == "figures":
            return self.stored.whole
        raise AttributeError(name)

    @property
    def stored(self) -> StoredIndex:
        """The index, as what it is."""
        index: StoredIndex = self.__dict__["index"]
        return index

    @property
    def levels(self) -> list[int]:
        """The levels at which any row speaks, ascending."""
        return self.stored.levels_spoken_at()

    def of_unit(self, pcode: str) -> pd.DataFrame:
        """Return the rows that speak of one unit; by origin those of the latest day alone."""
        return self.stored.of_unit(pcode)

    def dated(self, places: Collection[str]) -> pd.DataFrame:  # noqa: ARG002 - as of any figures
        """Return what is dated; figures lie in units of the vintage, or within one of them."""
        return self.stored.dated()

    def for_groups(self, groups: Collection[str], *, by_origin: bool) -> ReleasedFigures:
        """Return figures of some groups alone, read from the store."""
        figures = self.stored.of_groups(groups, by_origin=by_origin)
        told = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != "figures"
        }
        return ReleasedFigures(**told, figures=figures)

    def fed_by(self, source: str) -> set[tuple[str, str, dt.date]]:
        """Return group, measure and day of the figures that rest on a source."""
        return self.stored.fed_by(source)


def _same(one: str, other: str) -> str:
    names = ("edition", *_SERIES.split(", "))
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in names)


def _place(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _day(cell: Any) -> dt.date:
    day = day_of(cell)
    assert day is not None  # noqa: S101 - the columns asked for are never empty
    return day
