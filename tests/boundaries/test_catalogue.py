"""Vintages by name and by path, and what a set is said to hold."""

import pytest

from boundaries.catalogue import open_vintage, vintages_at_hand
from boundaries.errors import BoundaryError, UnknownVintage, UnreadableBoundaries
from boundaries.report import describe


def test_the_embedded_vintage_is_at_hand():
    assert [vintage.id for vintage in vintages_at_hand()] == ["natural-earth-5.1"]
    assert open_vintage("natural-earth-5.1") is open_vintage("natural-earth-5.1")


def test_a_path_starts_from_the_situations_folder(xaa, tmp_path):
    (tmp_path / "data").mkdir()
    xaa.to_file(tmp_path / "data" / "XAA 2017.gpkg")
    read = open_vintage("data/XAA 2017.gpkg", base=tmp_path)
    assert read.vintage.id == "xaa-2017"
    assert len(read.at(1)) == 4


def test_an_unknown_vintage_is_told_from_a_missing_file(tmp_path):
    with pytest.raises(UnknownVintage, match=r"natural-earth-5\.1"):
        open_vintage("natural-earth-9")
    with pytest.raises(UnreadableBoundaries, match="does not exist"):
        open_vintage("none.geojson", base=tmp_path)


def test_the_errors_of_the_room_have_a_code_each():
    def below(kind):
        return {kind} | {leaf for child in kind.__subclasses__() for leaf in below(child)}

    codes = [kind.code for kind in below(BoundaryError)]
    assert len(codes) == len(set(codes))


def test_a_report_counts_by_level_and_finds_orphans_and_misfits(xaa, tmp_path):
    from shapely import box

    from boundaries.assembly import assemble
    from boundaries.units import BoundarySet
    from boundaries.vintage import Vintage

    vintage = Vintage(id="x", label="x", source="", licence="", content="0")
    sound = describe(BoundarySet(vintage, assemble(xaa)))
    assert sound.levels[0].orphans == 4  # the country itself is not in the table
    assert sound.levels[0].sound
    assert sound.countries == {"XAA": {1: 4}}
    assert sound.bounds == (0, 0, 2, 2)
    lapping = xaa.set_geometry([box(0, 0, 1.2, 1), *xaa.geometry[1:]])
    assert not describe(BoundarySet(vintage, assemble(lapping))).levels[0].sound


def test_the_embedded_regions_of_mali_are_sound():
    from boundaries.natural_earth import open_natural_earth

    report = describe(open_natural_earth(("MLI",)))
    assert report.sound
    assert report.units == 10
    assert report.levels[1].code_schemes == {"ocha": 9}
