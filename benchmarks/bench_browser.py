"""What a reader's line carries and a reader waits for, measured in Debian's Chromium.

Targets: one-file map <= 150 kB gzipped beyond Leaflet and <= 400 kB in all (first level of Mali),
<= 600 kB in all (700 units of the third level); first useful paint <= 3 s with the processor slowed
down six times; the explorer shows another day of the world's first level <= 100 ms (p95) after the
values arrive, <= 20 kB on the wire. WebGL is drawn in software here: what a graphics card would
give is not measured. Run: python benchmarks/bench_browser.py [--quick]
"""

import contextlib
import datetime as dt
import gzip
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from measure import measure
from shapely import box

from boundaries.natural_earth import open_natural_earth, open_towns, open_water
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
from maps.compose import compose
from maps.html import scene_html
from maps.page import draw_page
from maps.spec import LayerSpec, MapSpec
from maps.svg import page_svg
from service.published import boundary_file, specs_to_json

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data" / "boundaries" / "cod_2019_sahel" / "MLI_adm3.geojson"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
RUNS = 3  # of a page; the least disturbed one counts
DAYS = (dt.date(2020, 6, 30), dt.date(2020, 12, 31))
SOURCE = Source("survey", "Generated", "Nobody", DAYS[-1], "CC0", Sensitivity.PUBLIC)


def generated(places: BoundarySet, level: int, focus: str, seed: int = 7) -> ReleasedFigures:
    """Return figures that mean nothing, of every unit of a level, on two days."""
    rng = np.random.default_rng(seed)
    empty = dict.fromkeys(UNIT_FIGURE_COLUMNS, "")
    fixed = {
        **empty,
        "level": level,
        "unplaced": False,
        "measure": "stock",
        "kind": "registered",
        "unit": "persons",
        "start": None,
        "state": "figure",
        "qualifier": "exact",
        "basis": "stated",
        "sources": "survey",
    }
    rows = []
    for code in places.at(level)["pcode"]:
        inhabitants = float(int(rng.lognormal(11, 1)) + 1)
        rows.append(fixed | {"pcode": code, "group": "POP", "date": DAYS[0], "value": inhabitants})
        for day in DAYS:
            value = float(int(rng.lognormal(7, 2)))
            rows.append(fixed | {"pcode": code, "group": "IDP", "date": day, "value": value})
    return ReleasedFigures(
        situation="generated",
        title={"en": "Generated figures"},
        as_of=DAYS[-1],
        created=DAYS[-1],
        vintage=places.vintage.id,
        countries=tuple(sorted({iso3 for iso3 in places.at(0)["iso3"] if iso3})),
        focus=focus,
        figures=typed_frame(rows, UNIT_FIGURE_COLUMNS),
        flows=typed_frame([], UNIT_FLOW_COLUMNS),
        presence=typed_frame([], UNIT_PRESENCE_COLUMNS),
        sources=(SOURCE,),
        sites=(),
        notes=(),
    )


def spec(level: int, *kinds: str) -> MapSpec:
    per = {"choropleth": "population"}
    layers = (LayerSpec(kind, ("IDP",), level=level, per=per.get(kind)) for kind in kinds)
    return MapSpec("map", {"en": "Generated figures"}, tuple(layers))


def published(folder: Path, places: BoundarySet, level: int, focus: str) -> Path:
    """Publish generated figures; return the store."""
    folder.mkdir()
    if places.vintage.id != open_natural_earth().vintage.id:
        file = boundary_file(folder, places.vintage)
        file.parent.mkdir()
        places.frame.to_parquet(file)
    store = SqliteStore(folder / "store.sqlite")
    store.publish(
        generated(places, level, focus),
        specs_json=specs_to_json((spec(level, "choropleth"),), places.vintage),
        published=dt.datetime.now(dt.UTC),
    )
    return folder / "store.sqlite"


@contextlib.contextmanager
def served(store: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    words = ["-m", "uvicorn", "service.app:app_from_environment", "--factory"]
    words += ["--port", str(port), "--log-level", "error"]
    settings = {"SITMAP_STORES": str(store), "SITMAP_BASE_URL": base}
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=os.environ | settings)
    try:
        import httpx

        for _ in range(200):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{base}/healthz")
                break
            time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait()


