"""Numbers as people type them. Whether a comma is a decimal sign is decided per column, from
evidence; where a column holds none, that is reported and never decided in silence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.emptiness import folded, state_of_words
from geo.terms import State
from geo.troubles import Trouble, troubles_of

__all__ = ["Numbers", "numbers_in"]

_DIGITS = {ord(digit): str(at % 10) for at, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_SIGNS = {ord("٫"): ".", ord("٬"): "'", ord("،"): ",", ord("−"): "-", ord("–"): "-", ord("＋"): "+"}
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f\u200e\u200f'’‘`]")
_PLAIN = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9][0-9.,]*[0-9]|-?[0-9]|-?[0-9]+[.,]|-?[.,][0-9]+")
_SCIENTIFIC = re.compile(r"-?[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}")
_ABOUT = re.compile(
    r"^(?:~|≈|±|c\.|ca\.?|approx\.?|approximately|about|around|some|environ|env\.?|pres de|"
    r"quelque|autour de|aproximadamente|alrededor de|cerca de|около|حوالي)\s*(?=[0-9])"
)
_AT_LEAST = re.compile(
    r"^(?:>=?|≥|plus de|au moins|at least|over|more than|mas de|al menos|более)\s*(?=[0-9])"
)
_UNIT = re.compile(
    r"(?<=[0-9])\s*(?:persons?|people|pers\.?|personnes|individuals?|individus|ind\.?|"
    r"households?|hhs?|menages?|familles|families|personas|hab\.?|habitants)$"
)
_GROUP_OF_THREE = re.compile(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}")


@dataclass(frozen=True)
class Numbers:
    """A column of numbers, row by row as given.

    ``value`` is NaN exactly where ``state`` is not "figure" or the cell is ``bad``.
    ``qualifier`` is exact, approx (``~500``) or at_least (``> 500``). ``decimal`` is the sign
    the column was read with, "" where it needed none.
    """

    value: NDArray[np.float64]
    state: NDArray[np.object_]
    qualifier: NDArray[np.object_]
    bad: NDArray[np.bool_]
    decimal: str
    troubles: tuple[Trouble, ...]


def numbers_in(
    cells: pd.Series,
    *,
    where: str = "",
    column: str = "",
    decimal: str = "",
    whole: bool = True,
) -> Numbers:
    """Read a column of text as numbers.

    Parameters
    ----------
    cells : Series of str
        Indexed by row number.
    decimal : "." or ","
        The decimal sign, where the caller knows it.
    whole : bool
        The column holds counts. A sign before exactly three digits (``1,234``) then sets apart
        thousands if the column does not say, and that is reported. For other numbers such cells
        are bad.

    Thousands may be set apart by space (of any width), comma, point or apostrophe. Eastern Arabic
    digits are read. Words for "about", "at least" and "persons" are understood.

    >>> numbers_in(pd.Series(["1.234,5", "2.345", "RAS"]), whole=False).value.tolist()
    [1234.5, 2345.0, nan]
    >>> numbers_in(pd.Series(["1,234"])).troubles[0].code
    'thousands-assumed'
    """
    texts, at = _unique(cells)
    plain = np.fromiter((_PLAIN.fullmatch(text) is not None for text in texts), bool, len(texts))
    value = np.full(len(texts), np.nan)
    value[plain] = [float(text) for text, is_plain in zip(texts, plain, strict=True) if is_plain]
    state = np.full(len(texts), State.FIGURE.value, dtype=object)
    qualifier = np.full(len(texts), "exact", dtype=object)
    bad = np.zeros(len(texts), dtype=bool)

    loose: dict[int, str] = {}
    for index in map(int, np.flatnonzero(~plain)):
        said = state_of_words(texts[index])
        if said is not None:
            state[index] = said.value
            continue
        digits, firm = _digits_of(texts[index])
        qualifier[index] = firm
        if digits is None:
            bad[index] = True
        else:
            loose[index] = digits
    signs = _signs_of(loose.values())
    chosen = decimal or signs.decimal
    unsure = []
    for index, digits in loose.items():
        number = _value_of(digits, chosen)
        if number is None and not chosen and _GROUP_OF_THREE.fullmatch(digits):
            unsure.append(index)
            number = float(re.sub("[.,]", "", digits)) if whole else None
        if number is None:
            bad[index] = True
        else:
            value[index] = number
    state[bad] = State.NOT_REPORTED.value

    def troubles(code: str, some: Iterable[int], **words: str) -> tuple[Trouble, ...]:
        hit = np.isin(at, np.fromiter(some, dtype=np.intp))
        return troubles_of(cells, hit, code, where=where, column=column, **words)

    against = [i for i, digits in loose.items() if signs.against(digits)] if signs.mixed else []
    found = (
        *troubles(
            "bad-number",
            (int(index) for index in np.flatnonzero(bad) if index not in unsure),
            rule="a number",
            cause="neither digits nor a known word for emptiness",
            todo="Write digits alone, or leave the cell empty where nothing is known.",
        ),
        *troubles(
            "thousands-assumed" if whole else "ambiguous-numbers",
            unsure,
            rule="clear: thousands and decimals would look alike",
            cause="counts are whole, so it was read as thousands" if whole else "not read",
            todo="Write the numbers without separators, or say the column's decimal sign.",
        ),
        *troubles(
            "mixed-decimals",
            against,
            rule=f"written like the rest of the column, whose decimal sign is {chosen!r}",
            cause="two ways of writing numbers were pasted together",
            todo="Write the column in one way.",
        ),
    )
    return Numbers(value[at], state[at], qualifier[at], bad[at], chosen, found)


def _unique(cells: pd.Series) -> tuple[list[str], NDArray[np.intp]]:
    at, uniques = pd.factorize(cells)
    return [str(text) for text in uniques], at


def _digits_of(text: str) -> tuple[str | None, str]:
    """Return the digits and signs of a cell, or None, and how firm the number is."""
    said = folded(text.translate(_DIGITS).translate(_SIGNS))
    firm = "exact"
    for pattern, word in ((_ABOUT, "approx"), (_AT_LEAST, "at_least")):
        said, found = pattern.subn("", said)
        firm = word if found else firm
    said = _UNIT.sub("", said)
    if said.endswith("+") and said[:-1].strip()[-1:].isdigit():
        said, firm = said[:-1], "at_least"
    if not _spaced_in_threes(said):
        return None, firm
    said = _SPACES.sub("", said).removeprefix("+")
    if _SCIENTIFIC.fullmatch(said):
        return str(int(float(said))) if float(said).is_integer() else repr(float(said)), firm
    return (said, firm) if _NUMBER.fullmatch(said) else (None, firm)


def _spaced_in_threes(said: str) -> bool:
    """Whether spaces stand where thousands are set apart: "12 345" is a number, "12 45" two."""
    parts = [part for part in _SPACES.split(said.strip()) if part]
    if parts and parts[0] in "-+":
        parts = parts[1:]
    return all(re.fullmatch(r"[0-9]{3}(?:[.,][0-9]+)?", part) for part in parts[1:])


@dataclass(frozen=True)
class _Signs:
    decimal: str
    mixed: bool

    def against(self, digits: str) -> bool:
        """Whether a cell's own evidence is for the other sign."""
        return _evidence(digits) not in ("", self.decimal)


