"""The counts of a partition while it is read: a matrix of unit × origin × group × day in memory.

Batches of one file mostly have the same words, so their counts are added as arrays, and written out
as keys once. A matrix too large to be held whole is written out batch by batch.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.point_columns import Words

__all__ = ["CountMatrix"]

_DENSE = 1 << 22  # cells of a matrix that is held in memory as it is

Counted = Callable[[tuple[int, int, str, str], int, int], None]


class CountMatrix:
    """Adds up batches; ``counted`` is told of each key with its persons and points by `write_out`."""

    def __init__(self, units: int, counted: Counted, *, by_origin: bool) -> None:
        self._units, self._counted, self._by_origin = units, counted, by_origin
        self._words: tuple[tuple[str, ...], ...] = ()
        self._points = self._persons = np.zeros(0, dtype=np.int64)

    def add(
        self,
        unit: NDArray[np.int32],
        origin: NDArray[np.int32] | None,
        words: Sequence[Words],
        persons: NDArray[np.float64] | None,
    ) -> None:
        """Count rows: their units, their units of origin, their group and day.

        Without ``persons`` each row is one. Persons are whole numbers, whose sums are exact below 2⁵³.
        """
        named = tuple(each.words for each in words)
        sizes = self._sizes(named)
        key: NDArray[Any] = unit
        for size, codes in zip(sizes, (origin, *(each.code for each in words)), strict=True):
            if codes is not None and size > 1:
                key = key.astype(np.int64) * size + codes
        cells = self._units * math.prod(sizes)
        if cells <= _DENSE:
            if named != self._words or len(self._points) != cells:
                self.write_out()
                self._words = named
                self._points, self._persons = np.zeros((2, cells), dtype=np.int64)
            points = np.bincount(key, minlength=cells)
            self._points += points
            self._persons += (
                points if persons is None else np.bincount(key, persons, cells).astype(np.int64)
            )
            return
        there, place, points = np.unique(key, return_inverse=True, return_counts=True)
        total = points if persons is None else np.bincount(place, persons).astype(np.int64)
        self._tell(there, total, points, named)

    def write_out(self) -> None:
        """Tell of what was counted, and begin anew."""
        there = np.flatnonzero(self._points)
        self._tell(there, self._persons[there], self._points[there], self._words)
        self._words, self._points = (), self._points[:0]

    def _sizes(self, words: Sequence[tuple[str, ...]]) -> list[int]:
        return [self._units if self._by_origin else 1, *(max(len(each), 1) for each in words)]

    def _tell(
        self,
        cells: NDArray[Any],
        persons: NDArray[np.int64],
        points: NDArray[np.int64],
        words: Sequence[tuple[str, ...]],
    ) -> None:
        if not len(cells):
            return
        sizes = self._sizes(words)
        for cell, people, rows in zip(
            cells.tolist(), persons.tolist(), points.tolist(), strict=True
        ):
            rest, day = divmod(cell, sizes[2])
            rest, group = divmod(rest, sizes[1])
            unit, origin = divmod(rest, sizes[0])
            key = (unit, origin if self._by_origin else -1, words[0][group], words[1][day])
            self._counted(key, people, rows)
