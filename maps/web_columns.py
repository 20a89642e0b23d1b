"""A scene's values as columns, for pages that hold the geometry already. Every cell is the table's own.

A column has one entry per unit, in the order of P-codes that both sides know, so that a switch of
group or day sends figures and nothing else. Plain numbers go as numbers, to be written as
`format_number` writes them; a cell that says more (about 340, not assessed) goes as its text. Nothing
is counted, rounded or classed on the other side.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from maps.messages import format_number
from maps.scene import AreaFill, Scene, TableTwin
from maps.spec import LayerSpec
from maps.web_view import ScreenView

__all__ = ["scene_columns", "scene_marks"]

_DEGREES = 4  # decimals: ten metres
_BETWEEN = "|"  # cells of a column that is all text: quotes would be half of its bytes


def scene_columns(
    scene: Scene, layers: Sequence[LayerSpec], units: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    """Return what a scene shows, as JSON values.

    Parameters
    ----------
    scene : Scene
        What is shown.
    layers : sequence of LayerSpec
        The layers it was composed from.
    units : mapping of int to sequence of str
        The P-codes of each level the layers are of, ascending.

    Returns
    -------
    dict
        ``areas.key[i]`` is the number of the legend entry that unit i belongs to, None where the map
        leaves it out; ``areas.count[i]`` and the i-th part of ``areas.shown``, split at "|", are the
        cells of the table. In
        ``symbols.groups`` a group's ``value[i]`` is None where there is no circle's figure, and
        ``said`` holds the cells that are no plain number, by unit.
    """
    view = ScreenView(scene)
    levels = {layer.kind: layer.level for layer in reversed(layers)}
    told = _Twins(scene)
    document: dict[str, Any] = {
        "lang": scene.lang,
        "direction": scene.direction,
        "heading": scene.heading,
        "title": scene.title,
        "as_of": scene.as_of,
        "alt": scene.alt_text,
        "notes": list(scene.footnotes),
        "sources": list(scene.sources),
        "bbox": [round(edge, _DEGREES) for edge in scene.bbox],
        "thousands": format_number(1_000_000, scene.lang)[1:2],
        "areas": _areas(scene, layers, units, told),
        "symbols": _symbols(scene, view, levels.get("symbols", 1), units, told),
        "flows": _flows(scene, view),
        "presence": _presence(scene),
        "dots": _dots(scene),
        "lines": [list(key) for key in scene.line_keys],
        "figures": [[each.colour, each.value, each.label, each.note] for each in scene.key_figures],
    }
    document["tables"] = [
        {"caption": twin.caption, "columns": list(twin.columns), "rows": [*map(list, twin.rows)]}
        for twin in told.untold()
    ]
    return document


class _Twins:
    """The scene's tables, and which of them are told by columns already."""

    def __init__(self, scene: Scene) -> None:
        self._twins = list(scene.twins)

    def taken(self, caption: str, least: int) -> tuple[TableTwin, dict[str, tuple[str, ...]]]:
        """Take the table of a legend; its rows by code. Rows without a code stay in the table."""
        for number, twin in enumerate(self._twins):
            if twin.caption.startswith(caption) and len(twin.columns) >= least:
                del self._twins[number]
                return twin, {row[1]: row for row in twin.rows if row[1]}
        return TableTwin(caption, (), ()), {}

    def untold(self) -> list[TableTwin]:
        return self._twins


def _areas(
    scene: Scene,
    layers: Sequence[LayerSpec],
    units: Mapping[int, Sequence[str]],
    told: _Twins,
) -> dict[str, Any] | None:
    if not scene.fills:
        return None
    shaded = ("choropleth", "bivariate", "difference")
    layer = next((each for each in layers if each.kind in shaded), None)
    level = layer.level if layer else 1
    fills = {fill.pcode: fill for fill in scene.fills}
    order = [fills.get(pcode) for pcode in units[level]]
    legend = scene.choropleth_legend
    if layer is None or layer.kind != "choropleth" or legend is None:
        # a legend of another kind is shown as the picture it is; each area says its own words
        colours = list(dict.fromkeys(fill.colour for fill in scene.fills))
        return {
            "level": level,
            "title": "",
            "subtitle": "",
            "keys": [[colour, ""] for colour in colours],
            "key": [fill and colours.index(fill.colour) for fill in order],
            "texts": [fill and fill.text for fill in order],
        }
    twin, rows = told.taken(legend.title, 5)
    keys = [legend.zero] if legend.zero else []
    first = len(keys)
    keys += zip(legend.colours, legend.labels, strict=True)
    states = {state: len(keys) + i for i, (state, _, _) in enumerate(legend.empty)}
    keys += [(colour, label) for _, colour, label in legend.empty]

    def key(fill: AreaFill | None) -> int | None:
        if fill is None:
            return None
        if fill.state != "figure":
            return states[fill.state]
        return 0 if legend.zero and fill.value == 0 else first + fill.klass

    cells = [rows.get(pcode) for pcode in units[level]]
    return {
        "level": level,
        "title": legend.title,
        "subtitle": legend.subtitle,
        "keys": [list(each) for each in keys],
        "key": [key(fill) for fill in order],
        "columns": [twin.columns[2], twin.columns[-1]] if twin.columns else [],
        "count": [
            row and _cell(row[2], fill.count if fill else None, scene.lang)
            for row, fill in zip(cells, order, strict=True)
        ],
        "shown": _BETWEEN.join(row[-1] if row else "" for row in cells),
        "more": [[row[0], row[2], row[-1]] for row in twin.rows if not row[1]],
    }


def _cell(text: str, value: float | None, lang: str) -> int | str:
    """Return a cell as the number it is, where it is written as plain numbers are; else its text."""
    plain = value is not None and float(value).is_integer() and text == format_number(value, lang)
    return int(value) if plain and value is not None else text


