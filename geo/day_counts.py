"""One group's counts of one day at one level, asked about one place after the other.

What all places share (the rows of the day, their cells) is found once; a place takes its own of it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import isnan, nan
from typing import Any

import numpy as np

from boundaries.units import BoundarySet
from geo.count_answers import CountColumns, Counts, split_ids
from geo.figure_index import FigureIndex, Positions, Series
from geo.release import ReleasedFigures
from geo.stored_part import StoredPart
from geo.terms import State

__all__ = ["DayCounts"]

_TEXTS = ("carried", "sources", "origin", "qualifier", "kind", "basis")
_SILENT: Mapping[str, Any] = {
    "value": None,
    "state": State.NOT_REPORTED.value,
    **dict.fromkeys(_TEXTS, ""),
    "low": None,
    "high": None,
}
"""What is told of a unit without a row: that nothing was reported."""

Part = FigureIndex | StoredPart


class DayCounts:
    """The counts of a series on a day at a level: `within` answers for a place.

    Kept for as long as one map or one table is made, not longer: it holds a day's cells.
    """

    def __init__(
        self,
        released: ReleasedFigures,
        boundaries: BoundarySet,
        series: Series,
        day: dt.date,
        *,
        level: int,
        lang: str,
    ) -> None:
        self._released, self._boundaries = released, boundaries
        self._series, self._day, self._level, self._lang = series, day, level, lang
        self._index: Part = released.index.of_day(series, day)
        self._chosen = self._index.rows(series, day)
        at_level = self._index.at_level(self._chosen, level)
        is_lost = self._index.unplaced(at_level)
        self._at_level, self._placed = at_level, at_level[~is_lost]
        self._lost = at_level[is_lost & self._index.is_figure(at_level)]

    def within(self, parent: str | None) -> Counts:
        """Return the counts of the units inside a unit; None: inside all countries with figures.

        Raises `UnknownUnit` where the vintage does not have it.
        """
        boundaries = self._boundaries
        if parent is not None:
            scope: tuple[str, ...] = (boundaries.unit(parent).pcode,)
        else:
            scope = boundaries.countries(tuple(self._index.cells(self._at_level, "pcode")))
        units = boundaries.codes_inside(scope, self._level)
        columns = self._columns(units)
        lost = self._lost_in(scope, nowhere=parent is None)
        unplaced = sum(value for value, _ in lost)
        told = [value for value in columns.value if value is not None]
        # an answer has few different lists of sources
        used = set(columns.sources)
        if len(told) < len(columns):
            both = zip(columns.sources, columns.value, strict=True)
            used = {sources for sources, value in both if value is not None}
        used.update(sources for _, sources in lost)
        notes = self._released.notes
        return Counts(
            situation=self._released.situation,
            level=self._level,
            group=self._series[0],
            measure=self._series[1],
            date=self._day,
            start=self._start,
            unit=self._series[2],
            total=sum(told) + unplaced,
            unplaced=unplaced,
            stated_total=self._stated_of(scope),
            columns=columns,
            notes=_notes(self._released, {*scope, *units}, columns, self._lang) if notes else (),
            sources=tuple(sorted({source for joined in used for source in split_ids(joined)})),
        )

    # -- found once -------------------------------------------------------------------------------

    @cached_property
    def _codes(self) -> list[str]:
        return self._index.cells(self._placed, "pcode")

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self._codes)}

    @cached_property
    def _cells(self) -> dict[str, list[Any]]:
        """What is told of the units that have a row."""
        index, placed = self._index, self._placed
        state, value = index.cells(placed, "state"), index.cells(placed, "value")
        figure = State.FIGURE.value
        if state.count(figure) < len(state):
            value = [v if s == figure else None for v, s in zip(value, state, strict=True)]
        return {
            "value": value,
            "state": state,
            **{name: index.cells(placed, name) for name in _TEXTS},
            **{name: _bounds(index.cells(placed, name)) for name in ("low", "high")},
        }

    @cached_property
    def _start(self) -> dt.date | None:
        known = self._placed[self._index.is_figure(self._placed)]
        first = self._index.cells(known[:1], "start")
        return first[0] if first and isinstance(first[0], dt.date) else None

    @cached_property
    def _lost_rows(self) -> list[tuple[str, float, str]]:
        return list(_told(self._index, self._lost, "pcode", "value", "sources"))

    @cached_property
    def _lost_inside(self) -> dict[str, list[tuple[float, str]]]:
        """People placed in none of the units, with their sources, by each unit they are known to be in."""
        found: dict[str, list[tuple[float, str]]] = {}
        for code, value, sources in self._lost_rows:
            above = code
            while above in self._boundaries:
                found.setdefault(above, []).append((value, sources))
                above = self._boundaries.parent(above)
        return found

    @cached_property
    def _spoken_of(self) -> frozenset[str]:
        """The units of any level that have a row."""
        return frozenset(self._index.cells(self._chosen, "pcode"))

    @cached_property
    def _stated(self) -> dict[str, float]:
        """What sources state for a unit of any level, by P-code."""
        chosen = self._chosen
        known = chosen[~self._index.unplaced(chosen) & self._index.is_figure(chosen)]
        facts = _told(self._index, known, "pcode", "basis", "value")
        return {code: value for code, basis, value in facts if basis == "stated"}

    # -- of a place -------------------------------------------------------------------------------

    def _columns(self, units: Sequence[str]) -> CountColumns:
        names = self._boundaries.names(self._lang)
        if self._codes == list(units):  # as a rule all units have a row each, in order
            cells = self._cells
        else:
            at = [self._row_of.get(code, -1) for code in units]
            cells = {
                name: [told[row] if row >= 0 else _SILENT[name] for row in at]
                for name, told in self._cells.items()
            }
        return CountColumns(pcode=tuple(units), name=tuple(map(names.__getitem__, units)), **cells)

    def _lost_in(self, scope: tuple[str, ...], *, nowhere: bool) -> list[tuple[float, str]]:
        """Return what could not be placed within some units; ``nowhere``: or in no unit at all."""
        if len(scope) == 1 and not nowhere:
            return self._lost_inside.get(scope[0], [])
        return [
            (value, sources)
            for code, value, sources in self._lost_rows
            if _is_inside(code, scope, self._boundaries) or (not code and nowhere)
        ]

    def _stated_of(self, scope: tuple[str, ...]) -> float | None:
        """Return what the sources state for the whole of ``scope``, None where not for all of it."""
        if not scope or not self._spoken_of.issuperset(scope):  # as a rule, and soon found
            return None
        if any(code not in self._stated for code in scope):
            return None
        if len(scope) == 1:
            return self._stated[scope[0]]
        asked = set(scope)
        return sum(value for code, value in self._stated.items() if code in asked)


def _told(index: Part, rows: Positions, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Return rows one by one, with the cells of some columns."""
    if len(rows):
        yield from zip(*(index.cells(rows, name) for name in columns), strict=True)


def _bounds(cells: list[float]) -> list[float | None]:
    # as a rule no figure is a range
    if cells.count(nan) == len(cells) or np.isnan(np.array(cells, dtype=np.float64)).all():
        return [None] * len(cells)
    return [None if isnan(cell) else cell for cell in cells]


def _is_inside(code: str, scope: tuple[str, ...], boundaries: BoundarySet) -> bool:
    while code in boundaries:
        if code in scope:
            return True
        code = boundaries.parent(code)
    return False


def _notes(
    released: ReleasedFigures, shown: set[str], columns: CountColumns, lang: str
) -> tuple[str, ...]:
    told = zip(columns.pcode, columns.carried, strict=True)
    carried = {each for code, joined in told if joined for each in (code, *split_ids(joined))}
    texts = []
    for note in released.notes:
        concerned = carried if note.kind == "carry" else shown
        if not note.about or concerned & set(note.about):
            some = note.text.get("en") or next(iter(note.text.values()), "")
            texts.append(note.text.get(lang) or some)
    return tuple(dict.fromkeys(text for text in texts if text))
