"""The units of a zoom written once: what lies inside a tile is copied into it and not encoded again.

A vector tile writes a border as steps from point to point. The steps do not depend on the tile; only the
first of a unit does, which counts from the tile's corner.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.mvt_encoding import NUMBERS, varints

__all__ = ["WrittenUnits"]

_BLOCK = 1 << 20  # points that are encoded at a time, which bounds the memory it takes
_MOVE, _CLOSE, _LINE = 9, 15, 2

Polygons = NDArray[np.object_]
Rows = NDArray[np.intp]
Offsets = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WrittenUnits:
    """All units of a zoom as commands without their first points.

    ``start`` (n, 2) are the first points in grid steps, ``begin`` and ``end`` (n,) where the rest of a unit
    lies in ``data``.
    """

    start: NDArray[np.int64]
    begin: Offsets
    end: Offsets
    data: bytes

    @classmethod
    def of(cls, polygons: Polygons) -> "WrittenUnits":
        """Write polygons with integer coordinates, shape (n,), none of them empty."""
        oriented = shapely.orient_polygons(polygons, exterior_cw=False)
        parts, unit_of_part = shapely.get_parts(oriented, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        xy = np.rint(xy).astype(np.int64)
        first = np.concatenate([[0], np.cumsum(np.bincount(ring, minlength=len(rings)))])
        of_unit = np.searchsorted(unit_of_part[part], np.arange(len(polygons) + 1))
        data, head, end = _written(xy, first, of_unit)
        return cls(xy[first[of_unit[:-1]]], head[of_unit[:-1]], end[of_unit[1:] - 1], data)

    def commands(self, units: Rows, corner: NDArray[np.int64]) -> list[bytes]:
        """Return whole units as commands; tile steps count from ``corner``, (k, 2) or one (1, 2)."""
        step = self.start[units] - corner
        step = step << 1 ^ step >> 63  # zigzag
        number, data = NUMBERS, self.data
        return [
            b"\x09" + number[x] + number[y] + data[begin:end]
            for (x, y), begin, end in zip(
                step.tolist(), self.begin[units].tolist(), self.end[units].tolist(), strict=True
            )
        ]


def _written(xy: NDArray[np.int64], first: Rows, of_unit: Rows) -> tuple[bytes, Offsets, Offsets]:
    """Write closed rings; ``first`` (rings + 1,) is where each begins, ``of_unit`` (units + 1,) too.

    Returns the bytes, and for each ring where they go on behind its first point and where they end. The
    first step of a unit is left at 0 and never read.
    """
    head, end = np.empty((2, len(first) - 1), dtype=np.int64)
    alone = np.zeros(len(first) - 1, dtype=bool)
    alone[of_unit[:-1]] = True
    written: list[bytes] = []
    done = 0
    blocks = np.unique(np.searchsorted(first, np.arange(0, len(xy), _BLOCK)))
    for low, high in zip(blocks, [*blocks[1:], len(first) - 1], strict=True):
        begin = first[low:high]
        points = xy[begin[0] : first[high]]
        count = np.diff(first[low : high + 1])
        start = begin - begin[0]
        step = np.diff(points, axis=0, prepend=0)
        pen = np.maximum(begin - 2, 0)  # the last corner drawn, not the one that closes
        step[start] = np.where(alone[low:high, None], 0, points[start] - xy[pen])
        step = step << 1 ^ step >> 63  # zigzag
        # a ring of m corners is MoveTo, dx, dy, LineTo × (m-1), dx, dy, …, ClosePath
        ring = np.repeat(np.arange(high - low), count)
        at = 2 * np.arange(len(points)) + ring + 2
        at[start] -= 1
        last = start + count - 1
        drawn = np.ones(len(points), dtype=bool)
        drawn[last] = False
        numbers = np.empty(2 * len(points) + high - low, dtype=np.uint32)  # a world of zoom 14 fits
        numbers[at[drawn]], numbers[at[drawn] + 1] = step[drawn].T
        numbers[at[start] - 1] = _MOVE
        numbers[at[start] + 2] = count - 2 << 3 | _LINE
        numbers[at[last]] = _CLOSE
        data, offset = varints(numbers)
        head[low:high] = done + offset[at[start] + 2]
        end[low:high] = done + offset[at[last] + 1]
        written.append(data.tobytes())
        done += len(data)
    return b"".join(written), head, end
