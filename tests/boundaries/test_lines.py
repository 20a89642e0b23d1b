"""Boundary lines: each once, with the right rank and status."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import translate

from boundaries.lines import LINE_COLUMNS, boundary_lines, open_disputes
from boundaries.natural_earth import open_natural_earth


def squares(columns: int, rows: int) -> gpd.GeoDataFrame:
    """A chequered XAA with a hair of irregularity, level 1."""
    cells = [box(x, y, x + 1, y + 1) for x in range(columns) for y in range(rows)]
    codes = [f"XA{n:02}" for n in range(len(cells))]
    return gpd.GeoDataFrame(
        {"pcode": codes, "iso3": "XAA", "level": 1, "parent": "XA"}, geometry=cells, crs=4326
    )


def length(frame: gpd.GeoDataFrame) -> float:
    """Degrees along all geometries; the test only compares lengths, so degrees will do."""
    return float(shapely.length(frame.geometry.to_numpy()).sum())


def neighbour(geometry: shapely.Geometry, level: int = 0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"pcode": ["XB"], "iso3": ["XBB"], "level": [level], "parent": [""]},
        geometry=[geometry],
        crs=4326,
    )


def test_four_squares_have_four_inner_lines_and_four_coasts(xaa):
    lines = boundary_lines(xaa)
    assert list(lines.columns) == list(LINE_COLUMNS)
    inner = lines[lines["rank"] == 1]
    assert list(zip(inner["left"], inner["right"], strict=True)) == [
        ("XA01", "XA02"),
        ("XA01", "XA03"),
        ("XA02", "XA04"),
        ("XA03", "XA04"),
    ]
    assert shapely.length(inner.geometry).tolist() == [1.0, 1.0, 1.0, 1.0]
    coast = lines[lines["rank"] == -1]
    assert length(coast) == 8.0
    assert set(coast["status"]) == {"coast"}
    assert set(coast["right"]) == {""}


@given(st.integers(1, 6), st.integers(1, 6))
def test_every_edge_is_drawn_once(columns, rows):
    units = squares(columns, rows)
    lines = boundary_lines(units)
    inner = length(lines[lines["rank"] >= 0])
    coast = length(lines[lines["rank"] < 0])
    assert 2 * inner + coast == pytest.approx(length(units))
    assert coast == pytest.approx(2 * (columns + rows))


def test_a_country_beside_regions_is_a_border_of_rank_0(xaa):
    beside = neighbour(shapely.Polygon([(2, 0), (3, 0), (3, 2), (2, 2), (2, 1)]))
    lines = boundary_lines(pd.concat([xaa, beside], ignore_index=True))
    border = lines[lines["rank"] == 0]
    assert set(zip(border["left"], border["right"], strict=True)) == {
        ("XA02", "XB"),
        ("XA04", "XB"),
    }
    assert length(border) == 2.0
    assert set(border["status"]) == {"agreed"}


def test_a_country_whose_regions_are_there_too_is_not_drawn_twice(xaa):
    country = gpd.GeoDataFrame(
        {"pcode": ["XA"], "iso3": ["XAA"], "level": [0], "parent": [""]},
        geometry=[shapely.union_all(xaa.geometry)],
        crs=4326,
    )
    both = boundary_lines(pd.concat([country, xaa], ignore_index=True))
    assert both.equals(boundary_lines(xaa))


def test_rank_is_the_level_of_the_coarsest_units_that_a_line_parts(xaa):
    fine = gpd.GeoDataFrame(
        {
            "pcode": ["XA0101", "XA0102", "XA0201"],
            "iso3": "XAA",
            "level": 2,
            "parent": ["XA01", "XA01", "XA02"],
        },
        geometry=[box(0, 0, 1, 1), box(0, 1, 1, 2), box(1, 0, 2, 1)],
        crs=4326,
    )
    lines = boundary_lines(fine).set_index(["left", "right"])["rank"]
    assert lines["XA0101", "XA0102"] == 2
    assert lines["XA0101", "XA0201"] == 1
    # with the units above in the table, the chain is known to the top
    assert boundary_lines(pd.concat([xaa[:2], fine], ignore_index=True))["rank"].max() == 2


def test_countries_of_two_sources_meet_within_reach_and_only_one_outline_is_kept(xaa):
    apart = translate(box(2, 0, 3, 2), 0.01)
    units = pd.concat([xaa, neighbour(apart)], ignore_index=True)
    assert (boundary_lines(units)["rank"] != 0).all()
    border = boundary_lines(units, reach=0.05).query("rank == 0")
    assert length(border) == pytest.approx(2.0)
    assert border.total_bounds.tolist() == [2.0, 0.0, 2.0, 2.0]  # the regions' own edge


def test_real_borders_are_half_of_what_the_polygons_inside_them_draw():
    units = open_natural_earth(("MLI", "NER", "BFA", "MRT", "SEN", "GIN", "CIV", "DZA")).at(1)
    lines = boundary_lines(units)
    shared = shapely.length(units.geometry.to_numpy()).sum()
    outline = shapely.length(shapely.coverage_union_all(units.geometry.to_numpy()))
    inner = length(lines[lines["rank"] >= 0])
    assert inner == pytest.approx((shared - outline) / 2, rel=1e-9)
    assert length(lines[lines["rank"] == -1]) == pytest.approx(outline, rel=1e-9)


def test_neighbours_as_countries_fit_the_regions_of_the_focus():
    whole = open_natural_earth(("MLI",), level0_everywhere=True)
    near = whole.of_countries(["MLI", "NER", "BFA", "MRT", "SEN", "GIN", "CIV", "DZA"])
    lines = boundary_lines(near.frame)
    mali = lines[lines["left"].str.startswith("ML0") | lines["right"].str.startswith("ML0")]
    assert set(mali["rank"]) == {0, 1}  # landlocked: no coast
    country = near.at(0).set_index("pcode").at["ML", "geometry"]
    assert length(mali.query("rank == 0")) == pytest.approx(shapely.length(country), rel=1e-9)


@pytest.mark.parametrize(
    ("countries", "status"),
    [
        (("ESH", "MAR"), "undetermined"),
        (("SDN", "SSD"), "undetermined"),
        (("MLI", "NER"), "agreed"),
        (("PRK", "KOR"), "line_of_control"),
        (("EGY", "SDN"), "disputed"),
    ],
)
@pytest.mark.parametrize("level", [0, 1])
def test_a_border_has_the_status_of_the_table_at_either_level(countries, status, level):
    lines = boundary_lines(open_natural_earth(countries).at(level))
    assert set(lines.loc[lines["rank"] == 0, "status"]) == {status}


def test_the_line_of_control_is_told_from_the_rest_of_the_border():
    lines = boundary_lines(open_natural_earth(("IND", "PAK")).at(1)).query("rank == 0")
    status = {frozenset((x.left, x.right)): x.status for x in lines.itertuples()}
    assert status[frozenset(("IN-JK", "PK-JK"))] == "line_of_control"
    assert status[frozenset(("IN-RJ", "PK-PB"))] == "agreed"


def test_every_dispute_says_who_says_so_and_is_about_known_units():
    frame = open_natural_earth().frame
    known = {*frame["pcode"], *frame["iso3"]}
    for pair, dispute in open_disputes().items():
        assert len(pair) == 2
        assert pair <= known
        assert dispute.source
        assert dispute.note
        assert dispute.status in ("agreed", "disputed", "undetermined", "line_of_control")
