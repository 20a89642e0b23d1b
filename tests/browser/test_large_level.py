"""A level of 10,201 units in a real browser: figures come as they are looked at, and none is taken for missing.

The invented country has 101 regions, strips of 101 square districts each. Every seventh district has
no figure; the others have their place in the order as theirs.
"""

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pytest
from PIL import Image
from shapely import box

from boundaries.units import BoundarySet
from boundaries.vintage import Vintage
from geo.release import ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.sqlite_store import SqliteStore
from geo.tables import (
    UNIT_FIGURE_COLUMNS,
    UNIT_FLOW_COLUMNS,
    UNIT_PRESENCE_COLUMNS,
    typed_frame,
)
from maps.spec import LayerSpec, MapSpec
from service.published import boundary_file, specs_to_json

pytestmark = pytest.mark.browser

SIDE, STEP, WEST, SOUTH = 101, 0.05, 10.0, 10.0
DAY = dt.date(2020, 12, 31)
VINTAGE = Vintage(
    id="xaa-grid", source="xaa", label="XAA in squares, invented", licence="CC0", content="xaagrid1"
)


def places() -> BoundarySet:
    rows: list[dict[str, Any]] = []

    def add(pcode: str, level: int, parent: str, name: str, shape: Any) -> None:
        middle = shape.centroid
        rows.append(
            {
                "pcode": pcode, "level": level, "parent": parent, "iso3": "XAA", "code_scheme": "own",
                **dict.fromkeys(("name", "name_en", "name_fr", "name_es", "name_ar"), name),
                "aliases": "", "type": "", "label_lon": middle.x, "label_lat": middle.y,
                "geometry": shape,
            }
        )  # fmt: skip

    add("XA", 0, "", "Xaaland", box(WEST, SOUTH, WEST + SIDE * STEP, SOUTH + SIDE * STEP))
    for x in range(SIDE):
        west = WEST + x * STEP
        strip = box(west, SOUTH, west + STEP, SOUTH + SIDE * STEP)
        add(f"XA{x:03}", 1, "XA", f"Strip {x}", strip)
    for x in range(SIDE):
        for y in range(SIDE):
            west, south = WEST + x * STEP, SOUTH + y * STEP
            square = box(west, south, west + STEP, south + STEP)
            add(f"XA{x:03}{y:03}", 2, f"XA{x:03}", f"Square {x}-{y}", square)
    return BoundarySet(VINTAGE, gpd.GeoDataFrame(rows, crs="EPSG:4326"))


def figure(place: int) -> float | None:
    return None if place % 7 == 3 else float(place)


def released(units: BoundarySet, factor: int = 1) -> ReleasedFigures:
    fixed = {
        **dict.fromkeys(UNIT_FIGURE_COLUMNS, ""),
        "level": 2, "unplaced": False, "measure": "stock", "kind": "registered", "unit": "persons",
        "start": None, "qualifier": "exact", "basis": "stated", "sources": "survey", "date": DAY,
    }  # fmt: skip
    rows = []
    for place, code in enumerate(units.codes(2)):
        value = figure(place)
        told = {"state": "figure", "value": value * factor} if value is not None else {
            "state": "not_reported", "value": float("nan")}  # fmt: skip
        rows.append(fixed | {"pcode": code, "group": "IDP"} | told)
        rows.append(fixed | {"pcode": code, "group": "REF"} | told)
        rows.append(fixed | {"pcode": code, "group": "POP", "state": "figure", "value": 100_000.0})
    source = Source("survey", "Generated", "Nobody", DAY, "CC0", Sensitivity.PUBLIC)
    return ReleasedFigures(
        situation="xaa-grid", title={"en": "Xaaland in squares"}, as_of=DAY, created=DAY,
        vintage=VINTAGE.id, countries=("XAA",), focus="XAA",
        figures=typed_frame(rows, UNIT_FIGURE_COLUMNS), flows=typed_frame([], UNIT_FLOW_COLUMNS),
        presence=typed_frame([], UNIT_PRESENCE_COLUMNS), sources=(source,), sites=(), notes=(),
    )  # fmt: skip


