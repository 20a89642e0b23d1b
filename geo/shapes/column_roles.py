"""What each column of a table is for: by its HXL tag, else by its header's words, else by its cells."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.emptiness import state_of_words
from geo.grids import Sheet
from geo.headers import Column, Header
from geo.loose_dates import periods_in
from geo.loose_numbers import numbers_in
from geo.shapes.roles import STRAY_CODE, Role, group_of_words, role_of_words
from geo.shapes.tag_roles import role_of_tag

__all__ = ["roles_of"]

_SAMPLE = 500
_ORDERS = ("dmy", "mdy")


def roles_of(sheet: Sheet, header: Header) -> Mapping[int, Role]:
    """Return the roles of a table's columns by column number; columns without one are left out.

    A tag outranks the header's words. A column that neither tag nor words explain is a place's
    code where its cells look like P-codes (``TD19``), whatever it is called. A column of counts
    or days must hold some, or it is none.
    """
    roles: dict[int, Role] = {}
    body = sheet.grid.loc[header.data[:: max(1, len(header.data) // _SAMPLE)]]
    for column in header.columns:
        role = _role_of(column)
        cells = body[column.at]
        if role is None or (role.what == "mark" and column.tag is None):
            role = _pcodes(cells) or role
        if role is not None and _fits(role, cells):
            roles[column.at] = role
    return roles


def _role_of(column: Column) -> Role | None:
    if column.tag is not None:
        role = role_of_tag(column.tag)
        if role is not None and role.what == "mark":
            said = role_of_words(column.name)  # 2014 files tag refugees as people in need
            role = said if said is not None and said.group else role
        if role is not None:
            return role
    if not column.named:
        return None
    last = column.name.rsplit(" / ", 1)[-1] if column.group else column.name
    role = role_of_words(re.sub(r" \(\d+\)$", "", last))
    group = group_of_words(column.group) if column.group else ""
    if group and (role is None or (role.what == "value" and not role.group)):
        return replace(role or Role("value"), group=group)
    if role is None and column.group:
        return role_of_words(column.name.replace(" / ", " "))
    return role


def _pcodes(cells: pd.Series) -> Role | None:
    texts = [text for text in cells.tolist() if text]
    alike = sum(re.fullmatch(r"[A-Z]{2,3}[0-9]{2,12}", text) is not None for text in texts)
    if len(texts) < 3 or alike < 0.9 * len(texts):
        return None
    return Role("place", code=True, rank=STRAY_CODE)


def _fits(role: Role, cells: pd.Series) -> bool:
    filled = cells[[state_of_words(text) is None for text in cells.tolist()]]
    if filled.empty:
        return role.what != "value"
    if role.what == "value":
        read = 1 - float(np.mean(numbers_in(filled).bad))
        # a header that names a group is believed while any cell bears it out: bad cells are said
        return read >= 0.5 or (bool(role.group) and read > 0)
    if role.what in ("date", "start"):
        return any(not periods_in(filled, order=order, year=2000).bad.all() for order in _ORDERS)
    return True
