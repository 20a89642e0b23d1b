"""OGC API Tiles, Part 1: the abstract tests of its Annex A, by their names, on the invented country.

The country lies in tile 4/7/8 of row and column (4/8/7 of x and y).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest

from service.app import create_app
from service.settings import Settings

Connect = Callable[..., Any]
BASE = "https://maps.example"
REGIONS, MAP = "boundaries.xaa-2010.level-1", "xaa-2020.map-idps"
VECTOR = f"/ogc/collections/{REGIONS}/tiles/WebMercatorQuad"
MAP_VECTOR = f"/ogc/collections/{MAP}/tiles/WebMercatorQuad"
MAP_PICTURE = f"/ogc/collections/{MAP}/map/tiles/WebMercatorQuad"
DATASET = "/ogc/tiles/WebMercatorQuad"
REL = "http://www.opengis.net/def/rel/ogc/1.0"


@pytest.fixture(scope="module")
def client(released_store: Path, connect: Connect) -> Any:
    return connect(create_app(Settings(stores=(released_store,), base_url=BASE)))


def _rels(document: dict[str, Any]) -> set[str]:
    return {link["rel"] for link in document["links"]}


def _filled(document: dict[str, Any], form: str, z: int, row: int, col: int) -> str:
    """Return a tile's address from the template that a tileset gives."""
    template = next(
        link["href"]
        for link in document["links"]
        if link["rel"] == "item" and link["href"].endswith(f"f={form}")
    )
    for name, number in (("{tileMatrix}", z), ("{tileRow}", row), ("{tileCol}", col)):
        assert name in template
        template = template.replace(name, str(number))
    return str(template.removeprefix(BASE))


# --- core ------------------------------------------------------------------------------------------


def test_conf_core_tc_success(client: Any) -> None:
    answer = client.get(f"{VECTOR}/4/7/8")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.content == client.get("/tiles/boundaries/xaa-2010/1/4/8/7.mvt").content


@pytest.mark.parametrize(
    "address",
    ["4/16/0", "4/0/16", "15/0/0", "99/0/0", "x/0/0", "1/-1/0", "1/0/1e0", "1_0/0/0", "4/123456/0"],
)
@pytest.mark.parametrize("tiles", [VECTOR, MAP_PICTURE, DATASET])
def test_conf_core_tc_error(client: Any, tiles: str, address: str) -> None:
    answer = client.get(f"{tiles}/{address}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-tile")


def test_a_tile_of_the_world_with_nothing_in_it_is_204(client: Any) -> None:
    for tiles in (VECTOR, DATASET):
        answer = client.get(f"{tiles}/5/0/0")
        assert (answer.status_code, answer.content) == (204, b"")
    picture = client.get(f"{MAP_PICTURE}/5/0/0")
    assert picture.status_code == 200
    assert picture.content.startswith(b"\x89PNG")


def test_there_are_no_tiles_of_what_has_none(client: Any) -> None:
    for address in (
        "xaa-2020.counts-1/tiles", f"{REGIONS}/map/tiles", "nothing/tiles",
        f"{REGIONS}/tiles/WorldCRS84Quad", f"{REGIONS}/tiles/WorldCRS84Quad/0/0/0",
    ):  # fmt: skip
        assert client.get(f"/ogc/collections/{address}").status_code == 404, address
    assert client.get("/ogc/tileMatrixSets/WorldCRS84Quad").status_code == 404


# --- tilesets and their lists ----------------------------------------------------------------------


def test_conf_tilesets_list_tsl_op_and_success(client: Any) -> None:
    for address in ("/ogc/tiles", f"/ogc/collections/{REGIONS}/tiles", f"/ogc/collections/{MAP}/map/tiles"):  # fmt: skip
        document = client.get(address).json()
        assert {"self", "alternate"} <= _rels(document)
        for tileset in document["tilesets"]:
            assert {"title", "dataType", "crs", "tileMatrixSetURI", "links"} <= set(tileset)
            assert f"{REL}/tiling-scheme" in _rels(tileset)
            own = next(link for link in tileset["links"] if link["rel"] == "self")
            assert client.get(own["href"].removeprefix(BASE)).status_code == 200


def test_conf_tileset_desc_links_and_success(client: Any) -> None:
    for tiles, data_type in ((VECTOR, "vector"), (MAP_PICTURE, "map"), (DATASET, "vector")):
        document = client.get(tiles).json()
        assert document["dataType"] == data_type
        assert {"self", "alternate", "item", f"{REL}/tiling-scheme"} <= _rels(document)
        scheme = next(li for li in document["links"] if li["rel"] == f"{REL}/tiling-scheme")
        assert client.get(scheme["href"].removeprefix(BASE)).json()["id"] == "WebMercatorQuad"


def test_tiles_are_where_the_templates_and_the_limits_say(client: Any) -> None:
    for tiles, form in ((VECTOR, "mvt"), (MAP_VECTOR, "mvt"), (MAP_VECTOR, "png"), (MAP_PICTURE, "png")):  # fmt: skip
        document = client.get(tiles).json()
        for limit in document["tileMatrixSetLimits"][:7]:
            corner = (int(limit["tileMatrix"]), limit["minTileRow"], limit["minTileCol"])
            assert client.get(_filled(document, form, *corner)).status_code == 200
        if form == "mvt":
            level = document["tileMatrixSetLimits"][6]
            outside = (6, level["minTileRow"] - 2, level["minTileCol"] - 2)
            assert client.get(_filled(document, form, *outside)).status_code == 204


