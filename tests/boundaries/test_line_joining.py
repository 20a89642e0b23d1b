"""Lines of pairs of neighbours are those that GEOS merges from the same edges, byte for byte."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from boundaries.line_joining import edges_of, line_of_each_pair
from boundaries.natural_earth import open_natural_earth


def merged_edge_by_edge(shapes: list[shapely.Geometry]) -> dict[tuple[int, int], bytes]:
    """Return each pair's line as GEOS merges it from single edges; found with dictionaries."""
    owners: dict[tuple[tuple[float, ...], ...], list[int]] = {}
    for unit, shape in enumerate(shapes):
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            for one, other in pairwise((shapely.get_coordinates(ring) + 0.0).tolist()):
                owners.setdefault(tuple(sorted((tuple(one), tuple(other)))), []).append(unit)
    found: dict[tuple[int, int], list[tuple[tuple[float, ...], ...]]] = {}
    for edge, units in owners.items():
        pair = (units[0], units[1] if len(units) > 1 else -1)
        if pair[0] != pair[1]:
            found.setdefault(pair, []).append(edge)
    return {
        pair: shapely.to_wkb(shapely.line_merge(shapely.multilinestrings(edges)))
        for pair, edges in found.items()
    }


def joined(shapes: list[shapely.Geometry]) -> dict[tuple[int, int], bytes]:
    sides, lines = line_of_each_pair(edges_of(np.array(shapes, dtype=object)))
    assert sides.tolist() == sorted(sides.tolist())
    return {
        (int(left), int(right)): shapely.to_wkb(line)
        for (left, right), line in zip(sides.tolist(), lines, strict=True)
    }


@st.composite
def coverages(draw: st.DrawFn) -> list[shapely.Geometry]:
    """Units of cells of a crooked grid: with holes, islands, and corners that only touch."""
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    bent = 0.3 * draw(st.booleans())
    at = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)
    at += rng.uniform(-bent, bent, at.shape)
    owner = draw(st.lists(st.integers(0, 4), min_size=columns * rows, max_size=columns * rows))
    cells: dict[int, list[shapely.Geometry]] = {}
    for n, unit in enumerate(owner):
        y, x = divmod(n, columns)
        ring = [at[y, x], at[y, x + 1], at[y + 1, x + 1], at[y + 1, x]]
        cells.setdefault(unit, []).append(shapely.Polygon(ring))
    return [
        shapely.coverage_union_all(cells[unit]) for unit in sorted(cells) if unit < 4
    ]  # the cells of the last are sea


@given(coverages())
def test_lines_are_those_that_geos_merges(shapes: list[shapely.Geometry]) -> None:
    assert joined(shapes) == merged_edge_by_edge(shapes)


@pytest.mark.parametrize(
    "shapes",
    [
        [box(0, 0, 1, 1)],
        [box(0, 0, 2, 2), box(1, 0, 3, 2)],  # an overlap
        [box(0, 0, 1, 1), box(0, 0, 1, 1), box(1, 0, 2, 1)],  # the same unit twice
        [shapely.Polygon([(0, 0), (1, 0), (1, 0), (0, 1)])],  # a corner twice
        [box(-0.0, -0.0, 1, 1), box(-1, 0.0, 0, 1)],  # negative zeros
        [shapely.MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2)])],  # parts that touch
        [box(0, 0, 5, 5).difference(box(1, 1, 2, 2)), box(1, 1, 2, 2)],  # one inside the other
    ],
)
def test_irregular_units_are_merged_too(shapes: list[shapely.Geometry]) -> None:
    assert joined(shapes) == merged_edge_by_edge(shapes)


def test_real_borders_and_coasts_are_those_that_geos_merges() -> None:
    shapes = open_natural_earth(("MLI", "NER", "BFA", "SEN", "GMB", "MRT")).at(1).geometry.to_list()
    assert joined(shapes) == merged_edge_by_edge(shapes)


def test_nothing_has_no_lines() -> None:
    assert joined([]) == {}
