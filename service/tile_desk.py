"""Tiles and values of maps, asked for and answered. What lies outside the world is refused at once.

What the answer depends on is known without making it (an edition, a vintage's content), so a reader
who has it gets 304. An answer at hand is sent as it is; any other is made in a thread, once for all
who ask for it meanwhile.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from boundaries.errors import UnknownVintage
from maps.mvt import geometry_tile, map_tile, prepared_tile
from maps.tile_address import check_tile
from maps.tile_splice import KeptBytes, no_units
from service.answered import Answered
from service.catalogue import Catalogue
from service.conditional import IMMUTABLE, REVALIDATE, entity_tag, is_known
from service.errors import UnknownLevel
from service.flights import Flights
from service.map_values import EVERYTHING, Part, values_content
from service.narrowing import AS_PUBLISHED, Narrowing
from service.tile_shelf import FinishedFile, SplicedTile, Tile, TileShelf
from service.weights import coding_of

if TYPE_CHECKING:
    from service.published import Published

__all__ = [
    "BYTES",
    "JSON",
    "MVT",
    "PNG",
    "Address",
    "Asked",
    "BoundaryTile",
    "MapPicture",
    "MapTile",
    "MapValues",
    "TileDesk",
]

MVT, PNG = "application/vnd.mapbox-vector-tile", "image/png"
JSON, BYTES = "application/json", "application/octet-stream"

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


@dataclass(frozen=True, slots=True)
class MapValues:
    """The values of a map alone; ``form`` is "rows", "columns" or "binary", that with ``bases`` or not."""

    situation: str
    map_id: str
    lang: str = "en"
    narrowing: Narrowing = AS_PUBLISHED
    form: str = "rows"
    part: Part = EVERYTHING
    bases: bool = True


Asked = BoundaryTile | MapTile | MapPicture | MapValues


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
        on_first: Callable[[], None] | None = None,
    ) -> None:
        """Answer with at most ``memory`` bytes of tiles at hand; ``on_made`` is told of each making.

        ``on_first`` is called after the first answer of an edition or of a vintage's content.
        """
        self._on_made, self._on_first = on_made, on_first
        self._shown: dict[tuple[type[Asked], str], str] = {}
        self._catalogue = catalogue
        self._max_zoom = max_zoom
        self.shelf = TileShelf(memory)
        self._made: Flights[Tile] = Flights(waiting=waiting)
        self._found: Flights[Published] = Flights(waiting=waiting)
        self._packed: Flights[bytes | None] = Flights(waiting=waiting)

    def at_hand(
        self, asked: Asked, address: str, *, accept_encoding: str = "", if_none_match: str = ""
    ) -> Answered | None:
        """Return the answer if it can be given at once, else None: then `answer` gives it.

        Never waits and makes nothing. Raises what looking for the current edition raises, and
        `BadMatchHeader`.
        """
        version = self._version(asked)
        wanted = (version, asked, address, _coding(asked, accept_encoding))
        kept = self.shelf.get(wanted, Answered)
        if kept is None or not if_none_match or not is_known(if_none_match, kept.tag):
            return kept
        return kept.unchanged

    async def answer(
        self, asked: Asked, address: str, *, accept_encoding: str = "", if_none_match: str = ""
    ) -> Answered:
        """Answer what is asked, or that the reader has it; ``address`` is what its tag stands for.

        Raises `NoSuchTile`, `UnknownVintage`, `UnknownLevel`, `UnknownSituation`, `UnknownMap`,
        what narrowing a map raises, `BadMatchHeader`, and `Busy`.
        """
        if not isinstance(asked, MapValues):
            check_tile(*asked.at, max_zoom=self._max_zoom)
        published = await self._of_vintage(asked) if isinstance(asked, BoundaryTile) else None
        version = self._version(asked) if published is None else published.vintage.content
        forever = isinstance(asked, BoundaryTile) and asked.vintage == version
        cache, media = IMMUTABLE if forever else REVALIDATE, _media(asked)
        coding = _coding(asked, accept_encoding)
        tag = entity_tag(coding, version, address)
        if is_known(if_none_match, tag):
            return Answered(304, tag, cache, media)
        wanted = (version, asked, address, coding)
        kept = self.shelf.get(wanted, Answered)
        if kept is not None:
            return kept
        key = (version, asked)
        tile: Tile | None = self.shelf.get(key, SplicedTile) or self.shelf.get(key, FinishedFile)
        at_hand = tile is not None
        if tile is None:
            tile = await self._made.get(key, lambda: self._make(asked, version, published))
            self.shelf.put(key, tile)
            self._tell_first(asked, version)
        body = await self._packed_body(key, tile, coding) if coding != "identity" else None
        if body is None:
            body, coding = tile.plain(), "identity"
        answered = Answered(200, tag, cache, media, coding, body)
        self.shelf.put(wanted, answered)
        return answered if at_hand else replace(answered, at_hand=False)

    def _tell_first(self, asked: Asked, version: str) -> None:
        of = (type(asked), asked.vintage if isinstance(asked, BoundaryTile) else asked.situation)
        if self._on_first is not None and self._shown.get(of) != version:
            self._shown[of] = version
            self._on_first()

    async def _packed_body(self, key: Hashable, tile: Tile, coding: str) -> bytes | None:
        if tile.packs_slowly:
            return await self._packed.get((coding, key), lambda: tile.packed(coding))
        return tile.packed(coding)

    def _version(self, asked: Asked) -> str:
        """Return what the answer is of; of a vintage that was never looked for, nothing's name."""
        if not isinstance(asked, BoundaryTile):
            return self._catalogue.edition(asked.situation).id
        published = self._catalogue.vintage_at_hand(asked.vintage, asked.countries)
        return "" if published is None else published.vintage.content

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
        if isinstance(asked, MapValues):
            edition = self._catalogue.published(asked.situation, version)
            return FinishedFile(values_content(self._catalogue, edition, asked))
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
            return FinishedFile(map_tile_png(scene, geometry, *asked.at, size=size), packs=False)
        others = tuple(name for name in asked.layers if name != "units")
        shape = values.table.shape
        units = prepared_tile(geometry, *asked.at, shape) if "units" in asked.layers else None
        drawn = KeptBytes(map_tile(values, geometry, *asked.at, layers=others))
        return SplicedTile(units or no_units(shape), values.table, drawn)

    def _boundaries(self, asked: BoundaryTile, published: "Published") -> FinishedFile:
        units = published.boundaries if asked.countries else published.whole_vintage
        if asked.level not in units.levels:
            raise UnknownLevel(known=[str(each) for each in units.levels])
        scope = " ".join(published.released.countries) if asked.countries else "world"
        geometry = self._catalogue.geometry(units, scope, asked.level)
        return FinishedFile(geometry_tile(geometry, *asked.at))


def _media(asked: Asked) -> str:
    if isinstance(asked, MapValues):
        return BYTES if asked.form == "binary" else JSON
    return PNG if isinstance(asked, MapPicture) else MVT


def _coding(asked: Asked, accept_encoding: str) -> str:
    if isinstance(asked, MapPicture):
        return "identity"
    offered = ("br", "gzip") if isinstance(asked, MapValues) else ("gzip",)
    return coding_of(accept_encoding, offered)
