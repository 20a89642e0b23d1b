"""Units as tiles need them: per zoom, one coverage on one integer grid, so that neighbours share edges.

Rounding polygons one by one opens gaps and makes them cross. Here the edges of all units of a level
are simplified as a coverage, rounded, noded together on the grid (snap rounding) and polygonised
once; every polygon is valid and every border is one row of points, whatever the zoom.
"""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.units import BoundarySet
from maps.tile_address import EXTENT, MAX_ZOOM, check_tile, to_world
from maps.tile_memory import TileMemory

__all__ = ["BUFFER", "TileGeometry", "TileUnits", "ZoomGeometry", "on_grid"]

BUFFER = 64  # grid steps drawn beyond the tile's edge, so that outlines do not end at it
_TOLERANCE = 4.0  # grid steps: half a CSS pixel where a tile is 512 pixels wide

Polygons = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class ZoomGeometry:
    """All units of a level at one zoom, in grid steps of that zoom's world, y down.

    ``polygons`` (n,) are valid Polygons or MultiPolygons with integer coordinates. A unit too small
    for the grid is one grid square at its label point: no unit is ever lost.
    """

    zoom: int
    polygons: Polygons
    tree: shapely.STRtree

    def within(self, x: int, y: int, *, buffer: float) -> NDArray[np.intp]:
        """Return the indices of the units that touch tile x, y of this zoom and a buffer, ascending."""
        return np.sort(self.tree.query(_box(x, y, buffer), predicate="intersects"))


@dataclass(frozen=True, eq=False)
class TileUnits:
    """The units of one tile, clipped: ``index`` (n,) into the level, ``polygons`` in tile steps."""

    index: NDArray[np.intp]
    polygons: Polygons


@dataclass(eq=False)
class TileGeometry:
    """The units of one level of a vintage, ready to be cut into tiles.

    Built once per (vintage, level); zooms are made on first touch and kept. Feature ids are the
    units' places in ascending order of P-code, so they hold as long as the vintage's ``content``.
    Safe to share between threads.
    """

    content: str
    level: int
    pcodes: tuple[str, ...]
    names: tuple[str, ...]
    world: Polygons = field(repr=False)
    points: NDArray[np.float64] = field(repr=False)
    _zooms: dict[int, ZoomGeometry] = field(default_factory=dict, repr=False)
    memory: TileMemory = field(default_factory=TileMemory, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _making: dict[int, Lock] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, places: BoundarySet, level: int) -> "TileGeometry":
        """Project the units of one level; ``world`` and ``points`` are in world units."""
        units = places.at(level).sort_values("pcode")
        return cls(
            content=places.vintage.content,
            level=level,
            pcodes=tuple(units["pcode"]),
            names=tuple(units["name"]),
            world=shapely.transform(np.asarray(units.geometry.values, dtype=object), to_world),
            points=to_world(units[["label_lon", "label_lat"]].to_numpy(dtype=np.float64)),
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
                polygons = on_grid(self.world, self.points, zoom)
                self._zooms[zoom] = ZoomGeometry(zoom, polygons, shapely.STRtree(polygons))
            return self._zooms[zoom]

    def tile(self, z: int, x: int, y: int) -> TileUnits:
        """Cut one tile with its buffer. Raises `NoSuchTile` outside the world."""
        check_tile(z, x, y)
        whole = self.at(z)
        index = whole.within(x, y, buffer=BUFFER)
        polygons = whole.polygons[index]
        box = _box(x, y, BUFFER)
        crossing = ~shapely.contains_properly(box, shapely.envelope(polygons))
        if crossing.any():
            # on the grid again: a plain cut leaves fractions, and rounding those breaks polygons
            cut = shapely.intersection(polygons[crossing], box, grid_size=1.0)
            polygons[crossing] = [_areas(part) for part in cut]
        drawn = ~shapely.is_empty(polygons)
        origin = np.array([x * EXTENT, y * EXTENT], dtype=np.float64)
        return TileUnits(index[drawn], shapely.transform(polygons[drawn], lambda xy: xy - origin))


def on_grid(world: Polygons, points: NDArray[np.float64], zoom: int) -> Polygons:
    """Put a coverage in world units on the integer grid of a zoom; shape (n,) in, shape (n,) out.

    Simplified where the tolerance is coarser than a grid step (`shapely.coverage_simplify` moves
    both sides of a border together), rounded, noded by snap rounding, polygonised once. Each face
    goes to the unit that holds a point inside it; a face in no unit is a lake or the sea.

    References
    ----------
    Hobby (1999), "Practical segment intersection with finite precision output", Computational
    Geometry 13(4): snap rounding.
    """
    steps = EXTENT * 2**zoom
    units = shapely.transform(world, lambda xy: xy * steps)
    if zoom < MAX_ZOOM:
        units = shapely.coverage_simplify(units, _TOLERANCE)
    faces = _faces(units)
    inside = shapely.point_on_surface(faces)
    face, owner = shapely.STRtree(units).query(inside, predicate="intersects")
    face, first = np.unique(face, return_index=True)  # a point on a border would have two owners
    owner = owner[first]
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(units) + 1))
    polygons = np.empty(len(units), dtype=object)
    for unit in range(len(units)):
        own = faces[face[order[starts[unit] : starts[unit + 1]]]]
        polygons[unit] = shapely.coverage_union_all(own) if len(own) > 1 else _only(own)
    lost = shapely.is_empty(polygons)
    corner = np.floor(np.clip(points[lost], 0, 1 - 1e-9) * steps)
    polygons[lost] = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 1, corner[:, 1] + 1)
    return polygons


def _faces(units: Polygons) -> Polygons:
    """Round all edges, each once, node them on the grid and return the polygons they enclose."""
    rings = shapely.get_rings(shapely.get_parts(units))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = np.floor(xy + 0.5)
    edge = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    ends = np.stack([xy[edge], xy[edge + 1]], axis=1)
    backwards = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[backwards] = ends[backwards][:, ::-1]
    once = np.unique(ends.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    if not len(once):
        return np.empty(0, dtype=object)
    chains = shapely.line_merge(
        shapely.multilinestrings(shapely.linestrings(once))
    )  # noding 5x faster
    noded = shapely.union_all(shapely.get_parts(chains), grid_size=1.0)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return np.asarray(faces, dtype=object)


def _only(faces: Polygons) -> Any:
    return faces[0] if len(faces) else shapely.MultiPolygon()


def _areas(shape: Any) -> Any:
    """Return the polygons of what a cut left; points and lines where it only touched are no area."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _box(x: int, y: int, buffer: float) -> Any:
    west, north = x * EXTENT - buffer, y * EXTENT - buffer
    return shapely.box(west, north, west + EXTENT + 2 * buffer, north + EXTENT + 2 * buffer)
