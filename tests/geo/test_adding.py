"""Nothing is added that would count somebody twice; each refusal says why."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.adding import MayNotAdd, add_figures
from geo.gazetteer import Places
from geo.tables import UNIT_FIGURE_COLUMNS, typed_frame

DAY, BEFORE = date(2020, 12, 31), date(2019, 12, 31)


@pytest.fixture(scope="module")
def places(xaa_world):
    return Places(xaa_world, countries=("XAA",))


def figures(*rows):
    base = {
        **dict.fromkeys(UNIT_FIGURE_COLUMNS, ""),
        "unplaced": False,
        "group": "IDP",
        "measure": "stock",
        "kind": "registered",
        "unit": "persons",
        "start": None,
        "date": DAY,
        "state": "figure",
        "qualifier": "exact",
        "basis": "stated",
    }
    full = [base | {"level": len(row["pcode"]) // 2 - 1} | row for row in rows]
    return typed_frame(full, UNIT_FIGURE_COLUMNS)


NORDA, TAMAR = {"pcode": "XA01", "value": 20.0}, {"pcode": "XA03", "value": 30.0}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([NORDA, NORDA | {"unit": "households"}], "units"),
        ([NORDA, TAMAR | {"measure": "new"}], "measures"),
        ([NORDA, TAMAR | {"group": "REF"}], "groups"),
        ([NORDA, TAMAR | {"kind": "planning"}], "kinds"),
        ([NORDA, TAMAR | {"date": BEFORE}], "dates"),
        ([NORDA, NORDA | {"date": BEFORE}], "dates"),
        ([NORDA, NORDA | {"value": 7.0}], "twice"),
        ([NORDA, NORDA | {"origin": "XB"}], "origins"),
        ([NORDA, {"pcode": "XA0101", "value": 5.0}], "levels"),
        ([{"pcode": "XA", "value": 50.0}, NORDA], "levels"),
        ([{"pcode": "XA", "value": 50.0}, {"pcode": "XA", "value": 5.0, "unplaced": True}], "levels"),
        ([NORDA | {"group": "POC"}, TAMAR | {"group": "IDP"}], "groups"),
        ([], "nothing"),
    ],
)  # fmt: skip
def test_what_may_not_be_added_is_refused_with_the_reason(places, rows, reason):
    with pytest.raises(MayNotAdd) as refused:
        add_figures(figures(*rows), places)
    assert refused.value.reason == reason


def test_a_cumulative_figure_contains_the_new_ones(places):
    returned = {"pcode": "XA", "group": "RET", "kind": "government"}
    since = returned | {"measure": "cumulative", "start": date(2013, 8, 1), "value": 57408.0}
    new = returned | {"measure": "new", "start": date(2020, 1, 1), "value": 814.0}
    with pytest.raises(MayNotAdd, match=r"the 57,408 until 2020-12-31 contain the 814"):
        add_figures(figures(since, new), places)


def test_a_stock_at_two_dates_is_never_a_sum(places):
    rows = figures(NORDA, NORDA | {"date": BEFORE, "value": 18.0})
    with pytest.raises(MayNotAdd, match="a stock at two dates is not a sum"):
        add_figures(rows, places, across=("dates",))


def test_new_cases_add_up_over_periods_that_do_not_overlap(places):
    moved = {"pcode": "XA01", "measure": "new", "value": 5.0}
    june = moved | {"start": date(2020, 1, 1), "date": date(2020, 6, 30)}
    july = moved | {"start": date(2020, 7, 1)}
    assert add_figures(figures(june, july), places, across=("dates",)).value == 10
    clash = moved | {"start": date(2020, 6, 1)}
    with pytest.raises(MayNotAdd, match="overlap"):
        add_figures(figures(june, clash), places, across=("dates",))


def test_a_mix_that_is_wanted_is_named(places):
    rows = figures(NORDA, TAMAR | {"kind": "planning", "qualifier": "estimate", "date": BEFORE})
    total = add_figures(rows, places, across=("kinds", "dates"))
    assert (total.value, total.kinds, total.qualifier) == (
        50,
        ("planning", "registered"),
        "estimate",
    )
    assert total.dates == ("2019-12-31", "2020-12-31")


def test_what_is_not_reported_makes_a_sum_at_least(places):
    missing = TAMAR | {"value": float("nan"), "state": "not_reported"}
    assert add_figures(figures(NORDA, missing), places).qualifier == "at_least"


@given(
    st.sets(
        st.sampled_from(["XA", "XA01", "XA02", "XA03", "XA0101", "XA0102", "XA0301"]), min_size=1
    )
)
def test_a_sum_holds_everybody_once_or_is_refused(places, pcodes):
    rows = figures(*({"pcode": pcode, "value": 1.0} for pcode in pcodes))
    nested = any(a != b and b.startswith(a) for a in pcodes for b in pcodes)
    if nested:
        with pytest.raises(MayNotAdd):
            add_figures(rows, places)
    else:
        assert add_figures(rows, places).value == len(pcodes)
