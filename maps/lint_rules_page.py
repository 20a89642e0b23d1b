"""Rules over a drawn page: sheet, margins, furniture, scale, type. What is measured is what was drawn."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from shapely.geometry.base import BaseGeometry

from maps.display import Page, PathItem, TextItem
from maps.fonts import harfbuzz_font
from maps.lint_rules import RuleBook, Severity
from maps.scene import Scene
from maps.spec import PAPERS
from maps.symbology import luminance
from maps.text import glyphs, runs

__all__ = ["BOOK", "PageCase"]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_MARGIN, _BOTTOM = 10.0, 5.0  # mm
_SLACK = 0.1  # mm
_SMALL_SHEET = 215.0  # mm: A5
_SCALE = 0.01  # of its length a scale bar may be off
_CONTRAST, _ON_SHAPES = 4.5, 3.5  # near-black or white reach 3.5 at least on any colour
_ASIDE = "…,;()"  # what may stand round a numeral
_UNTURNED = 5.0  # degrees that north may lie from the top without an arrow

BOOK: "RuleBook[PageCase]" = RuleBook()


@dataclass(frozen=True)
class PageCase:
    """A page and the scene it was drawn from."""

    page: Page
    scene: Scene

    def texts(self, *roles: str) -> list[TextItem]:
        """Return the texts that have one of the roles."""
        return [item for item in self.page.texts if item.role in roles]

    def paths(self, *roles: str) -> list[PathItem]:
        """Return the shapes that have one of the roles."""
        return [item for item in self.page.paths if item.role in roles]

    @property
    def small(self) -> bool:
        """Whether the sheet is an A5."""
        return max(self.page.width, self.page.height) <= _SMALL_SHEET

    @property
    def single(self) -> bool:
        """Whether the page is one map, and not panels or a table."""
        return not self.scene.panels and self.scene.matrix is None

    @cached_property
    def frame(self) -> tuple[float, float, float, float] | None:
        """The map's outline, mm; None where there is none, or several."""
        outlines = self.paths("frame")
        return tuple(outlines[0].geometry.bounds) if len(outlines) == 1 else None

    @cached_property
    def metres_per_mm(self) -> float | None:
        """Ground per millimetre at the frame's centre, measured from areas drawn whole.

        None where no area is: nothing to measure by.
        """
        measured = _placement(self)
        if measured is None or self.frame is None:
            return None
        from pyproj import Geod, Transformer

        per_mm, east, north = measured
        x0, y0, x1, y1 = self.frame
        to_degrees = Transformer.from_crs(self.scene.projection, "EPSG:4326", always_xy=True)
        ends = [
            to_degrees.transform(east + per_mm * x, north - per_mm * (y0 + y1) / 2)
            for x in ((x0 + x1) / 2 - 5, (x0 + x1) / 2 + 5)
        ]
        return float(Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2]) / 10


def _placement(case: PageCase) -> tuple[float, float, float] | None:
    """Return projected metres per mm, and the projected position of the page's corner."""
    from pyproj import CRS, Transformer
    from shapely import transform

    if not CRS.from_user_input(case.scene.projection).is_projected:
        return None
    to_page = Transformer.from_crs("EPSG:4326", case.scene.projection, always_xy=True)

    def project(shape: BaseGeometry) -> BaseGeometry:
        return transform(shape, lambda p: np.stack(to_page.transform(p[:, 0], p[:, 1]), axis=1))

    drawn = {item.role: item.geometry for item in case.page.paths}
    areas = [(f"area-{fill.pcode}", fill.geometry) for fill in case.scene.fills]
    areas += [("focus", area.geometry) for area in case.scene.context if area.role == "focus"]
    found = []
    for role, shape in areas:
        if role not in drawn or drawn[role].is_empty:
            continue
        x0, y0, x1, y1 = drawn[role].bounds
        west, south, east, north = project(shape).bounds
        if min(x1 - x0, y1 - y0) < 4:  # mm: too small to measure by
            continue
        across, down = (east - west) / (x1 - x0), (north - south) / (y1 - y0)
        if abs(across / down - 1) < 0.004:  # drawn whole: cut at the frame it would not agree
            found.append((across, west - across * x0, north + across * y0))
    return max(found, key=lambda each: -each[0], default=None)


# --- sheet and furniture ----------------------------------------------------------------------------


