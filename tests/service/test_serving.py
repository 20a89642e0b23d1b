"""The short way to a tile, and what holds for every answer: made once, told by version, within limits."""

import asyncio
import gzip
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import mapbox_vector_tile
import pytest

from geo.sqlite_store import SqliteStore
from service.app import create_app
from service.errors import Busy
from service.flights import Flights
from service.guards import MOST_BYTES, MOST_IN_ADDRESS
from service.holdings import GLANCE, PATIENCE, Watched
from service.pipeline import build
from service.publishing import publish
from service.settings import Settings
from service.situation_file import load_situation
from service.tile_desk import MapTile
from service.tile_shelf import FinishedFile, TileShelf

Connect = Callable[..., Any]
API = "/api/situations/xaa-2020"
TILE = "/tiles/maps/xaa-2020/idps/4/8/7.mvt"


def settings_of(folder: Path, **more: Any) -> Settings:
    return Settings(stores=(folder / ".sitmap" / "store.sqlite",), **more)


@pytest.fixture(scope="module")
def client(published_folder: Path, connect: Connect) -> Any:
    return connect(create_app(settings_of(published_folder)))


# --- the short way and the long way ----------------------------------------------------------------


@pytest.mark.parametrize("address", [TILE, TILE.replace(".mvt", ".png"), f"{TILE}?layers=units"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_both_ways_give_the_same_bytes_and_the_same_tag(
    client: Any, address: str, coding: str
) -> None:
    short = client.get(address, headers={"Accept-Encoding": coding})
    # HEAD goes the long way, through the described routes; "?lang=en" in two spellings likewise
    head = client.request("HEAD", address, headers={"Accept-Encoding": coding})
    assert (short.status_code, head.status_code) == (200, 200)
    for name in ("etag", "content-type", "content-length", "cache-control", "vary"):
        assert short.headers[name] == head.headers[name], name
    assert short.headers.get("content-encoding") == head.headers.get("content-encoding")
    assert short.headers["x-content-type-options"] == "nosniff"
    assert short.headers["access-control-allow-origin"] == "*"


def test_a_packed_tile_is_the_plain_one(client: Any) -> None:
    plain = client.get(TILE, headers={"Accept-Encoding": "identity"})
    packed = client.get(TILE, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx unpacks
    assert plain.headers["etag"] != packed.headers["etag"]


def test_a_tile_the_reader_has_is_not_made(published_folder: Path, connect: Connect) -> None:
    first = connect(create_app(settings_of(published_folder))).get(TILE)
    fresh = create_app(settings_of(published_folder))
    again = connect(fresh).get(TILE, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert fresh.state.desk.shelf.total == 0


def test_five_hundred_who_ask_for_a_cold_tile_cause_one_making(
    published_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import service.tile_desk as module

    made: list[object] = []
    make = module.prepared_tile

    def counted(*arguments: Any) -> Any:
        made.append(arguments[1:4])
        return make(*arguments)

    monkeypatch.setattr(module, "prepared_tile", counted)
    app = create_app(settings_of(published_folder))
    bodies: list[bytes] = []

    async def ask() -> None:
        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                bodies.append(message["body"])

        async def receive() -> Any:
            return {"type": "http.request"}

        scope = {"type": "http", "method": "GET", "path": TILE, "query_string": b"", "headers": []}
        await app(scope, receive, send)

    async def all_at_once() -> None:
        await asyncio.gather(*(ask() for _ in range(500)))

    asyncio.run(all_at_once())
    assert made == [(4, 8, 7)]
    assert len(bodies) == 500
    assert len(set(bodies)) == 1


def test_a_tile_that_cannot_be_made_is_told_by_the_short_way_too(client: Any) -> None:
    answer = client.get("/tiles/maps/xaa-2020/nothing/0/0/0.mvt")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-map")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_another_host_gets_no_tile(published_folder: Path, connect: Connect) -> None:
    app = create_app(settings_of(published_folder, hosts=("maps.example",)))
    assert connect(app).get(TILE).json()["code"] == "unknown-host"
    assert connect(app).get(TILE, headers={"Host": "maps.example"}).status_code == 200


def test_a_picture_tile_comes_in_two_sizes(client: Any) -> None:
    sizes = {
        size: client.get(f"{TILE.replace('.mvt', '.png')}?size={size}").content[16:20]
        for size in (256, 512)
    }
    assert {size: int.from_bytes(width, "big") for size, width in sizes.items()} == {
        256: 256,
        512: 512,
    }


# --- new editions ----------------------------------------------------------------------------------


def test_a_new_edition_and_a_withdrawn_one_are_seen_without_a_restart(
    folder: Path, connect: Connect
) -> None:
    first = publish(build(load_situation(folder)))
    client = connect(create_app(settings_of(folder)))

    def persons() -> float:
        tile = mapbox_vector_tile.decode(client.get(TILE).content)
        units = {f["properties"]["pcode"]: f["properties"] for f in tile["units"]["features"]}
        counts = client.get(f"{API}/counts?group=IDP").json()
        shown = {row["pcode"]: row["value"] for row in counts["rows"]}
        assert shown["XA03"] == units["XA03"]["count"]
        return float(shown["XA03"])

    assert persons() == 340
    tag = client.get(TILE).headers["etag"]
    table = folder / "idps.csv"
    text = table.read_text("utf-8")
    table.write_text(text.replace("240", "250").replace("1,540", "1,550"), "utf-8")
    second = publish(build(load_situation(folder)))
    time.sleep(GLANCE)
    assert persons() == 350
    assert client.get(TILE, headers={"If-None-Match": tag}).status_code == 200
    old = client.get(f"{API}/counts?group=IDP&edition={first.id}").json()
    assert {row["pcode"]: row["value"] for row in old["rows"]}["XA03"] == 340
    listed = client.get(API).json()["editions"]
    assert [edition["id"] for edition in listed] == [second.id, first.id]

    SqliteStore(folder / ".sitmap" / "store.sqlite").withdraw(second.id)
    time.sleep(GLANCE)
    assert persons() == 340
    gone = client.get(f"{API}/counts?group=IDP&edition={second.id}")
    missing = client.get(f"{API}/counts?group=IDP&edition=0123456789ab")
    assert gone.json() == missing.json()
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-edition")
    assert dict(gone.headers) == dict(missing.headers)


def test_a_store_is_looked_at_where_it_changed_or_long_ago(tmp_path: Path) -> None:
    from geo.store import Holdings

    looks: list[int] = []
    now, stamp = [0.0], ["a"]

    class Still:
        def stamp(self) -> str:
            return stamp[0]

        def holdings(self) -> Holdings:
            looks.append(1)
            return Holdings({}, {})

    watched = Watched(Still(), tmp_path, clock=lambda: now[0])  # type: ignore[arg-type]
    watched.now()
    watched.now()
    assert len(looks) == 1
    stamp[0], now[0] = "b", now[0] + GLANCE
    watched.now()
    assert len(looks) == 2  # it changed
    now[0] += PATIENCE
    watched.now()
    assert len(looks) == 3  # its stamp may be wrong
    assert GLANCE + PATIENCE < 1  # what the operator is promised


# --- limits ----------------------------------------------------------------------------------------


def test_more_work_than_can_wait_is_refused_and_what_is_begun_gets_done() -> None:
    gate = threading.Event()

    async def three() -> list[Any]:
        flights: Flights[int] = Flights(waiting=2, threads=1)
        first, second = (
            asyncio.ensure_future(flights.get(key, lambda: gate.wait(5) and 1)) for key in "ab"
        )
        await asyncio.sleep(0)
        same = asyncio.ensure_future(flights.get("a", lambda: 2))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await flights.get("c", lambda: 3)
        gate.set()
        return [await first, await second, await same]

    assert asyncio.run(three()) == [1, 1, 1]


def test_a_reader_who_goes_away_stops_nothing_for_the_others() -> None:
    gate = threading.Event()

    async def two() -> int:
        flights: Flights[int] = Flights(waiting=2, threads=1)
        gone = asyncio.ensure_future(flights.get("a", lambda: gate.wait(5) and 7))
        await asyncio.sleep(0.01)
        other = asyncio.ensure_future(flights.get("a", lambda: 0))
        await asyncio.sleep(0)
        gone.cancel()
        gate.set()
        return await other

    assert asyncio.run(two()) == 7


def test_a_busy_service_says_when_to_come_back(published_folder: Path, connect: Connect) -> None:
    app = create_app(settings_of(published_folder))

    async def busy(*_: object) -> None:
        raise Busy(waiting=1)

    app.state.desk._made.get = busy
    answer = connect(app).get(TILE)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"] == "1"


def test_the_shelf_holds_no_more_than_its_limit() -> None:
    shelf = TileShelf(limit=1000)
    for key in range(10):
        shelf.put(key, FinishedFile(b"x" * 300))
        shelf.get(0, FinishedFile)
    assert shelf.total <= 1000
    assert shelf.get(0, FinishedFile) is not None  # asked for all along
    assert shelf.get(5, FinishedFile) is None
    shelf.put("huge", FinishedFile(b"x" * 2000))
    assert shelf.get("huge", FinishedFile) is None


def test_two_tiles_asked_for_under_one_name_stay_two(published_folder: Path) -> None:
    desk = create_app(settings_of(published_folder)).state.desk
    here, nowhere = (
        MapTile("xaa-2020", "idps", (4, 8, 7), layers=("units",)),
        MapTile("xaa-2020", "idps", (4, 0, 0), layers=("units",)),
    )

    async def both() -> tuple[bytes, bytes]:
        return (await desk.answer(here, "name")).body, (await desk.answer(nowhere, "name")).body

    full, empty = asyncio.run(both())
    assert full
    assert not empty


def test_finished_answers_count_against_the_memory(
    published_folder: Path, connect: Connect
) -> None:
    app = create_app(settings_of(published_folder))
    client, shelf = connect(app), app.state.desk.shelf
    client.get(TILE, headers={"Accept-Encoding": "identity"})
    before = shelf.total
    packed = client.get(TILE, headers={"Accept-Encoding": "gzip"})
    assert shelf.total - before >= int(packed.headers["content-length"])
    after = shelf.total
    client.get(TILE, headers={"Accept-Encoding": "gzip"})
    assert shelf.total == after


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (f"{API}/counts?group=IDP&limit=10001", {}, 400, "limit-exceeded"),
        (f"{API}/flows?limit=10001", {}, 400, "limit-exceeded"),
        (f"{API}/counts?group=IDP&limit=0", {}, 400, "bad-parameter"),
        (f"{API}/counts?{'x' * (MOST_IN_ADDRESS + 1)}", {}, 414, "address-too-long"),
        (API, {"Content-Length": str(MOST_BYTES + 1)}, 413, "request-too-large"),
        (API, {"Content-Length": "many"}, 413, "request-too-large"),
        (f"{API}/counts?group=IDP", {"Accept": "image/tiff"}, 406, "no-such-format"),
        (f"{API}/counts?group=IDP&format=shp", {}, 406, "no-such-format"),
        (API, {"If-None-Match": "nonsense"}, 400, "bad-if-none-match"),
        (TILE, {"If-None-Match": '"a", b'}, 400, "bad-if-none-match"),
        (TILE, {"If-None-Match": "<script>"}, 400, "bad-if-none-match"),
        (f"{API}/counts?group=IDP&edition=../etc", {}, 400, "bad-parameter"),
        (f"{TILE.replace('.mvt', '.png')}?size=999", {}, 400, "bad-parameter"),
        (f"{API}/units?level=2&parent=QQ", {}, 404, "unknown-unit"),
    ],
)
def test_what_is_too_much_or_cannot_be_read_has_a_code(
    client: Any, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    for sent in ("script", "nonsense", "etc", "tiff", "shp", "QQ"):
        assert sent not in answer.text


@pytest.mark.parametrize("header", ['"x", W/"TAG", "y"', 'W/"TAG"', "*", ', "TAG"'])
def test_every_lawful_if_none_match_is_understood(client: Any, header: str) -> None:
    tag = client.get(TILE).headers["etag"].strip('"')
    answer = client.get(TILE, headers={"If-None-Match": header.replace("TAG", tag)})
    assert answer.status_code == 304


# --- pages, languages, codings, formats --------------------------------------------------------------


def _target(link: str, relation: str) -> str:
    (found,) = [part for part in link.split(", ") if part.endswith(f'rel="{relation}"')]
    return found.partition(";")[0].strip("<>")


def test_pages_follow_each_other_by_their_links_and_hold_every_row_once(client: Any) -> None:
    path, codes = f"{API}/counts?group=IDP&limit=2", []
    answer = client.get(path)
    codes += [row["pcode"] for row in answer.json()["rows"]]
    assert answer.json()["total"] == 1540  # of all, on every page
    assert 'rel="prev"' not in answer.headers["link"]
    last = client.get(_target(answer.headers["link"], "next"))
    codes += [row["pcode"] for row in last.json()["rows"]]
    assert codes == ["XA01", "XA02", "XA03"]
    assert 'rel="next"' not in last.headers["link"]
    assert client.get(_target(last.headers["link"], "prev")).json() == answer.json()


def test_links_start_with_the_public_address_of_the_settings(
    published_folder: Path, connect: Connect
) -> None:
    app = create_app(settings_of(published_folder, base_url="https://maps.example/s"))
    answer = connect(app).get(f"{API}/counts?group=IDP&limit=1", headers={"Host": "evil.example"})
    assert answer.headers["link"].startswith(f"<https://maps.example/s{API}/counts?group=IDP&")


def test_a_page_can_be_had_in_every_format(client: Any) -> None:
    text = client.get(f"{API}/counts?group=IDP&format=csv&limit=1&offset=1").text
    assert [line.partition(",")[0] for line in text.splitlines()] == ["pcode", "XA02"]


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [
        ({"Accept-Language": "fr-CH, en;q=0.5"}, "", "fr"),
        ({"Accept-Language": "de, fr;q=0.4"}, "", "fr"),
        ({"Accept-Language": "de"}, "", "en"),
        ({"Accept-Language": "fr;q=0"}, "", "en"),
        ({"Accept-Language": "fr"}, "&lang=en", "en"),
        ({}, "", "en"),
    ],
)
def test_answers_are_in_the_language_asked_for_or_preferred(
    client: Any, headers: dict[str, str], query: str, language: str
) -> None:
    answer = client.get(f"{API}/counts?group=IDP{query}", headers=headers)
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    note = {"en": "Quarta is shown within Tamar.", "fr": "Quarta est comprise dans Tamar."}
    assert answer.json()["notes"] == [note[language]]


def test_maps_are_the_same_for_everybody(client: Any) -> None:
    french = {"Accept-Language": "fr"}
    for path in (TILE, "/maps/xaa-2020/idps/legend.json", f"{API}/values/idps"):
        assert client.get(path).content == client.get(path, headers=french).content


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("br, gzip", "br"), ("gzip", "gzip"), ("gzip;q=1, br;q=0.1", "gzip"), ("identity", None)],
)
def test_answers_are_packed_as_the_reader_likes(
    client: Any, accepted: str, coding: str | None
) -> None:
    answer = client.get(API, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.json()["id"] == "xaa-2020"


def test_packing_repeats_to_the_byte() -> None:
    from service.packing import packed

    text = b'{"pcode": "XA01"}' * 100
    assert brotli.decompress(packed(text, "br")) == gzip.decompress(packed(text, "gzip")) == text
    assert packed(text, "gzip") == packed(text, "gzip")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/geo+json, */*;q=0.1", "application/geo+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
    ],
)
def test_accept_chooses_the_format(client: Any, accept: str, media: str) -> None:
    answer = client.get(f"{API}/counts?group=IDP", headers={"Accept": accept})
    assert answer.headers["content-type"] == media


def test_units_of_one_parent_say_their_places(client: Any) -> None:
    everything = client.get(f"{API}/units?level=2").json()
    some = client.get(f"{API}/units?level=2&parent=XA03").json()
    assert [everything["pcode"][place] for place in some["place"]] == some["pcode"]
    assert set(some["parent"]) == {"XA03"}


# --- operations --------------------------------------------------------------------------------------


def test_numbers_are_told_by_route_and_never_by_input(client: Any) -> None:
    client.get(TILE)
    client.get(f"{API}/counts?group=IDP")
    client.get("/nowhere/secret")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    route = "/tiles/maps/{sid}/{map_id}/{z}/{x}/{y}.mvt"
    assert f'sitmap_requests_total{{route="{route}",status="200"}}' in answer.text
    assert 'sitmap_request_seconds_bucket{le="0.01",route="/api/situations/{sid}/counts"}' in (
        answer.text
    )
    assert 'sitmap_tiles_total{from="memory"}' in answer.text
    assert "sitmap_tiles_encoded_total" in answer.text
    assert 'sitmap_editions{situation="xaa-2020"} 1.0' in answer.text
    assert 'route="none",status="404"' in answer.text
    assert "secret" not in answer.text


def test_a_service_whose_store_is_gone_lives_but_is_not_ready(
    tmp_path: Path, connect: Connect
) -> None:
    client = connect(create_app(Settings(stores=(tmp_path / "gone.sqlite",))))
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert client.get(TILE).status_code == 503