def publish(store: Path, units: BoundarySet, factor: int = 1) -> None:
    layer = LayerSpec("choropleth", ("IDP",), level=2, per="population")
    SqliteStore(store).publish(
        released(units, factor),
        specs_json=specs_to_json((MapSpec("squares", {"en": "Squares"}, (layer,)),), VINTAGE),
        published=dt.datetime.now(dt.UTC),
    )


@pytest.fixture(scope="module")
def large(
    serve_store: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, BoundarySet]:
    """The address of a service that has the squares, its store, and the squares."""
    folder = tmp_path_factory.mktemp("large")
    units = places()
    file = boundary_file(folder, VINTAGE)
    file.parent.mkdir(parents=True)
    units.frame.to_parquet(file)
    publish(folder / "store.sqlite", units)
    return serve_store(folder / "store.sqlite"), folder / "store.sqlite", units


UNKEPT = {"service_workers": "block"}  # what a worker fetches cannot be held back
LOADING = (0xE6, 0xDD, 0xF0)
NEAR = "at=8.5/12.020/12.020"  # some forty squares across


def loaded(shown: Any) -> None:
    shown.page.locator(".loading").wait_for(state="hidden")
    shown.page.wait_for_timeout(300)  # parts are drawn with the next frame


class Holding:
    """Answers to addresses of a pattern are held back until they are let go."""

    def __init__(self, shown: Any, pattern: str) -> None:
        self.shown, self.held, self.free = shown, [], False
        shown.page.route(re.compile(pattern), self._take)

    def _take(self, route: Any) -> None:
        if self.free:
            route.continue_()
        else:
            self.held.append(route)

    def let_go(self) -> None:
        assert self.held
        self.free = True
        for route in self.held:
            route.continue_()


def colours(shown: Any) -> list[tuple[int, ...]]:
    """Return the colours in the middle of squares here and there in the pane."""
    area = shown.page.locator(".pane").bounding_box()
    seen = Image.open(io.BytesIO(shown.page.screenshot(clip=area))).convert("RGB")
    count: dict[tuple[int, ...], int] = {}
    for x in range(60, seen.width - 120, 17):
        for y in range(60, seen.height - 90, 17):
            pixel = tuple(seen.getpixel((x, y)))
            count[pixel] = count.get(pixel, 0) + 1
    total = sum(count.values())
    return [pixel for pixel, times in count.items() if times > total / 50]


def parts(shown: Any) -> list[str]:
    return [address for address in shown.asked if "form=columns" in address]


def test_a_near_view_asks_for_what_it_shows_and_nothing_twice(large, visit) -> None:
    base, _, _ = large
    with visit(f"{base}/view/xaa-grid/squares?{NEAR}") as shown:
        shown.ready()
        loaded(shown)
        boxes = [address for address in parts(shown) if "bbox=" in address]
        assert boxes
        assert len(boxes) == len(set(boxes))
        assert not any(address.endswith("form=columns") for address in shown.asked)
        got = sum(len(httpx.get(address).json()["areas"]["place"]) for address in boxes)
        assert 0 < got < SIDE**2 / 2
        shown.page.locator("#closer").click()
        shown.page.wait_for_timeout(900)
        loaded(shown)
        assert len(parts(shown)) == len(set(parts(shown)))
        assert shown.complaints == []
        shown.picture("explorer-large-near")


def test_what_is_not_here_yet_is_said_to_be_loading_and_never_to_be_missing(large, visit) -> None:
    base, _, _ = large
    with visit("about:blank", **UNKEPT) as shown:
        hold = Holding(shown, "bbox=")
        shown.page.goto(f"{base}/view/xaa-grid/squares?{NEAR}")
        shown.ready()
        assert shown.page.locator(".loading").is_visible()
        pane = shown.page.locator(".pane")
        area = pane.bounding_box()
        middle = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
        shown.page.wait_for_timeout(1500)  # tiles of the ground
        shown.page.mouse.move(*middle)
        shown.page.mouse.move(middle[0] + 3, middle[1] + 2)
        tip = shown.page.locator(".tip")
        tip.wait_for(state="visible")
        assert "Loading" in tip.inner_text()
        assert "Not reported" not in tip.inner_text()
        shown.picture("explorer-large-loading")
        hold.let_go()
        loaded(shown)
        shown.page.mouse.move(*middle)
        shown.page.mouse.move(middle[0] + 3, middle[1] + 2)
        shown.page.wait_for_timeout(200)
        assert "Loading" not in tip.inner_text()
        place = int(re.search(r"Square (\d+)-(\d+)", tip.inner_text())[1]) * SIDE + int(
            re.search(r"Square (\d+)-(\d+)", tip.inner_text())[2]
        )
        value = figure(place)
        said = "Not reported" if value is None else f"{place:,}"
        assert said in tip.inner_text()


