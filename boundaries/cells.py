"""What the cells of a boundary file say, as text and days. A blank, a dash and a null say nothing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["days", "first_filled", "text"]

_FIRST_YEAR_MS = 315_532_800_000  # 1980: a number above it in a date column is milliseconds
_NO_NAME = ("-", "--", "NA", "N/A", "n/a", "NULL", "null", "None", "<Null>")
_NO_END = 2100  # years from here on (9999-12-31) mean "still in force"


def text(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Return a column as trimmed text; missing is "". Whole numbers keep no decimal point.

    >>> text(pd.Series([" ML01", None, 7.0])).tolist()
    ['ML01', '', '7.0']
    >>> text(pd.Series([7.0, None])).tolist()
    ['7', '']
    """
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("object").where(column.notna(), "").astype("str").str.strip()


def first_filled(table: pd.DataFrame, columns: Sequence[str]) -> "pd.Series[str]":
    """Return, row by row, the first of some columns that says something; placeholders do not."""
    said = pd.Series("", index=table.index)
    for column in columns:
        cells = text(table[column])
        said = said.where(said != "", cells.where(~cells.isin(_NO_NAME), ""))
    return said


def days(column: "pd.Series[Any]") -> set[date]:
    """Return the days a column names: dates, ISO text or milliseconds since 1970.

    Numbers that are no such count (-99) and days without end (9999-12-31) say nothing.

    >>> sorted(days(pd.Series(["2015-04-08", None, 1564704000000.0])))
    [datetime.date(2015, 4, 8), datetime.date(2019, 8, 2)]
    """
    found: set[date] = set()
    for value in column.dropna().unique():
        if isinstance(value, int | float | np.number):
            if _FIRST_YEAR_MS < float(value) < 4e12:
                found.add(datetime.fromtimestamp(float(value) / 1000, UTC).date())
            continue
        day = pd.to_datetime(str(value), errors="coerce")
        if not pd.isna(day):
            found.add(day.date())
    return {day for day in found if day.year < _NO_END}