@BOOK.rule(
    "sheet-not-exact",
    ERROR,
    point=1,
    why="A page that is not exactly a sheet is scaled by the printer, and its scale bar is false.",
    fix="Draw on one of the known sheets.",
    binding=True,
)
def _exact_sheet(case: PageCase) -> Iterator[str]:
    page = case.page
    if not any(
        abs(page.width - p.width) <= _SLACK and abs(page.height - p.height) <= _SLACK
        for p in PAPERS.values()
    ):
        yield f"the page is {page.width:g} × {page.height:g} mm"


@BOOK.rule(
    "margin-crossed",
    ERROR,
    point=1,
    why="What lies in the margin is cut off by most printers.",
    fix="Shorten the text, or choose a larger sheet.",
)
def _within_margins(case: PageCase) -> Iterator[str]:
    width, height = case.page.width, case.page.height
    for item in case.page.texts:
        x0, y0, x1, y1 = item.box
        if (
            x0 < _MARGIN - _SLACK
            or x1 > width - _MARGIN + _SLACK
            or y0 < _BOTTOM - _SLACK
            or y1 > height - _BOTTOM + 0.5
        ):
            yield f"“{item.text[:40]}” runs into the margin"
    if case.frame:
        x0, y0, x1, y1 = case.frame
        if abs(x0 - _MARGIN) > _SLACK or abs(x1 - (width - _MARGIN)) > _SLACK:
            yield f"the map lies from {x0:.1f} to {x1:.1f} mm, margins are {_MARGIN:g} mm"


@BOOK.rule(
    "page-without-title",
    ERROR,
    point=2,
    why="A print without its title block is an unsigned picture.",
    fix="Draw the title block.",
    binding=True,
)
def _has_title_block(case: PageCase) -> Iterator[str]:
    for role in ("heading", "title", "as-of"):
        if not case.texts(role):
            yield f"the {role} is not on the page"


@BOOK.rule(
    "page-without-notes",
    ERROR,
    point=4,
    why="Sources, date and disclaimers travel with the print, or they do not travel.",
    fix="Draw the notes.",
    binding=True,
)
def _has_notes(case: PageCase) -> Iterator[str]:
    words = " ".join(item.text for item in case.page.texts)
    together = " ".join(words.split())
    scene = case.scene
    for name, texts in (
        ("disclaimer", scene.disclaimers),
        ("source", scene.sources),
        ("footnote", scene.footnotes),
        ("day of making", (scene.created_text,)),
        ("contact", (scene.contact,)),
    ):
        for text in texts:
            if text.strip() and " ".join(text.split()) not in together:
                yield f"a {name} is not on the page: “{text[:60]}”"


@BOOK.rule(
    "disclaimer-not-italic",
    WARNING,
    point=3,
    why="The guideline sets disclaimers apart by italics: they are not notes about the figures.",
    fix="Set disclaimers in italics.",
)
def _italic_disclaimers(case: PageCase) -> Iterator[str]:
    upright = [item for item in case.texts("disclaimer") if not item.style.italic]
    if upright and case.page.lang != "ar":  # Arabic type has no italics
        yield f"“{upright[0].text[:40]}” is set upright"


@BOOK.rule(
    "scale-bar-missing",
    ERROR,
    point=6,
    why="Without a scale a day's drive and an hour's look alike.",
    fix="Draw the scale bar.",
    binding=True,
)
def _has_scale(case: PageCase) -> Iterator[str]:
    if case.scene.matrix is not None:  # a table has no scale
        return
    if not case.paths("scale-bar") or not case.texts("scale"):
        yield "there is no scale bar with its label"


@BOOK.rule(
    "scale-bar-untrue",
    ERROR,
    point=6,
    why="Distances on a print are measured with the scale bar; one that is off is worse than none.",
    fix="Make it a round length, true within 1 % at the centre of the map.",
    binding=True,
)
def _true_scale(case: PageCase) -> Iterator[str]:
    for bar in case.paths("scale-bar"):
        if not bar.value:
            yield "the scale bar has no length"
            continue
        if bar.value / 10 ** math.floor(math.log10(bar.value)) not in (1, 2, 5):
            yield f"{bar.value / 1000:g} km is not round"
        if case.metres_per_mm:
            off = bar.value / bar.geometry.length / case.metres_per_mm - 1
            if abs(off) > _SCALE:
                yield f"the scale bar is {off:+.1%} off at the centre of the map"
        for label in case.texts("scale"):
            digits = "".join(c for c in label.text if c.isdecimal())
            if digits and int(digits) not in (round(bar.value / 1000), round(bar.value)):
                yield f"{bar.value / 1000:g} km is labelled “{label.text}”"


