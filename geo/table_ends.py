"""Rows among the data that are no data: totals, notes, and headers or tags that come again."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.emptiness import folded
from geo.hxl import hxl_share
from geo.loose_dates import period_in

__all__ = ["footnotes", "is_value", "repeated", "says_total", "tagged", "totals"]

_NOTE_WORDS = 9
_MOST_TOTALS = 0.25  # above, "total" is a category of the column, not the end of a sum

_TOTAL = re.compile(
    r"(?:(?:grand|sub|sous|over ?all|national|country|general)[ -]*)?"
    r"(?:totale?s?|totaux|ensemble|итого|всего|المجموع|الاجمالي|الإجمالي|مجموع|sum|somme)"
    r"(?:[ -]+(?:general|generale|national|pays|country|global|overall|mali))*\s*:?"
)
_CATEGORY = re.compile(r"sex|gender|genre|\bage|tranche|categor|type|indicat|group|statut|status")
_NOTE = re.compile(
    r"(?:sources?|notes?|nb|n\.b|remarques?|remarks?|commentaires?|footnotes?|disclaimer|legende?|"
    r"mise a jour|last update|updated|fuente|nota|methodolog\w*|المصدر|ملاحظة|источник|примечание)"
    r"\s*(?:[.:*]|\(|\d|-|–)|^[*†‡§¹²³]|^\(?[0-9a-z]\)\s|^\*"
)
_DIGITS = re.compile(r"[-+]?[0-9٠-٩][0-9٠-٩\s.,'\u00a0\u202f]*%?")


def is_value(text: str) -> bool:
    """Whether a cell is a number or a day.

    >>> is_value("1 234"), is_value("30/04/2016"), is_value("Kayes")
    (True, True, False)
    """
    if _DIGITS.fullmatch(text):
        return True
    return any(c.isdigit() for c in text) and len(text) < 30 and period_in(text) is not None


def says_total(cell: str) -> bool:
    """Whether a cell names a sum of other rows.

    >>> says_total("TOTAL GÉNÉRAL"), says_total("Sous-total"), says_total("Totalia")
    (True, True, False)
    """
    return _TOTAL.fullmatch(folded(cell)) is not None


def footnotes(rows: pd.DataFrame, usual: float) -> NDArray[np.bool_]:
    """Rows of one or two cells that are notes: words about the table, not a place without figures."""
    hit = np.zeros(len(rows), dtype=bool)
    if len(rows.columns) < 2:
        return hit
    sparse = np.flatnonzero(((rows != "").sum(axis=1) <= min(2, usual - 1)).to_numpy())
    for n in sparse:
        texts = [text for text in rows.iloc[n] if text]
        said = folded(texts[0])
        sentence = len(said.split()) >= _NOTE_WORDS or len(said) > 80
        hit[n] = (bool(_NOTE.match(said)) or sentence) and not any(map(is_value, texts[1:]))
    return hit


def totals(rows: pd.DataFrame, typed: Sequence[bool], names: Sequence[str]) -> NDArray[np.bool_]:
    """Rows that sum others: "total" in a column of names, before the first column of numbers."""
    hit = np.zeros(len(rows), dtype=bool)
    for n, name in enumerate(names):
        if typed[n] and n:
            break
        if _CATEGORY.search(folded(name)):
            continue
        texts = rows.iloc[:, n]
        words = [text for text in pd.unique(texts) if says_total(str(text))]
        said = texts.isin(words).to_numpy() if words else np.zeros(len(rows), dtype=bool)
        if said.sum() <= max(1, _MOST_TOTALS * len(rows)):
            hit |= said
    return hit


def repeated(rows: pd.DataFrame, grid: pd.DataFrame, head: Sequence[int]) -> NDArray[np.bool_]:
    """Rows that say what a header row says: pages that were pasted together."""
    hit = np.zeros(len(rows), dtype=bool)
    for row in head:
        names = grid.loc[row]
        filled = [int(column) for column in grid.columns[(names != "").to_numpy()]]
        if len(filled) < 2:
            continue
        same = sum((rows[column] == names[column]).to_numpy().astype(int) for column in filled)
        hit |= np.asarray(same) >= 0.8 * len(filled)
    return hit


def tagged(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows of tags further down, where several tagged tables were pasted together."""
    hit = np.zeros(len(rows), dtype=bool)
    starts = np.zeros(len(rows), dtype=bool)
    for column in rows.columns:
        starts |= rows[column].str.startswith("#").to_numpy()
    for n in np.flatnonzero(starts):
        hit[n] = hxl_share(rows.iloc[int(n)].tolist()) >= 0.5
    return hit
