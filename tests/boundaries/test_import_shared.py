"""Published files: what was found in them, and that nothing of them is lost."""

import zipfile

import pytest
import shapely

from boundaries.checks import overlaps
from boundaries.errors import UnreadableBoundaries
from boundaries.files import read_with_profile
from boundaries.profiles import BoundaryProfile
from boundaries.report import describe

pytestmark = pytest.mark.shared


@pytest.fixture
def topojson(shared, tmp_path):
    """Read one of the 146 TopoJSON files."""

    def read(name):
        with zipfile.ZipFile(shared / "cod_global_2020" / "cod_topojson_2020.zip") as bundle:
            bundle.extract(f"{name[:3]}/{name}.topojson", tmp_path)
        path = tmp_path / name[:3] / f"{name}.topojson"
        return read_with_profile(path, give_codes=True).boundaries

    return read


def number(checks, name):
    return next(check for check in checks if check.id == name)


@pytest.mark.parametrize(
    "name", ["MLI_adm2", "KGZ_adm2", "COM_adm3", "LBN_adm3", "BFA_adm3", "GIN_adm3", "VUT_adm1"]
)
def test_after_reading_all_polygons_are_valid_and_none_share_ground(topojson, name):
    read = topojson(name)
    assert read.frame.is_valid.all()
    for level in read.levels:
        geometry = read.at(level).geometry.to_numpy()
        assert len(overlaps(geometry)) == 0
        assert shapely.coverage_is_valid(geometry)
    assert read.record.features == read.record.units + len(read.record.listed)


def test_kyrgyzstans_districts_lie_side_by_side_and_not_on_one_spot(topojson):
    """Its arcs begin with positions of four numbers, which GDAL skips."""
    report = describe(topojson("KGZ_adm2"))
    assert report.levels[0].units == 53
    west, _, east, _ = report.bounds
    assert 10 < east - west < 12


def test_a_state_over_its_neighbour_is_cut_out_and_listed(topojson):
    read = topojson("WCA_adm1")
    worst = max(read.record.repairs, key=lambda repair: repair.km2)
    assert worst.units == ("NG06 Bayelsa", "NG33 Rivers")
    assert worst.km2 == pytest.approx(1249.3, abs=0.1)
    benin = read.frame[read.frame["pcode"].str.startswith("BE")]
    assert set(benin["iso3"]) == {"BEN"}  # BE is Belgium's; the ground is Benin's
    assert number(read.record.checks, "duplicate-code").count == 22


def test_a_file_of_nothing_but_running_numbers_is_refused(topojson):
    with pytest.raises(UnreadableBoundaries, match="its columns are id"):
        topojson("COL_adm2")


@pytest.mark.parametrize(
    ("file", "check", "count", "units"),
    [
        ("cod2019_CAF_adm4.geojson", "blank-code", 26, 200),
        ("cod2019_CAF_adm4.geojson", "split-unit", 2, 200),
        ("cod2019_CAF_adm4.geojson", "duplicate-code", 4, 200),
        ("cod2019_PSE_adm2.geojson", "duplicate-code", 2, 44),
        ("cod2019_KHM_adm2.geojson", "invalid-geometry", 5, 197),
    ],
)
def test_each_published_defect_has_its_number_and_its_first_units(
    shared, file, check, count, units
):
    read = read_with_profile(shared / "defects" / file, give_codes=True).boundaries
    found = number(read.record.checks, check)
    assert found.count == count
    assert 0 < len(found.first) <= 5
    assert read.record.units == units
    assert read.record.features == units + len(read.record.listed)


def test_natural_earth_of_2015_reads_its_countries_by_their_own_codes(shared):
    file = shared / "natural_earth" / "ne_50m_admin_0_countries_2015.shp"
    read = read_with_profile(file).boundaries
    assert read.levels == (0,)
    assert len(read) == 241
    assert {"FRA", "NOR", "SWZ"} <= set(read.frame["pcode"])


def test_disputed_areas_are_told_apart_by_the_code_that_is_unique(shared):
    file = shared / "natural_earth" / "ne_10m_admin_0_disputed_areas.geojson"
    read = read_with_profile(file)
    assert len(read.boundaries) == 80
    assert [columns.code for columns in read.profile.layers.values()] == ["BRK_A3"]


def test_the_collection_is_read_one_member_at_a_time(shared):
    archive = shared / "cod_global_2020" / "cod_topojson_2020.zip"
    with pytest.raises(UnreadableBoundaries, match="146 boundary files"):
        read_with_profile(archive)
    read = read_with_profile(archive, BoundaryProfile(member="MLI/MLI_adm1.topojson"))
    assert len(read.boundaries) == 9
