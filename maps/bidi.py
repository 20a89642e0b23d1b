"""Which way each character runs, in lines that mix scripts: the Unicode algorithm (UAX 9), in short.

Letters, numbers, neutrals and the marks LRM and RLM are read; explicit embeddings do not occur in
the words of maps and are not. One thing is done on purpose otherwise: a number that stands directly
before an Arabic word belongs to it ("31 ديسمبر"), even after Latin words, so that a date in Arabic
stays in one piece at the end of a Latin title.
"""

import unicodedata
from itertools import groupby
from typing import Literal

__all__ = ["CONTROLS", "Direction", "is_rtl", "levels"]

Direction = Literal["ltr", "rtl"]

CONTROLS = frozenset("\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
"""Characters that steer direction and are never drawn."""

_CLASSES = {"R": "R", "AL": "R", "L": "L", "EN": "N", "AN": "N"}


def is_rtl(text: str) -> bool:
    """Return whether the first letter with a direction is written from right to left.

    >>> is_rtl("2017 مالي"), is_rtl("Mali 2017")
    (True, False)
    """
    for char in text:
        kind = _CLASSES.get(unicodedata.bidirectional(char))
        if kind in ("R", "L"):
            return kind == "R"
    return False


def levels(text: str, direction: Direction | None = None) -> list[int]:
    """Return the embedding level of every character: odd runs from right to left.

    ``direction`` is the paragraph's; None is that of the first letter.

    >>> levels("a ب 1")
    [0, 0, 1, 1, 2]
    """
    base = int(is_rtl(text) if direction is None else direction == "rtl")
    kinds = _kinds(text)
    if base == 0 and "R" not in kinds:
        return [0] * len(text)
    kinds = _numbers_resolved(kinds, text, "LR"[base])
    strong = _neutrals_resolved(_brackets_resolved(kinds, text, "LR"[base]), "LR"[base])
    return [{"L": 2 * base, "R": 1, "N": 2}[kind] for kind in strong]


def _kinds(text: str) -> list[str]:
    """Return L, R, N (number) or ? (neutral) for every character."""
    kinds: list[str] = []
    for i, char in enumerate(text):
        kind = unicodedata.bidirectional(char)
        if kind == "CS" and text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit():
            kinds.append("N")  # the comma in 36,690 belongs to the number
        elif kind == "NSM" and kinds:
            kinds.append(kinds[-1])
        else:
            kinds.append(_CLASSES.get(kind, "?"))
    return kinds


def _numbers_resolved(kinds: list[str], text: str, base: str) -> list[str]:
    """Make numbers part of the Latin text before them, unless an Arabic word follows directly."""
    out, before = [], base
    for i, kind in enumerate(kinds):
        before = kind if kind in "LR" else before
        if kind == "N" and before == "L" and not _before_rtl(kinds, text, i):
            out.append("L")
        else:
            out.append(kind)
    return out


def _before_rtl(kinds: list[str], text: str, at: int) -> bool:
    while at < len(kinds) and (kinds[at] == "N" or text[at].isspace()):
        at += 1
    return at < len(kinds) and kinds[at] == "R"


def _brackets_resolved(kinds: list[str], text: str, base: str) -> list[str]:
    """Let a pair of round brackets run one way (rule N0): with the line where anything inside does,
    else with what is inside where the text before does too."""
    out, opened = list(kinds), []
    for i, char in enumerate(text):
        if char == "(":
            opened.append(i)
        elif char == ")" and opened:
            start = opened.pop()
            inside = {_strong(kind) for kind in kinds[start + 1 : i] if kind != "?"}
            before = next((_strong(k) for k in reversed(kinds[:start]) if k != "?"), base)
            if inside:
                out[start] = out[i] = base if base in inside else before
    return out


def _strong(kind: str) -> str:
    """Return the direction that neutrals see: a number counts as right-to-left text."""
    return "R" if kind == "N" else kind


def _neutrals_resolved(kinds: list[str], base: str) -> list[str]:
    """Give neutrals the direction on both their sides, else that of the line; to them, numbers are
    right-to-left text."""
    out: list[str] = []
    left, at = base, 0
    for kind, group in groupby(kinds):
        size = len(list(group))
        at += size
        if kind == "?":
            right = _strong(kinds[at]) if at < len(kinds) else base
            out += [left if left == right else base] * size
        else:
            out += [kind] * size
            left = _strong(kind)
    return out
