"""A scene as a notebook shows it: the printed page as a picture, with its description in words."""

import base64
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maps.scene import Scene

__all__ = ["scene_image"]


def scene_image(scene: "Scene", *, width: int = 1100) -> str:
    """Return an HTML image of the scene's page, ``width`` pixels wide.

    The picture is drawn with the program's own fonts, so that it looks the same everywhere.
    """
    from maps.page import draw_page
    from maps.png import svg_png
    from maps.svg import page_svg

    picture = svg_png(page_svg(draw_page(scene)), width=2 * width)
    address = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    return f'<img width="{width}" alt="{escape(scene.alt_text, quote=True)}" src="{address}">'
