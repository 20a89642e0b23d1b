"""Figures by origin summed up over all days: once for what is in memory and for what is published."""

import pandas as pd

__all__ = ["SUMS", "origin_sums"]

SUMS = ("origin", "pcode", "days", "first", "last", "latest", "peak", "total")
"""The columns of `origin_sums`; `geo.origin_totals.ORIGIN_TOTALS` says what they mean."""

_BY = ["origin", "pcode"]


def origin_sums(known: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each origin and unit, in their order.

    ``known`` has ``origin``, ``pcode``, ``date`` and ``value`` of standing figures of one group,
    measure, unit and level; the first three as they are, or as numbers in the same order.
    """
    by = known.sort_values([*_BY, "date"], kind="stable").groupby(_BY, sort=True)
    return by.agg(
        days=("date", "size"),
        first=("date", "first"),
        last=("date", "last"),
        latest=("value", "last"),
        peak=("value", "max"),
        total=("value", "sum"),
    ).reset_index()[list(SUMS)]
