"""What is sent as it comes in, beside what goes through the application: one service, one answer."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from service.app import SitmapApp, create_app
from service.settings import Settings
from service.short_http import MOST_OF_HEAD, ShortHttp

TILE = "/tiles/maps/xaa-2020/idps/4/8/7.mvt"
VALUES = "/api/situations/xaa-2020/values/idps"


class Served:
    """The application behind uvicorn, and a note of what got as far as the application."""

    def __init__(self, app: SitmapApp, **more: Any) -> None:
        self.app = app
        self.long_ways = 0
        config = uvicorn.Config(
            self, http=ShortHttp, ws="none", lifespan="off", interface="asgi3", port=0,
            proxy_headers=False, log_level="error", server_header=False, **more,
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.state = app.state
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.long_ways += 1
        await self.app(scope, receive, send)

    def raw(self, *pieces: bytes, answers: int = 1) -> bytes:
        """Send pieces one after the other; return what comes back, to the end of some answers."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.05 if len(pieces) > 1 else 0)
            got = b""
            while _complete(got) < answers:
                more = connection.recv(1 << 16)
                if not more:
                    break
                got += more
            return got


def _complete(got: bytes) -> int:
    """Return how many whole answers there are."""
    whole = 0
    while b"\r\n\r\n" in got:
        head, _, got = got.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        if len(got) < length:
            return whole
        whole, got = whole + 1, got[length:]
    return whole


