"""Names as keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.names import fold_name, normalise_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kayes : Region", "kayes"),
        ("région de Ségou", "SEGOU"),
        ("Côte d’Ivoire", "Cote d'Ivoire"),
        ("Wilaya d'Annaba", "Annaba"),
        ("M'Sila", "Msila"),
        ("Dakhlet-Nouadhibou", "Dakhlet Nouadhibou"),
        ("Mali (le)", "Mali"),
        ("Mamou Prefecture", "Mamou"),
        ("Région de l'Est", "est"),
        ("  Gao\t", "Gao"),
        ("منطقة غاو", "غاو"),
    ],
)
def test_two_spellings_of_one_place_have_one_key(one, other):
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kaya", "Kayes"),
        ("San", "Sanga"),
        ("Comoé", "Sud-Comoé"),
        ("Commune I", "Commune II"),
        ("District 1", "District 2"),
        ("Kita", "Kati"),
    ],
)
def test_two_places_have_two_keys(one, other):
    assert normalise_name(one) != normalise_name(other)


@given(st.text(max_size=40))
def test_a_key_of_a_key_is_the_key(text):
    assert normalise_name(normalise_name(text)) == normalise_name(text)


@given(st.text(max_size=40))
def test_a_name_is_never_emptied(text):
    assert bool(normalise_name(text)) == bool(fold_name(text))


@given(st.sampled_from(["région", "cercle de la", "Province du", "district", "wilaya"]))
def test_a_type_word_alone_stays(text):
    assert normalise_name(text)


@given(st.text(st.characters(max_codepoint=127), max_size=20))
def test_a_name_in_plain_letters_is_folded_as_one_among_others_is(text):
    words = fold_name(text).split()
    assert fold_name(f"{text} é").split() == [*words, "e"]
