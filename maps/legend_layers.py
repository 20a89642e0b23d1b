"""Legend blocks of the less common layers: the square of two variables, dots, and sectors."""

from shapely.geometry import LineString, Point, Polygon, box

from maps.display import PathItem, TextItem, moved
from maps.emptiness import emptiness_pattern
from maps.legend_writer import SWATCH, LegendBlock, LegendWriter, swatch
from maps.map_dots import dot_item, dot_radius
from maps.scene_layers import BivariateAxis, BivariateLegend, DotLegend, SectorKey
from maps.sector_icons import sign_items
from maps.sectors import OTHER
from maps.symbology import BOUNDARY, GREY, RULE, WHITE
from maps.text import TextStyle, text_width, wrap

__all__ = ["bivariate_block", "dot_block", "sector_block"]

_CELL = (9.0, 6.6)  # mm
_ARROW = 4.2  # mm


def bivariate_block(legend: BivariateLegend, writer: LegendWriter) -> LegendBlock:
    """Write the square: the first variable grows with reading, the second upwards."""
    writer.head(legend.title, "")
    writer.y -= 0.0 if legend.title else 0.9
    _axis_title(writer, legend.second, upwards=True)
    writer.y += 0.6
    _square(writer, legend)
    _axis_title(writer, legend.first, upwards=False)
    writer.y += 0.8
    notes = dict.fromkeys((legend.first.subtitle, legend.second.subtitle, legend.note))
    for note in notes:
        if note:
            writer.paragraph(note, TextStyle(writer.symbology.note), GREY)
    tall = writer.symbology.leading + 0.3
    shape = box(0, -tall / 2, SWATCH, tall / 2)
    for state, colour, label in legend.empty:
        writer.y += 0.5
        sample = (swatch(shape, colour), emptiness_pattern(shape, state))
        writer.key(sample, label, height=tall)
    return writer.block("legend-bivariate")


def _axis_title(writer: LegendWriter, axis: BivariateAxis, *, upwards: bool) -> None:
    """Write what grows along an axis, an arrow before it that says which way."""
    style = TextStyle(writer.symbology.note, bold=True)
    middle = writer.y + writer.rise / 2
    shaft = LineString([(0, 0), (_ARROW - 1.0, 0)])
    head = Polygon([(_ARROW, 0), (_ARROW - 1.5, -0.75), (_ARROW - 1.5, 0.75)])
    if upwards:
        half = 0.62 * _ARROW
        shaft = LineString([(half, half), (half, 1.0 - half)])
        head = Polygon([(half, -half), (half - 0.75, 1.5 - half), (half + 0.75, 1.5 - half)])
        middle = writer.y + half
        writer.y += 0.6
    arrow = (
        PathItem(shaft, stroke=RULE, stroke_width=0.8, role="legend-axis"),
        PathItem(head, fill=RULE, role="legend-axis"),
    )
    writer.items += moved(arrow, 0, middle)
    writer.paragraph(axis.title, style, RULE, x=_ARROW + 1.4)


def _square(writer: LegendWriter, legend: BivariateLegend) -> None:
    wide, tall = _CELL
    note = TextStyle(writer.symbology.note)
    top, rows = writer.y, legend.colours[::-1]  # the highest class of the second on top
    labels = legend.second.labels[::-1]
    for j, (row, label) in enumerate(zip(rows, labels, strict=True)):
        y = top + j * tall
        for i, colour in enumerate(row):
            cell = box(i * wide, y, (i + 1) * wide, y + tall)
            writer.items.append(
                PathItem(cell, fill=colour, stroke=WHITE, stroke_width=0.6, role="legend-class")
            )
        lines = wrap(label, note, writer.width - len(row) * wide - 2)
        first = y + tall / 2 + writer.rise / 2 - (len(lines) - 1) * writer.symbology.leading / 2
        for k, line in enumerate(lines):
            baseline = first + k * writer.symbology.leading
            writer.items.append(
                TextItem(line, len(row) * wide + 2, baseline, note, RULE, role="legend")
            )
    floor = top + len(rows) * tall
    baseline = floor + 1.0 + writer.rise
    free = 0.0  # where the next number may begin
    for i, number in enumerate(legend.first.ends):
        width = text_width(number, note)
        x = max(free, min(i * wide - width / 2, writer.width - width)) if i else 0.0
        writer.items.append(TextItem(number, x, baseline, note, RULE, role="legend"))
        tick = LineString([(i * wide, floor), (i * wide, floor + 0.8)])
        writer.items.append(PathItem(tick, stroke=BOUNDARY, stroke_width=0.4, role="legend-axis"))
        free = x + width + 0.8
    writer.y = baseline + 1.6


def dot_block(legend: DotLegend, writer: LegendWriter) -> LegendBlock:
    """Write what a dot is, above all that it is no place."""
    writer.head(legend.title, "")
    radius = dot_radius(writer.symbology)
    for key in legend.keys:
        sample = tuple(
            dot_item([Point(SWATCH / 2 + dx, dy)], radius, key.colour)
            for dx, dy in ((-1.6, 0.5), (0.0, -0.5), (1.5, 0.4))
        )
        writer.key(sample, key.label, height=writer.symbology.leading + 0.3)
    writer.y += 0.8
    one = dot_item(
        [Point(SWATCH / 2, 0)], radius, GREY if len(legend.keys) > 1 else legend.keys[0].colour
    )
    writer.key((one,), legend.label, height=writer.symbology.leading + 0.3)
    writer.y += 0.6
    writer.paragraph(legend.note, TextStyle(writer.symbology.note, italic=True), GREY)
    return writer.block("legend-dots")


def sector_block(
    sectors: tuple[SectorKey, ...], inferred: str, writer: LegendWriter, *, heading: tuple[str, str]
) -> LegendBlock:
    """Write the signs of the sectors that occur; ``heading`` is title and subtitle."""
    writer.head(*heading)
    half = 1.7
    for key in sectors:
        sample = sign_items(key.code, SWATCH / 2, 0, half)
        writer.key(sample, key.label, height=max(writer.symbology.leading, 2 * half) + 0.7)
    if inferred:
        writer.y += 0.4
        sample = sign_items(OTHER, SWATCH / 2, 0, half, inferred=True, picture=False)
        writer.key(sample, inferred, height=max(writer.symbology.leading, 2 * half) + 0.7)
    return writer.block("legend-sectors")
