"""Published editions. An edition never changes: its id is a hash of what it says, not of when.

The store holds released figures only. A reader pins an edition by its id and reads the same
figures however often others are published meanwhile.
"""

import hashlib
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from math import isnan
from typing import Any, Protocol

import pandas as pd

from boundaries.sites import Site
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
    "frame_cells",
    "frame_rows",
    "particulars",
    "released_from",
]


_AT_ONCE = 10_000  # rows hashed together
_BOUNDS = ("low", "high")
_NUMBERS = ("value", *_BOUNDS)


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

        A small one is read whole, as `read` does; a large one is asked by parts (`StoredFigures`).
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


def content_hash(released: ReleasedFigures, specs_json: str) -> str:
    """Return the SHA-256 of all an edition says: figures, flows, presence, texts and specs.

    The order of rows counts for nothing, and neither does any clock.
    """
    digest = hashlib.sha256(b"{")
    for name in (
        "figures",
        "flows",
    ):  # the keys of the whole in order, without holding it as one text
        _add_rows(digest, name, getattr(released, name))
        digest.update(b",")
    digest.update(f'"particulars":{_canonical(particulars(released))},'.encode())
    _add_rows(digest, "presence", released.presence)
    digest.update(f',"specs":{_canonical(specs_json)}}}'.encode())
    return digest.hexdigest()


def _add_rows(digest: "hashlib._Hash", name: str, frame: pd.DataFrame) -> None:
    """Add a frame's rows, each as one canonical text, in the order of the texts."""
    texts = sorted(_row_texts(frame))
    digest.update(f'"{name}":['.encode())
    for first in range(0, len(texts), _AT_ONCE):
        part = _canonical(texts[first : first + _AT_ONCE])[1:-1]
        digest.update(f"{',' if first else ''}{part}".encode())
    digest.update(b"]")


def _row_texts(frame: pd.DataFrame) -> Iterator[str]:
    """Return each row of `frame_rows` as `_canonical` writes it; a million of them in seconds."""
    names = sorted(map(str, frame.columns))
    written = [_cell_texts(name, cells) for name, cells in frame_cells(frame, names).items()]
    for cells in zip(*written, strict=True):
        yield f"{{{','.join(filter(None, cells))}}}"


def _cell_texts(name: str, cells: list[Any]) -> list[str]:
    """Return the cells of a column as JSON members; a bound that is missing is no member."""
    said: dict[Any, str] = {}  # a column has few different cells
    key = _canonical(name)
    for cell in cells:
        if cell not in said:
            missing = cell is None and name in _BOUNDS
            said[cell] = "" if missing else f"{key}:{_canonical(cell)}"
    return [said[cell] for cell in cells]


def frame_cells(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, list[Any]]:
    """Return columns of a frame as JSON values: days as text, a missing number as None.

    A column the frame does not have (the bounds may be missing) is None throughout.
    """
    cells: dict[str, list[Any]] = {}
    for name in names:
        if name not in frame.columns:
            cells[name] = [None] * len(frame)
            continue
        column = frame[name].tolist()  # numpy's numbers and truths become Python's
        if name in _NUMBERS:
            column = [None if isnan(cell) else cell for cell in column]
        elif frame[name].dtype == object:
            column = [cell.isoformat() if isinstance(cell, date) else cell for cell in column]
        cells[name] = column
    return cells


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
