import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maps.style import style_json, tilejson
from maps.tile_values import unit_columns

TILES = "/tiles/maps/xaa-2020/situation/{z}/{x}/{y}.mvt"


def evaluate(expression: Any, about: dict[str, Any]) -> Any:
    """Work out the few MapLibre expressions that a style of ours uses."""
    if not isinstance(expression, list):
        return expression
    name, *given = expression
    if name == "get":
        return about.get(given[0])
    if name in ("==", "<="):
        left, right = (evaluate(side, about) for side in given)
        return left == right if name == "==" else left <= right
    assert name in ("case", "match")
    subject = True if name == "case" else evaluate(given.pop(0), about)
    *pairs, otherwise = given
    for label, result in zip(pairs[::2], pairs[1::2], strict=True):
        if evaluate(label, about) == subject:
            return evaluate(result, about)
    return evaluate(otherwise, about)


def fill_colour(scene) -> Any:
    layers = {layer["id"]: layer for layer in style_json(scene, tiles_url=TILES)["layers"]}
    return layers["units"]["paint"]["fill-color"]


def test_the_style_gives_every_unit_the_colour_the_scene_gave_it(make_scene):
    scene = make_scene()
    expression = fill_colour(scene)
    for fill in scene.fills:
        about = {"state": fill.state, "value": math.nan if fill.value is None else fill.value}
        assert evaluate(expression, about) == fill.colour


def test_a_value_equal_to_a_bound_belongs_to_the_class_below_it(make_scene):
    expression = fill_colour(make_scene())
    low, high = make_scene().choropleth_legend.colours
    assert evaluate(expression, {"state": "figure", "value": 10.0}) == low
    assert evaluate(expression, {"state": "figure", "value": 10.0001}) == high


@given(st.floats(0, 40), st.floats(0, 40))
def test_a_larger_value_never_has_the_colour_of_a_lower_class(make_scene, one, other):
    legend = make_scene().choropleth_legend
    order = (legend.zero[0], *legend.colours)
    colours = [
        evaluate(fill_colour(make_scene()), {"state": "figure", "value": value})
        for value in sorted((one, other))
    ]
    assert order.index(colours[0]) <= order.index(colours[1])


def test_the_documents_are_json_and_name_every_layer_and_field(make_scene):
    scene = make_scene()
    style, tiles = style_json(scene, tiles_url=TILES), tilejson(scene, tiles_url=TILES)
    json.dumps([style, tiles], allow_nan=False)
    assert style["version"] == 8
    assert tiles["tilejson"] == "3.0.0"
    assert tiles["tiles"] == [TILES] == style["sources"]["map"]["tiles"]
    fields = {layer["id"]: layer["fields"] for layer in tiles["vector_layers"]}
    assert set(fields["units"]) == {"pcode", "name", *unit_columns(scene)}
    assert {layer["source-layer"] for layer in style["layers"] if "source-layer" in layer} <= set(
        fields
    )
    assert (fields["units"]["value"], fields["units"]["state"]) == ("Number", "String")


def test_sources_go_out_as_html_because_clients_show_them_as_html(make_scene):
    scene = make_scene(sources=("<img src=x onerror=alert(1)>",))
    assert "<img" not in tilejson(scene, tiles_url=TILES)["attribution"]


def test_a_style_fetches_nothing_but_its_tiles_unless_told_where_glyphs_are(make_scene):
    style = style_json(make_scene(), tiles_url=TILES)
    assert "glyphs" not in style
    assert "http" not in json.dumps(style)
    named = style_json(make_scene(), tiles_url=TILES, glyphs_url="/fonts/{fontstack}/{range}.pbf")
    assert named["layers"][-1]["type"] == "symbol"
