"""Which matched rows count, and where: a figure that two rows state is never counted twice.

Two rows state the same figure when they have the same place, group, measure, unit, date and
origin. From two sources, kinds or periods the first in order counts, and the other is set aside
with a reason. From one source, two writings of one place ("Kayes : Region", "Kayes : Point") are
two parts of it and both count; the same writing a second time is set aside, unless the table's
rows are parts by a column that we do not keep.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.gazetteer import Places
from geo.ledger import LedgerEntry, Verdict
from geo.matching import MatchedFigures
from geo.sums import AMOUNT, KINDS, STATES, Shares, Words
from geo.terms import QUALIFIERS, Kind, State

__all__ = [
    "PART",
    "Amount",
    "Settled",
    "What",
    "added",
    "apportioned",
    "same_writing",
    "settle",
]

_FIGURE = STATES.index(State.FIGURE.value)
_KINDS = tuple(Kind)  # registered … planning: from the firmest to the weakest, too


class What(NamedTuple):
    """What a figure counts, and when: figures that differ in any of these are never added.

    ``origin`` is the one exception: "" stands for all origins together.
    """

    group: str
    measure: str
    unit: str
    date: date
    origin: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure or its absence, with what it rests on. ``value`` is None unless there is a figure."""

    value: float | None
    state: str
    kind: str
    start: date | None
    qualifier: str
    carried: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    rows: frozenset[tuple[str, int]] = frozenset()
    note: str = ""
    """What the row said of itself; a sum of several rows has none."""


PART = (
    "target",  # word: what the row was matched to; unplaced rows have what they write, too
    "pcode",  # word: the unit the share is at
    "level",
    "unplaced",
    "direct",  # the row speaks of the unit itself, not of a site in it or a unit carried into it
    "what",  # number of the group, measure, unit and date in `Settled.whats`
    "origin",  # word: P-code of the country of origin, 'unknown', or ""
    *AMOUNT,
)
"""The columns of settled shares."""


@dataclass(frozen=True)
class Settled:
    """The shares that count (columns ``PART``), and one entry for every row of the tables.

    ``whats`` are the distinct (group, measure, unit, date), ``starts`` the distinct first days of
    periods, ``files`` and ``rows`` where each input row stood.
    """

    parts: Shares
    words: Words
    entries: tuple[LedgerEntry, ...]
    whats: tuple[tuple[str, str, str, date], ...]
    starts: tuple[date, ...]
    files: tuple[str, ...]
    rows: tuple[int, ...]

    def start(self, number: int) -> date | None:
        """Return the first day of a period by its number."""
        return self.starts[number] if number >= 0 else None

    def provenance(self, rows: Iterable[int]) -> str:
        """Return 'file:row' of the input rows, joined with '|', by file and row."""
        told = sorted((self.files[at], self.rows[at]) for at in rows)
        return "|".join([f"{file}:{row}" for file, row in told])


def added(amounts: Sequence[Amount]) -> Amount | None:
    """Return the sum of the known amounts; None where their periods differ.

    Some not known: the sum is "at least". None known: no figure, in their common state.
    """
    known = [amount for amount in amounts if amount.value is not None]
    told = known or amounts
    if len({amount.start for amount in told}) > 1:
        return None
    states = {amount.state for amount in amounts if amount.value is None}
    qualifier = max((amount.qualifier for amount in told), key=QUALIFIERS.index)
    if known and states - {State.OUT_OF_SCOPE.value}:
        qualifier = "at_least"
    empty = next(iter(states)) if len(states) == 1 else State.NOT_REPORTED.value
    return Amount(
        value=sum(amount.value for amount in known if amount.value is not None) if known else None,
        state=State.FIGURE.value if known else empty,
        kind=max((Kind(amount.kind) for amount in told), key=_KINDS.index).value,
        start=told[0].start,
        qualifier=qualifier,
        carried=frozenset().union(*(amount.carried for amount in amounts)),
        sites=frozenset().union(*(amount.sites for amount in amounts)),
        sources=frozenset().union(*(amount.sources for amount in told)),
        rows=frozenset().union(*(amount.rows for amount in told)),
        note=amounts[0].note if len(amounts) == 1 else "",
    )


