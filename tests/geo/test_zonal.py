"""Zonal sums against truths worked out by hand: partial cells, nodata, densities, the 180th meridian."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from boundaries.overlay import area_km2
from boundaries.units import BoundarySet
from geo.crosswalk_weights import UnreadableGrid
from geo.figure_reading import read_population
from geo.population_grids import population_table, whole_persons
from geo.profiles import Profile
from geo.zonal import ZonalSums, zonal_sums

pytest.importorskip("exactextract")


def raster(
    path: Path,
    cells: NDArray[Any],
    *,
    west: float,
    north: float,
    step: float,
    crs: str | None = "EPSG:4326",
    nodata: float | None = None,
) -> Path:
    import rasterio
    from rasterio import Affine

    profile: dict[str, Any] = {
        "driver": "GTiff",
        "count": 1,
        "dtype": str(cells.dtype),
        "width": cells.shape[1],
        "height": cells.shape[0],
        "transform": Affine(step, 0, west, 0, -step, north),
        "crs": crs,
        "nodata": nodata,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(cells, 1)
    return path


def polygons(*shapes: Any) -> NDArray[Any]:
    return np.array(shapes, dtype=object)


def test_a_cell_counts_by_the_part_that_is_inside(tmp_path: Path) -> None:
    # four cells of one degree: 10 20 over 30 40; the box takes a quarter of each
    grid = raster(tmp_path / "g.tif", np.array([[10.0, 20], [30, 40]]), west=0, north=2, step=1)
    found = zonal_sums(grid, polygons(shapely.box(0.5, 0.5, 1.5, 1.5), shapely.box(0, 1, 1, 2)))
    assert found.sums.tolist() == pytest.approx([25.0, 10.0])
    assert found.covered.tolist() == pytest.approx([1, 1])


def test_cells_without_a_number_of_persons_count_nothing(tmp_path: Path) -> None:
    cells = np.array([[1.0, -99, np.nan, 4, -3, np.inf]])
    grid = raster(tmp_path / "g.tif", cells, west=0, north=1, step=1, nodata=-99)
    assert zonal_sums(grid, polygons(shapely.box(0, 0, 6, 1))).sums == pytest.approx([5.0])


def test_what_the_raster_does_not_reach_has_no_sum(tmp_path: Path) -> None:
    grid = raster(tmp_path / "g.tif", np.ones((2, 2)), west=0, north=2, step=1)
    beside, half = shapely.box(5, 0, 6, 1), shapely.box(1, 0, 3, 2)
    found = zonal_sums(grid, polygons(beside, half))
    assert np.isnan(found.sums[0])
    assert found.sums[1] == pytest.approx(2)
    assert found.covered.tolist() == pytest.approx([0, 0.5])
    assert found.partly.tolist() == [False, True]


@pytest.mark.parametrize("west", [-180.0, 0.0, 100.0])
def test_a_grid_may_begin_anywhere_on_the_globe(tmp_path: Path, west: float) -> None:
    # the value of a cell is its longitude's whole degree, from -180
    degrees = (np.arange(360) + west + 180) % 360 - 180
    grid = raster(tmp_path / "g.tif", np.tile(degrees + 200, (4, 1)), west=west, north=2, step=1)
    across = shapely.MultiPolygon([shapely.box(178, 0, 180, 1), shapely.box(-180, 0, -178, 1)])
    beyond = shapely.box(178, 0, 182, 1)
    found = zonal_sums(grid, polygons(across, beyond, shapely.box(-1, 0, 1, 1)))
    edge = (178 + 179 - 180 - 179) + 4 * 200
    assert found.sums.tolist() == pytest.approx([edge, edge, -1 + 0 + 400])
    assert found.covered.tolist() == pytest.approx([1, 1, 1])


def test_a_grid_that_repeats_its_first_column_counts_it_once(tmp_path: Path) -> None:
    grid = raster(tmp_path / "g.tif", np.ones((2, 361)), west=-180, north=1, step=1)
    edges = shapely.MultiPolygon([shapely.box(-180, 0, -179, 1), shapely.box(179, 0, 180, 1)])
    assert zonal_sums(grid, polygons(edges)).sums.tolist() == pytest.approx([2])


def test_a_density_counts_by_the_true_area_of_its_cells(tmp_path: Path) -> None:
    grid = raster(tmp_path / "g.tif", np.full((40, 40), 7.0), west=0, north=70, step=0.25)
    area = shapely.segmentize(shapely.Polygon([(1, 61), (9, 62), (5, 69)]), 0.01)
    found = zonal_sums(grid, polygons(area), per_km2=True)
    assert found.sums[0] == pytest.approx(7 * area_km2(polygons(area))[0], rel=1e-3)


def test_a_projected_grid_is_summed_in_its_own_coordinates(tmp_path: Path) -> None:
    # 1 km cells of the equal-area grid hold one person each: persons are the area in km²
    grid = raster(
        tmp_path / "g.tif", np.ones((400, 400)), west=900_000, north=1_600_000, step=1000,
        crs="EPSG:6933",
    )  # fmt: skip
    area = shapely.segmentize(shapely.Polygon([(10, 10), (12, 10.2), (11, 12)]), 0.01)
    found = zonal_sums(grid, polygons(area))
    assert found.sums[0] == pytest.approx(area_km2(polygons(area))[0], rel=1e-3)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_parts_of_a_tiling_sum_to_the_whole(tmp_path_factory: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    cloud = shapely.MultiPoint(random.uniform(0, 8, (7, 2)))
    frame = shapely.box(0, 0, 8, 8)
    parts = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(cloud, extend_to=frame)), frame
    )
    cells = random.exponential(100, (16, 16))
    path = tmp_path_factory.getbasetemp() / "tiling.tif"
    grid = raster(path, cells, west=0, north=8, step=0.5)
    assert zonal_sums(grid, parts).sums.sum() == pytest.approx(cells.sum(), rel=1e-6)


def test_strips_do_not_change_the_sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    grid = raster(tmp_path / "g.tif", random.random((200, 50)), west=0, north=20, step=0.1)
    areas = polygons(shapely.Point(2, 9).buffer(1.7), shapely.Point(3, 15).buffer(1.1))
    # corners on the lines between cells, and on the edges of strips
    areas = np.append(areas, [shapely.Point(2, 14).buffer(1.5, quad_segs=1)])
    whole = zonal_sums(grid, areas)
    done: list[int] = []
    monkeypatch.setattr("geo.zonal._STRIP", 500)
    parts = zonal_sums(grid, areas, step=lambda _text, more: done.append(more))
    assert parts.sums == pytest.approx(whole.sums, rel=1e-5)
    assert len(done) > 3
    assert sum(done) == 100


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(0, 2))
def test_corners_on_the_lines_between_cells_do_not_miscount_cells(
    tmp_path_factory: Any, seed: int, decimals: int
) -> None:
    random = np.random.default_rng(seed)
    centres = np.round(random.uniform((0, 0), (5, 20), (6, 2)), decimals)
    sizes = np.round(random.uniform(0.5, 3, 6), 1)
    corners = random.integers(1, 5, 6).tolist()
    pairs = zip(centres, sizes, corners, strict=True)
    areas = polygons(*(shapely.Point(c).buffer(s, quad_segs=q) for c, s, q in pairs))
    path = tmp_path_factory.getbasetemp() / "ones.tif"
    grid = raster(path, np.ones((200, 50)), west=0, north=20, step=0.1)
    truth = shapely.area(shapely.intersection(areas, shapely.box(0, 0, 5, 20))) * 100
    assert zonal_sums(grid, areas).sums == pytest.approx(truth, rel=1e-5)


def test_a_raster_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    area = polygons(shapely.box(0, 0, 1, 1))
    (tmp_path / "text.tif").write_text("no raster", encoding="utf-8")
    with pytest.raises(UnreadableGrid, match="cannot be read"):
        zonal_sums(tmp_path / "text.tif", area)
    bare = raster(tmp_path / "g.tif", np.ones((2, 2)), west=0, north=2, step=1, crs=None)
    with pytest.raises(UnreadableGrid, match="no coordinate system"):
        zonal_sums(bare, area)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_whole_persons_sum_to_the_rounded_total(sums: list[float]) -> None:
    whole = whole_persons(np.array(sums))
    assert whole.sum() == round(float(np.sum(sums)))
    assert (np.abs(whole - np.array(sums)) < 1 + 1e-6).all()


def test_a_unit_that_the_grid_lacks_is_not_reported(xaa: BoundarySet, tmp_path: Path) -> None:
    sums = ZonalSums(np.array([10.6, 4.6, np.nan]), np.array([1.0, 0.99, 0.0]), 3)
    table = population_table(sums, xaa, 1, on=date(2020, 12, 31))
    assert table.lacking == (("XA03", 0.0),)
    assert table.total == 15
    path = tmp_path / "population.csv"
    table.frame.to_csv(path, index=False)
    read = read_population(path, Profile(), source="grid").frame
    assert read["value"].tolist()[:2] == [11.0, 4.0]
    assert read["state"].tolist() == ["figure", "figure", "not_reported"]
