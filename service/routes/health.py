"""Is it alive, and can it answer? Neither says anything about the figures."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from service.metrics import CONTENT_TYPE
from service.queries import NoQuery
from service.routes.dependencies import CatalogueDep, MetricsDep
from service.version import sitmap_version

__all__ = ["router"]

router = APIRouter(tags=["operations"])

_NEVER_KEPT = {"Cache-Control": "no-store"}


@router.get("/healthz", operation_id="getHealth")
def healthz(response: Response, _query: Annotated[NoQuery, Query()]) -> dict[str, str]:
    """Answer as long as the process lives."""
    response.headers.update(_NEVER_KEPT)
    return {"status": "alive", "version": sitmap_version()}


@router.get("/readyz", operation_id="getReadiness")
def readyz(
    response: Response, catalogue: CatalogueDep, _query: Annotated[NoQuery, Query()]
) -> dict[str, object]:
    """Answer 200 when published editions can be shown, else 503.

    "degraded": a shared database is away. What this worker holds of it is shown all the same, so
    that a load balancer, which would find every machine like this, takes none of them out.
    """
    response.headers.update(_NEVER_KEPT)
    situations, away = len(catalogue.situations()), len(catalogue.troubles())
    if not away:
        return {"status": "ready", "situations": situations}
    return {"status": "degraded", "situations": situations, "stores_away": away}


@router.get("/metrics", operation_id="getMetrics", response_class=PlainTextResponse)
def metrics(
    catalogue: CatalogueDep, numbers: MetricsDep, _query: Annotated[NoQuery, Query()]
) -> Response:
    """Requests, times, tiles and editions, as Prometheus reads them."""
    editions = {sid: len(catalogue.editions(sid)) for sid in catalogue.situations()}
    text = numbers.text(editions=editions)
    return Response(text, headers={**_NEVER_KEPT, "Content-Type": CONTENT_TYPE})
