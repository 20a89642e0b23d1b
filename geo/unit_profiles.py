"""All that is known of one unit: counts by group and day, flows, partners, and its neighbours in the tree."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from geo.sheets import Columns
from geo.standing import CELL, standing_rows
from geo.tables import records
from geo.terms import State

__all__ = ["Partner", "UnitCount", "UnitFlow", "UnitProfile", "unit_profile"]


class UnitCount(NamedTuple):
    """One figure of the unit; ``value`` None is not a figure, ``state`` says why."""

    group: str
    measure: str
    kind: str
    unit: str
    start: date | None
    date: date
    origin: str
    value: float | None
    state: str
    qualifier: str
    basis: str
    carried: tuple[str, ...]
    sources: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    """Bounds, 90 % sure, of a figure that is in part shared out; None: it is no range."""


_COUNTED = (
    "group", "measure", "kind", "unit", "start", "date", "origin", "value", "state", "qualifier",
    "basis", "carried", "sources", "low", "high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitFlow:
    """One flow that begins or ends in the unit, or at a site in it."""

    origin: str
    destination: str
    group: str
    measure: str
    start: date | None
    date: date
    value: float | None
    state: str
    qualifier: str
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """One organisation at work in the unit, with its sectors."""

    org: str
    acronym: str
    sectors: tuple[str, ...]
    basis: str
    """explicit where any row states it, else inferred."""


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """What `unit_profile` returns. ``parents`` from the country down, ``children`` ascending."""

    pcode: str
    name: str
    level: int
    iso3: str
    parents: tuple[str, ...]
    children: tuple[str, ...]
    counts: tuple[UnitCount, ...]
    flows_in: tuple[UnitFlow, ...]
    flows_out: tuple[UnitFlow, ...]
    partners: tuple[Partner, ...]


def unit_profile(
    released: ReleasedFigures, boundaries: BoundarySet, pcode: str, *, lang: str = "en"
) -> UnitProfile:
    """Return what is known of one unit; raises `UnknownUnit`.

    Counts are the standing figures (stated before summed), the latest first. Flows between two
    places inside the unit are neither in nor out.
    """
    unit = boundaries.unit(pcode)
    parents: list[str] = []
    above = unit.parent
    while above in boundaries:
        parents.insert(0, above)
        above = boundaries.unit(above).parent
    inside = _inside(released, boundaries, pcode)
    arrives = released.flows["destination"].isin(inside)
    leaves = released.flows["origin"].isin(inside)
    return UnitProfile(
        pcode=pcode,
        name=boundaries.name(pcode, lang),
        level=unit.level,
        iso3=unit.iso3,
        parents=tuple(parents),
        children=tuple(boundaries.children(pcode)),
        counts=_counts(released.of_unit(pcode)),
        flows_in=_flows(released.flows[arrives & ~leaves]),
        flows_out=_flows(released.flows[leaves & ~arrives]),
        partners=_partners(released.presence, pcode),
    )


def _inside(released: ReleasedFigures, boundaries: BoundarySet, pcode: str) -> set[str]:
    """Return the ends that lie in the unit: its parts, and sites wholly in it."""
    units = {pcode}
    for code, parent in zip(boundaries.frame["pcode"], boundaries.frame["parent"], strict=True):
        if parent in units:  # rows are in order of level: parents come first
            units.add(code)
    sites = {f"site:{site.id}" for site in released.sites if units.issuperset(site.within)}
    return units | sites


def _counts(cells: Columns) -> tuple[UnitCount, ...]:
    """Return the standing figures; ``cells`` are columns as a sheet has them, days as text."""
    days: dict[str, date] = {}

    def day(text: str) -> date:
        return days.get(text) or days.setdefault(text, date.fromisoformat(text))

    lost, told = cells["unplaced"], [cells[name] for name in CELL]
    rows = standing_rows(list(zip(*told, strict=True)), cells["state"], cells["basis"])
    columns = [cells[name] for name in _COUNTED]
    counts = []
    for row in rows:
        if lost[row]:
            continue
        cell = [column[row] for column in columns]
        group, measure, kind, unit, start, on, origin, value, state, qualifier, basis, *more = cell
        carried, sources, low, high = more
        counts.append(
            UnitCount(
                group, measure, kind, unit, day(start) if start else None, day(on), origin,
                value if state == State.FIGURE else None, state, qualifier, basis,
                _split(carried), _split(sources), low, high,
            )
        )  # fmt: skip
    # the sort is stable: within an origin rows stay as they were published
    counts.sort(key=lambda count: (count.group, count.measure, count.origin))
    counts.sort(key=lambda count: count.date, reverse=True)
    return tuple(counts)


def _flows(flows: pd.DataFrame) -> tuple[UnitFlow, ...]:
    return tuple(
        UnitFlow(
            origin=row["origin"],
            destination=row["destination"],
            group=row["group"],
            measure=row["measure"],
            start=row["start"],
            date=row["date"],
            value=row["value"] if row["state"] == State.FIGURE else None,
            state=row["state"],
            qualifier=row["qualifier"],
            basis=row["basis"],
            sources=_split(row["sources"]),
        )
        for row in records(flows)
    )


def _partners(presence: pd.DataFrame, pcode: str) -> tuple[Partner, ...]:
    here = presence[presence["pcode"] == pcode]
    partners = []
    for org in sorted(set(here["org"])):
        rows = list(records(here[here["org"] == org]))
        sectors = tuple(sorted({row["sector"] for row in rows}))
        stated = any(row["basis"] == "explicit" for row in rows)
        acronym = next((row["acronym"] for row in rows if row["acronym"]), "")
        partners.append(Partner(org, acronym, sectors, "explicit" if stated else "inferred"))
    return tuple(partners)


@lru_cache(maxsize=4096)
def _split(joined: str) -> tuple[str, ...]:
    return tuple(text for text in joined.split("|") if text)
