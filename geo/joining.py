"""From matched rows to one figure per unit, at every level it is stated at or sums to.

Sums go up only over the same group, measure, unit and date. What is not reported is left out of a
sum, which is then "at least"; it is never zero. A figure stated for a unit wins over the sum of
its parts, and both are kept: ``basis`` tells them apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from geo.gazetteer import Places
from geo.joining_flows import join_flows
from geo.joining_presence import join_presence
from geo.ledger import Ledger
from geo.matching import MatchedFigures
from geo.settling import Amount, Part, What, added, settle
from geo.tables import UNIT_FIGURE_COLUMNS, typed_frame

__all__ = ["join_figures", "join_flows", "join_presence"]

_Cell = tuple[str, int, bool, What]  # P-code, level, unplaced, what


def join_figures(
    matched: MatchedFigures | Sequence[MatchedFigures], places: Places
) -> tuple[pd.DataFrame, Ledger]:
    """Sum matched figures to units, level by level.

    Parameters
    ----------
    matched : MatchedFigures or a sequence of them
        In the order in which sources take precedence.
    places : Places
        What they were matched against.

    Returns
    -------
    frame : DataFrame
        The columns of ``UNIT_FIGURE_COLUMNS``; at most one row per unit, group, measure, unit of
        count, date, origin and basis. Rows of a carried unit are shared out by weight, persons
        kept whole. A figure by origins without one for all of them gives their sum (origin "").
        What could not be placed stands at every level below the unit it counts within.
    ledger : Ledger
        One entry per input row, in the order of the tables.
    """
    tables = [matched] if isinstance(matched, MatchedFigures) else list(matched)
    parts, entries = settle(tables, places)
    stated, below = _by_cell(_with_all_origins(parts))
    rows = [_row(cell, amount, basis) for cell, amount, basis in _rolled_up(stated, below, places)]
    rows.sort(key=_order)
    return typed_frame(rows, UNIT_FIGURE_COLUMNS), Ledger(tuple(entries))


def _with_all_origins(parts: Iterable[Part]) -> list[tuple[Part, bool]]:
    """Add, for each place known only by origins, all its origins together.

    Returns each part with whether it was summed here.
    """
    by_place: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
    for part in parts:
        place = (part.target, part.pcode, part.level, part.unplaced, part.direct)
        by_place[*place, part.what._replace(origin="")].append(part)
    complete: list[tuple[Part, bool]] = []
    for (target, pcode, level, unplaced, direct, what), same in by_place.items():
        complete.extend((part, False) for part in same)
        if not any(part.what.origin == "" for part in same):
            total = added([part.amount for part in same])
            if total is not None:
                complete.append((Part(target, pcode, level, unplaced, direct, what, total), True))
    return complete


_Told = dict[_Cell, tuple[Amount, str]]
_Below = dict[_Cell, list[Amount]]


def _by_cell(parts: Iterable[tuple[Part, bool]]) -> tuple[_Told, _Below]:
    """Return what is told of each unit itself, and the pieces known from inside it."""
    own: dict[_Cell, list[tuple[Part, bool]]] = defaultdict(list)
    for part, summed in parts:
        own[part.pcode, part.level, part.unplaced, part.what].append((part, summed))
    told: _Told = {}
    below: _Below = defaultdict(list)
    for cell, pieces in own.items():
        unplaced = cell[2]
        # a carried unit adds to the unit's own figure; without one it is a piece like a site
        direct = unplaced or any(part.direct for part, _ in pieces)
        itself = [
            (part, summed)
            for part, summed in pieces
            if unplaced or (direct and not part.amount.sites)
        ]
        total = added([part.amount for part, _ in itself]) if itself else None
        if total is not None:
            told[cell] = total, "summed" if any(summed for _, summed in itself) else "stated"
        counted = {id(part) for part, _ in itself}
        below[cell] += [part.amount for part, _ in pieces if id(part) not in counted]
    return told, below


def _rolled_up(told: _Told, below: _Below, places: Places) -> Iterable[tuple[_Cell, Amount, str]]:
    """Yield every cell of every level, the deepest first, with its amount and basis."""
    unplaced: _Below = defaultdict(list)
    basis_of: dict[_Cell, str] = {}
    for (pcode, level, is_unplaced, what), (amount, basis) in told.items():
        if is_unplaced:
            top = places.level(pcode)
            if pcode:
                below[pcode, top, False, what].append(amount)
            for at in range(top + 1, level + 1):
                cell = (pcode, at, True, what)
                unplaced[cell].append(amount)
                basis_of[cell] = basis if basis_of.get(cell, basis) == basis else "summed"
    for cell, amounts in unplaced.items():
        total = added(amounts)
        if total is not None:
            yield cell, total, basis_of[cell]
    deepest = max((cell[1] for cell in (*told, *below)), default=-1)
    for level in range(deepest, -1, -1):
        cells = [cell for cell in {**told, **below} if cell[1] == level and not cell[2]]
        for cell in cells:
            own, basis = told.get(cell, (None, ""))
            pieces = below.get(cell, [])
            total = added(pieces) if pieces else None
            if own is not None:
                yield cell, own, basis
            if total is not None and basis != "summed":
                yield cell, total, "summed"
            stands = own if own is not None and own.value is not None else total or own
            parent = places.chain(cell[0])[1:2]
            if stands is not None and parent:
                below[parent[0], level - 1, False, cell[3]].append(stands)


def _row(cell: _Cell, amount: Amount, basis: str) -> dict[str, Any]:
    pcode, level, unplaced, what = cell
    return {
        "pcode": pcode,
        "level": level,
        "unplaced": unplaced,
        **what._asdict(),
        "kind": amount.kind,
        "start": amount.start,
        "value": float("nan") if amount.value is None else amount.value,
        "state": amount.state,
        "qualifier": amount.qualifier,
        "basis": basis,
        "carried": "|".join(sorted(amount.carried)),
        "sites": "|".join(sorted(amount.sites)),
        "sources": "|".join(sorted(amount.sources)),
        "rows": "|".join(f"{file}:{row}" for file, row in sorted(amount.rows)),
        "note": amount.note,
    }


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    where = (row["level"], row["pcode"], row["unplaced"])
    return (
        *where,
        row["group"],
        row["measure"],
        row["unit"],
        row["date"],
        row["origin"],
        row["basis"],
    )
