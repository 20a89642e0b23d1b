"""Every fixed phrase comes from a catalogue, in all languages; every number and date through Babel.

Figures are written with Western digits in all languages (``latn``), as UNHCR's Arabic maps do.
A phrase with ``{count}`` in it has a form for each plural category of its language (CLDR).
"""

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from maps.errors import MapError
from maps.spec import LANGUAGES

__all__ = [
    "Messages",
    "UnknownLanguage",
    "format_date",
    "format_number",
    "format_rate",
    "format_significant",
    "messages",
]

Phrase = str | Mapping[str, str]

_DIGITS = 3  # of a quotient of two counts: more would say more than they know
_DATE_PATTERNS = {"es": "d 'de' MMMM 'de' y"}
_LISTS = {"en": "en_GB"}  # no comma before "and", as the United Nations writes
_ABOUT = {"approx": "about", "estimate": "about", "rounded": "about", "at_least": "at_least"}


class UnknownLanguage(MapError):
    """A language there is no catalogue for."""

    code = "unknown-language"

    def __init__(self, lang: str, *, known: Sequence[str] = LANGUAGES) -> None:
        self.lang, self.known = lang, tuple(known)
        super().__init__(
            f"no texts in language {lang!r}; expected one of {', '.join(known)}. Choose one of these."
        )


def format_number(value: float, lang: str) -> str:
    """Write a count as the language does, without decimals.

    >>> format_number(13215, "en"), format_number(13215, "es"), format_number(13215, "ar")
    ('13,215', '13.215', '13,215')
    """
    whole = round(value)
    if whole >= 0:  # what Babel would write: a map of the world writes tens of thousands
        return f"{whole:,}".replace(",", _between_thousands(lang))
    from babel.numbers import format_decimal

    return str(format_decimal(whole, format="#,##0", locale=lang, numbering_system="latn"))


@cache
def _between_thousands(lang: str) -> str:
    from babel.numbers import get_group_symbol

    return str(get_group_symbol(lang, numbering_system="latn"))


def format_rate(value: float, lang: str) -> str:
    """Write a rate or a break with as many decimals as its size deserves; never a false 0.

    >>> format_rate(24.368, "en"), format_rate(0.0142, "fr"), format_rate(0.001, "en")
    ('24.4', '0,01', '<0.01')
    """
    if 0 < value < 0.005:
        return "<" + format_rate(0.01, lang)
    return _with_decimals(value, 0 if value >= 100 else 1 if value >= 1 else 2, lang)


def format_significant(value: float, lang: str) -> str:
    """Write a density or a ratio with three significant digits, however large or small it is.

    >>> format_significant(48913, "en"), format_significant(24.368, "en")
    ('48,900', '24.4')
    >>> format_significant(0.000754, "fr"), format_significant(0, "en")
    ('0,000754', '0')
    """
    rounded = float(f"{value:.{_DIGITS}g}")
    decimals = max(_DIGITS - 1 - math.floor(math.log10(abs(rounded))), 0) if rounded else 0
    return _with_decimals(rounded, decimals, lang)


def _with_decimals(value: float, decimals: int, lang: str) -> str:
    """Write a number with at most so many decimals."""
    if value >= 0 and math.isfinite(value):  # what Babel would write, a hundred times as fast
        exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), context=_WIDE)
        text = f"{exact:,f}"
        return (text.rstrip("0").rstrip(".") if decimals else text).translate(_separators(lang))
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=lang, numbering_system="latn"))


_WIDE = Context(prec=400, rounding=ROUND_HALF_EVEN)  # no float has more digits before its point


