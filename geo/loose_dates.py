"""Days and periods as people type them: each becomes its first and last day, and how exact it was.

Whether 03/04/2016 is in March or April is decided per column, from cells such as 30/04/2016;
where no cell decides, none of the ambiguous cells is read, and that is reported.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.emptiness import folded, state_of_words
from geo.troubles import Trouble, troubles_of

__all__ = ["Period", "Periods", "period_in", "periods_in", "years_in"]

_MONTH_WORDS = {
    1: "january janvier enero janeiro январь января يناير كانون_الثاني jan janv ene",
    2: "february fevrier febrero fevereiro февраль февраля فبراير شباط feb fev fevr febr",
    3: "march mars marzo marco март марта مارس آذار mar",
    4: "april avril abril апрель апреля أبريل ابريل نيسان apr avr abr",
    5: "may mai mayo maio май мая مايو أيار",
    6: "june juin junio junho июнь июня يونيو حزيران jun",
    7: "july juillet julio julho июль июля يوليو تموز jul juil",
    8: "august aout agosto август августа أغسطس آب aug ago",
    9: "september septembre septiembre setembro сентябрь сентября سبتمبر أيلول sep sept set",
    10: "october octobre octubre outubro октябрь октября أكتوبر oct okt out",
    11: "november novembre noviembre novembro ноябрь ноября نوفمبر nov",
    12: "december decembre diciembre dezembro декабрь декабря ديسمبر dec dic dez",
}
_MONTHS = {
    folded(word.replace("_", " ")): month
    for month, words in _MONTH_WORDS.items()
    for word in words.split()
}
_NAME = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_YEAR = r"((?:19|20)[0-9]{2})"
_SHORT = r"((?:19|20)?[0-9]{2})"
_ISO = re.compile(
    rf"{_YEAR}[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}})(?:[t ][0-9:.]+(?:z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
)
_SOLID = re.compile(rf"{_YEAR}([01][0-9])([0-3][0-9])")
_NUMERIC = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2{_SHORT}(?: [0-9:]+)?")
_DAY_NAMED = re.compile(
    rf"([0-9]{{1,2}})(?:er|st|nd|rd|th)?[ -]*(?:de |of )?({_NAME})\.?,?[ -]*(?:de |del )?{_SHORT}"
)
_NAMED_DAY = re.compile(rf"({_NAME})\.? +([0-9]{{1,2}})(?:st|nd|rd|th)?,? +{_YEAR}")
_MONTH_NAMED = re.compile(rf"({_NAME})\.?,?[ /_'-]*(?:de |del |of )?{_SHORT}")
_NAMED_LATER = re.compile(rf"{_YEAR}[ /_-]*({_NAME})\.?")
_MONTH_ALONE = re.compile(rf"({_NAME})\.?")
_YEAR_MONTH = re.compile(rf"{_YEAR}(?:[-/.]|m)([0-9]{{1,2}})")
_MONTH_YEAR = re.compile(rf"([0-9]{{1,2}})[-/.]{_YEAR}")
_QUARTER = re.compile(rf"(?:[qt]|trim(?:estre)? ?|quarter ?)([1-4])[ /-]*{_YEAR}")
_QUARTER_LATER = re.compile(rf"{_YEAR}[ /-]*[qt]([1-4])")
_WEEK = re.compile(rf"{_YEAR}[ -]?(?:w|s|week ?|sem(?:aine)? ?)([0-9]{{1,2}})")
_SIX = re.compile(rf"{_YEAR}([0-9]{{2}})")
_YEAR_ALONE = re.compile(rf"{_YEAR}(?:\.0)?")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_EPOCH = re.compile(r"[0-9]{10}|[0-9]{13}")
_ARABIC_DIGITS = {ord(digit): str(at % 10) for at, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_EXCEL_START = date(1899, 12, 30)
_SERIALS = (20_000, 60_000)  # 1954 to 2064
_WEEK_HEADER = re.compile(r"week|semaine|semana|sem\b|epi|woche", re.IGNORECASE)
_MONTH_HEADER = re.compile(r"month|mois|\bmes\b", re.IGNORECASE)
_PIVOT = 70


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included, and how exact the text was: day, week, month…"""

    start: date
    end: date
    precision: str


@dataclass(frozen=True)
class Periods:
    """A column of periods, row by row as given; ``start`` and ``end`` are None where empty or bad.

    ``precision`` is day, week, month, quarter, year, or "" where there is no period.
    ``order`` is how days and months stand in numeric dates: "dmy", "mdy", or "" where none did.
    """

    start: NDArray[np.object_]
    end: NDArray[np.object_]
    precision: NDArray[np.object_]
    bad: NDArray[np.bool_]
    order: str
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class _How:
    """What a column says of its own way of writing dates."""

    order: str  # dmy | mdy | ""
    six: str  # week | month | ""
    year: int | None


