"""Published editions. An edition never changes: its id is a hash of what it says, not of when.

The store holds released figures only. A reader pins an edition by its id and reads the same
figures however often others are published meanwhile.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import pandas as pd

from boundaries.sites import Site
from geo.findings import Finding
from geo.release import Note, ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.tables import records

__all__ = [
    "Edition",
    "Health",
    "Status",
    "Store",
    "content_hash",
    "frame_rows",
    "particulars",
    "released_from",
]


class Status(StrEnum):
    """Whether an edition may be shown."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Edition:
    """One published version of a situation's figures.

    ``id`` is the first 12 hex digits of ``content``, the SHA-256 of all it says. ``number``
    counts a situation's editions from 1. ``published`` is what the publisher gave.
    """

    id: str
    situation: str
    number: int
    published: datetime
    vintage: str
    content: str
    status: Status = Status.PUBLISHED


@dataclass(frozen=True, slots=True)
class Health:
    """What a check of the store found; ``problems`` is empty where all is well."""

    ok: bool
    path: str
    schema: int
    situations: int
    editions: int
    problems: tuple[str, ...] = ()


class Store(Protocol):
    """Where editions are published and read."""

    def publish(
        self, released: ReleasedFigures, *, specs_json: str, published: datetime
    ) -> Edition:
        """Publish as the current edition, all or nothing; the same content publishes nothing."""
        ...

    def current(self, situation: str) -> Edition:
        """Return the edition that is shown; raises `UnknownSituation`."""
        ...

    def editions(self, situation: str) -> tuple[Edition, ...]:
        """Return a situation's editions, the first published first; raises `UnknownSituation`."""
        ...

    def read(self, edition: str) -> ReleasedFigures:
        """Return an edition's figures; raises `UnknownEdition`."""
        ...

    def specs(self, edition: str) -> str:
        """Return the specifications published with an edition, as they were given."""
        ...

    def situations(self) -> tuple[str, ...]:
        """Return the ids of all situations, ascending."""
        ...

    def health(self) -> Health:
        """Check the store and its current editions."""
        ...


def content_hash(released: ReleasedFigures, specs_json: str) -> str:
    """Return the SHA-256 of all an edition says: figures, flows, presence, texts and specs.

    The order of rows counts for nothing, and neither does any clock.
    """
    content = {
        "particulars": particulars(released),
        "specs": specs_json,
        **{
            name: sorted(map(_canonical, frame_rows(getattr(released, name))))
            for name in ("figures", "flows", "presence")
        },
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def frame_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as JSON values: days as text, a missing value as None, no bounds as no key."""
    rows = []
    for row in records(frame):
        for name, cell in row.items():
            if isinstance(cell, date):
                row[name] = cell.isoformat()
            elif hasattr(cell, "item"):  # numpy's numbers and truths
                row[name] = cell.item()
        if "value" in row:
            row["value"] = None if row["value"] != row["value"] else row["value"]
        for bound in ("low", "high"):  # said of ranges only
            if bound in row and row[bound] != row[bound]:
                del row[bound]
        rows.append(row)
    return rows


def particulars(released: ReleasedFigures) -> dict[str, Any]:
    """Return everything of released figures but the three frames, as JSON values."""
    return {
        "situation": released.situation,
        "title": dict(released.title),
        "as_of": released.as_of.isoformat(),
        "created": released.created.isoformat(),
        "vintage": released.vintage,
        "countries": list(released.countries),
        "focus": released.focus,
        "sources": [
            asdict(source) | {"date": source.date.isoformat()} for source in released.sources
        ],
        "sites": [_site(site) for site in released.sites],
        "notes": [
            {"kind": note.kind, "text": dict(note.text), "about": list(note.about)}
            for note in released.notes
        ],
        "findings": [
            {
                "id": finding.id,
                "severity": finding.severity,
                "what": finding.what,
                "where": finding.where,
                "todo": finding.todo,
                "facts": dict(finding.facts),
                "why": finding.why,
            }
            for finding in released.findings
        ],
    }


def released_from(
    said: dict[str, Any], figures: pd.DataFrame, flows: pd.DataFrame, presence: pd.DataFrame
) -> ReleasedFigures:
    """Return what `particulars` and the three frames were taken from."""
    return ReleasedFigures(
        situation=said["situation"],
        title=said["title"],
        as_of=date.fromisoformat(said["as_of"]),
        created=date.fromisoformat(said["created"]),
        vintage=said["vintage"],
        countries=tuple(said["countries"]),
        focus=said["focus"],
        figures=figures,
        flows=flows,
        presence=presence,
        sources=tuple(_source(source) for source in said["sources"]),
        sites=tuple(
            Site(**{**site, "within": tuple(site["within"]), "aliases": tuple(site["aliases"])})
            for site in said["sites"]
        ),
        notes=tuple(
            Note(note["kind"], note["text"], tuple(note["about"])) for note in said["notes"]
        ),
        findings=tuple(Finding(**finding) for finding in said["findings"]),
    )


def _site(site: Site) -> dict[str, Any]:
    return {
        "id": site.id,
        "names": dict(site.names),
        "lon": site.lon,
        "lat": site.lat,
        "within": list(site.within),
        "kind": site.kind,
        "aliases": list(site.aliases),
    }


def _source(said: dict[str, Any]) -> Source:
    sensitivity = said["sensitivity"]
    return Source(
        **{
            **said,
            "date": date.fromisoformat(said["date"]),
            "sensitivity": None if sensitivity is None else Sensitivity(sensitivity),
        }
    )


def _canonical(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
