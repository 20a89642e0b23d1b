"""Labels never overlap; what cannot stand is left out, the least important first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from maps.label_layout import (
    CostField,
    LabelRequest,
    area_boxes,
    centred_boxes,
    place_labels,
    point_boxes,
)

FRAME = (0.0, 0.0, 60.0, 40.0)


def request_at(*boxes, rank=0, cost=None):
    table = np.array(boxes, dtype=float)
    return LabelRequest(table, np.zeros(len(table)) if cost is None else np.array(cost), rank)


def overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


point = st.tuples(st.floats(1, 59), st.floats(1, 39))


@settings(max_examples=25)
@given(st.lists(point, min_size=1, max_size=25))
def test_no_two_labels_overlap_and_none_leaves_the_frame(points):
    requests = [
        LabelRequest(*point_boxes(at, (9, 3), 1.0, (0.5, 1.5)), rank=i)
        for i, at in enumerate(points)
    ]
    chosen = place_labels(requests, CostField(FRAME))
    placed = [r.boxes[c] for r, c in zip(requests, chosen, strict=True) if c is not None]
    assert not any(overlap(a, b) for i, a in enumerate(placed) for b in placed[:i])
    assert all(a[0] >= 0 and a[1] >= 0 and a[2] <= 60 and a[3] <= 40 for a in placed)


def test_of_two_labels_for_one_place_the_more_important_stays():
    spot = (10, 10, 20, 13)
    chosen = place_labels([request_at(spot, rank=5), request_at(spot, rank=1)], CostField(FRAME))
    assert chosen == [None, 0]


def test_both_are_placed_where_one_can_move():
    first, second = (10, 10, 20, 13), (10, 20, 20, 23)
    chosen = place_labels(
        [request_at(first, rank=1), request_at(first, second, rank=5)], CostField(FRAME)
    )
    assert chosen == [0, 1]


def test_a_label_avoids_what_is_painted_and_is_left_out_where_all_is_forbidden():
    field = CostField(FRAME)
    field.paint(box(5, 5, 25, 15), 1000)
    covered, free = (10, 10, 20, 13), (30, 10, 40, 13)
    assert place_labels([request_at(covered, free)], field) == [1]
    assert place_labels([request_at(covered)], field) == [None]


def test_the_price_of_a_box_is_the_mean_of_what_it_covers():
    field = CostField(FRAME)
    field.paint(box(0, 0, 10, 40), 8)
    field.trace(LineString([(0, 20.2), (60, 20.2)]), 3)
    price = field.price(np.array([[5.0, 0.0, 15.0, 4.0], [30.0, 20.0, 40.0, 20.5]]))
    assert price == pytest.approx([4.0, 3.0])


def test_an_area_is_named_in_its_middle_first():
    boxes, cost = area_boxes(box(0, 0, 40, 20), 10, 3)
    best = boxes[cost.argmin()]
    assert ((best[1] + best[3]) / 2) == pytest.approx(10, abs=1.0)
    assert best[0] >= 0
    assert best[2] <= 40


def test_the_same_wishes_get_the_same_places():
    requests = [
        LabelRequest(*point_boxes((10 + 2 * i, 20), (9, 3), 1.0, (0.5,)), rank=i) for i in range(9)
    ]
    assert place_labels(requests, CostField(FRAME)) == place_labels(requests, CostField(FRAME))


def test_a_figure_on_a_band_stands_on_its_middle_line():
    centre = np.stack([np.linspace(5, 55, 33), np.full(33, 20.0)], axis=1)
    boxes, cost = centred_boxes(centre, 6, 2)
    assert (boxes[:, 1] + boxes[:, 3] == 40).all()
    best = boxes[cost.argmin()]
    assert 25 < (best[0] + best[2]) / 2 < 40
    assert boxes[:, 0].min() > 10  # not at the ends


def test_two_hundred_and_forty_crowded_labels_never_overlap():
    rng = np.random.default_rng(4)
    points = rng.uniform((5, 5), (200, 140), (240, 2))
    requests = [
        LabelRequest(*point_boxes((x, y), (11, 2.3), 0.7, (0.5, 1.5)), 4) for x, y in points
    ]
    chosen = place_labels(requests, CostField((0.0, 0.0, 205.0, 145.0)))
    placed = [r.boxes[c] for r, c in zip(requests, chosen, strict=True) if c is not None]
    assert len(placed) >= 0.85 * 240
    assert not any(overlap(a, b) for i, a in enumerate(placed) for b in placed[:i])
