"""Editions as JSON documents. Everything comes from released figures; NaN leaves as null, never as 0."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.terms import GROUP_NAMES
from maps.spec import LANGUAGES, text_in
from service.counting import exact
from service.report import edition_document, finding_document, vintage_document

if TYPE_CHECKING:
    from geo.release import ReleasedFigures
    from geo.sources import Source
    from maps.scene import Scene
    from maps.spec import MapSpec
    from service.published import Published

__all__ = [
    "columns_document",
    "flow_rows",
    "map_links",
    "name_of",
    "notes_of",
    "places_within",
    "presence_rows",
    "situation_document",
    "source_documents",
    "units_document",
    "values_document",
]

_PRINTED = ("html", "pdf", "svg", "png", "json", "txt")


def situation_document(published: "Published", base: str) -> dict[str, Any]:
    """Return what a situation has: figures that can be asked for, maps, sources, what is open."""
    released = published.released
    api = f"{base}/api/situations/{released.situation}"
    return {
        "id": released.situation,
        "title": dict(released.title),
        "as_of": released.as_of.isoformat(),
        "created": released.created.isoformat(),
        "countries": list(released.countries),
        "focus": released.focus,
        "edition": edition_document(published.edition),
        "vintage": vintage_document(published.vintage),
        "levels": released.levels,
        "available": _available(released),
        "maps": [
            {
                "id": spec.id,
                "title": dict(spec.title),
                "as_of": (spec.as_of or released.as_of).isoformat(),
                "languages": list(spec.languages),
                "paper": spec.paper,
                "links": map_links(base, released.situation, spec.id),
            }
            for spec in published.maps
        ],
        "sources": source_documents(published),
        "notes": notes_of(published, "en"),
        "findings": [finding_document(finding) for finding in released.findings],
        "links": {
            "self": api,
            **{name: f"{api}/{name}" for name in ("counts", "flows", "presence", "sources")},
        },
    }


def map_links(base: str, situation: str, map_id: str) -> dict[str, str]:
    """Return the addresses of one map's forms."""
    at = f"{base}/maps/{situation}/{map_id}"
    return {
        **{form: f"{at}.{form}" for form in _PRINTED},
        "view": f"{base}/view/{situation}/{map_id}",
        "embed": f"{base}/embed/{situation}/{map_id}",
        "legend": f"{at}/legend.svg",
        "style": f"{at}/style.json",
        "tilejson": f"{at}/tilejson.json",
        "values": f"{base}/api/situations/{situation}/values/{map_id}",
    }


def _available(released: "ReleasedFigures") -> list[dict[str, Any]]:
    """Return which figures there are, each with its dates, the latest first."""
    from geo.counts import available

    return [
        {
            "group": each.group,
            "name": GROUP_NAMES.get(each.group, each.group),
            "measure": each.measure,
            "unit": each.unit,
            "level": each.level,
            "dates": [day.isoformat() for day in reversed(each.dates)],
            "origins": list(each.origins),
        }
        for each in available(released)
    ]


def source_documents(published: "Published") -> list[dict[str, Any]]:
    """Return every source with what it feeds."""
    return [
        {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "date": source.date.isoformat(),
            "licence": source.licence,
            "sensitivity": source.sensitivity.value if source.sensitivity else None,
            "address": source.address,
            "note": source.note,
            "feeds": _feeds(published, source),
        }
        for source in published.released.sources
    ]


def _feeds(published: "Published", source: "Source") -> list[str]:
    """Return what rests on a source, as "IDP stock 2016-12-31"."""
    released = published.released
    fed = {f"{group} {measure} {_day(day)}" for group, measure, day in released.fed_by(source.id)}
    for row in released.flows[_from(released.flows, source.id)].to_dict("records"):
        fed.add(f"{row['group']} {row['measure']} {_day(row['date'])} flows")
    if _from(released.presence, source.id).any():
        fed.add("presence")
    return sorted(fed)


def _from(frame: pd.DataFrame, source: str) -> "pd.Series[bool]":
    return frame["sources"].map(lambda ids: source in ids.split("|")).astype(bool)


def notes_of(published: "Published", lang: str, about: Collection[str] = ()) -> list[str]:
    """Return what every output must say, in one language; with ``about`` only what concerns it."""
    wanted = set(about)
    return [
        text_in(note.text, lang)
        for note in published.released.notes
        if not wanted or not note.about or wanted & set(note.about)
    ]


def flow_rows(
    published: "Published", lang: str, flows: pd.DataFrame | None = None
) -> list[dict[str, Any]]:
    """Return released flows (all, or those given) with the names of their ends."""
    return [
        {
            "origin": row["origin"],
            "origin_name": name_of(published, row["origin"], lang),
            "destination": row["destination"],
            "destination_name": name_of(published, row["destination"], lang),
            "group": row["group"],
            "measure": row["measure"],
            "kind": row["kind"],
            "unit": row["unit"],
            "start": _day(row["start"]),
            "date": _day(row["date"]),
            "value": exact(row["value"]),
            "state": row["state"],
            "qualifier": row["qualifier"],
            "basis": row["basis"],
            "sources": _split(row["sources"]),
            "note": row["note"],
        }
        for row in (published.released.flows if flows is None else flows).to_dict("records")
    ]


