"""From the text of a table to figures, movements and presence, as written: no place is matched yet.

A blank value is "not reported", never zero. The same figure stated twice stops the reading,
because people would be counted twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo.cells import Cell, count_in, day_in, word_in
from geo.errors import BadProfile, DuplicateRow, MissingColumn
from geo.profiles import Profile
from geo.reading import TextTable, read_csv_text
from geo.tables import (
    FIGURE_COLUMNS,
    FLOW_COLUMNS,
    PRESENCE_COLUMNS,
    FigureTable,
    FlowTable,
    PresenceTable,
    typed_frame,
)
from geo.terms import QUALIFIERS, Kind, Measure, PopulationGroup, State, Unit

__all__ = ["WHY_NEEDED", "read_figures", "read_flows", "read_population", "read_presence"]

WHY_NEEDED = {
    "place": "the place's name or, as 'pcode', its code",
    "origin": "where people left: a name or, as 'origin_pcode', a code",
    "destination": "where people arrived: a name or, as 'destination_pcode', a code",
    "group": "the population group's code, such as IDP",
    "measure": "stock, new or cumulative",
    "kind": "registered, verified, government, estimate or planning",
    "date": "the day the figure is as of",
    "value": "the count",
    "org": "the organisation's name",
    "sector": "the sector",
}
"""What each column that a table needs holds, for messages."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as our columns see it."""

    table: TextTable
    number: int
    cells: tuple[str, ...]
    at: Mapping[str, int]
    profile: Profile

    def cell(self, column: str) -> Cell:
        """Return the cell of one of our columns, its default where it is blank."""
        text = ""
        where = self.profile.header(column)
        if column in self.at:
            text, where = self.cells[self.at[column]], self.table.header[self.at[column]]
        if self.profile.blank(text):
            text = self.profile.defaults.get(column, "")
        return Cell(text, self.table.file, self.number, where)

    def text(self, column: str) -> str:
        """Return the text of one of our columns, "" where there is none."""
        return self.cell(column).text

    def needed(self, column: str) -> Cell:
        """Return a cell that must not be blank."""
        cell = self.cell(column)
        if not cell.text:
            raise cell.bad(WHY_NEEDED[column], "Fill the cell in, or give the column a default.")
        return cell


def read_figures(
    path: Path, profile: Profile, *, source: str, name: str | None = None
) -> FigureTable:
    """Read figures at places.

    Needed: ``place`` or ``pcode``, ``group``, ``measure``, ``kind``, ``date`` and ``value``, as
    columns or as defaults. ``unit`` is persons and ``qualifier`` exact unless stated; ``source``
    is the table's unless a row names its own. ``start`` is needed for new cases in a period.

    Raises
    ------
    TableError
        The first thing in the file that cannot be used, as one sentence.
    """
    rows = _rows_of(path, profile, name, FIGURE_COLUMNS, ("group", "measure", "kind", "date"))
    places = ("place", "pcode")
    return FigureTable(
        typed_frame(_once(rows, places, lambda row: _figure(row, source)), FIGURE_COLUMNS)
    )


def read_population(
    path: Path, profile: Profile, *, source: str, name: str | None = None
) -> FigureTable:
    """Read resident population: figures of group POP and measure stock, the denominator of rates.

    Needed: ``place`` or ``pcode``, ``date`` and ``value``. ``kind`` is government unless stated.
    """
    defaults = {"group": "POP", "measure": "stock", "kind": "government", **profile.defaults}
    return read_figures(path, replace(profile, defaults=defaults), source=source, name=name)


def read_flows(path: Path, profile: Profile, *, source: str, name: str | None = None) -> FlowTable:
    """Read movements from a place to a place: the columns of figures, but two places.

    Needed: ``origin`` or ``origin_pcode``, ``destination`` or ``destination_pcode``, ``group``,
    ``measure``, ``kind``, ``date`` and ``value``.
    """
    rows = _rows_of(path, profile, name, FLOW_COLUMNS, ("group", "measure", "kind", "date"))
    ends = ("origin", "origin_pcode", "destination", "destination_pcode")

    def flow(row: _Row) -> dict[str, Any]:
        _placed(row, "origin", "origin_pcode")
        _placed(row, "destination", "destination_pcode")
        parents = ("origin_parent", "destination_parent")
        return {**_what(row, source), **{column: row.text(column) for column in ends + parents}}

    return FlowTable(typed_frame(_once(rows, ends, flow), FLOW_COLUMNS))


def read_presence(
    path: Path, profile: Profile, *, source: str, name: str | None = None
) -> PresenceTable:
    """Read who does what where: one row per organisation, activity and place.

    Needed: ``place`` or ``pcode``, ``org``, ``sector`` and ``date``. ``basis`` says whether the
    source states the presence at this place (explicit, the default) or it was inferred.
    """
    rows = _rows_of(path, profile, name, PRESENCE_COLUMNS, ("org", "sector", "date"))

    def presence(row: _Row) -> dict[str, Any]:
        _placed(row, "place", "pcode")
        record: dict[str, Any] = {column: row.text(column) for column in PRESENCE_COLUMNS}
        basis = replace(row.cell("basis"), text=row.text("basis") or "explicit")
        return record | {
            "file": row.table.file,
            "row": row.number,
            "org": row.needed("org").text,
            "sector": row.needed("sector").text,
            "basis": word_in(basis, ("explicit", "inferred")),
            "start": day_in(row.cell("start")) if row.text("start") else None,
            "date": day_in(row.needed("date")),
            "source": row.text("source") or source,
        }

    return PresenceTable(typed_frame(map(presence, rows), PRESENCE_COLUMNS))


