"""The order in which a table's places are matched: code, decision, alias, name, likeness, question.

Each name of a table is looked at once. A name at several levels is read by the rest of its table;
one that is only alike is taken under strict conditions and flagged; what is left is asked of a
person, with suggestions. Totals and words for nowhere are never taken for a name they are like.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from boundaries.names import normalise_name
from geo.decisions import Decision
from geo.gazetteer import Places
from geo.ledger import Asked, Suggestion, Verdict
from geo.likeness import taken
from geo.matches import Match, left_out
from geo.place_finding import above_of, candidates
from geo.place_index import IndexedUnit
from geo.place_texts import read_place
from geo.place_words import is_everywhere, is_nowhere

__all__ = ["MatchedPlaces", "Written", "match_places"]

ASKED_ABOUT = frozenset(
    {"unknown-place", "ambiguous-name", "unknown-code", "unknown-parent", "code-and-name-disagree"}
)
_OUTER = 0.9


class Written(NamedTuple):
    """Where a table says a row is: the cells that name its place."""

    file: str
    place: str
    pcode: str
    parent: str
    level: str
    day: date | None
    """Only where a name means different units at different times; None otherwise."""


@dataclass(frozen=True)
class MatchedPlaces:
    """The distinct written places of a table, their matches, and which one each row has.

    ``of_row`` has as many entries as the table has rows.
    """

    written: tuple[Written, ...]
    matches: tuple[Match, ...]
    of_row: pd.Series

    def asked(self, at: int) -> tuple[Asked, ...]:
        """Return the question that a written place leaves open, if it does."""
        match, said = self.matches[at], self.written[at]
        if match.reason not in ASKED_ABOUT:
            return ()
        return (Asked(said.place or said.pcode, said.parent, match.suggestions),)


def match_places(
    frame: pd.DataFrame,
    places: Places,
    columns: Mapping[str, str] | None = None,
) -> MatchedPlaces:
    """Match every distinct written place of a table once.

    Parameters
    ----------
    frame : DataFrame
        With the columns ``file``, ``place``, ``pcode``, ``parent``, ``level`` and ``date``.
    places : Places
        What they may mean, and what was decided before.
    columns : mapping, optional
        Other headers for these columns, such as ``{"place": "origin"}``; "" for one that is not
        there.
    """
    named = {name: (columns or {}).get(name, name) for name in (*Written._fields[:-1], "date")}
    days = _dates_that_matter(frame[named["place"]], frame[named["date"]], places)
    keys = pd.DataFrame(
        {name: frame[named[name]] if named[name] else "" for name in Written._fields[:-1]}
        | {"day": days}
    )
    of_row = keys.groupby(list(Written._fields), sort=False, dropna=False).ngroup()
    distinct = keys.loc[~of_row.duplicated()]
    rows = zip(*(distinct[name] for name in Written._fields), strict=True)
    written = tuple(Written._make((*cells, day or None)) for *cells, day in rows)
    alone = [_match(said, places) for said in written]
    told = pd.DataFrame({"at": of_row, "day": frame[named["date"]].astype(str)}).drop_duplicates()
    matches = _in_context(
        written, alone, zip(told["at"].tolist(), told["day"].tolist(), strict=True), places
    )
    return MatchedPlaces(written, matches, of_row.reset_index(drop=True))


def _dates_that_matter(texts: pd.Series, days: pd.Series, places: Places) -> pd.Series:
    """Return the dates of the rows whose name is not a place's name at all times, else ""."""
    dated = places.index.dated_keys
    if not dated:
        return pd.Series("", index=texts.index, dtype=object)
    matters = {t: normalise_name(read_place(t).name) in dated for t in texts.unique()}
    return days.where(texts.map(matters).astype(bool), "").astype(object)


def _match(said: Written, places: Places) -> Match:
    found = places.find(said.place, said.pcode, said.parent, said.level, said.day)
    by_code = bool(said.pcode) and found.how in ("code", "iso3", "site", "carry")
    if by_code and found.verdict is not Verdict.LEFT_OUT:
        return found
    decision = _decision(said, places)
    if decision is not None:
        return _decided(decision, places)
    if found.reason == "unknown-place" and not is_everywhere(said.place):
        return _alike(said, found, places) or found
    return found


# --- decided before -------------------------------------------------------------------------------


def _decision(said: Written, places: Places) -> Decision | None:
    """Return the decision that fits best: of this file before any, of this parent before any."""
    if not places.decisions:
        return None
    place = said.place or said.pcode
    for file in (said.file, ""):
        for parent in dict.fromkeys((said.parent, "")):
            decision = places.decided.get((file, place, parent))
            if decision is not None:
                return decision
    return None


