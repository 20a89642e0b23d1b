"""What changed between two vintages. A new code and a new border are two facts, told apart.

Units are paired by the ground they share, never by code or name: a code means nothing outside its
vintage. Two units belong together where one holds at least half of the other; units that belong
together, directly or through others, form one change:

=========  ==============  ==========================================================================
kind       old : new       is
=========  ==============  ==========================================================================
unchanged  1 : 1           same ground, name and code
renamed    1 : 1           same ground and code, another name (not only another spelling)
recoded    1 : 1           same ground, another code
redrawn    1 : 1           its border moved by more than the tolerance; may be recoded as well
split      1 : several
merged     several : 1
complex    several each
created    0 : 1           it and no old unit hold half of each other; ``parts``: from where it was cut
removed    1 : 0           it and no new unit hold half of each other; ``parts``: where its ground went
=========  ==============  ==========================================================================
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.errors import BoundaryError
from boundaries.name_keys import Naming, name_keys, same_name
from boundaries.overlay import MAIN_SHARE, area_km2, overlay, reaches_width
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

__all__ = [
    "DEFAULT_TOLERANCE_M",
    "Change",
    "ChangeKind",
    "Comparison",
    "Exchange",
    "MissingLevel",
    "SharedGround",
    "code_join_error",
    "compare",
]

DEFAULT_TOLERANCE_M = 100.0
"""Two drawings of one border by one publisher are nearer than this; between publishers say more."""


class MissingLevel(BoundaryError):
    """A level at which one of two vintages to compare has no units."""

    code = "missing-level"

    def __init__(self, level: int, *, vintage: str, known: tuple[int, ...]) -> None:
        self.level, self.vintage, self.known = level, vintage, known
        super().__init__(
            f"vintage {vintage} has no units of level {level}; it has "
            f"{', '.join(map(str, known)) or 'none'}. Compare at a level that both have."
        )


class ChangeKind(StrEnum):
    """What became of units; the module's docstring defines each."""

    UNCHANGED = "unchanged"
    RENAMED = "renamed"
    RECODED = "recoded"
    REDRAWN = "redrawn"
    SPLIT = "split"
    MERGED = "merged"
    COMPLEX = "complex"
    CREATED = "created"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class SharedGround:
    """Ground that belongs to ``old`` in the one vintage and to ``new`` in the other (P-codes).

    ``of_old`` and ``of_new`` are its shares (0 to 1) of the two areas, ``whole`` that both are
    the same ground within the tolerance. ``main``: the two belong together.
    """

    old: str
    new: str
    km2: float
    of_old: float
    of_new: float
    main: bool
    whole: bool
    ground: Any = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of some units: those of ``old`` (P-codes) are those of ``new``.

    ``moved_km2`` is the ground in only one of the two (their symmetric difference), 0 where
    nothing moved by more than the tolerance. ``recoded`` and ``naming`` compare one old unit with
    one new one; in other changes they are False and "same". ``parts`` is all ground that the units share with
    any unit of the other vintage.
    """

    kind: ChangeKind
    old: tuple[str, ...]
    new: tuple[str, ...]
    old_names: tuple[str, ...]
    new_names: tuple[str, ...]
    recoded: bool
    naming: Naming
    redrawn: bool
    moved_km2: float
    parts: tuple[SharedGround, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Ground that passed between two places, in either direction. Named by old P-codes."""

    places: tuple[str, str]
    names: tuple[str, str]
    km2: float


