"""A situation as the program sees it: checked, frozen, and free of the file it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from boundaries.crosswalk import GivenShare
from boundaries.sites import SiteKind
from geo.carries import Carry
from geo.profiles import Profile
from geo.release import Note
from geo.sources import Source
from maps.spec import MapSpec

__all__ = [
    "Collected",
    "DeclaredPlace",
    "DeclaredRaster",
    "DeclaredShare",
    "Situation",
    "Table",
    "TableKind",
]

TableKind = Literal["figures", "flows", "presence", "population"]


@dataclass(frozen=True, slots=True)
class Table:
    """One table as received. ``name`` is what messages and provenance call it.

    ``recognised``: its shape is found out, the profile only corrects it; else the profile says it
    all. ``sheet`` is that of a workbook, None: found out. ``collected`` are the boundaries it was
    collected on, None: the situation's.
    """

    path: Path
    name: str
    kind: TableKind
    source: str
    profile: Profile
    recognised: bool = False
    sheet: str | None = None
    collected: "Collected | None" = None


@dataclass(frozen=True, slots=True)
class Collected:
    """Boundaries that tables were collected on, and what tells where the people of a cut unit live.

    ``vintage`` is an id at hand or a path in the folder; ``columns`` which columns of the file hold
    what. A border that moved by less than ``tolerance_m`` metres did not move.
    """

    vintage: str
    columns: tuple[tuple[str, Any], ...] = ()
    grid: Path | None = None
    per_km2: bool = False
    settlements: Path | None = None
    tolerance_m: float = 100.0


@dataclass(frozen=True, slots=True)
class DeclaredShare:
    """A ``[[crosswalk]]``: of the people of ``old``, a unit of another vintage, a share is in ``new``.

    ``vintage`` is that of ``old`` as its tables name it, None: of any of them.
    """

    old: str
    new: str
    share: GivenShare
    vintage: str | None = None


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
class DeclaredRaster:
    """A ``[[raster]]``: a grid of persons per cell (``per_km2``: of their density) in the folder.

    Units of ``level`` get their inhabitants from it, None: none do. ``underlay``: it is shown under the
    explorer's maps. ``name`` is what messages and provenance call it.
    """

    id: str
    path: Path
    name: str
    source: str
    level: int | None = None
    per_km2: bool = False
    underlay: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything ``situation.toml`` says. ``vintage`` is an id at hand or a path in the folder.

    ``focus`` is the country in white, "" where none stands out (a map of the world).
    """

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
    shares: tuple[DeclaredShare, ...] = ()
    rasters: tuple[DeclaredRaster, ...] = ()
    maps: tuple[MapSpec, ...] = ()
    notes: tuple[Note, ...] = ()
    acknowledged: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    """Every file the figures depend on: what the fingerprint is taken over."""
