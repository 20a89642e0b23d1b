"""Where the people of a cut unit live: a population grid or settlements say, as well as they know.

Only ground that had to be shared out is looked at; a unit that went over whole needs no weights.
What a grid says of residents is taken for the displaced as well: they may live quite elsewhere in
the unit, and a stated share is better wherever there is one.
"""

from collections.abc import Mapping
from math import ceil, floor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.compare import Comparison, SharedGround
from boundaries.crosswalk import Crosswalk, GivenShare, Weighting, crosswalk_from
from boundaries.overlay import area_km2
from geo.errors import TableError

__all__ = [
    "UnreadableGrid",
    "best_crosswalk",
    "grid_people",
    "people_on_shared_ground",
    "settlements_on_shared_ground",
]

_FINEST = (
    10  # a cell is cut into at most this many by this many to measure how much of it is inside
)
_MOST_CELLS = 4_000_000  # of a cut-up window, so that one large unit does not take all memory


class UnreadableGrid(TableError):
    """A population grid that cannot be used."""

    code = "unreadable-grid"

    def __init__(self, path: Path, *, found: str) -> None:
        self.path, self.found = path, found
        super().__init__(
            f"{path}: {found}; expected a georeferenced raster (GeoTIFF) of persons per cell or "
            "per km². Get the file again, or leave it out: shares are then by area."
        )


def best_crosswalk(
    comparison: Comparison,
    *,
    given: Mapping[str, Mapping[str, GivenShare | float]] | None = None,
    grid: Path | None = None,
    per_km2: bool = False,
    settlements: gpd.GeoDataFrame | None = None,
) -> Crosswalk:
    """Return the crosswalk with the best weights at hand, unit by unit; its pairs say which.

    Given shares go first, then the population grid, settlements, and area, which always is there.

    Parameters
    ----------
    comparison : Comparison
    given : mapping, optional
        Old P-code → new P-code → share.
    grid : Path, optional
        A raster of persons; ``per_km2`` where it gives density and not persons per cell.
    settlements : GeoDataFrame, optional
        Points. A column ``population`` counts persons; without one, or where it has gaps, each
        settlement counts the same.

    Raises
    ------
    BadShares, UnreadableGrid
    """
    people: dict[Weighting, Mapping[tuple[str, str], float]] = {}
    if grid is not None:
        people[Weighting.POPULATION] = people_on_shared_ground(comparison, grid, per_km2=per_km2)
    if settlements is not None:
        people[Weighting.SETTLEMENTS] = settlements_on_shared_ground(comparison, settlements)
    return crosswalk_from(comparison, people, given=given)


def _to_share_out(comparison: Comparison) -> list[SharedGround]:
    """Return the ground of old units that lie in several new ones."""
    times = pd.Series([part.old for part in comparison.shared], dtype="str").value_counts()
    whole = {part.old for part in comparison.shared if part.whole}
    return [part for part in comparison.shared if times[part.old] > 1 and part.old not in whole]


def people_on_shared_ground(
    comparison: Comparison, grid: Path, *, per_km2: bool = False
) -> dict[tuple[str, str], float]:
    """Return the persons that a grid counts on the ground of each old and new unit.

    Raises
    ------
    UnreadableGrid
    """
    parts = _to_share_out(comparison)
    if not parts:
        return {}
    grounds = np.array([part.ground for part in parts], dtype=object)
    persons = grid_people(grid, grounds, per_km2=per_km2)
    return {(p.old, p.new): float(n) for p, n in zip(parts, persons, strict=True)}


def settlements_on_shared_ground(
    comparison: Comparison, settlements: gpd.GeoDataFrame
) -> dict[tuple[str, str], float]:
    """Return the settlements, or their people, on the ground of each old and new unit.

    A settlement on a border counts once, for the first of the pairs in order of P-codes.
    """
    parts = _to_share_out(comparison)
    if not parts:
        return {}
    points = settlements.to_crs("EPSG:4326").geometry.to_numpy()
    each = np.ones(len(points))
    if "population" in settlements and settlements["population"].notna().all():
        each = settlements["population"].to_numpy(dtype=np.float64)
    tree = shapely.STRtree([part.ground for part in parts])
    point, part = tree.query(points, predicate="intersects")
    order = np.lexsort((part, point))
    first = np.unique(point[order], return_index=True)[1]
    counted = np.bincount(
        part[order][first], weights=each[point[order][first]], minlength=len(parts)
    )
    return {(p.old, p.new): float(n) for p, n in zip(parts, counted, strict=True)}


