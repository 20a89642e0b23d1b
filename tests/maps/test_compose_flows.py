"""Which flows become bands, and that the others are said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from boundaries.sites import Site
from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.errors import NothingToDraw, WouldMislead
from maps.scene import Scene
from maps.spec import LayerSpec, MapSpec

STOCKS = LayerSpec("flows", ("REF",), measure="stock")
MOVES = LayerSpec("flows", ("IDP",), measure="new")
NO_TOWNS = pd.DataFrame(
    columns=["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind"]
)

Draw = Callable[..., Scene]


@pytest.fixture(scope="module")
def draw(xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures) -> Draw:
    """Compose a map of flow layers after adding rows, each like the first stock but for its fields."""

    def make(
        *layers: LayerSpec,
        rows: tuple[dict[str, Any], ...] = (),
        sites: tuple[Site, ...] = (),
        lang: str = "en",
    ) -> Scene:
        flows = xaa_released.flows
        stock = flows[flows["measure"] == "stock"].iloc[0].to_dict()
        move = flows[flows["measure"] == "new"].iloc[0].to_dict()
        added = [(move if row.get("measure") == "new" else stock) | row for row in rows]
        released = replace(
            xaa_released,
            flows=pd.concat([flows, pd.DataFrame(added, columns=flows.columns)], ignore_index=True)
            if added
            else flows,
            sites=(*xaa_released.sites, *sites),
        )
        spec = MapSpec("m", {"en": "Flows"}, layers)
        return compose(spec, released, xaa, xaa_world, NO_TOWNS, lang=lang)

    return make


def bands(scene: Scene) -> dict[tuple[str, str], float]:
    return {(mark.origin, mark.destination): mark.value for mark in scene.flows}


def test_bands_end_at_units_sites_areas_and_countries_seen_whole(draw: Draw) -> None:
    scene = draw(STOCKS, MOVES)
    assert {node.id: node.kind for node in scene.nodes} == {
        "XA01": "unit",
        "XA03": "unit",
        "XB": "country",
        "XC": "country",
        "site:marches": "area",
        "site:ossa-camp": "site",
    }
    assert bands(scene) == {
        ("site:marches", "XA03"): 500,
        ("XB", "site:ossa-camp"): 400,
        ("XB", "XA01"): 50,
        ("XC", "XA01"): 20,
    }


def test_a_stock_by_origin_is_not_called_a_movement(draw: Draw) -> None:
    scene = draw(STOCKS)
    assert scene.flow_legend is not None
    assert "not recent movements" in scene.flow_legend.subtitle
    assert [key.label for key in scene.flow_legend.keys] == [
        "Refugees present, by origin (as of 31 December 2020)"
    ]
    assert scene.flows[0].text == "Ossa camp: 400 refugees from Xbbia, as of 31 December 2020"
    moves = draw(MOVES)
    assert moves.flow_legend is not None
    assert moves.flow_legend.subtitle == "Bands are movements in the period"
    both = draw(STOCKS, MOVES).flow_legend
    assert both is not None
    assert (len(both.keys), both.maximum) == (2, 500)


def test_an_approximate_figure_says_so_on_the_band(draw: Draw) -> None:
    assert draw(MOVES).flows[0].label == "about 500"
    assert draw(MOVES, lang="fr").flows[0].label == "environ 500"


def test_a_movement_after_the_map_s_date_is_a_footnote(draw: Draw) -> None:
    convoy = {
        "origin": "XA01",
        "destination": "XB",
        "measure": "new",
        "value": 113.0,
        "qualifier": "exact",
        "start": date(2021, 1, 29),
        "date": date(2021, 1, 29),
    }
    scene = draw(MOVES, rows=(convoy,))
    assert ("XA01", "XB") not in bands(scene)
    assert (
        "After 31 December 2020, so not on the map: Norda to Xbbia: "
        "113 internally displaced people, on 29 January 2021." in scene.footnotes
    )


def test_another_source_for_the_same_movement_is_said_and_not_added(draw: Draw) -> None:
    rival = {
        "measure": "new",
        "value": 450.0,
        "qualifier": "exact",
        "date": date(2021, 1, 2),
        "sources": "register",
    }
    for basis in ("stated", "beside"):
        scene = draw(MOVES, rows=(rival | {"basis": basis},))
        assert bands(scene) == {("site:marches", "XA03"): 500}
        assert any(
            note.startswith("For The Marches to Tamar, another source gives 450 (Office of XAA")
            for note in scene.footnotes
        )


def test_an_earlier_movement_is_said_and_an_earlier_stock_is_replaced(draw: Draw) -> None:
    earlier = {"date": date(2019, 12, 31), "start": date(2019, 12, 1), "measure": "new"}
    old_stock = {"date": date(2019, 12, 31), "value": 999.0}
    scene = draw(MOVES, STOCKS, rows=(earlier, old_stock))
    assert sum(note.startswith("Of an earlier period") for note in scene.footnotes) == 1
    assert "999" not in " ".join((*scene.footnotes, scene.alt_text))


def test_small_bands_are_listed_or_counted_never_dropped_in_silence(draw: Draw) -> None:
    scene = draw(replace(STOCKS, minimum=100))
    assert bands(scene) == {("XB", "site:ossa-camp"): 400}
    assert scene.footnotes[0] == (
        "Fewer than 100, not drawn: Norda: 50 refugees from Xbbia, as of 31 December 2020; "
        "Norda: 20 refugees from Xccora, as of 31 December 2020."
    )
    ends = (("XB", "XA02", 11.0), ("XC", "XA02", 12.0), ("XC", "XA03", 13.0))
    many = tuple({"origin": o, "destination": d, "value": v} for o, d, v in ends)
    assert "Fewer than 100, not drawn: 5 bands, 106 refugees in all." in (
        draw(replace(STOCKS, minimum=100), rows=many).footnotes
    )
    listed = {row[4]: row[5] for row in scene.twins[0].rows}
    assert listed == {"400": "yes", "50": "no", "20": "no"}


def test_an_unknown_origin_is_said(draw: Draw) -> None:
    scene = draw(STOCKS, rows=({"origin": "unknown", "value": 7.0},))
    assert "unknown" not in {mark.origin for mark in scene.flows}
    assert any(
        note.startswith("Origin or destination not known") and "7 refugees from unknown" in note
        for note in scene.footnotes
    )


def test_people_somewhere_in_the_country_are_said_beside_those_with_a_place(draw: Draw) -> None:
    scene = draw(STOCKS, rows=({"destination": "XA", "value": 30.0},))
    assert ("XB", "XA") not in bands(scene)
    assert any(
        note.startswith("Place within the country not given") and "30 refugees from Xbbia" in note
        for note in scene.footnotes
    )


def test_a_country_known_only_as_a_whole_is_one_end(draw: Draw) -> None:
    scene = draw(STOCKS, rows=({"origin": "XA", "destination": "XB", "value": 80.0},))
    assert bands(scene)["XA", "XB"] == 80


def test_a_total_over_several_countries_is_no_further_band(draw: Draw) -> None:
    region = Site("region", {"en": "Host region"}, 13.0, 11.0, ("XA", "XB"), "area")
    row = {"destination": "site:region", "value": 480.0, "date": date(2020, 11, 30)}
    scene = draw(STOCKS, rows=(row,), sites=(region,))
    assert "site:region" not in {mark.destination for mark in scene.flows}


def test_flows_that_lie_apart_in_time_bring_their_footnote(draw: Draw) -> None:
    scene = draw(STOCKS, rows=({"origin": "XC", "destination": "XB", "date": date(2020, 6, 30)},))
    assert "as of 30 June 2020" in next(
        mark.text for mark in scene.flows if mark.destination == "XB"
    )
    assert scene.flow_legend is not None
    assert scene.flow_legend.keys[0].label.endswith("2020*)")


def test_households_and_persons_do_not_share_a_width(draw: Draw) -> None:
    with pytest.raises(WouldMislead, match="households and persons"):
        draw(STOCKS, rows=({"destination": "XA02", "unit": "households"},))


def test_the_largest_band_comes_first(draw: Draw) -> None:
    values = [mark.value for mark in draw(STOCKS, MOVES).flows]
    assert values == sorted(values, reverse=True)


def test_one_origin_can_be_asked_for_by_its_iso_code(draw: Draw) -> None:
    assert set(bands(draw(replace(STOCKS, origin="XCC")))) == {("XC", "XA01")}


def test_flows_of_a_group_that_has_none_are_refused(draw: Draw) -> None:
    with pytest.raises(NothingToDraw, match=r"flows of STA .* there is flows of IDP \(new\)"):
        draw(LayerSpec("flows", ("STA",)))
