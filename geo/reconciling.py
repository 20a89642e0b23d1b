"""What does not add up, and what was left out. Nothing is corrected here: a person decides.

Gaps are open, and so is what was left out. A table most of whose codes the vintage does not know,
or gives to other names, was collected on other boundaries: that stops a build.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from geo.errors import UnknownFinding
from geo.findings import Finding
from geo.gazetteer import Places
from geo.ledger import Ledger, LedgerEntry, Verdict
from geo.tables import records
from geo.terms import State

__all__ = ["acknowledge", "reconcile"]

_WRONG_CODES = frozenset({"unknown-code", "code-and-name-disagree"})
_MANY = 3  # fewer wrong codes are slips of the pen, whatever their share
_SHOWN = 3

_TODO = {
    "unknown-place": "Correct the names, give their codes, or declare them as [[place]].",
    "unknown-code": "Give the codes of this vintage, or add a [[carry]].",
    "ambiguous-name": "Give codes, parents or levels.",
    "code-and-name-disagree": "Correct the code or the name of each row.",
    "another-source": "Remove one of the two, or acknowledge that the first counts.",
    "stated-twice": "Remove one of the two.",
    "unknown-origin": "Write the countries' ISO3 codes.",
}


def reconcile(
    figures: pd.DataFrame,
    places: Places,
    ledger: Ledger = Ledger(()),  # noqa: B008 - frozen
    flows: pd.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Return what a person has to settle or acknowledge, in a stable order.

    Parameters
    ----------
    figures : DataFrame
        Joined figures (``UNIT_FIGURE_COLUMNS``): each stated figure is compared with the sum of
        its parts, where both are there. Parts that sum to less because some are not reported are
        no gap.
    places : Places
        For the names of units.
    ledger : Ledger
        Of all tables: one finding per file and reason for the rows left out, another source's
        figure for the same place and day among them.
    flows : DataFrame, optional
        Joined flows (``UNIT_FLOW_COLUMNS``): one finding per movement that two sources state.
    """
    found = [*_gaps(figures, places), *_left_out(ledger)]
    if flows is not None:
        found += _beside(flows)
    return tuple(sorted(found, key=lambda finding: (finding.severity != "stops", finding.id)))


def acknowledge(findings: Iterable[Finding], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return the findings with the reasons a person gave; raises `UnknownFinding`."""
    listed = tuple(findings)
    known = [finding.id for finding in listed]
    for finding in reasons:
        if finding not in known:
            raise UnknownFinding(finding, known=known)
    return tuple(replace(each, why=reasons.get(each.id, each.why)) for each in listed)


def _gaps(figures: pd.DataFrame, places: Places) -> Iterable[Finding]:
    cells: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = defaultdict(dict)
    columns = ("group", "measure", "date", "pcode", "origin", "unit", "level", "unplaced")
    for row in records(figures):
        if row["state"] == State.FIGURE:
            cells[tuple(row[name] for name in columns)][row["basis"]] = row
    for (group, measure, day, pcode, origin, unit, *_), rows in cells.items():
        if len(rows) < 2:
            continue
        stated, parts = rows["stated"]["value"], rows["summed"]["value"]
        gap = stated - parts
        if gap == 0 or (gap > 0 and rows["summed"]["qualifier"] == "at_least"):
            continue
        name = places.boundaries.name(pcode)
        by = f" from {origin}" if origin else ""
        told = f"{group} ({measure}) of {day}{by}"
        more = "less" if gap > 0 else "more"
        suffix = (f":{origin}" if origin else "") + ("" if unit == "persons" else f":{unit}")
        yield Finding(
            id=f"gap:{group}:{measure}:{day}:{pcode}{suffix}",
            severity="open",
            what=f"{told}: the parts sum to {parts:,.0f}, {abs(gap):,.0f} {more} than the "
            f"{stated:,.0f} stated for {name}",
            where=f"{rows['stated']['rows']} against {rows['summed']['rows']}",
            todo="Look for a part that is missing or counted twice, or acknowledge the gap.",
            facts={"stated": stated, "summed": parts, "gap": gap, "pcode": pcode},
        )


def _left_out(ledger: Ledger) -> Iterable[Finding]:
    rows_of = Counter(entry.file for entry in ledger.entries)
    out: dict[tuple[str, str], list[LedgerEntry]] = defaultdict(list)
    for entry in ledger.entries:
        if entry.verdict is Verdict.LEFT_OUT:
            out[entry.file, entry.reason or "left-out"].append(entry)
    for (file, reason), entries in out.items():
        examples = "; ".join(f"row {e.row} ({e.place}): {e.why}" for e in entries[:_SHOWN])
        more = f"; and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
        rows = "1 row" if len(entries) == 1 else f"{len(entries)} rows"
        many = len(entries) >= _MANY and 2 * len(entries) > rows_of[file]
        stops = reason in _WRONG_CODES and many
        yield Finding(
            id=f"left-out:{file}:{reason}",
            severity="stops" if stops else "open",
            what=f"{rows} of {file} left out: {examples}{more}",
            where=f"{file}, row {', '.join(str(entry.row) for entry in entries[:10])}",
            todo="Pick the vintage the table was collected on, or add a [[carry]]."
            if stops
            else _TODO.get(reason, "Correct the rows, or acknowledge that they stay out."),
            facts={"rows": len(entries), "reason": reason},
        )


def _beside(flows: pd.DataFrame) -> Iterable[Finding]:
    same = ("group", "measure", "unit", "origin", "destination")
    drawn: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in records(flows[flows["basis"] == "stated"]):
        drawn[tuple(row[name] for name in same)].append(row)
    for row in records(flows[flows["basis"] == "beside"]):
        group, measure, _, origin, destination = key = tuple(row[name] for name in same)
        near = min(drawn[key], key=lambda each: abs((each["date"] - row["date"]).days))
        yield Finding(
            id=f"two-sources:{group}:{measure}:{row['date']}:{origin}>{destination}",
            severity="open",
            what=f"{group} ({measure}) from {origin} to {destination}: {row['value']:,.0f} until "
            f"{row['date']} ({row['sources']}) beside the {near['value']:,.0f} until "
            f"{near['date']} ({near['sources']}) that is drawn",
            where=f"{near['rows']} against {row['rows']}",
            todo="Remove one of them, or acknowledge that the first is drawn.",
            facts={"drawn": near["value"], "beside": row["value"]},
        )
