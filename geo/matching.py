"""Every row gets a place or a reason. Matching adds columns; it drops and changes nothing.

The added columns: ``target`` is what the row was matched to, ``level`` the level it speaks at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.gazetteer import Carry, Places
from geo.ledger import Asked, LedgerEntry, Verdict
from geo.matches import UNKNOWN, Match, left_out
from geo.partners import known_partners
from geo.place_matching import MatchedPlaces, Written, match_places
from geo.table_totals import checked_totals
from geo.tables import FigureTable, FlowTable, PresenceTable

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
    it is left out. ``parts`` and ``disjoint`` as in `FigureTable`.
    """

    frame: pd.DataFrame
    entries: tuple[LedgerEntry, ...]
    parts: bool = False
    disjoint: bool = False


@dataclass(frozen=True)
class MatchedFlows:
    """Movements with both ends found: ``origin_matched`` and ``destination_matched``.

    An end is a P-code, ``site:ID`` or 'unknown'. An end that could not be placed within its
    parent is the parent; one in a carried unit is what holds all that the unit is carried into.
    ``parts`` as in `FlowTable`.
    """

    frame: pd.DataFrame
    entries: tuple[LedgerEntry, ...]
    parts: bool = False


@dataclass(frozen=True)
class MatchedPresence:
    """Presence with the added columns of `MatchedFigures` but ``origin_code``."""

    frame: pd.DataFrame
    entries: tuple[LedgerEntry, ...]


def match_figures(table: FigureTable, places: Places) -> MatchedFigures:
    """Find the place and the country of origin of every row.

    The order is that of `geo.place_matching`. A total of the whole table, of no place, is checked
    against the rows it is the total of and counted nowhere.
    """
    frame = table.frame.reset_index(drop=True)
    found = match_places(frame, places)
    ends = _Ends.of(found)
    origins = {text: places.origin(text) if text else "" for text in frame["origin"].unique()}
    for text in (text for text, origin in origins.items() if origin is None):
        ends = ends.left_out((frame["origin"] == text).to_numpy(), _no_origin(text, places))
    codes = frame["origin"].map({text: code or "" for text, code in origins.items()})
    matched = _with_matches(frame, ends).assign(origin_code=codes.astype("str"))
    entries = checked_totals(matched, _entries(frame, ends, ("place", "pcode")))
    return MatchedFigures(matched, entries, table.parts, table.disjoint)


def match_presence(table: PresenceTable, places: Places) -> MatchedPresence:
    """Find the place, the organisation and the sector of every row of a presence table.

    ``org``, ``acronym`` and ``org_type`` become those of the one organisation that the spellings
    in this and the checked-in table stand for; ``sector_code`` is filled where it is known.
    """
    frame = table.frame.reset_index(drop=True)
    ends = _Ends.of(match_places(frame, places))
    entries = _entries(frame, ends, ("place", "pcode"))
    frame, remarks = known_partners(frame)
    told = tuple(
        replace(entry, why="; ".join(filter(None, (entry.why, remark)))) if remark else entry
        for entry, remark in zip(entries, remarks, strict=True)
    )
    return MatchedPresence(_with_matches(frame, ends), told)


_ENDS = ("origin", "destination")


def match_flows(table: FlowTable, places: Places) -> MatchedFlows:
    """Find both ends of every movement; a row with an end that is not found is left out.

    People of unknown origin are kept, and so is a movement within one place: both ends are it.
    """
    frame = table.frame.reset_index(drop=True)
    start, stop = (_flow_end(frame, end, places) for end in _ENDS)
    pairs = start.at * (len(stop.matches) + 1) + stop.at
    _, first, at = np.unique(pairs, return_index=True, return_inverse=True)
    matches, asked, targets = [], [], []
    for row in first.tolist():
        leaves, arrives = start.matches[start.at[row]], stop.matches[stop.at[row]]
        wrong = next((m for m in (leaves, arrives) if m.verdict is Verdict.LEFT_OUT), None)
        matches.append(wrong or _moved(leaves, arrives))
        asked.append((*start.asked[start.at[row]], *stop.asked[stop.at[row]]))
        targets.append(("", "") if wrong else (leaves.target, arrives.target))
    moved = _Ends(tuple(matches), tuple(asked), at)
    matched = frame.assign(
        origin_matched=_taken([origin for origin, _ in targets], at),
        destination_matched=_taken([destination for _, destination in targets], at),
        verdict=_taken([match.verdict.value for match in matches], at),
    )
    named = ("origin", "origin_pcode", "destination", "destination_pcode")
    return MatchedFlows(matched, _entries(frame, moved, named), table.parts)


