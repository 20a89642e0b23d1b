"""Tiles of the invented country, which lies in tile 4/8/7."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.settings import Settings

Connect = Callable[..., Any]
TILES = "/tiles/maps/xaa-2020/idps"


@pytest.fixture(scope="module")
def client(published_folder: Path, connect: Connect) -> Any:
    stores = (published_folder / ".sitmap" / "store.sqlite",)
    return connect(create_app(Settings(stores=stores)))


def test_a_map_tile_holds_the_same_persons(client: Any) -> None:
    tile = mapbox_vector_tile.decode(client.get(f"{TILES}/4/8/7.mvt").content)
    units = {f["properties"]["pcode"]: f["properties"] for f in tile["units"]["features"]}
    assert {code: units[code]["count"] for code in units} == {"XA01": 1200, "XA02": 0, "XA03": 340}
    assert units["XA02"]["state"] == "figure"


def test_a_boundary_tile_holds_codes_and_names_and_no_figure(client: Any) -> None:
    answer = client.get("/tiles/boundaries/boundaries/1/4/8/7.mvt")
    if answer.status_code == 404:  # the vintage is called by its file; ask for the name it has
        answer = client.get(f"/tiles/boundaries/{answer.json()['known'][0]}/1/4/8/7.mvt")
    features = mapbox_vector_tile.decode(answer.content)["units"]["features"]
    mine = [f["properties"] for f in features if f["properties"]["pcode"].startswith("XA")]
    assert {frozenset(properties) for properties in mine} == {frozenset({"pcode", "name"})}


def test_boundaries_addressed_by_their_content_may_be_kept_for_ever(client: Any) -> None:
    vintage = client.get("/api/situations/xaa-2020").json()["vintage"]
    by_id = client.get(f"/tiles/boundaries/{vintage['id']}/1/4/8/7.mvt")
    by_content = client.get(f"/tiles/boundaries/{vintage['content']}/1/4/8/7.mvt")
    assert by_id.content == by_content.content
    assert "immutable" in by_content.headers["cache-control"]
    assert "immutable" not in by_id.headers["cache-control"]


def test_a_picture_tile_is_a_png(client: Any) -> None:
    answer = client.get(f"{TILES}/4/8/7.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_a_tile_without_units_is_empty_and_no_error(client: Any) -> None:
    assert client.get(f"{TILES}/5/0/0.mvt").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["0/0/1", "0/1/0", "3/8/0", "3/0/8", "15/0/0", "99/0/0", "-1/0/0", "1/-1/0", "1/0/1e0",
     "1_0/0/0", "+1/0/0", "5/0/99999", "1234567890123456789012/0/0", "a/b/c", "1/0/%D9%A1"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["mvt", "png"])
def test_no_tile_outside_the_world(client: Any, address: str, form: str) -> None:
    answer = client.get(f"{TILES}/{address}.{form}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@given(z=st.integers(0, 14), x=st.integers(0, 99_999), y=st.integers(0, 99_999))
def test_the_world_is_2_to_the_z_wide_and_high(z: int, x: int, y: int) -> None:
    from maps.tile_address import NoSuchTile, check_tile

    inside = x < 2**z and y < 2**z
    try:
        check_tile(z, x, y)
        assert inside
    except NoSuchTile:
        assert not inside


@pytest.mark.parametrize("vintage", ["nothing", "..", "natural-earth-5.1"])
def test_boundaries_of_no_situation_here_are_not_served(client: Any, vintage: str) -> None:
    assert client.get(f"/tiles/boundaries/{vintage}/1/0/0/0.mvt").status_code == 404
