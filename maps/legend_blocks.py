"""What explains the map: one block per layer, drawn with the map's own widths, radii and colours.

Blocks are drawn for reading from left to right, from (0, 0) down, at the width of a column; the
page moves them, and mirrors them where the language asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from maps.display import Item, PathItem, TextItem, moved
from maps.flow_bands import flow_bands
from maps.flow_curves import FlowProblem
from maps.scene import (
    ChoroplethLegend,
    FlowLegend,
    GroupKey,
    KeyFigure,
    PresenceLegend,
    Scene,
    SymbolLegend,
)
from maps.symbology import BLUE, BOUNDARY, GREY, RULE, WHITE, Symbology, darkened
from maps.text import CAP_HEIGHT, POINT, TextStyle, facing, wrap

__all__ = ["LegendBlock", "hatch", "legend_blocks", "panel"]

_SWATCH = 6.0  # mm
_HATCH_STEP = 1.1  # mm


@dataclass(frozen=True, slots=True)
class LegendBlock:
    """One block, its items from (0, 0); sizes in mm."""

    id: str
    width: float
    height: float
    items: tuple[Item, ...]


def hatch(area: BaseGeometry) -> PathItem:
    """Return the hatching of an area without a figure, so that no colour alone has to say it."""
    x0, y0, x1, y1 = area.bounds
    tall = y1 - y0
    # Lines are counted from the page's origin: neighbours are hatched as one.
    first = np.floor((x0 - y1) / _HATCH_STEP) * _HATCH_STEP
    lines = [
        LineString([(offset + y0, y0), (offset + y0 + tall, y1)])
        for offset in np.arange(first, x1 - y0 + _HATCH_STEP, _HATCH_STEP)
    ]
    inside = shapely.intersection(shapely.union_all(lines), area)
    return PathItem(inside, stroke="#B4B6B9", stroke_width=0.3, role="hatch")


class _Writer:
    """Writes lines of a block downwards; ``y`` is the top of what comes next, mm."""

    def __init__(self, symbology: Symbology, width: float) -> None:
        self.symbology, self.width = symbology, width
        self.items: list[Item] = []
        self.y = 0.0

    @property
    def rise(self) -> float:
        """From the top of a line to the baseline of a note."""
        return CAP_HEIGHT * self.symbology.note * POINT

    def paragraph(
        self, text: str, style: TextStyle, colour: str, *, x: float = 0, role: str = "legend"
    ) -> None:
        """Write a text, broken to what is left of the width."""
        for line in wrap(text, style, self.width - x):
            baseline = self.y + CAP_HEIGHT * style.size * POINT
            line_style = facing(style, text)
            self.items.append(TextItem(line, x, baseline, line_style, colour, role=role))
            self.y += self.symbology.leading * style.size / self.symbology.note

    def head(self, title: str, subtitle: str) -> None:
        """Write a block's title and what its figures are as of."""
        note = self.symbology.note
        if title:
            self.paragraph(title, TextStyle(note + 1, bold=True), RULE, role="legend-title")
        if subtitle:
            self.y += 0.2
            self.paragraph(subtitle, TextStyle(note), GREY)
        self.y += 0.9

    def key(self, sample: Sequence[Item], label: str, *, height: float) -> None:
        """Write a sample, drawn around (3, 0), and its label beside it; ``height`` at least."""
        style = facing(TextStyle(self.symbology.note), label)
        lines = wrap(label, style, self.width - _SWATCH - 2)
        tall = max(height, len(lines) * self.symbology.leading)
        middle = self.y + tall / 2
        self.items += moved(sample, 0, middle)
        first = middle - (len(lines) - 1) * self.symbology.leading / 2 + self.rise / 2
        for i, line in enumerate(lines):
            baseline = first + i * self.symbology.leading
            self.items.append(TextItem(line, _SWATCH + 2, baseline, style, RULE, role="legend"))
        self.y += tall

    def block(self, name: str) -> LegendBlock:
        """Return what was written."""
        return LegendBlock(name, self.width, self.y, tuple(self.items))


