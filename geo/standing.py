"""Which figure stands where a stated one and a sum are both there: the stated one.

Everything that shows or computes with figures takes them through here, so that nobody is counted
once as stated and once as summed.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from geo.terms import State

__all__ = ["CELL", "standing_figures", "standing_rows"]

CELL = ("pcode", "level", "unplaced", "group", "measure", "unit", "date", "origin")
"""The columns that make a figure one figure; ``basis`` tells its two possible rows apart."""


def standing_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell: the stated figure, else the sum, else the reason for neither.

    A sum stands where what is stated is not a figure. Takes and returns the columns of
    ``UNIT_FIGURE_COLUMNS``; the order of rows is kept, the index is 0…n-1.
    """
    worth = 2 * (figures["state"] == State.FIGURE.value) + (figures["basis"] == "stated")
    best = worth.sort_values(ascending=False, kind="stable").index
    kept = figures.loc[best].drop_duplicates(list(CELL)).sort_index()
    return kept.reset_index(drop=True)


def standing_rows(cells: Sequence[Any], states: Sequence[str], bases: Sequence[str]) -> list[int]:
    """Return which rows stand, as `standing_figures` does, of columns of a few hundred rows.

    ``cells`` is what makes each row's figure one figure.
    """
    if len(set(cells)) == len(cells):
        return list(range(len(cells)))
    best: dict[Any, tuple[int, int]] = {}
    for row, (cell, state, basis) in enumerate(zip(cells, states, bases, strict=True)):
        worth = 2 * (state == State.FIGURE.value) + (basis == "stated")
        if cell not in best or worth > best[cell][0]:
            best[cell] = (worth, row)
    return sorted(row for _, row in best.values())
