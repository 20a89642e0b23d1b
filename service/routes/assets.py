"""Scripts and styles of the pages. Their address names their content, so they are kept for ever."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.exceptions import HTTPException

from service.conditional import IMMUTABLE
from service.page_assets import assets, assets_digest
from service.queries import NoQuery

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

# A worker obeys the policy of its own script: it may fetch tiles from here, and run nothing else.
_POLICY = "default-src 'none'; connect-src 'self'"


@router.get("/assets/{digest}/{name:path}")
def asset(
    request: Request,
    digest: Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")],
    name: Annotated[str, Path(pattern=r"^[a-z./-]{1,64}$")],
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One file of the pages."""
    found = assets().get(name) if digest == assets_digest() else None
    if found is None:
        raise HTTPException(404)
    headers = {
        "Cache-Control": IMMUTABLE,
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": _POLICY,
        "Content-Type": found.media_type,
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, headers={**headers, "Content-Encoding": "gzip"})
    return Response(found.content, headers=headers)
