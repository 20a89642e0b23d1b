"""A map never shades a rate over a part of the inhabitants, and says where and why it does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.changes import changes_of
from maps.compose import compose
from maps.compose_people import IN_PART
from maps.compose_setting import Setting
from maps.legend import legend_json
from maps.messages import messages
from maps.scene import Scene
from maps.spec import LANGUAGES, LayerSpec, MapSpec

RATE = LayerSpec("choropleth", ("IDP",), per="population")
HOSTS = LayerSpec("choropleth", ("IDP",), per="displaced")
NO_TOWNS = pd.DataFrame(
    columns=["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind", "rank"]
)
JUNE, DECEMBER = date(2020, 6, 30), date(2020, 12, 31)
Draw = Callable[..., Scene]


@pytest.fixture
def gap(xaa_released: ReleasedFigures) -> ReleasedFigures:
    """Norda's inhabitants are the sum of one of its two districts: 30,000 of some 40,000."""
    table = xaa_released.figures
    norda = (table["group"] == "POP") & (table["pcode"] == "XA01")
    people = table[norda].assign(basis="summed", value=30_000.0)
    district = people.assign(pcode="XA0101", level=2, basis="stated")
    return replace(xaa_released, figures=pd.concat([table[~norda], people, district]))


@pytest.fixture
def draw(xaa: BoundarySet, xaa_world: BoundarySet, gap: ReleasedFigures) -> Draw:
    def make(layer: LayerSpec, lang: str = "en", released: ReleasedFigures = gap) -> Scene:
        spec = MapSpec("m", {"en": "A map"}, (layer,))
        return compose(spec, released, xaa, xaa_world, NO_TOWNS, lang=lang)

    return make


def states(scene: Scene) -> dict[str, str]:
    return {fill.pcode: fill.state for fill in scene.fills}


@pytest.mark.parametrize("layer", [RATE, HOSTS])
def test_a_region_with_a_gap_below_has_no_rate_but_a_state_and_a_footnote(draw, layer) -> None:
    scene = draw(layer)
    (norda,) = [fill for fill in scene.fills if fill.pcode == "XA01"]
    assert (norda.value, norda.count, norda.klass, norda.state) == (None, None, -1, IN_PART)
    assert norda.text == ("Norda: 1,200 internally displaced people; Population known in part only")
    assert states(scene)["XA03"] == "figure"
    assert (
        "No rate where the inhabitants of some areas within are not known: "
        "Norda (1 of its 2 areas)."
    ) in scene.footnotes


def test_the_table_says_of_how_many_areas_and_prints_no_part_as_the_whole(draw) -> None:
    (row,) = [row for row in draw(RATE).twins[0].rows if row[1] == "XA01"]
    assert row[2:] == ("1,200", "1 of 2 areas not known", "Population known in part only")


def test_the_legend_has_the_state_and_its_classes_are_of_the_rates_left(draw) -> None:
    legend = draw(RATE).choropleth_legend
    assert [state for state, _, _ in legend.empty] == [IN_PART]
    assert legend.upper == (70.0,)  # 68 ‰ in Tamar, rounded up; Norda's 40 ‰ is no rate
    assert "in part only" in str(legend_json(draw(RATE)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_it(draw, lang: str) -> None:
    scene, whole = draw(RATE, lang), draw(RATE)
    say = messages(lang)
    name = next(fill.name for fill in scene.fills if fill.pcode == "XA01")
    assert any(name in note and "(" in note for note in scene.footnotes)
    assert len(scene.footnotes) == len(whole.footnotes)
    assert say.say(f"state.{IN_PART}") in [label for _, _, label in scene.choropleth_legend.empty]
    assert not any("{" in note for note in scene.footnotes)


def test_many_regions_with_gaps_are_counted_and_named_in_the_table(
    xaa: BoundarySet, xaa_world: BoundarySet, gap: ReleasedFigures
) -> None:
    from geo.denominators import KnownParts
    from maps.compose_people import partly_footnotes

    setting = Setting(MapSpec("m", {"en": "A map"}, (RATE,)), gap, xaa, xaa_world, messages("en"))
    partly = {f"XA{number:02}": KnownParts(1, 3) for number in range(1, 10)}
    (note,) = partly_footnotes(setting, partly, partly)
    assert note.startswith("No rate in 9 places")
    assert partly_footnotes(setting, partly, ["elsewhere"]) == ()


def test_a_change_per_inhabitants_needs_them_all_too(
    xaa: BoundarySet, xaa_world: BoundarySet, gap: ReleasedFigures, draw
) -> None:
    layer = LayerSpec("difference", ("IDP",), per="population", comparable={"en": "by hand"})
    setting = Setting(MapSpec("m", {"en": "A map"}, (layer,)), gap, xaa, xaa_world, messages("en"))
    of: dict[str, Any] = {row.pcode: row for row in changes_of(setting, layer).rows}
    assert (of["XA01"].value, of["XA01"].state) == (None, IN_PART)
    assert of["XA02"].value == 0
    assert any("Norda (1 of its 2 areas)" in note for note in draw(layer).footnotes)


def test_two_variables_and_days_side_by_side_say_it_once(draw) -> None:
    for layer in (
        LayerSpec("bivariate", ("IDP",), against="REF"),
        replace(RATE, dates=(JUNE, DECEMBER)),
    ):
        scene = draw(layer)
        several = [panel.fills for panel in scene.panels] or [scene.fills]
        assert [[f.state for f in fills if f.pcode == "XA01"] for fills in several] == [
            [IN_PART] for _ in several
        ]
        assert sum("Norda (1 of its 2 areas)" in note for note in scene.footnotes) == 1
