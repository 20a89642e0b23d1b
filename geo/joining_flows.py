"""Movements as stated, and stocks by origin as flows. Neither is ever split, merged or simplified.

``basis`` says which of the two a flow is: nobody need take refugees by country of origin for
people who moved on a known day along a known way.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from geo.gazetteer import Places
from geo.ledger import Ledger, LedgerEntry, Verdict
from geo.matching import MatchedFigures, MatchedFlows
from geo.settling import Amount, Part, added, same_writing, settle
from geo.tables import UNIT_FLOW_COLUMNS, records, typed_frame

__all__ = ["join_flows"]

_CAME_FROM = frozenset({"REF", "ROC", "ASY", "OIP", "OOC"})
"""Groups whose country of origin is where they came from. Returnees' is where they are."""


def join_flows(
    matched: MatchedFlows | Sequence[MatchedFlows],
    places: Places,
    figures: MatchedFigures | Sequence[MatchedFigures] = (),
) -> tuple[pd.DataFrame, Ledger]:
    """Return movements between places, and stocks from a country of origin to a place.

    Parameters
    ----------
    matched : MatchedFlows or a sequence of them
        Movement tables, in the order in which sources take precedence. A second source's figure
        for the same movement in a period that overlaps is kept with basis ``beside``.
    places : Places
        What they were matched against.
    figures : MatchedFigures or a sequence of them
        Figures at places; those of refugees and the like with a country of origin become flows
        of basis ``by-origin`` to the unit or site. Where a country's figure is also stated by
        site or region, only those are taken, so that nobody is on the map twice.

    Returns
    -------
    frame : DataFrame
        The columns of ``UNIT_FLOW_COLUMNS``.
    ledger : Ledger
        One entry per row of ``matched``; rows of ``figures`` are in the ledger of `join_figures`.
    """
    tables = [matched] if isinstance(matched, MatchedFlows) else list(matched)
    stocks = [figures] if isinstance(figures, MatchedFigures) else list(figures)
    rows, entries = _movements(tables)
    rows += _by_origin(settle(stocks, places)[0], places)
    rows.sort(key=_order)
    return typed_frame(rows, UNIT_FLOW_COLUMNS), Ledger(tuple(entries))


def _movements(tables: Sequence[MatchedFlows]) -> tuple[list[dict[str, Any]], list[LedgerEntry]]:
    rows: list[dict[str, Any]] = []
    entries: list[LedgerEntry] = []
    stated: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    written: set[tuple[Any, ...]] = set()
    for table in tables:
        for row, entry in zip(records(table.frame), table.entries, strict=True):
            if not row["origin_matched"]:
                entries.append(entry)
                continue
            what = tuple(row[name] for name in ("group", "measure", "unit"))
            same = (row["origin_matched"], row["destination_matched"], *what)
            names = ("origin", "origin_pcode", "destination", "destination_pcode")
            told = tuple(row[name] for name in ("start", "date", "source", "kind"))
            text = (*(same_writing(row[name]) for name in names), *same, *told)
            if text in written:
                why = "set aside: this movement is stated already by the same source"
                entries.append(
                    replace(entry, verdict=Verdict.LEFT_OUT, why=why, reason="stated-twice")
                )
                continue
            written.add(text)
            again = any(_tells_the_same(row, other) for other in stated[same])
            if not again:
                stated[same].append(row)
            rows.append(
                {
                    **{name: row[name] for name in UNIT_FLOW_COLUMNS if name in row},
                    "origin": row["origin_matched"],
                    "destination": row["destination_matched"],
                    "basis": "beside" if again else "stated",
                    "sources": row["source"],
                    "rows": f"{row['file']}:{row['row']}",
                }
            )
            entries.append(entry)
    return rows, entries


def _tells_the_same(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether another source or kind of figure speaks of the same people: its period overlaps."""
    if (row["source"], row["kind"]) == (other["source"], other["kind"]):
        return False
    first, second = sorted([row, other], key=lambda each: each["start"] or each["date"])
    return bool((second["start"] or second["date"]) <= first["date"])


def _by_origin(parts: Sequence[Part], places: Places) -> list[dict[str, Any]]:
    known = [
        part
        for part in parts
        if part.what.group in _CAME_FROM and part.what.origin and part.amount.value is not None
    ]
    # everything that a finer figure lies in
    split_up = {
        (pcode, part.what)
        for part in known
        for pcode in places.chain(part.pcode)[0 if part.unplaced or part.amount.sites else 1 :]
    }
    to_place: dict[tuple[Any, ...], list[Amount]] = defaultdict(list)
    for part in known:
        whole_unit = not part.unplaced and not part.amount.sites
        if whole_unit and (part.pcode, part.what) in split_up:
            continue
        if part.what.origin in places.chain(part.pcode):
            continue  # at home: no way to draw
        at = part.target if part.target.startswith("site:") else part.pcode
        if part.target.startswith("carry:"):
            into = places.carry(part.target.removeprefix("carry:")).into
            at = places.common_parent([pcode for pcode, _ in into])
        to_place[part.what.origin, at, part.what, part.amount.start].append(part.amount)
    rows = []
    for (origin, at, what, start), amounts in to_place.items():
        total = added(amounts)
        if total is None or total.value is None:
            continue
        rows.append(
            {
                "origin": origin,
                "destination": at,
                "group": what.group,
                "measure": what.measure,
                "kind": total.kind,
                "unit": what.unit,
                "start": start,
                "date": what.date,
                "value": total.value,
                "state": total.state,
                "qualifier": total.qualifier,
                "basis": "by-origin",
                "sources": "|".join(sorted(total.sources)),
                "rows": "|".join(f"{file}:{row}" for file, row in sorted(total.rows)),
                "note": "",
            }
        )
    return rows


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["date"], row["group"], row["measure"], row["origin"], row["destination"],
            ("stated", "beside", "by-origin").index(row["basis"]), row["rows"])  # fmt: skip
