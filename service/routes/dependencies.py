"""What routes are given of the app they run in. Coroutines: anything else would cost a thread each."""

from typing import Annotated, Any

from fastapi import Depends, Request

from service.catalogue import Catalogue
from service.flights import Flights
from service.metrics import Metrics
from service.settings import Settings
from service.tile_desk import TileDesk

__all__ = ["CatalogueDep", "DeskDep", "MetricsDep", "SettingsDep", "WorkDep"]


async def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _desk(request: Request) -> TileDesk:
    desk: TileDesk = request.app.state.desk
    return desk


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _work(request: Request) -> Flights[Any]:
    work: Flights[Any] = request.app.state.work
    return work


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
SettingsDep = Annotated[Settings, Depends(_settings)]
DeskDep = Annotated[TileDesk, Depends(_desk)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
WorkDep = Annotated[Flights[Any], Depends(_work)]
