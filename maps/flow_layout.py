"""How flows bend. A control point moves only when the measured cost falls: same input, same curves.

Two stages. Forces spread the curves (Jenny et al. 2017, "Force-directed layout of
origin-destination flow maps", IJGIS 31(8): repulsion between flows, springs, anti-torsion, equal
angles at shared nodes). Then min-conflicts: one flow at a time takes the cheapest of many control
points, by a cost that counts what a reader sees as a fault (crossings, acute crossings, covered
nodes and heads, touching bands, labels and legends overrun, wild bends). Principles and their order
after Jenny et al. 2018, "Design principles for origin-destination flow maps", CaGIS 45(1).
"""

from dataclasses import dataclass

import numpy as np

from maps.flow_curves import Ends, FloatArray, FlowProblem, IntArray, drawn_lines, head_size

__all__ = ["FlowProblem", "lay_out_flows"]

_SAMPLES = 13  # points per curve in both stages
_FORCE_ROUNDS = 30
_SWEEPS = 8
_BULGE = np.linspace(-0.5, 0.5, 21)  # of the baseline's length, to either side of it
_SKEW = np.linspace(-0.18, 0.18, 3)  # of the baseline's length, along it
_JITTERS = _RESTARTS = 14  # trial points of a later sweep
_IN_CONFLICT = 4.0  # a flow that costs more is tried again in the next sweep

# What a fault costs; a crossing of two middling flows is the unit of four.
_CROSSING, _SIBLING_CROSSING, _ACUTE = 4.0, 6.0, 3.0
_TOUCHING, _NODE, _HEAD, _OBSTACLE = 15.0, 14.0, 5.0, 6.0
_OUTSIDE, _BEND, _WILD_BEND, _SKEWED, _ANGLE = 12.0, 1.2, 60.0, 2.5, 1.6
_GOOD_BEND = 0.11  # a slight curve reads as a flow; a straight line reads as a border
_ACUTE_SINE = 0.77  # crossings under 50 degrees begin to mislead the eye


def lay_out_flows(problem: FlowProblem, *, seed: int = 0) -> FloatArray:
    """Return control points (m, 2) of the flows' quadratic Béziers, in the problem's unit.

    Deterministic for a seed. Meant for up to about 80 flows; 20 take about half a second.

    Examples
    --------
    >>> two = FlowProblem(
    ...     nodes=np.array([[0.0, 0.0], [40.0, 0.0]]), radius=np.array([1.0, 1.0]),
    ...     origin=np.array([0, 1]), destination=np.array([1, 0]),
    ...     width=np.array([2.0, 1.0]), value=np.array([200.0, 100.0]),
    ...     frame=(-20, -20, 60, 20), obstacles=np.empty((0, 4)))
    >>> there, back = lay_out_flows(two)[:, 1]
    >>> bool(there * back < 0)  # opposite flows bend to opposite sides
    True
    """
    if len(problem) == 0:
        return np.empty((0, 2))
    rng = np.random.default_rng(seed)
    base = _Baseline.of(problem)
    control = _spread(problem, base, rng)
    return _Search(problem, base, control).run(rng)


@dataclass(frozen=True, eq=False)
class _Baseline:
    """Straight lines from node to node: middle (m, 2), length (m,), direction and normal (m, 2)."""

    middle: FloatArray
    length: FloatArray
    along: FloatArray
    across: FloatArray

    @classmethod
    def of(cls, problem: FlowProblem) -> "_Baseline":
        tail, tip = problem.nodes[problem.origin], problem.nodes[problem.destination]
        run = tip - tail
        length = np.maximum(np.linalg.norm(run, axis=1), 1e-6)
        along = run / length[:, None]
        return cls((tail + tip) / 2, length, along, np.stack([-along[:, 1], along[:, 0]], axis=1))

    def boxed(self, control: FloatArray, share: float, flow: int | None = None) -> FloatArray:
        """Pull control points towards the middle until they lie within ``share`` of the length."""
        pick = slice(None) if flow is None else slice(flow, flow + 1)
        offset = control - self.middle[pick]
        reach = share * self.length[pick]
        far = np.maximum(
            np.abs((offset * self.along[pick]).sum(1)), np.abs((offset * self.across[pick]).sum(1))
        )
        return np.asarray(
            self.middle[pick] + offset * np.minimum(1, reach / np.maximum(far, 1e-9))[:, None]
        )

    def trial_points(self, flow: int) -> FloatArray:
        """Return the regular grid of control points (63, 2) tried for one flow."""
        bulge, skew = (grid.ravel() for grid in np.meshgrid(_BULGE, _SKEW, indexing="ij"))
        offset = bulge[:, None] * self.across[flow] + skew[:, None] * self.along[flow]
        return np.asarray(self.middle[flow] + offset * self.length[flow])


