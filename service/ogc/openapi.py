"""The API definition of /ogc, OpenAPI 3.0.3. It names the collections there are, so that a client can choose.

The service's other routes are described at /openapi.json.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from maps.spec import LANGUAGES
from service.ogc.collection import Collection
from service.ogc.conformance import STATEMENT
from service.ogc.items import DEFAULT_LIMIT, MAX_LIMIT
from service.ogc.landing import TITLE
from service.ogc.links import GEOJSON, HTML, JSON, MVT, OPENAPI, PNG, Site
from service.ogc.openapi_schemas import SCHEMAS
from service.ogc.tile_matrix_sets import WEB_MERCATOR
from service.version import sitmap_version

__all__ = ["openapi_document"]

_DESCRIPTION = f"""\
Collections of features and tiles, read-only. {STATEMENT}
Null is not reported, and 0 is a figure. Stock, new and cumulative figures are never added.
The time stamp of an answer is when its edition was published; the same edition answers with the same bytes.
A parameter that a collection does not take is refused with 400. More than {MAX_LIMIT} features are never sent at once."""

_TAGS = [
    {"name": "Core", "description": "The way in."},
    {"name": "Features", "description": "Collections and their features."},
    {"name": "Tiles", "description": "Tilesets and tiles."},
]
_FILTER_WORDS = {
    "group": "Population group. Of counts it chooses the columns.",
    "measure": "Stock, new or cumulative. Of counts it chooses the columns.",
    "pcode": "P-code of the unit.",
    "origin": "P-code or site where the flow begins.",
    "destination": "P-code or site where the flow ends.",
    "sector_code": "Sector, as `PRO`.",
    "kind": "Kind of site.",
    "parent": "P-code of the unit one level up.",
    "iso3": "Country, ISO 3166-1 alpha-3.",
}


def openapi_document(site: Site, collections: Sequence[Collection]) -> dict[str, Any]:
    """Return the definition for the collections there are."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "version": sitmap_version(),
            "description": _DESCRIPTION,
            "contact": {"name": "The operator of this service"},
            "license": {"name": "Apache-2.0; of the data, as each collection says"},
        },
        "servers": [{"url": site.at()}],
        "tags": _TAGS,
        "paths": {**_core_paths(), **_feature_paths(collections), **_tile_paths(collections)},
        "components": {"schemas": SCHEMAS},
    }


def _core_paths() -> dict[str, Any]:
    return {
        "/": _path(
            "getLandingPage", "Core", "The way in: links to everything else.", "LandingPage"
        ),
        "/conformance": _path(
            "getConformance", "Core", "The classes the service holds to.", "Conformance"
        ),
        "/api": _path("getApi", "Core", "This definition.", {"type": "object"}, media_type=OPENAPI),
    }


def _feature_paths(collections: Sequence[Collection]) -> dict[str, Any]:
    named = _path_parameter(
        "collectionId", "A collection's id.", {"enum": [each.id for each in collections]}
    )
    return {
        "/collections": _path(
            "getCollections", "Features", "The collections there are.", "Collections"
        ),
        "/collections/{collectionId}": _path(
            "getCollection", "Features", "One collection.", "Collection", [named], missing=True
        ),
        "/collections/{collectionId}/items": _path(
            "getItems",
            "Features",
            "Features of a collection. Which filters it takes depends on the collection; another "
            "one is refused.",
            "FeatureCollection",
            [named, *_item_parameters(collections)],
            media_type=GEOJSON,
            missing=True,
        ),
        "/collections/{collectionId}/items/{featureId}": _path(
            "getItem",
            "Features",
            "One feature.",
            "Feature",
            [named, _path_parameter("featureId", "A feature's id."), _language()],
            media_type=GEOJSON,
            missing=True,
        ),
    }


def _tile_paths(collections: Sequence[Collection]) -> dict[str, Any]:
    tiled = [each.id for each in collections if each.tiled]
    maps = [each.id for each in collections if each.kind == "map"]
    tms = _path_parameter("tileMatrixSetId", "A tile matrix set.", {"enum": [WEB_MERCATOR]})
    address = [
        tms,
        *(
            _path_parameter(name, words, {"pattern": "^[0-9]{1,5}$"})
            for name, words in (
                ("tileMatrix", "Zoom."),
                ("tileRow", "Row, from the north."),
                ("tileCol", "Column, from the west."),
            )
        ),
    ]
    paths = {
        "/tileMatrixSets": _path(
            "getTileMatrixSets", "Tiles", "The tile matrix sets there are.", "TileMatrixSets"
        ),
        "/tileMatrixSets/{tileMatrixSetId}": _path(
            "getTileMatrixSet", "Tiles", "One of them.", "TileMatrixSet", [tms], missing=True
        ),
    }
    together = {
        "name": "collections",
        "in": "query",
        "description": "Collections that have tiles, separated by commas; all boundaries without it.",
        "schema": {"type": "array", "items": {"type": "string", "enum": tiled}, "maxItems": 8},
        "style": "form",
        "explode": False,
    }
    kinds: tuple[tuple[str, str, list[dict[str, Any]], tuple[str, ...], list[dict[str, Any]]], ...]
    kinds = (
        ("", "Dataset", [], ("mvt",), [together]),
        ("/collections/{collectionId}", "Collection", [_one_of(tiled)], ("mvt", "png"), []),
        ("/collections/{collectionId}/map", "Map", [_one_of(maps)], ("png",), []),
    )
    for prefix, name, first, forms, more in kinds:
        paths[f"{prefix}/tiles"] = _path(
            f"get{name}Tilesets", "Tiles", "A list of tilesets.", "Tilesets", first, missing=True
        )
        paths[f"{prefix}/tiles/{{tileMatrixSetId}}"] = _path(
            f"get{name}Tileset", "Tiles", "One tileset.", "Tileset", [*first, tms], missing=True
        )
        paths[f"{prefix}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = (
            _tile_path(f"get{name}Tile", [*first, *address, *more], forms)
        )
    return paths


