"""What stands around the map: title, bars, scale, disclaimers, sources. Nothing here is optional.

Drawn for reading from left to right, in the guideline's arrangement: titles flush right, notes
below; the page mirrors it all for Arabic. There is a north arrow only where north is not up. The
place of a logo, top left, stays empty unless the publisher puts theirs.
"""

import math
from collections.abc import Sequence

from shapely.geometry import LineString, box

from maps.display import Box, Item, PathItem, TextItem
from maps.imprint_page import logo_room
from maps.messages import format_number
from maps.scene import Scene
from maps.spec import Paper
from maps.symbology import BLUE, DARK, GREY, RULE, Symbology
from maps.text import CAP_HEIGHT, POINT, TextStyle, facing, text_width, wrap

__all__ = ["BOTTOM", "MARGIN", "footer", "frame_line", "scale_bar", "scale_length", "title_block"]

MARGIN, BOTTOM = 10.0, 5.0  # mm
_DASH = " – "
_KILOMETRES = {"ar": "كم"}


def title_block(scene: Scene, paper: Paper, symbology: Symbology) -> tuple[list[Item], float]:
    """Return heading, title, date and top bar, and where the map may begin (mm)."""
    right, room = paper.width - MARGIN, paper.width - 2 * MARGIN - logo_room(scene)
    heading = scene.heading if scene.lang == "ar" else scene.heading.upper()
    as_of = scene.as_of if scene.as_of.startswith("(") or not scene.as_of else f"({scene.as_of})"
    items: list[Item] = []
    y = MARGIN - 2.0
    for text, style, colour, role, gap in (
        (heading, TextStyle(symbology.heading), DARK, "heading", 0.0),
        (scene.title, TextStyle(symbology.title, bold=True), BLUE, "title", 1.4),
        (as_of, TextStyle(symbology.note), DARK, "as-of", 1.5),
    ):
        for i, line in enumerate(wrap(text, style, room)):
            y += (gap if i == 0 else 1.0) + 1.02 * CAP_HEIGHT * style.size * POINT
            items.append(TextItem(line, right, y, style, colour, anchor="end", role=role))
            y += 0.0 if role == "as-of" else 0.15 * style.size * POINT
    y += 1.9
    items.append(_bar(paper, y, RULE, 1.0, "top-bar"))
    return items, y + 1.6


def _bar(paper: Paper, y: float, colour: str, width: float, role: str) -> PathItem:
    line = LineString([(MARGIN, y), (paper.width - MARGIN, y)])
    return PathItem(line, stroke=colour, stroke_width=width, role=role)


def footer(scene: Scene, paper: Paper, symbology: Symbology) -> tuple[list[Item], float]:
    """Return bottom bar, disclaimers, date, sources and footnotes, and where the map must end."""
    width = paper.width - 2 * MARGIN
    plain = TextStyle(symbology.note)
    italic = TextStyle(symbology.note, italic=True)
    columns = 2 if paper.width > 180 else 1
    gutter = 6.0
    column = (width - gutter * (columns - 1)) / columns
    sources = tuple(text for text in (scene.created_text, *scene.sources, scene.contact) if text)
    if scene.direction == "ltr":  # names in another script would be torn apart within one line
        sources = (_DASH.join(sources),)
    notes = [
        (" ".join(scene.disclaimers), italic, "disclaimer"),
        *((text, plain, "footnote") for text in scene.footnotes),
        *((text, plain, "source") for text in sources),
    ]
    lines = [
        [(line, facing(style, text), role) for line in wrap(text, style, column)]
        for text, style, role in notes
    ]
    split = _balance([len(paragraph) for paragraph in lines], columns)
    step, gap = symbology.leading, 0.5
    rise = CAP_HEIGHT * symbology.note * POINT
    heights = [sum(len(p) * step + gap for p in part) for part in (lines[:split], lines[split:])]
    top = paper.height - BOTTOM - max(heights)
    items: list[Item] = [_bar(paper, top - 1.6, "#999999", 0.5, "bottom-bar")]
    for i, part in enumerate((lines[:split], lines[split:])):
        x, y = MARGIN + i * (column + gutter), top
        for paragraph in part:
            for line, style, role in paragraph:
                items.append(TextItem(line, x, y + rise, style, GREY, role=role))
                y += step
            y += gap
    return items, top - 3.2


def _balance(counts: Sequence[int], columns: int) -> int:
    """Return how many paragraphs go into the first column, so that both are about as long."""
    if columns == 1:
        return len(counts)
    return min(
        range(len(counts) + 1),
        key=lambda split: (max(sum(counts[:split]), sum(counts[split:])), -split),
    )


def scale_length(ground_per_mm: float, longest: float) -> float:
    """Return the largest round number of kilometres (1, 2 or 5 by tens) within ``longest`` mm.

    >>> scale_length(8_000, 40)
    200.0
    """
    most = ground_per_mm * longest / 1000
    power = 10.0 ** math.floor(math.log10(most))
    return next(digit * power for digit in (5, 2, 1) if digit * power <= most)


def scale_bar(
    ground_per_mm: float, lang: str, symbology: Symbology, *, right: float, bottom: float
) -> tuple[list[Item], Box]:
    """Return a scale bar ending at (right, bottom), true at the map's centre, and its box."""
    kilometres = scale_length(ground_per_mm, 1.9 * symbology.globe)
    length = kilometres * 1000 / ground_per_mm
    unit = _KILOMETRES.get(lang, "km")
    label = f"{format_number(kilometres, lang) if kilometres >= 1 else f'{kilometres:g}'} {unit}"
    style = TextStyle(symbology.note)
    middle = right - length / 2
    text = TextItem(
        label, middle, bottom - 2.0, style, DARK, anchor="middle", halo="#FFFFFF", role="scale"
    )
    ticks = [
        (right - length, bottom - 1.6),
        (right - length, bottom),
        (right, bottom),
        (right, bottom - 1.6),
    ]
    items: list[Item] = [
        PathItem(LineString(ticks), stroke=DARK, stroke_width=0.7, role="scale-ticks"),
        PathItem(
            LineString([(right - length, bottom), (right, bottom)]),
            stroke=DARK,
            stroke_width=2,
            role="scale-bar",
            value=kilometres * 1000,
        ),
        text,
    ]
    half = max(length, text_width(label, style)) / 2 + 1
    return items, (middle - half, bottom - 5, middle + half, bottom + 1)


def frame_line(frame: Box) -> PathItem:
    """Return the map's outline."""
    return PathItem(box(*frame), stroke="#A8AAAD", stroke_width=0.5, role="frame")
