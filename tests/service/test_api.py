"""The API on the invented country, from a store that a build made."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from pydantic import BaseModel

from service import answers
from service.app import create_app
from service.pipeline import build
from service.publishing import publish
from service.settings import Settings
from service.situation_file import load_situation

Connect = Callable[..., Any]
API = "/api/situations/xaa-2020"
MAP = "/maps/xaa-2020/idps"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def client(published_folder: Path, connect: Connect) -> Any:
    stores = (published_folder / ".sitmap" / "store.sqlite",)
    return connect(create_app(Settings(stores=stores)))


def _rows(document: dict[str, Any]) -> dict[str, Any]:
    return {row["pcode"]: row["value"] for row in document["rows"]}


# --- counts --------------------------------------------------------------------------------------


def test_counts_carry_the_other_vintages_unit_and_keep_the_total(client: Any) -> None:
    document = client.get(f"{API}/counts", params={"level": 1, "group": "IDP"}).json()
    assert _rows(document) == {"XA01": 1200, "XA02": 0, "XA03": 340}
    assert (document["total"], document["unplaced"], document["stated_total"]) == (1540, 0, 1540)
    assert document["date"] == "2020-12-31"
    assert document["rows"][2]["carried"] == ["XA04"]
    assert document["notes"] == ["Quarta is shown within Tamar."]


def test_persons_are_whole_numbers_in_json(client: Any) -> None:
    text = client.get(f"{API}/counts?group=IDP").text
    assert '"value": 1200,' in text
    assert "1200.0" not in text


def test_names_and_notes_are_in_the_language_asked_for(client: Any) -> None:
    document = client.get(f"{API}/counts?group=IDP&lang=fr").json()
    assert document["notes"] == ["Quarta est comprise dans Tamar."]


def test_a_box_keeps_the_units_that_touch_it_and_their_total(client: Any) -> None:
    document = client.get(f"{API}/counts?group=IDP&bbox=12.5,10,13,11").json()
    assert _rows(document) == {"XA03": 340}
    assert document["total"] == 340


@pytest.mark.parametrize("form", ["geojson", "gpkg", "parquet"])
def test_geographic_formats_hold_the_same_numbers(client: Any, form: str, tmp_path: Path) -> None:
    file = tmp_path / f"counts.{form}"
    file.write_bytes(client.get(f"{API}/counts?group=IDP&format={form}").content)
    read = gpd.read_parquet if form == "parquet" else gpd.read_file
    frame = read(file)
    assert dict(zip(frame["pcode"], frame["value"], strict=True)) == {
        "XA01": 1200,
        "XA02": 0,
        "XA03": 340,
    }
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()


def test_the_spreadsheet_holds_numbers_and_no_formula(client: Any) -> None:
    answer = client.get(f"{API}/counts?group=IDP&format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book["counts"].values)
    value = rows[0].index("value")
    assert [row[value] for row in rows[1:]] == [1200, 0, 340]
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n"}


def test_csv_has_an_empty_cell_where_nothing_is_reported(client: Any) -> None:
    text = client.get(f"{API}/counts?group=IDP&format=csv").text
    assert text.splitlines()[0].startswith("pcode,name,level,group")
    assert "XA01,Norda,1,IDP,stock,2020-12-31,persons,1200,figure" in text


# --- everything else -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/api/situations", answers.SituationsOut),
        (API, answers.SituationOut),
        (f"{API}/counts?group=IDP", answers.CountsOut),
        (f"{API}/units/XA03", answers.UnitOut),
        (f"{API}/flows", answers.FlowsOut),
        (f"{API}/presence", answers.PresencesOut),
        (f"{API}/sources", answers.SourcesOut),
        (f"{API}/values/idps", answers.ValuesOut),
    ],
)
def test_answers_are_what_the_description_says(
    client: Any, path: str, model: type[BaseModel]
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    model.model_validate(answer.json())


def test_a_unit_knows_its_counts_and_its_place_in_the_tree(client: Any) -> None:
    unit = client.get(f"{API}/units/XA03").json()
    assert [parent["pcode"] for parent in unit["parents"]] == ["XA"]
    assert [child["pcode"] for child in unit["children"]] == ["XA0301", "XA0302"]
    idps = [count for count in unit["counts"] if count["group"] == "IDP"]
    assert [count["value"] for count in idps] == [340]
    assert unit["notes"] == ["Quarta is shown within Tamar."]


def test_a_source_says_what_it_feeds(client: Any) -> None:
    (source,) = client.get(f"{API}/sources").json()["sources"]
    assert "IDP stock 2020-12-31" in source["feeds"]


def test_values_join_by_pcode_and_hold_rates_and_persons(client: Any) -> None:
    rows = {row["pcode"]: row for row in client.get(f"{API}/values/idps").json()["rows"]}
    assert rows["XA01"]["value"] == pytest.approx(12.0)  # 1,200 of 100,000
    assert rows["XA03"]["count"] == 340
    assert rows["XA01"]["figures"] == {"IDP": 1200}


@pytest.mark.parametrize(
    ("form", "start"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("html", b"<!DOCTYPE html>")],
)
def test_a_map_has_every_form(client: Any, form: str, start: bytes) -> None:
    answer = client.get(f"{MAP}.{form}")
    assert answer.status_code == 200
    assert (
        answer.content.lstrip().lower().startswith(start.lower()) or start in answer.content[:200]
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_picture_has_the_width_asked_for(client: Any) -> None:
    content = client.get(f"{MAP}.png?width=480").content
    assert int.from_bytes(content[16:20], "big") == 480


def test_a_map_in_words_names_its_numbers(client: Any) -> None:
    assert "1,200" in client.get(f"{MAP}.txt").text


def test_svg_and_html_come_with_a_policy_that_fits_them(client: Any) -> None:
    assert "sandbox" in client.get(f"{MAP}.svg").headers["content-security-policy"]
    policy = client.get(f"{MAP}.html").headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "sha256-" in scripts
    assert "unsafe" not in scripts


@pytest.mark.parametrize("name", ["legend.svg", "legend.json", "style.json", "tilejson.json"])
def test_a_map_has_its_parts(client: Any, name: str) -> None:
    answer = client.get(f"{MAP}/{name}")
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_the_landing_page_shows_every_map_and_asks_no_other_host(client: Any) -> None:
    page = client.get("/").text
    assert f"{MAP}.png?width=" in page
    assert "Survey of displaced people" in page
    for word in ("src=", "href="):
        targets = [part.split('"')[1] for part in page.split(f" {word}")[1:]]
        assert all(t.startswith("/") or t == "data:," for t in targets)


def test_the_reference_page_shows_every_route(client: Any) -> None:
    page, document = client.get("/docs").text, client.get("/openapi.json").json()
    assert all(path in page for path in document["paths"])
    assert "13215" in page


def test_every_route_is_described_with_its_errors(client: Any) -> None:
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert "422" not in operation["responses"], path
    example = document["components"]["schemas"]["CountsOut"]["example"]
    assert example["rows"][0]["value"] == 13215


# --- asking twice --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"{API}/counts?group=IDP", f"{MAP}.svg", "/", "/docs", API])
def test_who_has_the_answer_gets_304(client: Any, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_other_questions_and_codings_have_other_tags(client: Any) -> None:
    tags = {
        client.get(f"{API}/counts?group=IDP").headers["etag"],
        client.get(f"{API}/counts?group=IDP&lang=fr").headers["etag"],
        client.get(f"{API}/counts?group=IDP", headers={"Accept-Encoding": "identity"}).headers[
            "etag"
        ],
    }
    assert len(tags) == 3


def test_a_new_edition_is_served_without_a_restart(folder: Path, connect: Connect) -> None:
    publish(build(load_situation(folder)))
    settings = Settings(stores=(folder / ".sitmap" / "store.sqlite",))
    client = connect(create_app(settings))
    first = client.get(f"{API}/counts?group=IDP")
    table = folder / "idps.csv"
    table.write_text(
        table.read_text("utf-8").replace("240", "250").replace("1,540", "1,550"), "utf-8"
    )
    publish(build(load_situation(folder)))
    second = client.get(f"{API}/counts?group=IDP", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert _rows(second.json())["XA03"] == 350
    assert second.json()["edition"] != first.json()["edition"]


def test_head_answers_like_get_without_a_body(client: Any) -> None:
    answer = client.request("HEAD", f"{MAP}.svg")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("image/svg+xml")


def test_any_page_may_read_the_answers(client: Any) -> None:
    answer = client.get(API, headers={"Origin": "https://portal.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_no_header_of_a_request_gets_into_an_answer(client: Any) -> None:
    plain = client.get(f"{MAP}/tilejson.json").content
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert client.get(f"{MAP}/tilejson.json", headers=forged).content == plain


def test_addresses_are_absolute_where_the_operator_says_so(
    published_folder: Path, connect: Connect
) -> None:
    settings = Settings(
        stores=(published_folder / ".sitmap" / "store.sqlite",), base_url="https://maps.example"
    )
    client = connect(create_app(settings))
    tiles = client.get(f"{MAP}/tilejson.json").json()["tiles"]
    assert tiles == ["https://maps.example/tiles/maps/xaa-2020/idps/{z}/{x}/{y}.mvt"]


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code", "known"),
    [
        ("/api/situations/nowhere", 404, "unknown-situation", ["xaa-2020"]),
        (f"{API}/counts?group=REF", 404, "unknown-group", ["IDP", "POP"]),
        (f"{API}/counts", 404, "unknown-group", ["IDP", "POP"]),
        (f"{API}/counts?group=IDP&date=2019-01-01", 404, "unknown-date", ["2020-12-31"]),
        (f"{API}/counts?group=IDP&level=2", 404, "no-such-level", ["0", "1"]),
        (f"{API}/counts?group=IDP&level=9", 400, "bad-parameter", None),
        (f"{API}/counts?group=IDP&level=1_0", 400, "bad-parameter", None),
        (
            f"{API}/counts?group=IDP&measure=many",
            400,
            "bad-parameter",
            ["stock", "new", "cumulative"],
        ),
        (f"{API}/counts?group=IDP&measure=new", 404, "unknown-measure", ["stock"]),
        (f"{API}/counts?group=IDP&origin=ZZZ", 404, "unknown-origin", None),
        (f"{API}/counts?group=IDP&parent=ZZ", 404, "unknown-unit", None),
        (f"{API}/counts?group=IDP&format=shp", 406, "no-such-format", None),
        (f"{API}/counts?group=IDP&date=yesterday", 400, "bad-parameter", None),
        (f"{API}/counts?group=IDP&bbox=1,2,nan,4", 400, "bad-parameter", None),
        (f"{API}/counts?group=IDP&bbox=5,2,1,4", 400, "bad-parameter", None),
        (f"{API}/counts?grp=IDP", 400, "unknown-parameter", None),
        (f"{API}/units/ZZ99", 404, "unknown-unit", None),
        (f"{API}/values/nothing", 404, "unknown-map", ["idps"]),
        ("/maps/xaa-2020/nothing.svg", 404, "unknown-map", ["idps"]),
        (f"{MAP}.gif", 404, "not-found", None),
        (f"{MAP}.svg?paper=A9", 400, "bad-parameter", None),
        (f"{MAP}.svg?lang=xx", 400, "bad-parameter", ["en", "fr", "es", "ar"]),
        (f"{MAP}.png?width=100000", 400, "bad-parameter", None),
        (
            f"{MAP}.svg?url=http://x",
            400,
            "unknown-parameter",
            [
                *("lang", "show", "group", "date", "measure", "origin", "level"),
                *("paper", "width"),
            ],
        ),
        ("/healthz?x=1", 400, "unknown-parameter", None),
        ("/nothing", 404, "not-found", None),
        (f"/api/situations/{HOSTILE}", 404, None, None),
        ("/api/situations/%2e%2e%2fetc", 404, None, None),
    ],
)
def test_what_is_not_there_is_told_as_a_problem(
    client: Any, path: str, status: int, code: str | None, known: list[str] | None
) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert code is None or problem["code"] == code
    assert known is None or problem["known"] == known


@pytest.mark.parametrize(
    "path",
    [
        f"/api/situations/{HOSTILE}",
        f"{API}/counts?group={HOSTILE}",
        f"{API}/counts?{HOSTILE}=1",
        f"{API}/units/{HOSTILE}",
        f"/maps/xaa-2020/{HOSTILE}.svg",
        f"/tiles/maps/xaa-2020/{HOSTILE}/0/0/0.mvt",
        f"{API}/counts?group=IDP&origin={HOSTILE}",
        f"{API}/counts?group=QQQ",
    ],
)
def test_a_problem_never_repeats_what_was_sent(client: Any, path: str) -> None:
    text = client.get(path).text
    assert "alert(1)" not in text
    assert "QQQ" not in text


def test_nothing_can_be_written(client: Any) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = client.request(method, API)
        assert answer.status_code == 405
        assert answer.json()["code"] == "method-not-allowed"


def test_without_a_store_it_lives_and_is_not_ready(tmp_path: Path, connect: Connect) -> None:
    client = connect(create_app(Settings(stores=(tmp_path / "none.sqlite",))))
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
    assert str(tmp_path) not in answer.text


def test_a_fault_of_ours_is_told_without_its_cause(
    client: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("secret path /srv/x")

    monkeypatch.setattr("service.counts_desk.counts_file", broken)
    answer = connect(client.app, raises=False).get(f"{API}/counts?group=IDP&limit=3")
    assert answer.status_code == 500
    assert json.loads(answer.text)["code"] == "internal-error"
    assert "secret" not in answer.text
