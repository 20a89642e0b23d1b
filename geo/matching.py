"""Every row gets a place or a reason. Matching adds columns; it drops and changes nothing.

The added columns: ``target`` is what the row was matched to, ``level`` the level it speaks at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.gazetteer import UNKNOWN, Carry, Match, Places
from geo.ledger import LedgerEntry, Verdict
from geo.tables import FigureTable, FlowTable, PresenceTable, records

__all__ = [
    "Carry",
    "MatchedFigures",
    "MatchedFlows",
    "MatchedPresence",
    "Places",
    "match_figures",
    "match_flows",
    "match_presence",
]


@dataclass(frozen=True)
class MatchedFigures:
    """Figures with what their places were found to be, and one ledger entry per row.

    Added columns: ``matched`` (P-code, ``site:ID``, ``carry:CODE``; the parent's P-code where
    unplaced; "" where left out), ``verdict``, ``how``, ``why``, ``origin_code`` (P-code of the
    country of origin, 'unknown' or ""); ``level`` becomes the number the row speaks at, -1 where
    it is left out.
    """

    frame: pd.DataFrame
    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True)
class MatchedFlows:
    """Movements with both ends found: ``origin_matched`` and ``destination_matched``.

    An end is a P-code, ``site:ID`` or 'unknown'. An end that could not be placed within its
    parent is the parent; one in a carried unit is what holds all that the unit is carried into.
    """

    frame: pd.DataFrame
    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True)
class MatchedPresence:
    """Presence with the added columns of `MatchedFigures` but ``origin_code``."""

    frame: pd.DataFrame
    entries: tuple[LedgerEntry, ...]


def match_figures(table: FigureTable, places: Places) -> MatchedFigures:
    """Find the place and the country of origin of every row; see `Places.find` for the order."""
    matches: list[Match] = []
    origins: list[str] = []
    for row in records(table.frame):
        match = places.find(row["place"], row["pcode"], row["parent"], row["level"])
        origin = places.origin(row["origin"]) if row["origin"] else ""
        if origin is None and match.verdict is not Verdict.LEFT_OUT:
            match = _no_origin(row["origin"], places)
        matches.append(match)
        origins.append(origin or "")
    frame = _with_matches(table.frame, matches).assign(origin_code=pd.Series(origins, dtype="str"))
    return MatchedFigures(frame, _entries(table.frame, matches, ("place", "pcode")))


def match_presence(table: PresenceTable, places: Places) -> MatchedPresence:
    """Find the place of every row of a presence table."""
    matches = [
        places.find(row["place"], row["pcode"], row["parent"], row["level"])
        for row in records(table.frame)
    ]
    frame = _with_matches(table.frame, matches)
    return MatchedPresence(frame, _entries(table.frame, matches, ("place", "pcode")))


def match_flows(table: FlowTable, places: Places) -> MatchedFlows:
    """Find both ends of every movement; a row with an end that is not found is left out."""
    origins, destinations, matches = [], [], []
    for row in records(table.frame):
        start = _end(row, "origin", places)
        stop = _end(row, "destination", places)
        wrong = next((end for end in (start, stop) if end.verdict is Verdict.LEFT_OUT), None)
        if wrong is None and start.target == stop.target:
            why = "leaves and arrives at the same place"
            wrong = Match("", -1, Verdict.LEFT_OUT, why=why, reason="no-movement")
        origins.append("" if wrong else start.target)
        destinations.append("" if wrong else stop.target)
        whys = "; ".join(end.why for end in (start, stop) if end.why)
        matches.append(
            wrong or Match(stop.target, stop.level, Verdict.PLACED, f"{start.how}|{stop.how}", whys)
        )
    frame = table.frame.reset_index(drop=True).assign(
        origin_matched=pd.Series(origins, dtype="str"),
        destination_matched=pd.Series(destinations, dtype="str"),
        verdict=pd.Series([str(match.verdict) for match in matches], dtype="str"),
    )
    ends = ("origin", "origin_pcode", "destination", "destination_pcode")
    return MatchedFlows(frame, _entries(table.frame, matches, ends))


def _end(row: dict[str, Any], end: str, places: Places) -> Match:
    written, code, parent = row[end], row[f"{end}_pcode"], row[f"{end}_parent"]
    match = places.find(written, code, parent)
    if match.target.startswith("carry:"):
        carry = places.carry(match.target.removeprefix("carry:"))
        whole = places.common_parent([pcode for pcode, _ in carry.into])
        return Match(whole, match.level, Verdict.CARRIED, match.how, match.why)
    if match.target.startswith("site:"):  # an area is an end of its own, never split
        return Match(match.target, match.level, Verdict.PLACED, match.how)
    if not parent and (match.verdict is Verdict.UNPLACED or match.reason == "nowhere"):
        return Match(UNKNOWN, -1, Verdict.UNPLACED, "name", f"{end} is not known")
    if match.reason == "unknown-place" and not code:
        country = places.origin(written)  # an end may lie in any country of the world
        if country is not None and country != UNKNOWN:
            return Match(country, 0, Verdict.PLACED, "name")
    if match.reason == "outside":
        return _country_outside(code, places) or match
    return match


def _country_outside(code: str, places: Places) -> Match | None:
    country = places.origin(code)
    return None if country is None else Match(country, 0, Verdict.PLACED, "code")


def _no_origin(written: str, places: Places) -> Match:
    near = places.like_country(written)
    todo = f"did you mean {' or '.join(near)}?" if near else "write its ISO3 code"
    why = f"country of origin {written!r} is not known; {todo}"
    return Match("", -1, Verdict.LEFT_OUT, why=why, reason="unknown-origin")


def _with_matches(frame: pd.DataFrame, matches: Sequence[Match]) -> pd.DataFrame:
    return frame.reset_index(drop=True).assign(
        matched=pd.Series([match.target for match in matches], dtype="str"),
        verdict=pd.Series([str(match.verdict) for match in matches], dtype="str"),
        level=pd.Series([match.level for match in matches], dtype="int64"),
        how=pd.Series([match.how for match in matches], dtype="str"),
        why=pd.Series([match.why for match in matches], dtype="str"),
    )


def _entries(
    frame: pd.DataFrame, matches: Sequence[Match], named: Sequence[str]
) -> tuple[LedgerEntry, ...]:
    return tuple(
        LedgerEntry(
            file=row["file"],
            row=row["row"],
            place=" → ".join(dict.fromkeys(row[column] for column in named if row[column])),
            verdict=match.verdict,
            why=match.why,
            pcode=match.target.removeprefix("carry:"),
            how=match.how,
            reason=match.reason,
        )
        for row, match in zip(records(frame), matches, strict=True)
    )
