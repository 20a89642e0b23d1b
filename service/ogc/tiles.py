"""Tiles of collections are the tiles under /tiles: asked of the same desk, so they cannot disagree.

A tile of several collections is their tiles one behind the other, each layer under its collection's
id, since a tile may not have two layers of one name.
"""

from collections.abc import Sequence
from functools import partial

from maps.mvt import TILE_LAYERS
from service.ogc.collection import Collection
from service.ogc.layer_names import renamed_layers
from service.tile_desk import Address, Asked, BoundaryTile, MapPicture, MapTile, TileDesk

__all__ = ["asked_of", "dataset_tile"]


def asked_of(collection: Collection, form: str, at: Address) -> Asked:
    """Return what to ask the desk for: ``form`` is "mvt" or "png", ``at`` zoom, column and row."""
    if collection.kind == "boundaries":
        return BoundaryTile(collection.published.vintage.content, collection.level, at)
    if form == "png":
        return MapPicture(collection.situation, collection.map_id, at)
    return MapTile(collection.situation, collection.map_id, at, layers=TILE_LAYERS)


async def dataset_tile(desk: TileDesk, collections: Sequence[Collection], at: Address) -> bytes:
    """Return one vector tile of several collections: units under the id, other layers behind it."""
    layers = []
    for collection in collections:
        address = f"{collection.id}/{'/'.join(map(str, at))}"  # the desk keeps answers under it
        answered = await desk.answer(asked_of(collection, "mvt", at), address)
        layers.append(renamed_layers(answered.body, partial(_layer_name, collection.id)))
    return b"".join(layers)


def _layer_name(collection_id: str, layer: str) -> str:
    return collection_id if layer == "units" else f"{collection_id}.{layer}"