def periods_in(
    cells: pd.Series,
    *,
    where: str = "",
    column: str = "",
    order: str = "",
    year: int | None = None,
) -> Periods:
    """Read a column of text as days and periods.

    Parameters
    ----------
    cells : Series of str
        Indexed by row number.
    column : str
        The header; one that names weeks makes ``201609`` week 9, one that names months September.
    order : "dmy" or "mdy"
        How numeric dates are written, where the caller knows it.
    year : int
        The year of months that stand alone (``January``); without it they are bad.

    Weeks are ISO weeks. Spreadsheet day numbers (42370) are read when the whole column is made
    of them, Unix times in seconds or milliseconds as days in UTC. Days under a header that says
    month, each the last of its month, are months.

    >>> read = periods_in(pd.Series(["Septembre 2012", "30/04/2016", "03/05/2016", "-"]))
    >>> read.start[0], read.end[0], read.precision[0]
    (datetime.date(2012, 9, 1), datetime.date(2012, 9, 30), 'month')
    >>> read.order, read.end[2], read.end[3]
    ('dmy', datetime.date(2016, 5, 3), None)
    >>> periods_in(pd.Series(["03/04/2016"])).troubles[0].code
    'ambiguous-dates'
    """
    at, uniques = pd.factorize(cells)
    texts = [str(text) for text in uniques]
    said = [folded(text.translate(_ARABIC_DIGITS)) for text in texts]
    filled = [text for text in said if state_of_words(text) is None]
    how = _How(order or _order_of(filled), _six_of(filled, column), year)
    serials = bool(filled) and all(_is_serial(text) for text in filled)
    found: list[Period | None] = []
    unsure, bad = [], np.zeros(len(texts), dtype=bool)
    for index, text in enumerate(said):
        if state_of_words(text) is not None:
            found.append(None)
            continue
        period = _serial(text) if serials else _period(text, how)
        found.append(period)
        if period is None:
            bad[index] = True
            if _is_ambiguous(text, how):
                unsure.append(index)
    found = _widened(found, column)
    parts = [(p.start, p.end, p.precision) if p else (None, None, "") for p in found]
    columns = [np.array([part[n] for part in parts] or [], dtype=object) for n in range(3)]
    start, end, precision = (values[at] for values in columns)
    swappable = np.isin(at, np.array(unsure, dtype=np.intp))
    troubles = (
        *troubles_of(
            cells,
            bad[at] & ~swappable,
            "bad-date",
            where=where,
            column=column,
            rule="a day or a period",
            cause="no known way of writing dates, or a day that does not exist",
            todo="Write it like 2016-12-31, 2016-12 or 2016.",
        ),
        *troubles_of(
            cells,
            swappable,
            "ambiguous-dates",
            where=where,
            column=column,
            rule="clear: its parts could be swapped, and no row of the column decides",
            cause="not read",
            todo="Write days like 2016-12-31, or say whether the day or the month comes first.",
        ),
    )
    return Periods(start, end, precision, bad[at], how.order, troubles)


def period_in(text: str, *, year: int | None = None) -> Period | None:
    """Return the period of one text, or None where it says none or could say two.

    >>> period_in("Q1 2017").end, period_in("03/04/2016"), period_in("2016").precision
    (datetime.date(2017, 3, 31), None, 'year')
    """
    said = folded(text.translate(_ARABIC_DIGITS))
    return _period(said, _How(_order_of([said]), "", year))


def years_in(text: str) -> tuple[int, ...]:
    """Return the years that a name (of a file, of a sheet) mentions, each once.

    >>> years_in("3W_Dataset_January - April 2025.xlsx"), years_in("idps-2016_2017"), years_in("x1")
    ((2025,), (2016, 2017), ())
    """
    found = re.findall(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])", text)
    return tuple(dict.fromkeys(int(year) for year in found))


def _widened(found: list[Period | None], column: str) -> list[Period | None]:
    """Take days for months where the header says month and every day is its month's last."""
    days = [period.end for period in found if period is not None and period.precision == "day"]
    if not days or not _MONTH_HEADER.search(column):
        return found
    if any(day.day != monthrange(day.year, day.month)[1] for day in days):
        return found
    return [
        _month(one.end.year, one.end.month) if one and one.precision == "day" else one
        for one in found
    ]