def test_conf_geodata_tilesets_desc_links(client: Any) -> None:
    links = client.get(f"/ogc/collections/{MAP}").json()["links"]
    rels = {link["rel"]: link["href"] for link in links}
    assert rels[f"{REL}/tilesets-vector"] == f"{BASE}/ogc/collections/{MAP}/tiles"
    assert rels[f"{REL}/tilesets-map"] == f"{BASE}/ogc/collections/{MAP}/map/tiles"
    counts = client.get("/ogc/collections/xaa-2020.counts-1").json()
    assert f"{REL}/tilesets-vector" not in _rels(counts)


def test_conf_dataset_tilesets_landing(client: Any) -> None:
    landing = client.get("/ogc").json()
    assert {f"{REL}/tilesets-vector", f"{REL}/tiling-schemes"} <= _rels(landing)


def test_a_tile_of_several_collections_is_of_the_place_asked_for(client: Any) -> None:
    both = {"collections": f"{REGIONS},{MAP}"}
    assert client.get(f"{DATASET}/4/0/0", params=both).status_code == 204
    layers = mapbox_vector_tile.decode(client.get(f"{DATASET}/4/7/8", params=both).content)
    assert {REGIONS, MAP} <= set(layers)


def test_conf_collections_selection(client: Any) -> None:
    answer = client.get(f"{DATASET}/4/7/8", params={"collections": f"{REGIONS},{MAP}"})
    layers = mapbox_vector_tile.decode(answer.content)
    assert {REGIONS, MAP} <= set(layers)
    counted = {
        f["properties"]["pcode"]: f["properties"].get("count") for f in layers[MAP]["features"]
    }
    assert (counted["XA01"], counted["XA02"]) == (1200, 0)
    alone = mapbox_vector_tile.decode(client.get(f"{DATASET}/4/7/8").content)
    assert set(alone) == {f"boundaries.xaa-2010.level-{level}" for level in (0, 1, 2)}


@pytest.mark.parametrize("asked", ["nothing", "", "xaa-2020.counts-1", f"{REGIONS},"])
def test_only_collections_that_have_tiles_can_be_selected(client: Any, asked: str) -> None:
    answer = client.get(f"{DATASET}/4/7/8", params={"collections": asked})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")
    assert REGIONS in answer.json()["known"]


# --- forms -----------------------------------------------------------------------------------------


def test_conf_mvt_tile_content(client: Any) -> None:
    layers = mapbox_vector_tile.decode(client.get(f"{MAP_VECTOR}/4/7/8?f=mvt").content)
    named = {layer["id"] for layer in client.get(MAP_VECTOR).json()["layers"]}
    assert set(layers) <= named
    assert layers["units"]["extent"] == 4096
    values = {
        f["properties"]["pcode"]: f["properties"]["count"] for f in layers["units"]["features"]
    }
    assert values["XA03"] == 340


def test_conf_png_tile_content(client: Any) -> None:
    for address in (f"{MAP_VECTOR}/4/7/8?f=png", f"{MAP_PICTURE}/4/7/8"):
        answer = client.get(address)
        assert answer.headers["content-type"] == "image/png"
        assert answer.content == client.get("/tiles/maps/xaa-2020/idps/4/8/7.png").content


def test_a_form_there_is_not_is_refused(client: Any) -> None:
    assert client.get(f"{VECTOR}/4/7/8?f=png").status_code == 400
    assert client.get(f"{VECTOR}/4/7/8", headers={"accept": "image/png"}).status_code == 406
    assert client.get(f"{MAP_PICTURE}/4/7/8?f=mvt").status_code == 400
    assert client.get(f"{VECTOR}/4/7/8?size=512").status_code == 400


def test_an_image_element_is_given_a_picture_and_a_program_a_vector_tile(client: Any) -> None:
    image = {"accept": "image/avif,image/webp,image/*,*/*;q=0.8"}
    assert client.get(f"{MAP_VECTOR}/4/7/8", headers=image).headers["content-type"] == "image/png"
    plain = client.get(f"{MAP_VECTOR}/4/7/8", headers={"accept": "*/*"})
    assert plain.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert plain.headers["etag"] != client.get(f"{MAP_VECTOR}/4/7/8", headers=image).headers["etag"]


def test_a_known_tile_is_304(client: Any) -> None:
    for tiles in (VECTOR, MAP_VECTOR, MAP_PICTURE, DATASET):
        first = client.get(f"{tiles}/4/7/8")
        again = client.get(f"{tiles}/4/7/8", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "Accept" in again.headers["vary"]
        assert "immutable" not in first.headers["cache-control"]  # the address names no version


# --- tile matrix sets ------------------------------------------------------------------------------


def test_web_mercator_quad_is_the_standards_own(client: Any) -> None:
    listed = client.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]
    assert [each["id"] for each in listed] == ["WebMercatorQuad"]
    document = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json()
    first, second = document["tileMatrices"][:2]
    # OGC 17-083r4, annex D.1
    assert first["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert first["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
    assert second["scaleDenominator"] == pytest.approx(279541132.014358, rel=1e-12)
    assert [m["matrixWidth"] for m in document["tileMatrices"]] == [2**z for z in range(15)]


def test_tilesets_and_matrix_sets_are_pages_too(client: Any) -> None:
    for address in ("/ogc/tiles", DATASET, MAP_VECTOR, MAP_PICTURE, "/ogc/tileMatrixSets",
                    "/ogc/tileMatrixSets/WebMercatorQuad"):  # fmt: skip
        page = client.get(f"{address}?f=html")
        assert page.status_code == 200
        assert "<script" not in page.text
