"""What explains the map: one block per layer, drawn with the map's own widths, radii and colours.

Blocks are drawn for reading from left to right, from (0, 0) down, at the width of a column; the
page moves them, and mirrors them where the language asks for it.
"""

from collections.abc import Sequence

import numpy as np
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from maps.display import PathItem, TextItem, moved
from maps.emptiness import emptiness_pattern, hatch
from maps.flow_bands import flow_bands
from maps.flow_curves import FlowProblem
from maps.legend_layers import bivariate_block, dot_block, sector_block
from maps.legend_writer import SWATCH, LegendBlock, LegendWriter, swatch
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
from maps.text import TextStyle

__all__ = ["LegendBlock", "hatch", "legend_blocks", "panel"]


def legend_blocks(
    scene: Scene, symbology: Symbology, *, per_root: float, width: float
) -> list[LegendBlock]:
    """Return the legend's blocks, in reading order.

    ``per_root`` is the map's radius in mm per square root of a person; ``width`` the column's.
    """
    blocks = []
    if scene.key_figures:
        blocks.append(_key_figures(scene.key_figures, LegendWriter(symbology, width)))
    if scene.choropleth_legend:
        blocks.append(_choropleth(scene.choropleth_legend, LegendWriter(symbology, width)))
    if scene.bivariate_legend:
        blocks.append(bivariate_block(scene.bivariate_legend, LegendWriter(symbology, width)))
    if scene.symbol_legend:
        blocks.append(_symbols(scene.symbol_legend, LegendWriter(symbology, width), per_root))
    if scene.dot_legend:
        blocks.append(dot_block(scene.dot_legend, LegendWriter(symbology, width)))
    if scene.flow_legend:
        blocks.append(_flows(scene.flow_legend, LegendWriter(symbology, width)))
    if scene.presence_legend:
        blocks.append(_presence(scene.presence_legend, LegendWriter(symbology, width)))
    if scene.line_keys or scene.place_keys:
        blocks.append(_lines_and_places(scene, LegendWriter(symbology, width)))
    return blocks


def _key_figures(figures: Sequence[KeyFigure], writer: LegendWriter) -> LegendBlock:
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


def _choropleth(legend: ChoroplethLegend, writer: LegendWriter) -> LegendBlock:
    writer.head(legend.title, legend.subtitle)
    tall = writer.symbology.leading + 0.3
    shape = box(0, -tall / 2, SWATCH, tall / 2)
    colours = zip(legend.colours, legend.labels, strict=True)
    for colour, label in (*([legend.zero] if legend.zero else []), *colours):
        writer.key((swatch(shape, colour),), label, height=tall)
    for state, colour, label in legend.empty:
        writer.y += 0.5
        sample = (swatch(shape, colour), emptiness_pattern(shape, state))
        writer.key(sample, label, height=tall)
    return writer.block("legend-choropleth")


def _symbols(legend: SymbolLegend, writer: LegendWriter, per_root: float) -> LegendBlock:
    writer.head(legend.title, legend.subtitle)
    _group_keys(writer, legend.keys, "disc")
    writer.y += 2.2  # the largest circle's number stands half above its top
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


def _group_keys(writer: LegendWriter, keys: Sequence[GroupKey], shape: str) -> None:
    for key in keys:
        sample: BaseGeometry = Point(SWATCH / 2, 0).buffer(1.3, 24)
        if shape == "bar":
            sample = box(0, -0.9, SWATCH, 0.9)
        item = PathItem(sample, fill=key.colour, opacity=0.9, role="legend-group")
        writer.key((item,), key.label, height=writer.symbology.leading + 0.3)


def _flows(legend: FlowLegend, writer: LegendWriter) -> LegendBlock:
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


def _presence(legend: PresenceLegend, writer: LegendWriter) -> LegendBlock:
    if legend.sectors:
        heading = (legend.title, legend.subtitle)
        return sector_block(legend.sectors, legend.inferred, writer, heading=heading)
    writer.head(legend.title, legend.subtitle)
    for colour, label in zip(legend.colours, legend.labels, strict=True):
        badge = PathItem(
            Point(SWATCH / 2, 0).buffer(1.6, 24),
            fill=colour,
            stroke=BLUE,
            stroke_width=0.5,
            role="legend-presence",
        )
        writer.key((badge,), label, height=writer.symbology.leading + 0.6)
    return writer.block("legend-presence")


def _lines_and_places(scene: Scene, writer: LegendWriter) -> LegendBlock:
    tall = writer.symbology.leading + 0.2
    for kind, label in scene.place_keys:
        writer.key(writer.symbology.marker(kind, SWATCH / 2, 0), label, height=tall)
    for status, label in scene.line_keys:
        stroke = writer.symbology.line(_rank_of(scene, status), status)
        sample = PathItem(
            LineString([(0, 0), (SWATCH, 0)]),
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
