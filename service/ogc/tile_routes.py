"""OGC API Tiles over HTTP. An address outside the world is refused before any work.

A tile with nothing in it is 204 as a vector tile, and transparent as a picture.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from maps.tile_address import NoSuchTile, check_tile
from service.conditional import REVALIDATE
from service.errors import BadParameter
from service.ogc.answering import CollectionsDep, SiteDep, page_or_json
from service.ogc.collection import Collection
from service.ogc.collections import Collections
from service.ogc.errors import UnknownTileMatrixSet
from service.ogc.links import MVT, PNG, Site
from service.ogc.negotiation import chosen_form, form_headers, parameters
from service.ogc.pages import tile_page
from service.ogc.tile_matrix_sets import WEB_MERCATOR, tile_matrix_set, tile_matrix_sets
from service.ogc.tiles import asked_of, dataset_tile
from service.ogc.tilesets import (
    Tileset,
    collection_tileset,
    dataset_tileset,
    map_tileset,
    tileset_document,
    tilesets_document,
)
from service.routes.dependencies import DeskDep, SettingsDep
from service.settings import Settings
from service.tile_desk import Address, TileDesk

__all__ = ["router"]

router = APIRouter()

_TYPES = {"mvt": (MVT, "application/x-protobuf"), "png": (PNG,)}
_MOST_TOGETHER = 8  # collections in one tile
_DIGITS = re.compile(r"[0-9]{1,5}")
_LIST_LEAD = "Tiles in web mercator, by the address templates below."


def _address(tms: str, z: str, row: str, col: str, settings: SettingsDep) -> Address:
    """Return zoom, column and row; raises where the tile is none of the world."""
    _check_tms(tms)
    if not all(_DIGITS.fullmatch(part) for part in (z, row, col)):
        raise NoSuchTile(-1, -1, -1, max_zoom=settings.max_zoom)
    address = int(z), int(col), int(row)
    check_tile(*address, max_zoom=settings.max_zoom)
    return address


def _tiled(collection_id: str, collections: CollectionsDep) -> Collection:
    found = collections.one(collection_id)
    if not found.tiled:
        raise UnknownTileMatrixSet(known=())
    return found


def _map(collection_id: str, collections: CollectionsDep) -> Collection:
    found = collections.one(collection_id)
    if found.kind != "map":
        raise UnknownTileMatrixSet(known=())
    return found


def _check_tms(tms: str) -> None:
    if tms != WEB_MERCATOR:
        raise UnknownTileMatrixSet(known=(WEB_MERCATOR,))


AddressDep = Annotated[Address, Depends(_address)]
TiledDep = Annotated[Collection, Depends(_tiled)]
MapDep = Annotated[Collection, Depends(_map)]


@router.get("/tileMatrixSets")
def matrix_sets(request: Request, site: SiteDep) -> Response:
    """The tile matrix sets there are."""

    def page() -> str:
        return tile_page(
            tile_matrix_sets(site),
            title="Tile matrix sets",
            lead="How tiles divide the world. There is one way: web mercator's.",
        )

    return page_or_json(request, (), lambda: tile_matrix_sets(site), page)


@router.get("/tileMatrixSets/{tms}")
def matrix_set(request: Request, tms: str, site: SiteDep, settings: SettingsDep) -> Response:
    """One tile matrix set."""
    _check_tms(tms)
    document = tile_matrix_set(site, settings.max_zoom)

    def page() -> str:
        return tile_page(document, title=WEB_MERCATOR, lead=str(document["title"]))

    return page_or_json(request, (str(settings.max_zoom),), lambda: document, page)


@router.get("/tiles")
def dataset_tilesets(request: Request, collections: CollectionsDep, site: SiteDep) -> Response:
    """The tilesets of everything together."""
    tilesets = [dataset_tileset(_together(collections, None))]
    return page_or_json(
        request,
        collections.versions(),
        lambda: tilesets_document(tilesets, site),
        lambda: tile_page(
            tilesets_document(tilesets, site), title="Tiles of everything", lead=_LIST_LEAD
        ),
    )


@router.get("/tiles/{tms}")
def dataset_tileset_one(
    request: Request, tms: str, collections: CollectionsDep, site: SiteDep, settings: SettingsDep
) -> Response:
    """The tileset of everything together."""
    _check_tms(tms)
    tileset = dataset_tileset(_together(collections, None))
    return _tileset_answer(request, tileset, collections.versions(), site, settings)


@router.get("/tiles/{tms}/{z}/{row}/{col}")
async def dataset_tile_one(
    request: Request, address: AddressDep, collections: CollectionsDep, desk: DeskDep
) -> Response:
    """A vector tile of several collections, a layer each; `collections` says of which."""
    given = parameters(request, ("f", "collections"))
    form = chosen_form(request, given.get("f"), {"mvt": _TYPES["mvt"]})
    chosen = await run_in_threadpool(_together, collections, given.get("collections"))
    headers = form_headers(request, form, *(v for each in chosen for v in each.versions))
    tile = await dataset_tile(desk, chosen, address)
    if not tile:
        return Response(status_code=204, headers=headers)
    return Response(tile, media_type=MVT, headers=headers)


@router.get("/collections/{collection_id}/tiles")
def collection_tilesets(request: Request, collection: TiledDep, site: SiteDep) -> Response:
    """The vector tilesets of a collection."""
    return _tilesets_answer(request, [collection_tileset(collection)], site)


@router.get("/collections/{collection_id}/map/tiles")
def map_tilesets(request: Request, collection: MapDep, site: SiteDep) -> Response:
    """The picture tilesets of a map."""
    return _tilesets_answer(request, [map_tileset(collection)], site)


@router.get("/collections/{collection_id}/tiles/{tms}")
def collection_tileset_one(
    request: Request, tms: str, collection: TiledDep, site: SiteDep, settings: SettingsDep
) -> Response:
    """The vector tileset of a collection."""
    _check_tms(tms)
    tileset = collection_tileset(collection)
    return _tileset_answer(request, tileset, collection.versions, site, settings)


@router.get("/collections/{collection_id}/map/tiles/{tms}")
def map_tileset_one(
    request: Request, tms: str, collection: MapDep, site: SiteDep, settings: SettingsDep
) -> Response:
    """The picture tileset of a map."""
    _check_tms(tms)
    return _tileset_answer(request, map_tileset(collection), collection.versions, site, settings)


@router.get("/collections/{collection_id}/tiles/{tms}/{z}/{row}/{col}")
async def collection_tile_one(
    request: Request, address: AddressDep, collection: TiledDep, desk: DeskDep
) -> Response:
    """A tile of a collection; of a map as a picture too."""
    return await _one_tile(request, desk, collection, address, collection_tileset(collection).forms)


@router.get("/collections/{collection_id}/map/tiles/{tms}/{z}/{row}/{col}")
async def map_tile_one(
    request: Request, address: AddressDep, collection: MapDep, desk: DeskDep
) -> Response:
    """A picture tile of a map."""
    return await _one_tile(request, desk, collection, address, ("png",))


async def _one_tile(
    request: Request, desk: TileDesk, collection: Collection, at: Address, forms: Sequence[str]
) -> Response:
    given = parameters(request, ("f",))
    form = chosen_form(request, given.get("f"), {each: _TYPES[each] for each in forms})
    answered = await desk.answer(
        asked_of(collection, form, at),
        f"{request.url.path} {form}",
        accept_encoding=request.headers.get("accept-encoding", ""),
        if_none_match=request.headers.get("if-none-match", ""),
    )
    empty = answered.status == 200 and not answered.body
    answer = Response(answered.body, status_code=204 if empty else answered.status)
    # the address names no version, so whatever is kept has to be asked for again
    told = replace(answered, status=answer.status_code, cache=REVALIDATE)
    answer.raw_headers = [(b"vary", b"Accept, Accept-Encoding"), *told.own_headers]
    return answer


def _tilesets_answer(request: Request, tilesets: list[Tileset], site: Site) -> Response:
    collection = tilesets[0].collections[0]
    return page_or_json(
        request,
        collection.versions,
        lambda: tilesets_document(tilesets, site),
        lambda: tile_page(
            tilesets_document(tilesets, site), title=tilesets[0].title, lead=_LIST_LEAD
        ),
    )


def _tileset_answer(
    request: Request,
    tileset: Tileset,
    versions: Sequence[str],
    site: Site,
    settings: Settings,
) -> Response:
    document = tileset_document(tileset, site, settings.max_zoom)
    return page_or_json(
        request,
        (*versions, str(settings.max_zoom)),
        lambda: document,
        lambda: tile_page(document, title=tileset.title, lead=str(document["description"])),
    )


def _together(collections: Collections, asked: str | None) -> tuple[Collection, ...]:
    """Return the collections of a tile: those asked for, else all boundaries."""
    everything = {each.id: each for each in collections.all() if each.tiled}
    if asked is None:
        return tuple(each for each in everything.values() if each.kind == "boundaries")
    ids = list(dict.fromkeys(asked.split(",")))
    if not set(ids) <= set(everything) or len(ids) > _MOST_TOGETHER:
        raise BadParameter(
            "collections",
            expected=f"at most {_MOST_TOGETHER} collections that have tiles",
            known=list(everything),
        )
    return tuple(everything[each] for each in ids)
