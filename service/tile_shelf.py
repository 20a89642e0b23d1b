"""Tiles at hand, so many bytes of them at most: what was asked for least recently goes first.

A tile of a map is at hand as its constant parts: its values are spliced in for each answer, which
costs less than keeping every answer would in memory.
"""

import zlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Protocol

from maps.tile_splice import KeptBytes, PreparedTile, splice, splice_gzip
from maps.value_table import ValueTable

__all__ = ["FinishedTile", "SplicedTile", "Tile", "TileShelf"]

_SMALLEST = 200  # bytes below which packing costs more than it saves


class Tile(Protocol):
    """A tile that can be answered without asking anybody."""

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep."""
        ...

    def plain(self) -> bytes:
        """Return the tile's bytes."""
        ...

    def packed(self) -> bytes | None:
        """Return the tile's bytes as gzip; None where it is sent as it is."""
        ...


@dataclass(frozen=True, eq=False)
class FinishedTile:
    """A tile whose bytes are always the same: geometry alone, or a picture."""

    content: bytes
    packs: bool = True

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep, packed bytes included."""
        return 2 * len(self.content)

    def plain(self) -> bytes:
        """Return the tile's bytes."""
        return self.content

    def packed(self) -> bytes | None:
        """Return the tile's bytes as gzip, packed when they were first asked for."""
        return self._gzip if self.packs and len(self.content) >= _SMALLEST else None

    @cached_property
    def _gzip(self) -> bytes:
        packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        return packer.compress(self.content) + packer.flush()


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

    def plain(self) -> bytes:
        """Return the tile's bytes, values spliced in."""
        return splice(self.units, self.table) + self.others.plain

    def packed(self) -> bytes | None:
        """Return the tile's bytes as gzip, values spliced in."""
        if len(self.units.head) + len(self.others.plain) < _SMALLEST:
            return None
        return splice_gzip(self.units, self.table, self.others)


@dataclass(eq=False)
class TileShelf:
    """A bounded memory of tiles that threads may share."""

    limit: int
    _held: OrderedDict[Hashable, Tile] = field(default_factory=OrderedDict)
    _sizes: dict[Hashable, int] = field(default_factory=dict)
    total: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable) -> Tile | None:
        """Return the tile of ``key`` if it is at hand."""
        with self._lock:
            tile = self._held.get(key)
            if tile is not None:
                self._held.move_to_end(key)
            return tile

    def put(self, key: Hashable, tile: Tile) -> None:
        """Keep a tile; one larger than the whole shelf is not kept."""
        size = tile.size
        with self._lock:
            self.total += size - self._sizes.pop(key, 0)
            self._held[key], self._sizes[key] = tile, size
            self._held.move_to_end(key)
            while self.total > self.limit:
                gone, _ = self._held.popitem(last=False)
                self.total -= self._sizes.pop(gone)
