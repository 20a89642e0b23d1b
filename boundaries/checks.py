"""Checks of a table of units, each with a number. They count and measure; nothing is changed.

Units of one level are meant to be a coverage: no ground is in two of them, and their shared borders
are the same corners. Ground below ``SQUARE_METRE`` is not counted, and a strip narrower than
``SLIVER_M`` is a slip of drawing and not a place.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.names import normalise_name
from boundaries.overlay import area_km2
from boundaries.record import Check

__all__ = [
    "SLIVER_DEGREES",
    "SLIVER_M",
    "SQUARE_METRE",
    "Overlaps",
    "check_units",
    "first_five",
    "holes",
    "labels",
    "misfits",
    "overlaps",
    "sliver_parts",
]

SQUARE_METRE = 1e-6
"""km²; less than this is rounding."""

SLIVER_M = 10.0
"""Metres. Published sets leave no gap this narrow, and no unit has a part this thin on purpose."""

SLIVER_DEGREES = SLIVER_M / 111_195.0

_Polygons = NDArray[Any]


@dataclass(frozen=True)
class Overlaps:
    """Pairs of units (positions ``left`` < ``right``) that share more than 1 m², and that ``ground``."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    km2: NDArray[np.float64]
    ground: _Polygons

    def __len__(self) -> int:
        return len(self.left)


def labels(units: pd.DataFrame) -> NDArray[Any]:
    """Return how units are called in reports: P-code and name.

    >>> labels(pd.DataFrame({"pcode": ["XA01", "XA02"], "name": ["Alpha", "XA02"]})).tolist()
    ['XA01 Alpha', 'XA02']
    """
    pairs = zip(units["pcode"], units["name"], strict=True)
    said = [
        f"{code} {name}" if name and name != code else str(code or name) for code, name in pairs
    ]
    return np.array(said, dtype=object)


