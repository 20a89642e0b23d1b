"""How many people are where: the one answer that maps, tables and the API all give.

A unit without a figure is in the answer with value None and its state; 0 is a figure.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import Any

from boundaries.units import BoundarySet
from geo.edition_parts import StoredIndex
from geo.errors import (
    AmbiguousMeasure,
    FigureError,
    NoSuchLevel,
    UnknownDate,
    UnknownGroup,
    UnknownMeasure,
    UnknownOrigin,
)
from geo.figure_index import FigureIndex, Positions, Series
from geo.release import ReleasedFigures
from geo.stored_part import StoredPart
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
    "one_measure",
    "unit_profile",
]


Part = FigureIndex | StoredPart
_TOLD = ("pcode", "value", "low", "high", "state", "carried", "sources", "origin", "qualifier",
         "kind", "basis")  # fmt: skip


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
    whole = released.index
    series = _series(whole, boundaries, query)
    day = _day(whole, series, query)
    index: Part = whole.of_day(series, day)
    chosen = index.rows(series, day)
    at_level = index.at_level(chosen, query.level)
    scope = _scope(index, at_level, boundaries, query)
    inside = frozenset(scope)
    units = _units_inside(scope, query.level, boundaries)
    placed = at_level[~index.unplaced(at_level)]
    by_unit = {row["pcode"]: row for row in _cells(index, index.where(placed, "pcode", units))}
    rows = tuple(_row(code, by_unit.get(code), boundaries, lang) for code in units)
    lost = at_level[index.unplaced(at_level) & index.is_figure(at_level)]
    known_lost = [
        row
        for row in _cells(index, lost)
        if _is_inside(row["pcode"], inside, boundaries) or (not row["pcode"] and not query.parent)
    ]
    unplaced = sum(row["value"] for row in known_lost)
    told = [row for row in rows if row.value is not None]
    used = {s for row in told for s in row.sources}
    used |= {s for row in known_lost for s in row["sources"].split("|") if s}
    first = index.cells(placed[index.is_figure(placed)][:1], "start")
    return Counts(
        situation=released.situation,
        level=query.level,
        group=query.group,
        measure=series[1],
        date=day,
        start=first[0] if first and isinstance(first[0], dt.date) else None,
        unit=series[2],
        total=sum(row.value for row in told if row.value is not None) + unplaced,
        unplaced=unplaced,
        stated_total=_stated(index, chosen, scope),
        missing=tuple(row.pcode for row in rows if row.value is None),
        rows=rows,
        notes=_notes(released, inside.union(units), rows, lang),
        sources=tuple(sorted(used)),
        other_dates=_other_dates(whole, series, boundaries, query, day),
    )


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


def _cells(index: Part, rows: Positions) -> Iterator[dict[str, Any]]:
    """Return rows one by one, with what a count says of each."""
    columns = [index.cells(rows, name) for name in _TOLD]
    for cells in zip(*columns, strict=True):
        yield dict(zip(_TOLD, cells, strict=True))


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


def _scope(
    index: Part, at_level: Positions, boundaries: BoundarySet, query: CountQuery
) -> tuple[str, ...]:
    """Return the units whose parts are asked for: the parent, else the countries with figures."""
    if query.parent is not None:
        return (boundaries.unit(query.parent).pcode,)
    codes = set(index.cells(at_level, "pcode"))
    return tuple(sorted({boundaries.ancestor(code, 0) for code in codes if code in boundaries}))


def _units_inside(scope: tuple[str, ...], level: int, boundaries: BoundarySet) -> list[str]:
    """Return the units of a level inside any of ``scope``, in the order of P-codes."""
    if len(scope) == 1:
        return list(boundaries.codes_within(scope[0], level))
    inside = {code for above in scope for code in boundaries.codes_within(above, level)}
    return [code for code in boundaries.codes(level) if code in inside]


def _is_inside(code: str, scope: frozenset[str], boundaries: BoundarySet) -> bool:
    while code in boundaries:
        if code in scope:
            return True
        code = boundaries.parent(code)
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


def _stated(index: Part, chosen: Positions, scope: tuple[str, ...]) -> float | None:
    """Return what the sources state for the whole of ``scope``, None where not for all of it."""
    whole = index.where(chosen, "pcode", scope)
    placed = whole[~index.unplaced(whole) & index.is_figure(whole)]
    facts = zip(*(index.cells(placed, name) for name in ("pcode", "basis", "value")), strict=True)
    stated = {code: value for code, basis, value in facts if basis == "stated"}
    return sum(stated.values()) if scope and set(stated) == set(scope) else None


def _other_dates(
    index: FigureIndex | StoredIndex,
    series: Series,
    boundaries: BoundarySet,
    query: CountQuery,
    day: dt.date,
) -> tuple[tuple[str, dt.date], ...]:
    latest, on_day = index.countries(series, query.level, boundaries)
    here = on_day.get(day, set())
    return tuple(sorted((code, last) for code, last in latest.items() if code not in here))


def _notes(
    released: ReleasedFigures, shown: frozenset[str], rows: tuple[CountRow, ...], lang: str
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
