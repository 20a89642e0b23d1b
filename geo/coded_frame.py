"""A frame's columns as numbers into their distinct cells. A column of ten million has few different ones.

Hashing, cutting into sheets and writing rows all go through the cells as JSON says them; here each
distinct cell is made once, and rows are put in order by numbers instead of texts.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["CodedFrame", "begins", "canonical", "order_by", "runs"]

Codes = NDArray[np.int32]
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """``codes`` (n,) of each column into its ``cells``: texts, days as text, numbers, None."""

    rows: int
    codes: dict[str, Codes]
    cells: dict[str, list[Any]]

    @classmethod
    def of(cls, frame: pd.DataFrame, names: Iterable[str]) -> "CodedFrame":
        """Return some columns; one the frame does not have (the bounds may be missing) is all None."""
        codes: dict[str, Codes] = {}
        cells: dict[str, list[Any]] = {}
        for name in names:
            if name in frame.columns:
                found, distinct = pd.factorize(frame[name], use_na_sentinel=False)
                codes[name] = found.astype(np.int32)
                cells[name] = [_json_value(cell) for cell in distinct.tolist()]
            else:
                codes[name] = np.zeros(len(frame), dtype=np.int32)
                cells[name] = [None]
        return cls(len(frame), codes, cells)

    def ranks(self, name: str) -> Codes:
        """Return each row's place among the column's cells in ascending order; None comes first."""
        cells = self.cells[name]
        rank = np.empty(len(cells), dtype=np.int32)
        rank[self.in_order(name)] = np.arange(len(cells), dtype=np.int32)
        return rank[self.codes[name]]

    def in_order(self, name: str) -> list[int]:
        """Return the column's codes in the order of their cells, None first."""
        cells = self.cells[name]
        return sorted(range(len(cells)), key=lambda code: (cells[code] is not None, cells[code]))

    def at(self, name: str, rows: NDArray[np.intp]) -> list[Any]:
        """Return a column's cells in some rows."""
        cells = self.cells[name]
        return [cells[code] for code in self.codes[name][rows].tolist()]


def order_by(keys: Sequence[NDArray[Any]], rows: int) -> NDArray[np.intp]:
    """Return the order of rows by ``keys`` (numbers from 0 on), the first one first; ties keep theirs."""
    packed: list[NDArray[np.int64]] = []
    room = 1
    for key in keys:
        size = int(key.max()) + 1 if rows else 1
        if size == 1:
            continue
        if packed and room * size < 2**62:  # as many columns in one number as it can hold
            packed[-1] = packed[-1] * size + key
            room *= size
        else:
            packed.append(key.astype(np.int64))
            room = size
    if not packed:
        return np.arange(rows, dtype=np.intp)
    if len(packed) == 1:
        return np.argsort(packed[0], kind="stable")
    return np.lexsort(packed[::-1])


def begins(keys: Sequence[NDArray[Any]], order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return where in ``order`` (that of `order_by`) other keys begin."""
    found = np.zeros(len(order), dtype=np.bool_)
    found[:1] = True
    for key in keys:
        found[1:] |= np.diff(key[order]) != 0
    return found


def runs(keys: Sequence[NDArray[Any]], rows: int) -> Iterator[NDArray[np.intp]]:
    """Give the rows that agree in all ``keys`` together, in the order of the keys."""
    order = order_by(keys, rows)
    edges = [*np.flatnonzero(begins(keys, order)).tolist(), rows]
    for first, last in pairwise(edges):
        yield order[first:last]


def canonical(content: Any) -> str:
    """Return JSON in one way only: keys in order, no spaces, texts as they are."""
    return _ENCODER.encode(content)


def _json_value(cell: Any) -> Any:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and isnan(cell)):
        return None  # pandas tells a missing day as NaN
    return cell.isoformat() if isinstance(cell, date) else cell
