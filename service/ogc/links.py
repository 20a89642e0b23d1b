"""Links, and the words that say what they lead to. Every address is written from the settings' own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

__all__ = [
    "CONFORMANCE",
    "GEOJSON",
    "HTML",
    "ITEMS",
    "JSON",
    "MVT",
    "OPENAPI",
    "PNG",
    "TILESETS_MAP",
    "TILESETS_VECTOR",
    "TILING_SCHEME",
    "TILING_SCHEMES",
    "Site",
    "link",
    "link_header",
]

JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
MVT, PNG = "application/vnd.mapbox-vector-tile", "image/png"

_REL = "http://www.opengis.net/def/rel/ogc/1.0"
ITEMS, CONFORMANCE = "items", "conformance"
TILESETS_VECTOR, TILESETS_MAP = f"{_REL}/tilesets-vector", f"{_REL}/tilesets-map"
TILING_SCHEME, TILING_SCHEMES = f"{_REL}/tiling-scheme", f"{_REL}/tiling-schemes"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the service is for its readers; ``base`` is "" where addresses stay relative."""

    base: str

    def at(self, *parts: str, **query: str | int | None) -> str:
        """Return an address under /ogc; parameters that are None are left out.

        >>> Site("https://maps.example").at("collections", "a b", f="html")
        'https://maps.example/ogc/collections/a%20b?f=html'
        """
        path = "/".join(("/ogc", *(quote(part, safe="") for part in parts)))
        asked = urlencode({key: value for key, value in query.items() if value is not None})
        return f"{self.base}{path}" + (f"?{asked}" if asked else "")

    def template(self, *parts: str, variables: Iterable[str], **query: str) -> str:
        """Return an address that ends in ``{variables}``.

        >>> Site("").template("tiles", "W", variables=("tileRow",), f="mvt")
        '/ogc/tiles/W/{tileRow}?f=mvt'
        """
        places = "/".join(f"{{{name}}}" for name in variables)
        return f"{self.at(*parts)}/{places}" + (f"?{urlencode(query)}" if query else "")


def link(
    href: str, rel: str, media_type: str, title: str = "", *, templated: bool = False
) -> dict[str, Any]:
    """Return a link as its JSON object.

    >>> link("/ogc", "self", "application/json")
    {'href': '/ogc', 'rel': 'self', 'type': 'application/json'}
    """
    written: dict[str, Any] = {"href": href, "rel": rel, "type": media_type}
    if title:
        written["title"] = title
    if templated:
        written["templated"] = True
    return written


def link_header(links: Iterable[dict[str, Any]], rels: Iterable[str]) -> str:
    """Return some of the links as an HTTP header (RFC 8288); "" where there are none.

    >>> link_header([link("/a", "next", "application/json")], ["next", "prev"])
    '</a>; rel="next"; type="application/json"'
    """
    wanted = set(rels)
    return ", ".join(
        f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"]}"'
        for each in links
        if each["rel"] in wanted
    )