def _one_of(ids: Sequence[str]) -> dict[str, Any]:
    return _path_parameter("collectionId", "A collection that has these tiles.", _enum(ids))


def _tile_path(
    operation: str, parameters: list[dict[str, Any]], forms: Sequence[str]
) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "get": {
            "operationId": operation,
            "tags": ["Tiles"],
            "summary": "A tile.",
            "description": "A tile. A vector tile with nothing in it is 204.",
            "parameters": [*parameters, _form(forms)],
            "responses": {
                "200": {
                    "description": "The tile.",
                    "content": {{"mvt": MVT, "png": PNG}[form]: binary for form in forms},
                },
                "204": {"description": "Nothing is in the tile."},
                **_problems(missing=True),
            },
        }
    }


def _path(
    operation: str,
    tag: str,
    words: str,
    schema: str | Mapping[str, Any],
    parameters: Sequence[dict[str, Any]] = (),
    *,
    media_type: str = JSON,
    missing: bool = False,
) -> dict[str, Any]:
    content = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    return {
        "get": {
            "operationId": operation,
            "tags": [tag],
            "summary": words.partition(". ")[0].rstrip("."),
            "description": words,
            "parameters": [*parameters, _form(("json", "html"))],
            "responses": {
                "200": {
                    "description": words,
                    "content": {
                        media_type: {"schema": content},
                        HTML: {"schema": {"type": "string"}},
                    },
                },
                **_problems(missing=missing),
            },
        }
    }


def _problems(*, missing: bool) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {
        "400": "A parameter is unknown, or its value cannot be used.",
        "404": "There is nothing at this address.",
        "406": "None of the accepted media types is there.",
        "500": "The answer could not be made.",
        "503": "The store cannot be read at the moment.",
    }
    return {
        status: {"description": words, "content": problem}
        for status, words in told.items()
        if missing or status != "404"
    }


def _item_parameters(collections: Sequence[Collection]) -> list[dict[str, Any]]:
    filters: dict[str, set[str] | None] = {}
    for collection in collections:
        for name, known in collection.filters.items():
            there = filters.get(name, set())
            filters[name] = None if there is None or not known else there | set(known)
    return [
        {
            "name": "limit",
            "in": "query",
            "description": "How many features at most; a larger number counts as the largest.",
            "schema": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_LIMIT,
                "default": DEFAULT_LIMIT,
            },
            "style": "form",
            "explode": False,
        },
        _query("offset", "How many features to pass over.", {"type": "integer", "minimum": 0}),
        {
            "name": "bbox",
            "in": "query",
            "description": "Only features that touch the box: west,south,east,north in degrees, or "
            "with heights, which leave nothing out. West greater than east crosses the antimeridian.",
            "schema": {
                "type": "array",
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            },
            "style": "form",
            "explode": False,
        },
        {
            "name": "datetime",
            "in": "query",
            "description": "Only features about this time: an instant or day, or an interval whose "
            "open end is `..`. Of counts it chooses the figures: the latest within it.",
            "schema": {"type": "string"},
            "style": "form",
            "explode": False,
        },
        _language(),
        *(
            _query(name, _FILTER_WORDS.get(name, name), _enum(sorted(known or ())))
            for name, known in sorted(filters.items())
        ),
    ]


def _enum(values: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)} if values else {"type": "string"}


def _language() -> dict[str, Any]:
    words = "Language of names and notes."
    return _query("lang", words, {"type": "string", "enum": list(LANGUAGES), "default": "en"})


def _form(forms: Sequence[str]) -> dict[str, Any]:
    words = "The form of the answer; the Accept header decides without it."
    return _query("f", words, {"type": "string", "enum": list(forms)})


def _query(name: str, words: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": words,
        "required": False,
        "schema": dict(schema),
        "style": "form",
        "explode": False,
    }


def _path_parameter(
    name: str, words: str, schema: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "description": words,
        "required": True,
        "schema": {"type": "string", **(schema or {})},
    }