def _symbols(
    scene: Scene,
    view: ScreenView,
    level: int,
    units: Mapping[int, Sequence[str]],
    told: _Twins,
) -> dict[str, Any] | None:
    legend = scene.symbol_legend
    if legend is None:
        return None
    number = {pcode: i for i, pcode in enumerate(units[level])}
    twin, rows = told.taken(legend.title, 3)
    groups: list[dict[str, Any]] = []
    for column, group in enumerate(legend.keys):
        value: list[int | float | None] = [None] * len(number)
        groups.append(
            {
                "group": group.group,
                "colour": group.colour,
                "label": group.label,
                "value": value,
                "said": {
                    number[code]: row[2 + column] for code, row in rows.items() if code in number
                },
            }
        )
    by_group = {each["group"]: each for each in groups}
    moved: dict[str, list[float]] = {}
    for symbol, circles in zip(scene.symbols, view.circles, strict=True):
        unit = number[symbol.place]
        for part in symbol.parts:
            own = by_group[part.group]
            own["value"][unit] = int(part.value) if part.value.is_integer() else part.value
            if own["said"].get(unit, "") == format_number(part.value, scene.lang):
                del own["said"][unit]
        for circle in circles:
            place = [round(circle.dx, 1), round(circle.dy, 1)]
            if any(place):
                column = next(i for i, g in enumerate(groups) if g["group"] == circle.part.group)
                moved[f"{unit}.{column}"] = place
    _drop_the_usual(groups)
    return {
        "level": level,
        "title": legend.title,
        "subtitle": legend.subtitle,
        "radius": view.radius(1),
        "sizes": [list(each) for each in zip(legend.sizes, legend.labels, strict=True)],
        "groups": groups,
        "moved": moved,
        "more": [[row[0], *row[2:]] for row in twin.rows if not row[1]],
    }


def _drop_the_usual(groups: list[dict[str, Any]]) -> None:
    """Say once per group what most of its empty cells say: "Not reported"."""
    for group in groups:
        empty = [text for unit, text in group["said"].items() if group["value"][unit] is None]
        usual = max(set(empty), key=empty.count) if empty else ""
        group["empty"] = usual
        group["said"] = {
            str(unit): text
            for unit, text in group["said"].items()
            if text != usual or group["value"][unit] is not None
        }


def _flows(scene: Scene, view: ScreenView) -> dict[str, Any] | None:
    legend = scene.flow_legend
    if legend is None:
        return None
    sizes = zip(legend.sizes, legend.labels, strict=True)
    return {
        "title": legend.title,
        "subtitle": legend.subtitle,
        "keys": [[key.colour, key.label] for key in legend.keys],
        "sizes": [[round(view.width(size), 2), label] for size, label in sizes],
        "rows": [
            [
                flow.origin,
                flow.destination,
                flow.group,
                flow.colour,
                flow.value,
                flow.label,
                flow.text,
            ]
            for flow in scene.flows
        ],
    }


def _presence(scene: Scene) -> dict[str, Any] | None:
    legend = scene.presence_legend
    if legend is None:
        return None
    return {
        "title": legend.title,
        "subtitle": legend.subtitle,
        "keys": [list(each) for each in zip(legend.colours, legend.labels, strict=True)],
        "rows": [
            [
                mark.pcode,
                round(mark.lon, _DEGREES),
                round(mark.lat, _DEGREES),
                mark.count,
                mark.colour,
                mark.text,
            ]
            for mark in scene.presence
        ],
    }


def _dots(scene: Scene) -> dict[str, Any] | None:
    legend = scene.dot_legend
    if legend is None:
        return None
    return {
        "title": legend.title,
        "subtitle": f"{legend.label}. {legend.note}",
        "keys": [[key.colour, key.label] for key in legend.keys],
        "rows": [[mark.pcode, mark.text] for mark in scene.dots],
    }


def scene_marks(scene: Scene) -> dict[str, Any]:
    """Return what is placed rather than counted: names, and the flows' bands per zoom.

    ``home`` is the zoom (256-pixel tiles) at which the map fits a desk. ``bands`` has the same
    curves for each zoom's bucket, as (flow, ring, middle, names of ends outside the frame); width
    and arrowhead are true at that zoom. ``ends`` are where bands begin and end, as (lon, lat).
    """
    import math

    import numpy as np

    from maps.tile_address import from_world

    view = ScreenView(scene)
    bands: dict[int, list[Any]] = {}
    for zoom in range(view.home - 1, view.home + 4) if scene.flows else ():
        decimals = math.ceil(math.log10(20 * 256 * 2.0**zoom / 360))  # a twentieth of a pixel

        def degrees(xy: Any, decimals: int = decimals) -> list[list[float]]:
            points: list[list[float]] = from_world(np.asarray(xy)).round(decimals).tolist()
            return points

        bands[zoom] = [
            [
                band.index,
                degrees(band.outline.exterior.coords),
                *degrees([band.middle]),
                [[name, *degrees([(x, y)])[0]] for name, x, y in band.stubs],
            ]
            for band in view.bands(zoom)
        ]
    return {
        "home": view.home,
        "labels": [
            [label.text, label.kind, round(label.lon, _DEGREES), round(label.lat, _DEGREES)]
            for label in sorted(scene.labels, key=lambda label: label.rank)
        ],
        "ends": [[round(x, _DEGREES), round(y, _DEGREES)] for x, y in view.flow_ends()],
        "bands": bands,
        "dots": [
            [mark.colour, [[round(x, _DEGREES), round(y, _DEGREES)] for x, y in mark.points]]
            for mark in scene.dots
        ],
    }
