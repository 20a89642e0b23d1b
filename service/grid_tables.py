"""Declared population grids, read as what they are to a situation: its units' inhabitants."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boundaries.units import BoundarySet
from service.errors import BadSituation
from service.situation_file import SITUATION_FILE

if TYPE_CHECKING:
    from geo.population_grids import GridFacts
    from geo.sources import Source
    from geo.tables import FigureTable
    from service.situation import DeclaredRaster, Situation

__all__ = ["GridTable", "read_grid_tables", "with_grids_said"]


@dataclass(frozen=True)
class GridTable:
    """A grid that was summed to units: its figures, a row per unit, and what the file says of itself."""

    raster: "DeclaredRaster"
    table: "FigureTable"
    facts: "GridFacts"


def read_grid_tables(
    situation: "Situation", boundaries: BoundarySet, step: Callable[[str, int], None]
) -> tuple[GridTable, ...]:
    """Sum each grid that gives units their inhabitants.

    Raises
    ------
    BadSituation
        The boundaries have no units of its level.
    UnreadableGrid, NeedsRasterPackages
    """
    return tuple(
        _summed(situation, boundaries, raster, step)
        for raster in situation.rasters
        if raster.level is not None
    )


def _summed(
    situation: "Situation",
    boundaries: BoundarySet,
    raster: "DeclaredRaster",
    step: Callable[[str, int], None],
) -> GridTable:
    import numpy as np

    from geo.population_grids import grid_facts, inhabitants_of_grid
    from geo.zonal import zonal_sums

    level = raster.level or 0
    if level not in boundaries.levels:
        raise BadSituation(
            situation.folder / SITUATION_FILE,
            where=f"[[raster]] {raster.id!r}, level",
            found=f"vintage {boundaries.vintage.id} has no units of level {level} here",
            todo=f"Write one of {', '.join(map(str, boundaries.levels))}.",
        )
    step(raster.name, 0)
    facts = grid_facts(raster.path)
    polygons = np.asarray(boundaries.at(level).geometry.values, dtype=object)
    sums = zonal_sums(raster.path, polygons, per_km2=raster.per_km2)
    of_when = next(source.date for source in situation.sources if source.id == raster.source)
    figures = inhabitants_of_grid(
        sums, boundaries, level, on=of_when, source=raster.source, name=raster.name
    )
    return GridTable(raster, figures, facts)


def with_grids_said(
    sources: "Iterable[Source]", grids: Iterable[GridTable]
) -> "tuple[Source, ...]":
    """Return the sources, each of a grid with the grid's own facts in its note."""
    facts = {grid.raster.source: grid.facts.sentence for grid in grids}
    return tuple(
        replace(source, note=f"{source.note} {facts[source.id]}".strip())
        if source.id in facts
        else source
        for source in sources
    )
