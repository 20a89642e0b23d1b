"""What is opened: six formats and archives of them, by their first bytes, within limits."""

import json
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries import archives, layers
from boundaries.errors import UnreadableBoundaries
from boundaries.files import read_boundaries, read_with_profile
from boundaries.profiles import BoundaryProfile
from boundaries.topojson import read_topojson


def topology(**more):
    """Two squares of XAA side by side on a grid of 0.5°, their border stored once."""
    arcs = [
        [[2, 0], [0, 2]],  # the border, northwards
        [[2, 2], [-2, 0], [0, -2], [2, 0]],  # round the west
        [[2, 0], [2, 0], [0, 2], [-2, 0]],  # round the east
    ]
    members = [
        {"type": "Polygon", "arcs": [[0, 1]], "properties": {"pcode": "XA01", "name": "Alpha"}},
        {"type": "Polygon", "arcs": [[2, ~0]], "properties": {"pcode": "XA02", "name": "Béta"}},
    ]
    return {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.5], "translate": [0.0, 0.0]},
        "objects": {"xaa": {"type": "GeometryCollection", "geometries": members}},
        "arcs": arcs,
    } | more


def written(path, body):
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def pack(path, *files, folder=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"{folder}{file.name}")
    return path


@pytest.mark.parametrize("suffix", ["parquet", "fgb", "gpkg", "shp"])
def test_every_format_gives_the_same_content_loose_and_zipped(xaa, tmp_path, suffix):
    path = tmp_path / f"xaa.{suffix}"
    xaa.to_parquet(path) if suffix == "parquet" else xaa.to_file(path)
    xaa.to_file(tmp_path / "other.geojson")
    read = read_boundaries(path)
    assert read.vintage.content == read_boundaries(tmp_path / "other.geojson").vintage.content
    archive = pack(tmp_path / "x.zip", *tmp_path.glob("xaa.*"), folder="inside/")
    assert read_boundaries(archive).vintage.content == read.vintage.content


