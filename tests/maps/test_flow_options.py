"""What a user may ask of a flow layer: balance, how many bands, totals, the level of ends, a tree."""

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
from maps.errors import WouldMislead
from maps.page import draw_page
from maps.scene import Scene
from maps.spec import LayerSpec, MapSpec

MOVES = LayerSpec("flows", ("IDP",), measure="new")
STOCKS = LayerSpec("flows", ("REF",), measure="stock")
NO_TOWNS = pd.DataFrame(
    columns=["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind", "rank"]
)
WORLD = (-170.0, -60.0, 175.0, 80.0)

Draw = Callable[..., Scene]


@pytest.fixture(scope="module")
def draw(xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures) -> Draw:
    """Compose a flow layer of ``ways`` alone: (origin, destination, persons) in December 2020."""

    def make(
        layer: LayerSpec,
        *ways: tuple[str, str, float],
        sites: tuple[Site, ...] = (),
        lang: str = "en",
        **spec: Any,
    ) -> Scene:
        flows = xaa_released.flows
        like = flows[flows["measure"] == layer.measure].iloc[0].to_dict()
        like |= {"qualifier": "exact", "start": date(2020, 12, 1), "date": date(2020, 12, 31)}
        if layer.measure == "stock":
            like["start"] = None
        rows = [like | {"origin": o, "destination": d, "value": float(v)} for o, d, v in ways]
        released = replace(
            xaa_released,
            flows=pd.DataFrame(rows, columns=flows.columns),
            sites=(*xaa_released.sites, *sites),
        )
        wanted = MapSpec("m", {"en": "Flows"}, (layer,), **spec)
        return compose(wanted, released, xaa, xaa_world, NO_TOWNS, lang=lang)

    return make


def bands(scene: Scene) -> dict[tuple[str, str], float]:
    return {(mark.origin, mark.destination): mark.value for mark in scene.flows}


def totals(scene: Scene) -> dict[str, tuple[str, ...]]:
    """Return in, out and within by place, of the second table beside the map."""
    return {row[0]: row[2:] for row in scene.twins[1].rows}


TWO_WAYS = (("XA01", "XA03", 120), ("XA03", "XA01", 50), ("XA02", "XA03", 30))


def test_both_ways_are_two_bands_their_sum_or_their_difference(draw: Draw) -> None:
    assert bands(draw(MOVES, *TWO_WAYS)) == {(o, d): v for o, d, v in TWO_WAYS}
    gross = draw(replace(MOVES, balance="gross"), *TWO_WAYS)
    assert bands(gross) == {("XA01", "XA03"): 170, ("XA02", "XA03"): 30}
    net = draw(replace(MOVES, balance="net"), *TWO_WAYS)
    assert bands(net) == {("XA01", "XA03"): 70, ("XA02", "XA03"): 30}
    assert net.flow_legend is not None
    assert net.flow_legend.maximum == 70
    assert "Net: the difference" in net.flow_legend.subtitle
    assert net.flows[0].text == (
        "Norda to Tamar, net 70 (Norda to Tamar: 120 internally displaced people, in December 2020;"
        " Tamar to Norda: 50 internally displaced people, in December 2020)"
    )


def test_what_balances_out_has_no_net_and_is_said(draw: Draw) -> None:
    net = draw(replace(MOVES, balance="net"), *TWO_WAYS, ("XA03", "XA02", 30))
    assert bands(net) == {("XA01", "XA03"): 70}
    assert any(note.startswith("As many went one way as the other") for note in net.footnotes)


def test_a_net_of_stocks_is_refused_by_the_map_s_name(draw: Draw) -> None:
    with pytest.raises(WouldMislead, match=r"map 'm'.*cannot be balanced"):
        draw(replace(STOCKS, balance="net"), ("XB", "XA01", 5), ("XA01", "XB", 4))


def test_the_largest_are_drawn_and_the_others_are_one_sum(draw: Draw) -> None:
    scene = draw(replace(MOVES, most=1), *TWO_WAYS)
    assert bands(scene) == {("XA01", "XA03"): 120}
    assert (
        "Only the 1 largest bands are drawn. Not drawn: 2 smaller ones, 80 in all (40 % of the total)."
        in scene.footnotes
    )
    assert [row[5] for row in scene.twins[0].rows] == ["yes", "no", "no"]


def test_in_out_and_within_are_counted_once_each(draw: Draw) -> None:
    ways = (*TWO_WAYS, ("XA01", "XA01", 11), ("unknown", "XA02", 7))
    plain = draw(replace(MOVES, most=1), *ways)
    assert len(plain.twins) == 1
    assert not any("out," in note for note in plain.footnotes)
    said = draw(replace(MOVES, most=1, totals=True), *ways)
    assert totals(said) == {
        "Tamar": ("150", "50", "0"),
        "Norda": ("50", "120", "11"),
        "Séna": ("7", "30", "0"),
    }
    assert any("Norda 50 in, 120 out, 11 within" in note for note in said.footnotes)
    assert any("Origin or destination not known" in note for note in said.footnotes)


def test_ends_rise_to_the_level_asked_for_and_add_up(draw: Draw) -> None:
    ways = (("XA01", "XB", 40), ("XA02", "XB", 25), ("XA01", "XA03", 9))
    scene = draw(replace(MOVES, ends=0), *ways)
    assert bands(scene) == {("XA", "XB"): 65}
    assert "9 internally displaced people within Xaaland" in " ".join(scene.footnotes)
    assert any(note.startswith("At this scale, bands end at") for note in scene.footnotes)
    assert bands(draw(replace(MOVES, ends=1), *ways)) == {(o, d): v for o, d, v in ways}


