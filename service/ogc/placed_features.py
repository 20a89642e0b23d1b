"""Everything that is no figure of a unit, as features: boundaries, flows, presence, sites, a map's values.

A flow is a straight line between the label points of its ends: it says from where and to where, and
nothing about the way. Presence stands at the unit's label point: it is no position of anybody.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from service.documents import flow_rows, presence_rows, values_document
from service.ogc.feature_table import FeatureTable, distinct

if TYPE_CHECKING:
    from boundaries.units import BoundarySet
    from maps.scene import Scene
    from service.published import Published

__all__ = [
    "boundaries_table",
    "flow_ends",
    "flows_table",
    "map_table",
    "presence_table",
    "sites_table",
    "straight_line",
]

Point = tuple[float, float]


def boundaries_table(units: "BoundarySet", level: int, lang: str) -> FeatureTable:
    """Return the units of one level of a vintage, called by their P-codes."""
    rows = units.at(level).sort_values("pcode").reset_index(drop=True)
    own = rows[f"name_{lang}"]
    frame = pd.DataFrame(
        {
            "pcode": rows["pcode"],
            "name": own.where(own != "", rows["name"]),
            **{column: rows[column] for column in ("level", "parent", "iso3", "type")},
        }
    )
    return _timeless(rows["pcode"].tolist(), frame, rows.geometry.to_numpy())


def flows_table(published: "Published", lang: str) -> FeatureTable:
    """Return one line per flow, called ORIGIN.DESTINATION.GROUP.MEASURE.DAY.

    A flow from or to an unknown place, or within one place, has no line.
    """
    rows = flow_rows(published, lang)
    shapes = [
        straight_line(_point(published, r["origin"]), _point(published, r["destination"]))
        for r in rows
    ]
    ids = [
        ".".join(str(r[key]) for key in ("origin", "destination", "group", "measure", "date"))
        for r in rows
    ]
    return _dated(ids, rows, shapes)


def flow_ends(published: "Published") -> list[Point]:
    """Return where flows begin and end; countries of origin lie outside the situation's units."""
    flows = published.released.flows
    codes = dict.fromkeys([*flows["origin"], *flows["destination"]])
    found = [_point(published, str(code)) for code in codes]
    return [point for point in found if point is not None]


def presence_table(published: "Published", lang: str) -> FeatureTable:
    """Return one point per organisation, sector and unit, called P-CODE.ORGANISATION.SECTOR."""
    import shapely

    rows = presence_rows(published, lang)
    points = [_point(published, r["pcode"]) for r in rows]
    shapes = [None if point is None else shapely.Point(point) for point in points]
    ids = [
        ".".join((r["pcode"], r["acronym"] or r["org"], r["sector_code"] or r["sector"]))
        for r in rows
    ]
    return _dated(ids, rows, shapes)


def sites_table(published: "Published", lang: str) -> FeatureTable:
    """Return camps, towns and areas that are no units, as points."""
    import shapely

    sites = published.released.sites
    rows = [
        {"site": s.id, "name": s.name(lang), "kind": s.kind, "within": " ".join(s.within)}
        for s in sites
    ]
    shapes = _array([shapely.Point(site.lon, site.lat) for site in sites])
    return _timeless([site.id for site in sites], pd.DataFrame(rows), shapes)


def map_table(published: "Published", scene: "Scene") -> FeatureTable:
    """Return what a map shows: one feature per unit or site, with value, class and colour.

    A map of flows alone gives one line per flow.
    """
    document = values_document(published, scene, published.map(scene.map_id))
    rows = document["rows"]
    if not rows and document["flows"]:
        return _flows_of_map(published, document["flows"])
    groups = sorted({group for row in rows for group in row["figures"]})
    frame = pd.DataFrame(
        {
            **{
                key: [row[key] for row in rows]
                for key in ("pcode", "name", "value", "count", "state")
            },
            "class": [row["klass"] for row in rows],
            "colour": [row["colour"] for row in rows],
            **{group: [row["figures"].get(group) for row in rows] for group in groups},
            "partners": [row["partners"] for row in rows],
        },
        dtype=object,
    )
    units = published.boundaries.frame
    shapes = dict(zip(units["pcode"], units.geometry.to_numpy(), strict=True))
    codes = [str(row["pcode"]) for row in rows]
    placed = _array([shapes.get(code) or _site_point(published, code) for code in codes])
    return _timeless(codes, frame, placed)


def _flows_of_map(published: "Published", flows: list[dict[str, Any]]) -> FeatureTable:
    shapes = [
        straight_line(_point(published, f["origin"]), _point(published, f["destination"]))
        for f in flows
    ]
    ids = [f"{f['origin']}.{f['destination']}.{f['group']}.{f['measure']}" for f in flows]
    frame = pd.DataFrame({key: [f[key] for f in flows] for key in flows[0]}, dtype=object)
    return _timeless(ids, frame, _array(shapes))


def _point(published: "Published", code: str) -> Point | None:
    """Return where a unit's or a site's name stands; a country outside comes from the world."""
    if code.startswith("site:"):
        site = _site_point(published, code)
        return None if site is None else (float(site.x), float(site.y))
    for units in (published.boundaries, published.whole_vintage):
        if code in units:
            return units.unit(code).label_point
    from boundaries.natural_earth import open_natural_earth

    world = open_natural_earth()
    return world.unit(code).label_point if code in world else None


def _site_point(published: "Published", code: str) -> Any:
    import shapely

    for site in published.released.sites:
        if site.id == code.removeprefix("site:"):
            return shapely.Point(site.lon, site.lat)
    return None


def straight_line(origin: Point | None, destination: Point | None) -> Any:
    """Return the straight line; the short way round, cut in two where it crosses the antimeridian."""
    import shapely

    if origin is None or destination is None or origin == destination:
        return None
    (x0, y0), (x1, y1) = origin, destination
    if abs(x1 - x0) <= 180:
        return shapely.LineString([origin, destination])
    edge = 180.0 if x0 > 0 else -180.0
    beyond = x1 + 2 * edge
    y = y0 + (y1 - y0) * (edge - x0) / (beyond - x0)
    return shapely.MultiLineString([[(x0, y0), (edge, y)], [(-edge, y), (x1, y1)]])


def _dated(ids: Sequence[str], rows: list[dict[str, Any]], shapes: Sequence[Any]) -> FeatureTable:
    """Return features about the days of their rows; a row without a date is about no time."""
    until = [dt.date.fromisoformat(r["date"]) if r["date"] else None for r in rows]
    starts = [dt.date.fromisoformat(r["start"]) if r["start"] else None for r in rows]
    since = [start or day for start, day in zip(starts, until, strict=True)]
    at = np.arange(len(rows), dtype=np.intp)
    frame = pd.DataFrame({key: [r[key] for r in rows] for key in rows[0]}, dtype=object)
    return FeatureTable(distinct(ids), frame, _array(shapes), at, since, until)


def _timeless(ids: Sequence[str], frame: pd.DataFrame, shapes: Any) -> FeatureTable:
    none: list[dt.date | None] = [None] * len(ids)
    at = np.arange(len(ids), dtype=np.intp)
    return FeatureTable(distinct(ids), frame, shapes, at, none, none)


def _array(shapes: Sequence[Any]) -> Any:
    found = np.empty(len(shapes), dtype=object)
    found[:] = list(shapes)
    return found
