"""Several small maps on one sheet: one scale, one legend, one frame repeated, only the date differs.

The ground is projected once and set down again for every panel: what does not change cannot differ.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry import Point

from maps.display import Anchor, Box, Item, Layer, Page, PathItem, TextItem, moved
from maps.emptiness import emptiness_pattern
from maps.globe import globe_items
from maps.label_wishes import circle_figures
from maps.legend_blocks import legend_blocks
from maps.legend_writer import LegendBlock
from maps.map_body import ground_layers
from maps.map_flows import draw_flows
from maps.map_labels import Beneath, label_layers
from maps.marginalia import frame_line, scale_bar
from maps.page_furniture import finished, furniture, placed
from maps.page_plan import room_scale
from maps.projection import MapFrame, fit_frame, projected_size
from maps.scene import Panel, Scene
from maps.spec import Paper
from maps.symbol_layout import Cluster, lay_out_symbols
from maps.symbology import GREY, RULE, WHITE, Symbology
from maps.text import CAP_HEIGHT, POINT, TextStyle, facing, text_width, wrap

__all__ = ["draw_multiples"]

_GAP = 3.5  # mm between panels
_CLEAR = 1.6  # mm between the content and a panel's frame
_BETWEEN = 4.0  # mm between blocks of the legend
_NAMES_FROM = 62.0  # mm: width of a panel from which the first one names its units
_CIRCLE_SHARE = 1.15  # of a panel's share of the sheet: how large the largest circle may be
_SMALLEST_SHARE = 0.45  # of the largest circle's radius, below which overlaps are accepted


@dataclass(frozen=True)
class _Arrangement:
    """Boxes of the panels in reading order, each with its title above, and the legend's box; mm."""

    panels: tuple[Box, ...]
    legend: Box
    scale: float


def draw_multiples(scene: Scene, paper: Paper) -> Page:
    """Lay the scene's panels out on a sheet. Deterministic."""
    symbology = Symbology.for_paper(paper)
    around = furniture(scene, paper, symbology)
    plain = replace(scene, key_figures=(), place_keys=())
    size = projected_size(scene.projection, scene.bbox)
    guess = _largest_circle(symbology, len(scene.panels))
    blocks = _legend(plain, symbology, guess)
    strip = _strip(scene, symbology)
    arrangement = _arranged(blocks, around.frame, size, len(scene.panels), strip)
    if scene.direction == "rtl":
        arrangement = _mirrored(arrangement, paper.width)
    first = arrangement.panels[0]
    room = (first[0] + _CLEAR, first[1] + _CLEAR, first[2] - _CLEAR, first[3] - _CLEAR)
    frame = fit_frame(scene.projection, scene.bbox, box=first, room=room)
    per_root, clusters = _circles(scene, frame, guess)
    blocks = _legend(plain, symbology, per_root * math.sqrt(_maximum(scene)))

    layers = _panels(scene, frame, arrangement, clusters, symbology)
    layers.append(_names(scene, frame, clusters[0], first))
    legend = _column(blocks, arrangement.legend, symbology)
    layers.append(Layer("legend", placed(legend, scene, paper)))
    layers += _globe_and_scale(scene, blocks, arrangement.legend, frame, paper)
    return finished(scene, paper, around, layers)


# --- where everything goes ------------------------------------------------------------------------


def _strip(scene: Scene, symbology: Symbology) -> float:
    """Return how high a panel's title is: its date, and beneath what it adds up to."""
    lines = 2 if any(panel.subtitle for panel in scene.panels) else 1
    return lines * symbology.leading + 2.2


