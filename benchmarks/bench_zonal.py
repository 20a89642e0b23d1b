"""Population per unit from a grid: how exact, and how fast a grid of 100 m is summed.

Targets: within 0.1 % of an analytic truth (partial cells, no value, the 180th meridian); 4 × 10⁸ cells of
100 m in 60 s. The peer counts a cell where its middle is, as rasterising does.

Run: python benchmarks/bench_zonal.py [--full] [--folder DIR]
Without --full the grid has a sixteenth of the cells. Needs the extra sitmap[raster].
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
import shapely
from measure import measure
from rasterio import Affine
from rasterio.features import rasterize

from boundaries.natural_earth import open_natural_earth
from geo.zonal import zonal_sums

WEST, NORTH, WIDE, HIGH = -12.5, 25.2, 17.0, 15.5  # Mali


def plane(path: Path, step: float, west: float, north: float, shape: tuple[int, int]) -> Path:
    """Write cells whose value is the integral of a + b·x + c·y over them: sums have a closed form.

    A chequered eighth of the cells has no value; the truth leaves these squares out.
    """
    rows, columns = np.indices(shape)
    x, y = west + (columns + 0.5) * step, north - (rows + 0.5) * step
    cells = density(x, y) * step**2
    cells[empty(rows, columns)] = -99
    with rasterio.open(
        path, "w", driver="GTiff", width=shape[1], height=shape[0], count=1, dtype="float64",
        crs="EPSG:4326", transform=Affine(step, 0, west, 0, -step, north), nodata=-99,
    ) as dataset:  # fmt: skip
        dataset.write(cells, 1)
    return path


def density(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 5000 + 20 * np.asarray(x) + 35 * np.asarray(y)


def empty(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.asarray((rows // 4 % 4 == 0) & (columns // 4 % 2 == 0))


def truth(
    shape: shapely.Geometry, step: float, west: float, north: float, size: tuple[int, int]
) -> float:
    """Return the integral over a polygon less the empty squares: of a plane, area × value at the centroid."""
    squares = [
        shapely.box(
            west + c * step, north - (r + 4) * step, west + (c + 4) * step, north - r * step
        )
        for r in range(0, size[0], 16)
        for c in range(0, size[1], 8)
    ]
    extent = shapely.box(west, north - size[0] * step, west + size[1] * step, north)
    there = shapely.intersection(shapely.difference(shape, shapely.union_all(squares)), extent)
    centre = shapely.centroid(there)
    return float(there.area * density(centre.x, centre.y))


def exactness(folder: Path) -> None:
    worst = 0.0
    random = np.random.default_rng(0)
    for west, step in ((0.0, 0.25), (174.0, 0.25), (0.0, 0.1), (-180.0, 0.5)):
        size = (int(12 / step), int(12 / step))
        grid = plane(folder / "plane.tif", step, west, 12.0, size)
        cloud = shapely.MultiPoint(random.uniform((west, 0), (west + 12, 12), (15, 2)))
        frame = shapely.box(west, 0, west + 12, 12)
        cells = shapely.get_parts(shapely.voronoi_polygons(cloud, extend_to=frame))
        shapes = shapely.intersection(cells, frame)
        discs = shapely.buffer(
            shapely.points(random.uniform((west + 2, 2), (west + 10, 10), (15, 2))), 1.3
        )
        shapes = np.concatenate([shapes, discs])
        wanted = np.array([truth(shape, step, west, 12.0, size) for shape in shapes])
        found = zonal_sums(grid, shapes).sums
        worst = max(worst, float(np.abs(found / wanted - 1).max()))
        if west == 174.0:  # the same ground as maps draw it: in two pieces at the meridian
            turned = [
                shapely.MultiPolygon(
                    [
                        part
                        for half, by in (
                            (shapely.box(0, -90, 180, 90), 0),
                            (shapely.box(180, -90, 360, 90), -360),
                        )
                        for part in shapely.get_parts(
                            shapely.transform(
                                shapely.intersection(shape, half),
                                lambda xy, by=by: xy + np.array([by, 0.0]),
                            )
                        )
                        if part.area > 0
                    ]
                )
                for shape in shapes
            ]
            found = zonal_sums(grid, np.array(turned, dtype=object)).sums
            worst = max(worst, float(np.abs(found / wanted - 1).max()))
    measure(
        "zonal-truth",
        "largest difference from an analytic truth, 120 polygons",
        worst,
        at_most=1e-3,
    )


def large(folder: Path, step: float) -> None:
    columns, rows = round(WIDE / step), round(HIGH / step)
    path = folder / f"people{columns}.tif"
    if not path.exists():
        random = np.random.default_rng(0)
        with rasterio.open(
            path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32",
            crs="EPSG:4326", transform=Affine(step, 0, WEST, 0, -step, NORTH), nodata=-1,
            tiled=True, blockxsize=512, blockysize=512, compress="deflate",
        ) as dataset:  # fmt: skip
            for top in range(0, rows, 512):
                high = min(512, rows - top)
                block = np.round(random.exponential(3, (high, columns))).astype(np.float32)
                dataset.write(block, 1, window=((top, top + high), (0, columns)))
    units = np.asarray(open_natural_earth(("MLI",)).at(1).geometry.values, dtype=object)

    def cpu(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
        begun = time.process_time()
        return work(), time.process_time() - begun

    cells = rows * columns
    sums, seconds = cpu(lambda: zonal_sums(path, units).sums)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    share = cells / 3.9e8
    measure("zonal-large", f"{cells / 1e6:,.0f} million cells summed in 9 regions, one core", seconds, "s",
            at_most=60 * min(share, 1), digits=1)  # fmt: skip
    measure("zonal-memory", "  memory at its peak", peak, "GiB")

    def by_middles() -> np.ndarray:
        found = np.zeros(len(units) + 1)
        with rasterio.open(path) as dataset:
            for top in range(0, rows, 1024):
                high = min(1024, rows - top)
                read = dataset.read(1, window=((top, top + high), (0, columns)))
                corner = Affine(step, 0, WEST, 0, -step, NORTH - top * step)
                ids = rasterize(
                    [(unit, at + 1) for at, unit in enumerate(units)],
                    out_shape=read.shape, transform=corner, dtype="uint8",
                )  # fmt: skip
                people = np.where(read > 0, read, 0).ravel()
                found += np.bincount(ids.ravel(), weights=people, minlength=len(found))
        return found[1:]

    peer, seconds = cpu(by_middles)
    measure("zonal-peer", "  the peer, by the cells' middles", seconds, "s", digits=1)
    measure("zonal-apart", "  largest difference between the two", np.abs(peer / sums - 1).max())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--full", action="store_true")
    asked.add_argument("--folder", type=Path)
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = said.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        exactness(folder)
        large(folder, 1 / 1215 if said.full else 4 / 1215)


if __name__ == "__main__":
    main()
