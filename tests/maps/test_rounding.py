"""Numbers a person would choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.rounding import ceiling, legend_sizes, roundest_between

positive = st.floats(0.001, 1e7)


@given(positive, st.floats(1.001, 1000))
def test_a_round_number_lies_in_its_gap(low: float, ratio: float) -> None:
    assert low <= roundest_between(low, low * ratio) < low * ratio


@given(positive)
def test_a_ceiling_is_not_below_and_not_far_above(value: float) -> None:
    assert value <= ceiling(value) * (1 + 1e-9)
    assert ceiling(value) <= value * 1.5 + 1e-9


@given(st.floats(1, 1e8))
def test_legend_sizes_are_round_descend_and_occur(maximum: float) -> None:
    sizes = legend_sizes(maximum)
    assert 1 <= len(sizes) <= 3
    assert sizes[0] <= maximum
    assert list(sizes) == sorted(set(sizes), reverse=True)
    assert all(f"{size:.0f}".rstrip("0") in {"1", "2", "5"} for size in sizes)


def test_nothing_below_one_person_has_a_legend() -> None:
    assert legend_sizes(0.4) == ()


def test_an_empty_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="low < high"):
        roundest_between(5, 5)
