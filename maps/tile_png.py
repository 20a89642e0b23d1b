"""Picture tiles: a map's fills and boundaries, anti-aliased, transparent where the map is silent.

Each pixel is the mean of 4 × 4 samples, mixed with alpha, so that edges carry no dark fringe and a
pixel inside a unit has its colour exactly.
"""

import struct
import zlib
from typing import Any, Literal

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from maps.scene import Scene
from maps.tile_address import EXTENT, check_tile, to_world
from maps.tile_geometry import TileGeometry

__all__ = ["map_tile_png", "png_bytes"]

_SAMPLES = 4  # per pixel and direction
_LINE_COLOUR = (0xA8, 0xAA, 0xAD, 255)
_LINE_WIDTH = {0: 1.6}  # CSS pixels by rank; all others are thinner
_THIN_LINE = 0.8
_DASH = (5.0, 4.0)  # CSS pixels drawn and left out, for a line that is not agreed

Colours = NDArray[np.uint8]


def map_tile_png(
    scene: Scene, geometry: TileGeometry, z: int, x: int, y: int, *, size: Literal[256, 512] = 256
) -> bytes:
    """Return a tile of a map's choropleth as a PNG of ``size`` × ``size`` pixels.

    The same input gives the same bytes. Raises `NoSuchTile` outside the world.
    """
    from rasterio import Affine  # GDAL: only who draws pictures pays for loading it
    from rasterio.features import rasterize

    check_tile(z, x, y)
    shapes, palette = _painted(scene, geometry, (z, x, y), size)
    fine = size * _SAMPLES
    if not shapes:
        return png_bytes(np.zeros((size, size, 4), dtype=np.uint8))
    painted = rasterize(
        shapes,
        out_shape=(fine, fine),
        transform=Affine(EXTENT / fine, 0, 0, 0, EXTENT / fine, 0),  # y down: row 0 is y = 0
        fill=0,
        dtype="uint16",
    )
    return png_bytes(_averaged(painted, palette, size))


def _painted(
    scene: Scene, geometry: TileGeometry, address: tuple[int, int, int], size: int
) -> tuple[list[tuple[Any, int]], Colours]:
    """Return shapes in tile steps, each with its place in the palette; place 0 is "nothing"."""
    z, x, y = address
    colours: dict[tuple[int, int, int, int], int] = {(0, 0, 0, 0): 0}
    corner = np.array([x, y], dtype=np.float64) * EXTENT

    def place_of(colour: tuple[int, int, int, int]) -> int:
        return colours.setdefault(colour, len(colours))

    fills = {fill.pcode: fill for fill in scene.fills}
    whole = geometry.at(z)
    shapes: list[tuple[Any, int]] = []
    for unit in whole.within(x, y, buffer=0).tolist():
        fill = fills.get(geometry.pcodes[unit])
        if fill is not None:
            polygon = shapely.transform(whole.polygons[unit], lambda xy: xy - corner)
            shapes.append((polygon, place_of(_rgba(fill.colour))))
    per_pixel = EXTENT / size
    line_place = place_of(_LINE_COLOUR)
    reach = 4 * per_pixel
    for line in sorted(scene.lines, key=lambda line: -line.rank):
        if line.status == "coast":
            continue
        track = shapely.transform(
            line.geometry, lambda degrees: to_world(degrees) * (EXTENT * 2**z) - corner
        )
        track = shapely.clip_by_rect(track, -reach, -reach, EXTENT + reach, EXTENT + reach)
        if track.length:
            if line.status != "agreed":
                track = _dashed(track, *(part * per_pixel for part in _DASH))
            width = _LINE_WIDTH.get(line.rank, _THIN_LINE) * per_pixel
            shapes.append((shapely.buffer(track, width / 2, quad_segs=4), line_place))
    return shapes, np.array(list(colours), dtype=np.uint8)


def _dashed(track: Any, drawn: float, left_out: float) -> Any:
    pieces = []
    for part in shapely.get_parts(shapely.line_merge(track)):
        starts = np.arange(0, part.length, drawn + left_out)
        pieces += [
            shapely.ops.substring(part, start, min(start + drawn, part.length)) for start in starts
        ]
    return shapely.geometrycollections(pieces)


def _averaged(painted: NDArray[np.uint16], palette: Colours, size: int) -> Colours:
    """Average samples to pixels; colours count by their alpha."""
    alpha = palette[:, 3:].astype(np.uint32)
    weighted = np.hstack([palette[:, :3].astype(np.uint32) * alpha, alpha])
    blocks = painted.reshape(size, _SAMPLES, size, _SAMPLES)
    total = np.zeros((size, size, 4), dtype=np.uint32)
    for row in range(_SAMPLES):
        for column in range(_SAMPLES):
            total += weighted[blocks[:, row, :, column]]
    weight = np.maximum(total[..., 3:], 1)
    mean = (total[..., :3] + weight // 2) // weight
    opacity = (total[..., 3:] + _SAMPLES**2 // 2) // _SAMPLES**2
    return np.concatenate([mean, opacity], axis=2).astype(np.uint8)


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, 255


def png_bytes(pixels: Colours) -> bytes:
    """Write RGBA pixels, shape (height, width, 4), as a PNG: with a palette where 256 colours do.

    >>> png_bytes(np.zeros((1, 1, 4), dtype=np.uint8))[:4]
    b'\\x89PNG'
    """
    height, width, _ = pixels.shape
    packed = np.ascontiguousarray(pixels).view(np.uint32).reshape(height, width)
    colours, place = np.unique(packed, return_inverse=True)
    chunks = []
    if len(colours) <= 256:
        rgba = colours.view(np.uint8).reshape(-1, 4)
        kind, rows = 3, place.reshape(height, width).astype(np.uint8)
        chunks = [_chunk(b"PLTE", rgba[:, :3].tobytes()), _chunk(b"tRNS", rgba[:, 3].tobytes())]
    else:
        kind, rows = 6, pixels.reshape(height, width * 4)
    unfiltered = np.zeros((height, 1), dtype=np.uint8)  # each row says "no filter" first
    data = zlib.compress(np.hstack([unfiltered, rows]).tobytes(), 6)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            *chunks,
            _chunk(b"IDAT", data),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
