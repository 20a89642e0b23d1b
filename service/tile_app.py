"""The short way to a tile: plain ASGI, before routing, validation and every layer of the framework.

It takes what it can read at a glance (a GET of a well-formed address) and answers it with what every
answer of this service has. Anything else goes the long way, through the routes that are described in
the OpenAPI document; both ask the same `TileDesk`, so they cannot disagree.
"""

import re
import time
from functools import lru_cache
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from boundaries.errors import SitmapError
from service.metrics import Metrics
from service.middleware import ANYONE, EVERYWHERE
from service.problems import problem_answer
from service.queries import BoundaryTileQuery, NoQuery, PictureTileQuery, TileQuery
from service.tile_desk import Answered, Asked, BoundaryTile, MapPicture, MapTile, TileDesk

__all__ = ["BOUNDARIES", "MAPS", "PICTURES", "ShortWay", "answer_headers"]

BOUNDARIES = "/tiles/boundaries/{vintage}/{level}/{z}/{x}/{y}.mvt"
MAPS = "/tiles/maps/{sid}/{map_id}/{z}/{x}/{y}.mvt"
PICTURES = "/tiles/maps/{sid}/{map_id}/{z}/{x}/{y}.png"

_AT = r"([0-9]{1,2})/([0-9]{1,5})/([0-9]{1,5})"
_OF_MAP = re.compile(rf"/tiles/maps/([a-z0-9-]{{1,64}})/([a-z0-9-]{{1,64}})/{_AT}\.(mvt|png)")
_OF_VINTAGE = re.compile(rf"/tiles/boundaries/([A-Za-z0-9._-]{{1,64}})/([0-3])/{_AT}\.mvt")
_ALWAYS = [
    (name.lower().encode(), value.encode())
    for name, value in {**EVERYWHERE, **ANYONE, "Vary": "Accept-Encoding"}.items()
]

Q = TypeVar("Q", bound=NoQuery)


class ShortWay:
    """Answers tiles as an ASGI application of its own."""

    def __init__(self, desk: TileDesk, metrics: Metrics) -> None:
        self._desk, self._metrics = desk, metrics

    async def answers(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer a request, or return False where it has to go the long way; then nothing was sent."""
        begun = time.perf_counter()
        read = _read(scope["path"], scope.get("query_string", b""))
        if read is None:
            return False
        asked, route = read
        accept_encoding = if_none_match = ""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                accept_encoding = value.decode("latin-1")
            elif name == b"if-none-match":
                if_none_match = value.decode("latin-1")
        address = f"{scope['path']}?{scope.get('query_string', b'').decode('latin-1')}"
        try:
            answered = await self._desk.answer(
                asked, address, accept_encoding=accept_encoding, if_none_match=if_none_match
            )
        except SitmapError as error:
            problem = problem_answer(error)
            problem.raw_headers += _ALWAYS
            await problem(scope, receive, send)
            self._metrics.answered(route, problem.status_code, time.perf_counter() - begun)
            return True
        await send(
            {
                "type": "http.response.start",
                "status": answered.status,
                "headers": [*answer_headers(answered), *_ALWAYS],
            }
        )
        await send({"type": "http.response.body", "body": answered.body})
        self._metrics.answered(route, answered.status, time.perf_counter() - begun)
        self._metrics.tile(
            "reader" if answered.status == 304 else "memory" if answered.at_hand else "made"
        )
        return True


def answer_headers(answered: Answered) -> list[tuple[bytes, bytes]]:
    """Return the headers of this answer alone."""
    headers = [
        (b"etag", answered.tag.encode()),
        (b"cache-control", answered.cache.encode()),
    ]
    if answered.status == 200:
        headers += [
            (b"content-type", answered.media_type.encode()),
            (b"content-length", b"%d" % len(answered.body)),
        ]
        if answered.coding != "identity":
            headers.append((b"content-encoding", answered.coding.encode()))
    return headers


def _read(path: str, query: bytes) -> tuple[Asked, str] | None:
    """Return the tile of an address and its route; None for anything unusual."""
    found = _OF_MAP.fullmatch(path)
    if found:
        sid, map_id, z, x, y, form = found.groups()
        at = (int(z), int(x), int(y))
        if form == "png":
            picture = _query(PictureTileQuery, query)
            return picture and (
                MapPicture(sid, map_id, at, picture.lang, picture.narrowing(), int(picture.size)),
                PICTURES,
            )
        tile = _query(TileQuery, query)
        return tile and (
            MapTile(sid, map_id, at, tile.lang, tile.narrowing(), tile.layer_names()),
            MAPS,
        )
    found = _OF_VINTAGE.fullmatch(path)
    if found:
        vintage, level, z, x, y = found.groups()
        boundaries = _query(BoundaryTileQuery, query)
        return boundaries and (
            BoundaryTile(vintage, int(level), (int(z), int(x), int(y)), boundaries.codes()),
            BOUNDARIES,
        )
    return None


@lru_cache(maxsize=1024)
def _query(model: type[Q], query: bytes) -> Q | None:
    try:
        return model.model_validate(dict(parse_qsl(query.decode(), keep_blank_values=True)))
    except (ValidationError, ValueError):
        return None
