"""What changed between two vintages of the invented XAA, drawn as squares near the equator."""

from collections.abc import Mapping

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from boundaries.assembly import assemble
from boundaries.compare import ChangeKind, MissingLevel, code_join_error, compare
from boundaries.compare_report import COMPARISON_COLUMNS, comparison_rows, comparison_sentences
from boundaries.overlay import area_km2, reaches_width
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

box = shapely.box


def vintage(label: str, units: Mapping[tuple[str, str], BaseGeometry]) -> BoundarySet:
    """Return regions by (P-code, name)."""
    frame = gpd.GeoDataFrame(
        {
            "pcode": [code for code, _ in units],
            "name": [name for _, name in units],
            "level": 1,
            "iso3": "XAA",
        },
        geometry=list(units.values()),
        crs="EPSG:4326",
    )
    return BoundarySet(Vintage(label, label, "invented", "CC0", ""), assemble(frame))


WEST, EAST = box(0, 0, 1, 1), box(1, 0, 2, 1)
OLD = vintage("xaa-2010", {("XA01", "Norda"): WEST, ("XA02", "Séna"): EAST})


def kinds(old: BoundarySet, new: BoundarySet) -> list[str]:
    return [change.kind.value for change in compare(old, new, level=1).changes]


def test_what_is_the_same_is_unchanged():
    found = compare(OLD, OLD, level=1)
    assert found.counts[ChangeKind.UNCHANGED] == 2
    assert code_join_error(found) == 0
    assert comparison_rows(found) == []


def test_swapped_codes_are_recoded_nobody_moved_and_a_join_by_code_is_all_wrong():
    new = vintage("xaa-2020", {("XA02", "Norda"): WEST, ("XA01", "Séna"): EAST})
    found = compare(OLD, new, level=1)
    assert [change.kind for change in found.changes] == [ChangeKind.RECODED] * 2
    assert [change.moved_km2 for change in found.changes] == [0, 0]
    assert code_join_error(found) == 1
    assert "100% of the units on another place" in comparison_sentences(found)[-1]


def test_a_code_that_is_gone_is_not_a_wrong_join_since_it_is_seen():
    new = vintage("xaa-2020", {("XA11", "Norda"): WEST, ("XA02", "Séna"): EAST})
    assert code_join_error(compare(OLD, new, level=1)) == 0


def test_another_name_is_renamed_and_another_spelling_is_not():
    new = vintage("xaa-2020", {("XA01", "Port Alto"): WEST, ("XA02", "Senna"): EAST})
    one, other = compare(OLD, new, level=1).changes
    assert (one.kind, one.naming) == (ChangeKind.RENAMED, "renamed")
    assert (other.kind, other.naming) == (ChangeKind.UNCHANGED, "respelled")


def test_recoded_and_redrawn_are_two_facts_of_one_unit():
    new = vintage(
        "xaa-2020", {("XA02", "Norda"): box(0, 0, 1.1, 1), ("XA01", "Séna"): box(1.1, 0, 2, 1)}
    )
    found = compare(OLD, new, level=1)
    assert len(found.recoded) == len(found.redrawn) == 2
    assert {change.kind for change in found.changes} == {ChangeKind.REDRAWN}
    (exchange,) = found.exchanges
    assert exchange.places == ("XA01", "XA02")
    assert exchange.km2 == pytest.approx(1230.9, abs=0.5)  # a tenth of a square degree
    assert found.changes[0].moved_km2 == pytest.approx(exchange.km2)
    shares = {(p.old, p.new): (p.of_old, p.of_new) for p in found.shared}
    assert shares["XA02", "XA02"] == pytest.approx((0.1, 0.1 / 1.1))
    assert shares["XA01", "XA02"] == pytest.approx((1, 1 / 1.1))


def test_a_border_moved_by_less_than_the_tolerance_did_not_move():
    by_50_m = 50 / 111_195
    new = vintage(
        "xaa-2020",
        {("XA01", "Norda"): box(0, 0, 1 + by_50_m, 1), ("XA02", "Séna"): box(1 + by_50_m, 0, 2, 1)},
    )
    assert [c.redrawn for c in compare(OLD, new, level=1).changes] == [False, False]
    assert compare(OLD, new, level=1).exchanges == ()
    assert len(compare(OLD, new, level=1, tolerance_m=25).redrawn) == 2