def presence_rows(
    published: "Published", lang: str, presence: pd.DataFrame | None = None
) -> list[dict[str, Any]]:
    """Return released presence (all, or that given): one row per organisation, sector and unit."""
    return [
        {
            "pcode": row["pcode"],
            "name": name_of(published, row["pcode"], lang),
            "level": int(row["level"]),
            **{
                key: row[key]
                for key in (
                    "org", "acronym", "org_type", "role", "sector", "sector_code", "activity", "basis",
                )
            },
            "start": _day(row["start"]),
            "date": _day(row["date"]),
            "carried": _split(row["carried"]),
            "sources": _split(row["sources"]),
        }
        for row in (published.released.presence if presence is None else presence).to_dict("records")
    ]  # fmt: skip


def values_document(published: "Published", scene: "Scene", spec: "MapSpec") -> dict[str, Any]:
    """Return what a map shows, by P-code and without geometry."""
    rows: dict[str, dict[str, Any]] = {}

    def row(pcode: str, name: str) -> dict[str, Any]:
        empty = dict.fromkeys(("value", "count", "state", "klass", "colour"))
        return rows.setdefault(
            pcode, {"pcode": pcode, "name": name, **empty, "figures": {}, "partners": None}
        )

    for fill in scene.fills:
        row(fill.pcode, fill.name).update(
            value=exact(fill.value),
            count=exact(fill.count),
            state=fill.state,
            klass=fill.klass,
            colour=fill.colour,
        )
    for symbol in scene.symbols:
        row(symbol.place, symbol.name)["figures"] = {
            part.group: exact(part.value) for part in symbol.parts
        }
    for mark in scene.presence:
        row(mark.pcode, mark.name)["partners"] = mark.count
    return {
        "situation": scene.situation,
        "edition": published.edition.id,
        "vintage": published.vintage.id,
        "map": scene.map_id,
        "title": scene.title,
        "as_of": scene.as_of,
        "layers": _layers(spec),
        "rows": [rows[pcode] for pcode in sorted(rows)],
        "flows": [
            {
                "origin": flow.origin,
                "destination": flow.destination,
                "group": flow.group,
                "measure": flow.measure,
                "value": exact(flow.value),
            }
            for flow in scene.flows
        ],
    }


def columns_document(published: "Published", scene: "Scene", spec: "MapSpec") -> dict[str, Any]:
    """Return what a map shows as columns, in the order of `units_document`."""
    from maps.web_columns import scene_columns

    units = {
        level: sorted(published.boundaries.at(level)["pcode"])
        for level in published.boundaries.levels
    }
    return {
        "situation": scene.situation,
        "edition": published.edition.id,
        "vintage": published.vintage.id,
        "map": scene.map_id,
        "layers": _layers(spec),
        **scene_columns(scene, spec.layers, units),
    }


def _layers(spec: "MapSpec") -> list[dict[str, Any]]:
    """Return which series a map shows; ``date`` null is the latest there is."""
    return [
        {
            "kind": layer.kind,
            "groups": list(layer.groups),
            "measure": layer.measure,
            "date": layer.date and layer.date.isoformat(),
            "level": layer.level,
            "origin": layer.origin,
        }
        for layer in spec.layers
    ]


def units_document(
    published: "Published", level: int, lang: str, parent: str | None = None
) -> dict[str, Any]:
    """Return the situation's units of one level as columns, in ascending order of P-code.

    A unit's place in the columns is its feature's id in the vintage's tiles of the situation's
    countries; ``parent`` is "" for a country. With ``parent`` only the units within it, and
    ``place`` says which places they have. Raises `UnknownLevel` and `UnknownUnit`.
    """
    from service.errors import UnknownLevel

    if level not in published.boundaries.levels:
        raise UnknownLevel(known=[str(each) for each in published.boundaries.levels])
    units = published.boundaries.at(level).sort_values("pcode")
    place = {}
    if parent is not None:
        places = places_within(published, level, parent)
        units, place = units.iloc[places], {"place": places}
    codes = [str(code) for code in units["pcode"]]
    return {
        "situation": published.released.situation,
        "vintage": published.vintage.id,
        "level": level,
        "pcode": codes,
        "name": [published.boundaries.name(code, lang) for code in codes],
        "parent": [str(code) for code in units["parent"]],
        "iso3": [str(code) for code in units["iso3"]],
        "lon": [round(float(lon), 3) for lon in units["label_lon"]],
        "lat": [round(float(lat), 3) for lat in units["label_lat"]],
        **place,
    }


def places_within(published: "Published", level: int, parent: str) -> list[int]:
    """Return the places of a unit's units among all of their level, in order of P-code."""
    boundaries = published.boundaries
    above = boundaries.unit(parent).level
    if above > level:
        return []
    codes = sorted(boundaries.codes(level))
    return [i for i, code in enumerate(codes) if boundaries.ancestor(code, above) == parent]


def name_of(published: "Published", code: str, lang: str) -> str:
    """Return the name of a unit or a site; a country outside the situation comes from the world."""
    if code.startswith("site:"):
        for site in published.released.sites:
            if site.id == code.removeprefix("site:"):
                return site.name(lang)
    if code in published.boundaries:
        return published.boundaries.name(code, lang if lang in LANGUAGES else "en")
    from boundaries.natural_earth import open_natural_earth

    world = open_natural_earth()
    return world.name(code, lang) if code in world else code


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _day(value: object) -> str | None:
    return value.isoformat() if isinstance(value, dt.date) else None
