"""Text with separators to rows of cells. The separator is the one that makes rows of one width."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

__all__ = ["BadSeparated", "best_separator", "separated_rows"]

_SEPARATORS = ",;\t|"
_SAMPLE_ROWS = 200
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_LONGEST_CELL = 1_000_000


class BadSeparated(ValueError):
    """Text that is not rows of cells. ``row`` is where it stops being so."""

    def __init__(self, why: str, row: int) -> None:
        self.why, self.row = why, row
        super().__init__(why)


def best_separator(text: str) -> str:
    r"""Return the separator under which most rows have one width, the widest first.

    >>> best_separator("a;b;c\n1,5;2,5;3,5\n"), best_separator("Region\tIDPs\nNorda\t1,200\n")
    (';', '\t')
    """

    def regularity(separator: str) -> tuple[float, int]:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), _SAMPLE_ROWS)
        widths: Counter[int] = Counter()
        try:
            widths.update(len(row) for row in rows if any(cell.strip() for cell in row))
        except csv.Error:
            return (0.0, 0)
        # a separator that makes single cells only separates nothing
        wide = Counter({width: count for width, count in widths.items() if width > 1})
        if not wide:
            return (0.0, 0)
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        return (round(count / widths.total(), 1), width)

    return max(_SEPARATORS, key=regularity)


def separated_rows(text: str) -> tuple[str, Iterator[list[str]]]:
    """Return the separator and the rows, in order, blank ones as empty lists.

    An Excel ``sep=;`` line says the separator and is not a row, as in Excel. Cells may hold line
    breaks within double quotes. A quote that is never closed would swallow the rest of the file:
    it raises `BadSeparated` when the rows reach it.
    """
    csv.field_size_limit(_LONGEST_CELL)
    said = _SEP_LINE.match(text)
    separator = said[1] if said else best_separator(text)
    body = text[said.end() :] if said else text
    return separator, _rows(body, separator)


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    strict = _closes_its_quotes(text, separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    at = 0
    while True:
        at += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadSeparated(str(error), at) from error
        yield row


def _closes_its_quotes(text: str, separator: str) -> bool:
    """Whether strict reading should be used: it finds open quotes, but refuses ``"a" b``."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error) or "field limit" in str(error)
    return True
