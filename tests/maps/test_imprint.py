"""The publisher's corner: numbers, contact and logos stand where they should, and north where it is not up."""

import base64
import math

import numpy as np
import pytest

from maps.imprint import Imprint, Logo, Override
from maps.lint import lint_page, lint_scene
from maps.north import north_arrow, north_turn
from maps.page import draw_page
from maps.projection import fit_frame
from maps.spec import PAPERS
from maps.svg import page_svg
from maps.symbology import Symbology

LAEA = "+proj=laea +lat_0=11 +lon_0=11.75 +datum=WGS84 +units=m"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#0072BC"/></svg>'
LOGO = Logo("logo.svg", "image/svg+xml", base64.b64encode(DRAWING).decode(), 40, 10)
REFERENCE = "Map XAA-3 – GLIDE CE-2012-000076-MLI – page 2 of 9"


@pytest.fixture(scope="module")
def scene(make_scene):
    return make_scene(
        projection=LAEA, reference=REFERENCE, contact="Write to maps@example.org", logos=(LOGO,)
    )


@pytest.mark.parametrize("paper", PAPERS)
def test_reference_and_contact_are_on_every_sheet(scene, paper):
    page = draw_page(scene, PAPERS[paper])
    words = " ".join(item.text for item in page.texts)
    assert REFERENCE in words
    assert "maps@example.org" in words
    overlaps = {"texts-overlap", "margin-crossed", "text-off-page"}
    assert not overlaps & {finding.rule for finding in lint_page(page, scene)}


def test_a_logo_stands_top_left_in_its_own_proportions(scene):
    (image,) = draw_page(scene).images
    assert image.x == 10
    assert image.width / image.height == pytest.approx(4)
    assert image.y >= 5
    assert image.height <= 14
    assert image.address.startswith("data:image/svg+xml;base64,")


def test_many_wide_logos_are_drawn_smaller_rather_than_into_the_title(make_scene):
    page = draw_page(make_scene(projection=LAEA, logos=(LOGO,) * 4))
    right = max(image.x + image.width for image in page.images)
    assert right <= 10 + 70.01
    title = min(item.left for item in page.texts if item.role == "title")
    assert right < title


def test_arabic_puts_the_logo_on_the_right_and_does_not_mirror_it(make_scene):
    page = draw_page(make_scene(projection=LAEA, logos=(LOGO,), lang="ar", direction="rtl"))
    (image,) = page.images
    assert image.x + image.width == pytest.approx(page.width - 10)
    assert image.width > 0


def test_a_logo_is_an_image_in_the_svg_in_which_nothing_can_run(scene):
    svg = page_svg(draw_page(scene))
    assert svg.count("<image ") == 1
    assert "<script" not in svg


def test_the_logo_is_seen_in_the_picture(scene):
    from io import BytesIO

    from PIL import Image

    from maps.png import svg_png

    drawn = Image.open(BytesIO(svg_png(page_svg(draw_page(scene)), width=1188))).convert("RGB")
    (image,) = draw_page(scene).images
    at = (round((image.x + 2) * 4), round((image.y + 2) * 4))
    assert drawn.getpixel(at) == (0, 0x72, 0xBC)


def test_a_map_with_a_logo_need_not_say_that_it_is_illustrative(scene, make_scene):
    bare = make_scene(projection=LAEA)
    assert "not-branded" in {finding.rule for finding in lint_scene(bare)}
    assert "not-branded" not in {finding.rule for finding in lint_scene(scene)}


def test_nothing_is_invented_where_the_publisher_gives_nothing(make_scene):
    page = draw_page(make_scene(projection=LAEA))
    assert page.images == ()
    assert not [item for item in page.texts if item.role == "reference"]
    assert Imprint() == Imprint("", "", {}, (), "plain")
    assert Override("a", {"en": "b"}).rule == "a"


def test_north_is_up_amid_a_map_of_the_programs_own_projection():
    frame = fit_frame(LAEA, (9, 9, 14, 13), box=(10, 10, 200, 150), room=(60, 14, 196, 146))
    assert north_turn(frame) == pytest.approx(0, abs=0.2)
    assert north_arrow(frame, Symbology(1), x=100, bottom=100) == []


def test_a_turned_map_has_an_arrow_to_its_north():
    turned = "+proj=omerc +lat_0=11 +lonc=11.75 +alpha=30 +gamma=0 +datum=WGS84 +units=m"
    frame = fit_frame(turned, (11, 10, 12.5, 12), box=(10, 10, 200, 150), room=(10, 10, 200, 150))
    turn = north_turn(frame)
    assert abs(turn) == pytest.approx(30, abs=1)
    needle, letter = north_arrow(frame, Symbology(1), x=100, bottom=100)
    assert needle.role == "north-arrow"
    away = np.array([letter.x - 100, 92.5 - (letter.y - 0.9)])
    assert math.degrees(math.atan2(*away)) == pytest.approx(turn, abs=1)