def legend_blocks(
    scene: Scene, symbology: Symbology, *, per_root: float, width: float
) -> list[LegendBlock]:
    """Return the legend's blocks, in reading order.

    ``per_root`` is the map's radius in mm per square root of a person; ``width`` the column's.
    """
    blocks = []
    if scene.key_figures:
        blocks.append(_key_figures(scene.key_figures, _Writer(symbology, width)))
    if scene.choropleth_legend:
        blocks.append(_choropleth(scene.choropleth_legend, _Writer(symbology, width)))
    if scene.symbol_legend:
        blocks.append(_symbols(scene.symbol_legend, _Writer(symbology, width), per_root))
    if scene.flow_legend:
        blocks.append(_flows(scene.flow_legend, _Writer(symbology, width)))
    if scene.presence_legend:
        blocks.append(_presence(scene.presence_legend, _Writer(symbology, width)))
    if scene.line_keys or scene.place_keys:
        blocks.append(_lines_and_places(scene, _Writer(symbology, width)))
    return blocks


def _key_figures(figures: Sequence[KeyFigure], writer: _Writer) -> LegendBlock:
    """Write national totals: a bar in the group's colour, the number, what it counts and when."""
    note = writer.symbology.note
    for figure in figures:
        top, colour = writer.y, darkened(figure.colour)
        writer.paragraph(figure.value, TextStyle(note + 4, bold=True), colour, x=2.5, role="figure")
        writer.paragraph(figure.label, TextStyle(note, bold=True), RULE, x=2.5)
        if figure.note:
            writer.paragraph(figure.note, TextStyle(note), GREY, x=2.5)
        bar = box(0, top, 1.0, writer.y - 0.4)
        writer.items.append(PathItem(bar, fill=figure.colour, role="legend-group"))
        writer.y += 1.2
    writer.y -= 1.2
    return writer.block("key-figures")


def _choropleth(legend: ChoroplethLegend, writer: _Writer) -> LegendBlock:
    writer.head(legend.title, legend.subtitle)
    tall = writer.symbology.leading + 0.3
    swatch = box(0, -tall / 2, _SWATCH, tall / 2)
    colours = zip(legend.colours, legend.labels, strict=True)
    for colour, label in (*([legend.zero] if legend.zero else []), *colours):
        writer.key((_swatch(swatch, colour),), label, height=tall)
    for _, colour, label in legend.empty:
        writer.y += 0.5
        sample = (_swatch(swatch, colour), hatch(swatch))
        writer.key(sample, label, height=tall)
    return writer.block("legend-choropleth")


def _swatch(shape: Polygon, colour: str) -> PathItem:
    return PathItem(shape, fill=colour, stroke=BOUNDARY, stroke_width=0.4, role="legend-class")


def _symbols(legend: SymbolLegend, writer: _Writer, per_root: float) -> LegendBlock:
    writer.head(legend.title, legend.subtitle)
    _group_keys(writer, legend.keys, "disc")
    writer.y += 1.0
    sizes = sorted(zip(legend.sizes, legend.labels, strict=True), reverse=True)
    radii = [per_root * float(np.sqrt(size)) for size, _ in sizes]
    widest = max(radii, default=0.0)
    floor = writer.y + 2 * widest + 0.2
    style = TextStyle(writer.symbology.note)
    colour = legend.keys[0].colour if len(legend.keys) == 1 else GREY
    label_y = -np.inf
    for (size, label), radius in zip(sizes, radii, strict=True):
        top = floor - 2 * radius
        writer.items.append(
            PathItem(
                Point(widest, floor - radius).buffer(radius, 48),
                fill=WHITE,
                stroke=colour,
                stroke_width=0.7,
                role="legend-circle",
                value=size,
            )
        )
        label_y = max(top, label_y + writer.symbology.leading)
        end = 2 * widest + 2.5
        leader = LineString([(widest, top), (end - 1.2, label_y), (end, label_y)])
        writer.items.append(PathItem(leader, stroke=GREY, stroke_width=0.3))
        baseline = label_y + writer.rise / 2
        writer.items.append(TextItem(label, end + 0.8, baseline, style, RULE, role="legend"))
    writer.y = max(floor, label_y + writer.rise / 2) + 0.3
    return writer.block("legend-symbols")


