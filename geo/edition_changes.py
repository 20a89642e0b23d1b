"""What changed between two editions, figure by figure. A change of the reason for no figure is a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from geo.release import ReleasedFigures
from geo.standing import CELL, standing_figures
from geo.store import particulars
from geo.tables import records
from geo.terms import State

__all__ = ["EditionChanges", "FigureChange", "FlowChange", "compare_editions"]

_FLOW = ("origin", "destination", "group", "measure", "unit", "date", "basis")
_PRESENCE = ("pcode", "org", "sector", "role", "activity")


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure that is new, gone, or another. Values are None exactly where there is no figure.

    ``state_before`` and ``state_after`` are "" where the edition has no row at all.
    """

    what: Literal["added", "removed", "changed"]
    pcode: str
    level: int
    unplaced: bool
    group: str
    measure: str
    unit: str
    date: date
    origin: str
    before: float | None
    after: float | None
    state_before: str
    state_after: str


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One flow that is new, gone, or another."""

    what: Literal["added", "removed", "changed"]
    origin: str
    destination: str
    group: str
    measure: str
    unit: str
    date: date
    basis: str
    before: float | None
    after: float | None
    state_before: str
    state_after: str


@dataclass(frozen=True, slots=True)
class EditionChanges:
    """All that two editions do not say alike.

    ``presence_added`` and ``presence_removed`` count rows of who does what where. ``said`` names
    what else differs: "vintage", "sources", "notes", "findings" and so on, and "maps".
    """

    figures: tuple[FigureChange, ...]
    flows: tuple[FlowChange, ...]
    presence_added: int
    presence_removed: int
    said: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(
            self.figures or self.flows or self.presence_added or self.presence_removed or self.said
        )


def compare_editions(
    before: ReleasedFigures,
    after: ReleasedFigures,
    *,
    specs_before: str = "",
    specs_after: str = "",
) -> EditionChanges:
    """Return what changed from one edition to another.

    Only figures that stand are compared: a sum that a stated figure has replaced is the same cell
    with another value. Changes are in the order of what they are of (place, group, day, …).
    """
    mine, theirs = particulars(before), particulars(after)
    said = [name for name in mine if mine[name] != theirs[name]]
    if specs_before != specs_after:
        said.append("maps")
    one, other = (_keyed(frame, _PRESENCE) for frame in (before.presence, after.presence))
    return EditionChanges(
        figures=tuple(
            FigureChange(**facts)
            for facts in _changes(
                _keyed(standing_figures(before.figures), CELL),
                _keyed(standing_figures(after.figures), CELL),
                CELL,
            )
        ),
        flows=tuple(
            FlowChange(**facts)
            for facts in _changes(_keyed(before.flows, _FLOW), _keyed(after.flows, _FLOW), _FLOW)
        ),
        presence_added=len(other.keys() - one.keys()),
        presence_removed=len(one.keys() - other.keys()),
        said=tuple(said),
    )


Keyed = Mapping[tuple[Any, ...], dict[str, Any]]


def _keyed(frame: pd.DataFrame, key: tuple[str, ...]) -> Keyed:
    return {tuple(row[name] for name in key): row for row in records(frame)}


def _changes(before: Keyed, after: Keyed, key: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for cell in sorted(before.keys() | after.keys(), key=lambda cell: tuple(map(str, cell))):
        old, new = before.get(cell), after.get(cell)
        said = (_value(old), _state(old)), (_value(new), _state(new))
        if said[0] == said[1]:
            continue
        what = "added" if old is None else "removed" if new is None else "changed"
        found.append(
            {
                "what": what,
                **dict(zip(key, cell, strict=True)),
                "before": said[0][0],
                "after": said[1][0],
                "state_before": said[0][1],
                "state_after": said[1][1],
            }
        )
    return found


def _value(row: dict[str, Any] | None) -> float | None:
    return row["value"] if row is not None and row["state"] == State.FIGURE.value else None


def _state(row: dict[str, Any] | None) -> str:
    return "" if row is None else str(row["state"])
