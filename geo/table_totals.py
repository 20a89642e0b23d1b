"""A table's own total row: compared with the rows above it, and counted nowhere.

A row that says "Total" without a place speaks of the table. The people in it are those of the
other rows, so it never goes on the map; whether it equals their sum is worth knowing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from geo.ledger import LedgerEntry, Verdict
from geo.terms import State

__all__ = ["checked_totals"]

_SAME = ["file", "group", "measure", "unit", "date", "origin"]


def checked_totals(
    matched: pd.DataFrame, entries: Sequence[LedgerEntry]
) -> tuple[LedgerEntry, ...]:
    """Return the entries, those of table totals with the sum they were compared with.

    Parameters
    ----------
    matched : DataFrame
        Matched figures, one row per entry. The parts of a total are the rows of the same file,
        group, measure, unit, date and origin: those of the widest level that is there, and those
        without a place. Kinds may differ; ``facts["kinds"]`` then names them.
    entries : sequence of LedgerEntry
        What became of each row.

    Returns
    -------
    tuple of LedgerEntry
        Totals have reason ``total`` and the facts ``stated``, ``summed``, ``gap``, ``kinds`` and
        ``parts``. A total without a part keeps its reason.
    """
    is_total = pd.Series([e.reason == "total-of-nothing" for e in entries], index=matched.index)
    is_total &= matched["state"] == State.FIGURE
    if not is_total.any():
        return tuple(entries)
    checked = list(entries)
    known = matched[(matched["state"] == State.FIGURE) & ~is_total]
    parts_of = dict(iter(known.groupby(_SAME, sort=False)))
    for at in matched.index[is_total]:
        row: dict[str, Any] = matched.loc[at].to_dict()
        parts = parts_of.get(tuple(row[name] for name in _SAME))
        if parts is not None:
            checked[at] = _checked(entries[at], row, parts)
    return tuple(checked)


def _checked(entry: LedgerEntry, row: Mapping[str, Any], parts: pd.DataFrame) -> LedgerEntry:
    placed = parts.loc[parts["verdict"].isin([Verdict.PLACED, Verdict.CARRIED]), "level"]
    if len(placed):
        widest = placed.min()
        parts = parts[(parts["level"] <= widest) | (parts["verdict"] == Verdict.UNPLACED)]
    stated, summed = float(row["value"]), float(parts["value"].sum())
    kinds = "|".join(sorted({*parts["kind"]}))
    rows = ", ".join(str(number) for number in parts["row"].head(3))
    more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
    told = f"total of the table: {stated:,.0f} stated, {summed:,.0f} in rows {rows}{more}"
    adds_up = "it adds up" if stated == summed else f"{abs(stated - summed):,.0f} apart"
    return replace(
        entry,
        verdict=Verdict.LEFT_OUT,
        reason="total",
        why=f"{told}; {adds_up}",
        facts={
            "stated": stated,
            "summed": summed,
            "gap": stated - summed,
            "kinds": kinds,
            "parts": float(len(parts)),
            "group": str(row["group"]),
            "measure": str(row["measure"]),
            "date": str(row["date"]),
        },
    )
