"""An SVG as a PDF page, by svg2pdf: text stays text, fonts are embedded as subsets. Same SVG, same bytes.

The page has the SVG's size in points (PDF/A, tagged PDF and CMYK are not offered).
"""

from functools import cache
from typing import Any

from maps.fonts import font_files
from maps.pdf_tidy import tidy

__all__ = ["svg_pdf"]


@cache
def _font_database() -> Any:
    import svg2pdf_py

    database = svg2pdf_py.FontDatabase()
    for path in font_files():
        database.load_font_file(str(path))
    return database


def svg_pdf(svg: str) -> bytes:
    """Return a one-page PDF of an SVG whose width and height are in points."""
    import svg2pdf_py

    return tidy(bytes(svg2pdf_py.svg_to_pdf(svg, _font_database())))
