"""Units as tiles need them: per zoom, one coverage on one integer grid, so that neighbours share edges.

Rounding polygons one by one opens gaps and makes them cross. Here the units of a level are put on the
grid together (`maps.tile_grid`) and then cut into tiles (`maps.tile_clip`); every polygon is valid
and every border is one row of points, whatever the zoom.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.units import BoundarySet
from maps.mvt_encoding import value_message
from maps.tile_address import EXTENT, check_tile, to_world
from maps.tile_archive import TileArchive, archive_name
from maps.tile_clip import BUFFER, ZoomGeometry, cut_tiles, encoded_tile
from maps.tile_grid import Coverage, on_grid
from maps.tile_memory import TileMemory
from maps.tile_splice import UnitShapes

__all__ = ["BUFFER", "TileGeometry", "TileUnits", "ZoomGeometry"]


Polygons = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class TileUnits:
    """The units of one tile, clipped: ``index`` (n,) into the level, ``polygons`` in tile steps."""

    index: NDArray[np.intp]
    polygons: Polygons


@dataclass(eq=False)
class TileGeometry:
    """The units of one level of a vintage, ready to be cut into tiles.

    Built once per (vintage, level); zooms and tiles are made on first touch and kept. Feature ids are the
    units' places in ascending order of P-code, so they hold as long as the vintage's ``content``.
    Safe to share between threads.
    """

    content: str
    level: int
    pcodes: tuple[str, ...]
    names: tuple[str, ...]
    world: Polygons = field(repr=False)
    points: NDArray[np.float64] = field(repr=False)
    archive: TileArchive | None = field(default=None, repr=False)
    _zooms: dict[int, ZoomGeometry] = field(default_factory=dict, repr=False)
    memory: TileMemory = field(default_factory=TileMemory, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _making: dict[int, Lock] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, places: BoundarySet, level: int, *, archives: Path | None = None) -> "TileGeometry":
        """Project the units of one level; ``world`` and ``points`` are in world units.

        In a folder ``archives`` what is encoded is kept for other processes and other days.
        """
        units = places.at(level).sort_values("pcode")
        pcodes = tuple(units["pcode"])
        world = shapely.transform(np.asarray(units.geometry.values, dtype=object), to_world)
        archive = None
        if archives is not None and pcodes:
            archive = TileArchive(archives / archive_name(world, pcodes, level))
        return cls(
            content=places.vintage.content,
            level=level,
            pcodes=pcodes,
            names=tuple(units["name"]),
            world=world,
            points=to_world(units[["label_lon", "label_lat"]].to_numpy(dtype=np.float64)),
            archive=archive,
        )

    def __len__(self) -> int:
        return len(self.pcodes)

    def at(self, zoom: int) -> ZoomGeometry:
        """Return the level at one zoom, made on first touch."""
        check_tile(zoom, 0, 0)
        with self._lock:
            making = self._making.setdefault(zoom, Lock())
        with making:  # two threads on a cold zoom would do the same seconds of work twice
            if zoom not in self._zooms:
                polygons = self.archive.grid(zoom) if self.archive else None
                self._zooms[zoom] = ZoomGeometry(
                    zoom, self._made(zoom) if polygons is None else polygons
                )
            return self._zooms[zoom]

    def _made(self, zoom: int) -> Polygons:
        """Put the level on the grid of a zoom, or wait for the process that does."""
        if self.archive is None:
            return on_grid(self._coverage, self.points, zoom)
        with self.archive.grid_turn(zoom):
            polygons = self.archive.grid(zoom)
            if polygons is None:
                polygons = on_grid(self._coverage, self.points, zoom)
                self.archive.keep_grid(zoom, polygons)
            return polygons

    @cached_property
    def texts(self) -> tuple[bytes, ...]:
        """Return every unit's P-code and name as vector-tile values."""
        return tuple(
            value_message(pcode) + value_message(name)
            for pcode, name in zip(self.pcodes, self.names, strict=True)
        )

    @cached_property
    def place(self) -> dict[str, int]:
        """Return every P-code's place among the units."""
        return {pcode: i for i, pcode in enumerate(self.pcodes)}

    @cached_property
    def _coverage(self) -> Coverage:
        return Coverage(self.world)

    def shapes(self, z: int, x: int, y: int) -> UnitShapes:
        """Return the units of a tile as encoded geometry. Raises `NoSuchTile` outside the world."""
        check_tile(z, x, y)
        if self.archive is None:
            return encoded_tile(self.at(z), x, y)
        shapes = self.archive.shapes(z, x, y)
        if shapes is not None:
            return shapes
        whole = self.at(z)
        with self.archive.tile_turn(z, x, y) as waited:
            shapes = self.archive.shapes(z, x, y) if waited else None
            if shapes is None:
                shapes = encoded_tile(whole, x, y)
                if len(shapes.index):
                    self.archive.keep(z, x, y, shapes)
            return shapes

    def tile(self, z: int, x: int, y: int) -> TileUnits:
        """Cut one tile with its buffer. Raises `NoSuchTile` outside the world."""
        check_tile(z, x, y)
        (unit,), polygons = cut_tiles(self.at(z), [(x, y)])
        drawn = ~shapely.is_empty(polygons)
        corner = np.array([x, y], dtype=np.float64) * EXTENT
        return TileUnits(unit[drawn], shapely.transform(polygons[drawn], lambda xy: xy - corner))
