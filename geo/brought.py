"""What was carried from other boundaries, and its way back to the rows of the files.

Carried figures join our own tables as one more table whose rows stand in for the rows of files.
After the join, `settle_brought` puts those rows in their place and bounds what was shared out.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd

from geo.carrying import Share, range_of
from geo.ledger import Ledger, LedgerEntry, Verdict
from geo.matching import MatchedFigures
from geo.release import Note
from geo.standing import CELL
from geo.tables import records
from geo.terms import State

__all__ = ["Brought", "Piece", "Settled", "settle_brought"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One carried figure: the rows it rests on ('file:row' joined with '|'), and its shares."""

    rows: str
    carried: str
    basis: str
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Brought:
    """Tables of one other vintage, ready to be joined with ours.

    ``figures`` go to `geo.joining.join_figures` in the tables' place. Those of file ``stand_in``
    are carried: row n stands for ``pieces[n]``. ``entries`` has an entry for every row of the
    tables that is not in ``figures`` under its own file.
    """

    figures: tuple[MatchedFigures, ...]
    stand_in: str
    pieces: tuple[Piece, ...]
    entries: tuple[LedgerEntry, ...]
    notes: tuple[Note, ...]


class Settled(NamedTuple):
    """Joined figures, flows and the ledger, with files' own rows where stand-ins were."""

    figures: pd.DataFrame
    flows: pd.DataFrame
    ledger: Ledger


def settle_brought(
    figures: pd.DataFrame, flows: pd.DataFrame, ledger: Ledger, brought: Iterable[Brought]
) -> Settled:
    """Put files' own rows and bounds where stand-ins are.

    Parameters
    ----------
    figures, flows : DataFrame
        Joined (``UNIT_FIGURE_COLUMNS``, ``UNIT_FLOW_COLUMNS``).
    ledger : Ledger
        Of what was joined; the entries of carried rows are added to it.
    brought : iterable of Brought

    Returns
    -------
    Settled
        Figures with a shared-out part have ``low`` and ``high``, ``carried`` names the old units.
    """
    several = list(brought)
    if not several:
        return Settled(figures, flows, ledger)
    return Settled(
        _bounded(figures, several),
        flows.assign(rows=[_own_rows(rows, several) for rows in flows["rows"]]),
        Ledger(tuple(_settled(ledger, several))),
    )


def _bounded(figures: pd.DataFrame, several: Sequence[Brought]) -> pd.DataFrame:
    # figures are numbered within each vintage: one vintage's numbers are moved past the other's
    pieces: dict[str, Piece] = {}
    start = 0
    for each in several:
        for number, piece in enumerate(each.pieces):
            moved = tuple(replace(share, given=share.given + start) for share in piece.shares)
            pieces[f"{each.stand_in}:{number}"] = replace(piece, shares=moved)
        given = [share.given for piece in each.pieces for share in piece.shares]
        start += max(given, default=-1) + 1
    all_of: dict[int, list[Share]] = defaultdict(list)
    for piece in pieces.values():
        for share in piece.shares:
            all_of[share.given].append(share)
    told = []
    alone = ~figures.duplicated(list(CELL), keep=False)
    for row, is_alone in zip(records(figures), alone, strict=True):
        inside = [pieces[label] for label in row["rows"].split("|") if label in pieces]
        if inside:
            told.append(_as_told(row, inside, all_of, alone=is_alone))
        else:
            told.append(row)
    changed = ["rows", "carried", "basis", "low", "high"]
    new = {name: [row[name] for row in told] for name in changed}
    types = {"low": "float64", "high": "float64"}
    return figures.assign(
        **{
            name: pd.Series(cells, index=figures.index, dtype=types.get(name, "str"))
            for name, cells in new.items()
        }
    ).assign(rows=lambda frame: [_own_rows(rows, several) for rows in frame["rows"]])


def _as_told(
    row: dict[str, Any],
    inside: Sequence[Piece],
    all_of: Mapping[int, Sequence[Share]],
    *,
    alone: bool,
) -> dict[str, Any]:
    codes = {code for piece in inside for code in piece.carried.split("|") if code}
    codes |= {code for code in row["carried"].split("|") if code}
    row = row | {"carried": "|".join(sorted(codes))}
    if alone and len(inside) == 1 and row["rows"].count("|") == 0:
        row["basis"] = inside[0].basis if row["basis"] == "stated" else row["basis"]
    if row["state"] != State.FIGURE.value:
        return row
    shares = [share for piece in inside for share in piece.shares]
    here = {id(share) for share in shares}
    others = {
        given: [share for share in all_of[given] if id(share) not in here]
        for given in {share.given for share in shares}
    }
    # what our own tables count in the same unit is exact: the range is that of the shares
    value = sum(share.value for share in shares)
    low, high = range_of(value, shares, others)
    if low < value or high > value:
        row |= {"low": row["value"] - (value - low), "high": row["value"] + (high - value)}
    return row


def _own_rows(rows: str, several: Sequence[Brought]) -> str:
    """Return a provenance with the files' rows in place of a stand-in's."""
    if not any(each.stand_in in rows for each in several):
        return rows
    of = {each.stand_in: each.pieces for each in several}
    found: dict[str, None] = {}
    for label in rows.split("|"):
        file, _, row = label.rpartition(":")
        own = of[file][int(row)].rows.split("|") if file in of else [label]
        found.update(dict.fromkeys(own))
    return "|".join(found)


def _settled(ledger: Ledger, several: Sequence[Brought]) -> Iterator[LedgerEntry]:
    """Yield the entries of all files' rows; a row is left out where all that was carried of it is."""
    names = {each.stand_in: each for each in several}
    aside: dict[str, dict[int, LedgerEntry]] = {name: {} for name in names}
    for entry in ledger.entries:
        if entry.file not in names:
            yield _reworded(entry, several)
        elif entry.verdict is Verdict.LEFT_OUT:
            aside[entry.file][entry.row] = _reworded(entry, several)
    for each in several:
        pieces_of: dict[str, list[int]] = defaultdict(list)
        for number, piece in enumerate(each.pieces):
            for label in piece.rows.split("|"):
                pieces_of[label].append(number)
        out = aside[each.stand_in]
        for entry in each.entries:
            numbers = pieces_of[f"{entry.file}:{entry.row}"]
            gone = [out[number] for number in numbers if number in out]
            if numbers and len(gone) == len(numbers) and entry.verdict is not Verdict.LEFT_OUT:
                first = gone[0]
                yield replace(
                    entry,
                    verdict=Verdict.LEFT_OUT,
                    why=first.why,
                    reason=first.reason,
                    facts=first.facts,
                )
            elif gone:
                yield replace(entry, why=f"{entry.why}; of {gone[0].place}: {gone[0].why}")
            else:
                yield entry


def _reworded(entry: LedgerEntry, several: Sequence[Brought]) -> LedgerEntry:
    """Return an entry that speaks of files' own rows."""
    for each in several:
        if each.stand_in not in entry.why:
            continue
        pattern = re.escape(each.stand_in) + r", row (\d+)"

        def own(match: re.Match[str], pieces: tuple[Piece, ...] = each.pieces) -> str:
            file, _, row = pieces[int(match[1])].rows.split("|")[0].rpartition(":")
            return f"{file}, row {row} (carried)"

        facts = {
            key: _own_rows(text, several) if isinstance(text, str) else text
            for key, text in entry.facts.items()
        }
        entry = replace(entry, why=re.sub(pattern, own, entry.why), facts=facts)
    return entry
