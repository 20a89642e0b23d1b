"""From matched rows to one figure per unit, at every level it is stated at or sums to.

Sums go up only over the same group, measure, unit and date. What is not reported is left out of a
sum, which is then "at least"; it is never zero. A figure stated for a unit wins over the sum of
its parts, and both are kept: ``basis`` tells them apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.gazetteer import Places
from geo.joining_flows import join_flows
from geo.joining_presence import join_presence
from geo.ledger import Ledger
from geo.matching import MatchedFigures
from geo.settling import Settled, settle
from geo.sums import AMOUNT, KINDS, STATES, Shares, Words, summed
from geo.tables import UNIT_FIGURE_COLUMNS
from geo.terms import QUALIFIERS

__all__ = ["join_figures", "join_flows", "join_presence"]

_CELL = ("pcode", "level", "unplaced", "what", "origin")
_TOLD = (*_CELL, *AMOUNT, "stated")


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
    settled = settle(tables, places)
    words = settled.words
    told, below = _by_cell(_with_all_origins(settled.parts, words), words)
    cells = [_unplaced(told, places, words), *_rolled_up(told, below, places, words)]
    return _in_words(Shares.joined(cells), settled), Ledger(settled.entries)


def _with_all_origins(parts: Shares, words: Words) -> Shares:
    """Add, for each place known only by origins, all its origins together.

    The column ``stated`` tells what was stated from what was summed here.
    """
    place = ("target", "pcode", "level", "unplaced", "direct", "what")
    code = parts.codes(place)
    has_all = np.zeros(len(parts) + 1, dtype=bool)
    has_all[code[parts["origin"] == 0]] = True
    total = summed(parts.at(~has_all[code]), place, words)
    parts = parts.but(stated=True)
    return Shares.joined([parts, total.but(origin=0, stated=False)])


def _by_cell(parts: Shares, words: Words) -> tuple[Shares, Shares]:
    """Return what is told of each unit itself, and the pieces known from inside it."""
    code = parts.codes(_CELL)
    # a carried unit adds to the unit's own figure; without one it is a piece like a site
    has_own = np.zeros(len(parts) + 1, dtype=bool)
    has_own[code[parts["direct"]]] = True
    itself = parts["unplaced"] | (has_own[code] & (parts["sites"] == 0))
    return _summed_as(parts.at(itself), words), parts.at(~itself).only([*_CELL, *AMOUNT])


def _summed_as(parts: Shares, words: Words) -> Shares:
    """Add the shares of each cell; ``stated`` where all of them are."""
    code = parts.codes(_CELL)
    all_stated = np.ones(len(parts) + 1, dtype=bool)
    all_stated[code[~parts["stated"]]] = False
    flagged = parts.but(flag=all_stated[code].astype(np.int64))
    total = summed(flagged, (*_CELL, "flag"), words)
    return total.but(stated=total["flag"] == 1).only(_TOLD)


def _levels(shares: Shares, places: Places, words: Words) -> NDArray[Any]:
    """Return the level of each share's unit; -1 for the situation as a whole."""
    numbers, at = np.unique(shares["pcode"], return_inverse=True)
    levels = [places.level(words.texts[number]) for number in numbers]
    return np.array(levels, dtype=np.int64)[at] if levels else np.zeros(0, dtype=np.int64)


def _unplaced(told: Shares, places: Places, words: Words) -> Shares:
    """Return what could not be placed, at every level below the unit it counts within."""
    lost = told.at(told["unplaced"])
    top = _levels(lost, places, words)
    depth = np.maximum(lost["level"] - top, 0)
    at = np.repeat(np.arange(len(lost)), depth)
    steps = np.arange(len(at)) - np.repeat(np.cumsum(depth) - depth, depth)
    return _summed_as(lost.at(at).but(level=top[at] + 1 + steps), words)


