"""The embedded places: codes, names, nesting."""

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from boundaries.assembly import content_hash
from boundaries.errors import UnknownUnit
from boundaries.natural_earth import (
    NATURAL_EARTH,
    country_codes,
    open_natural_earth,
    open_towns,
    open_water,
)
from boundaries.units import LANGUAGES, UNIT_COLUMNS

WEST_AFRICA = ("MLI", "NER", "BFA", "MRT", "CIV", "GIN", "SEN", "DZA", "ESH", "GHA", "BEN", "TGO")
REGIONS = {
    "ML01": "Kayes",
    "ML02": "Koulikoro",
    "ML03": "Sikasso",
    "ML04": "Ségou",
    "ML05": "Mopti",
    "ML06": "Timbuktu",
    "ML07": "Gao",
    "ML08": "Kidal",
    "ML09": "Bamako",
}


@pytest.fixture(scope="module")
def world():
    return open_natural_earth()


@pytest.fixture(scope="module")
def west_africa(world):
    return world.of_countries(WEST_AFRICA)


def test_a_code_is_on_one_unit_only(world):
    assert world.frame["pcode"].is_unique
    assert (world.frame["pcode"].str.strip() != "").all()


def test_the_table_has_the_agreed_columns_and_nothing_that_looks_like_a_pcode(world):
    assert list(world.frame.columns) == list(UNIT_COLUMNS)
    assert not [column for column in world.frame.columns if "fips" in column.lower()]
    assert not world.frame.drop(columns="geometry").isna().any().any()


def test_rows_are_in_order_of_level_then_code(world):
    ordered = world.frame.sort_values(["level", "pcode"])
    assert ordered.index.equals(world.frame.index)


@pytest.mark.parametrize(("pcode", "name"), REGIONS.items())
def test_the_nine_regions_of_mali_carry_ochas_codes(world, pcode, name):
    unit = world.unit(pcode)
    assert (unit.name, unit.iso3, unit.parent) == (name, "MLI", "ML")
    assert world.frame.loc[world.frame["pcode"] == pcode, "code_scheme"].item() == "ocha"


def test_mali_has_nine_regions_and_no_menaka(world):
    assert world.children("ML") == list(REGIONS)
    with pytest.raises(UnknownUnit):
        world.unit("ML10")


def test_sikasso_is_sikasso_in_every_latin_language_and_never_wassoulou(world):
    names = world.unit("ML03").names
    assert {names[lang] for lang in ("en", "fr", "es")} == {"Sikasso"}
    text = world.plain().select_dtypes("str").agg("|".join, axis=1)
    assert not text.str.contains("Wassoulou").any()


def test_timbuktu_is_tombouctou_in_french_and_its_broken_alias_is_gone(world):
    assert world.name("ML06", "fr") == "Tombouctou"
    assert world.name("ML06", "en") == "Timbuktu"
    assert all(text.isprintable() for text in world.frame["aliases"])


@pytest.mark.parametrize(
    ("iso3", "codes"),
    [
        ("NER", [f"NE00{n}" for n in range(1, 9)]),
        ("MRT", [f"MR{n:03}" for n in range(1, 14)]),
    ],
)
def test_the_neighbours_of_mali_carry_ochas_codes(world, iso3, codes):
    at1 = world.at(1)
    assert at1.loc[at1["iso3"] == iso3, "pcode"].tolist() == codes


def test_burkina_fasos_first_level_is_its_45_provinces_with_the_codes_of_level_2(world):
    codes = world.children("BF")
    assert len(codes) == 45
    assert all(len(code) == 6 and code.startswith("BF") for code in codes)
    assert world.name("BF4604") == "Mouhoun"


@pytest.mark.parametrize(
    ("pcode", "iso3"), [("FR", "FRA"), ("NO", "NOR"), ("SS", "SSD"), ("PS", "PSE"), ("EH", "ESH")]
)
def test_countries_that_the_source_gives_no_or_a_private_code_have_their_iso_code(
    world, pcode, iso3
):
    assert world.unit(pcode).iso3 == iso3
    assert country_codes()[pcode] == iso3


@pytest.mark.parametrize("pcode", ["KOS", "CYN", "SOL", "KAS", "PGA", "PFA", "USG"])
def test_disputed_and_leased_areas_are_units_of_their_own_without_a_state(world, pcode):
    unit = world.unit(pcode)
    assert (unit.level, unit.iso3) == (0, "")
    assert world.frame.loc[world.frame["pcode"] == pcode, "code_scheme"].item() == "natural-earth"


def test_crimea_is_in_ukraine_as_the_general_assembly_has_it(world):
    assert world.unit("UA-43").parent == "UA"
    assert world.unit("UA-40").iso3 == "UKR"


def test_western_sahara_reaches_from_cap_blanc_to_27_40_north(world):
    frame = world.frame.set_index("pcode")
    sahara = frame.loc["EH", "geometry"]
    for lon, lat in ((-13.2, 27.1), (-11.7, 26.7), (-14.3, 22.5), (-10.5, 26.1)):
        assert shapely.contains_xy(sahara, lon, lat)
    assert sahara.bounds[3] == pytest.approx(27 + 40 / 60, abs=1e-4)
    assert shapely.contains_xy(frame.loc["MA", "geometry"], -12.9, 27.94)  # Tarfaya


