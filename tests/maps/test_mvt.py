import math
import warnings
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from boundaries.units import BoundarySet
from maps.mvt import geometry_tile, map_tile
from maps.mvt_encoding import Feature, encode_layer, polygon_commands, varint, varints
from maps.tile_address import NoSuchTile, tiles_covering
from maps.tile_geometry import TileGeometry
from maps.tile_values import scene_values

NATURAL_EARTH = Path(__file__).parents[2] / "boundaries" / "data" / "natural_earth.parquet"
XAA_BOX = (10.0, 10.0, 13.0, 12.0)


@pytest.fixture(scope="module")
def regions(xaa: BoundarySet) -> TileGeometry:
    return TileGeometry.of(xaa, 1)


def decoded(tile: bytes) -> dict[str, list[dict]]:
    layers = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in layers.items()}


def units_of(tile: bytes) -> dict[str, dict]:
    return {unit["properties"]["pcode"]: unit["properties"] for unit in decoded(tile)["units"]}


@given(st.lists(st.integers(0, 2**34), max_size=40))
def test_numbers_encoded_together_are_the_numbers_encoded_one_by_one(numbers):
    data, offset = varints(np.array(numbers, dtype=np.int64))
    assert data.tobytes() == b"".join(map(varint, numbers))
    assert offset[-1] == len(data)
    small = [number for number in numbers if number < 2**32]
    assert varints(np.array(small, dtype=np.uint32))[0].tobytes() == b"".join(map(varint, small))


def test_every_unit_carries_its_own_value_and_a_missing_one_is_not_zero(regions, make_scene):
    values = scene_values(make_scene(), regions)
    units = units_of(map_tile(values, regions, *tiles_covering((11.5, 11, 11.5, 11), 4)[0]))
    assert set(units) == {"XA01", "XA02", "XA03"}
    norda, sena, tamar = (units[pcode] for pcode in ("XA01", "XA02", "XA03"))
    assert (norda["value"], norda["count"], norda["class"], norda["state"]) == (
        *(30.0, 1200.0, 1),
        "figure",
    )
    assert (sena["value"], sena["state"]) == (0.0, "figure")
    assert math.isnan(tamar["value"])
    assert (tamar["state"], tamar["class"]) == ("not_reported", -1)
    assert (norda["IDP"], norda["REF"], tamar["REF"]) == (1200.0, 300.0, 75.0)
    assert math.isnan(tamar["IDP"])
    assert norda["colour"] == "#c06e43"


def test_a_unit_the_map_leaves_out_says_so(regions, make_scene):
    scene = make_scene()
    values = scene_values(make_scene(fills=scene.fills[:1]), regions)
    units = units_of(map_tile(values, regions, 4, *tiles_covering((11.5, 11, 11.5, 11), 4)[0][1:]))
    assert units["XA01"]["state"] == "figure"
    assert units["XA03"]["state"] == "out_of_scope"


@pytest.mark.parametrize("zoom", [0, 3, 6, 8])
def test_the_splice_says_what_encoding_everything_anew_says(regions, make_scene, zoom):
    scene = make_scene()
    values = scene_values(scene, regions)
    for address in tiles_covering(XAA_BOX, zoom):
        units = regions.tile(*address)
        fills = {fill.pcode: fill for fill in scene.fills}
        counts = {s.place: {p.group: p.value for p in s.parts} for s in scene.symbols}
        features = []
        for unit, blob in zip(units.index, polygon_commands(units.polygons), strict=True):
            pcode = regions.pcodes[unit]
            fill, count = fills[pcode], counts.get(pcode, {})
            about = {
                "pcode": pcode,
                "name": fill.name,
                "value": math.nan if fill.value is None else fill.value,
                "state": fill.state,
                "count": math.nan if fill.count is None else fill.count,
                "class": fill.klass,
                "colour": fill.colour,
                "IDP": float(count.get("IDP", math.nan)),
                "REF": float(count.get("REF", math.nan)),
            }
            features.append(Feature("polygon", blob, about, id=int(unit)))
        anew = decoded(encode_layer("units", features))["units"]
        assert repr(decoded(map_tile(values, regions, *address))["units"]) == repr(anew)


def test_new_values_change_the_end_of_the_units_layer_and_nothing_before(regions, make_scene):
    address = tiles_covering(XAA_BOX, 4)[0]
    plain = {"symbols": (), "flows": (), "labels": (), "lines": ()}
    before, after = (
        map_tile(scene_values(make_scene(fills=fills, **plain), regions), regions, *address)
        for fills in (make_scene().fills, make_scene().fills[:1])
    )
    body = geometry_tile(regions, *address)
    assert before != after
    shared = next(i for i in range(8, len(before)) if before[i] != after[i])
    assert shared > len(body)


def test_the_geometry_alone_has_stable_ids_codes_and_names(regions):
    tile = geometry_tile(regions, 0, 0, 0)
    found = [
        (u["id"], u["properties"]["pcode"], u["properties"]["name"]) for u in decoded(tile)["units"]
    ]
    assert found == [(0, "XA01", "Norda"), (1, "XA02", "Séna"), (2, "XA03", "Tamar")]
    assert tile == geometry_tile(regions, 0, 0, 0)
    assert geometry_tile(regions, 5, 0, 0) == b""


def test_polygons_of_a_tile_are_valid_and_neighbours_share_their_edges(regions):
    for zoom in range(3, 11):
        for address in tiles_covering(XAA_BOX, zoom)[:6]:
            units = decoded(geometry_tile(regions, *address)).get("units", [])
            polygons = [shape(unit["geometry"]) for unit in units]
            assert shapely.is_valid(polygons).all()
            assert shapely.coverage_is_valid(polygons)


