"""What happened to every input row. Rows in = rows on the map + rows here with a reason."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Ledger", "LedgerEntry", "Verdict"]


class Verdict(StrEnum):
    """Where a row ended."""

    PLACED = "placed"
    CARRIED = "carried"
    UNPLACED = "unplaced"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One input row: where it stood, where it went, and why."""

    file: str
    row: int
    place: str
    verdict: Verdict
    why: str
    pcode: str = ""
    how: str = ""
    """code | name | alias | site | iso3 | carry | parent: what the match rests on."""
    reason: str = ""
    """Why a row was left out, as one stable word (`unknown-place`); the sentence is in ``why``."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All entries, in the order of the files and their rows."""

    entries: tuple[LedgerEntry, ...]

    def count(self, verdict: Verdict) -> int:
        """Return how many rows ended so."""
        return sum(entry.verdict is verdict for entry in self.entries)

    @property
    def open(self) -> tuple[LedgerEntry, ...]:
        """The rows that were left out: what a person still has to look at."""
        return tuple(entry for entry in self.entries if entry.verdict is Verdict.LEFT_OUT)
