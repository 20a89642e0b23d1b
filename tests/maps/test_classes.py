"""Class breaks: missing is not zero, larger is never lower, breaks are human."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.classes import (
    NO_DATA,
    SCHEMES,
    ClassBreaks,
    TooFewValues,
    UnknownScheme,
    class_breaks,
    manual_breaks,
    most_classes,
)

rates = hnp.arrays(
    np.float64,
    st.integers(1, 40),
    elements=st.one_of(st.just(np.nan), st.floats(0, 1e5).map(lambda v: round(v, 3))),
).filter(lambda values: bool((~np.isnan(values)).any()))
own_schemes = st.sampled_from(
    ["fisher_jenks", "quantiles", "equal_interval", "geometric", "pretty_breaks"]
)


@given(rates, st.integers(2, 6), own_schemes)
def test_a_larger_value_is_never_in_a_lower_class(values: np.ndarray, k: int, scheme: str) -> None:
    known = values[~np.isnan(values)]
    classes = class_breaks(values, k, scheme).assign(np.sort(known))
    assert (np.diff(classes) >= 0).all()


@given(rates, st.integers(2, 6), own_schemes)
def test_every_value_lies_under_its_break_and_over_the_one_below(
    values: np.ndarray, k: int, scheme: str
) -> None:
    breaks = class_breaks(values, k, scheme)
    assert len(breaks) <= k
    assert list(breaks.upper) == sorted(set(breaks.upper))
    for value, klass in zip(values, breaks.assign(values), strict=True):
        if np.isnan(value):
            assert klass == NO_DATA
        else:
            assert value <= breaks.upper[klass] * (1 + 1e-9)
            assert klass == 0 or value > breaks.upper[klass - 1]


@given(rates, st.integers(2, 6))
def test_no_class_of_our_breaks_is_empty(values: np.ndarray, k: int) -> None:
    breaks = class_breaks(values, k)
    assert set(breaks.assign(values)) - {NO_DATA} == set(range(len(breaks)))


def test_a_reported_zero_has_a_class_and_a_missing_figure_has_none() -> None:
    breaks = class_breaks(np.array([0.0, 10.0, 20.0]), k=2)
    assert breaks.assign(np.array([0.0, np.nan])).tolist() == [0, NO_DATA]


def test_a_value_equal_to_a_break_belongs_to_the_class_below() -> None:
    assert ClassBreaks((5.0, 10.0)).assign(np.array([5.0, 5.01])).tolist() == [0, 1]


def test_breaks_move_to_round_numbers_without_moving_a_value() -> None:
    values = np.array([0.01, 0.61, 0.82, 2.4, 6.5, 20.1, 24.4])
    breaks = class_breaks(values, 4)
    assert breaks.upper == (5.0, 10.0, 22.0, 25.0)
    assert breaks.assign(values).tolist() == [0, 0, 0, 0, 1, 2, 3]
    assert breaks.fit > 0.98


def test_our_natural_breaks_are_those_of_mapclassify() -> None:
    import mapclassify

    values = np.array([1.0, 2, 4, 9, 11, 12, 30, 33, 41, 90, 95, 99])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends numba
        theirs = mapclassify.FisherJenks(values, k=4)
    assert class_breaks(values, 4).assign(values).tolist() == theirs.yb.tolist()


@pytest.mark.parametrize(
    "scheme",
    [
        *("maximum_breaks", "head_tail_breaks", "std_mean"),
        *("box_plot", "jenks_caspall", "percentiles"),
    ],
)
def test_schemes_of_mapclassify_give_ordered_round_breaks(scheme: str) -> None:
    values = np.array([1.0, 2, 4, 9, 11, 12, 30, 33, 41, 90, 95, 99])
    breaks = class_breaks(values, 4, scheme)
    assert 2 <= len(breaks) <= 6
    assert set(breaks.assign(values)) == set(range(len(breaks)))
    assert breaks.upper == tuple(round(upper, 1) for upper in breaks.upper)


def test_head_tail_breaks_are_means_of_what_lies_above() -> None:
    """Jiang (2013): the mean of all, 18.6, parts 2 from 11; their mean, 61, parts the largest."""
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 40, 110])
    breaks = class_breaks(values, 4, "head_tail_breaks")
    assert breaks.assign(values).tolist() == [0] * 8 + [1, 2]


def test_pretty_breaks_are_equal_steps_of_round_numbers() -> None:
    assert class_breaks(np.array([3.0, 42.0, 97.0]), 5, "pretty_breaks").upper == (
        20.0,
        40.0,
        60.0,
        80.0,
        100.0,
    )
    assert class_breaks(np.array([0.2, 0.9]), 4, "pretty_breaks").upper == (0.25, 0.5, 0.75, 1.0)


def test_geometric_breaks_have_equal_ratios() -> None:
    values = np.array([1.0, 5, 12, 60, 120, 700, 1000])
    breaks = class_breaks(values, 3, "geometric")  # edges at 10 and 100
    assert breaks.assign(values).tolist() == [0, 0, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0, 5.0], [0.0, 3.0], [1e-3, 1e6]])
def test_one_value_or_all_equal_or_far_apart_still_make_classes(scheme, values) -> None:
    breaks = class_breaks(np.array(values), 4, scheme)
    assert 1 <= len(breaks) <= 4
    assert breaks.upper[-1] >= max(values)


def test_only_zeros_make_one_class() -> None:
    assert class_breaks(np.array([0.0, 0.0, np.nan])).upper == (0.0,)


def test_manual_breaks_are_kept_and_completed() -> None:
    assert manual_breaks([10, 1], np.array([0.5, 9.0])).upper == (1.0, 10.0)
    assert manual_breaks([1], np.array([0.5, 42.0])).upper == (1.0, 45.0)


def test_few_units_get_few_classes() -> None:
    assert most_classes(np.array([1.0, 2.0, np.nan]), 5) == 2
    assert most_classes(np.array([np.nan]), 5) == 1


def test_no_value_and_no_such_scheme_are_said() -> None:
    with pytest.raises(TooFewValues, match="0 known"):
        class_breaks(np.array([np.nan]))
    with pytest.raises(UnknownScheme, match="'jenks' is not known; expected one of") as error:
        class_breaks(np.array([1.0]), scheme="jenks")
    assert "fisher_jenks" in error.value.known
    with pytest.raises(UnknownScheme, match="Did you mean 'quantiles'"):
        class_breaks(np.array([1.0]), scheme="quantile")
