"""Tiles, described and answered the long way: most requests never get here (`service.short_way`)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from service.problems import PROBLEM_RESPONSES
from service.queries import BoundaryTileQuery, MapId, PictureTileQuery, Situation, TileQuery
from service.routes.dependencies import DeskDep, desk_answer
from service.short_way import BOUNDARIES, MAPS, PICTURES
from service.tile_desk import MVT, PNG, BoundaryTile, MapPicture, MapTile

__all__ = ["router"]

router = APIRouter(tags=["tiles"], responses=PROBLEM_RESPONSES)


def _of(media: str, what: str) -> dict[int | str, dict[str, Any]]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": what, "content": {media: binary}}}


# Digits only, and few: int() alone would take "1_0", "+1" and numbers of any length.
Zoom = Annotated[str, Path(pattern=r"^[0-9]{1,2}$", description="Zoom, 0 to 14.", examples=["5"])]
Column = Annotated[
    str, Path(pattern=r"^[0-9]{1,5}$", description="Column, from the west.", examples=["15"])
]
Row = Annotated[
    str, Path(pattern=r"^[0-9]{1,5}$", description="Row, from the north.", examples=["14"])
]


@router.get(
    BOUNDARIES,
    operation_id="getBoundaryTile",
    response_class=Response,
    responses=_of(MVT, "A vector tile; empty where no unit lies."),
)
async def boundary_tile(
    *,
    request: Request,
    vintage: Annotated[
        str,
        Path(
            pattern=r"^[A-Za-z0-9._-]{1,64}$",
            description="A vintage's id, or its content hash.",
            examples=["natural-earth-5.1"],
        ),
    ],
    level: Annotated[
        str, Path(pattern=r"^[0-3]$", description="0 country, 1 region, 2, 3.", examples=["1"])
    ],
    z: Zoom,
    x: Column,
    y: Row,
    desk: DeskDep,
    query: Annotated[BoundaryTileQuery, Query()],
) -> Response:
    """The units of one level of a vintage, with `pcode` and `name`: geometry only.

    Addressed by the vintage's content hash the answer never changes and may be kept for ever. With
    the `countries` of a situation its units alone; a feature's id is then its place in `/units`.
    """
    at = (int(z), int(x), int(y))
    return await desk_answer(desk, request, BoundaryTile(vintage, int(level), at, query.codes()))


@router.get(
    MAPS,
    operation_id="getMapTile",
    response_class=Response,
    responses=_of(MVT, "A vector tile; empty where the map shows nothing."),
)
async def map_vector_tile(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    z: Zoom,
    x: Column,
    y: Row,
    desk: DeskDep,
    query: Annotated[TileQuery, Query()],
) -> Response:
    """The same geometry with the map's values in it, and its flows, symbols and labels.

    With `layers` only these of them, or `land`: `land,boundaries` is a ground to lay units on.
    """
    at, layers = (int(z), int(x), int(y)), query.layer_names()
    asked = MapTile(sid, map_id, at, query.lang, query.narrowing(), layers)
    return await desk_answer(desk, request, asked)


@router.get(
    PICTURES,
    operation_id="getMapPicture",
    response_class=Response,
    responses=_of(PNG, "A picture; transparent where there is no unit."),
)
async def map_picture_tile(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    z: Zoom,
    x: Column,
    y: Row,
    desk: DeskDep,
    query: Annotated[PictureTileQuery, Query()],
) -> Response:
    """The map's areas as a picture tile, transparent where there is no unit."""
    at, size = (int(z), int(x), int(y)), int(query.size)
    asked = MapPicture(sid, map_id, at, query.lang, query.narrowing(), size)
    return await desk_answer(desk, request, asked)
