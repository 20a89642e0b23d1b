"""The values of a map as rows of ready-made bytes, one per unit. Every row of a table is equally long.

A row is the unit's vector-tile values one after the other, each in a cell of a width that its column
fixes, so that a tile's length is known before any value is. A number is a double, NaN without a
figure; text is brought to its column's width by writing its length, and where that is not enough its
tag, with leading zeros, which protobuf allows, so that no reader sees any filling.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.errors import MapError

__all__ = [
    "MOST_FILLING",
    "Cells",
    "TextTooUneven",
    "ValueTable",
    "number_cells",
    "text_cells",
    "value_table",
    "whole_cells",
]

Cells = NDArray[np.uint8]

MOST_FILLING = 16
"""Bytes by which two texts of one column may differ: readers take numbers of five bytes at most, and a
text has four of them: two lengths, and two tags that say what follows."""
_MOST_A_NUMBER = 4
_LONGEST = 100  # bytes; a length of one byte is 127 at most, and two lengths are within


class TextTooUneven(MapError):
    """Texts of one column whose lengths differ by more than a tile can hide."""

    code = "text-too-uneven"

    def __init__(self, text: str, *, width: int) -> None:
        self.text, self.width = text, width
        super().__init__(
            f"the text {text!r} is {len(text.encode())} bytes long in a column of {width}: expected "
            f"{max(0, width - MOST_FILLING)} to {min(width, _LONGEST)}. Shorten the longest text of "
            "the column, or give the column a number."
        )


@dataclass(frozen=True, eq=False)
class ValueTable:
    """The spliced columns of a map: ``rows`` (units, width) in the order of the level's units.

    Made once per edition, map and narrowing, then only read. Tables with equal ``shape`` are
    spliced behind the same constant bytes.
    """

    columns: tuple[str, ...]
    rows: Cells

    @property
    def width(self) -> int:
        """Bytes of one row."""
        return int(self.rows.shape[1])

    @property
    def shape(self) -> tuple[tuple[str, ...], int]:
        """Return what the constant bytes of a tile depend on: the columns and the width of a row."""
        return self.columns, self.width

    @functools.cached_property
    def _whole_rows(self) -> "NDArray[np.void]":
        if not self.width:
            return np.empty(len(self.rows), dtype="V1")
        return np.ascontiguousarray(self.rows).view(f"V{self.width}")[:, 0]

    def gathered(self, index: NDArray[np.intp]) -> bytes:
        """Return the rows of the units of a tile, in the tile's order."""
        return self._whole_rows.take(index).tobytes() if self.width else b""


def value_table(cells: Mapping[str, Cells], *, units: int) -> ValueTable:
    """Put the columns side by side; each is (units, its width)."""
    rows = np.hstack([*cells.values()]) if cells else np.empty((units, 0), dtype=np.uint8)
    return ValueTable(tuple(cells), np.ascontiguousarray(rows))


def number_cells(numbers: NDArray[np.float64]) -> Cells:
    """Write numbers as doubles, 11 bytes each; NaN is "no figure" and stays a number to GDAL.

    >>> number_cells(np.array([1.0])).tobytes().hex()
    '220919000000000000f03f'
    """
    cells = np.empty((len(numbers), 11), dtype=np.uint8)
    cells[:, :3] = (0x22, 0x09, 0x19)
    exact = np.ascontiguousarray(numbers, dtype="<f8")
    cells[:, 3:] = exact.view(np.uint8).reshape(-1, 8)
    return cells


def whole_cells(numbers: NDArray[np.int64]) -> Cells:
    """Write whole numbers from -8192 to 8191, 5 bytes each.

    >>> whole_cells(np.array([-1, 3])).tobytes().hex()
    '22033081002203308600'
    """
    zigzag = numbers << 1 ^ numbers >> 63
    cells = np.empty((len(numbers), 5), dtype=np.uint8)
    cells[:, :3] = (0x22, 0x03, 0x30)
    cells[:, 3] = zigzag & 0x7F | 0x80
    cells[:, 4] = zigzag >> 7 & 0x7F
    return cells


def text_cells(texts: Sequence[str], *, width: int) -> Cells:
    """Write texts in cells of ``width`` bytes of text and four of frame.

    Raises `TextTooUneven` for a text longer than ``width`` or shorter by more than `MOST_FILLING`.

    >>> text_cells(["yes", "no"], width=3).tobytes().hex()
    '22050a0379657322050a82006e6f'
    """
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    which = np.fromiter(map(place.__getitem__, texts), dtype=np.intp, count=len(texts))
    drawn = b"".join(_text_cell(text, width) for text in place)
    return np.frombuffer(drawn, dtype=np.uint8).reshape(len(place), width + 4)[which]


def _text_cell(text: str, width: int) -> bytes:
    said = text.encode()
    spare = width - len(said)
    if not 0 <= spare <= MOST_FILLING or len(said) > _LONGEST:
        raise TextTooUneven(text, width=width)
    filling = []
    for _ in range(MOST_FILLING // _MOST_A_NUMBER):  # lengths first: those are filled most often
        filling.append(min(spare, _MOST_A_NUMBER))
        spare -= filling[-1]
    inner, outer, tag, first_tag = filling
    value = _long_varint(0x0A, tag) + _long_varint(len(said), inner) + said
    return _long_varint(0x22, first_tag) + _long_varint(len(value), outer) + value


def _long_varint(number: int, extra: int) -> bytes:
    """Write a number below 128 with ``extra`` bytes more than it needs."""
    return bytes([number | 0x80, *[0x80] * (extra - 1), 0]) if extra else bytes([number])