def first_five(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first five different names."""
    return tuple(dict.fromkeys(str(name) for name in names))[:5]


def overlaps(geometry: _Polygons, among: NDArray[np.int64] | None = None) -> Overlaps:
    """Return the pairs of polygons that share ground.

    Parameters
    ----------
    geometry : array of Polygon or MultiPolygon
        Valid, in degrees, of one level.
    among : array of int, optional
        Only these can be at fault; else those whose edges GEOS's coverage check finds unmatched.
    """
    if among is None:
        among = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(geometry)))
    near = geometry[among]
    one, other = shapely.STRtree(near).query(near, predicate="intersects")
    once = one < other
    left, right = among[one[once]], among[other[once]]
    ground = shapely.intersection(geometry[left], geometry[right])
    km2 = area_km2(ground) if len(ground) else np.zeros(0)
    real = np.flatnonzero(km2 > SQUARE_METRE)
    real = real[np.lexsort((right[real], left[real], -km2[real]))]
    return Overlaps(left[real], right[real], km2[real], ground[real])


def holes(geometry: _Polygons) -> _Polygons:
    """Return the ground that units enclose and none of them holds, largest first."""
    whole = shapely.coverage_union_all(geometry)
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    made = shapely.polygons(np.array(rings, dtype=object)) if rings else np.zeros(0, dtype=object)
    return made[np.argsort(-shapely.area(made), kind="stable")]


def sliver_parts(geometry: _Polygons) -> tuple[_Polygons, NDArray[np.int64]]:
    """Return the parts that are narrower than ``SLIVER_M``, and whose they are.

    A unit's largest part is never one. The width of a part is twice its area by its perimeter.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    east = np.cos(np.radians(shapely.get_y(shapely.centroid(parts))))
    width = (
        2 * shapely.area(parts) * np.maximum(east, 0.05) / np.maximum(shapely.length(parts), 1e-300)
    )
    area = shapely.area(parts)
    largest = np.zeros(len(geometry))
    np.maximum.at(largest, owner, area)
    thin = (width < SLIVER_DEGREES) & (area < largest[owner])
    return parts[thin], owner[thin]


def misfits(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which units have a border that is not their neighbour's of the level, shape (n,)."""
    found = np.zeros(len(frame), dtype=bool)
    levels = frame["level"].to_numpy()
    for level in np.unique(levels):
        at = np.flatnonzero(levels == level)
        edges = shapely.coverage_invalid_edges(frame.geometry.to_numpy()[at])
        found[at] = ~shapely.is_empty(edges)
    return found


def check_units(
    frame: gpd.GeoDataFrame, unmatched: NDArray[np.bool_] | None = None
) -> tuple[Check, ...]:
    """Return every check of a table with the columns of ``UNIT_COLUMNS``, all levels together.

    ``unmatched`` is what `misfits` returns, where the caller has it already.
    """
    unmatched = misfits(frame) if unmatched is None else unmatched
    names = labels(frame)
    known = set(frame["pcode"])
    level, parent = frame["level"].to_numpy(), frame["parent"].to_numpy()
    orphan = (level > 0) & ~frame["parent"].isin(known).to_numpy()
    siblings = list(zip(parent, level, frame["name"].map(normalise_name), strict=True))
    shared = Counter(siblings)
    twins = np.array([shared[key] > 1 for key in siblings], dtype=bool)
    nameless = (frame["name"] == frame["pcode"]).to_numpy()
    own_code = frame["pcode"].str.contains("~\\d+$", regex=True).to_numpy()
    invalid = ~shapely.is_valid(frame.geometry.to_numpy())

    def rows(check: str, what: str, mask: NDArray[np.bool_]) -> Check:
        return Check(check, what, int(mask.sum()), first_five(names[mask]))

    return (
        rows("invalid-geometry", "polygons that are not valid", invalid),
        *_cover_checks(frame, names, unmatched, sound=not invalid.any()),
        rows("no-parent", "units without a unit one level up", orphan),
        _outside_parent(frame, names),
        rows("own-code", "units whose code the source left blank or gave twice", own_code),
        rows("no-name", "units that are called by their code", nameless),
        rows("same-name", "units that share a name within their parent", twins),
    )


def _cover_checks(
    frame: gpd.GeoDataFrame, names: NDArray[Any], unmatched: NDArray[np.bool_], *, sound: bool
) -> tuple[Check, ...]:
    """Return overlaps, misfits, gaps, holes and slivers, summed over the levels."""
    whats = {
        "overlap": "pairs of units of one level that share ground",
        "misfit": "units whose border is not their neighbour's, corner by corner",
        "gap": f"openings between units, narrower than {SLIVER_M:.0f} m",
        "hole": "wider openings between units: lakes, or missing units",
        "sliver": f"parts of units, narrower than {SLIVER_M:.0f} m",
    }
    count: Counter[str] = Counter()
    km2 = dict.fromkeys(whats, 0.0)
    said: dict[str, list[str]] = {}

    def add(
        check: str, ground: Sequence[float] | NDArray[np.float64], units: Sequence[str], n: int
    ) -> None:
        count[check] += n
        km2[check] += float(np.sum(ground))
        said.setdefault(check, []).extend(units)

    for level in sorted(set(frame["level"])) if sound else ():
        at = np.flatnonzero((frame["level"] == level).to_numpy())
        geometry, called = frame.geometry.to_numpy()[at], names[at]
        wrong = np.flatnonzero(unmatched[at])
        add("misfit", [], list(called[wrong]), len(wrong))
        lapping = overlaps(geometry, wrong) if len(wrong) else None
        if lapping is not None and len(lapping):
            pairs = zip(called[lapping.left], called[lapping.right], strict=True)
            add("overlap", lapping.km2, [f"{one} / {other}" for one, other in pairs], len(lapping))
        if len(geometry) > 1 and lapping is not None and len(lapping):
            open_ground = _enclosed_robustly(geometry)
        else:
            open_ground = holes(geometry) if len(geometry) > 1 else np.zeros(0, dtype=object)
        wide = _wider(open_ground)
        for check, some in (("gap", open_ground[~wide]), ("hole", open_ground[wide])):
            if len(some):
                add(check, area_km2(some), _around(some, geometry, called), len(some))
        parts, owner = sliver_parts(geometry)
        if len(parts):
            add("sliver", area_km2(parts), list(called[owner]), len(parts))
    return tuple(
        Check(
            check, what, count[check], first_five(said.get(check, [])),
            None if check == "misfit" else km2[check],
        )
        for check, what in whats.items()
    )  # fmt: skip


def _enclosed_robustly(geometry: _Polygons) -> _Polygons:
    """Return what `holes` does, where units overlap and a coverage union would not be right."""
    return holes(np.array([shapely.union_all(geometry)], dtype=object))


def _wider(ground: _Polygons) -> NDArray[np.bool_]:
    width = 2 * shapely.area(ground) / np.maximum(shapely.length(ground), 1e-300)
    return np.asarray(width >= SLIVER_DEGREES, dtype=bool)


def _around(ground: _Polygons, geometry: _Polygons, called: NDArray[Any]) -> list[str]:
    """Name the units round the first few openings."""
    tree = shapely.STRtree(geometry)
    found = []
    for opening in ground[:5]:
        near = sorted(tree.query(opening, predicate="intersects"))
        found.append(" / ".join(called[near[:3]]))
    return found


def _outside_parent(frame: gpd.GeoDataFrame, names: NDArray[Any]) -> Check:
    """Count the units of which more than 1 m² lies outside their parent."""
    geometry = frame.geometry.to_numpy()
    row_of = {code: row for row, code in enumerate(frame["pcode"])}
    outside: list[tuple[float, str]] = []
    for code, children in frame.groupby("parent").indices.items():
        row = row_of.get(str(code))
        if row is None or _same_ground(geometry[children], geometry[row]):
            continue
        shapely.prepare(geometry[row])
        beyond = children[~shapely.covered_by(geometry[children], geometry[row])]
        if len(beyond):
            km2 = area_km2(shapely.difference(geometry[beyond], geometry[row]))
            outside += [
                (-a, names[i]) for a, i in zip(km2, beyond, strict=True) if a > SQUARE_METRE
            ]
    outside.sort()
    return Check(
        "outside-parent", "units that lie in part outside their parent", len(outside),
        first_five([name for _, name in outside]), -sum(km2 for km2, _ in outside) + 0.0,
    )  # fmt: skip


def _same_ground(children: _Polygons, parent: Any) -> bool:
    """Return whether a parent is exactly its children joined, as where it was dissolved from them."""
    if len(children) > 1 and not shapely.coverage_is_valid(children):
        return False
    joined = shapely.normalize(shapely.coverage_union_all(children))
    return bool(shapely.equals_exact(joined, shapely.normalize(parent), tolerance=1e-9))
