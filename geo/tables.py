"""The tables between the steps of the walk: thin frozen wrappers round DataFrames with fixed columns.

`read` fills the *as written* columns; `match` adds P-codes; `join` rolls up and checks; `release`
lets through what may be seen. Text columns are never missing: empty is "". Dates are
``datetime.date`` or None. ``value`` is float64, and NaN exactly where ``state`` is not "figure".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import pandas as pd

__all__ = [
    "FIGURE_COLUMNS",
    "FLOW_COLUMNS",
    "PRESENCE_COLUMNS",
    "UNIT_FIGURE_COLUMNS",
    "UNIT_FLOW_COLUMNS",
    "UNIT_PRESENCE_COLUMNS",
    "FigureTable",
    "FlowTable",
    "PresenceTable",
    "records",
    "typed_columns",
    "typed_frame",
]

_WHERE = {
    "file": "file name as the user gave it",
    "row": "row in the file as a spreadsheet counts, the header being row 1",
}
_WHAT = {
    "group": "population group code",
    "measure": "stock | new | cumulative",
    "kind": "registered | verified | government | estimate | planning",
    "unit": "persons | households",
    "start": "first day of the period; None for a stock",
    "date": "as-of day of a stock, last day of a period",
    "value": "count; NaN where state is not 'figure'",
    "state": "figure | not_reported | not_assessed | suppressed | out_of_scope",
    "qualifier": "exact | approx | at_least | estimate | rounded",
    "source": "id of the source",
    "note": "free text of the row",
}

FIGURE_COLUMNS = {
    **_WHERE,
    "place": "place name as written",
    "pcode": "P-code as written; may be empty",
    "parent": "name or code of the parent as written; may be empty",
    "level": "level of the place as written (0, 1, 2…); may be empty",
    "origin": "country of origin as written (name or ISO3); empty when not by origin",
    **_WHAT,
}
FLOW_COLUMNS = {
    **_WHERE,
    "origin": "place of origin as written",
    "origin_pcode": "its code as written; may be empty",
    "origin_parent": "",
    "destination": "place of destination as written",
    "destination_pcode": "its code as written; may be empty",
    "destination_parent": "",
    **_WHAT,
}
PRESENCE_COLUMNS = {
    **_WHERE,
    "place": "place name as written",
    "pcode": "P-code as written; may be empty",
    "parent": "",
    "level": "level of the place as written; may be empty",
    "org": "organisation's name",
    "acronym": "",
    "org_type": "",
    "role": "lead | implementing …, as the source says",
    "sector": "as written",
    "sector_code": "Global Coordination Groups code; may be empty",
    "activity": "",
    "basis": "explicit | inferred: whether the source states the presence at this place",
    "start": "",
    "date": "",
    "source": "",
    "note": "",
}

# After `join`: one row per place and figure, at every level it is stated at or sums to.
UNIT_FIGURE_COLUMNS = {
    "pcode": "unit of the situation's vintage; where `unplaced` the common parent, '' for an area "
    "over several countries",
    "level": "level the row speaks at; for an unplaced row the level it could not be placed at",
    "unplaced": "True: counted within `pcode`, but in none of its units of `level`",
    "group": "",
    "measure": "",
    "kind": "",
    "unit": "",
    "start": "",
    "date": "",
    "origin": "P-code of the country of origin, 'unknown', or '' for all origins together",
    "value": "",
    "state": "",
    "qualifier": "the weakest of the rows summed",
    "basis": "stated (carried units included) | summed (from units below, origins or sites)",
    "carried": "codes of other vintages' units that are inside, joined with '|'",
    "sites": "ids of sites that are inside, joined with '|'",
    "sources": "ids joined with '|'",
    "rows": "provenance: 'file:row' joined with '|'",
    "note": "what the one row said of itself; empty for a sum of several",
    "low": "lower bound, 90 % sure, of a figure that is in part shared out; NaN: it is no range",
    "high": "upper bound; NaN where ``low`` is",
}
UNIT_FLOW_COLUMNS = {
    "origin": "P-code, 'site:ID', or 'unknown'",
    "destination": "P-code, 'site:ID', or 'unknown'",
    "group": "",
    "measure": "",
    "kind": "",
    "unit": "",
    "start": "",
    "date": "",
    "value": "",
    "state": "",
    "qualifier": "",
    "basis": "stated (a movement table) | by-origin (a figure at a place, by country of origin) | "
    "beside (another source's figure for a stated movement: said in words, never drawn or added)",
    "sources": "",
    "rows": "",
    "note": "",
}
UNIT_PRESENCE_COLUMNS = {
    "pcode": "",
    "level": "",
    "org": "",
    "acronym": "",
    "org_type": "",
    "role": "",
    "sector": "",
    "sector_code": "",
    "activity": "",
    "basis": "",
    "start": "",
    "date": "",
    "carried": "",
    "sources": "",
    "rows": "",
}


_WHOLE = ("row",)
_DAYS = ("start", "date")
_BOUNDS = ("low", "high")


def typed_frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return ``rows`` as a frame with exactly ``columns``, of the types this module promises.

    The types do not depend on the rows: an empty table has them too. As received, ``level`` is
    text like every other cell; after `match` it is a number. Rows need not have bounds.

    >>> typed_frame([], {"pcode": "", "value": "", "date": ""}).dtypes.astype(str).to_dict()
    {'pcode': 'str', 'value': 'float64', 'date': 'object'}
    """
    listed = list(rows)
    return typed_columns(
        {
            name: [row.get(name, "") if name in _BOUNDS else row[name] for row in listed]
            for name in columns
        }
    )