def _signs_of(cells: Iterable[str]) -> _Signs:
    seen = {".": 0, ",": 0}
    for digits in cells:
        said = _evidence(digits)
        if said:
            seen[said] += 1
    if not any(seen.values()):
        return _Signs("", mixed=False)
    decimal = max(seen, key=lambda sign: seen[sign])
    return _Signs(decimal, mixed=all(seen.values()))


def _evidence(digits: str) -> str:
    """Return the decimal sign that a cell proves by itself, or "" where it proves none."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if points + commas == 0:
        return ""
    sign, other = (".", ",") if points else (",", ".")
    if points + commas > 1:
        return other  # 1.234.567: the sign sets apart thousands
    whole, _, rest = digits.lstrip("-").partition(sign)
    if len(rest) != 3 or len(whole) > 3 or whole in ("", "0") or whole.startswith("0"):
        return sign
    return ""


def _value_of(digits: str, decimal: str) -> float | None:
    own = _evidence(digits)
    sign = own or decimal
    if not sign and ("." in digits or "," in digits):
        return None
    thousands = "," if sign == "." else "."
    whole, _, rest = digits.partition(sign) if sign else (digits, "", "")
    if thousands in rest or (sign and sign in rest):
        return None
    groups = whole.lstrip("-").split(thousands)
    if len(groups) > 1 and not (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    ):
        return None
    return float(f"{whole.replace(thousands, '') or 0}.{rest or 0}")
