"""The counts of a partition while it is read."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import count_matrix
from geo.count_matrix import CountMatrix
from geo.point_columns import Words

UNITS = 4
GROUPS = ("IDP", "REF", "RET")
DAYS = ("2016-12-31", "2017-02-28")

rows = st.tuples(
    st.integers(0, UNITS - 1),
    st.integers(0, UNITS - 1),
    st.sampled_from(GROUPS),
    st.sampled_from(DAYS),
    st.integers(0, 10**6),
)


def words(column: list[str]) -> Words:
    known = tuple(sorted(set(column)))
    return Words(known, np.array([known.index(word) for word in column], dtype=np.int32))


def counted(batches: list[list[tuple]], *, by_origin: bool) -> dict[tuple, list[int]]:
    found: dict[tuple, list[int]] = {}

    def told(key: tuple, persons: int, points: int) -> None:
        own = found.setdefault(key, [0, 0])
        own[0] += persons
        own[1] += points

    matrix = CountMatrix(UNITS, told, by_origin=by_origin)
    for batch in batches:
        unit, origin, group, day, persons = (list(column) for column in zip(*batch, strict=True))
        matrix.add(
            np.array(unit, dtype=np.int32),
            np.array(origin, dtype=np.int32) if by_origin else None,
            [words(group), words(day)],
            np.array(persons, dtype=np.float64),
        )
    matrix.write_out()
    return found


@pytest.mark.parametrize("dense", [1 << 22, 0])
@pytest.mark.parametrize("by_origin", [False, True])
@given(batches=st.lists(st.lists(rows, min_size=1, max_size=20), max_size=6))
def test_batches_add_up_whatever_words_each_has(
    batches: list[list[tuple]], by_origin: bool, dense: int
) -> None:
    persons: Counter = Counter()
    points: Counter = Counter()
    for unit, origin, group, day, people in (row for batch in batches for row in batch):
        key = (unit, origin if by_origin else -1, group, day)
        persons[key] += people
        points[key] += 1
    kept = count_matrix._DENSE
    count_matrix._DENSE = dense
    try:
        found = counted(batches, by_origin=by_origin)
    finally:
        count_matrix._DENSE = kept
    assert found == {key: [persons[key], points[key]] for key in points}


def test_rows_without_persons_count_as_one_each() -> None:
    found = {}
    matrix = CountMatrix(UNITS, lambda key, *sums: found.update({key: sums}), by_origin=False)
    matrix.add(
        np.array([1, 1, 3], dtype=np.int32), None, [words(["IDP"] * 3), words([""] * 3)], None
    )
    matrix.write_out()
    assert found == {(1, -1, "IDP", ""): (2, 2), (3, -1, "IDP", ""): (1, 1)}