def test_a_site_rises_with_its_unit(draw: Draw) -> None:
    camp = Site("camp", {"en": "Camp"}, 12.5, 11.0, ("XA03",), "camp")
    scene = draw(replace(STOCKS, ends=1), ("XB", "site:camp", 5), ("XB", "XA03", 3), sites=(camp,))
    assert bands(scene) == {("XB", "XA03"): 8}


def test_on_a_map_of_the_world_small_units_give_way_to_their_country(draw: Draw) -> None:
    ways = (("XA01", "XB", 40), ("XA02", "XB", 25))
    assert bands(draw(MOVES, *ways)) == {("XA01", "XB"): 40, ("XA02", "XB"): 25}
    assert bands(draw(MOVES, *ways, extent=WORLD)) == {("XA", "XB"): 65}


def test_a_tree_has_one_root(draw: Draw) -> None:
    star = (("XB", "XA01", 40), ("XB", "XA02", 25), ("XB", "XA03", 10))
    scene = draw(replace(STOCKS, layout="tree"), *star)
    assert scene.flow_legend is not None
    assert scene.flow_legend.tree
    page = draw_page(scene)
    flows = next(layer for layer in page.layers if layer.id == "flows")
    assert sum(item.role == "flow" for item in flows.items) == 3
    plain = next(x for x in draw_page(draw(STOCKS, *star)).layers if x.id == "flows")
    assert [i.geometry for i in flows.items] != [i.geometry for i in plain.items]
    with pytest.raises(WouldMislead, match="a tree has one root"):
        draw(replace(MOVES, layout="tree"), *TWO_WAYS)


@pytest.mark.parametrize("lang", ["fr", "es", "ar"])
def test_every_language_says_it(draw: Draw, lang: str) -> None:
    layer = replace(MOVES, balance="gross", most=1, totals=True, ends=1)
    scene = draw(layer, *TWO_WAYS, lang=lang)
    assert len(scene.footnotes) >= 2


# --- input that is out of the ordinary ------------------------------------------------------------


def test_flows_onto_themselves_alone_are_a_note(draw: Draw) -> None:
    scene = draw(MOVES, ("XA01", "XA01", 12))
    assert scene.flows == ()
    assert "12 internally displaced people within Norda" in " ".join(scene.footnotes)
    assert draw_page(scene).layers


def test_two_ends_on_one_spot_are_drawn(draw: Draw) -> None:
    spot = (12.5, 11.0, ("XA03",), "camp")
    sites = (Site("one", {"en": "One"}, *spot), Site("two", {"en": "Two"}, *spot))
    scene = draw(MOVES, ("site:one", "site:two", 9), ("XA01", "site:one", 20), sites=sites)
    flows = next(layer for layer in draw_page(scene).layers if layer.id == "flows")
    assert sum(item.role == "flow" for item in flows.items) == 2


def test_ten_thousand_flows_are_the_largest_and_a_sum(draw: Draw) -> None:
    sites = tuple(
        Site(f"s{i}", {"en": f"Site {i}"}, 10.1 + i % 10 * 0.29, 10.1 + i // 10 * 0.18, ("XA",))
        for i in range(101)
    )
    ends = [f"site:{site.id}" for site in sites]
    ways = [(o, d, 1 + 7 * i + j) for i, o in enumerate(ends) for j, d in enumerate(ends) if o != d]
    scene = draw(replace(MOVES, most=12), *ways[:10_000], sites=sites)
    kept = len(scene.flows)
    assert 6 <= kept <= 12
    assert any(f"{10_000 - kept:,} smaller ones" in note for note in scene.footnotes)


def test_flows_that_are_all_equal_and_one_unit_are_drawn(draw: Draw) -> None:
    equal = draw(MOVES, ("XA01", "XA03", 10), ("XA02", "XA03", 10), ("XA01", "XA02", 10))
    assert len(equal.flows) == 3
    assert draw_page(equal).layers
    one = draw(MOVES, ("XB", "XA01", 10))
    assert bands(one) == {("XB", "XA01"): 10}
    assert draw_page(one).layers


def test_a_name_of_sixty_letters_stays_on_the_sheet(draw: Draw) -> None:
    long = "Saint-Barthélemy-du-Grand-Désert-sur-le-Fleuve-des-Crocodiles"
    camp = Site("camp", {"en": long}, 12.9, 11.9, ("XA03",), "camp")
    page = draw_page(draw(MOVES, ("XA01", "site:camp", 10), sites=(camp,)))
    for layer in page.layers:
        for item in layer.items:
            if getattr(item, "text", "") == long:
                assert item.left >= 0
                assert item.left + item.width <= page.width


@pytest.mark.parametrize(
    "extent", [(-180.0, 60.0, 180.0, 90.0), (150.0, -30.0, 180.0, 30.0), WORLD]
)
def test_a_frame_on_the_pole_or_at_the_antimeridian_is_a_map(
    draw: Draw, extent: tuple[float, float, float, float]
) -> None:
    page = draw_page(draw(MOVES, *TWO_WAYS, extent=extent))
    assert any(layer.items for layer in page.layers if layer.id in {"land", "water"})