def typed_columns(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return columns of cells as a frame, of the types this module promises; see `typed_frame`."""
    as_received = "file" in columns

    def series(name: str) -> pd.Series:
        cells = columns[name]
        if name in _BOUNDS:
            return pd.Series([nan if b == "" or b is None else b for b in cells], dtype="float64")
        if name == "value":
            return pd.Series(cells, dtype="float64")
        if name in _WHOLE or (name == "level" and not as_received):
            return pd.Series(cells, dtype="int64")
        if name == "unplaced":
            return pd.Series(cells, dtype="bool")
        return pd.Series(cells, dtype="object" if name in _DAYS else "str")

    return pd.DataFrame({name: series(name) for name in columns})


def records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Return the rows of a frame one by one, with the types of its columns."""
    names = [str(name) for name in frame.columns]
    for cells in zip(*(frame[name].tolist() for name in names), strict=True):
        yield dict(zip(names, cells, strict=True))


def _checked(frame: pd.DataFrame, columns: dict[str, str]) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:  # a fault of the program, not of the user
        raise ValueError(f"columns missing: {missing}")


@dataclass(frozen=True)
class FigureTable:
    """Figures as read: the columns of ``FIGURE_COLUMNS``, one row per cell with a figure's place.

    ``parts``: rows that agree in all our columns but the value differ in others that we do not
    keep (sex, accommodation, reason), so that they are parts of one figure and add up.
    ``disjoint``: no row holds the people of another, not a region's those of its districts.
    """

    frame: pd.DataFrame
    parts: bool = False
    disjoint: bool = False

    def __post_init__(self) -> None:
        _checked(self.frame, FIGURE_COLUMNS)


@dataclass(frozen=True)
class FlowTable:
    """Movements as read: the columns of ``FLOW_COLUMNS``; ``parts`` as in `FigureTable`."""

    frame: pd.DataFrame
    parts: bool = False

    def __post_init__(self) -> None:
        _checked(self.frame, FLOW_COLUMNS)


@dataclass(frozen=True)
class PresenceTable:
    """Operational presence as read: the columns of ``PRESENCE_COLUMNS``."""

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        _checked(self.frame, PRESENCE_COLUMNS)
