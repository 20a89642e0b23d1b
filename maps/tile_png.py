"""Picture tiles: a map's fills and boundaries, anti-aliased, transparent where the map is silent.

The pixels of a tile are made once (`maps.tile_pixels`); a map, or another day of it, only gives them
colours. Where 256 blends do, that is a palette of 1 kB before bytes that never change; else the blends
are looked up and deflated anew. Colours are mixed with their alpha, so that edges carry no dark fringe
and a pixel inside a unit has its colour exactly.
"""

import struct
import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from maps.scene import Scene
from maps.tile_address import check_tile
from maps.tile_geometry import TileGeometry
from maps.tile_pixels import PALETTE, PictureLines, Size, TilePixels, picture_lines, tile_pixels

__all__ = ["Paint", "map_tile_png", "painted_tile", "png_bytes", "scene_paint"]

_LINE_COLOUR = (0xA8, 0xAA, 0xAD, 255)
_QUICK = 2  # deflate, where pixels are deflated at every request

Colours = NDArray[np.uint8]


@dataclass(eq=False)
class Paint:
    """The colours of a map: ``rgba`` (units + 2, 4), of nothing, of every unit and of a line."""

    scene: Scene
    rgba: Colours

    @cached_property
    def lines(self) -> PictureLines:
        """Return the lines of the map."""
        return picture_lines(self.scene)

    @cached_property
    def drawn(self) -> NDArray[np.bool_]:
        """Return which units have a colour, shape (units,)."""
        return np.asarray(self.rgba[1:-1, 3] > 0)

    @cached_property
    def key(self) -> tuple[int, int]:
        """Return what the pixels depend on: which units are drawn, and the lines."""
        return hash(self.drawn.tobytes()), self.lines.key

    @cached_property
    def weighted(self) -> NDArray[np.float64]:
        """Return the colours times their alpha, and the alpha, shape (units + 2, 4)."""
        colours = self.rgba.astype(np.float64)
        colours[:, :3] *= colours[:, 3:]
        return colours


def scene_paint(scene: Scene, geometry: TileGeometry) -> Paint:
    """Gather the colours of a map for the units of a geometry; kept while the geometry is in use."""
    return geometry.memory.kept(("paint", id(scene)), lambda: _paint(scene, geometry))


def _paint(scene: Scene, geometry: TileGeometry) -> Paint:
    place = {pcode: i for i, pcode in enumerate(geometry.pcodes, start=1)}
    rgba = np.zeros((len(place) + 2, 4), dtype=np.uint8)
    for fill in scene.fills:
        if fill.pcode in place:
            rgba[place[fill.pcode]] = (*bytes.fromhex(fill.colour.removeprefix("#")), 255)
    rgba[-1] = _LINE_COLOUR
    return Paint(scene, rgba)  # holds the scene, so that no other can have its id


def map_tile_png(
    scene: Scene, geometry: TileGeometry, z: int, x: int, y: int, *, size: Size = 256
) -> bytes:
    """Return a tile of a map's choropleth as a PNG of ``size`` × ``size`` pixels.

    The same input gives the same bytes. Raises `NoSuchTile` outside the world.
    """
    check_tile(z, x, y)
    return painted_tile(scene_paint(scene, geometry), geometry, z, x, y, size=size)


def painted_tile(
    paint: Paint, geometry: TileGeometry, z: int, x: int, y: int, *, size: Size = 256
) -> bytes:
    """Return a picture tile in the colours of ``paint``. Raises `NoSuchTile` outside the world."""
    check_tile(z, x, y)
    pixels = geometry.memory.kept(
        ("pixels", z, x, y, size, paint.key),
        lambda: tile_pixels(geometry.at(z), x, y, drawn=paint.drawn, lines=paint.lines, size=size),
    )
    colours = _colours(pixels, paint)
    if pixels.fits:
        return _indexed(size, size, colours, pixels.rows)
    packed = colours.view(np.uint32)[:, 0]
    there, place = np.unique(packed, return_inverse=True)
    if len(there) > PALETTE:
        return png_bytes(colours[pixels.blends()])
    rows = np.zeros((size, size + 1), dtype=np.uint8)
    rows[:, 1:] = place.astype(np.uint8)[pixels.blends()]
    data = zlib.compress(rows.tobytes(), _QUICK)
    return _indexed(size, size, there.view(np.uint8).reshape(-1, 4), data)


def _colours(pixels: TilePixels, paint: Paint) -> Colours:
    """Mix the colour of every blend, shape (n, 4)."""
    part = pixels.part[:, None]
    mixed = paint.weighted[pixels.one] * part + paint.weighted[pixels.other] * (1 - part)
    mixed[:, :3] /= np.maximum(mixed[:, 3:], 1e-9)
    return np.rint(mixed).astype(np.uint8)


def png_bytes(pixels: Colours) -> bytes:
    """Write RGBA pixels, shape (height, width, 4), as a PNG: with a palette where 256 colours do.

    >>> png_bytes(np.zeros((1, 1, 4), dtype=np.uint8))[:4]
    b'\\x89PNG'
    """
    height, width, _ = pixels.shape
    packed = np.ascontiguousarray(pixels).view(np.uint32).reshape(height, width)
    colours, place = np.unique(packed, return_inverse=True)
    unfiltered = np.zeros((height, 1), dtype=np.uint8)  # each row says "no filter" first
    if len(colours) <= PALETTE:
        rows = np.hstack([unfiltered, place.reshape(height, width).astype(np.uint8)])
        data = zlib.compress(rows.tobytes(), 6)
        return _indexed(width, height, colours.view(np.uint8).reshape(-1, 4), data)
    rows = np.hstack([unfiltered, pixels.reshape(height, width * 4)])
    return _png(width, height, 6, zlib.compress(rows.tobytes(), 6))


def _indexed(width: int, height: int, colours: Colours, data: bytes) -> bytes:
    palette = _chunk(b"PLTE", colours[:, :3].tobytes()) + _chunk(b"tRNS", colours[:, 3].tobytes())
    return _png(width, height, 3, data, palette)


def _png(width: int, height: int, kind: int, data: bytes, palette: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            palette,
            _chunk(b"IDAT", data),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
