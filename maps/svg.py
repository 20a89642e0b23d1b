"""A page as SVG: the master that PNG and PDF are made from. Same page, same bytes.

User units are millimetres; width and height are in points, because svg2pdf reads a pixel as a
point. Only the elements and attributes written here occur; every text is escaped and stripped of
control characters. Halos are outlines of the glyphs, drawn apart from the text: a stroked text
would be written twice into a PDF and found twice by a search.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from html import escape

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from maps.display import ImageItem, Layer, Page, PathItem, TextItem
from maps.fonts import Face, harfbuzz_font
from maps.text import POINT, Run, glyph_outline, glyphs, is_rtl, runs, text_width

__all__ = ["page_svg", "path_data", "safe_text"]

_DECIMALS = 2  # hundredths of a millimetre: 0.03 pt, finer than any press
_FINE_DECIMALS = 3  # for bands: their width is to be measured back within 1 %
_HALO_WIDTH = 0.22  # of the text's size, half of it outside the letter
_HALO_OPACITY = 0.85
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe_text(text: str) -> str:
    """Escape a text for markup and quoted attributes; characters that XML forbids are dropped.

    >>> safe_text('<img onerror="x">\\x00')
    '&lt;img onerror=&quot;x&quot;&gt;'
    """
    return escape(_NOT_XML.sub("", text), quote=True)


def page_svg(page: Page) -> str:
    """Return the page as a standalone SVG document, its texts as text."""
    width, height = _number(page.width), _number(page.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width / POINT:.3f}" '
        f'height="{page.height / POINT:.3f}" viewBox="0 0 {width} {height}" '
        f'role="img" lang="{safe_text(page.lang)}" aria-labelledby="title desc">',
        f'<title id="title">{safe_text(page.title)}</title>',
        f'<desc id="desc">{safe_text(page.description)}</desc>',
        f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>',
        *(_layer(layer) for layer in page.layers),
        *(_image(image) for image in page.images),
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def _number(value: float, decimals: int = _DECIMALS) -> str:
    """Write a length without needless digits.

    >>> _number(12.0), _number(-0.004), _number(3.14159)
    ('12', '0', '3.14')
    """
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def _layer(layer: Layer) -> str:
    """Write a group: shapes and texts in order, but halos under every text of the layer."""
    halos = [
        _turned(item, _halo(item))
        for item in layer.items
        if isinstance(item, TextItem) and item.halo
    ]
    shapes = [item for item in layer.items if isinstance(item, PathItem)]
    texts = [item for item in layer.items if isinstance(item, TextItem)]
    body: list[str] = [_path(item) for item in shapes]
    if halos:
        body.append(
            f'<g opacity="{_HALO_OPACITY}" fill="none" stroke-linejoin="round">{"".join(halos)}</g>'
        )
    body += [_turned(item, _text(item)) for item in texts]
    body = [line for line in body if line]
    return "\n".join([f'<g id="{safe_text(layer.id)}">', *body, "</g>"]) if body else ""


def _turned(item: TextItem, written: str) -> str:
    """Turn a text that is read from below."""
    if not item.upwards or not written:
        return written
    return f'<g transform="rotate(-90 {_number(item.x)} {_number(item.y)})">{written}</g>'


def _image(item: ImageItem) -> str:
    """Write a picture; as an image it is drawn and nothing in it can run."""
    box = (
        f'x="{_number(item.x)}" y="{_number(item.y)}" '
        f'width="{_number(item.width)}" height="{_number(item.height)}"'
    )
    return f'<image {box} href="{safe_text(item.address)}"/>'


# --- shapes ---------------------------------------------------------------------------------------


def _path(item: PathItem) -> str:
    data = path_data(item.geometry, _FINE_DECIMALS if item.role == "flow" else _DECIMALS)
    if not data:
        return ""
    attributes = [f'd="{data}"']
    if item.fill:
        attributes.append(f'fill="{item.fill}" fill-rule="evenodd"')
    else:
        attributes.append('fill="none"')
    if item.stroke:
        attributes.append(f'stroke="{item.stroke}" stroke-width="{item.stroke_width * POINT:.3f}"')
        attributes.append('stroke-linejoin="round"')
    if item.dash:
        dash = " ".join(_number(length * POINT) for length in item.dash)
        attributes.append(f'stroke-dasharray="{dash}"')
        if item.dash[0] < 0.1:
            attributes.append('stroke-linecap="round"')
    if item.opacity < 1:
        attributes.append(f'opacity="{_number(item.opacity)}"')
    return f"<path {' '.join(attributes)}/>"


def path_data(geometry: BaseGeometry, decimals: int = _DECIMALS) -> str:
    """Return SVG path data of polygons and lines, rounded; points and empty parts leave nothing."""
    return "".join(_subpaths(geometry, decimals))


def _subpaths(geometry: BaseGeometry, decimals: int) -> Iterable[str]:
    for part in shapely.get_parts(geometry):
        if part.geom_type in ("MultiPolygon", "MultiLineString", "GeometryCollection"):
            yield from _subpaths(part, decimals)
        elif part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield _polyline(shapely.get_coordinates(ring)[:-1], decimals, closed=True)
        elif part.geom_type == "LinearRing":
            yield _polyline(shapely.get_coordinates(part)[:-1], decimals, closed=True)
        elif part.geom_type == "LineString":
            yield _polyline(shapely.get_coordinates(part), decimals, closed=False)


def _polyline(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float64]], decimals: int, *, closed: bool
) -> str:
    points = np.round(points, decimals)
    kept = points[np.append(True, (np.diff(points, axis=0) != 0).any(1))]
    if len(kept) < (3 if closed else 2):
        return ""
    pattern = "M%.10g %.10g" + "L%.10g %.10g" * (len(kept) - 1) + ("Z" if closed else "")
    return pattern % tuple((kept + 0.0).ravel().tolist())  # + 0.0: there is no -0 on a page


# --- text -----------------------------------------------------------------------------------------


def _text(item: TextItem) -> str:
    pieces = runs(item.text, item.style)
    if not pieces:
        return ""
    size = f'font-size="{item.style.size * POINT:.3f}"'
    colour = f'fill="{item.colour}"'
    if item.style.tracking:
        return _tracked(item, f"{size} {colour}", pieces[0])
    if len(pieces) == 1:
        anchor = "" if item.anchor == "start" else f' text-anchor="{item.anchor}"'
        place = f'x="{_number(item.x)}" y="{_number(item.y)}"{anchor}'
        face = _font(pieces[0].face)
        return f"<text {place} {size} {colour} {face}>{safe_text(pieces[0].text)}</text>"
    spans = "".join(_span(run, item) for run in pieces)
    return f'<text y="{_number(item.y)}" {size} {colour}>{spans}</text>'


def _tracked(item: TextItem, common: str, run: Run) -> str:
    """Draw wide-set letters as outlines, over the unseen word as text.

    A PDF knows no letter-spacing: set wide as text, a country is found as "M A L I".
    """
    plain = text_width(item.text, replace(item.style, tracking=0))
    stretch = item.width / plain if plain else 1
    place = f"translate({_number(item.left)} {_number(item.y)}) scale({stretch:.4f} 1)"
    letters = f'<path d="{_letters(item)}" fill="{item.colour}"/>'
    word = f'<text transform="{place}" {common} fill-opacity="0" {_font(run.face)}>'
    return f"{letters}{word}{safe_text(run.text)}</text>"


def _span(run: Run, item: TextItem) -> str:
    """Write one run where it stands; the spaces at its ends are in its place, not in its text."""
    text = run.text.strip()
    if not text:
        return safe_text(run.text)
    before = run.text if run.direction == "rtl" else run.text[::-1]
    skipped = runs(before[len(before.rstrip()) :], item.style)
    x = item.left + run.x + sum(space.width for space in skipped)
    override = ""
    if run.direction == "rtl" and not is_rtl(text):
        # Renderers see no direction in a bracket that stands alone: write what is to be seen.
        text = text[::-1].translate(_MIRRORED)
        override = ' direction="ltr" unicode-bidi="bidi-override"'
    return f'<tspan x="{_number(x)}" {_font(run.face)}{override}>{safe_text(text)}</tspan>'


def _font(face: Face) -> str:
    weight = ' font-weight="700"' if face.bold else ""
    style = ' font-style="italic"' if face.italic else ""
    return f'font-family="{face.family}"{weight}{style}'


def _halo(item: TextItem) -> str:
    """Write the outline of a text's glyphs as one thick line in the halo's colour.

    It is wide enough to meet itself inside the letters, which need no fill of their own.
    """
    width = _number(_HALO_WIDTH * item.style.size * POINT)
    return f'<path d="{_letters(item, coarse=True)}" stroke="{item.halo}" stroke-width="{width}"/>'


def _letters(item: TextItem, *, coarse: bool = False) -> str:
    """Return the outlines of a text's glyphs on the page, as path data; ``coarse`` without curves."""
    size = item.style.size * POINT
    track = size * item.style.tracking / 1000
    data = []
    for run in runs(item.text, item.style):
        scale = size / harfbuzz_font(run.face).face.upem
        for i, glyph in enumerate(glyphs(run.text, run.face, run.direction)[0]):
            x = item.left + run.x + glyph.x * scale + i * track
            y = item.y - glyph.y * scale
            outline = _outline(run.face, glyph.id, scale, coarse=coarse)
            data.append(f"M{_number(x)} {_number(y)}{outline}" if outline else "")
    return "".join(data)


@lru_cache(8192)
def _outline(face: Face, glyph: int, scale: float, *, coarse: bool) -> str:
    """Return a glyph's outline as path data from wherever it stands, each step from the one before.

    Every corner is rounded from the letter's own origin, so that errors do not add up.
    """
    out = []
    here, begun = (0.0, 0.0), (0.0, 0.0)
    for step, numbers in glyph_outline(face, glyph):
        if step == "Z":
            out.append("z")
            here = begun
            continue
        straight = coarse and step in "QC"  # a chord is as good under a thick line
        kept = numbers[-2:] if straight else numbers
        corners = [
            (round(x * scale, _DECIMALS), round(-y * scale, _DECIMALS))
            for x, y in zip(kept[::2], kept[1::2], strict=True)
        ]
        way = " ".join(f"{_number(x - here[0])} {_number(y - here[1])}" for x, y in corners)
        out.append(("l" if straight else step.lower()) + way)
        here = corners[-1]
        begun = here if step == "M" else begun
    return "".join(out)
