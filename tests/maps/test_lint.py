"""The checklist: a sound map passes it, and each sabotage is caught by the rule made for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, affinity, box

from boundaries.units import BoundarySet
from geo.findings import Finding
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.display import Layer, Page, PathItem, TextItem
from maps.flow_bands import band_along
from maps.imprint import Override
from maps.lint import (
    LintFinding,
    Severity,
    failing,
    lint_page,
    lint_scene,
    lint_spec,
    rules,
    unused_overrides,
)
from maps.page import draw_page
from maps.scene import MapLine, Scene
from maps.spec import LANGUAGES, LayerSpec, MapSpec
from maps.text import TextStyle

RATE = LayerSpec("choropleth", ("IDP",), per="population", date=date(2020, 6, 30))
COUNTS = LayerSpec("symbols", ("IDP", "REF", "RET"))
STOCKS = LayerSpec("flows", ("REF",), measure="stock")
WHO = LayerSpec("presence")
TITLE = {"en": "Displaced people", "fr": "Personnes déplacées", "es": "Personas", "ar": "النازحون"}
SOUND = MapSpec("m", TITLE, (RATE, COUNTS, STOCKS, WHO))


@pytest.fixture(scope="module")
def towns() -> pd.DataFrame:
    rows = [
        ("Quirim", 11.5, 10.4, "XAA", "capital"),
        ("Ubari", 12.5, 10.2, "XAA", "adm1_capital"),
    ]
    table = pd.DataFrame(rows, columns=["name", "lon", "lat", "iso3", "kind"])
    return table.assign(name_fr="", name_es="", name_ar="", rank=1, population=0)


@pytest.fixture(scope="module")
def draw(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures, towns: pd.DataFrame
) -> Callable[..., Scene]:
    def make(spec: MapSpec = SOUND, lang: str = "en") -> Scene:
        return compose(spec, xaa_released, xaa, xaa_world, towns, lang=lang, edition="e1")

    return make


@pytest.fixture(scope="module")
def scene(draw: Callable[..., Scene]) -> Scene:
    return draw()


@pytest.fixture(scope="module")
def page(scene: Scene) -> Page:
    return draw_page(scene)


def named(findings: tuple[LintFinding, ...]) -> set[str]:
    return {finding.rule for finding in findings}


# --- a sound map ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sound_map_has_nothing_to_mend(draw, xaa_released, lang):
    sound = draw(lang=lang)
    assert lint_spec(SOUND, counted_of_late(xaa_released)) == ()
    assert lint_scene(sound) == ()
    assert lint_page(draw_page(sound), sound) == ()


def test_every_rule_gives_a_reason_and_a_remedy_and_has_a_name_of_its_own():
    ids = [rule.id for rule in rules()]
    assert len(ids) == len(set(ids)) >= 70
    for rule in rules():
        assert rule.why.endswith(".")
        assert rule.fix.endswith(".")
        assert 0 <= rule.point <= 28


# --- what is asked for ------------------------------------------------------------------------------


def asked(*layers: LayerSpec, **more: Any) -> MapSpec:
    return replace(SOUND, layers=layers or SOUND.layers, **more)


SPECS: dict[str, list[MapSpec]] = {
    "title-missing": [asked(title={}), asked(title={"en": "  "})],
    "title-untranslated": [asked(title={"en": "Displaced people"})],
    "paper-unknown": [asked(paper="A2")],
    "no-layer": [replace(SOUND, layers=())],
    "layers-hide-each-other": [asked(COUNTS, COUNTS), asked(RATE, replace(RATE, classes=3))],
    "counts-in-choropleth": [asked(replace(RATE, per=None))],
    "stock-called-movement": [
        asked(STOCKS, title={"en": "Refugee movements"}),
        asked(STOCKS, title={"en": "Refugees who fled to Xaaland"}),
        asked(STOCKS, title=TITLE | {"fr": "Mouvements de réfugiés"}),
        asked(STOCKS, title={"ar": "تحركات اللاجئين"}),
        asked(replace(STOCKS, title={"en": "Arrivals"})),
    ],
    "too-many-classes": [
        asked(replace(RATE, classes=6)),
        asked(replace(RATE, breaks=(1, 2, 5, 10, 20, 50))),
    ],
    "breaks-out-of-order": [asked(replace(RATE, breaks=(5, 2, 10)))],
    "scheme-unknown": [asked(replace(RATE, scheme="jenks-ish"))],
    "palette-unknown": [asked(replace(RATE, palette="rainbow"))],
    "group-hue-on-ramp": [asked(replace(RATE, palette="blue"), LayerSpec("symbols", ("REF",)))],
    "groups-alike": [asked(LayerSpec("symbols", ("IDP", "OOC")))],
    "too-many-groups": [asked(LayerSpec("symbols", ("IDP", "REF", "RET", "ASY", "STA")))],
    "group-repeated": [asked(LayerSpec("symbols", ("IDP", "IDP")))],
    "no-figures": [
        asked(LayerSpec("symbols", ("STA",))),
        asked(LayerSpec("symbols", ("IDP",), level=2)),
        asked(LayerSpec("flows", ("ASY",))),
    ],
    "figures-after-map": [
        asked(replace(COUNTS, date=date(2021, 3, 1))),
        asked(replace(RATE, date=date(2020, 12, 31)), as_of=date(2020, 7, 1)),
    ],
    "minimum-hides-people": [asked(replace(STOCKS, minimum=100_000))],
}


@pytest.mark.parametrize(
    ("rule", "spec"), [(rule, spec) for rule, specs in SPECS.items() for spec in specs]
)
def test_a_false_specification_is_caught_by_its_rule(xaa_released, rule, spec):
    assert rule in named(lint_spec(spec, xaa_released))


def changed(released: ReleasedFigures, **frames: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    new = {name: change(getattr(released, name).copy()) for name, change in frames.items()}
    return replace(released, **new)


def where(
    table: pd.DataFrame, column: str, value: Any, **is_: Any
) -> pd.DataFrame:  # fmt: skip
    rows = pd.Series(True, index=table.index)
    for name, wanted in is_.items():
        rows &= table[name] == wanted
    table.loc[rows, column] = value
    return table


def without(table: pd.DataFrame, **is_: Any) -> pd.DataFrame:
    rows = pd.Series(True, index=table.index)
    for name, wanted in is_.items():
        rows &= table[name] == wanted
    return table[~rows]


def counted_of_late(released: ReleasedFigures) -> ReleasedFigures:
    """Return the figures with inhabitants of two years before the latest count of displaced people."""
    return changed(released, figures=lambda t: where(t, "date", date(2018, 7, 1), group="POP"))


FIGURES: dict[str, Callable[[ReleasedFigures], ReleasedFigures]] = {
    "rate-on-tiny-base": lambda r: changed(
        r, figures=lambda t: where(t, "value", 300.0, group="POP", pcode="XA01")
    ),
    "denominator-missing": lambda r: changed(
        r, figures=lambda t: without(t, group="POP", pcode="XA01")
    ),
    "denominator-old": lambda r: changed(
        r, figures=lambda t: where(t, "date", date(1998, 4, 1), group="POP")
    ),
    "denominator-of-another-year": lambda r: changed(
        r, figures=lambda t: where(t, "date", date(2015, 4, 1), group="POP")
    ),
    "ratio-of-few": lambda r: changed(
        r, figures=lambda t: where(t, "value", 7.0, group="IDP", pcode="XA01")
    ),
    "units-mixed": lambda r: changed(
        r, figures=lambda t: where(t, "unit", "households", group="REF", pcode="XA01")
    ),
    "kinds-mixed": lambda r: changed(
        r, figures=lambda t: where(t, "kind", "estimate", group="IDP", pcode="XA01")
    ),
    "dates-far-apart": lambda r: changed(
        r, figures=lambda t: where(t, "date", date(2016, 12, 31), group="RET")
    ),
    "single-area": lambda r: changed(
        r,
        figures=lambda t: without(without(t, group="IDP", pcode="XA02"), group="IDP", pcode="XA03"),
    ),
    "mostly-empty": lambda r: changed(
        r,
        figures=lambda t: without(without(t, group="IDP", pcode="XA02"), group="IDP", pcode="XA03"),
    ),
    "source-undescribed": lambda r: replace(r, sources=r.sources[1:]),
    "questions-open": lambda r: replace(
        r, findings=(Finding("gap:IDP", "open", "sums differ", todo="look"),)
    ),
    "flow-measure-unsaid": lambda r: changed(
        r, flows=lambda t: where(t, "group", "REF", group="IDP")
    ),
    "too-many-bands": lambda r: changed(r, flows=lambda t: pd.concat([t] * 30, ignore_index=True)),
}


@pytest.mark.parametrize("rule", FIGURES)
def test_figures_that_would_mislead_are_caught_by_their_rule(xaa_released, rule):
    rate = replace(RATE, date=None, per="displaced" if rule == "ratio-of-few" else "population")
    flows = replace(STOCKS, measure=None, most=300)
    spec = replace(SOUND, layers=(rate, COUNTS, flows))
    sound = counted_of_late(xaa_released)
    before = named(lint_spec(spec, sound))
    assert rule not in before
    assert rule in named(lint_spec(spec, FIGURES[rule](sound)))


@pytest.mark.parametrize(
    ("lived", "told"),
    [
        (date(2015, 4, 1), "inhabitants of 2015, people counted in 2020, 6 years apart"),
        (date(2016, 12, 31), ""),
    ],
)
def test_how_many_years_lie_between_inhabitants_and_figures_is_said(xaa_released, lived, told):
    rate = replace(RATE, date=None)
    old = changed(xaa_released, figures=lambda t: where(t, "date", lived, group="POP"))
    said = [
        finding.what
        for finding in lint_spec(replace(SOUND, layers=(rate,)), old)
        if finding.rule == "denominator-of-another-year"
    ]
    assert [each.split(": ")[1] for each in said] == ([told] if told else [])


def test_people_per_km2_have_no_inhabitants_to_be_old_or_missing(xaa_released):
    bare = changed(xaa_released, figures=lambda t: t[t["group"] != "POP"])
    spec = replace(SOUND, layers=(replace(RATE, per="area"),))
    assert not {rule for rule in named(lint_spec(spec, bare)) if rule.startswith("denominator")}


# --- what is composed -------------------------------------------------------------------------------


def first(marks: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    return (replace(marks[0], **changes), *marks[1:])


def with_part(scene: Scene, **changes: Any) -> tuple[Any, ...]:
    return first(scene.symbols, parts=first(scene.symbols[0].parts, **changes))


def legend(scene: Scene, name: str, **changes: Any) -> dict[str, Any]:
    return {name: replace(getattr(scene, name), **changes)}


def missing(scene: Scene) -> int:
    return next(i for i, fill in enumerate(scene.fills) if fill.state != "figure")


def fill(scene: Scene, at: int, **changes: Any) -> dict[str, Any]:
    fills = list(scene.fills)
    fills[at] = replace(fills[at], **changes)
    return {"fills": tuple(fills)}


SCENES: dict[str, list[Callable[[Scene], dict[str, Any]]]] = {
    "title-block-incomplete": [lambda s: {"title": ""}, lambda s: {"heading": " "}],
    "date-missing": [lambda s: {"as_of": ""}, lambda s: {"as_of": "as of now"}],
    "layer-date-missing": [
        lambda s: legend(s, "choropleth_legend", subtitle="IDPs"),
        lambda s: legend(
            s, "symbol_legend", keys=first(s.symbol_legend.keys, label="Internally displaced")
        ),
    ],
    "sources-missing": [lambda s: {"sources": ()}, lambda s: {"sources": ("–", "1")}],
    "created-missing": [lambda s: {"created_text": ""}],
    "created-before-figures": [lambda s: {"created": date(2020, 1, 1)}],
    "disclaimer-missing": [
        lambda s: {"disclaimers": ()},
        lambda s: {"disclaimers": s.disclaimers[1:]},
        # Over Abyei and the line between Sudan and South Sudan, without their sentences.
        lambda s: {"bbox": (24.0, 8.0, 34.0, 12.0)},
        # Jammu and Kashmir.
        lambda s: {"bbox": (72.0, 32.0, 80.0, 37.0)},
    ],
    "not-branded": [lambda s: {"disclaimers": s.disclaimers[:1]}],
    "alt-text-missing": [lambda s: {"alt_text": ""}],
    "table-missing": [lambda s: {"twins": ()}],
    "file-name-as-text": [
        lambda s: {"title": "idps_2020.csv"},
        lambda s: legend(s, "symbol_legend", title="adm1_idp_total"),
    ],
    "language-mixed": [lambda s: {"lang": "ar"}, lambda s: {"direction": "rtl"}],
    "override-unprinted": [lambda s: {"overrides": (("class-unused", "As published."),)}],
    "focus-missing": [
        lambda s: {"context": tuple(a for a in s.context if a.role != "focus")},
        lambda s: {"world": tuple(a for a in s.world if a.role != "focus" and a.pcode != "XA")},
    ],
    "areas-not-true": [lambda s: {"projection": "EPSG:3857"}],
    "boundary-drawn-twice": [
        lambda s: {"lines": (*s.lines, replace(s.lines[0], rank=2))},
        lambda s: {"lines": (*s.lines, s.lines[-1])},
    ],
    "line-unexplained": [
        lambda s: {"lines": (*s.lines, MapLine(0, "disputed", LineString([(0, 0), (1, 1)])))},
        lambda s: {"line_keys": ()},
    ],
    "key-unused": [
        lambda s: {"line_keys": (*s.line_keys, ("line_of_control", "Line of control"))},
        lambda s: {"place_keys": (*s.place_keys, ("settlement", "Town"))},
    ],
    "place-unexplained": [lambda s: {"place_keys": ()}],
    "counts-shaded": [lambda s: {"fills": tuple(replace(f, count=f.value) for f in s.fills)}],
    "no-data-as-data": [
        lambda s: fill(s, missing(s), klass=0),
        lambda s: fill(s, missing(s), value=0.0),
        lambda s: legend(
            s, "choropleth_legend", empty=(("not_reported", "#f7c17a", "Not reported"),)
        ),
        lambda s: legend(
            s, "choropleth_legend", empty=(("not_reported", "#fefefe", "Not reported"),)
        ),
    ],
    "figure-as-no-data": [lambda s: fill(s, 0, klass=-1), lambda s: fill(s, 1, klass=-1)],
    "value-outside-class": [
        lambda s: fill(s, 0, value=999.0),
        lambda s: fill(s, 0, colour="#123456"),
    ],
    "classes-overlap": [
        lambda s: legend(s, "choropleth_legend", upper=(9.0, 3.0)),
        lambda s: legend(s, "choropleth_legend", labels=("a", "b", "c")),
    ],
    "too-many-shades": [
        lambda s: legend(s, "choropleth_legend", colours=tuple(f"#{i}{i}0000" for i in range(6)))
    ],
    "bounds-not-human": [lambda s: legend(s, "choropleth_legend", upper=(893.627,))],
    "shades-alike": [
        lambda s: legend(s, "choropleth_legend", colours=("#ff0000", "#fa0000")),
        lambda s: legend(s, "choropleth_legend", colours=("#b35a00", "#5f8200")),  # to deutan eyes
    ],
    "shades-alike-in-grey": [
        lambda s: legend(s, "choropleth_legend", colours=("#e66101", "#3caea3"))
    ],
    "per-cent-on-tiny-base": [lambda s: fill(s, 0, text="Norda: +300 %", count=20)],
    "legend-missing": [
        lambda s, name=name: {name: None}
        for name in ("choropleth_legend", "symbol_legend", "flow_legend", "presence_legend")
    ],
    "legend-without-marks": [lambda s: {"flows": ()}, lambda s: {"presence": ()}],
    "emptiness-unexplained": [
        lambda s: legend(s, "choropleth_legend", empty=()),
        lambda s: fill(s, missing(s), state="not_assessed"),
    ],
    "class-unused": [
        lambda s: legend(
            s,
            "choropleth_legend",
            upper=(*s.choropleth_legend.upper, 900.0),
            colours=(*s.choropleth_legend.colours, "#683229"),
            labels=(*s.choropleth_legend.labels, "over 100 to 900"),
        )
    ],
    "group-unexplained": [
        lambda s: {"symbols": with_part(s, group="ASY")},
        lambda s: {"symbols": with_part(s, colour="#123456")},
        lambda s: {"flows": first(s.flows, colour="#123456")},
    ],
    "group-unused": [
        lambda s: {
            "symbols": tuple(
                replace(m, parts=tuple(p for p in m.parts if p.group != "RET")) for m in s.symbols
            )
        }
    ],
    "group-colours-alike": [
        lambda s: legend(
            s,
            "symbol_legend",
            keys=(
                s.symbol_legend.keys[0],
                replace(s.symbol_legend.keys[1], colour=s.symbol_legend.keys[0].colour),
            ),
        )
    ],
    "hue-on-own-hue": [
        lambda s: legend(s, "choropleth_legend", colours=("#cde3f1", "#4f9ed0")),
    ],
    "size-legend-untrue": [
        lambda s: legend(s, "symbol_legend", maximum=10 * s.symbol_legend.maximum),
        lambda s: legend(s, "symbol_legend", labels=tuple("9" for _ in s.symbol_legend.labels)),
        lambda s: legend(s, "flow_legend", sizes=(5000.0,), labels=("5,000",)),
        lambda s: legend(s, "flow_legend", labels=s.flow_legend.labels[:1]),
    ],
    "size-legend-not-round": [
        lambda s: legend(s, "symbol_legend", sizes=(1187.0,), labels=("1,187",))
    ],
    "number-not-the-figure": [
        lambda s: {"symbols": with_part(s, label="12,000")},
        lambda s: {"flows": first(s.flows, label="4")},
    ],
    "number-not-in-table": [
        lambda s: {"twins": tuple(replace(t, rows=t.rows[1:] and t.rows[-1:]) for t in s.twins)}
    ],
    "impossible-number": [
        lambda s: {"symbols": with_part(s, value=-5.0)},
        lambda s: {"symbols": with_part(s, value=float("nan"))},
        lambda s: {"flows": first(s.flows, value=0.0)},
        lambda s: {"presence": first(s.presence, count=99)},
    ],
    "drawn-twice": [
        lambda s: {"fills": (*s.fills, s.fills[0])},
        lambda s: {"symbols": (*s.symbols, s.symbols[0])},
        lambda s: {"flows": (*s.flows, s.flows[0])},
    ],
    "stock-as-movement": [
        lambda s: legend(s, "flow_legend", subtitle="Bands are movements in the period"),
        lambda s: legend(s, "flow_legend", subtitle=""),
        lambda s: {"title": "Refugee arrivals"},
        lambda s: {"flows": tuple(replace(f, measure="new") for f in s.flows)},
    ],
    "flow-without-end": [
        lambda s: {"nodes": s.nodes[1:]},
        lambda s: {"flows": first(s.flows, origin=s.flows[0].destination)},
    ],
    "absence-unsaid": [lambda s: legend(s, "presence_legend", subtitle="")],
}


@pytest.mark.parametrize(
    ("rule", "sabotage"), [(rule, each) for rule, them in SCENES.items() for each in them]
)
def test_a_false_scene_is_caught_by_its_rule(scene, rule, sabotage):
    assert rule in named(lint_scene(replace(scene, **sabotage(scene))))


# --- what is drawn ----------------------------------------------------------------------------------


def redrawn(page: Page, change: Callable[[Any], Any]) -> Page:
    """Return the page with every item as ``change`` returns it; None leaves it out."""
    layers = (
        Layer(layer.id, tuple(new for item in layer.items if (new := change(item)) is not None))
        for layer in page.layers
    )
    return replace(page, layers=tuple(layers))


def role(name: str, **changes: Any) -> Callable[[Page], Page]:
    """Change every item of a role; no changes leave them out."""

    def change(item: Any) -> Any:
        if not item.role.startswith(name):
            return item
        return replace(item, **changes) if changes else None

    return lambda page: redrawn(page, change)


def shape(name: str, change: Callable[[Any], Any], *, once: bool = False) -> Callable[[Page], Page]:
    """Change the geometry of the shapes of a role, or of the first of them."""

    def sabotage(page: Page) -> Page:
        done: list[bool] = []

        def each(item: Any) -> Any:
            if not isinstance(item, PathItem) or not item.role.startswith(name) or (once and done):
                return item
            done.append(True)
            return replace(item, geometry=change(item.geometry))

        return redrawn(page, each)

    return sabotage


def added(item: Any, layer: str = "labels") -> Callable[[Page], Page]:
    def sabotage(page: Page) -> Page:
        layers = tuple(
            replace(each, items=(*each.items, item)) if each.id == layer else each
            for each in page.layers
        )
        return replace(page, layers=layers)

    return sabotage


SMALL = TextStyle(7)


def text(words: str, x: float, y: float, **more: Any) -> TextItem:
    return TextItem(words, x, y, more.pop("style", SMALL), **more)


def over_a_circle(page: Page) -> Page:
    circle = next(item for item in page.paths if item.role.startswith("circle-")).geometry.centroid
    label = text("Elsewhere", circle.x, circle.y, anchor="middle", role="name-unit", halo="#FFFFFF")
    return added(label)(page)


def through_a_circle(page: Page) -> Page:
    circle = max(
        (item for item in page.paths if item.role.startswith("circle-")),
        key=lambda item: item.geometry.area,
    ).geometry
    band = LineString([circle.centroid, (circle.centroid.x + 40, circle.centroid.y)]).buffer(4)
    return added(PathItem(band, fill="#0072bc", role="flow", value=400.0), "flows")(page)


def more_band(page: Page, start: tuple[float, float], stop: tuple[float, float]) -> Page:
    """Draw one more band, straight, over those there are."""
    line = np.linspace(start, stop, 33)
    band = PathItem(band_along(line, 3.0).outline, fill="#0072bc", role="flow", value=400.0)
    return added(band, "flows")(page)


def over_a_head(page: Page) -> Page:
    band = next(item for item in page.paths if item.role == "flow")
    tip = shapely.get_coordinates(band.geometry.exterior)[33:36].mean(0)
    return more_band(page, (tip[0] - 20, tip[1]), (tip[0] + 25, tip[1]))


def across_at_a_narrow_angle(page: Page) -> Page:
    return more_band(more_band(page, (80, 80), (140, 80)), (80, 70), (140, 90))


def under_the_legend(page: Page) -> Page:
    panel = next(item for item in page.paths if item.role == "panel").geometry.centroid
    return added(
        PathItem(Point(panel.x, panel.y).buffer(5), fill="#0072bc", role="circle-REF", value=9.0),
        "symbols",
    )(page)


PAGES: dict[str, list[Callable[[Page], Page]]] = {
    "sheet-not-exact": [lambda p: replace(p, width=280)],
    "margin-crossed": [
        added(text("far out", 2, 100, halo="#FFFFFF")),
        shape("frame", lambda g: affinity.translate(g, 3, 0)),
    ],
    "page-without-title": [role("title"), role("as-of"), role("heading")],
    "page-without-notes": [role("source"), role("disclaimer"), role("footnote")],
    "disclaimer-not-italic": [role("disclaimer", style=SMALL)],
    "scale-bar-missing": [role("scale")],
    "scale-bar-untrue": [
        shape("scale-bar", lambda g: affinity.scale(g, 1.03, 1)),
        role("scale-bar", value=73_000),
        lambda p: redrawn(p, lambda i: replace(i, text="999 km") if i.role == "scale" else i),
    ],
    "globe-missing": [role("globe-focus")],
    "north-arrow": [
        added(PathItem(box(200, 50, 203, 57), fill="#1A1A1A", role="north-arrow"), "scale")
    ],
    "ground-colours": [role("focus", fill="#D0D0D0"), role("water", fill="#F9E1E1")],
    "boundary-ranks": [role("line-0", stroke_width=0.3), role("line-1", stroke_width=2.0)],
    "disputed-line-solid": [
        added(
            PathItem(
                LineString([(150, 90), (160, 90)]),
                stroke="#A8AAAD",
                stroke_width=1,
                role="line-0-disputed",
            ),
            "lines",
        )
    ],
    "key-not-on-page": [
        lambda p: redrawn(
            p,
            lambda i: (
                replace(i, text="Border") if i.role == "legend" and "oundary" in i.text else i
            ),
        ),
        role("line-"),
    ],
    "text-too-small": [role("source", style=TextStyle(5))],
    "text-contrast": [role("source", colour="#C0C0C0"), role("title", colour="#8FC1E1")],
    "glyph-missing": [added(text("ሰላም", 200, 100, halo="#FFFFFF"))],
    "words-not-the-scene's": [added(text("31,416", 200, 100, halo="#FFFFFF", role="figure"))],
    "texts-overlap": [
        lambda p: added(
            replace(next(i for i in p.texts if i.role.startswith("name-")), text="XXXXXXX")
        )(p)
    ],
    "text-off-page": [added(text("gone", 295, 100, halo="#FFFFFF"))],
    "label-off-map": [added(text("Nowhere", 20, 4.5, halo="#FFFFFF"))],
    "name-on-circle": [over_a_circle],
    "mark-under-panel": [under_the_legend],
    "mark-not-drawn": [role("circle-RET"), role("flow"), under_the_legend],
    "circles-off-scale": [
        shape("circle-", lambda g: affinity.scale(g, 1.2, 1.2), once=True),
        shape("legend-circle", lambda g: affinity.scale(g, 0.9, 0.9), once=True),
    ],
    "mark-outside-frame": [
        shape("circle-", lambda g: affinity.translate(g, 400, 0), once=True),
    ],
    "bands-off-scale": [
        lambda p: shape(
            "legend-band",
            lambda g: affinity.scale(g, 1, 1.6),
        )(
            redrawn(
                p,
                lambda i: (
                    replace(i, geometry=affinity.scale(i.geometry, 1, 0.5))
                    if i.role == "legend-band" and i.value == sizes(p)[1]
                    else i
                ),
            )
        )
    ],
    "band-too-thin": [shape("flow", lambda g: g.centroid.buffer(0.05), once=True)],
    "band-over-circle": [through_a_circle],
    "flow-head-covered": [over_a_head],
    "flow-crossing-acute": [across_at_a_narrow_angle],
    "emptiness-not-hatched": [role("hatch")],
    "figures-unwritten": [role("figure")],
    "names-unplaced": [role("name-unit")],
    "page-crowded": [
        added(PathItem(box(10, 30, 250, 180), fill="#FFFFFF", role="panel"), "legend")
    ],
}


def sizes(page: Page) -> list[float]:
    return sorted(i.value for i in page.paths if i.role == "legend-band" and i.value)


@pytest.mark.parametrize(
    ("rule", "sabotage"), [(rule, each) for rule, them in PAGES.items() for each in them]
)
def test_a_false_page_is_caught_by_its_rule(page, scene, rule, sabotage):
    assert rule in named(lint_page(sabotage(page), scene))


def test_every_rule_is_tried_by_a_sabotage():
    tried = SPECS.keys() | FIGURES.keys() | SCENES.keys() | PAGES.keys()
    assert {rule.id for rule in rules()} == tried


def test_there_are_more_than_fifty_sabotages():
    families: tuple[dict[str, list[Any]], ...] = (SPECS, SCENES, PAGES)
    assert sum(len(each) for family in families for each in family.values()) > 100


# --- overrides --------------------------------------------------------------------------------------

WHY = {"en": "Six classes as in the national atlas.", "fr": "Six classes, comme dans l'atlas."}


def test_an_override_settles_its_finding_and_is_printed_on_the_map(draw, xaa_released):
    rate = replace(RATE, date=None, classes=6)
    spec = asked(rate, COUNTS, overrides=(Override("too-many-classes", WHY),))
    findings = lint_spec(spec, xaa_released)
    assert [f.overridden for f in findings if f.rule == "too-many-classes"] == [WHY["en"]]
    assert failing(findings) == ()
    assert any(WHY["fr"] in note for note in draw(spec, "fr").footnotes)
    assert "override-unprinted" not in named(lint_scene(draw(spec)))


def test_a_falsehood_cannot_be_overridden(xaa_released):
    spec = asked(replace(RATE, per=None), overrides=(Override("counts-in-choropleth", WHY),))
    found = lint_spec(spec, xaa_released)
    assert {"counts-in-choropleth", "override-refused"} <= named(failing(found))


def test_an_override_of_no_rule_names_the_nearest(xaa_released):
    found = lint_spec(asked(overrides=(Override("too-many-clases", WHY),)), xaa_released)
    (unknown,) = [f for f in found if f.rule == "override-unknown"]
    assert "'too-many-classes'" in unknown.what


def test_an_override_that_excuses_nothing_is_told(xaa_released):
    overrides = (Override("too-many-classes", WHY),)
    (idle,) = unused_overrides(overrides, lint_spec(asked(overrides=overrides), xaa_released))
    assert (idle.rule, idle.severity) == ("override-unused", Severity.WARNING)


# --- other layers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize(
    "layer",
    [
        LayerSpec("bivariate", ("IDP",), against="presence"),
        LayerSpec("bivariate", ("IDP",), against="REF"),
        LayerSpec("difference", ("IDP",)),
        LayerSpec("difference", ("IDP",), per="population"),
        LayerSpec("dots", ("IDP", "REF"), per_dot=100),
        LayerSpec("symbols", ("IDP",), every_date=True),
        LayerSpec("choropleth", ("IDP",), per="population", every_date=True),
        LayerSpec("choropleth", ("IDP",), per="area"),
        LayerSpec("choropleth", ("IDP",), per="area", every_date=True),
        LayerSpec("choropleth", ("IDP",), per="displaced"),
        LayerSpec("choropleth", ("IDP",), per="displaced", every_date=True),
        LayerSpec("presence", show="sectors"),
        LayerSpec("presence", show="matrix"),
    ],
    ids=lambda layer: f"{layer.kind}-{layer.against or layer.per or layer.show}",
)
def test_every_kind_of_layer_passes_the_checklist(layered, xaa_released, layer, lang):
    spec = MapSpec("m", TITLE, (layer,))
    assert failing(lint_spec(spec, xaa_released)) == ()
    drawn = layered(layer, lang=lang)
    assert failing(lint_scene(drawn)) == ()
    assert failing(lint_page(draw_page(drawn), drawn)) == ()
