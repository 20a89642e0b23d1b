"""Picture tiles of a raster, to lie under a map: who made it and when stands in its TileJSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.problems import PROBLEM_RESPONSES
from service.queries import NoQuery, Situation
from service.raster_shelf import find_raster
from service.routes.dependencies import CatalogueDep, SettingsDep

__all__ = ["router"]

router = APIRouter(prefix="/tiles/rasters", tags=["tiles"], responses=PROBLEM_RESPONSES)

RasterName = Annotated[
    str,
    Path(pattern=r"^[a-z0-9-]{1,64}$", description="A raster's name.", examples=["population"]),
]
_PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A picture; transparent where nobody lives.",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/{sid}/{name}.json", operation_id="getRasterTileJson")
def raster_tilejson(
    *,
    request: Request,
    sid: Situation,
    name: RasterName,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """The raster's tiles, its bounds, and whom and which day it is of."""
    raster = find_raster(catalogue.published(sid).home, sid, name)
    headers = fresh_headers(request, raster.content)
    told = ", ".join(filter(None, (raster.publisher, raster.date, raster.licence)))
    document = {
        "tilejson": "3.0.0",
        "name": name,
        "attribution": told,
        "tiles": [f"{settings.base_url}/tiles/rasters/{sid}/{name}/{{z}}/{{x}}/{{y}}.png"],
        "bounds": raster.tile_bounds,
        "minzoom": 0,
        "maxzoom": settings.max_zoom,
    }
    return Response(json_bytes(document), media_type="application/json", headers=headers)


@router.get(
    "/{sid}/{name}/{z}/{x}/{y}.png",
    operation_id="getRasterTile",
    response_class=Response,
    responses=_PNG,
)
def raster_tile(
    *,
    request: Request,
    sid: Situation,
    name: RasterName,
    z: Annotated[str, Path(pattern=r"^[0-9]{1,2}$", description="Zoom.", examples=["5"])],
    x: Annotated[str, Path(pattern=r"^[0-9]{1,5}$", description="Column.", examples=["15"])],
    y: Annotated[str, Path(pattern=r"^[0-9]{1,5}$", description="Row.", examples=["14"])],
    catalogue: CatalogueDep,
    settings: SettingsDep,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """A tile of a raster in greys: the darker, the more, on one logarithmic scale for all tiles."""
    from maps.raster_tile import raster_tile_png
    from maps.tile_address import check_tile

    at = (int(z), int(x), int(y))
    check_tile(*at, max_zoom=settings.max_zoom)
    raster = find_raster(catalogue.published(sid).home, sid, name)
    headers = fresh_headers(request, raster.content)
    key = ("raster", raster.content, *at)
    body = catalogue.files.get(key, lambda: raster_tile_png(raster.paths, *at, top=raster.top))
    return Response(body, media_type="image/png", headers=headers)
