"""A situation as the program sees it: checked, frozen, and free of the file it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from boundaries.sites import SiteKind
from geo.matching import Carry
from geo.profiles import Profile
from geo.release import Note
from geo.sources import Source
from maps.spec import MapSpec

__all__ = ["DeclaredPlace", "Situation", "Table", "TableKind"]

TableKind = Literal["figures", "flows", "presence", "population"]


@dataclass(frozen=True, slots=True)
class Table:
    """One table as received. ``name`` is what messages and provenance call it."""

    path: Path
    name: str
    kind: TableKind
    source: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class DeclaredPlace:
    """A ``[[place]]``. Without a position it stands in the middle of the units it lies in."""

    id: str
    names: Mapping[str, str]
    within: tuple[str, ...]
    kind: SiteKind
    lon: float | None = None
    lat: float | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything ``situation.toml`` says. ``vintage`` is an id at hand or a path in the folder."""

    folder: Path
    id: str
    title: Mapping[str, str]
    as_of: date
    created: date
    vintage: str
    countries: tuple[str, ...]
    focus: str
    sources: tuple[Source, ...]
    tables: tuple[Table, ...]
    columns: Mapping[str, Any] = field(default_factory=dict)
    """Which columns of the boundary file hold what; empty: recognised."""
    places: tuple[DeclaredPlace, ...] = ()
    carries: tuple[Carry, ...] = ()
    maps: tuple[MapSpec, ...] = ()
    notes: tuple[Note, ...] = ()
    acknowledged: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    """Every file the figures depend on: what the fingerprint is taken over."""
