"""A tile of units is constant bytes, then values: a new figure changes the end and nothing before it.

Layout of the layer ``units``. Feature i of a tile has the tags ``pcode`` → 2i, ``name`` → 2i+1 and,
for the k-th of K spliced columns, key 2+k → 2n + i·K + k, where n is the number of features. No value
is shared between features and every row of a `ValueTable` is equally long, so the features, their
lengths and the layer's length depend on the tile and on the table's shape alone. The same holds for
the deflated bytes: the constant ones are deflated once, up to a whole byte, and a request deflates its
values behind them.
"""

import functools
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.mvt_encoding import NUMBERS, key_messages, layer_header, varint
from maps.value_table import ValueTable

__all__ = [
    "CONSTANT_KEYS",
    "NOTHING",
    "KeptBytes",
    "PreparedTile",
    "UnitShapes",
    "no_units",
    "prepared",
    "splice",
    "splice_gzip",
]

CONSTANT_KEYS = ("pcode", "name")
_HEADER = layer_header("units")
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time: the same bytes every time
_HARD, _FAST = 6, 1  # deflate: once per tile, and once per request


@dataclass(frozen=True, eq=False, slots=True)
class UnitShapes:
    """The units of a tile as encoded geometry: ``index`` (n,) into the level, ascending.

    ``ends`` (n + 1,) cuts ``commands`` into the geometry of each unit.
    """

    index: NDArray[np.intp]
    ends: NDArray[np.int64]
    commands: bytes


@dataclass(frozen=True, eq=False)
class KeptBytes:
    """What follows the values of a tile and seldom changes: its other layers."""

    plain: bytes

    @functools.cached_property
    def packed(self) -> bytes:
        """Return the end of a deflate stream that says the same."""
        packer = zlib.compressobj(_HARD, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.plain) + packer.flush()


NOTHING = KeptBytes(b"")


@dataclass(frozen=True, eq=False)
class PreparedTile:
    """What of a tile no value changes. ``head`` is empty, as ``index`` is, where no unit lies.

    ``index`` (n,) are the units' places in a `ValueTable` whose ``shape`` is ``shape``.
    """

    head: bytes
    index: NDArray[np.intp]
    shape: tuple[tuple[str, ...], int]

    @functools.cached_property
    def packed(self) -> bytes:
        """Return a gzip header and the deflated head, ending on a whole byte."""
        packer = zlib.compressobj(_HARD, zlib.DEFLATED, -zlib.MAX_WBITS)
        return _GZIP_HEADER + packer.compress(self.head) + packer.flush(zlib.Z_FULL_FLUSH)

    @functools.cached_property
    def crc(self) -> int:
        """Return the CRC-32 of the head."""
        return zlib.crc32(self.head)

    def __len__(self) -> int:
        return len(self.index)


def prepared(
    shapes: UnitShapes, texts: Sequence[bytes], shape: tuple[tuple[str, ...], int]
) -> PreparedTile:
    """Write the constant bytes of a tile for tables of a ``shape``: columns, width of a row.

    ``texts`` holds, for every unit of the level, its constant values as messages.
    """
    columns, width = shape
    n, constant, spliced = len(shapes.index), len(CONSTANT_KEYS), len(columns)
    if not n:
        return no_units(shape)
    number, tagged = NUMBERS, _CONSTANT_TAGS
    keys = [number[key] for key in range(constant, constant + spliced)]
    ends, commands = shapes.ends.tolist(), shapes.commands
    parts = [_HEADER]
    value = n * constant
    for i, unit in enumerate(shapes.index.tolist()):
        tags = tagged[i]
        for key in keys:
            tags += key + number[value]
            value += 1
        geometry = commands[ends[i] : ends[i + 1]]
        before = b"\x08%b\x12%b%b\x18\x03\x22%b" % (
            number[unit],
            number[len(tags)],
            tags,
            number[len(geometry)],
        )
        parts += (b"\x12", number[len(before) + len(geometry)], before, geometry)
    parts.append(_keys(columns))
    parts += [texts[unit] for unit in shapes.index.tolist()]
    body = b"".join(parts)
    return PreparedTile(b"\x1a" + varint(len(body) + n * width) + body, shapes.index, shape)


class _ConstantTags(dict[int, bytes]):
    """Tags of the constant values of a tile's i-th feature; the same in every tile."""

    def __missing__(self, i: int) -> bytes:
        first = i * len(CONSTANT_KEYS)
        self[i] = b"".join(NUMBERS[key] + NUMBERS[first + key] for key in range(len(CONSTANT_KEYS)))
        return self[i]


_CONSTANT_TAGS = _ConstantTags()


@functools.lru_cache(maxsize=256)
def _keys(columns: tuple[str, ...]) -> bytes:
    return key_messages((*CONSTANT_KEYS, *columns))


def no_units(shape: tuple[tuple[str, ...], int]) -> PreparedTile:
    """Return a tile in which no unit lies."""
    return PreparedTile(b"", np.empty(0, dtype=np.intp), shape)


def splice(tile: PreparedTile, table: ValueTable) -> bytes:
    """Return the layer ``units`` of a tile with the values of a table; empty where no unit lies.

    ``table`` must have the shape the tile was prepared for.
    """
    return tile.head + table.gathered(tile.index) if tile.head else b""


def splice_gzip(tile: PreparedTile, table: ValueTable, after: KeptBytes = NOTHING) -> bytes:
    """Return ``splice(tile, table) + after.plain`` as gzip, deflating the values alone."""
    if not tile.head:
        values, packed, crc = b"", _GZIP_HEADER, 0
    else:
        values, crc = table.gathered(tile.index), tile.crc
        packer = zlib.compressobj(_FAST, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = tile.packed + packer.compress(values) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(after.plain, zlib.crc32(values, crc))
    size = len(tile.head) + len(values) + len(after.plain)
    return b"".join((packed, after.packed, struct.pack("<II", crc, size & 0xFFFFFFFF)))
