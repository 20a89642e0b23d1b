"""The one tile matrix set there is: web mercator's, 256 CSS pixels a tile at zoom 0 to 14 (OGC 17-083r4)."""

import math
from typing import Any

from maps.tile_address import tiles_covering
from service.ogc.collection import Bounds
from service.ogc.links import HTML, JSON, TILING_SCHEME, Site, link

__all__ = [
    "WEB_MERCATOR",
    "WEB_MERCATOR_CRS",
    "WEB_MERCATOR_URI",
    "matrix_limits",
    "tile_matrix_set",
    "tile_matrix_sets",
]

WEB_MERCATOR = "WebMercatorQuad"
WEB_MERCATOR_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{WEB_MERCATOR}"
WEB_MERCATOR_CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"

_HALF = math.pi * 6378137.0  # from the middle of the square to its edge, metres
_TILE = 256  # pixels
_PIXEL = 0.00028  # metres: the standard's rendering pixel, which scale denominators are made with


def tile_matrix_sets(site: Site) -> dict[str, Any]:
    """Return the list of tile matrix sets."""
    return {
        "tileMatrixSets": [
            {
                "id": WEB_MERCATOR,
                "title": "Google Maps Compatible for the World",
                "uri": WEB_MERCATOR_URI,
                "crs": WEB_MERCATOR_CRS,
                "links": [
                    link(
                        site.at("tileMatrixSets", WEB_MERCATOR, f=form),
                        rel,
                        media_type,
                        "the tile matrix set",
                    )
                    for form, rel, media_type in (
                        ("json", "self", JSON),
                        ("json", TILING_SCHEME, JSON),
                        ("html", "alternate", HTML),
                    )
                ],
            }
        ],
        "links": [
            link(site.at("tileMatrixSets", f="json"), "self", JSON, "tile matrix sets"),
            link(site.at("tileMatrixSets", f="html"), "alternate", HTML, "as a page"),
        ],
    }


def tile_matrix_set(site: Site, max_zoom: int) -> dict[str, Any]:
    """Return the definition, down to the deepest zoom that tiles are made for."""
    return {
        "id": WEB_MERCATOR,
        "title": "Google Maps Compatible for the World",
        "uri": WEB_MERCATOR_URI,
        "crs": WEB_MERCATOR_CRS,
        "orderedAxes": ["E", "N"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(max_zoom + 1)],
        "links": [
            link(site.at("tileMatrixSets", WEB_MERCATOR, f="json"), "self", JSON, "this set"),
            link(
                site.at("tileMatrixSets", WEB_MERCATOR, f="html"),
                "alternate",
                HTML,
                "this set as a page",
            ),
        ],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    cell = 2 * _HALF / _TILE / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": cell / _PIXEL,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_HALF, _HALF],
        "tileWidth": _TILE,
        "tileHeight": _TILE,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


def matrix_limits(bbox: Bounds, max_zoom: int) -> list[dict[str, Any]]:
    """Return the rows and columns that a box touches, per zoom.

    >>> matrix_limits((-10, 10, 10, 20), 1)[1]["maxTileCol"]
    1
    """
    limits = []
    for zoom in range(max_zoom + 1):
        west, south, east, north = bbox
        corners = [
            tiles_covering((lon, lat, lon, lat), zoom)[0]
            for lon, lat in ((west, north), (east, south))
        ]
        (_, x0, y0), (_, x1, y1) = corners
        limits.append(
            {
                "tileMatrix": str(zoom),
                "minTileRow": y0,
                "maxTileRow": y1,
                "minTileCol": x0,
                "maxTileCol": x1,
            }
        )
    return limits
