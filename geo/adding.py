"""What may be added, and the reason why not. Nothing here is ever added silently.

People are counted twice where levels overlap, where a cumulative figure contains a new one, where
one stock is told of two days; and a sum over kinds or days is a statement that somebody has to
want. Whatever adds figures outside the join asks here first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import pandas as pd

from geo.errors import FigureError
from geo.gazetteer import Places
from geo.tables import records
from geo.terms import QUALIFIERS, Measure, State

__all__ = ["Across", "MayNotAdd", "Total", "add_figures", "count_distinct"]

Across = Literal["kinds", "dates", "groups"]
"""What a caller may say it wants to add across; the rest is never added."""

_WHOLES = frozenset({"POC", "POP", "HST"})  # hold other groups, or are none of them


class MayNotAdd(FigureError):
    """Figures that must not be added. ``reason`` is one stable word; ``rows`` are the two at fault."""

    def __init__(self, reason: str, why: str, *, rows: Sequence[str] = (), todo: str) -> None:
        self.reason, self.rows = reason, tuple(rows)
        where = f" ({' and '.join(rows)})" if rows else ""
        super().__init__(f"these figures may not be added: {why}{where}. {todo}")


@dataclass(frozen=True, slots=True)
class Total:
    """A sum, with what it mixes. ``kinds``, ``dates`` and ``groups`` have one entry where it mixes none."""

    value: float
    qualifier: str
    kinds: tuple[str, ...]
    dates: tuple[str, ...]
    groups: tuple[str, ...]
    parts: int


def add_figures(figures: pd.DataFrame, places: Places, *, across: Collection[Across] = ()) -> Total:
    """Add figures, or refuse.

    Parameters
    ----------
    figures : DataFrame
        The columns of ``UNIT_FIGURE_COLUMNS``. Rows without a figure make the sum "at least".
    places : Places
        Tells which unit lies in which.
    across : collection of {"kinds", "dates", "groups"}
        What may differ, because the caller wants the mix and will say so.

    Raises
    ------
    MayNotAdd
        ``reason`` is: nothing, units, measures, groups, kinds, dates, periods, levels, twice,
        origins. Two dates of one place are refused whatever ``across`` says.

    References
    ----------
    UNHCR, IOM and HDX HAPI publish the same people at several administrative levels; returns
    since 2013 contain those of the last month.
    """
    known = figures[figures["state"] == State.FIGURE.value]
    if known.empty:
        raise MayNotAdd("nothing", "there is no figure among them", todo="Choose others.")
    rows = list(records(known))
    _same("units", "unit", rows, "persons and households are counted", "Choose one unit.")
    _one_measure(rows)
    _groups(rows, across)
    if "kinds" not in across:
        todo = "A rise from one kind to another is no movement; ask for the mix to get it, named."
        _same("kinds", "kind", rows, "they are of different kinds:", todo)
    _no_one_twice(rows, places)
    if "dates" not in across:
        todo = "Choose one date, or ask for the mix to get it, with its dates."
        _same("dates", "date", rows, "they are of different dates:", todo)
    qualifier = max((row["qualifier"] for row in rows), key=QUALIFIERS.index)
    return Total(
        value=sum(row["value"] for row in rows),
        qualifier="at_least" if len(known) < len(figures) else qualifier,
        kinds=_distinct(rows, "kind"),
        dates=_distinct(rows, "date"),
        groups=_distinct(rows, "group"),
        parts=len(rows),
    )


def count_distinct(members: Mapping[str, Collection[str]]) -> int:
    """Add the sizes of sets that share no member, such as organisations by cluster; else refuse.

    >>> count_distinct({"WSH": {"NRC"}, "EDU": {"UNICEF", "SCI"}})
    3
    >>> count_distinct({"WSH": {"NRC"}, "EDU": {"NRC"}})
    Traceback (most recent call last):
    geo.adding.MayNotAdd: these figures may not be added: NRC is in EDU and in WSH. ...
    """
    for (one, ours), (other, theirs) in combinations(sorted(members.items()), 2):
        shared = sorted(set(ours) & set(theirs))
        if shared:
            raise MayNotAdd(
                "organisations",
                f"{shared[0]} is in {one} and in {other}",
                todo="Count the distinct members of all of them together.",
            )
    return sum(len(set(each)) for each in members.values())


def _distinct(rows: Sequence[Mapping[str, Any]], column: str) -> tuple[str, ...]:
    return tuple(sorted({str(row[column]) for row in rows}))


def _same(reason: str, column: str, rows: Sequence[Mapping[str, Any]], why: str, todo: str) -> None:
    words = _distinct(rows, column)
    if len(words) > 1:
        raise MayNotAdd(reason, f"{why} {' and '.join(words)}", todo=todo)


def _one_measure(rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse several measures; say so where one figure contains another."""
    measures = _distinct(rows, "measure")
    if len(measures) < 2:
        return
    why = f"they are of different measures: {' and '.join(measures)}"
    whole = [row for row in rows if row["measure"] == Measure.CUMULATIVE]
    new = [row for row in rows if row["measure"] == Measure.NEW]
    for one in whole:
        for part in new:
            if _contains(one, part):
                why = (
                    f"the {one['value']:,.0f} until {one['date']} contain the "
                    f"{part['value']:,.0f} of {part['start']} to {part['date']}"
                )
                raise MayNotAdd("measures", why, rows=_where(one, part), todo="Choose one.")
    raise MayNotAdd("measures", why, todo="Choose one measure.")


