"""Which place each row is about: the deepest level that it names, and what that lies in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.country_codes import iso_of_unhcr
from geo.emptiness import folded, state_of_words
from geo.shapes.shape import Level

__all__ = ["Places", "places_of"]

_LEVEL = re.compile(r"(?:adm(?:in)?(?:istrative)?[ _]?(?:level)?[ _]?)?([0-4])")
_LEVEL_WORDS = {"country": "0", "pays": "0", "national": "0"}


@dataclass(frozen=True)
class Places:
    """Place by row: name, code and level as written, the parent's name or code, the country.

    All are text, "" where the table does not say. All Series are indexed by row number.
    """

    name: pd.Series
    code: pd.Series
    level: pd.Series
    parent: pd.Series
    country: pd.Series

    def all_at(self, defaults: Mapping[str, str]) -> "Places":
        """Return every row at the one place that ``defaults`` name: of a table without places."""
        name, code, level, parent = (
            pd.Series(defaults.get(ours, ""), index=self.name.index, dtype="str")
            for ours in ("place", "pcode", "level", "parent")
        )
        return Places(name, code, level, parent, self.country)

    def take(self, at: NDArray[np.intp]) -> pd.DataFrame:
        """Return the places of some rows, by position."""
        names = ("name", "code", "level", "parent", "country")
        return pd.DataFrame({name: getattr(self, name).iloc[at].array for name in names})


def places_of(
    body: pd.DataFrame, levels: tuple[Level, ...], said: pd.Series | None = None
) -> Places:
    """Return the place of every row of ``body``.

    Of ``levels`` (from the country down) the deepest with a name or a code counts; the parent is
    the next filled one above. ``said`` is what a level column says; where a table states the
    same people at several levels, a row is about the level it says, not the deepest it fills.

    >>> body = pd.DataFrame({1: ["Norda", "Norda"], 2: ["", "Ossa"]}, dtype="str")
    >>> found = places_of(body, (Level(1, name=1), Level(2, name=2)))
    >>> found.name.tolist(), found.level.tolist(), found.parent.tolist()
    (['Norda', 'Ossa'], ['1', '2'], ['', 'Norda'])
    """
    nothing = pd.Series("", index=body.index, dtype="str")
    name, code, level, parent = (nothing.copy() for _ in range(4))
    open_rows = pd.Series(True, index=body.index)
    wants_parent = pd.Series(False, index=body.index)
    told = _levels_said(said) if said is not None else nothing
    country = nothing
    for one in reversed(levels):
        names, codes = _cells(body, one.name), _cells(body, one.code)
        if one.codes == "unhcr":
            codes = codes.map({str(c): iso_of_unhcr(str(c)) for c in pd.unique(codes)}).astype(
                "str"
            )
        filled = (names != "") | (codes != "")
        own = str(one.level) if one.level is not None else ""
        if own:
            filled &= (told == "") | (told >= own)
        best = codes.where(codes != "", names)
        up = wants_parent & filled
        parent = parent.where(~up, best)
        wants_parent &= ~filled
        here = open_rows & filled
        name, code = name.where(~here, names), code.where(~here, codes)
        level = level.where(~(here & (codes != "")) if one.coded else ~here, own)
        open_rows &= ~filled
        wants_parent |= here
        if one.level == 0:
            country = best
    level = level.where(level != "", told)
    return Places(name, code, level, parent, country)


def _cells(body: pd.DataFrame, at: int | None) -> pd.Series:
    if at is None:
        return pd.Series("", index=body.index, dtype="str")
    cells = body[at]
    blank = [t for t in pd.unique(cells) if state_of_words(str(t), number=False) is not None]
    return cells.where(~cells.isin(blank), "") if blank != [""] else cells


def _levels_said(said: pd.Series) -> pd.Series:
    def number(text: str) -> str:
        plain = folded(text)
        match = _LEVEL.fullmatch(plain)
        return match[1] if match else _LEVEL_WORDS.get(plain, "")

    return said.map({str(text): number(str(text)) for text in pd.unique(said)}).astype("str")
