"""The HTTP service: read-only, from published editions alone. It cannot build: it never sees a table."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from service.catalogue import Catalogue
from service.middleware import HeadAsGet, SafeHeaders, TrustedHosts
from service.problems import ProblemOut, add_problem_handlers
from service.routes import (
    assets,
    counts,
    embed,
    explorer,
    health,
    maps,
    oembed,
    pages,
    situations,
    tiles,
)
from service.settings import Settings
from service.version import sitmap_version

__all__ = ["app_from_environment", "create_app"]

_DESCRIPTION = """\
Counts, flows, partner presence, maps and tiles of displacement situations.

* `null` is "not reported", and `state` says which kind of emptiness it is; 0 is a figure.
* A **vintage** is a version of boundaries, an **edition** a published version of the figures.
* Stock, new and cumulative figures are never added to each other; every answer says which it is.
* Answers carry an `ETag`; send it back as `If-None-Match` and get 304 while nothing changed.
* Errors are `application/problem+json` with a stable `code`.
"""

_TAGS = [
    {"name": "counts", "description": "Persons per region."},
    {"name": "situations", "description": "What there is; units, flows, presence, sources."},
    {"name": "maps", "description": "Maps as pages, prints, pictures, legends, styles and values."},
    {"name": "tiles", "description": "Vector and picture tiles."},
    {"name": "operations", "description": "Health, and this description."},
]


def create_app(settings: Settings) -> FastAPI:
    """Return the service over the stores that ``settings`` name. Stores are opened per request."""
    app = FastAPI(
        title="sitmap",
        version=sitmap_version(),
        summary="Situation maps of displacement.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        docs_url=None,  # the framework's own pages load scripts from other hosts
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.catalogue = Catalogue(settings.stores, entries=settings.cache_entries)
    for routes in (pages, explorer, embed, oembed, assets, situations, counts, maps, tiles, health):
        app.include_router(routes.router)
    add_problem_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=6)
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD"], expose_headers=["ETag"]
    )
    app.add_middleware(TrustedHosts, hosts=settings.hosts)
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadAsGet)
    _describe_problems(app)
    return app


def app_from_environment() -> FastAPI:
    """Return the service with the settings of the environment (`SITMAP_STORES` and friends)."""
    return create_app(Settings.from_environment())


def _describe_problems(app: FastAPI) -> None:
    """Put the problem document into the OpenAPI components that every route refers to."""
    plain = app.openapi

    def described() -> dict[str, object]:
        document = plain()
        document["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # told as 400 or 404 here
        return document

    app.openapi = described  # type: ignore[method-assign]
