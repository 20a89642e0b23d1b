"""From far away a map's tiles say what the API says of whole countries: the same figure everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest

from maps.tile_address import tiles_covering
from service.app import create_app
from service.settings import Settings


@pytest.fixture(scope="module")
def client(published_folder: Path, connect: Callable[..., Any]) -> Any:
    return connect(create_app(Settings(stores=(published_folder / ".sitmap" / "store.sqlite",))))


def circles(client: Any, zoom: int) -> dict[str, dict[str, Any]]:
    """Return the circles of a zoom by P-code, each from the one tile that its middle lies in."""
    found: dict[str, dict[str, Any]] = {}
    for z, x, y in tiles_covering((5, 5, 18, 17), zoom):
        tile = client.get(f"/tiles/maps/xaa-2020/idps/{z}/{x}/{y}.mvt?layers=symbols")
        layers = mapbox_vector_tile.decode(tile.content, default_options={"y_coord_down": True})
        for each in layers.get("symbols", {"features": []})["features"]:
            if all(0 <= step < 4096 for step in each["geometry"]["coordinates"]):
                assert each["properties"]["pcode"] not in found
                found[each["properties"]["pcode"]] = each["properties"]
    return found


def test_each_zoom_shows_the_level_that_tilejson_says_with_the_figures_of_counts(client):
    levels = client.get("/maps/xaa-2020/idps/tilejson.json").json()["levels"]
    assert [each["level"] for each in levels] == [0, 1]
    assert levels[0]["minzoom"] == 0
    assert levels[0]["maxzoom"] + 1 == levels[1]["minzoom"]
    for zoom in (0, 2, 4, 5):
        level = next(e["level"] for e in levels if e["minzoom"] <= zoom <= e["maxzoom"])
        answer = client.get(f"/api/situations/xaa-2020/counts?level={level}&group=IDP").json()
        expected = {row["pcode"]: row["value"] for row in answer["rows"] if row["value"]}
        found = circles(client, zoom)
        assert {pcode: one["value"] for pcode, one in found.items()} == expected
        assert {one["level"] for one in found.values()} == {level}


def test_a_country_s_circle_says_what_it_is_the_sum_of(client):
    country = circles(client, 0)["XA"]
    assert (country["value"], country["state"]) == (1540, "figure")
    assert (country["members"], country["missing"], country["to_scale"]) == (3, 0, 1)


def test_the_marks_of_a_map_have_what_stands_for_it_from_far_away(client):
    for lang, word in (("en", "country"), ("fr", "pays")):
        (far,) = client.get(f"/api/situations/xaa-2020/values/idps/marks?lang={lang}").json()[
            "wider"
        ]
        levels = client.get("/maps/xaa-2020/idps/tilejson.json").json()["levels"]
        assert (far["level"], far["below"]) == (0, levels[1]["minzoom"])
        assert [circle[4] for circle in far["circles"]] == [1540]
        assert word in far["note"]


@pytest.mark.parametrize(
    ("query", "levels"), [("level=0", [0]), ("level=1", [0, 1]), ("date=2020-12-31", [0, 1])]
)
def test_a_narrowed_map_is_summed_as_it_is_narrowed(client, query, levels):
    document = client.get(f"/maps/xaa-2020/idps/tilejson.json?{query}").json()
    assert [each["level"] for each in document["levels"]] == levels
