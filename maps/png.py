"""An SVG as a picture, by resvg with the bundled fonts alone: same SVG, same bytes."""

import re

from maps.fonts import font_files

__all__ = ["svg_png"]

_WIDTH = re.compile(r'<svg[^>]*? width="([0-9.]+)"')
_POINTS_PER_INCH = 72


def svg_png(svg: str, *, dpi: float = 200.0, width: int | None = None) -> bytes:
    """Return a PNG of an SVG whose width and height are in points.

    ``width`` in pixels sets the size instead of ``dpi``; the height follows.
    """
    import resvg_py

    found = _WIDTH.search(svg)
    if found is None:
        raise ValueError("the SVG states no width in points")
    points = float(found.group(1))
    zoom = (width / points) if width else dpi / _POINTS_PER_INCH
    png: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        skip_system_fonts=True,
        font_files=[str(path) for path in font_files()],
    )
    return bytes(png)
