"""What routes are given of the app they run in. Coroutines: anything else would cost a thread each."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from service.answered import Answered
from service.catalogue import Catalogue
from service.counts_desk import CountsDesk
from service.flights import Flights
from service.metrics import Metrics
from service.settings import Settings
from service.tile_desk import Asked, TileDesk

__all__ = [
    "CatalogueDep",
    "CountsDeskDep",
    "DeskDep",
    "MetricsDep",
    "SettingsDep",
    "WorkDep",
    "answered_response",
    "desk_answer",
]


async def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _desk(request: Request) -> TileDesk:
    desk: TileDesk = request.app.state.desk
    return desk


async def _counts_desk(request: Request) -> CountsDesk:
    desk: CountsDesk = request.app.state.counts_desk
    return desk


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _work(request: Request) -> Flights[Any]:
    work: Flights[Any] = request.app.state.work
    return work


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
SettingsDep = Annotated[Settings, Depends(_settings)]
CountsDeskDep = Annotated[CountsDesk, Depends(_counts_desk)]
DeskDep = Annotated[TileDesk, Depends(_desk)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
WorkDep = Annotated[Flights[Any], Depends(_work)]


async def desk_answer(desk: TileDesk, request: Request, asked: Asked) -> Response:
    """Return the desk's answer to a request, as the short way gives it."""
    answered = await desk.answer(
        asked,
        f"{request.url.path}?{request.url.query}",
        accept_encoding=request.headers.get("accept-encoding", ""),
        if_none_match=request.headers.get("if-none-match", ""),
    )
    return answered_response(answered)


def answered_response(answered: Answered) -> Response:
    """Return an answer as routes give one; what every answer says is added on its way out."""
    answer = Response(answered.body, status_code=answered.status)
    answer.raw_headers = [(b"vary", answered.vary.encode()), *answered.own_headers]
    return answer
