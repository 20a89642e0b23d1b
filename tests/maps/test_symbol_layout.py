"""Circles: area says the number, and clusters hide nothing of themselves."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.scene import SymbolMark, SymbolPart
from maps.symbol_layout import lay_out_symbols, pack_circles

radii = st.lists(st.floats(0.1, 10), min_size=1, max_size=7).map(lambda r: sorted(r, reverse=True))


@given(radii)
def test_circles_of_a_cluster_touch_and_never_overlap(sizes):
    centres = pack_circles(sizes)
    gaps = [
        np.hypot(*(centres[i] - centres[j])) - sizes[i] - sizes[j]
        for i, j in combinations(range(len(sizes)), 2)
    ]
    assert all(gap > -1e-5 for gap in gaps)
    if gaps:
        assert min(gaps) == pytest.approx(0, abs=1e-5)


@given(radii)
def test_a_cluster_is_centred_on_its_place(sizes):
    weights = np.square(sizes)
    assert (pack_circles(sizes) * weights[:, None]).sum(0) / weights.sum() == pytest.approx(
        [0, 0], abs=1e-6
    )


def mark(name: str, *values: float) -> SymbolMark:
    parts = tuple(SymbolPart(f"G{i}", v, "#0072BC", f"{v:g}") for i, v in enumerate(values))
    return SymbolMark(name, name, 0, 0, parts, name)


def lay_out(marks, points):
    return lay_out_symbols(
        marks, np.array(points, dtype=float), maximum=400, largest=10, smallest=4
    )


def test_area_is_proportional_to_value_and_zero_has_no_circle():
    factor, (cluster,) = lay_out([mark("XA01", 400, 100, 0)], [(50, 50)])
    large, small = cluster.circles
    assert factor == pytest.approx(10 / 20)
    assert (large.radius, small.radius) == (10, 5)
    assert large.radius**2 / small.radius**2 == pytest.approx(400 / 100)


def test_one_scale_for_the_whole_map_even_where_circles_must_shrink():
    factor, clusters = lay_out(
        [mark("XA01", 400), mark("XA02", 400), mark("XA03", 100)], [(50, 50), (53, 50), (52, 52)]
    )
    assert 4 / 20 * 0.93 < factor < 10 / 20
    for cluster in clusters:
        for circle in cluster.circles:
            assert circle.radius == pytest.approx(factor * np.sqrt(circle.part.value))


def test_a_cluster_is_pushed_by_half_its_radius_at_most():
    _, clusters = lay_out([mark("XA01", 400), mark("XA02", 390)], [(50, 50), (51, 50)])
    for cluster, home in zip(clusters, (50, 51), strict=True):
        assert abs(cluster.x - home) <= cluster.radius / 2 + 1e-9


def test_a_place_without_persons_has_no_circle():
    _, (cluster,) = lay_out([mark("XA01", 0)], [(50, 50)])
    assert cluster.circles == ()


def test_a_marker_hides_no_small_circle_and_the_cluster_stays_near():
    marks, at = [mark("XA01", 400, 20, 4)], [(50, 50)]
    star = (50.5, 50.2, 1.4)
    _, (cluster,) = lay_out_symbols(
        marks, np.array(at, dtype=float), maximum=400, largest=3, smallest=2, markers=[star]
    )
    assert np.hypot(cluster.x - 50, cluster.y - 50) <= 3.2 + 1e-9
    for circle in cluster.circles[1:]:
        gap = np.hypot(circle.x - star[0], circle.y - star[1]) - circle.radius - star[2]
        assert gap >= -0.11 * circle.radius


def test_a_cluster_away_from_markers_is_left_alone():
    marks, at = [mark("XA01", 400, 20)], np.array([(50.0, 50.0)])
    plain = lay_out_symbols(marks, at, maximum=400, largest=3, smallest=2)
    marked = lay_out_symbols(marks, at, maximum=400, largest=3, smallest=2, markers=[(90, 9, 1.4)])
    assert plain == marked