def _flow_end(frame: pd.DataFrame, end: str, places: Places) -> "_Ends":
    columns = {"place": end, "pcode": f"{end}_pcode", "parent": f"{end}_parent", "level": ""}
    found = match_places(frame, places, columns)
    resolved = tuple(
        _end(end, said, match, places)
        for said, match in zip(found.written, found.matches, strict=True)
    )
    return _Ends.of(replace(found, matches=resolved))


@dataclass(frozen=True)
class _Ends:
    """The distinct matches of a table, what each asks of a person, and which one a row has."""

    matches: tuple[Match, ...]
    asked: tuple[tuple[Asked, ...], ...]
    at: NDArray[np.int64]

    @staticmethod
    def of(found: MatchedPlaces) -> "_Ends":
        out = [match.verdict is Verdict.LEFT_OUT for match in found.matches]
        asked = tuple(found.asked(at) if out[at] else () for at in range(len(found.matches)))
        return _Ends(found.matches, asked, found.of_row.to_numpy(dtype=np.int64))

    def left_out(self, rows: NDArray[np.bool_], why: Match) -> "_Ends":
        """Return them with some of the rows that had a place left out."""
        placed = np.array([m.verdict is not Verdict.LEFT_OUT for m in self.matches], dtype=bool)
        at = np.where(rows & placed[self.at], len(self.matches), self.at)
        return _Ends((*self.matches, why), (*self.asked, ()), at)


def _moved(start: Match, stop: Match) -> Match:
    whys = [end.why for end in (start, stop) if end.why]
    if start.target == stop.target:
        whys.append("a movement within one place")
    confidence = min(start.confidence, stop.confidence)
    how = f"{start.how}|{stop.how}"
    return Match(
        stop.target, stop.level, Verdict.PLACED, how, "; ".join(whys), confidence=confidence
    )


def _end(end: str, said: Written, match: Match, places: Places) -> Match:
    if match.target.startswith("carry:"):
        carry = places.carry(match.target.removeprefix("carry:"))
        whole = places.common_parent([pcode for pcode, _ in carry.into])
        return replace(match, target=whole)
    if match.target.startswith("site:"):  # an area is an end of its own, never split
        return Match(match.target, match.level, Verdict.PLACED, match.how)
    nowhere = match.verdict is Verdict.UNPLACED and match.how == "parent"
    if not said.parent and (nowhere or match.reason == "nowhere"):
        return Match(UNKNOWN, -1, Verdict.UNPLACED, "name", f"{end} is not known")
    if match.reason == "unknown-place" and not said.pcode:
        country = places.origin(said.place)  # an end may lie in any country of the world
        if country is not None and country != UNKNOWN:
            return Match(country, 0, Verdict.PLACED, "name")
    if match.reason == "outside":
        return _country_outside(said.pcode, places) or match
    return match


def _country_outside(code: str, places: Places) -> Match | None:
    country = places.origin(code)
    return None if country is None else Match(country, 0, Verdict.PLACED, "code")


def _no_origin(written: str, places: Places) -> Match:
    near = places.like_country(written)
    todo = f"did you mean {' or '.join(near)}?" if near else "write its ISO3 code"
    why = f"country of origin {written!r} is not known; {todo}"
    return left_out("unknown-origin", why)


def _taken(words: Sequence[str], at: NDArray[np.int64]) -> pd.Series:
    """Return a text column from its distinct words."""
    return pd.Series(np.array(words, dtype=object)[at], dtype="str")


def _with_matches(frame: pd.DataFrame, ends: _Ends) -> pd.DataFrame:
    levels = np.array([match.level for match in ends.matches], dtype=np.int64)
    return frame.assign(
        matched=_taken([match.target for match in ends.matches], ends.at),
        verdict=_taken([match.verdict.value for match in ends.matches], ends.at),
        level=levels[ends.at],
        how=_taken([match.how for match in ends.matches], ends.at),
        why=_taken([match.why for match in ends.matches], ends.at),
    )


def _entries(frame: pd.DataFrame, ends: _Ends, named: Sequence[str]) -> tuple[LedgerEntry, ...]:
    texts = zip(*(frame[column].to_numpy(dtype=object) for column in named), strict=True)
    rows = zip(
        frame["file"].to_numpy(dtype=object),
        frame["row"].tolist(),
        texts,
        ends.at.tolist(),
        strict=True,
    )
    said: dict[tuple[str, ...], str] = {}
    entries = []
    for file, row, cells, at in rows:
        match = ends.matches[at]
        place = said.get(cells)
        if place is None:
            place = said[cells] = " → ".join(dict.fromkeys(filter(None, cells)))
        entries.append(
            LedgerEntry(
                file=file,
                row=row,
                place=place,
                verdict=match.verdict,
                why=match.why,
                pcode=match.target.removeprefix("carry:"),
                how=match.how,
                reason=match.reason,
                confidence=match.confidence,
                asked=ends.asked[at],
            )
        )
    return tuple(entries)
