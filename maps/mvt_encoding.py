"""Bytes of Mapbox Vector Tiles, version 2: integers in, protobuf out, nothing else.

Exterior rings have a positive area by the surveyor's formula in tile steps (y down), holes a
negative one; rings are closed by a command, not by repeating the first point.

References
----------
https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

import functools
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.tile_address import EXTENT

__all__ = [
    "NUMBERS",
    "Feature",
    "Value",
    "encode_layer",
    "feature_message",
    "field",
    "key_messages",
    "layer_header",
    "layer_message",
    "line_commands",
    "point_commands",
    "polygon_commands",
    "value_message",
    "varint",
    "varints",
]

Value = str | float | int
_MOVE_TO_ONE, _LINE_TO = 9, 2
_SMALL = 1 << 14
_POLYGON = 3  # GEOS's number of the type
_KINDS = {"point": 1, "line": 2, "polygon": 3}


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a layer that is encoded as a whole. ``geometry`` is its command bytes."""

    kind: Literal["point", "line", "polygon"]
    geometry: bytes
    attributes: Mapping[str, Value]
    id: int | None = None


def varint(number: int) -> bytes:
    """Encode one non-negative integer.

    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


class _Varints(dict[int, bytes]):
    """Numbers as varints; small ones are written once."""

    def __missing__(self, number: int) -> bytes:
        written = varint(number)
        if number < _SMALL:
            self[number] = written
        return written


NUMBERS = _Varints()
"""Varints by number, to look up what `varint` would write."""


def varints(
    numbers: NDArray[np.int64] | NDArray[np.uint32],
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode non-negative integers below 2^35 one after the other.

    Returns the bytes, and the offsets (n + 1,) at which each number begins.

    >>> data, offset = varints(np.array([1, 300]))
    >>> data.tobytes().hex(), offset.tolist()
    ('01ac02', [0, 1, 3])
    """
    columns = max(1, -(-int(numbers.max(initial=0)).bit_length() // 7))
    shifts = np.arange(0, 7 * columns, 7).astype(numbers.dtype)
    left = np.right_shift(numbers[:, None], shifts)  # what is to be said from each byte on
    said = left > 0
    said[:, 0] = True
    out = (left & 0x7F).astype(np.uint8)
    out[:, :-1] |= said[:, 1:].view(np.uint8) << 7
    offset = np.zeros(len(numbers) + 1, dtype=np.int64)
    np.cumsum(said.sum(axis=1), out=offset[1:])
    return out[said], offset


def field(number: int, payload: bytes) -> bytes:
    """Frame a length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def value_message(value: Value) -> bytes:
    """Encode one entry of a layer's value table: text, double, or small signed integer.

    >>> value_message(1.0).hex()
    '220919000000000000f03f'
    """
    if isinstance(value, str):
        return field(4, field(1, value.encode()))
    if isinstance(value, float):
        return b"\x22\x09\x19" + struct.pack("<d", value)
    return field(4, b"\x30" + varint(value << 1 if value >= 0 else (-value << 1) - 1))


def polygon_commands(
    polygons: NDArray[np.object_], corner: NDArray[np.int64] | None = None
) -> list[bytes]:
    """Encode Polygons and MultiPolygons with integer coordinates, one blob each; empty ones are empty blobs.

    ``corner``, (n, 2) or one for all (1, 2), is where tile steps count from; default (0, 0).

    >>> polygon_commands(np.array([shapely.box(0, 0, 2, 1)]))[0].hex(" ", -1)
    '09 04 00 1a 00 02 03 00 00 01 0f'
    """
    oriented = shapely.orient_polygons(polygons)
    count, owner = _rings(oriented)
    xy = shapely.get_coordinates(oriented).astype(np.int64)
    last = count.cumsum()
    first = last - count
    step = np.empty_like(xy)
    np.subtract(xy[1:], xy[:-1], out=step[1:])
    if corner is None:
        corner = np.zeros((1, 2), dtype=np.int64)
    if owner is None:
        step[first] = xy[first] - corner
        cuts = [0, *(2 * last).tolist()]
    else:
        rings = np.searchsorted(owner, np.arange(len(polygons) + 1))
        some = rings[:-1] < rings[1:]
        pen = xy[first - 2]  # the last corner drawn, not the one that closes
        # the pen starts each feature at the tile's corner
        pen[rings[:-1][some]] = corner if len(corner) == 1 else corner[some]
        step[first] = xy[first] - pen
        cuts = (2 * np.append(0, last)[rings]).tolist()
    written = _steps_written(step)
    # a ring of m corners is MoveTo, dx, dy, LineTo × (m-1), dx, dy, …, ClosePath
    for begin, end in zip((2 * first).tolist(), (2 * last).tolist(), strict=True):
        written[begin] = b"\x09" + written[begin]
        written[begin + 1] += NUMBERS[(end - begin) // 2 - 2 << 3 | _LINE_TO]
        written[end - 2] = b"\x0f"  # in place of the point that closes the ring
        written[end - 1] = b""
    return [b"".join(written[begin:end]) for begin, end in pairwise(cuts)]


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.intp], NDArray[np.intp] | None]:
    """Return how many points each ring has, in the order of the coordinates, and each ring's polygon.

    None stands for one ring a polygon, as nearly all are: then nothing has to be taken apart.
    """
    parts, owner = polygons, None
    if np.count_nonzero(shapely.get_type_id(parts) != _POLYGON):
        parts, owner = shapely.get_parts(parts, return_index=True)
    if np.count_nonzero(shapely.get_num_interior_rings(parts)):
        parts, part = shapely.get_rings(parts, return_index=True)
        owner = part if owner is None else owner[part]
    count = shapely.get_num_coordinates(parts)
    if np.count_nonzero(count) < len(count):
        drawn = count.nonzero()[0]
        count, owner = count[drawn], drawn if owner is None else owner[drawn]
    return count, owner


def _steps_written(step: NDArray[np.int64]) -> list[bytes]:
    """Return signed steps as varints, one after the other.

    Nearly all are small and were written before: picking them costs less than writing them.
    """
    flat = step.ravel()
    try:
        picked: list[bytes] = _small_steps().take(flat).tolist()
    except IndexError:  # a step of two tiles and more
        picked = [NUMBERS[each] for each in (flat << 1 ^ flat >> 63).tolist()]
    return picked


@functools.cache
def _small_steps() -> NDArray[np.object_]:
    """Return steps as varints, zigzag, by the step: those below zero count from the end."""
    half = _SMALL // 2
    steps = [*range(half), *range(-half, 0)]
    written = np.empty(_SMALL, dtype=object)
    written[:] = [varint(step << 1 if step >= 0 else (-step << 1) - 1) for step in steps]
    return written


def line_commands(lines: NDArray[np.object_]) -> list[bytes]:
    """Encode LineStrings and MultiLineStrings in tile steps, rounded to the grid, one blob each.

    Blobs are empty where rounding leaves no line.
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    xy = np.rint(xy).astype(np.int64)
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (part[1:] != part[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    xy, part = xy[new], part[new]
    long_enough = np.bincount(part, minlength=len(parts)) > 1
    kept = long_enough[part]
    part_now = (np.cumsum(long_enough) - 1)[part[kept]]
    data, ends = _line_commands(xy[kept], part_now, owner[long_enough], len(lines))
    return [data[begin:end] for begin, end in pairwise(ends.tolist())]


def point_commands(x: int, y: int) -> bytes:
    """Encode one point in tile steps."""
    return b"\x09" + b"".join(
        varint(step << 1 if step >= 0 else (-step << 1) - 1) for step in (x, y)
    )


def _line_commands(
    xy: NDArray[np.int64], chain: NDArray[np.int64], owner: NDArray[np.int64], features: int
) -> tuple[bytes, NDArray[np.int64]]:
    """Turn chains of points into command integers; ``owner`` (chains,) names each chain's feature.

    A chain of m points is [MoveTo, dx, dy, LineTo × (m-1), dx, dy, …]: 2·m + 2 integers.
    """
    if not len(xy):
        return b"", np.zeros(features + 1, dtype=np.int64)
    count = np.bincount(chain)
    first = np.cumsum(count) - count
    before = np.vstack([[0, 0], xy[:-1]])
    new = np.ones(len(owner), dtype=bool)
    new[1:] = owner[1:] != owner[:-1]
    before[first[new]] = 0  # the pen starts each feature at the tile's corner
    step = xy - before
    step = step << 1 ^ step >> 63  # zigzag
    at = 2 * np.arange(len(xy)) + 2 * chain + 2
    at[first] -= 1
    numbers = np.empty(2 * len(xy) + 2 * len(owner), dtype=np.int64)
    numbers[at], numbers[at + 1] = step[:, 0], step[:, 1]
    start = 2 * first + 2 * np.arange(len(owner))
    numbers[start], numbers[start + 3] = _MOVE_TO_ONE, count - 1 << 3 | _LINE_TO
    data, offset = varints(numbers)
    integers = np.bincount(owner, weights=2 * count + 2, minlength=features).astype(np.int64)
    return data.tobytes(), offset[np.concatenate([[0], np.cumsum(integers)])]


def feature_message(
    kind: int, geometry: bytes, tags: Iterable[int], *, id: int | None = None
) -> bytes:
    """Frame one feature of a layer: ``tags`` are key and value indices, alternating."""
    numbered = b"" if id is None else b"\x08" + varint(id)
    tagged = b"".join(varint(tag) for tag in tags)
    return field(
        2,
        numbered + (field(2, tagged) if tagged else b"") + bytes([0x18, kind]) + field(4, geometry),
    )


def layer_header(name: str) -> bytes:
    """Encode a layer's version, name and extent."""
    return b"\x78\x02" + field(1, name.encode()) + b"\x28" + varint(EXTENT)


def key_messages(keys: Iterable[str]) -> bytes:
    """Encode a layer's key table."""
    return b"".join(field(3, key.encode()) for key in keys)


def layer_message(*body: bytes) -> bytes:
    """Frame a layer for its tile; a tile is its layers one after the other."""
    return b"\x1a" + varint(sum(map(len, body))) + b"".join(body)


def encode_layer(name: str, features: Sequence[Feature]) -> bytes:
    """Encode a whole layer, each distinct value once. No features, no layer: empty bytes."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Any], int] = {}
    messages = []
    for feature in features:
        tags: list[int] = []
        for key, value in feature.attributes.items():
            tags += [
                keys.setdefault(key, len(keys)),
                values.setdefault((type(value), value), len(values)),
            ]
        messages.append(
            feature_message(_KINDS[feature.kind], feature.geometry, tags, id=feature.id)
        )
    if not messages:
        return b""
    table = b"".join(value_message(value) for _, value in values)
    return layer_message(layer_header(name), *messages, key_messages(keys), table)
