"""What a flow layout costs: it counts what a reader sees as a fault. All lengths are millimetres.

Crossings, acute crossings, covered nodes and heads, touching bands, legends overrun, wild bends.
Principles and their order after Jenny et al. 2018, "Design principles for origin-destination flow
maps", CaGIS 45(1).
"""

import numpy as np
from numpy.typing import NDArray

from maps.flow_curves import FloatArray, FlowProblem, IntArray, head_size
from maps.flow_forces import Baseline
from maps.flow_pieces import (
    PIECES,
    SAMPLES,
    STEPS,
    boxes,
    crossings,
    distance,
    drawn,
    heads,
    overlap,
    pieces,
    within,
)
from maps.flow_ports import Docks

__all__ = ["Layout"]

# What a fault costs; a crossing of two middling flows is the unit of four.
_CROSSING, _SIBLING_CROSSING, _ACUTE = 4.5, 18.0, 11.0
_NARROW, _BROAD = 0.7, 1.3  # a crossing of broad bands hides more
_NODE, _BESIDE_NODE = 20.0, 5.0
_TOUCHING, _HEAD, _OBSTACLE = 20.0, 4.0, 6.0
_OUTSIDE, _BEND, _WILD_BEND, _SKEWED, _ANGLE = 12.0, 1.2, 60.0, 2.5, 1.3
_GOOD_BEND = 0.11  # a slight curve reads as a flow; a straight line reads as a border
_ACUTE_SINE = 0.77  # crossings under 50 degrees begin to mislead the eye
_TOO_ACUTE = 0.5  # and under 30 degrees they do
_GAP = 0.6  # mm between bands
_AT_NODE = 0.6  # siblings may touch a little, at their node
_IN_THE_WAY = 2.0  # cost of a pair that is worth moving together


