"""From one date to another: what a change is called. A recount is no movement; small bases have no percent."""

from dataclasses import dataclass
from datetime import date

__all__ = ["SMALL_BASE", "Change", "Counted", "change"]

SMALL_BASE = 100.0
"""Persons. Below it a percentage tells more of the base than of the people."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure as it stood on a day: its value, kind and sources."""

    day: date
    value: float
    kind: str
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """``difference`` in persons; ``percent`` None where it would mislead.

    ``recount`` says why the difference is no movement: "kind", "source", or "" where it may be one.
    """

    difference: float
    percent: float | None
    recount: str


def change(before: Counted, after: Counted) -> Change:
    """Compare a figure with an earlier one of the same place, group and measure.

    >>> from datetime import date
    >>> old = Counted(date(2016, 12, 31), 20, "registered", frozenset({"unhcr"}))
    >>> change(old, Counted(date(2017, 12, 31), 133, "registered", frozenset({"unhcr"})))
    Change(difference=113, percent=None, recount='')
    """
    difference = after.value - before.value
    percent = 100 * difference / before.value if before.value >= SMALL_BASE else None
    recount = ""
    if before.kind != after.kind:
        recount = "kind"
    elif before.sources and after.sources and not before.sources & after.sources:
        recount = "source"
    return Change(difference, percent, recount)
