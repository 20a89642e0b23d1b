"""People per km², and inhabitants for each person displaced: on the invented country, by hand."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.compose_rates import layer_breaks
from maps.errors import NothingToDraw, WouldMislead
from maps.legend import legend_json
from maps.messages import format_significant
from maps.palettes import ramp
from maps.scene import AreaFill, Scene
from maps.spec import LANGUAGES, LayerSpec, MapSpec

PER_KM2 = LayerSpec("choropleth", ("IDP",), per="area")
HOSTS = LayerSpec("choropleth", ("IDP",), per="displaced")
NO_TOWNS = pd.DataFrame(
    columns=["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind", "rank"]
)


@pytest.fixture
def draw(xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures):
    def make(layer: LayerSpec, lang: str = "en", released: ReleasedFigures = xaa_released) -> Scene:
        spec = MapSpec("m", {"en": "A map"}, (layer,))
        return compose(spec, released, xaa, xaa_world, NO_TOWNS, lang=lang)

    return make


def fills(scene: Scene) -> dict[str, AreaFill]:
    return {fill.pcode: fill for fill in scene.fills}


def with_inhabitants(released: ReleasedFigures, pcode: str, value: float) -> ReleasedFigures:
    table = released.figures.copy()
    table.loc[(table["group"] == "POP") & (table["pcode"] == pcode), "value"] = value
    return replace(released, figures=table)


def with_idps(released: ReleasedFigures, pcode: str, state: str) -> ReleasedFigures:
    table = released.figures.copy()
    here = (table["group"] == "IDP") & (table["pcode"] == pcode)
    table.loc[here, "state"] = state
    table.loc[here, "value"] = math.nan
    return replace(released, figures=table)


# --- people per km² -----------------------------------------------------------------------------


def test_people_per_km2_are_the_count_by_the_area_on_the_ellipsoid(draw, xaa: BoundarySet) -> None:
    found = fills(draw(PER_KM2))
    units = dict(zip(xaa.frame["pcode"], xaa.frame.geometry, strict=True))
    ball = Geod(ellps="WGS84")
    for pcode, count in {"XA01": 1200, "XA03": 340}.items():
        # parallels are no geodesics: with corners close together the two are the same line
        drawn = shapely.segmentize(units[pcode], 0.01)
        km2 = abs(ball.geometry_area_perimeter(drawn)[0]) / 1e6
        assert found[pcode].value == pytest.approx(count / km2, rel=1e-6)
        assert found[pcode].count == count


def test_a_reported_zero_is_0_per_km2_and_what_is_not_reported_has_no_density(
    draw, xaa_released: ReleasedFigures
) -> None:
    zero = fills(draw(PER_KM2))["XA02"]
    assert (zero.value, zero.state, zero.colour) == (0, "figure", "#ffffff")
    for state in ("not_reported", "suppressed"):
        fill = fills(draw(PER_KM2, released=with_idps(xaa_released, "XA01", state)))["XA01"]
        assert (fill.value, fill.count, fill.klass, fill.state) == (None, None, -1, state)


def test_a_density_needs_no_inhabitants_and_names_no_source_of_any(
    draw, xaa_released: ReleasedFigures
) -> None:
    table = xaa_released.figures
    without = replace(xaa_released, figures=table[table["group"] != "POP"])
    assert fills(draw(PER_KM2, released=without)) == fills(draw(PER_KM2))
    assert not any("census" in line.lower() for line in draw(PER_KM2).sources)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_legend_tooltip_and_table_say_the_unit_in_every_language(draw, lang: str) -> None:
    scene = draw(PER_KM2, lang)
    square = "كم²" if lang == "ar" else "km²"
    legend = scene.choropleth_legend
    assert square in legend.title
    norda = fills(scene)["XA01"]
    assert square in norda.text
    twin = scene.twins[0]
    assert square in twin.columns[3]
    assert square in twin.columns[4]
    (row,) = [row for row in twin.rows if row[1] == "XA01"]
    assert row[4] == format_significant(norda.value, lang)
    assert row[4] in norda.text
    assert "{" not in legend.title + legend.subtitle + norda.text


def test_the_area_of_a_unit_beyond_the_180th_meridian_is_that_of_its_twin_elsewhere(
    xaa: BoundarySet,
) -> None:
    def moved(by: float) -> BoundarySet:
        frame = xaa.frame.copy()
        frame["geometry"] = frame.geometry.translate(xoff=by)
        return BoundarySet(xaa.vintage, frame)

    here = xaa.km2(1)
    west, _, east, _ = xaa.frame.total_bounds
    across = moved(180 - (west + east) / 2).km2(1)
    assert across == pytest.approx(here, rel=1e-9)


# --- inhabitants for each -----------------------------------------------------------------------


def test_inhabitants_for_each_displaced_person(draw) -> None:
    found = fills(draw(HOSTS))
    assert found["XA01"].value == pytest.approx(40_000 / 1200)
    assert found["XA03"].value == pytest.approx(5_000 / 340)
    assert (
        found["XA01"].text == "Norda: 33.3 inhabitants for each internally displaced person "
        "(1,200 internally displaced people, 40,000 inhabitants)"
    )


def test_nobody_displaced_gives_no_ratio_but_a_state_of_its_own(draw) -> None:
    scene = draw(HOSTS)
    senna = fills(scene)["XA02"]
    assert (senna.value, senna.klass, senna.state) == (None, -1, "none_displaced")
    assert "0 reported, so no ratio" in senna.text
    legend = scene.choropleth_legend
    assert [state for state, _, _ in legend.empty] == ["none_displaced"]
    assert senna.colour not in legend.colours


@pytest.mark.parametrize("inhabitants", [0.0, math.nan])
def test_nobody_living_there_is_a_state_and_no_zero(
    draw, xaa_released: ReleasedFigures, inhabitants: float
) -> None:
    released = with_inhabitants(xaa_released, "XA03", inhabitants)
    if math.isnan(inhabitants):
        table = released.figures
        gone = (table["group"] == "POP") & (table["pcode"] == "XA03")
        released = replace(released, figures=table[~gone])
    for layer in (HOSTS, replace(HOSTS, per="population")):
        fill = fills(draw(layer, released=released))["XA03"]
        assert (fill.value, fill.klass, fill.state) == (None, -1, "no_population")


def test_an_estimate_on_either_side_makes_the_ratio_about(draw) -> None:
    scene = draw(HOSTS)  # Tamar's 340 are rounded
    assert "about 14.7 inhabitants" in fills(scene)["XA03"].text
    (row,) = [row for row in scene.twins[0].rows if row[1] == "XA03"]
    assert row[4] == "about 14.7"


def test_the_fewer_inhabitants_for_each_the_darker(draw) -> None:
    legend = draw(HOSTS).choropleth_legend
    assert legend.colours == ramp("red-yellow", len(legend.colours))[::-1]
    assert "Darker: fewer" in legend.subtitle


def test_heavy_loads_are_told_apart_although_light_ones_are_far_larger_numbers() -> None:
    hosts = np.array([10.0, 20, 200, 400, 90_000, 100_000])
    upper = layer_breaks(replace(HOSTS, classes=3), hosts).upper
    classes = np.searchsorted(upper, hosts)
    assert classes.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whose_inhabitants_and_of_when_stands_in_legend_and_sources(draw, lang: str) -> None:
    scene = draw(HOSTS, lang)
    assert "2010" in scene.choropleth_legend.subtitle
    assert any("2010" in line for line in scene.sources)
    assert legend_json(scene)["choropleth"]["subtitle"] == scene.choropleth_legend.subtitle
    assert "{" not in " ".join(fill.text for fill in scene.fills)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("per", ["area", "displaced"])
@pytest.mark.parametrize(
    "layer",
    [LayerSpec("bivariate", ("IDP",), against="REF"), LayerSpec("difference", ("IDP",))],
    ids=lambda layer: layer.kind,
)
def test_layers_that_know_inhabitants_only_refuse_another_base(draw, layer, per) -> None:
    with pytest.raises(WouldMislead, match='per = "population"'):
        draw(replace(layer, per=per))


def test_households_are_not_called_people(draw, xaa_released: ReleasedFigures) -> None:
    table = xaa_released.figures.copy()
    table.loc[table["group"] == "IDP", "unit"] = "households"
    released = replace(xaa_released, figures=table)
    for layer in (PER_KM2, HOSTS):
        with pytest.raises(WouldMislead, match="households"):
            draw(layer, released=released)


def test_a_ratio_nowhere_is_said_to_be_nothing_to_draw(draw, xaa_released) -> None:
    table = xaa_released.figures.copy()
    table.loc[table["group"] == "IDP", "value"] = 0.0
    with pytest.raises(NothingToDraw, match="per displaced"):
        draw(replace(HOSTS, date=date(2020, 12, 31)), released=replace(xaa_released, figures=table))


# --- digits -------------------------------------------------------------------------------------


@given(st.floats(1e-9, 1e9))
def test_three_digits_are_written_at_any_size_and_never_a_false_0(value: float) -> None:
    text = format_significant(value, "en").replace(",", "")
    assert float(text) == pytest.approx(value, rel=0.005)
    assert float(text) > 0
    assert len(text.replace(".", "").strip("0")) <= 3
