"""From a Scene to the bytes of a file, one function for the command line and the API alike."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from service.errors import NoSuchFormat

if TYPE_CHECKING:
    from maps.scene import Scene
    from maps.spec import MapSpec

__all__ = ["DRAWN", "MEDIA_TYPES", "finish", "page_picture", "spec_document"]

DRAWN = ("pdf", "svg", "png", "html")
"""What `sitmap render` draws."""

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}


def page_picture(scene: "Scene", paper: str | None = None) -> str:
    """Draw the page as SVG: what every other form but the words is made from.

    ``paper`` is a key of ``maps.spec.PAPERS``, None for the map's own.
    """
    from maps.page import draw_page
    from maps.spec import PAPERS
    from maps.svg import page_svg

    return page_svg(draw_page(scene, PAPERS[paper] if paper else None))


def finish(
    scene: "Scene", svg: str, form: str, *, width: int | None = None, link_base: str = ""
) -> bytes:
    """Return a drawn page (see `page_picture`) as the bytes of one of ``DRAWN``.

    ``width`` is in pixels and speaks for PNG alone; None is 200 dots per inch. ``link_base`` is
    where the HTML page finds the map's other forms; "" for a page that stands alone.
    """
    if form == "svg":
        return svg.encode()
    if form == "png":
        from maps.png import svg_png

        return svg_png(svg, width=width)
    if form == "pdf":
        from maps.pdf import svg_pdf

        return svg_pdf(svg)
    if form == "html":
        from maps.html import scene_html

        return scene_html(scene, link_base=link_base, picture_svg=svg).encode()
    raise NoSuchFormat(known=DRAWN)


def spec_document(spec: "MapSpec") -> dict[str, object]:
    """Return a map's specification as plain JSON values, as `situation.toml` would say it."""
    document = asdict(spec)
    document["as_of"] = spec.as_of and spec.as_of.isoformat()
    for layer in document["layers"]:
        layer["date"] = layer["date"] and layer["date"].isoformat()
    return document
