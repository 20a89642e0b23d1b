"""Which column says what: in the publishers' styles, and in tables that nobody foresaw."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from boundaries.cells import days
from boundaries.errors import UnreadableBoundaries
from boundaries.files import read_boundaries, read_with_profile
from boundaries.recognition import explain, recognise

FOUR = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)]


def table(**columns):
    return gpd.GeoDataFrame(columns, geometry=FOUR, crs=4326)


def test_gadm_is_read_with_its_levels_country_and_other_names(tmp_path):
    table(
        GID_0="XAA", COUNTRY="Xaa", GID_1=["XAA.1_1", "XAA.1_1", "XAA.2_1", "XAA.2_1"],
        NAME_1=["North", "North", "South", "South"], GID_2=[f"XAA.{n}_1" for n in ("1.1", "1.2", "2.1", "2.2")],
        NAME_2=["A", "B", "C", "D"], VARNAME_2=["Aa|Aaa", "", "", ""], ENGTYPE_2="District",
    ).to_file(tmp_path / "gadm.gpkg")  # fmt: skip
    read = read_boundaries(tmp_path / "gadm.gpkg")
    assert read.levels == (0, 1, 2)
    assert read.unit("XAA.1_1").name == "North"
    assert read.unit("XAA.1.1_1").parent == "XAA.1_1"
    assert read.frame.set_index("pcode").at["XAA.1.1_1", "aliases"] == "Aa|Aaa"
    assert set(read.frame["iso3"]) == {"XAA"}
    assert read.unit("XAA.1.1_1").type == "District"


def test_geoboundaries_take_their_level_from_the_type(tmp_path):
    table(
        shapeName=["A", "B", "C", "D"], shapeISO="", shapeID=[f"1234B{n}" for n in range(4)],
        shapeGroup="XAA", shapeType="ADM2",
    ).to_file(tmp_path / "geo.geojson")  # fmt: skip
    read = read_boundaries(tmp_path / "geo.geojson")
    assert read.levels == (2,)
    assert set(read.frame["iso3"]) == {"XAA"}
    assert read.frame["name"].tolist() == ["A", "B", "C", "D"]


def test_natural_earths_level_and_type_columns_do_not_mislead(tmp_path):
    table(
        featurecla="Admin-1 states provinces", adm1_code=[f"XAA-{n}" for n in range(4)], adm0_a3="XAA",
        admin="Xaa", name=["A", "B", "C", "D"], name_fr=["Aé", "B", "C", "D"], LEVEL=2, fips=["XA09"] * 4,
    ).to_file(tmp_path / "ne.gpkg")  # fmt: skip
    read = read_boundaries(tmp_path / "ne.gpkg")
    assert [len(read.at(level)) for level in read.levels] == [1, 4]
    assert read.name("XAA-0", "fr") == "Aé"
    assert not read.frame["pcode"].str.startswith("XA0").any()


def test_the_newest_ocha_style_states_languages_and_validity(tmp_path):
    table(
        adm0_pcode="XA", adm0_name="Xaa", adm1_pcode=["XA01", "XA02", "XA03", "XA04"],
        adm1_name=["Alpha", "Béta", "Gamma", "Delta"], adm1_name1=["ألفا", "بيتا", "غاما", "دلتا"],
        lang="fr", lang1="ar", lang2="", valid_on="2024-05-02", valid_to="9999-12-31", area_sqkm=1.5,
    ).to_file(tmp_path / "new.geojson")  # fmt: skip
    read = read_boundaries(tmp_path / "new.geojson")
    assert read.name("XA02", "fr") == "Béta"
    assert read.name("XA02", "ar") == "بيتا"
    assert (read.vintage.valid_on, read.vintage.valid_to) == (date(2024, 5, 2), None)
    assert read.unit("XA").name == "Xaa"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1_564_704_000_000.0, None], {date(2019, 8, 2)}),
        (["2015-04-08", "2015-04-08"], {date(2015, 4, 8)}),
        ([-99, -99], set()),
        (["", "soon"], set()),
    ],
)
def test_days_come_as_text_or_milliseconds_or_not_at_all(values, expected):
    assert days(pd.Series(values)) == expected


def test_columns_nobody_foresaw_are_found_by_content(tmp_path):
    table(
        FID_1=[1, 2, 3, 4], Rowcacode2=["XA0101", "XA0102", "XA0201", "XA0202"], Pays="XA",
        GEO1=["XA01", "XA01", "XA02", "XA02"], Libelle=["Béta", "Alpha", "Gamma", "Delta"], Shape_Area=[1.5, 2, 3, 4],
    ).to_file(tmp_path / "x.gpkg")  # fmt: skip
    reading = read_with_profile(tmp_path / "x.gpkg")
    read = reading.boundaries
    assert [len(read.at(level)) for level in read.levels] == [1, 2, 4]
    assert read.unit("XA0101").parent == "XA01"
    assert read.unit("XA0101").name == "Béta"
    told = {(what, column): why for _, what, column, why, _ in read.record.recognised}
    assert told["code", "Rowcacode2"] == "4 of 4 rows have a code of their own, like XA0101"
    assert ("name", "Libelle") in told
    assert told["code of level 1", "GEO1"] == "codes begin with it"


def test_a_parent_column_that_holds_other_rows_codes_is_found():
    found = recognise(
        pd.DataFrame({"cod": ["XA01", "XA0101", "XA0102"], "haut": ["", "XA01", "XA01"],
                      "nom": ["Alpha", "Béta", "Gamma"]})
    )  # fmt: skip
    assert (found.code, found.parent, found.names) == ("cod", "haut", ("nom",))


def test_codes_that_begin_with_each_other_tell_the_levels(tmp_path):
    both = gpd.GeoDataFrame(
        {"kod_x": ["XA01", "XA0101", "XA0102"], "nom": ["Alpha", "Béta", "Gamma"]},
        geometry=[shapely.box(0, 0, 2, 1), shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs=4326,
    )
    both.to_file(tmp_path / "x.gpkg")
    read = read_boundaries(tmp_path / "x.gpkg")
    assert dict(zip(read.frame["pcode"], read.frame["level"], strict=True)) == {
        "XA01": 1, "XA0101": 2, "XA0102": 2,
    }  # fmt: skip
    assert read.unit("XA0102").parent == "XA01"


@pytest.mark.parametrize("column", ["OBJECTID", "id", "Shape_Area", "population"])
def test_a_running_number_or_a_measure_is_never_taken_for_a_code(tmp_path, column):
    table(**{column: [1, 2, 3, 4]}, nom=["A", "B", "C", "D"]).to_file(tmp_path / "x.gpkg")
    with pytest.raises(UnreadableBoundaries) as refusal:
        read_boundaries(tmp_path / "x.gpkg")
    assert refusal.value.check == "has-codes"
    assert column in str(refusal.value)


def test_a_level_column_that_holds_no_level_is_refused_with_its_value(tmp_path):
    table(pcode=["XA01", "XA02", "XA03", "XA04"], level=["1", "1", "one", "1"]).to_file(
        tmp_path / "x.gpkg"
    )
    with pytest.raises(UnreadableBoundaries, match="'one'"):
        read_boundaries(tmp_path / "x.gpkg")


def test_what_was_recognised_is_explained_with_an_example(xaa):
    rows = explain(recognise(xaa), xaa)
    assert ("code", "pcode", "by its name", "XA01") in rows
    assert ("level", "level", "by its name", "1") in rows


@pytest.mark.parametrize("empty", ["-", "NA", "<Null>", " "])
def test_a_placeholder_is_no_name(tmp_path, empty):
    table(
        admin1Pcode=["XA01", "XA02", "XA03", "XA04"], admin1Name=[empty, "B", "C", "D"],
        admin1Name_fr=["Bêta", "B", "C", "D"],
    ).to_file(tmp_path / "x.geojson")  # fmt: skip
    assert read_boundaries(tmp_path / "x.geojson").unit("XA01").name == "Bêta"


def test_a_country_whose_codes_begin_with_another_ones_letters_is_where_it_lies(tmp_path):
    west = [shapely.box(2.0 + x, 9.5 + y, 2.3 + x, 9.8 + y) for y in (0, 0.3) for x in (0, 0.3)]
    gpd.GeoDataFrame(
        {"admin1Pcode": ["BE01", "BE02", "BE03", "BE04"], "admin1Name": list("ABCD")}, geometry=west, crs=4326
    ).to_file(tmp_path / "x.geojson")  # fmt: skip
    read = read_boundaries(tmp_path / "x.geojson")  # in Benin, BJ; BE is Belgium
    assert set(read.frame["iso3"]) == {"BEN"}
    assert "say BEL" in read.notes[0]
