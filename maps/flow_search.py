"""The second stage of a flow layout: min-conflicts on a measured cost. All lengths are millimetres.

One flow at a time takes the cheapest of many control points; it moves only if the cost falls. The
cost counts what a reader sees as a fault: crossings, acute crossings, covered nodes and heads,
touching bands, labels and legends overrun, wild bends. Principles and their order after Jenny et
al. 2018, "Design principles for origin-destination flow maps", CaGIS 45(1).

Lines are compared piece by piece: pieces whose boxes are far apart need no further look, which
leaves a few per cent of all pairs.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.flow_curves import FloatArray, FlowProblem, IntArray, head_size
from maps.flow_forces import Baseline
from maps.flow_ports import Docks

__all__ = ["Search"]

_PIECES, _STEPS = 3, 4  # a line is three pieces of four steps
_SAMPLES = _PIECES * _STEPS + 1
_PIECE = np.arange(_PIECES)[:, None] * _STEPS + np.arange(_STEPS + 1)  # samples of each piece
_T = np.linspace(0, 1, _SAMPLES)
_CURVE = np.stack([(1 - _T) ** 2, 2 * _T * (1 - _T), _T**2], axis=1)  # (samples, corners)


def _grid(bulges: int, skews: int, skew: float) -> FloatArray:
    """Return offsets (k, 2) from the middle: across the baseline and along it, in its length."""
    across, along = np.meshgrid(np.linspace(-0.5, 0.5, bulges), np.linspace(-skew, skew, skews))
    return np.stack([across.ravel(), along.ravel()], axis=1)


_GRID = _grid(21, 3, 0.18)
_WIDE_GRID = _grid(31, 9, 0.4)  # for a flow that covers a node: gaps may be narrow
_JITTERS = 16  # trial points about the present one, in later sweeps
_HOPELESS = 24.0  # a trial point that costs so much more than the best, other flows aside, is none
_IN_CONFLICT = 4.0  # a flow that costs more is tried again in the next sweep
_TRIES, _MORE_TRIES = 8, 700  # at the end, to mend one pair each; more, shared by few flows
_PATIENCE = 4
_PARTNERS, _ALL = 8, 64  # trials of each of two flows that are weighed against each other
_IN_THE_WAY = 2.0  # cost of a pair that is worth moving together
_GAIN = 1e-3  # a smaller gain is none

# What a fault costs; a crossing of two middling flows is the unit of four.
_CROSSING, _SIBLING_CROSSING, _ACUTE = 4.5, 16.0, 8.0
_NARROW, _BROAD = 0.8, 0.7  # a crossing of broad bands hides more
_NODE, _BESIDE_NODE = 20.0, 5.0
_TOUCHING, _HEAD, _OBSTACLE = 15.0, 5.0, 6.0
_OUTSIDE, _BEND, _WILD_BEND, _SKEWED, _ANGLE = 12.0, 1.2, 60.0, 2.5, 1.3
_GOOD_BEND = 0.11  # a slight curve reads as a flow; a straight line reads as a border
_ACUTE_SINE = 0.77  # crossings under 50 degrees begin to mislead the eye
_GAP = 0.6  # mm between bands
_AT_NODE = 0.6  # siblings may touch a little, at their node


@dataclass(frozen=True, eq=False, slots=True)
class _Trials:
    """Control points (k, 2) tried for a flow, their lines (k, s, 2) and cost (k,)."""

    control: FloatArray
    lines: FloatArray
    cost: FloatArray


class Search:
    """The present layout, and what each other control point of a flow would cost in it.

    After `run`, ``total`` is what the layout costs; ``faulty`` tells whether siblings cross, or any
    flows at an acute angle.
    """

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
        self.total, self.faulty = np.inf, True
        self._redraw()

    def _others_at(self, node: int, flow: int) -> IntArray:
        here = (self.problem.origin == node) | (self.problem.destination == node)
        here[flow] = False
        return np.flatnonzero(here)

    def _redraw(self) -> None:
        """Take ports anew from all control points; draw all lines."""
        if self.problem.ports:
            self.turns = self.docks.turns(self.control)
        else:
            self.turns = (np.zeros(len(self.problem)), np.zeros(len(self.problem)))
        tail, tip = self.docks.ports(self.control, self.turns)
        self.lines = _lines(tail, self.control, tip)
        self.low, self.high = _boxes(self.lines)
        self.heads = _heads(self.lines, self.long)

    def run(self, rng: np.random.Generator, *, sweeps: int) -> FloatArray:
        """Sweep over flows in conflict, biggest first; return the best control points met."""
        m = len(self.problem)
        dirty = np.ones(m, dtype=bool)
        best, lowest = self.control.copy(), np.inf
        for sweep in range(sweeps):
            by_size = np.argsort(-self.problem.value, kind="stable")
            order = by_size if sweep == 0 else rng.permutation(m)
            moved = self._move_alone([int(f) for f in order], dirty, sweep, rng)
            self._redraw()
            total, conflicts = self._faults()
            if total < lowest - _GAIN:
                best, lowest = self.control.copy(), total
            if sweep + 1 < sweeps:
                moved |= self._move_together(conflicts[: m // 2], dirty, sweep + 1, rng)
            if not moved:
                break
        self.control = best
        self._settle(rng)
        return self.control

    def _settle(self, rng: np.random.Generator) -> None:
        """Mend the worst pairs one by one, ports and all: what does not lower the total is undone.

        Ports move with every flow of a node, which the sweeps see only after the event.
        """
        self._redraw()
        total, pairs = self._faults()
        failures: Counter[tuple[int, int]] = Counter()
        for turn in range(_TRIES + _MORE_TRIES // len(self.problem)):
            worst = [p for p in pairs if failures[p] < _PATIENCE and self._faulty(p)]
            if not worst:
                break
            pair = min(worst, key=lambda p: failures[p])
            before = self.control.copy()
            nobody = np.zeros(len(before), dtype=bool)
            self._move_together([pair], nobody, turn % 4, rng, partners=_ALL)
            self._redraw()
            now, found = self._faults()
            if now < total - _GAIN:
                total, pairs = now, found
                failures.clear()
            else:
                failures[pair] += 1
                self.control = before
                self._redraw()
        self.total, self.faulty = total, any(self._faulty(pair) for pair in pairs)

    def _faulty(self, pair: tuple[int, int]) -> bool:
        """Return whether two flows cross that must not: siblings, or at an acute angle."""
        one, other = pair
        cost = self.pair_cost(
            one, self.lines[one][None], np.array([other]), self.lines[other][None]
        )
        siblings = self.siblings[one, other]
        return float(cost[0, 0]) > (_SIBLING_CROSSING if siblings else _CROSSING + _ACUTE)

    def _move_alone(
        self, order: list[int], dirty: NDArray[np.bool_], sweep: int, rng: np.random.Generator
    ) -> bool:
        """Let each flow that is in conflict, or near one that moved, take its cheapest place."""
        moved = False
        for flow in order:
            if not dirty[flow]:
                continue
            tried = self._tried(flow, self._trial_points(flow, sweep, rng))
            best = int(tried.cost.argmin())
            dirty[flow] = tried.cost[best] > _IN_CONFLICT
            if tried.cost[best] < tried.cost[0] - _GAIN:
                dirty |= self._beside(flow, tried.lines[best])
                self._move(flow, tried.control[best], tried.lines[best])
                moved = True
        return moved

    def _move_together(
        self,
        pairs: list[tuple[int, int]],
        dirty: NDArray[np.bool_],
        sweep: int,
        rng: np.random.Generator,
        *,
        partners: int = _PARTNERS,
    ) -> bool:
        """Move two flows at once that are in each other's way: alone, neither may find a better place."""
        moved = False
        for one, other in pairs:
            mine = self._best_without(one, other, self._trial_points(one, sweep, rng), partners)
            theirs = self._best_without(other, one, self._trial_points(other, sweep, rng), partners)
            both = mine.cost[:, None] + theirs.cost
            both += self.pair_cost(one, mine.lines, np.full(len(theirs.lines), other), theirs.lines)
            i, j = divmod(int(np.round(both, 9).argmin()), both.shape[1])
            if both[i, j] < both[0, 0] - _GAIN:
                for flow, trials, at in ((one, mine, i), (other, theirs, j)):
                    dirty |= self._beside(flow, trials.lines[at])
                    self._move(flow, trials.control[at], trials.lines[at])
                moved = True
        return moved

    def _best_without(self, flow: int, other: int, trial: FloatArray, most: int) -> _Trials:
        """Return the present place of a flow, then the cheapest trials as if another were not there."""
        tried = self._tried(flow, trial)
        theirs = self.lines[other][None]
        cost = tried.cost - self.pair_cost(flow, tried.lines, np.array([other]), theirs)[:, 0]
        cost = np.round(cost, 9)
        best = np.append(0, 1 + np.argsort(cost[1:], kind="stable")[:most])
        return _Trials(tried.control[best], tried.lines[best], cost[best])

    def _faults(self) -> tuple[float, list[tuple[int, int]]]:
        """Return what the present layout costs, and the pairs in each other's way, worst first."""
        total, pairs = 0.0, []
        for flow in range(len(self.problem)):
            alone, others, cost = self._cost_now(flow)
            self.covers[flow] = alone > _NODE
            total += alone + float(cost.sum()) / 2
            pairs += [
                (-float(c), flow, int(o))
                for c, o in zip(cost, others, strict=True)
                if o > flow and c > _IN_THE_WAY
            ]
        return total, [(flow, other) for _, flow, other in sorted(pairs)]

    def _cost_now(self, flow: int) -> tuple[float, IntArray, FloatArray]:
        lines, control = self.lines[flow : flow + 1], self.control[flow : flow + 1]
        others = self._around(flow, lines)
        alone = self._own_cost(flow, control, lines)
        return float(alone[0]), others, self.pair_cost(flow, lines, others, self.lines[others])[0]

    def _trial_points(self, flow: int, sweep: int, rng: np.random.Generator) -> FloatArray:
        """Return control points to try (k, 2): the present one first, near ones, and the grid's."""
        here, base = self.control[flow : flow + 1], self.base
        grid = _WIDE_GRID if self.covers[flow] else _GRID
        if sweep > 0:
            grid = grid[rng.permutation(len(grid))[: len(grid) // 4]]
        offset = grid[:, :1] * base.across[flow] + grid[:, 1:] * base.along[flow]
        far = base.middle[flow] + offset * base.length[flow]
        if sweep == 0:
            return np.concatenate([here, far])
        wander = 0.18 * base.length[flow] / (1 + sweep / 2)
        near = base.boxed(here + rng.normal(0, wander, (_JITTERS, 2)), 0.5, flow)
        return np.concatenate([here, near, far])

    def _move(self, flow: int, control: FloatArray, line: FloatArray) -> None:
        self.control[flow], self.lines[flow] = control, line
        self.low[flow], self.high[flow] = _boxes(line)
        self.heads[flow] = _heads(line[None], self.long[flow : flow + 1])[0]

    def _beside(self, flow: int, line: FloatArray) -> NDArray[np.bool_]:
        """Return which flows lie near the old or the new curve of a flow (m,)."""
        both = np.concatenate([self.lines[flow], line])
        return self._near(both.min(0) - 3, both.max(0) + 3)

    def _near(self, low: FloatArray, high: FloatArray) -> NDArray[np.bool_]:
        return np.asarray(((self.low.min(1) <= high) & (self.high.max(1) >= low)).all(1))

    # --- what a trial costs -----------------------------------------------------------------------

    def _tried(self, flow: int, trial: FloatArray) -> _Trials:
        """Draw trial control points (k, 2) and return the most hopeful, with what they cost."""
        docks = self.docks
        tail = _port(docks.tail_at[flow], trial, self.turns[0][flow], docks.tail_radius[flow])
        tip = _port(docks.tip_at[flow], trial, self.turns[1][flow], docks.tip_radius[flow])
        lines = _lines(tail, trial, tip)
        cost = self._own_cost(flow, trial, lines)
        # Faults of its own leave a place little chance among others: it is not looked at further.
        hopeful = np.round(cost, 9) < cost.min() + _HOPELESS
        hopeful[0] = True
        trial, lines, cost = trial[hopeful], lines[hopeful], cost[hopeful]
        others = self._around(flow, lines)
        if len(others):
            cost += self.pair_cost(flow, lines, others, self.lines[others]).sum(1)
        return _Trials(trial, lines, np.round(cost, 9))  # a tie stays a tie on every machine

    def _around(self, flow: int, lines: FloatArray) -> IntArray:
        """Return the other flows whose boxes are near lines (k, s, 2) of a flow."""
        reach = self.reach.max() + self.reach[flow] + _GAP
        near = self._near(lines.min((0, 1)) - reach, lines.max((0, 1)) + reach)
        near[flow] = False
        return np.flatnonzero(near)

    def _own_cost(self, flow: int, trial: FloatArray, lines: FloatArray) -> FloatArray:
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
        here = _within(problem.nodes, low, high, near)
        here[[problem.origin[flow], problem.destination[flow]]] = False
        cost = np.zeros(len(lines))
        if here.any():
            to_node = _distance(lines, problem.nodes[here])
            cost += _NODE * (to_node < clear[here]).sum(1)
            cost += _BESIDE_NODE * np.maximum(0, 1 - to_node / near[here]).sum(1)
        near = 0.75 * self.wide + self.reach[flow]
        here = _within(self.heads, low, high, near)
        here[flow] = False
        if here.any():
            to_head = _distance(lines, self.heads[here])
            cost += _HEAD * np.maximum(0, 1 - to_head / near[here]).sum(1)
        return cost

    def pair_cost(
        self, flow: int, lines: FloatArray, others: IntArray, theirs: FloatArray
    ) -> FloatArray:
        """Return what lines (k, s, 2) of a flow cost (k, o) with lines (o, s, 2) of other flows.

        Counted are crossings, and the depth to which bands run into each other.
        """
        k, o = len(lines), len(others)
        low, high = _boxes(lines)
        their_low, their_high = _boxes(theirs)
        room = self.reach[others] + self.reach[flow] + _GAP
        close = _overlap(low, high, their_low, their_high, room[:, None, None])
        trial, piece, other, their = np.nonzero(close)
        if len(trial) == 0:
            return np.zeros((k, o))
        ax, ay = _pieces(lines, trial, piece)
        bx, by = _pieces(theirs, other, their)
        at_node = self.siblings[flow, others]

        apart = ax[:_STEPS, None] - bx
        apart *= apart
        apart_y = ay[:_STEPS, None] - by
        apart_y *= apart_y
        apart += apart_y
        depth = np.sqrt(apart.min(axis=1))
        depth -= np.hypot(ax[1] - ax[0], ay[1] - ay[0]) / 4  # samples miss the closest points
        depth = np.clip(1 - depth / room[other], 0, 1)
        # A sample is as deep as it is in the deepest of the other line's pieces.
        key = (trial * _PIECES + piece) * o + other
        first = np.flatnonzero(np.diff(key, prepend=-1))
        deepest = np.maximum.reduceat(depth, first, axis=1).sum(0) / (_SAMPLES - 1)
        weight = _TOUCHING * np.where(at_node[other[first]], _AT_NODE, 1.0)
        cost = np.bincount(trial[first] * o + other[first], weight * deepest, minlength=k * o)

        meet = np.flatnonzero(
            (low[trial, piece] <= their_high[other, their]).all(1)
            & (high[trial, piece] >= their_low[other, their]).all(1)
        )
        crossing, sine = _crossings(ax[:, meet], ay[:, meet], bx[:, meet], by[:, meet])
        if len(crossing):
            trial, other = trial[meet][crossing], other[meet][crossing]
            width = self.problem.width
            price = np.where(at_node[other], _SIBLING_CROSSING, _CROSSING)
            price = price * (_NARROW + _BROAD * (width[others[other]] + width[flow]) / width.max())
            price += _ACUTE * np.maximum(0, 1 - sine / _ACUTE_SINE)
            cost += np.bincount(trial * o + other, price, minlength=k * o)
        return np.asarray(cost, dtype=np.float64).reshape(k, o)


def _pieces(lines: FloatArray, line: IntArray, piece: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return x and y (points, p) of chosen pieces of lines (k, s, 2)."""
    sample = line * _SAMPLES + piece * _STEPS + np.arange(_STEPS + 1)[:, None]
    x, y = np.ascontiguousarray(lines.reshape(-1, 2).T)
    return np.asarray(x[sample]), np.asarray(y[sample])


def _crossings(
    ax: FloatArray, ay: FloatArray, bx: FloatArray, by: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return which pairs of pieces (points, p) cross (c,), and the sine of each crossing (c,)."""
    dx, dy = ax[1:] - ax[:-1], ay[1:] - ay[:-1]
    ex, ey = bx[1:] - bx[:-1], by[1:] - by[:-1]
    # On which side of each step of one piece does each point of the other lie?
    side = dx[:, None] * by
    side -= dy[:, None] * bx
    past = side >= (dx * ay[:-1] - dy * ax[:-1])[:, None]
    hit = past[:, 1:] != past[:, :-1]
    side = ay[:, None] * ex
    side -= ax[:, None] * ey
    past = side >= ex * by[:-1] - ey * bx[:-1]
    hit &= past[1:] != past[:-1]
    s, r, pair = np.nonzero(hit)
    dx, dy, ex, ey = dx[s, pair], dy[s, pair], ex[r, pair], ey[r, pair]
    product = np.hypot(dx, dy) * np.hypot(ex, ey)
    return pair, np.abs(dx * ey - dy * ex) / np.maximum(product, 1e-9)


def _port(at: FloatArray, trial: FloatArray, turn: float, radius: float) -> FloatArray:
    """Return where one flow docks (k, 2) for trial control points (k, 2)."""
    way = trial - at
    way *= (radius / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9))[:, None]
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(at + way @ np.array([[cos, sin], [-sin, cos]]))


def _lines(tail: FloatArray, control: FloatArray, tip: FloatArray) -> FloatArray:
    return np.asarray(_CURVE @ np.stack([tail, control, tip], axis=1))


def _boxes(lines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper corners (…, pieces, 2) of the pieces of lines (…, samples, 2)."""
    pieces = lines[..., _PIECE, :]
    return pieces.min(-2), pieces.max(-2)


def _overlap(
    low: FloatArray,
    high: FloatArray,
    their_low: FloatArray,
    their_high: FloatArray,
    room: FloatArray,
) -> NDArray[np.bool_]:
    """Return which boxes (k, p) and (o, q) lie within ``room`` (o, 1, 1) as (k, p, o, q)."""
    their_low, their_high = their_low - room, their_high + room
    low, high = low[:, :, None, None], high[:, :, None, None]
    near = low[..., 0] <= their_high[..., 0]
    near &= high[..., 0] >= their_low[..., 0]
    near &= low[..., 1] <= their_high[..., 1]
    near &= high[..., 1] >= their_low[..., 1]
    return np.asarray(near)


def _heads(lines: FloatArray, long: FloatArray) -> FloatArray:
    """Return the middles of arrowheads (m, 2)."""
    step = lines[:, -1] - lines[:, -2]
    step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    return np.asarray(lines[:, -1] - step * (long / 2)[:, None])


def _within(
    points: FloatArray, low: FloatArray, high: FloatArray, margin: FloatArray
) -> NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    inside = (x > low[0] - margin) & (x < high[0] + margin)
    return np.asarray(inside & (y > low[1] - margin) & (y < high[1] + margin))


def _distance(lines: FloatArray, points: FloatArray) -> FloatArray:
    """Return distances (k, p) from polylines (k, s, 2) to points (p, 2)."""
    start, run = lines[:, :-1], np.diff(lines, axis=1)
    to_x = points[:, 0] - start[..., 0, None]
    to_y = points[:, 1] - start[..., 1, None]
    run_x, run_y = run[..., 0, None], run[..., 1, None]
    along = (to_x * run_x + to_y * run_y) / np.maximum(run_x * run_x + run_y * run_y, 1e-12)
    along = np.clip(along, 0, 1)
    to_x, to_y = to_x - along * run_x, to_y - along * run_y
    return np.asarray(np.sqrt((to_x * to_x + to_y * to_y).min(1)))
