"""Where a table begins and ends on its sheet. Every row is data, header, or dropped with a reason.

A header is the first row that is as wide as the table and names things; rows above it are titles
unless they group its columns. Totals, notes, blank rows, repeated headers and HXL tags are left
out of the data, each listed with why: their numbers may still be wanted to check sums.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.emptiness import folded, state_of_words
from geo.errors import UnreadableTable
from geo.grids import Sheet
from geo.hxl import Tag, hxl_share, tag_in
from geo.table_ends import footnotes, is_value, repeated, says_total, tagged, totals

__all__ = ["Column", "Dropped", "Header", "find_header"]

_LOOK = 40  # rows from the top in which a header may stand
_BODY_SAMPLE = 400
_MOST_HEADER_ROWS = 4
_LONG_HEADER = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    ``at`` is its number on the sheet. ``name`` is short and unique; ``full`` is all that the
    header says, with line breaks and instructions. ``group`` is what a header row above says of
    several columns together. ``named`` is False where the sheet has no header for it.
    """

    at: int
    name: str
    full: str
    tag: Tag | None = None
    group: str = ""
    named: bool = True


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows ``first`` to ``last`` that are no data, and why.

    ``reason``: title, header, hxl, blank, total, footnote, repeated-header; and of rows that a
    shape leaves out: see `geo.shapes`. ``text`` is what the (first) row says.
    """

    first: int
    last: int
    reason: str
    text: str = ""


@dataclass(frozen=True)
class Header:
    """How a sheet is laid out. ``rows`` are its header rows, ``hxl`` its row of tags.

    ``data`` are the numbers of the data rows, in order; with ``rows``, ``hxl`` and ``dropped``
    they are every row of the sheet up to the last with text. ``notes`` say what is odd.
    """

    rows: tuple[int, ...]
    columns: tuple[Column, ...]
    hxl: int | None
    first: int
    data: NDArray[np.int64]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...] = ()

    def body(self, sheet: Sheet) -> pd.DataFrame:
        """Return the data rows as text, indexed by row number, columns by their unique names."""
        frame = sheet.grid.loc[self.data, [column.at for column in self.columns]]
        frame.columns = pd.Index([column.name for column in self.columns], dtype="str")
        return frame


def find_header(sheet: Sheet) -> Header:
    """Find where the table of a sheet begins and ends, and what its columns are called.

    A row of HXL tags is where data begin. Without one, the header is the first of the top 40
    rows that fills at least half as many cells as the rows of the table usually do and is mostly
    words. Rows just above it that fill several cells across the width name groups of columns;
    rows just below that hold words where the table holds numbers belong to it too. Merged cells
    of the header are filled.

    Raises
    ------
    UnreadableTable
        The sheet is empty, or no row of it names its columns.
    """
    grid = sheet.grid
    if grid.empty:
        raise _no_table(sheet, "is empty")
    top = _Top(sheet)
    hxl = top.hxl_row()
    head = top.rows_above(hxl) if hxl is not None else top.header_rows()
    last_head = max([*head, *([hxl] if hxl is not None else [])])
    columns, notes = _columns(top, head, hxl)
    data, dropped = _body(sheet, top, head, columns, last_head)
    numbers = grid.index.to_numpy()
    titles = [
        Dropped(row, row, "title", _said(grid, row))
        for row in map(int, numbers[numbers < last_head])
        if row not in head and row != hxl
    ]
    everything = (*titles, *_blanks(numbers), *dropped)
    return Header(
        rows=tuple(head),
        columns=columns,
        hxl=hxl,
        first=int(data[0]) if len(data) else last_head + 1,
        data=data,
        dropped=tuple(sorted(everything, key=lambda drop: drop.first)),
        notes=notes,
    )


def _no_table(sheet: Sheet, found: str) -> UnreadableTable:
    return UnreadableTable(
        sheet.where,
        found=found,
        expected="a table with a header row",
        todo="Give every column a name in one row, and the data in the rows under it.",
    )


class _Top:
    """The first rows of a sheet, with merged cells filled, and what the body looks like."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        grid = sheet.grid
        self.at = [int(column) for column in grid.columns]
        self.numbers = [int(row) for row in grid.index[:_LOOK]]
        self.raw = dict(
            zip(self.numbers, (list(row) for row in grid.iloc[:_LOOK].to_numpy()), strict=True)
        )
        sample = grid.iloc[:: max(1, len(grid) // _BODY_SAMPLE)]
        fills = (sample != "").sum(axis=1).to_numpy()
        self.usual = float(np.median(fills))
        self.typed = [_is_typed(sample.iloc[:, n]) for n in range(len(self.at))]

    def filled(self, row: int) -> int:
        return sum(bool(cell) for cell in self.raw[row])

    def cells(self, row: int) -> list[str]:
        """Return a row with merged cells filled to the right and downwards."""
        cells = list(self.raw[row])
        for first, last, left, right in self.sheet.merged:
            if first <= row <= last and first in self.raw and left in self.at:
                text = self.raw[first][self.at.index(left)]
                for column in range(left, right + 1):
                    if column in self.at:
                        cells[self.at.index(column)] = text
        return cells

    def hxl_row(self) -> int | None:
        """Return the row that is mostly tags, if any."""
        return next((row for row in self.numbers if hxl_share(self.raw[row]) >= 0.5), None)

    def rows_above(self, hxl: int) -> list[int]:
        """Return the header rows of a tagged table: what is wide enough right above the tags."""
        head: list[int] = []
        for row in reversed([row for row in self.numbers if row < hxl]):
            wide = self.filled(row) >= max(2, 0.34 * self.usual) or len(self.at) == 1
            if not wide or len(head) == _MOST_HEADER_ROWS or self._says_one_thing(row):
                break
            head.insert(0, row)
        if not head:  # tags above the names
            below = next((row for row in self.numbers if row > hxl), None)
            if below is not None and self._clashes(below):
                head = [below]
        return head

    def header_rows(self) -> list[int]:
        needed = max(1.0, 0.5 * self.usual) if self.usual < 3 else max(2.0, 0.5 * self.usual)
        start = next(
            (row for row in self.numbers if self.filled(row) >= needed and self._names(row)), None
        )
        if start is None:
            raise _no_table(self.sheet, "has no row that names its columns")
        head = [start]
        # rows above that name groups of columns
        for row in reversed([row for row in self.numbers if row < start]):
            if head[0] - row != 1 or not self._groups(row) or len(head) == _MOST_HEADER_ROWS:
                break
            head.insert(0, row)
        # rows below that still hold words where the body holds numbers
        for row in (row for row in self.numbers if row > start):
            under = row - head[-1] == 1 and len(head) < _MOST_HEADER_ROWS
            if not under or not (self._clashes(row) or self._completes(row, head)):
                break
            head.append(row)
        return head

    def _names(self, row: int) -> bool:
        """Whether a row could name columns: mostly words, hardly any of them twice."""
        texts = [cell for cell in self.raw[row] if cell]
        words = [text for text in texts if not is_value(text) or _is_year(text)]
        return (
            len(words) >= 0.6 * len(texts)
            and any(not _is_year(word) for word in words)
            and not self._says_one_thing(row)
            and sum(len(text) > 300 for text in texts) <= 0.5 * len(texts)
        )

    def _says_one_thing(self, row: int) -> bool:
        texts = [cell for cell in self.raw[row] if cell]
        return len(texts) > 1 and len(set(texts)) == 1

    def _groups(self, row: int) -> bool:
        """Whether a row names groups of columns: several words, spread over the width."""
        filled = [n for n, cell in enumerate(self.raw[row]) if cell]
        spread = len(filled) >= 2 and filled[-1] >= 0.5 * (len(self.at) - 1)
        merged = any(
            first == row and right > left and right - left + 1 < len(self.at)
            for first, _, left, right in self.sheet.merged
        )
        return (spread or (merged and len(filled) >= 2)) and self._names(row)

    def _clashes(self, row: int) -> bool:
        """Whether a row holds words in columns that hold numbers or days below, and none there."""
        cells = [cell for cell, typed in zip(self.raw[row], self.typed, strict=True) if typed]
        cells = [cell for cell in cells if cell and state_of_words(cell) is None]
        if not cells or says_total(next((c for c in self.raw[row] if c), "")):
            return False
        return all(not is_value(cell) or _is_year(cell) for cell in cells) and self._names(row)

    def _completes(self, row: int, head: list[int]) -> bool:
        """Whether a row names the columns under merged groups that the rows above leave open."""
        spans = [
            area
            for area in self.sheet.merged
            if area[0] == head[-1] and area[1] == area[0] and area[3] > area[2]
        ]
        under = [self.at.index(c) for s in spans for c in range(s[2], s[3] + 1) if c in self.at]
        texts = [self.raw[row][n] for n in under]
        return len(under) > 1 and all(texts) and len(set(texts)) > 1 and self._names(row)


def _is_typed(cells: pd.Series) -> bool:
    """Whether a column holds numbers or days in nine of ten filled cells."""
    texts = [text for text in cells.tolist() if text and state_of_words(text) is None]
    # the header's own rows are among the sample
    return len(texts) > 1 and sum(map(is_value, texts)) >= max(1, 0.8 * (len(texts) - 3))


def _is_year(text: str) -> bool:
    return re.fullmatch(r"(?:19|20)[0-9]{2}", text) is not None


def _columns(
    top: _Top, head: Sequence[int], hxl: int | None
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    lines = [top.cells(row) for row in head]
    tags = top.raw[hxl] if hxl is not None else [""] * len(top.at)
    # a group named once stands for the columns up to the next name
    for line in lines[:-1]:
        open_group = ""
        for n, cell in enumerate(line):
            open_group = cell or open_group
            if not cell and lines[-1][n]:
                line[n] = open_group
    columns: list[Column] = []
    seen: Counter[str] = Counter()
    notes: list[str] = []
    for n, at in enumerate(top.at):
        parts = list(dict.fromkeys(_one_line(line[n]) for line in lines if line[n]))
        full = "\n".join(dict.fromkeys(line[n] for line in lines if line[n]))
        short = " / ".join(_short(part) for part in parts)
        tag = tag_in(tags[n])
        name = short or (tags[n].strip() if tag else f"column {at}")
        seen[folded(name)] += 1
        if seen[folded(name)] > 1:
            notes.append(f"the header {name!r} stands over several columns; they are numbered")
            name = f"{name} ({seen[folded(name)]})"
        group = parts[0] if len(parts) > 1 else ""
        columns.append(Column(at, name, full, tag, group, named=bool(short or tag)))
    return tuple(columns), tuple(dict.fromkeys(notes))


def _one_line(text: str) -> str:
    return " ".join(text.replace("\ufeff", "").split())


def _short(text: str) -> str:
    """Return a header without its instructions.

    >>> _short("Cluster (Saisir le cluster dans lequel l'activité est mise en cours)")
    'Cluster'
    >>> _short("admin1Pcod Saisie automatique (a ne rien écrire)")
    'admin1Pcod'
    """
    if len(text) <= _LONG_HEADER:
        return text
    before = re.split(r"\s*[(:\[]|\s+(?=(?:Saisi|Sasi|Veuillez|Please|Select|Enter)\w*)", text)[0]
    return before.strip() or text


def _body(
    sheet: Sheet, top: _Top, head: Sequence[int], columns: Sequence[Column], last_head: int
) -> tuple[NDArray[np.int64], list[Dropped]]:
    grid = sheet.grid
    rows = grid.loc[grid.index > last_head]
    # a header under its tags stands among the rows already
    rows = rows.loc[~rows.index.isin(list(head))]
    reasons = pd.Series("", index=rows.index, dtype="str")
    for reason, hit in (
        ("footnote", footnotes(rows, top.usual)),
        ("total", totals(rows, top.typed, [column.name for column in columns])),
        ("repeated-header", repeated(rows, grid, head)),
        ("hxl", tagged(rows)),
    ):
        reasons[hit] = reason
    kept = reasons == ""
    dropped = [
        Dropped(row, row, str(reasons.loc[row]), _said(grid, row))
        for row in map(int, rows.index[~kept])
    ]
    return rows.index[kept].to_numpy(dtype="int64"), dropped


def _blanks(numbers: NDArray[np.int64]) -> list[Dropped]:
    """The runs of row numbers that are missing: the sheet has nothing there."""
    ends = np.concatenate([[0], numbers])
    gaps = np.flatnonzero(np.diff(ends) > 1)
    return [Dropped(int(ends[n]) + 1, int(ends[n + 1]) - 1, "blank") for n in gaps]


def _said(grid: pd.DataFrame, row: int) -> str:
    cells = grid.iloc[int(grid.index.searchsorted(row))]
    return " | ".join(text for text in cells.tolist() if text)[:200]
