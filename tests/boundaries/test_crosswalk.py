"""Shares of cut units sum to one, and say how sure they are."""

from collections.abc import Mapping

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.geometry.base import BaseGeometry

from boundaries.assembly import assemble
from boundaries.compare import ChangeKind, Comparison, compare
from boundaries.crosswalk import (
    BadShares,
    Crosswalk,
    CrosswalkPair,
    GivenShare,
    Weighting,
    area_crosswalk,
    crosswalk_from,
    given_crosswalk,
    share_range,
)
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage


def vintage(label: str, units: Mapping[str, BaseGeometry]) -> BoundarySet:
    frame = gpd.GeoDataFrame(
        {"pcode": list(units), "name": list(units), "level": 1, "iso3": "XAA"},
        geometry=list(units.values()),
        crs="EPSG:4326",
    )
    return BoundarySet(Vintage(label, label, "invented", "CC0", ""), assemble(frame))


@pytest.fixture(scope="module")
def split() -> Comparison:
    """XA01 was cut 3 : 1 into XA11 and XA12; XA02 is XA02 still; XA03 is no more."""
    old = {"XA01": box(0, 0, 4, 1), "XA02": box(4, 0, 5, 1), "XA03": box(9, 0, 10, 1)}
    new = {"XA11": box(0, 0, 3, 1), "XA12": box(3, 0, 4, 1), "XA02": box(4, 0, 5, 1)}
    return compare(vintage("xaa-2010", old), vintage("xaa-2020", new), level=1)


def shares(crosswalk: Crosswalk, old: str) -> dict[str, float]:
    return {pair.new: pair.weight for pair in crosswalk.into(old)}


def test_by_area_each_part_gets_its_share_of_the_ground(split):
    crosswalk = area_crosswalk(split)
    assert shares(crosswalk, "XA01") == pytest.approx({"XA11": 0.75, "XA12": 0.25}, rel=1e-6)
    assert crosswalk.weightings == (Weighting.AREA,)
    assert crosswalk.method == "1 unit shared out: 1 by area; ranges hold 90%"


def test_what_goes_over_whole_is_sure_and_what_is_lost_is_named(split):
    (kept,) = area_crosswalk(split).into("XA02")
    assert (kept.weight, kept.low, kept.high, kept.same_ground) == (1, 1, 1, True)
    assert kept.weighting is Weighting.WHOLE
    assert area_crosswalk(split).lost == ("XA03",)


def test_the_best_weighting_that_knows_the_unit_is_taken(split):
    nobody = {("XA01", "XA11"): 0.0, ("XA01", "XA12"): 0.0}
    some = {("XA01", "XA11"): 20.0, ("XA01", "XA12"): 80.0}
    by_grid = crosswalk_from(split, {Weighting.POPULATION: some, Weighting.SETTLEMENTS: nobody})
    assert shares(by_grid, "XA01") == {"XA11": 0.2, "XA12": 0.8}
    blind_grid = crosswalk_from(split, {Weighting.POPULATION: nobody, Weighting.SETTLEMENTS: some})
    assert blind_grid.weightings == (Weighting.SETTLEMENTS,)
    given_first = crosswalk_from(
        split, {Weighting.POPULATION: some}, given={"XA01": {"XA11": 0.5, "XA12": 0.5}}
    )
    assert given_first.weightings == (Weighting.GIVEN,)


def test_given_bounds_are_kept_and_a_unit_given_whole_is_sure(split):
    crosswalk = given_crosswalk(
        split,
        {"XA01": {"XA11": GivenShare(0.6, 0.5, 0.7), "XA12": 0.4}, "XA03": {"XA02": 1.0}},
    )
    first, _ = crosswalk.into("XA01")
    assert (first.weight, first.low, first.high) == (0.6, 0.5, 0.7)
    (moved,) = crosswalk.into("XA03")
    assert (moved.low, moved.high, moved.same_ground) == (1, 1, False)
    assert crosswalk.lost == ()
    assert {pair.old for pair in crosswalk.sources("XA02")} == {"XA02", "XA03"}


@pytest.mark.parametrize(
    ("given_shares", "message"),
    [
        ({"XA01": {"XA11": 0.6, "XA12": 0.3}}, r"'XA01': .* sum to 0.9"),
        ({"XA01": {"XA11": 1.5, "XA12": -0.5}}, "positive and sum to 1"),
        ({"XA01": {}}, "sum to 0"),
        ({"XA01": {"XA99": 1.0}}, "'XA99' is not a unit of xaa-2020"),
        ({"XA99": {"XA11": 1.0}}, "not a unit of xaa-2010 at level 1"),
        ({"XA01": {"XA11": GivenShare(0.6, 0.7, 0.8), "XA12": 0.4}}, "not within 0.7"),
    ],
)
def test_shares_that_do_not_share_out_the_whole_are_refused(split, given_shares, message):
    with pytest.raises(BadShares, match=message):
        given_crosswalk(split, given_shares)


def test_a_crosswalk_cannot_be_made_of_weights_that_do_not_sum_to_one():
    pair = CrosswalkPair("A", "B", 0.9, 0.8, 1.0, ChangeKind.SPLIT, Weighting.GIVEN, False)
    with pytest.raises(BadShares, match=r"sum to 0\.9"):
        Crosswalk("old", "new", 1, (pair,))


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(list(Weighting)))
def test_a_range_holds_its_share_and_stays_between_nobody_and_everybody(weight, area, weighting):
    low, high = share_range(weight, area, weighting)
    assert 0 <= low <= weight <= high <= 1


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_the_weaker_the_weighting_the_wider_the_range(weight, area):
    width = {
        weighting: high - low
        for weighting in Weighting
        for low, high in [share_range(weight, weight, weighting)]
    }
    order = [Weighting.WHOLE, Weighting.POPULATION, Weighting.SETTLEMENTS, Weighting.AREA]
    assert sorted(order, key=width.__getitem__) == order
    low, high = share_range(weight, area, Weighting.POPULATION)
    assert high - low >= width[Weighting.POPULATION] - 1e-12
