"""Where the people in each unit come from, over all time: the question that touches every figure.

Stocks of different days are never added: of a stock the latest and the highest are told. Only of
what is counted anew in each period (measure "new") is there a total.
"""

from dataclasses import dataclass

import pandas as pd

from geo.counts import one_measure
from geo.edition_parts import StoredFigures
from geo.errors import NoSuchLevel, UnknownGroup
from geo.release import ReleasedFigures
from geo.standing import standing_figures
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

_ORDER = ["origin", "pcode"]
_IN_COLUMNS = """
    SELECT origin, pcode, count(*) AS days, min("date") AS first, max("date") AS last,
           arg_max(value, "date") AS latest, max(value) AS peak, sum(value) AS total
    FROM figures
    WHERE "group" = $1 AND measure = $2 AND unit = $3 AND level = $4
      AND state = 'figure' AND NOT unplaced AND origin <> ''
    GROUP BY origin, pcode ORDER BY origin, pcode
"""


@dataclass(frozen=True, slots=True)
class OriginTotals:
    """Rows of ``frame`` (columns ``ORIGIN_TOTALS``) in the order of origin and P-code."""

    level: int
    group: str
    measure: str
    unit: str
    frame: pd.DataFrame


def origin_totals(
    released: ReleasedFigures, *, level: int, group: str, measure: str | None = None
) -> OriginTotals:
    """Return one row for each origin and unit that have figures together.

    Without ``measure`` stocks, else the only measure there is. People who could not be placed in
    a unit of the level are in no row. A large edition is asked in its columnar copy where it has
    one; the answer is the same.

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
    found = _from_columns(released, (group, measure, unit, level))
    if found is None:
        found = _from_rows(released, level=level, group=group, measure=measure, unit=unit)
    if measure != Measure.NEW.value:
        found["total"] = float("nan")
    found = found.astype({"days": "int64", "total": "float64"})[list(ORIGIN_TOTALS)]
    return OriginTotals(level, group, measure, unit, found)


def _from_columns(
    released: ReleasedFigures, parameters: tuple[str, str, str, int]
) -> pd.DataFrame | None:
    """Ask the columnar copy; None where there is none, where it broke, or nothing can read it."""
    copy = released.stored.columns if isinstance(released, StoredFigures) else None
    if copy is None:
        return None
    try:
        import duckdb
    except ImportError:
        return None
    try:
        found = copy.values(_IN_COLUMNS, parameters)
    except duckdb.Error:
        return None
    for name in ("first", "last"):
        found[name] = pd.Series([day.date() for day in found[name]], dtype="object")
    return found


def _from_rows(
    released: ReleasedFigures, *, level: int, group: str, measure: str, unit: str
) -> pd.DataFrame:
    if isinstance(released, StoredFigures):
        rows = released.stored.by_origin(level=level, group=group, measure=measure, unit=unit)
    else:
        rows = standing_figures(released.figures)
    known = rows[
        (rows["group"] == group) & (rows["measure"] == measure) & (rows["unit"] == unit)
        & (rows["level"] == level) & (rows["state"] == State.FIGURE.value)
        & ~rows["unplaced"].astype(bool) & (rows["origin"] != "")
    ]  # fmt: skip
    by = known.sort_values([*_ORDER, "date"], kind="stable").groupby(_ORDER, sort=True)
    return by.agg(
        days=("date", "size"),
        first=("date", "first"),
        last=("date", "last"),
        latest=("value", "last"),
        peak=("value", "max"),
        total=("value", "sum"),
    ).reset_index()
