"""The way in: the landing page's document. Everything else is found by following its links."""

from typing import Any

from service.ogc.conformance import STATEMENT
from service.ogc.links import (
    CONFORMANCE,
    HTML,
    JSON,
    OPENAPI,
    TILESETS_VECTOR,
    TILING_SCHEMES,
    Site,
    link,
)

__all__ = ["TITLE", "landing_document"]

TITLE = "sitmap: situations of displacement"
_DESCRIPTION = (
    "Counts of refugees, returnees and internally displaced people by admin unit, flows, partner "
    "presence, boundaries and map tiles, as OGC API Features and Tiles. Null is not reported; 0 is "
    "a figure. "
)


def landing_document(site: Site) -> dict[str, Any]:
    """Return the landing page."""
    return {
        "title": TITLE,
        "description": _DESCRIPTION + STATEMENT,
        "links": [
            link(site.at(f="json"), "self", JSON, "this page"),
            link(site.at(f="html"), "alternate", HTML, "this page for people"),
            link(site.at("api", f="json"), "service-desc", OPENAPI, "the API definition"),
            link(site.at("api", f="html"), "service-doc", HTML, "the API described"),
            link(site.at("conformance"), CONFORMANCE, JSON, "what the service holds to"),
            link(site.at("collections"), "data", JSON, "the collections"),
            link(site.at("tiles"), TILESETS_VECTOR, JSON, "tiles of everything together"),
            link(site.at("tileMatrixSets"), TILING_SCHEMES, JSON, "tile matrix sets"),
        ],
    }