def _rolled_up(told: Shares, below: Shares, places: Places, words: Words) -> list[Shares]:
    """Return every cell of every level, the deepest first."""
    lost = told.at(told["unplaced"] & (told["pcode"] != 0))
    within = lost.but(level=_levels(lost, places, words), unplaced=False)
    pieces = Shares.joined([below, within])
    placed = told.at(~told["unplaced"])
    levels = np.r_[told["level"], below["level"]]
    parents: dict[int, int] = {}
    cells = []
    for level in range(int(levels.max(initial=-1)), -1, -1):
        own = placed.at(placed["level"] == level)
        total = summed(pieces.at(pieces["level"] == level), _CELL, words).but(stated=False)
        both = Shares.joined([own, total.only(_TOLD)])
        code = both.codes(_CELL)
        is_own = np.arange(len(both)) < len(own)
        # where the unit's own figure is itself a sum, the sum of its parts is not told
        own_sum = np.zeros(len(both) + 1, dtype=bool)
        own_sum[code[is_own & ~both["stated"]]] = True
        cells.append(both.at(is_own | ~own_sum[code]))
        # a unit stands for itself with its own figure, else with the sum of its parts
        worth = np.where(is_own, np.where(np.isnan(both["value"]), 2, 0), 1)
        order = np.lexsort((worth, code))
        best = np.ones(len(both), dtype=bool)
        best[1:] = code[order][1:] != code[order][:-1]
        stands = both.at(order[best])
        for number in set(stands["pcode"].tolist()) - parents.keys():
            chain = places.chain(words.texts[number])
            parents[number] = words.number(chain[1]) if len(chain) > 1 else 0
        up = np.array([parents[number] for number in stands["pcode"].tolist()], dtype=np.int64)
        risen = stands.but(pcode=up, level=level - 1).at(up != 0)
        pieces = Shares.joined([pieces.at(pieces["level"] != level), risen])
    return cells


def _in_words(cells: Shares, settled: Settled) -> pd.DataFrame:
    """Return the cells as ``UNIT_FIGURE_COLUMNS``, in their order."""
    texts = np.array(settled.words.texts, dtype=object)
    whats = np.empty((len(settled.whats), 4), dtype=object)
    for at, what in enumerate(settled.whats):
        whats[at] = what
    group, measure, unit, day = whats[cells["what"]].T if len(cells) else np.empty((4, 0))
    orders: Mapping[str, Sequence[str]] = {
        "kind": KINDS,
        "state": STATES,
        "qualifier": QUALIFIERS,
        "basis": ("summed", "stated"),
    }
    columns: dict[str, Any] = {
        "group": group,
        "measure": measure,
        "unit": unit,
        "date": day,
        "level": cells["level"],
        "unplaced": cells["unplaced"],
        "value": cells["value"],
        "start": [settled.start(number) for number in cells["start"].tolist()],
        "rows": [settled.provenance(rows) for rows in cells["rows"].tolist()],
        # no figure of our own boundaries is a range; `geo.bringing` bounds those shared out
        **dict.fromkeys(("low", "high"), np.full(len(cells), np.nan)),
    }
    for name in ("pcode", "origin", "carried", "sites", "sources", "note"):
        columns[name] = texts[cells[name]]
    for name, ordered in orders.items():
        ranks = cells["stated"].astype(np.int64) if name == "basis" else cells[name]
        columns[name] = np.array(ordered, dtype=object)[ranks]
    by = ("basis", "origin", "date", "unit", "measure", "group", "unplaced", "pcode", "level")
    order = np.lexsort([_sortable(columns[name]) for name in by])
    types: Mapping[str, Any] = {"level": "int64", "unplaced": "bool", "value": "float64"}
    types = {**types, "start": "object", "date": "object", "low": "float64", "high": "float64"}
    return pd.DataFrame(
        {
            name: pd.Series(
                np.asarray(columns[name], dtype=object)[order], dtype=types.get(name, "str")
            )
            for name in UNIT_FIGURE_COLUMNS
        }
    )


def _sortable(column: NDArray[Any]) -> NDArray[Any]:
    """Return the ranks of a column's entries."""
    if column.dtype != object:
        return column
    rank = {each: at for at, each in enumerate(sorted(set(column.tolist())))}
    return np.array([rank[each] for each in column.tolist()], dtype=np.int64)
