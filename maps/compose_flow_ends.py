"""Where bands end at the scale of the map: places too small to be told apart give way to what holds them.

What is merged is added up: persons of one group, measure and period between the same two ends.
Nobody is lost, and who moves within one end does not leave it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.terms import QUALIFIERS
from maps.compose_ground import bounding_box
from maps.compose_links import Fate, Link, country_of_end, node_at, units_of
from maps.compose_setting import Setting
from maps.spec import PAPERS, LayerSpec

__all__ = ["COUNTED", "Turnover", "at_map_scale", "turnovers"]

_READABLE = 4.0  # mm, the side of a middling unit below which its ends cannot be told apart
_SHEET = 0.8  # of the paper's sides is map
COUNTED: tuple[Fate, ...] = ("drawn", "below", "rest", "within")
"""Fates of rows whose persons are the map's own, each once."""


@dataclass(frozen=True, slots=True)
class Turnover:
    """Persons of one group and measure who came to a place, left it, and moved within it."""

    place: str
    group: str
    measure: str
    arrived: float
    left: float
    within: float


def at_map_scale(
    setting: Setting,
    layer: LayerSpec,
    links: Sequence[Link],
    fates: Sequence[Fate],
    *,
    widest: int | None = None,
) -> tuple[list[Link], list[Fate], bool]:
    """Return the links with their ends at the layer's level, their fates, and whether any changed.

    ``layer.ends`` sets the level; without it, each country's ends are of the lowest level whose
    units can be told apart in the frame. With ``widest`` no end is of a lower level than that, for
    a map seen from farther away. Links that become one are added up; one that begins where it ends
    is "within".
    """
    counted = [i for i, fate in enumerate(fates) if fate in COUNTED]
    ends = {end for i in counted for end in (links[i].origin, links[i].destination)}
    levels = _levels(setting, layer, ends)
    if widest is not None:
        levels = {country: min(level, widest) for country, level in levels.items()}
    sites = layer.ends is not None or widest is not None
    raised = {end: _raised(setting, end, levels, sites=sites) for end in sorted(ends)}
    if all(end == to for end, to in raised.items()):
        return list(links), list(fates), False
    together: dict[tuple[object, ...], Link] = {}
    out: list[tuple[Link, Fate]] = []
    # What had no place within a unit has one where the unit itself is the end: last, it is told by that.
    for link, fate in sorted(zip(links, fates, strict=True), key=lambda x: x[1] == "unplaced"):
        moved = replace(
            link,
            origin=raised.get(link.origin, link.origin),
            destination=raised.get(link.destination, link.destination),
        )
        ends_and_time = (moved.origin, moved.destination, moved.start, moved.date)
        key = (*ends_and_time, moved.group, moved.measure, moved.unit)
        if fate in COUNTED or (fate == "unplaced" and key in together):
            together[key] = _sum(together[key], moved) if key in together else moved
        else:
            out.append((link, fate))
    for link in together.values():
        within = link.origin == link.destination
        small = link.value < max(layer.minimum, 1)
        out.append((link, "within" if within else "below" if small else "drawn"))
    return [link for link, _ in out], [fate for _, fate in out], True


def _sum(one: Link, other: Link) -> Link:
    return replace(
        one,
        value=one.value + other.value,
        qualifier=max(one.qualifier, other.qualifier, key=QUALIFIERS.index),
        sources=tuple(dict.fromkeys((*one.sources, *other.sources))),
        rows=one.rows + other.rows,
    )


def _levels(setting: Setting, layer: LayerSpec, ends: set[str]) -> dict[str, int]:
    """Return the level of ends by country: the layer's, or what can be told apart in the frame."""
    countries = {setting.country_of(unit) for end in ends for unit in units_of(setting, [end])}
    countries &= set(setting.countries)
    if layer.ends is not None:
        return dict.fromkeys(countries, layer.ends)
    nodes = [node for end in sorted(ends) if (node := node_at(setting, end)) is not None]
    west, south, east, north = bounding_box(setting, (), nodes)
    paper = PAPERS[setting.spec.paper]
    shrink = float(np.cos(np.radians((south + north) / 2)))
    per_degree = _SHEET * min(
        paper.width / max((east - west) * shrink, 1e-9), paper.height / max(north - south, 1e-9)
    )
    return {country: _readable(setting, country, per_degree, shrink) for country in countries}


def _readable(setting: Setting, country: str, per_degree: float, shrink: float) -> int:
    """Return the lowest level of which a middling unit has readable sides; sites are below it all."""
    frame = setting.places.frame
    mine = frame[[setting.country_of(code) == country for code in frame["pcode"]]]
    for level in sorted(set(mine["level"]), reverse=True):
        shapes = mine.loc[mine["level"] == level].geometry
        sides = np.sqrt([shape.area * shrink for shape in shapes]) * per_degree
        if len(sides) and float(np.median(sides)) >= _READABLE:
            return int(level)
    return 0


def _raised(setting: Setting, end: str, levels: dict[str, int], *, sites: bool) -> str:
    """Return the unit of its country's level that an end lies in; the end itself where it is as wide.

    A site goes where all its units go, but without ``sites`` only where countries alone are readable.
    """
    country = country_of_end(setting, end)
    if country not in levels or end == country:
        return end
    level = levels[country]
    if end.startswith("site:") and level > 0 and not sites:
        return end
    units = units_of(setting, [end])
    if any(unit not in setting.places for unit in units):
        return end
    if min(setting.places.unit(unit).level for unit in units) < level:
        return end
    up = {setting.places.ancestor(unit, level) for unit in units}
    return up.pop() if len(up) == 1 else end


def turnovers(links: Sequence[Link], fates: Sequence[Fate]) -> list[Turnover]:
    """Return what came, left and stayed at each end, most first; each row counts once.

    People of unknown origin have arrived; a row that is a total of others is left out.
    """
    sums: dict[tuple[str, str, str], list[float]] = {}
    for link, fate in zip(links, fates, strict=True):
        if fate not in (*COUNTED, "unknown"):
            continue
        for end, at in ((link.destination, 0), (link.origin, 1)):
            if end == "unknown":
                continue
            row = sums.setdefault((end, link.group, link.measure), [0.0, 0.0, 0.0])
            if link.origin == link.destination:
                row[2] += link.value / 2  # both of its ends are here
            else:
                row[at] += link.value
    rows = [Turnover(*key, *row) for key, row in sums.items()]
    return sorted(rows, key=lambda r: (-(r.arrived + r.left + r.within), r.place, r.group))
