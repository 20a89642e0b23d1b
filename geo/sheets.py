"""An edition cut into sheets: each answers one question, and is read and checked alone.

Ten million figures would take every worker gigabytes and minutes, and even a hundred thousand keep a
new edition waiting while they are hashed. So publishing also writes the answers' own rows together
(`geo.sheet_cutting`): a sheet for each series and day, one for each unit, one for the totals of each
origin, and one that lists them all with their hashes. The list's own hash is the edition's seal, so
whatever is served was checked against what was published, and nothing else had to be read for it.

A sheet is a JSON document: ``rows``, and ``cells`` with each column as the one cell that all rows
have, or as a list. ``place`` is where a row stood in what was published; ``first`` where they follow
each other.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.figure_index import Series

__all__ = [
    "CONTENTS",
    "DAY",
    "FORM",
    "ORIGINS",
    "UNIT",
    "Columns",
    "Contents",
    "DaysAt",
    "OriginSheet",
    "Sheet",
    "SheetRows",
    "cells_of",
    "contents_of",
    "day_key",
    "origins_key",
    "rows_of",
    "seal_of",
]

FORM = 1
"""Of the list; a sitmap that does not know the form reads the edition whole."""

DAY, UNIT, ORIGINS, CONTENTS = "day", "unit", "origins", "contents"
"""Kinds of sheets: a series on a day, a unit, an origin's totals, and the list of all."""

Columns = dict[str, list[Any]]
DaysAt = dict[dt.date, int]
"""Days on which a series speaks at a level: 0 of no figure, 1 of one that could not be placed in a
unit of it, 2 of one that is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of an edition, found by ``kind`` and ``key``."""

    kind: str
    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows of a sheet as it has them: of each column a list, or the one cell that all have.

    ``first`` is the place of the first in what was published, None where ``place`` is a column.
    """

    count: int
    cells: Mapping[str, Any]
    first: int | None = None

    def spread(self) -> Columns:
        """Return the columns, each with a cell for every row."""
        columns = {
            name: there if isinstance(there, list) else [there] * self.count
            for name, there in self.cells.items()
        }
        if self.first is not None:
            columns["place"] = list(range(self.first, self.first + self.count))
        return columns


@dataclass(frozen=True, slots=True)
class OriginSheet:
    """Where one origin's totals of a group, measure and unit at a level are, and how many rows."""

    origin: str
    rows: int
    key: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an edition's sheets are. ``hashes`` has each by kind and key.

    ``days`` are those of each series at each level, ascending; ``origins`` the sheets of a group,
    measure, unit and level in order of origin; ``fed`` what rests on which sources, joined by "|".
    """

    hashes: Mapping[tuple[str, str], str]
    days: Mapping[Series, Mapping[int, DaysAt]]
    origins: Mapping[tuple[str, str, str, int], tuple[OriginSheet, ...]]
    fed: tuple[tuple[str, str, dt.date, str], ...]
    levels: tuple[int, ...]


def seal_of(content: bytes) -> str:
    """Return the hash a sheet is known by: SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def day_key(series: Series, day: dt.date | str) -> str:
    """Return the key of a series on a day; ``|`` is in no code (lists of codes are joined with it)."""
    return "|".join((*series, str(day)))


def origins_key(group: str, measure: str, unit: str, level: int, origin: str) -> str:
    """Return the key of an origin's totals."""
    return "|".join((group, measure, unit, str(level), origin))


def rows_of(content: bytes) -> SheetRows:
    """Return a sheet's rows; raises ValueError for what is none."""
    said = json.loads(content)
    return SheetRows(said["rows"], said["cells"], said.get("first"))


def cells_of(content: bytes) -> Columns:
    """Return a sheet's columns, each with a cell for every row; raises ValueError for what is none."""
    return rows_of(content).spread()


def contents_of(content: bytes) -> Contents | None:
    """Return what a list of sheets says, None where it is of a form that is not known here."""
    said = json.loads(content)
    if said["form"] != FORM:
        return None
    hashes: dict[tuple[str, str], str] = {(UNIT, key): told for key, told in said["units"].items()}
    day_of: dict[str, dt.date] = {}  # few different ones
    days: dict[Series, dict[int, DaysAt]] = {}
    for group, measure, unit, origin, listed in said["days"]:
        series = (group, measure, unit, origin)
        levels: dict[int, DaysAt] = {}
        for text, told, spoken in listed:
            hashes[DAY, day_key(series, text)] = told
            day = day_of.get(text) or day_of.setdefault(text, dt.date.fromisoformat(text))
            for level, placed in spoken:
                levels.setdefault(level, {})[day] = placed
        days[series] = levels
    origins: dict[tuple[str, str, str, int], list[OriginSheet]] = {}
    for group, measure, unit, level, origin, rows, told in said["origins"]:
        key = origins_key(group, measure, unit, level, origin)
        hashes[ORIGINS, key] = told
        origins.setdefault((group, measure, unit, level), []).append(OriginSheet(origin, rows, key))
    return Contents(
        hashes=hashes,
        days=days,
        origins={key: tuple(sheets) for key, sheets in origins.items()},
        fed=tuple((g, m, dt.date.fromisoformat(day), ids) for g, m, day, ids in said["fed"]),
        levels=tuple(said["levels"]),
    )
