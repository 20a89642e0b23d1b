"""Boundary lines from a coverage: every shared edge is drawn once, and none is drawn as an outline.

Two units share an edge where both have the same pair of neighbouring corners. That holds inside
one coverage at any mixture of levels, because a unit above is dissolved from those below. Units
of different sources share nothing; ``reach`` joins them.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = [
    "COAST",
    "COUNTRY",
    "LINE_COLUMNS",
    "Dispute",
    "LineStatus",
    "boundary_lines",
    "open_disputes",
]

LineStatus = Literal["agreed", "disputed", "undetermined", "line_of_control", "coast"]

COAST = -1
"""Rank of an edge with nothing beyond: a coast, or the edge of what was given."""
COUNTRY = 0
"""Rank of a border between countries; 1 is between first-level units of one country, and so on."""

LINE_COLUMNS = {
    "rank": "-1 coast, 0 between countries, 1 between units of level 1 of one country, 2 …",
    "status": "agreed | disputed | undetermined | line_of_control | coast",
    "left": "P-code of one side; left < right (not a side of the line's direction)",
    "right": "P-code of the other; empty on a coast",
    "note": "what is open, in English; empty where nothing is",
    "geometry": "LineString or MultiLineString",
}


@dataclass(frozen=True, slots=True)
class Dispute:
    """A border that is not agreed, and who says so."""

    status: LineStatus
    source: str
    note: str


@cache
def open_disputes() -> Mapping[frozenset[str], Dispute]:
    """Read what is known of borders that are not agreed throughout, by pair of codes.

    A code is a country's ISO 3166-1 alpha-3, or the P-code of a unit in the embedded vintage
    (a part of a country, or an area without an ISO code).
    """
    table = Path(__file__).parent / "data" / "disputes.csv"
    with table.open(encoding="utf-8", newline="") as file:
        return {
            frozenset((row["left"], row["right"])): Dispute(
                cast("LineStatus", row["status"]), row["source"], row["note"]
            )
            for row in csv.DictReader(file)
        }


def boundary_lines(units: gpd.GeoDataFrame, *, reach: float = 0.0) -> gpd.GeoDataFrame:
    """Return the lines between units, each once, and the coasts.

    Parameters
    ----------
    units : GeoDataFrame
        Columns ``pcode``, ``iso3``, ``level``, ``parent``, ``geometry``. Levels may be mixed (the
        regions of one country, its neighbours as countries); a unit whose children are there too
        is left out, so that nothing overlaps. Some disputes are about parts of countries (Jammu
        and Kashmir, Arunachal Pradesh): where they may be in the frame, give level 1 everywhere
        and leave out the lines of rank 1 that are not wanted.
    reach : float
        Degrees. Above 0, for countries from different sources: an outer edge that runs inside, or
        within this distance of, a country with which its own shares no edge, is taken for the
        border with it; of two such edges the one of the finer unit is kept. Leave it at 0 inside
        one coverage: it would take the shores of a strait for a border.

    Returns
    -------
    GeoDataFrame
        ``LINE_COLUMNS``, one row per pair of units and per coast of a unit; by rank, left, right.

    Examples
    --------
    >>> from shapely import box
    >>> two = gpd.GeoDataFrame(
    ...     {"pcode": ["XA01", "XA02"], "iso3": "XAA", "level": 1, "parent": "XA"},
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    >>> lines = boundary_lines(two)
    >>> lines[lines["rank"] == 1].geometry.iloc[0].wkt
    'LINESTRING (1 0, 1 1)'
    """
    whole = units.reset_index(drop=True)
    places = _Places.of(whole)
    drawn = whole[~whole["pcode"].isin(set(whole["parent"]))].reset_index(drop=True)
    edges = _edges(drawn)
    if reach > 0:
        edges = _joined(edges, drawn, places, reach)
    pcodes = [str(pcode) for pcode in drawn["pcode"]]
    rows = []
    for (left, right), lines in _by_pair(edges):
        one, other = pcodes[left], ""
        if right >= 0:
            one, other = sorted((one, pcodes[right]))
        rank, status, note = COAST, "coast", ""
        if other:
            rank = places.rank(one, other)
            dispute = places.dispute(one, other)
            status, note = (dispute.status, dispute.note) if dispute else ("agreed", "")
        rows.append((rank, status, one, other, note, lines))
    table = pd.DataFrame(rows, columns=list(LINE_COLUMNS))
    table = table.sort_values(["rank", "left", "right"], ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=units.crs)


@dataclass(frozen=True)
class _Places:
    """Where each unit belongs: its chain of codes upwards, finest first, and its country."""

    chain: Mapping[str, tuple[str, ...]]
    country: Mapping[str, str]
    level: Mapping[str, int]

    @classmethod
    def of(cls, units: gpd.GeoDataFrame) -> "_Places":
        parent = dict(zip(units["pcode"], units["parent"], strict=True))
        chain: dict[str, tuple[str, ...]] = {}
        country: dict[str, str] = {}
        for pcode, iso3 in zip(units["pcode"], units["iso3"], strict=True):
            codes = [pcode]
            while (above := parent.get(codes[-1])) and above not in codes:
                codes.append(above)
            chain[pcode] = tuple(codes)
            country[pcode] = iso3 or codes[-1]
        levels = (int(level) for level in units["level"])
        return cls(chain, country, dict(zip(units["pcode"], levels, strict=True)))

    def rank(self, one: str, other: str) -> int:
        """Return the level of the coarsest units that the line between two units parts."""
        if self.country[one] != self.country[other]:
            return COUNTRY
        lines = (self.chain[one], self.chain[other])
        shared = set(lines[0]) & set(lines[1])
        # the steps from a unit up to the first code both have: a line between siblings has one
        steps = max(
            next((i for i, code in enumerate(line) if code in shared), len(line)) for line in lines
        )
        return max(1, max(self.level[one], self.level[other]) - steps + 1)

    def dispute(self, one: str, other: str) -> Dispute | None:
        """Return what is known of a border; the finest codes win over those of the country."""
        known = open_disputes()
        for first in (*self.chain[one], self.country[one]):
            for second in (*self.chain[other], self.country[other]):
                if found := known.get(frozenset((first, second))):
                    return found
        return None


@dataclass(frozen=True)
class _Edges:
    """Unique edges: corner pairs (n, 2, 2) and the rows of the units on their sides (-1: none)."""

    corners: NDArray[np.float64]
    sides: NDArray[np.int64]


def _edges(units: gpd.GeoDataFrame) -> _Edges:
    """Cut all rings into edges and find the ones that two units share."""
    parts, unit_of_part = shapely.get_parts(units.geometry.to_numpy(), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring_of_corner = shapely.get_coordinates(rings, return_index=True)
    within = ring_of_corner[:-1] == ring_of_corner[1:]
    start, end = corners[:-1][within], corners[1:][within]
    owner = unit_of_part[part_of_ring[ring_of_corner[:-1][within]]]
    # both directions of an edge get one key: its smaller corner first
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    key = np.column_stack([low, high]) + 0.0  # no negative zero
    order = np.lexsort((owner, key[:, 3], key[:, 2], key[:, 1], key[:, 0]))
    key, owner = key[order], owner[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = (key[1:] != key[:-1]).any(axis=1)
    at = np.flatnonzero(first)
    # a third unit on one edge is an overlap in the input; the first two are taken
    second = np.where(np.diff(np.append(at, len(key))) > 1, np.minimum(at + 1, len(key) - 1), -1)
    right = np.where(second >= 0, owner[second], -1)
    sides = np.column_stack([owner[at], right]).astype(np.int64)
    inner = sides[:, 0] == sides[:, 1]  # an edge a unit shares with itself parts nothing
    return _Edges(key[at][~inner].reshape(-1, 2, 2), sides[~inner])


def _by_pair(edges: _Edges) -> Iterator[tuple[tuple[int, int], BaseGeometry]]:
    """Give the line between each pair of units in turn, its edges joined."""
    if not len(edges.sides):
        return
    order = np.lexsort((edges.sides[:, 1], edges.sides[:, 0]))
    sides = edges.sides[order]
    first = np.ones(len(sides), dtype=bool)
    first[1:] = (sides[1:] != sides[:-1]).any(axis=1)
    segments = shapely.linestrings(edges.corners[order])
    lines = shapely.line_merge(shapely.multilinestrings(segments, indices=np.cumsum(first) - 1))
    yield from zip(map(tuple, sides[first].tolist()), lines.tolist(), strict=True)


def _joined(edges: _Edges, units: gpd.GeoDataFrame, places: _Places, reach: float) -> _Edges:
    """Give outer edges along a country of another source that country as their other side."""
    country = np.array([places.country[code] for code in units["pcode"]])
    level = units["level"].to_numpy()
    outer = np.flatnonzero(edges.sides[:, 1] < 0)
    inner = edges.sides[edges.sides[:, 1] >= 0]
    fitting = _pairs(country[inner[:, 0]], country[inner[:, 1]])
    middle = shapely.points(edges.corners[outer].mean(axis=1))
    near = shapely.STRtree(units.geometry.to_numpy()).query(middle, "dwithin", reach)
    sides, keep = edges.sides.copy(), np.ones(len(edges.sides), dtype=bool)
    for i, unit in near.T:
        edge = outer[i]
        own = sides[edge, 0]
        if country[own] == country[unit] or frozenset((country[own], country[unit])) in fitting:
            continue
        sides[edge, 1] = unit
        # both countries have an edge here: the finer unit's is the better one
        finer = (level[own], country[unit]) > (level[unit], country[own])
        keep[edge] = finer
    return _Edges(edges.corners[keep], sides[keep])


def _pairs(one: Iterable[Any], other: Iterable[Any]) -> set[frozenset[Any]]:
    """Return the pairs of different values that stand side by side."""
    return {frozenset(pair) for pair in set(zip(one, other, strict=True)) if len(set(pair)) == 2}