@cache
def _separators(lang: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol

    point = str(get_decimal_symbol(lang, numbering_system="latn"))
    return str.maketrans({",": _between_thousands(lang), ".": point})


def format_date(day: dt.date, lang: str) -> str:
    """Write a day out, with the month's name.

    >>> format_date(dt.date(2017, 2, 28), "en"), format_date(dt.date(2017, 3, 1), "fr")
    ('28 February 2017', '1er mars 2017')
    """
    from babel.dates import format_date as babel_date

    text = str(babel_date(day, _DATE_PATTERNS.get(lang, "d MMMM y"), locale=lang))
    return f"1er{text[1:]}" if lang == "fr" and day.day == 1 else text


@dataclass(frozen=True)
class Messages:
    """The phrases of one language and the ways to fill them."""

    lang: str
    phrases: Mapping[str, Phrase]

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Reading direction of the language."""
        return "rtl" if self.lang == "ar" else "ltr"

    def say(self, key: str, /, *, count: float | None = None, **facts: object) -> str:
        """Return a phrase with its facts filled in; ``count`` picks the plural form and fills itself."""
        phrase = self.phrases[key]
        if count is not None:
            facts["count"] = self.number(count)
        if not isinstance(phrase, str):
            phrase = phrase.get(_plural(self.lang, count or 0)) or phrase["other"]
        return phrase.format_map(facts)

    def knows(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in self.phrases

    def number(self, value: float, qualifier: str = "exact") -> str:
        """Write a count; "about 10,116" where the source says so."""
        text = format_number(value, self.lang)
        key = _ABOUT.get(qualifier)
        return self.say(f"number.{key}", number=text) if key else text

    def rate(self, value: float) -> str:
        """Write a rate or a class break."""
        return format_rate(value, self.lang)

    def significant(self, value: float) -> str:
        """Write a density or a ratio."""
        return format_significant(value, self.lang)

    def date(self, day: dt.date) -> str:
        """Write a day."""
        return format_date(day, self.lang)

    def listed(self, items: Sequence[str]) -> str:
        """Join names.

        >>> messages("en").listed(["Gao", "Kidal", "Mopti"])
        'Gao, Kidal and Mopti'
        """
        from babel.lists import format_list

        return (
            str(format_list(list(items), locale=_LISTS.get(self.lang, self.lang))) if items else ""
        )

    def joined(self, clauses: Iterable[str]) -> str:
        """Join clauses that may hold commas themselves."""
        return self.say("separator").join(clauses)

    def group(self, group: str) -> str:
        """Return a population group's name as it stands at the head of a legend or column."""
        key = f"legend.{group}"
        return self.say(key) if self.knows(key) else group

    def one(self, group: str) -> str:
        """Return what one person of a population group is called."""
        key = f"group.{group}"
        return self.say(key, count=1) if self.knows(key) else group

    def people(self, group: str) -> str:
        """Return a population group's name as it stands within a sentence."""
        key = f"group.{group}"
        return self.say(key, count=1000) if self.knows(key) else group

    def counted(self, group: str, value: float, qualifier: str = "exact") -> str:
        """Return a number with its noun: "13,215 internally displaced people"."""
        key = f"group.{group}"
        noun = self.say(key, count=value) if self.knows(key) else group
        return self.say("counted", number=self.number(value, qualifier), noun=noun)

    def period(self, measure: str, start: dt.date | None, end: dt.date | None) -> str:
        """Say what a figure's dates mean: a stock's day, a period, or all since a start.

        >>> messages("en").period("new", dt.date(2017, 2, 1), dt.date(2017, 2, 28))
        'in February 2017'
        """
        if end is None:
            return self.say("period.unknown")
        facts: dict[str, Any] = {"date": self.date(end)}
        if measure == "stock":
            return self.say("period.stock", **facts)
        if start is None:
            return self.say(f"period.{measure}.open", **facts)
        if start == end:
            return self.say("period.day", **facts)
        span = _calendar_span(start, end, self.lang)
        if span and measure == "new":
            return self.say("period.in", span=span)
        return self.say(f"period.{measure}", start=self.date(start), **facts)


def _calendar_span(start: dt.date, end: dt.date, lang: str) -> str:
    """Name a whole calendar year or month ("2016", "February 2017"); "" for any other period."""
    from babel.dates import format_date as babel_date

    after = end + dt.timedelta(days=1)
    if start.day != 1 or after.day != 1:
        return ""
    months = (after.year - start.year) * 12 + after.month - start.month
    if months == 12 and start.month == 1:
        return str(start.year)
    month = "MMMM 'de' y" if lang == "es" else "MMMM y"
    return str(babel_date(start, month, locale=lang)) if months == 1 else ""


def _plural(lang: str, count: float) -> str:
    whole = abs(round(count))
    # the rules of all languages of LANGUAGES look at no more of a whole number than this
    key = (lang, min(whole, 3), whole % 100, whole % 1_000_000 == 0)
    form = _PLURALS.get(key)
    if form is None:
        from babel import Locale

        form = _PLURALS[key] = str(Locale.parse(lang).plural_form(whole))
    return form


_PLURALS: dict[tuple[str, int, int, bool], str] = {}  # some hundreds for each language


@cache
def messages(lang: str) -> Messages:
    """Return the catalogue of one language; raises `UnknownLanguage`.

    >>> messages("en").counted("IDP", 13215)
    '13,215 internally displaced people'
    """
    if lang not in LANGUAGES:
        raise UnknownLanguage(lang)
    text = files("maps").joinpath("locales", f"{lang}.json").read_text(encoding="utf-8")
    phrases: dict[str, Any] = json.loads(text)
    return Messages(lang, phrases)
