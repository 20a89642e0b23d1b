"""What OGC API Features calls `bbox` and `datetime`, read from text. A day is the finest step of time.

A box whose west is greater than its east crosses the antimeridian. A figure of a day holds all that
day (UTC); an interval holds its ends; `..` or nothing is an open end.
"""

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Box", "Window", "read_box", "read_window"]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt](?P<h>\d{2}):(?P<m>\d{2}):(?P<s>\d{2})(?:\.\d{1,9})?"
    r"(?P<zone>[Zz]|[+-]\d{2}:\d{2})"
)
_LONGEST = 100  # characters: longer is no box and no time


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in degrees (CRS84). ``west > east`` crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def shape(self) -> Any:
        """Return the box as a geometry: two boxes side by side where it crosses the antimeridian."""
        import shapely

        if self.west <= self.east:
            return shapely.box(self.west, self.south, self.east, self.north)
        return shapely.MultiPolygon(
            [
                shapely.box(self.west, self.south, 180, self.north),
                shapely.box(-180, self.south, self.east, self.north),
            ]
        )


@dataclass(frozen=True, slots=True)
class Window:
    """First and last day, both within; None is an open end."""

    first: dt.date | None
    last: dt.date | None

    def holds(self, since: dt.date, until: dt.date) -> bool:
        """Tell whether a period touches the window.

        >>> Window(dt.date(2020, 6, 1), None).holds(dt.date(2020, 1, 1), dt.date(2020, 6, 1))
        True
        """
        return (self.last is None or since <= self.last) and (
            self.first is None or until >= self.first
        )


def read_box(text: str) -> Box:
    """Read four numbers, or six whose third and sixth are heights; raises ValueError.

    Nothing here has a height, so heights leave nothing out.

    >>> read_box("170,-20,0,-170,20,100") == read_box("170,-20,-170,20")
    True
    """
    parts = text.split(",")
    if len(parts) not in {4, 6} or len(text) > _LONGEST:
        raise ValueError("expected 4 or 6 numbers, separated by commas")
    numbers = [float(part) for part in parts]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("expected finite numbers")
    if len(numbers) == 6:
        low, high = numbers.pop(2), numbers.pop(4)
        if low > high:
            raise ValueError("expected the lower height first")
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("expected degrees, south before north")
    return Box(west, south, east, north)


def read_window(text: str) -> Window:
    """Read an instant or an interval of RFC 3339 times or days; raises ValueError.

    >>> read_window("2020-06-30T23:30:00-02:00").first
    datetime.date(2020, 7, 1)
    >>> read_window("../2020-12-31")
    Window(first=None, last=datetime.date(2020, 12, 31))
    """
    if len(text) > _LONGEST:
        raise ValueError("expected a time or an interval")
    parts = text.split("/")
    if len(parts) == 1:
        day = _day(parts[0])
        return Window(day, day)
    if len(parts) != 2:
        raise ValueError("expected two ends")
    first, last = (None if part in {"", ".."} else _day(part) for part in parts)
    if first is None and last is None:
        raise ValueError("expected at least one end")
    if first is not None and last is not None and first > last:
        raise ValueError("expected the earlier end first")
    return Window(first, last)


def _day(text: str) -> dt.date:
    if _DAY.fullmatch(text):
        return dt.date.fromisoformat(text)
    moment = _MOMENT.fullmatch(text)
    if not moment:
        raise ValueError("expected YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
    seconds = (
        min(int(moment["s"]), 59) if moment["s"] == "60" else int(moment["s"])
    )  # a leap second
    zone = moment["zone"].upper().replace("Z", "+00:00")
    told = f"{moment['day']}T{moment['h']}:{moment['m']}:{seconds:02d}{zone}"
    try:
        return dt.datetime.fromisoformat(told).astimezone(dt.UTC).date()
    except OverflowError:
        raise ValueError("expected a time within the calendar") from None