def _decided(decision: Decision, places: Places) -> Match:
    why = f"decided: {decision.why}" if decision.why else "decided before"
    if decision.who or decision.when:
        why += f" ({', '.join(filter(None, (decision.who, decision.when)))})"
    if decision.leaves_out:
        return left_out("decided-out", why)
    match = places.find("", decision.pcode)
    if match.verdict is Verdict.LEFT_OUT:
        vintage = places.boundaries.vintage.id
        gone = f"it was decided to mean {decision.pcode}, which vintage {vintage} does not have"
        return left_out("unknown-place", f"{decision.place!r}: {gone}; decide again")
    return replace(match, how="decision", why="; ".join(filter(None, (why, match.why))))


# --- alike ----------------------------------------------------------------------------------------


def _alike(said: Written, found: Match, places: Places) -> Match | None:
    """Return the match of a name that is only alike, where no other comes near; else None."""
    text = read_place(said.place)
    above, problem = above_of(places, said.parent, text)
    if problem is not None or is_nowhere(text.name):
        return None
    units = candidates(places, text, above, said.level)
    names = _names(units)
    near = taken(normalise_name(text.name), names)
    if near is None or len(names[near.name]) != 1 or _also_elsewhere(near.name, text.name, places):
        return None
    (pcode,) = names[near.name]
    unit = places.index.units[pcode]
    why = f"{said.place!r} is not exactly the name of {unit}, but {near.ratio:.0f} % alike"
    return Match(
        unit.pcode,
        unit.level,
        Verdict.PLACED,
        "alike",
        why,
        confidence=round(near.ratio / 100, 3),
        suggestions=found.suggestions or (Suggestion(unit.pcode, str(unit), near.ratio),),
    )


def _names(units: Iterable[IndexedUnit]) -> dict[str, tuple[str, ...]]:
    """Return the outermost bearers of each name: a cercle named as its region is no rival to it."""
    bearers: dict[str, list[IndexedUnit]] = {}
    for unit in units:
        other = (a.key for a in unit.known_as if a.note != "seat" and not (a.since or a.until))
        for name in (*unit.names, *unit.aliases, *other):
            bearers.setdefault(name, []).append(unit)
    names = {}
    for name, of_name in bearers.items():
        codes = {unit.pcode for unit in of_name}
        names[name] = tuple(sorted(u.pcode for u in of_name if u.parent not in codes))
    return names


def _also_elsewhere(name: str, written: str, places: Places) -> bool:
    """Whether a declared place is as near: then it is no unit's name misspelt."""
    key = normalise_name(written)
    sites = {each: 0 for site in places.sites for each in map(normalise_name, site.names.values())}
    return bool(sites) and taken(key, {**sites, name: 1}) is None


# --- one name at several levels -------------------------------------------------------------------


_CERTAIN = frozenset({"code", "decision", "alias", "name"})


def _in_context(
    written: Sequence[Written],
    matches: Sequence[Match],
    told: Iterable[tuple[int, object]],
    places: Places,
) -> tuple[Match, ...]:
    """Read names at several levels by what their table tells of the same days.

    ``told`` are the written places (by position), each with a day it is told of.
    """
    days: dict[int, set[tuple[str, object]]] = {}
    units: dict[tuple[str, object], set[str]] = {}
    for at, day in told:
        said, match = written[at], matches[at]
        if match.reason == "ambiguous-name":
            days.setdefault(at, set()).add((said.file, day))
        elif match.how in _CERTAIN and match.target in places.index.units:
            units.setdefault((said.file, day), set()).add(match.target)
    read = list(matches)
    for at, on in days.items():
        beside = set().union(*(units.get(each, set()) for each in on))
        read[at] = _read_in_context(written[at], matches[at], beside, places)
    return tuple(read)


def _read_in_context(said: Written, match: Match, beside: set[str], places: Places) -> Match:
    """Read a name that a unit shares with the units inside it; others stay ambiguous.

    Where the table speaks of the inner's level only, it is the inner. Where it tells nothing of
    the parts of the outer, it is the outer: whichever was meant, the people are in it.
    """
    units = [places.index.units[each.pcode] for each in match.suggestions]
    units.sort(key=lambda unit: unit.level)
    nested = all(outer.pcode in places.chain(inner.pcode) for outer, inner in pairwise(units))
    if len(units) < 2 or not nested:
        return match
    spoken = {places.level(pcode) for pcode in beside} - {0}
    of_level = [unit for unit in units if unit.level in spoken]
    if len(spoken) == 1 and len(of_level) == 1:
        unit = of_level[0]
        why = f"{said.place!r} read as {unit}: the rest of the table speaks of that level"
        return Match(unit.pcode, unit.level, Verdict.PLACED, "name", why)
    outer = units[0]
    if any(outer.pcode in places.chain(pcode)[1:] for pcode in beside):
        return match
    why = f"{said.place!r} is the name of {' and of '.join(map(str, units))}: counted in the first"
    return Match(outer.pcode, outer.level, Verdict.PLACED, "outer", why, confidence=_OUTER)
