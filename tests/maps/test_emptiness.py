"""Every kind of emptiness looks different, in grey too; a reported zero is none of them."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from shapely import Point, box

from geo.terms import State
from maps.emptiness import PATTERNS, emptiness_pattern
from maps.palettes import ZERO_COLOUR, empty_colour
from maps.value_table import text_cells

AREA = box(10, 10, 60, 45)


def test_every_state_without_a_figure_has_a_pattern_and_a_colour() -> None:
    states = {state.value for state in State} - {"figure"}
    assert states | {
        "no_population",
        "people_in_part",
        "none_displaced",
        "small_base",
        "not_comparable",
    } == set(PATTERNS)
    assert len({empty_colour(state) for state in PATTERNS}) == len(PATTERNS)
    assert ZERO_COLOUR not in {empty_colour(state) for state in PATTERNS}


@pytest.mark.parametrize("state", PATTERNS)
def test_a_tile_has_room_for_every_state_beside_figure(state: str) -> None:
    assert len(text_cells(["figure", state], width=max(map(len, PATTERNS)))) == 2


@pytest.mark.parametrize("state", PATTERNS)
def test_a_pattern_stays_in_its_area_and_covers_it_all_over(state: str) -> None:
    pattern = emptiness_pattern(AREA, state)
    assert AREA.buffer(1e-6).contains(pattern.geometry)
    for x in np.arange(14, 58, 4.0):  # nowhere a hole in which a reader would see nothing
        for y in np.arange(14, 43, 4.0):
            assert pattern.geometry.distance(Point(x, y)) < 1.8


@pytest.mark.parametrize(("one", "other"), list(combinations(PATTERNS, 2)))
def test_no_two_patterns_are_drawn_alike(one: str, other: str) -> None:
    first, second = (emptiness_pattern(AREA, state).geometry for state in (one, other))
    assert not shapely.equals_exact(first, second, 0.05)


@pytest.mark.parametrize("state", PATTERNS)
def test_neighbours_without_a_figure_are_patterned_as_one(state: str) -> None:
    """The pattern is counted from the page's origin: it does not start anew at every border."""
    whole = emptiness_pattern(box(0, 0, 40, 20), state).geometry
    left = emptiness_pattern(box(0, 0, 20, 20), state).geometry
    assert left.difference(whole.buffer(0.01)).length < 0.2


@pytest.mark.parametrize("state", PATTERNS)
def test_the_smallest_unit_still_shows_that_it_is_empty(state: str) -> None:
    assert emptiness_pattern(Point(20.3, 20.4).buffer(0.8), state).geometry.length > 0


def test_an_unknown_kind_is_hatched() -> None:
    assert emptiness_pattern(AREA, "of another kind") == emptiness_pattern(AREA, "not_reported")