@BOOK.rule(
    "globe-missing",
    ERROR,
    point=7,
    why="Not every reader knows where the country lies.",
    fix="Draw the locator globe with the country in red.",
)
def _has_globe(case: PageCase) -> Iterator[str]:
    if case.scene.matrix is not None:
        return
    if case.scene.focus and not any(
        not item.geometry.is_empty for item in case.paths("globe-focus")
    ):
        yield "no globe marks the country"


@BOOK.rule(
    "north-arrow",
    ERROR,
    point=8,
    why="An arrow that points up says nothing and takes room; a map turned without one misleads.",
    fix="Draw an arrow exactly where north is not up.",
)
def _north(case: PageCase) -> Iterator[str]:
    turned = _turned(case)
    if turned is None:
        return
    if abs(turned) > _UNTURNED and not case.paths("north-arrow"):
        yield f"north lies {turned:.0f} degrees from the top, and no arrow says so"
    if abs(turned) <= _UNTURNED and case.paths("north-arrow"):
        yield "north is up, and an arrow says so"


def _turned(case: PageCase) -> float | None:
    """Return by how many degrees north lies from the page's top amid what the map is about."""
    from pyproj import CRS, Transformer

    if not CRS.from_user_input(case.scene.projection).is_projected:
        return None
    west, south, east, north = case.scene.bbox
    lon, lat = (west + east) / 2, (south + north) / 2
    to_page = Transformer.from_crs("EPSG:4326", case.scene.projection, always_xy=True)
    (x0, y0), (x1, y1) = to_page.transform(lon, lat - 0.2), to_page.transform(lon, lat + 0.2)
    return math.degrees(math.atan2(x1 - x0, y1 - y0))


@BOOK.rule(
    "ground-colours",
    ERROR,
    point=11,
    why="The country in question is lighter than its neighbours, and water is blue: readers rely on it.",
    fix="Use the symbology's colours for ground.",
)
def _ground_colours(case: PageCase) -> Iterator[str]:
    def fills(role: str) -> list[str]:
        return [item.fill for item in case.paths(role) if item.fill]

    for focus in fills("focus")[:1]:
        for neighbour in fills("neighbour")[:1]:
            if luminance(focus) <= luminance(neighbour):
                yield f"the country ({focus}) is not lighter than its neighbours ({neighbour})"
    for water in [*fills("water")[:1], *fills("lake")[:1]]:
        red, _, blue = (int(water[i : i + 2], 16) for i in (1, 3, 5))
        if blue <= red:
            yield f"water is {water}"


@BOOK.rule(
    "boundary-ranks",
    ERROR,
    point=9,
    why="The weight of a line is the only sign of a border's rank.",
    fix="Draw international borders heavier than regions', and those heavier than districts'.",
)
def _line_weights(case: PageCase) -> Iterator[str]:
    widths: dict[int, float] = {}
    for item in case.page.paths:
        if item.role.startswith("line-") and item.role.split("-")[1].isdigit():
            rank = int(item.role.split("-")[1])
            widths[rank] = max(widths.get(rank, 0), item.stroke_width)
    ranks = sorted(widths)
    for above, below in pairwise(ranks):
        if widths[above] < widths[below] or (above == 0 and widths[above] == widths[below]):
            yield f"lines of level {above} are not heavier than those of level {below}"


@BOOK.rule(
    "disputed-line-solid",
    ERROR,
    point=10,
    why="A solid line says that a border is agreed.",
    fix="Draw disputed and undetermined borders dashed or dotted.",
    binding=True,
)
def _dashed(case: PageCase) -> Iterator[str]:
    unsettled = ("disputed", "undetermined", "line_of_control")
    for item in case.page.paths:
        if item.role.startswith("line-") and item.role.endswith(unsettled) and not item.dash:
            yield f"{item.role.split('-', 2)[2]} boundaries are drawn solid"


@BOOK.rule(
    "key-not-on-page",
    ERROR,
    point=26,
    why="Who finds a line in the legend looks for it on the map, and who finds it on the map, here.",
    fix="Explain the classes of boundary in the frame, and no others.",
)
def _keys_seen(case: PageCase) -> Iterator[str]:
    if not case.single:
        return
    explained = " ".join(" ".join(item.text for item in case.texts("legend")).split())
    drawn = {
        item.role.split("-", 2)[2]
        for item in case.page.paths
        if item.role.startswith("line-") and not item.geometry.is_empty
    }
    for status, label in case.scene.line_keys:
        if status not in drawn and label in explained:
            yield f"no line of this page is “{label}”"
        if status in drawn and label not in explained:
            yield f"the page has a “{label}” that its legend does not explain"


