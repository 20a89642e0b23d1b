"""Maps in other sites' pages: sized by the frame, framed only by the sites the operator names."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from service.queries import MapId, Situation
from service.routes.dependencies import CatalogueDep, SettingsDep
from service.routes.explorer import map_page

__all__ = ["router"]

router = APIRouter(tags=["maps"])


@router.get("/embed/{sid}/{map_id}", operation_id="getEmbed", response_class=HTMLResponse)
def embed(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    settings: SettingsDep,
) -> Response:
    """The map for an iframe: the address of the explorer's page with `embed` for `view`."""
    return map_page(request, catalogue, settings, sid, map_id, embedded=True)
