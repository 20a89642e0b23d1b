"""Inhabitants that people can be related to. A sum that lacks part of what lies beneath is none.

A rate over some of the inhabitants is too high, and nobody sees by how much. So a unit has inhabitants
where they are stated for itself, or are the sum of those of all units a level below, each of which has
them in the same way; a sum of anything else (rows, cells of a grid, places) has them unless it says
"at least". What is known of a part is told (`KnownParts`), never divided by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from boundaries.units import BoundarySet
from geo.counts import CountQuery, CountRow, Counts, counts
from geo.errors import FigureError
from geo.release import ReleasedFigures

__all__ = ["Inhabitants", "KnownParts", "inhabitants"]

_OPEN = "at_least"  # the qualifier of a sum some of whose parts are not known


@dataclass(frozen=True, slots=True)
class KnownParts:
    """Of how many of the ``units`` a level below a unit all inhabitants are ``known``.

    Both are 0 where what lacks is no unit of these boundaries: former units that were carried,
    places within the unit, rows that add up to it.
    """

    known: int = 0
    units: int = 0

    @property
    def missing(self) -> int:
        """The units of which not all inhabitants are known."""
        return self.units - self.known


@dataclass(frozen=True)
class Inhabitants:
    """``counts`` of residents as they were told; ``partly`` the units of which only a part is."""

    counts: Counts
    partly: Mapping[str, KnownParts]

    @cached_property
    def rows(self) -> Mapping[str, CountRow]:
        """The units with all their inhabitants, by P-code."""
        return {
            row.pcode: row
            for row in self.counts.rows
            if row.value is not None and row.pcode not in self.partly
        }


def inhabitants(
    released: ReleasedFigures, places: BoundarySet, people: Counts, *, parent: str | None = None
) -> Inhabitants:
    """Tell which units' inhabitants are known whole.

    Parameters
    ----------
    released, places
        As `geo.counts.counts` takes them.
    people : Counts
        The answer for residents (POP), of the units within ``parent``.
    parent : str, optional
        What was asked about; all countries without it.

    Returns
    -------
    Inhabitants
        Levels below are read only where a figure is a sum.
    """
    sums = [row for row in people.rows if row.value is not None and not _is_own(row)]
    if parent is not None and sums:
        inside = set(places.codes_within(parent, people.level))
        sums = [row for row in sums if row.pcode in inside]
    if not sums:
        return Inhabitants(people, {})
    members: dict[str, list[str]] = {row.pcode: [] for row in sums}
    level = people.level + 1
    if level in places.levels:
        for code in places.codes_within(parent, level) if parent else places.codes(level):
            if (above := places.parent(code)) in members:
                members[above].append(code)
    below = _below(released, places, people, level, parent) if any(members.values()) else None
    partly = {row.pcode: _parts(row, members[row.pcode], below) for row in sums}
    return Inhabitants(people, {code: parts for code, parts in partly.items() if parts})


def _is_own(row: CountRow) -> bool:
    """Whether a figure is the source's own for the unit; one carried may lack a former unit."""
    return row.basis == "stated" and not (row.carried and row.qualifier == _OPEN)


def _below(
    released: ReleasedFigures, places: BoundarySet, people: Counts, level: int, parent: str | None
) -> Inhabitants | None:
    """Return what is told of the same day a level below; None where nothing is."""
    query = CountQuery(level, people.group, people.date, people.measure, parent=parent)
    try:
        found = counts(released, places, query)
    except FigureError:
        return None
    return inhabitants(released, places, found, parent=parent)


def _parts(row: CountRow, members: Sequence[str], below: Inhabitants | None) -> KnownParts | None:
    """Return what is known of a sum's parts; None where all of it is."""
    whole = [below.rows[code] for code in members if code in below.rows] if below else []
    of_them = whole or (below and any(code in below.partly for code in members))
    if of_them and len(whole) < len(members):
        return KnownParts(len(whole), len(members))
    # else it is a sum of other things: rows of one unit, cells of a grid, places, former units
    said_so = any(each.qualifier == _OPEN for each in whole)  # a unit's own "more than 5,000"
    return KnownParts() if row.qualifier == _OPEN and not said_so else None
