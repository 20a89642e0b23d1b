"""Polygons that fit: what is mended, whose ground it is afterwards, and what is said about it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from boundaries.checks import SLIVER_DEGREES, check_units, overlaps, sliver_parts
from boundaries.errors import UnreadableBoundaries
from boundaries.mending import mend
from boundaries.overlay import area_km2

HERE = Path("xaa.gpkg")


def units(*geometry, level=1):
    codes = [f"XA{n:02}" for n in range(1, len(geometry) + 1)]
    return gpd.GeoDataFrame(
        {"pcode": codes, "name": codes, "level": level, "parent": "XA"},
        geometry=list(geometry),
        crs=4326,
    )


def areas(mended):
    return shapely.area(mended.units.geometry.to_numpy()).tolist()


def number(checks, name):
    return next(check for check in checks if check.id == name)


def test_sound_units_are_returned_as_they_are(xaa):
    mended = mend(HERE, xaa)
    assert mended.units.geometry.geom_equals_exact(xaa.geometry, 0).all()
    assert mended.repairs == ()
    assert all(check.count == 0 for check in mended.checks)


def test_ground_of_two_units_goes_to_the_smaller_and_is_listed_with_its_area():
    mended = mend(HERE, units(box(0, 0, 2, 1), box(1.9, 0, 3, 1), box(3, 0, 4, 1)))
    shared = area_km2(np.array([box(1.9, 0, 2, 1)]))[0]
    assert areas(mended) == pytest.approx([1.9, 1.1, 1.0])
    (repair,) = mended.repairs
    assert (repair.check, repair.units) == ("overlap", ("XA01", "XA02"))
    assert repair.km2 == pytest.approx(shared)
    assert repair.what.endswith("it is XA02's")
    assert number(mended.checks, "overlap").first == ("XA01 / XA02",)
    assert shapely.coverage_is_valid(mended.units.geometry.to_numpy())


def test_a_town_drawn_over_its_district_stays_a_town():
    mended = mend(HERE, units(box(0, 0, 3, 3), box(1, 1, 2, 2), box(3, 0, 4, 3)))
    assert areas(mended) == pytest.approx([8.0, 1.0, 3.0])


def test_two_units_on_one_polygon_are_both_kept_and_the_check_says_so():
    mended = mend(
        HERE,
        units(box(0, 0, 1, 1), box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1), box(3, 0, 4, 1)),
    )
    assert len(mended.units) == 5
    assert number(mended.checks, "overlap").count == 1
    whole = mended.units.assign(iso3="XAA", name_fr="")
    assert number(check_units(whole), "overlap").count == 1


def test_a_narrow_gap_is_closed_and_a_lake_is_not():
    narrow = SLIVER_DEGREES / 2
    ring = box(-1, -1, 3, 2).difference(box(0, 0, 2, 1))
    gap = units(ring, box(0, 0, 1, 1), box(1 + narrow, 0, 2, 1))
    mended = mend(HERE, gap)
    (repair,) = mended.repairs
    assert repair.check == "gap"
    assert repair.km2 == pytest.approx(area_km2(np.array([box(1, 0, 1 + narrow, 1)]))[0], rel=1e-6)
    assert sum(areas(mended)) == pytest.approx(12.0)
    lake = mend(HERE, units(ring, box(0, 0, 1, 1), box(1.1, 0, 2, 1)))
    assert lake.repairs == ()
    found = number(check_units(lake.units), "hole")
    assert found.count == 1
    assert found.km2 == pytest.approx(area_km2(np.array([box(1, 0, 1.1, 1)]))[0])


def test_a_sliver_along_a_neighbour_goes_to_it_and_an_islet_stays():
    thin = SLIVER_DEGREES / 4
    west = shapely.MultiPolygon(
        [box(0, 0, 1, 1), box(2, 0.2, 2 + thin, 0.8), box(5, 0, 5 + thin, 0.1)]
    )
    east = shapely.MultiPolygon([box(1, 0, 2, 1)])
    mended = mend(HERE, units(west, east))
    moved = [repair for repair in mended.repairs if repair.check == "sliver"]
    assert [repair.units for repair in moved] == [("XA01", "XA02")]
    assert number(mended.checks, "sliver").count == 2
    parts, owner = sliver_parts(mended.units.geometry.to_numpy())
    assert owner.tolist() == [0]
    assert parts[0].bounds[0] == 5.0
    assert sum(areas(mended)) == pytest.approx(west.area + east.area)


def test_a_border_that_crosses_itself_is_mended_on_both_sides_alike():
    crossing = [(1, 0), (1.2, 0.4), (0.8, 0.6), (0.8, 0.4), (1.2, 0.6), (1, 1)]
    west = shapely.Polygon([(0, 0), *crossing, (0, 1)])
    east = shapely.Polygon([(2, 0), *crossing, (2, 1)])
    assert not shapely.is_valid([west, east]).any()
    mended = mend(HERE, units(west, east))
    geometry = mended.units.geometry.to_numpy()
    assert shapely.coverage_is_valid(geometry)
    assert shapely.union_all(geometry).area == pytest.approx(2.0)
    assert len(overlaps(geometry)) == 0
    assert number(mended.checks, "invalid-geometry").count == 2


def test_units_that_lie_on_one_another_are_refused_as_several_levels():
    with pytest.raises(UnreadableBoundaries) as refusal:
        mend(HERE, units(*[box(0, 0, 1 + n / 10, 1) for n in range(5)]))
    assert refusal.value.check == "is-one-level"
    assert "5 of 5 units" in str(refusal.value)


def test_levels_are_fitted_apart(xaa):
    import pandas as pd

    country = units(box(0, 0, 2, 2), level=0).assign(pcode="XA")
    both = gpd.GeoDataFrame(pd.concat([xaa, country], ignore_index=True), crs=4326)
    assert mend(HERE, both).repairs == ()


jitter = st.floats(-0.02, 0.02)


@settings(max_examples=40)
@given(st.lists(st.tuples(jitter, jitter), min_size=36, max_size=36))
def test_whatever_is_drawn_askew_is_a_coverage_afterwards_and_no_unit_is_lost(moves):
    """Nine squares, each with its own idea of where its four corners are."""
    squares = []
    for n in range(9):
        x, y = n % 3, n // 3
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
        squares.append(
            shapely.Polygon(
                [
                    (a + dx, b + dy)
                    for (a, b), (dx, dy) in zip(corners, moves[4 * n : 4 * n + 4], strict=True)
                ]
            )
        )
    mended = mend(HERE, units(*squares))
    geometry = mended.units.geometry.to_numpy()
    assert len(geometry) == 9
    assert shapely.is_valid(geometry).all()
    assert len(overlaps(geometry, np.arange(9))) == 0
    before, after = shapely.union_all(np.array(squares)), shapely.union_all(geometry)
    assert area_km2(np.array([shapely.difference(before, after)]))[0] < 0.01


def test_checks_count_what_they_name(xaa):
    orphan = xaa.assign(parent=["XA", "XA", "", "XA"], name=["A", "A", "XA03", "D"])
    orphan["level"] = 1
    checks = check_units(orphan)
    assert number(checks, "no-parent").count == 4
    assert number(checks, "same-name").first == ("XA01 A", "XA02 A")
    assert number(checks, "no-name").first == ("XA03",)


def test_a_child_outside_its_parent_is_counted_with_the_ground_outside(xaa):
    import pandas as pd

    country = units(box(0, 0, 2, 1.5), level=0).assign(pcode="XA", parent="")
    both = gpd.GeoDataFrame(pd.concat([xaa, country], ignore_index=True), crs=4326)
    found = number(check_units(both), "outside-parent")
    assert found.count == 2
    assert found.km2 == pytest.approx(area_km2(np.array([box(0, 1.5, 2, 2)]))[0], rel=1e-6)
