"""How many people are where: the one answer that maps, tables and the API all give.

A unit without a figure is in the answer with value None and its state; 0 is a figure.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

import pandas as pd

from boundaries.units import BoundarySet
from geo.errors import (
    AmbiguousMeasure,
    FigureError,
    NoSuchLevel,
    UnknownDate,
    UnknownGroup,
    UnknownMeasure,
    UnknownOrigin,
)
from geo.release import ReleasedFigures
from geo.standing import standing_figures
from geo.tables import records
from geo.terms import Measure, State, Unit
from geo.unit_profiles import UnitProfile, unit_profile

__all__ = [
    "AmbiguousMeasure",
    "Available",
    "CountQuery",
    "CountRow",
    "Counts",
    "FigureError",
    "NoSuchLevel",
    "UnitProfile",
    "UnknownDate",
    "UnknownGroup",
    "UnknownMeasure",
    "UnknownOrigin",
    "available",
    "counts",
    "unit_profile",
]


@dataclass(frozen=True, slots=True)
class CountQuery:
    """What is asked. ``origin`` is a P-code, an ISO3 code or 'unknown'; None is all together.

    Without ``measure`` stocks, else the only measure there is; without ``date`` the latest that
    has figures at that level for that group; with ``parent`` only the units inside it.
    """

    level: int
    group: str
    date: dt.date | None = None
    measure: str | None = None
    origin: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class CountRow:
    """One unit's count; ``value`` is None exactly where ``state`` is not 'figure'.

    ``carried`` are the codes of other vintages' units inside. ``low`` and ``high`` bound a figure
    that is in part shared out, 90 % sure; None: it is no range. ``qualifier`` and ``basis`` as in
    ``geo.tables``; both "" where no row speaks of the unit.
    """

    pcode: str
    name: str
    value: float | None
    state: str
    carried: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    origin: str = ""
    qualifier: str = ""
    kind: str = ""
    basis: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one group, measure and day at one level.

    ``total`` is everyone known: the rows and ``unplaced``, those known to be in a parent but in
    none of its units. ``stated_total`` is what the sources state for the whole (the parent asked
    for, else the countries with figures), None where they do not state all of it. ``missing``
    are the units without a figure. ``other_dates``: countries with figures of this group at this
    level on other days only, each with its latest.
    """

    situation: str
    level: int
    group: str
    measure: str
    date: dt.date
    start: dt.date | None
    unit: str
    total: float
    unplaced: float
    stated_total: float | None
    missing: tuple[str, ...]
    rows: tuple[CountRow, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    other_dates: tuple[tuple[str, dt.date], ...] = ()


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
    figures = _known(released.figures)
    keys = ["group", "measure", "unit", "level"]
    found = []
    for _, part in figures.groupby(keys, sort=True):
        group, measure, unit, level = (part[key].iloc[0] for key in keys)
        dates = tuple(sorted(set(part["date"])))
        origins = tuple(sorted({origin for origin in part["origin"] if origin}))
        found.append(Available(str(group), str(measure), str(unit), int(level), dates, origins))
    return tuple(found)


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
    figures = standing_figures(released.figures)
    of_group = _chosen(figures, boundaries, query)
    day = _day(of_group, query)
    chosen = of_group[of_group["date"] == day]
    scope = _scope(chosen, boundaries, query)
    codes, parents = (boundaries.frame[name].tolist() for name in ("pcode", "parent"))
    parent_of = dict(zip(codes, parents, strict=True))
    here = chosen[(chosen["level"] == query.level) & ~chosen["unplaced"]]
    at_level = boundaries.at(query.level)["pcode"].tolist()
    units = [code for code in at_level if _is_inside(code, scope, parent_of)]
    by_unit = {row["pcode"]: row for row in records(here[here["pcode"].isin(units)])}
    rows = tuple(_row(code, by_unit.get(code), boundaries, lang) for code in units)
    lost = chosen[(chosen["level"] == query.level) & chosen["unplaced"]]
    known_lost = [
        row
        for row in records(_known(lost))
        if _is_inside(row["pcode"], scope, parent_of) or (not row["pcode"] and not query.parent)
    ]
    unplaced = sum(row["value"] for row in known_lost)
    told = [row for row in rows if row.value is not None]
    used = {s for row in told for s in row.sources}
    used |= {s for row in known_lost for s in row["sources"].split("|") if s}
    first = next(iter(records(_known(here).head(1))), None)
    return Counts(
        situation=released.situation,
        level=query.level,
        group=query.group,
        measure=str(chosen["measure"].iloc[0]),
        date=day,
        start=first["start"] if first else None,
        unit=str(chosen["unit"].iloc[0]),
        total=sum(row.value for row in told if row.value is not None) + unplaced,
        unplaced=unplaced,
        stated_total=_stated(chosen, scope),
        missing=tuple(row.pcode for row in rows if row.value is None),
        rows=rows,
        notes=_notes(released, {*units, *scope}, rows, lang),
        sources=tuple(sorted(used)),
        other_dates=_other_dates(of_group, boundaries, query, day),
    )


def _known(figures: pd.DataFrame) -> pd.DataFrame:
    return figures[figures["state"] == State.FIGURE.value]


def _chosen(figures: pd.DataFrame, boundaries: BoundarySet, query: CountQuery) -> pd.DataFrame:
    """Return the figures of one group, measure, unit and origin, of all days and levels."""
    known = _known(figures)
    groups = sorted(set(known["group"]))
    if query.group not in groups:
        raise UnknownGroup(query.group, known=groups)
    of_group = known[known["group"] == query.group]
    levels = sorted({int(level) for level in of_group["level"]})
    if query.level not in levels or query.level not in boundaries.levels:
        raise NoSuchLevel(query.level, group=query.group, known=levels)
    at_level = of_group[of_group["level"] == query.level]
    measure = _measure(sorted(set(at_level["measure"])), query)
    at_level = at_level[at_level["measure"] == measure]
    persons = (at_level["unit"] == Unit.PERSONS.value).any()
    unit = Unit.PERSONS.value if persons else Unit.HOUSEHOLDS.value
    origin = _origin(at_level, boundaries, query)
    return figures[
        (figures["group"] == query.group)
        & (figures["measure"] == measure)
        & (figures["unit"] == unit)
        & (figures["origin"] == origin)
    ]


def _measure(there: list[str], query: CountQuery) -> str:
    if query.measure is not None:
        if query.measure not in there:
            raise UnknownMeasure(query.measure, group=query.group, known=there)
        return query.measure
    if Measure.STOCK.value in there:
        return Measure.STOCK.value
    if len(there) > 1:
        raise AmbiguousMeasure(query.group, known=there)
    return there[0]


def _origin(at_level: pd.DataFrame, boundaries: BoundarySet, query: CountQuery) -> str:
    if not query.origin:
        return ""
    there = sorted({origin for origin in at_level["origin"] if origin})
    if query.origin in there:
        return query.origin
    countries = boundaries.at(0)
    codes = set(countries.loc[countries["iso3"] == query.origin, "pcode"]) & set(there)
    if not codes:
        raise UnknownOrigin(query.origin, group=query.group, known=there)
    return str(codes.pop())


def _day(of_group: pd.DataFrame, query: CountQuery) -> dt.date:
    known = _known(of_group)
    days: list[dt.date] = sorted(set(known.loc[known["level"] == query.level, "date"]))
    if query.date is None:
        placed = known[~known["unplaced"] & (known["level"] == query.level)]
        return max(placed["date"], default=days[-1])
    if query.date not in days:
        raise UnknownDate(query.date, group=query.group, level=query.level, known=days)
    return query.date


def _scope(chosen: pd.DataFrame, boundaries: BoundarySet, query: CountQuery) -> tuple[str, ...]:
    """Return the units whose parts are asked for: the parent, else the countries with figures."""
    if query.parent is not None:
        return (boundaries.unit(query.parent).pcode,)
    codes = chosen.loc[chosen["level"] == query.level, "pcode"]
    return tuple(sorted({boundaries.ancestor(code, 0) for code in codes if code in boundaries}))


def _is_inside(code: str, scope: tuple[str, ...], parent_of: Mapping[str, str]) -> bool:
    while code in parent_of:
        if code in scope:
            return True
        code = parent_of[code]
    return False


def _row(code: str, row: dict[str, object] | None, boundaries: BoundarySet, lang: str) -> CountRow:
    name = boundaries.name(code, lang)
    if row is None:
        return CountRow(code, name, None, State.NOT_REPORTED.value)
    is_figure = row["state"] == State.FIGURE.value
    return CountRow(
        pcode=code,
        name=name,
        value=float(str(row["value"])) if is_figure else None,
        state=str(row["state"]),
        carried=_split(row["carried"]),
        sources=_split(row["sources"]),
        origin=str(row["origin"]),
        qualifier=str(row["qualifier"]),
        kind=str(row["kind"]),
        basis=str(row["basis"]),
        low=_bound(row.get("low")),
        high=_bound(row.get("high")),
    )


def _bound(cell: object) -> float | None:
    return cell if isinstance(cell, float) and not isnan(cell) else None


def _split(joined: object) -> tuple[str, ...]:
    return tuple(text for text in str(joined).split("|") if text)


def _stated(chosen: pd.DataFrame, scope: tuple[str, ...]) -> float | None:
    whole = chosen[chosen["pcode"].isin(scope) & ~chosen["unplaced"]]
    stated = {r["pcode"]: r["value"] for r in records(_known(whole)) if r["basis"] == "stated"}
    return sum(stated.values()) if scope and set(stated) == set(scope) else None


def _other_dates(
    of_group: pd.DataFrame, boundaries: BoundarySet, query: CountQuery, day: dt.date
) -> tuple[tuple[str, dt.date], ...]:
    latest: dict[str, dt.date] = {}
    here: set[str] = set()
    known = _known(of_group)
    dated = known.loc[known["level"] == query.level, ["pcode", "date"]].drop_duplicates()
    for pcode, on in zip(dated["pcode"].tolist(), dated["date"].tolist(), strict=True):
        if pcode not in boundaries:
            continue
        country = boundaries.ancestor(pcode, 0)
        if on == day:
            here.add(country)
        latest[country] = max(on, latest.get(country, on))
    return tuple(sorted((code, last) for code, last in latest.items() if code not in here))


def _notes(
    released: ReleasedFigures, shown: set[str], rows: tuple[CountRow, ...], lang: str
) -> tuple[str, ...]:
    carrying = [row for row in rows if row.carried]
    carried = {code for row in carrying for code in (row.pcode, *row.carried)}
    texts = []
    for note in released.notes:
        concerned = carried if note.kind == "carry" else shown
        if not note.about or concerned & set(note.about):
            some = note.text.get("en") or next(iter(note.text.values()), "")
            texts.append(note.text.get(lang) or some)
    return tuple(dict.fromkeys(text for text in texts if text))
