"""Bands dock side by side on the circle of their node, in the order in which they leave."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.flow_bands import flow_bands, flow_quality
from maps.flow_curves import FlowProblem
from maps.flow_layout import lay_out_flows
from maps.flow_ports import Docks, hub_radii, spread

angles = st.lists(st.floats(-3.1, 3.1), min_size=2, max_size=12, unique=True)


def star(flows: int, *, width: float, fan: float) -> FlowProblem:
    """Flows from (0, 0) to places 60 mm away, within an angle of ``fan`` radians."""
    way = np.linspace(-fan / 2, fan / 2, flows)
    ends = 60 * np.stack([np.cos(way), np.sin(way)], axis=1)
    return FlowProblem(
        nodes=np.concatenate([[[0.0, 0.0]], ends]),
        radius=np.full(flows + 1, 1.2),
        origin=np.zeros(flows, dtype=np.intp),
        destination=np.arange(1, flows + 1, dtype=np.intp),
        width=np.full(flows, width),
        value=np.full(flows, 100.0),
        frame=(-80, -80, 80, 80),
        obstacles=np.empty((0, 4)),
        ports=True,
    )


@given(angles, st.floats(0.01, 0.12))
def test_ports_keep_their_order_and_their_room(around, half):
    angle = np.array(sorted(around))
    out = spread(angle, np.full(len(angle), half))
    turned = np.angle(np.exp(1j * (out - angle)))
    order = np.argsort(angle + turned)
    assert np.array_equal(np.sort(order), np.arange(len(angle)))
    gaps = np.diff(np.sort((angle + turned) % (2 * np.pi)))
    assert (gaps >= 2 * half - 1e-6).all()


def test_ports_that_have_room_stay_where_they_are():
    angle = np.array([0.0, 1.0, 2.5, -2.0])
    assert spread(angle, np.full(4, 0.2)) % (2 * np.pi) == pytest.approx(angle % (2 * np.pi))


def test_bands_of_one_node_overlap_less_with_ports():
    problem = star(9, width=3.0, fan=1.6)
    plain = replace(problem, ports=False)
    with_ports, without = (flow_quality(p, lay_out_flows(p)) for p in (problem, plain))
    assert with_ports.overlap < 0.02
    assert without.overlap > 2 * with_ports.overlap
    assert with_ports.sibling_crossings == 0


def test_a_hub_grows_with_its_bands_and_not_without_need():
    slim, broad = star(3, width=0.6, fan=3.0), star(7, width=3.0, fan=1.6)
    assert hub_radii(slim)[0] == 1.2
    assert hub_radii(broad)[0] > 2.5
    assert (hub_radii(broad)[1:] == 1.2).all()
    assert (hub_radii(replace(broad, ports=False)) == 1.2).all()


def test_a_hub_does_not_reach_its_neighbours():
    problem = star(7, width=3.0, fan=1.6)
    near = replace(problem, nodes=np.concatenate([problem.nodes[:-1], [[4.0, 0.0]]]))
    assert hub_radii(near)[0] <= 0.45 * 4.0


def test_a_lone_flow_leaves_straight_towards_its_control_point():
    problem = star(1, width=2.0, fan=0.0)
    docks = Docks(problem)
    control = np.array([[30.0, 20.0]])
    tail, _ = docks.ports(control, docks.turns(control))
    assert np.arctan2(*tail[0][::-1]) == pytest.approx(np.arctan2(20, 30))
    assert np.hypot(*tail[0]) == pytest.approx(1.5)  # the circle and a gap of 0.3 mm


def test_bands_stand_on_the_circle_of_their_hub():
    problem = star(5, width=2.5, fan=1.2)
    hub = hub_radii(problem)[0]
    for band in flow_bands(problem, lay_out_flows(problem)):
        assert np.hypot(*band.centre[0]) == pytest.approx(hub + 0.3, abs=1e-6)
        assert band.outline.distance(shapely.Point(0, 0)) > 0.8 * hub
