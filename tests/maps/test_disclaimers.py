"""What must be said about borders follows from what the frame shows."""

import pytest

from maps.disclaimers import disclaimers, disclaimers_in
from maps.spec import LANGUAGES

FRAMES = {
    "nowhere special": ((10, 10, 13, 12), set()),
    "Abyei": ((27, 9, 30, 11), {"abyei", "sudan-south-sudan"}),
    "Kashmir": ((70, 30, 80, 36), {"jammu-and-kashmir"}),
    "Sahara": ((-20, 18, -5, 30), {"western-sahara"}),
    "South Atlantic": ((-70, -56, -55, -48), {"falkland-islands-malvinas"}),
    "Balkans": ((18, 40, 24, 45), {"kosovo"}),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_an_area_in_the_frame_brings_its_sentence(frame: str) -> None:
    box, expected = FRAMES[frame]
    said = disclaimers_in(box, "en")
    by_text = {each.text["en"]: each.id for each in disclaimers()}
    assert {by_text[text] for text in said} == expected | {"general", "illustrative"}


def test_every_sentence_is_there_in_every_language() -> None:
    for each in disclaimers():
        assert set(each.text) == set(LANGUAGES), each.id
        assert len(set(each.text.values())) == len(LANGUAGES), each.id


def test_the_areas_are_sound() -> None:
    assert all(each.area is None or each.area.is_valid for each in disclaimers())
