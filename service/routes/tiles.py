"""Tiles. An address outside the world is refused before any work; borders never change under theirs."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from boundaries.errors import UnknownVintage
from maps.mvt import geometry_tile, map_tile
from maps.tile_address import check_tile
from maps.tile_png import map_tile_png
from service.conditional import IMMUTABLE, fresh_headers
from service.errors import UnknownLevel
from service.problems import PROBLEM_RESPONSES
from service.queries import BoundaryTileQuery, MapId, NarrowedQuery, Situation, TileQuery
from service.routes.dependencies import CatalogueDep, SettingsDep

__all__ = ["router"]

router = APIRouter(prefix="/tiles", tags=["tiles"], responses=PROBLEM_RESPONSES)

_MVT = "application/vnd.mapbox-vector-tile"

# Digits only, and few: int() alone would take "1_0", "+1" and numbers of any length.
Zoom = Annotated[str, Path(pattern=r"^[0-9]{1,2}$", description="Zoom, 0 to 14.", examples=["5"])]
Column = Annotated[
    str, Path(pattern=r"^[0-9]{1,5}$", description="Column, from the west.", examples=["15"])
]
Row = Annotated[
    str, Path(pattern=r"^[0-9]{1,5}$", description="Row, from the north.", examples=["14"])
]


@router.get(
    "/boundaries/{vintage}/{level}/{z}/{x}/{y}.mvt",
    operation_id="getBoundaryTile",
    response_class=Response,
)
def boundary_tile(
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
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[BoundaryTileQuery, Query()],
) -> Response:
    """The units of one level of a vintage, with `pcode` and `name`: geometry only.

    Addressed by the vintage's content hash the answer never changes and may be kept for ever. With
    the `countries` of a situation its units alone; a feature's id is then its place in `/units`.
    """
    zoom, column, row = int(z), int(x), int(y)
    check_tile(zoom, column, row, max_zoom=settings.max_zoom)
    countries = query.codes()
    published = catalogue.vintage(vintage, countries)
    if published is None:
        raise UnknownVintage("asked for", known=catalogue.vintages())
    content = published.vintage.content
    kept = {"cache": IMMUTABLE} if vintage == content else {}
    headers = fresh_headers(request, content, **kept)
    units = published.boundaries if countries else published.whole_vintage
    if int(level) not in units.levels:
        raise UnknownLevel(known=[str(each) for each in units.levels])
    scope = " ".join(published.released.countries) if countries else "world"
    geometry = catalogue.geometry(units, scope, int(level))
    tile = geometry_tile(geometry, zoom, column, row)
    return Response(tile, media_type=_MVT, headers=headers)


@router.get(
    "/maps/{sid}/{map_id}/{z}/{x}/{y}.mvt", operation_id="getMapTile", response_class=Response
)
def map_vector_tile(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    z: Zoom,
    x: Column,
    y: Row,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[TileQuery, Query()],
) -> Response:
    """The same geometry with the map's values in it, and its flows, symbols and labels.

    With `layers` only these of them, or `land`: `land,boundaries` is a ground to lay units on.
    """
    zoom, column, row = int(z), int(x), int(y)
    check_tile(zoom, column, row, max_zoom=settings.max_zoom)
    headers = fresh_headers(request, catalogue.edition(sid).id)
    published = catalogue.published(sid)
    values, geometry = catalogue.tile_values(published, map_id, query.lang, query.narrowing())
    tile = map_tile(values, geometry, zoom, column, row, layers=query.layer_names())
    return Response(tile, media_type=_MVT, headers=headers)


@router.get(
    "/maps/{sid}/{map_id}/{z}/{x}/{y}.png", operation_id="getMapPicture", response_class=Response
)
def map_picture_tile(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    z: Zoom,
    x: Column,
    y: Row,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[NarrowedQuery, Query()],
) -> Response:
    """The map's areas as a picture tile, transparent where there is no unit."""
    zoom, column, row = int(z), int(x), int(y)
    check_tile(zoom, column, row, max_zoom=settings.max_zoom)
    headers = fresh_headers(request, catalogue.edition(sid).id)
    published = catalogue.published(sid)
    asked = query.narrowing()
    scene = catalogue.scene(published, map_id, query.lang, asked)
    _, geometry = catalogue.tile_values(published, map_id, query.lang, asked)
    key = ("png", published.edition.id, map_id, query.lang, asked, zoom, column, row)
    tile = catalogue.files.get(key, lambda: map_tile_png(scene, geometry, zoom, column, row))
    return Response(tile, media_type="image/png", headers=headers)
