"""The pixels of a picture tile without their colours: which two things each shows, and how much of either.

A pixel is the mean of 4 × 4 samples. It is kept as a blend of two things, a unit, a boundary line or
nothing, since a third in one pixel is rarely seen: under a line the larger unit stands for all. What
blends there are is a palette; where 256 do, a new set of colours changes the palette alone and the
deflated pixels stay as they are.
"""

import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from maps.scene import Scene
from maps.tile_address import EXTENT, to_world
from maps.tile_clip import ZoomGeometry, cut_tiles

__all__ = ["NOTHING", "PALETTE", "PictureLines", "TilePixels", "picture_lines", "tile_pixels"]

PALETTE = 256
NOTHING = 0
"""The number of "nothing there"; unit i is i + 1, and a line comes after the last unit."""

_SAMPLES = 4  # per pixel and direction
_ALL = _SAMPLES**2
_STEPS = (16, 8, 4)  # of a blend: as fine as a palette of 256 allows
_PLAIN_STEPS = 8  # where no palette does
_LINE_WIDTH = {0: 1.6}  # CSS pixels by rank; all others are thinner
_THIN_LINE = 0.8
_DASH = (5.0, 4.0)  # CSS pixels drawn and left out, for a line that is not agreed

Size = Literal[256, 512]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PictureLines:
    """The boundary lines of a map in world units: ``shapes`` (n,), how wide, and which are dashed.

    ``key`` tells lines apart; equal lines have equal keys.
    """

    key: int
    shapes: NDArray[np.object_]
    width: NDArray[np.float64]
    dashed: NDArray[np.bool_]
    tree: shapely.STRtree


@dataclass(frozen=True, eq=False, slots=True)
class TilePixels:
    """Blends (n,): ``part`` of ``one`` and the rest of ``other``, and the pixels that show them.

    ``rows`` are the deflated rows of a PNG: one byte per pixel where ``n`` is at most `PALETTE`,
    else the numbers of the blends, four bytes each and no row starts.
    """

    size: int
    one: Numbers
    other: Numbers
    part: NDArray[np.float64]
    rows: bytes

    @property
    def fits(self) -> bool:
        """Whether a palette holds all blends."""
        return len(self.one) <= PALETTE

    def blends(self) -> NDArray[np.uint32]:
        """Return the number of every pixel's blend, shape (size, size), where no palette holds them."""
        flat = np.frombuffer(zlib.decompress(self.rows), dtype=np.uint32)
        return flat.reshape(self.size, self.size)


def picture_lines(scene: Scene) -> PictureLines:
    """Gather the lines of a map; coasts are the edge of the fills and need none."""
    lines = [line for line in scene.lines if line.status != "coast"]
    shapes = np.array([line.geometry for line in lines], dtype=object)
    said = tuple((line.rank, line.status, shapely.to_wkb(line.geometry)) for line in lines)
    world = np.asarray(shapely.transform(shapes, to_world), dtype=object)
    return PictureLines(
        key=hash(said),
        shapes=world,
        width=np.array([_LINE_WIDTH.get(line.rank, _THIN_LINE) for line in lines]),
        dashed=np.array([line.status != "agreed" for line in lines], dtype=bool),
        tree=shapely.STRtree(world),
    )


def tile_pixels(
    whole: ZoomGeometry,
    x: int,
    y: int,
    *,
    drawn: NDArray[np.bool_],
    lines: PictureLines,
    size: Size,
) -> TilePixels:
    """Rasterise a tile of a zoom: the units that are drawn (units,), and the lines over them."""
    from rasterio import Affine  # GDAL: only who draws pictures pays for loading it
    from rasterio.features import rasterize

    (unit,), polygons = cut_tiles(whole, [(x, y)])
    shown = drawn[unit] & ~shapely.is_empty(polygons)
    unit, polygons = unit[shown], polygons[shown]
    line = len(whole.polygons) + 1
    shapes = list(zip(polygons, (unit + 1).tolist(), strict=True))
    shapes += [(track, line) for track in _tracks(lines, whole.zoom, x, y, EXTENT / size)]
    fine = size * _SAMPLES
    samples = np.zeros((fine, fine), dtype=np.int32)
    if shapes:
        rasterize(
            shapes,
            out=samples,
            # y down: row 0 is the tile's first
            transform=Affine(EXTENT / fine, 0, x * EXTENT, 0, EXTENT / fine, y * EXTENT),
        )
    one, other, count = _two_of_each(samples, size, line)
    for steps in _STEPS:
        blends, place = _blended(one, other, count, steps)
        if len(blends) <= PALETTE:
            break
    else:
        blends, place = _blended(one, other, count, _PLAIN_STEPS)
        steps = _PLAIN_STEPS
    if len(blends) <= PALETTE:
        rows = np.zeros((size, size + 1), dtype=np.uint8)  # each row says "no filter" first
        rows[:, 1:] = place.reshape(size, size)
        packed = zlib.compress(rows.tobytes(), 9)
    else:
        packed = zlib.compress(place.astype(np.uint32).tobytes(), 1)
    first, second, weight = blends >> 40, blends >> 8 & 0xFFFFFFFF, blends & 0xFF
    return TilePixels(size, first, second, 1 - weight / steps, packed)


