"""Flows of one origin (or to one destination) as a tree: branches part as late as a gentle bend allows.

Spiral trees after Buchin, Speckmann and Verbeek 2011, "Flow map layout via spiral trees", IEEE TVCG
17(12): every branch bends away from the root's direction by one angle at most, so that branches are
pieces of logarithmic spirals, and none crosses another. The greedy sweep from the outside in joins
neighbours where their spirals meet. Their obstacles and their straightening are not done here: a
branch may run over a place that it does not serve.

In a shared branch the flows lie side by side, each with its own width: what is seen adds up.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np

from maps.flow_bands import Band, band_along
from maps.flow_curves import FloatArray, FlowProblem
from maps.flow_ports import spread

__all__ = ["root_of", "tree_bands"]

_ANGLE = np.radians(32.0)  # between a branch and the way to the root
_APART = 0.25  # mm between flows in a shared branch
_GAP = 0.5  # mm between the hub and the first branch, and from a tip to its node
_BEND = 3.0  # mm over which a corner is rounded
_SAMPLES = 97
_STEPS = 24  # per branch


@dataclass(eq=False, slots=True)
class _Knot:
    """A leaf or a joint, by its distance from the root and its direction; ``leaves`` from the left."""

    radius: float
    angle: float
    leaf: int | None = None
    children: list["_Knot"] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)


def root_of(problem: FlowProblem) -> int | None:
    """Return the node that all flows come from or all go to, None where there is none."""
    for ends in (problem.origin, problem.destination):
        if len(ends) and (ends == ends[0]).all():
            return int(ends[0])
    return None


def tree_bands(problem: FlowProblem) -> list[Band]:
    """Return one band per flow, in the problem's order and unit, as branches of one tree.

    Raises
    ------
    ValueError
        The flows have neither one origin nor one destination in common.
    """
    root = root_of(problem)
    if root is None:
        raise ValueError("a tree has one root: give the flows of one origin, or to one destination")
    outward = bool((problem.origin == root).all())
    leaf_node = problem.destination if outward else problem.origin
    offset = problem.nodes[leaf_node] - problem.nodes[root]
    radius = np.hypot(offset[:, 0], offset[:, 1])
    unit = problem.millimetre
    around = float((problem.width + _APART * unit).sum()) / (1.6 * np.pi)
    hub = max(float(problem.radius[root]), around) + _GAP * unit
    hub = min(hub, 0.7 * float(radius.min(initial=np.inf, where=radius > 0)))
    trunk = _grown(radius, np.arctan2(offset[:, 1], offset[:, 0]), hub)
    lanes = _Lanes(problem.width + _APART * unit, 2 * (problem.radius[leaf_node] + _GAP * unit))
    paths = _paths(trunk, lanes, hub)
    bands = []
    for flow, node in enumerate(leaf_node):
        path = problem.nodes[root] + paths[flow]
        path = _smooth(path, _BEND * unit)
        path = _short_of(path, float(problem.radius[node]) + _GAP * unit)
        path = _even(path if outward else path[::-1])
        bands.append(band_along(path, float(problem.width[flow]), unit))
    return bands


# --- the tree -------------------------------------------------------------------------------------


def _grown(radius: FloatArray, angle: FloatArray, hub: float) -> list[_Knot]:
    """Return the knots nearest to the root: sweep inwards, joining neighbours as they meet."""
    far = [(-float(r), i) for i, r in enumerate(radius) if r > hub]
    heapq.heapify(far)
    active: list[_Knot] = []  # by angle
    while True:
        meeting = _next_meeting(active, hub)
        if far and (meeting is None or -far[0][0] >= meeting[0]):
            r, leaf = heapq.heappop(far)
            active = _reached(active, _Knot(-r, float(angle[leaf]), leaf, leaves=[leaf]))
        elif meeting is not None:
            _, turn, i = meeting
            left, right = active[i], active[(i + 1) % len(active)]
            joint = _Knot(meeting[0], turn, None, [left, right], [*left.leaves, *right.leaves])
            rest = [knot for knot in active if knot is not left and knot is not right]
            active = sorted([*rest, joint], key=lambda knot: knot.angle)
        else:
            return active


def _next_meeting(active: list[_Knot], hub: float) -> tuple[float, float, int] | None:
    """Return radius and angle of the outermost joint of neighbours, and the left one's place."""
    best: tuple[float, float, int] | None = None
    for i, left in enumerate(active):
        right = active[(i + 1) % len(active)]
        if left is right:
            continue
        apart = (right.angle - left.angle) % (2 * np.pi)
        log = (np.log(left.radius) + np.log(right.radius) - apart / np.tan(_ANGLE)) / 2
        radius = min(float(np.exp(log)), left.radius, right.radius)
        if radius > 1.05 * hub and (best is None or radius > best[0]):
            swing = np.tan(_ANGLE) * (np.log(left.radius) - np.log(radius))
            best = (radius, _principal(left.angle + min(swing, apart)), i)
    return best


