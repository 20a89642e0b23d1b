"""All that is known of one unit: counts by group and day, flows, partners, and its neighbours in the tree."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from geo.standing import standing_figures
from geo.tables import records
from geo.terms import State

__all__ = ["Partner", "UnitCount", "UnitFlow", "UnitProfile", "unit_profile"]


@dataclass(frozen=True, slots=True)
class UnitCount:
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


def _counts(figures: pd.DataFrame) -> tuple[UnitCount, ...]:
    here = standing_figures(figures[~figures["unplaced"].astype(bool)])
    rows = sorted(
        records(here), key=lambda r: (-r["date"].toordinal(), r["group"], r["measure"], r["origin"])
    )
    return tuple(
        UnitCount(
            group=row["group"],
            measure=row["measure"],
            kind=row["kind"],
            unit=row["unit"],
            start=row["start"],
            date=row["date"],
            origin=row["origin"],
            value=row["value"] if row["state"] == State.FIGURE else None,
            state=row["state"],
            qualifier=row["qualifier"],
            basis=row["basis"],
            carried=_split(row["carried"]),
            sources=_split(row["sources"]),
            low=row["low"] if row["low"] == row["low"] else None,
            high=row["high"] if row["high"] == row["high"] else None,
        )
        for row in rows
    )


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


def _split(joined: str) -> tuple[str, ...]:
    return tuple(text for text in joined.split("|") if text)
