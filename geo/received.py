"""A table as received: read, its sheet chosen, its shape recognised. Every data row is accounted for.

Nothing about the file has to be declared; what a user does declare goes before what is recognised.
A row that holds no figure, or one that cannot be used, is in the ledger with its reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import MissingColumn, NotRecognised
from geo.figure_reading import WHY_NEEDED
from geo.grids import Sheet, read_grid
from geo.headers import Dropped, Header, find_header
from geo.ledger import LedgerEntry, Verdict
from geo.loose_numbers import numbers_in
from geo.profiles import MISSING, Profile
from geo.recognising import recognise
from geo.shapes.shape import Shape, TableKind
from geo.shaping import Shaped, to_figures, to_flows, to_presence
from geo.sheet_choice import choose_sheet
from geo.tables import FigureTable, FlowTable, PresenceTable
from geo.terms import Kind, Measure, PopulationGroup, State, Unit
from geo.told_shapes import told_shape
from geo.troubles import Trouble

__all__ = ["Received", "read_received"]


@dataclass(frozen=True)
class Received:
    """A table, and how it was read.

    ``rows`` counts the rows that say something of people: data rows and checked totals. Each is
    in ``table`` or in ``entries``. ``beside`` are rows that are no data (titles, notes, tags…),
    ``reasons`` say why this sheet and shape, ``notes`` what a user should know of the reading.
    ``columns`` maps columns of ours to the headers they were read from, as a profile does.
    """

    file: str
    sheet: str
    kind: TableKind
    shape: str
    title: str
    rows: int
    table: FigureTable | FlowTable | PresenceTable
    entries: tuple[LedgerEntry, ...]
    beside: tuple[Dropped, ...]
    troubles: tuple[Trouble, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...]


def read_received(
    path: Path,
    *,
    source: str,
    kind: TableKind | None = None,
    profile: Profile | None = None,
    name: str | None = None,
    sheet: str | None = None,
) -> Received:
    """Read a table in any format and shape that is known.

    Parameters
    ----------
    path : Path
        CSV or TSV in any encoding, XLSX, JSON records; HXL tags are understood.
    source : str
        The id of the source of its figures.
    kind : str, optional
        figures, flows, presence or population; else what the table is recognised as.
    profile : Profile, optional
        Columns and defaults that go before what is recognised; cells that count as blank.
    name : str, optional
        What messages and provenance call the file.
    sheet : str, optional
        The sheet of a workbook; else the one that looks most like the data.

    Raises
    ------
    UnreadableTable, ReadingStopped
        The file is not a table, or is one that must not be read.
    NotRecognised
        It is no table of this kind, and the profile does not say how to read it.
    BadProfile, MissingColumn
        The profile names what is not there, or something is said neither by a column nor by it.
    """
    file = name if name is not None else str(path)
    profile = profile or Profile()
    chosen, reasons = choose_sheet(read_grid(path, sheet=sheet, name=file))
    chosen = _blanked(chosen, profile)
    header = find_header(chosen)
    found = recognise(chosen, header)
    shape = told_shape(found, header, profile, kind=kind or found.kind, file=file)
    _check_fits(shape, found, header, chosen)
    _check_complete(shape, header, chosen)
    shaped = _SHAPERS.get(shape.kind, to_figures)(chosen, header, shape, source=source)
    if not isinstance(shaped.table, PresenceTable):
        shaped = _usable(shaped, chosen)
    parts = bool(shape.unused(header))
    table = shaped.table
    if not isinstance(table, PresenceTable):  # rows may be told apart by what we do not read
        table = replace(table, parts=parts)
    if isinstance(table, FigureTable):
        table = replace(table, disjoint=shape.id in _DISJOINT)
    totals = list(_totals(chosen, header, shape, table))
    checked = {entry.row for entry in totals}
    dropped = [_entry(drop, chosen.file) for drop in shaped.dropped]
    return Received(
        file=file,
        sheet=chosen.name,
        kind=shape.kind,
        shape=shape.id,
        title=shape.title,
        rows=len(header.data) + len(checked),
        table=table,
        entries=tuple(sorted([*dropped, *totals], key=lambda entry: entry.row)),
        beside=tuple(d for d in header.dropped if d.reason != "blank" and d.first not in checked),
        troubles=shaped.troubles,
        reasons=tuple(dict.fromkeys([*reasons, *shape.reasons])) if sheet is None else (),
        notes=tuple(dict.fromkeys([*chosen.notes, *header.notes, *shape.notes])),
        columns=shape.profile(header).columns,
        unused=shape.unused(header),
    )


_SHAPERS = {"flows": to_flows, "presence": to_presence}
_DISJOINT = frozenset({"unhcr-demographics"})
"""Shapes whose rows hold nobody of another row: people in a capital are not in its country's row."""


