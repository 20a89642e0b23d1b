"""Tilesets: of one collection, of one map as pictures, and of everything together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from maps.mvt import TILE_LAYERS
from maps.tile_address import home_zoom
from service.ogc.collection import Bounds, Collection
from service.ogc.collection_documents import CRS84
from service.ogc.links import HTML, JSON, MVT, PNG, TILING_SCHEME, Site, link
from service.ogc.tile_matrix_sets import (
    WEB_MERCATOR,
    WEB_MERCATOR_CRS,
    WEB_MERCATOR_URI,
    matrix_limits,
)

__all__ = [
    "Tileset",
    "collection_tileset",
    "dataset_tileset",
    "map_tileset",
    "tileset_document",
    "tilesets_document",
]

_VARIABLES = ("tileMatrix", "tileRow", "tileCol")
_VIEW = (800, 600)  # pixels: the window that `centerPoint` is chosen for
_GEOMETRY_DIMENSIONS = {
    "units": 2,
    "boundaries": 1,
    "flows": 2,
    "dots": 0,
    "symbols": 2,
    "labels": 0,
}


@dataclass(frozen=True, slots=True)
class Tileset:
    """One tileset. ``path`` is where its list lies under /ogc; ``layers`` are (id, dimension)."""

    title: str
    data_type: Literal["vector", "map"]
    description: str
    path: tuple[str, ...]
    forms: tuple[str, ...]
    bbox: Bounds
    layers: tuple[tuple[str, int], ...]
    collections: tuple[Collection, ...]


def collection_tileset(collection: Collection) -> Tileset:
    """Return the vector tiles of a collection; those of a map may be asked for as pictures too."""
    is_map = collection.kind == "map"
    return Tileset(
        title=collection.title,
        data_type="vector",
        description=collection.description,
        path=("collections", collection.id, "tiles"),
        forms=("mvt", "png") if is_map else ("mvt",),
        bbox=collection.bbox,
        layers=tuple(
            (name, _GEOMETRY_DIMENSIONS[name]) for name in (TILE_LAYERS if is_map else ("units",))
        ),
        collections=(collection,),
    )


def map_tileset(collection: Collection) -> Tileset:
    """Return the picture tiles of a map."""
    return Tileset(
        title=f"{collection.title}, as pictures",
        data_type="map",
        description="Areas and borders of the map, transparent where it shows nothing.",
        path=("collections", collection.id, "map", "tiles"),
        forms=("png",),
        bbox=collection.bbox,
        layers=(),
        collections=(collection,),
    )


def dataset_tileset(collections: Sequence[Collection]) -> Tileset:
    """Return the tiles of several collections together, a layer each, called by its id."""
    boxes = [each.bbox for each in collections]
    bbox = (
        min((box[0] for box in boxes), default=-180.0),
        min((box[1] for box in boxes), default=-85.0),
        max((box[2] for box in boxes), default=180.0),
        max((box[3] for box in boxes), default=85.0),
    )
    return Tileset(
        title="Boundaries of every vintage and level; maps where they are asked for",
        data_type="vector",
        description="A layer for each collection. The parameter collections takes up to eight ids "
        "of collections that have tiles, separated by commas.",
        path=("tiles",),
        forms=("mvt",),
        bbox=bbox,
        layers=tuple((each.id, 2) for each in collections),
        collections=tuple(collections),
    )


def tilesets_document(tilesets: Sequence[Tileset], site: Site) -> dict[str, Any]:
    """Return a list of tilesets."""
    path = tilesets[0].path
    return {
        "tilesets": [_brief(tileset, site) for tileset in tilesets],
        "links": [
            link(site.at(*path, f="json"), "self", JSON, "these tilesets"),
            link(site.at(*path, f="html"), "alternate", HTML, "these tilesets as a page"),
        ],
    }


def tileset_document(tileset: Tileset, site: Site, max_zoom: int) -> dict[str, Any]:
    """Return a tileset's metadata, with the template of its tiles' addresses."""
    west, south, east, north = tileset.bbox
    zoom = home_zoom(
        (west, max(south, -85.0), east, min(north, 85.0)), width=_VIEW[0], height=_VIEW[1]
    )
    here = (*tileset.path, WEB_MERCATOR)
    document = {
        **_facts(tileset),
        "description": tileset.description,
        "attribution": "; ".join(dict.fromkeys(each.publisher for each in tileset.collections)),
        "license": "; ".join(dict.fromkeys(each.licence for each in tileset.collections)),
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84},
        "centerPoint": {
            "coordinates": [round((west + east) / 2, 6), round((south + north) / 2, 6)],
            "tileMatrix": str(max(0, min(int(zoom), max_zoom))),
            "crs": CRS84,
        },
        "tileMatrixSetLimits": matrix_limits(tileset.bbox, max_zoom),
        "links": [
            link(site.at(*here, f="json"), "self", JSON, "this tileset"),
            link(site.at(*here, f="html"), "alternate", HTML, "this tileset as a page"),
            *_tile_links(tileset, site),
            _scheme(site),
        ],
    }
    if tileset.layers:
        document["layers"] = [
            {"id": name, "dataType": "vector", "geometryDimension": dimension}
            for name, dimension in tileset.layers
        ]
    return document


def _brief(tileset: Tileset, site: Site) -> dict[str, Any]:
    here = (*tileset.path, WEB_MERCATOR)
    return {
        **_facts(tileset),
        "links": [
            link(site.at(*here, f="json"), "self", JSON, "the tileset"),
            link(site.at(*here, f="html"), "alternate", HTML, "the tileset as a page"),
            *_tile_links(tileset, site),
            _scheme(site),
        ],
    }


def _facts(tileset: Tileset) -> dict[str, Any]:
    return {
        "title": tileset.title,
        "dataType": tileset.data_type,
        "crs": WEB_MERCATOR_CRS,
        "tileMatrixSetId": WEB_MERCATOR,
        "tileMatrixSetURI": WEB_MERCATOR_URI,
    }


def _tile_links(tileset: Tileset, site: Site) -> list[dict[str, Any]]:
    here = (*tileset.path, WEB_MERCATOR)
    return [
        link(
            site.template(*here, variables=_VARIABLES, f=form),
            "item",
            {"mvt": MVT, "png": PNG}[form],
            f"tiles as {form.upper()}",
            templated=True,
        )
        for form in tileset.forms
    ]


def _scheme(site: Site) -> dict[str, Any]:
    href = site.at("tileMatrixSets", WEB_MERCATOR)
    return link(href, TILING_SCHEME, JSON, "the tile matrix set")
