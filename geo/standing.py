"""Which figure stands where a stated one and a sum are both there: the stated one.

Everything that shows or computes with figures takes them through here, so that nobody is counted
once as stated and once as summed.
"""

import pandas as pd

from geo.terms import State

__all__ = ["CELL", "standing_figures"]

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
