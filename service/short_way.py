"""The short way to tiles, to the values of maps and to counts: before routing, validation and every layer above.

It takes what it can read at a glance (a GET of a well-formed address) and answers it with what every
answer of this service has. Anything else goes the long way, through the routes that are described in
the OpenAPI document; both ask the same `TileDesk` and `CountsDesk`, so they cannot disagree. What is
at hand, or soon made, can be had without waiting (`ShortWay.at_hand`), which `service.short_http` does.
"""

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from boundaries.errors import SitmapError
from service.answered import Answered
from service.counts_desk import COUNTS, CountsDesk, CountsRequest, Said, read_counts
from service.metrics import Metrics
from service.middleware import is_trusted
from service.problems import problem_answer
from service.queries import BoundaryTileQuery, NoQuery, PictureTileQuery, TileQuery, ValuesQuery
from service.tile_desk import Asked, BoundaryTile, MapPicture, MapTile, MapValues, TileDesk

__all__ = ["BOUNDARIES", "MAPS", "PICTURES", "VALUES", "ShortWay", "values_asked"]

BOUNDARIES = "/tiles/boundaries/{vintage}/{level}/{z}/{x}/{y}.mvt"
MAPS = "/tiles/maps/{sid}/{map_id}/{z}/{x}/{y}.mvt"
PICTURES = "/tiles/maps/{sid}/{map_id}/{z}/{x}/{y}.png"
VALUES = "/api/situations/{sid}/values/{map_id}"

_LONGEST = 2000  # bytes of an address that is kept in memory once read
_NAME = "([a-z0-9-]{1,64})"
_AT = r"([0-9]{1,2})/([0-9]{1,5})/([0-9]{1,5})"
_OF_MAP = re.compile(rf"/tiles/maps/{_NAME}/{_NAME}/{_AT}\.(mvt|png)")
_OF_VINTAGE = re.compile(rf"/tiles/boundaries/([A-Za-z0-9._-]{{1,64}})/([0-3])/{_AT}\.mvt")
_VALUES = re.compile(rf"/api/situations/{_NAME}/values/{_NAME}")

Q = TypeVar("Q", bound=NoQuery)


@dataclass(frozen=True, slots=True)
class _Read:
    """An address that was understood: what it asks for, and how it and its route are called."""

    asked: Asked | CountsRequest
    route: str
    address: str


class ShortWay:
    """Answers tiles, values and counts, as an ASGI application of its own or at once."""

    def __init__(
        self, desk: TileDesk, counts: CountsDesk, metrics: Metrics, hosts: frozenset[str]
    ) -> None:
        """Answer from the desks what is sent to one of ``hosts`` (lower case), or to any without."""
        self._desk, self._counts, self._metrics, self.hosts = desk, counts, metrics, hosts

    def at_hand(self, target: bytes, said: Said) -> Answered | None:
        """Return the answer to a GET of ``target`` (path and query) if it can be given at once."""
        begun = time.perf_counter()
        read = _read(target)
        if read is None:
            return None
        if isinstance(read.asked, CountsRequest):
            return self._counted(read, read.asked, said, begun)
        try:
            answered = self._desk.at_hand(
                read.asked,
                read.address,
                accept_encoding=said.accept_encoding,
                if_none_match=said.if_none_match,
            )
        except SitmapError:  # the long way says it as a problem document
            return None
        if answered is not None:
            self._count(read, answered, begun)
        return answered

    async def answers(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer a request, or return False where it has to go the long way; then nothing was sent."""
        begun = time.perf_counter()
        if scope["method"] != "GET" or not is_trusted(scope, self.hosts):
            return False
        read = _read(scope["path"].encode() + b"?" + scope.get("query_string", b""))
        if read is None:
            return False
        said = Said.of(scope["headers"])
        if isinstance(read.asked, CountsRequest):
            if any(
                name == b"content-length" for name, _ in scope["headers"]
            ):  # the long way has limits for bodies
                return False
            counts = self._counted(read, read.asked, said, begun)
            if counts is not None:
                await _send(counts, send)
            return counts is not None
        try:
            answered = await self._desk.answer(
                read.asked,
                read.address,
                accept_encoding=said.accept_encoding,
                if_none_match=said.if_none_match,
            )
        except SitmapError as error:
            problem = problem_answer(error)
            problem.raw_headers += Answered(304, "", "", "").headers[2:]
            await problem(scope, receive, send)
            self._metrics.answered(read.route, problem.status_code, time.perf_counter() - begun)
            return True
        await _send(answered, send)
        self._count(read, answered, begun)
        return True

    def _counted(
        self, read: _Read, asked: CountsRequest, said: Said, begun: float
    ) -> Answered | None:
        """Return counts that can be given at once; whatever fails is told by the long way."""
        try:
            answered = self._counts.at_once(asked, said)
        except Exception:  # it fails again there, and is told and logged as ours
            return None
        if answered is not None:
            self._count(read, answered, begun)
        return answered

    def _count(self, read: _Read, answered: Answered, begun: float) -> None:
        self._metrics.answered(read.route, answered.status, time.perf_counter() - begun)
        if read.route not in (VALUES, COUNTS):
            self._metrics.tile(
                "reader" if answered.status == 304 else "memory" if answered.at_hand else "made"
            )


async def _send(answered: Answered, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": answered.status, "headers": answered.headers}
    )
    await send({"type": "http.response.body", "body": answered.body})


def _read(target: bytes) -> _Read | None:
    """Return what an address asks for; None for anything unusual."""
    if len(target) > _LONGEST:
        return None
    return _read_once(target)


@lru_cache(maxsize=8192)
def _read_once(target: bytes) -> _Read | None:
    try:
        path, _, query = target.decode("ascii").partition("?")
    except UnicodeDecodeError:
        return None
    found = _asked(path, query)
    return found and _Read(*found, f"{path}?{query}")


def _asked(path: str, query: str) -> tuple[Asked | CountsRequest, str] | None:
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
    found = _VALUES.fullmatch(path)
    if found:
        sid, map_id = found.groups()
        values = _query(ValuesQuery, query)
        return values and (values_asked(sid, map_id, values), VALUES)
    counts = read_counts(path, query)
    return None if counts is None else (counts, COUNTS)


def values_asked(sid: str, map_id: str, query: ValuesQuery) -> MapValues:
    """Return what a query asks of the values of a map."""
    return MapValues(
        sid,
        map_id,
        query.lang,
        query.narrowing(),
        query.form,
        query.part(),
        bases=query.bases == "sent",
    )


@lru_cache(maxsize=1024)
def _query(model: type[Q], query: str) -> Q | None:
    try:
        return model.model_validate(dict(parse_qsl(query, keep_blank_values=True)))
    except (ValidationError, ValueError):
        return None
