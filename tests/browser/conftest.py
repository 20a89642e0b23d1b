"""A browser, and the service on an address of its own, with a situation of the invented country XAA.

Three regions of two districts each; internally displaced people on three days and refugees on the
last, by region and by district; newly displaced from region to region; organisations.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from boundaries.units import BoundarySet

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
SCREENSHOTS = Path(__file__).resolve().parents[2] / "out" / "screenshots"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
# WebGL without a graphics card
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
)

SITUATION = """\
id = "xaa-2020"
title = { en = "Xaaland situation", fr = "Situation en Xaalande", ar = "الوضع في إكسا" }
as_of = 2020-12-31
created = 2021-01-15

[boundaries]
countries = ["XAA"]
vintage = "boundaries.geojson"
focus = "XAA"

[[source]]
id = "survey"
title = "Survey of displaced people"
publisher = "Xaaland statistics"
date = 2020-12-31
licence = "CC BY 4.0"
sensitivity = "public"

[[table]]
file = "idps.csv"
kind = "figures"
source = "survey"
defaults = { group = "IDP", measure = "stock", kind = "registered" }

[[table]]
file = "refugees.csv"
kind = "figures"
source = "survey"
defaults = { group = "REF", measure = "stock", kind = "registered", date = 2020-12-31 }

[[table]]
file = "people.csv"
kind = "population"
source = "survey"
defaults = { date = 2010-04-01 }

[[table]]
file = "movements.csv"
kind = "flows"
source = "survey"
defaults = { group = "IDP", measure = "new", kind = "estimate" }

[[table]]
file = "partners.csv"
kind = "presence"
source = "survey"
defaults = { start = "2020-12-01", date = "2020-12-31", parent = "Xaaland" }

[[map]]
id = "overview"
title = { en = "Displaced people", fr = "Personnes déplacées", ar = "النازحون" }

[[map.layer]]
kind = "choropleth"
group = "IDP"
per = "population"

[[map.layer]]
kind = "symbols"
group = ["IDP", "REF"]

[[map]]
id = "movements"
title = { en = "New displacement", ar = "نزوح جديد" }

[[map.layer]]
kind = "flows"
group = "IDP"
measure = "new"
"""

# district: (IDPs at the end of March, June and December 2020; refugees; inhabitants)
DISTRICTS = {
    "XA0101": ("Alto Norda", (300, 500, 700), 40, 30_000),
    "XA0102": ("Basso Norda", (100, 300, 500), 30, 10_000),
    "XA0201": ("Séna", (0, 0, 0), 0, 9_000),
    "XA0202": ("Quirim", (20, 40, 0), 0, 6_000),
    "XA0301": ("Ossa", (50, None, 240), 400, 3_000),
    "XA0302": ("Ubari", (None, 60, 100), 0, 2_000),
}
DAYS = ("2020-03-31", "2020-06-30", "2020-12-31")

TABLES = {
    "idps.csv": "place,pcode,date,value\n"
    + "".join(
        f"{name},{code},{day},{'' if value is None else value}\n"
        for code, (name, values, _, _) in DISTRICTS.items()
        for day, value in zip(DAYS, values, strict=True)
    ),
    "refugees.csv": "place,pcode,value\n"
    + "".join(f"{name},{code},{count}\n" for code, (name, _, count, _) in DISTRICTS.items()),
    "people.csv": "place,pcode,value\n"
    + "".join(f"{name},{code},{count}\n" for code, (name, _, _, count) in DISTRICTS.items()),
    "movements.csv": """\
origin,origin_pcode,destination,destination_pcode,start,date,value
Tamar,XA03,Norda,XA01,2020-12-01,2020-12-31,320
Séna,XA02,Norda,XA01,2020-12-01,2020-12-31,60
Norda,XA01,Tamar,XA03,2020-12-01,2020-12-31,25
Tamar,XA03,Séna,XA02,2020-06-01,2020-06-30,110
""",
    "partners.csv": """\
org,acronym,org_type,role,sector,sector_code,activity,place,pcode,basis
Well Diggers of Norda,WDN,National NGO,,Water,WSH,wells,Norda,XA01,explicit
Hearth and Roof,HaR,National NGO,,Shelter,SHL,tents,Norda,XA01,explicit
Hearth and Roof,HaR,National NGO,,Shelter,SHL,tents,Tamar,XA03,inferred
""",
}


@pytest.fixture(scope="module")  # its event loop must not outlive the browser's tests
def chromium() -> Iterator[Any]:
    """Debian's browser, with WebGL in software."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: `make system-packages` brings it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def write_xaa(xaa: BoundarySet) -> Callable[..., Path]:
    """Return what writes and publishes the situation; ``rename`` gives places other names."""
    from service.pipeline import build
    from service.publishing import publish
    from service.situation_file import load_situation

    def write(folder: Path, rename: Callable[[str], str] = str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "situation.toml").write_text(SITUATION, "utf-8")
        for name, text in TABLES.items():
            (folder / name).write_text(text, "utf-8")
        places = xaa.frame[["pcode", "level", "parent", "iso3", "name", "geometry"]].copy()
        places["name"] = places["name"].map(rename)
        (folder / "boundaries.geojson").write_text(places.to_json(), "utf-8")
        publish(build(load_situation(folder)))
        return folder / ".sitmap" / "store.sqlite"

    return write


@pytest.fixture(scope="session")
def serve_store() -> Iterator[Callable[..., str]]:
    """Return what serves a store on an address of its own, for as long as the tests run."""
    import uvicorn

    from service.app import create_app
    from service.settings import Settings

    running: list[tuple[Any, threading.Thread]] = []

    def serve(store: Path, **settings: Any) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        app = create_app(Settings(stores=(store,), base_url=base, **settings))
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        running.append((server, thread))
        return base

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def service(
    write_xaa: Callable[..., Path],
    serve_store: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The address of the service."""
    return serve_store(write_xaa(tmp_path_factory.mktemp("served") / "xaa"))


class Visit:
    """A page of the service as a reader has it, with what went wrong on the way."""

    def __init__(self, chromium: Any, address: str, **context: Any) -> None:
        self.context = chromium.new_context(**context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def _heard(self, message: Any) -> None:
        # the software driver remarks on its own slowness
        if message.type in ("error", "warning") and "GPU stall" not in message.text:
            self.complaints.append(message.text)

    def ready(self) -> "Visit":
        """Wait until the map, its figures and its names are there."""
        self.page.locator("html[data-ready]").wait_for(state="attached")
        return self

    def settled(self) -> "Visit":
        """Wait until a change is shown: a moment for it to begin, then until it is done."""
        self.page.wait_for_timeout(150)  # a dragged slider asks once it rests
        self.page.locator("main:not([aria-busy])").wait_for(state="attached")
        self.page.locator("#tables:not([aria-busy])").wait_for(state="attached")
        return self

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what is seen, to be looked at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.fixture(scope="module")
def visit(chromium: Any) -> Callable[..., Visit]:
    """Return what opens a page of the service."""

    def open_page(address: str, size: str = "desk", **context: Any) -> Visit:
        width, height = SIZES[size]
        return Visit(chromium, address, viewport={"width": width, "height": height}, **context)

    return open_page