# --- first stage: forces --------------------------------------------------------------------------


def _spread(problem: FlowProblem, base: _Baseline, rng: np.random.Generator) -> FloatArray:
    noise = rng.normal(0, 0.01, len(problem)) * base.length  # collinear flows would never part
    control = base.middle + base.across * noise[:, None]
    forth = set(zip(problem.origin.tolist(), problem.destination.tolist(), strict=True))
    has_return = np.array(
        [(d, o) in forth for o, d in zip(problem.origin, problem.destination, strict=True)]
    )
    control = control - np.where(has_return, 0.15 * base.length, 0)[:, None] * base.across
    ends = Ends.of(problem)
    for turn in range(_FORCE_ROUNDS):
        weight = 1 - turn / _FORCE_ROUNDS
        push = _push(problem, base, ends, control)
        swing = _swing(problem, ends, control)
        control = base.boxed(control + weight * push + weight * (1 - weight) * swing, 0.45)
        control = _kept_near(control, base.middle, problem.frame)
    return control


def _kept_near(
    control: FloatArray, middle: FloatArray, frame: tuple[float, float, float, float]
) -> FloatArray:
    """Pull control points back to the frame plus a fifth of its size."""
    low, high = np.array(frame[:2]), np.array(frame[2:])
    slack = 0.2 * (high - low)
    offset = control - middle
    room = np.where(offset > 0, high + slack - middle, middle - low + slack)
    share = np.clip(room / np.maximum(np.abs(offset), 1e-9), 0, 1).min(axis=1)
    return np.asarray(middle + offset * share[:, None])


def _push(problem: FlowProblem, base: _Baseline, ends: Ends, control: FloatArray) -> FloatArray:
    """Repulsion between flows and from foreign nodes, against springs to a symmetric curve."""
    m, close = len(problem), 0.05 * problem.millimetre
    lines = drawn_lines(ends, control, _SAMPLES)
    points = lines.reshape(-1, 2)
    apart = points[:, None] - points[None]
    weight = 1 / np.maximum((apart**2).sum(2), close**2) ** 2
    owner = np.repeat(np.arange(m), _SAMPLES)
    weight[owner[:, None] == owner[None]] = 0
    total = weight.sum(1)
    force = (apart * weight[..., None]).sum(1) / np.where(total == 0, 1, total)[:, None]
    force = force.reshape(m, _SAMPLES, 2)
    summed = np.linalg.norm(force.sum(1), axis=1)
    one_sided = summed / np.maximum(np.linalg.norm(force, axis=2).sum(1), 1e-9)

    away = lines[:, :, None] - problem.nodes
    nearest = (away**2).sum(3).argmin(1)
    away = np.take_along_axis(away, nearest[:, None, :, None], axis=1)[:, 0]
    pull = 1 / np.maximum((away**2).sum(2), close**2) ** 2
    flow = np.arange(m)
    pull[flow, problem.origin] = pull[flow, problem.destination] = 0
    from_nodes = (away * pull[..., None]).sum(1) / np.maximum(pull.sum(1), 1e-12)[:, None]

    # Short flows are stiff, and so are flows pushed from one side only: they lie at the edge.
    stiff = 0.5 - 0.45 * base.length / base.length.max()
    home = base.middle - control
    spring = home * (stiff * (1 + one_sided**2))[:, None]
    torsion = 0.8 * (home * base.along).sum(1)[:, None] * base.along
    return np.asarray(force.mean(1) + 0.5 * from_nodes + spring + torsion)


def _swing(problem: FlowProblem, ends: Ends, control: FloatArray) -> FloatArray:
    """Turn flows about their shared nodes, so that they leave at even angles."""
    arms = np.concatenate([control - ends.tail, control - ends.tip])
    node = np.concatenate([problem.origin, problem.destination])
    flow = np.tile(np.arange(len(problem)), 2)
    angle = np.arctan2(arms[:, 1], arms[:, 0])
    gap = (angle[:, None] - angle[None] + np.pi) % (2 * np.pi) - np.pi
    related = (node[:, None] == node[None]) & (flow[:, None] != flow[None])
    turn = np.where(related, np.exp(-4 * gap**2) * np.where(gap < 0, -1, 1), 0).sum(1)
    sideways = np.stack([-arms[:, 1], arms[:, 0]], axis=1) * turn[:, None]
    swing = sideways[: len(problem)] + sideways[len(problem) :]
    reach = np.linalg.norm(arms, axis=1)
    limit = np.minimum(reach[: len(problem)], reach[len(problem) :]) / 4
    size = np.maximum(np.linalg.norm(swing, axis=1), 1e-9)
    return np.asarray(swing * np.minimum(1, limit / size)[:, None])


