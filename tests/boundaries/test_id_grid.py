"""The id grid: the same answer as an exact test of every unit, ties by the smallest P-code."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from boundaries.errors import CannotKeep
from boundaries.id_grid import OUTSIDE, IdGrid
from boundaries.id_grid_build import build_id_grid
from boundaries.id_grid_files import LostGrid, open_grid
from boundaries.id_grid_shelf import keep_grid
from boundaries.natural_earth import open_natural_earth
from boundaries.units import BoundarySet


@pytest.fixture(scope="module")
def mali() -> BoundarySet:
    return open_natural_earth(("MLI",))


def exactly(grid: IdGrid, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[int]:
    """Return, by testing every unit, the smallest position that holds or touches each point."""
    hits = shapely.intersects_xy(grid.polygons[:, None], lon[None], lat[None])
    return np.where(hits.any(axis=0), hits.argmax(axis=0), OUTSIDE).tolist()


def tiling(seed: int, count: int = 12) -> list[shapely.Polygon]:
    """Cut a box into the cells of some random points, so that neighbours share edges."""
    random = np.random.default_rng(seed)
    cloud = shapely.MultiPoint(random.uniform(-4, 4, (count, 2)))
    frame = shapely.box(-5, -5, 5, 5)
    cells = shapely.get_parts(shapely.voronoi_polygons(cloud, extend_to=frame))
    return list(shapely.intersection(cells, frame))


def near_borders(shapes: NDArray[np.object_], seed: int) -> tuple[NDArray, NDArray]:
    """Return corners and points of borders, exactly on them and moved by 1e-13 to 1e-3 degrees."""
    random = np.random.default_rng(seed)
    corners = shapely.get_coordinates(shapes)
    on_edge = corners[:-1] + random.uniform(0, 1, (len(corners) - 1, 1)) * np.diff(corners, axis=0)
    points = np.vstack([corners, on_edge])
    moved = [points]
    for by in (1e-13, 1e-9, 1e-6, 1e-3):
        moved.append(points + random.normal(0, by, points.shape))
    both = np.vstack(moved)
    return both[:, 0], both[:, 1]


def grid_of(shapes: list[shapely.Geometry], per_degree: int | None = None) -> IdGrid:
    pcodes = tuple(f"XA{at:02}" for at in range(len(shapes)))
    return build_id_grid(pcodes, np.array(shapes, dtype=object), per_degree=per_degree)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 16, 64]))
def test_a_point_is_where_an_exact_test_of_every_unit_puts_it(seed: int, per_degree: int) -> None:
    grid = grid_of(tiling(seed), per_degree)
    random = np.random.default_rng(seed)
    anywhere = random.uniform(-6, 6, (2, 500))
    # on the edges of the grid's own cells, where rounding could put a point into the next one
    snapped = np.round(anywhere * per_degree) / per_degree
    borders = np.array(near_borders(grid.polygons, seed))
    lon, lat = np.hstack([anywhere, snapped, borders])
    assert grid.positions(lon, lat).tolist() == exactly(grid, lon, lat)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_units_that_overlap_have_holes_or_lie_apart_are_told_apart_too(seed: int) -> None:
    random = np.random.default_rng(seed)
    centres, sizes = random.uniform(-4, 4, (9, 2)), random.uniform(0.02, 2, 9)
    discs = [shapely.Point(c).buffer(s) for c, s in zip(centres, sizes, strict=True)]
    rings = [disc.difference(disc.buffer(-0.3)) for disc in discs[:3]]
    apart = shapely.MultiPolygon([discs[3], shapely.box(6, 6, 6.01, 6.01)])
    grid = grid_of([*rings, apart, *discs[4:]], 16)
    lon, lat = np.hstack([random.uniform(-7, 7, (2, 500)), near_borders(grid.polygons, seed)])
    assert grid.positions(lon, lat).tolist() == exactly(grid, lon, lat)


def test_a_point_on_a_border_belongs_to_the_smallest_pcode() -> None:
    halves = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    lon, lat = np.array([1.0, 0.5, 1.5]), np.full(3, 0.5)
    assert build_id_grid(("XA01", "XA02"), halves).positions(lon, lat).tolist() == [0, 0, 1]
    turned = build_id_grid(("XA02", "XA01"), halves)
    assert turned.pcodes == ("XA01", "XA02")
    assert [turned.pcodes[at] for at in turned.positions(lon, lat)] == ["XA01", "XA02", "XA01"]


def test_the_two_sides_of_the_180th_meridian_are_one_line() -> None:
    east, west = shapely.box(-180, 0, -170, 10), shapely.box(170, 0, 180, 10)
    grid = grid_of([east, west], 4)
    lon, lat = np.array([180.0, -180.0, 179.9, -179.9, 180.1]), np.full(5, 5.0)
    assert grid.positions(lon, lat).tolist() == [0, 0, 1, 0, OUTSIDE]


def test_a_unit_drawn_beyond_180_takes_points_on_its_far_side() -> None:
    grid = grid_of([shapely.box(177, -20, 182, -15)])
    lon = np.array([178.0, -179.0, -177.5, 180.0, -180.0])
    assert grid.positions(lon, np.full(5, -17.0)).tolist() == [0, 0, OUTSIDE, 0, 0]


def test_a_pole_is_one_point_and_goes_to_the_smallest_pcode_that_reaches_it() -> None:
    grid = grid_of([shapely.box(-180, -90, 0, -60), shapely.box(0, -90, 180, -60)])
    lon, lat = np.array([90.0, 90.0, 90.0]), np.array([-90.0, -89.0, 90.0])
    assert grid.positions(lon, lat).tolist() == [0, 1, OUTSIDE]


def test_what_is_no_place_on_the_globe_is_outside() -> None:
    grid = grid_of([shapely.box(-180, -90, 180, 90)], 1)
    lon = np.array([np.nan, 0, np.inf, 0, 181, -180.5, 0, 200])
    lat = np.array([0, np.nan, 0, -np.inf, 0, 0, 90.5, -90])
    assert grid.positions(lon, lat).tolist() == [OUTSIDE] * 8
    assert grid.positions(np.array([]), np.array([])).tolist() == []


def test_finer_cells_leave_fewer_to_the_exact_test() -> None:
    shares = [grid_of(tiling(1), per_degree).border_share for per_degree in (2, 8, 32)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.05


def test_a_kept_grid_is_the_same_and_is_made_once(mali: BoundarySet, tmp_path: Path) -> None:
    place = keep_grid(mali, 1, per_degree=16, folder=tmp_path)
    made = (place / "grid.json").stat().st_mtime_ns
    assert keep_grid(mali, 1, per_degree=16, folder=tmp_path) == place
    assert (place / "grid.json").stat().st_mtime_ns == made
    grid = open_grid(place)
    assert grid.pcodes == mali.codes(1)
    lon, lat = np.random.default_rng(0).uniform((-13, 9), (5, 26), (400, 2)).T
    assert grid.positions(lon, lat).tolist() == exactly(grid, lon, lat)
    assert [each.name for each in (tmp_path / "grids").iterdir()] == [place.name]


def test_other_borders_have_another_grid(mali: BoundarySet, tmp_path: Path) -> None:
    frame = mali.frame.copy()
    moved = gpd.GeoSeries(shapely.transform(frame.geometry.values, lambda xy: xy + 1e-9))
    other = BoundarySet(mali.vintage, frame.set_geometry(moved.set_crs("EPSG:4326").values))
    assert keep_grid(other, 1, per_degree=16, folder=tmp_path) != keep_grid(
        mali, 1, folder=tmp_path
    )


def test_a_grid_that_is_gone_or_cannot_be_kept_is_one_sentence(
    mali: BoundarySet, tmp_path: Path
) -> None:
    with pytest.raises(LostGrid, match="SITMAP_DATA"):
        open_grid(tmp_path / "nowhere")
    (tmp_path / "grids").write_text("a file where the folder would be", encoding="utf-8")
    with pytest.raises(CannotKeep, match="SITMAP_DATA"):
        keep_grid(mali, 1, per_degree=16, folder=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["grids"]
