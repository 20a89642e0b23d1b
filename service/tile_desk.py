"""Tiles, asked for and answered. An address outside the world is refused before any work is done.

What the answer depends on is known without making it (an edition, a vintage's content), so a reader
who has it gets 304. A tile at hand is answered at once; any other is made in a thread, once for all
who ask for it meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from boundaries.errors import UnknownVintage
from maps.mvt import geometry_tile, map_tile, prepared_tile
from maps.tile_address import check_tile
from maps.tile_splice import KeptBytes, no_units
from service.catalogue import Catalogue
from service.conditional import IMMUTABLE, REVALIDATE, entity_tag, is_known
from service.errors import UnknownLevel
from service.flights import Flights
from service.narrowing import AS_PUBLISHED, Narrowing
from service.tile_shelf import FinishedTile, SplicedTile, Tile, TileShelf
from service.weights import coding_of

if TYPE_CHECKING:
    from service.published import Published

__all__ = [
    "MVT",
    "PNG",
    "Address",
    "Answered",
    "Asked",
    "BoundaryTile",
    "MapPicture",
    "MapTile",
    "TileDesk",
]

MVT, PNG = "application/vnd.mapbox-vector-tile", "image/png"
_LARGE = 2000  # units of a tile whose values take longer to pack than the others should wait

Address = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class BoundaryTile:
    """The units of one level of a vintage: of the world, or of one situation's countries."""

    vintage: str
    level: int
    at: Address
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapTile:
    """A map's layers as a vector tile."""

    situation: str
    map_id: str
    at: Address
    lang: str = "en"
    narrowing: Narrowing = AS_PUBLISHED
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapPicture:
    """A map's areas as a picture tile of ``size`` pixels."""

    situation: str
    map_id: str
    at: Address
    lang: str = "en"
    narrowing: Narrowing = AS_PUBLISHED
    size: int = 256


Asked = BoundaryTile | MapTile | MapPicture


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer but for the headers that every answer has; ``status`` is 200 or 304."""

    status: int
    tag: str
    cache: str
    media_type: str
    coding: str = "identity"
    body: bytes = b""
    at_hand: bool = True


class TileDesk:
    """Answers tiles of a catalogue. Used by the event loop of one process."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        max_zoom: int,
        memory: int,
        waiting: int = 256,
        on_made: Callable[[], None] = lambda: None,
    ) -> None:
        """Answer with at most ``memory`` bytes of tiles at hand; ``on_made`` is told of each making."""
        self._on_made = on_made
        self._catalogue = catalogue
        self._max_zoom = max_zoom
        self.shelf = TileShelf(memory)
        self._made: Flights[Tile] = Flights(waiting=waiting)
        self._found: Flights[Published] = Flights(waiting=waiting)
        self._packed: Flights[bytes | None] = Flights(waiting=waiting)

    async def answer(
        self, asked: Asked, address: str, *, accept_encoding: str = "", if_none_match: str = ""
    ) -> Answered:
        """Answer a tile, or that the reader has it; ``address`` is what its tag stands for.

        Raises `NoSuchTile`, `UnknownVintage`, `UnknownLevel`, `UnknownSituation`, `UnknownMap`,
        what narrowing a map raises, `BadMatchHeader`, and `Busy`.
        """
        check_tile(*asked.at, max_zoom=self._max_zoom)
        cache, version = REVALIDATE, ""
        published: Published | None = None
        if isinstance(asked, BoundaryTile):
            published = await self._of_vintage(asked)
            version = published.vintage.content
            cache = IMMUTABLE if asked.vintage == version else REVALIDATE
        else:
            version = self._catalogue.edition(asked.situation).id
        media, coding = PNG, "identity"
        if not isinstance(asked, MapPicture):
            media, coding = MVT, coding_of(accept_encoding, ("gzip",))
        tag = entity_tag(coding, version, address)
        if is_known(if_none_match, tag):
            return Answered(304, tag, cache, media)
        key = (version, asked)
        tile = self.shelf.get(key)
        at_hand = tile is not None
        if tile is None:
            tile = await self._made.get(key, lambda: self._make(asked, version, published))
            self.shelf.put(key, tile)
        body = await self._body(key, tile) if coding == "gzip" else None
        if body is None:
            return Answered(200, tag, cache, media, "identity", tile.plain(), at_hand)
        return Answered(200, tag, cache, media, coding, body, at_hand)

    async def _body(self, key: object, tile: Tile) -> bytes | None:
        if isinstance(tile, SplicedTile) and len(tile.units) > _LARGE:
            return await self._packed.get(("packed", key), tile.packed)
        return tile.packed()

    async def _of_vintage(self, asked: BoundaryTile) -> "Published":
        """Return an edition of the vintage asked for, looked for in a thread where that is new."""
        published = self._catalogue.vintage_at_hand(asked.vintage, asked.countries)
        if published is not None:
            return published
        key = (asked.vintage, asked.countries, self._catalogue.mark())
        return await self._found.get(key, lambda: self._vintage(asked))

    def _vintage(self, asked: BoundaryTile) -> "Published":
        published = self._catalogue.vintage(asked.vintage, asked.countries)
        if published is None:
            raise UnknownVintage("asked for", known=self._catalogue.vintages())
        return published

    # -- in a thread ------------------------------------------------------------------------------

    def _make(self, asked: Asked, version: str, published: "Published | None") -> Tile:
        self._on_made()
        if isinstance(asked, BoundaryTile):
            assert published is not None  # noqa: S101 - `answer` has looked for it
            return self._boundaries(asked, published)
        edition = self._catalogue.published(asked.situation, version)
        values, geometry = self._catalogue.tile_values(
            edition, asked.map_id, asked.lang, asked.narrowing
        )
        if isinstance(asked, MapPicture):
            from maps.tile_png import map_tile_png

            scene = self._catalogue.scene(edition, asked.map_id, asked.lang, asked.narrowing)
            size: Literal[256, 512] = 512 if asked.size == 512 else 256
            return FinishedTile(map_tile_png(scene, geometry, *asked.at, size=size), packs=False)
        others = tuple(name for name in asked.layers if name != "units")
        shape = values.table.shape
        units = prepared_tile(geometry, *asked.at, shape) if "units" in asked.layers else None
        drawn = KeptBytes(map_tile(values, geometry, *asked.at, layers=others))
        return SplicedTile(units or no_units(shape), values.table, drawn)

    def _boundaries(self, asked: BoundaryTile, published: "Published") -> FinishedTile:
        units = published.boundaries if asked.countries else published.whole_vintage
        if asked.level not in units.levels:
            raise UnknownLevel(known=[str(each) for each in units.levels])
        scope = " ".join(published.released.countries) if asked.countries else "world"
        geometry = self._catalogue.geometry(units, scope, asked.level)
        return FinishedTile(geometry_tile(geometry, *asked.at))