def _tracks(lines: PictureLines, zoom: int, x: int, y: int, pixel: float) -> list[Any]:
    """Return the lines of a tile as areas, in steps of the world; ``pixel`` is a CSS pixel in steps."""
    side = 2.0**-zoom
    reach = 4 * pixel
    edge = reach / EXTENT * side
    box = shapely.box(
        x * side - edge, y * side - edge, (x + 1) * side + edge, (y + 1) * side + edge
    )
    near = np.sort(lines.tree.query(box))
    tracks = shapely.transform(
        shapely.clip_by_rect(lines.shapes[near], *box.bounds), lambda xy: xy * (EXTENT / side)
    )
    areas = []
    for track, width, dashed in zip(tracks, lines.width[near], lines.dashed[near], strict=True):
        if track.length:
            drawn = _dashes(track, *(part * pixel for part in _DASH)) if dashed else track
            areas.append(shapely.buffer(drawn, width * pixel / 2, quad_segs=4))
    return areas


def _dashes(track: Any, drawn: float, left_out: float) -> Any:
    pieces = []
    for part in shapely.get_parts(shapely.line_merge(track)):
        starts = np.arange(0, part.length, drawn + left_out)
        pieces += [
            shapely.ops.substring(part, start, min(start + drawn, part.length)) for start in starts
        ]
    return shapely.geometrycollections(pieces)


def _two_of_each(
    samples: NDArray[np.int32], size: int, line: int
) -> tuple[Numbers, Numbers, Numbers]:
    """Return, for every pixel, the two things it shows and how many of 16 samples are the other's.

    The other is the line where there is one; else the second most frequent.
    """
    blocks = samples.reshape(size, _SAMPLES, size, _SAMPLES)
    least, most = blocks.min(axis=(1, 3)), blocks.max(axis=(1, 3))
    one = least.astype(np.int64).ravel()
    other, count = np.zeros_like(one), np.zeros_like(one)
    mixed = np.flatnonzero((least != most).ravel())
    if not len(mixed):
        return one, other, count
    shown = blocks.swapaxes(1, 2).reshape(size * size, _ALL)[mixed]
    times = np.zeros(shown.shape, dtype=np.int64)
    for sample in range(_ALL):
        times += shown == shown[:, sample, None]
    rows = np.arange(len(mixed))
    on_line = shown == line
    lined = on_line.sum(axis=1)
    first = np.where(on_line, 0, times).argmax(axis=1)
    one[mixed] = shown[rows, first]
    is_first = shown == shown[rows, first, None]
    second = np.where(is_first, 0, times).argmax(axis=1)
    firsts, seconds = times[rows, first], times[rows, second]
    share = np.rint(seconds / (firsts + seconds) * _ALL).astype(np.int64)
    other[mixed] = np.where(lined > 0, line, shown[rows, second])
    count[mixed] = np.where(lined > 0, lined, share)
    return one, other, count


def _blended(one: Numbers, other: Numbers, count: Numbers, steps: int) -> tuple[Numbers, Numbers]:
    """Round blends to some steps; returns each blend once, and the place of every pixel's."""
    weight = np.rint(count * steps / _ALL).astype(np.int64)
    first = np.where(weight == steps, other, one)
    weight[weight == steps] = 0
    second = np.where(weight == 0, NOTHING, other)
    return np.unique(first << 40 | second << 8 | weight, return_inverse=True)
