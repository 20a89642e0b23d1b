"""Where people are, as a grid of persons per km²: cells with few people look like empty ones.

A grid shows places finer than any unit, so what it may show is decided here and not later: a cell with
fewer than ``least`` persons has no value, exactly like a cell with nobody.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.executors import run_all
from geo.point_columns import GOOD, coordinates, persons
from geo.point_files import Partition, batches
from geo.sources import Sensitivity
from geo.zonal import NeedsRasterPackages

__all__ = ["CellCounts", "DensityTask", "cells_of_partition", "count_cells", "write_density_grid"]

NO_VALUE = -1.0


@dataclass(frozen=True)
class DensityTask:
    """Which columns, and how many cells are one degree."""

    lon: str
    lat: str
    count: str = ""
    per_degree: int = 20

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to be read, each once."""
        return tuple(dict.fromkeys(name for name in (self.lon, self.lat, self.count) if name))


@dataclass(frozen=True)
class CellCounts:
    """Persons by cell: ``cell`` = row × columns of the globe + column, from its north-west; ascending."""

    cell: NDArray[np.int64]
    people: NDArray[np.int64]
    rows_read: int = 0
    left_out: int = 0

    def plus(self, other: "CellCounts") -> "CellCounts":
        """Return the sum of two; the same in any order."""
        both = np.concatenate([self.cell, other.cell])
        cell, place = np.unique(both, return_inverse=True)
        people = np.zeros(len(cell), dtype=np.int64)
        np.add.at(people, place, np.concatenate([self.people, other.people]))
        return CellCounts(
            cell, people, self.rows_read + other.rows_read, self.left_out + other.left_out
        )


def cells_of_partition(task: DensityTask, partition: Partition) -> CellCounts:
    """Return the persons of one partition by cell; rows without coordinates or count are left out."""
    none = np.zeros(0, dtype=np.int64)
    whole = CellCounts(none, none)
    columns, rows = 360 * task.per_degree, 180 * task.per_degree
    for _, batch in batches(partition, task.columns):
        x, y, why = coordinates(batch[task.lon], batch[task.lat])
        good = why == GOOD
        many = np.ones(len(x))
        if task.count:
            many, bad = persons(batch[task.count])
            good &= ~bad
        column = np.minimum((x[good] + 180) * task.per_degree, columns - 1).astype(np.int64)
        row = np.minimum((90 - y[good]) * task.per_degree, rows - 1).astype(np.int64)
        cell, place = np.unique(row * columns + column, return_inverse=True)
        people = np.bincount(place, weights=many[good], minlength=len(cell)).astype(np.int64)
        whole = whole.plus(CellCounts(cell, people, len(x), int((~good).sum())))
    return whole


def count_cells(
    task: DensityTask,
    parts: Sequence[Partition],
    *,
    executor: str = "serial",
    step: Callable[[str, int], None] | None = None,
) -> CellCounts:
    """Return the persons of all partitions by cell; executors are those of `geo.executors.run_all`."""
    none = np.zeros(0, dtype=np.int64)
    whole = CellCounts(none, none)
    absolute = [replace(part, path=part.path.resolve()) for part in parts]
    for at, counts in run_all(partial(cells_of_partition, task), absolute, executor):
        whole = whole.plus(counts)
        if step is not None:
            step(parts[at].name, 1)
    return whole


def write_density_grid(
    counts: CellCounts,
    task: DensityTask,
    path: Path,
    *,
    least: int,
    source: str,
    on: date,
    sensitivity: Sensitivity,
) -> int:
    """Write persons per km² as a Cloud-Optimised GeoTIFF; return how many persons it shows.

    Parameters
    ----------
    counts : CellCounts
    task : DensityTask
    path : Path
        Written beside it, then moved there.
    least : int
        Cells with fewer persons have no value.
    source, on, sensitivity
        Written into the file, where who has it can read them.

    Raises
    ------
    NeedsRasterPackages
        The package rio-cogeo is not installed.
    """
    try:
        from rio_cogeo.cogeo import cog_translate
        from rio_cogeo.profiles import cog_profiles
    except ImportError:
        raise NeedsRasterPackages("rio-cogeo") from None
    from rasterio import Affine, MemoryFile

    profile = cast("Any", cog_profiles).get("deflate")
    shown = counts.people >= least
    density, west, north = _laid_out(counts.cell[shown], counts.people[shown], task.per_degree)
    step = 1 / task.per_degree
    about = {
        "SOURCE": source,
        "DATE": f"{on}",
        "SENSITIVITY": sensitivity.value,
        "LEAST_PERSONS": f"{least}",
        "UNIT": "persons per km2",
    }
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tif")
    try:
        with MemoryFile() as memory:
            with memory.open(
                driver="GTiff", width=density.shape[1], height=density.shape[0], count=1,
                dtype="float32", crs="EPSG:4326", nodata=NO_VALUE,
                transform=Affine(step, 0, west, 0, -step, north),
            ) as dataset:  # fmt: skip
                dataset.write(density, 1)
                dataset.update_tags(**about)
            with memory.open() as dataset:
                cog_translate(
                    dataset, beside, profile, in_memory=True, quiet=True,
                    nodata=NO_VALUE, overview_resampling="average", forward_band_tags=True,
                    additional_cog_metadata=about,
                )  # fmt: skip
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return int(counts.people[shown].sum())


def _laid_out(
    cell: NDArray[np.int64], people: NDArray[np.int64], per_degree: int
) -> tuple[NDArray[Any], float, float]:
    """Return persons per km² of the cells in use and those between them, their west and north."""
    from boundaries.overlay import area_km2

    columns = 360 * per_degree
    row, column = cell // columns, cell % columns
    if not len(cell):
        row = column = np.zeros(1, dtype=np.int64)
    top, left = int(row.min()), int(column.min())
    shape = (int(row.max()) - top + 1, int(column.max()) - left + 1)
    density = np.full(shape, NO_VALUE, dtype=np.float32)
    step = 1 / per_degree
    north = 90 - (top + np.arange(shape[0])) * step
    km2 = area_km2(shapely.box(0, north - step, step, north))
    if len(cell):
        density[row - top, column - left] = people / km2[row - top]
    return density, -180 + left * step, 90 - top * step
