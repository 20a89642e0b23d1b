"""The HTTP service: read-only, from published editions alone. It cannot build: it never sees a table."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from service.catalogue import Catalogue
from service.counts_desk import CountsDesk
from service.flights import Flights
from service.guards import Counted, Limited
from service.languages import Spoken
from service.lasting import set_apart_what_lasts
from service.metrics import Metrics
from service.middleware import HeadAsGet, OpenToAnyone, SafeHeaders, TrustedHosts
from service.ogc import routes as ogc
from service.packing import Packed
from service.problems import PROBLEM_RESPONSES, ProblemOut, add_problem_handlers
from service.routes import (
    assets,
    counts,
    embed,
    explorer,
    health,
    maps,
    oembed,
    origins,
    pages,
    rasters,
    situations,
    tiles,
)
from service.settings import Settings
from service.short_way import ShortWay
from service.tile_desk import TileDesk
from service.version import sitmap_version

__all__ = ["SitmapApp", "app_from_environment", "create_app"]

_DESCRIPTION = """\
Counts, flows, partner presence, maps and tiles of displacement situations.

* `null` is "not reported", and `state` says which kind of emptiness it is; 0 is a figure.
* A **vintage** is a version of boundaries, an **edition** a published version of the figures.
* Stock, new and cumulative figures are never added to each other; every answer says which it is.
* Answers carry an `ETag`; send it back as `If-None-Match` and get 304 while nothing changed.
* Errors are `application/problem+json` with a stable `code`.
"""

_MOST_WAITING = 256  # different answers being made beside the event loop, or waiting for it
_TAGS = [
    {"name": "counts", "description": "Persons per region."},
    {"name": "situations", "description": "What there is; units, flows, presence, sources."},
    {"name": "maps", "description": "Maps as pages, prints, pictures, legends, styles and values."},
    {"name": "tiles", "description": "Vector and picture tiles."},
    {"name": "operations", "description": "Health, and this description."},
]


class SitmapApp(FastAPI):
    """The application, with a short way for tiles, values and counts beside its routes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a tile, for values or for counts at once, any other through the routes."""
        if scope["type"] == "http" and scope["path"].startswith(("/tiles/", "/api/situations/")):
            short: ShortWay = self.state.short_way
            if await short.answers(scope, receive, send):
                return
        await super().__call__(scope, receive, send)


def create_app(settings: Settings, *, on_first: Callable[[], None] | None = None) -> SitmapApp:
    """Return the service over the stores that ``settings`` name. Stores are opened per look.

    ``on_first`` is called after the first counts, the first tile and the first values of an edition: by
    then what they need is in memory.
    """
    app = SitmapApp(
        title="sitmap",
        version=sitmap_version(),
        summary="Situation maps of displacement.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        docs_url=None,  # the framework's own pages load scripts from other hosts
        redoc_url=None,
        openapi_url=None,
    )
    catalogue = Catalogue(
        settings.stores, entries=settings.cache_entries, archives=settings.tile_archive
    )
    metrics = Metrics(memory=lambda: desk.shelf.total)
    desk = TileDesk(
        catalogue,
        max_zoom=settings.max_zoom,
        memory=settings.tile_memory,
        on_made=metrics.tile_made,
        on_first=on_first,
    )
    app.state.settings, app.state.catalogue = settings, catalogue
    app.state.metrics, app.state.desk = metrics, desk
    app.state.work = Flights(waiting=_MOST_WAITING)
    app.state.counts_desk = CountsDesk(
        catalogue,
        desk.shelf,
        app.state.work,
        base_url=settings.base_url,
        on_first=on_first,
    )
    hosts = frozenset(host.lower() for host in settings.hosts)
    app.state.short_way = ShortWay(desk, app.state.counts_desk, metrics, hosts)
    for routes in (
        pages,
        explorer,
        embed,
        oembed,
        assets,
        situations,
        counts,
        origins,
        maps,
        tiles,
        rasters,
        health,
    ):
        app.include_router(routes.router)
    app.include_router(ogc.router)
    add_problem_handlers(app)
    # from the inside out: what is added last is passed first
    app.add_middleware(Packed)
    app.add_middleware(Spoken)
    app.add_middleware(Limited)
    app.add_middleware(TrustedHosts, hosts=settings.hosts)
    app.add_middleware(Counted, metrics=metrics)
    app.add_middleware(OpenToAnyone)
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadAsGet)
    _describe_problems(app)
    return app


def app_from_environment() -> SitmapApp:
    """Return the service with the settings of the environment (`SITMAP_STORES` and friends)."""
    return create_app(Settings.from_environment(), on_first=set_apart_what_lasts)


def _describe_problems(app: FastAPI) -> None:
    """Put the problem document into the OpenAPI components that every route refers to."""
    plain = app.openapi

    def described() -> dict[str, object]:
        document = plain()
        document["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # told as 400 or 404 here
                for status, response in PROBLEM_RESPONSES.items():
                    operation["responses"].setdefault(str(status), response)
        return document

    app.openapi = described  # type: ignore[method-assign]
