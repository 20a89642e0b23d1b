"""One day's counts asked for many places are what each place is told when it is asked alone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.errors import UnknownUnit
from boundaries.units import BoundarySet
from geo.counts import CountQuery, counts, counts_of_day
from geo.release import ReleasedFigures

DAY = date(2020, 12, 31)
PLACES = ("XA", "XA01", "XA02", "XA03", "XB", "XC", "")


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of one group and day: stated, summed or silent, some in none of the units."""
    rows = []
    keys = st.tuples(st.sampled_from(PLACES), st.booleans(), st.sampled_from(("stated", "sum")))
    for pcode, lost, basis in draw(st.lists(keys, unique=True, max_size=14)):
        level = 1 if pcode.startswith("XA0") else 0
        unplaced = lost or not pcode
        state = draw(st.sampled_from(("figure", "figure", "not_assessed", "suppressed")))
        rows.append(
            {
                "pcode": pcode,
                "level": 1 if unplaced else level,
                "unplaced": unplaced,
                "basis": basis,
                "state": state,
                "value": float(draw(st.integers(0, 900))) if state == "figure" else None,
                "sources": draw(st.sampled_from(("survey", "census", "census|survey"))),
            }
        )
    # somebody is counted in a unit, so that there is an answer
    fixed = {"pcode": "XA02", "level": 1, "unplaced": False, "basis": "stated", "state": "figure"}
    rows = [row for row in rows if (row["pcode"], row["basis"]) != ("XA02", "stated")]
    return [*rows, {**fixed, "value": 7.0, "sources": "survey"}]


def with_rows(released: ReleasedFigures, rows: list[dict[str, Any]]) -> ReleasedFigures:
    like = released.figures.query("group == 'IDP'").iloc[:1].to_dict("records")[0]
    base = {**like, "date": DAY, "carried": "", "origin": "", "qualifier": "exact"}
    frame = pd.DataFrame([{**base, **row} for row in rows]).astype(
        released.figures.dtypes.to_dict()
    )
    return replace(released, figures=frame)


def standing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of each place's rows the stated figure, else the sum, else any stated reason."""
    best: dict[Any, dict[str, Any]] = {}
    for row in rows:
        key = (row["pcode"], row["level"], row["unplaced"])
        worth = 2 * (row["state"] == "figure") + (row["basis"] == "stated")
        if key not in best or worth > best[key]["worth"]:
            best[key] = {**row, "worth": worth}
    return list(best.values())


@given(rows=tables(), parent=st.sampled_from(("XA", "XA01", "XA02", "XA03", "XB")))
def test_a_place_is_told_what_its_rows_say(
    rows: list[dict[str, Any]], parent: str, xaa_world: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    released = with_rows(xaa_released, rows)
    day = counts_of_day(released, xaa_world, CountQuery(1, "IDP", DAY))
    found = day.within(parent)
    stand = standing(rows)
    told = {row["pcode"]: row for row in stand if row["level"] == 1 and not row["unplaced"]}
    units = xaa_world.codes_within(parent, 1)
    inside = {parent, *units}
    lost = [r for r in stand if r["unplaced"] and r["state"] == "figure" and r["pcode"] in inside]
    stated = [
        row["value"]
        for row in stand
        if row["pcode"] == parent
        and not row["unplaced"]
        and (row["state"], row["basis"]) == ("figure", "stated")
    ]
    assert [(row.pcode, row.value, row.state) for row in found.rows] == [
        (code, told[code]["value"], told[code]["state"])
        if code in told
        else (code, None, "not_reported")
        for code in units
    ]
    assert found.unplaced == sum(row["value"] for row in lost)
    assert found.total == sum(row.value or 0 for row in found.rows) + found.unplaced
    assert found.stated_total == (stated[0] if stated else None)
    used = [row["sources"] for row in lost]
    used += [
        told[code]["sources"] for code in units if code in told and told[code]["value"] is not None
    ]
    assert found.sources == tuple(sorted({each for text in used for each in text.split("|")}))


@given(rows=tables())
def test_asking_many_is_asking_each(
    rows: list[dict[str, Any]], xaa_world: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    released = with_rows(xaa_released, rows)
    query = CountQuery(1, "IDP", DAY)
    day = counts_of_day(released, xaa_world, query)
    for parent in (None, "XB", "XA", "XA03", "XA", None):  # in any order, again and again
        assert day.within(parent) == counts(released, xaa_world, replace(query, parent=parent))


def test_a_place_that_is_not_there_is_an_error(
    xaa: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    day = counts_of_day(xaa_released, xaa, CountQuery(1, "IDP"))
    with pytest.raises(UnknownUnit):
        day.within("XA77")
    assert day.within("XA01").total == 1200
