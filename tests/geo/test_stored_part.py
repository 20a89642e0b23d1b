"""A day's sheet answers the same whether a column was written as one cell or as a list of them."""

import datetime as dt
import json
from math import isnan, nan
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.sheets import rows_of
from geo.standing import standing_rows
from geo.stored_part import StoredPart

SERIES, DAY = ("IDP", "stock", "persons", ""), dt.date(2020, 12, 31)
NUMBERS = st.one_of(st.none(), st.integers(0, 40).map(float), st.just(0.5))
ROW = st.fixed_dictionaries(
    {
        "pcode": st.sampled_from(["XA", "XA01", "XA02", "XA03", ""]),
        "level": st.integers(0, 1),
        "unplaced": st.booleans(),
        "state": st.sampled_from(["figure", "not_reported"]),
        "basis": st.sampled_from(["stated", "summed"]),
        "sources": st.sampled_from(["survey", "survey|census"]),
        "start": st.sampled_from([None, "2020-01-01"]),
        "value": NUMBERS,
        "low": st.one_of(st.none(), NUMBERS),
        "high": NUMBERS,
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=7)
PLAIN_ROWS = st.lists(ROW, min_size=1, max_size=5, unique_by=lambda row: row["pcode"]).map(
    lambda rows: [row | {"level": 1, "unplaced": False, "state": "figure"} for row in rows]
)


def part_of(rows: list[dict[str, Any]], *, as_lists: bool) -> StoredPart:
    cells: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    if not as_lists:
        cells = {
            name: there[0] if all(cell == there[0] for cell in there) else there
            for name, there in cells.items()
        }
    said = {"first": 12, "rows": len(rows), "cells": cells}
    return StoredPart(rows_of(json.dumps(said).encode()))


def told(column: str, cell: Any) -> Any:
    if column in ("value", "low", "high"):
        return nan if cell is None else cell
    return dt.date.fromisoformat(cell) if column == "start" and cell else cell


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float) and isnan(one):
        return isnan(other)
    return type(one) is type(other) and bool(one == other)


@given(ROWS | PLAIN_ROWS, st.booleans(), st.data())
def test_a_part_says_what_its_rows_say(
    rows: list[dict[str, Any]], as_lists: bool, data: st.DataObject
) -> None:
    part = part_of(rows, as_lists=as_lists)
    assert len(part) == len(rows)
    cells = [(row["pcode"], row["level"], row["unplaced"]) for row in rows]
    states, bases = [row["state"] for row in rows], [row["basis"] for row in rows]
    assert part.rows(SERIES, DAY).tolist() == standing_rows(cells, states, bases)
    some = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    for places in (some, list(range(len(rows)))):
        at = np.array(places, dtype=np.intp)
        chosen = [rows[place] for place in places]
        for name in rows[0]:
            expected = [told(name, row[name]) for row in chosen]
            found = part.cells(at, name)
            assert len(found) == len(expected)
            assert all(map(same, found, expected)), name
        assert part.unplaced(at).tolist() == [row["unplaced"] for row in chosen]
        assert part.is_figure(at).tolist() == [row["state"] == "figure" for row in chosen]
        for level in (0, 1, 2):
            kept = [place for place in places if rows[place]["level"] == level]
            assert part.at_level(at, level).tolist() == kept
        for wanted in ((), ("XA",), ("XA01", "", "XB")):
            kept = [place for place in places if rows[place]["pcode"] in wanted]
            assert part.where(at, "pcode", wanted).tolist() == kept


def test_sheets_of_the_same_units_share_their_codes() -> None:
    row = {"level": 1, "unplaced": False, "state": "figure", "basis": "stated", "sources": "survey",
           "start": None, "low": None, "high": None}  # fmt: skip
    one, other = (
        part_of(
            [row | {"pcode": code, "value": value} for code in ("XA01", "XA02")], as_lists=False
        )
        for value in (1.0, 2.0)
    )
    everything = np.arange(2)
    assert one.cells(everything, "pcode") is other.cells(everything, "pcode")
    assert one.cells(everything, "value") == [1.0, 1.0]
