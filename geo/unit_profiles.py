"""All that is known of one unit: counts by group and day, flows, partners, and its neighbours in the tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

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
    """What `unit_profile` returns. ``parents`` from the country down, ``children`` ascending.

    ``counted`` are the ``counts`` as columns, by the names of `UnitCount`: days as text, codes joined
    by "|". A unit may have thousands, of which the columns alone are soon written.
    """

    pcode: str
    name: str
    level: int
    iso3: str
    parents: tuple[str, ...]
    children: tuple[str, ...]
    counted: Columns
    flows_in: tuple[UnitFlow, ...]
    flows_out: tuple[UnitFlow, ...]
    partners: tuple[Partner, ...]

    @property
    def counts(self) -> tuple[UnitCount, ...]:
        """Each figure of the unit, the latest first."""
        told = self.counted | {
            "start": [date.fromisoformat(text) if text else None for text in self.counted["start"]],
            "date": [date.fromisoformat(text) for text in self.counted["date"]],
            "carried": [_split(joined) for joined in self.counted["carried"]],
            "sources": [_split(joined) for joined in self.counted["sources"]],
        }
        return tuple(map(UnitCount._make, zip(*(told[n] for n in UnitCount._fields), strict=True)))


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
    flows_in, flows_out = _flows_of(released, boundaries, pcode)
    return UnitProfile(
        pcode=pcode,
        name=boundaries.name(pcode, lang),
        level=unit.level,
        iso3=unit.iso3,
        parents=tuple(parents),
        children=tuple(boundaries.children(pcode)),
        counted=_standing(released.of_unit(pcode)),
        flows_in=flows_in,
        flows_out=flows_out,
        partners=_partners(released.presence, pcode),
    )


def _flows_of(
    released: ReleasedFigures, boundaries: BoundarySet, pcode: str
) -> tuple[tuple[UnitFlow, ...], tuple[UnitFlow, ...]]:
    """Return the flows into a unit, and those out of it."""
    flows = released.flows
    if flows.empty:  # as a rule, and asking an empty frame takes a millisecond
        return (), ()
    inside = _inside(released, boundaries, pcode)
    arrives, leaves = flows["destination"].isin(inside), flows["origin"].isin(inside)
    return _flows(flows[arrives & ~leaves]), _flows(flows[leaves & ~arrives])


def _inside(released: ReleasedFigures, boundaries: BoundarySet, pcode: str) -> set[str]:
    """Return the ends that lie in the unit: its parts, and sites wholly in it."""
    units, below = {pcode}, boundaries.children(pcode)
    while below:
        units.update(below)
        below = [child for code in below for child in boundaries.children(code)]
    sites = {f"site:{site.id}" for site in released.sites if units.issuperset(site.within)}
    return units | sites


def _standing(cells: Columns) -> Columns:
    """Return the standing figures in the order of a profile; ``cells`` are columns as a sheet has them."""
    there = len(cells["pcode"])
    # most columns have one cell in all rows: it tells no row from another
    alike = {name for name, column in cells.items() if column[:1] * there == column}
    told = [cells[name] for name in CELL if name not in alike] or [cells["pcode"]]
    rows = standing_rows(list(zip(*told, strict=True)), cells["state"], cells["basis"])
    lost = cells["unplaced"]
    if True in lost:
        rows = [row for row in rows if not lost[row]]
    # the sort is stable: within an origin rows stay as they were published
    series = _ranks(list(zip(cells["group"], cells["measure"], cells["origin"], strict=True)))
    days = _ranks(cells["date"])  # as text in order of days
    latest_first = [place - day * there for place, day in zip(series, days, strict=True)]
    rows.sort(key=latest_first.__getitem__)
    found = {
        name: cells[name][:1] * len(rows)
        if name in alike
        else list(map(cells[name].__getitem__, rows))
        for name in UnitCount._fields
    }
    figure, states = State.FIGURE.value, found["state"]
    if states.count(figure) < len(rows):
        pairs = zip(found["value"], states, strict=True)
        found["value"] = [value if state == figure else None for value, state in pairs]
    return found


def _ranks(cells: Sequence[Any]) -> list[int]:
    """Return the place of each cell among the different ones in order: numbers are soon sorted by."""
    rank = {cell: place for place, cell in enumerate(sorted(set(cells)))}
    return list(map(rank.__getitem__, cells))


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
    if presence.empty:
        return ()
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
