"""Lines of another vintage give way to those of one's own, wherever the two run together."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from maps.compose_ground import _ALONG, _apart_from
from maps.scene import MapLine

degrees = st.integers(-300, 900).map(lambda hundredth: hundredth / 100)
points = st.tuples(degrees, degrees)


@given(
    cells=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1),
    ends=st.lists(st.tuples(points, points), min_size=1, max_size=5),
)
def test_lines_are_cut_by_the_units_near_them_as_by_all_units(
    cells: set[tuple[int, int]],
    ends: list[tuple[tuple[float, float], tuple[float, float]]],
) -> None:
    shapes = np.array([box(x, y, x + 1, y + 1) for x, y in sorted(cells)], dtype=object)
    lines = [MapLine(0, "agreed", shapely.linestrings(pair)) for pair in ends if pair[0] != pair[1]]
    whole = shapely.union_all(shapes).buffer(_ALONG)
    expected = [shapely.difference(line.geometry, whole) for line in lines]
    found = [line.geometry for line in _apart_from(shapes, lines)]
    left = [rest for rest in expected if not rest.is_empty]
    assert len(found) == len(left)
    for one, other in zip(found, left, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):  # GEOS divides by a step's length
            assert shapely.hausdorff_distance(one, other) < 1e-9


def test_a_line_that_follows_a_border_goes_and_one_far_off_stays() -> None:
    shapes = np.array([box(0, 0, 1, 1), box(20, 20, 21, 21)], dtype=object)
    along = MapLine(0, "agreed", shapely.linestrings([(0, 1.05), (1, 1.05)]))
    beyond = MapLine(0, "agreed", shapely.linestrings([(5, 5), (6, 6)]))
    assert _apart_from(shapes, [along, beyond]) == [beyond]
