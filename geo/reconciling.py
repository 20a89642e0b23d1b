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
from geo.ledger import Ledger, LedgerEntry
from geo.reconciling_sums import gaps, group_gaps, mixed_kinds, origin_gaps, table_totals
from geo.reconciling_time import changes_over_time
from geo.tables import UNIT_FLOW_COLUMNS, records, typed_frame

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
        its parts and of its groups, and with the dates before and after.
    places : Places
        For the names and parents of units.
    ledger : Ledger
        Of all tables: one finding per file and reason for the rows left out; the totals of
        tables; another source's figure for the same place and day.
    flows : DataFrame, optional
        Joined flows (``UNIT_FLOW_COLUMNS``): one finding per movement that two sources state.
    """
    found = [
        *gaps(figures, places),
        *origin_gaps(figures, places),
        *group_gaps(figures, places),
        *mixed_kinds(figures, places),
        *table_totals(ledger),
        *changes_over_time(figures, places),
        *_two_sources(ledger, places),
        *_left_out(ledger),
        *_beside(typed_frame([], UNIT_FLOW_COLUMNS) if flows is None else flows),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.severity != "stops", finding.id)))


def acknowledge(findings: Iterable[Finding], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return the findings with the reasons a person gave; raises `UnknownFinding`."""
    listed = tuple(findings)
    known = [finding.id for finding in listed]
    for finding in reasons:
        if finding not in known:
            raise UnknownFinding(finding, known=known)
    return tuple(replace(each, why=reasons.get(each.id, each.why)) for each in listed)


_MOST = 10  # cells of two sources that are told one by one


def _of_two_sources(ledger: Ledger) -> dict[str, list[LedgerEntry]]:
    """Return the figures set aside for another source's, by file, where few enough to be told."""
    of_file: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in ledger.open:
        if entry.reason == "another-source" and entry.facts:
            of_file[entry.file].append(entry)
    return {file: entries for file, entries in of_file.items() if len(entries) <= _MOST}


def _two_sources(ledger: Ledger, places: Places) -> Iterable[Finding]:
    """Return what two sources state of one place and day, one by one."""
    for file, entries in _of_two_sources(ledger).items():
        for entry in entries:
            told = entry.facts
            value, beside = float(told["value"]), float(told["beside"])
            pcode = str(told["pcode"])
            name = places.boundaries.name(pcode) if pcode in places.boundaries else pcode
            origin = f":{told['origin']}" if told["origin"] else ""
            what = f"{told['group']} ({told['measure']}) of {told['date']} in {name}"
            yield Finding(
                id=f"two-sources:{told['group']}:{told['measure']}:{told['date']}:{pcode}{origin}"
                f":{file}:{entry.row}",
                severity="open",
                what=f"{what}: {value:,.0f} ({told['source']}) beside the {beside:,.0f} "
                f"({told['beside_source']}) that counts, {abs(value - beside):,.0f} "
                f"{'more' if value > beside else 'less'}",
                where=f"{told['beside_row']} against {file}:{entry.row}",
                todo=_TODO["another-source"],
                facts={"value": value, "beside": beside, "gap": value - beside},
            )


def _left_out(ledger: Ledger) -> Iterable[Finding]:
    entries_of = Counter(entry.file for entry in ledger.entries)
    out: dict[tuple[str, str], list[LedgerEntry]] = defaultdict(list)
    told = _of_two_sources(ledger)
    for entry in ledger.open:
        reason = entry.reason or "left-out"
        if reason != "another-source" or entry.file not in told:
            out[entry.file, reason].append(entry)
    for (file, reason), entries in out.items():
        numbers = list(dict.fromkeys(entry.row for entry in entries))
        causes: dict[tuple[str, str], LedgerEntry] = {}
        for entry in entries:  # a wide row is left out once, and for one reason
            causes.setdefault((entry.place, entry.why), entry)
        shown = list(causes.values())[:_SHOWN]
        examples = "; ".join(f"row {e.row} ({e.place}): {e.why}" for e in shown)
        left = len(numbers) - len({entry.row for entry in shown})
        more = f"; and {left} more" if left > 0 else ""
        rows = "1 row" if len(numbers) == 1 else f"{len(numbers)} rows"
        many = len(entries) >= _MANY and 2 * len(entries) > entries_of[file]
        stops = reason in _WRONG_CODES and many
        yield Finding(
            id=f"left-out:{file}:{reason}",
            severity="stops" if stops else "open",
            what=f"{rows} of {file} left out: {examples}{more}",
            where=f"{file}, row {', '.join(map(str, numbers[:10]))}",
            todo="Pick the vintage the table was collected on, or add a [[carry]]."
            if stops
            else _TODO.get(reason, "Correct the rows, or acknowledge that they stay out."),
            facts={"rows": len(numbers), "reason": reason},
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
