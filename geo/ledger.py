"""What happened to every input row. Rows in = rows on the map + rows here with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

__all__ = ["SETTLED", "Asked", "Ledger", "LedgerEntry", "Suggestion", "Verdict"]


SETTLED = frozenset(
    {"total", "decided-out", "no-figure", "part-of-total", "other-group", "no-organisation"}
)
"""Reasons to leave a row out that ask nothing of anybody: a checked total, a person's decision, and
rows that tell nothing of displacement, or nothing that another row does not tell."""


class Verdict(StrEnum):
    """Where a row ended."""

    PLACED = "placed"
    CARRIED = "carried"
    UNPLACED = "unplaced"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place a person may have meant: its P-code (or ``site:ID``), its name, 0-100 how alike."""

    pcode: str
    said: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that only a person can settle: as written, within which parent, and what is near."""

    place: str
    parent: str
    suggestions: tuple[Suggestion, ...] = ()


_NOTHING: Mapping[str, float | str] = MappingProxyType({})


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
    """code | decision | alias | name | alike | outer | within | seat | site | iso3 | carry | parent:
    what the match rests on."""
    reason: str = ""
    """Why a row was left out, as one stable word (`unknown-place`); the sentence is in ``why``."""
    confidence: float = 1.0
    """Below 1 where the match is not exact: a name that is only alike, a town of a region's name."""
    asked: tuple[Asked, ...] = ()
    facts: Mapping[str, float | str] = field(default_factory=lambda: _NOTHING)
    """The figures behind ``why``, where it speaks of figures."""


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
        return tuple(
            entry
            for entry in self.entries
            if entry.verdict is Verdict.LEFT_OUT and entry.reason not in SETTLED
        )

    @property
    def uncertain(self) -> tuple[LedgerEntry, ...]:
        """The rows that were placed by a name that is not exactly the place's."""
        return tuple(
            entry
            for entry in self.entries
            if entry.confidence < 1 and entry.verdict is not Verdict.LEFT_OUT
        )
