"""The scene as folium layers. No text of a scene passes through folium: layers hold its number only.

folium reads what it is given as a template a second time: a place called ``{{ … }}`` would be run as
code where the page is made. So texts go beside it, as JSON of our own, and become text nodes in the
page. What folium would fetch, name at random or take for HTML is left out or replaced here too.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from maps.html_geometry import Arcs, detail_for, geojson_geometries
from maps.scene import PlaceLabel, Scene
from maps.tile_address import from_world
from maps.web_view import ScreenView

__all__ = ["MAP_ID", "map_script"]

MAP_ID = "map_main"
_WATER, _COAST, _BOUNDARY = "#e1eef9", "#79aac9", "#a8aaad"
_LAND = {"focus": "#ffffff", "neighbour": "#eae6e4"}
_LINE_WEIGHT = {0: 1.6, -1: 0.6}  # CSS pixels by rank; admin boundaries are thinner
_THIN_LINE = 0.8
_DASHES = {"disputed": "5 4", "line_of_control": "5 4 1 4", "undetermined": "1.5 4"}
_REACH = 0.45  # of the frame's size, to each side: how far the page holds land and can be moved
_SAME_PLACE = 0.5  # degrees
_DOT_RADIUS = 2.4  # CSS pixels at the zoom the map opens at
_INSIDE_TEXT = 6.4  # CSS pixels per character of a figure inside its circle

Feature = dict[str, Any]
Styles = Callable[[Feature], dict[str, Any]]
Placed = tuple[float, float, dict[str, Any]]


def map_script(scene: Scene, view: ScreenView) -> str:
    """Return the script that makes the map in the element ``MAP_ID``. Same scene, same bytes.

    It needs Leaflet and the page's own ``sitmap`` object.
    """
    import folium
    from folium.utilities import JsCode

    edge = _around(scene.bbox, _REACH).bounds
    chart = folium.Map(
        location=None,
        tiles=None,
        control_scale=False,
        zoom_control="topright" if scene.direction == "ltr" else "topleft",
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        max_bounds=True,
        min_lon=edge[0],
        min_lat=edge[1],
        max_lon=edge[2],
        max_lat=edge[3],
        max_bounds_viscosity=0.8,
    )
    chart.default_js, chart.default_css = [], []  # nothing is fetched: the page holds Leaflet
    chart._id = MAP_ID.removeprefix("map_")
    names: dict[str, Any] = {}
    texts = Texts()

    def add(name: str, features: Sequence[Feature], styles: Styles | None, **more: Any) -> None:
        if not features:
            return
        shown = more.pop("show", True)
        layer = folium.GeoJson(
            {"type": "FeatureCollection", "features": list(features)},
            style_function=styles,
            smooth_factor=0,  # Leaflet's own thinning would part shared borders
            control=False,
            show=shown,
            **more,
        )
        layer._id = name
        names[name] = layer.get_name()
        layer.add_to(chart)

    described = {"on_each_feature": JsCode("sitmap.describe")}
    drawn, ground = _areas_and_lines(scene, texts)
    add("land", drawn["land"], _land_style, interactive=False)
    add("areas", drawn["areas"], _area_style, **described)
    add("lines", drawn["lines"], _line_style, interactive=False)
    add("dots", _dots(scene, view, texts), _dot_style, **described)
    flows = _flows(scene, view, texts)
    for zoom, (bands, _) in flows.items():
        add(f"flows{zoom}", bands, _band_style, show=zoom == view.home, **described)
    add("symbols", _symbols(scene, view, texts), None, point_to_layer=JsCode("sitmap.symbol"))
    add("presence", _presence(scene, texts), None, point_to_layer=JsCode("sitmap.badge"))
    labels = _labels(
        scene, view, texts, [text for _, of_zoom in flows.values() for text in of_zoom]
    )
    add("labels", labels, None, point_to_layer=JsCode("sitmap.label"), show=False)  # by start
    figure: Any = chart.get_root()
    for child in figure._children.values():
        child.render()
    buckets = [zoom for zoom in flows if f"flows{zoom}" in names]
    start = _start(names, buckets, scene, view)
    said = script_json(_said(scene))
    return f"sitmap.say({texts.json()}, {said});\n{ground}\n{figure.script.render()}\n{start}"


class Texts:
    """The texts of a page, each once; layers name them by number."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self._number.setdefault(text, len(self._number))

    def json(self) -> str:
        """Return all texts as a JSON array that ends no script, whatever they hold."""
        return script_json(list(self._number))


