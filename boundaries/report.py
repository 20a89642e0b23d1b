"""What a set of boundaries holds and whether it is sound. Counts only; nothing is changed.

Two lists of checks are told apart: those of the file as it came (``record``), and those of the units as
they are now, after mending (``checks``).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.checks import check_units, misfits
from boundaries.names import normalise_name
from boundaries.record import Check, ReadRecord
from boundaries.units import LANGUAGES, BoundarySet
from boundaries.vintage import Vintage

__all__ = ["BoundaryReport", "LevelReport", "describe"]


@dataclass(frozen=True, slots=True)
class LevelReport:
    """One level of a set.

    ``overlapping`` counts units whose borders do not fit their neighbours' (they overlap or leave a
    gap that GEOS's coverage check sees); ``orphans`` have no unit one level up in the set;
    ``same_name`` share their name with a sibling; ``named`` counts the units with a name by language.
    """

    level: int
    units: int
    countries: int
    code_schemes: Mapping[str, int]
    named: Mapping[str, int]
    invalid: int
    overlapping: int
    orphans: int
    same_name: int
    vertices: int

    @property
    def sound(self) -> bool:
        """All polygons are valid and fit each other."""
        return self.invalid == 0 and self.overlapping == 0


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """A whole set: its vintage, its levels, units per country and level, and its extent in degrees.

    ``checks`` are of the units as they are, each with a number; ``record`` tells how a file became
    them, with the checks before mending and every repair (None for embedded sets).
    """

    vintage: Vintage
    levels: tuple[LevelReport, ...]
    countries: Mapping[str, Mapping[int, int]]
    bounds: tuple[float, float, float, float]
    notes: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    record: ReadRecord | None = None

    @property
    def units(self) -> int:
        """Units of all levels."""
        return sum(level.units for level in self.levels)

    @property
    def sound(self) -> bool:
        """All levels are sound and no unit is an orphan."""
        return all(level.sound and not level.orphans for level in self.levels)


def describe(boundaries: BoundarySet) -> BoundaryReport:
    """Return counts by level and country, code schemes, and the checks of the geometry."""
    frame = boundaries.frame
    unmatched = misfits(frame)
    levels = tuple(
        _level(boundaries, level, int(unmatched[frame["level"] == level].sum()))
        for level in boundaries.levels
    )
    countries: dict[str, dict[int, int]] = {}
    for (iso3, level), units in frame.groupby(["iso3", "level"]).size().items():
        countries.setdefault(str(iso3), {})[int(level)] = int(units)
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    return BoundaryReport(
        vintage=boundaries.vintage,
        levels=levels,
        countries=countries,
        bounds=(west, south, east, north),
        notes=boundaries.notes,
        checks=check_units(frame, unmatched),
        record=boundaries.record,
    )


def _level(boundaries: BoundarySet, level: int, unmatched: int) -> LevelReport:
    units = boundaries.at(level)
    geometry = units.geometry.to_numpy()
    keys = Counter(zip(units["parent"], units["name"].map(normalise_name), strict=True))
    return LevelReport(
        level=level,
        units=len(units),
        countries=int(units["iso3"].nunique()),
        code_schemes={str(k): int(v) for k, v in units["code_scheme"].value_counts().items()},
        named={lang: int((units[f"name_{lang}"] != "").sum()) for lang in LANGUAGES},
        invalid=int(np.count_nonzero(~shapely.is_valid(geometry))),
        overlapping=unmatched,
        orphans=0 if level == 0 else int((~units["parent"].isin(boundaries.frame["pcode"])).sum()),
        same_name=sum(n for n in keys.values() if n > 1),
        vertices=int(shapely.get_num_coordinates(geometry).sum()),
    )