def test_codes_that_look_like_iso_3166_2_begin_with_their_countrys_code(world):
    iso = world.frame[world.frame["code_scheme"] == "iso-3166-2"]
    assert (iso["pcode"].str[:2] == iso["parent"]).all()
    assert not iso["pcode"].str.contains("~").any()


def test_label_points_lie_inside(world):
    frame = world.frame
    inside = shapely.contains_xy(
        frame.geometry.to_numpy(), frame["label_lon"].to_numpy(), frame["label_lat"].to_numpy()
    )
    assert inside.all()


def test_every_parent_is_a_country_of_the_set_and_has_the_same_iso_code(world):
    above = world.at(0).set_index("pcode")["iso3"]
    at1 = world.at(1)
    assert at1["parent"].map(above).equals(at1["iso3"])


def test_polygons_are_valid_and_regions_and_countries_are_coverages(west_africa):
    assert west_africa.frame.is_valid.all()
    for level in (0, 1):
        assert shapely.coverage_is_valid(west_africa.at(level).geometry.to_numpy())


def test_children_fill_their_parent_exactly(west_africa):
    for country in west_africa.at(0).itertuples():
        children = west_africa.at(1)
        parts = children.loc[children["parent"] == country.pcode, "geometry"].to_numpy()
        assert shapely.area(parts).sum() == pytest.approx(country.geometry.area, rel=1e-12)
        assert shapely.symmetric_difference(shapely.union_all(parts), country.geometry).area < 1e-9


def test_countries_are_named_in_four_languages(world):
    states = world.at(0).query("iso3 != ''")
    for lang in LANGUAGES:
        assert (states[f"name_{lang}"] != "").all()
    assert world.name("PS", "en") == "State of Palestine"


def test_an_alias_never_names_another_unit_of_the_same_country(west_africa):
    from boundaries.names import normalise_name

    for (_, level), units in west_africa.frame.groupby(["iso3", "level"]):
        owner = dict(zip(units["name"].map(normalise_name), units["pcode"], strict=True))
        for unit in units.itertuples():
            for alias in filter(None, unit.aliases.split("|")):
                assert owner.get(normalise_name(alias), unit.pcode) == unit.pcode, (level, alias)


def test_the_stated_content_is_the_hash_of_the_file(world):
    assert world.vintage.id == NATURAL_EARTH
    assert content_hash(world.frame) == world.vintage.content


def test_the_embedded_data_stay_small():
    from boundaries import natural_earth

    folder = natural_earth._DATA
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 9_000_000
    assert (folder / "water.parquet").stat().st_size <= 1_000_000
    assert "fips" not in pq.read_schema(folder / "natural_earth.parquet").names


def test_a_cut_holds_the_asked_countries_whole_and_the_others_as_countries():
    cut = open_natural_earth(("MLI",), level0_everywhere=True)
    assert set(cut.at(1)["iso3"]) == {"MLI"}
    assert len(cut.at(0)) == len(open_natural_earth().at(0))
    assert len(open_natural_earth(("MLI",))) == 10
    assert cut.vintage == open_natural_earth().vintage


def test_towns_of_mali_have_one_capital_and_one_for_each_region():
    towns = open_towns()
    mali = towns[towns["iso3"] == "MLI"].set_index("name")
    assert mali.index[mali["kind"] == "capital"].tolist() == ["Bamako"]
    capitals = set(mali.index[mali["kind"] == "adm1_capital"])
    assert capitals == set(REGIONS.values()) - {"Bamako"}
    assert mali.at["Timbuktu", "name_fr"] == "Tombouctou"
    assert not towns.isna().any().any()


def test_a_capital_of_a_region_of_mali_lies_in_the_region_of_its_name():
    towns = open_towns()
    mali = open_natural_earth(("MLI",)).at(1).set_index("name")
    chosen = towns[(towns["iso3"] == "MLI") & towns["kind"].isin(["capital", "adm1_capital"])]
    for town in chosen.itertuples():
        assert shapely.contains_xy(mali.at[town.name, "geometry"], town.lon, town.lat)


def test_water_has_the_niger_and_lakes_and_no_lost_letters():
    water = open_water()
    assert water.is_valid.all()
    assert set(water["kind"]) == {"lake", "river"}
    assert "Niger" in set(water.loc[water["kind"] == "river", "name"])
    assert not water["name"].str.contains("?", regex=False).any()
    assert np.isin(water.loc[water["kind"] == "lake"].geom_type, ["Polygon", "MultiPolygon"]).all()


def test_arabic_names_of_regions_stand_without_a_type_word():
    places = open_natural_earth(("MLI", "NER"))
    assert [places.name(code, "ar") for code in ("ML01", "ML07", "NE005")] == [
        "كايس",
        "جاو",
        "طاوة",
    ]
