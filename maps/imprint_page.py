"""The publisher's corner of a page: logos top left, and under them the map's numbers.

Drawn for reading from left to right; the page mirrors positions for Arabic, pictures never.
"""

from maps.display import ImageItem, TextItem
from maps.scene import Scene
from maps.spec import Paper
from maps.symbology import GREY, Symbology
from maps.text import TextStyle, facing, text_width, wrap

__all__ = ["imprint_items", "logo_room"]

_TOP, _HIGH = 7.0, 14.0  # mm: the guideline's height of a logo
_BETWEEN = 4.0
_WIDEST = 70.0  # mm of all logos together; beyond, they are drawn smaller
_LEAST = 40.0


def _row(scene: Scene, height: float) -> tuple[float, float]:
    """Return height and width in mm of the row of logos."""
    gaps = _BETWEEN * (len(scene.logos) - 1)
    wide = sum(height * logo.width / logo.height for logo in scene.logos)
    if wide + gaps > _WIDEST:
        height *= (_WIDEST - gaps) / wide
        wide = _WIDEST - gaps
    return height, wide + gaps


def logo_room(scene: Scene) -> float:
    """Return how many mm beside the titles are the publisher's."""
    if not scene.logos:
        return _LEAST
    return max(_LEAST, _row(scene, _HIGH)[1] + _BETWEEN)


def imprint_items(
    scene: Scene, paper: Paper, symbology: Symbology, *, left: float, bottom: float
) -> tuple[list[TextItem], tuple[ImageItem, ...]]:
    """Return the reference, its last baseline at ``bottom`` (mm), and the logos over it."""
    style = facing(TextStyle(symbology.note), scene.reference)
    half = paper.width / 2 - left  # on one line it stands beside the date, which is short
    room = half if text_width(scene.reference, style) <= half else logo_room(scene)
    lines = [line for line in wrap(scene.reference, style, room) if line]
    step = symbology.leading
    baseline = bottom - step * (len(lines) - 1)
    texts = [
        TextItem(line, left, baseline + i * step, style, GREY, role="reference")
        for i, line in enumerate(lines)
    ]
    if not scene.logos:
        return texts, ()
    floor = (texts[0].box[1] - 1.2) if texts else bottom
    height, _ = _row(scene, min(_HIGH, floor - _TOP))
    images = []
    x = left
    for logo in scene.logos:
        width = height * logo.width / logo.height
        images.append(ImageItem(logo.address, x, floor - height, width, height, logo.name))
        x += width + _BETWEEN
    return texts, tuple(images)
