"""Writes one block of a legend downwards, from (0, 0), at the width of a column.

Blocks are drawn for reading from left to right; the page moves them, and mirrors them where the
language asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry import Polygon

from maps.display import Item, PathItem, TextItem, moved
from maps.symbology import BOUNDARY, GREY, RULE, Symbology
from maps.text import CAP_HEIGHT, POINT, TextStyle, facing, wrap

__all__ = ["SWATCH", "LegendBlock", "LegendWriter", "swatch"]

SWATCH = 6.0  # mm: width of a sample


@dataclass(frozen=True, slots=True)
class LegendBlock:
    """One block, its items from (0, 0); sizes in mm."""

    id: str
    width: float
    height: float
    items: tuple[Item, ...]


class LegendWriter:
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
        lines = wrap(label, style, self.width - SWATCH - 2)
        tall = max(height, len(lines) * self.symbology.leading)
        middle = self.y + tall / 2
        self.items += moved(sample, 0, middle)
        first = middle - (len(lines) - 1) * self.symbology.leading / 2 + self.rise / 2
        for i, line in enumerate(lines):
            baseline = first + i * self.symbology.leading
            self.items.append(TextItem(line, SWATCH + 2, baseline, style, RULE, role="legend"))
        self.y += tall

    def block(self, name: str) -> LegendBlock:
        """Return what was written."""
        return LegendBlock(name, self.width, self.y, tuple(self.items))


def swatch(shape: Polygon, colour: str) -> PathItem:
    """Return a sample of an area's colour."""
    return PathItem(shape, fill=colour, stroke=BOUNDARY, stroke_width=0.4, role="legend-class")
