"""An edition as rows of a store: the tables it is kept in, and rows read back into frames.

The SQL is the same for every store; ``?`` marks a value.
"""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from math import nan
from typing import Any

import pandas as pd

from geo.errors import UnknownEdition
from geo.release import ReleasedFigures
from geo.store import Status, content_hash, released_from
from geo.tables import (
    UNIT_FIGURE_COLUMNS,
    UNIT_FLOW_COLUMNS,
    UNIT_PRESENCE_COLUMNS,
    typed_columns,
)

__all__ = [
    "FIGURES_KEY",
    "FRAMES",
    "Ask",
    "check_shown",
    "column_of",
    "frame_of",
    "frame_of_cells",
    "specs_of",
    "whole_edition",
    "without_figures",
]

Ask = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""Runs one statement with values for its marks in the store; raises a `StoreError`."""

FRAMES: Mapping[str, Mapping[str, str]] = {
    "figures": UNIT_FIGURE_COLUMNS,
    "flows": UNIT_FLOW_COLUMNS,
    "presence": UNIT_PRESENCE_COLUMNS,
}
"""The tables an edition is kept in, by name, with their columns."""

FIGURES_KEY = (
    "group", "measure", "unit", "origin", "date", "level", "pcode", "unplaced", "basis",
)  # fmt: skip
"""What makes a row of figures one row, in the order they lie together: a series, then a day."""


def column_of(name: str) -> str:
    """Return the name a column has in a store; GROUP is a word of SQL.

    >>> column_of("group"), column_of("pcode")
    ('group_', 'pcode')
    """
    return "group_" if name == "group" else name


def check_shown(ask: Ask, edition: str, *, withdrawn: bool) -> None:
    """Raise `UnknownEdition` for one that is not there; a withdrawn one is like a missing one.

    But to who asks for ``withdrawn`` ones it is there.
    """
    rows = ask("SELECT status FROM editions WHERE id = ?", [edition])
    if not rows or (rows[0][0] == Status.WITHDRAWN.value and not withdrawn):
        raise UnknownEdition(edition)


def specs_of(ask: Ask, edition: str) -> str:
    """Return the specifications of an edition that is there, as they were given."""
    ((specs,),) = ask("SELECT specs FROM editions WHERE id = ?", [edition])
    return str(specs)


def whole_edition(
    ask: Ask, edition: str, *, there: Callable[[str], Sequence[str]] = lambda _: ()
) -> ReleasedFigures | None:
    """Return an edition that is there, None where its rows are not those that were published.

    ``there`` tells the columns a table has, where an older one may lack some: they are NULL.
    """
    return _read(ask, edition, tuple(FRAMES), there)


def without_figures(ask: Ask, edition: str) -> ReleasedFigures | None:
    """Return an edition without its figures, which are empty; None where it cannot be understood."""
    return _read(ask, edition, ("flows", "presence"), lambda _: ())


def _read(
    ask: Ask, edition: str, tables: Sequence[str], there: Callable[[str], Sequence[str]]
) -> ReleasedFigures | None:
    ((said, specs),) = ask("SELECT particulars, specs FROM editions WHERE id = ?", [edition])
    frames = {}
    try:
        for table, columns in FRAMES.items():
            rows: list[tuple[Any, ...]] = []
            if table in tables:
                names = _named(columns, there(table))
                query = f"SELECT {names} FROM {table} WHERE edition = ? ORDER BY place"
                rows = ask(query, [edition])
            frames[table] = frame_of(rows, columns)
        released = released_from(json.loads(said), **frames)
    except (ValueError, TypeError, KeyError):  # not the JSON, days or numbers that were written
        return None
    if "figures" not in tables:
        return released
    return released if content_hash(released, specs)[:12] == edition else None


def _named(columns: Mapping[str, str], there: Sequence[str]) -> str:
    names = map(column_of, columns)
    return ", ".join(name if not there or name in there else f"NULL AS {name}" for name in names)


def frame_of(rows: Sequence[Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return stored rows as a frame of ``columns``; raises ValueError for what is no day."""
    found = zip(*rows, strict=True) if rows else (() for _ in columns)
    return frame_of_cells(dict(zip(columns, found, strict=True)), columns)


def frame_of_cells(cells: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return stored columns as a frame: days may be texts, and a number that is missing None."""
    made: dict[str, Sequence[Any]] = {name: cells[name] for name in columns}
    for name in ("date", "start"):
        days = {cell: _day(cell) for cell in set(made[name])}
        made[name] = [days[cell] for cell in made[name]]
    if "value" in made:
        made["value"] = [nan if value is None else value for value in made["value"]]
    return typed_columns(made)


def _day(cell: Any) -> dt.date | None:
    """Return a day that is stored as a date or as its text."""
    if not cell:
        return None
    return cell if isinstance(cell, dt.date) else dt.date.fromisoformat(cell)
