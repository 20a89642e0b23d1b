"""An atlas: one page for each unit, framed on it, with its own figures, under the whole map's legend."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from shapely import box

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.atlas import AtlasPage, atlas_units, compose_atlas
from maps.compose import compose
from maps.imprint import Imprint
from maps.lint import failing, lint_page
from maps.page import draw_page
from maps.scene import Scene
from maps.spec import LayerSpec, MapSpec

SPEC = MapSpec(
    "m",
    {"en": "Displaced people", "ar": "النازحون"},
    (
        LayerSpec("choropleth", ("IDP",), per="population"),
        LayerSpec("symbols", ("IDP", "REF")),
        LayerSpec("flows", ("REF",), measure="stock"),
        LayerSpec("presence"),
    ),
    imprint=Imprint(number="XAA-7"),
)


@pytest.fixture(scope="module")
def towns() -> pd.DataFrame:
    rows = [("Quirim", 11.5, 10.4, "XAA", "capital"), ("Little Ossa", 12.4, 11.2, "XAA", "town")]
    table = pd.DataFrame(rows, columns=["name", "lon", "lat", "iso3", "kind"])
    return table.assign(name_fr="", name_es="", name_ar="", rank=6, population=10)


Atlas = Callable[..., list[AtlasPage]]


@pytest.fixture(scope="module")
def atlas(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures, towns: pd.DataFrame
) -> Atlas:
    def make(level: int = 1, lang: str = "en") -> list[AtlasPage]:
        pages = compose_atlas(
            SPEC, xaa_released, xaa, xaa_world, towns, level=level, lang=lang, edition="e1"
        )
        return list(pages)

    return make


@pytest.fixture(scope="module")
def regions(atlas: Atlas) -> dict[str, Scene]:
    return {page.pcode: page.scene for page in atlas()}


@pytest.fixture(scope="module")
def whole(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures, towns: pd.DataFrame
) -> Scene:
    return compose(SPEC, xaa_released, xaa, xaa_world, towns, lang="en", edition="e1")


def test_every_unit_of_the_country_has_a_page_in_order(regions):
    assert list(regions) == ["XA01", "XA02", "XA03"]


def test_pages_are_counted_and_keep_the_maps_number(regions):
    assert [scene.reference for scene in regions.values()] == [
        f"Map XAA-7 – page {n} of 3" for n in (1, 2, 3)
    ]


def test_a_page_is_named_for_its_unit_and_framed_on_it(regions):
    tamar = regions["XA03"]
    assert tamar.title == "Tamar: Displaced people"
    west, south, east, north = tamar.bbox
    assert box(west, south, east, north).contains(box(12, 10, 13, 12))
    assert east - west < 2


def test_classes_and_sizes_are_those_of_the_whole_map(regions, whole):
    for scene in regions.values():
        assert scene.choropleth_legend == whole.choropleth_legend
        assert scene.symbol_legend == whole.symbol_legend
        assert scene.flow_legend == whole.flow_legend


def test_the_margin_holds_the_units_own_figures_in_the_maps_words(regions):
    values = {code: [f.value for f in scene.key_figures] for code, scene in regions.items()}
    assert values["XA01"] == ["1,200", "70", "30", "2"]  # IDPs, refugees, per 1,000, partners
    assert values["XA02"] == ["0", "0"]
    assert values["XA03"][:2] == ["about 340", "400"]
    assert regions["XA01"].key_figures[-1].note == "HaR, WDN"


def test_only_flows_that_end_in_the_unit_stay(regions):
    assert {flow.destination for flow in regions["XA01"].flows} == {"XA01"}
    assert regions["XA02"].flows == ()
    assert regions["XA02"].nodes == ()


def test_the_unit_is_outlined_on_its_page_and_nothing_is_on_top_of_anything(regions):
    for scene in regions.values():
        page = draw_page(scene)
        assert [item.role for item in page.paths if item.role == "highlight"] == ["highlight"]
        assert failing(lint_page(page, scene)) == ()


def test_a_small_frame_shows_towns(regions):
    kinds = {label.text: label.kind for label in regions["XA03"].labels}
    assert kinds["Little Ossa"] == "settlement"
    assert ("settlement", "Town") in regions["XA03"].place_keys


def test_an_atlas_of_districts_has_one_page_for_each(atlas):
    assert len(atlas(level=2)) == 6


def test_an_atlas_speaks_the_maps_language(atlas):
    page = atlas(lang="ar")[0].scene
    assert page.title == "نوردا: النازحون"
    assert "1" in page.reference
    assert page.direction == "rtl"


def test_a_level_that_is_not_there_has_no_pages(whole, xaa):
    assert atlas_units(whole, xaa, 3) == ()


def test_a_unit_abroad_with_a_mark_has_its_page_after_those_at_home(whole, xaa_world):
    marked = replace(whole, symbols=(*whole.symbols, replace(whole.symbols[0], place="XB01")))
    assert atlas_units(marked, xaa_world, 1)[-1] == "XB01"
