from itertools import accumulate

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from boundaries.natural_earth import open_natural_earth
from boundaries.units import BoundarySet
from maps.mvt_encoding import polygon_commands, varints
from maps.tile_address import EXTENT, NoSuchTile, tiles_covering, to_world
from maps.tile_clip import BUFFER, ZoomGeometry, cut_tiles, encoded_tile, encoded_tiles
from maps.tile_geometry import TileGeometry
from maps.tile_grid import Coverage, on_grid


@pytest.fixture(scope="module")
def regions(xaa: BoundarySet) -> TileGeometry:
    return TileGeometry.of(xaa, 1)


def ragged_coverage(seed: int, cells: int) -> np.ndarray:
    """Cut a square of one degree into wriggly cells that share their borders exactly."""
    rng = np.random.default_rng(seed)
    sites = shapely.multipoints(rng.random((cells, 2)))
    cuts = shapely.voronoi_polygons(sites, extend_to=shapely.box(0, 0, 1, 1))
    edges = shapely.union_all(shapely.boundary(shapely.get_parts(cuts)))
    fine = shapely.segmentize(edges, 0.02)

    def wriggle(xy):
        return xy + 0.008 * np.sin(xy[:, ::-1] * 90)

    lines = shapely.union_all(
        [shapely.transform(fine, wriggle), shapely.box(0.05, 0.05, 0.95, 0.95).boundary]
    )
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return np.array([face for face in faces if face.within(shapely.box(0, 0, 1, 1).buffer(0.1))])


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 25), st.integers(0, 11))
def test_at_every_zoom_polygons_are_valid_and_neighbours_share_their_edges(seed, cells, zoom):
    world = shapely.transform(ragged_coverage(seed, cells), to_world)
    points = shapely.get_coordinates(shapely.point_on_surface(world))
    polygons = on_grid(Coverage(world), points, zoom)
    assert shapely.is_valid(polygons).all()
    assert (shapely.get_coordinates(polygons) % 1 == 0).all()
    drawn = polygons[
        shapely.area(polygons) > 1
    ]  # a unit below the grid is one square, on a neighbour
    assert shapely.coverage_is_valid(drawn)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 9))
def test_units_that_never_were_a_coverage_are_valid_and_none_is_lost(seed, count, zoom):
    """Stars that overlap: what a file may hold when nobody mended it."""
    rng = np.random.default_rng(seed)
    stars = []
    for _ in range(count):
        angle, reach = np.sort(rng.random(9)) * 2 * np.pi, rng.uniform(0.05, 1, (9, 1))
        spokes = np.column_stack([np.cos(angle), np.sin(angle)]) * reach
        stars.append(shapely.Polygon(rng.uniform(-2, 2, 2) + spokes))
    world = shapely.transform(np.array(stars), to_world)
    points = shapely.get_coordinates(shapely.point_on_surface(world))
    polygons = on_grid(Coverage(world), points, zoom)
    assert shapely.is_valid(polygons).all()
    assert not shapely.is_empty(polygons).any()


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(3, 25), st.integers(5, 12))
def test_what_a_tile_cuts_off_is_valid_and_on_the_grid(seed, cells, zoom):
    world = shapely.transform(ragged_coverage(seed, cells), to_world)
    points = shapely.get_coordinates(shapely.point_on_surface(world))
    whole = ZoomGeometry(zoom, on_grid(Coverage(world), points, zoom))
    tiles = list(dict.fromkeys((int(x), int(y)) for x, y in points * 2**zoom))
    units, polygons = cut_tiles(whole, tiles)
    assert shapely.is_valid(polygons).all()
    assert (shapely.get_coordinates(polygons) % 1 == 0).all()
    alone = [cut_tiles(whole, [tile]) for tile in tiles]
    assert all((own == together).all() for ((own,), _), together in zip(alone, units, strict=True))
    assert shapely.equals_exact(np.concatenate([cut for _, cut in alone]), polygons).all()


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(3, 25), st.integers(4, 12))
def test_units_copied_from_the_zoom_are_the_bytes_of_encoding_the_cut_tile(seed, cells, zoom):
    world = shapely.transform(ragged_coverage(seed, cells), to_world)
    points = shapely.get_coordinates(shapely.point_on_surface(world))
    whole = ZoomGeometry(zoom, on_grid(Coverage(world), points, zoom))
    tiles = list(dict.fromkeys((int(x), int(y)) for x, y in points * 2**zoom))
    for tile, shapes in zip(tiles, encoded_tiles(whole, tiles), strict=True):
        (unit,), polygons = cut_tiles(whole, [tile])
        drawn = ~shapely.is_empty(polygons)
        blobs = polygon_commands(polygons[drawn], np.array([tile]) * EXTENT)
        for each in (shapes, encoded_tile(whole, *tile)):
            assert each.index.tolist() == unit[drawn].tolist()
            assert each.ends.tolist() == [0, *accumulate(map(len, blobs))]
            assert each.commands == b"".join(blobs)


