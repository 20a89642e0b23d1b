"""Sums of a raster's cells over polygons: a cell that is partly inside counts by the part that is.

The raster is read in strips, so that a grid of any size takes little memory. A polygon that the
raster does not reach has no sum (NaN): nobody was counted there, which is not zero.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.errors import SitmapError
from boundaries.overlay import area_km2
from geo.crosswalk_weights import UnreadableGrid

__all__ = ["NeedsRasterPackages", "ZonalSums", "zonal_sums"]

_STRIP = 8_000_000  # cells read at once: 64 MB as numbers of 8 bytes, a few times over
_CACHE = 256  # MB of blocks that GDAL keeps; a grid is read once, so more would not help
_LONGEST = 0.1  # degrees of an edge before it is bent by a projection
_COVERED = 1 - 1e-6
_ASIDE = (2.3e-7, 3.1e-7)
"""Cells are moved by this part of themselves: exactextract may miscount cells where a polygon has a
corner exactly on a line between them, as boxes of whole degrees have."""

Floats = NDArray[np.float64]


class NeedsRasterPackages(SitmapError):
    """Packages for rasters that are not installed."""

    code = "needs-raster-packages"

    def __init__(self, package: str) -> None:
        self.package = package
        super().__init__(
            f"the package {package} is not installed; expected it for rasters. Install the extra: "
            "sitmap[raster]."
        )


@dataclass(frozen=True)
class ZonalSums:
    """Per polygon, in its order.

    ``sums``: NaN where the raster does not reach it. ``covered``: the share of the polygon's area,
    0 to 1, that lies within the raster's extent; what is outside is not in the sum. ``cells`` is how
    many cells were read.
    """

    sums: Floats
    covered: Floats
    cells: int

    @property
    def partly(self) -> NDArray[np.bool_]:
        """The polygons that the raster reaches, but not all of."""
        return (self.covered > 0) & (self.covered < _COVERED)


def zonal_sums(
    raster: Path,
    polygons: NDArray[Any],
    *,
    per_km2: bool = False,
    step: Callable[[str, int], None] | None = None,
) -> ZonalSums:
    """Return the sum of a raster's first band over each polygon.

    Parameters
    ----------
    raster : Path
        With a coordinate system and north above. Cells without a value, not finite or negative count
        nothing. Longitudes may run from -180 or from 0; a grid may cross the 180th meridian.
    polygons : array of Polygon or MultiPolygon, shape (n,)
        Degrees (EPSG:4326), which may be drawn beyond ±180.
    per_km2 : bool
        The raster gives a density per km², not a count per cell.
    step : callable, optional
        Told after each strip how many of 100 parts were done since the last time.

    Raises
    ------
    UnreadableGrid
        No raster, or one without a coordinate system.
    NeedsRasterPackages
        The package exactextract is not installed.

    References
    ----------
    Baston (2024), exactextract: the exact share of each cell that a polygon covers.
    """
    try:
        import exactextract  # type: ignore[import-untyped, unused-ignore]  # noqa: F401
    except ImportError:
        raise NeedsRasterPackages("exactextract") from None
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.Env(GDAL_CACHEMAX=_CACHE), rasterio.open(raster) as dataset:
            _check(dataset, raster)
            shapes, owner = _laid_out(dataset, polygons)
            extent = _extent(dataset)
            covered = _shares(shapes, owner, extent, len(polygons))
            near = shapely.intersects(shapes, extent)
            sums, cells = _summed(
                dataset, shapes[near], owner[near], len(polygons), per_km2=per_km2, step=step
            )
    except RasterioError as fault:
        raise UnreadableGrid(raster, found=f"cannot be read ({str(fault)[:120]})") from fault
    return ZonalSums(np.where(covered > 0, sums, np.nan), covered, cells)


def _check(dataset: Any, raster: Path) -> None:
    if dataset.crs is None:
        raise UnreadableGrid(raster, found="has no coordinate system")
    turn = dataset.transform
    if turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
        raise UnreadableGrid(raster, found="is not drawn with north above")


def _columns(dataset: Any) -> int:
    """Return how many columns count: of a grid round the globe that repeats its first, one turn."""
    width = int(dataset.width)
    if not dataset.crs.is_geographic:
        return width
    return min(width, round(360 / float(dataset.transform.a)))


def _extent(dataset: Any) -> Any:
    west, north, step = dataset.transform.c, dataset.transform.f, dataset.transform
    east, south = west + _columns(dataset) * step.a, north + dataset.height * step.e
    return shapely.box(west, south, east, north)


def _laid_out(dataset: Any, polygons: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return polygons in the raster's coordinates, and whose each is: one may be there twice.

    In degrees a polygon is laid out a turn to the west and to the east too, since the raster may begin
    anywhere; each place of the globe is in the raster once.
    """
    place = np.arange(len(polygons))
    if dataset.crs.is_geographic:
        turns = [
            shapely.transform(polygons, lambda xy, by=by: xy + np.array([by, 0.0]))
            for by in (-360.0, 360.0)
        ]
        return np.concatenate([polygons, *turns]), np.concatenate([place] * 3)
    import geopandas as gpd

    bent = shapely.segmentize(polygons, _LONGEST)
    shapes = gpd.GeoSeries(bent, crs="EPSG:4326").to_crs(dataset.crs)
    return np.asarray(shapes.values, dtype=object), place


