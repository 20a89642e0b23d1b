"""Collections as JSON documents, with links to their items and tiles."""

from collections.abc import Sequence
from typing import Any

from service.ogc.collection import Collection
from service.ogc.links import (
    GEOJSON,
    HTML,
    ITEMS,
    JSON,
    TILESETS_MAP,
    TILESETS_VECTOR,
    Site,
    link,
)

__all__ = ["CRS84", "collection_document", "collections_document"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def collections_document(collections: Sequence[Collection], site: Site) -> dict[str, Any]:
    """Return the list of collections."""
    return {
        "links": [
            link(site.at("collections", f="json"), "self", JSON, "the collections"),
            link(site.at("collections", f="html"), "alternate", HTML, "the collections as a page"),
            link(site.at(), "up", JSON, "the landing page"),
        ],
        "collections": [collection_document(each, site) for each in collections],
    }


def collection_document(collection: Collection, site: Site) -> dict[str, Any]:
    """Return one collection: what it is, where and when, under which licence."""
    extent: dict[str, Any] = {"spatial": {"bbox": [list(collection.bbox)], "crs": CRS84}}
    if collection.interval:
        first, last = collection.interval
        span = [f"{first}T00:00:00Z", f"{last}T23:59:59Z"]
        extent["temporal"] = {"interval": [span], "trs": _GREGORIAN}
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "attribution": collection.publisher,
        "license": collection.licence,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": extent,
        "links": _links(collection, site),
    }


def _links(collection: Collection, site: Site) -> list[dict[str, Any]]:
    here = ("collections", collection.id)
    links = [
        link(site.at(*here, f="json"), "self", JSON, "this collection"),
        link(site.at(*here, f="html"), "alternate", HTML, "this collection as a page"),
        link(site.at(*here, "items", f="json"), ITEMS, GEOJSON, "its features as GeoJSON"),
        link(site.at(*here, "items", f="html"), ITEMS, HTML, "its features as pages"),
    ]
    if collection.tiled:
        links.append(link(site.at(*here, "tiles"), TILESETS_VECTOR, JSON, "its vector tiles"))
    if collection.kind == "map":
        at = (*here, "map", "tiles")
        links.append(link(site.at(*at), TILESETS_MAP, JSON, "its picture tiles"))
        sid, map_id = collection.situation, collection.map_id
        view = f"{site.base}/view/{sid}/{map_id}"
        links.append(link(view, "preview", HTML, "the map in the browser"))
    if collection.situation:
        sources = f"{site.base}/api/situations/{collection.situation}/sources"
        links.append(link(sources, "describedby", JSON, "the sources, with dates and licences"))
    return links
