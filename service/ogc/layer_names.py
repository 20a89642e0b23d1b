"""Layers of a vector tile under other names, so that tiles of several collections can be one tile.

A tile is its layers one after the other, and a layer's name is one field of it: only that field is
written anew, the features' bytes stay as they are.
"""

from collections.abc import Callable, Iterator

from maps.mvt_encoding import field, layer_message, varint

__all__ = ["renamed_layers"]

_NAME, _BYTES = 1, 2  # a layer's name is field 1; wire type 2 is a run of bytes


def renamed_layers(tile: bytes, rename: Callable[[str], str]) -> bytes:
    """Return the tile with each layer's name passed through ``rename``; raises ValueError on bad bytes."""
    return b"".join(
        layer_message(*_renamed(tile[start:end], rename)) for _, _, start, end in _fields(tile)
    )


def _renamed(layer: bytes, rename: Callable[[str], str]) -> Iterator[bytes]:
    for number, wire, start, end in _fields(layer):
        if number == _NAME and wire == _BYTES:
            yield field(_NAME, rename(layer[start:end].decode()).encode())
        elif wire == _BYTES:
            yield field(number, layer[start:end])
        else:
            yield varint(number << 3 | wire) + layer[start:end]


def _fields(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield (number, wire type, start and end of the content) of the fields of a message."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == _BYTES:
            length, at = _read_varint(message, at)
            end = at + length
        elif wire == 0:
            end = _read_varint(message, at)[1]
        else:
            raise ValueError(f"no vector tile: wire type {wire}")
        if end > len(message):
            raise ValueError("no vector tile: it ends within a field")
        yield number, wire, at, end
        at = end


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number and where it ends."""
    number = shift = 0
    while at < len(message):
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
    raise ValueError("no vector tile: it ends within a number")
