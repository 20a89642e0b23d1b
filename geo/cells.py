"""One cell of text to one value, or a `BadCell` that says where. Nothing is guessed or rounded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from geo.errors import BadCell, nearest

__all__ = ["Cell", "count_in", "day_in", "word_in"]

_PLAIN = re.compile(r"[0-9]+(?:\.0{1,2})?")  # "12.0" is how spreadsheets export a whole number
_GROUPED = re.compile(r"[0-9]{1,3}(?:([, \u00a0\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_NEGATIVE = re.compile(r"[-−–]\s*[0-9]")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00)?)?")
_MOST = 10_000_000_000  # more than the world's people: two numbers run together


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell and where it stands. ``column`` is the header as the file writes it."""

    text: str
    file: str
    row: int
    column: str

    def bad(self, expected: str, todo: str) -> BadCell:
        """Return the error that says what should stand here."""
        return BadCell(
            self.file,
            row=self.row,
            column=self.column,
            value=self.text,
            expected=expected,
            todo=todo,
        )


def count_in(cell: Cell) -> float:
    """Return a count of persons or households: a whole number, 0 or more.

    Thousands may be set apart by commas or spaces (``134 058``, ``10,116``), consistently.

    >>> count_in(Cell("10,116", "idps.csv", 2, "value"))
    10116.0
    """
    text = cell.text.strip()
    if _NEGATIVE.match(text):
        raise cell.bad(
            "a count of persons, 0 or more", "Correct it; leave the cell empty if it is unknown."
        )
    if not (_PLAIN.fullmatch(text) or _GROUPED.fullmatch(text)):
        raise cell.bad(
            "a whole number of persons",
            "Write it in digits; put words such as 'about' into the qualifier column, "
            "and leave the cell empty if it is unknown.",
        )
    count = float(re.sub(r"[^0-9.]", "", text))
    if count > _MOST:
        raise cell.bad("a count of persons below 10,000,000,000", "Look for numbers run together.")
    return count


def day_in(cell: Cell) -> date:
    """Return a day written as year-month-day; a midnight behind it is allowed.

    >>> day_in(Cell("2016-12-31", "idps.csv", 2, "date"))
    datetime.date(2016, 12, 31)
    """
    text = cell.text.strip()
    if _MONTH.fullmatch(text):
        raise cell.bad(
            "a day", f"Give the day, such as {text}-28: the day the figure is as of, not its month."
        )
    match = _DAY.fullmatch(text)
    if match:
        try:
            return date.fromisoformat(match[1])
        except ValueError:
            pass  # 2017-02-30: said below
    raise cell.bad("a day as year-month-day", "Write it like 2016-12-31.")


def word_in(cell: Cell, known: Iterable[str]) -> str:
    """Return the one of ``known`` words that the cell holds, in the spelling of ``known``.

    >>> word_in(Cell(" idp", "idps.csv", 2, "group"), ["IDP", "REF"])
    'IDP'
    """
    words = [str(word) for word in known]
    given = cell.text.strip()
    by_fold = {word.casefold(): word for word in words}
    if given.casefold() in by_fold:
        return by_fold[given.casefold()]
    near = nearest(given.casefold(), list(by_fold))
    raise cell.bad(f"one of {', '.join(words)}", near.strip() or "Correct it.")
