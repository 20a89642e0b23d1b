"""Pages of the less common layers: nothing overlaps, everything is explained, drawn where it belongs."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from shapely import box

from maps.display import Page, PathItem, TextItem, mirrored
from maps.html import scene_html
from maps.legend import legend_json, legend_svg
from maps.mvt import map_tile
from maps.page import draw_page
from maps.scene import Scene
from maps.scene_layers import MatrixRow, PresenceMatrix, SectorCount, SectorKey
from maps.sectors import SECTORS
from maps.spec import PAPERS, LayerSpec
from maps.style import style_json
from maps.svg import page_svg
from maps.text import TextStyle
from maps.tile_geometry import TileGeometry
from maps.tile_values import scene_values

LAYERS = {
    "bivariate": (LayerSpec("bivariate", ("IDP",), against="presence"),),
    "difference": (LayerSpec("difference", ("IDP",)),),
    "dots": (LayerSpec("dots", ("IDP", "REF"), per_dot=20),),
    "sectors": (LayerSpec("presence", show="sectors"),),
    "matrix": (LayerSpec("presence", show="matrix"),),
    "multiples": (
        LayerSpec("choropleth", ("IDP",), per="population", every_date=True),
        LayerSpec("symbols", ("IDP", "REF"), every_date=True),
    ),
}


@pytest.fixture(
    scope="module",
    params=[
        f"{name} {way}"
        for name in LAYERS
        for way in (
            ("en A4", "ar A4", "fr A5-portrait", "es A3")
            if name in ("matrix", "multiples")
            else ("en A4", "ar A5")
        )
    ],
)
def drawn(request, layered) -> tuple[str, Scene, Page]:
    name, lang, paper = request.param.split()
    scene = layered(*LAYERS[name], lang=lang)
    return name, scene, draw_page(scene, PAPERS[paper])


def texts(page: Page, role: str) -> list[TextItem]:
    return [item for item in page.texts if item.role == role]


def paths(page: Page, role: str) -> list[PathItem]:
    return [item for item in page.paths if item.role == role]


def test_no_text_lies_on_another(drawn) -> None:
    _, _, page = drawn
    for a, b in combinations(page.texts, 2):
        assert box(*a.box).intersection(box(*b.box)).area < 1e-6, (a.text, b.text)


def test_no_text_leaves_the_margins(drawn) -> None:
    _, _, page = drawn
    for item in page.texts:
        x0, y0, x1, y1 = item.box
        assert x0 >= 9.9, item.text
        assert x1 <= page.width - 9.9, item.text
        assert y0 >= 5, item.text
        assert y1 <= page.height - 4.5, item.text


def test_no_text_is_smaller_than_the_guideline_allows(drawn) -> None:
    _, _, page = drawn
    smallest = 6 if max(page.width, page.height) <= 210 else 7
    legible = [item for item in page.texts if item.role != "name-unit"]
    assert min(item.style.size for item in legible) >= smallest


def test_the_titles_sources_and_notes_of_every_page_are_there(drawn) -> None:
    _, scene, page = drawn
    words = " ".join(" ".join(item.text for item in page.texts).split())
    for text in (scene.title, scene.as_of, *scene.disclaimers, *scene.sources, *scene.footnotes):
        assert " ".join(text.split()) in words


def test_the_same_scene_gives_the_same_bytes(drawn) -> None:
    _, scene, page = drawn
    paper = next(p for p in PAPERS.values() if (p.width, p.height) == (page.width, page.height))
    assert page_svg(draw_page(scene, paper)) == page_svg(page)


@pytest.mark.parametrize("name", LAYERS)
def test_the_legend_stands_alone_too(layered, name: str) -> None:
    scene = layered(*LAYERS[name])
    assert "</svg>" in legend_svg(scene)
    data = legend_json(scene)
    kinds = {
        "bivariate": "bivariate",
        "difference": "choropleth",
        "dots": "dots",
        "sectors": "presence",
        "matrix": "matrix",
        "multiples": "panels",
    }
    assert data[kinds[name]]


# --- areas of two variables -----------------------------------------------------------------------


def test_every_colour_of_the_map_is_in_the_square(layered) -> None:
    page = draw_page(layered(*LAYERS["bivariate"]))
    keyed = {item.fill for item in paths(page, "legend-class")}
    areas = {item.fill for item in page.paths if item.role.startswith("area-")}
    assert len(keyed) == 9
    assert areas <= keyed


def test_tiles_of_two_variables_take_each_unit_s_own_colour(layered) -> None:
    style = style_json(layered(*LAYERS["bivariate"]), tiles_url="/t/{z}/{x}/{y}.mvt")
    units = next(layer for layer in style["layers"] if layer["id"] == "units")
    assert units["paint"]["fill-color"][-1] == ["to-color", ["get", "colour"]]


# --- dots -----------------------------------------------------------------------------------------


def test_every_dot_of_the_scene_is_on_the_page_in_its_unit(layered) -> None:
    scene = layered(*LAYERS["dots"])
    page = draw_page(scene)
    wanted = {"IDP": 60 + 17, "REF": 4 + 20}  # 1,200 and 340, 70 and 400, by twenties
    for group, number in wanted.items():
        strokes = [item.geometry for item in paths(page, f"dots-{group}")]
        assert sum(len(each.geoms) for each in strokes) == number
    land = shapely.union_all([item.geometry for item in paths(page, "focus")])
    for item in paths(page, "dots-IDP"):
        assert land.contains(item.geometry)


def test_a_dot_map_has_its_tile_layer(layered) -> None:
    style = style_json(layered(*LAYERS["dots"]), tiles_url="/t/{z}/{x}/{y}.mvt")
    assert "dots" in [layer["id"] for layer in style["layers"]]


def test_every_dot_is_in_the_tile_of_the_world(layered, xaa) -> None:
    from mapbox_vector_tile import decode

    scene = layered(*LAYERS["dots"])
    geometry = TileGeometry.of(xaa, 1)
    tile = decode(map_tile(scene_values(scene, geometry), geometry, 0, 0, 0))
    dots = [feature["properties"] for feature in tile["dots"]["features"]]
    assert len(dots) == 60 + 17 + 4 + 20
    assert {dot["group"] for dot in dots} == {"IDP", "REF"}


def test_the_one_file_map_has_the_dots_and_says_what_they_are(layered) -> None:
    page = scene_html(layered(*LAYERS["dots"]))
    assert "1 dot = 20 people" in page
    assert "Where a dot lies is not where people are" in page
    assert page.count("MultiPolygon") >= 4  # one shape for each group in each unit


def test_the_one_file_map_explains_two_variables_and_names_the_date_it_shows(layered) -> None:
    square = scene_html(layered(*LAYERS["bivariate"]))
    assert "none reported" in square
    assert "#fbf4df" in square
    panels = scene_html(layered(*LAYERS["multiples"]))
    assert "<h3>31 December 2020</h3>" in panels


# --- sectors --------------------------------------------------------------------------------------


def test_each_unit_has_its_signs_with_their_numbers(layered) -> None:
    page = draw_page(layered(*LAYERS["sectors"]))
    layer = next(layer for layer in page.layers if layer.id == "presence")
    signs = [
        i.role for i in layer.items if isinstance(i, PathItem) and i.role.startswith("sector-")
    ]
    assert sorted(r for r in signs if r != "sector-picture") == [
        "sector-SHL",
        "sector-SHL",
        "sector-WSH",
    ]
    assert [item.text for item in texts(page, "sector-count")] == ["1", "1", "1"]


def test_signs_stand_in_their_unit(layered) -> None:
    page = draw_page(layered(*LAYERS["sectors"]))
    land = paths(page, "focus")[0].geometry
    layer = next(layer for layer in page.layers if layer.id == "presence")
    wsh = next(item.geometry for item in layer.items if item.role == "sector-WSH")
    x0, _, x1, _ = land.bounds
    assert x0 < wsh.centroid.x < x0 + (x1 - x0) / 3  # Norda is the western third
    assert land.contains(wsh)


# --- several maps ---------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["A4", "A4-portrait", "A5"])
def test_panels_show_the_same_ground_at_the_same_scale(layered, paper: str) -> None:
    page = draw_page(layered(*LAYERS["multiples"]), PAPERS[paper])
    panels = [layer for layer in page.layers if layer.id.startswith("panel-")]
    assert len(panels) == 2
    outlines = [next(i.geometry for i in layer.items if i.role == "area-XA01") for layer in panels]
    sizes = [np.diff(np.reshape(o.bounds, (2, 2)), axis=0) for o in outlines]
    assert sizes[0] == pytest.approx(sizes[1])
    frames = [next(i.geometry for i in layer.items if i.role == "frame") for layer in panels]
    offsets = [
        np.subtract(o.bounds[:2], f.bounds[:2]) for o, f in zip(outlines, frames, strict=True)
    ]
    assert offsets[0] == pytest.approx(offsets[1])
    assert frames[0].intersection(frames[1]).area == 0


def test_circles_of_all_panels_and_the_legend_share_one_scale(layered) -> None:
    page = draw_page(layered(*LAYERS["multiples"]))
    drawn = [item for item in page.paths if item.role.startswith("circle-")]
    keyed = paths(page, "legend-circle")
    per_person = [i.geometry.area / i.value for i in drawn + keyed if i.value]
    assert len(drawn) == 5  # 100 in June; 1,200, 340, 70 and 400 in December
    assert per_person == pytest.approx([per_person[0]] * len(per_person), rel=5e-3)


@pytest.mark.parametrize("count", [2, 3, 5, 8, 12])
@pytest.mark.parametrize("paper", ["A4", "A3-portrait"])
def test_any_number_of_panels_fits_side_by_side(layered, count: int, paper: str) -> None:
    scene = layered(*LAYERS["multiples"])
    panels = tuple(replace(scene.panels[i % 2], title=f"Day {i}") for i in range(count))
    page = draw_page(replace(scene, panels=panels), PAPERS[paper])
    frames = [item.geometry for item in paths(page, "frame")]
    assert len(frames) == count
    for one, other in combinations(frames, 2):
        assert one.intersection(other).area < 1e-6
    legend = next(layer for layer in page.layers if layer.id == "legend")
    covered = shapely.union_all(frames)
    assert not any(
        covered.intersects(box(*item.box)) for item in legend.items if isinstance(item, TextItem)
    )


def test_a_unit_without_a_figure_is_hatched_in_its_panel_alone(layered) -> None:
    page = draw_page(layered(LayerSpec("choropleth", ("IDP",), per="population", every_date=True)))
    hatched = [
        any(i.role == "hatch" for i in layer.items)
        for layer in page.layers
        if layer.id.startswith("panel-")
    ]
    assert hatched == [True, False]


# --- the matrix -----------------------------------------------------------------------------------


def matrix(organisations: int, places: int, sectors: int) -> PresenceMatrix:
    random = np.random.default_rng(organisations * places * sectors)
    codes = SECTORS[:sectors]
    rows = []
    for i in range(organisations):
        cells = tuple(
            tuple(SectorCount(code, 1, bool(i % 9 == 0)) for code in codes if random.random() < 0.3)
            for _ in range(places)
        )
        name = f"Association with the long name {i}" if i % 5 == 0 else f"ORG-{i:03d}"
        rows.append(MatrixRow(name, name, cells))
    return PresenceMatrix(
        title="Organisations present",
        subtitle="in 2020",
        note="An empty cell: not reported",
        inferred="Outline: inferred",
        organisations="Organisations",
        total="Organisations in the area",
        places=tuple(
            (f"XA{j:02d}", f"North-Western Province {j}" if j % 4 == 0 else f"Region {j}")
            for j in range(places)
        ),
        rows=tuple(rows),
        totals=tuple(int(n) for n in random.integers(0, organisations + 1, places)),
        sectors=tuple(SectorKey(code, f"Sector {code}") for code in codes),
    )


@pytest.mark.parametrize(
    ("size", "paper"),
    [
        ((1, 1, 1), "A4"),
        ((11, 9, 7), "A4"),
        ((80, 20, 12), "A4"),
        ((40, 30, 19), "A3"),
        ((25, 9, 12), "A5-portrait"),
        ((300, 12, 5), "A4-portrait"),
    ],
)
def test_a_matrix_of_any_size_fits_its_page_without_overlap(layered, size, paper: str) -> None:
    scene = replace(layered(*LAYERS["matrix"]), matrix=matrix(*size))
    page = draw_page(scene, PAPERS[paper])
    for a, b in combinations(page.texts, 2):
        assert box(*a.box).intersection(box(*b.box)).area < 1e-6, (a.text, b.text)
    table = next(layer for layer in page.layers if layer.id == "matrix")
    signs = [
        item.geometry
        for item in table.items
        if isinstance(item, PathItem)
        and item.role.startswith("sector-")
        and "pict" not in item.role
    ]
    if signs:
        one, other = shapely.STRtree(signs).query(signs, predicate="overlaps")
        assert not len(one[one != other])
    top = paths(page, "top-bar")[0].geometry.bounds[3]
    floor = paths(page, "bottom-bar")[0].geometry.bounds[1]
    bounds = shapely.total_bounds(np.array([i.geometry for i in table.items if i.role == "rule"]))
    assert top < bounds[1]
    assert bounds[3] < floor


def test_eighty_organisations_in_twenty_regions_and_twelve_sectors_are_all_on_a4(layered) -> None:
    scene = replace(layered(*LAYERS["matrix"]), matrix=matrix(80, 20, 12))
    page = draw_page(scene, PAPERS["A4"])
    rows = [item for item in texts(page, "matrix-name") if not item.style.bold]
    assert len(rows) == 80
    assert not any(item.text.startswith("+") for item in rows)


def test_organisations_beyond_the_page_share_a_row_that_counts_them(layered) -> None:
    scene = replace(layered(*LAYERS["matrix"]), matrix=matrix(300, 12, 5))
    page = draw_page(scene, PAPERS["A4-portrait"])
    rows = [item.text for item in texts(page, "matrix-name") if not item.style.bold]
    left_out = next(int(text[1:]) for text in rows if text.startswith("+"))
    assert len(rows) - 1 + left_out == 300


def test_a_sector_has_the_same_place_in_every_cell(layered) -> None:
    scene = replace(layered(*LAYERS["matrix"]), matrix=matrix(11, 9, 7))
    page = draw_page(scene, PAPERS["A4"])
    rules = sorted(
        item.geometry.bounds[0]
        for item in paths(page, "rule")
        if item.geometry.bounds[0] == item.geometry.bounds[2]
    )
    layer = next(layer for layer in page.layers if layer.id == "matrix")
    for code in SECTORS[:7]:
        at = {
            round(
                item.geometry.centroid.x - max(r for r in rules if r < item.geometry.centroid.x), 3
            )
            for item in layer.items
            if item.role == f"sector-{code}"
        }
        assert len(at) == 1, code


def test_a_text_read_from_below_turns_and_is_not_mirrored() -> None:
    item = TextItem("Norda", 50, 100, TextStyle(8), upwards=True)
    x0, y0, x1, y1 = item.box
    assert (x1 - x0) < (y1 - y0)
    assert y1 == 100
    (other,) = mirrored([item], 200)
    assert isinstance(other, TextItem)
    a, b = item.box, other.box
    assert (b[0], b[2]) == pytest.approx((200 - a[2], 200 - a[0]))
    assert (a[1], a[3]) == (b[1], b[3])
