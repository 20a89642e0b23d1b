"""The shapes of the answers under /ogc, for the API definition (OpenAPI 3.0, so `nullable`)."""

from typing import Any

__all__ = ["SCHEMAS"]


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _object(required: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


_TEXT, _NUMBER, _WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
_LINKS = {"links": _list(_ref("Link"))}
_TITLED = {"title": _TEXT, "description": _TEXT}
_TILED = {
    "title": _TEXT,
    "dataType": {"type": "string", "enum": ["map", "vector"]},
    "crs": _TEXT,
    "tileMatrixSetId": _TEXT,
    "tileMatrixSetURI": _TEXT,
    **_LINKS,
}
_SCHEME = {"id": _TEXT, "title": _TEXT, "uri": _TEXT, "crs": _TEXT, **_LINKS}

SCHEMAS: dict[str, Any] = {
    "Link": _object(
        "href rel",
        {
            "href": _TEXT,
            "rel": _TEXT,
            "type": _TEXT,
            "title": _TEXT,
            "templated": {"type": "boolean"},
        },
    ),
    "LandingPage": _object("links", {**_TITLED, **_LINKS}),
    "Conformance": _object("conformsTo", {"conformsTo": _list(_TEXT), "description": _TEXT}),
    "Extent": _object(
        "spatial",
        {
            "spatial": _object("bbox", {"bbox": _list(_list(_NUMBER)), "crs": _TEXT}),
            "temporal": _object(
                "interval",
                {
                    "interval": _list(
                        _list({"type": "string", "format": "date-time", "nullable": True})
                    ),
                    "trs": _TEXT,
                },
            ),
        },
    ),
    "Collection": _object(
        "id links",
        {
            "id": _TEXT,
            **_TITLED,
            "attribution": _TEXT,
            "license": _TEXT,
            "itemType": _TEXT,
            "crs": _list(_TEXT),
            "extent": _ref("Extent"),
            **_LINKS,
        },
    ),
    "Collections": _object(
        "links collections", {**_LINKS, "collections": _list(_ref("Collection"))}
    ),
    "Feature": _object(
        "type id geometry properties",
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": _TEXT,
            "geometry": {
                "type": "object",
                "nullable": True,
                "required": ["type", "coordinates"],
                "properties": {"type": _TEXT, "coordinates": {"type": "array", "items": {}}},
            },
            "properties": {"type": "object", "nullable": True},
            **_LINKS,
        },
    ),
    "FeatureCollection": _object(
        "type features links timeStamp numberMatched numberReturned",
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": _list(_ref("Feature")),
            **_LINKS,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
            "edition": _TEXT,
            "vintage": _TEXT,
            "notes": _list(_TEXT),
        },
    ),
    "Tilesets": _object(
        "tilesets", {"tilesets": _list(_object("dataType crs links", _TILED)), **_LINKS}
    ),
    "Tileset": _object(
        "dataType crs links",
        {
            **_TILED,
            "description": _TEXT,
            "attribution": _TEXT,
            "license": _TEXT,
            "boundingBox": {"type": "object"},
            "centerPoint": {"type": "object"},
            "tileMatrixSetLimits": _list(
                _object(
                    "tileMatrix minTileRow maxTileRow minTileCol maxTileCol",
                    {
                        "tileMatrix": _TEXT,
                        **dict.fromkeys(
                            ("minTileRow", "maxTileRow", "minTileCol", "maxTileCol"), _WHOLE
                        ),
                    },
                )
            ),
            "layers": _list(
                _object(
                    "id dataType",
                    {"id": _TEXT, "dataType": _TEXT, "geometryDimension": _WHOLE},
                )
            ),
        },
    ),
    "TileMatrixSets": _object(
        "tileMatrixSets", {"tileMatrixSets": _list(_object("id links", _SCHEME)), **_LINKS}
    ),
    "TileMatrixSet": _object(
        "id crs tileMatrices",
        {
            **_SCHEME,
            "orderedAxes": _list(_TEXT),
            "wellKnownScaleSet": _TEXT,
            "tileMatrices": _list(
                _object(
                    "id scaleDenominator cellSize pointOfOrigin tileWidth tileHeight matrixWidth "
                    "matrixHeight",
                    {
                        "id": _TEXT,
                        "cornerOfOrigin": _TEXT,
                        "pointOfOrigin": _list(_NUMBER),
                        **dict.fromkeys(("scaleDenominator", "cellSize"), _NUMBER),
                        **dict.fromkeys(
                            ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight"), _WHOLE
                        ),
                    },
                )
            ),
        },
    ),
    "Problem": _object(
        "type title status code",
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": _WHOLE,
            "code": _TEXT,
            "known": _list(_TEXT),
        },
    ),
}
