"""A situation of the invented country XAA in a folder of its own, with its own boundary file."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from geo.sqlite_store import SqliteStore
from maps.spec import LayerSpec, MapSpec
from service.published import boundary_file, specs_to_json

SITUATION = """\
id = "xaa-2020"
title = { en = "Xaaland situation", fr = "Situation en Xaalande" }
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
defaults = { group = "IDP", measure = "stock", kind = "registered", date = 2020-12-31 }

[[table]]
file = "people.csv"
kind = "population"
source = "survey"
defaults = { date = 2010-04-01 }

[[carry]]
from = { pcode = "XA04", name = "Quarta" }
into = [{ pcode = "XA03" }]
note = { en = "Quarta is shown within Tamar.", fr = "Quarta est comprise dans Tamar." }

[[map]]
id = "idps"
title = { en = "Internally displaced people", fr = "Personnes déplacées internes" }

[[map.layer]]
kind = "choropleth"
group = "IDP"
per = "population"

[[map.layer]]
kind = "symbols"
group = "IDP"
"""

IDPS = """\
place,pcode,value
Norda,XA01,"1,200"
Séna,XA02,0
Tamar,XA03,240
Quarta,XA04,100
Xaaland,XA,"1,540"
"""

PEOPLE = """\
place,pcode,value
Norda,XA01,100000
Séna,XA02,50000
Tamar,XA03,20000
"""


class Client:
    """Requests to an app in this process, each answered in full before the next."""

    def __init__(self, app: FastAPI, *, raises: bool = True) -> None:
        self.app = app
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=raises)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://sitmap.test"
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Send a GET."""
        return self.request("GET", path, **more)


@pytest.fixture(scope="session")
def connect() -> Callable[..., Client]:
    """Return what opens a client on an app."""
    return Client


def write_situation(folder: Path, xaa: BoundarySet) -> Path:
    """Write the situation into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "situation.toml").write_text(SITUATION, "utf-8")
    (folder / "idps.csv").write_text(IDPS, "utf-8")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    columns = ["pcode", "level", "parent", "iso3", "name", "geometry"]
    (folder / "boundaries.geojson").write_text(xaa.frame[columns].to_json(), "utf-8")
    return folder


@pytest.fixture(scope="session")
def published_folder(tmp_path_factory: pytest.TempPathFactory, xaa: BoundarySet) -> Path:
    """The situation, published once for all tests that only read."""
    from service.pipeline import build
    from service.publishing import publish
    from service.situation_file import load_situation

    folder = write_situation(tmp_path_factory.mktemp("published") / "xaa", xaa)
    publish(build(load_situation(folder)))
    return folder


@pytest.fixture
def folder(tmp_path: Path, xaa: BoundarySet) -> Path:
    """The situation, fresh for one test."""
    return write_situation(tmp_path / "xaa", xaa)


@pytest.fixture
def edited(folder: Path) -> Callable[[str, str, str], Path]:
    """Replace text in one of the situation's files; the text must be there."""

    def edit(file: str, old: str, new: str) -> Path:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return edit


@pytest.fixture(scope="session")
def released_store(
    tmp_path_factory: pytest.TempPathFactory,
    xaa_world: BoundarySet,
    xaa_released: ReleasedFigures,
) -> Path:
    """A store of everything a situation can have: flows, presence, sites and two maps too."""
    home = tmp_path_factory.mktemp("released")
    kept = boundary_file(home, xaa_world.vintage)
    kept.parent.mkdir()
    xaa_world.frame.to_parquet(kept)
    maps = (
        MapSpec(
            "idps",
            {"en": "Internally displaced people"},
            (LayerSpec("choropleth", ("IDP",), "stock", per="population"),),
        ),
        MapSpec("moves", {"en": "Flows"}, (LayerSpec("flows", ("REF",), "stock"),)),
    )
    store = SqliteStore(home / "store.sqlite")
    store.publish(
        xaa_released,
        specs_json=specs_to_json(maps, xaa_world.vintage),
        published=datetime(2021, 1, 15, 12, 30, 15, tzinfo=UTC),
    )
    return store.path