def test_topojson_is_decoded_from_its_arcs_and_said_to_be_wgs_84(tmp_path):
    read = read_boundaries(written(tmp_path / "xaa.topojson", topology()))
    assert shapely.equals(
        read.at(1).geometry.to_numpy(), [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    ).all()
    assert read.unit("XA02").name == "Béta"
    assert "TopoJSON is WGS 84" in read.notes[0]


def test_positions_with_more_than_two_numbers_do_not_move_a_polygon(tmp_path):
    body = topology()
    plain, _ = read_topojson(written(tmp_path / "plain.json", body))
    body["arcs"] = [[[*arc[0], 0, None], *arc[1:]] for arc in body["arcs"]]
    longer, _ = read_topojson(written(tmp_path / "longer.json", body))
    assert longer["xaa"].geometry.geom_equals(plain["xaa"].geometry).all()


def test_a_ring_shrunk_to_a_line_is_left_out_and_told(tmp_path):
    body = topology()
    body["arcs"].append([[0, 0], [1, 0], [-1, 0]])
    body["objects"]["xaa"]["geometries"][0] |= {"type": "MultiPolygon", "arcs": [[[0, 1]], [[3]]]}
    tables, notes = read_topojson(written(tmp_path / "xaa.json", body))
    assert tables["xaa"].geometry[0].area == 1.0
    assert "1 ring(s)" in notes[0]


@pytest.mark.parametrize(
    "change",
    [
        {"arcs": [[[2, 0], [0, 2]]]},
        {"arcs": [[[2, 0], [0, 2]], [[5, 5], [1, 0], [0, 1]], [[2, 0], [2, 0], [0, 2], [-2, 0]]]},
        {"arcs": "x"},
        {"objects": {"xaa": {"type": "GeometryCollection", "geometries": [{"type": "Polygon"}]}}},
        {"objects": None},
        {"transform": {"scale": [1]}},
    ],
)
def test_topojson_that_is_not_whole_is_refused(tmp_path, change):
    path = written(tmp_path / "xaa.topojson", topology(**change))
    with pytest.raises(UnreadableBoundaries) as refusal:
        read_boundaries(path)
    assert refusal.value.check == "is-whole"


def test_the_levels_of_an_archive_become_one_set(xaa, tmp_path):
    country = gpd.GeoDataFrame(
        {"admin0Pcod": ["XA"], "admin0Name": ["Xaa"]}, geometry=[shapely.box(0, 0, 2, 2)], crs=4326
    )
    regions = xaa[["geometry"]].assign(
        admin0Pcod="XA", admin1Pcod=xaa["pcode"], admin1Name=xaa["name"]
    )
    country.to_file(tmp_path / "xaa_adm0.shp")
    regions.to_file(tmp_path / "xaa_adm1.shp")
    read = read_boundaries(pack(tmp_path / "xaa.zip", *tmp_path.glob("xaa_adm*")))
    assert [len(read.at(level)) for level in read.levels] == [1, 4]
    assert read.unit("XA").name == "Xaa"


def test_an_archive_of_many_sets_asks_which(xaa, tmp_path):
    for number in range(13):
        xaa.to_file(tmp_path / f"set{number:02}.geojson")
    archive = pack(tmp_path / "many.zip", *sorted(tmp_path.glob("set*")))
    with pytest.raises(UnreadableBoundaries, match="13 boundary files"):
        read_boundaries(archive)
    assert (
        len(read_with_profile(archive, BoundaryProfile(member="set07.geojson")).boundaries.at(1))
        == 4
    )
    with pytest.raises(UnreadableBoundaries, match="without 'none'"):
        read_with_profile(archive, BoundaryProfile(member="none"))


def test_an_archive_writes_nothing_outside_its_folder_and_keeps_its_bounds(tmp_path, monkeypatch):
    archive = tmp_path / "slip.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "../../evil.geojson", json.dumps({"type": "FeatureCollection", "features": []})
        )
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    ((_, place),) = archives.unpack(archive, folder)
    assert place.is_relative_to(folder)
    assert {p.name for p in tmp_path.iterdir()} == {"slip.zip", "in"}
    monkeypatch.setattr(archives, "MAX_UNPACKED", 20)
    with pytest.raises(UnreadableBoundaries) as refusal:
        read_boundaries(archive)
    assert refusal.value.check == "is-bounded"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "without a boundary file"),
        ({"readme.txt": "x"}, r"it holds readme\.txt"),
        ({"a.shp": "x" * 10}, "none of the formats"),
        ({"a.geojson": "PK\x03\x04"}, "archive within the archive"),
        ({"a.geojson": "<OGRVRTDataSource/>"}, "could point anywhere"),
    ],
)
def test_what_lies_in_an_archive_is_judged_like_a_loose_file(tmp_path, members, words):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    with pytest.raises(UnreadableBoundaries, match=words):
        read_boundaries(archive)


