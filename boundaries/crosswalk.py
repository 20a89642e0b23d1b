"""How the people of one vintage's units are shared out among another's. Shares are by ground, not by code.

A share is never known exactly where a unit was cut: each pair of such units carries a 90 % range
beside its weight, and the weighting that it rests on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import exp, isfinite, log, sqrt

from boundaries.compare import Change, ChangeKind, Comparison, SharedGround
from boundaries.errors import BoundaryError

__all__ = [
    "COVERAGE",
    "BadShares",
    "Crosswalk",
    "CrosswalkPair",
    "GivenShare",
    "Weighting",
    "area_crosswalk",
    "crosswalk_from",
    "given_crosswalk",
    "share_range",
]

COVERAGE = 0.9
"""The part of true values that low–high is meant to hold."""


class BadShares(BoundaryError):
    """Given shares of a unit that do not share out the whole of it."""

    code = "bad-shares"

    def __init__(self, pcode: str, *, found: str) -> None:
        self.pcode, self.found = pcode, found
        super().__init__(
            f"shares of unit {pcode!r}: {found}; expected units of the other vintage, with shares "
            "that are positive and sum to 1. Correct them."
        )


class Weighting(StrEnum):
    """What shares rest on, from the best to the weakest."""

    WHOLE = "whole"
    GIVEN = "given"
    POPULATION = "population"
    SETTLEMENTS = "settlements"
    AREA = "area"


# Half the width of the 90 % range of a share, in log-odds, where the weighting and the areas agree;
# wider by the factor sqrt(1 + d²) where their log-odds differ by d. By `benchmarks/bench_carry.py
# --calibrate`: truth from the population grid of 2000, weights from that of 2020, second-level
# units of 26 African countries, each country counting the same; the five of the central Sahel were
# kept out to test on (settlements: Mali alone, for want of others).
_HALF_WIDTH = {
    Weighting.GIVEN: 0.27,  # a share that somebody states is not worse than a grid 20 years off
    Weighting.POPULATION: 0.27,
    Weighting.SETTLEMENTS: 0.6,
    Weighting.AREA: 1.7,
}
_FAINT = 0.001  # shares nearer to 0 or 1 are as uncertain as this one: log-odds have no end there


@dataclass(frozen=True, slots=True)
class CrosswalkPair:
    """Of the people of ``old``, ``weight`` (0 to 1) are in ``new``; 90 % sure from low to high.

    ``kind`` is that of the change that ``old`` is in. ``same_ground``: the two are one place.
    """

    old: str
    new: str
    weight: float
    low: float
    high: float
    kind: ChangeKind
    weighting: Weighting
    same_ground: bool


@dataclass(frozen=True)
class Crosswalk:
    """The pairs of one level, in order of ``old``, then ``new``; weights of an old unit sum to 1.

    ``old`` and ``new`` are ids of vintages. ``lost`` are old units that no new one holds ground of.
    ``method`` says in a sentence what the weights rest on.
    """

    old: str
    new: str
    level: int
    pairs: tuple[CrosswalkPair, ...]
    lost: tuple[str, ...] = ()
    method: str = ""

    def __post_init__(self) -> None:
        for code, pairs in self._into.items():
            weights = [pair.weight for pair in pairs]
            if min(weights) < 0 or abs(sum(weights) - 1) > 1e-6:
                raise BadShares(code, found=f"{weights} sum to {sum(weights):g}")
            if len({pair.new for pair in pairs}) < len(pairs):
                raise BadShares(code, found="a unit stands there twice")

    @cached_property
    def _into(self) -> dict[str, tuple[CrosswalkPair, ...]]:
        into: dict[str, list[CrosswalkPair]] = defaultdict(list)
        for pair in self.pairs:
            into[pair.old].append(pair)
        return {code: tuple(pairs) for code, pairs in into.items()}

    @cached_property
    def _from(self) -> dict[str, tuple[CrosswalkPair, ...]]:
        back: dict[str, list[CrosswalkPair]] = defaultdict(list)
        for pair in self.pairs:
            back[pair.new].append(pair)
        return {code: tuple(pairs) for code, pairs in back.items()}

    def into(self, old: str) -> tuple[CrosswalkPair, ...]:
        """Return the pairs of an old unit; none where it was lost or never there."""
        return self._into.get(old, ())

    def sources(self, new: str) -> tuple[CrosswalkPair, ...]:
        """Return the pairs that end in a new unit."""
        return self._from.get(new, ())

    @property
    def weightings(self) -> tuple[Weighting, ...]:
        """What the shares of cut units rest on, the best first."""
        used = {pair.weighting for pair in self.pairs} - {Weighting.WHOLE}
        return tuple(weighting for weighting in Weighting if weighting in used)


@dataclass(frozen=True, slots=True)
class GivenShare:
    """A share that a user states, with its bounds where they are known too."""

    weight: float
    low: float | None = None
    high: float | None = None


def share_range(weight: float, area_share: float, weighting: Weighting) -> tuple[float, float]:
    """Return the bounds between which a share lies with probability 0.9.

    In log-odds, the range reaches as far to both sides as the weighting was found to err, and
    further where it disagrees with the areas: a settled corner of an empty unit is where grids of
    two years differ most.

    >>> [round(bound, 2) for bound in share_range(0.5, 0.5, Weighting.POPULATION)]
    [0.43, 0.57]
    >>> [round(bound, 2) for bound in share_range(0.5, 0.5, Weighting.AREA)]
    [0.15, 0.85]
    >>> share_range(1.0, 1.0, Weighting.WHOLE)
    (1.0, 1.0)
    """
    if weighting is Weighting.WHOLE:
        return weight, weight
    odds = _log_odds(weight)
    half = _HALF_WIDTH[weighting] * sqrt(1 + (odds - _log_odds(area_share)) ** 2)
    return min(weight, _share(odds - half)), max(weight, _share(odds + half))


def _log_odds(share: float) -> float:
    inside = min(max(share, _FAINT), 1 - _FAINT)
    return log(inside / (1 - inside))


def _share(odds: float) -> float:
    return 1 / (1 + exp(-odds)) if odds > -700 else 0.0


def area_crosswalk(comparison: Comparison) -> Crosswalk:
    """Return the crosswalk with shares of area: what there is where nothing else is at hand."""
    return crosswalk_from(comparison, {})


def given_crosswalk(
    comparison: Comparison, shares: Mapping[str, Mapping[str, GivenShare | float]]
) -> Crosswalk:
    """Return the crosswalk with stated shares, and shares of area for units without.

    Parameters
    ----------
    comparison : Comparison
    shares : mapping
        Old P-code → new P-code → share; the shares of an old unit sum to 1.

    Raises
    ------
    BadShares
        A unit that its vintage does not have, or shares that do not sum to 1.
    """
    return crosswalk_from(comparison, {}, given=shares)


def crosswalk_from(
    comparison: Comparison,
    people: Mapping[Weighting, Mapping[tuple[str, str], float]],
    *,
    given: Mapping[str, Mapping[str, GivenShare | float]] | None = None,
) -> Crosswalk:
    """Return a crosswalk, each old unit shared out by the best weighting that knows its people.

    Parameters
    ----------
    comparison : Comparison
    people : mapping
        By weighting: people (or settlements) on the ground shared by an old and a new unit. A
        weighting that finds nobody in an old unit does not know it, and the next one is taken.
    given : mapping, optional
        Shares that go before all others, as in `given_crosswalk`.

    Raises
    ------
    BadShares
        As in `given_crosswalk`.
    """
    stated = {code: _stated(code, into, comparison) for code, into in (given or {}).items()}
    grounds: dict[str, list[SharedGround]] = defaultdict(list)
    for part in comparison.shared:
        grounds[part.old].append(part)
    pairs: list[CrosswalkPair] = []
    lost = []
    for code in sorted(comparison.old_codes):
        change, parts = comparison.of_old(code), grounds[code]
        if code in stated:
            pairs += _given_pairs(code, stated[code], change, parts)
        elif parts:
            # a neighbour's drawing seems to cut slivers from units that kept their ground
            pairs += _pairs(change, [p for p in parts if p.whole] or parts, people)
        else:
            lost.append(code)
    return Crosswalk(
        old=comparison.old.id,
        new=comparison.new.id,
        level=comparison.level,
        pairs=tuple(pairs),
        lost=tuple(lost),
        method=_method(pairs),
    )


def _pairs(
    change: Change,
    parts: list[SharedGround],
    people: Mapping[Weighting, Mapping[tuple[str, str], float]],
) -> list[CrosswalkPair]:
    area = {part.new: part.km2 for part in parts}
    weighting, amounts = Weighting.AREA, area
    if len(parts) == 1:
        weighting = Weighting.WHOLE
    else:
        for candidate in (w for w in Weighting if w in people):
            found = {p.new: people[candidate].get((p.old, p.new), 0.0) for p in parts}
            if sum(found.values()) > 0:
                weighting, amounts = candidate, found
                break
    total, total_area = sum(amounts.values()), sum(area.values())
    made = []
    for part in parts:
        weight = amounts[part.new] / total
        low, high = share_range(weight, area[part.new] / total_area, weighting)
        made.append(
            CrosswalkPair(part.old, part.new, weight, low, high, change.kind, weighting, part.whole)
        )
    return made


def _given_pairs(
    code: str, shares: Mapping[str, GivenShare], change: Change, parts: list[SharedGround]
) -> list[CrosswalkPair]:
    area = {part.new: part.km2 for part in parts}
    total_area = sum(area.get(new, 0.0) for new in shares)
    made = []
    for new, share in sorted(shares.items()):
        if len(shares) == 1:
            low, high, weighting = 1.0, 1.0, Weighting.WHOLE
        else:
            weighting = Weighting.GIVEN
            ground = area.get(new, 0.0) / total_area if total_area else share.weight
            low, high = share_range(share.weight, ground, weighting)
            low = share.low if share.low is not None else low
            high = share.high if share.high is not None else high
        same = any(part.whole and part.new == new for part in parts)
        made.append(CrosswalkPair(code, new, share.weight, low, high, change.kind, weighting, same))
    return made


def _stated(
    code: str, into: Mapping[str, GivenShare | float], comparison: Comparison
) -> dict[str, GivenShare]:
    if code not in comparison.old_codes:
        raise BadShares(
            code, found=f"not a unit of {comparison.old.id} at level {comparison.level}"
        )
    unknown = sorted(set(into) - comparison.new_codes)
    if unknown:
        raise BadShares(code, found=f"{unknown[0]!r} is not a unit of {comparison.new.id}")
    shares = {
        new: share if isinstance(share, GivenShare) else GivenShare(float(share))
        for new, share in into.items()
    }
    weights = [share.weight for share in shares.values()]
    if (
        not weights
        or not all(isfinite(w) and w > 0 for w in weights)
        or abs(sum(weights) - 1) > 1e-6
    ):
        raise BadShares(code, found=f"{weights} sum to {sum(weights):g}")
    for share in shares.values():
        low = share.weight if share.low is None else share.low
        high = share.weight if share.high is None else share.high
        if not 0 <= low <= share.weight <= high <= 1:
            raise BadShares(code, found=f"share {share.weight} is not within {low}–{high}")
    return shares


_BASES = {
    Weighting.GIVEN: "given shares",
    Weighting.POPULATION: "a population grid",
    Weighting.SETTLEMENTS: "settlements",
    Weighting.AREA: "area",
}


def _method(pairs: Iterable[CrosswalkPair]) -> str:
    """Say how many units were shared out, and by what; those that went over whole do not count."""
    cut: dict[Weighting, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.weighting is not Weighting.WHOLE:
            cut[pair.weighting].add(pair.old)
    if not cut:
        return "no unit had to be shared out"
    by = ", ".join(f"{len(cut[basis])} by {_BASES[basis]}" for basis in Weighting if basis in cut)
    units = sum(map(len, cut.values()))
    return f"{units} unit{'s' * (units > 1)} shared out: {by}; ranges hold {COVERAGE:.0%}"