@dataclass(frozen=True)
class Comparison:
    """Every unit of one level in two vintages, in one change each; in order of the old P-codes."""

    old: Vintage
    new: Vintage
    level: int
    tolerance_m: float
    changes: tuple[Change, ...]
    old_codes: frozenset[str]
    new_codes: frozenset[str]

    @cached_property
    def counts(self) -> Mapping[ChangeKind, int]:
        """Changes by kind; every kind is there."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in ChangeKind}

    @cached_property
    def pairs(self) -> tuple[Change, ...]:
        """The changes of one old unit into one new unit: those that can be recoded and redrawn."""
        return tuple(c for c in self.changes if len(c.old) == 1 and len(c.new) == 1)

    @cached_property
    def recoded(self) -> tuple[Change, ...]:
        """One place that carries another code, redrawn or not."""
        return tuple(change for change in self.pairs if change.recoded)

    @cached_property
    def redrawn(self) -> tuple[Change, ...]:
        """One place whose border moved, recoded or not."""
        return tuple(change for change in self.pairs if change.redrawn)

    @cached_property
    def kept(self) -> tuple[Change, ...]:
        """One place that kept its ground, whatever it is called."""
        return tuple(change for change in self.pairs if not change.redrawn)

    @cached_property
    def _by_old(self) -> dict[str, Change]:
        return {code: change for change in self.changes for code in change.old}

    @cached_property
    def _by_new(self) -> dict[str, Change]:
        return {code: change for change in self.changes for code in change.new}

    def of_old(self, pcode: str) -> Change:
        """Return the change an old unit is in; KeyError where the old vintage does not have it."""
        return self._by_old[pcode]

    def of_new(self, pcode: str) -> Change:
        """Return the change a new unit is in; KeyError where the new vintage does not have it."""
        return self._by_new[pcode]

    @cached_property
    def shared(self) -> tuple[SharedGround, ...]:
        """All ground shared by an old and a new unit, each pair once, in order of the P-codes."""
        once = {(part.old, part.new): part for change in self.changes for part in change.parts}
        return tuple(once[pair] for pair in sorted(once))

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Ground that passed from one place to another that went on, the largest first."""
        names = {
            c: n
            for change in self.changes
            for c, n in zip(change.old, change.old_names, strict=True)
        }
        passed: dict[tuple[str, str], float] = defaultdict(float)
        for part in self.shared:
            receiver = self._by_new[part.new]
            if part.main or not receiver.old or part.old in receiver.old:
                continue
            # of several merged old units the one that reaches furthest into the receiver names it
            place = max(receiver.parts, key=lambda p: (p.main and p.new == part.new, p.km2)).old
            one, other = sorted((part.old, place))
            passed[one, other] += part.km2
        return tuple(
            Exchange(pair, (names[pair[0]], names[pair[1]]), km2)
            for pair, km2 in sorted(passed.items(), key=lambda item: (-item[1], item[0]))
        )

    @cached_property
    def neighbour_pairs(self) -> tuple[Exchange, ...]:
        """The exchanges that pair places off: the largest first, each place in one pair only."""
        paired: set[str] = set()
        chosen = []
        for exchange in self.exchanges:
            if paired.isdisjoint(exchange.places):
                paired.update(exchange.places)
                chosen.append(exchange)
        return tuple(chosen)


def code_join_error(comparison: Comparison) -> float:
    """Return the share of old units that a join by code would put on another place's ground.

    An old code that the new vintage does not have does not count: such a row stays without a
    place, and is seen.
    """
    wrong = sum(
        1
        for code in comparison.old_codes & comparison.new_codes
        if code not in comparison.of_old(code).new
    )
    return wrong / len(comparison.old_codes)


def compare(
    old: BoundarySet,
    new: BoundarySet,
    *,
    level: int,
    tolerance_m: float = DEFAULT_TOLERANCE_M,
) -> Comparison:
    """Classify every unit of two vintages.

    Parameters
    ----------
    old, new : BoundarySet
    level : int
        The level at which both are compared.
    tolerance_m : float
        In metres: a border that moved less than this everywhere did not move.

    Raises
    ------
    MissingLevel
        One of the two has no units of ``level``.
    """
    for boundaries in (old, new):
        if level not in boundaries.levels:
            raise MissingLevel(level, vintage=boundaries.vintage.id, known=boundaries.levels)
    was, now = (side.at(level).reset_index(drop=True) for side in (old, new))
    old_shapes, new_shapes = (np.asarray(side.geometry.to_numpy(), object) for side in (was, now))
    pairs = overlay(old_shapes, new_shapes, tolerance_m=tolerance_m)
    old_km2, new_km2 = area_km2(old_shapes), area_km2(new_shapes)
    of_old, of_new = pairs.km2 / old_km2[pairs.old], pairs.km2 / new_km2[pairs.new]
    main = pairs.twin | (np.maximum(of_old, of_new) >= MAIN_SHARE)

    groups = _groups(pairs.old[main], pairs.new[main], len(was), len(now))
    moved = _moved(groups, old_shapes, new_shapes, set(pairs.old[pairs.twin].tolist()), tolerance_m)
    group_of_old = {i: at for at, (olds, _) in enumerate(groups) for i in olds}
    group_of_new = {j: at for at, (_, news) in enumerate(groups) for j in news}
    parts: dict[int, list[SharedGround]] = defaultdict(list)
    old_codes, new_codes = was["pcode"].tolist(), now["pcode"].tolist()
    for k, (i, j) in enumerate(zip(pairs.old.tolist(), pairs.new.tolist(), strict=True)):
        mine, theirs = group_of_old[i], group_of_new[j]
        alone = len(groups[mine][0]) == len(groups[mine][1]) == 1
        part = SharedGround(
            old=old_codes[i],
            new=new_codes[j],
            km2=float(pairs.km2[k]),
            of_old=min(float(of_old[k]), 1.0),
            of_new=min(float(of_new[k]), 1.0),
            main=bool(main[k]),
            whole=mine == theirs and alone and moved[mine] == 0,
            ground=pairs.ground[k],
        )
        for at in {mine, theirs}:
            parts[at].append(part)
    old_units, new_units = _units(was), _units(now)
    changes = [
        _change(
            [old_units[i] for i in olds], [new_units[j] for j in news], moved[at], tuple(parts[at])
        )
        for at, (olds, news) in enumerate(groups)
    ]
    return Comparison(
        old=old.vintage,
        new=new.vintage,
        level=level,
        tolerance_m=tolerance_m,
        changes=tuple(changes),
        old_codes=frozenset(old_codes),
        new_codes=frozenset(new_codes),
    )


