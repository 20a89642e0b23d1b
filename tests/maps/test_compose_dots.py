"""Dots: so many people each, inside their unit, the same every time, and never a place."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from maps.compose_dots import spread_dots
from maps.errors import NothingToDraw, WouldMislead
from maps.scene import Scene
from maps.spec import LANGUAGES, LayerSpec

DOTS = LayerSpec("dots", ("IDP", "REF"), per_dot=100)

SHAPES = {
    "square": box(10, 10, 11, 12),
    "bent": Polygon([(0, 0), (6, 0), (6, 6), (5, 6), (5, 1), (0, 1)]),
    "islands": MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)]),
    "ring": Point(30, 60).buffer(3).difference(Point(30, 60).buffer(2.6)),
    "polar": box(-170, 70, 170, 84),
    "sliver": box(0, 0, 8, 0.001),
}


def counted(scene: Scene) -> dict[tuple[str, str], int]:
    return {(mark.pcode, mark.group): len(mark.points) for mark in scene.dots}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_dots_lie_inside_their_unit_as_many_as_asked(name: str, count: int) -> None:
    shape = SHAPES[name]
    points = spread_dots(shape, count, seed=name)
    assert points.shape == (count, 2)
    assert shapely.intersects_xy(shape.buffer(1e-5), points[:, 0], points[:, 1]).all()


@settings(max_examples=25)
@given(st.integers(2, 120), st.text(max_size=8))
def test_the_same_unit_gives_the_same_dots_none_on_another(count: int, seed: str) -> None:
    points = spread_dots(SHAPES["bent"], count, seed=seed)
    assert (points == spread_dots(SHAPES["bent"], count, seed=seed)).all()
    assert len(np.unique(points, axis=0)) == count


def test_dots_are_spread_evenly_over_the_ground() -> None:
    """In four equal quarters of a square lie about as many; also where degrees are narrow."""
    points = spread_dots(box(0, 0, 2, 2), 200, seed="x")
    quarters = np.histogram2d(points[:, 0], points[:, 1], bins=2, range=[[0, 2], [0, 2]])[0]
    assert quarters.min() > 44
    north = spread_dots(box(0, 50, 10, 80), 300, seed="x")[:, 1]
    middle = np.degrees(np.arcsin((np.sin(np.radians(50)) + np.sin(np.radians(80))) / 2))
    assert abs((north < middle).mean() - 0.5) < 0.04


def test_one_dot_is_so_many_people_halves_rounded_up(layered) -> None:
    """IDPs 1,200, 0 and 340; refugees 70 in Norda, 400 in Tamar."""
    assert counted(layered(DOTS)) == {
        ("XA01", "IDP"): 12,
        ("XA02", "IDP"): 0,
        ("XA03", "IDP"): 3,
        ("XA01", "REF"): 1,
        ("XA03", "REF"): 4,
    }


def test_who_is_too_few_for_a_dot_is_named_with_the_figure(layered) -> None:
    scene = layered(LayerSpec("dots", ("IDP",), per_dot=1000))
    assert counted(scene)["XA03", "IDP"] == 0
    note = "Fewer than 500, so without a dot: Tamar (340 internally displaced people)."
    assert note in scene.footnotes


def test_the_legend_says_what_a_dot_is_and_that_it_is_no_place(layered) -> None:
    legend = layered(DOTS).dot_legend
    assert legend is not None
    assert legend.label == "1 dot = 100 people"
    assert legend.note.endswith("Where a dot lies is not where people are")
    assert [key.group for key in legend.keys] == ["IDP", "REF"]


def test_dots_know_nothing_of_sites_and_towns(layered) -> None:
    """The camp of Tamar lies at 12.4, 11.3: with all refugees there, dots are spread all the same."""
    scene = layered(LayerSpec("dots", ("REF",), per_dot=2))
    tamar = next(mark for mark in scene.dots if mark.pcode == "XA03")
    points = np.array(tamar.points)
    assert len(points) == 200
    near = np.hypot(points[:, 0] - 12.4, points[:, 1] - 11.3) < 0.1
    assert near.sum() <= 5  # 1.6 % of the unit lies so near: three or four of 200
    assert points[:, 0].std() == pytest.approx(1 / np.sqrt(12), abs=0.03)


def test_without_a_number_the_roundest_is_found(layered) -> None:
    legend = layered(LayerSpec("dots", ("IDP",))).dot_legend
    assert legend is not None
    assert legend.per_dot == 2


def test_a_dot_for_too_few_people_is_refused(layered) -> None:
    def many(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table["group"] == "IDP", "value"] *= 1000
        return table

    with pytest.raises(WouldMislead, match="Set per_dot to 2000"):
        layered(LayerSpec("dots", ("IDP",), per_dot=1), change=many)


def test_no_group_and_no_figures_are_said(layered) -> None:
    with pytest.raises(NothingToDraw, match="no group"):
        layered(LayerSpec("dots"))
    with pytest.raises(NothingToDraw, match="STA at level 1"):
        layered(LayerSpec("dots", ("STA",)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_it_all(layered, lang: str) -> None:
    scene = layered(DOTS, lang=lang)
    said: list[Any] = [scene.alt_text, *scene.footnotes, *(mark.text for mark in scene.dots)]
    assert not [text for text in said if "{" in text]


def test_the_table_has_the_figure_beside_the_dots(layered) -> None:
    rows = {row[1]: row[2:] for row in layered(DOTS).twins[0].rows}
    assert rows["XA01"] == ("1,200 (12 dots)", "70 (1 dot)")
    assert rows["XA02"] == ("0 (0 dots)", "Not reported")
