"""Which unit a point lies in, exactly: most cells of a grid are wholly inside one unit or outside all.

A cell that a border touches names its candidate units, and a point there gets the exact test. Ties go
by one rule: a point on a border belongs to the smallest P-code of the units that touch it. The
meridians 180° east and west are one line, and a pole is one point.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["OUTSIDE", "IdGrid"]

OUTSIDE = -1
"""The position of a point that lies in no unit."""

_BATCH = 1 << 20  # points at once, so that the memory needed does not grow with the input

Floats = NDArray[np.float64]
Positions = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class IdGrid:
    """The units of one level as a grid of two sizes of cells; rows from south, columns from west.

    With n units, a cell's *code* is a unit's position (below n), n for outside, or n + 1 + s for a cell
    that a border touches, whose candidates are set s. ``coarse`` (rows, columns) holds codes, or -1 - b
    where the cell is cut up into ``fine`` × ``fine`` cells: row b of ``cells``.

    ``pcodes`` ascend, so that the smaller position is the smaller P-code. Set s are the positions
    ``members[starts[s]:starts[s + 1]]``, ascending. ``per_degree`` fine cells are one degree.
    """

    pcodes: tuple[str, ...]
    polygons: NDArray[Any]
    west: float
    south: float
    per_degree: int
    fine: int
    coarse: NDArray[np.int32]
    cells: NDArray[Any]
    starts: NDArray[np.int64]
    members: NDArray[np.int32]

    @property
    def outside(self) -> int:
        """The code of a cell outside all units."""
        return len(self.pcodes)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the grid, degrees."""
        rows, columns = self.coarse.shape
        step = self.fine / self.per_degree
        return self.west, self.south, self.west + columns * step, self.south + rows * step

    @cached_property
    def border_share(self) -> float:
        """The share of the finest cells that need the exact test."""
        rows, columns = self.coarse.shape
        exact = int((np.asarray(self.cells) > self.outside).sum())
        exact += int((np.asarray(self.coarse) > self.outside).sum()) * self.fine**2
        return float(exact / max(rows * columns * self.fine**2, 1))

    @cached_property
    def _prepared(self) -> NDArray[Any]:
        shapely.prepare(self.polygons)
        return self.polygons

    @cached_property
    def _at_pole(self) -> dict[float, int]:
        """The unit of each pole, `OUTSIDE` where none reaches it."""
        found = {}
        bounds = shapely.bounds(self.polygons)
        for pole, reaches in ((-90.0, bounds[:, 1] <= -90), (90.0, bounds[:, 3] >= 90)):
            found[pole] = int(np.argmax(reaches)) if reaches.any() else OUTSIDE
        return found

    def positions(self, lon: Floats, lat: Floats) -> Positions:
        """Return each point's unit as a position in ``pcodes``, `OUTSIDE` where it lies in none.

        Parameters
        ----------
        lon, lat : array of float, shape (n,)
            Degrees. NaN, infinite numbers and what is off the globe (beyond ±180, ±90) lie outside.
        """
        lon = np.ascontiguousarray(lon, dtype=np.float64)
        lat = np.ascontiguousarray(lat, dtype=np.float64)
        found = np.empty(len(lon), dtype=np.int32)
        for start in range(0, len(lon), _BATCH):
            part = slice(start, start + _BATCH)
            found[part] = self._on_the_globe(lon[part], lat[part])
        return found

    def _on_the_globe(self, lon: Floats, lat: Floats) -> Positions:
        found = self._drawn_at(lon, lat)
        west, _, east, _ = self.extent
        # 180° itself, and what is drawn beyond it so that a unit stays in one piece, is met twice
        for turn, again in ((360.0, lon <= east - 360), (-360.0, lon >= west + 360)):
            at = np.flatnonzero(again)
            if len(at):
                found[at] = _smaller(found[at], self._drawn_at(lon[at] + turn, lat[at]))
        far = (lon < -180) | (lon > 180)
        if far.any():
            found[far] = OUTSIDE
        at = np.flatnonzero((lat <= -90) | (lat >= 90))
        if len(at):
            found[at] = self._at_poles(lon[at], lat[at])
        return found

    def _at_poles(self, lon: Floats, lat: Floats) -> Positions:
        on_globe = (np.abs(lat) == 90) & (np.abs(lon) <= 180)
        south, north = (self._at_pole[pole] for pole in (-90.0, 90.0))
        return np.where(on_globe, np.where(lat < 0, south, north), OUTSIDE).astype(np.int32)

    def _drawn_at(self, lon: Floats, lat: Floats) -> Positions:
        """Return the units at coordinates as drawn, on a flat sheet."""
        codes = self._codes(lon, lat)
        at = np.flatnonzero(codes > self.outside)
        if len(at):
            codes[at] = self._exactly(lon[at], lat[at], codes[at] - self.outside - 1)
        codes[codes == self.outside] = OUTSIDE
        return codes

    def _codes(self, lon: Floats, lat: Floats) -> Positions:
        """Return the codes of the cells of coordinates as drawn.

        Rounding moves a point by less than a billionth of a cell, and every cell that a border comes
        a millionth near is marked: a point is never on the wrong side of a border unnoticed.
        """
        rows, columns = (n * self.fine for n in self.coarse.shape)
        shift, low = self.fine.bit_length() - 1, self.fine - 1
        across = (lon - self.west) * self.per_degree
        up = (lat - self.south) * self.per_degree
        within = (across >= 0) & (across <= columns) & (up >= 0) & (up <= rows)
        if not within.all():
            across, up = np.where(within, across, 0), np.where(within, up, 0)
        column = np.minimum(across.astype(np.int32), columns - 1)
        row = np.minimum(up.astype(np.int32), rows - 1)
        codes: Positions = self._flat[0][(row >> shift) * self.coarse.shape[1] + (column >> shift)]
        cut = np.flatnonzero(codes < 0)
        if len(cut):
            inner = ((row[cut] & low) << shift) | (column[cut] & low)
            block = -1 - codes[cut].astype(np.int64)
            codes[cut] = self._flat[1][(block << (2 * shift)) + inner]
        codes[~within] = self.outside
        return codes

    @cached_property
    def _flat(self) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The codes as plain arrays in one dimension, without copying what is mapped from a file."""
        return np.asarray(self.coarse).reshape(-1), np.asarray(self.cells).reshape(-1)

    def _exactly(self, lon: Floats, lat: Floats, sets: Positions) -> Positions:
        """Test points against the candidates of their cells, the smallest P-code first."""
        found = np.full(len(lon), self.outside, dtype=np.int32)
        start, end = self.starts[sets], self.starts[sets + 1]
        left = np.arange(len(lon))
        for nth in range(int((end - start).max())):
            left = left[start[left] + nth < end[left]]
            if not len(left):
                break
            units = self.members[start[left] + nth]
            order = np.argsort(
                units, kind="stable"
            )  # each polygon once through the cache: 4 × faster
            left, units = left[order], units[order]
            inside = shapely.intersects_xy(self._prepared[units], lon[left], lat[left])
            found[left[inside]] = units[inside]
            left = left[~inside]
        return found


def _smaller(one: Positions, other: Positions) -> Positions:
    """Return the smaller position of two, where both are in a unit; else the one that is."""
    both = np.where((one >= 0) & (other >= 0), np.minimum(one, other), np.maximum(one, other))
    return both.astype(np.int32)
