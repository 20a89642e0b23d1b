"""From a Scene to the bytes of a file, one function for the command line and the API alike."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from service.errors import NoSuchFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maps.scene import Scene
    from maps.spec import MapSpec
    from service.published import Published

__all__ = [
    "DRAWN",
    "MEDIA_TYPES",
    "file_name",
    "finish",
    "page_picture",
    "scenes_of",
    "spec_document",
]

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


def scenes_of(
    published: "Published", map_id: str, lang: str, atlas: int | None = None
) -> "Iterator[tuple[str, Scene]]":
    """Yield what is drawn of a map: the whole as ("", scene), or (P-code, page) of an atlas."""
    if atlas is None:
        yield "", published.scene(map_id, lang)
        return
    for page in published.atlas(map_id, atlas, lang):
        yield page.pcode, page.scene


def file_name(
    spec: "MapSpec", scene: "Scene", form: str, *, paper: str | None = None, unit: str = ""
) -> str:
    """Return how a drawn map's file is called, as the situation's imprint asks for.

    Plain: ``situation.fr.pdf``, of an atlas ``situation-ML07.pdf``. OCHA's way (Field Map
    Production and Dissemination, 2009): ``number_map_paper_yyyymmdd``, of the day it was made; a
    map without a number has the situation's id in its place.
    """
    name = f"{spec.id}-{unit}" if unit else spec.id
    suffix = form if scene.lang == "en" else f"{scene.lang}.{form}"
    if spec.imprint.file_names == "plain":
        return f"{name}.{suffix}"
    number = (spec.imprint.number or scene.situation).replace("/", "-")
    return f"{number}_{name}_{paper or spec.paper}_{scene.created:%Y%m%d}.{suffix}"


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
    for logo in document["imprint"]["logos"]:
        del logo["data"]
    for layer in document["layers"]:
        layer["date"] = layer["date"] and layer["date"].isoformat()
        layer["dates"] = [day.isoformat() for day in layer["dates"]]
    return document
