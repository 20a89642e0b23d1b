"""Where the people in each unit come from, over all time: the question that touches every figure.

Stocks of different days are never added: of a stock the latest and the highest are told. Only of
what is counted anew in each period (measure "new") is there a total.
"""

import datetime as dt
from dataclasses import dataclass
from math import nan

import pandas as pd

from geo.counts import one_measure
from geo.errors import NoSuchLevel, UnknownGroup
from geo.origin_sums import SUMS, origin_sums
from geo.release import ReleasedFigures
from geo.sheets import Columns
from geo.standing import standing_figures
from geo.stored_figures import StoredIndex
from geo.terms import Measure, State, Unit

__all__ = ["ORIGIN_TOTALS", "OriginTotals", "origin_totals"]

ORIGIN_TOTALS = {
    "origin": "P-code of the country of origin, or 'unknown'",
    "pcode": "unit of the level asked for",
    "days": "days with a figure",
    "first": "the first of them",
    "last": "the last of them",
    "latest": "the figure of the last day",
    "peak": "the highest figure",
    "total": "sum over all periods of measure 'new', else NaN",
}


_TYPES = {
    "origin": "str", "pcode": "str", "days": "int64", "first": "object", "last": "object",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OriginTotals:
    """Rows as ``columns`` (those of ``ORIGIN_TOTALS``) in the order of origin and P-code.

    ``rows`` counts all there are, of which the columns may be a part.
    """

    level: int
    group: str
    measure: str
    unit: str
    columns: Columns
    rows: int

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        made = {
            name: pd.Series(cells, dtype=_TYPES.get(name, "float64"))
            for name, cells in self.columns.items()
        }
        return pd.DataFrame(made)


def origin_totals(
    released: ReleasedFigures,
    *,
    level: int,
    group: str,
    measure: str | None = None,
    origin: str | None = None,
    first: int = 0,
    size: int | None = None,
) -> OriginTotals:
    """Return one row for each origin and unit that have figures together.

    Without ``measure`` stocks, else the only measure there is; with ``origin`` that one alone;
    ``size`` rows from ``first`` on. People who could not be placed in a unit of the level are in no
    row. An edition with sheets was summed up when it was published, and only the rows asked for are
    read.

    Raises
    ------
    FigureError
        `UnknownGroup`, `NoSuchLevel`, `UnknownMeasure`, `AmbiguousMeasure`: nothing of the kind
        is there; ``known`` lists what is.
    """
    index = released.index
    if group not in index.levels:
        raise UnknownGroup(group, known=list(index.levels))
    if level not in index.levels[group]:
        raise NoSuchLevel(level, group=group, known=index.levels[group])
    measure = one_measure(index.measures(group, level), group, measure)
    persons = Unit.PERSONS.value in index.units(group, level, measure)
    unit = Unit.PERSONS.value if persons else Unit.HOUSEHOLDS.value
    last = None if size is None else first + size
    if isinstance(index, StoredIndex):
        found, rows = _from_sheets(index, (group, measure, unit, level), origin, first, last)
    else:
        sums = _summed(released.figures, (group, measure, unit, level))
        if origin is not None:
            sums = sums[sums["origin"] == origin]
        part = sums.iloc[first:last]
        found, rows = {name: part[name].tolist() for name in ORIGIN_TOTALS}, len(sums)
    if measure != Measure.NEW.value:
        found["total"] = [nan] * len(found["origin"])
    return OriginTotals(level, group, measure, unit, found, rows)


def _from_sheets(
    index: StoredIndex,
    what: tuple[str, str, str, int],
    origin: str | None,
    first: int,
    last: int | None,
) -> tuple[Columns, int]:
    """Read the sheets that hold rows ``first`` to ``last``; return those rows, and how many there are."""
    columns: Columns = {name: [] for name in SUMS}
    before = 0
    for each, rows, read in index.origin_sheets(*what):
        if origin is not None and each != origin:
            continue
        here = slice(max(first - before, 0), rows if last is None else max(last - before, 0))
        if here.start < min(rows, here.stop):
            cells = read()
            for name in SUMS:
                columns[name] += cells[name][here]
        before += rows
    days = {text: dt.date.fromisoformat(text) for text in {*columns["first"], *columns["last"]}}
    for name in ("first", "last"):
        columns[name] = [days[text] for text in columns[name]]
    return columns, before


def _summed(figures: pd.DataFrame, what: tuple[str, str, str, int]) -> pd.DataFrame:
    rows, (group, measure, unit, level) = standing_figures(figures), what
    known = rows[
        (rows["group"] == group) & (rows["measure"] == measure) & (rows["unit"] == unit)
        & (rows["level"] == level) & (rows["state"] == State.FIGURE.value)
        & ~rows["unplaced"].astype(bool) & (rows["origin"] != "")
    ]  # fmt: skip
    return origin_sums(known)
