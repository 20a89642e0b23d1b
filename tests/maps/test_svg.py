"""An SVG that nothing can be smuggled into, and the pictures and PDF made from it."""

import re
import struct
import unicodedata
from xml.etree import ElementTree as ET

import numpy as np
import pypdfium2
import pytest
import svg2pdf_py
from shapely import Point, box

from maps.display import Layer, Page, PathItem, TextItem
from maps.legend import legend_json, legend_svg
from maps.page import draw_page
from maps.pdf import _font_database, svg_pdf
from maps.pdf_tidy import tidy
from maps.png import svg_png
from maps.spec import PAPERS
from maps.svg import page_svg
from maps.text import TextStyle

LAEA = "+proj=laea +lat_0=11 +lon_0=11.75 +datum=WGS84 +units=m"
HOSTILE = '<img src=x onerror="alert(1)">&\x00\x1b]]></text><script>alert(1)</script>'

ALLOWED = {
    "svg": {"width", "height", "viewBox", "role", "lang", "aria-labelledby"},
    "title": {"id"},
    "desc": {"id"},
    "g": {"id", "opacity", "fill", "stroke-linejoin"},
    "rect": {"width", "height", "fill"},
    "path": {
        "d",
        "fill",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-linejoin",
        "stroke-linecap",
        "stroke-dasharray",
        "opacity",
    },
    "text": {
        "x",
        "y",
        "font-size",
        "fill",
        "fill-opacity",
        "text-anchor",
        "transform",
        "font-family",
        "font-weight",
        "font-style",
    },
    "tspan": {"x", "font-family", "font-weight", "font-style", "direction", "unicode-bidi"},
}


@pytest.fixture(scope="module")
def scene(make_scene):
    return make_scene(projection=LAEA)


@pytest.fixture(scope="module")
def svg(scene) -> str:
    return page_svg(draw_page(scene))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own document


def elements(svg: str):
    for element in parsed(svg).iter():
        yield element.tag.removeprefix("{http://www.w3.org/2000/svg}"), element


def pdf_text(svg: str) -> str:
    page = pypdfium2.PdfDocument(svg_pdf(svg))[0]
    return str(page.get_textpage().get_text_range())


def hostile(make_scene):
    return make_scene(
        projection=LAEA, title=HOSTILE, heading=HOSTILE, alt_text=HOSTILE, footnotes=(HOSTILE,)
    )


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_only_known_elements_and_attributes_occur(make_scene, lang):
    arabic = {"lang": "ar", "direction": "rtl", "title": "النازحون (2020)"} if lang == "ar" else {}
    for scene in (make_scene(projection=LAEA, **arabic), hostile(make_scene)):
        for document in (page_svg(draw_page(scene)), legend_svg(scene)):
            for tag, element in elements(document):
                assert tag in ALLOWED
                assert set(element.attrib) <= ALLOWED[tag], tag


def test_hostile_words_stay_words(make_scene):
    document = page_svg(draw_page(hostile(make_scene)))
    assert "<script" not in document
    assert "<img" not in document
    assert "\x00" not in document
    assert parsed(document).find("{*}desc").text == HOSTILE.replace("\x00", "").replace("\x1b", "")


def test_nothing_is_loaded_from_elsewhere(svg):
    assert "href" not in svg
    assert "url(" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_title_and_description_are_what_a_screen_reader_says(svg, scene):
    root = parsed(svg)
    assert root.attrib["role"] == "img"
    assert root.find("{*}desc").text == scene.alt_text
    assert root.find("{*}title").text == f"{scene.heading} – {scene.title}"


def test_the_same_scene_gives_the_same_svg_and_png_bytes(scene, svg):
    again = page_svg(draw_page(scene))
    assert again == svg
    assert svg_png(again, width=400) == svg_png(svg, width=400)


def numbers(data: str) -> np.ndarray:
    return np.array(re.findall(r"-?[0-9.]+", data), dtype=float).reshape(-1, 2)


def group(svg: str, name: str) -> list[ET.Element]:
    return list(parsed(svg).find(f"{{*}}g[@id='{name}']"))


def test_flow_widths_measured_in_the_svg_are_linear_in_value(make_scene):
    from maps.scene import FlowMark, Node

    nodes = tuple(
        Node(f"{side}{i}", f"{side}{i}", lon, 10.2 + 0.5 * i, "site")
        for i in range(4)
        for side, lon in (("W", 10.2), ("E", 12.8))
    )
    values = (100, 200, 300, 400)
    flows = tuple(
        FlowMark(f"W{i}", f"E{i}", "IDP", "new", value, "#00b398", "", "")
        for i, value in enumerate(values)
    )
    scene = make_scene(
        projection=LAEA, nodes=nodes, flows=flows, symbols=(), labels=(), presence=()
    )
    bands = [p for p in group(page_svg(draw_page(scene)), "flows") if p.attrib["fill"] == "#00b398"]
    widths = sorted(
        # The outline runs along one side of the trunk and back along the other.
        float(np.hypot(*(points[0] - points[-1])))
        for points in (numbers(band.attrib["d"]) for band in bands)
    )
    assert widths == pytest.approx([0.6 + 5.4 * value / 400 for value in values], abs=0.02)


