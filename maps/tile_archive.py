"""Encoded geometry on disk, shared by processes. What lies there never changes: its folder is named by a hash.

The name is a hash of the units' codes and shapes, the level and `ENCODER`, so that other boundaries, another
cut of them or another way of encoding have a folder of their own and nothing must ever be thrown away
to stay true. In it, per zoom: the coverage on the grid (``grid-06``), all tiles (``tiles-06``) where they
were encoded at once, and else the tiles asked for so far, a file each. Files are written beside their
place and moved there in one step; whole zooms are read through the page cache (memory-mapped).
What several processes want at once one of them makes, and the others wait for it (``turns``).

A folder that cannot be written is no error: then nothing is kept, and nobody waits.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.tile_splice import UnitShapes
from maps.tile_turns import in_turn

__all__ = ["ENCODER", "MOST_KEPT", "TileArchive", "archive_name"]

ENCODER = 2
"""Counted up with every change that gives tiles other bytes."""
MOST_KEPT = 256 * 2**20
"""Bytes of single tiles that are kept per folder; whole zooms are not counted."""

_TURNS = 61  # of single tiles: so many can be made at once, and few files are needed
_MAGIC = 0x73_6D_74_31  # the first number of every file: "smt1"
_ITEM = np.dtype("<i4")
_NO_SHAPES = UnitShapes(np.empty(0, dtype=np.intp), np.zeros(1, dtype=np.int64), b"")

Polygons = NDArray[np.object_]


def archive_name(world: Polygons, pcodes: Sequence[str], level: int) -> str:
    """Return the name of the folder for units in world units, shape (n,), with their codes."""
    said = hashlib.blake2b(f"{ENCODER}\n{level}\n".encode(), digest_size=16)
    said.update("\n".join(pcodes).encode())
    kind, xy, offsets = shapely.to_ragged_array(world)
    said.update(str(int(kind)).encode())
    for array in (xy, *offsets):
        said.update(np.ascontiguousarray(array).tobytes())
    return said.hexdigest()


class TileArchive:
    """The encoded tiles of one level of some boundaries, in a folder that need not exist yet."""

    def __init__(self, folder: Path, *, most_kept: int = MOST_KEPT) -> None:
        self.folder = folder
        self._most_kept = most_kept
        self._packs: dict[int, _Pack] = {}

    def grid_turn(self, zoom: int) -> AbstractContextManager[bool]:
        """Wait until no other process makes the coverage of a zoom; true where one did."""
        return in_turn(self._turn("grid", zoom))

    def all_turn(self, zoom: int) -> AbstractContextManager[bool]:
        """Wait until no other process makes all tiles of a zoom; true where one did."""
        return in_turn(self._turn("tiles", zoom))

    def tile_turn(self, z: int, x: int, y: int) -> AbstractContextManager[bool]:
        """Wait until no other process makes a tile; true where one did, of this or of few others."""
        return in_turn(self._turn("single", (x + 31 * y + 7 * z) % _TURNS))

    def grid(self, zoom: int) -> Polygons | None:
        """Return the coverage on the grid of a zoom, where it is kept."""
        arrays = _read(self._path("grid", zoom))
        if arrays is None:
            return None
        xy, *offsets = arrays
        return np.asarray(
            shapely.from_ragged_array(
                shapely.GeometryType.MULTIPOLYGON,
                xy.reshape(-1, 2).astype(np.float64),
                tuple(offset.astype(np.int64) for offset in offsets),
            ),
            dtype=object,
        )

    def keep_grid(self, zoom: int, polygons: Polygons) -> None:
        """Keep the coverage of a zoom: polygons with integer coordinates."""
        several = np.array(
            [polygons[0], shapely.MultiPolygon()], dtype=object
        )  # mixed: read as such
        _, xy, offsets = shapely.to_ragged_array(np.concatenate([polygons, several]))
        offsets = (*offsets[:2], offsets[2][: len(polygons) + 1])
        _write(self._path("grid", zoom), [xy.ravel(), *offsets])

    def has_all(self, zoom: int) -> bool:
        """Whether every tile of a zoom is kept, so that what is not there is empty."""
        return self._pack(zoom) is not None

    def shapes(self, z: int, x: int, y: int) -> UnitShapes | None:
        """Return a tile where it is kept, None where it has to be made."""
        pack = self._pack(z)
        if pack is not None:
            return pack.shapes(y << z | x)
        arrays = _read(self._single(z, x, y))
        return None if arrays is None else _unpacked(arrays[0])

    def keep(self, z: int, x: int, y: int, shapes: UnitShapes) -> None:
        """Keep one tile, as long as there is room."""
        packed = _packed(shapes)
        if self._kept + packed.nbytes <= self._most_kept:
            self._kept += packed.nbytes
            _write(self._single(z, x, y), [packed])

    def keep_all(self, zoom: int, tiles: Iterable[tuple[int, int, UnitShapes]]) -> None:
        """Keep every tile of a zoom that has units, in any order."""
        made = sorted((y << zoom | x, _packed(shapes)) for x, y, shapes in tiles)
        number = np.array([each for each, _ in made], dtype=np.int64)
        ends = np.cumsum([0, *(len(packed) for _, packed in made)])
        data = np.concatenate([packed for _, packed in made]) if made else np.empty(0, dtype=_ITEM)
        _write(self._path("tiles", zoom), [number.view(_ITEM), ends.view(_ITEM), data])

    def _pack(self, zoom: int) -> "_Pack | None":
        if zoom not in self._packs:
            arrays = _read(self._path("tiles", zoom))
            if arrays is None:
                return None
            self._packs[zoom] = _Pack(*arrays)
        return self._packs[zoom]

    @cached_property
    def _kept(self) -> int:
        """Bytes of single tiles: those there are when first asked, and those of this process."""
        return sum(path.stat().st_size for path in self.folder.glob("single-*/*"))

    def _path(self, what: str, zoom: int) -> Path:
        return self.folder / f"{what}-{zoom:02}"

    def _turn(self, what: str, number: int) -> Path:
        return self.folder / "turns" / f"{what}-{number:02}"

    def _single(self, z: int, x: int, y: int) -> Path:
        return self.folder / f"single-{z:02}" / f"{x}-{y}"


class _Pack:
    """All tiles of a zoom in one file: numbers, where each ends, and the tiles."""

    def __init__(
        self, number: NDArray[np.int32], ends: NDArray[np.int32], data: NDArray[np.int32]
    ) -> None:
        self._number, self._ends, self._data = number.view("<i8"), ends.view("<i8"), data

    def shapes(self, number: int) -> UnitShapes:
        at = int(np.searchsorted(self._number, number))
        if at == len(self._number) or self._number[at] != number:
            return _NO_SHAPES
        return _unpacked(self._data[self._ends[at] : self._ends[at + 1]])


def _packed(shapes: UnitShapes) -> NDArray[np.int32]:
    """Write a tile as numbers: units, bytes, the units, their ends, the bytes."""
    filled = shapes.commands.ljust(-(-len(shapes.commands) // 4) * 4, b"\0")
    head = np.array([len(shapes.index), len(shapes.commands)])
    return np.concatenate(
        [head, shapes.index, shapes.ends, np.frombuffer(filled, dtype=_ITEM)]
    ).astype(_ITEM)


def _unpacked(numbers: NDArray[np.int32]) -> UnitShapes:
    units, size = numbers[:2].tolist()
    index = numbers[2 : 2 + units].astype(np.intp)
    ends = numbers[2 + units : 3 + 2 * units].astype(np.int64)
    return UnitShapes(index, ends, numbers[3 + 2 * units :].tobytes()[:size])


def _write(path: Path, arrays: Sequence[NDArray[np.generic]]) -> None:
    """Write arrays of whole numbers below 2^31 in one step; where that cannot be, leave it."""
    sizes = np.array([_MAGIC, len(arrays), *(array.size for array in arrays)], dtype=_ITEM)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            for array in (sizes, *arrays):
                file.write(np.asarray(array, dtype=_ITEM).tobytes())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _read(path: Path) -> list[NDArray[np.int32]] | None:
    """Map the arrays of a file; None where it is not there, or is not what was written."""
    try:
        numbers = np.memmap(path, dtype=_ITEM, mode="r")
    except (OSError, ValueError):
        return None
    if len(numbers) < 2 or numbers[0] != _MAGIC:
        return None
    count = int(numbers[1])
    ends = 2 + count + np.concatenate([[0], np.cumsum(numbers[2 : 2 + count], dtype=np.int64)])
    if len(ends) != count + 1 or ends[-1] != len(numbers):
        return None
    plain = np.asarray(numbers)
    return [plain[begin:end] for begin, end in pairwise(ends.tolist())]
