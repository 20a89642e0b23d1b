"""A publisher's logos: read once, checked, and carried as bytes. A logo that could run or load is refused.

Taken are PNG, and SVG that only draws: no script, no event handler, no style sheet, no text that
would need a font, and no address of anything outside the file.
"""

import base64
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from maps.imprint import Logo
from service.errors import BadLogo

if TYPE_CHECKING:
    from maps.imprint import MediaType

__all__ = ["LARGEST", "read_logo"]

LARGEST = 200_000  # bytes: it stands on every page
_WIDEST = 8.0  # width to height, and the other way round
_SVG = "{http://www.w3.org/2000/svg}"
_DRAWS = frozenset(
    (
        *("svg", "g", "defs", "use", "symbol", "title", "desc", "metadata"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern"),
    )
)
_NUMBER = re.compile(r"^\s*([0-9.]+)\s*(?:px|pt|mm|cm|in)?\s*$")
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|javascript:|expression\(|@import", re.IGNORECASE)


def read_logo(path: Path) -> Logo:
    """Read a PNG or SVG file.

    Raises
    ------
    BadLogo
        There is no such file, it is neither PNG nor SVG, too large, or an SVG that does more than
        draw.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadLogo(
            path, why=why, todo="Put the file into the folder, or correct its name."
        ) from None
    if len(content) > LARGEST:
        raise BadLogo(
            path,
            why=f"it has {len(content):,} bytes; at most {LARGEST:,} are taken",
            todo="Save it smaller: it is printed 14 mm high.",
        )
    kind: MediaType
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        kind, (width, height) = "image/png", _png_size(content, path)
    else:
        kind, (width, height) = "image/svg+xml", _svg_size(content, path)
    if not 1 / _WIDEST <= width / height <= _WIDEST:
        raise BadLogo(
            path,
            why=f"it is {width:g} wide and {height:g} high",
            todo=f"Use one at most {_WIDEST:g} times as wide as high.",
        )
    return Logo(path.name, kind, base64.b64encode(content).decode(), width, height)


def _png_size(content: bytes, path: Path) -> tuple[float, float]:
    if len(content) < 33 or content[12:16] != b"IHDR" or b"IEND" not in content[-16:]:
        raise BadLogo(path, why="the PNG file is cut short", todo="Save it again.")
    width, height = struct.unpack(">II", content[16:24])
    if not (width and height):
        raise BadLogo(path, why="the picture has no pixels", todo="Save it again.")
    return float(width), float(height)


def _svg_size(content: bytes, path: Path) -> tuple[float, float]:
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise BadLogo(
            path, why="it is neither PNG nor well-formed SVG", todo="Save it as PNG or plain SVG."
        ) from None
    if root.tag != f"{_SVG}svg":
        raise BadLogo(path, why="it is XML, but no SVG", todo="Save it as PNG or plain SVG.")
    for element in root.iter():
        if why := _does_more(element):
            raise BadLogo(path, why=why, todo="Save it as plain SVG with shapes only, or as PNG.")
    box = (root.get("viewBox") or "").replace(",", " ").split()
    try:
        if len(box) == 4:
            width, height = float(box[2]), float(box[3])
        else:
            width, height = (
                float(found.group(1)) if (found := _NUMBER.match(root.get(side) or "")) else 0.0
                for side in ("width", "height")
            )
    except ValueError:
        width = height = 0.0
    if not (width > 0 and height > 0):
        raise BadLogo(path, why="the SVG does not say its size", todo="Give it a viewBox.")
    return width, height


def _does_more(element: Element) -> str:
    """Say what an element does beside drawing; "" where it only draws."""
    if element.tag.startswith("{") and not element.tag.startswith(_SVG):
        return ""  # an editor's notes: nothing that draws or runs reads them
    name = element.tag.removeprefix(_SVG)
    if name not in _DRAWS:
        return f"it has an element <{name[:30]}>"
    attributes = {key.rpartition("}")[2].lower(): value for key, value in element.attrib.items()}
    for key, value in attributes.items():
        if key.startswith("on"):
            return f"it has an event handler {key[:20]!r}"
        outside = key == "href" and not value.lstrip().startswith("#")
        if outside or _OUTSIDE.search(value):
            return "it refers to something outside itself"
    return ""
