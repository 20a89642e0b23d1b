"""What a flow layout costs: it counts what a reader sees as a fault. All lengths are millimetres.

Crossings, acute crossings, covered nodes and heads, touching bands, legends overrun, wild bends.
Principles and their order after Jenny et al. 2018, "Design principles for origin-destination flow
maps", CaGIS 45(1).
"""

import numpy as np
from numpy.typing import NDArray

from maps.flow_curves import FloatArray, FlowProblem, IntArray, head_size
from maps.flow_forces import Baseline
from maps.flow_pairs import GAP, TOO_ACUTE, Prices, kernel_for
from maps.flow_pieces import (
    SAMPLES,
    boxes,
    crossings,
    drawn,
    heads,
    within,
)
from maps.flow_ports import Docks

__all__ = ["Layout"]

# What a fault costs; for crossings and what is covered see `maps.flow_pairs`.
_BESIDE_NODE = 5.0
_OBSTACLE = 6.0
_OUTSIDE, _BEND, _WILD_BEND, _SKEWED, _ANGLE = 12.0, 1.2, 60.0, 2.5, 1.3
_GOOD_BEND = 0.11  # a slight curve reads as a flow; a straight line reads as a border
_IN_THE_WAY = 2.0  # cost of a pair that is worth moving together


class Layout:
    """All flows as they lie at present: control points, ports, lines, boxes, heads."""

    def __init__(self, problem: FlowProblem, base: Baseline, control: FloatArray) -> None:
        self.problem, self.base, self.control = problem, base, control.copy()
        self.docks = Docks(problem)
        self.kernel, self.prices = kernel_for(len(problem)), Prices.among(len(problem))
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
        self._reach = float(self.wide.max() + self.reach.max()) + GAP
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
        self.covers = self._alone > self.prices.node
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
        reach = self.reach.max() + self.reach[flow] + GAP
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
        barbs = heads(lines, np.full(len(lines), 2 * self.long[flow]))  # where a head is widest
        clear = problem.radius + self.reach[flow] + 0.1
        near = np.maximum(self.docks.hub + 0.5, problem.radius + self.wide[flow] / 2)
        near += self.reach[flow]
        here = within(problem.nodes, low, high, near)
        here[[problem.origin[flow], problem.destination[flow]]] = False
        cost = np.zeros(len(lines))
        if here.any():
            nodes = problem.nodes[here]
            to_node = self.kernel.distance(lines, nodes)
            to_barbs = np.hypot(*(barbs[:, None] - nodes).transpose(2, 0, 1))
            hidden = to_node < clear[here]
            hidden |= to_barbs < problem.radius[here] + self.wide[flow] / 2
            cost += self.prices.node * hidden.sum(1)
            cost += _BESIDE_NODE * np.maximum(0, 1 - to_node / near[here]).sum(1)
        near = 0.75 * self.wide + self.reach[flow]
        here = within(self.heads, low, high, near)
        here[flow] = False
        if here.any():
            to_head = self.kernel.distance(lines, self.heads[here])
            cost += self.prices.head * np.maximum(0, 1 - to_head / near[here]).sum(1)
        # And the other way round: its own head under other flows.
        own = heads(lines, np.full(len(lines), self.long[flow]))
        near = 0.75 * self.wide[flow] + self.reach
        here = self.near_boxes(own.min(0) - near.max(), own.max(0) + near.max())
        here[flow] = False
        if here.any():
            to_line = self.kernel.distance(self.lines[here], own)
            cost += self.prices.head * np.maximum(0, 1 - to_line / near[here, None]).sum(0)
        return cost

    def pair_cost(
        self, flow: int, lines: FloatArray, others: IntArray, theirs: FloatArray
    ) -> FloatArray:
        """Return what lines (k, s, 2) of a flow cost (k, o) with lines (o, s, 2) of other flows.

        Counted are crossings, and the depth to which bands run into each other.
        """
        width = self.problem.width
        return self.kernel.pair_cost(
            lines,
            float(width[flow]),
            theirs,
            width[others],
            self.siblings[flow, others],
            float(width.max()),
            self.prices,
        )

    def is_faulty(self, pair: tuple[int, int]) -> bool:
        """Return whether two flows cross that must not: siblings, or at an acute angle."""
        one, other = (self.lines[flow].T[:, :, None] for flow in pair)
        crossing, sine = crossings(one[0], one[1], other[0], other[1])
        return len(crossing) > 0 and bool(self.siblings[pair] or sine.min() < TOO_ACUTE)