# --- second stage: min-conflicts on a measured cost -----------------------------------------------


class _Search:
    """The present layout, and what each other control point of a flow would cost in it."""

    def __init__(self, problem: FlowProblem, base: _Baseline, control: FloatArray) -> None:
        self.problem, self.base, self.control = problem, base, control
        self.ends = Ends.of(problem)
        self.lines = drawn_lines(self.ends, control, _SAMPLES)
        length = np.linalg.norm(np.diff(self.lines, axis=1), axis=2).sum(1)
        self.head_long, self.head_wide = head_size(problem.width, length, problem.millimetre)
        self.heads = np.stack([self._head(f, self.lines[f]) for f in range(len(problem))])
        origin, destination = problem.origin, problem.destination
        self.siblings = (
            (origin[:, None] == origin)
            | (destination[:, None] == destination)
            | (origin[:, None] == destination)
            | (destination[:, None] == origin)
        )

    def run(self, rng: np.random.Generator) -> FloatArray:
        """Sweep over flows in conflict, biggest first, until none moves."""
        m = len(self.problem)
        dirty = np.ones(m, dtype=bool)
        for sweep in range(_SWEEPS):
            by_size = np.argsort(-self.problem.value, kind="stable")
            order = by_size if sweep == 0 else rng.permutation(m)
            moved = False
            for flow in (int(f) for f in order if dirty[f]):
                trial = self._trial_points(flow, sweep, rng)
                cost, lines = self._cost(flow, trial)
                best = int(cost.argmin())
                dirty[flow] = cost[best] > _IN_CONFLICT
                if cost[best] < cost[0] - 1e-3:
                    dirty |= self._beside(flow, lines[best])
                    self._move(flow, trial[best], lines[best])
                    moved = True
            if not moved:
                break
        return self.control

    def _trial_points(self, flow: int, sweep: int, rng: np.random.Generator) -> FloatArray:
        here, grid = self.control[flow : flow + 1], self.base.trial_points(flow)
        if sweep == 0:
            return np.concatenate([here, grid])
        spread = 0.18 * self.base.length[flow] / (1 + sweep / 2)
        near = self.base.boxed(here + rng.normal(0, spread, (_JITTERS, 2)), 0.5, flow)
        return np.concatenate([here, near, grid[rng.permutation(len(grid))[:_RESTARTS]]])

    def _move(self, flow: int, control: FloatArray, line: FloatArray) -> None:
        self.control[flow], self.lines[flow] = control, line
        self.heads[flow] = self._head(flow, line)

    def _beside(self, flow: int, line: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which flows lie near the old or the new curve of a flow (m,)."""
        both = np.concatenate([self.lines[flow], line])
        margin = 3 * self.problem.millimetre
        low, high = both.min(0) - margin, both.max(0) + margin
        return np.asarray(
            ((self.lines.min(1) <= high) & (self.lines.max(1) >= low)).all(1), dtype=np.bool_
        )

    def _head(self, flow: int, line: FloatArray) -> FloatArray:
        """Return the middle of the arrowhead (2,)."""
        step = line[-1] - line[-2]
        back = step / max(float(np.hypot(*step)), 1e-9) * self.head_long[flow] / 2
        return np.asarray(line[-1] - back)

    def _cost(self, flow: int, trial: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the cost (k,) and the drawn lines (k, s, 2) of trial control points (k, 2)."""
        lines = drawn_lines(self.ends.repeated(flow, len(trial)), trial, _SAMPLES)
        cost = self._shape_cost(flow, trial) + self._angle_cost(flow, trial)
        cost += self._place_cost(flow, lines)
        cost += self._cover_cost(flow, lines)
        reach = self.problem.width.max() + self.problem.millimetre
        low, high = lines.min((0, 1)) - reach, lines.max((0, 1)) + reach
        near = ((self.lines.min(1) <= high) & (self.lines.max(1) >= low)).all(1)
        near[flow] = False
        others = np.flatnonzero(near)
        if len(others):
            cost += self._crossing_cost(flow, lines, others)
            cost += self._touch_cost(flow, lines, others)
        return cost, lines

    def _shape_cost(self, flow: int, trial: FloatArray) -> FloatArray:
        offset = (trial - self.base.middle[flow]) / self.base.length[flow]
        bend = np.abs(offset @ self.base.across[flow])
        skew = np.abs(offset @ self.base.along[flow])
        wild = np.maximum(0, bend - 0.3) ** 2
        return np.asarray(_BEND * np.abs(bend - _GOOD_BEND) + _WILD_BEND * wild + _SKEWED * skew)

    def _angle_cost(self, flow: int, trial: FloatArray) -> FloatArray:
        """Flows that leave a node close together are hard to tell apart."""
        problem, cost = self.problem, np.zeros(len(trial))
        for node in (problem.origin[flow], problem.destination[flow]):
            at = problem.nodes[node]
            meets = ((problem.origin == node) | (problem.destination == node)).copy()
            meets[flow] = False
            if not meets.any():
                continue
            arm, other = trial - at, self.control[meets] - at
            angle = np.arctan2(arm[:, 1], arm[:, 0])[:, None] - np.arctan2(other[:, 1], other[:, 0])
            gap = np.abs((angle + np.pi) % (2 * np.pi) - np.pi)
            cost += _ANGLE * np.exp(-((gap / 0.35) ** 2)).sum(1)
        return cost

    def _place_cost(self, flow: int, lines: FloatArray) -> FloatArray:
        """The frame is to be kept, obstacles to be avoided."""
        half = self.problem.width[flow] / 2
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
        to_node = _distance(lines, problem.nodes)
        to_node[:, [problem.origin[flow], problem.destination[flow]]] = np.inf
        near = problem.radius + problem.width[flow] / 2 + 0.5 * problem.millimetre
        covered = (to_node < near - 0.4 * problem.millimetre).sum(1)
        cost = _NODE * (covered + 0.4 * np.maximum(0, 1 - to_node / near).sum(1))
        to_head = _distance(lines, self.heads)
        to_head[:, flow] = np.inf
        near = 0.75 * self.head_wide + problem.width[flow] / 2
        return np.asarray(cost + _HEAD * np.maximum(0, 1 - to_head / near).sum(1))

    def _crossing_cost(self, flow: int, lines: FloatArray, others: IntArray) -> FloatArray:
        a, d = lines[:, :-1, None, None], np.diff(lines, axis=1)[:, :, None, None]
        b, e = self.lines[others][:, :-1], np.diff(self.lines[others], axis=1)
        cross = d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0]
        gap_x, gap_y = b[..., 0] - a[..., 0], b[..., 1] - a[..., 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            here = (gap_x * e[..., 1] - gap_y * e[..., 0]) / cross
            there = (gap_x * d[..., 1] - gap_y * d[..., 0]) / cross
            hit = (here >= 0) & (here < 1) & (there >= 0) & (there < 1)
        # Hits are few, so that the sine is worked out for them alone.
        k, s, o, r = np.nonzero(hit)
        if len(k) == 0:
            return np.zeros(len(lines))
        product = np.hypot(d[k, s, 0, 0, 0], d[k, s, 0, 0, 1]) * np.hypot(e[o, r, 0], e[o, r, 1])
        sine = np.abs(cross[k, s, o, r]) / np.maximum(product, 1e-9)
        width = self.problem.width
        weight = 1 + 0.25 * (width[others[o]] + width[flow]) / width.max()
        price = np.where(self.siblings[flow, others[o]], _SIBLING_CROSSING, _CROSSING) * weight
        price += _ACUTE * np.maximum(0, 1 - sine / _ACUTE_SINE)
        return np.asarray(np.bincount(k, price, minlength=len(lines)), dtype=np.float64)

    def _touch_cost(self, flow: int, lines: FloatArray, others: IntArray) -> FloatArray:
        """Mean depth to which a band runs into others; siblings may touch a little at their node."""
        apart = lines[:, :, None, None] - self.lines[others]
        nearest = np.sqrt((apart**2).sum(-1).min(3))
        step = np.linalg.norm(np.diff(lines, axis=1), axis=2).mean(1)
        nearest = np.maximum(
            nearest - step[:, None, None] / 4, 0
        )  # samples miss the closest points
        room = (self.problem.width[others] + self.problem.width[flow]) / 2
        depth = np.maximum(0, 1 - nearest / (room + 0.6 * self.problem.millimetre)).mean(1)
        return np.asarray(
            _TOUCHING * (depth * np.where(self.siblings[flow, others], 0.6, 1)).sum(1)
        )


def _distance(lines: FloatArray, points: FloatArray) -> FloatArray:
    """Return distances (k, p) from polylines (k, s, 2) to points (p, 2)."""
    start, run = lines[:, :-1, None], np.diff(lines, axis=1)[:, :, None]
    to = points - start
    along = (to * run).sum(-1) / np.maximum((run**2).sum(-1), 1e-12)
    return np.asarray(np.sqrt(((to - np.clip(along, 0, 1)[..., None] * run) ** 2).sum(-1)).min(1))
