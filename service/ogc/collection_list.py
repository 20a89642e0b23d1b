"""Which collections there are. Ids are words and numbers with dots between them.

``mali-2017.counts-1``, ``mali-2017.figures-1``, ``mali-2017.flows``, ``mali-2017.presence``,
``mali-2017.sites``, ``mali-2017.map-situation`` and ``boundaries.natural-earth-5.1.level-1``.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geo.terms import GROUP_NAMES
from maps.spec import text_in
from service.ogc.collection import Bounds, Collection
from service.ogc.placed_features import flow_ends

if TYPE_CHECKING:
    from service.published import Published

__all__ = ["collections_of"]

_LEVEL_WORDS = {0: "country", 1: "region", 2: "district", 3: "sub-district"}


def collections_of(editions: Sequence["Published"]) -> tuple[Collection, ...]:
    """Return every collection of some editions: their figures and maps, then the boundaries."""
    found = [each for published in editions for each in _of_situation(published)]
    return (*found, *_of_vintages(editions))


def _of_situation(published: "Published") -> Iterator[Collection]:
    released = published.released
    sid, title = released.situation, text_in(released.title, "en")
    base = Collection(
        id=sid,
        kind="map",
        title=title,
        description="",
        published=published,
        bbox=_bounds(published.boundaries.frame.total_bounds),
        interval=None,
        filters={},
        publisher="; ".join(dict.fromkeys(s.publisher for s in released.sources if s.publisher)),
        licence="; ".join(dict.fromkeys(s.licence for s in released.sources if s.licence)),
    )
    yield from _of_figures(base)
    for each in (_of_flows, _of_presence, _of_sites):
        yield from each(base)
    for spec in published.maps:
        yield replace(
            base,
            id=f"{sid}.map-{spec.id}",
            title=f"{title}: {text_in(spec.title, 'en')}",
            description="What the map shows: value, class and colour of each unit, and tiles.",
            filters={"pcode": ()},
            level=max((layer.level for layer in spec.layers), default=1),
            map_id=spec.id,
        )


def _of_figures(base: Collection) -> Iterator[Collection]:
    published = base.published
    figures = published.released.figures
    figures = figures[~figures["unplaced"].astype(bool) & (figures["origin"] == "")]
    for level in published.boundaries.levels:
        here = figures[figures["level"] == level]
        if here.empty:
            continue
        per = _LEVEL_WORDS.get(level, f"unit of level {level}")
        groups = tuple(sorted(set(here["group"])))
        of_level = replace(
            base,
            interval=_interval(here["start"], here["date"]),
            filters={
                "group": groups,
                "measure": tuple(sorted(set(here["measure"]))),
                "pcode": (),
            },
            level=level,
        )
        named = ", ".join(GROUP_NAMES.get(group, group) for group in groups)
        yield replace(
            of_level,
            id=f"{base.id}.counts-{level}",
            kind="counts",
            title=f"{base.title}: counts by {per}",
            description=f"One feature per {per}, with the latest count of each population group in "
            f"a column of its own ({named}). Null is not reported; 0 is a figure.",
        )
        yield replace(
            of_level,
            id=f"{base.id}.figures-{level}",
            kind="figures",
            title=f"{base.title}: figures by {per} and day",
            description=f"One feature per {per}, population group, measure and day. Stock, new and "
            "cumulative figures are never to be added to each other.",
        )


def _of_flows(base: Collection) -> Iterator[Collection]:
    flows = base.published.released.flows
    if len(flows):
        yield replace(
            base,
            id=f"{base.id}.flows",
            kind="flows",
            title=f"{base.title}: flows",
            description="Straight lines from origin to destination. Where the measure is stock they "
            "say where people present come from, and are no movement.",
            bbox=_bounds_of_points(flow_ends(base.published)) or base.bbox,
            interval=_interval(flows["start"], flows["date"]),
            filters={
                "group": tuple(sorted(set(flows["group"]))),
                "measure": tuple(sorted(set(flows["measure"]))),
                "origin": (),
                "destination": (),
            },
        )


def _of_presence(base: Collection) -> Iterator[Collection]:
    presence = base.published.released.presence
    if len(presence):
        yield replace(
            base,
            id=f"{base.id}.presence",
            kind="presence",
            title=f"{base.title}: operational presence",
            description="Who does what where: a point in the unit for each organisation and sector, "
            "no position of an office. No row is not reported, never nobody.",
            interval=_interval(presence["start"], presence["date"]),
            filters={
                "pcode": (),
                "sector_code": tuple(sorted({code for code in presence["sector_code"] if code})),
            },
        )


def _of_sites(base: Collection) -> Iterator[Collection]:
    sites = base.published.released.sites
    if sites:
        yield replace(
            base,
            id=f"{base.id}.sites",
            kind="sites",
            title=f"{base.title}: sites",
            description="Camps, towns and areas that are no admin units, as points.",
            bbox=_bounds_of_points([(site.lon, site.lat) for site in sites]) or base.bbox,
            filters={"kind": tuple(sorted({site.kind for site in sites}))},
        )


def _of_vintages(editions: Sequence["Published"]) -> Iterator[Collection]:
    """Return the boundaries of each vintage and level once, whichever situations use them."""
    by_content = {each.vintage.content: each for each in editions}
    names = [each.vintage.id for each in by_content.values()]
    for content, published in by_content.items():
        vintage = published.vintage
        name = vintage.id if names.count(vintage.id) == 1 else content
        for level in published.whole_vintage.levels:
            units = published.whole_vintage.at(level)
            yield Collection(
                id=f"boundaries.{name}.level-{level}",
                kind="boundaries",
                title=f"Boundaries: {vintage.label}, level {level}",
                description=f"{len(units):,} units with their codes and names, and tiles. "
                f"Source: {vintage.source}.",
                published=published,
                bbox=_bounds(units.total_bounds),
                interval=None,
                filters={"pcode": (), "parent": (), "iso3": ()},
                publisher=vintage.source,
                licence=vintage.licence,
                level=level,
            )


def _bounds(box: Iterable[float]) -> Bounds:
    west, south, east, north = (round(float(edge), 6) for edge in box)
    return west, south, east, north


def _bounds_of_points(points: Sequence[tuple[float, float]]) -> Bounds | None:
    if not points:
        return None
    lons, lats = zip(*points, strict=True)
    return _bounds((min(lons), min(lats), max(lons), max(lats)))


def _interval(starts: Iterable[Any], days: Iterable[Any]) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day there is, None where none is told."""
    lasts = [day for day in days if isinstance(day, dt.date)]
    firsts = [day for day in starts if isinstance(day, dt.date)]
    return (min(firsts + lasts), max(lasts)) if lasts else None