def apportioned(value: float, weights: Sequence[float]) -> list[float]:
    """Share out whole persons by weight; the shares sum to ``value`` exactly.

    The largest remainders get the persons that rounding down leaves over, the first of equals
    first (Hare–Niemeyer).

    >>> apportioned(10, [0.5, 0.25, 0.25])
    [5.0, 3.0, 2.0]
    """
    whole = sum(weights)
    exact = [value * weight / whole for weight in weights]
    shares = [float(int(share)) for share in exact]
    left = round(value - sum(shares))
    by_remainder = sorted(range(len(exact)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[:left]:
        shares[at] += 1
    return shares


def same_writing(text: str) -> str:
    """Return a key that two writings share if they differ in accents, case or signs only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalnum())


def settle(tables: Sequence[MatchedFigures], places: Places) -> Settled:
    """Return the shares that count, and one entry for every row of the tables."""
    cells = {name: _cells(tables, name) for name in _KEPT}
    for name in ("parts", "disjoint"):
        flags = [np.full(len(table.frame), getattr(table, name)) for table in tables]
        cells[name] = np.concatenate([np.zeros(0, dtype=bool), *flags])
    entries = [entry for table in tables for entry in table.entries]
    words, whats = Words(), dict[tuple[str, str, str, date], int]()
    told = zip(*(cells[name].tolist() for name in _WHAT), strict=True)
    what = [whats.setdefault(each, len(whats)) for each in told]
    starts = sorted({start for start in cells["start"].tolist() if start is not None})
    number_of = {start: number for number, start in enumerate(starts)}
    rows = Shares(
        {
            **cells,
            "what": np.array(what, dtype=np.int64),
            "target": words.numbers(cells["matched"].tolist()),
            "origin": words.numbers(cells["origin_code"].tolist()),
            "sources": words.numbers(cells["source"].tolist()),
            "kind": _ranks(cells["kind"], KINDS),
            "state": _ranks(cells["state"], STATES),
            "qualifier": _ranks(cells["qualifier"], QUALIFIERS),
            "unplaced": cells["verdict"] == Verdict.UNPLACED.value,
            "start": np.array([number_of.get(day, -1) for day in cells["start"]], dtype=np.int64),
            "at": np.arange(len(entries)),
        }
    )
    counted = _without_repeats(rows, entries, starts, words)
    return Settled(
        parts=_parts_of(counted, places, words),
        words=words,
        entries=tuple(entries),
        whats=tuple(whats),
        starts=tuple(starts),
        files=tuple(cells["file"].tolist()),
        rows=tuple(cells["row"].tolist()),
    )


_WHAT = ("group", "measure", "unit", "date")
_SAID = ("sources", "kind", "start")
_NUMBERS = {"row": np.int64, "level": np.int64, "value": np.float64}
_KEPT = (
    *("file", "row", "place", "pcode", "matched", "level", "verdict", "origin_code", *_WHAT),
    *("start", "value", "state", "kind", "qualifier", "source", "note"),
)


def _cells(tables: Sequence[MatchedFigures], name: str) -> NDArray[Any]:
    kind: Any = _NUMBERS.get(name, object)
    columns = [table.frame[name].to_numpy(dtype=kind) for table in tables]
    return np.concatenate(columns) if columns else np.zeros(0, dtype=kind)


def _ranks(cells: NDArray[Any], order: Sequence[str]) -> NDArray[Any]:
    rank = {word: number for number, word in enumerate(order)}
    return np.array([rank[word] for word in cells.tolist()], dtype=np.int64)


def _without_repeats(
    rows: Shares, entries: list[LedgerEntry], starts: Sequence[date], words: Words
) -> Shares:
    """Return the rows that count; the ``entries`` of the others are put in words here."""
    rows = rows.at(rows["target"] != 0)
    empty = rows["state"] != _FIGURE
    file = Words().numbers(rows["file"].tolist())
    texts = [place or code for place, code in zip(rows["place"], rows["pcode"], strict=True)]
    plain = {text: same_writing(text) for text in set(texts)}
    writing = Words().numbers([plain[text] for text in texts])
    rows = rows.but(writing=writing, empty=empty)
    same = rows.codes(["target", "level", "unplaced", "what", "origin"])
    # a source that has no figure gives way to one that has
    order = np.lexsort((rows["row"], file, empty, same))
    rows, same = rows.at(order), same[order]
    is_first = np.ones(len(rows), dtype=bool)
    is_first[1:] = same[1:] != same[:-1]
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(rows)), 0))
    other = np.zeros(len(rows), dtype=bool)
    for name in _SAID:
        other |= rows[name] != rows[name][first]
    seen = rows.but(same=same).codes(["same", "writing"])
    again = np.ones(len(rows), dtype=bool)
    again[np.unique(seen, return_index=True)[1]] = False
    aside = other | (again & ~rows["parts"])
    for at in np.flatnonzero(aside).tolist():
        entry = int(rows["at"][at])
        entries[entry] = _set_aside(entries[entry], rows, at, int(first[at]), starts, words)
    return rows.at(~aside)


def _set_aside(  # noqa: PLR0917 - two rows of one table
    entry: LedgerEntry, rows: Shares, at: int, first: int, starts: Sequence[date], words: Words
) -> LedgerEntry:
    def said(at: int) -> str:
        since = f" since {starts[rows['start'][at]]}" if rows["start"][at] >= 0 else ""
        value = "no figure" if rows["empty"][at] else f"{rows['value'][at]:,.0f}"
        return f"{value} ({rows['source'][at]}, {KINDS[rows['kind'][at]]}{since})"

    where = f"{rows['file'][first]}, row {rows['row'][first]}"
    is_empty = bool(rows["empty"][at])
    verdict = entry.verdict if is_empty else Verdict.LEFT_OUT
    if all(rows[name][at] == rows[name][first] for name in _SAID):
        why = f"{said(at)} set aside: {where} states this figure already"
        return replace(entry, verdict=verdict, why=why, reason="stated-twice")
    if is_empty:
        why = f"not reported here; {where} ({rows['source'][first]}) has it"
        return replace(entry, verdict=verdict, why=why, reason="")
    facts: dict[str, float | str] = {name: str(rows[name][at]) for name in _WHAT}
    facts |= {"pcode": rows["matched"][at], "origin": words.texts[rows["origin"][at]]}
    facts |= {"value": float(rows["value"][at]), "source": rows["source"][at]}
    facts |= {"beside": float(rows["value"][first]), "beside_source": rows["source"][first]}
    facts |= {"beside_row": f"{rows['file'][first]}:{rows['row'][first]}"}
    why = f"{said(at)} set aside: {where} states {said(first)} for the same place"
    return replace(entry, verdict=verdict, why=why, reason="another-source", facts=facts)


def _parts_of(rows: Shares, places: Places, words: Words) -> Shares:
    """Return the shares of rows: one for a row at a unit, several for one in a carried unit."""
    numbers = np.empty(len(rows), dtype=object)
    numbers[:] = [(at,) for at in rows["at"].tolist()]
    parts = rows.but(
        pcode=rows["target"],
        direct=~rows["disjoint"],  # of disjoint rows, a region's is a piece beside its districts'
        value=np.where(rows["empty"], np.nan, rows["value"]),
        carried=0,
        sites=0,
        rows=numbers,
        note=words.numbers(rows["note"].tolist()),
    )
    special = np.array([":" in text for text in words.texts], dtype=bool)[parts["target"]]
    # "unknown" and "dispersed" are two parts of the same country
    target = parts["target"].copy()
    for at in np.flatnonzero(rows["unplaced"] & ~special).tolist():
        text = words.texts[target[at]]
        target[at] = words.number(f"{text}?{same_writing(rows['place'][at])}")
    parts = parts.but(target=target).only(PART)
    shares = [
        _one(share, parts)
        for at in np.flatnonzero(special).tolist()
        for share in _shares({name: parts[name][at] for name in PART}, places, words)
    ]
    return Shares.joined([parts.at(~special), *shares])


def _one(share: Mapping[str, Any], like: Shares) -> Shares:
    columns = {}
    for name in PART:
        columns[name] = np.empty(1, dtype=like[name].dtype)
        columns[name][0] = share[name]
    return Shares(columns)


def _shares(row: dict[str, Any], places: Places, words: Words) -> Iterator[dict[str, Any]]:
    """Yield the shares of a row at a site, or in a unit that is carried into ours."""
    kind, _, name = words.texts[row["target"]].partition(":")
    label = words.number(name)
    if kind == "site":
        units = places.within(places.site(name))
        whole = words.number(places.common_parent(units))
        yield row | {"pcode": whole, "unplaced": len(units) > 1, "direct": False, "sites": label}
        return
    into = places.carry(name).into
    values: Sequence[float] = [float("nan")] * len(into)
    if not np.isnan(row["value"]):
        values = apportioned(float(row["value"]), [weight for _, weight in into])
    for (pcode, _), value in zip(into, values, strict=True):
        at = {"pcode": words.number(pcode), "level": places.level(pcode), "value": value}
        yield row | at | {"unplaced": False, "direct": False, "carried": label}
