"""What a written place was found to be: a target, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo.ledger import Suggestion, Verdict

__all__ = ["UNKNOWN", "Match", "left_out"]

UNKNOWN = "unknown"
"""The origin of people whose origin nobody stated."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a written place was found to be.

    ``target`` is a P-code, ``site:ID`` or ``carry:CODE``; the parent's P-code where the verdict
    is UNPLACED; "" where the row is left out, ``reason`` being one stable word for it. ``level``
    is the level the row speaks at, -1 where it is left out. ``confidence`` is below 1 where the
    match is not exact; ``suggestions`` are what a person may choose from where there is none.
    """

    target: str
    level: int
    verdict: Verdict
    how: str = ""
    why: str = ""
    reason: str = ""
    confidence: float = 1.0
    suggestions: tuple[Suggestion, ...] = ()


def left_out(reason: str, why: str, suggestions: Sequence[Suggestion] = ()) -> Match:
    """Return the match of a row that has no place, and why."""
    return Match("", -1, Verdict.LEFT_OUT, why=why, reason=reason, suggestions=tuple(suggestions))
