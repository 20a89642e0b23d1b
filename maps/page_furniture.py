"""What every page has around its middle: titles above, notes below, the publisher's corner.

A page of one map, of several, or of a table fills `Furniture.frame`; `finished` puts all together
and mirrors it where the language is read from right to left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from maps.display import Box, ImageItem, Item, Layer, Page, TextItem, mirrored
from maps.imprint_page import imprint_items
from maps.marginalia import MARGIN, footer, title_block
from maps.scene import Scene
from maps.spec import Paper
from maps.symbology import Symbology, page_title

__all__ = ["Furniture", "finished", "furniture", "placed"]


@dataclass(frozen=True, eq=False)
class Furniture:
    """Titles and notes, drawn for reading from left to right; ``frame`` is left for the middle (mm)."""

    head: tuple[Item, ...]
    foot: tuple[Item, ...]
    images: tuple[ImageItem, ...]
    frame: Box


def furniture(scene: Scene, paper: Paper, symbology: Symbology) -> Furniture:
    """Return what stands around the middle of a page."""
    head, top = title_block(scene, paper, symbology)
    date_line = max((each.y for each in head if isinstance(each, TextItem)), default=top - 3.5)
    reference, logos = imprint_items(scene, paper, symbology, left=MARGIN, bottom=date_line)
    foot, bottom = footer(scene, paper, symbology)
    frame = (MARGIN, top, paper.width - MARGIN, bottom)
    return Furniture((*head, *reference), tuple(foot), logos, frame)


def placed(items: Sequence[Item], scene: Scene, paper: Paper) -> tuple[Item, ...]:
    """Return items where the scene's direction of reading puts them."""
    return mirrored(items, paper.width) if scene.direction == "rtl" else tuple(items)


def finished(scene: Scene, paper: Paper, around: Furniture, layers: Iterable[Layer]) -> Page:
    """Return the page: the layers of its middle, lowest first, then titles and notes."""
    rtl = scene.direction == "rtl"
    every = [
        *layers,
        Layer("titles", placed(around.head, scene, paper)),
        Layer("notes", placed(around.foot, scene, paper)),
    ]
    return Page(
        width=paper.width,
        height=paper.height,
        layers=tuple(layer for layer in every if layer.items),
        title=page_title(scene),
        description=scene.alt_text,
        lang=scene.lang,
        direction=scene.direction,
        images=tuple(
            replace(each, x=paper.width - each.x - each.width) if rtl else each
            for each in around.images
        ),
    )
