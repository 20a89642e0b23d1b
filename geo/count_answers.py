"""What is asked of counts, and the answer: one row per unit, missing apart from zero."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

__all__ = ["CountColumns", "CountQuery", "CountRow", "Counts", "split_ids"]


@dataclass(frozen=True, slots=True)
class CountQuery:
    """What is asked. ``origin`` is a P-code, an ISO3 code or 'unknown'; None is all together.

    Without ``measure`` stocks, else the only measure there is; without ``date`` the latest that
    has figures at that level for that group; with ``parent`` only the units inside it.
    """

    level: int
    group: str
    date: dt.date | None = None
    measure: str | None = None
    origin: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class CountRow:
    """One unit's count; ``value`` is None exactly where ``state`` is not 'figure'.

    ``carried`` are the codes of other vintages' units inside. ``low`` and ``high`` bound a figure
    that is in part shared out, 90 % sure; None: it is no range. ``qualifier`` and ``basis`` as in
    ``geo.tables``; both "" where no row speaks of the unit.
    """

    pcode: str
    name: str
    value: float | None
    state: str
    carried: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    origin: str = ""
    qualifier: str = ""
    kind: str = ""
    basis: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CountColumns:
    """What `CountRow` says of each unit, as columns (n,): an answer of thousands is soon written.

    ``carried`` and ``sources`` are ids joined with ``|``; ``value``, ``low`` and ``high`` are None
    where there is none.
    """

    pcode: Sequence[str]
    name: Sequence[str]
    value: Sequence[float | None]
    state: Sequence[str]
    carried: Sequence[str]
    sources: Sequence[str]
    origin: Sequence[str]
    qualifier: Sequence[str]
    kind: Sequence[str]
    basis: Sequence[str]
    low: Sequence[float | None]
    high: Sequence[float | None]

    def __len__(self) -> int:
        return len(self.pcode)

    def some(self, places: Iterable[int]) -> "CountColumns":
        """Return the units at some places."""
        listed = list(places)
        columns = (getattr(self, each.name) for each in fields(self))
        return CountColumns(*([column[place] for place in listed] for column in columns))

    def rows(self) -> Iterator[CountRow]:
        """Give the units one by one."""
        columns = (getattr(self, each.name) for each in fields(self))
        ids = {joined: split_ids(joined) for joined in {*self.carried, *self.sources}}
        for pcode, name, value, state, carried, sources, *told in zip(*columns, strict=True):
            yield CountRow(pcode, name, value, state, ids[carried], ids[sources], *told)


@dataclass(frozen=True)
class Counts:
    """Counts of one group, measure and day at one level.

    ``total`` adds the figures of the rows and ``unplaced``: people counted within the units asked
    for, in none of their units of this level. ``stated_total`` is the sources' own total of the
    units asked for, None where not all of them state one. ``start`` is the first day of the
    period, None for a stock. ``missing`` are the units without a figure.
    """

    situation: str
    level: int
    group: str
    measure: str
    date: dt.date
    start: dt.date | None
    unit: str
    total: float
    unplaced: float
    stated_total: float | None
    columns: CountColumns
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    @cached_property
    def rows(self) -> tuple[CountRow, ...]:
        """The units one by one."""
        return tuple(self.columns.rows())

    def row_of(self, pcode: str) -> tuple[CountRow, ...]:
        """Return the row of a unit; none where the answer does not speak of it."""
        return self._rows_of.get(pcode, ())

    @cached_property
    def _rows_of(self) -> dict[str, tuple[CountRow, ...]]:
        return {row.pcode: (row,) for row in self.rows}

    @property
    def missing(self) -> tuple[str, ...]:
        """The units without a figure."""
        told = zip(self.columns.pcode, self.columns.value, strict=True)
        return tuple(code for code, value in told if value is None)


def split_ids(joined: object) -> tuple[str, ...]:
    """Return ids that are joined with ``|``."""
    return tuple(text for text in str(joined).split("|") if text)