def _contains(whole: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    since = whole["start"]
    return bool(
        whole["pcode"] == part["pcode"]
        and whole["group"] == part["group"]
        and part["date"] <= whole["date"]
        and (since is None or part["start"] is None or since <= part["start"])
    )


def _groups(rows: Sequence[Mapping[str, Any]], across: Collection[Across]) -> None:
    groups = _distinct(rows, "group")
    if len(groups) < 2:
        return
    wholes = sorted(_WHOLES & set(groups))
    if wholes:
        why = f"{wholes[0]} is no group beside {' and '.join(g for g in groups if g != wholes[0])}"
        raise MayNotAdd("groups", why, todo="Choose groups that do not hold each other.")
    if "groups" not in across:
        why = f"they are of different groups: {' and '.join(groups)}"
        raise MayNotAdd("groups", why, todo="Choose one, or ask for the sum over groups.")


def _no_one_twice(rows: Sequence[Mapping[str, Any]], places: Places) -> None:
    by_unit: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for row in rows:
        by_unit.setdefault((row["pcode"], bool(row["unplaced"])), []).append(row)
    for same in by_unit.values():
        for one, other in combinations(same, 2):
            _refuse_twice(one, other)
    for (pcode, unplaced), inner in by_unit.items():
        for above in places.chain(pcode)[0 if unplaced else 1 :]:
            for outer in by_unit.get((above, False), ()):
                clash = next((row for row in inner if _overlap(row, outer)), None)
                if clash is not None:
                    why = f"{pcode} lies in {above}, whose figure holds its people already"
                    todo = "Choose one level."
                    raise MayNotAdd("levels", why, rows=_where(outer, clash), todo=todo)


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same_group = one["group"] == other["group"]
    return same_group and (
        not one["origin"] or one["origin"] == other["origin"] or not other["origin"]
    )


def _refuse_twice(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Refuse two figures of one place, unless they tell of different people."""
    if not _overlap(one, other):
        return
    where = _where(one, other)
    place = one["pcode"] or "the situation"
    if one["origin"] != other["origin"]:
        why = f"the figure of all origins in {place} holds those of each origin"
        raise MayNotAdd("origins", why, rows=where, todo="Choose all origins together, or each.")
    if one["date"] == other["date"] and one["start"] == other["start"]:
        why = f"{place} is among them twice, with {one['value']:,.0f} and {other['value']:,.0f}"
        raise MayNotAdd("twice", why, rows=where, todo="Choose one of the two.")
    if one["measure"] == Measure.STOCK:
        why = f"a stock at two dates is not a sum: {place} on {one['date']} and on {other['date']}"
        raise MayNotAdd("dates", why, rows=where, todo="Choose one date.")
    first, second = sorted((one, other), key=lambda row: row["date"])
    if (
        one["measure"] == Measure.CUMULATIVE
        or second["start"] is None
        or (second["start"] <= first["date"])
    ):
        why = f"the periods of {place} until {first['date']} and until {second['date']} overlap"
        raise MayNotAdd("periods", why, rows=where, todo="Choose periods that do not overlap.")


def _where(*rows: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row["rows"]) for row in rows if row["rows"])
