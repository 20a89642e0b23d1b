"""The rows of counts as JSON, written column by column: an answer costs microseconds a row.

What is the same for thousands of answers (a unit's name, a row's state and sources) is written once.
A test holds the texts against what ``json`` writes of the document.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.counts import CountColumns

__all__ = ["number_text", "plain_text", "rows_bytes"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def plain_text(value: Any) -> str:
    """Return a value as JSON; refuses NaN, which is no JSON."""
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    return _ENCODER.encode(value)


def number_text(value: float | None) -> str:
    """Return what ``json`` writes of `service.counting.exact`: persons, not decimals; NaN is null.

    >>> number_text(13215.0), number_text(2.5), number_text(None)
    ('13215', '2.5', 'null')
    """
    if value is None or isnan(value):
        return "null"
    if value.is_integer():
        return str(int(value))
    return plain_text(value)


def rows_bytes(columns: "CountColumns") -> bytes:
    """Return each unit's row as a line of the answer, in UTF-8; lines are parted by commas."""
    told = (columns.state, columns.carried, columns.sources)
    pcodes, names, number = tuple(columns.pcode), tuple(columns.name), len(columns)
    if not number:
        return b""
    plain = columns.low.count(None) == number
    whole = _whole(columns.value)
    if plain and whole and all(column.count(column[0]) == number for column in told):
        ending = (column[0] for column in told)
        return _lines_of_whole_numbers(pcodes, names, *ending) % whole
    said = list(zip(*told, strict=True))
    rests = {each: f"{_rest(*each)},\n" for each in set(said)}  # few different ones
    parts = [""] * (4 * number)
    parts[0::4] = _heads(pcodes, names)
    parts[1::4] = map(number_text, columns.value) if whole is None else map(str, whole)
    if not plain:
        parts[2::4] = map(_range, columns.low, columns.high)
    parts[3::4] = map(rests.__getitem__, said)
    return "".join(parts)[:-2].encode()


def _whole(values: Sequence[float | None]) -> tuple[int, ...] | None:
    """Return figures that are whole persons, as a rule all are; None where one is none."""
    try:
        whole = all(map(float.is_integer, values))  # type: ignore[arg-type]
    except TypeError:  # None
        return None
    return tuple(map(int, values)) if whole else None  # type: ignore[arg-type]


@lru_cache(maxsize=16)
def _lines_of_whole_numbers(
    pcodes: tuple[str, ...], names: tuple[str, ...], state: str, carried: str, sources: str
) -> bytes:
    """Return all lines with a place for each number: as a rule one survey speaks of all units."""
    rest = _rest(state, carried, sources).replace("%", "%%")
    lines = (f"{head.replace('%', '%%')}%d{rest}" for head in _heads(pcodes, names))
    return ",\n".join(lines).encode()


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None else f', "low": {number_text(low)}, "high": {number_text(high)}'


@lru_cache(maxsize=16)
def _heads(pcodes: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    """Return how each unit's line begins; as a rule answers are of the same units again and again."""
    return [
        f'    {{"pcode": {plain_text(pcode)}, "name": {plain_text(name)}, "value": '
        for pcode, name in zip(pcodes, names, strict=True)
    ]


@lru_cache(maxsize=20_000)
def _rest(state: str, carried: str, sources: str) -> str:
    return (
        f', "state": {plain_text(state)}, "carried": {plain_text(_split(carried))}, '
        f'"sources": {plain_text(_split(sources))}}}'
    )


def _split(joined: str) -> list[str]:
    return [text for text in joined.split("|") if text]
