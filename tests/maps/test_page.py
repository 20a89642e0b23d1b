"""A page: furniture in its place, figures to scale, nothing on top of anything it must not cover."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from shapely import box

from maps.display import Page, PathItem, TextItem
from maps.page import draw_page
from maps.scene import FlowMark, Node, PlaceLabel, PresenceMark, Scene
from maps.spec import PAPERS
from maps.symbology import Symbology

LAEA = "+proj=laea +lat_0=11 +lon_0=11.75 +datum=WGS84 +units=m"

ARABIC = {
    "lang": "ar",
    "direction": "rtl",
    "heading": "الوضع في إكسا",
    "title": "النازحون داخليًا",
    "as_of": "حتى 31 ديسمبر 2020",
    "disclaimers": ("الحدود المبينة في هذه الخريطة مختلقة.",),
    "created_text": "أُعدّت الخريطة في 15 يناير 2021",
}


@pytest.fixture(scope="module")
def scenes(make_scene, xaa) -> dict[str, Scene]:
    """The invented map in English and Arabic, with more names than have room."""
    shapes = xaa.at(1).set_index("pcode")["geometry"]
    names = {"XA01": "Norda", "XA02": "Séna", "XA03": "Tamar"}
    labels = (
        PlaceLabel("Xaaland", "focus", 11.5, 11.6, 0, box(10, 10, 13, 12)),
        *(PlaceLabel(n, "unit", 0, 0, 4, shapes[code]) for code, n in names.items()),
        PlaceLabel("Xbbia", "country", 14.0, 10.5, 1, box(13, 10, 15, 12)),
        PlaceLabel("Xaa-Ville", "capital", 11.2, 10.8, 1),
        *(PlaceLabel(f"Town {i}", "town", 10.2 + 0.25 * i, 10.3, 6) for i in range(10)),
        PlaceLabel("Ossa camp", "site", 12.4, 11.3, 3),
    )
    english = make_scene(
        projection=LAEA,
        labels=labels,
        place_keys=(("capital", "Capital"), ("site", "Camp")),
        footnotes=tuple(f"Footnote {i}: " + "a long sentence " * 9 for i in range(3)),
    )
    return {"en": english, "ar": replace(english, **ARABIC)}


@pytest.fixture(
    scope="module",
    params=[
        "en A4",
        "ar A4",
        "en A5",
        "ar A3",
        "en A4-portrait",
        "ar A5-portrait",
        "en A3-portrait",
    ],
)
def page(request, scenes) -> Page:
    lang, paper = request.param.split()
    return draw_page(scenes[lang], PAPERS[paper])


@pytest.fixture(scope="module")
def a4(scenes) -> Page:
    return draw_page(scenes["en"])


def texts(page: Page, role: str) -> list[TextItem]:
    return [item for item in page.texts if item.role == role]


def paths(page: Page, role: str) -> list[PathItem]:
    return [item for item in page.paths if item.role == role]


def layer(page: Page, name: str):
    return next(layer for layer in page.layers if layer.id == name)


def test_no_text_lies_on_another(page):
    for a, b in combinations(page.texts, 2):
        assert box(*a.box).intersection(box(*b.box)).area < 1e-6, (a.text, b.text)


def test_no_text_leaves_the_margins(page):
    for item in page.texts:
        x0, y0, x1, y1 = item.box
        assert x0 >= 9.9, item.text
        assert x1 <= page.width - 9.9, item.text
        assert y0 >= 5, item.text
        assert y1 <= page.height - 4.5, item.text


def test_no_text_is_smaller_than_the_guideline_allows(page):
    smallest = 6 if max(page.width, page.height) <= 210 else 7
    assert min(item.style.size for item in page.texts) >= smallest


def test_no_label_lies_on_the_legend_the_globe_or_the_scale(page):
    panels = [item.geometry for item in paths(page, "panel") + paths(page, "globe-frame")]
    for item in layer(page, "labels").items:
        assert not any(panel.intersects(box(*item.box)) for panel in panels), item.text


def test_no_name_covers_a_circle(page):
    circles = [i.geometry for i in page.paths if i.role.startswith("circle-")]
    for item in layer(page, "labels").items:
        if item.role.startswith("name-"):
            label = box(*item.box)
            assert sum(c.intersection(label).area for c in circles) < 0.12 * label.area, item.text


def test_the_map_lies_between_the_bars(page):
    frame = paths(page, "frame")[0].geometry.bounds
    assert paths(page, "top-bar")[0].geometry.bounds[1] < frame[1]
    assert frame[3] < paths(page, "bottom-bar")[0].geometry.bounds[1]
    assert frame[0] == pytest.approx(10)
    assert frame[2] == pytest.approx(page.width - 10)
    for item in layer(page, "land").items + layer(page, "flows").items:
        assert box(*frame).buffer(0.01).contains(item.geometry)


def test_every_text_of_the_scene_is_on_the_page(page, scenes):
    scene = scenes[page.lang]
    words = " ".join(" ".join(item.text for item in page.texts).split())
    for text in (scene.title, scene.as_of, *scene.disclaimers, *scene.sources, scene.created_text):
        assert text in words
    for text in scene.footnotes:
        assert text.strip() in words


def test_the_scale_bar_is_round_and_true_at_the_centre_of_the_map(page, scenes):
    bar = paths(page, "scale-bar")[0]
    assert str(int(bar.value / 1000)) == texts(page, "scale")[0].text.split()[0].replace(",", "")
    assert bar.value / 10 ** np.floor(np.log10(bar.value)) in (1, 2, 5)
    # Two points of the map whose true distance is known: corners of the focus country.
    corners = np.array([[10.0, 11.0], [13.0, 11.0]])
    true = Geod(ellps="WGS84").inv(*corners[0], *corners[1])[2]
    projected = Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform(*corners.T)
    metres = np.hypot(np.diff(projected[0]), np.diff(projected[1]))[0]
    x0, _, x1, _ = paths(page, "focus")[0].geometry.bounds
    wide = Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform(
        np.array([10.0, 13.0]), np.array([10.0, 10.0])
    )[0]
    per_mm = np.diff(wide)[0] / (x1 - x0) * true / metres
    assert bar.value / bar.geometry.length == pytest.approx(per_mm, rel=0.01)


def test_circles_and_their_legend_share_one_scale(page):
    drawn = [item for item in page.paths if item.role.startswith("circle-")]
    keyed = paths(page, "legend-circle")
    assert len(drawn) == 3
    per_person = [item.geometry.area / item.value for item in drawn + keyed]
    assert per_person == pytest.approx([per_person[0]] * len(per_person), rel=1e-3)


def test_bands_and_their_legend_share_one_linear_scale(page):
    symbology = Symbology.for_paper(PAPERS["A4"])
    assert symbology.band_width(200, 400) == pytest.approx(0.6 + 5.4 / 2)
    keyed = {item.value: item.geometry for item in paths(page, "legend-band")}
    cut = {
        value: shape.intersection(
            shapely.LineString([(shape.centroid.x, 0), (shape.centroid.x, page.height)])
        ).length
        for value, shape in keyed.items()
    }
    thin = 0.6
    assert (cut[400] - thin) / (cut[100] - thin) == pytest.approx(4, rel=1e-6)


def test_a_far_origin_is_a_stub_at_the_edge_with_its_name(page):
    stub = paths(page, "stub")[0].geometry.centroid
    frame = box(*paths(page, "frame")[0].geometry.bounds)
    assert frame.contains(stub)
    assert [item.text for item in texts(page, "name-end")].count("Xccora") == 1


def test_figures_of_all_circles_and_flows_are_written(a4):
    written = {item.text for item in texts(a4, "figure")}
    assert {"1,200", "300", "75", "400", "20"} <= written


def test_a_unit_without_a_figure_is_hatched_and_a_zero_is_not(a4):
    missing = next(i.geometry for i in a4.paths if i.role == "area-XA03")
    zero = next(i.geometry for i in a4.paths if i.role == "area-XA02")
    hatching = shapely.union_all(
        [i.geometry for i in layer(a4, "areas").items if i.role == "hatch"]
    )
    assert hatching.intersection(missing).length > 50
    assert hatching.intersection(zero.buffer(-0.1)).length == 0


def test_lines_are_drawn_once_and_disputed_ones_dashed(a4):
    lines = layer(a4, "lines").items
    assert len(lines) == 3
    dashed = [item for item in lines if item.dash]
    assert [item.role for item in dashed] == ["line-1-disputed"]
    widths = {item.role: item.stroke_width for item in lines}
    assert widths["line-0-agreed"] == 1.0
    assert widths["line-1-agreed"] == 0.5


def test_arabic_mirrors_the_furniture_but_not_the_map(scenes):
    english, arabic = (draw_page(scenes[lang]) for lang in ("en", "ar"))
    assert texts(english, "title")[0].anchor == "end"
    assert texts(arabic, "title")[0].anchor == "start"
    assert paths(english, "panel")[0].geometry.centroid.x < english.width / 2
    assert paths(arabic, "panel")[0].geometry.centroid.x > arabic.width / 2
    west = {}
    for name, page in (("en", english), ("ar", arabic)):
        areas = {i.role: i.geometry.centroid.x for i in page.paths if i.role.startswith("area-")}
        west[name] = areas["area-XA01"] < areas["area-XA02"] < areas["area-XA03"]
    assert west == {"en": True, "ar": True}


def test_the_same_scene_gives_the_same_page(scenes):
    assert draw_page(scenes["en"]) == draw_page(scenes["en"])


def test_a_map_without_layers_is_still_a_page(make_scene):
    bare = make_scene(
        projection=LAEA,
        fills=(),
        symbols=(),
        flows=(),
        nodes=(),
        presence=(),
        labels=(),
        choropleth_legend=None,
        symbol_legend=None,
        flow_legend=None,
        presence_legend=None,
        line_keys=(),
        world=(),
    )
    page = draw_page(bare)
    assert texts(page, "title")
    assert paths(page, "globe")


def test_flows_to_unknown_places_or_onto_themselves_are_not_drawn(make_scene):
    mark = FlowMark("XA01", "XA01", "IDP", "new", 10, "#00b398", "10", "")
    stray = replace(mark, destination="nowhere")
    page = draw_page(make_scene(projection=LAEA, flows=(mark, stray)))
    assert paths(page, "flow") == []


def test_many_partners_are_counted_and_cut_short(make_scene):
    orgs = tuple(f"ORG-{i:02d}" for i in range(40))
    mark = PresenceMark("XA02", "Séna", 11.5, 10.4, 40, orgs, (), "#0072bc", "Séna: 40")
    page = draw_page(make_scene(projection=LAEA, presence=(mark,), flows=(), symbols=()))
    assert texts(page, "presence-count")[0].text == "40"
    assert texts(page, "partners")[-1].text.endswith("…")


def test_a_partner_badge_stays_by_its_place(make_scene):
    marks = tuple(
        PresenceMark(code, code, lon, 11.0, 3, ("Long Name Trust", "ABC", "DEF"), (), "#0072bc", "")
        for code, lon in (("XA01", 10.5), ("XA02", 11.0), ("XA03", 11.5))
    )
    scene = make_scene(projection=LAEA, presence=marks, flows=(), symbols=(), labels=(), fills=())
    page = draw_page(scene)
    to_page = Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform
    badges = [item.geometry.centroid for item in paths(page, "presence")]
    x0, _, x1, _ = paths(page, "focus")[0].geometry.bounds
    west, east = to_page(10, 10)[0], to_page(13, 10)[0]
    assert len(badges) == 3
    for badge, mark in zip(badges, marks, strict=True):
        expected = x0 + (to_page(mark.lon, 11)[0] - west) / (east - west) * (x1 - x0)
        assert badge.x == pytest.approx(expected, abs=5)


def test_a_badge_outside_its_unit_is_led_to_its_place(make_scene):
    """A capital region is smaller than a badge: its star and another unit's badge stand there."""
    tiny = box(11.45, 10.95, 11.55, 11.05)
    marks = tuple(
        PresenceMark(code, name, 11.5, lat, 3, ("Long Name Trust", "ABC"), (), "#0072bc", "")
        for code, name, lat in (("XA02", "Séna", 11.02), ("XA09", "Capital", 11.0))
    )
    labels = (
        PlaceLabel("Capital", "unit", 11.5, 11.0, 1, tiny),
        PlaceLabel("Xaa", "capital", 11.5, 11.0, 0),
    )
    scene = make_scene(
        projection=LAEA, presence=marks, flows=(), symbols=(), labels=labels, fills=()
    )
    page = draw_page(scene)
    leaders = [i.geometry for i in paths(page, "presence-leader") if i.geometry.length > 0]
    badges = [i.geometry for i in paths(page, "presence")]
    lines = [line for line in leaders if line.geom_type == "LineString"]
    assert len(badges) == 2
    assert lines
    assert all(any(line.intersects(badge) for badge in badges) for line in lines)


