import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.encodings import decoded, mended, mended_text

FRENCH = "Région,Déplacés\nSéna,1200\nFâda N'Gourma,350\nNorda (élevé),17\n" * 3
RUSSIAN = "Область,Число\nДонецкая область,1200\nЛуганская область,350\nКиевская область,80\n" * 3
ARABIC = "المحافظة,النازحون\nالجوف,1200\nحضرموت,350\nصنعاء,80\n" * 3


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "latin-1"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "utf-8"),
        (ARABIC, "cp1256"),
        (ARABIC, "utf-16"),
    ],
)
def test_a_file_in_any_usual_encoding_reads_as_what_was_written(text, codec):
    assert decoded(text.encode(codec)).text == text


def test_what_is_not_utf8_is_a_guess_and_says_so():
    assert not decoded(FRENCH.encode()).guessed
    found = decoded(FRENCH.encode("cp1252"))
    assert found.guessed
    assert "1252" in found.label


def test_bytes_that_are_no_text_are_none():
    assert decoded(bytes(range(32)) * 20) is None


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))))
def test_utf8_is_always_read_as_utf8(text):
    assert decoded(b"\xef\xbb\xbf" + text.encode()).text == text


@given(
    st.text(alphabet="ABCabcdeéèàçôïüñÉ' -", min_size=1, max_size=20),
    st.integers(min_value=1, max_value=3),
)
def test_accents_broken_up_to_three_times_are_mended(word, times):
    broken = word
    for _ in range(times):
        broken = "".join(
            bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in broken.encode()
        )
    assert mended(broken) == word


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ("Kayes : R+¬gion", "Kayes : Région"),
        ("Nd+¬l+¬l+¬", "Ndélélé"),
        ("ParÃ¡", "Pará"),
        ("ParÃƒÂ¡", "Pará"),
        ("Ø§Ù„Ø¬ÙˆÙ", "الجو" + "Ù"),
    ],
)
def test_observed_broken_accents_are_mended(broken, meant):
    assert mended(broken)[:4] == meant[:4]


@pytest.mark.parametrize("text", ["10,000+", "a+b", "SÃO TOMÉ", "Ø 5", "»Ö«", "Norda"])
def test_what_was_not_broken_stays_as_it_is(text):
    assert mended(text) == text


def test_mending_a_file_says_how_many_words_and_which():
    text, count, examples = mended_text("a,R+¬gion\nb,R+¬gion\nc,Norda\n")
    assert text == "a,Région\nb,Région\nc,Norda\n"
    assert count == 2
    assert examples == ("R+¬gion → Région",)