def _rows_of(
    path: Path,
    profile: Profile,
    name: str | None,
    columns: Mapping[str, str],
    needed: tuple[str, ...],
) -> Iterator[_Row]:
    table = read_csv_text(path, name=name)
    ours = [column for column in columns if column not in ("file", "row")]
    for column in (*profile.columns, *profile.defaults):
        if column not in ours:
            raise BadProfile(table.file, column=column, known=ours)
    folded = {header.casefold(): at for at, header in reversed(list(enumerate(table.header)))}
    at = {
        column: folded[profile.header(column).casefold()]
        for column in ours
        if profile.header(column).casefold() in folded
    }

    def missing(column: str, needed_for: str) -> MissingColumn:
        return MissingColumn(
            table.file, column=column, needed_for=needed_for, found=[h for h in table.header if h]
        )

    for column in profile.columns:
        if column not in at:
            raise missing(profile.header(column), f"the profile says it holds {column!r}")
    filled = {*at, *(column for column, text in profile.defaults.items() if text)}
    alternatives = [("place", "pcode")]
    if "destination" in ours:
        alternatives = [("origin", "origin_pcode"), ("destination", "destination_pcode")]
    for by_name, by_code in alternatives:
        if by_name not in filled and by_code not in filled:
            raise missing(by_name, WHY_NEEDED[by_name])
    for column in (*needed, *(("value",) if "value" in ours else ())):
        if column not in filled:
            raise missing(profile.header(column), WHY_NEEDED[column])
    for number, cells in table.rows:
        yield _Row(table, number, cells, at, profile)


def _placed(row: _Row, by_name: str, by_code: str) -> None:
    if not row.text(by_name) and not row.text(by_code):
        raise row.cell(by_name).bad(WHY_NEEDED[by_name], "Fill the cell in, or remove the row.")


def _figure(row: _Row, source: str) -> dict[str, Any]:
    _placed(row, "place", "pcode")
    places = ("place", "pcode", "parent", "level", "origin")
    record: dict[str, Any] = {column: row.text(column) for column in places}
    if record["level"] and record["level"] not in ("0", "1", "2", "3", "4"):
        raise row.cell("level").bad("a level from 0 (country) to 4", "Correct it or leave it out.")
    return record | _what(row, source)


def _what(row: _Row, source: str) -> dict[str, Any]:
    measure = word_in(row.needed("measure"), Measure)
    start = day_in(row.cell("start")) if row.text("start") else None
    end = day_in(row.needed("date"))
    if measure == Measure.NEW and start is None:
        raise _start_cell(row).bad("the first day of the period", "New cases need their period.")
    if measure == Measure.STOCK and start is not None:
        raise _start_cell(row).bad(
            "empty, as a stock has no period", "Empty it, or correct measure."
        )
    if start is not None and start > end:
        raise _start_cell(row).bad(f"a day before the date {end}", "Correct one of the two.")
    value, state = _value(row)
    unit = replace(row.cell("unit"), text=row.text("unit") or Unit.PERSONS)
    qualifier = replace(row.cell("qualifier"), text=row.text("qualifier") or "exact")
    return {
        "file": row.table.file,
        "row": row.number,
        "group": word_in(row.needed("group"), PopulationGroup),
        "measure": measure,
        "kind": word_in(row.needed("kind"), Kind),
        "unit": word_in(unit, Unit),
        "start": start,
        "date": end,
        "value": value,
        "state": state,
        "qualifier": word_in(qualifier, QUALIFIERS),
        "source": row.text("source") or source,
        "note": row.text("note"),
    }


def _start_cell(row: _Row) -> Cell:
    return row.cell("start")


def _value(row: _Row) -> tuple[float, str]:
    cell = row.cell("value")
    said = word_in(row.cell("state"), State) if row.text("state") else ""
    if cell.text and said not in ("", State.FIGURE):
        raise cell.bad(f"empty, as the row's state is {said!r}", "Empty it, or correct the state.")
    if not cell.text and said == State.FIGURE:
        raise cell.bad("a count, as the row's state is 'figure'", "Fill it in.")
    if not cell.text:
        return float("nan"), said or State.NOT_REPORTED.value
    return count_in(cell), State.FIGURE.value


_WHAT_IS_SAME = ("origin", "group", "measure", "kind", "unit", "date", "start", "source")


def _once(
    rows: Iterator[_Row], places: tuple[str, ...], make: Callable[[_Row], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Make the records, and stop at the second that states the same figure."""
    first: dict[tuple[Any, ...], int] = {}
    for row in rows:
        record = make(row)
        same = (*places, "parent", "level", *_WHAT_IS_SAME, "origin_parent", "destination_parent")
        key = tuple(
            cell.casefold() if isinstance(cell, str) else cell
            for cell in (record.get(column, "") for column in same)
        )
        if key in first:
            where = " → ".join(record[column] for column in places if record[column])
            what = f"{record['group']} ({record['measure']}) of {record['date']} for {where!r}"
            raise DuplicateRow(row.table.file, row=row.number, first=first[key], what=what)
        first[key] = row.number
        yield record
