"""The Mali situation of 2017, from its tables to every output: one number, the same everywhere.

Gao's figure is worked out by hand from UNHCR's table of the end of 2016: 8,571 in Gao and 4,644 in
Ménaka, which lies within the Gao of the boundaries' nine regions: 13,215. The regions sum to 36,690.
"""

import asyncio
import json
import math
import re
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import pypdfium2
import pytest
from click.testing import CliRunner

from service.app import create_app
from service.cli import main
from service.settings import Settings

GAO, ALL_REGIONS = 13_215, 36_690
API, MAPS, TILES = "/api/situations/mali-2017", "/maps/mali-2017", "/tiles/maps/mali-2017"


def sitmap(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged example, copied as a user would."""
    folder = tmp_path_factory.mktemp("mali") / "mali-2017"
    assert sitmap("example", "mali-2017", folder).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    result = sitmap("build", folder, "--json")
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture(scope="module")
def drawn(folder: Path, report: dict[str, Any]) -> Path:
    out = folder.parent / "out"
    result = sitmap("render", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    return out


@pytest.fixture(scope="module")
def get(folder: Path, report: dict[str, Any]) -> Any:
    app = create_app(Settings(stores=(folder / ".sitmap" / "store.sqlite",)))

    def get(path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
                return await client.get(path)

        answer = asyncio.run(ask())
        assert answer.status_code == 200, answer.text
        return answer

    return get


@pytest.fixture(scope="module")
def pdf_text(drawn: Path) -> str:
    """The situation map's text, as a reader would select it, with its lines joined."""
    return _pdf_text(drawn / "situation.pdf")


def _pdf_text(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.split())


def test_the_example_is_settled_and_every_row_is_accounted_for(report: dict[str, Any]) -> None:
    rows = sum(table["rows"] for table in report["tables"])
    assert len(report["ledger"]) == rows
    assert all(entry["why"] for entry in report["ledger"] if entry["verdict"] != "placed")
    assert {finding["state"] for finding in report["findings"]} <= {"acknowledged"}


def test_the_command_line_prints_it(folder: Path, report: dict[str, Any]) -> None:
    result = sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    values = {row["pcode"]: row["value"] for row in document["rows"]}
    assert values["ML07"] == GAO
    assert sum(values.values()) == document["total"] == document["stated_total"] == ALL_REGIONS
    assert document["date"] == "2016-12-31"
    assert next(r for r in document["rows"] if r["pcode"] == "ML07")["carried"] == ["ML10"]


def test_the_api_answers_it(get: Any) -> None:
    document = get(f"{API}/counts?level=1&group=IDP").json()
    values = {row["pcode"]: row["value"] for row in document["rows"]}
    assert (values["ML07"], sum(values.values())) == (GAO, ALL_REGIONS)
    assert any("Ménaka" in note for note in document["notes"])


def test_the_command_line_and_the_api_say_the_same(folder: Path, get: Any) -> None:
    printed = sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "json").stdout
    assert json.loads(printed) == get(f"{API}/counts?level=1&group=IDP").json()


def test_geojson_holds_it(get: Any) -> None:
    document = get(f"{API}/counts?level=1&group=IDP&format=geojson").json()
    values = {f["id"]: f["properties"]["value"] for f in document["features"]}
    assert (values["ML07"], sum(values.values())) == (GAO, ALL_REGIONS)


def test_the_tile_over_gao_holds_it(get: Any) -> None:
    zoom, lon, lat = 6, 0.0, 16.27  # the town of Gao
    x = int((lon + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    tile = mapbox_vector_tile.decode(get(f"{TILES}/situation/{zoom}/{x}/{y}.mvt").content)
    units = {f["properties"]["pcode"]: f["properties"] for f in tile["units"]["features"]}
    assert units["ML07"]["count"] == GAO


def test_the_values_of_the_map_hold_it(get: Any) -> None:
    rows = {row["pcode"]: row for row in get(f"{API}/values/situation").json()["rows"]}
    assert rows["ML07"]["figures"]["IDP"] == GAO


def test_the_page_shows_it(drawn: Path, get: Any) -> None:
    for page in (
        (drawn / "situation.html").read_text("utf-8"),
        get(f"{MAPS}/situation.html").text,
    ):
        assert re.search(r"<td[^>]*>\s*13,215", page)


def test_the_print_shows_it(pdf_text: str) -> None:
    assert "13,215" in pdf_text


def test_the_words_of_the_map_name_it(get: Any) -> None:
    assert "13,215" in get(f"{MAPS}/situation.txt").text


def test_the_title_date_stands_and_the_figures_say_their_own(pdf_text: str) -> None:
    assert "as of 28 February 2017" in pdf_text
    assert "31 December 2016" in pdf_text


def test_menaka_is_said_to_lie_within_gao(pdf_text: str) -> None:
    assert "Ménaka is shown within Gao" in pdf_text


def test_figures_from_niger_say_that_they_are_of_december_2016(pdf_text: str) -> None:
    footnotes = re.findall(r"\*[^*]*", pdf_text)
    assert any("Niger" in note and "31 December 2016" in note for note in footnotes)


def test_movements_after_the_maps_date_are_not_on_it(drawn: Path, get: Any) -> None:
    rows = get(f"{API}/flows").json()["rows"]
    assert [row["value"] for row in rows if row["date"] == "2017-03-29"] == [113]
    shown = get(f"{API}/values/movements").json()["flows"]
    assert 113 not in [flow["value"] for flow in shown]


def test_the_displaced_towards_segou_come_from_one_undivided_area(get: Any) -> None:
    rows = [row for row in get(f"{API}/flows?group=IDP").json()["rows"] if row["measure"] == "new"]
    assert {row["value"] for row in rows} == {10_116, 9_112}
    assert {row["origin"] for row in rows} == {"site:tenenkou-macina-niono"}
    assert {row["destination"] for row in rows} == {"ML04"}


def test_the_description_of_the_api_gives_the_real_number(get: Any) -> None:
    example = get("/openapi.json").json()["components"]["schemas"]["CountsOut"]["example"]
    assert example["total"] == ALL_REGIONS
    assert [row["value"] for row in example["rows"] if row["pcode"] == "ML07"] == [GAO]
