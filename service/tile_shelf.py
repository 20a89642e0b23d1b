"""Answers at hand, so many bytes of them at most: what was asked for least recently goes first.

A tile of a map is kept as its constant parts, which a new figure does not change, and as the answers
that were made of them: an answer asked for often is sent as it is. The event loop alone uses a shelf.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from maps.tile_splice import KeptBytes, PreparedTile, splice, splice_gzip
from maps.value_table import ValueTable
from service.packing import packed

__all__ = ["FinishedFile", "Kept", "SplicedTile", "Tile", "TileShelf"]

_SMALLEST = 200  # bytes below which packing costs more than it saves
_LARGE = 2000  # units of a tile whose values take longer to pack than the others should wait
_LONG = 32_000  # bytes of which the same holds


class Kept(Protocol):
    """What a shelf holds."""

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep."""
        ...


class Tile(Kept, Protocol):
    """What an answer can be made of without asking anybody."""

    @property
    def packs_slowly(self) -> bool:
        """Whether packing it takes longer than other readers should wait."""
        ...

    def plain(self) -> bytes:
        """Return the bytes."""
        ...

    def packed(self, coding: str) -> bytes | None:
        """Return the bytes in a coding; None where they are sent as they are."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class FinishedFile:
    """Bytes that are always the same: geometry alone, a picture, or the values of a map."""

    content: bytes
    packs: bool = True

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep."""
        return len(self.content)

    @property
    def packs_slowly(self) -> bool:
        """Whether packing it takes longer than other readers should wait."""
        return self.packs and len(self.content) > _LONG

    def plain(self) -> bytes:
        """Return the bytes."""
        return self.content

    def packed(self, coding: str) -> bytes | None:
        """Return the bytes in a coding; None where they are sent as they are."""
        return packed(self.content, coding) if self.packs and self.size >= _SMALLEST else None


@dataclass(frozen=True, eq=False, slots=True)
class SplicedTile:
    """A tile of a map: what no value changes, the map's values, and its other layers."""

    units: PreparedTile
    table: ValueTable
    others: KeptBytes

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep, packed bytes included; tables are shared."""
        return 2 * (len(self.units.head) + len(self.others.plain)) + self.units.index.nbytes

    @property
    def packs_slowly(self) -> bool:
        """Whether packing it takes longer than other readers should wait."""
        return len(self.units) > _LARGE

    def plain(self) -> bytes:
        """Return the tile's bytes, values spliced in."""
        return splice(self.units, self.table) + self.others.plain

    def packed(self, coding: str) -> bytes | None:
        """Return the tile's bytes as gzip, the one ``coding`` it knows, values spliced in."""
        if coding != "gzip" or len(self.units.head) + len(self.others.plain) < _SMALLEST:
            return None
        return splice_gzip(self.units, self.table, self.others)


K = TypeVar("K", bound=Kept)


@dataclass(eq=False)
class TileShelf:
    """A bounded memory of what was asked for lately, by key."""

    limit: int
    total: int = 0
    _held: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    _sizes: dict[Hashable, int] = field(default_factory=dict)

    def get(self, key: Hashable, kind: type[K]) -> K | None:
        """Return what is kept under ``key``, which is of ``kind``; None where nothing is."""
        kept = self._held.get(key)
        if not isinstance(kept, kind):
            return None
        self._held.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep something; what is larger than the whole shelf is not kept."""
        size = kept.size
        self.total += size - self._sizes.pop(key, 0)
        self._held[key], self._sizes[key] = kept, size
        self._held.move_to_end(key)
        while self.total > self.limit:
            gone, _ = self._held.popitem(last=False)
            self.total -= self._sizes.pop(gone)