def test_units_of_several_parts_and_holes_are_written_once_as_they_are_encoded(monkeypatch):
    ring = shapely.box(10, 10, 90, 90).difference(shapely.box(30, 30, 60, 60))
    several = shapely.MultiPolygon([ring, shapely.box(200, 5, 210, 9), shapely.box(40, 40, 50, 50)])
    units = np.array([shapely.box(0, 0, 5, 7), several, shapely.box(300, 300, 4000, 3000)])
    for most in (1 << 20, 6):  # points encoded at a time
        monkeypatch.setattr("maps.tile_written._BLOCK", most)
        (shapes,) = encoded_tiles(ZoomGeometry(3, units), [(0, 0)])
        blobs = polygon_commands(units)
        assert shapes.index.tolist() == [0, 1, 2]
        assert shapes.commands == b"".join(blobs)
        assert shapes.ends.tolist() == [0, *accumulate(map(len, blobs))]


def test_empty_polygons_are_empty_commands_and_move_no_other():
    hole = shapely.box(0, 0, 9, 9).difference(shapely.box(2, 2, 4, 5))
    several = shapely.MultiPolygon([shapely.box(20, 0, 29, 9), hole])
    nothing = [shapely.Polygon(), shapely.MultiPolygon(), shapely.GeometryCollection()]
    for drawn in ([shapely.box(0, 0, 5, 7)], [hole], [several], [several, hole]):
        alone = [blob for one in drawn for blob in polygon_commands(np.array([one]))]
        for empty in nothing:
            among = np.array([empty, *drawn, empty, *drawn, empty], dtype=object)
            assert polygon_commands(among) == [b"", *alone, b"", *alone, b""]
        corners = np.arange(2 * len(among)).reshape(-1, 2)
        shift = np.repeat(corners, shapely.get_num_coordinates(among), axis=0)
        moved = shapely.set_coordinates(among.copy(), shapely.get_coordinates(among) - shift)
        assert polygon_commands(among, corners) == polygon_commands(moved)


def test_a_step_of_many_tiles_is_written_whole():
    far = shapely.box(0, 0, 3 * EXTENT, 9 * EXTENT)
    (blob,) = polygon_commands(np.array([far]))
    width, height = 3 * EXTENT << 1, 9 * EXTENT << 1
    numbers = [9, width, 0, 3 << 3 | 2, 0, height, width - 1, 0, 0, height - 1, 15]
    assert blob == varints(np.array(numbers))[0].tobytes()


@settings(max_examples=25)
@given(arrays(float, 2, elements=st.floats(-60, 60)), st.integers(0, 14))
def test_no_unit_is_lost_however_small_it_is_on_the_grid(place, zoom):
    tiny = shapely.box(*place, *(place + 1e-7))
    world = shapely.transform(np.array([tiny]), to_world)
    (drawn,) = on_grid(Coverage(world), shapely.get_coordinates(shapely.centroid(world)), zoom)
    assert drawn.is_valid
    assert drawn.area >= 1


def test_a_tile_is_cut_to_its_buffer_and_keeps_what_lies_inside_untouched(regions):
    z, x, y = tiles_covering((11.0, 11.0, 11.0, 11.0), 8)[0]
    tile = regions.tile(z, x, y)
    whole = regions.at(z).polygons[tile.index]
    west, south, east, north = shapely.total_bounds(tile.polygons)
    assert min(west, south) >= -BUFFER
    assert max(east, north) <= EXTENT + BUFFER
    frame = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    moved = shapely.transform(whole, lambda xy: xy - np.array([x, y]) * EXTENT)
    assert np.allclose(
        shapely.area(shapely.intersection(moved, frame)), shapely.area(tile.polygons), rtol=1e-3
    )


def test_a_tile_without_units_is_empty_and_one_outside_the_world_is_refused(regions):
    assert len(regions.tile(4, 0, 0).index) == 0
    nothing = regions.shapes(4, 0, 0)
    assert (len(nothing.index), nothing.ends.tolist(), nothing.commands) == (0, [0], b"")
    with pytest.raises(NoSuchTile):
        regions.tile(4, 16, 0)


def test_feature_ids_follow_the_p_codes_and_not_the_order_of_the_file(xaa):
    shuffled = BoundarySet(
        xaa.vintage, gpd.GeoDataFrame(xaa.frame.iloc[::-1].reset_index(drop=True))
    )
    assert TileGeometry.of(shuffled, 1).pcodes == ("XA01", "XA02", "XA03")


def test_a_plain_cut_that_touches_itself_is_mended_from_the_whole_unit():
    # At zoom 2 of the embedded world, cutting a unit beside the tile (2, 2) gives a ring that crosses itself.
    whole = TileGeometry.of(open_natural_earth(), 1).at(2)
    (units,), polygons = cut_tiles(whole, [(2, 2)])
    assert len(polygons) == len(units) > 300
    assert shapely.is_valid(polygons).all()
