"""The typefaces of paper: bundled files only, so that a map looks the same on every machine.

Lato for Latin, Greek and Cyrillic; Noto Sans Arabic for Arabic. A face is always named by family
and weight: where a renderer falls back by itself it forgets the weight.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["ARABIC", "FONT_DIRECTORY", "LATIN", "Face", "face_of", "font_files", "harfbuzz_font"]

FONT_DIRECTORY = Path(__file__).parent / "assets" / "fonts"
LATIN, ARABIC = "Lato", "Noto Sans Arabic"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. ``key`` is short and unique: it names glyphs in an SVG."""

    key: str
    family: str
    bold: bool
    italic: bool
    file: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FONT_DIRECTORY / self.file


_FACES = (
    Face("r", LATIN, False, False, "Lato-Regular.ttf"),
    Face("b", LATIN, True, False, "Lato-Bold.ttf"),
    Face("i", LATIN, False, True, "Lato-Italic.ttf"),
    Face("bi", LATIN, True, True, "Lato-BoldItalic.ttf"),
    Face("a", ARABIC, False, False, "NotoSansArabic-Regular.ttf"),
    Face("ab", ARABIC, True, False, "NotoSansArabic-Bold.ttf"),
)


def font_files() -> tuple[Path, ...]:
    """Return every bundled font file."""
    return tuple(face.path for face in _FACES)


def face_of(family: str, *, bold: bool = False, italic: bool = False) -> Face:
    """Return the face of a family; Arabic has no italic and stays upright.

    >>> face_of(ARABIC, bold=True, italic=True).file
    'NotoSansArabic-Bold.ttf'
    """
    italic = italic and family == LATIN
    return next(f for f in _FACES if (f.family, f.bold, f.italic) == (family, bold, italic))


@cache
def harfbuzz_font(face: Face) -> Any:
    """Return the face as a HarfBuzz font, in font units (`.face.upem` to the em)."""
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(face.path))))