def grid_people(
    grid: Path, polygons: NDArray[Any], *, per_km2: bool = False
) -> NDArray[np.float64]:
    """Return the persons that a grid counts in each polygon.

    A cell that is partly inside counts by the part that is: exactly so by the package exactextract
    where it is installed, else by cutting cells up.

    Parameters
    ----------
    grid : Path
        A raster; cells without a value, or a negative one, hold nobody.
    polygons : array of Polygon or MultiPolygon, shape (n,)
        In degrees (EPSG:4326).
    per_km2 : bool
        The grid gives persons per km², not persons per cell.

    Raises
    ------
    UnreadableGrid
        Not a raster, or one without a coordinate system.
    """
    from geo.zonal import NeedsRasterPackages, zonal_sums

    try:
        return np.nan_to_num(zonal_sums(grid, polygons, per_km2=per_km2).sums)
    except NeedsRasterPackages:
        return _people_by_parts(grid, polygons, per_km2=per_km2)


def _people_by_parts(grid: Path, polygons: NDArray[Any], *, per_km2: bool) -> NDArray[np.float64]:
    """Return the persons in each polygon, nearly: a cell on a border is cut into smaller ones."""
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.windows import Window

    try:
        with rasterio.open(grid) as dataset:
            if dataset.crs is None:
                raise UnreadableGrid(grid, found="has no coordinate system")
            step = dataset.transform
            if step.b or step.d or step.a <= 0 or step.e >= 0:
                raise UnreadableGrid(grid, found="is not drawn with north above")
            shapes = gpd.GeoSeries(polygons, crs="EPSG:4326").to_crs(dataset.crs)
            top, bottom, left, right = _cells(
                shapes.total_bounds, dataset.transform, dataset.height, dataset.width
            )
            if right <= left or bottom <= top:  # of another part of the world: nobody is seen
                return np.zeros(len(polygons))
            window = Window(left, top, right - left, bottom - top)
            persons = np.ma.filled(dataset.read(1, window=window, masked=True).astype("f8"), 0.0)
            transform, crs = _from_cell(dataset.transform, top, left), dataset.crs
    except RasterioError as fault:
        raise UnreadableGrid(grid, found=f"cannot be read ({str(fault)[:120]})") from fault
    persons = np.where(np.isfinite(persons) & (persons > 0), persons, 0.0)
    if per_km2:
        persons *= _cell_km2(transform, persons.shape, geographic=crs.is_geographic)
    return _sums_by_parts(persons, transform, shapes.to_numpy())


def _cells(bounds: Any, transform: Any, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of the cells of a grid that cover ``bounds``."""
    west, south, east, north = bounds
    left = max(floor((west - transform.c) / transform.a), 0)
    right = min(ceil((east - transform.c) / transform.a), columns)
    top = max(floor((north - transform.f) / transform.e), 0)
    bottom = min(ceil((south - transform.f) / transform.e), rows)
    return top, bottom, left, right


def _from_cell(transform: Any, top: int, left: int, *, fine: int = 1) -> Any:
    """Return the transform of a grid that begins at a cell, each cell cut ``fine`` by ``fine``."""
    from rasterio import Affine

    west, north = transform.c + left * transform.a, transform.f + top * transform.e
    return Affine(transform.a / fine, 0.0, west, 0.0, transform.e / fine, north)


def _cell_km2(transform: Any, shape: tuple[int, ...], *, geographic: bool) -> NDArray[np.float64]:
    """Return the area of the cells of each row in km², shape (rows, 1)."""
    if not geographic:
        return np.full((shape[0], 1), abs(transform.a * transform.e) / 1e6)
    edges = transform.f + transform.e * np.arange(shape[0] + 1)
    south, north = np.minimum(edges[1:], edges[:-1]), np.maximum(edges[1:], edges[:-1])
    return area_km2(shapely.box(0, south, abs(transform.a), north))[:, None]


def _sums_by_parts(
    persons: NDArray[np.float64], transform: Any, shapes: NDArray[Any]
) -> NDArray[np.float64]:
    """Return sums in which a cell counts by how many of its sub-cells' middles are inside."""
    from rasterio.features import rasterize

    sums = np.zeros(len(shapes))
    for at, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            continue
        top, bottom, left, right = _cells(shape.bounds, transform, *persons.shape)
        if right <= left or bottom <= top:
            continue
        rows, columns = bottom - top, right - left
        fine = int(np.clip(np.sqrt(_MOST_CELLS / (rows * columns)), 1, _FINEST))
        inside = rasterize(
            [(shape, 1)],
            out_shape=(rows * fine, columns * fine),
            transform=_from_cell(transform, top, left, fine=fine),
            dtype="uint8",
        )
        part = inside.reshape(rows, fine, columns, fine).mean(axis=(1, 3))
        sums[at] = float((persons[top:bottom, left:right] * part).sum())
    return sums
