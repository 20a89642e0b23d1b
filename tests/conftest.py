"""The invented country XAA: no figure of these tests can be taken for a real one.

Three regions side by side, each of a northern and a southern district, one degree squares from
10° E, 10° N. District XA0201 bears the name of its region. XBB and XCC lie east and far away.
"""

import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import settings
from shapely import box
from shapely.geometry.base import BaseGeometry

from boundaries.sites import Site
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage
from geo.release import Note, ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.tables import UNIT_FIGURE_COLUMNS, UNIT_FLOW_COLUMNS, UNIT_PRESENCE_COLUMNS

if TYPE_CHECKING:
    from service.published import Published

# Properties are not timed: a busy machine is no reason to fail. In CI they draw the same cases every time.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

JUNE, DECEMBER = date(2020, 6, 30), date(2020, 12, 31)
CENSUS = date(2010, 4, 1)

VINTAGE = Vintage(
    id="xaa-2010",
    label="XAA, regions of 2010",
    source="invented",
    licence="CC0",
    content="0123456789ab",
)

# pcode, name, French, Arabic, aliases, type
_PLACES = {
    "XA": ("Xaaland", "Xaalande", "إكسا", "XA Republic", "Country"),
    "XA01": ("Norda", "Nordé", "نوردا", "Nordah", "Region"),
    "XA02": ("Séna", "Séna", "سينا", "Senna", "Region"),
    "XA03": ("Tamar", "Tamar", "تمار", "", "Region"),
    "XA0101": ("Alto Norda", "Haut-Nordé", "", "", "District"),
    "XA0102": ("Basso Norda", "Bas-Nordé", "", "", "District"),
    "XA0201": ("Séna", "Séna", "", "", "District"),
    "XA0202": ("Quirim", "Quirim", "", "", "District"),
    "XA0301": ("Ossa", "Ossa", "", "", "District"),
    "XA0302": ("Ubari", "Oubari", "", "", "District"),
    "XB": ("Xbbia", "Xbbie", "إكسبيا", "", "Country"),
    "XB01": ("Lumo", "Loumo", "", "", "Region"),
    "XC": ("Xccora", "Xccore", "", "", "Country"),
}
_ISO3 = {"XA": "XAA", "XB": "XBB", "XC": "XCC"}


def _shape(pcode: str) -> BaseGeometry:
    if pcode == "XA":
        return box(10, 10, 13, 12)
    if pcode.startswith("XA"):
        west = 9 + int(pcode[2:4])
        south, north = {"": (10, 12), "01": (11, 12), "02": (10, 11)}[pcode[4:]]
        return box(west, south, west + 1, north)
    return box(13, 10, 15, 12) if pcode.startswith("XB") else box(30, 0, 33, 2)


def invented_places(pcodes: Iterable[str] = _PLACES) -> BoundarySet:
    """Return some of the invented units as a set, in the order of level and P-code."""
    rows = []
    for pcode in sorted(pcodes, key=lambda code: (len(code), code)):
        name, french, arabic, aliases, kind = _PLACES[pcode]
        shape = _shape(pcode)
        rows.append(
            {
                "pcode": pcode,
                "level": len(pcode) // 2 - 1,
                "parent": pcode[:-2],
                "iso3": _ISO3[pcode[:2]],
                "code_scheme": "own",
                "name": name,
                "name_en": name,
                "name_fr": french,
                "name_es": "",
                "name_ar": arabic,
                "aliases": aliases,
                "type": kind,
                "label_lon": shape.centroid.x,
                "label_lat": shape.centroid.y,
                "geometry": shape,
            }
        )
    return BoundarySet(VINTAGE, gpd.GeoDataFrame(rows, crs="EPSG:4326"))


@pytest.fixture(scope="session")
def xaa() -> BoundarySet:
    """One country, three regions, six districts."""
    return invented_places(code for code in _PLACES if code.startswith("XA"))


@pytest.fixture(scope="session")
def xaa_world() -> BoundarySet:
    """The same with the neighbour XBB (and its one region) and the far XCC."""
    return invented_places()


