"""Text is measured as it is drawn, in both directions, with the bundled fonts as they were released."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.bidi import levels
from maps.fonts import FONT_DIRECTORY, font_files
from maps.text import TextStyle, facing, glyph_outline, glyphs, runs, text_width, wrap

STYLE = TextStyle(8)
DATE = "حتى 28 فبراير 2017"


def test_every_bundled_font_is_the_file_its_readme_names():
    readme = (FONT_DIRECTORY / "README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"\| (\S+\.ttf) \|[^|]*\| ([0-9a-f]{64}) \|", readme))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in font_files()}
    assert found == stated
    assert {path.name for path in FONT_DIRECTORY.glob("*.ttf")} == set(stated)


def test_the_licence_of_each_family_lies_beside_it():
    for name in ("OFL-Lato.txt", "OFL-NotoSansArabic.txt"):
        text = (FONT_DIRECTORY / name).read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE" in text
        assert text.startswith("Copyright")


@given(st.text("abc ÉÑüß0123456789,–", max_size=20), st.floats(5, 20))
def test_width_grows_with_size_in_proportion(text, size):
    assert text_width(text, TextStyle(2 * size)) == pytest.approx(
        2 * text_width(text, TextStyle(size))
    )


def test_tracking_widens_between_letters_and_not_after_the_last():
    plain, wide = text_width("MALI", TextStyle(10)), text_width("MALI", TextStyle(10, tracking=200))
    assert wide - plain == pytest.approx(3 * 0.2 * 10 * 25.4 / 72)


words = st.lists(st.text("abcdé", min_size=1, max_size=8), min_size=1, max_size=20).map(" ".join)


@given(words, st.floats(15, 60))
def test_wrapped_lines_fit_and_lose_no_word(text, width):
    lines = wrap(text, STYLE, width)
    assert " ".join(lines) == text
    assert all(text_width(line, STYLE) <= width or " " not in line for line in lines)


def test_a_space_inside_a_number_does_not_break():
    assert wrap("36\u202f690 personnes", STYLE, 12) == ["36\u202f690", "personnes"]


def test_arabic_runs_from_the_right_and_its_numbers_from_the_left():
    first, *_, last = runs(DATE, STYLE)
    assert (first.text, last.text) == ("حتى", "2017")
    assert first.x > last.x
    assert {run.direction for run in (first, last)} == {"rtl", "ltr"}
    assert text_width(DATE, STYLE) == pytest.approx(sum(run.width for run in runs(DATE, STYLE)))


def test_a_full_stop_ends_an_arabic_line_on_the_left():
    line = runs("مالي.", STYLE)
    assert [run.text for run in line] == ["مالي", "."]
    assert line[1].x == 0


def test_a_date_stays_whole_after_a_latin_title():
    line = {run.text.strip(): run.x for run in runs("UNHCR (31 ديسمبر 2016)", STYLE)}
    assert line["UNHCR ("] < line["2016"] < line["ديسمبر"] < line["31"] < line[")"]


def test_brackets_stay_with_the_words_they_hold():
    line = runs("الحدود: Natural Earth (Public domain)", STYLE)
    assert line[-1].text == "Natural Earth (Public domain)"
    arabic = runs("مالي (Mali)", STYLE)
    assert [run.text for run in arabic][-1] == ")"  # the line's own: Arabic stands before them


def test_all_lines_of_a_paragraph_run_its_way():
    paragraph = "الحدود: Natural Earth"
    assert levels("Natural Earth.", facing(STYLE, paragraph).base)[-1] == 1
    assert levels("Natural Earth.")[-1] == 0


def test_weight_is_kept_in_every_script():
    faces = {run.face.file for run in runs("مالي 2017", TextStyle(8, bold=True))}
    assert faces == {"NotoSansArabic-Bold.ttf", "Lato-Bold.ttf"}


def test_direction_marks_steer_and_are_not_drawn():
    assert "".join(run.text for run in runs("a\u200fb", STYLE)) == "ab"


def test_a_glyph_has_an_outline_and_a_space_none():
    (letter, space), _ = glyphs("M ", runs("M", STYLE)[0].face, "ltr")
    outline = glyph_outline(runs("M", STYLE)[0].face, letter.id)
    assert outline[0][0] == "M"
    assert outline[-1][0] == "Z"
    assert glyph_outline(runs("M", STYLE)[0].face, space.id) == ()