def _arranged(
    blocks: Sequence[LegendBlock],
    frame: Box,
    size: tuple[float, float],
    count: int,
    strip: float,
) -> _Arrangement:
    """Return the arrangement in which the maps are largest.

    The legend has a column at the side that reading starts from, or the place of a panel that a
    grid leaves free.
    """
    x0, y0, x1, y1 = frame
    wide = max((block.width for block in blocks), default=0.0) + 2.0
    tall = sum(block.height + _BETWEEN for block in blocks) + 8.0  # the scale below
    found = []
    for columns in range(1, count + 1):
        for spare in (False, True):
            rows = math.ceil((count + spare) / columns)
            left = x0 if spare else x0 + wide + _GAP
            across = (x1 - left - _GAP * (columns - 1)) / columns
            down = (y1 - y0 - _GAP * (rows - 1)) / rows - strip
            if across < 20 or down < 15:
                continue
            slots = [
                (
                    left + i % columns * (across + _GAP),
                    y0 + i // columns * (down + strip + _GAP) + strip,
                )
                for i in range(columns * rows)
            ]
            boxes = [(x, y, x + across, y + down) for x, y in slots]
            legend = (x0, y0, x0 + wide, y1)
            if spare:
                if across < wide or down + strip < tall:
                    continue
                last = boxes[-1]
                legend = (last[0], last[1] - strip, last[2], last[3])
            room = (0, 0, across - 2 * _CLEAR, down - 2 * _CLEAR)
            found.append(_Arrangement(tuple(boxes[:count]), legend, room_scale(room, size)))
    if not found:  # a small sheet and many panels: whatever is left beside the legend
        across = max(x1 - x0 - wide - _GAP, 30.0) / count
        boxes = [
            (x1 - (count - i) * across, y0 + strip, x1 - (count - i - 1) * across - 1, y1)
            for i in range(count)
        ]
        return _Arrangement(tuple(boxes), (x0, y0, x0 + wide, y1), 0.0)
    return max(found, key=lambda each: each.scale)


def _mirrored(arrangement: _Arrangement, width: float) -> _Arrangement:
    """Return the panels as they lie on a page read from the right; the legend is mirrored later."""
    flipped = tuple((width - x1, y0, width - x0, y1) for x0, y0, x1, y1 in arrangement.panels)
    return replace(arrangement, panels=flipped)


# --- circles --------------------------------------------------------------------------------------


def _maximum(scene: Scene) -> float:
    return scene.symbol_legend.maximum if scene.symbol_legend else 1.0


def _largest_circle(symbology: Symbology, count: int) -> float:
    return symbology.largest_circle * min(1.0, _CIRCLE_SHARE / math.sqrt(count))


def _circles(scene: Scene, frame: MapFrame, largest: float) -> tuple[float, list[list[Cluster]]]:
    """Return one factor for all panels (mm per square root of a person) and each panel's clusters."""

    def laid_out(panel: Panel, radius: float, smallest: float) -> tuple[float, list[Cluster]]:
        points = frame.points(np.array([[mark.lon, mark.lat] for mark in panel.symbols]))
        return lay_out_symbols(
            panel.symbols, points, maximum=_maximum(scene), largest=radius, smallest=smallest
        )

    factors = [laid_out(each, largest, _SMALLEST_SHARE * largest)[0] for each in scene.panels]
    factor = min(factors)
    radius = factor * math.sqrt(_maximum(scene))
    return factor, [laid_out(each, radius, 2 * radius)[1] for each in scene.panels]


# --- the panels -----------------------------------------------------------------------------------


def _panels(
    scene: Scene,
    frame: MapFrame,
    arrangement: _Arrangement,
    clusters: Sequence[Sequence[Cluster]],
    symbology: Symbology,
) -> list[Layer]:
    thin = Symbology(0)
    ground = {layer.id: layer for layer in ground_layers(replace(scene, fills=()), frame, thin)}
    shapes = {
        fill.pcode: frame.shape(fill.geometry) for panel in scene.panels for fill in panel.fills
    }
    layers = []
    for number, (panel, at) in enumerate(zip(scene.panels, arrangement.panels, strict=True), 1):
        items: list[Item] = [*ground["water"].items, *ground["land"].items]
        patterns: list[Item] = []
        for fill in panel.fills:
            shape = shapes[fill.pcode]
            if shape.is_empty:
                continue
            role = f"area-{fill.pcode}"
            items.append(
                PathItem(shape, fill.colour, fill.colour, 0.2, role=role, value=fill.value)
            )
            if fill.value is None:
                patterns.append(emptiness_pattern(shape, fill.state))
        items += patterns
        for name in ("rivers", "lines"):
            items += ground[name].items if name in ground else ()
        items += _discs(clusters[number - 1])
        items += circle_figures(clusters[number - 1], (), symbology)[0]
        dx, dy = at[0] - frame.box[0], at[1] - frame.box[1]
        shifted = moved(items, dx, dy)
        titles = _titles(panel, at, symbology, rtl=scene.direction == "rtl")
        layers.append(Layer(f"panel-{number}", (*shifted, frame_line(at), *titles)))
    return layers


