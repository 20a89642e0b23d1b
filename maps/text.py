"""How wide text is and where it breaks: measured with the very fonts that draw it, in millimetres.

A line is cut into runs of one face and one direction, placed from the left by us. Renderers then
only shape a run, and none reorders: SVG viewers disagree about bidirectional text, runs do not.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby

from maps.bidi import CONTROLS, Direction, is_rtl, levels
from maps.fonts import ARABIC, LATIN, Face, face_of, harfbuzz_font

__all__ = [
    "CAP_HEIGHT",
    "POINT",
    "Direction",
    "Glyph",
    "Run",
    "TextStyle",
    "facing",
    "glyph_outline",
    "glyphs",
    "is_rtl",
    "runs",
    "text_width",
    "wrap",
]

POINT = 25.4 / 72  # mm
CAP_HEIGHT = 0.72  # of the size: how far capitals and figures of Lato rise above the baseline

_BREAKS = re.compile(r"[ \t\n]+")
_WITH_LETTERS = ("R", "AL", "NSM")


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text is set. ``size`` in points; ``tracking`` in thousandths of the size.

    ``base`` is the direction of the paragraph that a line was cut from; None is that of the line.
    """

    size: float
    bold: bool = False
    italic: bool = False
    tracking: float = 0
    base: Direction | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one face and direction. ``x`` and ``width`` in mm, from the left end of its line."""

    text: str
    face: Face
    direction: Direction
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a run; ``x`` and ``y`` in font units from the run's left end, y up."""

    id: int
    x: float
    y: float


def facing(style: TextStyle, text: str) -> TextStyle:
    """Return the style for lines cut from a paragraph, so that all run in its direction."""
    return replace(style, base="rtl" if is_rtl(text) else "ltr")


@cache
def _has_glyph(face: Face, char: str) -> bool:
    return bool(harfbuzz_font(face).get_nominal_glyph(ord(char)))


def _family(char: str, level: int) -> str:
    return ARABIC if level == 1 and _has_glyph(face_of(ARABIC), char) else LATIN


@lru_cache(8192)
def runs(text: str, style: TextStyle) -> tuple[Run, ...]:
    """Cut a line into runs, in reading order, each placed from the line's left end.

    >>> [run.text for run in runs("حالة 2017", TextStyle(8))]
    ['حالة', ' ', '2017']
    >>> arabic, _, year = runs("حالة 2017", TextStyle(8))
    >>> year.x < arabic.x
    True
    """
    if not text:
        return ()
    drawn = [
        (char, level)
        for char, level in zip(text, levels(text, style.base), strict=True)
        if char not in CONTROLS
    ]
    text = "".join(char for char, _ in drawn)
    keyed = [(level, _family(char, level)) for char, level in drawn]
    pieces: list[tuple[int, Face, str]] = []
    start = 0
    for (level, family), group in groupby(keyed):
        size = len(list(group))
        face = face_of(family, bold=style.bold, italic=style.italic)
        pieces += [(level, face, piece) for piece in _cores(text[start : start + size], level)]
        start += size
    order = list(range(len(pieces)))
    for level in (2, 1):  # UAX 9, rule L2: reverse what lies at this level or above
        order = _reversed_at(order, [piece[0] for piece in pieces], level)
    widths = [_run_width(piece[2], piece[1], _way(piece[0]), style) for piece in pieces]
    lefts, x = [0.0] * len(pieces), 0.0
    for i in order:
        lefts[i] = x
        x += widths[i]
    return tuple(
        Run(text, face, _way(level), left, width)
        for (level, face, text), left, width in zip(pieces, lefts, widths, strict=True)
    )


def _cores(text: str, level: int) -> list[str]:
    """Cut the neutrals off both ends of right-to-left text: renderers lay a lone run from the left,
    which leaves a full stop on the wrong side."""
    if level % 2 == 0:
        return [text]
    strong = [i for i, c in enumerate(text) if unicodedata.bidirectional(c) in _WITH_LETTERS]
    if not strong:
        return [text]
    start, stop = strong[0], strong[-1] + 1
    return [piece for piece in (text[:start], text[start:stop], text[stop:]) if piece]


def _way(level: int) -> Direction:
    return "rtl" if level % 2 else "ltr"


def _reversed_at(order: list[int], levels: list[int], level: int) -> list[int]:
    out: list[int] = []
    for high, group in groupby(order, key=lambda i: levels[i] >= level):
        members = list(group)
        out += members[::-1] if high else members
    return out


@lru_cache(8192)
def glyphs(text: str, face: Face, direction: Direction) -> tuple[tuple[Glyph, ...], float]:
    """Shape a run; return its glyphs from the left and its advance, in font units."""
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.direction = direction
    buffer.guess_segment_properties()
    uharfbuzz.shape(harfbuzz_font(face), buffer)
    placed, x = [], 0.0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        placed.append(Glyph(info.codepoint, x + position.x_offset, position.y_offset))
        x += position.x_advance
    return tuple(placed), x


def _run_width(text: str, face: Face, direction: Direction, style: TextStyle) -> float:
    _, advance = glyphs(text, face, direction)
    ems = advance / harfbuzz_font(face).face.upem + len(text) * style.tracking / 1000
    return float(ems * style.size * POINT)


def text_width(text: str, style: TextStyle) -> float:
    """Return the width of a line in mm, without the space tracked after its last letter.

    >>> round(text_width("Mangaïzé", TextStyle(10)), 1)
    14.8
    """
    tail = style.tracking / 1000 * style.size * POINT if text else 0
    return sum(run.width for run in runs(text, style)) - tail


def wrap(text: str, style: TextStyle, width: float) -> list[str]:
    """Break a text at spaces into lines of at most ``width`` mm; a longer word stands alone.

    Spaces that do not break (as in 36 690) do not.
    """
    lines: list[str] = []
    for word in _BREAKS.split(text.strip()):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def glyph_outline(face: Face, glyph: int) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Return a glyph's outline as SVG path commands with their coordinates, in font units, y up."""
    import uharfbuzz

    steps: list[tuple[str, tuple[float, ...]]] = []
    funcs = uharfbuzz.DrawFuncs()
    funcs.set_move_to_func(lambda x, y, _: steps.append(("M", (x, y))))
    funcs.set_line_to_func(lambda x, y, _: steps.append(("L", (x, y))))
    funcs.set_quadratic_to_func(lambda a, b, x, y, _: steps.append(("Q", (a, b, x, y))))
    funcs.set_cubic_to_func(lambda a, b, c, d, x, y, _: steps.append(("C", (a, b, c, d, x, y))))
    funcs.set_close_path_func(lambda _: steps.append(("Z", ())))
    harfbuzz_font(face).draw_glyph(glyph, funcs, None)
    return tuple(steps)
