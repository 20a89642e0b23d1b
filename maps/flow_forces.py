"""The first stage of a flow layout: forces spread the curves. All lengths are millimetres.

After Jenny et al. 2017, "Force-directed layout of origin-destination flow maps", IJGIS 31(8):
repulsion between flows, springs, anti-torsion, and even angles at shared nodes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from maps.flow_curves import Ends, FloatArray, FlowProblem, IntArray, drawn_lines

__all__ = ["Baseline", "spread_by_forces"]

_ROUNDS = 16
_SAMPLES = 9
_NEIGHBOURS = 24  # sample points of other flows that push
_CLOSE = 0.05  # mm; nearer than this, forces grow no further
_RANGE = 0.45  # of the baseline's length, from its middle


@dataclass(frozen=True, eq=False)
class Baseline:
    """Straight lines from node to node: middle (m, 2), length (m,), direction and normal (m, 2)."""

    middle: FloatArray
    length: FloatArray
    along: FloatArray
    across: FloatArray

    @classmethod
    def of(cls, problem: FlowProblem) -> "Baseline":
        """Return the baselines of all flows."""
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


def spread_by_forces(problem: FlowProblem, base: Baseline, rng: np.random.Generator) -> FloatArray:
    """Return control points (m, 2) at rest; a flow and its return start on opposite sides."""
    noise = rng.normal(0, 0.01, len(problem)) * base.length  # collinear flows would never part
    control = base.middle + base.across * noise[:, None]
    forth = set(zip(problem.origin.tolist(), problem.destination.tolist(), strict=True))
    has_return = np.array(
        [(d, o) in forth for o, d in zip(problem.origin, problem.destination, strict=True)]
    )
    control = control - np.where(has_return, 0.15 * base.length, 0)[:, None] * base.across
    ends = Ends.of(problem)
    pairs = _pairs_at_nodes(problem)
    for turn in range(_ROUNDS):
        weight = 1 - turn / _ROUNDS
        push = _push(problem, base, ends, control)
        swing = _swing(ends, control, pairs)
        control = base.boxed(control + weight * push + weight * (1 - weight) * swing, _RANGE)
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


def _push(problem: FlowProblem, base: Baseline, ends: Ends, control: FloatArray) -> FloatArray:
    """Repulsion between flows and from foreign nodes, against springs to a symmetric curve."""
    m = len(problem)
    lines = drawn_lines(ends, control, _SAMPLES)
    points = lines.reshape(-1, 2)
    near = min(_NEIGHBOURS + _SAMPLES, len(points))
    distance, other = cKDTree(points).query(points, k=near)
    distance, other = distance.reshape(len(points), near), other.reshape(len(points), near)
    weight = 1 / np.maximum(distance, _CLOSE) ** 4
    weight[other // _SAMPLES == (np.arange(len(points)) // _SAMPLES)[:, None]] = 0
    total = weight.sum(1)
    pulled = np.stack(
        [np.einsum("ij,ij->i", points[:, axis][other], weight) for axis in (0, 1)], axis=1
    )
    force = (points * total[:, None] - pulled) / np.where(total == 0, 1, total)[:, None]
    force = force.reshape(m, _SAMPLES, 2)
    summed = np.linalg.norm(force.sum(1), axis=1)
    one_sided = summed / np.maximum(np.linalg.norm(force, axis=2).sum(1), 1e-9)

    away = lines[:, :, None] - problem.nodes
    nearest = (away**2).sum(3).argmin(1)
    away = np.take_along_axis(away, nearest[:, None, :, None], axis=1)[:, 0]
    pull = 1 / np.maximum((away**2).sum(2), _CLOSE**2) ** 2
    flow = np.arange(m)
    pull[flow, problem.origin] = pull[flow, problem.destination] = 0
    from_nodes = (away * pull[..., None]).sum(1) / np.maximum(pull.sum(1), 1e-12)[:, None]

    # Short flows are stiff, and so are flows pushed from one side only: they lie at the edge.
    stiff = 0.5 - 0.45 * base.length / base.length.max()
    home = base.middle - control
    spring = home * (stiff * (1 + one_sided**2))[:, None]
    torsion = 0.8 * (home * base.along).sum(1)[:, None] * base.along
    return np.asarray(force.mean(1) + 0.5 * from_nodes + spring + torsion)


def _pairs_at_nodes(problem: FlowProblem) -> tuple[IntArray, IntArray]:
    """Return pairs (p,), (p,) of the 2 m ends, tails first, that meet at a node; both orders."""
    m = len(problem)
    node = np.concatenate([problem.origin, problem.destination])
    flow = np.tile(np.arange(m), 2)
    one, other = np.nonzero((node[:, None] == node[None]) & (flow[:, None] != flow[None]))
    return one, other


def _swing(ends: Ends, control: FloatArray, pairs: tuple[IntArray, IntArray]) -> FloatArray:
    """Turn flows about their shared nodes, so that they leave at even angles."""
    m = len(control)
    arms = np.concatenate([control - ends.tail, control - ends.tip])
    angle = np.arctan2(arms[:, 1], arms[:, 0])
    one, other = pairs
    gap = (angle[one] - angle[other] + np.pi) % (2 * np.pi) - np.pi
    turn = np.bincount(one, np.exp(-4 * gap**2) * np.where(gap < 0, -1, 1), minlength=2 * m)
    sideways = np.stack([-arms[:, 1], arms[:, 0]], axis=1) * turn[:, None]
    swing = sideways[:m] + sideways[m:]
    reach = np.linalg.norm(arms, axis=1)
    limit = np.minimum(reach[:m], reach[m:]) / 4
    size = np.maximum(np.linalg.norm(swing, axis=1), 1e-9)
    return np.asarray(swing * np.minimum(1, limit / size)[:, None])
