"""Blank and double codes: refused where a file is read in place, kept and listed where it is brought in."""

import pandas as pd
import pytest
import shapely

from boundaries.errors import BadCodes
from boundaries.files import read_boundaries, read_with_profile


def brought_in(table, path):
    table.to_file(path)
    return read_with_profile(path, give_codes=True).boundaries


def test_a_code_on_two_units_means_neither(xaa, tmp_path):
    read = brought_in(xaa.assign(pcode=["XA01", "XA01", "XA03", "XA04"]), tmp_path / "x.gpkg")
    assert "XA01" not in read
    assert read.unit("XA01~1").name == "Région de Béta"
    assert read.unit("XA01~2").name == "Alpha"
    (check,) = [c for c in read.record.checks if c.id == "duplicate-code"]
    assert (check.count, check.first) == (2, ("XA01 Région de Béta", "XA01 Alpha"))


def test_a_unit_without_a_code_is_called_after_its_parent(xaa, tmp_path):
    read = brought_in(xaa.assign(pcode=["XA01", " ", None, "XA04"]), tmp_path / "x.gpkg")
    assert read.at(1)["pcode"].tolist() == ["XA01", "XA04", "XA~1", "XA~2"]
    assert read.record.features == read.record.units == 4
    assert "2 unit(s) without a code" in read.notes[0]


def test_rows_with_one_code_and_name_are_parts_of_one_unit(xaa, tmp_path):
    table = xaa.assign(pcode=["XA01", "XA01", "XA03", "XA04"], name=["Alpha", "ALPHA", "C", "D"])
    table.to_file(tmp_path / "x.gpkg")
    read = read_boundaries(tmp_path / "x.gpkg")
    assert len(read.at(1)) == 3
    assert shapely.equals(read.at(1).geometry.iloc[0], shapely.box(0, 0, 2, 1))
    (listed,) = read.record.listed
    assert (listed.row, listed.why) == (2, "part of XA01 Alpha in row 1")
    assert read.record.features == read.record.units + len(read.record.listed)


def test_children_of_a_double_code_go_to_the_unit_they_lie_in(xaa, tmp_path):
    parents = xaa.iloc[:2].assign(pcode="XA01")
    children = xaa.iloc[:2].assign(
        pcode=["XA0101", "XA0102"], name=["west", "east"], parent="XA01", level=2,
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    )  # fmt: skip
    table = type(xaa)(pd.concat([parents, children], ignore_index=True), crs=4326)
    read = brought_in(table, tmp_path / "x.gpkg")
    assert read.unit("XA0101").parent == "XA01~1"
    assert read.unit("XA0102").parent == "XA01~2"
    assert read.children("XA") == ["XA01~1", "XA01~2"]


def test_read_in_place_the_first_rows_are_named_and_the_way_out(xaa, tmp_path):
    xaa.assign(pcode=["XA01", " ", None, "XA04"]).to_file(tmp_path / "x.gpkg")
    with pytest.raises(BadCodes, match="sitmap boundaries import") as refusal:
        read_boundaries(tmp_path / "x.gpkg")
    assert (refusal.value.check, refusal.value.rows) == ("blank-code", (2, 3))


def test_every_feature_is_a_unit_or_listed_whatever_is_wrong_with_it(xaa, tmp_path):
    table = xaa.assign(pcode=["", "XA02", "XA02", "XA04"])
    table = table.set_geometry([None, *table.geometry[1:3], shapely.Polygon()])
    read = brought_in(table, tmp_path / "x.gpkg")
    record = read.record
    assert record.features == 4
    assert record.units == 2
    assert sorted(one.row for one in record.listed) == [1, 4]
    assert {one.why for one in record.listed} == {"no polygon"}
