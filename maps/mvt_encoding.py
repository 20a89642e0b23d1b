"""Bytes of Mapbox Vector Tiles, version 2: integers in, protobuf out, nothing else.

Exterior rings have a positive area by the surveyor's formula in tile steps (y down), holes a
negative one; rings are closed by a command, not by repeating the first point.

References
----------
https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

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
_MOVE_TO_ONE, _LINE_TO, _CLOSE = 9, 2, 15
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


def varints(numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode non-negative integers below 2^35 one after the other.

    Returns the bytes, and the offsets (n + 1,) at which each number begins.

    >>> data, offset = varints(np.array([1, 300]))
    >>> data.tobytes().hex(), offset.tolist()
    ('01ac02', [0, 1, 3])
    """
    width = np.ones(len(numbers), dtype=np.int64)
    for more in (7, 14, 21, 28):
        width += numbers >= 1 << more
    offset = np.concatenate([[0], np.cumsum(width)])
    out = np.empty(int(offset[-1]), dtype=np.uint8)
    for byte in range(int(width.max(initial=0))):
        has = width > byte
        more_follow = np.where(width[has] > byte + 1, 0x80, 0)
        out[offset[:-1][has] + byte] = numbers[has] >> 7 * byte & 0x7F | more_follow
    return out, offset


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


def polygon_commands(polygons: NDArray[np.object_]) -> list[bytes]:
    """Encode Polygons and MultiPolygons with integer coordinates in tile steps, one blob each."""
    if not len(polygons):
        return []
    oriented = shapely.orient_polygons(polygons, exterior_cw=False)
    parts, owner_of_part = shapely.get_parts(oriented, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    open_ended = np.append(ring[1:] == ring[:-1], False)  # the closing point is not written
    xy, ring = np.rint(xy[open_ended]).astype(np.int64), ring[open_ended]
    owner = owner_of_part[part_of_ring]
    return _commands(xy, ring, owner, len(polygons), close=True)


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
    return _commands(xy[kept], part_now, owner[long_enough], len(lines), close=False)


def point_commands(x: int, y: int) -> bytes:
    """Encode one point in tile steps."""
    return b"\x09" + b"".join(
        varint(step << 1 if step >= 0 else (-step << 1) - 1) for step in (x, y)
    )


def _commands(
    xy: NDArray[np.int64],
    chain: NDArray[np.int64],
    owner: NDArray[np.int64],
    features: int,
    *,
    close: bool,
) -> list[bytes]:
    """Turn chains of points into command integers; ``owner`` (chains,) names each chain's feature.

    A chain of m points is [MoveTo, dx, dy, LineTo × (m-1), dx, dy, …] and [ClosePath] for a ring.
    """
    if not len(xy):
        return [b""] * features
    count = np.bincount(chain)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    new_feature = np.ones(len(owner), dtype=bool)
    new_feature[1:] = owner[1:] != owner[:-1]
    before = np.vstack([[0, 0], xy[:-1]])
    before[first[new_feature]] = 0  # the pen starts each feature at the tile's corner
    delta = xy - before
    steps = delta << 1 ^ delta >> 63  # zigzag
    length = 2 * count + 2 + close
    start = np.concatenate([[0], np.cumsum(length)])
    numbers = np.empty(int(start[-1]), dtype=np.int64)
    numbers[start[:-1]] = _MOVE_TO_ONE
    numbers[start[:-1] + 3] = count - 1 << 3 | _LINE_TO
    if close:
        numbers[start[1:] - 1] = _CLOSE
    place = np.arange(len(xy)) - first[chain]  # within its chain; LineTo stands after the first
    at = start[:-1][chain] + 1 + 2 * place + (place > 0)
    numbers[at], numbers[at + 1] = steps[:, 0], steps[:, 1]
    data, offset = varints(numbers)
    integers = np.zeros(features, dtype=np.int64)
    np.add.at(integers, owner, length)
    ends = offset[np.concatenate([[0], np.cumsum(integers)])].tolist()
    blob = data.tobytes()
    return [blob[begin:end] for begin, end in pairwise(ends)]


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
