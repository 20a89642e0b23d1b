"""What is drawn of many flows, of two ways, of flows around the back of the map; what is left is said."""

from dataclasses import replace

import numpy as np
import pytest

from maps.errors import MapError, TooManyFlows, WouldMislead
from maps.flow_bands import flow_bands, flow_quality
from maps.flow_choice import balanced, largest_flows
from maps.flow_curves import FlowProblem
from maps.flow_layout import MOST_FLOWS, lay_out_flows
from maps.flow_seam import SEAM, central_meridian, split_at_seam
from maps.projection import fit_frame
from maps.scene import FlowMark, Node


def flow(origin: str, destination: str, value: float, measure: str = "new") -> FlowMark:
    text = f"{value:g} from {origin} to {destination}"
    return FlowMark(origin, destination, "IDP", measure, value, "#00B398", f"{value:g}", text)


def between(nodes, pairs, value=None) -> FlowProblem:
    origin, destination = np.array(pairs, dtype=np.intp).T
    value = np.ones(len(pairs)) if value is None else np.asarray(value, dtype=float)
    return FlowProblem(
        np.asarray(nodes, dtype=float),
        np.full(len(nodes), 1.0),
        origin,
        destination,
        np.full(len(pairs), 1.0),
        value,
        (0, 0, 100, 100),
        np.empty((0, 4)),
    )


def test_the_largest_flows_and_the_rest_are_all_flows():
    marks = [flow("XA01", f"XB{i:02}", 10.0 + i) for i in range(30)]
    kept, rest = largest_flows(marks, 10)
    assert [mark.value for mark in kept] == list(range(39, 29, -1))
    assert (rest.count, rest.value) == (20, sum(10.0 + i for i in range(20)))
    assert rest.share == pytest.approx(rest.value / rest.total)


def test_equal_flows_are_drawn_or_left_out_together():
    marks = [flow("XA01", f"XB{i:02}", 50 if i < 8 else 7) for i in range(20)]
    kept, rest = largest_flows(marks, 12)
    assert {mark.value for mark in kept} == {50}
    assert rest.count == 12


def test_few_flows_are_all_kept():
    kept, rest = largest_flows([flow("XA01", "XA02", 3)], 10)
    assert (len(kept), rest.count, rest.share) == (1, 0, 0.0)


def test_ten_thousand_flows_end_in_a_sentence_that_says_what_to_do():
    pairs = [(i % 2, 1 - i % 2) for i in range(10_000)]
    problem = between([(10, 10), (90, 90)], pairs, np.arange(1, 10_001))
    with pytest.raises(TooManyFlows, match="minimum = 9,921") as found:
        lay_out_flows(problem)
    assert isinstance(found.value, MapError)
    assert (found.value.count, found.value.most) == (10_000, MOST_FLOWS)
    assert found.value.minimum == 9921


def test_gross_adds_both_ways_and_net_takes_one_from_the_other():
    there, back = flow("XA01", "XA02", 100), flow("XA02", "XA01", 30)
    (gross,) = balanced([there, back], "gross", str)
    (net,) = balanced([back, there], "net", str)
    assert (gross.origin, gross.value) == ("XA01", 130)
    assert (net.origin, net.destination, net.value) == ("XA01", "XA02", 70)
    assert balanced([there, back], "two-way", str) == (there, back)


def test_what_balances_out_has_no_net():
    assert balanced([flow("XA01", "XA02", 5), flow("XA02", "XA01", 5)], "net", str) == ()


def test_stocks_by_origin_have_no_net_for_nobody_came_back():
    stocks = [flow("XA", "XB", 100, "stock"), flow("XB", "XA", 30, "stock")]
    with pytest.raises(WouldMislead, match="still away"):
        balanced(stocks, "net", str)
    assert balanced(stocks, "gross", str)[0].value == 130


def test_measures_are_not_added_to_each_other():
    marks = [flow("XA01", "XA02", 100), flow("XA02", "XA01", 30, "cumulative")]
    assert [mark.value for mark in balanced(marks, "gross", str)] == [100, 30]


def test_flows_that_lead_nowhere_are_loops_and_disturb_nobody():
    problem = between([(20, 50), (80, 50), (80, 50)], [(0, 0), (0, 1), (1, 2)])
    control = lay_out_flows(problem)
    assert np.isfinite(control).all()
    loop, way, touching = flow_bands(problem, control)
    assert loop.outline.is_valid
    assert loop.outline.area > 0
    assert loop.outline.bounds[3] < 50.5  # above its node, y down
    assert touching.outline.area > 0
    assert way.outline.distance(loop.outline) > 0
    assert flow_quality(problem, control).crossings == 0


def test_only_flows_that_lead_nowhere_can_be_drawn_too():
    problem = between([(20, 50), (80, 50)], [(0, 0), (1, 1)])
    assert len(flow_bands(problem, lay_out_flows(problem))) == 2


PACIFIC = (
    Node("XE", "East", 150.0, -20.0, "country"),
    Node("XW", "West", -120.0, 20.0, "country"),
    Node("XN", "North", 10.0, 50.0, "country"),
)


def showing(*bbox: float):
    box = (0.0, 0.0, 297.0, 180.0)
    return fit_frame("+proj=eqearth +lon_0=0", bbox, box=box, room=box)


WORLD = (-180.0, -60.0, 180.0, 80.0)


def test_a_flow_over_the_edge_of_the_world_leaves_on_one_side_and_comes_in_on_the_other():
    marks = (flow("XE", "XW", 40), flow("XN", "XW", 10))
    drawn, nodes = split_at_seam(marks, PACIFIC, showing(*WORLD))
    assert [(mark.value, mark.label) for mark in drawn] == [(40, ""), (40, "40"), (10, "10")]
    at = {node.id: node for node in nodes}
    exit_, entry = at[drawn[0].destination], at[drawn[1].origin]
    assert exit_.id.startswith(SEAM)
    assert (exit_.lon, entry.lon) == (178.0, -178.0)
    assert exit_.lat == entry.lat == pytest.approx(-20 + 40 * 30 / 90)
    assert (exit_.name, entry.name) == ("West", "East")


def test_a_map_of_part_of_the_world_cuts_nothing():
    marks = (flow("XE", "XW", 40),)
    assert split_at_seam(marks, PACIFIC, showing(-20, -15, 40, 20)) == (marks, PACIFIC)


def test_the_meridian_is_chosen_for_the_most_people():
    lon_o, lon_d = [150.0, 10.0], [-120.0, 40.0]
    centre = central_meridian(lon_o, lon_d, [1000.0, 5.0])
    seam = (centre + 180) % 360
    assert not 150 <= seam <= 240  # not through the Pacific, where the many are
    assert central_meridian([10.0], [40.0], [1.0]) == 0.0


def test_a_page_of_the_world_draws_both_halves(make_scene):
    from maps.page import draw_page

    scene = make_scene(
        projection="+proj=eqearth +lon_0=0 +datum=WGS84",
        bbox=(-180.0, -55.0, 180.0, 75.0),
        nodes=PACIFIC,
        flows=(flow("XE", "XW", 40),),
        symbols=(),
        presence=(),
        labels=(),
        choropleth_legend=None,
        symbol_legend=None,
        presence_legend=None,
        line_keys=(),
    )
    scene = replace(scene, flow_legend=replace(scene.flow_legend, maximum=40.0))
    bands = [item for item in draw_page(scene).paths if item.role == "flow"]
    assert len(bands) == 2
    assert abs(bands[0].geometry.centroid.x - bands[1].geometry.centroid.x) > 80
