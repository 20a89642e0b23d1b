"""What is odd about a table as received: one line per kind of trouble, never one per cell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Trouble", "troubles_of"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble in one column (or in the sheet, where ``column`` is "").

    ``code`` is stable (``ambiguous-dates``). ``rows`` are the first rows it was met in, ``value``
    is the text of the first, ``count`` how many cells or rows there are in all. ``rule`` says
    what was expected, ``cause`` what likely happened or what was assumed, ``todo`` what settles it.

    >>> print(Trouble("bad-number", "idps.csv", "IDPs", (4, 9), "12 or 13", 2,
    ...     rule="a count", cause="words among the digits", todo="Move them to a note.").sentence)
    idps.csv, column 'IDPs', rows 4, 9: '12 or 13' is not a count (words among the digits).
    Move them to a note.
    """

    code: str
    where: str
    column: str
    rows: tuple[int, ...]
    value: str
    count: int
    rule: str
    cause: str
    todo: str

    @property
    def sentence(self) -> str:
        """The whole trouble in a sentence, with what to do."""
        shown = ", ".join(map(str, self.rows[:_SHOWN]))
        more = f" and {self.count - _SHOWN} more" if self.count > _SHOWN else ""
        column = f", column {self.column!r}" if self.column else ""
        rows = f", row{'s' if self.count > 1 else ''} {shown}{more}" if self.rows else ""
        what = f"{self.value!r} is not {self.rule}" if self.rule else self.value
        cause = f" ({self.cause})" if self.cause else ""
        return f"{self.where}{column}{rows}: {what}{cause}. {self.todo}".strip()


def troubles_of(
    cells: pd.Series,
    hit: NDArray[np.bool_],
    code: str,
    *,
    where: str,
    column: str,
    rule: str,
    cause: str,
    todo: str,
) -> tuple[Trouble, ...]:
    """Return the one trouble of the cells that are ``hit``, or nothing where none is.

    ``cells`` are texts indexed by row number; ``hit`` has as many entries.
    """
    places = np.flatnonzero(hit)
    if not len(places):
        return ()
    rows = tuple(int(row) for row in cells.index[places[:_SHOWN]])
    value = str(cells.iloc[int(places[0])])
    return (Trouble(code, where, column, rows, value, len(places), rule, cause, todo),)
