"""How many people are where: the one answer that maps, tables and the API all give.

A unit without a figure is in the answer with value None and its state; 0 is a figure.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from math import isnan, nan
from typing import Any

import numpy as np

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
from geo.figure_index import FigureIndex, Positions, Series
from geo.release import ReleasedFigures
from geo.stored_figures import StoredIndex
from geo.stored_part import StoredPart
from geo.terms import Measure, State, Unit
from geo.unit_profiles import UnitProfile, unit_profile

__all__ = [
    "AmbiguousMeasure",
    "Available",
    "CountColumns",
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
class CountColumns:
    """What `CountRow` says of each unit, as columns (n,): an answer of thousands is soon written.

    ``carried`` and ``sources`` are ids joined with ``|``; ``value``, ``low`` and ``high`` are None
    where there is none.
    """

    pcode: Sequence[str]
    name: Sequence[str]
    value: Sequence[float | None]
    state: Sequence[str]
    carried: Sequence[str]
    sources: Sequence[str]
    origin: Sequence[str]
    qualifier: Sequence[str]
    kind: Sequence[str]
    basis: Sequence[str]
    low: Sequence[float | None]
    high: Sequence[float | None]

    def __len__(self) -> int:
        return len(self.pcode)

    def some(self, places: Iterable[int]) -> "CountColumns":
        """Return the units at some places."""
        listed = list(places)
        columns = (getattr(self, each.name) for each in fields(self))
        return CountColumns(*([column[place] for place in listed] for column in columns))

    def rows(self) -> Iterator[CountRow]:
        """Give the units one by one."""
        columns = (getattr(self, each.name) for each in fields(self))
        for pcode, name, value, state, carried, sources, *told in zip(*columns, strict=True):
            yield CountRow(pcode, name, value, state, _split(carried), _split(sources), *told)


@dataclass(frozen=True)
class Counts:
    """Counts of one group, measure and day at one level.

    ``total`` adds the figures of the rows and ``unplaced``: people counted within the units asked
    for, in none of their units of this level. ``stated_total`` is the sources' own total of the
    units asked for, None where not all of them state one. ``start`` is the first day of the
    period, None for a stock. ``missing`` are the units without a figure.
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
    columns: CountColumns
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    @cached_property
    def rows(self) -> tuple[CountRow, ...]:
        """The units one by one."""
        return tuple(self.columns.rows())

    @property
    def missing(self) -> tuple[str, ...]:
        """The units without a figure."""
        told = zip(self.columns.pcode, self.columns.value, strict=True)
        return tuple(code for code, value in told if value is None)


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
    units = boundaries.codes_inside(scope, query.level)
    is_lost = index.unplaced(at_level)
    placed = at_level[~is_lost]
    columns = _columns(index, placed, units, boundaries.names(lang))
    lost = at_level[is_lost & index.is_figure(at_level)]
    known_lost = [
        (value, sources)
        for code, value, sources in _told(index, lost, "pcode", "value", "sources")
        if _is_inside(code, scope, boundaries) or (not code and not query.parent)
    ]
    unplaced = sum(value for value, _ in known_lost)
    told = [value for value in columns.value if value is not None]
    # an answer has few different lists of sources
    used = set(columns.sources)
    if len(told) < len(columns):
        both = zip(columns.sources, columns.value, strict=True)
        used = {sources for sources, value in both if value is not None}
    used.update(sources for _, sources in known_lost)
    first = index.cells(placed[index.is_figure(placed)][:1], "start")
    return Counts(
        situation=released.situation,
        level=query.level,
        group=query.group,
        measure=series[1],
        date=day,
        start=first[0] if first and isinstance(first[0], dt.date) else None,
        unit=series[2],
        total=sum(told) + unplaced,
        unplaced=unplaced,
        stated_total=_stated(index, chosen, scope),
        columns=columns,
        notes=_notes(released, {*scope, *units}, columns, lang) if released.notes else (),
        sources=tuple(sorted({source for joined in used for source in _split(joined)})),
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


def _told(index: Part, rows: Positions, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Return rows one by one, with the cells of some columns."""
    if len(rows):
        yield from zip(*(index.cells(rows, name) for name in columns), strict=True)


_TEXTS = ("carried", "sources", "origin", "qualifier", "kind", "basis")


def _columns(
    index: Part, placed: Positions, units: Sequence[str], names: Mapping[str, str]
) -> CountColumns:
    """Return what is told of each unit; of one without a row that nothing was reported."""
    codes = index.cells(placed, "pcode")
    place: list[int] | None = None
    if codes != list(units):  # as a rule all units have a row each, in order
        row_of = {code: row for row, code in enumerate(codes)}
        place = [row_of.get(code, -1) for code in units]

    def spread(cells: list[Any], empty: Any) -> list[Any]:
        if place is None:
            return cells
        there = [*cells, empty]  # -1 is the last of them
        return [there[row] for row in place]

    state = index.cells(placed, "state")
    value = index.cells(placed, "value")
    figure = State.FIGURE.value
    known: list[float | None] = value
    if state.count(figure) < len(state):
        known = [v if s == figure else None for v, s in zip(value, state, strict=True)]
    bounds = {name: _bounds(index.cells(placed, name)) for name in ("low", "high")}
    return CountColumns(
        pcode=tuple(units),
        name=tuple(map(names.__getitem__, units)),
        value=spread(known, None),
        state=spread(state, State.NOT_REPORTED.value),
        **{name: spread(index.cells(placed, name), "") for name in _TEXTS},
        **{name: spread(cells, None) for name, cells in bounds.items()},
    )


def _bounds(cells: list[float]) -> list[float | None]:
    # as a rule no figure is a range
    if cells.count(nan) == len(cells) or np.isnan(np.array(cells, dtype=np.float64)).all():
        return [None] * len(cells)
    return [None if isnan(cell) else cell for cell in cells]


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
    codes = index.cells(at_level, "pcode")
    return boundaries.countries(tuple(codes))


def _is_inside(code: str, scope: tuple[str, ...], boundaries: BoundarySet) -> bool:
    while code in boundaries:
        if code in scope:
            return True
        code = boundaries.parent(code)
    return False


def _split(joined: object) -> tuple[str, ...]:
    return tuple(text for text in str(joined).split("|") if text)


def _stated(index: Part, chosen: Positions, scope: tuple[str, ...]) -> float | None:
    """Return what the sources state for the whole of ``scope``, None where not for all of it."""
    whole = index.where(chosen, "pcode", scope)
    placed = whole[~index.unplaced(whole) & index.is_figure(whole)]
    facts = zip(*(index.cells(placed, name) for name in ("pcode", "basis", "value")), strict=True)
    stated = {code: value for code, basis, value in facts if basis == "stated"}
    return sum(stated.values()) if scope and set(stated) == set(scope) else None


def _notes(
    released: ReleasedFigures, shown: set[str], columns: CountColumns, lang: str
) -> tuple[str, ...]:
    told = zip(columns.pcode, columns.carried, strict=True)
    carried = {each for code, joined in told if joined for each in (code, *_split(joined))}
    texts = []
    for note in released.notes:
        concerned = carried if note.kind == "carry" else shown
        if not note.about or concerned & set(note.about):
            some = note.text.get("en") or next(iter(note.text.values()), "")
            texts.append(note.text.get(lang) or some)
    return tuple(dict.fromkeys(text for text in texts if text))
