"""Rates: people per so many inhabitants. A rate is missing where either of its two counts is.

The denominator keeps its own date and source: inhabitants of a census year are not those of the
day the people were counted, and every output says so.
"""

import datetime as dt
from dataclasses import dataclass
from math import nan

from geo.counts import Counts

__all__ = ["Rate", "Rates", "rate"]


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit's rate: NaN where a count is missing or nobody lives there.

    ``count`` and ``population`` are the two counts, None where missing.
    """

    pcode: str
    name: str
    value: float
    count: float | None
    population: float | None


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one group at one level: ``count`` per ``per_unit`` of ``population``."""

    group: str
    level: int
    per_unit: int
    date: dt.date
    population_date: dt.date
    population_sources: tuple[str, ...]
    rows: tuple[Rate, ...]


def rate(figures: Counts, population: Counts, per_unit: int = 1000) -> Rates:
    """Return people per ``per_unit`` inhabitants, for every unit of ``figures``.

    Parameters
    ----------
    figures, population : Counts
        Of the same level; ``population`` is the answer for group POP.
    per_unit : int
        1000 for "per 1,000 inhabitants".
    """
    inhabitants = {row.pcode: row for row in population.rows}
    rows = []
    for row in figures.rows:
        at_home = inhabitants.get(row.pcode)
        lives = at_home.value if at_home else None
        value = nan if row.value is None or not lives else row.value / lives * per_unit
        rows.append(Rate(row.pcode, row.name, value, row.value, lives))
    used = {
        source
        for row in rows
        if row.pcode in inhabitants
        for source in inhabitants[row.pcode].sources
    }
    return Rates(
        group=figures.group,
        level=figures.level,
        per_unit=per_unit,
        date=figures.date,
        population_date=population.date,
        population_sources=tuple(sorted(used)),
        rows=tuple(rows),
    )
