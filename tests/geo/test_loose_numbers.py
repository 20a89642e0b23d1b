import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.loose_numbers import numbers_in


def read(*cells, **how):
    return numbers_in(pd.Series(list(cells), index=range(2, 2 + len(cells)), dtype="str"), **how)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234", 1234),
        ("1 234", 1234),
        ("1\u00a0234\u202f567", 1234567),
        ("1'234", 1234),
        ("1’234’567", 1234567),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("12,5", 12.5),
        ("0.125", 0.125),
        ("1234.567", 1234.567),
        ("-7", -7),
        ("−7", -7),
        ("+7", 7),
        ("١٢٣٤", 1234),
        ("۱۲۳", 123),
        ("١٬٢٣٤", 1234),
        ("١٢٫٥", 12.5),
        ("1.2E+04", 12000),
        ("350 personnes", 350),
        ("1 200 pers.", 1200),
    ],
)
def test_a_number_reads_as_it_was_meant(cell, value):
    found = read(cell, whole=False)
    assert found.value.tolist() == [value]
    assert found.troubles == ()


@pytest.mark.parametrize("cell", ["-", "N/A", "NA", "RAS", "nd", "Not available", "—", "غير متوفر"])
def test_words_for_emptiness_are_not_reported_and_no_trouble(cell):
    found = read(cell)
    assert math.isnan(found.value[0])
    assert found.state.tolist() == ["not_reported"]
    assert not found.bad[0]


@pytest.mark.parametrize(
    ("cell", "state"),
    [("<5", "suppressed"), ("*", "suppressed"), ("non couvert", "not_assessed"), ("0", "figure")],
)
def test_each_emptiness_has_its_own_state_and_zero_is_a_figure(cell, state):
    assert read(cell).state.tolist() == [state]


@pytest.mark.parametrize(
    ("cell", "qualifier"),
    [("~500", "approx"), ("environ 500", "approx"), ("> 500", "at_least"), ("500+", "at_least")],
)
def test_words_of_doubt_become_the_qualifier(cell, qualifier):
    found = read(cell)
    assert found.value.tolist() == [500]
    assert found.qualifier.tolist() == [qualifier]


def test_one_cell_decides_for_the_column():
    assert read("1.234", "2.345,6", whole=False).value.tolist() == [1234.0, 2345.6]
    assert read("1.234", "2.3", whole=False).value.tolist() == [1.234, 2.3]


def test_an_undecided_column_is_thousands_for_counts_and_nothing_for_others():
    counts = read("1,234", "2,345")
    assert counts.value.tolist() == [1234, 2345]
    assert [(t.code, t.count, t.rows) for t in counts.troubles] == [
        ("thousands-assumed", 2, (2, 3))
    ]
    rates = read("1,234", "2,345", whole=False)
    assert rates.bad.all()
    assert [t.code for t in rates.troubles] == ["ambiguous-numbers"]


def test_two_ways_in_one_column_are_said():
    assert [t.code for t in read("1,5", "2,5", "3.5").troubles] == ["mixed-decimals"]


@pytest.mark.parametrize("cell", ["twelve", "12 45", "12/45", "1,23,4", "12a", "35 + 15"])
def test_what_is_no_number_is_bad_and_says_where(cell):
    found = read("5", cell, where="idps.csv", column="IDPs")
    assert found.bad.tolist() == [False, True]
    (trouble,) = found.troubles
    assert "idps.csv, column 'IDPs', row 3" in trouble.sentence
    assert repr(cell) in trouble.sentence


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.sampled_from(" ,.'\u00a0"))
def test_whole_numbers_come_back_whatever_sets_their_thousands_apart(numbers, separator):
    cells = [f"{number:,}".replace(",", separator) for number in numbers]
    assert read(*cells).value.tolist() == numbers


@given(
    st.lists(
        st.integers(0, 10**8).filter(lambda n: n % 10).map(lambda n: n / 100),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([(",", "."), (".", ","), (" ", ",")]),
)
def test_decimals_come_back_from_either_convention(numbers, signs):
    thousands, decimal = signs
    table = str.maketrans({",": thousands, ".": decimal})
    assert read(*(f"{n:,.2f}".translate(table) for n in numbers)).value.tolist() == numbers


@given(st.lists(st.text(max_size=8), max_size=12))
def test_any_text_is_a_figure_an_emptiness_or_bad_and_never_an_error(cells):
    found = read(*cells)
    figure = found.state == "figure"
    assert (~pd.isna(found.value) == (figure & ~found.bad)).all()