def test_a_view_that_was_left_is_not_waited_for(large, visit) -> None:
    base, _, _ = large
    with visit("about:blank", **UNKEPT) as shown:
        given_up: list[str] = []
        shown.page.on("requestfailed", lambda request: given_up.append(request.url))
        hold = Holding(shown, "bbox=")
        shown.page.goto(f"{base}/view/xaa-grid/squares?{NEAR}")
        shown.ready()
        shown.page.wait_for_timeout(500)
        shown.page.locator("#whole").click()
        shown.page.wait_for_timeout(1200)
        hold.let_go()
        loaded(shown)
        assert [address for address in given_up if "bbox=" in address]


def test_legend_table_and_search_are_those_of_the_whole_level(large, visit) -> None:
    base, _, units = large
    with visit(f"{base}/view/xaa-grid/squares?{NEAR}") as shown:
        shown.ready()
        loaded(shown)
        whole = httpx.get(f"{base}/api/situations/xaa-grid/values/squares?form=columns").json()
        legend = shown.page.locator("#legend").inner_text()
        assert all(label in legend for _, label in whole["areas"]["keys"])
        table = shown.page.locator("#tables table").first
        rows = [
            row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()[:9]
        ]
        cells = whole["areas"]["shown"].split("|")
        for place, row in enumerate(rows):
            value = figure(place)
            count = "Not reported" if value is None else f"{place:,}"
            assert row == [f"Square 0-{place}", units.codes(2)[place], count, cells[place]]
        before = table.locator("tbody tr").count()
        shown.page.locator("#tables button", has_text="Show more rows").click()
        shown.page.wait_for_function(
            "before => document.querySelectorAll('#tables tbody tr').length > before", arg=before
        )
        shown.page.locator("#find").fill("Square 100-100")
        shown.page.locator("#find").press("Enter")
        shown.page.locator("#profile h2").wait_for()
        assert "XA100100" in shown.page.locator("#profile h2").inner_text()
        assert shown.complaints == []


def test_another_group_has_its_own_figures_and_none_of_those_before(large, visit) -> None:
    base, _, _ = large
    with visit(f"{base}/view/xaa-grid/squares?{NEAR}", **UNKEPT) as shown:
        shown.ready()
        loaded(shown)
        legend = httpx.get(f"{base}/api/situations/xaa-grid/values/squares?form=head").json()
        classes = {tuple(bytes.fromhex(colour[1:])) for colour, _ in legend["areas"]["keys"]}
        assert classes & set(colours(shown))
        hold = Holding(shown, "group=REF.*bbox=")
        shown.page.locator("[name=group]").select_option("REF")
        shown.settled()
        assert shown.page.locator(".loading").is_visible()
        shown.page.wait_for_timeout(1000)
        assert LOADING in colours(shown)
        assert not classes & set(colours(shown))
        shown.picture("explorer-large-switched")
        hold.let_go()
        loaded(shown)
        assert classes & set(colours(shown))


def test_figures_of_a_new_edition_take_the_place_of_all_before(large, visit) -> None:
    base, store, units = large
    with visit(f"{base}/view/xaa-grid/squares?{NEAR}") as shown:
        shown.ready()
        loaded(shown)
        head = f"{base}/api/situations/xaa-grid/values/squares?form=head"
        before = httpx.get(head).json()["edition"]
        publish(store, units, factor=2)
        for _ in range(100):
            if httpx.get(head, timeout=60).json()["edition"] != before:
                break
            shown.page.wait_for_timeout(100)
        else:
            raise AssertionError("the service shows the old edition")
        shown.page.locator("#whole").click()
        shown.page.wait_for_timeout(1500)
        loaded(shown)
        shown.page.wait_for_function(
            "document.querySelector('#tables tbody tr:nth-child(3) td:nth-child(3)').innerText === '4'"
        )
        assert shown.complaints == []
        shown.picture("explorer-large-far")
