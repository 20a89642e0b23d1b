"""Which matched rows count, and where: a figure that two rows state is never counted twice.

Two rows state the same figure when they have the same place, group, measure, unit, date and
origin. From two sources, kinds or periods the first in order counts, and the other is set aside
with a reason. From one source, two writings of one place ("Kayes : Region", "Kayes : Point") are
two parts of it and both count; the same writing a second time is set aside.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from geo.gazetteer import Places
from geo.ledger import LedgerEntry, Verdict
from geo.matching import MatchedFigures
from geo.tables import records
from geo.terms import QUALIFIERS, Kind, State

__all__ = [
    "Amount",
    "Part",
    "What",
    "added",
    "apportioned",
    "same_writing",
    "settle",
]

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


@dataclass(frozen=True, slots=True)
class Part:
    """One row's share at one unit.

    ``target`` is what the row was matched to. ``direct``: the row speaks of the unit itself, not
    of a site in it or a unit carried into it.
    """

    target: str
    pcode: str
    level: int
    unplaced: bool
    direct: bool
    what: What
    amount: Amount


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


def settle(
    tables: Sequence[MatchedFigures], places: Places
) -> tuple[list[Part], list[LedgerEntry]]:
    """Return the shares that count, and one entry for every row of the tables."""
    rows: list[tuple[dict[str, Any], LedgerEntry]] = []
    for table in tables:
        rows.extend(zip(records(table.frame), table.entries, strict=True))
    stating: dict[tuple[str, int, str, What], list[int]] = defaultdict(list)
    files: dict[str, int] = {}
    for at, (row, _) in enumerate(rows):
        files.setdefault(row["file"], len(files))
        if row["matched"]:
            stating[row["matched"], row["level"], row["verdict"], _what(row)].append(at)
    entries = [entry for _, entry in rows]
    parts: list[Part] = []
    for same in stating.values():
        # a source that has no figure gives way to one that has
        same.sort(
            key=lambda at: (_empty(rows[at][0]), files[rows[at][0]["file"]], rows[at][0]["row"])
        )
        first = rows[same[0]][0]
        written: set[str] = set()
        for at in same:
            row = rows[at][0]
            aside = _set_aside(row, first, written)
            written.add(same_writing(row["place"] or row["pcode"]))
            if aside:
                reason, why = aside
                verdict = entries[at].verdict if _empty(row) else Verdict.LEFT_OUT
                entries[at] = replace(entries[at], verdict=verdict, why=why, reason=reason)
            else:
                parts.extend(_parts(row, places))
    return parts, entries


def _what(row: dict[str, Any]) -> What:
    return What(row["group"], row["measure"], row["unit"], row["date"], row["origin_code"])


def _empty(row: dict[str, Any]) -> bool:
    return bool(row["state"] != State.FIGURE)


def _set_aside(
    row: dict[str, Any], first: dict[str, Any], written: Iterable[str]
) -> tuple[str, str] | None:
    """Return the reason and the sentence for a row that does not count, if it does not."""
    where = f"{first['file']}, row {first['row']}"
    if (row["source"], row["kind"], row["start"]) != (
        first["source"],
        first["kind"],
        first["start"],
    ):
        if _empty(row):
            return "", f"not reported here; {where} ({first['source']}) has it"
        theirs, ours = _said(first), _said(row)
        return "another-source", f"{ours} set aside: {where} states {theirs} for the same place"
    if same_writing(row["place"] or row["pcode"]) in written:
        return "stated-twice", f"{_said(row)} set aside: {where} states this figure already"
    return None


def _said(row: dict[str, Any]) -> str:
    since = f" since {row['start']}" if row["start"] else ""
    value = "no figure" if _empty(row) else f"{row['value']:,.0f}"
    return f"{value} ({row['source']}, {row['kind']}{since})"


def _parts(row: dict[str, Any], places: Places) -> Iterator[Part]:
    target, level, what = row["matched"], row["level"], _what(row)
    whole = Amount(
        value=None if _empty(row) else float(row["value"]),
        state=row["state"],
        kind=row["kind"],
        start=row["start"],
        qualifier=row["qualifier"],
        sources=frozenset([row["source"]]),
        rows=frozenset([(row["file"], row["row"])]),
        note=row["note"],
    )
    if target.startswith("site:"):
        site = places.site(target.removeprefix("site:"))
        units = places.within(site)
        amount = replace(whole, sites=frozenset([site.id]))
        pcode = places.common_parent(units)
        yield Part(target, pcode, level, len(units) > 1, False, what, amount)
    elif target.startswith("carry:"):
        carry = places.carry(target.removeprefix("carry:"))
        amount = replace(whole, carried=frozenset([carry.from_code]))
        weights = [weight for _, weight in carry.into]
        shares: Sequence[float | None] = [None] * len(weights)
        if whole.value is not None:
            shares = apportioned(whole.value, weights)
        for (pcode, _), share in zip(carry.into, shares, strict=True):
            part = replace(amount, value=share)
            yield Part(target, pcode, places.level(pcode), False, False, what, part)
    else:
        unplaced = row["verdict"] == Verdict.UNPLACED
        if unplaced:  # "unknown" and "dispersed" are two parts of the same country
            target = f"{target}?{same_writing(row['place'])}"
        yield Part(target, row["matched"], level, unplaced, True, what, whole)
