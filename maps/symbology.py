"""Sizes and colours of paper, after UNHCR's mapping guidelines (February 2024), for A5, A4 and A3.

One place decides how a kind of thing looks; the map, its legend and its labels all ask here.
Sizes are in points where the guideline gives points, else in millimetres.
"""

from dataclasses import dataclass

from shapely import affinity
from shapely.geometry import Point, Polygon

from maps.display import PathItem
from maps.scene import Scene
from maps.spec import Paper
from maps.text import POINT, TextStyle, is_rtl

__all__ = [
    "BLUE",
    "BOUNDARY",
    "COAST",
    "DARK",
    "FOCUS",
    "GLOBE_FOCUS",
    "GLOBE_LAND",
    "GREY",
    "HIGHLIGHT",
    "NEIGHBOUR",
    "RULE",
    "WATER",
    "WHITE",
    "LabelLook",
    "Symbology",
    "darkened",
    "luminance",
    "page_title",
    "readable_on",
]

WATER, NEIGHBOUR, FOCUS = "#E1EEF9", "#EAE6E4", "#FFFFFF"
BOUNDARY, COAST = "#A8AAAD", "#79AAC9"
HIGHLIGHT = "#EF4A60"
BLUE, DARK, RULE, GREY = "#0072BC", "#1A1A1A", "#333333", "#666666"
GLOBE_LAND, GLOBE_FOCUS = "#D1CCCB", "#EF4A60"
WHITE = "#FFFFFF"

_DASHES: dict[str, tuple[float, ...]] = {
    "disputed": (4, 3),
    "undetermined": (4, 3, 0.01, 3),
    "line_of_control": (0.01, 2),
}


@dataclass(frozen=True, slots=True)
class LabelLook:
    """How names of one kind are set. ``marker`` is the radius of their symbol in mm, 0 for none."""

    style: TextStyle
    colour: str
    caps: bool = False
    marker: float = 0


# kind: sizes on A5, A4, A3; bold, italic, capitals, tracking, colour; marker sizes in points
_LABELS: dict[str, tuple[tuple[float, float, float], bool, bool, bool, float, str]] = {
    "country": ((9, 10, 11), False, False, True, 150, GREY),
    "focus": ((11, 12, 13), True, False, True, 300, DARK),
    "nation": ((7, 7.5, 8.5), False, False, False, 0, RULE),
    "unit": ((8, 9, 10), True, False, True, 0, "#77787B"),
    "capital": ((9, 10, 11), True, False, False, 0, DARK),
    "town": ((8, 8, 9), False, False, False, 0, RULE),
    "settlement": ((7, 7.5, 8.5), False, False, False, 0, GREY),
    "site": ((8, 8, 9), False, False, False, 0, RULE),
    "water": ((8, 9, 9), False, True, False, 100, "#83A4C1"),
}
_MARKERS = {
    "capital": (7.0, 8.0, 9.0),
    "town": (4.0, 5.0, 5.5),
    "settlement": (2.5, 3.2, 3.6),
    "site": (5.5, 6.5, 7.0),
}


