"""A map's tiles, styled: the scene's own breaks and colours as a MapLibre style and a TileJSON.

Colours are decided by the scene, never by the client: a value equal to an upper bound belongs to
the class below it (MapLibre's ``step`` would put it above), and a unit without a figure has its own
colour, never the lowest class's.
"""

from dataclasses import asdict
from html import escape
from typing import Any

from maps.scene import ChoroplethLegend, Scene
from maps.tile_address import MAX_ZOOM
from maps.tile_levels import MapLevels
from maps.tile_values import FIELD_TYPES, unit_columns

__all__ = ["levels_document", "style_json", "tilejson"]

_WATER, _LAND, _LINE = "#e1eef9", "#eae6e4", "#a8aaad"
_NOTHING = "rgba(0,0,0,0)"
_NUMBERS = ("value", "level", "members", "missing", "to_scale")
_FLOW_FIELDS = dict.fromkeys(
    ("origin", "origin_name", "destination", "destination_name", "group", "measure", "state",
     "label", "colour"), "String"
) | dict.fromkeys(_NUMBERS, "Number")  # fmt: skip
_SYMBOL_FIELDS = dict.fromkeys(
    ("pcode", "name", "group", "state", "label", "colour"), "String"
) | dict.fromkeys((*_NUMBERS, "radius", "unplaced", "inside"), "Number")
_LABEL_FIELDS = {"text": "String", "kind": "String", "rank": "Number", "level": "Number"}


_LEVEL_NAMES = {0: "countries"}
_BY_LEVEL = ("flows", "symbols", "labels")
_DESCRIPTIONS = {
    "units": "Admin units of the map's own level, with its figures",
    "boundaries": "Boundaries, each once",
    "flows": "Persons from a place to a place, as bands; who moved within a place has none",
    "dots": "Dots, each for the same number of persons",
    "symbols": "Persons at a place; circles, their area in proportion to value at every zoom",
    "labels": "Names",
}


def style_json(
    scene: Scene, *, tiles_url: str, glyphs_url: str = "", seen: MapLevels | None = None
) -> dict[str, Any]:
    """Return a MapLibre style (version 8) for a map's vector tiles.

    ``tiles_url`` is the template with {z}, {x} and {y}; ``seen`` says which level its tiles show at
    which zoom. Names are left to the client unless
    ``glyphs_url`` (with {fontstack} and {range}) says where its fonts are: nothing is fetched from
    anywhere else.
    """
    west, south, east, north = scene.bbox
    source = {
        "type": "vector",
        "tiles": [tiles_url],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "attribution": _attribution(scene),
    }
    style: dict[str, Any] = {
        "version": 8,
        "name": scene.title,
        "center": [round((west + east) / 2, 4), round((south + north) / 2, 4)],
        "zoom": 4,
        "metadata": {
            "situation": scene.situation,
            "map": scene.map_id,
            "edition": scene.edition,
            "levels": levels_document(seen or MapLevels.alike(scene)),
        },
        "sources": {"map": source},
        "layers": [*_layers(scene), *(_name_layers() if glyphs_url else [])],
    }
    return style | ({"glyphs": glyphs_url} if glyphs_url else {})


def levels_document(seen: MapLevels) -> list[dict[str, Any]]:
    """Return which level a map's circles, bands and names are of at which zooms, the widest first.

    ``flows`` has, for each group and measure, the persons of all bands, of those who moved inside one
    place (they have no band), and of bands too small to be drawn: together the map's own total, and
    ``unplaced`` persons whose place is known at this level only.
    """
    return [
        {
            "level": shown.level,
            "minzoom": shown.first,
            "maxzoom": shown.last,
            "flows": [asdict(balance) for balance in each.flows],
        }
        for each, shown in zip(seen.scenes, seen.ranges, strict=True)
    ]


def tilejson(
    scene: Scene,
    *,
    tiles_url: str,
    min_zoom: int = 0,
    max_zoom: int = MAX_ZOOM,
    seen: MapLevels | None = None,
) -> dict[str, Any]:
    """Return the TileJSON 3.0.0 document of a map's vector tiles.

    ``vector_layers`` names every layer that occurs in the map with its fields and their types;
    ``levels`` says which level is shown at which zooms (`levels_document`).
    """
    seen = seen or MapLevels.alike(scene)
    by_zoom = ", ".join(
        f"{_LEVEL_NAMES.get(each.level, f'level {each.level}')} at zooms {each.first} to {each.last}"
        for each in seen.ranges
    )
    west, south, east, north = scene.bbox
    units = {"pcode": "String", "name": "String"} | {
        column: FIELD_TYPES.get(column, "String" if column in ("state", "colour") else "Number")
        for column in unit_columns(scene)
    }
    layers = [("units", units)]
    if scene.lines:
        layers.append(("boundaries", {"rank": "Number", "status": "String"}))
    if scene.flows:
        layers.append(("flows", _FLOW_FIELDS))
    if scene.dots:
        layers.append(("dots", dict.fromkeys(("pcode", "group", "colour"), "String")))
    if scene.symbols:
        layers.append(("symbols", _SYMBOL_FIELDS))
    if scene.labels or scene.flows:
        layers.append(("labels", _LABEL_FIELDS))
    return {
        "tilejson": "3.0.0",
        "name": scene.title,
        "description": scene.alt_text,
        "attribution": _attribution(scene),
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [tiles_url],
        "minzoom": min_zoom,
        "maxzoom": max_zoom,
        "bounds": [west, south, east, north],
        "center": [round((west + east) / 2, 4), round((south + north) / 2, 4), min(4, max_zoom)],
        "vector_layers": [
            {
                "id": name,
                "description": f"{_DESCRIPTIONS[name]}{f': {by_zoom}' if name in _BY_LEVEL else ''}",
                "fields": fields,
                "minzoom": min_zoom,
                "maxzoom": max_zoom,
            }
            for name, fields in layers
        ],
        "levels": levels_document(seen),
    }


