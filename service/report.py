"""What a build found, as JSON values: for `--json`, and for whoever reads it later."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from geo.ledger import Verdict

if TYPE_CHECKING:
    from boundaries.report import BoundaryReport
    from boundaries.units import BoundarySet
    from boundaries.vintage import Vintage
    from geo.findings import Finding
    from geo.received import Received
    from geo.store import Edition
    from service.pipeline import Built

__all__ = [
    "description_document",
    "edition_document",
    "finding_document",
    "received_document",
    "report_document",
    "units_document",
    "vintage_document",
]


def report_document(built: "Built", edition: "Edition | None") -> dict[str, Any]:
    """Return the whole report: tables, ledger, findings, and the edition where one was published."""
    return {
        "situation": built.situation.id,
        "edition": edition.id if edition else None,
        "vintage": built.boundaries.vintage.id,
        "tables": [
            {
                "file": read.name,
                "kind": read.kind,
                "rows": read.rows,
                "collected_on": read.vintage or None,
                "grid": read.grid or None,
                "read": received_document(read.received) if read.received else None,
                **{verdict.value: built.count(read.name, verdict) for verdict in Verdict},
            }
            for read in built.tables
        ],
        "ledger": [
            {
                "file": entry.file,
                "row": entry.row,
                "place": entry.place,
                "verdict": entry.verdict.value,
                "pcode": entry.pcode,
                "how": entry.how,
                "reason": entry.reason,
                "why": entry.why,
                "confidence": entry.confidence,
                "asked": [asdict(question) for question in entry.asked],
                "facts": dict(entry.facts),
            }
            for entry in built.ledger.entries
        ],
        "findings": [finding_document(finding) for finding in built.findings],
    }


def received_document(received: "Received") -> dict[str, Any]:
    """Return how a table was read whose shape was found out."""
    return {
        "sheet": received.sheet or None,
        "shape": received.shape,
        "title": received.title,
        "columns": dict(received.columns),
        "not_read": list(received.unused),
        "reasons": list(received.reasons),
        "notes": list(received.notes),
        "no_data": [asdict(drop) for drop in received.beside],
        "troubles": [
            {**asdict(trouble), "rows": list(trouble.rows), "sentence": trouble.sentence}
            for trouble in received.troubles
        ],
    }


def finding_document(finding: "Finding") -> dict[str, Any]:
    """Return one finding; ``state`` is stops, open or acknowledged."""
    return {
        "id": finding.id,
        "state": "acknowledged" if finding.acknowledged else finding.severity,
        "what": finding.what,
        "where": finding.where,
        "todo": finding.todo,
        "facts": dict(finding.facts),
        "why": finding.why,
    }


def edition_document(edition: "Edition") -> dict[str, Any]:
    """Return one edition."""
    return {
        "id": edition.id,
        "number": edition.number,
        "published": edition.published.isoformat(timespec="seconds"),
        "vintage": edition.vintage,
        "status": str(edition.status),
    }


def vintage_document(vintage: "Vintage") -> dict[str, Any]:
    """Return one vintage."""
    return {key: _plain(value) for key, value in asdict(vintage).items()}


def description_document(report: "BoundaryReport") -> dict[str, Any]:
    """Return what a vintage holds, level by level, and what is wrong with it."""
    return {
        "vintage": vintage_document(report.vintage),
        "units": report.units,
        "sound": report.sound,
        "bounds": list(report.bounds),
        "levels": [
            {key: _plain(value) for key, value in asdict(level).items()} for level in report.levels
        ],
        "countries": _plain(report.countries),
        "checks": [_plain(asdict(check)) for check in report.checks],
        "record": _plain(report.record.document()) if report.record else None,
        "notes": list(report.notes),
    }


def units_document(units: "BoundarySet", level: int | None = None) -> list[dict[str, Any]]:
    """Return the units without their geometry, all levels or one."""
    frame = units.plain()
    if level is not None:
        frame = frame[frame["level"] == level]
    columns = ["pcode", "name", "level", "parent", "iso3", "code_scheme", "type"]
    return [
        {column: (int(row[column]) if column == "level" else row[column]) for column in columns}
        for row in frame[columns].to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