def _group_keys(writer: _Writer, keys: Sequence[GroupKey], shape: str) -> None:
    for key in keys:
        sample: BaseGeometry = Point(_SWATCH / 2, 0).buffer(1.3, 24)
        if shape == "bar":
            sample = box(0, -0.9, _SWATCH, 0.9)
        item = PathItem(sample, fill=key.colour, opacity=0.9, role="legend-group")
        writer.key((item,), key.label, height=writer.symbology.leading + 0.3)


def _flows(legend: FlowLegend, writer: _Writer) -> LegendBlock:
    writer.head(legend.title, legend.subtitle)
    _group_keys(writer, legend.keys, "bar")
    writer.y += 0.8
    colour = legend.keys[0].colour if len(legend.keys) == 1 else GREY
    style = TextStyle(writer.symbology.note)
    for size, label in sorted(zip(legend.sizes, legend.labels, strict=True)):
        band_width = writer.symbology.band_width(size, legend.maximum)
        shape = _sample_band(band_width)
        tall = max(writer.symbology.leading, shape.bounds[3] - shape.bounds[1] + 0.8)
        middle = writer.y + tall / 2
        item = PathItem(shape, fill=colour, opacity=0.92, role="legend-band", value=size)
        writer.items += moved((item,), 0, middle)
        baseline = middle + writer.rise / 2
        writer.items.append(TextItem(label, 20, baseline, style, RULE, role="legend"))
        writer.y += tall
    return writer.block("legend-flows")


def _sample_band(width: float) -> Polygon:
    """Return a straight flow 18 mm long, drawn as the map draws them."""
    ends = np.array([[-0.3, 0.0], [18.5, 0.0]])
    problem = FlowProblem(
        nodes=ends,
        radius=np.zeros(2),
        origin=np.array([0]),
        destination=np.array([1]),
        width=np.array([width]),
        value=np.array([1.0]),
        frame=(-20, -20, 40, 20),
        obstacles=np.empty((0, 4)),
    )
    return flow_bands(problem, ends.mean(0)[None])[0].outline


def _presence(legend: PresenceLegend, writer: _Writer) -> LegendBlock:
    writer.head(legend.title, legend.subtitle)
    for colour, label in zip(legend.colours, legend.labels, strict=True):
        badge = PathItem(
            Point(_SWATCH / 2, 0).buffer(1.6, 24),
            fill=colour,
            stroke=BLUE,
            stroke_width=0.5,
            role="legend-presence",
        )
        writer.key((badge,), label, height=writer.symbology.leading + 0.6)
    return writer.block("legend-presence")


def _lines_and_places(scene: Scene, writer: _Writer) -> LegendBlock:
    tall = writer.symbology.leading + 0.2
    for kind, label in scene.place_keys:
        writer.key(writer.symbology.marker(kind, _SWATCH / 2, 0), label, height=tall)
    for status, label in scene.line_keys:
        stroke = writer.symbology.line(_rank_of(scene, status), status)
        sample = PathItem(
            LineString([(0, 0), (_SWATCH, 0)]),
            stroke=stroke.stroke,
            stroke_width=stroke.stroke_width,
            dash=stroke.dash,
            role="legend-line",
        )
        writer.key((sample,), label, height=tall)
    return writer.block("legend-lines")


def _rank_of(scene: Scene, status: str) -> int:
    """Return the highest class of boundary that has a status."""
    return min((line.rank for line in scene.lines if line.status == status), default=0)


def panel(x0: float, y0: float, x1: float, y1: float) -> PathItem:
    """Return the ground of a legend panel."""
    return PathItem(
        box(x0, y0, x1, y1),
        fill=WHITE,
        stroke=BOUNDARY,
        stroke_width=0.4,
        role="panel",
    )