class Layout:
    """All flows as they lie at present: control points, ports, lines, boxes, heads."""

    def __init__(self, problem: FlowProblem, base: Baseline, control: FloatArray) -> None:
        self.problem, self.base, self.control = problem, base, control.copy()
        self.docks = Docks(problem)
        self.long, self.wide = head_size(problem.width, base.length)
        self.reach = problem.width / 2
        origin, destination = problem.origin, problem.destination
        self.siblings = (
            (origin[:, None] == origin)
            | (destination[:, None] == destination)
            | (origin[:, None] == destination)
            | (destination[:, None] == origin)
        )
        self._at_tail = [self._others_at(node, flow) for flow, node in enumerate(origin)]
        self._at_tip = [self._others_at(node, flow) for flow, node in enumerate(destination)]
        self.covers = np.ones(len(problem), dtype=bool)
        self._reach = float(self.wide.max() + self.reach.max()) + _GAP
        self._stale = np.ones(len(problem), dtype=bool)
        self._alone = np.zeros(len(problem))
        self._among: list[list[tuple[int, float]]] = [[] for _ in range(len(problem))]
        self.lines = np.full((len(problem), SAMPLES, 2), np.inf)
        self.low, self.high = boxes(self.lines)
        self.redraw()

    def _others_at(self, node: int, flow: int) -> IntArray:
        here = (self.problem.origin == node) | (self.problem.destination == node)
        here[flow] = False
        return np.flatnonzero(here)

    def redraw(self) -> None:
        """Take ports anew from all control points; draw all lines."""
        self.turns = self.docks.turns(self.control)
        tail, tip = self.docks.ports(self.control, self.turns)
        lines = drawn(tail, self.control, tip)
        for flow in np.flatnonzero((lines != self.lines).any((1, 2))):
            self.changed(int(flow), lines[flow])
        self.lines = lines
        self.low, self.high = boxes(lines)
        self.heads = heads(lines, self.long)

    def changed(self, flow: int, line: FloatArray) -> NDArray[np.bool_]:
        """Return which flows (m,) a new line of a flow concerns; they are measured anew."""
        both = np.concatenate([self.lines[flow], line])
        near = self.near_boxes(both.min(0) - self._reach, both.max(0) + self._reach)
        self._stale |= near | self.siblings[flow]
        return near

    def faults(self) -> tuple[float, list[tuple[int, int]]]:
        """Return what the present layout costs, and the pairs in each other's way, worst first."""
        for flow in np.flatnonzero(self._stale).tolist():
            lines, control = self.lines[flow : flow + 1], self.control[flow : flow + 1]
            others = self.around(flow, lines)
            cost = self.pair_cost(flow, lines, others, self.lines[others])[0]
            self._alone[flow] = self.own_cost(flow, control, lines)[0]
            self._among[flow] = list(zip(others.tolist(), cost.tolist(), strict=True))
        self._stale[:] = False
        self.covers = self._alone > _NODE
        pairs = [
            (-cost, flow, other)
            for flow, among in enumerate(self._among)
            for other, cost in among
            if other > flow and cost > _IN_THE_WAY
        ]
        among = sum(cost for each in self._among for _, cost in each)
        total = float(self._alone.sum()) + among / 2
        return total, [(flow, other) for _, flow, other in sorted(pairs)]

    def near_boxes(self, low: FloatArray, high: FloatArray) -> NDArray[np.bool_]:
        """Return which flows (m,) have a line that reaches into a box."""
        return np.asarray(((self.low.min(1) <= high) & (self.high.max(1) >= low)).all(1))

    def around(self, flow: int, lines: FloatArray) -> IntArray:
        """Return the other flows whose boxes are near lines (k, s, 2) of a flow."""
        reach = self.reach.max() + self.reach[flow] + _GAP
        near = self.near_boxes(lines.min((0, 1)) - reach, lines.max((0, 1)) + reach)
        near[flow] = False
        return np.flatnonzero(near)

    def own_cost(self, flow: int, trial: FloatArray, lines: FloatArray) -> FloatArray:
        """Return what trial control points (k, 2) with their lines cost (k,) but for other bands."""
        cost = self._shape_cost(flow, trial) + self._angle_cost(flow, trial)
        cost += self._place_cost(flow, lines)
        return cost + self._cover_cost(flow, lines)

    def _shape_cost(self, flow: int, trial: FloatArray) -> FloatArray:
        offset = (trial - self.base.middle[flow]) / self.base.length[flow]
        bend = np.abs(offset @ self.base.across[flow])
        skew = np.abs(offset @ self.base.along[flow])
        wild = np.maximum(0, bend - 0.3) ** 2
        return np.asarray(_BEND * np.abs(bend - _GOOD_BEND) + _WILD_BEND * wild + _SKEWED * skew)

    def _angle_cost(self, flow: int, trial: FloatArray) -> FloatArray:
        """Flows that leave a node close together are hard to tell apart."""
        cost = np.zeros(len(trial))
        docks = self.docks
        for at, others in (
            (docks.tail_at[flow], self._at_tail[flow]),
            (docks.tip_at[flow], self._at_tip[flow]),
        ):
            if len(others) == 0:
                continue
            arm, other = trial - at, self.control[others] - at
            angle = np.arctan2(arm[:, 1], arm[:, 0])[:, None] - np.arctan2(other[:, 1], other[:, 0])
            gap = np.abs((angle + np.pi) % (2 * np.pi) - np.pi)
            cost += _ANGLE * np.exp(-((gap / 0.35) ** 2)).sum(1)
        return cost

    def _place_cost(self, flow: int, lines: FloatArray) -> FloatArray:
        """The frame is to be kept, obstacles to be avoided."""
        half = self.reach[flow]
        x0, y0, x1, y1 = self.problem.frame
        x, y = lines[..., 0], lines[..., 1]
        out = (x < x0 + half) | (x > x1 - half) | (y < y0 + half) | (y > y1 - half)
        cost = _OUTSIDE * out.mean(1)
        box = self.problem.obstacles
        if len(box):
            inside = (x[..., None] > box[:, 0] - half) & (x[..., None] < box[:, 2] + half)
            inside &= (y[..., None] > box[:, 1] - half) & (y[..., None] < box[:, 3] + half)
            cost = cost + _OBSTACLE * (inside.any(1) + inside.mean(1)).sum(1)
        return np.asarray(cost)

    def _cover_cost(self, flow: int, lines: FloatArray) -> FloatArray:
        """Nodes of other flows and their arrowheads must stay visible."""
        problem = self.problem
        low, high = lines.min((0, 1)), lines.max((0, 1))
        clear = problem.radius + self.reach[flow] + 0.1
        near = self.docks.hub + self.reach[flow] + 0.5
        here = within(problem.nodes, low, high, near)
        here[[problem.origin[flow], problem.destination[flow]]] = False
        cost = np.zeros(len(lines))
        if here.any():
            to_node = distance(lines, problem.nodes[here])
            cost += _NODE * (to_node < clear[here]).sum(1)
            cost += _BESIDE_NODE * np.maximum(0, 1 - to_node / near[here]).sum(1)
        near = 0.75 * self.wide + self.reach[flow]
        here = within(self.heads, low, high, near)
        here[flow] = False
        if here.any():
            to_head = distance(lines, self.heads[here])
            cost += _HEAD * np.maximum(0, 1 - to_head / near[here]).sum(1)
        # And the other way round: its own head under other flows.
        own = heads(lines, np.full(len(lines), self.long[flow]))
        near = 0.75 * self.wide[flow] + self.reach
        here = self.near_boxes(own.min(0) - near.max(), own.max(0) + near.max())
        here[flow] = False
        if here.any():
            to_line = distance(self.lines[here], own)
            cost += _HEAD * np.maximum(0, 1 - to_line / near[here, None]).sum(0)
        return cost

    def pair_cost(
        self, flow: int, lines: FloatArray, others: IntArray, theirs: FloatArray
    ) -> FloatArray:
        """Return what lines (k, s, 2) of a flow cost (k, o) with lines (o, s, 2) of other flows.

        Counted are crossings, and the depth to which bands run into each other.
        """
        k, o = len(lines), len(others)
        low, high = boxes(lines)
        their_low, their_high = boxes(theirs)
        room = self.reach[others] + self.reach[flow] + _GAP
        close = overlap(low, high, their_low, their_high, room[:, None, None])
        trial, piece, other, their = np.nonzero(close)
        if len(trial) == 0:
            return np.zeros((k, o))
        ax, ay = pieces(lines, trial, piece)
        bx, by = pieces(theirs, other, their)
        at_node = self.siblings[flow, others]

        apart = ax[:STEPS, None] - bx
        apart *= apart
        apart_y = ay[:STEPS, None] - by
        apart_y *= apart_y
        apart += apart_y
        depth = np.sqrt(apart.min(axis=1))
        depth -= np.hypot(ax[1] - ax[0], ay[1] - ay[0]) / 4  # samples miss the closest points
        depth = np.clip(1 - depth / room[other], 0, 1)
        # A sample is as deep as it is in the deepest of the other line's pieces.
        key = (trial * PIECES + piece) * o + other
        first = np.flatnonzero(np.diff(key, prepend=-1))
        deepest = np.maximum.reduceat(depth, first, axis=1).sum(0) / (SAMPLES - 1)
        weight = _TOUCHING * np.where(at_node[other[first]], _AT_NODE, 1.0)
        cost = np.bincount(trial[first] * o + other[first], weight * deepest, minlength=k * o)

        meet = np.flatnonzero(
            (low[trial, piece] <= their_high[other, their]).all(1)
            & (high[trial, piece] >= their_low[other, their]).all(1)
        )
        crossing, sine = crossings(ax[:, meet], ay[:, meet], bx[:, meet], by[:, meet])
        if len(crossing):
            trial, other = trial[meet][crossing], other[meet][crossing]
            width = self.problem.width
            price = np.where(at_node[other], _SIBLING_CROSSING, _CROSSING)
            price = price * (_NARROW + _BROAD * (width[others[other]] + width[flow]) / width.max())
            price += _ACUTE * np.maximum(0, 1 - sine / _ACUTE_SINE)
            cost += np.bincount(trial * o + other, price, minlength=k * o)
        return np.asarray(cost, dtype=np.float64).reshape(k, o)

    def is_faulty(self, pair: tuple[int, int]) -> bool:
        """Return whether two flows cross that must not: siblings, or at an acute angle."""
        one, other = (self.lines[flow].T[:, :, None] for flow in pair)
        crossing, sine = crossings(one[0], one[1], other[0], other[1])
        return len(crossing) > 0 and bool(self.siblings[pair] or sine.min() < _TOO_ACUTE)
