"""A published edition answered by its sheets: each question reads what it is about, and never the whole.

Small editions are read whole, checked against their hash and indexed in memory (`geo.figure_index`).
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from threading import Lock
from typing import Any, Protocol

import pandas as pd

from geo.edition_rows import frame_of_cells
from geo.errors import StoreError
from geo.figure_index import Series
from geo.release import ReleasedFigures
from geo.sheets import (
    CONTENTS,
    DAY,
    ORIGINS,
    UNIT,
    Columns,
    Contents,
    cells_of,
    contents_of,
    day_key,
    rows_of,
    seal_of,
)
from geo.stored_part import StoredPart
from geo.tables import UNIT_FIGURE_COLUMNS

__all__ = ["SheetReader", "Sizes", "StoredFigures", "StoredIndex"]

_ROWS_KEPT = 100_000  # of parts asked for lately: an answer in the next format asks again


@dataclass(frozen=True, slots=True)
class Sizes:
    """From how many figures on an edition has sheets, short profiles of its units, and columns.

    Reading, hashing and indexing an edition whole takes some 15 s a million figures: twenty thousand
    keep nobody waiting, and their answers come from memory.
    """

    by_sheets: int = 20_000
    short_profiles: int = 2_000_000
    columns: int = 5_000_000


class SheetReader(Protocol):
    """Where an edition's sheets are read."""

    def content(self, kind: str, key: str) -> bytes | None:
        """Return a sheet as it was written, None where there is none; raises a `StoreError`."""
        ...

    def contents(self, kind: str) -> Iterable[tuple[str, bytes]]:
        """Give key and content of all sheets of a kind; raises a `StoreError`."""
        ...

    @property
    def at_hand(self) -> bool:
        """Whether a sheet is read from this machine, so that nobody has to be waited for."""
        ...


class StoredIndex:
    """The index of one edition over its sheets; asks as `geo.figure_index.FigureIndex` is asked."""

    def __init__(
        self,
        reader: SheetReader,
        contents: Contents,
        *,
        damaged: Callable[[], StoreError],
    ) -> None:
        self._reader, self._contents, self._damaged = reader, contents, damaged
        self._lately: OrderedDict[str, StoredPart] = OrderedDict()
        self._rows_kept = 0
        self._lock = Lock()

    @classmethod
    def of(
        cls,
        reader: SheetReader,
        seal: str,
        *,
        damaged: Callable[[], StoreError],
    ) -> "StoredIndex | None":
        """Return the index of an edition sealed with ``seal``; None where its form is not known here.

        Raises what ``damaged`` returns where the list of sheets is not the one that was sealed.
        """
        content = reader.content(CONTENTS, "")
        if content is None or seal_of(content) != seal:
            raise damaged()
        contents = contents_of(content)
        return None if contents is None else cls(reader, contents, damaged=damaged)

    @property
    def at_hand(self) -> bool:
        """Whether an answer waits for this machine alone."""
        return self._reader.at_hand

    @cached_property
    def _series(self) -> dict[tuple[str, int], list[Series]]:
        found: dict[tuple[str, int], list[Series]] = {}
        for series, level, _ in self.offered():
            found.setdefault((series[0], level), []).append(series)
        return found

    @cached_property
    def levels(self) -> dict[str, list[int]]:
        """Each group that has figures, with the levels it has them at; both ascending."""
        found: dict[str, list[int]] = {}
        for group, level in sorted(self._series):
            found.setdefault(group, []).append(level)
        return found

    def measures(self, group: str, level: int) -> list[str]:
        """Return the measures of a group's figures at a level, ascending."""
        return sorted({series[1] for series in self._series.get((group, level), [])})

    def units(self, group: str, level: int, measure: str) -> set[str]:
        """Return what a group's figures of a measure count at a level."""
        there = self._series.get((group, level), [])
        return {series[2] for series in there if series[1] == measure}

    def origins(self, group: str, level: int, measure: str) -> list[str]:
        """Return the origins that figures of a measure at a level are told by, ascending."""
        there = self._series.get((group, level), [])
        return sorted({series[3] for series in there if series[1] == measure} - {""})

    def days(self, series: Series, level: int, *, placed: bool = False) -> list[dt.date]:
        """Return the days with figures at a level, ascending; ``placed``: in one of its units."""
        there = self._contents.days.get(series, {}).get(level, {})
        return [day for day, worth in there.items() if worth > int(placed)]

    def offered(self) -> Iterator[tuple[Series, int, list[dt.date]]]:
        """Give each series at each level with its days, ascending."""
        for series, levels in self._contents.days.items():
            for level in sorted(levels):
                days = self.days(series, level)
                if days:
                    yield series, level, days

    def of_day(self, series: Series, day: dt.date) -> StoredPart:
        """Return one series' rows of one day, of all levels and states."""
        key = day_key(series, day)
        with self._lock:
            part = self._lately.get(key)
            if part is not None:
                self._lately.move_to_end(key)
                return part
        part = StoredPart(rows_of(self._content(DAY, key)))
        with self._lock:
            if key not in self._lately:
                self._lately[key] = part
                self._rows_kept += len(part)
            while self._rows_kept > _ROWS_KEPT and len(self._lately) > 1:
                self._rows_kept -= len(self._lately.popitem(last=False)[1])
        return part

    def of_unit(self, pcode: str) -> Columns:
        """Return the rows that speak of one unit, as they were cut for its profile."""
        if (UNIT, pcode) not in self._contents.hashes:
            return {name: [] for name in UNIT_FIGURE_COLUMNS}
        return self._cells(UNIT, pcode)

    def of_series(self, wanted: Callable[[Series, int], bool]) -> pd.DataFrame:
        """Return the rows of those series that are wanted at a level they speak at."""
        parts = []
        for series, levels in self._contents.days.items():
            chosen = [level for level in levels if wanted(series, level)]
            for day in sorted({day for level in chosen for day in levels[level]}):
                cells = self._cells(DAY, day_key(series, day))
                if len(chosen) < len(levels):
                    rows = [row for row, level in enumerate(cells["level"]) if level in chosen]
                    cells = {name: [there[row] for row in rows] for name, there in cells.items()}
                parts.append(cells)
        return _frame(parts)

    def origin_sheets(
        self, group: str, measure: str, unit: str, level: int
    ) -> list[tuple[str, int, Callable[[], Columns]]]:
        """Return each origin with the number of its rows of totals, and how to read them."""
        sheets = self._contents.origins.get((group, measure, unit, level), ())
        return [
            (each.origin, each.rows, lambda key=each.key: self._cells(ORIGINS, key))  # type: ignore[misc]
            for each in sheets
        ]

    def dated(self) -> pd.DataFrame:
        """Return group, measure, unit, origin, level and date of all figures."""
        rows = [(*series, level, day) for series, level, days in self.offered() for day in days]
        columns = ["group", "measure", "unit", "origin", "level", "date"]
        found = pd.DataFrame(rows, columns=columns)
        found["date"] = pd.Series([row[-1] for row in rows], dtype="object")
        return found

    @cached_property
    def whole(self) -> pd.DataFrame:
        """All rows: for the few questions that cannot be asked otherwise. Slow, and large."""
        parts = []
        for key, content in self._reader.contents(DAY):
            parts.append(cells_of(self._checked(DAY, key, content)))
        if len(parts) != sum(kind == DAY for kind, _ in self._contents.hashes):
            raise self._damaged()
        return _frame(parts)

    def levels_spoken_at(self) -> list[int]:
        """Return the levels at which any row speaks, ascending."""
        return list(self._contents.levels)

    def fed_by(self, source: str) -> set[tuple[str, str, dt.date]]:
        """Return group, measure and day of what rests on a source."""
        return {
            (group, measure, day)
            for group, measure, day, sources in self._contents.fed
            if source in sources.split("|")
        }

    def _cells(self, kind: str, key: str) -> Columns:
        return cells_of(self._content(kind, key))

    def _content(self, kind: str, key: str) -> bytes:
        return self._checked(kind, key, self._reader.content(kind, key))

    def _checked(self, kind: str, key: str, content: bytes | None) -> bytes:
        """Return a sheet; one that is not what was published is never shown."""
        if content is None or seal_of(content) != self._contents.hashes.get((kind, key)):
            raise self._damaged()
        return content


