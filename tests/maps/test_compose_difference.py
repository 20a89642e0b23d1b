"""A difference between two dates: worked by hand, guarded against small bases and recounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.compose_difference import compose_difference
from maps.compose_setting import Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.messages import messages
from maps.palettes import ZERO_COLOUR
from maps.scene import Scene
from maps.spec import LANGUAGES, LayerSpec, MapSpec

JUNE, DECEMBER = date(2020, 6, 30), date(2020, 12, 31)
PERCENT = LayerSpec("difference", ("IDP",))
RATE = LayerSpec("difference", ("IDP",), per="population")

Change = Callable[[pd.DataFrame], pd.DataFrame]


def set_to(**values: float) -> Change:
    """Give regions other figures: ``june_XA01=50``."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        for key, value in values.items():
            month, pcode = key.split("_")
            day = JUNE if month == "june" else DECEMBER
            cell = (table["group"] == "IDP") & (table["pcode"] == pcode) & (table["date"] == day)
            table.loc[cell, ["value", "state"]] = [float(value), "figure"]
        return table

    return change


@pytest.fixture(scope="module")
def difference(xaa, xaa_world, xaa_released):
    """Compose the layer alone: a whole scene is too slow for a property."""

    def make(layer: LayerSpec, change: Change):
        released = replace(xaa_released, figures=change(xaa_released.figures.copy()))
        spec = MapSpec("m", {"en": "A map"}, (layer,))
        return compose_difference(Setting(spec, released, xaa, xaa_world, messages("en")), layer)

    return make


def states(scene: Scene) -> dict[str, tuple[float | None, str]]:
    return {fill.pcode: (fill.value, fill.state) for fill in scene.fills}


def test_the_change_is_in_per_cent_of_the_first_date(layered) -> None:
    """Norda 100 to 1,200: +1,100 %. Séna 0 to 0: none. Tamar was not reported in June."""
    assert states(layered(PERCENT)) == {
        "XA01": (1100.0, "figure"),
        "XA02": (0.0, "figure"),
        "XA03": (None, "not_reported"),
    }


def test_the_change_is_in_people_per_thousand_inhabitants_where_asked(layered) -> None:
    """Norda: 1,100 more among 40,000. No base is too small for that."""
    found = states(layered(RATE, change=set_to(june_XA03=90)))
    assert found["XA01"] == (pytest.approx(27.5), "figure")
    assert found["XA03"] == (pytest.approx(50), "figure")


def test_no_percentage_stands_on_a_small_base(layered) -> None:
    scene = layered(PERCENT, change=set_to(june_XA03=99))
    assert states(scene)["XA03"] == (None, "small_base")
    assert states(layered(PERCENT, change=set_to(june_XA03=100)))["XA03"] == (240.0, "figure")
    note = "Fewer than 100 people on the first date, so no percentage: Tamar (99 to about 340)."
    assert note in scene.footnotes
    assert not any("243" in text for text in (scene.alt_text, *scene.footnotes))  # 340 of 99


@settings(max_examples=20)
@given(base=st.integers(0, 300), threshold=st.integers(1, 300))
def test_the_guard_holds_at_every_base_and_threshold(difference, base: int, threshold: int) -> None:
    layer = LayerSpec("difference", ("IDP",), small_base=threshold)
    fills, _, words = difference(layer, set_to(june_XA03=base))
    tamar = next(fill for fill in fills if fill.pcode == "XA03")
    guarded = base < threshold and base != 340
    assert (tamar.state == "small_base") == guarded
    assert (tamar.value is None) == guarded
    assert any(f"Tamar ({base} to" in note for note in words.footnotes) == guarded