def _blanked(sheet: Sheet, profile: Profile) -> Sheet:
    """Return the sheet without the cells that the user says are blank."""
    if profile.missing == MISSING:
        return sheet
    return replace(sheet, grid=sheet.grid.mask(sheet.grid.isin(list(profile.missing)), ""))


def _check_fits(shape: Shape, found: Shape, header: Header, sheet: Sheet) -> None:
    """Raise where the table does not have what its kind needs."""
    told = bool({"place", "pcode"} & set(shape.defaults))
    has_places = (bool(shape.place) or told) and (shape.kind != "flows" or bool(shape.origin))
    counts = bool(shape.values) or shape.kind == "presence"
    works = shape.kind != "presence" or bool({"org", "acronym"} & set(shape.columns))
    if shape.kind != "unknown" and has_places and counts and works:
        return
    raise NotRecognised(
        sheet.where,
        asked="" if shape.kind in ("unknown", found.kind) else shape.kind,
        title=found.title,
        found=[column.name for column in header.columns if column.named],
    )


def _check_complete(shape: Shape, header: Header, sheet: Sheet) -> None:
    """Raise where neither a column nor a default says what every figure needs."""
    said = {*shape.columns, *(name for name, text in shape.defaults.items() if text)}
    needed = ["date"] if shape.kind == "presence" else ["group", "measure", "kind", "date"]
    for column in needed:
        by_values = shape.values and all(getattr(v, column, "") for v in shape.values)
        # the statistics of UNHCR say by the group whether it is a stock
        by_shape = column == "measure" and shape.id.startswith(("unhcr", "hapi"))
        if column not in said and not by_values and not by_shape:
            raise MissingColumn(
                sheet.where,
                column=column,
                needed_for=WHY_NEEDED[column],
                found=[each.name for each in header.columns if each.named],
            )


# --- rows -----------------------------------------------------------------------------------------


def _usable(shaped: Shaped, sheet: Sheet) -> Shaped:
    """Leave out the figures that lack what every figure needs, each with the reason."""
    frame = shaped.table.frame
    frame = frame.assign(
        **{
            name: _words(frame[name], words)
            for name, words in (
                ("kind", Kind),
                ("measure", Measure),
                ("unit", Unit),
                ("group", PopulationGroup),
            )
        }
    )
    why = pd.Series("", index=frame.index, dtype="str")
    no_period = (frame["measure"] == Measure.NEW.value) & frame["start"].isna()
    for reason, hit in (
        ("no-group", frame["group"] == ""),
        ("no-measure", frame["measure"] == ""),
        ("no-kind", frame["kind"] == ""),
        ("no-unit", frame["unit"] == ""),
        ("no-date", frame["date"].isna()),
        ("no-period", no_period),
    ):
        why = why.where((why != "") | ~hit, reason)
    kept = frame[why == ""].reset_index(drop=True)
    lost = pd.DataFrame({"row": frame["row"], "why": why})[why != ""].drop_duplicates()
    dropped = [*shaped.dropped, *(_dropped(sheet, r, w) for r, w in lost.itertuples(index=False))]
    table = replace(shaped.table, frame=kept)
    return Shaped(table, tuple(sorted(dropped, key=lambda d: d.first)), shaped.troubles)


