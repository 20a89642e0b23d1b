"""Flows are laid out alike every time, apart from each other, and off what they do not serve."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.flow_bands import flow_bands, flow_quality
from maps.flow_layout import FlowProblem, lay_out_flows

FRAME = (0.0, 0.0, 200.0, 140.0)


def problem_of(nodes, pairs, *, width=None, obstacles=(), radius=1.5, frame=FRAME):
    origin, destination = np.array(pairs, dtype=int).reshape(-1, 2).T
    value = np.linspace(100, 1000, len(pairs))
    return FlowProblem(
        nodes=np.array(nodes, dtype=float),
        radius=np.full(len(nodes), radius),
        origin=origin,
        destination=destination,
        width=np.asarray(width, dtype=float) if width is not None else 0.6 + 5.4 * value / 1000,
        value=value,
        frame=frame,
        obstacles=np.array(obstacles, dtype=float).reshape(-1, 4),
    )


def scattered(flows: int, seed: int = 3) -> FlowProblem:
    rng = np.random.default_rng(seed)
    nodes = rng.uniform((10, 10), (190, 130), (12, 2))
    pairs = [tuple(rng.choice(12, 2, replace=False)) for _ in range(flows)]
    return problem_of(nodes, sorted(set(pairs)))


def middles(problem: FlowProblem) -> np.ndarray:
    return (problem.nodes[problem.origin] + problem.nodes[problem.destination]) / 2


def test_the_same_problem_gives_the_same_curves():
    problem = scattered(12)
    assert np.array_equal(lay_out_flows(problem), lay_out_flows(problem))


def test_no_flows_have_no_control_points_and_no_bands():
    problem = problem_of([(0, 0)], [])
    control = lay_out_flows(problem)
    assert control.shape == (0, 2)
    assert flow_bands(problem, control) == []


def test_the_layout_crosses_less_and_covers_less_than_straight_lines():
    problem = scattered(18)
    ours, straight = (flow_quality(problem, c) for c in (lay_out_flows(problem), middles(problem)))
    assert ours.crossings <= straight.crossings
    assert ours.nodes_covered == 0 < straight.nodes_covered
    assert ours.sibling_crossings == ours.acute == 0
    assert ours.heads_covered <= straight.heads_covered
    assert ours.overlap < straight.overlap
    assert ours.stretch <= 1.1


def test_a_flow_bends_round_a_place_it_does_not_serve():
    problem = problem_of([(20, 70), (180, 70), (100, 70)], [(0, 1)], width=[4.0])
    band = flow_bands(problem, lay_out_flows(problem))[0]
    assert flow_quality(problem, middles(problem)).nodes_covered == 1
    assert band.outline.distance(shapely.Point(100, 70)) > 1.5


def test_a_flow_keeps_off_an_obstacle():
    legend = (85.0, 60.0, 115.0, 80.0)
    problem = problem_of([(20, 70), (180, 70)], [(0, 1)], width=[3.0], obstacles=[legend])
    band = flow_bands(problem, lay_out_flows(problem))[0]
    assert not band.outline.intersects(shapely.box(*legend))


def test_flows_there_and_back_bend_to_opposite_sides():
    problem = problem_of([(20, 70), (180, 70)], [(0, 1), (1, 0)], width=[2, 3], radius=5)
    there, back = flow_bands(problem, lay_out_flows(problem))
    assert there.outline.disjoint(back.outline)


def test_the_unit_of_length_does_not_matter():
    """A problem in pixels is the same problem: what is a millimetre scales with it."""
    paper = scattered(8)
    scale = 3.78
    screen = FlowProblem(
        paper.nodes * scale,
        paper.radius * scale,
        paper.origin,
        paper.destination,
        paper.width * scale,
        paper.value,
        tuple(side * scale for side in paper.frame),
        paper.obstacles,
        millimetre=scale,
    )
    assert lay_out_flows(screen) / scale == pytest.approx(lay_out_flows(paper), abs=1e-6)


coordinate = st.floats(5, 135, allow_nan=False)


@settings(max_examples=60)
@given(
    st.tuples(coordinate, coordinate),
    st.tuples(coordinate, coordinate),
    st.tuples(coordinate, coordinate),
    st.floats(0.6, 8),
)
def test_a_band_is_valid_wherever_its_control_point_lies(tail, tip, control, width):
    problem = problem_of([tail, (tip[0] + 140, tip[1])], [(0, 1)], width=[width])
    band = flow_bands(problem, np.array([control]))[0]
    assert band.outline.is_valid
    assert band.outline.geom_type == "Polygon"
    assert band.outline.area > 0
    assert np.isfinite(band.centre).all()


def test_a_band_has_its_width_and_a_wider_head():
    problem = problem_of([(0, 0), (100, 0)], [(0, 1)], width=[4.0])
    band = flow_bands(problem, np.array([[50.0, 0.0]]))[0]
    middle = shapely.LineString([(50, -20), (50, 20)]).intersection(band.outline)
    assert middle.length == pytest.approx(4.0)
    assert band.head.bounds[3] - band.head.bounds[1] == pytest.approx(6.8)  # 1.7 times the width
    assert band.outline.bounds[0] == pytest.approx(1.8)  # the circle and a gap of 0.3 mm
    assert band.outline.bounds[2] == pytest.approx(98.0)  # the circle and a gap of 0.5 mm


def test_a_flow_between_touching_symbols_is_still_an_arrow():
    problem = problem_of([(0, 0), (5, 0)], [(0, 1)], width=[1.0], radius=4.0)
    assert flow_bands(problem, np.array([[2.5, 0.0]]))[0].outline.area > 0
