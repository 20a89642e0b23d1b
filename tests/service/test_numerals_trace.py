"""No numeral on a printed map is unaccounted for: figure, date, scale, class, or what its makers wrote."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from maps.messages import format_number, format_rate
from maps.page import draw_page
from maps.pdf import svg_pdf
from maps.scene import Scene
from maps.spec import MapSpec
from maps.svg import page_svg
from service.published import Published
from service.situation_file import load_situation

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {path.parent.name: path.parent for path in (ROOT / "examples").glob("*/situation.toml")}
MAPS = [
    (name, spec.id)
    for name, folder in sorted(EXAMPLES.items())
    for spec in load_situation(folder).maps
]
NUMERAL = re.compile(r"\d+(?:[,.]\d+)*")
SCALE = re.compile(r"([125][0,]*) k?m\b")  # that it is true is held by the tests of the page


def words(value: object) -> Iterator[str]:
    """Yield the numerals of all texts in what a person wrote."""
    if isinstance(value, dict):
        for each in value.values():
            yield from words(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from words(each)
    else:
        yield from NUMERAL.findall(str(value))


def days(*dates: date | None) -> Iterator[str]:
    for day in dates:
        if day is not None:
            yield from (str(day.day), str(day.year))


def figures(pub: Published) -> Iterator[str]:
    """Yield every released figure, as it is written; sums of the released are figures too."""
    released = pub.released
    for table in (released.figures, released.flows):
        for value in table["value"].dropna():
            yield format_number(float(value), "en")
        for name in ("date", "start"):
            yield from days(*(day for day in table[name] if isinstance(day, date)))
    yield from days(released.as_of, released.created, *(each.date for each in released.sources))


def texts(pub: Published, name: str) -> Iterator[str]:
    """Yield numerals of the situation file, the disclaimers and the boundaries' description."""
    yield from words((EXAMPLES[name] / "situation.toml").read_text("utf-8"))
    locales = ROOT / "maps" / "locales"
    yield from words(json.loads((locales / "disclaimers.json").read_text("utf-8")))
    yield from words(pub.released.vintage)


def drawn(pub: Published, spec: MapSpec, scene: Scene) -> Iterator[str]:
    """Yield what the map derives: rates, classes, reference sizes, counts and sums in its notes."""
    population = pub.released.figures[pub.released.figures["group"] == "POP"]
    inhabitants = dict(zip(population["pcode"], population["value"], strict=True))
    for fill in scene.fills:
        if fill.value is not None and fill.count is not None and inhabitants.get(fill.pcode):
            per = spec.layers[0].per_unit
            assert fill.value == pytest.approx(per * fill.count / inhabitants[fill.pcode])
            yield format_rate(fill.value, "en")
    for legend in (scene.symbol_legend, scene.flow_legend):
        yield from (format_number(size, "en") for size in (legend.sizes if legend else ()))
    classes = scene.choropleth_legend
    if classes is not None:
        yield from (format_rate(bound, "en") for bound in classes.upper)
    yield from (str(mark.count) for mark in scene.presence)
    yield from words(scene.presence_legend.labels if scene.presence_legend else ())
    for layer in spec.layers:
        if layer.kind == "flows":
            yield format_number(layer.minimum, "en")
            table = pub.released.flows
            asked = table["group"].isin(layer.groups) & (table["value"] < max(layer.minimum, 1))
            small = table[asked & (table["state"] == "figure")]
            for group in layer.groups:
                below = small[small["group"] == group]["value"]
                yield from (str(len(below)), format_number(float(below.sum()), "en"))


@pytest.mark.parametrize(("name", "map_id"), MAPS, ids=lambda x: x)
def test_every_numeral_of_a_printed_map_is_accounted_for(
    published_example: Callable[[str], Published], name: str, map_id: str
) -> None:
    pub = published_example(name)
    scene = pub.scene(map_id)
    spec = next(spec for spec in pub.maps if spec.id == map_id)
    page = pypdfium2.PdfDocument(svg_pdf(page_svg(draw_page(scene))))[0]
    text = " ".join(page.get_textpage().get_text_range().split())
    known = {*figures(pub), *texts(pub, name), *drawn(pub, spec, scene)}
    known |= set(SCALE.findall(text))
    unknown = [numeral for numeral in NUMERAL.findall(text) if numeral not in known]
    assert unknown == [], text
