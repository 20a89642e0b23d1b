"""One figure: what the table says, the tooltip, the legend's class, the CSV and the PDF say too.

A hundred maps nobody designed: random figures with zeros, gaps and secrets, random groups, days,
levels, classes and languages, drawn with a fixed seed.
"""

import contextlib
import csv
import datetime as dt
import io
import json
import random
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pypdfium2
import pytest

from boundaries.units import BoundarySet
from geo.counts import CountQuery, counts
from geo.release import ReleasedFigures
from geo.tables import UNIT_FIGURE_COLUMNS, typed_frame
from maps.compose import compose
from maps.errors import MapError
from maps.html import scene_html
from maps.messages import format_number, messages
from maps.page import draw_page
from maps.pdf import svg_pdf
from maps.scene import Scene
from maps.spec import LayerSpec, MapSpec
from maps.svg import page_svg
from maps.web_columns import scene_columns
from service.counting import Answer
from service.counts_files import counts_file

MAPS = 100
EACH = 10  # of the same figures
PRINTED = 6  # of them: a PDF takes longer than all the others together
DAYS = (dt.date(2020, 3, 31), dt.date(2020, 6, 30), dt.date(2020, 12, 31))
GROUPS = ("IDP", "REF", "RET")
STATES = ("figure",) * 7 + ("not_reported", "not_assessed", "suppressed")
TOWNS = pd.DataFrame(
    columns=["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind", "rank", "population"]
)  # fmt: skip


def random_figures(chance: random.Random, places: BoundarySet) -> pd.DataFrame:
    """Return figures of every unit, group and day, and inhabitants of every unit."""
    fixed = dict.fromkeys(UNIT_FIGURE_COLUMNS, "") | {
        "unplaced": False, "kind": "registered", "unit": "persons", "measure": "stock",
        "start": None, "qualifier": "exact", "basis": "stated", "sources": "survey",
    }  # fmt: skip
    rows = []
    for level in (1, 2):
        for code in places.at(level)["pcode"]:
            here = fixed | {"pcode": code, "level": level}
            people = float(chance.randint(500, 2_000_000))
            rows.append(here | {"group": "POP", "date": dt.date(2010, 4, 1), "value": people, "state": "figure"})  # fmt: skip
            for group in GROUPS:
                for day in DAYS:
                    state = chance.choice(STATES)
                    value = float(chance.choice((0, chance.randint(1, 99), int(10 ** chance.uniform(2, 6)))))  # fmt: skip
                    rows.append(here | {"group": group, "date": day, "state": state, "value": value if state == "figure" else float("nan")})  # fmt: skip
    return typed_frame(rows, UNIT_FIGURE_COLUMNS)


def random_spec(chance: random.Random) -> MapSpec:
    level, day = chance.choice((1, 2)), chance.choice(DAYS)
    shaded = LayerSpec(
        "choropleth",
        (chance.choice(GROUPS),),
        date=day,
        level=level,
        per=chance.choice(("population", "population", "area", "displaced")),
        per_unit=chance.choice((100, 1000, 10_000)),
        classes=chance.randint(2, 7),
        scheme=chance.choice(("fisher_jenks", "quantiles", "equal_interval")),
    )
    circles = LayerSpec("symbols", tuple(chance.sample(GROUPS, 2)), date=day, level=level)
    layers = chance.choice(((shaded,), (circles,), (shaded, circles)))
    return MapSpec("map", {"en": "A map"}, layers)


def composed(
    chance: random.Random, released: ReleasedFigures, xaa: BoundarySet
) -> tuple[MapSpec, ReleasedFigures, Scene]:
    """Return one random map; one whose figures are too few to be classed is thrown again."""
    while True:
        spec = random_spec(chance)
        lang = chance.choice(("en", "fr", "es", "ar"))
        with contextlib.suppress(MapError):
            return spec, released, compose(spec, released, xaa, xaa, TOWNS, lang=lang)


def counted(
    released: ReleasedFigures, places: BoundarySet, layer: LayerSpec, group: str
) -> dict[str, str]:
    """Return the CSV's values by P-code: digits, or "" where there is no figure."""
    query = CountQuery(layer.level, group, layer.date)
    answer = Answer(counts(released, places, query), "edition", "vintage")
    table = csv.DictReader(io.StringIO(counts_file(answer, "csv", None).decode()))  # type: ignore[arg-type]
    return {row["pcode"]: row["value"] for row in table}