def _reached(active: list[_Knot], leaf: _Knot) -> list[_Knot]:
    """Take in the next leaf: a branch that can still bend to it runs through it."""
    for knot in active:
        apart = abs(_principal(knot.angle - leaf.angle))
        if apart <= np.tan(_ANGLE) * np.log(knot.radius / leaf.radius):
            leaf.children.append(knot)
    through = [knot for knot in active if any(knot is child for child in leaf.children)]
    if through:
        before = [k for k in through if _principal(k.angle - leaf.angle) < 0]
        after = [k for k in through if not any(k is other for other in before)]
        leaf.leaves = [
            *(i for k in before for i in k.leaves),
            *leaf.leaves,
            *(i for k in after for i in k.leaves),
        ]
    rest = [knot for knot in active if not any(knot is child for child in through)]
    return sorted([*rest, leaf], key=lambda knot: knot.angle)


def _principal(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


# --- the bands in it ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class _Lanes:
    """How broad flows are (m,) in a shared branch, and their nodes (m,) where others pass them."""

    width: FloatArray
    node: FloatArray

    def across(self, leaves: list[int], passed: int | None) -> dict[int, float]:
        """Return where each flow lies across a branch, from its middle; one node may be passed."""
        broad = self.width[leaves]
        if passed is not None:
            at = leaves.index(passed)
            broad[at] = max(broad[at], self.node[passed])
        right = np.cumsum(broad)
        middle = right - broad / 2
        # A node that is passed keeps its place; all else is centred.
        zero = float(right[-1]) / 2 if passed is None else float(middle[leaves.index(passed)])
        return {leaf: float(lane - zero) for leaf, lane in zip(leaves, middle, strict=True)}


def _paths(trunk: list[_Knot], lanes: _Lanes, hub: float) -> dict[int, FloatArray]:
    """Return for each leaf the way to it (s, 2) from the root, flows side by side where they share."""
    drawing = _Drawing(lanes)
    broad = np.array([float(lanes.width[knot.leaves].sum()) for knot in trunk])
    half = np.arcsin(np.minimum(broad / 2 / hub, 1.0))
    ports = spread(np.array([knot.angle for knot in trunk]), half)
    for knot, port in zip(trunk, ports, strict=True):
        start = _Knot(hub, float(port), leaves=knot.leaves)
        drawing.follow(start, knot, lanes.across(knot.leaves, None))
    return drawing.paths


class _Drawing:
    """The ways to the leaves, branch by branch from the root; ``paths`` are those that arrived."""

    def __init__(self, lanes: _Lanes) -> None:
        self.lanes = lanes
        self.paths: dict[int, FloatArray] = {}
        self._so_far: dict[int, list[FloatArray]] = {}

    def follow(self, start: _Knot, stop: _Knot, before: dict[int, float]) -> None:
        """Draw one branch, from the lanes of the branch before it to its own, and go on outwards."""
        t = np.linspace(0, 1, _STEPS)
        radius = start.radius * (stop.radius / start.radius) ** t
        angle = start.angle + t * _principal(stop.angle - start.angle)
        centre = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        way = np.gradient(centre, axis=0)
        way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
        across = np.stack([-way[:, 1], way[:, 0]], axis=1)
        own = self.lanes.across(stop.leaves, stop.leaf if stop.children else None)
        ease = (t * t * (3 - 2 * t))[:, None]
        for leaf in stop.leaves:
            lane = before[leaf] + (own[leaf] - before[leaf]) * ease
            ways = self._so_far.setdefault(leaf, [])
            ways.append((centre + across * lane)[1 if ways else 0 :])
        if stop.leaf is not None:
            self.paths[stop.leaf] = np.concatenate(self._so_far[stop.leaf])
        for child in stop.children:
            self.follow(stop, child, own)


def _smooth(path: FloatArray, bend: float) -> FloatArray:
    """Return a path with its corners rounded over about ``bend``; its ends stay where they are."""
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    step = bend / 4
    count = max(8, int(run[-1] / step))
    at = np.linspace(0, run[-1], count)
    even = np.stack([np.interp(at, run, path[:, i]) for i in (0, 1)], axis=1)
    reach = min(12, count - 2)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / 4) ** 2)
    kernel /= kernel.sum()
    head = 2 * even[0] - even[reach:0:-1]
    tail = 2 * even[-1] - even[-2 : -reach - 2 : -1]
    longer = np.concatenate([head, even, tail])
    return np.stack([np.convolve(longer[:, i], kernel, mode="valid") for i in (0, 1)], axis=1)


def _short_of(path: FloatArray, gap: float) -> FloatArray:
    """Return a path that ends ``gap`` before its last point."""
    away = np.hypot(*(path - path[-1]).T)
    last = int(np.flatnonzero(away >= gap)[-1]) if (away >= gap).any() else 0
    if last == 0:
        return path[: max(2, len(path) // 2)]
    share = (away[last] - gap) / max(float(away[last] - away[last + 1]), 1e-9)
    end = path[last] + share * (path[last + 1] - path[last])
    return np.concatenate([path[: last + 1], end[None]])


def _even(path: FloatArray) -> FloatArray:
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.linspace(0, run[-1], _SAMPLES)
    return np.stack([np.interp(at, run, path[:, 0]), np.interp(at, run, path[:, 1])], axis=1)
