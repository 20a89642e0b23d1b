"""Movements and presence of other boundaries brought to ours. Neither is ever split by shares.

A movement from or to a unit that was cut is one from or to what holds all its ground; who works in
a unit that was cut works in the parts of it, which of them is inferred.
"""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from geo.bringing import Walk, carried_entry
from geo.ledger import LedgerEntry, Verdict
from geo.matching import MatchedFlows, MatchedPresence, match_flows, match_presence
from geo.tables import FlowTable, PresenceTable

__all__ = ["bring_flows", "bring_presence"]

_SLIVER = 0.05  # a part of a unit with fewer of its people is not taken for a place of work
_ENDS = ("origin_matched", "destination_matched")


def bring_flows(table: FlowTable, walk: Walk) -> MatchedFlows:
    """Match movements on the boundaries they were told on, and give their ends in ours."""
    was, ours = match_flows(table, walk.old), match_flows(table, walk.new)
    at_site = _is_site(ours.frame, _ENDS)
    ends = {
        end: ours.frame[end].where(at_site, was.frame[end].map(_new_ends(was.frame[end], walk)))
        for end in _ENDS
    }
    entries = [
        site if is_site else _flow_entry(entry, start, stop)
        for entry, site, is_site, start, stop in zip(
            was.entries, ours.entries, at_site, *(ends[end] for end in _ENDS), strict=True
        )
    ]
    lost = pd.Series([e.verdict is Verdict.LEFT_OUT for e in entries], index=was.frame.index)
    frame = was.frame.assign(
        **{end: ends[end].where(~lost, "").astype("str") for end in _ENDS},
        verdict=pd.Series([e.verdict.value for e in entries], dtype="str"),
    )
    return MatchedFlows(frame, tuple(entries), was.parts)


def _is_site(frame: pd.DataFrame, columns: Iterable[str]) -> pd.Series:
    hit = pd.Series(False, index=frame.index)
    for column in columns:
        hit |= frame[column].str.startswith("site:")
    return hit


def _new_ends(codes: pd.Series, walk: Walk) -> dict[str, str]:
    """Return for each end what holds all its ground in our vintage; "" where nothing does."""
    found = {}
    for code in codes.unique():
        unit = walk.old.index.units.get(code)
        if unit is None:  # 'unknown', or a row that is left out
            found[code] = code
        elif unit.level == 0 or walk.is_outside(code):
            found[code] = walk.origin(code)
        else:
            ours = [pair.new for pair in walk.pairs(code)]
            found[code] = walk.new.common_parent(ours) if ours else ""
    return found


def _flow_entry(entry: LedgerEntry, start: str, stop: str) -> LedgerEntry:
    if entry.verdict is Verdict.LEFT_OUT:
        return entry
    if not start or not stop:
        why = "no unit of our boundaries holds the ground of one of its ends"
        return replace(entry, verdict=Verdict.LEFT_OUT, why=why, reason="no-unit", pcode="")
    return replace(entry, pcode=stop)


def bring_presence(table: PresenceTable, walk: Walk) -> MatchedPresence:
    """Match presence on the boundaries it was told on, and give its units in ours."""
    was, ours = match_presence(table, walk.old), match_presence(table, walk.new)
    at_site = _is_site(ours.frame, ["matched"])
    entries = []
    frames = [ours.frame[at_site]]
    for at, entry in enumerate(was.entries):
        if at_site.iloc[at]:
            entries.append(ours.entries[at])
            continue
        row, code = was.frame.iloc[[at]], was.frame["matched"].iloc[at]
        pairs = walk.pairs(code) if code else ()
        parts = [pair.new for pair in pairs if pair.weight >= _SLIVER]
        if code and not parts:
            why = f"{entry.place}: no unit of our boundaries holds its ground"
            entries.append(
                replace(entry, verdict=Verdict.LEFT_OUT, why=why, reason="no-unit", pcode="")
            )
            continue
        basis = row["basis"].iloc[0] if len(parts) < 2 else "inferred"
        frames += [row.assign(matched=part, basis=basis) for part in parts or [""]]
        is_placed = entry.verdict is Verdict.PLACED
        entries.append(carried_entry(entry, walk) if is_placed else entry)
    frame = pd.concat(frames, ignore_index=True)
    return MatchedPresence(frame.astype(was.frame.dtypes.to_dict()), tuple(entries))