def test_the_other_layers_hold_flows_symbols_names_and_each_border_once(regions, make_scene):
    scene = make_scene()
    address = tiles_covering((11.5, 11.0, 11.5, 11.0), 4)[0]
    layers = decoded(map_tile(scene_values(scene, regions), regions, *address))
    assert {line["properties"]["status"] for line in layers["boundaries"]} == {"agreed", "disputed"}
    values = {(f["properties"]["destination"], f["properties"]["value"]) for f in layers["flows"]}
    assert values == {("XA03", 400.0), ("XA01", 20.0)}
    circles = {
        (c["properties"]["pcode"], c["properties"]["group"]): c["properties"]["radius"]
        for c in layers["symbols"]
    }
    assert circles[("XA01", "IDP")] ** 2 / circles[("XA01", "REF")] ** 2 == pytest.approx(4)
    texts = {label["properties"]["text"] for label in layers["labels"]}
    assert {"Xaaland", "Séna", "Xccora"} <= texts


def test_a_point_is_within_one_tile_only_and_in_every_tile_that_its_circle_touches(
    regions, make_scene
):
    values = scene_values(make_scene(), regions)
    within, touching = {}, {}
    for address in tiles_covering((8, 8, 16, 14), 6):
        for circle in decoded(map_tile(values, regions, *address)).get("symbols", []):
            about = circle["properties"]
            key = (about["pcode"], about["group"])
            column, row = circle["geometry"]["coordinates"]
            within[key] = within.get(key, 0) + (0 <= column < 4096 and 0 <= row < 4096)
            touching.setdefault(key, set()).add(address)
            reach = about["radius"] * 8  # 4,096 steps are 512 CSS pixels
            assert -reach - 1 <= column <= 4096 + reach + 1
            assert -reach - 1 <= row <= 4096 + reach + 1
    assert within == {("XA01", "IDP"): 1, ("XA01", "REF"): 1, ("XA03", "REF"): 1}
    circles = values.marks(6).circles
    for circle in circles:
        x, y = circle.x * 64 + circle.dx / 512, circle.y * 64 + circle.dy / 512
        r = circle.radius / 512
        about = circle.attributes
        square = {
            (6, column, row)
            for column in range(math.floor(x - r), math.floor(x + r) + 1)
            for row in range(math.floor(y - r), math.floor(y + r) + 1)
        }
        assert touching[(about["pcode"], about["group"])] == square


def test_tiles_outside_the_world_are_refused(regions, make_scene):
    values = scene_values(make_scene(), regions)
    for address in ((1, 2, 0), (0, 0, -1), (15, 0, 0)):
        with pytest.raises(NoSuchTile):
            geometry_tile(regions, *address)
        with pytest.raises(NoSuchTile):
            map_tile(values, regions, *address)


# --- what GDAL, and so QGIS, makes of them ----------------------------------------------------------


def read_by_gdal(tile: bytes, folder: Path, layer: str = "units"):
    path = folder / "tile.pbf"
    path.write_bytes(tile)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a tile by itself does not know its projection
        return pyogrio.read_dataframe(path, layer=layer)


def test_gdal_reads_every_tile_of_xaa_and_sees_a_numeric_column(regions, make_scene, tmp_path):
    values = scene_values(make_scene(), regions)
    for zoom in range(7):
        for address in tiles_covering(XAA_BOX, zoom):
            frame = read_by_gdal(map_tile(values, regions, *address), tmp_path)
            assert frame["value"].dtype == np.float64
            by_code = frame.set_index("pcode")["value"]
            if {"XA02", "XA03"} <= set(by_code.index):
                assert by_code["XA02"] == 0
                assert np.isnan(by_code["XA03"])
            assert shapely.is_valid(frame.geometry.values).all()


@pytest.mark.skipif(not NATURAL_EARTH.exists(), reason="Natural Earth is not derived yet")
def test_gdal_reads_tiles_of_real_countries_and_finds_every_unit(tmp_path):
    from boundaries.natural_earth import open_natural_earth

    mali = open_natural_earth(("MLI", "BFA", "NER", "MRT"))
    geometry = TileGeometry.of(mali, 1)
    for zoom in (0, 3, 5, 6):
        seen = set()
        for address in tiles_covering((-17, 9, 16, 27), zoom):
            tile = geometry_tile(geometry, *address)
            if tile:
                frame = read_by_gdal(tile, tmp_path)
                assert shapely.is_valid(frame.geometry.values).all()
                seen |= set(frame["pcode"])
        assert seen == set(geometry.pcodes)


@pytest.mark.skipif(not NATURAL_EARTH.exists(), reason="Natural Earth is not derived yet")
@pytest.mark.parametrize("zoom", [1, 4, 8])
def test_gdal_reads_tiles_of_fjords_and_islands_and_nothing_in_them_is_invalid(zoom, tmp_path):
    from boundaries.natural_earth import open_natural_earth

    geometry = TileGeometry.of(open_natural_earth(("CHL", "GRC", "PHL")), 1)
    assert shapely.is_valid(geometry.at(zoom).polygons).all()
    for x, y in np.unique((geometry.points[::20] * 2**zoom).astype(int), axis=0).tolist():
        tile = geometry_tile(geometry, zoom, x, y)
        assert shapely.is_valid(read_by_gdal(tile, tmp_path).geometry.values).all()