def _order_of(texts: list[str]) -> str:
    first = second = points = total = 0
    for text in texts:
        match = _NUMERIC.fullmatch(text)
        if match:
            total += 1
            first = max(first, int(match[1]))
            second = max(second, int(match[3]))
            points += match[2] == "."
    if first > 12 and second <= 12:
        return "dmy"
    if second > 12 and first <= 12:
        return "mdy"
    # no country writes the month first with points between
    return "dmy" if total and points == total else ""


def _six_of(texts: list[str], column: str) -> str:
    lasts = [int(match[2]) for text in texts if (match := _SIX.fullmatch(text))]
    if not lasts:
        return ""
    if max(lasts) > 12 or min(lasts) == 0 or _WEEK_HEADER.search(column):
        return "week"
    return "month" if re.search(r"month|mois|mes\b|period", column, re.IGNORECASE) else ""


def _is_serial(text: str) -> bool:
    match = _SERIAL.fullmatch(text)
    return match is not None and _SERIALS[0] <= int(match[1]) <= _SERIALS[1]


def _serial(text: str) -> Period:
    day = _EXCEL_START + timedelta(days=int(float(text)))
    return Period(day, day, "day")


def _is_ambiguous(text: str, how: _How) -> bool:
    if _SIX.fullmatch(text):
        return not how.six
    match = _NUMERIC.fullmatch(text)
    return match is not None and not how.order and int(match[1]) <= 12 and int(match[3]) <= 12


def _period(text: str, how: _How) -> Period | None:
    for read in _READERS:
        period = read(text, how)
        if period is not None:
            return period
    return None


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Period(found, found, "day")


def _month(year: int, month: int) -> Period | None:
    if not 1 <= month <= 12:
        return None
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month")


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31), "year")


def _full_year(text: str) -> int:
    year = int(text)
    return year if year > 99 else year + (1900 if year >= _PIVOT else 2000)


def _of_numbers(text: str, how: _How) -> Period | None:
    if match := _ISO.fullmatch(text) or _SOLID.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    match = _NUMERIC.fullmatch(text)
    if not match:
        return None
    one, two, year = int(match[1]), int(match[3]), _full_year(match[4])
    if one > 12 or (one == two and not how.order):
        return _day(year, two, one)
    if two > 12:
        return _day(year, one, two)
    if how.order == "dmy":
        return _day(year, two, one)
    return _day(year, one, two) if how.order == "mdy" else None


def _of_names(text: str, how: _How) -> Period | None:
    if match := _DAY_NAMED.fullmatch(text):
        return _day(_full_year(match[3]), _MONTHS[match[2]], int(match[1]))
    if match := _NAMED_DAY.fullmatch(text):
        return _day(int(match[3]), _MONTHS[match[1]], int(match[2]))
    if match := _MONTH_NAMED.fullmatch(text):
        return _month(_full_year(match[2]), _MONTHS[match[1]])
    if match := _NAMED_LATER.fullmatch(text):
        return _month(int(match[1]), _MONTHS[match[2]])
    if how.year is not None and (match := _MONTH_ALONE.fullmatch(text)):
        return _month(how.year, _MONTHS[match[1]])
    return None


def _of_parts(text: str, how: _How) -> Period | None:
    for pattern, read in _PARTS:
        if match := pattern.fullmatch(text):
            return read(*(int(group) for group in match.groups()))
    match = _SIX.fullmatch(text)
    if match is None or not how.six:
        return None
    return (_week if how.six == "week" else _month)(int(match[1]), int(match[2]))


def _of_epochs(text: str, _how: _How) -> Period | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = int(text) / (1000 if len(text) == 13 else 1)
    day = datetime.fromtimestamp(seconds, UTC).date()
    return Period(day, day, "day")


def _quarter(year: int, quarter: int) -> Period:
    last = quarter * 3
    return Period(date(year, last - 2, 1), date(year, last, monthrange(year, last)[1]), "quarter")


def _week(year: int, week: int) -> Period | None:
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        return None
    return Period(monday, monday + timedelta(days=6), "week")


_PARTS: tuple[tuple[re.Pattern[str], Callable[..., Period | None]], ...] = (
    (_YEAR_ALONE, _year),
    (_QUARTER, lambda quarter, year: _quarter(year, quarter)),
    (_QUARTER_LATER, _quarter),
    (_WEEK, _week),
    (_YEAR_MONTH, _month),
    (_MONTH_YEAR, lambda month, year: _month(year, month)),
)
_READERS = (_of_numbers, _of_names, _of_parts, _of_epochs)