_Group = tuple[list[int], list[int]]


def _groups(old: NDArray[np.int64], new: NDArray[np.int64], n_old: int, n_new: int) -> list[_Group]:
    """Return the units that belong together: old and new positions, in order of the first old."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = n_old + n_new
    links = coo_array((np.ones(len(old), dtype=np.int8), (old, n_old + new)), shape=(size, size))
    count, label = connected_components(links, directed=False)
    groups: list[_Group] = [([], []) for _ in range(count)]
    for node, group in enumerate(label.tolist()):
        groups[group][node >= n_old].append(node if node < n_old else node - n_old)
    return sorted(groups, key=lambda group: (not group[0], group))


def _moved(
    groups: list[_Group],
    old: NDArray[Any],
    new: NDArray[Any],
    twins: set[int],
    tolerance_m: float,
) -> list[float]:
    """Return, per group, the km² in only one of the two vintages; 0 below the tolerance."""
    moved = [0.0] * len(groups)
    open_ = [
        at
        for at, (olds, news) in enumerate(groups)
        if olds and news and not (len(olds) == 1 and olds[0] in twins)
    ]
    was = np.array([_together(old[groups[at][0]]) for at in open_], dtype=object)
    now = np.array([_together(new[groups[at][1]]) for at in open_], dtype=object)
    changed = shapely.symmetric_difference(was, now)
    wide, km2 = reaches_width(changed, tolerance_m), area_km2(changed)
    for k, at in enumerate(open_):
        moved[at] = float(km2[k]) if wide[k] else 0.0
    return moved


def _together(shapes: NDArray[Any]) -> Any:
    mended = shapes if shapely.is_valid(shapes).all() else shapely.make_valid(shapes)
    return mended[0] if len(mended) == 1 else shapely.union_all(mended)


def _units(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the units without their polygons, one mapping each."""
    columns = {str(name): frame[name].tolist() for name in frame.columns if name != "geometry"}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _change(
    was: list[dict[str, Any]],
    now: list[dict[str, Any]],
    moved_km2: float,
    parts: tuple[SharedGround, ...],
) -> Change:
    old, new = tuple(unit["pcode"] for unit in was), tuple(unit["pcode"] for unit in now)
    pair = len(old) == 1 and len(new) == 1
    recoded = pair and old != new
    naming: Naming = same_name(name_keys(was[0]), name_keys(now[0])) if pair else "same"
    redrawn = pair and moved_km2 > 0
    if pair:
        if redrawn:
            kind = ChangeKind.REDRAWN
        elif recoded:
            kind = ChangeKind.RECODED
        else:
            kind = ChangeKind.RENAMED if naming == "renamed" else ChangeKind.UNCHANGED
    elif not old or not new:
        kind = ChangeKind.CREATED if not old else ChangeKind.REMOVED
    elif len(old) == 1 or len(new) == 1:
        kind = ChangeKind.SPLIT if len(old) == 1 else ChangeKind.MERGED
    else:
        kind = ChangeKind.COMPLEX
    return Change(
        kind=kind,
        old=old,
        new=new,
        old_names=tuple(unit["name"] for unit in was),
        new_names=tuple(unit["name"] for unit in now),
        recoded=recoded,
        naming=naming,
        redrawn=redrawn,
        moved_km2=moved_km2,
        parts=parts,
    )
