"""Flows as they are drawn: bands of constant, linear width with an arrowhead, and how well they lie."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from maps.flow_curves import Ends, FloatArray, FlowProblem, drawn_lines, head_size
from maps.flow_ports import ported_ends

__all__ = ["Band", "FlowQuality", "band_along", "flow_bands", "flow_quality"]

_SAMPLES = 33
_LOOP = 1.6  # mm, radius of the loop of a flow onto its own node, for a hairline
_COVERED = 0.10  # share of a head that another band may hide before the head counts as covered


@dataclass(frozen=True, eq=False)
class Band:
    """One flow. ``outline`` is trunk and head in one; ``centre`` (s, 2) runs from tail to tip."""

    outline: Polygon
    head: Polygon
    centre: FloatArray


@dataclass(frozen=True, slots=True)
class FlowQuality:
    """What a reader would find at fault; lower is better for all but ``angular_resolution``.

    ``crossings`` between flows that share no node, ``sibling_crossings`` between those that do;
    ``acute`` crossings under 30 degrees. ``nodes_covered`` by foreign bands, ``heads_covered`` by
    more than a tenth. ``overlap`` is the share of band area that lies on other bands.
    ``angular_resolution`` is the mean over nodes of smallest gap to even gap (1 is ideal).
    ``stretch`` is the mean of length to baseline.
    """

    crossings: int
    sibling_crossings: int
    acute: int
    nodes_covered: int
    heads_covered: int
    overlap: float
    angular_resolution: float
    stretch: float


def flow_bands(problem: FlowProblem, control: FloatArray) -> list[Band]:
    """Return one band per flow, in the problem's order and unit.

    >>> one = FlowProblem(np.array([[0., 0.], [50., 0.]]), np.array([2., 2.]), np.array([0]),
    ...     np.array([1]), np.array([3.]), np.array([10.]), (0, -9, 50, 9), np.empty((0, 4)))
    >>> band = flow_bands(one, np.array([[25., 0.]]))[0]
    >>> float(band.centre[0, 0].round(2)), float(band.centre[-1, 0].round(2))
    (2.3, 47.5)
    >>> round(band.outline.area)  # a trunk 3 wide and 39.1 long, a head 6.1 long and 5.1 wide
    133
    """
    if len(problem) == 0:
        return []
    ends = ported_ends(problem, control) if problem.ports else Ends.of(problem)
    lines = drawn_lines(ends, control, _SAMPLES)
    for flow in np.flatnonzero(~problem.runs):
        lines[flow] = _loop(problem, int(flow))
    return [
        band_along(line, float(width), problem.millimetre)
        for line, width in zip(lines, problem.width, strict=True)
    ]


def _loop(problem: FlowProblem, flow: int) -> FloatArray:
    """Return the centre line (s, 2) of a flow that ends where it began: a loop above the node."""
    node = problem.origin[flow]
    size = _LOOP * problem.millimetre + 0.9 * float(problem.width[flow])
    rise = float(problem.radius[node]) + 0.9 * size
    angle = np.linspace(0.5 * np.pi + 0.5, 2.5 * np.pi - 0.5, _SAMPLES)
    middle = problem.nodes[node] - (0, rise)
    return np.asarray(middle + size * np.stack([np.cos(angle), np.sin(angle)], axis=1))


def band_along(line: FloatArray, width: float, millimetre: float = 1.0) -> Band:
    """Return the band of a width along a centre line (s, 2), with its arrowhead at the end."""
    step = np.linalg.norm(np.diff(line, axis=0), axis=1)
    head_long, head_wide = head_size(np.array([width]), step.sum(keepdims=True), millimetre)
    long, wide = float(head_long[0]), float(head_wide[0])
    run = np.concatenate([[0.0], np.cumsum(step)])
    until = np.linspace(0, run[-1] - long, len(line))  # the trunk ends where the head begins
    trunk = np.stack([np.interp(until, run, line[:, 0]), np.interp(until, run, line[:, 1])], axis=1)
    side = _normals(trunk) * width / 2
    tip, base = line[-1], trunk[-1]
    pointing = (tip - base) / max(float(np.hypot(*(tip - base))), 1e-9)
    barb = np.array([-pointing[1], pointing[0]]) * wide / 2
    ring = np.concatenate(
        [trunk + side, [base + barb, tip, base - barb], (trunk - side)[::-1]], axis=0
    )
    outline = Polygon(ring)
    if not outline.is_valid:  # a band wider than its bend is tight folds over itself
        outline = _unfolded(trunk, width, Polygon([base + barb, tip, base - barb]))
    return Band(outline, Polygon([base + barb, tip, base - barb]), line)


def _unfolded(trunk: FloatArray, width: float, head: Polygon) -> Polygon:
    """Return the outline of a band whose sides would cross in its bends."""
    body = shapely.buffer(shapely.linestrings(trunk), width / 2, cap_style="flat", quad_segs=8)
    whole = shapely.union_all([body, head])
    return max(shapely.get_parts(whole), key=lambda part: float(part.area))


def _normals(line: FloatArray) -> FloatArray:
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1), 1e-9)[:, None]
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def flow_quality(problem: FlowProblem, control: FloatArray) -> FlowQuality:
    """Measure a layout on the bands as drawn, those that lead nowhere left aside."""
    problem, control = problem.only(problem.runs), control[problem.runs]
    bands = flow_bands(problem, control)
    outlines = np.array([band.outline for band in bands], dtype=object)
    heads = np.array([band.head for band in bands], dtype=object)
    lines = np.stack([band.centre for band in bands])
    crossings, sibling_crossings, acute = _count_crossings(problem, lines)
    discs = shapely.buffer(shapely.points(problem.nodes), problem.radius)
    tree = shapely.STRtree(outlines)
    node, flow = tree.query(discs, predicate="intersects")
    foreign = (problem.origin[flow] != node) & (problem.destination[flow] != node)
    head, flow = tree.query(heads, predicate="intersects")
    head, flow = head[head != flow], flow[head != flow]
    hidden = shapely.area(shapely.intersection(heads[head], outlines[flow]))
    total = float(shapely.area(outlines).sum())
    baseline = np.linalg.norm(
        problem.nodes[problem.destination] - problem.nodes[problem.origin], axis=1
    )
    curve = drawn_lines(_bare(problem), control, _SAMPLES)
    length = np.linalg.norm(np.diff(curve, axis=1), axis=2).sum(1)
    return FlowQuality(
        crossings=crossings,
        sibling_crossings=sibling_crossings,
        acute=acute,
        nodes_covered=int(foreign.sum()),
        heads_covered=len(set(head[hidden > _COVERED * shapely.area(heads[head])].tolist())),
        overlap=1 - float(shapely.union_all(outlines).area) / total,
        angular_resolution=_angular_resolution(problem, lines),
        stretch=float((length / baseline).mean()),
    )


def _bare(problem: FlowProblem) -> Ends:
    """Return ends without circles: whole curves, from node to node."""
    none = np.zeros(len(problem))
    return Ends(problem.nodes[problem.origin], problem.nodes[problem.destination], none, none)


def _count_crossings(problem: FlowProblem, lines: FloatArray) -> tuple[int, int, int]:
    strings = shapely.linestrings(lines)
    first, second = shapely.STRtree(strings).query(strings, predicate="intersects")
    first, second = first[first < second], second[first < second]
    ends = [{o, d} for o, d in zip(problem.origin, problem.destination, strict=True)]
    crossings = sibling_crossings = acute = 0
    for i, j in zip(first, second, strict=True):
        where = shapely.get_coordinates(shapely.intersection(strings[i], strings[j]))
        if ends[i] & ends[j]:
            sibling_crossings += 1
        else:
            crossings += len(where)
        for point in where[:1]:
            turn = abs(_heading(lines[i], point) - _heading(lines[j], point)) % np.pi
            acute += min(turn, np.pi - turn) < np.radians(30)
    return crossings, sibling_crossings, int(acute)


def _heading(line: FloatArray, point: FloatArray) -> float:
    at = int(np.clip(np.linalg.norm(line - point, axis=1).argmin(), 1, len(line) - 2))
    return float(np.arctan2(*(line[at + 1] - line[at - 1])[::-1]))


def _angular_resolution(problem: FlowProblem, lines: FloatArray) -> float:
    leaving = defaultdict(list)
    for flow, line in enumerate(lines):
        for node, arm in (
            (problem.origin[flow], line[1] - line[0]),
            (problem.destination[flow], line[-2] - line[-1]),
        ):
            leaving[int(node)].append(float(np.arctan2(arm[1], arm[0])))
    shares = []
    for angles in leaving.values():
        if len(angles) > 1:
            around = np.sort(angles)
            gaps = np.diff(np.append(around, around[0] + 2 * np.pi))
            shares.append(float(gaps.min()) * len(angles) / (2 * np.pi))
    return float(np.mean(shares)) if shares else 1.0
