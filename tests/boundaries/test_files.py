"""Boundaries of the user's own: what is read, and in which words the rest is refused."""

import json
import shutil
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from boundaries.assembly import content_hash, label_points, polygons_only
from boundaries.columns import recognise_columns
from boundaries.errors import BadCodes, UnreadableBoundaries
from boundaries.files import read_boundaries
from boundaries.report import describe

SUFFIXES = ["geojson", "gpkg", "shp"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_three_formats_give_the_same_units(xaa, tmp_path, suffix):
    path = tmp_path / f"xaa.{suffix}"
    xaa.to_file(path)
    read = read_boundaries(path)
    assert read.levels == (0, 1)
    assert read.children("XA") == ["XA01", "XA02", "XA03", "XA04"]
    assert read.unit("XA03").name == "Côte d’Or"
    assert read.unit("XA03").iso3 == "XAA"
    assert read.ancestor("XA03", 0) == "XA"
    assert shapely.equals(read.frame.geometry[0], shapely.box(0, 0, 2, 2))
    assert read.notes == ()


def test_the_content_hash_is_the_same_for_any_format_order_and_name(xaa, tmp_path):
    hashes = set()
    for suffix in SUFFIXES:
        xaa.to_file(tmp_path / f"a.{suffix}")
        hashes.add(read_boundaries(tmp_path / f"a.{suffix}").vintage.content)
    xaa[::-1].assign(name="x").to_file(tmp_path / "b.geojson")
    hashes.add(read_boundaries(tmp_path / "b.geojson").vintage.content)
    assert len({hash_ for hash_ in hashes if len(hash_) == 12}) == 1


def test_the_content_hash_changes_with_a_code_and_with_a_corner(xaa):
    moved = xaa.set_geometry([shapely.box(0, 0, 1, 1.001), *xaa.geometry[1:]])
    recoded = xaa.assign(pcode=["XA09", *xaa["pcode"][1:]])
    assert len({content_hash(frame) for frame in (xaa, moved, recoded)}) == 3


@pytest.mark.parametrize(
    ("columns", "code", "level", "parent"),
    [
        (["admin0Pcod", "admin1Pcod", "admin1Name"], "admin1Pcod", 1, "admin0Pcod"),
        (["ADM2_FR", "ADM2_PCODE", "ADM1_PCODE", "ADM0_PCODE"], "ADM2_PCODE", 2, "ADM1_PCODE"),
        (["admin1Pcode", "admin1Name_fr", "admin0Pcode"], "admin1Pcode", 1, "admin0Pcode"),
        (["adm1_name", "adm1_pcode", "adm0_pcode"], "adm1_pcode", 1, "adm0_pcode"),
        (["pcode", "name", "parent"], "pcode", None, "parent"),
    ],
)
def test_the_usual_column_styles_are_recognised(columns, code, level, parent):
    found = recognise_columns(columns)
    assert (found.code, found.fixed_level, found.parent) == (code, level, parent)


def test_a_given_column_wins_over_a_recognised_one(xaa, tmp_path):
    xaa.assign(own=["N1", "N2", "N3", "N4"]).to_file(tmp_path / "xaa.geojson")
    read = read_boundaries(tmp_path / "xaa.geojson", code="own", level=1, iso3="XAA", label="Mine")
    assert read.at(1)["pcode"].tolist() == ["N1", "N2", "N3", "N4"]
    assert read.vintage.label == "Mine"


def test_names_fall_back_row_by_row_to_the_language_that_is_filled(xaa, tmp_path):
    table = xaa[["geometry"]].assign(
        admin1Pcode=xaa["pcode"],
        admin0Pcode="XA",
        admin1Name=["Alpha", None, None, "-"],
        admin1Name_fr=["Alpha", "Bêta", "Gamma", "Delta"],
    )
    table.to_file(tmp_path / "xaa.geojson")
    read = read_boundaries(tmp_path / "xaa.geojson")
    assert read.at(1)["name"].tolist() == ["Alpha", "Bêta", "Gamma", "Delta"]
    assert read.name("XA02", "fr") == "Bêta"


def test_levels_are_counted_from_the_parents_where_nothing_says_them(xaa, tmp_path):
    country = gpd.GeoDataFrame(
        {"pcode": ["XA"], "name": ["XAA"], "parent": [None]},
        geometry=[shapely.box(0, 0, 2, 2)],
        crs=4326,
    )
    import pandas as pd

    both = pd.concat([xaa.drop(columns=["level", "iso3"]), country], ignore_index=True)
    both.to_file(tmp_path / "xaa.gpkg")
    read = read_boundaries(tmp_path / "xaa.gpkg")
    assert read.frame["level"].tolist() == [0, 1, 1, 1, 1]


def test_another_coordinate_system_is_brought_to_degrees(xaa, tmp_path):
    xaa.to_crs(3857).to_file(tmp_path / "xaa.gpkg")
    read = read_boundaries(tmp_path / "xaa.gpkg")
    assert read.frame.crs == "EPSG:4326"
    assert read.frame.total_bounds == pytest.approx([0, 0, 2, 2], abs=1e-6)


def test_a_broken_polygon_is_rebuilt_and_told(xaa, tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    xaa.set_geometry([bow, *xaa.geometry[1:]]).to_file(tmp_path / "xaa.gpkg")
    read = read_boundaries(tmp_path / "xaa.gpkg")
    assert read.frame.is_valid.all()
    assert read.notes == ("xaa.gpkg: 1 broken polygon(s) were rebuilt: XA01.",)


def test_a_unit_without_polygon_is_left_out_and_told(xaa, tmp_path):
    xaa.set_geometry([None, *xaa.geometry[1:]]).to_file(tmp_path / "xaa.gpkg")
    read = read_boundaries(tmp_path / "xaa.gpkg")
    assert "XA01" not in read
    assert read.notes == ("xaa.gpkg: 1 unit(s) have no polygon, left out: XA01.",)


def test_a_shapefile_without_encoding_is_utf8_or_else_latin1_and_told(xaa, tmp_path):
    for encoding, notes in (("UTF-8", 0), ("ISO-8859-1", 1)):
        path = tmp_path / f"{encoding}.shp"
        xaa.assign(name=["Béta", "é", "ç", "è"]).to_file(path, encoding=encoding)
        path.with_suffix(".cpg").unlink()
        read = read_boundaries(path)
        assert read.at(1)["name"].tolist() == ["Béta", "é", "ç", "è"]
        assert len(read.notes) == notes


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.geojson", b"", "is empty"),
        ("a.geojson", b'{"error": {"code": 400}}', "error answer of a service"),
        ("a.geojson", b"<!DOCTYPE html><html>Not found", "is a web page"),
        ("a.geojson", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("a.geojson", b'{"type": "Topology", "objects": {}}', "TopoJSON"),
        ("a.geojson", b'{"type": "Feature"', "is not whole JSON"),
        ("a.gpkg", b"SQLite format 3\x00" + bytes(100), "not a GeoPackage"),
        ("a.zip", b"PK\x03\x04rest", "zip archive"),
        ("a.dbf", b"\x03rest", "Give the .shp"),
    ],
)
def test_what_is_no_boundary_file_is_named_for_what_it_is(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableBoundaries, match=words) as refusal:
        read_boundaries(path)
    assert refusal.value.path == path
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(UnreadableBoundaries, match="does not exist"):
        read_boundaries(tmp_path / "none.gpkg")


def test_a_virtual_file_under_a_harmless_name_is_never_opened(xaa, tmp_path):
    xaa.to_file(tmp_path / "secret.gpkg")
    vrt = tmp_path / "harmless.geojson"
    vrt.write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>"
        f"{tmp_path / 'secret.gpkg'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    assert len(gpd.read_file(vrt)) == 4  # GDAL by itself would follow it
    with pytest.raises(UnreadableBoundaries, match="could point anywhere"):
        read_boundaries(vrt)


def test_json_that_another_driver_would_run_is_not_run(xaa, tmp_path):
    xaa.to_file(tmp_path / "secret.gpkg")
    pipeline = {
        "type": "gdal_streamed_alg",
        "command_line": f"gdal vector pipeline ! read {tmp_path / 'secret.gpkg'}",
        "note": "FeatureCollection",
    }
    path = tmp_path / "harmless.geojson"
    path.write_text(json.dumps(pipeline))
    with pytest.raises(UnreadableBoundaries):
        read_boundaries(path)


def test_a_shapefile_without_its_table_or_its_system_is_refused(xaa, tmp_path):
    xaa.to_file(tmp_path / "xaa.shp")
    (tmp_path / "xaa.prj").unlink()
    with pytest.raises(UnreadableBoundaries, match=r"\.prj"):
        read_boundaries(tmp_path / "xaa.shp")
    (tmp_path / "xaa.dbf").unlink()
    with pytest.raises(UnreadableBoundaries, match=r"xaa\.dbf"):
        read_boundaries(tmp_path / "xaa.shp")


def test_points_are_no_boundaries(xaa, tmp_path):
    points = [shapely.Point(n, n) for n in range(4)]
    xaa.set_geometry(gpd.GeoSeries(points, crs=4326)).to_file(tmp_path / "p.gpkg")
    with pytest.raises(UnreadableBoundaries, match="no polygons"):
        read_boundaries(tmp_path / "p.gpkg")


def test_a_file_without_known_codes_lists_its_columns(xaa, tmp_path):
    xaa[["geometry"]].assign(colour="red").to_file(tmp_path / "xaa.geojson")
    with pytest.raises(UnreadableBoundaries, match="colour"):
        read_boundaries(tmp_path / "xaa.geojson")
    with pytest.raises(UnreadableBoundaries, match="no column 'code9'"):
        read_boundaries(tmp_path / "xaa.geojson", code="code9")


def test_blank_and_double_codes_are_refused_with_their_rows(xaa, tmp_path):
    xaa.assign(pcode=["XA01", " ", None, "XA04"]).to_file(tmp_path / "blank.gpkg")
    with pytest.raises(BadCodes) as refusal:
        read_boundaries(tmp_path / "blank.gpkg")
    assert refusal.value.rows == (2, 3)
    xaa.assign(pcode=["XA01", "XA01", "XA03", "XA04"]).to_file(tmp_path / "twice.gpkg")
    with pytest.raises(BadCodes, match="XA01") as refusal:
        read_boundaries(tmp_path / "twice.gpkg")
    assert refusal.value.codes == ("XA01",)


@pytest.mark.parametrize("number", ["NaN", "1e300"])
def test_coordinates_off_the_earth_are_refused(xaa, tmp_path, number):
    path = tmp_path / "xaa.geojson"
    text = xaa.to_json().replace("[2.0, 0.0]", f"[{number}, 0.0]")
    path.write_text(text)
    with pytest.raises(UnreadableBoundaries, match=r"not on the Earth|cannot be read"):
        read_boundaries(path)


def test_a_label_point_is_in_the_largest_part():
    unit = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 8, 3)])
    lon, lat = label_points(np.array([unit]))[0]
    assert (lon, lat) == pytest.approx((6.5, 1.5), abs=0.05)