def _shares(shapes: NDArray[Any], owner: NDArray[np.intp], extent: Any, count: int) -> Floats:
    """Return the share of each polygon's area, as drawn, that lies within the raster's extent."""
    whole = shapely.area(shapes[:count])
    inside = np.where(shapely.contains_properly(extent, shapes), shapely.area(shapes), 0.0)
    touching = shapely.intersects(shapes, extent) & (inside == 0)
    inside[touching] = shapely.area(shapely.intersection(shapes[touching], extent))
    share = np.bincount(owner, weights=inside, minlength=count) / np.where(whole > 0, whole, 1)
    return np.minimum(share, 1.0)


def _summed(
    dataset: Any,
    shapes: NDArray[Any],
    owner: NDArray[np.intp],
    count: int,
    *,
    per_km2: bool,
    step: Callable[[str, int], None] | None,
) -> tuple[Floats, int]:
    import geopandas as gpd
    from exactextract import exact_extract

    sums, cells, done = np.zeros(count), 0, 0
    if not len(shapes):
        return sums, cells
    bounds = shapely.bounds(shapes)
    for part, strip in enumerate(windows := list(_strips(dataset, bounds))):
        persons = _persons(dataset, strip, per_km2=per_km2)
        cells += persons.size
        source = _source(persons, strip, dataset)
        meets = (bounds[:, 3] > source.extent[1]) & (bounds[:, 1] < source.extent[3])
        if meets.any() and persons.any():
            frame = gpd.GeoDataFrame(geometry=shapes[meets], crs=dataset.crs)
            found = exact_extract(source.raster, frame, "sum", output="pandas")
            parts = np.nan_to_num(found["sum"].to_numpy(dtype=np.float64))
            np.add.at(sums, owner[meets], parts)
        if step is not None:
            now = 100 * (part + 1) // len(windows)
            step(f"{cells / 1e6:,.0f} million cells", now - done)
            done = now
    return sums, cells


@dataclass(frozen=True, slots=True)
class _Strip:
    """Rows ``top`` … ``bottom`` (exclusive) and columns ``left`` … ``right`` of a raster."""

    top: int
    bottom: int
    left: int
    right: int


def _strips(dataset: Any, bounds: Floats) -> Iterator[_Strip]:
    """Yield the parts of a raster that polygons reach, whole blocks of rows at a time."""
    west, north, step = dataset.transform.c, dataset.transform.f, dataset.transform
    left = max(floor((bounds[:, 0].min() - west) / step.a), 0)
    right = min(ceil((bounds[:, 2].max() - west) / step.a), _columns(dataset))
    top = max(floor((bounds[:, 3].max() - north) / step.e), 0)
    bottom = min(ceil((bounds[:, 1].min() - north) / step.e), dataset.height)
    if right <= left:
        return
    block = int(dataset.block_shapes[0][0])
    rows = max(_STRIP // (right - left) // block, 1) * block
    if rows * (right - left) > 4 * _STRIP:  # one block of rows is the whole grid
        rows = max(_STRIP // (right - left), 1)
    for first in range(top // rows * rows, bottom, rows):
        yield _Strip(max(first, top), min(first + rows, bottom), left, right)


def _persons(dataset: Any, strip: _Strip, *, per_km2: bool) -> Floats:
    """Read a strip; what is no number of persons is 0."""
    from rasterio.windows import Window

    window = Window(strip.left, strip.top, strip.right - strip.left, strip.bottom - strip.top)
    read = dataset.read(1, window=window, masked=True)
    persons = np.ma.filled(read.astype(np.float64), 0.0)
    persons[~(np.isfinite(persons) & (persons > 0))] = 0.0
    if per_km2:
        persons *= _row_km2(dataset, strip)
    return persons


def _row_km2(dataset: Any, strip: _Strip) -> Floats:
    """Return the area of a cell of each row in km², shape (rows, 1)."""
    step = dataset.transform
    if not dataset.crs.is_geographic:
        metres = dataset.crs.linear_units_factor[1]
        return np.full((strip.bottom - strip.top, 1), abs(step.a * step.e) * metres**2 / 1e6)
    edges = step.f + step.e * np.arange(strip.top, strip.bottom + 1)
    return area_km2(shapely.box(0, edges[1:], step.a, edges[:-1]))[:, None]


@dataclass(frozen=True, slots=True)
class _Source:
    """Cells in memory as exactextract reads them, and their west, south, east and north."""

    raster: Any
    extent: tuple[float, float, float, float]


def _source(persons: Floats, strip: _Strip, dataset: Any) -> _Source:
    from exactextract.raster import (  # type: ignore[import-untyped, unused-ignore]
        NumPyRasterSource,
    )

    step = dataset.transform
    north, south = step.f + strip.top * step.e, step.f + strip.bottom * step.e
    west, east = step.c + strip.left * step.a, step.c + strip.right * step.a
    raster = NumPyRasterSource(
        np.pad(persons, 1),  # a frame of empty cells: no polygon ends where the cells do
        xmin=west - step.a * (1 + _ASIDE[0]),
        ymax=north - step.e * (1 + _ASIDE[1]),
        xmax=east + step.a * (1 - _ASIDE[0]),
        ymin=south + step.e * (1 - _ASIDE[1]),
        srs_wkt=dataset.crs.to_wkt(),
    )
    return _Source(raster, (west, south, east, north))