def script_json(value: object) -> str:
    """Return JSON that ends no script, whatever it holds."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def _said(scene: Scene) -> dict[str, str]:
    """Return, per kind of mark, what its figures are and of when: a screen reader hears it with each."""
    legend, symbols, presence = (
        scene.choropleth_legend,
        scene.symbol_legend,
        scene.presence_legend,
    )
    return {
        "areas": legend.subtitle if legend else "",
        "symbols": "; ".join(key.label for key in symbols.keys) if symbols else "",
        "presence": presence.subtitle if presence else "",
    }


def _start(names: Mapping[str, str], buckets: Sequence[int], scene: Scene, view: ScreenView) -> str:
    """Return the call that sets the map going, with what is known only now."""
    west, south, east, north = map(float, scene.bbox)  # never written as np.float64(…)
    flows = ", ".join(f"{zoom}: {names[f'flows{zoom}']}" for zoom in buckets)
    ends = [[round(lat, 4), round(lon, 4)] for lon, lat in view.flow_ends()]
    return (
        f"sitmap.start({MAP_ID}, {{bounds: {[[south, west], [north, east]]}, "
        f"flows: {{{flows}}}, ends: {ends}, words: {names.get('labels', 'null')}, "
        f"rightToLeft: {'true' if scene.direction == 'rtl' else 'false'}}});"
    )


def _feature(number: int, geometry: Mapping[str, Any] | None, **properties: Any) -> Feature:
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties}


def _point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(lon, 4), round(lat, 4)]}


# --- what lies on the ground ----------------------------------------------------------------------


def _areas_and_lines(scene: Scene, texts: Texts) -> tuple[dict[str, list[Feature]], str]:
    """Simplify land, areas and lines as one network; what lies far outside the view is cut off.

    Returns the layers, whose coordinates are numbers of arcs, and the arcs as script.
    """
    tolerance, decimals = detail_for(scene.bbox)
    near, far = _around(scene.bbox, _REACH), _around(scene.bbox, 4 * _REACH)
    near_box = near.bounds

    def cut(shape: BaseGeometry) -> BaseGeometry:
        return shape if near.contains_properly(shape) else shapely.clip_by_rect(shape, *near_box)

    land = [(cut(area.geometry), {"role": area.role}) for area in scene.context]
    areas = [
        (fill.geometry, {"colour": _hex(fill.colour), "text": texts.number(fill.text)})
        for fill in scene.fills
    ]
    lines = [
        (cut(line.geometry), {"rank": line.rank, "status": line.status}) for line in scene.lines
    ]
    known = {area.pcode for area in scene.context} | {fill.pcode for fill in scene.fills}
    beyond = [
        (shapely.clip_by_rect(area.geometry, *far.bounds), {"role": "neighbour"})
        for area in scene.world
        if area.pcode not in known and area.geometry.intersects(far)
    ]
    everything = [shape for shape, _ in (*land, *areas, *lines)]
    fine = geojson_geometries(everything, tolerance=tolerance, decimals=decimals)
    coarse = geojson_geometries(
        [shape for shape, _ in beyond], tolerance=2 * tolerance, decimals=decimals - 1
    )
    arcs = Arcs([*fine, *coarse], decimals=decimals)
    geometries = iter(arcs.geometries)
    drawn: dict[str, list[tuple[Any, Mapping[str, Any]]]] = {
        name: [(next(geometries), about) for _, about in layer]
        for name, layer in (("land", land), ("areas", areas), ("lines", lines))
    }
    under = [(g, about) for g, (_, about) in zip(geometries, beyond, strict=True)]
    drawn["land"] = [*under, *drawn["land"]]
    layers = {
        name: [_feature(i, g, **about) for i, (g, about) in enumerate(layer) if g]
        for name, layer in drawn.items()
    }
    return (
        layers,
        f"sitmap.ground({json.dumps(arcs.encoded(), separators=(',', ':'))}, {10**decimals});",
    )


def _around(bbox: tuple[float, float, float, float], share: float) -> BaseGeometry:
    west, south, east, north = bbox
    wide, high = (east - west) * share, (north - south) * share
    return box(west - wide, max(south - high, -85), east + wide, min(north + high, 85))


def _land_style(feature: Feature) -> dict[str, Any]:
    colour = _LAND[feature["properties"]["role"]]
    return {"fillColor": colour, "fillOpacity": 1, "stroke": True, "color": colour, "weight": 0.5}


def _area_style(feature: Feature) -> dict[str, Any]:
    colour = feature["properties"]["colour"]
    return {
        "fillColor": colour,
        "fillOpacity": 1,
        "color": colour,  # closes the hairline that anti-aliasing leaves between neighbours
        "weight": 0.5,
        "className": "area",
    }


def _line_style(feature: Feature) -> dict[str, Any]:
    rank, status = feature["properties"]["rank"], feature["properties"]["status"]
    style = {
        "fill": False,
        "color": _COAST if status == "coast" else _BOUNDARY,
        "weight": _LINE_WEIGHT.get(rank, _THIN_LINE),
        "lineCap": "butt" if status in _DASHES else "round",
    }
    return style | ({"dashArray": _DASHES[status]} if status in _DASHES else {})


# --- what is counted ------------------------------------------------------------------------------


def _flows(
    scene: Scene, view: ScreenView, texts: Texts
) -> dict[int, tuple[list[Feature], list[Placed]]]:
    """Return, per zoom that flows are drawn for, the bands and the words that go with them."""
    if not scene.flows:
        return {}
    named = {label.text.casefold() for label in scene.labels}
    solved = {}
    for zoom in (view.home - 1, view.home, view.home + 1):
        decimals = math.ceil(math.log10(20 * 256 * 2.0**zoom / 360))  # a twentieth of a pixel
        bands: list[Feature] = []
        words: list[Placed] = []
        for number, band in enumerate(view.bands(zoom)):
            flow = scene.flows[band.index]
            ring = from_world(np.asarray(band.outline.exterior.coords)).round(decimals).tolist()
            geometry = {"type": "Polygon", "coordinates": [ring]}
            bands.append(
                _feature(number, geometry, colour=_hex(flow.colour), text=texts.number(flow.text))
            )
            ((lon, lat),) = from_world(np.array([band.middle])).tolist()
            label = texts.number(flow.label)
            words.append((lon, lat, {"text": label, "kind": "flow", "zoom": zoom}))
            for name, x, y in band.stubs:
                if name.casefold() in named:
                    continue
                ((lon, lat),) = from_world(np.array([(x, y)])).tolist()
                stub = texts.number(name)
                words.append((lon, lat, {"text": stub, "kind": "stub", "zoom": zoom}))
        unique = {repr(word): word for word in words}  # two flows may share an end at the edge
        solved[zoom] = (bands, list(unique.values()))
    return solved


def _band_style(feature: Feature) -> dict[str, Any]:
    return {
        "fillColor": feature["properties"]["colour"],
        "fillOpacity": 0.9,
        "color": "#ffffff",
        "weight": 2,  # drawn under the fill: a casing one pixel wide around the band
        "className": "band",
    }


def _dots(scene: Scene, view: ScreenView, texts: Texts) -> list[Feature]:
    """Return the dots of each group in each unit as one shape: a stop for the keyboard, not hundreds."""
    across = _DOT_RADIUS * 360 / (256 * 2.0**view.home)  # degrees
    angles = np.radians(np.arange(0, 360, 60))
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * across
    features = []
    for number, mark in enumerate(scene.dots):
        if not mark.points:
            continue
        at = np.array(mark.points)
        tall = np.cos(np.radians(at[:, 1]))  # mercator stretches degrees of latitude
        discs = at[:, None, :] + ring[None] * np.stack([np.ones_like(tall), tall], axis=1)[:, None]
        rings = [[[*disc, disc[0]]] for disc in discs.round(3).tolist()]
        geometry = {"type": "MultiPolygon", "coordinates": rings}
        about = {"colour": _hex(mark.colour), "text": texts.number(mark.text)}
        features.append(_feature(number, geometry, **about))
    return features


def _dot_style(feature: Feature) -> dict[str, Any]:
    colour = feature["properties"]["colour"]
    return {"fillColor": colour, "fillOpacity": 1, "stroke": False, "className": "dots"}


def _symbols(scene: Scene, view: ScreenView, texts: Texts) -> list[Feature]:
    features = []
    for number, (symbol, circles) in enumerate(zip(scene.symbols, view.circles, strict=True)):
        parts = [
            [
                *(round(number, 2) for number in (circle.dx, circle.dy, circle.radius)),
                _hex(circle.part.colour),
                texts.number(circle.part.label if _fits(circle.part.label, circle.radius) else ""),
                _ink_on(circle.part.colour),
            ]
            for circle in circles
        ]
        if parts:
            where = _point(symbol.lon, symbol.lat)
            features.append(_feature(number, where, circles=parts, text=texts.number(symbol.text)))
    return features


def _fits(label: str, radius: float) -> bool:
    return len(label) * _INSIDE_TEXT + 4 <= 2 * radius


def _hex(colour: str) -> str:
    """Return a colour as it is, if it is one: folium would run anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour!r} is no colour '#rrggbb'")  # a fault of the program
    return colour