def request(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: sitmap.test", *headers, "", ""]
    return "\r\n".join(lines).encode()


def parsed(answer: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines)
    headers.pop(b"date")
    return status, headers, body


@pytest.fixture(scope="module")
def serve(published_folder: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(*, loop: str = "auto", timeout_keep_alive: int = 75, **settings: Any) -> Served:
        stores = (published_folder / ".sitmap" / "store.sqlite",)
        app = create_app(Settings(stores=stores, **settings))
        running.append(Served(app, loop=loop, timeout_keep_alive=timeout_keep_alive))
        return running[-1]

    yield start
    for each in running:
        each.server.should_exit = True
        each.thread.join(10)


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    return serve()


@pytest.mark.parametrize("path", [TILE, f"{TILE}?layers=units", TILE.replace("mvt", "png"), VALUES,
                                  f"{VALUES}?form=binary"])  # fmt: skip
@pytest.mark.parametrize("coding", ["identity", "gzip", "br, gzip"])
@pytest.mark.parametrize("known", [False, True])
def test_both_mouths_say_the_same(served: Served, path: str, coding: str, known: bool) -> None:
    headers = [f"Accept-Encoding: {coding}"]
    if known:
        tag = parsed(served.raw(request(path, *headers)))[1][b"etag"].decode()
        headers.append(f"If-None-Match: {tag}")
    served.raw(request(path, f"Accept-Encoding: {coding}"))  # at hand from now on
    asked = request(path, *headers)
    before = served.long_ways
    short = served.raw(asked)
    assert served.long_ways == before
    long = served.raw(asked[:20], asked[20:])  # in two pieces it goes the long way
    assert served.long_ways == before + 1
    assert parsed(short) == parsed(long)
    assert short.startswith(b"HTTP/1.1 304" if known else b"HTTP/1.1 200")
    assert b"\r\ndate: " in short


def test_it_works_without_uvloop_too(serve: Callable[..., Served]) -> None:
    served = serve(loop="asyncio")
    first, second = served.raw(request(TILE)), served.raw(request(TILE))
    assert served.long_ways == 1
    assert parsed(first) == parsed(second)


@pytest.mark.parametrize(
    "asked",
    [
        request(TILE, method="HEAD"),
        request(TILE, "Content-Length: 0"),
        request(TILE, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        request(TILE, "Connection: close"),
        request(TILE, "Host: other.test"),
        request(TILE, "If-None-Match: nonsense"),
        request(TILE, 'If-None-Match: "a"', 'If-None-Match: "b"'),
        request(TILE, "X-Odd: caf\xe9", "Upgrade: h2c"),
        request(f"{TILE}?unknown=1"),
        request(TILE.replace("idps", "%69dps")),
        request("/healthz"),
        request(TILE).replace(b"HTTP/1.1", b"HTTP/1.0"),
        request(TILE, "X: 1\r\n folded"),
    ],
)
def test_whatever_is_unusual_goes_the_long_way(served: Served, asked: bytes) -> None:
    served.raw(request(TILE))
    before = served.long_ways
    answer = served.raw(asked) if b"HEAD" not in asked else b""
    if not answer:
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
            connection.sendall(asked)
            answer = connection.recv(1 << 16)
    assert answer.startswith(b"HTTP/1.1 ")
    assert served.long_ways == before + (
        0 if b" 400 " in answer[:14] and b"json" not in answer else 1
    )


def test_requests_sent_together_are_answered_in_their_order(served: Served) -> None:
    health, tile = request("/healthz"), request(TILE)
    served.raw(tile)
    both = served.raw(health + tile, answers=2)
    assert both.index(b"alive") < both.index(b"vector-tile")
    one_by_one = served.raw(health, tile, answers=2)
    assert one_by_one.index(b"alive") < one_by_one.index(b"vector-tile")


def test_a_request_behind_half_a_request_is_not_taken_for_one(served: Served) -> None:
    served.raw(request(TILE))
    before = served.long_ways
    # the second piece looks like a whole request, but is the rest of a header
    answer = served.raw(b"GET /healthz HTTP/1.1\r\nHost: sitmap.test\r\nX-A: ", request(TILE))
    assert b"vector-tile" not in answer
    assert served.long_ways == before + 1


def test_another_host_gets_nothing_at_hand(serve: Callable[..., Served]) -> None:
    served = serve(hosts=("sitmap.test",))
    assert served.raw(request(TILE)).startswith(b"HTTP/1.1 200")
    wrong = request(TILE).replace(b"sitmap.test", b"evil.test")
    assert b"unknown-host" in served.raw(wrong)
    assert served.raw(request(TILE).replace(b"sitmap.test", b"SITMAP.test:80")).startswith(
        b"HTTP/1.1 200"
    )
    assert served.long_ways == 2


def test_tiles_sent_at_once_are_counted_like_others(served: Served) -> None:
    def counted() -> tuple[float, float]:
        text = served.raw(request("/metrics")).decode()
        found = [
            float(line.rpartition(" ")[2])
            for start in ('sitmap_requests_total{route="/tiles/maps/{sid}/{map_id}/{z}/{x}/{y}.mvt"'
                          ',status="200"}', 'sitmap_tiles_total{from="memory"}')
            for line in text.splitlines()
            if line.startswith(start)
        ]  # fmt: skip
        return found[0], found[1]

    served.raw(request(TILE))
    requests, tiles = counted()
    for _ in range(3):
        served.raw(request(TILE))
    assert counted() == (requests + 3, tiles + 3)


def test_a_request_with_an_endless_head_is_cut_off(served: Served) -> None:
    answer = served.raw(b"GET / HTTP/1.1\r\nX: ", *[b"x" * (MOST_OF_HEAD // 4)] * 5)
    assert answer.startswith(b"HTTP/1.1 400")


def test_a_connection_is_kept_while_tiles_are_asked_for_and_closed_when_not(
    serve: Callable[..., Served],
) -> None:
    served = serve(timeout_keep_alive=1)
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        for _ in range(6):
            connection.sendall(request(TILE))
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
            time.sleep(0.3)  # 1.8 seconds in all
        assert connection.recv(1 << 16) == b""  # closed by the service


def test_a_request_that_never_ends_is_given_up(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.short_http.SLOWEST", 0.3)
    served = serve()
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        assert connection.recv(1 << 16) == b""


# --- counts --------------------------------------------------------------------------------------

COUNTS = "/api/situations/xaa-2020/counts"
LONG = "Content-Length: 0"  # a body, if an empty one: for the routes and all that lies before them


@pytest.fixture
def by_routes(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what the route of counts is asked."""
    desk, asked = served.app.state.counts_desk, []
    plain = type(desk).answer

    async def noted(request: Any, said: Any) -> Any:
        asked.append(request.path)
        return await plain(desk, request, said)

    monkeypatch.setattr(desk, "answer", noted, raising=False)
    served.raw(request(f"{COUNTS}?group=IDP", LONG))  # the edition is read from now on
    asked.clear()
    return asked


@pytest.mark.parametrize(
    "query",
    ["", "&level=0", "&lang=fr", "&limit=2", "&limit=1&offset=1", "&offset=9", "&format=json",
     "&date=2020-12-31", "&measure=stock", "&parent=XA01", "&bbox=0,0,20,20"],
)  # fmt: skip
@pytest.mark.parametrize(
    "headers",
    [(), ("Accept-Encoding: gzip",), ("Accept-Encoding: gzip, br", "Accept-Language: es-MX, fr"),
     ("Accept: application/geo+json;q=0.1, application/json", "accept-language: ar")],
)  # fmt: skip
def test_counts_are_the_same_by_the_short_and_the_long_way(
    served: Served, by_routes: list[str], query: str, headers: tuple[str, ...]
) -> None:
    path = f"{COUNTS}?group=IDP{query}"
    long = parsed(served.raw(request(path, *headers, LONG)))
    assert long[0] == b"HTTP/1.1 200 OK"
    preferred = b"es" if "es-MX" in str(headers) else b"ar" if "ar" in str(headers[1:]) else b"en"
    assert long[1][b"content-language"] == (b"fr" if "lang=fr" in query else preferred)
    assert by_routes == [COUNTS]
    before = served.long_ways
    at_hand = parsed(served.raw(request(path, *headers)))
    assert (served.long_ways, by_routes) == (before, [COUNTS])
    assert at_hand == long
    known = (*headers, f"If-None-Match: {long[1][b'etag'].decode()}")
    unchanged = parsed(served.raw(request(path, *known)))
    assert (served.long_ways, by_routes) == (before, [COUNTS])
    assert unchanged == parsed(served.raw(request(path, *known, LONG)))
    assert (unchanged[0], unchanged[2]) == (b"HTTP/1.1 304 Not Modified", b"")
    anything = (*headers, "If-None-Match: *")
    assert parsed(served.raw(request(path, *anything))) == unchanged


def test_counts_that_nobody_asked_for_are_made_where_they_are_asked_for(
    served: Served, by_routes: list[str]
) -> None:
    served.app.state.desk.shelf.limit = 0
    try:
        before = served.long_ways
        path = f"{COUNTS}?group=IDP&limit=3&level=1"
        made = [parsed(served.raw(request(path))) for _ in range(2)]
        assert (served.long_ways, by_routes) == (before, [])
        assert made == [parsed(served.raw(request(path, LONG)))] * 2
        assert json.loads(made[0][2])["rows"]
    finally:
        served.app.state.desk.shelf.limit = 128_000_000


@pytest.mark.parametrize(("name", "limit"), [("_QUICK", 0), ("_SOON_PACKED", 10)])
def test_counts_that_take_long_are_made_in_a_thread_and_then_at_hand(
    served: Served, by_routes: list[str], monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(f"service.counts_desk.{name}", limit)
    asked = request(f"{COUNTS}?group=IDP&level=1&offset={len(name)}", "Accept-Encoding: gzip")
    first = parsed(served.raw(asked))
    assert by_routes == [COUNTS]
    assert parsed(served.raw(asked)) == first
    assert by_routes == [COUNTS]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("group=REF", (), b"404"),
        ("grp=IDP", (), b"400"),
        ("group=IDP&group=POP", (), b"200"),
        ("group=IDP&level=9", (), b"400"),
        ("group=IDP&limit=10001", (), b"400"),
        ("group=IDP&format=csv", (), b"200"),
        ("group=IDP&edition=000000000000", (), b"404"),
        ("group=IDP", ("Accept: text/csv",), b"200"),
        ("group=IDP", ("Accept: image/png",), b"406"),
        ("group=IDP", ("Accept: application/json", "Accept: text/csv"), b"200"),
        ("group=IDP", ("Accept-Language: fr", "Accept-Language: es"), b"200"),
        ("group=IDP", ("If-None-Match: nonsense",), b"400"),
        ("group=%49DP", (), b"200"),
    ],
)
def test_unusual_questions_of_counts_get_the_answer_of_the_route(
    served: Served, by_routes: list[str], query: str, headers: tuple[str, ...], status: bytes
) -> None:
    path = f"{COUNTS}?{query}"
    one, other = (parsed(served.raw(request(path, *headers, *more))) for more in ((), (LONG,)))
    assert one == other
    assert one[0].split(b" ")[1] == status
    unknown = request(f"{COUNTS.replace('xaa', 'xab')}?{query}")
    assert served.raw(unknown).split(b" ")[1] in (b"400", b"404")


def test_pages_of_counts_are_at_the_public_address(serve: Callable[..., Served]) -> None:
    served = serve(base_url="https://maps.test", hosts=("sitmap.test",))
    path = f"{COUNTS}?group=IDP&limit=1&offset=1"
    long = parsed(served.raw(request(path, LONG)))
    before = served.long_ways
    assert parsed(served.raw(request(path))) == long
    assert served.long_ways == before
    assert long[1][b"link"].startswith(b"<https://maps.test/api/situations/xaa-2020/counts?group=")
    assert b"unknown-host" in served.raw(request(path).replace(b"sitmap.test", b"evil.test"))


def test_counts_sent_at_once_are_counted_under_their_route(served: Served) -> None:
    def counted() -> float:
        label = 'sitmap_requests_total{route="/api/situations/{sid}/counts",status="200"} '
        lines = served.raw(request("/metrics")).decode().splitlines()
        return sum(float(line.removeprefix(label)) for line in lines if line.startswith(label))

    asked = request(f"{COUNTS}?group=IDP")
    served.raw(asked)
    before = counted()
    for _ in range(3):
        served.raw(asked)
    assert counted() == before + 3