@pytest.fixture(scope="session")
def xaa_sites() -> tuple[Site, ...]:
    """A camp in Tamar, a town in Norda, and an area across the border of Norda and Séna."""
    return (
        Site("ossa-camp", {"en": "Ossa camp", "fr": "Camp d’Ossa"}, 12.4, 11.3, ("XA03",), "camp"),
        Site("port-alto", {"en": "Port Alto"}, 10.2, 11.8, ("XA01",), "town", ("Porto Alto",)),
        Site("marches", {"en": "The Marches"}, 11.0, 11.0, ("XA01", "XA02"), "area"),
    )


def _frame(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def unit_figure(pcode: str, group: str, value: float | None, **more: Any) -> dict[str, Any]:
    """Return one row of ``UNIT_FIGURE_COLUMNS``; None is "not reported"."""
    row: dict[str, Any] = {
        "pcode": pcode,
        "level": len(pcode) // 2 - 1,
        "unplaced": False,
        "group": group,
        "measure": "stock",
        "kind": "registered",
        "unit": "persons",
        "start": None,
        "date": DECEMBER,
        "origin": "",
        "value": float("nan") if value is None else float(value),
        "state": "not_reported" if value is None else "figure",
        "qualifier": "exact",
        "basis": "stated",
        "carried": "",
        "sites": "",
        "sources": "survey",
        "rows": "",
        "note": "",
    }
    return row | more


@pytest.fixture(scope="session")
def xaa_released(xaa_sites: tuple[Site, ...]) -> ReleasedFigures:
    """IDPs on two days, refugees by origin, returns of a year, inhabitants, flows and presence.

    IDPs in December: 1,200 Norda, 0 Séna, 340 Tamar (100 of them carried from XA04): 1,540 stated.
    In June: 100 Norda, 0 Séna, Tamar not reported: 100 summed. Refugees: 50 from XBB and 20 from
    XCC in Norda, 400 from XBB in Ossa camp (Tamar), 30 from XBB not placed: 500.
    """
    summed = {"basis": "summed"}
    census = {"date": CENSUS, "kind": "government", "sources": "census"}
    year = {"measure": "new", "start": date(2020, 1, 1), "kind": "government"}
    unhcr = {"sources": "register"}
    nowhere = {"level": 1, "unplaced": True, **unhcr}
    camp = {"sites": "ossa-camp", **summed, **unhcr}
    figures = [
        unit_figure("XA", "IDP", 100, date=JUNE, qualifier="at_least", **summed),
        unit_figure("XA01", "IDP", 100, date=JUNE),
        unit_figure("XA02", "IDP", 0, date=JUNE),
        unit_figure("XA03", "IDP", None, date=JUNE),
        unit_figure("XA", "IDP", 1540),
        unit_figure("XA", "IDP", 1540, carried="XA04", **summed),
        unit_figure("XA01", "IDP", 1200),
        unit_figure("XA02", "IDP", 0),
        unit_figure("XA03", "IDP", 340, carried="XA04", qualifier="approx"),
        unit_figure("XA", "REF", 500, sites="ossa-camp", **summed, **unhcr),
        unit_figure("XA", "REF", 30, **nowhere, **summed),
        unit_figure("XA01", "REF", 70, **summed, **unhcr),
        unit_figure("XA03", "REF", 400, **camp),
        unit_figure("XA", "REF", 480, origin="XB", **camp),
        unit_figure("XA", "REF", 20, origin="XC", **summed, **unhcr),
        unit_figure("XA", "REF", 30, origin="XB", **nowhere),
        unit_figure("XA01", "REF", 50, origin="XB", **unhcr),
        unit_figure("XA01", "REF", 20, origin="XC", **unhcr),
        unit_figure("XA03", "REF", 400, origin="XB", **camp),
        unit_figure("XA", "RET", 90, **year, **summed),
        unit_figure("XA01", "RET", 60, **year),
        unit_figure("XA03", "RET", 30, **year),
        unit_figure("XA", "POP", 60_000, **census, **summed),
        unit_figure("XA01", "POP", 40_000, **census),
        unit_figure("XA02", "POP", 15_000, **census),
        unit_figure("XA03", "POP", 5_000, **census),
    ]
    flow: dict[str, Any] = {
        "group": "REF",
        "measure": "stock",
        "kind": "registered",
        "unit": "persons",
        "start": None,
        "date": DECEMBER,
        "state": "figure",
        "qualifier": "exact",
        "basis": "by-origin",
        "sources": "register",
        "rows": "",
        "note": "",
    }
    moved = {
        "group": "IDP",
        "measure": "new",
        "kind": "estimate",
        "start": date(2020, 12, 1),
        "qualifier": "approx",
        "basis": "stated",
        "sources": "survey",
    }
    flows: list[dict[str, Any]] = [
        flow | moved | {"origin": "site:marches", "destination": "XA03", "value": 500.0},
        flow | {"origin": "XB", "destination": "XA01", "value": 50.0},
        flow | {"origin": "XC", "destination": "XA01", "value": 20.0},
        flow | {"origin": "XB", "destination": "site:ossa-camp", "value": 400.0},
    ]
    presence: list[dict[str, Any]] = [
        {
            "pcode": pcode,
            "level": 1,
            "org": org,
            "acronym": acronym,
            "org_type": "Invented",
            "role": "",
            "sector": sector,
            "sector_code": code,
            "activity": "",
            "basis": basis,
            "start": None,
            "date": DECEMBER,
            "carried": "",
            "sources": "survey",
            "rows": "",
        }
        for pcode, org, acronym, sector, code, basis in (
            ("XA01", "Well Diggers of Norda", "WDN", "Water", "WSH", "explicit"),
            ("XA01", "Hearth and Roof", "HaR", "Shelter", "SHL", "explicit"),
            ("XA03", "Hearth and Roof", "HaR", "Shelter", "SHL", "inferred"),
        )
    ]
    public = Sensitivity.PUBLIC
    return ReleasedFigures(
        situation="xaa-2020",
        title={"en": "Xaaland situation", "fr": "Situation au Xaaland"},
        as_of=DECEMBER,
        created=date(2021, 1, 15),
        vintage=VINTAGE.id,
        countries=("XAA",),
        focus="XAA",
        figures=_frame(figures, UNIT_FIGURE_COLUMNS),
        flows=_frame(flows, UNIT_FLOW_COLUMNS),
        presence=_frame(presence, UNIT_PRESENCE_COLUMNS),
        sources=(
            Source("survey", "Invented survey", "Office of XAA", DECEMBER, "CC0", public),
            Source("register", "Invented register", "Office of XAA", DECEMBER, "CC0", public),
            Source("census", "Invented census", "Office of XAA", CENSUS, "CC0", public),
        ),
        sites=xaa_sites,
        notes=(
            Note(
                "carry",
                {"en": "XA04 is shown within Tamar", "fr": "XA04 est montré dans Tamar"},
                ("XA03",),
            ),
        ),
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real tables and boundaries beside the checkout, else skip."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not beside the checkout: put it there to run this test")
    return folder


def _cluster_module() -> Any:
    """Return `benchmarks/postgis_cluster.py`, which is no part of an import package."""
    from importlib.util import module_from_spec, spec_from_file_location

    path = Path(__file__).resolve().parents[1] / "benchmarks" / "postgis_cluster.py"
    spec = spec_from_file_location("postgis_cluster", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["postgis_cluster"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgis() -> Generator[Any, None, None]:
    """A private PostgreSQL with PostGIS for all tests that want one, else skip."""
    module = _cluster_module()
    try:
        with module.postgis_cluster(shared_buffers="64MB") as cluster:
            yield cluster
    except module.PostgisMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def fresh_database(postgis: Any) -> str:
    """The address of the cluster's database, without any sitmap tables."""
    postgis.sql("DROP SCHEMA IF EXISTS sitmap CASCADE")
    return str(postgis.url)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be skipped (`.ci/run` says so), a skipped test is a failed one.

    QGIS is let off: it takes a gigabyte (`make system-packages QGIS=1`), and GDAL reads the same.
    """
    report = yield
    optional = "optional client: " in str(report.longrepr)
    if report.skipped and not optional and os.environ.get("SITMAP_SKIP_NOTHING"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def published_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], "Published"]:
    """Return a function that publishes an example by the name of its folder, once for all tests."""
    from service.publishing import up_to_date
    from service.terminal import Terminal

    home = tmp_path_factory.mktemp("examples")
    examples = Path(__file__).resolve().parents[1] / "examples"

    @cache
    def publish(name: str) -> "Published":
        store = home / f"{name}.sqlite"
        return up_to_date(examples / name, store=store, terminal=Terminal(quiet=True))

    return publish
