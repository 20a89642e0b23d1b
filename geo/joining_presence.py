"""Who does what where, per unit. Presence is stated or inferred; silence is never absence."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas as pd

from geo.gazetteer import Places
from geo.ledger import Ledger, LedgerEntry
from geo.matching import MatchedPresence
from geo.tables import UNIT_PRESENCE_COLUMNS, records, typed_frame

__all__ = ["join_presence"]

_JOINED = ("pcode", "level", "carried", "sources", "rows")
_SAME = tuple(name for name in UNIT_PRESENCE_COLUMNS if name not in _JOINED)


def join_presence(
    matched: MatchedPresence | Sequence[MatchedPresence], places: Places
) -> tuple[pd.DataFrame, Ledger]:
    """Return one row per unit, organisation, sector, activity and period.

    An organisation at a site is present in the unit the site lies in (for an area over several
    units: in what holds them all); one in a carried unit is present in each unit it is carried
    into. Rows that come to the same are one row with both provenances. Presence that could not
    be placed stands at the parent, at the parent's own level.
    """
    tables = [matched] if isinstance(matched, MatchedPresence) else list(matched)
    merged: dict[tuple[Any, ...], list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    entries: list[LedgerEntry] = []
    for table in tables:
        entries.extend(table.entries)
        for row in records(table.frame):
            for pcode, carried in _units(row["matched"], places):
                merged[pcode, *(row[name] for name in _SAME)].append((carried, row))
    rows = [
        {
            "pcode": pcode,
            "level": places.level(pcode),
            **dict(zip(_SAME, same, strict=True)),
            "carried": _joined(carried for carried, _ in inputs),
            "sources": _joined(row["source"] for _, row in inputs),
            "rows": "|".join(
                f"{file}:{row}" for file, row in sorted({(r["file"], r["row"]) for _, r in inputs})
            ),
        }
        for (pcode, *same), inputs in merged.items()
    ]
    rows.sort(key=lambda row: tuple(str(row[name]) for name in ("level", "pcode", *_SAME)))
    return typed_frame(rows, UNIT_PRESENCE_COLUMNS), Ledger(tuple(entries))


def _units(target: str, places: Places) -> list[tuple[str, str]]:
    """Return the units a matched place stands for, each with the code carried into it."""
    if target.startswith("site:"):
        site = places.site(target.removeprefix("site:"))
        return [(places.common_parent(places.within(site)), "")]
    if target.startswith("carry:"):
        carry = places.carry(target.removeprefix("carry:"))
        return [(pcode, carry.from_code) for pcode, _ in carry.into]
    return [(target, "")] if target else []


def _joined(texts: Any) -> str:
    return "|".join(sorted({text for text in texts if text}))
