import gzip
import json
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.units import BoundarySet
from geo.terms import State
from maps.emptiness import PATTERNS
from maps.mvt import geometry_tile, map_tile, map_tile_gzip, prepared_tile
from maps.tile_address import tiles_covering
from maps.tile_geometry import TileGeometry
from maps.tile_splice import KeptBytes, no_units, splice, splice_gzip
from maps.tile_values import scene_values
from maps.value_table import (
    MOST_FILLING,
    TextTooUneven,
    ValueTable,
    number_cells,
    text_cells,
    value_table,
    whole_cells,
)

XAA_BOX = (10.0, 10.0, 13.0, 12.0)
WHOLE = tiles_covering((11.5, 11.0, 11.5, 11.0), 4)[0]
JS = Path(__file__).parents[1] / "js"

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3)
persons = st.floats(0, 1e9) | st.integers(0, 2**53).map(float) | st.just(float("nan"))


@pytest.fixture(scope="module")
def regions(xaa: BoundarySet) -> TileGeometry:
    return TileGeometry.of(xaa, 1)


def properties(tile: bytes) -> list[dict]:
    layer = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})["units"]
    return [feature["properties"] for feature in layer["features"]]


def table_of(values: list[float], words: list[str], classes: list[int]) -> ValueTable:
    cells = {
        "value": number_cells(np.array(values)),
        "state": text_cells(words, width=12),
        "class": whole_cells(np.array(classes)),
    }
    return value_table(cells, units=len(values))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(persons, min_size=3, max_size=3),
    st.lists(st.sampled_from(["figure", "not_reported", "éé\U0001f30d"]), min_size=3, max_size=3),
    st.lists(st.integers(-8192, 8191), min_size=3, max_size=3),
)
def test_what_was_spliced_in_is_what_is_read(regions, values, words, classes):
    table = table_of(values, words, classes)
    read = properties(splice(prepared_tile(regions, *WHOLE, table.shape), table))
    assert [row["pcode"] for row in read] == ["XA01", "XA02", "XA03"]
    assert repr([row["value"] for row in read]) == repr(values)  # exact, and NaN is NaN
    assert [row["state"] for row in read] == words
    assert [row["class"] for row in read] == classes


@settings(max_examples=40, deadline=None)
@given(st.lists(persons, min_size=3, max_size=3), st.binary(max_size=300))
def test_spliced_gzip_unpacks_to_the_spliced_bytes(regions, values, others):
    table = table_of(values, ["figure"] * 3, [0, 1, 2])
    units = prepared_tile(regions, *WHOLE, table.shape)
    assert gzip.decompress(splice_gzip(units, table)) == splice(units, table)
    packed = splice_gzip(units, table, KeptBytes(others))
    assert gzip.decompress(packed) == splice(units, table) + others


def test_a_tile_without_units_is_its_other_layers_alone():
    table = table_of([1.0], ["figure"], [0])
    nothing = no_units(table.shape)
    assert splice(nothing, table) == b""
    assert gzip.decompress(splice_gzip(nothing, table)) == b""
    assert gzip.decompress(splice_gzip(nothing, table, KeptBytes(b"others"))) == b"others"


@pytest.mark.parametrize("zoom", [0, 4, 6])
def test_a_packed_map_tile_says_what_the_plain_one_says(regions, make_scene, zoom):
    values = scene_values(make_scene(), regions)
    for address in tiles_covering(XAA_BOX, zoom):
        for layers in (("units",), ("labels", "flows"), ("units", "symbols")):
            plain = map_tile(values, regions, *address, layers=layers)
            packed = map_tile_gzip(values, regions, *address, layers=layers)
            assert gzip.decompress(packed) == plain


def test_other_figures_leave_the_prepared_bytes_as_they_are(regions):
    one = table_of([1.0, 2.0, 3.0], ["figure"] * 3, [0, 1, 2])
    other = table_of([4.0, float("nan"), 0.0], ["figure", "not_assessed", "figure"], [1, -1, 0])
    assert one.shape == other.shape
    units = prepared_tile(regions, *WHOLE, one.shape)
    first, second = splice(units, one), splice(units, other)
    assert len(first) == len(second)
    assert first.startswith(units.head)
    assert second.startswith(units.head)


def test_no_columns_give_the_geometry_alone(regions):
    table = value_table({}, units=3)
    assert splice(prepared_tile(regions, *WHOLE, table.shape), table) == geometry_tile(
        regions, *WHOLE
    )


@given(texts, st.integers(0, 30))
def test_a_text_has_its_column_s_width_or_is_refused(text, width):
    size = len(text.encode())
    if size <= width <= size + MOST_FILLING:
        assert text_cells([text], width=width).shape == (1, width + 4)
    else:
        with pytest.raises(TextTooUneven, match="expected"):
            text_cells([text], width=width)


def test_every_kind_of_emptiness_can_stand_in_a_tile(regions, make_scene):
    fills = make_scene().fills
    for state in (*State, *PATTERNS):
        told = tuple(replace(fill, state=state, value=None, count=None) for fill in fills)
        values = scene_values(make_scene(fills=told), regions)
        read = properties(map_tile(values, regions, *WHOLE, layers=("units",)))
        assert [row["state"] for row in read] == [state] * len(fills)
        assert all(math.isnan(row["value"]) and math.isnan(row["count"]) for row in read)


def test_maps_of_other_figures_share_their_projected_borders(regions, make_scene):
    scene = make_scene()
    one, other = scene_values(scene, regions), scene_values(replace(scene, fills=()), regions)
    assert one.lines
    assert all(a is b for (a, _), (b, _) in zip(one.lines, other.lines, strict=True))


@pytest.mark.parametrize("filling", range(MOST_FILLING + 1))
def test_no_reader_sees_how_a_text_is_filled(regions, tmp_path, filling):
    table = value_table({"state": text_cells(["é"] * 3, width=2 + filling)}, units=3)
    tile = splice(prepared_tile(regions, *WHOLE, table.shape), table)
    assert [row["state"] for row in properties(tile)] == ["é"] * 3
    path = tmp_path / "tile.pbf"
    path.write_bytes(tile)
    assert pyogrio.read_dataframe(path, layer="units")["state"].tolist() == ["é"] * 3


def test_the_decoder_of_browsers_reads_every_value(regions, make_scene, tmp_path):
    node = shutil.which("node")
    if node is None or not (JS / "node_modules").is_dir():
        pytest.skip("@mapbox/vector-tile is not installed: npm ci --prefix tests/js")
    values = scene_values(make_scene(), regions)
    path = tmp_path / "tile.pbf"
    path.write_bytes(map_tile(values, regions, *WHOLE))
    done = subprocess.run(
        [node, JS / "read_tile.mjs", path], capture_output=True, text=True, check=True
    )
    layers = json.loads(done.stdout)
    ours = mapbox_vector_tile.decode(path.read_bytes(), default_options={"y_coord_down": True})
    assert set(layers) == set(ours)
    for name, layer in layers.items():
        mine = [feature["properties"] for feature in ours[name]["features"]]
        theirs = [feature["properties"] for feature in layer]
        assert json.loads(json.dumps(mine).replace("NaN", '"NaN"')) == theirs
    units = {unit["properties"]["pcode"]: unit["properties"] for unit in layers["units"]}
    assert (units["XA02"]["value"], units["XA02"]["state"]) == (0, "figure")
    assert (units["XA03"]["value"], units["XA03"]["state"]) == ("NaN", "not_reported")
