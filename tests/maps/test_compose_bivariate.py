"""Two variables at once, on the invented country: classes by hand, silence said as silence."""

from typing import Any

import pandas as pd
import pytest

from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import bivariate_colour
from maps.scene import Scene
from maps.spec import LANGUAGES, LayerSpec

NEED = LayerSpec("bivariate", ("IDP",), against="presence")
BOTH = LayerSpec("bivariate", ("IDP",), against="REF")


def fills(scene: Scene) -> dict[str, Any]:
    return {fill.pcode: fill for fill in scene.fills}


def test_each_unit_has_the_class_of_both_variables(layered) -> None:
    """IDPs per 1,000: Norda 30, Séna 0, Tamar 68. Organisations: 2, none reported, 1."""
    found = fills(layered(NEED))
    assert {code: fill.klass for code, fill in found.items()} == {
        "XA01": 2 * 3 + 1,
        "XA02": 0,
        "XA03": 1 * 3 + 2,
    }
    assert found["XA01"].value == pytest.approx(30)
    assert found["XA03"].colour == bivariate_colour("orange-blue", 2, 1)


def test_the_square_says_what_its_rows_and_columns_are(layered) -> None:
    legend = layered(NEED).bivariate_legend
    assert legend is not None
    assert legend.second.labels == ("none reported", "1", "2")
    assert legend.first.labels == ("up to 5", "over 5 to 50", "over 50 to 70")
    assert legend.first.ends == ("0", "5", "50", "70")
    assert [len(row) for row in legend.colours] == [3, 3, 3]
    assert "not the same as nobody" in legend.note
    assert "1 April 2010" in legend.first.subtitle


def test_nobody_reported_is_a_class_and_is_never_called_nobody(layered) -> None:
    fill = fills(layered(NEED))["XA02"]
    assert fill.state == "figure"
    assert fill.text.endswith("none reported")
    assert "0 organisations" not in fill.text


def test_presence_classes_cover_every_number_once(layered) -> None:
    def more(table: pd.DataFrame) -> pd.DataFrame:
        row = table[table["pcode"] == "XA01"].iloc[:1]
        extra = [row.assign(org=f"Org {i}", acronym=f"O{i}") for i in range(7)]
        return pd.concat([table, *extra], ignore_index=True)

    legend = layered(NEED, presence=more).bivariate_legend
    assert legend is not None
    assert legend.second.labels == ("none reported", "1 to 2", "3 to 9")


def test_two_rates_are_related_and_the_silent_one_is_hatched(layered) -> None:
    """Refugees per 1,000: Norda 1.75, Tamar 80, Séna not reported."""
    scene = layered(BOTH)
    found = fills(scene)
    assert (found["XA02"].state, found["XA02"].klass, found["XA02"].value) == (
        "not_reported",
        -1,
        None,
    )
    assert found["XA03"].klass == 8
    legend = scene.bivariate_legend
    assert legend is not None
    assert [state for state, _, _ in legend.empty] == ["not_reported"]
    assert "80 per 1,000 inhabitants (400 refugees)" in found["XA03"].text


def test_breaks_given_by_hand_are_kept(layered) -> None:
    layer = LayerSpec(
        "bivariate", ("IDP",), against="REF", breaks=(10, 100), against_breaks=(1, 100)
    )
    legend = layered(layer).bivariate_legend
    assert legend is not None
    assert legend.first.upper == (10, 100)
    assert legend.second.upper == (1, 100)
    assert len(legend.colours) == 2


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"against": "IDP"}, "related to itself"),
        ({"against": "nonsense"}, "cannot be related to 'nonsense'"),
        ({"breaks": (1, 2, 3, 4)}, "three by three"),
        ({"breaks": (1, 2, 3)}, "in a fourth class"),
        ({"against": "presence", "against_breaks": (1, 2, 3)}, "class of their own"),
    ],
)
def test_what_the_square_cannot_show_is_refused_in_words(layered, more, told: str) -> None:
    with pytest.raises(WouldMislead, match=told) as caught:
        layered(LayerSpec(**{"kind": "bivariate", "groups": ("IDP",), "against": "REF"} | more))
    assert caught.value.layer == "1 (bivariate)"


def test_a_variable_without_values_is_said(layered) -> None:
    def nobody_lives(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table["group"] == "POP", "value"] = 0.0
        return table

    with pytest.raises(NothingToDraw, match="no value anywhere"):
        layered(BOTH, change=nobody_lives)


def test_all_equal_values_still_make_a_map(layered) -> None:
    def equal(table: pd.DataFrame) -> pd.DataFrame:
        december = (table["group"] == "IDP") & (table["level"] == 1)
        table.loc[december, ["value", "state"]] = [0.0, "figure"]
        return table

    scene = layered(NEED, change=equal)
    assert {fill.klass % 3 for fill in scene.fills} == {1}  # the middle column: all the same
    assert scene.bivariate_legend is not None
    assert len(scene.bivariate_legend.colours[0]) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_it_all(layered, lang: str) -> None:
    scene = layered(NEED, lang=lang)
    assert not [text for text in (scene.alt_text, *scene.footnotes) if "{" in text]
    assert len(scene.twins[0].rows) == 3


def test_the_table_has_both_values_of_every_unit(layered) -> None:
    rows = {row[1]: row[2:] for row in layered(NEED).twins[0].rows}
    assert rows == {
        "XA01": ("1,200", "30", "2"),
        "XA02": ("0", "0", "none reported"),
        "XA03": ("about 340", "68", "1"),
    }


def test_an_area_layer_lies_alone(layered) -> None:
    rate = LayerSpec("choropleth", ("IDP",), per="population")
    with pytest.raises(WouldMislead, match="on top of each other"):
        layered(NEED, rate)
