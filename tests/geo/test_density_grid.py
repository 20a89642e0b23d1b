"""A density grid: true areas, and cells with few people like those with nobody."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from boundaries.overlay import area_km2
from geo.density_grid import DensityTask, cells_of_partition, count_cells, write_density_grid
from geo.point_files import partitions
from geo.sources import Sensitivity

pytestmark = pytest.mark.filterwarnings(
    "ignore::PendingDeprecationWarning", "ignore::FutureWarning"
)

TASK = DensityTask("x", "y", "n", per_degree=2)


def points(folder: Path) -> Path:
    path = folder / "points.csv"
    path.write_text(
        "x,y,n\n10.1,10.1,30\n10.4,10.4,20\n10.6,10.1,9\n12.1,11.9,40\n,10,5\n10,10,-3\n",
        encoding="utf-8",
    )
    return path


def test_persons_are_counted_by_cell_and_add_up_in_any_order(tmp_path: Path) -> None:
    parts = partitions([points(tmp_path)], TASK.columns)
    one = cells_of_partition(TASK, parts[0])
    assert (one.rows_read, one.left_out) == (6, 2)
    row, column = divmod(int(one.cell[one.people == 50][0]), 720)
    assert (90 - row / 2, column / 2 - 180) == (10.5, 10.0)  # its north-west corner
    twice = count_cells(TASK, [*parts, *parts])
    assert twice.people.tolist() == (2 * one.people).tolist()


def test_the_file_is_cloud_optimised_says_whose_it_is_and_hides_small_cells(tmp_path: Path) -> None:
    import rasterio
    from rio_cogeo.cogeo import cog_validate

    out = tmp_path / "density.tif"
    counts = count_cells(TASK, partitions([points(tmp_path)], TASK.columns))
    shown = write_density_grid(
        counts, TASK, out, least=10, source="Survey", on=date(2020, 12, 31),
        sensitivity=Sensitivity.PUBLIC,
    )  # fmt: skip
    assert shown == 90
    assert cog_validate(out)[0]
    with rasterio.open(out) as dataset:
        density = dataset.read(1, masked=True)
        assert dataset.bounds == pytest.approx((10, 10, 12.5, 12))
        assert dataset.tags()["SOURCE"] == "Survey"
        assert dataset.tags()["LEAST_PERSONS"] == "10"
    assert density.count() == 2  # the cell of nine looks like the empty ones
    km2 = area_km2(np.array([shapely.box(10, 10, 10.5, 10.5)]))[0]
    assert density[-1, 0] == pytest.approx(50 / km2, rel=1e-5)


def test_a_grid_that_shows_nobody_is_still_a_file(tmp_path: Path) -> None:
    counts = count_cells(TASK, partitions([points(tmp_path)], TASK.columns))
    out = tmp_path / "density.tif"
    shown = write_density_grid(
        counts, TASK, out, least=1000, source="Survey", on=date(2020, 12, 31),
        sensitivity=Sensitivity.RESTRICTED,
    )  # fmt: skip
    assert shown == 0
    assert out.is_file()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
