"""Tables of other boundaries brought to ours. Each is matched where it was collected, then carried.

Every row of a file has its entry in the ledger, as any other row has: placed where only its code is
another, carried where its ground is, left out with a reason where nothing of ours holds it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from boundaries.crosswalk import Crosswalk, CrosswalkPair, Weighting
from geo.brought import Brought, Piece
from geo.carrying import Carried, carry_over
from geo.carrying_notes import carry_notes
from geo.joining import join_figures
from geo.ledger import Ledger, LedgerEntry, Verdict
from geo.matching import MatchedFigures, Places, match_figures
from geo.standing import CELL
from geo.tables import FIGURE_COLUMNS, FigureTable, records

__all__ = ["CrosswalkOf", "Walk", "bring_figures", "carried_entry"]

CrosswalkOf = Callable[[str, int], Crosswalk]
"""From a country (ISO3) and a level to the crosswalk of its units there."""


def bring_figures(
    tables: Sequence[FigureTable],
    old: Places,
    new: Places,
    crosswalk_of: CrosswalkOf,
    *,
    label: str,
) -> Brought:
    """Match tables on the boundaries they were collected on, and carry what they count to ours.

    Parameters
    ----------
    tables : sequence of FigureTable
        All tables of the one vintage: parts of a new unit may be told by several of them.
    old, new : Places
        Of their vintage, and of ours. A declared site is where it is, on any boundaries.
    crosswalk_of : callable
        The crosswalk of a country and level from the old units to the new ones.
    label : str
        The old vintage as readers know it.

    Notes
    -----
    Stated figures are carried level by level; one of a unit that was cut and that its parts sum
    to is left to their sum. What is told only below our deepest level is summed to it first. What
    could not be placed within a unit that was cut is counted in what holds all its ground.
    """
    at_sites, elsewhere = _apart([match_figures(table, old) for table in tables], tables, new)
    stand_in = f"{label} carried to {new.boundaries.vintage.label}"
    walk = Walk(old, new, crosswalk_of)
    disjoint = any(table.disjoint for table in elsewhere)
    joined, ledger = _by_level(elsewhere, walk) if disjoint else join_figures(elsewhere, old)
    joined = joined.assign(origin=joined["origin"].map(walk.origin).astype("str"))
    chosen = _to_carry(joined, walk)
    carried = carry_over(chosen, walk.crosswalks(chosen["pcode"].unique()))
    unplaced = [_unplaced(table, chosen, walk) for table in elsewhere]
    rest = [*at_sites, *(table for table in unplaced if len(table.frame))]
    return Brought(
        figures=(replace(_as_table(carried, new, stand_in), disjoint=disjoint), *rest),
        stand_in=stand_in,
        pieces=tuple(
            Piece(row["rows"], row["carried"], row["basis"], shares)
            for row, shares in zip(records(carried.frame), carried.shares, strict=True)
        ),
        entries=_told(ledger, carried.left, rest, walk),
        notes=tuple(
            note
            for crosswalk in walk.used
            for note in carry_notes(carried.frame, crosswalk, old_label=label)
        ),
    )


@dataclass
class Walk:
    """From old units to new ones. Remembers which crosswalks were asked for."""

    old: Places
    new: Places
    crosswalk_of: CrosswalkOf
    _known: dict[tuple[str, int], Crosswalk] = field(default_factory=dict)

    @property
    def used(self) -> list[Crosswalk]:
        """The crosswalks that were asked for."""
        return list(self._known.values())

    def crosswalks(self, pcodes: Iterable[str]) -> list[Crosswalk]:
        """Return the crosswalks that some old units need."""
        keys = {(self.iso3(code), self.old.level(code)): code for code in pcodes}
        for code in keys.values():
            self.pairs(code)
        return [self._known[key] for key in sorted(keys)]

    def iso3(self, pcode: str) -> str:
        """Return the country of an old unit."""
        return self.old.index.units[pcode].iso3

    def is_outside(self, pcode: str) -> bool:
        """Whether an old unit lies outside the countries whose names are looked up."""
        return bool(self.new.countries) and self.iso3(pcode) not in self.new.countries

    def deepest(self, pcode: str) -> int:
        """Return the deepest of our levels in the country of an old unit."""
        return self.new.index.deepest(self.iso3(pcode))

    def pairs(self, pcode: str) -> tuple[CrosswalkPair, ...]:
        """Return where an old unit went; of one below our levels, where what holds it went."""
        unit = self.old.index.units[self.above(pcode)]
        key = unit.iso3, unit.level
        if key not in self._known:
            self._known[key] = self.crosswalk_of(*key)
        return self._known[key].into(unit.pcode)

    def above(self, pcode: str) -> str:
        """Return the old unit itself, or what holds it at the deepest of our levels."""
        deepest = self.deepest(pcode)
        return next(code for code in self.old.chain(pcode) if self.old.level(code) <= deepest)

    def origin(self, code: str) -> str:
        """Return our code of a country of origin."""
        unit = self.old.index.units.get(code)
        country = unit and self.new.index.country_by_iso3.get(unit.iso3)
        return country.pcode if country else code


def _apart(
    matched: Sequence[MatchedFigures], tables: Sequence[FigureTable], new: Places
) -> tuple[list[MatchedFigures], list[MatchedFigures]]:
    """Return the rows at declared sites, matched with our vintage, and all others as matched."""
    if not new.sites:
        return [], list(matched)
    at_sites, elsewhere = [], []
    for table, old in zip(tables, matched, strict=True):
        ours = match_figures(table, new)
        is_site = ours.frame["matched"].str.startswith("site:") & (old.frame["how"] != "code")
        at_sites.append(_only(ours, is_site))
        elsewhere.append(_only(old, ~is_site))
    return [table for table in at_sites if len(table.frame)], elsewhere


def _only(table: MatchedFigures, keep: pd.Series) -> MatchedFigures:
    entries = tuple(e for e, kept in zip(table.entries, keep, strict=True) if kept)
    return replace(table, frame=table.frame[keep].reset_index(drop=True), entries=entries)


def _by_level(tables: Sequence[MatchedFigures], walk: Walk) -> tuple[pd.DataFrame, Ledger]:
    """Join tables whose rows hold nobody of another row: what a region says is beside its districts."""
    frames: list[pd.DataFrame] = []
    entries: list[LedgerEntry] = []
    lifted = [_lifted(table, walk) for table in tables]
    for level in sorted({level for table in lifted for level in table.frame["level"]}):
        of_level = [_only(table, table.frame["level"] == level) for table in lifted]
        joined, ledger = join_figures(of_level, walk.old)
        frames.append(joined[joined["level"] == level])
        entries += ledger.entries
    return pd.concat(frames, ignore_index=True), Ledger(tuple(entries))


def _lifted(table: MatchedFigures, walk: Walk) -> MatchedFigures:
    """Return the table with what is below our levels told of what holds it, as parts of it."""
    placed = table.frame["verdict"] == Verdict.PLACED.value
    codes = {code: walk.above(code) for code in table.frame.loc[placed, "matched"].unique()}
    matched = table.frame["matched"].where(~placed, table.frame["matched"].map(codes))
    level = table.frame["level"].where(~placed, matched.map(walk.old.level))
    frame = table.frame.assign(matched=matched.astype("str"), level=level.astype("int64"))
    return replace(table, frame=frame, parts=True, disjoint=False)


# --- what is carried --------------------------------------------------------------------------------


def _to_carry(figures: pd.DataFrame, walk: Walk) -> pd.DataFrame:
    """Return the figures to carry, so that nobody is carried twice."""
    placed = figures[~figures["unplaced"] & (figures["pcode"] != "")]
    deepest = placed["pcode"].map({code: walk.deepest(code) for code in placed["pcode"].unique()})
    iso3 = placed["pcode"].map({code: walk.iso3(code) for code in placed["pcode"].unique()})
    too_fine = set(iso3[placed["level"] > deepest])
    placed, deepest = placed[placed["level"] <= deepest], deepest[placed["level"] <= deepest]
    summed = {_cell(row): row["value"] for row in records(placed[placed["basis"] == "summed"])}
    stated = {_cell(row) for row in records(placed[placed["basis"] == "stated"])}
    by_origin = {_cell(row)[:-1] for row in records(placed[placed["origin"] != ""])}
    keep = []
    for row, level in zip(records(placed), deepest, strict=True):
        cell, finest = _cell(row), row["level"] == level
        ends_here = finest and walk.iso3(row["pcode"]) in too_fine
        if row["basis"] == "summed":
            rebuilt = not row["origin"] and cell[:-1] in by_origin
            keep.append(ends_here and cell not in stated and not rebuilt)
        else:
            told_below = not ends_here and summed.get(cell) == row["value"]
            keep.append(not (told_below and len(walk.pairs(row["pcode"])) > 1))
    return placed[keep].reset_index(drop=True)


def _cell(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in CELL)


def _as_table(carried: Carried, new: Places, stand_in: str) -> MatchedFigures:
    """Return carried figures as a table matched with our vintage."""
    frame = carried.frame
    names = [new.index.units[pcode].name if pcode else "" for pcode in frame["pcode"]]
    frame = frame.assign(
        file=stand_in,
        row=range(len(frame)),
        place=pd.Series(names, dtype="str"),
        parent="",
        source=frame["sources"],
        matched=frame["pcode"],
        verdict=Verdict.PLACED.value,
        how="carry",
        why="",
        origin_code=frame["origin"],
    )
    columns = [*FIGURE_COLUMNS, "matched", "verdict", "how", "why", "origin_code"]
    entries = tuple(
        LedgerEntry(stand_in, row, name, Verdict.PLACED, "", pcode, "carry")
        for row, name, pcode in zip(frame["row"], names, frame["pcode"], strict=True)
    )
    return MatchedFigures(frame[columns], entries)


def _unplaced(table: MatchedFigures, chosen: pd.DataFrame, walk: Walk) -> MatchedFigures:
    """Return the rows that could not be placed, under what holds all the ground they may be on.

    Those within a unit that was cut and whose own figure is carried are in that figure.
    """
    lost = _only(table, table.frame["verdict"] == Verdict.UNPLACED.value)
    inside = {
        (row["pcode"], *_what(row))
        for row in records(chosen)
        if row["basis"] == "stated" and len(walk.pairs(row["pcode"])) > 1
    }
    parents, why, keep = [], [], []
    for row in records(lost.frame):
        what = (*_what(row)[:-1], walk.origin(row["origin_code"]))
        held = any((code, *what) in inside for code in walk.old.chain(row["matched"]))
        ours = [pair.new for pair in walk.pairs(row["matched"])]
        parents.append(walk.new.common_parent(ours) if ours else "")
        why.append(f"{row['place']!r}: in the figure of what holds it" if held else row["why"])
        keep.append(bool(ours) and not held)
    frame = lost.frame.assign(
        matched=pd.Series(parents, dtype="str"),
        origin_code=lost.frame["origin_code"].map(walk.origin).astype("str"),
    )
    levels = [
        min(level, walk.new.index.deepest(walk.new.index.units[parent].iso3)) if parent else -1
        for level, parent in zip(frame["level"], parents, strict=True)
    ]
    frame = frame.assign(level=pd.Series(levels, dtype="int64"))
    entries = tuple(
        replace(entry, pcode=parent, why=said)
        for entry, parent, said in zip(lost.entries, parents, why, strict=True)
    )
    return _only(replace(lost, frame=frame, entries=entries), pd.Series(keep, dtype="bool"))


def _what(row: Mapping[str, Any]) -> tuple[Any, ...]:
    origin = row["origin_code"] if "origin_code" in row else row["origin"]
    return row["group"], row["measure"], row["unit"], row["date"], origin


# --- what the ledger says ---------------------------------------------------------------------------

_BY = {
    Weighting.GIVEN: "by given shares",
    Weighting.POPULATION: "by a population grid",
    Weighting.SETTLEMENTS: "by settlements",
    Weighting.AREA: "by area",
}
_LEFT = {
    "no-unit": "no unit of our boundaries holds its ground",
    "periods": "the parts of the unit it went into begin on different days",
    "unplaced": "could not be placed in a unit that was cut",
}


def _told(
    ledger: Ledger,
    left: pd.DataFrame,
    rest: Sequence[MatchedFigures],
    walk: Walk,
) -> tuple[LedgerEntry, ...]:
    """Return the entries of the rows that are carried or left, in words of our vintage."""
    elsewhere = {(entry.file, entry.row) for table in rest for entry in table.entries}
    why_left = {
        label: row["why"] for row in records(left) for label in row["rows"].split("|") if label
    }

    def told(entry: LedgerEntry) -> LedgerEntry:
        reason = why_left.get(f"{entry.file}:{entry.row}")
        if reason is not None:
            why = f"{entry.place}: {_LEFT[reason]}"
            return replace(entry, verdict=Verdict.LEFT_OUT, why=why, reason=reason, pcode="")
        return carried_entry(entry, walk) if entry.verdict is Verdict.PLACED else entry

    return tuple(told(e) for e in ledger.entries if (e.file, e.row) not in elsewhere)


def carried_entry(entry: LedgerEntry, walk: Walk) -> LedgerEntry:
    """Return the entry of a row placed in an old unit, in words of our vintage."""
    pairs = walk.pairs(entry.pcode)
    units, was = walk.new.index.units, walk.old.index.units[entry.pcode]
    if len(pairs) == 1 and pairs[0].same_ground:
        (pair,) = pairs
        why = "" if pair.new == entry.pcode else f"{was} is {units[pair.new]} on our boundaries"
        return replace(entry, pcode=pair.new, why="; ".join(filter(None, (entry.why, why))))
    if len(pairs) == 1:
        why = f"{was} is carried into {units[pairs[0].new]}"
    else:
        shares = ", ".join(f"{units[pair.new].name} ({pair.weight:.0%})" for pair in pairs)
        why = f"{was} is shared out {_BY[pairs[0].weighting]}: {shares}"
    why = "; ".join(filter(None, (entry.why, why)))
    return replace(entry, verdict=Verdict.CARRIED, how="carry", why=why)
