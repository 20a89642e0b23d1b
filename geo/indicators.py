"""What a count of people is related to: inhabitants, ground, or the other way about.

A value is missing where either of its two counts is, where inhabitants are known of a part of the
unit only (`geo.denominators`), and where there is nothing to divide by. The
denominator keeps its own date and source: inhabitants of a census year are not those of the
day the people were counted, and every output says so.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

from geo.counts import Counts
from geo.denominators import Inhabitants

__all__ = ["Rate", "Rates", "density", "hosts", "rate"]


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit's value: NaN where a count is missing or there is nothing to divide by.

    ``count`` is the people; ``base`` what they are related to (inhabitants, or km²). Either is None
    where missing. ``about``: one of the two is not exact.
    """

    pcode: str
    name: str
    value: float
    count: float | None
    base: float | None
    about: bool = False


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one group at one level: ``count`` per ``per_unit`` of ``base``, which are inhabitants."""

    group: str
    level: int
    per_unit: int
    date: dt.date
    population_date: dt.date
    population_sources: tuple[str, ...]
    rows: tuple[Rate, ...]


def rate(figures: Counts, population: Inhabitants, per_unit: int = 1000) -> Rates:
    """Return people per ``per_unit`` inhabitants, for every unit of ``figures``.

    Parameters
    ----------
    figures : Counts
    population : Inhabitants
        Of the same level.
    per_unit : int
        1000 for "per 1,000 inhabitants".
    """
    inhabitants = population.rows
    rows = []
    for row in figures.rows:
        at_home = inhabitants.get(row.pcode)
        lives = at_home.value if at_home else None
        value = nan if row.value is None or not lives else row.value / lives * per_unit
        about = _about(row.qualifier) or _about(at_home.qualifier if at_home else "exact")
        rows.append(Rate(row.pcode, row.name, value, row.value, lives, about))
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
        population_date=population.counts.date,
        population_sources=tuple(sorted(used)),
        rows=tuple(rows),
    )


def hosts(figures: Counts, population: Inhabitants) -> tuple[Rate, ...]:
    """Return inhabitants for each person counted, for every unit of ``figures``.

    Where nobody is counted there is no ratio, and none where nobody lives: the two counts tell
    which.

    Parameters
    ----------
    figures : Counts
    population : Inhabitants
        Of the same level.
    """
    related = rate(figures, population, 1).rows
    return tuple(
        Rate(
            pcode=row.pcode,
            name=row.name,
            value=row.base / row.count if row.count and row.base else nan,
            count=row.count,
            base=row.base,
            about=row.about,
        )
        for row in related
    )


def density(figures: Counts, km2: Mapping[str, float]) -> tuple[Rate, ...]:
    """Return people per km², for every unit of ``figures``.

    Parameters
    ----------
    figures : Counts
    km2 : mapping of str to float
        Areas of units by P-code.
    """
    return tuple(
        Rate(
            pcode=row.pcode,
            name=row.name,
            value=nan
            if row.value is None or not km2.get(row.pcode)
            else row.value / km2[row.pcode],
            count=row.value,
            base=km2.get(row.pcode),
            about=_about(row.qualifier),
        )
        for row in figures.rows
    )


def _about(qualifier: str) -> bool:
    return qualifier != "exact"