def test_circle_areas_measured_in_the_svg_are_proportional_to_value(svg):
    areas = []
    for circle in group(svg, "symbols"):
        x, y = numbers(circle.attrib["d"]).T
        areas.append(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)
    assert np.array(sorted(areas)) / max(areas) == pytest.approx(
        [75 / 1200, 300 / 1200, 1], rel=0.02
    )


@pytest.mark.parametrize("paper", ["A5", "A4", "A3-portrait"])
def test_every_text_is_found_once_in_the_pdf(make_scene, paper):
    scene = make_scene(
        projection=LAEA,
        title="Réfugiés à Mangaïzé – l’été",
        footnotes=("Le chiffre de Séna (1 200) est « provisoire ».",),
    )
    page = draw_page(scene, PAPERS[paper])
    left = " ".join(pdf_text(page_svg(page)).split())
    # Longest first: a short figure may be part of a longer text, but never the other way round.
    for text in sorted((" ".join(item.text.split()) for item in page.texts), key=len, reverse=True):
        assert text in left, text
        left = left.replace(text, "\n", 1)
    assert left.split() == []


def test_wide_set_and_haloed_words_are_one_word_in_the_pdf():
    style = TextStyle(12, bold=True, tracking=300)
    items = (
        TextItem("XAALAND", 50, 20, style, anchor="middle", halo="#FFFFFF"),
        TextItem("Mangaïzé", 50, 40, TextStyle(8), halo="#FFFFFF"),
    )
    page = Page(100, 60, (Layer("labels", items),), "t", "d", "en")
    assert pdf_text(page_svg(page)).split() == ["XAALAND", "Mangaïzé"]


def test_arabic_is_read_back_from_the_pdf_in_its_order():
    text = "حالة إكسا (28 فبراير 2017)"
    item = TextItem(text, 90, 20, TextStyle(12), anchor="end")
    page = Page(100, 60, (Layer("titles", (item,)),), "t", "d", "ar", "rtl")
    assert unicodedata.normalize("NFKC", pdf_text(page_svg(page)).strip()) == text


def test_the_pdf_has_the_size_of_the_paper_and_embeds_its_fonts(svg):
    pdf = svg_pdf(svg)
    width, height = pypdfium2.PdfDocument(pdf)[0].get_size()
    assert (width, height) == pytest.approx((297 / 25.4 * 72, 210 / 25.4 * 72), abs=0.01)
    assert b"/FontFile" in pdf
    assert b"/Subtype /Image" not in pdf
    assert len(pdf) < 1_000_000


def test_the_same_svg_gives_the_same_pdf_bytes(svg):
    # The library's own order of fonts changes from call to call: three alike are no accident.
    assert len({svg_pdf(svg) for _ in range(3)}) == 1


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_tidied_pdf_shows_and_says_what_it_did_before(make_scene, lang):
    arabic = {"lang": "ar", "direction": "rtl", "title": "النازحون (2020)"} if lang == "ar" else {}
    document = page_svg(draw_page(make_scene(projection=LAEA, **arabic)))
    before = bytes(svg2pdf_py.svg_to_pdf(document, _font_database()))
    after = tidy(before)
    pages = [pypdfium2.PdfDocument(pdf)[0] for pdf in (before, after)]
    texts = [page.get_textpage().get_text_range() for page in pages]
    pictures = [np.asarray(page.render(scale=1).to_pil()).astype(int) for page in pages]
    assert texts[0] == texts[1]
    assert (np.abs(pictures[0] - pictures[1]) > 16).mean() < 1e-3  # hundredths of a millimetre
    assert len(after) < 0.95 * len(before)


def test_a_png_has_the_size_asked_for(svg):
    def size(png: bytes) -> tuple[int, int]:
        return struct.unpack(">II", png[16:24])

    assert size(svg_png(svg, width=640))[0] == 640
    assert size(svg_png(svg, dpi=100)) == pytest.approx((1169.3, 826.8), abs=1)


def test_a_shape_is_written_in_hundredths_of_a_millimetre():
    item = PathItem(box(1.23456, 2, 3, 4), fill="#FFFFFF")
    nothing = PathItem(Point(1, 1), fill="#FFFFFF")
    page = Page(10, 10, (Layer("a", (item, nothing)),), "t", "d", "en")
    paths = [element.attrib["d"] for tag, element in elements(page_svg(page)) if tag == "path"]
    assert paths == ["M3 2L3 4L1.23 4L1.23 2Z"]


def test_the_legend_alone_has_the_maps_words_and_colours(scene):
    document = legend_svg(scene)
    words = " ".join(e.text or "" for tag, e in elements(document) if tag == "text")
    fills = {e.attrib.get("fill") for tag, e in elements(document) if tag == "path"}
    for text in (*scene.choropleth_legend.labels, *scene.symbol_legend.labels, "Not reported"):
        assert text in words
    assert set(scene.choropleth_legend.colours) <= fills


def test_the_legend_as_data_gives_classes_without_gap(scene):
    classes = legend_json(scene)["choropleth"]["classes"]
    assert [(c["above"], c["up_to"]) for c in classes] == [(None, 10.0), (10.0, 40.0)]
    assert legend_json(scene)["symbols"]["groups"][0]["group"] == "IDP"