def third_level() -> BoundarySet | None:
    """Mali's third level as OCHA published it, 700 units, with the levels above dissolved from it."""
    if not SHARED.exists():
        return None
    read = gpd.read_file(SHARED).to_crs(4326)
    frames = []
    for level in (0, 1, 2, 3):
        code, name = f"admin{level}Pcode", f"admin{level}Name_fr"
        whole = read.dissolve(by=code, as_index=False) if level < 3 else read
        shape = whole.geometry.representative_point()
        frames.append(
            gpd.GeoDataFrame(
                {
                    "pcode": whole[code],
                    "level": level,
                    "parent": whole[f"admin{level - 1}Pcode"] if level else "",
                    "iso3": "MLI",
                    "code_scheme": "ocha",
                    "name": whole[name],
                    **dict.fromkeys(("name_en", "name_fr", "name_es", "name_ar", "aliases"), ""),
                    "type": "",
                    "label_lon": shape.x,
                    "label_lat": shape.y,
                },
                geometry=whole.geometry,
                crs=4326,
            )
        )
    table = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=4326)
    table = table.drop_duplicates("pcode").sort_values(["level", "pcode"]).reset_index(drop=True)
    vintage = Vintage("cod-2019", "COD 2019", "OCHA", "CC BY-IGO", content="c0d2019c0d20")
    return BoundarySet(vintage, table)


def grid(count: int) -> BoundarySet:
    """Squares of an invented country, so many that no page can hold them one by one."""
    side = round(count**0.5)
    step = 20 / side
    units = [
        (f"XA{i:03}{j:03}", 1, "XA", box(i * step, j * step, (i + 1) * step, (j + 1) * step))
        for i in range(side)
        for j in range(side)
    ]
    rows = [("XA", 0, "", box(0, 0, 20, 20)), *units]
    table = gpd.GeoDataFrame(
        {
            "pcode": [row[0] for row in rows],
            "level": [row[1] for row in rows],
            "parent": [row[2] for row in rows],
            "iso3": "XAA",
            "code_scheme": "own",
            "name": [row[0] for row in rows],
            **dict.fromkeys(("name_en", "name_fr", "name_es", "name_ar", "aliases", "type"), ""),
            "label_lon": [row[3].centroid.x for row in rows],
            "label_lat": [row[3].centroid.y for row in rows],
        },
        geometry=[row[3] for row in rows],
        crs=4326,
    )
    vintage = Vintage("xaa-grid", "XAA, a grid", "invented", "CC0", content=f"{count:012d}")
    return BoundarySet(vintage, table)


def one_file_maps(folder: Path) -> dict[str, Path]:
    """Write one-file maps and say how heavy they are."""
    from service.pipeline import build
    from service.published import Published
    from service.situation_file import load_situation

    leaflet = len(gzip.compress((ROOT / "maps/assets/leaflet/leaflet.js").read_bytes(), 9))
    files = {}

    def weigh(name: str, scene: Any, most: float, beyond: float | None = None) -> None:
        page = scene_html(scene, picture_svg=page_svg(draw_page(scene))).encode()
        heavy, key = len(gzip.compress(page, 9)), name.replace(" ", "-")
        measure(
            f"browser-file-{key}", f"one file, gzipped: {name}", heavy / 1000, "kB", at_most=most
        )
        measure(f"browser-beyond-{key}", "  beyond Leaflet", (heavy - leaflet) / 1000, "kB",
                at_most=beyond)  # fmt: skip
        files[name] = folder / f"{name.replace(' ', '-')}.html"
        files[name].write_bytes(page)

    built = build(load_situation(ROOT / "examples" / "mali-2017"))
    edition = type("Edition", (), {"id": "bench"})()
    example = Published(
        edition, built.released, built.situation.maps, built.boundaries.vintage, folder
    )
    for map_ in example.maps:
        for lang in ("en", "ar"):
            weigh(f"{map_.id} {lang}", example.scene(map_.id, lang), 400, beyond=150)
    if places := third_level():
        released = generated(places, 3, "MLI")
        scene = compose(
            spec(3, "choropleth"),
            released,
            places,
            open_natural_earth(),
            open_towns(),
            lang="en",
            water=open_water(),
        )
        weigh(f"{len(places.at(3))} units of the third level", scene, 600)
    return files


