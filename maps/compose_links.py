"""Which rows of the flow table become bands, and why the others do not: each row has one fate.

A stock at a place that holds other places of the same origin is no further band. Of one movement
told twice, the first is drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from geo.tables import records
from maps.compose_setting import Setting
from maps.errors import NothingToDraw
from maps.scene import Node
from maps.spec import LayerSpec

__all__ = ["Fate", "Link", "asked_links", "country_of_end", "fates_of", "node_at", "units_of"]

Fate = Literal[
    "drawn", "total", "after", "earlier", "beside", "below", "rest", "unknown", "unplaced", "within"
]
"""*total*: of other bands. *after*, *earlier*: than the map's time. *beside*: another source's figure
for what is drawn. *below* the layer's minimum. *rest*: smaller than the layer's largest. *unknown*: an end without a position. *unplaced*:
in a larger place, nobody says where. *within* one place.
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the flow table, in the order received, or ``rows`` of them added up."""

    origin: str
    destination: str
    group: str
    measure: str
    unit: str
    start: date | None
    date: date
    value: float
    qualifier: str
    basis: str
    sources: tuple[str, ...]
    rows: int = 1


def asked_links(setting: Setting, layer: LayerSpec) -> list[Link]:
    """Return the rows of the layer's groups, measure and origin that hold a figure."""
    table = setting.released.flows
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    keep = pd.Series(data=True, index=table.index) & (table["state"] == "figure")
    if layer.groups:
        keep &= table["group"].isin(list(layer.groups))
    if layer.measure:
        keep &= table["measure"] == layer.measure
    if origin:
        keep &= table["origin"] == origin
    links = [
        Link(
            origin=row["origin"],
            destination=row["destination"],
            group=row["group"],
            measure=row["measure"],
            unit=row["unit"],
            start=row["start"],
            date=row["date"],
            value=float(row["value"]),
            qualifier=row["qualifier"],
            basis=row["basis"],
            sources=tuple(each for each in row["sources"].split("|") if each),
        )
        for row in records(table[keep])
    ]
    on_time = [link for link in links if link.date <= setting.as_of or link.basis == "beside"]
    if not on_time:
        there = sorted(
            {f"{g} ({m})" for g, m in zip(table["group"], table["measure"], strict=True)}
        )
        groups = ", ".join(layer.groups) or "any group"
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked=f"flows of {groups} up to {setting.as_of}",
            there_is=f"flows of {', '.join(there)}" if there else "no flow at all",
        )
    return links


def fates_of(setting: Setting, layer: LayerSpec, links: Sequence[Link]) -> list[Fate]:
    """Decide for each row whether it is drawn, or why not."""
    latest: dict[tuple[str, ...], date] = {}
    for link in links:
        if link.date <= setting.as_of and link.basis != "beside":
            key = _series(setting, link)
            latest[key] = max(latest.get(key, link.date), link.date)
    totals, rests = _wholes(setting, links)
    taken: set[tuple[str, str, str, str]] = set()
    fates: list[Fate] = []
    for i, link in enumerate(links):
        pair = (link.origin, link.destination, link.group, link.measure)
        day = layer.date or latest.get(_series(setting, link))
        ends = (node_at(setting, link.origin), node_at(setting, link.destination))
        reasons: tuple[tuple[Fate, bool], ...] = (  # the first that holds
            ("beside", link.basis == "beside"),
            ("after", link.date > setting.as_of),
            ("total", i in totals),
            ("earlier", link.date != day),
            ("unknown", None in ends),
            ("within", link.origin == link.destination),
            ("beside", pair in taken),
            ("unplaced", i in rests),
            ("below", link.value < max(layer.minimum, 1)),
        )
        fate: Fate = next((reason for reason, holds in reasons if holds), "drawn")
        if fate == "drawn":
            taken.add(pair)
        fates.append(fate)
    return [
        "beside" if fate in ("after", "earlier") and _told_already(link, links, fates) else fate
        for link, fate in zip(links, fates, strict=True)
    ]


def _told_already(link: Link, links: Sequence[Link], fates: Sequence[Fate]) -> bool:
    """Whether a drawn band is of the same movement: same ends, and periods that overlap."""
    return link.measure != "stock" and any(
        fate == "drawn"
        and (other.origin, other.destination, other.group, other.measure)
        == (link.origin, link.destination, link.group, link.measure)
        and (other.start or other.date) <= link.date
        and (link.start or link.date) <= other.date
        for other, fate in zip(links, fates, strict=True)
    )


def _series(setting: Setting, link: Link) -> tuple[str, ...]:
    """Rows that replace each other as time goes by: same group, measure and countries at both ends."""
    ends = (country_of_end(setting, link.origin), country_of_end(setting, link.destination))
    return (link.group, link.measure, link.basis, *ends)


def country_of_end(setting: Setting, end: str) -> str:
    """Return the P-code of the one country an end of a band lies in, else the end itself."""
    countries = {setting.country_of(unit) for unit in units_of(setting, [end])}
    return countries.pop() if len(countries) == 1 else end


def units_of(setting: Setting, ends: Iterable[str]) -> list[str]:
    """Return the units that places are, or lie in."""
    units: list[str] = []
    for end in ends:
        site = setting.sites.get(end.removeprefix("site:"))
        units += site.within if site else [end]
    return units


def _wholes(setting: Setting, links: Sequence[Link]) -> tuple[set[int], set[int]]:
    """Find stocks at a place that holds other stocks' places: totals, and what remains beside them.

    Of one day, the larger place's figure is what could not be given a smaller place (the join
    leaves stated totals out). Of another day, or over several countries, it is their total.
    """
    totals: set[int] = set()
    rests: set[int] = set()
    for i, whole in enumerate(links):
        areas = units_of(setting, [whole.destination])
        is_point = whole.destination.startswith("site:") and len(areas) == 1
        if whole.basis != "by-origin" or is_point:
            continue
        days = {
            part.date
            for part in links
            if part.destination != whole.destination
            and (part.origin, part.group, part.measure, part.basis)
            == (whole.origin, whole.group, whole.measure, whole.basis)
            and _holds(setting, areas, part.destination)
        }
        if whole.date in days and len(areas) == 1:
            rests.add(i)
        elif days:
            totals.add(i)
    return totals, rests


def _holds(setting: Setting, areas: Sequence[str], place: str) -> bool:
    """Whether all of a place lies in the areas."""
    return all(
        any(setting.lies_in(unit, area) for area in areas) for unit in units_of(setting, [place])
    )


def node_at(setting: Setting, end: str) -> Node | None:
    """Return where a band ends; None for "unknown"."""
    if end.startswith("site:"):
        site = setting.sites.get(end.removeprefix("site:"))
        if site is None:
            return None
        kind: Literal["site", "area"] = "area" if site.kind == "area" else "site"
        return Node(end, site.name(setting.say.lang), site.lon, site.lat, kind)
    for boundaries in (setting.places, setting.world):
        if end in boundaries:
            unit = boundaries.unit(end)
            lon, lat = unit.label_point
            return Node(end, setting.name(end), lon, lat, "unit" if unit.level else "country")
    return None