def told(page: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the tooltips of a one-file map, and its areas with their colours."""
    texts, _ = json.JSONDecoder().raw_decode(page, page.index("sitmap.say(") + len("sitmap.say("))
    found = re.search(r"geo_json_areas_add\((\{.*\})\);", page)
    areas = json.loads(found[1])["features"] if found else []
    return texts, [each["properties"] for each in areas]


def in_words(cell: str, lang: str) -> str:
    """Return a number of the CSV as the tables write it."""
    return format_number(float(cell), lang)


def check_areas(
    scene: Scene, columns: dict[str, Any], page: str, csv_: dict[str, str], order: list[str]
) -> int:
    """Hold an area's class, table, tooltip, colour and CSV together; how many had a figure."""
    legend, areas = scene.choropleth_legend, columns["areas"]
    texts, drawn = told(page)
    shown = areas["shown"].split("|")
    (twin,) = [t for t in scene.twins if t.caption.startswith(legend.title) and len(t.columns) >= 5]
    table = {row[1]: row for row in twin.rows if row[1]}
    figures = 0
    for fill, area in zip(scene.fills, drawn, strict=True):
        unit = order.index(fill.pcode)
        row = table[fill.pcode]
        colour, label = areas["keys"][areas["key"][unit]]
        cell = areas["count"][unit]
        assert (in_words(cell, scene.lang) if isinstance(cell, int) else cell) == row[2]
        assert shown[unit] == row[-1]
        assert texts[area["text"]] == fill.text
        assert colour == fill.colour == area["colour"]
        assert fill.text.startswith(fill.name)
        if fill.state != "figure":
            assert csv_[fill.pcode] == ("0" if fill.state == "none_displaced" else "")
            assert label in {words for _, _, words in legend.empty}
            continue
        figures += 1
        assert in_words(csv_[fill.pcode], scene.lang) == row[2]
        assert row[2] in fill.text
        assert row[-1] in fill.text
        if fill.value == 0 and legend.zero:
            assert (colour, label) == legend.zero
            continue
        assert label == legend.labels[fill.klass]
        below = legend.upper[fill.klass - 1] if fill.klass else float("-inf")
        assert below < fill.value <= legend.upper[fill.klass]
    return figures


def check_circles(
    scene: Scene,
    columns: dict[str, Any],
    page: str,
    csvs: dict[str, dict[str, str]],
    order: list[str],
) -> int:
    """Hold a circle's figure, table, tooltip and CSV together; how many had a figure."""
    legend, symbols = scene.symbol_legend, columns["symbols"]
    texts, _ = told(page)
    (twin,) = [t for t in scene.twins if t.caption.startswith(legend.title)]
    table = {row[1]: row for row in twin.rows if row[1]}
    figures = 0
    for column, (key, group) in enumerate(zip(legend.keys, symbols["groups"], strict=True)):
        for code, row in table.items():
            unit = order.index(code)
            value = group["value"][unit]
            cell = group["said"].get(
                str(unit), group["empty"] if value is None else in_words(value, scene.lang)
            )
            assert cell == row[2 + column]
            number = csvs[key.group][code]
            assert (number == "") == (value is None)
            if value is None:
                continue
            figures += 1
            assert float(number) == value
            assert cell == in_words(number, scene.lang)
            (mark,) = [mark for mark in scene.symbols if mark.place == code]
            assert messages(scene.lang).counted(key.group, value) in mark.text
            drawn = any(part.value for part in mark.parts)  # zeros alone have no circle
            assert (mark.text in texts) == drawn
    return figures


@pytest.fixture(scope="module")
def hundred(
    xaa: BoundarySet, xaa_released: ReleasedFigures
) -> list[tuple[MapSpec, ReleasedFigures, Scene]]:
    chance = random.Random(20200630)  # noqa: S311 - maps nobody designed, no secrets
    bare = replace(
        xaa_released, flows=xaa_released.flows[:0], presence=xaa_released.presence[:0], sites=()
    )
    maps = []
    for _ in range(MAPS // EACH):
        released = replace(bare, figures=random_figures(chance, xaa))
        maps += [composed(chance, released, xaa) for _ in range(EACH)]
    return maps


def test_table_tooltip_legend_class_explorer_and_csv_say_the_same_of_a_hundred_maps(hundred, xaa):
    orders = {level: sorted(xaa.at(level)["pcode"]) for level in (1, 2)}
    figures = 0
    for spec, released, scene in hundred:
        columns = scene_columns(scene, spec.layers, orders)
        page = scene_html(scene)
        for layer in spec.layers:
            order = orders[layer.level]
            csvs = {group: counted(released, xaa, layer, group) for group in layer.groups}
            if layer.kind == "choropleth":
                figures += check_areas(scene, columns, page, csvs[layer.groups[0]], order)
            else:
                figures += check_circles(scene, columns, page, csvs, order)
    assert figures > 5 * MAPS  # the figures were there to be compared


def test_the_print_has_the_classes_of_the_legend_and_the_figures_of_the_circles(hundred):
    printed = [each for each in hundred if each[2].lang != "ar"][
        :PRINTED
    ]  # letters of Arabic are joined
    for _, _, scene in printed:
        document = pypdfium2.PdfDocument(svg_pdf(page_svg(draw_page(scene))))
        words = " ".join(document[0].get_textpage().get_text_range().split())
        if scene.choropleth_legend:
            for label in scene.choropleth_legend.labels:
                assert " ".join(label.split()) in words
        labels = {part.label for mark in scene.symbols for part in mark.parts if part.value}
        assert {label for label in labels if " ".join(label.split()) in words} == labels
