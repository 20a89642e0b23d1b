"""Published editions. An edition never changes: its id is a hash of what it says, not of when.

The store holds released figures only. A reader pins an edition by its id and reads the same
figures however often others are published meanwhile.
"""

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import repeat
from typing import Any, Protocol

import numpy as np
import pandas as pd

from boundaries.sites import Site
from geo.coded_frame import CodedFrame, canonical, order_by
from geo.errors import StoreError
from geo.findings import Finding
from geo.release import Note, ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.tables import records

__all__ = [
    "Edition",
    "Health",
    "Holdings",
    "Status",
    "Store",
    "content_hash",
    "frame_rows",
    "particulars",
    "released_from",
]


_AT_ONCE = 10_000  # rows hashed together
_BOUNDS = ("low", "high")


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


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a store shows at one moment, read at once so that it agrees with itself.

    ``current`` holds the edition of each situation that has one, ``shown`` every edition that may
    be shown, by its id. Withdrawn editions are in neither: they look like missing ones.
    """

    current: Mapping[str, Edition]
    shown: Mapping[str, Edition]


class Store(Protocol):
    """Where editions are published and read.

    A withdrawn edition is as if it were not there, except to who names it: `editions` lists it, and
    `read` and `specs` give it with ``withdrawn=True``.
    """

    def publish(
        self, released: ReleasedFigures, *, specs_json: str, published: datetime
    ) -> Edition:
        """Publish as the current edition, all or nothing; the same content publishes nothing.

        Raises `WithdrawnEdition` where an edition of this content was withdrawn.
        """
        ...

    def withdraw(self, edition: str) -> Edition | None:
        """Show an edition no more; return the situation's current edition, None where none is left.

        Where it was current, the one published before it takes its place. Raises `UnknownEdition`.
        """
        ...

    def restore(self, edition: str) -> Edition:
        """Make an edition current again, withdrawn or not; raises `UnknownEdition`."""
        ...

    def holdings(self) -> Holdings:
        """Return what is shown now."""
        ...

    def stamp(self) -> Hashable:
        """Return something cheap that differs, as a rule, once the holdings may have changed.

        None where the store knows nothing so cheap; who asks must look at the holdings anyway.
        """
        ...

    def current(self, situation: str) -> Edition:
        """Return the edition that is shown; raises `UnknownSituation`."""
        ...

    def editions(self, situation: str) -> tuple[Edition, ...]:
        """Return all editions, withdrawn ones too, the first first; raises `UnknownSituation`."""
        ...

    def read(self, edition: str, *, withdrawn: bool = False) -> ReleasedFigures:
        """Return an edition's figures; raises `UnknownEdition`."""
        ...

    def open(self, edition: str) -> ReleasedFigures:
        """Return an edition to answer from; raises `UnknownEdition`.

        A small one is read whole, as `read` does; a large one is asked by its sheets (`StoredFigures`).
        """
        ...

    def specs(self, edition: str, *, withdrawn: bool = False) -> str:
        """Return the specifications published with an edition, as they were given."""
        ...

    def boundaries(self, content: str) -> bytes | None:
        """Return a kept vintage's file by its content hash, None where the store keeps none."""
        ...

    def trouble(self) -> StoreError | None:
        """Return why the store cannot be asked now, although what it showed last goes on being shown."""
        ...

    def situations(self) -> tuple[str, ...]:
        """Return the ids of all situations, ascending."""
        ...

    def health(self) -> Health:
        """Check the store and its current editions."""
        ...


def content_hash(
    released: ReleasedFigures, specs_json: str, *, figures: CodedFrame | None = None
) -> str:
    """Return the SHA-256 of all an edition says: figures, flows, presence, texts and specs.

    The order of rows counts for nothing, and neither does any clock. ``figures`` are the released
    ones, where they are coded already.
    """
    digest = hashlib.sha256(b"{")  # the keys of the whole in order, never held as one text
    _add_rows(digest, "figures", figures or _coded(released.figures))
    digest.update(b",")
    _add_rows(digest, "flows", _coded(released.flows))
    digest.update(b",")
    digest.update(f'"particulars":{canonical(particulars(released))},'.encode())
    _add_rows(digest, "presence", _coded(released.presence))
    digest.update(f',"specs":{canonical(specs_json)}}}'.encode())
    return digest.hexdigest()


def _coded(frame: pd.DataFrame) -> CodedFrame:
    return CodedFrame.of(frame, map(str, frame.columns))


def _add_rows(digest: "hashlib._Hash", name: str, coded: CodedFrame) -> None:
    """Add a frame's rows, each as one canonical text, as a list of texts in their order.

    A row's text is made of its columns' members, each of which is made once for all rows that have
    it. Members are ranked as they stand in the text, with what follows them, so that rows in the
    order of their ranks are in the order of their texts; a bound that is missing is no member, and
    comes last because the next member's name is greater.
    """
    names = sorted(coded.codes)
    keys, told = [], []
    before = '"{'
    for column in names:
        last = column == names[-1]
        members = [_member(column, cell, last=last) for cell in coded.cells[column]]
        if len(members) == 1:
            before += canonical(members[0])[1:-1]
            continue
        rank = sorted(range(len(members)), key=lambda i: (not members[i], members[i]))
        place = np.empty(len(members), dtype=np.int32)
        place[rank] = np.arange(len(members), dtype=np.int32)
        keys.append(place[coded.codes[column]])
        # within the list the row's text is a JSON text itself: its quotes are escaped
        told.append((coded.codes[column], [before + canonical(text)[1:-1] for text in members]))
        before = ""
    order = order_by(keys, coded.rows)
    digest.update(f'"{name}":['.encode())
    for first in range(0, coded.rows, _AT_ONCE):
        rows = order[first : first + _AT_ONCE]
        columns = [[texts[code] for code in codes[rows].tolist()] for codes, texts in told]
        listed = map("".join, zip(*columns, repeat(f'{before}"', len(rows)), strict=True))
        digest.update(f"{',' if first else ''}{','.join(listed)}".encode())
    digest.update(b"]")


def _member(name: str, cell: Any, *, last: bool) -> str:
    """Return a cell as it stands in its row's text, with what follows it."""
    if cell is None and name in _BOUNDS:
        return ""
    return f"{canonical(name)}:{canonical(cell)}{'}' if last else ','}"


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
