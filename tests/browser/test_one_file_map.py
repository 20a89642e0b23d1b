"""The one-file map in a real browser, with the network cut."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.html import scene_html
from maps.page import draw_page
from maps.scene import Scene
from maps.spec import LayerSpec, MapSpec
from maps.svg import page_svg

pytestmark = pytest.mark.browser

SIZES = {"desk": (1280, 800), "phone": (390, 844)}
HOSTILE = (
    "<img src=x onerror=window.hit=1>${window.hit=1}</script><script>window.hit=1</script>\"'`"
)
TOWNS = pd.DataFrame(
    columns=[
        "name",
        "name_fr",
        "name_es",
        "name_ar",
        "lon",
        "lat",
        "iso3",
        "kind",
        "rank",
        "population",
    ]
)
SPEC = MapSpec(
    "situation",
    {"en": "Displaced people in Xaaland", "ar": "النازحون في إكسا"},
    (
        LayerSpec("choropleth", ("IDP",), per="population"),
        LayerSpec("symbols", ("IDP", "REF")),
        LayerSpec("flows", ("REF",), measure="stock"),
        LayerSpec("presence"),
    ),
)


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    xaa: BoundarySet,
    xaa_world: BoundarySet,
    xaa_released: ReleasedFigures,
) -> Scene:
    lang = getattr(request, "param", "en")
    return compose(SPEC, xaa_released, xaa, xaa_world, TOWNS, lang=lang)


class Opened:
    """A page as it lies on a memory stick, with what it asked for and what it complained of."""

    def __init__(self, chromium: Any, folder: Path, html: str, *, size: str, scripts: bool) -> None:
        path = folder / "map.html"
        path.write_text(html, "utf-8")
        width, height = SIZES[size]
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts
        )
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Any:
    def open_page(html: str, size: str = "desk", scripts: bool = True) -> Opened:
        return Opened(chromium, tmp_path, html, size=size, scripts=scripts)

    return open_page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", ["en", "ar"], indirect=True)
def test_a_page_asks_for_nothing_complains_of_nothing_and_shows_its_legend(scene, opened, size):
    with opened(scene_html(scene), size) as shown:
        assert len(shown.asked) == 1  # the file itself
        assert shown.complaints == []
        assert shown.page.locator("details").get_attribute("open") is not None
        assert shown.page.locator("section.key.areas").is_visible()
        assert shown.page.locator("path.area").count() == len(scene.fills)
        assert shown.page.locator("path.band").count() == len(scene.flows)
        wide = shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert wide, "the page must not scroll sideways"


def test_every_area_is_reached_from_the_keyboard_and_says_its_figure_and_its_date(scene, opened):
    with opened(scene_html(scene)) as shown:
        areas = shown.page.locator("path.area")
        assert shown.page.locator("path.area[tabindex='0']").count() == 1  # one stop, then arrows
        heard = set()
        areas.first.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp"):
            heard.add(shown.page.evaluate("document.activeElement.getAttribute('aria-label')"))
            shown.page.keyboard.press(key)
        assert len(heard) == len(scene.fills)
        for fill in scene.fills:
            label = next(words for words in heard if words.startswith(f"{fill.text}. "))
            assert "as of 31 December 2020" in label
        assert shown.page.locator(".leaflet-tooltip").last.inner_text() in {
            fill.text for fill in scene.fills
        }


def test_hostile_names_run_nowhere_and_become_no_element(scene, opened):
    wild = replace(
        scene,
        title=HOSTILE,
        alt_text=HOSTILE,
        footnotes=(HOSTILE,),
        fills=tuple(replace(fill, text=HOSTILE, name=HOSTILE) for fill in scene.fills),
        symbols=tuple(replace(mark, text=HOSTILE, name=HOSTILE) for mark in scene.symbols),
        flows=tuple(replace(flow, text=HOSTILE, label=HOSTILE) for flow in scene.flows),
        presence=tuple(replace(mark, text=HOSTILE, name=HOSTILE) for mark in scene.presence),
        labels=tuple(replace(label, text=HOSTILE) for label in scene.labels),
    )
    with opened(scene_html(wild, picture_svg=page_svg(draw_page(wild)))) as shown:
        for kind in ("path.area", "path.band", ".mark"):
            shown.page.locator(kind).first.focus()
            assert HOSTILE in shown.page.locator(".leaflet-tooltip").first.inner_text()
        assert shown.page.evaluate("window.hit") is None
        assert shown.page.locator("img").count() == 0
        assert shown.page.locator("script").count() == 3
        assert shown.complaints == []


def test_with_scripts_off_there_is_a_picture_a_legend_and_the_tables(scene, opened):
    html = scene_html(scene, picture_svg=page_svg(draw_page(scene)))
    with opened(html, scripts=False) as shown:
        assert shown.page.locator(".picture svg").is_visible()
        assert shown.page.locator("section.key.areas").is_visible()
        assert shown.page.locator("table").count() == len(scene.twins)
        assert not shown.page.locator("#map_main").is_visible()


def test_bands_keep_their_width_when_the_reader_zooms(scene, opened):
    with opened(scene_html(scene)) as shown:
        legend = shown.page.locator("rect.band").first
        before = float(legend.get_attribute("height"))
        shown.page.evaluate("map_main.setZoom(map_main.getZoom() + 0.5, {animate: false})")
        after = float(legend.get_attribute("height"))
        zoom = shown.page.evaluate("map_main.getZoom()")
        assert after != before
        assert after == pytest.approx(
            float(legend.get_attribute("data-width"))
            * 2 ** (zoom - shown.page.evaluate("sitmap.shownZoom()"))
        )