def _words(texts: pd.Series, known: Iterable[str]) -> pd.Series:
    """Return the texts that are words of ours, in our spelling; "" for all others."""
    ours = {str(word).casefold(): str(word) for word in known}
    said = {text: ours.get(str(text).strip().casefold(), "") for text in pd.unique(texts)}
    return texts.map(said).astype("str")


def _dropped(sheet: Sheet, row: int, why: str) -> Dropped:
    said = " | ".join(str(cell) for cell in sheet.grid.loc[row] if cell)
    return Dropped(int(row), int(row), why, said[:120])


_WHY = {
    "no-figure": "no figure stands in the row",
    "part-of-total": "a part (one sex, one age…) of a figure in another row",
    "other-group": "its group is no displacement: resettled, naturalised or mixed",
    "no-organisation": "no organisation stands in the row",
    "no-place": "the row names no place; fill it in, or give the total its country",
    "bad-number": "what stands where a count should is none; see the table's troubles",
    "bad-date": "what stands where a day should is none; see the table's troubles",
    "no-group": "no population group that is known; correct it, or give the table a default",
    "no-measure": "not said to be stock, new or cumulative; correct it, or give a default",
    "no-kind": "not said how people were counted; expected registered, verified, government, "
    "estimate or planning",
    "no-unit": "counts neither persons nor households",
    "no-date": "no date; fill it in, or give the table a default",
    "no-period": "new cases without the first day of their period; give `start`",
}


def _entry(drop: Dropped, file: str) -> LedgerEntry:
    return LedgerEntry(
        file=file,
        row=drop.first,
        place=drop.text[:60],
        verdict=Verdict.LEFT_OUT,
        why=_WHY.get(drop.reason, drop.reason),
        reason=drop.reason,
    )


# --- totals ---------------------------------------------------------------------------------------


def _totals(
    sheet: Sheet, header: Header, shape: Shape, table: FigureTable | FlowTable | PresenceTable
) -> Iterator[LedgerEntry]:
    """Yield an entry for each total under the table, with the sum of the rows it is the total of.

    Only where all rows above it are of one level, group, measure and date: of others it is not
    known what the total adds.
    """
    if not isinstance(table, FigureTable) or shape.whole or len(shape.values) != 1:
        return
    frame = table.frame[table.frame["state"] == State.FIGURE.value]
    of_one = all(
        frame[name].nunique() == 1 for name in ("level", "group", "measure", "unit", "date")
    )
    rows = [
        row for d in header.dropped if d.reason == "total" for row in range(d.first, d.last + 1)
    ]
    rows = [row for row in rows if row in sheet.grid.index]
    if not of_one or not rows:
        return
    cells = sheet.grid.loc[rows, shape.values[0].at]
    first = frame.iloc[0]
    before = 0
    for row, stated in zip(rows, numbers_in(cells).value, strict=True):
        if np.isnan(stated):
            continue
        above = frame[frame["row"] < row]
        since = above[above["row"] > before]
        part = since if since["value"].sum() == stated and len(since) else above
        before = row
        summed = float(part["value"].sum())
        apart = "it adds up" if summed == stated else f"{abs(stated - summed):,.0f} apart"
        yield LedgerEntry(
            file=sheet.file,
            row=row,
            place=next((str(cell) for cell in sheet.grid.loc[row] if cell), ""),
            verdict=Verdict.LEFT_OUT,
            why=f"total of the table: {stated:,.0f} stated, {summed:,.0f} in {len(part)} rows; "
            f"{apart}",
            reason="total",
            facts={
                "stated": float(stated),
                "summed": summed,
                "gap": float(stated) - summed,
                "kinds": "|".join(sorted(set(part["kind"]))),
                "parts": float(len(part)),
                "group": str(first["group"]),
                "measure": str(first["measure"]),
                "date": str(first["date"]),
            },
        )