def _ink_on(colour: str) -> str:
    """Return white where it reads well on a colour (WCAG contrast 4.5), else near-black."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#1a1a1a"


def _presence(scene: Scene, texts: Texts) -> list[Feature]:
    return [
        _feature(
            number,
            _point(mark.lon, mark.lat),
            count=int(mark.count),
            colour=_hex(mark.colour),
            ink=_ink_on(mark.colour),
            text=texts.number(mark.text),
        )
        for number, mark in enumerate(scene.presence)
    ]


def _labels(
    scene: Scene, view: ScreenView, texts: Texts, flow_words: Sequence[Placed]
) -> list[Feature]:
    """Return all words on the map in the order in which they claim their place: figures first."""
    words: list[Placed] = []
    for symbol, circles in zip(scene.symbols, view.circles, strict=True):
        for circle in circles:
            if not _fits(circle.part.label, circle.radius):
                about: dict[str, Any] = {
                    "text": texts.number(circle.part.label),
                    "kind": "figure",
                    "colour": _hex(circle.part.colour),
                    "at": [round(x, 1) for x in (circle.dx, circle.dy, circle.radius)],
                }
                words.append((symbol.lon, symbol.lat, about))
    words += flow_words
    reach = {
        (round(symbol.lon, 2), round(symbol.lat, 2)): [
            max(math.ceil(abs(c.dx) + c.radius) for c in circles),
            max(math.ceil(abs(c.dy) + c.radius) for c in circles),
        ]
        for symbol, circles in zip(scene.symbols, view.circles, strict=True)
        if circles
    }
    for label in _without_twins(sorted(scene.labels, key=lambda label: label.rank)):
        about = {"text": texts.number(label.text), "kind": label.kind}
        around = reach.get((round(label.lon, 2), round(label.lat, 2)))
        words.append((label.lon, label.lat, about | ({"at": [0, 0, *around]} if around else {})))
    return [
        _feature(number, _point(lon, lat), **about)
        for number, (lon, lat, about) in enumerate(words)
    ]


def _without_twins(labels: Sequence[PlaceLabel]) -> list[PlaceLabel]:
    """Leave out a name that stands at the same place already: a town that is also a site."""
    kept: list[PlaceLabel] = []
    for label in labels:
        twin = any(
            other.text.casefold() == label.text.casefold()
            and abs(other.lon - label.lon) + abs(other.lat - label.lat) < _SAME_PLACE
            for other in kept
        )
        if not twin:
            kept.append(label)
    return kept
