"""Polygons that fit. Repair keeps shared borders shared, and every square metre it moves is listed.

Order: broken rings are rebuilt one by one; then the units of a level are fitted to each other as a
coverage (noded once, made into faces once), only where they do not fit already, with the neighbours that
share their borders. Ground that two units both had goes to the smaller one, so that a town drawn over
its district stays a town; gaps and slivers narrower than `boundaries.checks.SLIVER_M` go to the
neighbour with the longest common border. Wider openings may be lakes, and stay.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.assembly import polygons_only
from boundaries.checks import (
    SLIVER_DEGREES,
    SLIVER_M,
    SQUARE_METRE,
    Overlaps,
    first_five,
    labels,
    overlaps,
    sliver_parts,
)
from boundaries.overlay import area_km2
from boundaries.record import Check, Repair
from boundaries.sniffing import refused

__all__ = ["Mended", "mend"]

_Polygons = NDArray[Any]
_ROUNDS = 3
_CROSSINGS_PER_SIDE = 2.0
_PAIRS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Mended:
    """Units with geometry that is valid and fits; the numbers before, and what was done.

    ``left_out`` are the positions of units without any area, which ``units`` no longer holds.
    """

    units: gpd.GeoDataFrame
    left_out: tuple[int, ...]
    checks: tuple[Check, ...]
    repairs: tuple[Repair, ...]


def mend(path: Path, units: gpd.GeoDataFrame) -> Mended:
    """Rebuild broken polygons and fit the units of each level to each other.

    Parameters
    ----------
    path : Path
        The file, for messages.
    units : GeoDataFrame
        ``pcode``, ``name``, ``level``, ``geometry`` (EPSG:4326), of one source.

    Raises
    ------
    UnreadableBoundaries
        A ring that crosses itself more often than any border, or units that lie on one another
        so much that the file cannot be one level of one set.

    References
    ----------
    GEOS 3.14 ``CoverageCleaner``; Martin Davis (2025), "Coverage Cleaning", JTS.
    """
    names = labels(units)
    before = units.geometry.to_numpy()
    broken = ~shapely.is_valid(before) & ~shapely.is_missing(before)
    _refuse_tangles(path, before, broken, names)
    geometry = polygons_only(before)
    empty = shapely.is_missing(geometry)
    rebuilt = np.flatnonzero(broken & ~empty)
    checks = [
        Check("no-geometry", "features without a polygon", int(empty.sum()), first_five(names[empty])),
        Check("invalid-geometry", "polygons that are not valid", int(broken.sum()), first_five(names[broken])),
    ]  # fmt: skip
    repairs = _rebuilt(before[rebuilt], geometry[rebuilt], names[rebuilt])
    counted: dict[str, tuple[int, float, list[str]]] = {}
    for level in sorted(set(units["level"])):
        at = np.flatnonzero((units["level"] == level).to_numpy() & ~empty)
        fitted, found, done = _fit(path, geometry[at], names[at])
        geometry[at] = fitted
        repairs += done
        for check, (count, km2, said) in found.items():
            n, area, called = counted.get(check, (0, 0.0, []))
            counted[check] = (n + count, area + km2, called + said)
    whats = {
        "overlap": "pairs of units of one level that share ground",
        "misfit": "units whose border is not their neighbour's, corner by corner",
        "gap": f"openings between units, narrower than {SLIVER_M:.0f} m",
        "sliver": f"parts of units, narrower than {SLIVER_M:.0f} m",
    }
    for check, what in whats.items():
        count, km2, said = counted.get(check, (0, 0.0, []))
        checks.append(
            Check(check, what, count, first_five(said), None if check == "misfit" else km2)
        )
    whole = units.set_geometry(gpd.GeoSeries(geometry, index=units.index, crs=units.crs))
    return Mended(
        units=whole[~empty],
        left_out=tuple(int(row) for row in np.flatnonzero(empty)),
        checks=tuple(checks),
        repairs=tuple(repairs),
    )


def _refuse_tangles(
    path: Path, geometry: _Polygons, broken: NDArray[np.bool_], names: NDArray[Any]
) -> None:
    """Refuse rings whose sides cross one another all over: no border does, and mending takes hours."""
    for row in np.flatnonzero(broken):
        crossings = _crossings_per_side(geometry[row])
        if crossings > _CROSSINGS_PER_SIDE:
            raise refused(
                path,
                f"holds a tangle in place of a border: a side of {names[row]} crosses "
                f"{crossings:,.0f} others on average",
                "Export it again.",
                check="is-bounded",
            )


def _crossings_per_side(polygon: Any) -> float:
    """Return how many others a side of the polygon's rings crosses, on average of a sample."""
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(polygon)), return_index=True
    )
    follows = ring[1:] == ring[:-1]
    pairs = np.stack([coordinates[:-1][follows], coordinates[1:][follows]], axis=1)
    size = max(8, min(32, _PAIRS_AT_ONCE // max(len(pairs), 1)))
    sample = shapely.linestrings(pairs[:: max(1, len(pairs) // size)])
    tree = shapely.STRtree(sample)  # the smaller side is the tree: crossing is mutual
    return float(tree.query(shapely.linestrings(pairs), predicate="crosses").shape[1] / len(sample))


def _rebuilt(before: _Polygons, after: _Polygons, names: NDArray[Any]) -> list[Repair]:
    """List the rebuilt polygons with the change of their area."""
    if not len(before):
        return []
    change = np.abs(area_km2(after) - area_km2(before))
    return [
        Repair("invalid-geometry", (str(name),), float(km2), f"{name}: broken ring rebuilt")
        for name, km2 in zip(names, change, strict=True)
    ]


_Found = dict[str, tuple[int, float, list[str]]]


def _fit(
    path: Path, geometry: _Polygons, names: NDArray[Any]
) -> tuple[_Polygons, _Found, list[Repair]]:
    """Fit the valid polygons of one level; return them, what was found, what was done."""
    if len(geometry) < 2:
        return geometry, {}, []
    misfits = _unmatched(geometry, np.arange(len(geometry)), gap_width=SLIVER_DEGREES)
    found: _Found = {}
    repairs: list[Repair] = []
    if len(misfits):
        lapping = overlaps(geometry, misfits)
        _refuse_heap(path, geometry, lapping, names)
        found["misfit"] = (len(misfits), 0.0, list(names[misfits]))
        pairs = [
            f"{names[i]} / {names[j]}" for i, j in zip(lapping.left, lapping.right, strict=True)
        ]
        found["overlap"] = (len(lapping), float(lapping.km2.sum()), pairs)
        fitted = _as_coverage(geometry, misfits)
        repairs += _given(lapping, fitted, names)
        changed = _changed(geometry, fitted)
        done = _closed(geometry, fitted, changed, names)
        found["gap"] = (len(done), sum(r.km2 for r in done), [r.units[0] for r in done])
        repairs += done
        told = {unit for repair in repairs for unit in repair.units}
        repairs += _moved(geometry, fitted, changed, names, told)
        geometry = fitted
    geometry, count, done = _without_slivers(geometry, names)
    found["sliver"] = count
    return geometry, found, repairs + done


def _unmatched(
    geometry: _Polygons, among: NDArray[np.int64], gap_width: float = 0.0
) -> NDArray[np.int64]:
    """Return which of some units (positions) and their neighbours do not fit each other."""
    near = among if len(among) == len(geometry) else _with_neighbours(geometry, among)
    edges = shapely.coverage_invalid_edges(geometry[near], gap_width=gap_width)
    unmatched: NDArray[np.int64] = near[~shapely.is_empty(edges)]
    return unmatched


def _refuse_heap(path: Path, geometry: _Polygons, lapping: Overlaps, names: NDArray[Any]) -> None:
    """Refuse units that lie on one another: several levels in one, or coordinates gone wrong."""
    covered = np.zeros(len(geometry))
    np.add.at(covered, lapping.left, lapping.km2)
    np.add.at(covered, lapping.right, lapping.km2)
    buried = np.flatnonzero(covered > area_km2(geometry) / 2)
    if len(buried) > max(2, len(geometry) / 2):
        raise refused(
            path,
            f"holds {len(buried)} of {len(geometry)} units of one level that lie on one another "
            f"({', '.join(first_five(names[buried]))})",
            "Name the column with the level, if it holds several; else fetch it again.",
            expected="units of one level side by side",
            check="is-one-level",
        )


def _as_coverage(geometry: _Polygons, misfits: NDArray[np.int64]) -> _Polygons:
    """Node and polygonise the misfits with their neighbours; where that is not enough, all units."""
    fitted = geometry.copy()
    stuck: set[int] = set()  # units wholly inside others: cleaning would leave them no ground
    wrong = misfits
    for attempt in range(_ROUNDS):
        whole = attempt == _ROUNDS - 1
        among = np.arange(len(fitted)) if whole else _with_neighbours(fitted, wrong)
        among = np.array([i for i in among if i not in stuck], dtype=np.int64)
        cleaned = _cleaned(fitted[among])
        swallowed = shapely.is_empty(cleaned)
        if swallowed.any():
            stuck |= {int(i) for i in among[swallowed]}
            among = among[~swallowed]
            cleaned = _cleaned(fitted[among])
        fitted[among] = polygons_only(cleaned)
        wrong = _unmatched(fitted, among)
        wrong = np.array([i for i in wrong if i not in stuck], dtype=np.int64)
        if not len(wrong):
            break
    return fitted


def _cleaned(geometry: _Polygons) -> _Polygons:
    cleaned: _Polygons = shapely.coverage_clean(
        geometry, gap_width=SLIVER_DEGREES, merge_strategy="min_area"
    )
    return cleaned


def _with_neighbours(geometry: _Polygons, some: NDArray[np.int64]) -> NDArray[np.int64]:
    _, near = shapely.STRtree(geometry).query(geometry[some], predicate="intersects")
    return np.unique(np.r_[some, near])


def _given(lapping: Overlaps, fitted: _Polygons, names: NDArray[Any]) -> list[Repair]:
    """Say of every overlap whose ground it is now."""
    repairs = []
    for i, j, km2, ground in zip(
        lapping.left, lapping.right, lapping.km2, lapping.ground, strict=True
    ):
        parts = [shapely.intersection(ground, fitted[k]).area for k in (i, j)]
        left_alone = min(parts) > 0.9 * ground.area
        if left_alone:
            continue  # one lies wholly in the other: both are kept as drawn, and the check says so
        keeper = names[(i, j)[int(np.argmax(parts))]]
        what = f"{names[i]} and {names[j]} both had {_area(km2)}; it is {keeper}'s"
        repairs.append(Repair("overlap", (str(names[i]), str(names[j])), float(km2), what))
    return repairs


def _changed(before: _Polygons, after: _Polygons) -> NDArray[np.int64]:
    same = shapely.equals_exact(shapely.normalize(before), shapely.normalize(after), tolerance=1e-9)
    return np.flatnonzero(~same)


def _closed(
    before: _Polygons, after: _Polygons, changed: NDArray[np.int64], names: NDArray[Any]
) -> list[Repair]:
    """Say which narrow gaps were closed, and whose ground they are now."""
    grown, of = shapely.get_parts(
        polygons_only(shapely.difference(after[changed], before[changed])), return_index=True
    )
    km2 = area_km2(grown) if len(grown) else np.zeros(0)
    real = km2 > SQUARE_METRE
    grown, of, km2 = grown[real], of[real], km2[real]
    held, _ = shapely.STRtree(before).query(shapely.point_on_surface(grown), predicate="within")
    repairs = []
    for at in np.setdiff1d(np.arange(len(grown)), held):  # ground that no unit had
        name = str(names[changed[of[at]]])
        what = f"gap of {_area(km2[at])} closed by {name}"
        repairs.append(Repair("gap", (name,), float(km2[at]), what))
    return repairs


def _moved(
    before: _Polygons,
    after: _Polygons,
    changed: NDArray[np.int64],
    names: NDArray[Any],
    told: set[str],
) -> list[Repair]:
    """List units that moved for no reason told yet: borders whose corners were brought together."""
    rest = np.array([i for i in changed if names[i] not in told], dtype=np.int64)
    if not len(rest):
        return []
    km2 = area_km2(shapely.symmetric_difference(before[rest], after[rest]))
    return [
        Repair(
            "misfit", (str(names[i]),), float(a), f"{names[i]}: border fitted to its neighbours'"
        )
        for i, a in zip(rest, km2, strict=True)
        if a > SQUARE_METRE
    ]


def _without_slivers(
    geometry: _Polygons, names: NDArray[Any]
) -> tuple[_Polygons, tuple[int, float, list[str]], list[Repair]]:
    """Give thin parts to the neighbour they lie along; those that lie alone stay."""
    parts, owner = sliver_parts(geometry)
    if not len(parts):
        return geometry, (0, 0.0, []), []
    km2 = area_km2(parts)
    fitted, repairs = geometry.copy(), []
    tree = shapely.STRtree(geometry)
    for part, unit, area in zip(parts, owner, km2, strict=True):
        near = tree.query(part, predicate="intersects")
        near = near[near != unit]
        along = shapely.length(shapely.intersection(shapely.boundary(fitted[near]), part.boundary))
        if not len(near) or not along.max() > 0:
            continue
        taker = int(near[int(np.argmax(along))])
        joined = shapely.coverage_union(fitted[taker], part)
        rest = [p for p in shapely.get_parts(fitted[unit]) if not p.equals_exact(part, 0.0)]
        fitted[taker], fitted[unit] = joined, shapely.multipolygons(rest)
        what = f"sliver of {_area(area)} went from {names[unit]} to {names[taker]}"
        repairs.append(Repair("sliver", (str(names[unit]), str(names[taker])), float(area), what))
    if not shapely.is_valid(fitted).all():
        return geometry, (len(parts), float(km2.sum()), list(names[owner])), []
    return fitted, (len(parts), float(km2.sum()), list(names[owner])), repairs


def _area(km2: float) -> str:
    """Return an area in the unit a reader can picture.

    >>> _area(1249.28), _area(0.0205), _area(0.000004)
    ('1,249 km²', '0.02 km²', '4 m²')
    """
    if km2 >= 10:
        return f"{km2:,.0f} km²"
    return f"{km2:.2f} km²" if km2 >= 0.01 else f"{km2 * 1e6:,.0f} m²"
