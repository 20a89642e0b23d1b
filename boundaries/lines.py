"""Boundary lines from a coverage: every shared edge is drawn once, and none is drawn as an outline.

Two units share an edge where both have the same pair of neighbouring corners. That holds inside
one coverage at any mixture of levels, because a unit above is dissolved from those below. Units
of different sources share nothing; ``reach`` joins them.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.line_joining import Edges, edges_of, line_of_each_pair

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
    edges = edges_of(drawn.geometry.to_numpy())
    if reach > 0:
        edges = _joined(edges, drawn, places, reach)
    pcodes = [str(pcode) for pcode in drawn["pcode"]]
    rows = []
    sides, lines_of = line_of_each_pair(edges)
    for (left, right), lines in zip(sides.tolist(), lines_of.tolist(), strict=True):
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


def _joined(edges: Edges, units: gpd.GeoDataFrame, places: _Places, reach: float) -> Edges:
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
    return edges.some(keep, sides)


def _pairs(one: Iterable[Any], other: Iterable[Any]) -> set[frozenset[Any]]:
    """Return the pairs of different values that stand side by side."""
    return {frozenset(pair) for pair in set(zip(one, other, strict=True)) if len(set(pair)) == 2}
