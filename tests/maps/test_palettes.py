"""Colours keep their distance, from each other and between areas and groups."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from maps.palettes import (
    NO_DATA_COLOUR,
    RAMPS,
    UnknownPalette,
    empty_colour,
    group_colour,
    ramp,
)

GROUPS = ("REF", "ASY", "IDP", "RET", "STA", "OIP", "RDP", "HST")


def lab(colour: str) -> np.ndarray:
    """CIE L*a*b* (D65) of '#rrggbb', by the formulas of IEC 61966-2-1 and CIE 15."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = (matrix @ linear) / np.array([0.95047, 1.0, 1.08883])
    f = [v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_a_ramp_darkens_by_steps_that_grey_print_keeps(name: str, k: int) -> None:
    lightness = [lab(colour)[0] for colour in ramp(name, k)]
    assert len(lightness) == k
    assert all(light - dark >= 7 for light, dark in pairwise(lightness))


@pytest.mark.parametrize(("one", "other"), list(combinations(GROUPS, 2)))
def test_two_groups_never_look_alike(one: str, other: str) -> None:
    assert np.linalg.norm(lab(group_colour(one)) - lab(group_colour(other))) >= 20


@pytest.mark.parametrize("group", GROUPS)
def test_groups_stand_out_from_the_shades_below_them(group: str) -> None:
    for shade in ramp("red-yellow", 5):
        assert np.linalg.norm(lab(group_colour(group)) - lab(shade)) >= 12


def test_emptiness_has_its_own_colours() -> None:
    states = (
        "not_reported",
        "not_assessed",
        "suppressed",
        "out_of_scope",
        "no_population",
        "people_in_part",
        "none_displaced",
    )
    assert len({empty_colour(state) for state in states}) == len(states)
    assert empty_colour("of another kind") == NO_DATA_COLOUR
    assert not {empty_colour(state) for state in states} & set(RAMPS["red-yellow"])


def test_an_unknown_palette_names_those_there_are() -> None:
    with pytest.raises(UnknownPalette, match="expected one of red-yellow"):
        ramp("rainbow", 5)
    with pytest.raises(UnknownPalette):
        ramp("blue", 9)