def first_paint(browser: Any, files: dict[str, Path]) -> None:
    """How long until a map can be read, with the processor slowed down six times."""
    for name, file in files.items():
        if name.endswith("ar"):
            continue
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
        page.add_init_script(
            "new MutationObserver((_, watch) => { if (document.querySelector("
            "'.leaflet-overlay-pane path, .mark')) { watch.disconnect(); requestAnimationFrame(() =>"
            " setTimeout(() => { window.useful = performance.now(); })); } })"
            ".observe(document, {childList: true, subtree: true})"
        )
        took = []
        for _ in range(RUNS):
            page.goto(file.as_uri())
            page.wait_for_function("window.useful > 0")
            took.append(page.evaluate("window.useful") / 1000)
        measure(f"browser-paint-{name.replace(' ', '-')}", f"first useful paint, slowed 6 times: {name}",
                min(took), "s", at_most=3)  # fmt: skip
        context.close()


def opened(page: Any, address: str) -> None:
    """Open the explorer and wait until it shows its figures; raises where there is no such page."""
    answer = page.goto(address)
    if answer.status != 200:
        raise RuntimeError(f"{address} answers {answer.status}: {answer.text()[:300]}")
    page.locator("html[data-ready]").wait_for(state="attached")


def switching(browser: Any, base: str, rounds: int, units: int) -> None:
    """How long a page takes to show other figures once they have arrived."""
    sizes: list[int] = []
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, service_workers="block", bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(600_000)
    page.on(
        "requestfinished",
        lambda request: (
            sizes.append(request.sizes()["responseBodySize"])
            if "form=columns" in request.url
            else 0
        ),
    )
    opened(page, f"{base}/view/generated/map?group=IDP&date={DAYS[0]}")
    page.wait_for_timeout(8000)  # the tiles of the first view
    page.evaluate("performance.clearMeasures()")
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    busy = [main_thread(session)]
    for number in range(rounds):
        page.locator("[name=date]").select_option(str(DAYS[(number + 1) % 2]))
        page.wait_for_function(f"performance.getEntriesByType('measure').length > {number}")
        page.wait_for_timeout(300)
        busy.append(main_thread(session))
    worked = np.diff(busy) * 1000
    took = np.array(page.evaluate("performance.getEntriesByType('measure').map((e) => e.duration)"))
    few = units < 10_000  # the target is for the world's first level
    measure(f"browser-switch-{units}", f"{units:,} units, another day after the values arrive, p95",
            np.percentile(took, 95), "ms", at_most=100 if few else None,
            beside=f"p50 {np.percentile(took, 50):.0f} ms; the main thread's own time, tables and all, "
                   f"p95 {np.percentile(worked, 95):.0f} ms")  # fmt: skip
    measure(f"browser-wire-{units}", "  values on the wire", max(sizes) / 1000, "kB",
            at_most=20 if few else None)  # fmt: skip
    context.close()


def main_thread(session: Any) -> float:
    """Return the seconds of processor time that the page's main thread has taken so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def panning(browser: Any, base: str) -> None:
    """How many frames a second are drawn while the map is dragged."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, service_workers="block", bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(600_000)
    opened(page, f"{base}/view/generated/map")
    page.wait_for_timeout(15_000)
    at = page.locator(".pane").bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(
        "window.frames_ = 0; window.counting = true; (function tick() { if (window.counting) "
        "{ window.frames_ += 1; requestAnimationFrame(tick); } })()"
    )
    start = time.perf_counter()
    while time.perf_counter() - start < 5:
        along = 60 * np.sin((time.perf_counter() - start) * 2)
        page.mouse.move(x + along, y)
    frames = page.evaluate("window.counting = false, window.frames_")
    page.mouse.up()
    seconds = time.perf_counter() - start
    measure(
        "browser-frames", "  frames a second while dragged, drawn by software", frames / seconds
    )
    context.close()


def main() -> None:
    from playwright.sync_api import sync_playwright

    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        folder = Path(scratch)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        files = one_file_maps(folder)
        first_paint(browser, files)
        if not quick:
            world = open_natural_earth()
            print("explorer: the world's first level, then 60,000 units of an invented country")
            with served(published(folder / "world", world, 1, "MLI")) as base:
                switching(browser, base, rounds=40, units=len(world.at(1)))
            with served(published(folder / "grid", grid(60_000), 1, "XAA")) as base:
                switching(browser, base, rounds=10, units=60_000)
                panning(browser, base)
        browser.close()


if __name__ == "__main__":
    main()
