import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.errors import MapError
from maps.tile_address import (
    NoSuchTile,
    check_tile,
    from_world,
    metres_per_pixel,
    tile_bounds,
    tiles_covering,
    to_world,
)

zooms = st.integers(0, 14)


@pytest.mark.parametrize(
    ("z", "x", "y"), [(0, 1, 0), (3, 0, 8), (3, -1, 0), (-1, 0, 0), (15, 0, 0), (2, 4, 4)]
)
def test_an_address_outside_the_world_is_refused_in_one_sentence(z, x, y):
    with pytest.raises(NoSuchTile, match=rf"^there is no tile {z}/{x}/{y}: expected") as refused:
        check_tile(z, x, y)
    assert isinstance(refused.value, MapError)
    assert (refused.value.code, refused.value.z, refused.value.max_zoom) == ("no-such-tile", z, 14)


@given(st.data())
def test_every_tile_of_the_world_is_accepted_at_every_zoom(data):
    z = data.draw(zooms)
    check_tile(z, data.draw(st.integers(0, 2**z - 1)), data.draw(st.integers(0, 2**z - 1)))


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_projecting_there_and_back_gives_the_same_place(lon, lat):
    back = from_world(to_world(np.array([[lon, lat]])))
    assert np.allclose(back, [[lon, lat]], atol=1e-9)


@given(st.floats(-180, 179.9), st.floats(-85, 85), zooms)
def test_the_tile_that_covers_a_place_has_it_within_its_bounds(lon, lat, z):
    (tile,) = tiles_covering((lon, lat, lon, lat), z)
    west, south, east, north = tile_bounds(*tile)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


def test_a_pixel_is_half_as_large_on_the_ground_at_sixty_degrees():
    assert metres_per_pixel(60, 5) == pytest.approx(metres_per_pixel(0, 5) / 2)