def _frame(parts: list[Columns]) -> pd.DataFrame:
    """Return sheets' rows as one frame, in the order they were published in."""
    names = ("place", *UNIT_FIGURE_COLUMNS)
    cells: Columns = {name: [] for name in names}
    for part in parts:
        for name in names:
            cells[name] += part[name]
    order = sorted(range(len(cells["place"])), key=cells["place"].__getitem__)
    if order != list(range(len(order))):
        cells = {name: [there[row] for row in order] for name, there in cells.items()}
    return frame_of_cells(cells, UNIT_FIGURE_COLUMNS)


class StoredFigures(ReleasedFigures):
    """Released figures that stay in their store; ``figures`` is read whole only where it is asked for."""

    @classmethod
    def of(cls, without: ReleasedFigures, index: StoredIndex) -> "StoredFigures":
        """Return ``without`` (its figures are empty) with those that ``index`` knows."""
        made = object.__new__(cls)
        told = {each.name: getattr(without, each.name) for each in fields(without)}
        del told["figures"]  # so that asking for it comes to `__getattr__`
        made.__dict__.update(told, index=index)
        return made

    def __getattr__(self, name: str) -> Any:
        if name == "figures":
            return self.stored.whole
        raise AttributeError(name)

    @property
    def stored(self) -> StoredIndex:
        """The index, as what it is."""
        index: StoredIndex = self.__dict__["index"]
        return index

    @property
    def levels(self) -> list[int]:
        """The levels at which any row speaks, ascending."""
        return self.stored.levels_spoken_at()

    def of_unit(self, pcode: str) -> Columns:
        """Return the rows that speak of one unit; of a large edition, by origin the latest day alone."""
        return self.stored.of_unit(pcode)

    def dated(self, places: Collection[str]) -> pd.DataFrame:  # noqa: ARG002 - as of any figures
        """Return what is dated; figures lie in units of the vintage, or within one of them."""
        return self.stored.dated()

    def for_groups(self, groups: Collection[str], *, by_origin: bool) -> ReleasedFigures:
        """Return figures of some groups alone: of all origins together, and of countries by each."""
        figures = self.stored.of_series(
            lambda series, level: series[0] in groups and (by_origin or not series[3] or level == 0)
        )
        told = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != "figures"
        }
        return ReleasedFigures(**told, figures=figures)

    def fed_by(self, source: str) -> set[tuple[str, str, dt.date]]:
        """Return group, measure and day of the figures that rest on a source."""
        return self.stored.fed_by(source)