def _attribution(scene: Scene) -> str:
    # clients put an attribution into the page as HTML, so it goes out as HTML
    return " · ".join(escape(source) for source in scene.sources)


def _layers(scene: Scene) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = [
        {"id": "water", "type": "background", "paint": {"background-color": _WATER}},
        {
            "id": "units",
            "type": "fill",
            "source": "map",
            "source-layer": "units",
            "paint": {
                "fill-color": _own_colour()
                if scene.bivariate_legend
                else _fill_colour(scene.choropleth_legend),
                "fill-antialias": False,  # its outline would draw every border twice
            },
        },
    ]
    for status, dash in (("agreed", None), ("disputed", [3, 2]), ("undetermined", [1, 2])):
        if any(_drawn_as(line.status) == status for line in scene.lines):
            paint: dict[str, Any] = {
                "line-color": _LINE,
                "line-width": ["case", ["==", ["get", "rank"], 0], 1.6, 0.8],
            }
            if dash:
                paint["line-dasharray"] = dash
            layers.append(
                {
                    "id": f"boundaries-{status}",
                    "type": "line",
                    "source": "map",
                    "source-layer": "boundaries",
                    "filter": ["in", ["get", "status"], ["literal", _statuses(status)]],
                    "paint": paint,
                }
            )
    if scene.flows:
        layers.append(
            {
                "id": "flows",
                "type": "fill",
                "source": "map",
                "source-layer": "flows",
                "paint": {
                    "fill-color": ["get", "colour"],
                    "fill-opacity": 0.85,
                    "fill-outline-color": "#ffffff",
                },
            }
        )
    if scene.dots:
        layers.append(
            {
                "id": "dots",
                "type": "circle",
                "source": "map",
                "source-layer": "dots",
                "paint": {"circle-radius": 1.8, "circle-color": ["get", "colour"]},
            }
        )
    if scene.symbols:
        layers.append(
            {
                "id": "symbols",
                "type": "circle",
                "source": "map",
                "source-layer": "symbols",
                "filter": [">", ["get", "radius"], 0],
                "layout": {"circle-sort-key": ["-", 0, ["get", "radius"]]},
                "paint": {
                    "circle-radius": ["get", "radius"],
                    "circle-color": ["get", "colour"],
                    "circle-opacity": 0.8,
                    "circle-stroke-color": "#ffffff",
                    "circle-stroke-width": 0.8,
                },
            }
        )
    return layers


def _drawn_as(status: str) -> str:
    return next(
        (way for way in ("agreed", "disputed", "undetermined") if status in _statuses(way)), ""
    )


def _statuses(way: str) -> list[str]:
    """Return the statuses that are drawn alike; a coast is where the land ends and needs no line."""
    return {
        "agreed": ["agreed"],
        "disputed": ["disputed", "line_of_control"],
        "undetermined": ["undetermined"],
    }[way]


def _own_colour() -> Any:
    """Return the expression for units that carry their colour: two variables make no ramp."""
    colour = ["get", "colour"]
    return ["case", ["==", colour, ""], _NOTHING, ["to-color", colour]]


def _fill_colour(legend: ChoroplethLegend | None) -> Any:
    """Return the colour expression: first whether there is a figure at all, then its class."""
    if legend is None:
        return ["match", ["get", "state"], "out_of_scope", _NOTHING, _LAND]
    classes: list[Any] = ["case"]
    if legend.zero is not None:
        classes += [["==", ["get", "value"], 0], legend.zero[0]]
    for upper, colour in zip(legend.upper[: len(legend.colours) - 1], legend.colours, strict=False):
        classes += [["<=", ["get", "value"], upper], colour]
    of_a_figure = [*classes, legend.colours[-1]] if len(classes) > 1 else legend.colours[-1]
    empty = [part for state, colour, _ in legend.empty for part in (state, colour)]
    of_no_figure = ["match", ["get", "state"], *empty, _NOTHING] if empty else _NOTHING
    return ["case", ["==", ["get", "state"], "figure"], of_a_figure, of_no_figure]


def _name_layers() -> list[dict[str, Any]]:
    return [
        {
            "id": "labels",
            "type": "symbol",
            "source": "map",
            "source-layer": "labels",
            "layout": {
                "text-field": ["get", "text"],
                "text-size": ["match", ["get", "kind"], ["focus", "country"], 14, 11],
                "symbol-sort-key": ["get", "rank"],
            },
            "paint": {
                "text-color": "#4d4d4d",
                "text-halo-color": "#ffffff",
                "text-halo-width": 1.2,
            },
        }
    ]
