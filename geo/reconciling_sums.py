"""Sums that do not come out: parts against stated totals, children against parents, groups against all.

Each finding says what, where and by how much. A sum of which some parts are not known may be less
than what is stated; that is no gap.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.findings import Finding
from geo.gazetteer import Places
from geo.ledger import Ledger
from geo.tables import records
from geo.terms import GROUP_NAMES, Kind, State

__all__ = [
    "StatedPart",
    "gaps",
    "group_gaps",
    "mixed_kinds",
    "parts_against_totals",
    "table_totals",
]

_CELL = ["group", "measure", "date", "pcode", "origin", "unit", "level", "unplaced"]
_SHOWN = 3
_ALL = "POC"
_NOT_IN_ALL = frozenset({_ALL, "POP", "HST"})


@dataclass(frozen=True, slots=True)
class StatedPart:
    """A published number that says which other it is a part of; ``part_of`` "" is none.

    ``value`` None is not known. ``unit`` and ``measure`` in any words: only equal ones are compared.
    """

    id: str
    value: float | None
    label: str
    part_of: str = ""
    unit: str = ""
    measure: str = ""


def gaps(figures: pd.DataFrame, places: Places) -> Iterable[Finding]:
    """Compare each stated figure with the sum of its parts, where both are there."""
    known = figures[figures["state"] == State.FIGURE.value]
    twice = known[known.duplicated(_CELL, keep=False)]
    stated, parts = twice[twice["basis"] == "stated"], twice[twice["basis"] == "summed"]
    both = stated.merge(parts, on=_CELL, suffixes=("", "_parts"))
    gap = both["value"] - both["value_parts"]
    open_ended = (gap > 0) & (both["qualifier_parts"] == "at_least")
    for row in records(both[(gap != 0) & ~open_ended]):
        yield _gap(row, places)


def _gap(row: Mapping[str, Any], places: Places) -> Finding:
    stated, parts = row["value"], row["value_parts"]
    gap, origin, unit = stated - parts, row["origin"], row["unit"]
    by = f" from {origin}" if origin else ""
    told = f"{row['group']} ({row['measure']}) of {row['date']}{by}"
    more = "less" if gap > 0 else "more"
    suffix = (f":{origin}" if origin else "") + ("" if unit == "persons" else f":{unit}")
    return Finding(
        id=f"gap:{row['group']}:{row['measure']}:{row['date']}:{row['pcode']}{suffix}",
        severity="open",
        what=f"{told}: the parts sum to {parts:,.0f}, {abs(gap):,.0f} {more} than the "
        f"{stated:,.0f} stated for {places.boundaries.name(row['pcode'])}",
        where=f"{row['rows']} against {_short(row['rows_parts'])}",
        todo="Look for a part that is missing or counted twice, or acknowledge the gap.",
        facts={"stated": stated, "summed": parts, "gap": gap, "pcode": row["pcode"]},
    )


def group_gaps(figures: pd.DataFrame, places: Places) -> Iterable[Finding]:
    """Compare a figure for all people of concern with the sum over their groups.

    Published totals add stocks and returns; so does this comparison, and it says so.
    """
    known = figures[(figures["state"] == State.FIGURE.value) & (figures["origin"] == "")]
    known = known[~known["unplaced"]]
    wholes = known[(known["group"] == _ALL) & (known["basis"] == "stated")]
    for whole in records(wholes):
        same = (known["pcode"] == whole["pcode"]) & (known["unit"] == whole["unit"])
        parts = known[same & (known["date"] == whole["date"]) & ~known["group"].isin(_NOT_IN_ALL)]
        parts = parts.sort_values("basis").drop_duplicates(["group", "measure"])
        gap = whole["value"] - parts["value"].sum()
        if parts.empty or gap == 0:
            continue
        told = " + ".join(
            f"{value:,.0f} {GROUP_NAMES.get(group, group)}"
            for group, value in zip(parts["group"], parts["value"], strict=True)
        )
        measures = sorted(set(parts["measure"]))
        mix = f" ({' and '.join(measures)} added)" if len(measures) > 1 else ""
        place = places.boundaries.name(whole["pcode"])
        yield Finding(
            id=f"groups:{_ALL}:{whole['date']}:{whole['pcode']}",
            severity="open",
            what=f"{place}, {whole['date']}: the groups sum to {parts['value'].sum():,.0f}{mix}, "
            f"{abs(gap):,.0f} {'less' if gap > 0 else 'more'} than the {whole['value']:,.0f} "
            f"stated for all: {told}",
            where=f"{whole['rows']} against {' and '.join(parts['rows'])}",
            todo="Ask the publisher which number is right, or acknowledge the gap.",
            facts={"stated": whole["value"], "summed": float(parts["value"].sum()), "gap": gap},
        )


def origin_gaps(figures: pd.DataFrame, places: Places) -> Iterable[Finding]:
    """Find places where people of known origins are more than the people of all origins.

    Fewer are no gap: tables often name the main origins only.
    """
    known = figures[(figures["state"] == State.FIGURE.value) & ~figures["unplaced"]]
    cell = [name for name in _CELL if name != "origin"]
    by_origin = known[known["origin"] != ""].sort_values("basis", kind="stable")
    by_origin = by_origin.drop_duplicates(_CELL)
    total = by_origin.groupby(cell, as_index=False)["value"].sum()
    stated = known[(known["origin"] == "") & (known["basis"] == "stated")]
    both = stated.merge(total, on=cell, suffixes=("", "_origins"))
    odd = both[both["value_origins"] > both["value"]]
    for key, cases in odd.groupby(["group", "measure", "unit", "level"], sort=True):
        group, measure, unit, level = map(str, key)
        over = (cases["value_origins"] - cases["value"]).rename("over")
        largest = cases.assign(over=over).sort_values(["over", "pcode"], ascending=[False, True])
        told = "; ".join(
            f"{places.boundaries.name(row['pcode'])}, {row['date']}: the origins sum to "
            f"{row['value_origins']:,.0f}, {row['over']:,.0f} more than the {row['value']:,.0f} "
            "stated for all"
            for row in records(largest.head(_SHOWN))
        )
        more = f"; and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
        suffix = "" if unit == "persons" else f":{unit}"
        yield Finding(
            id=f"origins:{group}:{measure}:level-{level}{suffix}",
            severity="open",
            what=f"{group} ({measure}), level {level}: {told}{more}",
            where="; ".join(_short(row["rows"], 2) for row in records(largest.head(_SHOWN))),
            todo="Give the row without an origin its own, or correct the total.",
            facts={"cases": float(len(cases)), "level": float(level)},
        )


def table_totals(ledger: Ledger) -> Iterable[Finding]:
    """Return the totals of tables that their rows do not sum to, or that mix kinds of figures."""
    for entry in ledger.entries:
        if entry.reason != "total":
            continue
        told = entry.facts
        what = f"{told['group']} ({told['measure']}) of {told['date']}"
        at = f"{entry.file}:{entry.row}"
        if told["gap"]:
            yield Finding(
                id=f"total:{at}:{told['group']}:{told['measure']}:{told['date']}",
                severity="open",
                what=f"{entry.file}, row {entry.row}, {what}: {entry.why}",
                where=f"{entry.file}, row {entry.row}",
                todo="Look for a row that is missing or counted twice, or acknowledge the gap.",
                facts={name: told[name] for name in ("stated", "summed", "gap")},
            )
        kinds = str(told["kinds"]).split("|")
        if len(kinds) > 1:
            yield _mixed(
                f"kinds:{at}:{told['group']}:{told['measure']}:{told['date']}",
                f"{entry.file}, row {entry.row}, {what}: the total of {told['stated']:,.0f}",
                kinds,
                f"{entry.file}, row {entry.row}",
            )


def mixed_kinds(figures: pd.DataFrame, places: Places) -> Iterable[Finding]:
    """Return the sums over kinds of which a weak one (estimate, planning) is a part.

    Countries only: a sum below them is a part of the country's.
    """
    known = figures[(figures["state"] == State.FIGURE.value) & (figures["origin"] == "")]
    sums = known[(known["basis"] == "summed") & (known["level"] == 0)]
    sums = sums[sums["kind"].isin([Kind.ESTIMATE.value, Kind.PLANNING.value])]
    if sums.empty:
        return
    stated = figures[(figures["basis"] == "stated") & (figures["state"] == State.FIGURE.value)]
    kind_of = {
        row: kind
        for rows, kind in zip(stated["rows"], stated["kind"], strict=True)
        for row in rows.split("|")
    }
    for row in records(sums):
        kinds = sorted({kind_of[at] for at in row["rows"].split("|") if at in kind_of})
        if len(kinds) > 1:
            place = places.boundaries.name(row["pcode"])
            what = f"{row['group']} ({row['measure']}) of {row['date']}"
            yield _mixed(
                f"kinds:{row['group']}:{row['measure']}:{row['date']}:{row['pcode']}",
                f"{what}: the {row['value']:,.0f} of {place}",
                kinds,
                _short(row["rows"]),
            )


def _mixed(finding: str, what: str, kinds: Sequence[str], where: str) -> Finding:
    return Finding(
        id=finding,
        severity="open",
        what=f"{what} adds {', '.join(kinds[:-1])} and {kinds[-1]} figures",
        where=where,
        todo="Say on the map what is mixed: acknowledge it with a reason a reader understands.",
        facts={"kinds": "|".join(kinds)},
    )


def parts_against_totals(numbers: Iterable[StatedPart]) -> tuple[Finding, ...]:
    """Compare published numbers with the parts that say they belong to them.

    Parts of another unit or measure than their whole are not its parts; a whole of which a part
    is not known may be more than the others' sum.

    >>> [finding] = parts_against_totals([StatedPart("a", 49, "people reached"),
    ...     StatedPart("b", 35, "refugees", "a"), StatedPart("c", 15, "hosts", "a")])
    >>> finding.what
    'people reached: the parts sum to 50 (35 refugees + 15 hosts), 1 more than the 49 stated'
    """
    listed = list(numbers)
    parts: dict[str, list[StatedPart]] = {}
    for each in listed:
        if each.part_of:
            parts.setdefault(each.part_of, []).append(each)
    found = []
    for whole in listed:
        own = [
            p for p in parts.get(whole.id, ()) if (p.unit, p.measure) == (whole.unit, whole.measure)
        ]
        known = [(part, part.value) for part in own if part.value is not None]
        if whole.value is None or len(known) < 2:
            continue
        total = sum(value for _, value in known)
        gap = whole.value - total
        if gap == 0 or (gap > 0 and len(known) < len(own)):
            continue
        told = " + ".join(f"{value:,.0f} {part.label}" for part, value in known)
        found.append(
            Finding(
                id=f"parts:{whole.id}",
                severity="open",
                what=f"{whole.label}: the parts sum to {total:,.0f} ({told}), {abs(gap):,.0f} "
                f"{'less' if gap > 0 else 'more'} than the {whole.value:,.0f} stated",
                where=f"{whole.id} against {', '.join(part.id for part, _ in known)}",
                todo="Ask the publisher which number is right, or acknowledge the gap.",
                facts={"stated": whole.value, "summed": total, "gap": gap},
            )
        )
    return tuple(found)


def _short(rows: str, most: int = 6) -> str:
    """Return a provenance that fits a sentence."""
    each = rows.split("|")
    more = f" and {len(each) - most} more" if len(each) > most else ""
    return "|".join(each[:most]) + more
