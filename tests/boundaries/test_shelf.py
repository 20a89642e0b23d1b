"""Vintages brought in are found by name; an import that fails leaves nothing behind."""

from datetime import date

import pytest

from boundaries.catalogue import open_vintage, vintages_at_hand
from boundaries.errors import (
    BadVintageName,
    CannotKeep,
    UnknownVintage,
    UnreadableBoundaries,
    VintageTaken,
)
from boundaries.profiles import BoundaryProfile, read_profile
from boundaries.shelf import data_folder, forget_vintage, import_boundaries, open_kept


@pytest.fixture
def file(xaa, tmp_path):
    xaa.to_file(tmp_path / "xaa.gpkg")
    return tmp_path / "xaa.gpkg"


def test_what_was_brought_in_is_opened_by_its_name(file, own_shelf):
    profile = BoundaryProfile(label="Xaa 2019", source="XAA", valid_on=date(2019, 8, 2))
    kept = import_boundaries(file, "xaa-2019", profile=profile).boundaries
    opened = open_vintage("xaa-2019")
    assert opened.vintage == kept.vintage
    assert opened.vintage.id == "xaa-2019"
    assert opened.record == kept.record
    assert opened.frame.equals(kept.frame)
    assert [vintage.id for vintage in vintages_at_hand()] == ["natural-earth-5.1", "xaa-2019"]
    assert read_profile(own_shelf / "boundaries" / "xaa-2019" / "profile.toml").source == "XAA"


def test_a_name_is_not_given_twice_unless_asked(file):
    import_boundaries(file, "xaa")
    with pytest.raises(VintageTaken):
        import_boundaries(file, "xaa")
    import_boundaries(file, "xaa", replace_old=True, profile=BoundaryProfile(label="newer"))
    assert open_vintage("xaa").vintage.label == "newer"
    with pytest.raises(VintageTaken):
        import_boundaries(file, "natural-earth-5.1", replace_old=True)


@pytest.mark.parametrize("name", ["", "XAA", "../xaa", "a/b", ".hidden", "xaa.", "a b", "x" * 65])
def test_a_name_that_could_be_a_path_is_refused(file, name):
    with pytest.raises(BadVintageName):
        import_boundaries(file, name)


def test_a_refused_file_leaves_nothing_behind(tmp_path, own_shelf):
    (tmp_path / "x.geojson").write_text('{"error": {"code": 400}}')
    with pytest.raises(UnreadableBoundaries):
        import_boundaries(tmp_path / "x.geojson", "x")
    assert list(own_shelf.rglob("*")) == []


@pytest.mark.parametrize("failing", ["to_parquet", "write_text", "rename"])
def test_a_disk_that_fails_on_the_way_leaves_what_was_there(file, own_shelf, monkeypatch, failing):
    import_boundaries(file, "xaa")
    before = sorted(own_shelf.rglob("*"))

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    import pathlib

    import geopandas

    with monkeypatch.context() as broken:
        broken.setattr(
            geopandas.GeoDataFrame if failing == "to_parquet" else pathlib.Path, failing, full
        )
        with pytest.raises(CannotKeep, match="no space left"):
            import_boundaries(file, "xaa", replace_old=True)
    assert sorted(own_shelf.rglob("*")) == before
    assert len(open_vintage("xaa").at(1)) == 4


def test_a_damaged_vintage_is_told_from_one_that_is_not_there(file, own_shelf):
    import_boundaries(file, "xaa")
    (own_shelf / "boundaries" / "xaa" / "units.parquet").write_bytes(b"PAR1")
    with pytest.raises(UnreadableBoundaries, match="is damaged"):
        open_vintage("xaa")
    assert forget_vintage("xaa")
    assert not forget_vintage("xaa")
    assert open_kept("xaa") is None
    with pytest.raises(UnknownVintage, match="sitmap boundaries import"):
        open_vintage("xaa")


@pytest.mark.parametrize(
    ("environment", "end"),
    [({"SITMAP_DATA": "/d"}, "d"), ({"XDG_DATA_HOME": "/x", "LOCALAPPDATA": "/x"}, "sitmap")],
)
def test_the_data_folder_is_the_users_choice_or_the_platforms(environment, end):
    assert data_folder(environment).name == end