def _discs(clusters: Sequence[Cluster]) -> list[PathItem]:
    circles = [circle for cluster in clusters for circle in cluster.circles]
    return [
        PathItem(
            Point(circle.x, circle.y).buffer(circle.radius, 32),
            fill=circle.part.colour,
            stroke=WHITE,
            stroke_width=0.4,
            opacity=0.86,
            role=f"circle-{circle.part.group}",
            value=circle.part.value,
        )
        for circle in sorted(circles, key=lambda circle: -circle.radius)
    ]


def _titles(panel: Panel, at: Box, symbology: Symbology, *, rtl: bool) -> list[TextItem]:
    bold = facing(TextStyle(symbology.note + 1, bold=True), panel.title)
    note = facing(TextStyle(symbology.note), panel.subtitle)
    x = at[2] if rtl else at[0]
    anchor: Anchor = "end" if rtl else "start"
    y = at[1] - 1.3
    items = []
    if panel.subtitle:
        line = _fitted(panel.subtitle, note, at[2] - at[0])
        items.append(TextItem(line, x, y, note, GREY, anchor, role="panel-total"))
        y -= symbology.leading + 0.2
    items.append(TextItem(panel.title, x, y, bold, RULE, anchor, role="panel-title"))
    return items


def _fitted(text: str, style: TextStyle, width: float) -> str:
    """Return a text, or as much of its beginning as one line holds; the table has all of it."""
    if text_width(text, style) <= width:
        return text
    lines = wrap(text, style, width - text_width(" …", style))
    return f"{lines[0].rstrip(';؛, ')} …"


def _names(scene: Scene, frame: MapFrame, clusters: Sequence[Cluster], first: Box) -> Layer:
    """Name the units once, in the first panel, where it is wide enough."""
    if first[2] - first[0] < _NAMES_FROM:
        return Layer("labels", ())
    labels = tuple(label for label in scene.labels if label.kind == "unit")
    bare = replace(
        scene,
        labels=labels,
        fills=scene.panels[0].fills,
        symbols=scene.panels[0].symbols,
        presence=(),
        flows=(),
        nodes=(),
    )
    small = Symbology(0)
    flows = draw_flows(bare, frame, small, list(clusters), [])
    layers = label_layers(bare, frame, small, Beneath(clusters, flows, []))
    return next(
        (
            Layer("labels", tuple(i for i in layer.items if i.role == "name-unit"))
            for layer in layers
            if layer.id == "labels"
        ),
        Layer("labels", ()),
    )


# --- the legend -----------------------------------------------------------------------------------


def _legend(scene: Scene, symbology: Symbology, largest: float) -> list[LegendBlock]:
    per_root = largest / math.sqrt(_maximum(scene))
    return legend_blocks(scene, symbology, per_root=per_root, width=symbology.legend_column - 6)


def _column(blocks: Sequence[LegendBlock], at: Box, symbology: Symbology) -> list[Item]:
    """Return the blocks of the legend, one under the other."""
    items: list[Item] = []
    y = at[1] + CAP_HEIGHT * symbology.note * POINT / 2
    for block in blocks:
        items += moved(block.items, at[0], y)
        y += block.height + _BETWEEN
    return items


def _globe_and_scale(
    scene: Scene, blocks: Sequence[LegendBlock], at: Box, frame: MapFrame, paper: Paper
) -> list[Layer]:
    """Return one scale for all panels under the legend, and the globe where it has room.

    Both are drawn as seen: on a page read from the right they change sides but are not mirrored.
    """
    symbology = Symbology.for_paper(paper)
    rtl = scene.direction == "rtl"
    ground, lang = frame.ground_per_mm, scene.lang
    _, bar_box = scale_bar(ground, lang, symbology, right=0, bottom=0)
    length, bottom = bar_box[2] - bar_box[0], at[3] - 1.0
    right = paper.width - at[0] if rtl else at[0] + length
    layers = [
        Layer("scale", tuple(scale_bar(ground, lang, symbology, right=right, bottom=bottom)[0]))
    ]
    used = sum(block.height + _BETWEEN for block in blocks)
    wide = max((block.width for block in blocks), default=0.0)
    diameter = symbology.globe
    if at[2] - at[0] - wide >= diameter + 3:
        x, y = at[2] - diameter / 2, at[3] - diameter / 2 - 1
    elif at[3] - at[1] - used >= diameter + 12:
        x, y = at[0] + diameter / 2, bottom - 9 - diameter / 2
    else:
        return layers
    if scene.focus:
        x = paper.width - x if rtl else x
        items = globe_items(scene.world, scene.focus, x=x, y=y, radius=diameter / 2)
        layers.append(Layer("globe", tuple(items)))
    return layers
