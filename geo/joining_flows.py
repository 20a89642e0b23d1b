"""Movements as stated, and stocks by origin as flows. Neither is ever split, merged or simplified.

``basis`` says which of the two a flow is: nobody need take refugees by country of origin for
people who moved on a known day along a known way.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.gazetteer import Places
from geo.ledger import Ledger, LedgerEntry, Verdict
from geo.matching import MatchedFigures, MatchedFlows
from geo.settling import Settled, same_writing, settle
from geo.sums import KINDS, STATES, Shares, Words, summed
from geo.tables import UNIT_FLOW_COLUMNS, records, typed_frame
from geo.terms import QUALIFIERS

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
    rows += _by_origin(settle(stocks, places), places) if stocks else []
    rows.sort(key=_order)
    return typed_frame(rows, UNIT_FLOW_COLUMNS), Ledger(tuple(entries))


_ENDS = ("origin", "origin_pcode", "destination", "destination_pcode")
_PAIR = ("origin_matched", "destination_matched", "group", "measure", "unit")
_TOLD = ("start", "date", "source", "kind")


def _movements(tables: Sequence[MatchedFlows]) -> tuple[list[dict[str, Any]], list[LedgerEntry]]:
    rows: list[dict[str, Any]] = []
    entries: list[LedgerEntry] = []
    stated: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    written: set[tuple[Any, ...]] = set()
    for table in tables:
        first = len(entries)
        entries.extend(table.entries)
        keys = _writings(table.frame)
        moved = table.frame.assign(
            _key=keys, _entry=range(first, len(entries)), provenance=_provenance(table.frame)
        )
        moved = moved[moved["origin_matched"] != ""]
        for row in records(_added_up(moved) if table.parts else moved):
            if row["_key"] in written:
                why = "set aside: this movement is stated already by the same source"
                entries[row["_entry"]] = replace(
                    entries[row["_entry"]],
                    verdict=Verdict.LEFT_OUT,
                    why=why,
                    reason="stated-twice",
                )
                continue
            written.add(row["_key"])
            others = stated[tuple(row[name] for name in _PAIR)]
            again = any(_tells_the_same(row, other) for other in others)
            if not again:
                others.append(row)
            rows.append(
                {
                    **{name: row[name] for name in UNIT_FLOW_COLUMNS if name in row},
                    "origin": row["origin_matched"],
                    "destination": row["destination_matched"],
                    "basis": "beside" if again else "stated",
                    "sources": row["source"],
                    "rows": row["provenance"],
                }
            )
    return rows, entries


def _writings(frame: pd.DataFrame) -> pd.Series:
    """Return for each row what makes it this movement, as written, of this source."""
    texts = {text for name in _ENDS for text in frame[name].unique()}
    plain = {text: same_writing(text) for text in texts}
    cells = [frame[name].map(plain) for name in _ENDS]
    cells += [frame[name] for name in (*_PAIR, *_TOLD)]
    return pd.Series(list(zip(*cells, strict=True)), index=frame.index, dtype=object)


def _provenance(frame: pd.DataFrame) -> pd.Series:
    return frame["file"] + ":" + frame["row"].astype("str")


def _added_up(moved: pd.DataFrame) -> pd.DataFrame:
    """Return one row per movement of a table whose rows are parts: persons added, none unknown."""
    code = pd.Series(moved["_key"].factorize()[0], index=moved.index)
    by = moved.groupby(code, sort=False)
    weakest = moved["qualifier"].map({word: at for at, word in enumerate(QUALIFIERS)}).groupby(code)
    some_unknown = (
        moved["value"].isna().groupby(code).any() & moved["value"].notna().groupby(code).any()
    )
    whole = by.first()
    rank = weakest.max().where(~some_unknown, QUALIFIERS.index("at_least"))
    value = by["value"].sum(min_count=1)
    return whole.assign(
        value=value,
        state=whole["state"].where(value.isna(), "figure"),
        qualifier=rank.map(dict(enumerate(QUALIFIERS))),
        note=whole["note"].where(by.size() == 1, ""),
        provenance=by["provenance"].agg("|".join),
    )


def _tells_the_same(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether another source or kind of figure speaks of the same people: its period overlaps."""
    if (row["source"], row["kind"]) == (other["source"], other["kind"]):
        return False
    first, second = sorted([row, other], key=lambda each: each["start"] or each["date"])
    return bool((second["start"] or second["date"]) <= first["date"])


def _by_origin(settled: Settled, places: Places) -> list[dict[str, Any]]:
    texts = settled.words.texts
    came = np.array([group in _CAME_FROM for group, *_ in settled.whats], dtype=bool)
    parts = settled.parts
    known = parts.at(came[parts["what"]] & (parts["origin"] != 0) & ~np.isnan(parts["value"]))
    chains = {number: places.chain(texts[number]) for number in set(known["pcode"].tolist())}
    cells = [
        (pcode, is_whole, what, texts[origin])
        for pcode, is_whole, what, origin in zip(
            known["pcode"].tolist(),
            (~known["unplaced"] & (known["sites"] == 0)).tolist(),
            known["what"].tolist(),
            known["origin"].tolist(),
            strict=True,
        )
    ]
    # everything that a finer figure lies in
    split_up = {
        (above, what, origin)
        for pcode, is_whole, what, origin in cells
        for above in chains[pcode][1 if is_whole else 0 :]
    }
    drawn = known.at(
        np.array(
            [
                not (is_whole and (texts[pcode], what, origin) in split_up)
                and origin not in chains[pcode]  # at home: no way to draw
                for pcode, is_whole, what, origin in cells
            ],
            dtype=bool,
        )
    )
    ends = drawn.but(end=_arrivals(drawn, places, settled.words), period=drawn["start"])
    to_place = summed(ends, ("origin", "end", "what", "period"), settled.words)
    return [_stock(to_place, at, settled) for at in range(len(to_place))]


def _arrivals(parts: Shares, places: Places, words: Words) -> NDArray[Any]:
    """Return where a flow ends: the site, the unit, or what holds all that a unit is carried into."""
    ends = parts["pcode"].copy()
    for number in set(parts["target"].tolist()):
        kind, _, name = words.texts[number].partition(":")
        if kind == "site":
            ends[parts["target"] == number] = number
        elif kind == "carry":
            whole = places.common_parent([pcode for pcode, _ in places.carry(name).into])
            ends[parts["target"] == number] = words.number(whole)
    return ends


def _stock(flows: Shares, at: int, settled: Settled) -> dict[str, Any]:
    group, measure, unit, day = settled.whats[flows["what"][at]]
    texts = settled.words.texts
    return {
        "origin": texts[flows["origin"][at]],
        "destination": texts[flows["end"][at]],
        "group": group,
        "measure": measure,
        "kind": KINDS[flows["kind"][at]],
        "unit": unit,
        "start": settled.start(int(flows["start"][at])),
        "date": day,
        "value": float(flows["value"][at]),
        "state": STATES[flows["state"][at]],
        "qualifier": QUALIFIERS[flows["qualifier"][at]],
        "basis": "by-origin",
        "sources": texts[flows["sources"][at]],
        "rows": settled.provenance(flows["rows"][at]),
        "note": "",
    }


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["date"], row["group"], row["measure"], row["origin"], row["destination"],
            ("stated", "beside", "by-origin").index(row["basis"]), row["rows"])  # fmt: skip
