"""Which shape a table has. Fixed headers are tried first, then the roles of its columns."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from geo.grids import Sheet
from geo.headers import Header
from geo.loose_dates import period_in, years_in
from geo.shapes.by_roles import plain_table, presence_table
from geo.shapes.column_roles import roles_of
from geo.shapes.services import cod_population, dtm, hapi, prmn
from geo.shapes.shape import Shape
from geo.shapes.unhcr import demographics, portal, statistics

__all__ = ["recognise"]

_FIXED = (demographics, statistics, portal, hapi, dtm, cod_population, prmn)


def recognise(sheet: Sheet, header: Header) -> Shape:
    """Return the shape of a sheet's table; kind "unknown" where it is none of displacement.

    `Shape.profile` gives the profile to propose to the user; `geo.shaping` reads the table.
    """
    names = _names(header)
    found = next((shape for fixed in _FIXED if (shape := fixed(names)) is not None), None)
    if found is None:
        roles = roles_of(sheet, header)
        found = presence_table(sheet, header, roles) or plain_table(sheet, header, roles)
    if found is not None:
        return _dated(found, sheet)
    return Shape(
        id="unknown",
        title="Not a table of people or partners at places",
        kind="unknown",
        reasons=("no column counts people, and none names organisations at places",),
    )


def _dated(shape: Shape, sheet: Sheet) -> Shape:
    """Propose a date from the names of the sheet and the file, where no column says one."""
    said = f"{sheet.name} {PurePath(sheet.file).name}"
    years = years_in(said.replace("_", " "))
    if len(years) != 1:
        return shape
    if "date" in shape.columns:
        return replace(shape, year=years[0])
    months = re.findall(r"(?:19|20)[0-9]{2}[-_](?:0[1-9]|1[0-2])(?![-_]?[0-9])", said)
    period = period_in(months[0].replace("_", "-") if len(set(months)) == 1 else str(years[0]))
    if period is None:  # pragma: no cover -- both are periods by their form
        return shape
    day = period.end.isoformat()
    note = (
        f"no column says when; the name says {period.precision} {day[:7] if months else years[0]}"
    )
    notes = tuple(
        note_ for note_ in shape.notes if "default date" not in note_ and "date of" not in note_
    )
    return replace(
        shape,
        defaults={**shape.defaults, "date": day},
        notes=(*notes, f"{note}: {day} is proposed"),
    )


def _names(header: Header) -> Mapping[str, int]:
    """Return column numbers by plain lower-case header, the first of equal ones."""
    names: dict[str, int] = {}
    for column in header.columns:
        if column.named:
            names.setdefault(column.name.strip().lower(), column.at)
    return names
