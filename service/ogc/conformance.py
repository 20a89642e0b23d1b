"""What the service holds to, by its own tests. It has not been certified by the OGC."""

from typing import Any

__all__ = ["CONFORMANCE_CLASSES", "STATEMENT", "conformance_document"]

_SPEC = "http://www.opengis.net/spec"

CONFORMANCE_CLASSES = tuple(
    f"{_SPEC}/{standard}/conf/{name}"
    for standard, names in (
        ("ogcapi-common-1/1.0", ("core", "landing-page", "json", "html", "oas30")),
        ("ogcapi-common-2/1.0", ("collections",)),
        ("ogcapi-features-1/1.0", ("core", "oas30", "html", "geojson")),
        (
            "ogcapi-tiles-1/1.0",
            (
                "core",
                "tileset",
                "tilesets-list",
                "geodata-tilesets",
                "dataset-tilesets",
                "collections-selection",
                "oas30",
                "mvt",
                "png",
            ),
        ),
        ("tms/2.0", ("tilematrixset", "json-tilematrixset")),
    )
    for name in names
)
"""Every class the tests of this project exercise."""

STATEMENT = (
    "This service is tested against the abstract tests of these classes by its own tests. "
    "It has not been certified by the OGC."
)


def conformance_document() -> dict[str, Any]:
    """Return the conformance declaration."""
    return {"conformsTo": list(CONFORMANCE_CLASSES), "description": STATEMENT}
