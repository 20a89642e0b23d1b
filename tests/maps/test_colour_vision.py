"""Distances between colours, against values of an independent implementation (colorspacious 1.1.2)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.colour_vision import (
    VISIONS,
    closest_pair,
    difference,
    hue_and_chroma,
    lightness,
    seen_as,
)
from maps.palettes import RAMPS, group_colour, ramp

colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def test_the_published_example_of_two_pastels():
    assert difference("#ff7f7f", "#7fff7f") == pytest.approx(55.4908, abs=0.01)


@pytest.mark.parametrize(
    ("colour", "light", "chroma"),
    [
        ("#0072bc", 47.30, 29.17),
        ("#00b398", 66.33, 25.40),
        ("#fef1d1", 96.33, 9.02),
        ("#683229", 31.03, 18.00),
        ("#000000", 0.0, 0.0),
    ],
)
def test_lightness_and_chroma_are_those_of_cam02_ucs(colour, light, chroma):
    assert lightness(colour) == pytest.approx(light, abs=0.01)
    assert hue_and_chroma(colour)[1] == pytest.approx(chroma, abs=0.01)


@pytest.mark.parametrize(
    ("vision", "seen"),
    [
        ("normal", (0, 114, 188)),
        ("protan", (77, 118, 191)),
        ("deutan", (49, 103, 187)),
        ("tritan", (0, 132, 142)),
    ],
)
def test_a_blue_as_other_eyes_see_it(vision, seen):
    """Machado's matrices at severity 1, applied to linear light; out of gamut is clipped."""
    colour = seen_as("#0072bc", vision)
    assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) == pytest.approx(seen, abs=1)


def test_the_guidelines_five_groups_stay_apart_to_all_eyes():
    groups = [group_colour(group) for group in ("REF", "ASY", "IDP", "RET", "STA")]
    measured = {eyes: closest_pair(groups, (eyes,))[0] for eyes in VISIONS}
    assert measured["normal"] == pytest.approx(21.2, abs=0.1)
    assert measured["protan"] == pytest.approx(17.2, abs=0.1)
    assert measured["tritan"] == pytest.approx(13.3, abs=0.2)
    assert min(measured.values()) > 12


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_every_ramp_can_be_read_by_all_eyes_and_in_grey(name, k):
    shades = ramp(name, k)
    assert closest_pair(shades, neighbours=True)[0] >= 8
    lights = [lightness(shade) for shade in shades]
    assert min(a - b for a, b in itertools.pairwise(lights)) >= 7


@given(colours, colours)
def test_a_difference_has_no_direction_and_equal_colours_none(a, b):
    assert difference(a, b) == pytest.approx(difference(b, a))
    assert difference(a, a) == 0


@given(colours, st.sampled_from(VISIONS))
def test_a_grey_is_seen_alike_by_all_eyes(colour, vision):
    grey = f"#{colour[1:3] * 3}"
    assert difference(grey, seen_as(grey, vision)) < 1.5


def test_fewer_than_two_colours_have_no_closest_pair():
    assert closest_pair([]) is None
    assert closest_pair(["#123456"]) is None