def test_flow_figures_stand_on_or_beside_their_own_band(make_scene):
    nodes = tuple(
        Node(f"{side}{i}", f"{side}{i}", lon, 10.3 + 0.35 * i, "site")
        for i in range(4)
        for side, lon in (("W", 10.2), ("E", 12.8))
    )
    flows = tuple(
        FlowMark(f"W{i}", f"E{i}", "IDP", "new", 100.0 + i, "#00b398", f"{100 + i}", "")
        for i in range(4)
    )
    scene = make_scene(
        projection=LAEA, nodes=nodes, flows=flows, symbols=(), labels=(), presence=()
    )
    page = draw_page(scene)
    bands = {item.value: item.geometry for item in paths(page, "flow")}
    figures = [item for item in texts(page, "figure") if item.text in {f.label for f in flows}]
    assert len(figures) == 4
    for figure in figures:
        away = {value: band.distance(box(*figure.box)) for value, band in bands.items()}
        assert min(away, key=away.__getitem__) == float(figure.text)


def test_a_place_under_the_legend_becomes_a_stub_beside_it(scenes):
    """In portrait the legend lies over the south: a country there must not be lost under it."""
    scene = scenes["en"]
    south = Node("XS", "Xssia", 10.3, 8.3, "country")
    flow = FlowMark("XS", "XA01", "REF", "stock", 300, "#0072bc", "300", "")
    page = draw_page(
        replace(scene, nodes=(*scene.nodes, south), flows=(*scene.flows, flow)),
        PAPERS["A4-portrait"],
    )
    panels = shapely.union_all([i.geometry for i in paths(page, "panel")])
    for item in paths(page, "stub") + paths(page, "node"):
        assert not item.geometry.intersects(panels)
