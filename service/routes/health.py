"""Is it alive, and can it answer? Neither says anything about the figures."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.queries import NoQuery
from service.routes.dependencies import CatalogueDep
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
    """Answer 200 when every store can be read, else 503."""
    response.headers.update(_NEVER_KEPT)
    return {"status": "ready", "situations": len(catalogue.situations())}
