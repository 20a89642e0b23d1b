"""Where circles lie: the area of a circle is proportional to its value, always and exactly.

The groups counted at one place form a cluster of touching circles around it. One factor for the
whole map turns square roots of persons into millimetres; it is the largest with which clusters
hide little of each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.scene import SymbolMark, SymbolPart

__all__ = ["Circle", "Cluster", "lay_out_symbols", "pack_circles"]

_SHRINK = 0.93
_HIDDEN = 0.04  # share of all circle area that may overlap before circles are made smaller
_APART = 0.3  # mm between clusters that were pushed apart
_DRIFT = 0.5  # of its radius, and no more, may a cluster be pushed from its place
_ASIDE = (0.0, 0.8, 1.6, 2.4, 3.2)  # mm that a cluster may step aside from a marker
_WAYS = 12  # directions to step, and turns, that are tried
_BEARS = 2.2  # a circle so much larger than a marker shows well enough beneath it
_VISIBLE = 0.05  # share of a circle that a marker may hide


@dataclass(frozen=True, slots=True)
class Circle:
    """One group at one place; mm."""

    x: float
    y: float
    radius: float
    part: SymbolPart


@dataclass(frozen=True, slots=True)
class Cluster:
    """All circles of one place; ``radius`` encloses them from (``x``, ``y``)."""

    mark: SymbolMark
    x: float
    y: float
    radius: float
    circles: tuple[Circle, ...]


def pack_circles(radii: Sequence[float]) -> NDArray[np.float64]:
    """Return centres (n, 2) of touching circles, largest first in the middle.

    Their common centre of gravity is (0, 0). Each further circle touches two that lie already,
    as near to the middle as it can.

    >>> pack_circles([2.0, 1.0]).tolist()
    [[-0.6, 0.0], [2.4, 0.0]]
    """
    centres: list[NDArray[np.float64]] = []
    for i, radius in enumerate(radii):
        if i == 0:
            centres.append(np.zeros(2))
        elif i == 1:
            centres.append(np.array([radii[0] + radius, 0.0]))
        else:
            weights = np.square(radii[:i])
            middle = (np.array(centres) * weights[:, None]).sum(0) / weights.sum()
            free = [
                spot
                for a, b in combinations(range(i), 2)
                for spot in _touching(centres[a], radii[a], centres[b], radii[b], radius)
                if all(
                    float(np.hypot(*(spot - c))) > r + radius - 1e-6
                    for c, r in zip(centres, radii[:i], strict=True)
                )
            ]
            centres.append(min(free, key=lambda spot: float(np.hypot(*(spot - middle)))))
    if not centres:
        return np.empty((0, 2))
    placed, weights = np.array(centres), np.square(np.asarray(radii, dtype=float))
    return np.asarray(placed - (placed * weights[:, None]).sum(0) / weights.sum())


def _touching(
    a: NDArray[np.float64], ra: float, b: NDArray[np.float64], rb: float, radius: float
) -> list[NDArray[np.float64]]:
    """Return where a circle touches two others, up to two places."""
    apart = float(np.hypot(*(b - a)))
    to_a, to_b = ra + radius, rb + radius
    if apart > to_a + to_b or apart < 1e-9:
        return []
    along = (apart**2 + to_a**2 - to_b**2) / (2 * apart)
    across = float(np.sqrt(max(0.0, to_a**2 - along**2)))
    u = (b - a) / apart
    side = np.array([-u[1], u[0]]) * across
    return [a + u * along - side, a + u * along + side]


def lay_out_symbols(
    marks: Sequence[SymbolMark],
    points: NDArray[np.float64],
    *,
    maximum: float,
    largest: float,
    smallest: float,
    markers: Sequence[tuple[float, float, float]] = (),
) -> tuple[float, list[Cluster]]:
    """Return (mm per square root of a person, clusters).

    ``points`` (n, 2) are the places in mm, ``maximum`` the value whose circle would have the
    radius ``largest`` (mm); the factor shrinks until little is hidden, not below ``smallest``.
    ``markers`` (x, y, radius) are drawn over the circles: a cluster turns, or moves a little, so
    that they hide none.
    """
    factor = largest / np.sqrt(maximum)
    while True:
        clusters = _apart([_cluster(m, p, factor) for m, p in zip(marks, points, strict=True)])
        if _hidden(clusters) <= _HIDDEN or factor * np.sqrt(maximum) * _SHRINK < smallest:
            return float(factor), [_uncovered(cluster, markers) for cluster in clusters]
        factor *= _SHRINK


def _cluster(mark: SymbolMark, at: NDArray[np.float64], factor: float) -> Cluster:
    parts = sorted((p for p in mark.parts if p.value > 0), key=lambda p: (-p.value, p.group))
    radii = [factor * float(np.sqrt(part.value)) for part in parts]
    centres = pack_circles(radii)
    circles = tuple(
        Circle(float(at[0] + x), float(at[1] + y), radius, part)
        for (x, y), radius, part in zip(centres, radii, parts, strict=True)
    )
    reach = max((np.hypot(*c) + r for c, r in zip(centres, radii, strict=True)), default=0.0)
    return Cluster(mark, float(at[0]), float(at[1]), float(reach), circles)


def _apart(clusters: list[Cluster]) -> list[Cluster]:
    """Push overlapping clusters apart, each by at most half its radius; the larger moves less."""
    home = np.array([[c.x, c.y] for c in clusters]).reshape(-1, 2)
    radius = np.array([c.radius for c in clusters])
    at = home.copy()
    for _ in range(60):
        step = np.zeros_like(at)
        for i, j in combinations(range(len(clusters)), 2):
            gap = at[j] - at[i]
            apart = float(np.hypot(*gap))
            depth = radius[i] + radius[j] + _APART - apart
            if depth > 0 and min(radius[i], radius[j]) > 0:
                way = gap / apart if apart > 1e-6 else np.array([1.0, 0.0])
                share = radius[j] / (radius[i] + radius[j])
                step[i] -= way * depth * share * 0.5
                step[j] += way * depth * (1 - share) * 0.5
        if not step.any():
            break
        drift = at + step - home
        far = np.hypot(drift[:, 0], drift[:, 1])
        limit = np.minimum(1, _DRIFT * radius / np.maximum(far, 1e-9))
        at = home + drift * limit[:, None]
    return [_moved(c, dx, dy) for c, (dx, dy) in zip(clusters, at - home, strict=True)]


def _uncovered(cluster: Cluster, markers: Sequence[tuple[float, float, float]]) -> Cluster:
    """Turn a cluster, or else move it, until no marker hides much of a circle; as little as need be."""
    near = [
        (x, y, r)
        for x, y, r in markers
        if np.hypot(x - cluster.x, y - cluster.y) < cluster.radius + r + _ASIDE[-1]
    ]
    if not near or not cluster.circles:
        return cluster
    best, lowest = cluster, _covered(cluster, near)
    for aside in _ASIDE:
        if lowest <= _VISIBLE:
            break
        for way in np.arange(_WAYS) * 2 * np.pi / _WAYS:
            there = _moved(cluster, aside * np.cos(way), aside * np.sin(way))
            for turn in np.arange(_WAYS) * 2 * np.pi / _WAYS:
                turned = _turned(there, float(turn))
                covered = _covered(turned, near)
                if covered < lowest - 1e-9:
                    best, lowest = turned, covered
            if aside == 0:
                break
    return best


def _covered(cluster: Cluster, markers: Sequence[tuple[float, float, float]]) -> float:
    """Return the largest share of a circle that markers hide; a large one may bear a marker."""
    worst = 0.0
    for circle in cluster.circles:
        for x, y, r in markers:
            depth = circle.radius + r - float(np.hypot(x - circle.x, y - circle.y))
            if circle.radius < _BEARS * r:
                worst = max(worst, min(1.0, depth / (2 * circle.radius)))
    return worst


def _turned(cluster: Cluster, angle: float) -> Cluster:
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    x, y = cluster.x, cluster.y
    circles = tuple(
        Circle(
            x + (c.x - x) * cos - (c.y - y) * sin,
            y + (c.x - x) * sin + (c.y - y) * cos,
            c.radius,
            c.part,
        )
        for c in cluster.circles
    )
    return Cluster(cluster.mark, x, y, cluster.radius, circles)


def _moved(cluster: Cluster, dx: float, dy: float) -> Cluster:
    circles = tuple(
        Circle(c.x + float(dx), c.y + float(dy), c.radius, c.part) for c in cluster.circles
    )
    return Cluster(
        cluster.mark, cluster.x + float(dx), cluster.y + float(dy), cluster.radius, circles
    )


def _hidden(clusters: Sequence[Cluster]) -> float:
    """Return the share of circle area that lies on circles of other places."""
    circles = [c for cluster in clusters for c in cluster.circles]
    if not circles:
        return 0.0
    discs = shapely.buffer(
        shapely.points([[c.x, c.y] for c in circles]), [c.radius for c in circles]
    )
    total = float(shapely.area(discs).sum())
    return 1 - float(shapely.union_all(discs).area) / total
