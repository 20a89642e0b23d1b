"""Four catalogues that say the same things, with the same facts in them."""

import re
from datetime import date

import pytest
from babel import Locale
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from geo.terms import GROUP_NAMES, Measure, State, Unit
from maps.messages import (
    Messages,
    UnknownLanguage,
    format_date,
    format_number,
    format_rate,
    format_significant,
    messages,
)
from maps.spec import LANGUAGES

ENGLISH = messages("en").phrases


def placeholders(phrase: object) -> set[str]:
    texts = [phrase] if isinstance(phrase, str) else list(phrase.values())  # type: ignore[attr-defined]
    return {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_catalogue_has_the_same_phrases_with_the_same_facts(lang: str) -> None:
    phrases = messages(lang).phrases
    assert set(phrases) == set(ENGLISH)
    differing = [key for key in ENGLISH if placeholders(phrases[key]) != placeholders(ENGLISH[key])]
    assert not differing


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_plural_has_the_forms_its_language_needs(lang: str) -> None:
    needed = {"other", *Locale.parse(lang).plural_form.tags}
    for key, phrase in messages(lang).phrases.items():
        if isinstance(phrase, dict):
            assert set(phrase) == needed, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_group_state_measure_and_unit_has_its_words(lang: str) -> None:
    say = messages(lang)
    keys = [f"{kind}.{group}" for kind in ("group", "legend") for group in GROUP_NAMES]
    keys += [f"state.{state}" for state in State if state is not State.FIGURE]
    keys += [f"measure.{measure}" for measure in Measure] + [f"unit.{unit}" for unit in Unit]
    assert not [key for key in keys if not say.knows(key)]


def test_a_number_agrees_with_its_noun() -> None:
    assert messages("en").counted("REF", 1) == "1 refugee"
    assert messages("en").counted("REF", 0) == "0 refugees"
    assert messages("fr").counted("REF", 2) == "2 réfugiés"
    assert (
        messages("en").counted("IDP", 10116, "approx") == "about 10,116 internally displaced people"
    )
    assert messages("ar").say("presence.count", count=3) == "3 منظمات"


def test_digits_are_western_in_every_language() -> None:
    for lang in LANGUAGES:
        digits = re.sub(r"\D", "", format_number(141450, lang) + format_rate(24.37, lang))
        assert digits == "141450244"
        assert "2017" in format_date(date(2017, 2, 28), lang)


@given(st.floats(-1e6, 1e12), st.sampled_from(LANGUAGES))
def test_a_count_is_written_as_babel_writes_it(count: float, lang: str) -> None:
    written = format_decimal(round(count), format="#,##0", locale=lang, numbering_system="latn")
    assert format_number(count, lang) == written


def test_a_small_rate_is_not_written_as_zero() -> None:
    assert format_rate(0.0004, "en") == "<0.01"
    assert format_rate(0.0, "en") == "0"


@pytest.mark.parametrize(
    ("measure", "start", "end", "text"),
    [
        ("stock", None, date(2020, 12, 31), "as of 31 December 2020"),
        ("new", date(2020, 1, 1), date(2020, 12, 31), "in 2020"),
        ("new", date(2020, 2, 1), date(2020, 2, 29), "in February 2020"),
        ("new", date(2020, 2, 1), date(2020, 3, 2), "from 1 February 2020 to 2 March 2020"),
        ("new", date(2020, 3, 29), date(2020, 3, 29), "on 29 March 2020"),
        ("cumulative", date(2013, 8, 1), date(2020, 2, 29), "cumulative from 1 August 2013 to 29 February 2020"),
        ("cumulative", None, date(2020, 2, 29), "cumulative to 29 February 2020"),
    ],
)  # fmt: skip
def test_a_period_says_what_its_dates_mean(
    measure: str, start: date | None, end: date, text: str
) -> None:
    assert messages("en").period(measure, start, end) == text


def test_arabic_reads_from_the_right() -> None:
    assert [messages(lang).direction for lang in LANGUAGES] == ["ltr", "ltr", "ltr", "rtl"]


def test_a_language_without_catalogue_is_refused() -> None:
    with pytest.raises(UnknownLanguage, match="no texts in language 'pt'"):
        messages("pt")


def test_names_with_braces_stay_as_they_are() -> None:
    text = messages("en").say("fill.empty", name="{evil}", state="%s")
    assert text == "{evil}: %s"


@given(
    value=st.floats(1e-9, 1e12) | st.integers(0, 10**6).map(lambda n: n / 200),
    lang=st.sampled_from(LANGUAGES),
)
def test_rates_and_ratios_are_written_as_babel_writes_them(value: float, lang: str) -> None:
    def by_babel(number: float, pattern: str) -> str:
        return format_decimal(number, format=pattern, locale=lang, numbering_system="latn")

    if value == 0 or value >= 0.005:
        pattern = "#,##0" if value >= 100 else "#,##0.#" if value >= 1 else "#,##0.##"
        assert format_rate(value, lang) == by_babel(value, pattern)
    three = float(f"{value:.3g}")
    many = "#,##0." + "#" * 12  # as many decimals as three digits need, and no zeros behind them
    assert format_significant(value, lang) == by_babel(three, many)


@pytest.mark.parametrize("lang", LANGUAGES)
@given(count=st.integers(0, 3_000_200) | st.integers(0, 10**13).map(lambda n: n * 1_000_000))
def test_every_number_has_the_plural_form_that_babel_gives_it(lang: str, count: int) -> None:
    form = str(Locale.parse(lang).plural_form(count))
    phrase = {tag: tag for tag in Locale.parse(lang).plural_form.tags} | {"other": "other"}
    assert Messages(lang, {"of": phrase}).say("of", count=count) == form


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_up_to_a_thousand_have_the_plural_forms_of_their_language(lang: str) -> None:
    phrase = {tag: tag for tag in ("zero", "one", "two", "few", "many", "other")}
    said = Messages(lang, {"of": phrase})
    rule = Locale.parse(lang).plural_form
    for count in (*range(1001), 999_999, 1_000_000, 1_000_001, 2_000_000, 1_000_003):
        assert said.say("of", count=count) == str(rule(count))