@given(cut=st.integers(0, 400))
def test_a_cut_off_archive_is_refused_in_one_sentence(cut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cut")
    archive = folder / "x.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("xaa.json", json.dumps(topology()))
    whole = archive.read_bytes()
    archive.write_bytes(whole[: min(cut, len(whole) - 1)])
    with pytest.raises(UnreadableBoundaries) as refusal:
        read_boundaries(archive)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "told"), [("a.bin", r"Rename it to \.gpkg"), ("a.shp", r"to \.gpkg")]
)
def test_a_geopackage_under_another_name_is_not_handed_to_another_driver(xaa, tmp_path, name, told):
    xaa.to_file(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").rename(tmp_path / name)
    with pytest.raises(UnreadableBoundaries, match=told):
        read_boundaries(tmp_path / name)


def test_parquet_without_geometry_and_broken_parquet_are_refused(xaa, tmp_path):
    xaa.drop(columns="geometry").to_parquet(tmp_path / "plain.parquet")
    with pytest.raises(UnreadableBoundaries, match="has no geometry"):
        read_boundaries(tmp_path / "plain.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1" + bytes(40) + b"PAR1")
    with pytest.raises(UnreadableBoundaries, match="cannot be read"):
        read_boundaries(tmp_path / "broken.parquet")


def test_a_missing_coordinate_system_is_taken_only_from_the_user(xaa, tmp_path):
    xaa.to_crs(32631).to_file(tmp_path / "xaa.shp")
    (tmp_path / "xaa.prj").unlink()
    with pytest.raises(UnreadableBoundaries) as refusal:
        read_boundaries(tmp_path / "xaa.shp")
    assert refusal.value.check == "has-coordinate-system"
    read = read_with_profile(tmp_path / "xaa.shp", BoundaryProfile(crs="EPSG:32631")).boundaries
    assert read.frame.total_bounds == pytest.approx([0, 0, 2, 2], abs=1e-5)
    assert "taken as EPSG:32631" in read.notes[0]
    with pytest.raises(UnreadableBoundaries, match="by its EPSG number"):
        read_with_profile(tmp_path / "xaa.shp", BoundaryProfile(crs="http://example.org/crs"))


def test_a_declared_fallback_encoding_is_used_where_text_is_not_utf8(xaa, tmp_path):
    path = tmp_path / "xaa.shp"
    xaa.assign(name=["غاو", "كيدال", "موبتي", "سيغو"]).to_file(path, encoding="windows-1256")
    path.with_suffix(".cpg").unlink()
    read = read_with_profile(path, BoundaryProfile(encoding="windows-1256")).boundaries
    assert read.at(1)["name"].tolist() == ["غاو", "كيدال", "موبتي", "سيغو"]
    assert "read as windows-1256" in read.notes[0]


def test_text_that_was_read_as_latin_1_once_is_put_right(xaa, tmp_path):
    scrambled = [name.encode().decode("cp1252") for name in xaa["name"]]
    assert scrambled[2] == "CÃ´te dâ€™Or"
    xaa.assign(name=scrambled).to_file(tmp_path / "xaa.gpkg")
    read = read_boundaries(tmp_path / "xaa.gpkg")
    assert read.unit("XA03").name == "Côte d’Or"
    assert "put right" in read.notes[0]


@given(st.lists(st.text("abcdeéèôûñ’çÃ©Â", max_size=8), min_size=4, max_size=4))
def test_right_text_is_never_scrambled_by_putting_it_right(names):
    import pandas as pd

    found = layers._unscrambled(pd.Series(names))
    if found is not None:  # then every foreign text was UTF-8 read as another, and comes back so
        for name, right in zip(names, found, strict=True):
            assert name == right or name in (
                right.encode().decode("cp1252", "replace"), right.encode().decode("latin-1")
            )  # fmt: skip


def test_more_corners_than_a_map_can_need_are_refused_before_work_begins(
    xaa, tmp_path, monkeypatch
):
    xaa.to_file(tmp_path / "xaa.gpkg")
    monkeypatch.setattr(layers, "MAX_VERTICES", 10)
    with pytest.raises(UnreadableBoundaries) as refusal:
        read_boundaries(tmp_path / "xaa.gpkg")
    assert refusal.value.check == "is-bounded"


def test_a_tangle_is_refused_and_not_mended_for_hours(xaa, tmp_path):
    rng = np.random.default_rng(7)
    tangle = shapely.Polygon(rng.random((3000, 2)))
    xaa.set_geometry([tangle, *xaa.geometry[1:]]).to_file(tmp_path / "xaa.gpkg")
    with pytest.raises(UnreadableBoundaries, match="tangle") as refusal:
        read_boundaries(tmp_path / "xaa.gpkg")
    assert "XA01" in str(refusal.value)
