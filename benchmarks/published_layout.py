"""The published force-directed layout, written anew from its description, to compare against.

Jenny et al. 2017, "Force-directed layout of origin-destination flow maps", IJGIS 31(8), with the
parameters of the authors' tool Flox: 50 rounds, repulsion by the inverse fourth power, springs,
anti-torsion, even angles at nodes, range boxes, repair of crossing siblings, and flows moved off
nodes and arrowheads along a spiral. Not the authors' program: the spiral is cut at 1,500 places,
and arrows are neither shortened nor made symmetrical afterwards.
"""

import numpy as np
import shapely

from maps.flow_bands import flow_bands
from maps.flow_curves import Ends, FloatArray, FlowProblem, drawn_lines
from maps.flow_forces import Baseline, _kept_near, _pairs_at_nodes, _push, _swing

_ROUNDS = 50
_RANGE = 0.5
_CLEAR = 1.2  # mm, the tool's five pixels
_SAMPLES = 17
_FIRST_MOVED = 5


def published(problem: FlowProblem, *, seed: int = 0) -> FloatArray:
    """Return control points (m, 2) as the published method places them."""
    rng = np.random.default_rng(seed)
    base, ends = Baseline.of(problem), Ends.of(problem)
    control = base.middle + base.across * (rng.normal(0, 0.01, len(problem)) * base.length)[:, None]
    locked = np.zeros(len(problem), dtype=bool)
    wait = _FIRST_MOVED
    pairs = _pairs_at_nodes(problem)

    def kept(points: FloatArray) -> FloatArray:
        return _kept_near(base.boxed(points, _RANGE), base.middle, problem.frame)

    for turn in range(_ROUNDS):
        weight = 1 - turn / _ROUNDS
        push = _push(problem, base, ends, control)
        swing = _swing(ends, control, pairs)
        moved = kept(control + weight * push + weight * (1 - weight) * swing)
        control = np.where(locked[:, None], control, moved)
        control = np.where(
            locked[:, None], control, kept(_repaired(problem, ends, control, locked))
        )
        if wait > 0:
            wait -= 1
            continue
        covering = _covering(problem, control)
        covering[locked] = 0
        todo = np.argsort(-covering, kind="stable")[: int((covering > 0).sum())]
        rounds_left = _ROUNDS - turn - 1
        now = int(np.ceil(len(todo) / rounds_left)) if 0 < rounds_left < len(todo) else 1
        for flow in todo[:now]:
            control[flow] = _freed(problem, base, control, locked, int(flow))
            locked[flow] = True
        left = len(todo) - min(now, len(todo))
        wait = (_ROUNDS - turn) // (left + 1) // 2 if left else rounds_left // 2
    return control


def _shared(problem: FlowProblem, i: int, j: int) -> int | None:
    """Return the one node that two flows share, None for none or for both."""
    ends = [{int(problem.origin[f]), int(problem.destination[f])} for f in (i, j)]
    common = ends[0] & ends[1]
    return common.pop() if len(common) == 1 else None


def _repaired(
    problem: FlowProblem, ends: Ends, control: FloatArray, locked: np.ndarray
) -> FloatArray:
    """Part crossing flows of one node: each takes the place where the other's way meets its own."""
    control = control.copy()
    lines = shapely.linestrings(drawn_lines(ends, control, _SAMPLES))
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    crossing = [(int(i), int(j)) for i, j in zip(one, other, strict=True) if i < j]
    value = problem.value
    for i, j in sorted(crossing, key=lambda pair: value[pair[0]] + value[pair[1]]):
        node = _shared(problem, i, j)
        if node is None:
            continue
        at = problem.nodes[node]
        far = [
            problem.nodes[
                problem.destination[f] if problem.origin[f] == node else problem.origin[f]
            ]
            for f in (i, j)
        ]
        new = (
            _meeting(at, control[j] - at, control[i], far[0] - control[i]),
            _meeting(at, control[i] - at, control[j], far[1] - control[j]),
        )
        if new[0] is None or new[1] is None:
            continue
        for flow, place in ((i, new[0]), (j, new[1])):
            if not locked[flow]:
                control[flow] = place
    return control