def test_a_repair_leaves_only_areas():
    spike = shapely.Polygon([(0, 0), (2, 0), (2, 2), (2, 5), (2, 2), (0, 2)])
    line = shapely.LineString([(0, 0), (1, 1)])
    areas = polygons_only(np.array([spike, line, None], dtype=object))
    assert areas[0].area == 4.0
    assert areas[0].is_valid
    assert (areas[1], areas[2]) == (None, None)


@pytest.mark.shared
def test_a_shapefile_and_a_geojson_of_the_same_cercles_have_the_same_content(shared):
    one = read_boundaries(shared / "mli_cod_2015" / "mli_admbnda_adm2_gov_ocha_itos.shp")
    other = read_boundaries(shared / "mli_cod_2015" / "mli_adm2_2015_hno3w.geojson")
    assert one.vintage.content == other.vintage.content
    assert one.vintage.valid_on == date(2015, 4, 8)
    assert [len(one.at(level)) for level in (0, 1, 2)] == [1, 9, 50]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "units"),
    [
        ("MLI_adm1", {0: 1, 1: 9}),
        ("MLI_adm3", {0: 1, 1: 9, 2: 50, 3: 701}),
        ("NER_adm1", {0: 1, 1: 8}),
        ("BFA_adm2", {0: 1, 1: 13, 2: 45}),
        ("MRT_adm1", {0: 1, 1: 13}),
    ],
)
def test_published_boundaries_are_read_with_the_levels_above(shared, file, units):
    read = read_boundaries(shared / "cod_2019_sahel" / f"{file}.geojson")
    report = describe(read)
    assert {level.level: level.units for level in report.levels} == units
    assert report.sound
    assert set(report.countries) == {file[:3]}
    assert (read.frame["name"] != "").all()


