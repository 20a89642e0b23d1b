"""One origin: branches that part late, never cross, and show every flow in its own width."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from maps.flow_curves import FlowProblem
from maps.flow_tree import root_of, tree_bands


def fan(ends, *, outward: bool = True, width=1.0) -> FlowProblem:
    nodes = np.concatenate([[[0.0, 0.0]], np.asarray(ends, dtype=float)])
    leaves = np.arange(1, len(nodes), dtype=np.intp)
    root = np.zeros(len(leaves), dtype=np.intp)
    return FlowProblem(
        nodes=nodes,
        radius=np.full(len(nodes), 1.0),
        origin=root if outward else leaves,
        destination=leaves if outward else root,
        width=np.broadcast_to(width, len(leaves)).astype(float),
        value=np.full(len(leaves), 10.0),
        frame=(-100, -100, 100, 100),
        obstacles=np.empty((0, 4)),
    )


FAR = [(60, -14), (62, -4), (60, 8), (58, 18), (-50, 10), (-52, 2)]


def test_every_flow_ends_at_its_place_and_starts_at_the_root():
    for leaf, band in zip(FAR, tree_bands(fan(FAR)), strict=True):
        assert band.outline.distance(shapely.Point(leaf)) == pytest.approx(1.5, abs=0.6)
        assert band.outline.distance(shapely.Point(0, 0)) < 4
        assert band.outline.is_valid


def test_neighbours_share_a_branch_and_part_late():
    first, second = tree_bands(fan([(60, -5), (60, 5)]))
    middle = len(first.centre) // 4
    assert np.hypot(*(first.centre[middle] - second.centre[middle])) < 2.0
    assert np.hypot(*(first.centre[-1] - second.centre[-1])) > 7.0


def test_no_flow_crosses_another():
    lines = shapely.linestrings([band.centre for band in tree_bands(fan(FAR))])
    crossing = [(i, j) for i in range(len(lines)) for j in range(i) if lines[i].crosses(lines[j])]
    assert crossing == []


def test_a_shared_branch_is_as_wide_as_its_flows_together():
    bands = tree_bands(fan([(60, -5), (60, 5)], width=[2.0, 3.0]))
    across = shapely.LineString([(20, -20), (20, 20)])
    widths = [across.intersection(band.outline).length for band in bands]
    assert widths == pytest.approx([2.0, 3.0], rel=0.1)
    assert bands[0].outline.intersection(bands[1].outline).area < 0.5


def test_flows_to_one_place_are_a_tree_with_its_arrowheads_at_the_root():
    problem = fan(FAR, outward=False)
    for band in tree_bands(problem):
        assert band.head.distance(shapely.Point(0, 0)) < 5


def test_a_tree_has_one_root():
    problem = fan(FAR)
    assert root_of(problem) == 0
    mixed = replace(problem, origin=np.array([0, 1, 0, 0, 0, 0]))
    assert root_of(mixed) is None
    with pytest.raises(ValueError, match="one root"):
        tree_bands(mixed)


def test_one_flow_is_a_tree_too():
    assert len(tree_bands(fan([(50, 0)]))) == 1


def test_a_place_on_the_way_is_passed_not_covered():
    bands = tree_bands(fan([(30, 0), (60, 1)], width=2.0))
    assert bands[1].outline.distance(shapely.Point(30, 0)) > 1.0
