"""The compiled sums are the sums in NumPy: with and without Numba a map is the same map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps import flow_measure, flow_pairs
from maps.flow_curves import FlowProblem
from maps.flow_layout import lay_out_flows
from maps.flow_pairs import Prices, kernel_for
from maps.flow_pieces import drawn

FEW, MANY = kernel_for(20), kernel_for(200)


def curves(rng: np.random.Generator, count: int) -> np.ndarray:
    corners = rng.uniform(0, 40, (3, count, 2)).round(1)  # round numbers touch and coincide
    return drawn(*corners)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_pairs_cost_the_same_in_both(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mine, theirs = curves(rng, 5), curves(rng, 7)
    width, kin = rng.uniform(0.3, 6, 7), rng.random(7) < 0.3
    asked = (mine, 2.0, theirs, width, kin, 6.0, Prices.among(80))
    assert MANY.pair_cost(*asked) == pytest.approx(FEW.pair_cost(*asked), abs=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_distances_are_the_same_in_both(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines, points = curves(rng, 4), rng.uniform(0, 40, (6, 2)).round(1)
    assert MANY.distance(lines, points) == pytest.approx(FEW.distance(lines, points), abs=1e-9)


def test_the_layout_is_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    nodes = rng.uniform((8, 8), (280, 190), (34, 2))
    away = np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1))
    value = rng.lognormal(5, 1, 34)
    problem = FlowProblem(
        nodes=nodes,
        radius=np.full(34, 1.0),
        origin=np.arange(34),
        destination=away.argsort(axis=1)[:, 3],  # to the third nearest
        width=0.3 + 3 * value / value.max(),
        value=value,
        frame=(0.0, 0.0, 288.0, 198.0),
        obstacles=np.empty((0, 4)),
        ports=True,
    )
    both = []
    for kernel in (FEW, MANY):
        monkeypatch.setattr(flow_measure, "kernel_for", lambda _, kernel=kernel: kernel)
        both.append(lay_out_flows(problem))
    assert np.array_equal(*both)


def test_few_flows_load_no_compiler() -> None:
    assert kernel_for(flow_pairs._FEW) is FEW
    assert Prices.among(12) == Prices.among(30)