@pytest.mark.shared
def test_ochas_codes_in_the_embedded_vintage_are_those_of_the_published_files(shared):
    from boundaries.names import normalise_name
    from boundaries.natural_earth import open_natural_earth

    for file, level in (("NER_adm1", 1), ("MRT_adm1", 1), ("BFA_adm2", 2)):
        theirs = read_boundaries(shared / "cod_2019_sahel" / f"{file}.geojson").at(level)
        ours = open_natural_earth((file[:3],))
        for unit in theirs.itertuples():
            row = ours.frame[ours.frame["pcode"] == unit.pcode].iloc[0]
            spellings = [row["name"], row["name_fr"], *row["aliases"].split("|")]
            assert normalise_name(unit.name) in {normalise_name(text) for text in spellings}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("cod2019_GEO_adm1.geojson", "error answer"),
        ("cod2019_CAF_adm4.geojson", r"26 unit\(s\) have a blank code"),
        ("cod2019_PSE_adm2.geojson", "PS02552681"),
        ("COD_MLI_PopulatedPlaces_Rena.shp", r"\.dbf"),
    ],
)
def test_published_defects_are_refused_in_one_sentence(shared, file, words):
    with pytest.raises(UnreadableBoundaries, match=words):
        read_boundaries(shared / "defects" / file)


@pytest.mark.shared
def test_published_defects_that_can_be_mended_are_mended(shared):
    cambodia = read_boundaries(shared / "defects" / "cod2019_KHM_adm2.geojson")
    assert cambodia.frame.is_valid.all()
    assert "5 broken polygon(s)" in cambodia.notes[0]
    liberia = read_boundaries(shared / "defects" / "cod2019_LBR_adm2.geojson")
    assert not liberia.at(2)["name"].str.fullmatch(r"LR\d+").any()


@pytest.mark.shared
def test_a_second_name_column_in_arabic_is_the_arabic_name(shared, tmp_path):
    for file in (shared / "arabic_names").iterdir():
        shutil.copyfile(file, tmp_path / file.name)
    lebanon = read_boundaries(next(tmp_path.glob("*.shp")))
    assert lebanon.name("LB5", "ar") == "الشمال"
