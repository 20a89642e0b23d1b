"""The columns of a table of points as arrays. A cell that cannot be used has a reason; no row vanishes.

Coordinates are WGS 84 degrees. The first reason of a row stays: it is what a person has to mend first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.terms import PopulationGroup

__all__ = ["GOOD", "REASONS", "Words", "coordinates", "days", "groups", "persons"]

REASONS = (
    "",
    "no-coordinates",
    "text-coordinates",
    "off-the-globe",
    "zero-zero",
    "bad-group",
    "bad-date",
    "bad-count",
    "outside",
    "on-water",
)
"""Why a row is left out, by number; 0 is good. With an origin, ``origin-`` may stand before one."""

GOOD = 0
_MOST = 10_000_000_000.0  # more than the world's people

_NUMBER = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"
_NOTHING = r"^\s*(|nan|na|n/a|null|none|-)\s*$"

Reasons = NDArray[np.uint8]


@dataclass(frozen=True)
class Words:
    """A column of few different words: ``code[i]`` is the place of row i's in ``words``, -1 for none.

    ``bad`` are some of the cells that could not be used, as written.
    """

    words: tuple[str, ...]
    code: NDArray[np.int32]
    bad: tuple[str, ...] = ()


def _reason(name: str) -> int:
    return REASONS.index(name)


def coordinates(lon: Any, lat: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], Reasons]:
    """Return longitudes, latitudes and reasons of two arrow columns of numbers or text.

    A blank, a null and NaN are no coordinates; 0, 0 is what devices write when they know nothing.
    """
    x, bad_x = _numbers(lon)
    y, bad_y = _numbers(lat)
    why = np.zeros(len(x), dtype=np.uint8)
    null_island = (x == 0) & (y == 0)
    if null_island.any():
        why[null_island] = _reason("zero-zero")
    on_globe = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    if not on_globe.all():
        why[~on_globe] = _reason("off-the-globe")
        why[np.isnan(x) | np.isnan(y)] = _reason("no-coordinates")
    why[bad_x | bad_y] = _reason("text-coordinates")
    return x, y, why


def _numbers(column: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return a column as numbers, NaN where there is none, and which cells are other text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        try:
            cast = column.cast(pa.float64(), safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # a day, a list…: no coordinate
            return np.full(len(column), np.nan), column.is_valid().to_numpy(zero_copy_only=False)
        return cast.to_numpy(zero_copy_only=False), np.zeros(len(column), dtype=bool)
    try:
        plain = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return plain, np.zeros(len(column), dtype=bool)
    except pa.ArrowInvalid:  # some cell is no number: find which
        number = pc.fill_null(pc.match_substring_regex(column, _NUMBER), False)
        nothing = pc.match_substring_regex(column, _NOTHING, ignore_case=True)
        trimmed = pc.utf8_trim_whitespace(column)
        read = pc.if_else(number, trimmed, pa.scalar(None, kind)).cast(pa.float64())
        other = pc.invert(pc.or_(number, pc.fill_null(nothing, True)))
        return read.to_numpy(zero_copy_only=False), other.to_numpy(zero_copy_only=False)


def persons(column: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how many persons each row stands for, and which cells are no whole number, 0 or more."""
    counts, _ = _numbers(column)
    bad = ~((counts >= 0) & (counts <= _MOST))
    bad |= np.where(bad, False, counts != np.floor(counts))
    return np.where(bad, 0.0, counts), bad


def groups(column: Any) -> Words:
    """Return a column of population groups, in their own spelling."""
    known = {group.value.casefold(): group.value for group in PopulationGroup}
    return _words(column, lambda text: known.get(text.strip().casefold(), ""))


def days(column: Any, period: str) -> Words:
    """Return a column of days as ISO text; of ``period`` month or year, the last day of it.

    Timestamps count for their day (those with a zone for their day in UTC).
    """
    import pyarrow as pa

    if pa.types.is_temporal(column.type) and not pa.types.is_time(column.type):
        column = column.cast(pa.date32(), safe=False)
        return _words(column.cast(pa.string()), lambda text: _day(text, period))
    return _words(column, lambda text: _day(text, period))


def _day(text: str, period: str) -> str:
    text = text.strip()
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return ""
    if text[10:11] not in ("", "T", " "):
        return ""
    if period == "year":
        return f"{day.year:04}-12-31"
    if period == "month":
        return f"{last_of_month(day)}"
    return f"{day}"


def last_of_month(day: date) -> date:
    """Return the last day of a day's month.

    >>> last_of_month(date(2016, 2, 3))
    datetime.date(2016, 2, 29)
    """
    from calendar import monthrange

    return day.replace(day=monthrange(day.year, day.month)[1])


def _words(column: Any, meaning: Callable[[str], str]) -> Words:
    """Look up each different word once."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    said: Sequence[Any] = column.dictionary.to_pylist()
    meant = [meaning(str(word)) if word is not None else "" for word in said]
    kept = sorted({word for word in meant if word})
    place = {word: at for at, word in enumerate(kept)}
    of_said = np.array([place.get(word, -1) for word in meant] + [-1], dtype=np.int32)
    at = column.indices.fill_null(len(said)).to_numpy(zero_copy_only=False).astype(np.int64)
    code = of_said[at]
    bad = tuple(str(said[i]) for i in np.unique(at[code < 0])[:5] if i < len(said))
    return Words(tuple(kept), code, bad)