# --- type -------------------------------------------------------------------------------------------


@BOOK.rule(
    "text-too-small",
    ERROR,
    point=21,
    why="Under 7 points (6 on A5) a print is not read in a tent, nor by anybody over fifty.",
    fix="Use a larger sheet, or fewer words.",
    binding=True,
)
def _legible(case: PageCase) -> Iterator[str]:
    least = 6 if case.small else 7
    for item in case.page.texts:
        if item.style.size < least:
            yield f"“{item.text[:40]}” is {item.style.size:g} pt, under {least}"


@BOOK.rule(
    "text-contrast",
    ERROR,
    point=22,
    why="Grey on grey is not read in sunlight, nor by weak eyes.",
    fix="Darken the text, or give it a halo.",
)
def _contrast(case: PageCase) -> Iterator[str]:
    panels = case.paths("panel")
    circles = [item for item in case.page.paths if item.role.startswith("circle-")]
    for item in case.page.texts:
        if item.halo:
            continue
        ground, least = "#FFFFFF", _CONTRAST
        if not any(_inside(item, panel) for panel in panels) and _on_map(case, item):
            beneath = [circle for circle in circles if _inside(item, circle)]
            if not beneath or not beneath[-1].fill:
                continue
            ground, least = beneath[-1].fill, _ON_SHAPES
        found = _ratio(item.colour, ground)
        if found < least:
            yield f"“{item.text[:40]}” stands out {found:.1f} to 1, under {least:g}"


def _ratio(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _on_map(case: PageCase, item: TextItem) -> bool:
    if not case.frame:
        return False
    x0, y0, x1, y1 = case.frame
    return x0 <= item.left and item.left + item.width <= x1 and y0 <= item.y <= y1


def _inside(item: TextItem, shape: PathItem) -> bool:
    from shapely import Point

    return bool(shape.geometry.contains(Point(item.left + item.width / 2, item.y - 0.6)))


@BOOK.rule(
    "glyph-missing",
    ERROR,
    point=23,
    why="A letter that the font lacks prints as an empty box; a name is then not that name.",
    fix="Write the name in letters of the Latin or Arabic script.",
)
def _drawable(case: PageCase) -> Iterator[str]:
    for item in case.page.texts:
        for run in runs(item.text, item.style):
            if any(glyph.id == 0 for glyph in glyphs(run.text, run.face, run.direction)[0]):
                lacking = [c for c in run.text if not _has(c, run.face)]
                yield f"“{item.text[:40]}”: no letter for {' '.join(dict.fromkeys(lacking))}"
                break


def _has(char: str, face: object) -> bool:
    return bool(harfbuzz_font(face).get_nominal_glyph(ord(char)))


@BOOK.rule(
    "words-not-the-scene's",
    ERROR,
    point=25,
    why="A numeral on a map that is in none of its figures is an error nobody can find later.",
    fix="Draw the scene's own words and nothing else.",
    binding=True,
)
def _numerals_trace(case: PageCase) -> Iterator[str]:
    known = _words_of(case.scene)
    for item in case.page.texts:
        if item.role in ("scale", "axis") or not any(c.isdecimal() for c in item.text):
            continue
        for word in item.text.split():
            if any(c.isdecimal() for c in word) and word.strip(_ASIDE) not in known:
                yield f"“{word}” in “{item.text[:40]}” comes from nowhere"


def _words_of(scene: Scene) -> set[str]:
    """Return every word of a scene: what the page may say."""
    parts = [str(mark.count) for mark in scene.presence]
    stack: list[object] = [
        getattr(scene, name)
        for name in scene.__dataclass_fields__
        if name not in ("context", "lines", "world", "water", "metadata", "highlight", "logos")
    ]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            parts.append(each)
        elif isinstance(each, tuple):
            stack += each
        elif isinstance(each, int | float) or each is None:
            continue
        elif hasattr(each, "__dataclass_fields__"):
            stack += [getattr(each, name) for name in each.__dataclass_fields__]
    return {word.strip(_ASIDE) for part in parts for word in (*part.split(), *part.upper().split())}