def test_a_unit_cut_in_three_is_split_and_three_joined_are_merged():
    thirds = {(f"XA1{k}", f"Part {k}"): box(k / 3, 0, (k + 1) / 3, 1) for k in range(3)}
    new = vintage("xaa-2020", {**thirds, ("XA02", "Séna"): EAST})
    assert kinds(OLD, new) == ["split", "unchanged"]
    assert sorted(kinds(new, OLD)) == ["merged", "unchanged"]
    split = compare(OLD, new, level=1).of_old("XA01")
    assert split.new == ("XA10", "XA11", "XA12")
    assert [part.of_old for part in split.parts] == pytest.approx([1 / 3] * 3, rel=1e-4)


def test_halves_put_together_otherwise_are_complex():
    new = vintage(
        "xaa-2020", {("XA03", "Up"): box(0, 0.5, 2, 1), ("XA04", "Down"): box(0, 0, 2, 0.5)}
    )
    assert kinds(OLD, new) == ["complex"]


def test_a_unit_cut_out_of_three_is_created_and_its_parts_say_from_where():
    names = ("Norda", "Séna", "Tamar")
    old = vintage(
        "xaa-2010", {(f"XA0{k + 1}", n): box(k, 0, k + 1, 1) for k, n in enumerate(names)}
    )
    rest = {(f"XA0{k + 1}", n): box(k, 0.3, k + 1, 1) for k, n in enumerate(names)}
    new = vintage("xaa-2020", {**rest, ("XA04", "Coast"): box(0, 0, 3, 0.3)})
    found = compare(old, new, level=1)
    created = found.of_new("XA04")
    assert created.kind is ChangeKind.CREATED
    assert [(p.old, round(p.of_new, 3)) for p in created.parts] == [
        ("XA01", 0.333),
        ("XA02", 0.333),
        ("XA03", 0.333),
    ]
    assert len(found.redrawn) == 3
    assert found.exchanges == ()  # nothing passed between places that went on


def test_ground_that_no_vintage_had_is_created_and_ground_given_up_is_removed():
    island = box(5, 0, 6, 1)
    new = vintage("xaa-2020", {("XA01", "Norda"): WEST, ("XA09", "Island"): island})
    found = compare(OLD, new, level=1)
    assert found.of_old("XA02").kind is ChangeKind.REMOVED
    assert found.of_new("XA09").kind is ChangeKind.CREATED
    assert found.of_new("XA09").parts == ()
    assert any("where no unit was" in sentence for sentence in comparison_sentences(found))


def test_every_row_of_the_report_has_every_column():
    new = vintage("xaa-2020", {("XA02", "Norda"): WEST, ("XA01", "Séna"): EAST})
    rows = comparison_rows(compare(OLD, new, level=1), unchanged=True)
    assert [list(row) for row in rows] == [list(COMPARISON_COLUMNS)] * 2


def test_a_level_that_one_vintage_lacks_is_refused_with_the_levels_there_are():
    with pytest.raises(MissingLevel, match="xaa-2010 has no units of level 2; it has 1"):
        compare(OLD, OLD, level=2)


@settings(max_examples=25)
@given(st.permutations([f"XA{k:02}" for k in range(9)]), st.integers(1, 8))
def test_every_unit_is_in_exactly_one_change_and_codes_never_decide(codes, cut):
    names = [f"Place {letter}" for letter in "abcdefghi"]
    old = vintage("old", {(f"XA{k:02}", names[k]): box(k, 0, k + 1, 1) for k in range(9)})
    ground = [box(k, 0, k + 1, 1) for k in range(9)]
    ground[cut] = box(cut, 0, cut + 1, 0.6)  # the upper part goes to the neighbour on the left
    ground[cut - 1] = shapely.union(ground[cut - 1], box(cut, 0.6, cut + 1, 1))
    new = vintage("new", {(codes[k], names[k]): ground[k] for k in range(9)})
    found = compare(old, new, level=1)
    assert sorted(code for change in found.changes for code in change.old) == sorted(
        found.old_codes
    )
    assert sorted(code for change in found.changes for code in change.new) == sorted(
        found.new_codes
    )
    assert {c.old_names for c in found.redrawn} == {(names[cut],), (names[cut - 1],)}
    assert len(found.recoded) == sum(codes[k] != f"XA{k:02}" for k in range(9))
    assert all(change.old_names == change.new_names for change in found.pairs)


@given(st.floats(-80, 80), st.floats(20, 400))
def test_a_strip_reaches_its_own_width_and_no_more(south, metres):
    height = metres / 111_195
    strip = box(10, south, 10.05, south + height).difference(
        box(10.02, south, 10.021, south + height / 2)
    )
    assert reaches_width([strip], metres * 0.98).all()
    assert not reaches_width([strip], metres * 1.02).any()


def test_a_square_degree_at_the_equator_has_its_area_on_the_ellipsoid():
    assert area_km2([box(0, 0, 1, 1)])[0] == pytest.approx(12_308.8, rel=1e-4)