def test_another_kind_of_figure_is_not_compared(layered) -> None:
    def recount(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[(table["pcode"] == "XA01") & (table["date"] == JUNE), "kind"] = "estimate"
        return set_to(june_XA03=200)(table)

    scene = layered(PERCENT, change=recount)
    assert states(scene)["XA01"] == (None, "not_comparable")
    assert states(scene)["XA03"] == (70.0, "figure")
    note = "Not comparable: Norda; the kind of figure changed (estimate, then registered)."
    assert note in scene.footnotes
    assert "1,100" not in scene.alt_text


def test_another_publisher_is_not_compared_unless_told_why(layered) -> None:
    def other_source(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[(table["pcode"] == "XA01") & (table["date"] == JUNE), "sources"] = "register"
        return table

    publishers = {"register": "Ministry of XAA"}
    scene = layered(PERCENT, change=other_source, publishers=publishers)
    assert states(scene)["XA01"] == (None, "not_comparable")
    told = LayerSpec("difference", ("IDP",), comparable={"en": "both count by registration."})
    scene = layered(told, change=other_source, publishers=publishers)
    assert states(scene)["XA01"] == (1100.0, "figure")
    assert any(note.endswith("both count by registration.") for note in scene.footnotes)
    # Another source of the same publisher is the same series.
    assert states(layered(PERCENT, change=other_source))["XA01"] == (1100.0, "figure")


def test_the_classes_have_the_same_bounds_on_both_sides_and_no_value_between_them(layered) -> None:
    scene = layered(
        PERCENT, change=set_to(december_XA01=40, june_XA02=200, december_XA02=150, june_XA03=200)
    )
    legend = scene.choropleth_legend
    assert legend is not None
    assert {code: value for code, (value, _) in states(scene).items()} == {
        "XA01": -60.0,
        "XA02": -25.0,
        "XA03": 70.0,
    }
    assert legend.upper == (-60, -50, 0, 50, 60, 70)
    assert legend.labels == (
        "Fewer: 60 to 70\u00a0%",
        "Fewer: 50 to under 60\u00a0%",
        "Fewer: under 50\u00a0%",
        "More: up to 50\u00a0%",
        "More: over 50 to 60\u00a0%",
        "More: over 60 to 70\u00a0%",
    )
    for fill in scene.fills:
        assert fill.value is not None
        assert fill.value <= legend.upper[fill.klass]
        assert fill.klass == 0 or fill.value > legend.upper[fill.klass - 1]
        assert fill.colour == legend.colours[fill.klass]


@settings(max_examples=20)
@given(
    st.lists(st.integers(100, 5000), min_size=3, max_size=3),
    st.lists(st.integers(0, 5000), min_size=3, max_size=3),
)
def test_every_change_lies_in_the_class_the_legend_names(difference, before, after) -> None:
    figures = {f"june_XA0{i}": n for i, n in enumerate(before, 1)}
    figures |= {f"december_XA0{i}": n for i, n in enumerate(after, 1)}
    fills, legend, _ = difference(PERCENT, set_to(**figures))
    assert len(legend.upper) == len(legend.colours) == len(legend.labels)
    assert list(legend.upper) == sorted(set(legend.upper))
    for fill, was, now in zip(fills, before, after, strict=True):
        assert fill.value == pytest.approx((now - was) / was * 100)
        if fill.value == 0:
            assert fill.colour == ZERO_COLOUR
            continue
        assert fill.value <= legend.upper[fill.klass] + 1e-9
        side = "More" if fill.value > 0 else "Fewer"
        assert legend.labels[fill.klass].startswith(side)


def test_nothing_changed_makes_a_map_that_says_so(layered) -> None:
    scene = layered(PERCENT, change=set_to(december_XA01=100, june_XA03=340))
    legend = scene.choropleth_legend
    assert legend is not None
    assert (legend.upper, legend.labels, legend.zero) == ((0.0,), ("No change",), None)
    assert {fill.colour for fill in scene.fills} == {ZERO_COLOUR}


def test_breaks_by_hand_hold_for_both_sides(layered) -> None:
    layer = LayerSpec("difference", ("IDP",), breaks=(10, 100))
    legend = layered(layer, change=set_to(june_XA03=400)).choropleth_legend
    assert legend is not None
    assert legend.upper == (-10, 0, 10, 100, 1500)
    with pytest.raises(WouldMislead, match="each side of zero"):
        layered(LayerSpec("difference", ("IDP",), breaks=(1, 2, 3, 4, 5)))


def test_a_unit_says_its_change_beside_its_name_with_its_sign(layered) -> None:
    labels = {label.text for label in layered(PERCENT).labels}
    assert "Norda +1,100\u00a0%" in labels
    assert "Tamar" in labels
    fallen = layered(PERCENT, change=set_to(december_XA01=40))
    assert "Norda \u221260\u00a0%" in {label.text for label in fallen.labels}


def test_periods_of_unlike_length_are_refused(layered) -> None:
    def two_periods(table: pd.DataFrame) -> pd.DataFrame:
        year = table[table["group"] == "RET"]
        month = year.assign(start=date(2020, 6, 1), date=JUNE)
        return pd.concat([table, month], ignore_index=True)

    with pytest.raises(WouldMislead, match="unlike periods"):
        layered(LayerSpec("difference", ("RET",), measure="new"), change=two_periods)


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ((JUNE,), "between two dates, not 1"),
        ((JUNE, JUNE), "differs from itself"),
    ],
)
def test_dates_that_make_no_difference_are_refused(layered, dates, told: str) -> None:
    with pytest.raises(WouldMislead, match=told):
        layered(LayerSpec("difference", ("IDP",), dates=dates))


def test_one_date_alone_is_said(layered) -> None:
    with pytest.raises(
        NothingToDraw, match="two dates of REF at level 1; there is only 2020-12-31"
    ):
        layered(LayerSpec("difference", ("REF",)))
    with pytest.raises(NothingToDraw, match="on 2019-01-01"):
        layered(LayerSpec("difference", ("IDP",), dates=(date(2019, 1, 1), JUNE)))


def test_where_nothing_can_be_compared_the_reason_is_told(layered) -> None:
    def recount(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table["date"] == JUNE, "kind"] = "estimate"
        return table

    with pytest.raises(WouldMislead, match="the kind of figure changed"):
        layered(PERCENT, change=recount)
    with pytest.raises(WouldMislead, match="had fewer than 5000 people"):
        layered(
            LayerSpec("difference", ("IDP",), small_base=5000),
            change=set_to(june_XA02=1, june_XA03=1),
        )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_it_all(layered, lang: str) -> None:
    scene = layered(PERCENT, lang=lang, change=set_to(june_XA03=50))
    assert not [text for text in (scene.alt_text, *scene.footnotes) if "{" in text]


def test_the_table_has_both_figures_and_the_people_between_them(layered) -> None:
    scene = layered(PERCENT, change=set_to(june_XA03=50))
    rows = {row[1]: row[2:] for row in scene.twins[0].rows}
    assert rows["XA01"] == ("100", "1,200", "+1,100", "+1,100\u00a0%")
    assert rows["XA03"] == ("50", "about 340", "+290", "Too few people for a percentage")
