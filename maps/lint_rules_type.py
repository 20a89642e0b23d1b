"""Rules over a page's words: large enough, dark enough, every letter there, and none but the scene's own."""

from collections.abc import Iterator

from maps.display import PathItem, TextItem
from maps.fonts import harfbuzz_font
from maps.lint_rules import RuleBook, Severity
from maps.page_case import PageCase
from maps.scene import Scene
from maps.symbology import luminance
from maps.text import glyphs, runs

__all__ = ["BOOK"]

ERROR = Severity.ERROR

_CONTRAST, _ON_SHAPES = 4.5, 3.5  # near-black or white reach 3.5 at least on any colour
_ASIDE = "…,;()"  # what may stand round a numeral

BOOK: RuleBook[PageCase] = RuleBook()


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
