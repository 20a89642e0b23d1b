"""Pages for people, without scripts and without anything from another host. Texts are escaped."""

from collections.abc import Sequence
from typing import Any

from maps.disclaimers import disclaimers_in
from service.documents import notes_of
from service.ogc.collection import Collection
from service.ogc.collection_documents import collection_document
from service.ogc.conformance import CONFORMANCE_CLASSES, STATEMENT
from service.ogc.feature_table import FeatureTable
from service.ogc.items import FeaturePage, ItemsAsked, page_links, time_stamp
from service.ogc.landing import landing_document
from service.ogc.links import HTML, Site
from service.ogc.overview import overview
from service.page_templates import render

__all__ = [
    "collection_page",
    "collections_page",
    "conformance_page",
    "definition_page",
    "feature_page_html",
    "items_page",
    "landing_page",
    "tile_page",
]

_KINDS = {
    "counts": "Counts",
    "figures": "Figures",
    "flows": "Flows",
    "presence": "Presence",
    "sites": "Sites",
    "map": "Map",
    "boundaries": "Boundaries",
}
_WIDEST_GROUND = 30.0  # degrees: a ground much larger than what stands on it hides it


def landing_page(site: Site, collections: Sequence[Collection]) -> str:
    """Return the landing page."""
    return render(
        "ogc_landing.html",
        document=landing_document(site),
        address=site.at(),
        count=len(collections),
        statement=STATEMENT,
    )


def conformance_page() -> str:
    """Return the conformance declaration as a page, a list for each standard."""
    standards: dict[str, list[str]] = {}
    for uri in CONFORMANCE_CLASSES:
        standard, _, name = uri.removeprefix("http://www.opengis.net/spec/").partition("/conf/")
        standards.setdefault(standard, []).append(name)
    return render("ogc_conformance.html", standards=standards, statement=STATEMENT)


def collections_page(collections: Sequence[Collection], site: Site) -> str:
    """Return the collections as a page, those of a situation together."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for each in collections:
        title = each.situation and each.title.partition(": ")[0]
        parts.setdefault(title or "Boundaries", []).append(_card(each, site))
    return render("ogc_collections.html", parts=parts)


def collection_page(collection: Collection, site: Site) -> str:
    """Return one collection as a page."""
    return render(
        "ogc_collection.html",
        collection=collection,
        card=_card(collection, site),
        document=collection_document(collection, site),
        picture=overview(_outline(collection)),
        **_said(collection, "en"),
        published=time_stamp(collection),
    )


def items_page(collection: Collection, asked: ItemsAsked, page: FeaturePage, site: Site) -> str:
    """Return a page of features as a table with a picture."""
    table = page.table
    rows = [
        (table.ids[place], site.at("collections", collection.id, "items", table.ids[place], f="html"),
         table.properties(place))
        for place in map(int, page.places)
    ]  # fmt: skip
    links = {each["rel"]: each["href"] for each in page_links(collection, asked, page, site, HTML)}
    shapes = [table.shape(int(place)) for place in page.places]
    return render(
        "ogc_items.html",
        collection=collection,
        card=_card(collection, site),
        columns=[str(name) for name in table.frame.columns],
        rows=rows,
        first=asked.offset + 1 if rows else 0,
        last=asked.offset + len(rows),
        matched=page.matched,
        links=links,
        picture=overview(shapes, _ground(collection)),
        **_said(collection, asked.lang),
        narrowed={
            name: value for name, value in asked.given.items() if name not in {"limit", "offset"}
        },
    )


def feature_page_html(
    collection: Collection, table: FeatureTable, place: int, lang: str, site: Site
) -> str:
    """Return one feature as a page."""
    shape = table.shape(place)
    properties = table.properties(place)
    return render(
        "ogc_item.html",
        collection=collection,
        card=_card(collection, site),
        id=table.ids[place],
        title=str(properties.get("name") or table.ids[place]),
        properties=properties,
        picture=overview([shape], _ground(collection)),
        **_said(collection, lang),
        json=site.at("collections", collection.id, "items", table.ids[place], f="json"),
    )


def tile_page(document: dict[str, Any], *, title: str, lead: str, example: str = "") -> str:
    """Return a list of tilesets, a tileset, or tile matrix sets as a page."""
    return render("ogc_tiles.html", document=document, title=title, lead=lead, example=example)


def definition_page(document: dict[str, Any], operations: list[dict[str, Any]]) -> str:
    """Return the API definition as a page."""
    return render(
        "docs.html",
        title="OGC",
        rules=document["info"]["description"].splitlines(),
        tags=document["tags"],
        operations=operations,
    )


def _said(collection: Collection, lang: str) -> dict[str, Any]:
    """Return what stands under every picture: the situation's notes, and what is said of borders."""
    notes = notes_of(collection.published, lang) if collection.situation else []
    return {"notes": notes, "disclaimers": disclaimers_in(collection.bbox, lang)}


def _card(collection: Collection, site: Site) -> dict[str, Any]:
    here = ("collections", collection.id)
    return {
        "id": collection.id,
        "title": collection.title,
        "short": collection.title.partition(": ")[2] or collection.title,
        "kind": _KINDS[collection.kind],
        "description": collection.description,
        "about": site.at(*here, f="html"),
        "features": site.at(*here, "items", f="html"),
        "geojson": site.at(*here, "items"),
        "tiles": site.at(*here, "tiles", f="html") if collection.tiled else "",
        "days": _days(collection),
        "all": site.at("collections", f="html"),
        "map": f"{site.base}/maps/{collection.situation}/{collection.map_id}.png?width=720"
        if collection.kind == "map"
        else "",
    }


def _days(collection: Collection) -> str:
    if not collection.interval:
        return ""
    first, last = collection.interval
    return f"{first}" if first == last else f"{first} to {last}"


def _outline(collection: Collection) -> list[Any]:
    """Return the units a collection is about."""
    published = collection.published
    units = published.whole_vintage if collection.kind == "boundaries" else published.boundaries
    levels = [each for each in units.levels if each <= max(collection.level, 1)]
    return list(units.at(max(levels)).geometry) if levels else []


def _ground(collection: Collection) -> list[Any]:
    """Return the countries beneath; nothing where they are too wide to show what stands on them."""
    if not collection.situation:
        return []
    countries = list(collection.published.boundaries.at(0).geometry)
    west, _, east, _ = collection.bbox
    return countries if countries and east - west <= _WIDEST_GROUND * 6 else []
