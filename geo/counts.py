"""How many people are where: the one answer that maps, tables and the API all give.

A unit without a figure is in the answer with value None and its state; 0 is a figure.
"""

import datetime as dt
from dataclasses import dataclass

from boundaries.units import BoundarySet
from geo.count_answers import CountColumns, CountQuery, CountRow, Counts
from geo.day_counts import DayCounts
from geo.errors import (
    AmbiguousMeasure,
    FigureError,
    NoSuchLevel,
    UnknownDate,
    UnknownGroup,
    UnknownMeasure,
    UnknownOrigin,
)
from geo.figure_index import FigureIndex, Series
from geo.release import ReleasedFigures
from geo.stored_figures import StoredIndex
from geo.terms import Measure, Unit
from geo.unit_profiles import UnitProfile, unit_profile

__all__ = [
    "AmbiguousMeasure",
    "Available",
    "CountColumns",
    "CountQuery",
    "CountRow",
    "Counts",
    "DayCounts",
    "FigureError",
    "NoSuchLevel",
    "UnitProfile",
    "UnknownDate",
    "UnknownGroup",
    "UnknownMeasure",
    "UnknownOrigin",
    "available",
    "counts",
    "counts_of_day",
    "one_measure",
    "unit_profile",
]


@dataclass(frozen=True, slots=True)
class Available:
    """Figures there are of one group, measure and unit at one level; dates ascending."""

    group: str
    measure: str
    unit: str
    level: int
    dates: tuple[dt.date, ...]
    origins: tuple[str, ...]


def available(released: ReleasedFigures) -> tuple[Available, ...]:
    """Return what can be asked for: groups, measures, levels and dates that have figures."""
    days: dict[tuple[str, str, str, int], set[dt.date]] = {}
    origins: dict[tuple[str, str, str, int], set[str]] = {}
    for (group, measure, unit, origin), level, there in released.index.offered():
        key = (group, measure, unit, level)
        days.setdefault(key, set()).update(there)
        origins.setdefault(key, set()).update({origin} - {""})
    return tuple(
        Available(*key, tuple(sorted(days[key])), tuple(sorted(origins[key])))
        for key in sorted(days)
    )


def counts(
    released: ReleasedFigures, boundaries: BoundarySet, query: CountQuery, *, lang: str = "en"
) -> Counts:
    """Count people per unit.

    Parameters
    ----------
    released : ReleasedFigures
        What may be seen.
    boundaries : BoundarySet
        The situation's countries, of the vintage the figures were matched to.
    query : CountQuery
        What is asked.
    lang : str
        Of names and notes; English, else the source's own, where there is none in it.

    Returns
    -------
    Counts
        One row per unit of the level in the countries (or the parent) that have a figure there,
        in the order of P-codes.

    Raises
    ------
    FigureError
        `UnknownGroup`, `NoSuchLevel`, `UnknownMeasure`, `AmbiguousMeasure`, `UnknownOrigin`,
        `UnknownDate`: nothing of the kind is there; ``known`` lists what is.
    UnknownUnit
        The parent is not in the vintage.
    """
    return counts_of_day(released, boundaries, query, lang=lang).within(query.parent)


def counts_of_day(
    released: ReleasedFigures, boundaries: BoundarySet, query: CountQuery, *, lang: str = "en"
) -> DayCounts:
    """Find what is asked about wherever it is, to be answered for one place after the other.

    Hundreds of countries are so read once. ``query.parent`` does not matter; else as `counts`.
    """
    whole = released.index
    series = _series(whole, boundaries, query)
    day = _day(whole, series, query)
    return DayCounts(released, boundaries, series, day, level=query.level, lang=lang)


def _series(index: FigureIndex | StoredIndex, boundaries: BoundarySet, query: CountQuery) -> Series:
    """Return which figures are asked for: of one group, measure, unit and origin."""
    if query.group not in index.levels:
        raise UnknownGroup(query.group, known=list(index.levels))
    levels = index.levels[query.group]
    if query.level not in levels or query.level not in boundaries.levels:
        raise NoSuchLevel(query.level, group=query.group, known=levels)
    measure = one_measure(index.measures(query.group, query.level), query.group, query.measure)
    persons = Unit.PERSONS.value in index.units(query.group, query.level, measure)
    unit = Unit.PERSONS.value if persons else Unit.HOUSEHOLDS.value
    origin = _origin(index.origins(query.group, query.level, measure), boundaries, query)
    return query.group, measure, unit, origin


def one_measure(there: list[str], group: str, asked: str | None) -> str:
    """Return the measure asked for, else stock, else the only one; raises a `FigureError`."""
    if asked is not None:
        if asked not in there:
            raise UnknownMeasure(asked, group=group, known=there)
        return asked
    if Measure.STOCK.value in there:
        return Measure.STOCK.value
    if len(there) > 1:
        raise AmbiguousMeasure(group, known=there)
    return there[0]


def _origin(there: list[str], boundaries: BoundarySet, query: CountQuery) -> str:
    if not query.origin:
        return ""
    if query.origin in there:
        return query.origin
    countries = boundaries.at(0)
    codes = set(countries.loc[countries["iso3"] == query.origin, "pcode"]) & set(there)
    if not codes:
        raise UnknownOrigin(query.origin, group=query.group, known=there)
    return str(codes.pop())


def _day(index: FigureIndex | StoredIndex, series: Series, query: CountQuery) -> dt.date:
    days = index.days(series, query.level)
    if not days:  # figures there are, but only by other origins than the one asked for
        there = index.origins(query.group, query.level, series[1])
        raise UnknownOrigin(query.origin or "", group=query.group, known=there)
    if query.date is None:
        return (index.days(series, query.level, placed=True) or days)[-1]
    if query.date not in days:
        raise UnknownDate(query.date, group=query.group, level=query.level, known=days)
    return query.date
