"""Cut an edition's figures into sheets as it is published. What is cut is never changed afterwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.coded_frame import CodedFrame, begins, canonical, order_by, runs
from geo.origin_sums import SUMS, origin_sums
from geo.sheets import (
    CONTENTS,
    DAY,
    FORM,
    ORIGINS,
    UNIT,
    Sheet,
    day_key,
    origins_key,
    seal_of,
)
from geo.standing import CELL
from geo.terms import State

__all__ = ["cut"]

Rows = NDArray[np.intp]
_SERIES = ("group", "measure", "unit", "origin")


def cut(figures: CodedFrame, edition: str, *, every_origin_of_a_unit: bool) -> Iterator[Sheet]:
    """Give the sheets of an edition's figures, the list of them last.

    Parameters
    ----------
    figures : CodedFrame
        Columns ``UNIT_FIGURE_COLUMNS``.
    edition : str
        Its id, which the list names.
    every_origin_of_a_unit : bool
        Whether a unit's sheet tells all days of each origin, or only the latest with a figure: all
        days of eighty origins are thousands of rows, and no profile. All origins together it always
        tells of all days.
    """
    table = _Table.of(figures)
    days: list[Any] = []
    yield from _days(table, days)
    units: dict[str, str] = {}
    yield from _units(table, units, every_origin=every_origin_of_a_unit)
    origins: list[Any] = []
    yield from _origins(table, origins)
    told = {
        "form": FORM,
        "edition": edition,
        "levels": sorted(table.coded.cells["level"]) if table.coded.rows else [],
        "days": days,
        "units": units,
        "origins": origins,
        "fed": _fed(table),
    }
    yield Sheet(CONTENTS, "", canonical(told).encode())


@dataclass(frozen=True, slots=True)
class _Table:
    """Figures as numbers, with the JSON of every distinct cell."""

    coded: CodedFrame
    texts: dict[str, list[str]]
    is_figure: NDArray[np.bool_]

    @classmethod
    def of(cls, coded: CodedFrame) -> "_Table":
        texts = {name: [canonical(cell) for cell in cells] for name, cells in coded.cells.items()}
        figure = [cell == State.FIGURE.value for cell in coded.cells["state"]]
        return cls(coded, texts, _chosen(coded, "state", figure))

    def runs(self, names: Sequence[str], rows: Rows) -> Iterator[Rows]:
        """Give those of some rows that agree in some columns together, in order of the columns."""
        for run in runs([self.coded.ranks(name)[rows] for name in names], len(rows)):
            yield rows[run]

    def first(self, rows: Rows, names: Sequence[str]) -> tuple[Any, ...]:
        return tuple(self.coded.cells[name][self.coded.codes[name][rows[0]]] for name in names)

    def sheet(self, rows: Rows) -> bytes:
        """Return some rows as a sheet; ``first`` is the place in the edition of those in a row."""
        together = int(rows[-1]) - int(rows[0]) == len(rows) - 1
        parts = [] if together else [f'"place":[{",".join(map(str, rows.tolist()))}]']
        first = f'"first":{rows[0]},' if together else ""
        for name, texts in self.texts.items():
            codes = self.coded.codes[name][rows]
            if len(texts) == 1 or (codes == codes[0]).all():
                parts.append(f'"{name}":{texts[codes[0]]}')
            else:
                parts.append(f'"{name}":[{",".join([texts[code] for code in codes.tolist()])}]')
        return f'{{{first}"rows":{len(rows)},"cells":{{{",".join(parts)}}}}}'.encode()


def _one_or_all(name: str, texts: list[str]) -> str:
    listed = texts[0] if len(set(texts)) == 1 else f"[{','.join(texts)}]"
    return f'"{name}":{listed}'


def _chosen(coded: CodedFrame, name: str, which: Sequence[bool]) -> NDArray[np.bool_]:
    """Return in which rows a column has one of the cells chosen."""
    marks = np.array(which, dtype=np.bool_)
    chosen: NDArray[np.bool_] = marks[coded.codes[name]] if coded.rows else np.zeros(0, np.bool_)
    return chosen


def _days(table: _Table, listed: list[Any]) -> Iterator[Sheet]:
    """Cut by series and day, in the order the rows were published in; list them by series."""
    unplaced = _chosen(table.coded, "unplaced", table.coded.cells["unplaced"])
    worth = np.where(table.is_figure, np.where(unplaced, 1, 2), 0)
    levels, level_of = table.coded.codes["level"], table.coded.cells["level"]
    for rows in table.runs((*_SERIES, "date"), np.arange(table.coded.rows)):
        *series, day = table.first(rows, (*_SERIES, "date"))
        content = table.sheet(rows)
        spoken = [
            [level_of[code], int(worth[rows[levels[rows] == code]].max())]
            for code in np.unique(levels[rows]).tolist()
        ]
        if not listed or listed[-1][:4] != series:
            listed.append([*series, []])
        listed[-1][4].append([day, seal_of(content), sorted(spoken)])
        group, measure, unit, origin = series
        yield Sheet(DAY, day_key((group, measure, unit, origin), day), content)


def _units(table: _Table, listed: dict[str, str], *, every_origin: bool) -> Iterator[Sheet]:
    coded = table.coded
    told = np.ones(coded.rows, dtype=np.bool_)
    if not every_origin:
        by_origin = _chosen(coded, "origin", [bool(origin) for origin in coded.cells["origin"]])
        told[_earlier(table, np.flatnonzero(by_origin))] = False
    told &= _chosen(coded, "pcode", [bool(code) for code in coded.cells["pcode"]])
    for rows in table.runs(("pcode",), np.flatnonzero(told)):
        (pcode,) = table.first(rows, ("pcode",))
        content = table.sheet(rows)
        listed[pcode] = seal_of(content)
        yield Sheet(UNIT, pcode, content)


def _earlier(table: _Table, rows: Rows) -> Rows:
    """Return rows that are not of the latest day with a figure of their series, level and unit."""
    day = table.coded.ranks("date")
    keys = [table.coded.ranks(name)[rows] for name in (*_SERIES, "level", "pcode")]
    order = order_by(keys, len(rows))
    if not len(order):
        return rows
    starts = np.flatnonzero(begins(keys, order))
    in_order = rows[order]
    known = np.where(table.is_figure[in_order], day[in_order], -1)
    latest = np.repeat(np.maximum.reduceat(known, starts), np.diff([*starts, len(order)]))
    earlier: Rows = in_order[day[in_order] != latest]
    return earlier


def _origins(table: _Table, listed: list[Any]) -> Iterator[Sheet]:
    """Cut the totals of each origin: of standing figures in units, over all days."""
    coded, what = table.coded, ("group", "measure", "unit", "level")
    placed = ~_chosen(coded, "unplaced", coded.cells["unplaced"])
    told = placed & _chosen(coded, "origin", [bool(o) for o in coded.cells["origin"]])
    value = np.array(coded.cells["value"], dtype=np.float64)[coded.codes["value"]]
    for rows in table.runs(what, _standing(table, np.flatnonzero(told & table.is_figure))):
        numbers = {name: coded.ranks(name)[rows] for name in ("origin", "pcode", "date")}
        sums = origin_sums(pd.DataFrame({**numbers, "value": value[rows]}))
        for name in ("origin", "pcode", "date"):
            texts = [coded.cells[name][code] for code in coded.in_order(name)]
            for column in ("first", "last") if name == "date" else (name,):
                sums[column] = [texts[rank] for rank in sums[column].tolist()]
        group, measure, unit, level = table.first(rows, what)
        for origin, part in sums.groupby("origin", sort=False):
            cells = [
                _one_or_all(name, [canonical(cell) for cell in part[name].tolist()])
                for name in SUMS
            ]
            content = f'{{"rows":{len(part)},"cells":{{{",".join(cells)}}}}}'.encode()
            listed.append([group, measure, unit, level, origin, len(part), seal_of(content)])
            yield Sheet(ORIGINS, origins_key(group, measure, unit, level, str(origin)), content)


def _standing(table: _Table, rows: Rows) -> Rows:
    """Return of figures those that stand: the stated one where there is a sum beside it."""
    coded = table.coded
    summed = ~_chosen(coded, "basis", [cell == "stated" for cell in coded.cells["basis"]])[rows]
    keys = [coded.ranks(name)[rows] for name in CELL]
    order = order_by([*keys, summed], len(rows))
    return np.sort(rows[order[begins(keys, order)]])


def _fed(table: _Table) -> list[list[Any]]:
    """Return what rests on which sources: group, measure, day and the ids, each once."""
    names = ("group", "measure", "date", "sources")
    everything = np.arange(table.coded.rows)
    return [list(table.first(rows, names)) for rows in table.runs(names, everything)]