def _meeting(p: FloatArray, along: FloatArray, q: FloatArray, run: FloatArray) -> FloatArray | None:
    """Return where two lines meet, None for parallels."""
    cross = along[0] * run[1] - along[1] * run[0]
    if abs(cross) < 1e-9:
        return None
    gap = q - p
    return np.asarray(p + along * ((gap[0] * run[1] - gap[1] * run[0]) / cross))


def _covering(problem: FlowProblem, control: FloatArray) -> FloatArray:
    """Return how much each flow covers (m,): nodes in full, arrowheads for a third."""
    bands = flow_bands(problem, control)
    lines = shapely.linestrings([band.centre for band in bands])
    grown = shapely.buffer(lines, problem.width / 2 + _CLEAR, cap_style="flat")
    tree, count = shapely.STRtree(grown), np.zeros(len(problem))
    discs = shapely.buffer(shapely.points(problem.nodes), problem.radius)
    node, flow = tree.query(discs, predicate="intersects")
    foreign = (problem.origin[flow] != node) & (problem.destination[flow] != node)
    np.add.at(count, flow[foreign], 1)
    head, flow = tree.query([band.head for band in bands], predicate="intersects")
    foreign = problem.destination[head] != problem.destination[flow]
    np.add.at(count, flow[foreign], 1 / 3)
    return count


def _freed(
    problem: FlowProblem, base: Baseline, control: FloatArray, locked: np.ndarray, flow: int
) -> FloatArray:
    """Return the first place on a spiral where a flow covers nothing, else the least bad."""
    ends = Ends.of(problem)
    places = control[flow] + _spiral(1.13 * float(base.length[flow]))
    offset = places - base.middle[flow]
    reach = _RANGE * base.length[flow]
    inside = (np.abs(offset @ base.along[flow]) <= reach) & (
        np.abs(offset @ base.across[flow]) <= reach
    )
    places = places[inside]
    if len(places) == 0:
        return control[flow]
    mine = Ends(
        *(
            np.repeat(part[flow : flow + 1], len(places), axis=0)
            for part in (ends.tail, ends.tip, ends.tail_radius, ends.tip_radius)
        )
    )
    lines = drawn_lines(mine, places, _SAMPLES)
    strings = shapely.linestrings(lines)
    bands = flow_bands(problem, control)
    discs = shapely.buffer(shapely.points(problem.nodes), problem.radius)
    nodes = [
        n for n in range(len(discs)) if n not in (problem.origin[flow], problem.destination[flow])
    ]
    heads = np.flatnonzero(problem.destination != problem.destination[flow])
    obstacles = np.array([discs[n] for n in nodes] + [bands[h].head for h in heads], dtype=object)
    weight = np.concatenate([np.ones(len(nodes)), np.full(len(heads), 1 / 3)])
    touching = np.zeros(len(places))
    points = shapely.points(lines[:, ::2])
    for other in np.flatnonzero(locked):
        near = _CLEAR + (problem.width[flow] + problem.width[other]) / 2
        string = shapely.linestrings(bands[other].centre)
        touching = np.maximum(touching, (shapely.distance(points, string) < near).mean(1))
    tree = shapely.STRtree(obstacles)
    best, lowest = control[flow], np.inf
    for clear in (_CLEAR, _CLEAR / 2, 0.0):
        place, hit = tree.query(
            strings, predicate="dwithin", distance=problem.width[flow] / 2 + clear
        )
        cost = np.bincount(place, weight[hit], minlength=len(places))
        free = (cost == 0) & (touching <= 0.1)
        if free.any():
            return np.asarray(places[int(free.argmax())])
        cost = cost * (1 + touching)
        if cost.min() < lowest:
            best, lowest = places[int(cost.argmin())], float(cost.min())
    return np.asarray(best)


def _spiral(reach: float) -> FloatArray:
    """Return offsets (k, 2) along an Archimedean spiral, at most 1,500."""
    step = max(_CLEAR, reach / 18)
    angle, out = np.pi, []
    while len(out) < 1500 and (radius := step * angle / (2 * np.pi)) <= reach:
        out.append((np.cos(angle) * radius, np.sin(angle) * radius))
        angle += step / radius
    return np.array(out).reshape(-1, 2)
