"""Rules over a page's sheet: margins, furniture, scale, ground and lines. What is measured is what was drawn."""

import math
from collections.abc import Iterator
from itertools import pairwise

from maps.lint_rules import RuleBook, Severity
from maps.page_case import PageCase
from maps.spec import PAPERS
from maps.symbology import luminance

__all__ = ["BOOK"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING

_MARGIN, _BOTTOM = 10.0, 5.0  # mm
_SLACK = 0.1  # mm
_SCALE = 0.01  # of its length a scale bar may be off
_UNTURNED = 5.0  # degrees that north may lie from the top without an arrow

BOOK: RuleBook[PageCase] = RuleBook()


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
