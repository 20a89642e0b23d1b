"""Figures of one vintage carried to another. Totals stay exact to the person; what was split is a range.

Counts are shared out and added: stocks, new and cumulative ones alike, each by itself. A rate is
worked out again from carried counts, never carried. What is not reported stays so: it makes no
zero, and a sum with an unknown part is "at least".
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, nan, sqrt
from typing import Any

import numpy as np
import pandas as pd

from boundaries.crosswalk import Crosswalk, CrosswalkPair
from geo.errors import TableError
from geo.settling import Amount, What, added
from geo.standing import standing_figures
from geo.tables import UNIT_FIGURE_COLUMNS, records, typed_frame
from geo.terms import QUALIFIERS, State, Unit

__all__ = [
    "CARRIED_COLUMNS",
    "LEFT_COLUMNS",
    "Carried",
    "RateNotCarried",
    "Share",
    "carry_over",
    "range_of",
    "recomputed_rate",
]

CARRIED_COLUMNS = {
    **UNIT_FIGURE_COLUMNS,
    "low": "lower bound of a figure with a split part inside, 90 % sure; else equal to the value",
    "high": "upper bound; both NaN where there is no figure",
}
LEFT_COLUMNS = {
    **UNIT_FIGURE_COLUMNS,
    "why": "no-unit (not in the crosswalk, or its ground is in no new unit) | unplaced (within a "
    "unit that was cut) | periods (parts of a new unit begin on different days)",
}

_Z = 1.6449  # standard deviations to each side that hold 90 % of a normal distribution


class RateNotCarried(TableError):
    """A row to be carried that is not a count of persons or households."""

    code = "rate-not-carried"

    def __init__(self, unit: str, *, pcode: str, group: str) -> None:
        self.unit, self.pcode, self.group = unit, pcode, group
        super().__init__(
            f"figure of {group} at {pcode}: unit {unit!r} is not a count; expected "
            f"{' or '.join(Unit)}. Carry the counts that the rate is made of, and work it out again."
        )


@dataclass(frozen=True)
class Carried:
    """``frame`` has ``CARRIED_COLUMNS``, in codes of the new vintage; ``left`` has ``LEFT_COLUMNS``.

    What could not be carried is in ``left``, under its old code and with the reason. The totals of
    both together are those of the figures given. ``shares`` has one entry per row of ``frame``:
    the parts that it is the sum of.
    """

    frame: pd.DataFrame
    left: pd.DataFrame
    shares: tuple[tuple["Share", ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """Part of an old figure: of which (``given``, a number), how many persons of its ``whole``.

    ``below`` and ``above`` are how far the truth may lie from it, 0 for what went over whole.
    """

    given: int
    value: float
    whole: float
    below: float = 0.0
    above: float = 0.0


def range_of(
    value: float, inside: Sequence[Share], others: Mapping[int, Sequence[Share]]
) -> tuple[float, float]:
    """Return low and high of a sum of shares; parts of one figure do not err apart.

    Parameters
    ----------
    value : float
        The sum, in persons.
    inside : sequence of Share
        What was summed.
    others : mapping
        By the number of an old figure, its shares that were not summed: where none is left, the
        figure is inside as a whole and nothing about it is uncertain.

    Examples
    --------
    >>> half, rest = Share(0, 50, 100, 9, 9), Share(0, 50, 100, 9, 9)
    >>> range_of(50, [half], {0: [rest]}), range_of(100, [half, rest], {})
    ((41.0, 59.0), (100.0, 100.0))
    """
    below = above = most = 0.0
    of_given: dict[int, list[Share]] = defaultdict(list)
    for share in inside:
        of_given[share.given].append(share)
    for given, parts in of_given.items():
        rest = others.get(given, ())
        most += parts[0].whole
        # the parts inside are too few by as many persons as those outside are too many
        below += min(sum(p.below**2 for p in parts), sum(p.above**2 for p in rest))
        above += min(sum(p.above**2 for p in parts), sum(p.below**2 for p in rest))
    low, high = floor(value - sqrt(below)), ceil(value + sqrt(above))
    return max(0.0, float(low)), max(float(value), min(most, float(high)))


@dataclass(frozen=True, slots=True)
class _Share:
    """Part of one old figure; ``below`` and ``above`` are how far the truth may lie from it."""

    row: dict[str, Any]
    amount: Amount
    below: float
    above: float
    given: int = -1

    @property
    def told(self) -> Share:
        """What it says of persons; nothing where the old figure was not reported."""
        known = self.amount.value is not None
        whole = float(self.row["value"]) if known else 0.0
        return Share(self.given, self.amount.value or 0.0, whole, self.below, self.above)


_Cell = tuple[str, int, bool, What]
_Shares = dict[tuple[str, What], list[float]]


def carry_over(figures: pd.DataFrame, crosswalks: Crosswalk | Sequence[Crosswalk]) -> Carried:
    """Carry figures to another vintage's units.

    Parameters
    ----------
    figures : DataFrame
        The columns of ``UNIT_FIGURE_COLUMNS``, in codes of the old vintage. Where a figure is both
        stated and summed, the one that stands is carried (`geo.standing`).
    crosswalks : Crosswalk or a sequence of them
        Of one or more levels. Each level is carried by itself; to have levels add up, carry the
        deepest and sum it.

    Returns
    -------
    Carried
        Whole persons by largest remainder. A split figure is an "estimate" at best, and ``carried``
        names the old units inside wherever their ground is not that of the new unit. A new unit
        of which an old part has no figure is "at least".

    Raises
    ------
    RateNotCarried
        A row counts neither persons nor households.

    Notes
    -----
    Low and high combine, as independent deviations, the range of each part's share and the chance
    of the count itself (binomial: of ten people in a unit cut in half, five and five is not sure).
    Shares are calibrated on residents (`boundaries.crosswalk`); people who live together in a
    few sites can be further off.
    """
    several = [crosswalks] if isinstance(crosswalks, Crosswalk) else list(crosswalks)
    rows = list(records(standing_figures(figures)))
    counted = frozenset(Unit)
    shares = _shares_that_fit_origins(rows, several)
    cells: dict[_Cell, list[_Share]] = defaultdict(list)
    left: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        if row["unit"] not in counted:
            raise RateNotCarried(row["unit"], pcode=row["pcode"], group=row["group"])
        if not row["pcode"]:  # an area over several countries belongs to no vintage
            cells["", row["level"], True, _what(row)].append(
                _Share(row, _amount(row), 0.0, 0.0, number)
            )
            continue
        pairs = _pairs(row["pcode"], several)
        if not pairs or (row["unplaced"] and len(pairs) > 1):
            left.append(row | {"why": "unplaced" if pairs else "no-unit"})
            continue
        for pair, share in _split(row, pairs, shares):
            cell = pair.new, row["level"], row["unplaced"], _what(row)
            cells[cell].append(replace(share, given=number))
    told = {(row["pcode"], row["unplaced"], _what(row)) for row in rows}
    carried: list[tuple[dict[str, Any], tuple[Share, ...]]] = []
    for cell, inside in cells.items():
        total = added([share.amount for share in inside])
        if total is None:
            left.extend(
                share.row | {"value": share.amount.value, "why": "periods"} for share in inside
            )
            continue
        row = _row(cell, total, inside, whole=_all_told(cell, told, several))
        carried.append((row, tuple(share.told for share in inside)))
    carried.sort(key=lambda each: tuple(str(each[0][name]) for name in _ORDER))
    frame = typed_frame((row for row, _ in carried), CARRIED_COLUMNS)
    return Carried(frame, typed_frame(left, LEFT_COLUMNS), tuple(parts for _, parts in carried))


_ORDER = ("level", "pcode", "unplaced", "group", "measure", "unit", "date", "origin")


def _what(row: Mapping[str, Any]) -> What:
    return What(row["group"], row["measure"], row["unit"], row["date"], row["origin"])


def _pairs(pcode: str, crosswalks: Sequence[Crosswalk]) -> tuple[CrosswalkPair, ...]:
    return next((pairs for c in crosswalks if (pairs := c.into(pcode))), ())


def _split(
    row: dict[str, Any], pairs: tuple[CrosswalkPair, ...], shares: _Shares
) -> Iterator[tuple[CrosswalkPair, _Share]]:
    amount = _amount(row)
    inside = amount.carried | {row["pcode"]}
    values: Sequence[float | None] = [None] * len(pairs)
    qualifier = amount.qualifier
    if amount.value is not None:
        known = None if row["unplaced"] else shares.get((row["pcode"], _what(row)))
        values = known or _apportioned(amount.value, [pair.weight for pair in pairs])
        if len(pairs) > 1:
            qualifier = max(qualifier, "estimate", key=QUALIFIERS.index)
    for pair, value in zip(pairs, values, strict=True):
        # a unit that kept its ground is no other unit, whatever its code: no mark
        carried = amount.carried if pair.same_ground else inside
        part = replace(amount, value=value, qualifier=qualifier, carried=carried)
        below = above = 0.0
        if value is not None and amount.value is not None and len(pairs) > 1:
            below, above = _deviations(amount.value, value, pair)
        yield pair, _Share(row, part, below, above)


def _deviations(total: float, value: float, pair: CrosswalkPair) -> tuple[float, float]:
    """Return how far below and above ``value`` the truth may lie, in persons."""
    chance = _Z * sqrt(total * max(pair.weight * (1 - pair.weight), 0.0))
    below, above = max(value - pair.low * total, 0.0), max(pair.high * total - value, 0.0)
    return sqrt(below**2 + chance**2), sqrt(above**2 + chance**2)


def _apportioned(value: float, weights: Sequence[float]) -> list[float]:
    """Share out by largest remainder (Hare–Niemeyer), the first of equals first.

    Shares are whole but for what is not whole in ``value`` itself, which goes to the largest; they
    sum to ``value`` exactly. A weight of 0 gets nothing.
    """
    whole = floor(value)
    exact = np.asarray(weights, dtype=np.float64) * (whole / sum(weights))
    shares = np.floor(exact)
    order = np.lexsort((np.arange(len(exact)), shares - exact))
    order = order[np.asarray(weights)[order] > 0]
    for at in range(int(whole - shares.sum())):
        shares[order[at % len(order)]] += 1
    for _ in range(int(shares.sum() - whole)):  # the product was rounded up to the next whole
        shares[int(np.argmax(shares))] -= 1
    largest = int(np.argmax(exact))
    return [float(s) + (value - whole if at == largest else 0.0) for at, s in enumerate(shares)]


def _shares_that_fit_origins(
    rows: Sequence[Mapping[str, Any]], crosswalks: Sequence[Crosswalk]
) -> _Shares:
    """Return shares of figures for all origins where those by origin add up to them.

    Each figure is rounded to whole persons by itself; without this, origins that added up before
    would miss their total by a person or two after.
    """
    by_origin: dict[tuple[str, What], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["origin"] and not row["unplaced"]:
            by_origin[row["pcode"], _what(row)._replace(origin="")].append(row)
    shares: _Shares = {}
    for row in rows:
        key = row["pcode"], _what(row)
        pairs = _pairs(row["pcode"], crosswalks)
        if row["origin"] or row["unplaced"] or len(pairs) < 2 or key not in by_origin:
            continue
        values = [part["value"] for part in by_origin[key]]
        if any(part["state"] != State.FIGURE for part in by_origin[key]):
            continue
        if row["state"] != State.FIGURE or sum(values) != row["value"]:
            continue
        weights = [pair.weight for pair in pairs]
        split = np.array([_apportioned(value, weights) for value in values])
        shares[key] = [float(total) for total in split.sum(axis=0)]
    return shares


def _amount(row: Mapping[str, Any]) -> Amount:
    def words(name: str) -> frozenset[str]:
        return frozenset(filter(None, row[name].split("|")))

    known = row["state"] == State.FIGURE
    return Amount(
        value=float(row["value"]) if known else None,
        state=row["state"],
        kind=row["kind"],
        start=row["start"],
        qualifier=row["qualifier"],
        carried=words("carried"),
        sites=words("sites"),
        sources=words("sources"),
        note=row["note"],
    )


def _all_told(
    cell: _Cell, told: set[tuple[str, bool, What]], crosswalks: Sequence[Crosswalk]
) -> bool:
    """Return whether every old unit inside a new one has a row of its own."""
    pcode, _, unplaced, what = cell
    if unplaced:
        return True
    sources = next((pairs for c in crosswalks if (pairs := c.sources(pcode))), ())
    return all((pair.old, False, what) in told for pair in sources if pair.weight > 0)


def _row(cell: _Cell, total: Amount, inside: Sequence[_Share], *, whole: bool) -> dict[str, Any]:
    pcode, level, unplaced, what = cell
    value = nan if total.value is None else total.value
    below = sqrt(sum(share.below**2 for share in inside))
    above = sqrt(sum(share.above**2 for share in inside))
    # never more than all people of the old units together
    most = sum(share.row["value"] for share in inside if share.amount.value is not None)
    known = total.value is not None
    split = below > 0 or above > 0
    provenance = dict.fromkeys(p for s in inside for p in s.row["rows"].split("|") if p)
    bases = {share.row["basis"] for share in inside}
    return {
        "pcode": pcode,
        "level": level,
        "unplaced": unplaced,
        **what._asdict(),
        "kind": total.kind,
        "start": total.start,
        "value": value,
        "state": total.state,
        "qualifier": total.qualifier if whole or not known else "at_least",
        "basis": "stated" if bases == {"stated"} else "summed",
        "carried": "|".join(sorted(total.carried)),
        "sites": "|".join(sorted(total.sites)),
        "sources": "|".join(sorted(total.sources)),
        "rows": "|".join(provenance),
        "note": total.note,
        "low": max(0.0, float(floor(value - below))) if split and known else value,
        "high": min(most, float(ceil(value + above))) if split and known else value,
    }


def recomputed_rate(
    carried: pd.DataFrame, numerator: str, denominator: str, *, per: int = 1000
) -> pd.DataFrame:
    """Work a rate out again from carried counts.

    Parameters
    ----------
    carried : DataFrame
        The columns of ``CARRIED_COLUMNS``, of one level and measure, with at most one row per unit
        and group (one date, all origins together).
    numerator, denominator : str
        Population groups: IDP per POP.
    per : int
        1000 for "per 1,000 inhabitants".

    Returns
    -------
    DataFrame
        ``pcode``, ``value``, ``low``, ``high``, one row per unit of the numerator. NaN where one of
        the counts is missing or nobody lives there. The range takes both counts at their far ends,
        so it holds at least 90 %.
    """
    placed = carried[(carried["origin"] == "") & ~carried["unplaced"]]
    counts = placed[placed["group"] == numerator].set_index("pcode")
    people = placed[placed["group"] == denominator].set_index("pcode").reindex(counts.index)
    base = people[["value", "low", "high"]].where(people[["value", "low", "high"]] > 0)
    return pd.DataFrame(
        {
            "pcode": counts.index.astype("str"),
            "value": (counts["value"] / base["value"] * per).to_numpy(),
            "low": (counts["low"] / base["high"] * per).to_numpy(),
            "high": (counts["high"] / base["low"] * per).to_numpy(),
        }
    )