@dataclass(frozen=True, slots=True)
class Symbology:
    """The guideline's column for one paper: ``step`` 0 for A5, 1 for A4, 2 for A3."""

    step: int

    @classmethod
    def for_paper(cls, paper: Paper) -> "Symbology":
        """Return the sizes for a sheet, by its longer side."""
        longer = max(paper.width, paper.height)
        return cls(0 if longer <= 215 else 1 if longer <= 300 else 2)

    def _pick(self, sizes: tuple[float, float, float]) -> float:
        return sizes[self.step]

    @property
    def note(self) -> float:
        """Size of the smallest text, pt: notes, legend, figures."""
        return self._pick((6, 7, 8))

    @property
    def heading(self) -> float:
        """Size of the situation's name, pt."""
        return self._pick((9, 12, 15))

    @property
    def title(self) -> float:
        """Size of the map's title, pt."""
        return self._pick((12, 17, 22))

    @property
    def leading(self) -> float:
        """From baseline to baseline of notes, mm."""
        return 1.24 * self.note * POINT

    @property
    def globe(self) -> float:
        """Diameter of the locator globe, mm."""
        return self._pick((15, 20, 26))

    @property
    def legend_column(self) -> float:
        """Width of a legend column, mm."""
        return self._pick((43, 54, 68))

    @property
    def largest_circle(self) -> float:
        """Radius of the circle of the largest value before anything is in its way, mm."""
        return self._pick((7, 10, 14))

    def band_width(self, value: float, maximum: float) -> float:
        """Return a flow's width in mm: linear from a hairline that can still be seen."""
        thin, wide = 0.6, self._pick((4.2, 6.0, 8.0))
        return thin + (wide - thin) * value / maximum

    def line(self, rank: int, status: str) -> PathItem:
        """Return the stroke of a boundary or coast, as an item without a shape."""
        if status == "coast" or rank < 0:
            width, colour = self._pick((0.3, 0.3, 0.5)), COAST
        elif rank == 0:
            width, colour = self._pick((0.7, 1.0, 1.3)), BOUNDARY
        else:
            width, colour = self._pick((0.3, 0.5, 0.8)), BOUNDARY
        dash = _DASHES.get(status, (2, 3) if rank > 1 else ())
        return PathItem(
            Polygon(), stroke=colour, stroke_width=width, dash=dash, role=f"line-{status}"
        )

    def water(self, kind: str, rank: int) -> PathItem:
        """Return the look of a lake or river, as an item without a shape; small rivers are finer."""
        if kind == "lake":
            return PathItem(
                Polygon(),
                fill=WATER,
                stroke=COAST,
                stroke_width=self._pick((0.3, 0.3, 0.5)),
                role="lake",
            )
        main = self._pick((0.5, 0.5, 0.8))
        return PathItem(
            Polygon(), stroke=COAST, stroke_width=main if rank <= 5 else 0.6 * main, role="river"
        )

    def label(self, kind: str, text: str) -> LabelLook:
        """Return how a name of a kind is set; joined scripts are never tracked."""
        sizes, bold, italic, caps, tracking, colour = _LABELS[kind]
        style = TextStyle(self._pick(sizes), bold, italic, 0 if is_rtl(text) else tracking)
        marker = self._pick(_MARKERS[kind]) * POINT / 2 if kind in _MARKERS else 0
        return LabelLook(style, colour, caps, marker)

    def marker(self, kind: str, x: float, y: float) -> tuple[PathItem, ...]:
        """Return the symbol of a capital, town or site at a point in mm."""
        radius = self._pick(_MARKERS[kind]) * POINT / 2
        disc = Point(x, y).buffer(radius, 24)
        role = f"marker-{kind}"
        if kind == "capital":
            star = affinity.translate(_star(0.72 * radius), x, y)
            return (
                PathItem(disc, fill=DARK, stroke=WHITE, stroke_width=0.5, role=role),
                PathItem(star, fill=WHITE),
            )
        if kind == "site":
            tent = Polygon(
                [(x - radius, y + 0.75 * radius), (x, y - radius), (x + radius, y + 0.75 * radius)]
            )
            return (PathItem(tent, fill=RULE, stroke=WHITE, stroke_width=0.6, role=role),)
        return (PathItem(disc, fill=GREY, stroke=WHITE, stroke_width=0.6, role=role),)


def _star(radius: float) -> Polygon:
    """Return a five-pointed star around (0, 0), one point up."""
    tip = Point(0, -radius)
    notch = affinity.rotate(Point(0, -0.4 * radius), 36, origin=(0, 0))
    corners = [
        affinity.rotate(corner, 72 * i, origin=(0, 0)) for i in range(5) for corner in (tip, notch)
    ]
    return Polygon([(corner.x, corner.y) for corner in corners])


def luminance(colour: str) -> float:
    """Return the relative luminance of '#rrggbb', 0 to 1 (WCAG 2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def darkened(colour: str, contrast: float = 4.5) -> str:
    """Return the colour, darkened until it stands out from white by ``contrast`` (WCAG 2).

    >>> darkened("#0072BC"), darkened("#00B398")
    ('#0072BC', '#008672')
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    share = 1.0
    while 1.05 / (luminance(colour) + 0.05) < contrast:
        share -= 0.01
        colour = f"#{round(red * share):02X}{round(green * share):02X}{round(blue * share):02X}"
    return colour


def readable_on(colour: str) -> str:
    """Return white or near-black, whichever is read better on a colour."""
    return WHITE if 1.05 / (luminance(colour) + 0.05) >= 3.6 else DARK


def page_title(scene: Scene) -> str:
    """Return the title of a page as a document."""
    return " – ".join(text for text in (scene.heading, scene.title) if text)
