"""What was assigned, as a table that a situation reads, and its ledger. Only units with points are in it.

A unit without points has no row: nobody was counted there, which is not the same as nobody being there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from boundaries.units import BoundarySet
from geo.assign import AssignTask, Key, PartCounts
from geo.sources import Sensitivity

__all__ = ["WHY", "Told", "assigned_table", "ledger_document", "swap_suspected"]

WHY = {
    "no-coordinates": "no coordinates: a cell is empty or NaN",
    "text-coordinates": "a coordinate is text and no number (decimals are written with a point)",
    "off-the-globe": "beyond 180° or 90°: no WGS 84 degrees, or in another coordinate system",
    "zero-zero": "0, 0: what a device writes that does not know where it is",
    "bad-group": "the group is none of UNHCR's codes, such as IDP",
    "bad-date": "the date is no day written as 2016-12-31",
    "bad-count": "the count is no whole number of persons, 0 or more",
    "outside": "on land, but in none of the units",
    "on-water": "in none of the units and on no land",
}
"""What each reason says; with ``origin-`` before it, of the place of origin."""

_SOME, _MOST = 0.1, 0.5  # of the rows tried: these shares lie in a unit, coordinates exchanged
_FEW = 100  # a handful of such rows among many that are placed is no sign
_LOST = [
    end + reason for end in ("", "origin-") for reason in ("off-the-globe", "outside", "on-water")
]


@dataclass(frozen=True)
class Told:
    """What the files do not say and somebody tells: constants of all rows, "" where not told."""

    group: str = ""
    date: str = ""
    measure: str = "stock"
    kind: str = ""
    unit: str = "persons"
    sensitivity: Sensitivity | None = None


def assigned_table(
    counts: PartCounts, task: AssignTask, boundaries: BoundarySet, level: int, told: Told
) -> pd.DataFrame:
    """Return the counts as a table in the columns of the plain profile, sorted.

    Columns that neither the files nor ``told`` fill are left out: the situation's table then gives
    them as defaults. ``pcode`` and the names are of ``boundaries``.
    """
    codes = sorted(boundaries.codes(level))
    rows = [
        _places(key, codes, boundaries) | _figure(key, people, task, told)
        for key, (people, _) in sorted(counts.counts.items())
    ]
    ends = ["place", "pcode"]
    if task.by_origin:
        ends = ["origin", "origin_pcode", "destination", "destination_pcode"]
    columns = [*ends, "group", "measure", "kind", "unit", "start", "date", "value"]
    frame = pd.DataFrame(rows, columns=columns)
    said = [name for name in columns if name == "value" or (frame[name] != "").any()]
    return frame[said]


def _places(key: Key, codes: list[str], boundaries: BoundarySet) -> dict[str, str]:
    unit, origin, _, _ = key
    here = codes[unit]
    if origin < 0:
        return {"place": boundaries.name(here), "pcode": here}
    return {
        "origin": boundaries.name(codes[origin]),
        "origin_pcode": codes[origin],
        "destination": boundaries.name(here),
        "destination_pcode": here,
    }


def _figure(key: Key, people: int, task: AssignTask, told: Told) -> dict[str, Any]:
    _, _, group, day = key
    day = day or told.date
    return {
        "group": group or told.group,
        "measure": told.measure,
        "kind": told.kind,
        "unit": told.unit,
        "start": _start(day, task.period) if told.measure != "stock" and day else "",
        "date": day,
        "value": people,
    }


def _start(day: str, period: str) -> str:
    """Return the first day of the period that ends on a day."""
    last = date.fromisoformat(day)
    if period == "year":
        return f"{last.replace(month=1, day=1)}"
    return f"{last.replace(day=1)}" if period == "month" else day


def swap_suspected(counts: PartCounts) -> bool:
    """Whether longitude and latitude look exchanged: most rows without a unit have one the other way."""
    lost = sum(counts.left_out.get(reason, 0) for reason in _LOST)
    share = counts.swapped / counts.tried if counts.tried else 0.0
    most_of_all = share > _SOME and lost * share > counts.placed
    return most_of_all or (share > _MOST and lost * _FEW > counts.placed)


def ledger_document(
    counts: PartCounts, boundaries: BoundarySet, level: int, told: Told
) -> Mapping[str, Any]:
    """Return what became of every row as JSON values: rows = placed + left out."""
    return {
        "vintage": boundaries.vintage.id,
        "content": boundaries.vintage.content,
        "level": level,
        "sensitivity": told.sensitivity.value if told.sensitivity else None,
        "rows": counts.rows,
        "placed": counts.placed,
        "persons": sum(people for people, _ in counts.counts.values()),
        "left_out": [
            {
                "reason": reason,
                "why": why_of(reason),
                "rows": count,
                "first": [
                    {"file": file, "row": row, "value": value}
                    for file, row, value in counts.examples.get(reason, [])
                ],
            }
            for reason, count in sorted(counts.left_out.items(), key=lambda each: -each[1])
        ],
        "tried_swapped": counts.tried,
        "fit_if_swapped": counts.swapped,
        "swap_suspected": swap_suspected(counts),
        "tie_rule": "a point on a border belongs to the smallest P-code that touches it",
    }


def why_of(reason: str) -> str:
    """Say a reason."""
    plain = reason.removeprefix("origin-")
    return ("origin: " if plain != reason else "") + WHY[plain]
