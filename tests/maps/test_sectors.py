"""Sectors: one code and one sign each, whatever a table writes."""

from itertools import combinations

import pytest
import shapely

from maps.messages import messages
from maps.sector_icons import SIGNS, sector_sign, sign_items
from maps.sectors import SECTORS, in_sectors, known_sector, sector_code, sorted_sectors
from maps.spec import LANGUAGES


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("WSH", "WSH"),
        ("wash", "WSH"),
        ("Cash", "CASH"),
        ("ETC", "TEL"),
        ("CCCM", "CCM"),
        ("Intersectoral", "MUL"),
        ("", "OTHER"),
        ("XYZ", "OTHER"),
    ],
)
def test_codes_as_others_write_them_are_brought_to_one(written: str, code: str) -> None:
    assert sector_code(written) == code
    assert known_sector(written) == (code != "OTHER")


def test_a_sector_holds_its_areas_of_responsibility() -> None:
    assert in_sectors("PRO-GBV", ["PRO"])
    assert not in_sectors("PRO", ["PRO-GBV"])
    assert in_sectors("WSH", ["WASH"])


def test_sectors_stand_in_one_order_once_each() -> None:
    assert sorted_sectors(["WSH", "EDU", "WSH", "CCM"]) == ("CCM", "EDU", "WSH")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sector_has_its_name(lang: str) -> None:
    assert not [code for code in SECTORS if not messages(lang).knows(f"sector.{code}")]


def test_every_sector_has_a_sign_of_its_own_that_fills_its_square() -> None:
    assert set(SIGNS) == set(SECTORS)
    for code in SECTORS:
        sign = sector_sign(code)
        assert sign.is_valid, code
        assert shapely.box(-1.05, -1.05, 1.05, 1.05).contains(sign), code
        assert 0.1 < sign.area < 2.8, code
    for one, other in combinations(SECTORS, 2):
        apart = sector_sign(one).symmetric_difference(sector_sign(other)).area
        assert apart > 0.25, (one, other)


def test_a_sign_keeps_to_its_side_and_tells_stated_from_inferred() -> None:
    for inferred in (False, True):
        ground, picture = sign_items("EDU", 10, 20, 2, inferred=inferred)
        assert shapely.box(8, 18, 12, 22).buffer(1e-6).contains(ground.geometry)
        assert ground.geometry.contains(picture.geometry)
    stated, inferred = (sign_items("EDU", 0, 0, 2, inferred=way)[0].fill for way in (False, True))
    assert stated != inferred
