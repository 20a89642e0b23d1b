"""Rows as compact JSON, written column by column: thousands of rows cost milliseconds.

Columns of published figures repeat a few cells, and each different cell is written once.
A test holds the texts against what ``json`` writes of the rows.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from service.count_texts import number_text

__all__ = ["codes_cell", "json_rows", "number_cell", "plain_cell"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_rows(
    columns: Mapping[str, Sequence[Any]],
    written: Mapping[str, Callable[[Any], str]],
) -> str:
    """Return rows as JSON objects, parted by commas; ``written`` says how cells of a column are.

    >>> json_rows({"origin": ["XB", ""], "days": [2, 2]}, {"origin": plain_cell, "days": plain_cell})
    '{"origin":"XB","days":2},{"origin":"","days":2}'
    """
    parts: list[Iterable[str]] = []
    same = "{"  # what all rows have between two columns that differ
    for name, write in written.items():
        cells = columns[name]
        same += f"{plain_cell(name)}:"
        texts = {cell: write(cell) for cell in set(cells)}
        if len(texts) == 1:
            same += next(iter(texts.values()))
        else:
            parts += [repeat(same, len(cells)), map(texts.__getitem__, cells)]
            same = ""
        same += ","
    rows = len(next(iter(columns.values()), ()))
    parts.append(repeat(f"{same[:-1]}}}", rows))
    return ",".join(map("".join, zip(*parts, strict=True)))


@lru_cache(maxsize=20_000, typed=True)
def plain_cell(cell: str | int | None) -> str:
    """Return a text, a whole number or None as JSON writes it."""
    return _ENCODER.encode(cell)


def number_cell(cell: int | float | None) -> str:
    """Return persons, not decimals; NaN is null (`service.counting.exact`)."""
    if isinstance(cell, int):  # as a float it may be another number
        return str(cell)
    return number_text(None if cell is None else float(cell))


def codes_cell(joined: str) -> str:
    """Return codes joined by "|" as a list."""
    return _ENCODER.encode([code for code in joined.split("|") if code])
