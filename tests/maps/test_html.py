import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import maps
from maps.html import scene_html
from maps.html_geometry import Arcs, geojson_geometries
from maps.scene import PlaceLabel, TableTwin
from maps.web_view import ScreenView

ASSETS = Path(maps.__file__).parent / "assets"
LEAFLET = ASSETS / "leaflet"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "</script><script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "`;alert(1);//",
    "{{ 7*7 }}{% raw %}",
    "<!--<script>",
    "javascript:alert(1)",
    "\u2028alert(1)",
)
ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "background"}


class Elements(HTMLParser):
    """Every element with its attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self._open = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open in self.inside:
            self.inside[self._open][-1] += data


def elements(page: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(sorted(about))) for tag, about in Elements(page).found]


@pytest.mark.parametrize(
    ("library", "files"),
    [
        ("leaflet", {"leaflet.js", "leaflet.css", "LICENSE"}),
        ("maplibre", {"maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css", "LICENSE"}),
    ],
)
def test_a_vendored_library_is_what_its_readme_says(library, files):
    folder = ASSETS / library
    readme = (folder / "README.md").read_text("utf-8")
    stated = dict(re.findall(r"\| `([\w.-]+)` \| `([0-9a-f]{64})` \|", readme))
    assert set(stated) == files
    for name, digest in stated.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_no_element_style_or_script_asks_for_anything_outside_the_page(make_scene):
    page = Elements(scene_html(make_scene()))
    assert not [about for _, about in page.found if ADDRESSES & set(about)]
    assert not re.findall(r"url\((?!#)", "".join(page.inside["style"]))
    assert "@import" not in "".join(page.inside["style"])
    assert "sourceMappingURL" not in "".join(page.inside["script"])


def test_the_same_scene_gives_the_same_bytes(make_scene):
    assert scene_html(make_scene()) == scene_html(make_scene())


def test_the_policy_allows_exactly_the_scripts_and_styles_in_the_page(make_scene):
    from base64 import b64encode

    page = Elements(scene_html(make_scene()))
    policy = next(about["content"] for _, about in page.found if "http-equiv" in about)
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for kind in ("script", "style"):
        written = {
            f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in page.inside[kind]
        }
        assert written == set(parts[f"{kind}-src"].split())
    assert parts["default-src"] == "'none'"
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_wherever_it_stands(make_scene, name):
    tame = make_scene()
    wild = make_scene(
        heading=name,
        title=name,
        as_of=name,
        disclaimers=(name,),
        sources=(name,),
        footnotes=(name,),
        created_text=name,
        alt_text=name,
        twins=(TableTwin(name, (name, "IDPs", "Refugees"), ((name, "1,200", "300"),) * 2),),
        labels=(PlaceLabel(name, "focus", 11.5, 11.6, 0), *tame.labels[1:]),
        line_keys=(("agreed", name), ("disputed", name)),
    )
    page = scene_html(wild)
    assert elements(page) == elements(scene_html(tame))
    assert Elements(page).inside["title"] == [f"{name} ({name})"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_in_the_data_is_json_and_no_code(make_scene, name):
    tame = make_scene()
    marks = {
        layer: tuple(replace(mark, text=name) for mark in getattr(tame, layer))
        for layer in ("fills", "symbols", "flows", "presence", "labels")
    }
    page = Elements(scene_html(make_scene(**marks)))
    _, _, script = page.inside["script"]
    said, rest = script.split("\n", 1)
    texts, _ = json.loads(f"[{said.removeprefix('sitmap.say(').removesuffix(');')}]")
    assert name in texts
    assert name not in rest
    assert "<" not in said


def test_a_name_is_never_read_as_a_template(make_scene):
    name = "{{ 7 * 191 }}{% if 1 %}{# #}"
    label = PlaceLabel(name, "focus", 11.5, 11.6, 0)
    page = scene_html(make_scene(title=name, labels=(label,)))
    assert "1337" not in page
    assert page.count(name) >= 2


def test_the_tables_are_in_the_page_with_headers_for_rows_and_columns(make_scene):
    page = scene_html(make_scene())
    assert '<th scope="row">Norda</th>' in page
    assert '<th scope="col" class="number">IDPs</th>' in page
    assert '<td class="number">1,200</td>' in page
    assert "not reported" in page


def test_the_legend_has_the_scenes_words_and_is_open(make_scene):
    page = scene_html(make_scene())
    assert "<details open>" in page
    legend = page[page.index("<details open>") : page.index("</details>")]
    for words in ("up to 10", "over 10 to 40", "Not reported", "1,000", "Refugees", "1 to 2"):
        assert f">{words}<" in legend
    for colour in ("#fef1d1", "#c06e43", "#e5e5e5", "#00b398"):
        assert colour in legend


def test_circles_of_legend_and_map_have_areas_in_proportion_to_their_values(make_scene):
    scene = make_scene()
    view = ScreenView(scene)
    for circles in view.circles:
        for circle in circles:
            assert circle.radius**2 / circle.part.value == pytest.approx(view.radius(1) ** 2)
    page = scene_html(scene)
    radii = [float(r) for r in re.findall(r'r="([\d.]+)" fill="none" stroke="#4d4d4d"', page)]
    assert radii[0] ** 2 / radii[1] ** 2 == pytest.approx(1000 / 250, rel=0.03)


def test_a_page_in_arabic_runs_from_right_to_left(make_scene):
    page = scene_html(make_scene(lang="ar", direction="rtl"))
    assert '<html lang="ar" dir="rtl">' in page
    assert "rightToLeft: true" in page


def test_with_scripts_off_the_printed_picture_is_there(make_scene):
    svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'
    page = scene_html(make_scene(), picture_svg=svg)
    assert '<noscript><div class="picture"><svg xmlns' in page
    assert "<?xml" not in page


def test_links_to_other_forms_are_there_only_where_they_are_asked_for(make_scene):
    assert "<nav>" not in scene_html(make_scene())
    assert '<a href="situation.pdf">PDF</a>' in scene_html(make_scene(), link_base="situation")


def test_a_scene_without_marks_is_still_a_page(make_scene):
    empty = dict.fromkeys(("fills", "symbols", "flows", "nodes", "presence", "labels", "lines"), ())
    page = scene_html(make_scene(**empty, choropleth_legend=None, symbol_legend=None))
    assert "sitmap.start" in page


def test_a_small_map_stays_small(make_scene):
    page = gzip.compress(scene_html(make_scene()).encode())
    library = gzip.compress((LEAFLET / "leaflet.js").read_bytes())
    assert len(page) - len(library) < 20_000


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_a_border_stays_one_line_in_both_areas_and_in_the_boundary(seed, tolerance):
    rng = np.random.default_rng(seed)
    border = np.column_stack([rng.uniform(-0.2, 0.2, 30), np.linspace(0, 4, 30)])
    west = shapely.Polygon([*border, (-3, 4), (-3, 0)])
    east = shapely.Polygon([*border, (3, 4), (3, 0)])
    shapes = [west, east, shapely.LineString(border)]
    left, right, line = geojson_geometries(shapes, tolerance=tolerance, decimals=3)
    rings = [{tuple(xy) for xy in g["coordinates"][0][0]} for g in (left, right)]
    drawn = {tuple(xy) for xy in line["coordinates"][0]}
    assert drawn == rings[0] & rings[1]
    assert len(drawn) <= 30
    if tolerance == 0:
        assert len(drawn) == 30


def walked(steps: str) -> list[tuple[int, int]]:
    """Read an encoded line back, as the page does."""
    numbers, number, shift = [], 0, 0
    for letter in steps:
        bits = ord(letter) - 63
        number |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(~(number >> 1) if number & 1 else number >> 1)
            number = shift = 0
    xs, ys = (list(np.cumsum(numbers[i::2]).tolist()) for i in (0, 1))
    return list(zip(xs, ys, strict=True))


def put_together(arcs: Arcs, chain: list[int]) -> list[tuple[int, int]]:
    lines = [walked(text) for text in arcs.encoded()]
    whole: list[tuple[int, int]] = []
    for number in chain:
        line = lines[number] if number >= 0 else lines[-1 - number][::-1]
        whole += line[1:] if whole else line
    return whole


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_shapes_put_together_from_arcs_are_the_shapes_and_a_border_is_one_arc(seed, size):
    rng = np.random.default_rng(seed)
    knots = rng.integers(-40, 40, (size + 1, size + 1, 2)) + 100 * np.stack(
        np.meshgrid(np.arange(size + 1), np.arange(size + 1)), axis=-1
    )
    cells = [
        [[knots[i, j], knots[i, j + 1], knots[i + 1, j + 1], knots[i + 1, j], knots[i, j]]]
        for i in range(size)
        for j in range(size)
    ]
    shapes = [{"type": "MultiPolygon", "coordinates": [np.array(cell).tolist()]} for cell in cells]
    arcs = Arcs(shapes, decimals=0)
    used: list[int] = []
    for shape, written in zip(shapes, arcs.geometries, strict=True):
        ring = [tuple(point) for point in shape["coordinates"][0][0]]
        again = put_together(arcs, written["coordinates"][0][0])
        assert again[0] == again[-1]
        start = ring.index(again[0])
        assert again[:-1] == [*ring[start:-1], *ring[:start]]
        used += [max(number, -1 - number) for number in written["coordinates"][0][0]]
    inner = [number for number in set(used) if used.count(number) == 2]
    assert max(used.count(number) for number in used) <= 2
    assert len(inner) >= 2 * size * (size - 1) - 4 * size
