from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from boundaries.units import BoundarySet
from maps.tile_address import tiles_covering, to_world
from maps.tile_geometry import TileGeometry
from maps.tile_png import map_tile_png, png_bytes


@pytest.fixture(scope="module")
def regions(xaa: BoundarySet) -> TileGeometry:
    return TileGeometry.of(xaa, 1)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGBA"))


def pixel_at(picture: np.ndarray, lon: float, lat: float, tile: tuple[int, int, int]) -> list[int]:
    (z, x, y), size = tile, len(picture)
    ((column, row),) = to_world(np.array([[lon, lat]])) * 2**z - [x, y]
    return picture[int(row * size), int(column * size)].tolist()


@settings(max_examples=30)
@given(arrays(np.uint8, (5, 7, 4)), st.booleans())
def test_a_png_holds_exactly_the_pixels_it_was_given(made, few_colours):
    made = made // 128 * 255 if few_colours else made
    assert (pixels(png_bytes(made)) == made).all()


def test_more_colours_than_a_palette_holds_are_written_in_full():
    made = np.random.default_rng(1).integers(0, 255, (64, 64, 4), dtype=np.uint8)
    assert (pixels(png_bytes(made)) == made).all()


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("zoom", [4, 6, 7])
def test_inside_a_unit_a_pixel_has_its_class_colour_exactly(regions, make_scene, size, zoom):
    scene = make_scene()
    for fill in scene.fills:
        point = fill.geometry.centroid
        lon, lat = point.x + 0.2, point.y + 0.2
        address = tiles_covering((lon, lat, lon, lat), zoom)[0]
        picture = pixels(map_tile_png(scene, regions, *address, size=size))
        assert picture.shape == (size, size, 4)
        assert bytes(pixel_at(picture, lon, lat, address)) == bytes.fromhex(fill.colour[1:] + "ff")


def test_outside_the_units_a_tile_is_transparent(regions, make_scene):
    scene = make_scene(lines=())
    address = tiles_covering((11.5, 11.0, 11.5, 11.0), 4)[0]
    picture = pixels(map_tile_png(scene, regions, *address))
    assert pixel_at(picture, 9.0, 11.0, address)[3] == 0
    assert not pixels(map_tile_png(scene, regions, 4, 0, 0)).any()


def test_edges_are_smooth_and_carry_no_dark_fringe(regions, make_scene):
    scene = make_scene(lines=())
    address = tiles_covering((10.5, 11.0, 10.5, 11.0), 5)[0]
    picture = pixels(map_tile_png(scene, regions, *address))
    half = picture[(picture[..., 3] > 0) & (picture[..., 3] < 255)]
    colours = {bytes.fromhex(fill.colour[1:]) for fill in scene.fills}
    assert len(half) > 0
    assert sum(bytes(rgb) in colours for rgb in half[:, :3]) > 0.8 * len(half)


def test_the_same_scene_gives_the_same_bytes(xaa, make_scene):
    address = tiles_covering((11.0, 11.0, 11.0, 11.0), 6)[0]
    first, second = (
        map_tile_png(make_scene(), TileGeometry.of(xaa, 1), *address) for _ in range(2)
    )
    assert first == second


def test_boundaries_are_drawn_over_the_fills(regions, make_scene):
    address = tiles_covering((11.0, 11.5, 11.0, 11.5), 7)[0]
    plain = pixels(map_tile_png(make_scene(lines=()), regions, *address))
    lined = pixels(map_tile_png(make_scene(), regions, *address))
    assert pixel_at(plain, 11.0, 11.5, address) != pixel_at(lined, 11.0, 11.5, address)


@pytest.mark.parametrize(("z", "size"), [(4, 256), (5, 512), (7, 256)])
def test_other_figures_change_the_palette_and_no_pixel(regions, make_scene, z, size):
    scene = make_scene()
    other = make_scene(fills=tuple(replace(fill, colour="#123456") for fill in scene.fills))
    address = tiles_covering((11.0, 11.0, 11.0, 11.0), z)[0]
    before = chunks(map_tile_png(scene, regions, *address, size=size))
    after = chunks(map_tile_png(other, regions, *address, size=size))
    assert before["IDAT"] == after["IDAT"]
    assert before["PLTE"] != after["PLTE"]


def chunks(png: bytes) -> dict[str, bytes]:
    found, at = {}, 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        found[png[at + 4 : at + 8].decode()] = png[at + 8 : at + 8 + size]
        at += size + 12
    return found


def many_cells(side: int) -> TileGeometry:
    """A tile of zoom 2 cut into side × side squares, more than a palette has room for."""
    step = 0.25 / side
    x, y = np.meshgrid(np.arange(side) * step + 0.5, np.arange(side) * step + 0.25)
    corner = np.column_stack([x.ravel(), y.ravel()])
    world = shapely.box(*corner.T, *(corner + step).T)
    codes = tuple(f"XA{i:04}" for i in range(len(world)))
    return TileGeometry("cells", 1, codes, codes, world, corner + step / 2)


def test_a_tile_of_more_things_than_a_palette_holds_has_every_unit_in_its_colour(make_scene):
    cells = many_cells(24)
    (fill, *_), colours = make_scene().fills, ("#fef1d1", "#c06e43", "#e5e5e5")
    fills = tuple(
        replace(fill, pcode=code, colour=colours[i * 7 % 3]) for i, code in enumerate(cells.pcodes)
    )
    picture = pixels(map_tile_png(make_scene(fills=fills, lines=()), cells, 2, 2, 1, size=256))
    middles = ((cells.points * 4 - [2, 1]) * 256).astype(int)
    for own, (column, row) in zip(fills, middles.tolist(), strict=True):
        assert bytes(picture[row, column]) == bytes.fromhex(own.colour[1:] + "ff")
