"""The curve of a flow: a quadratic Bézier from node to node, drawn only between the node circles.

Shared by the layout (which moves control points) and by the bands (which draw them), so that what
is measured is what is drawn. Arrays are (flows, samples, xy); all lengths are in one unit, y down.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "TAIL_GAP",
    "TIP_GAP",
    "Ends",
    "FloatArray",
    "FlowProblem",
    "IntArray",
    "curve_points",
    "drawn_lines",
    "head_size",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

TAIL_GAP, TIP_GAP = 0.3, 0.5  # mm left free between a flow and the circle of its node
_CLIP_SAMPLES = 33


@dataclass(frozen=True, eq=False)
class FlowProblem:
    """What is to be laid out. ``m`` flows between ``n`` nodes.

    ``nodes`` (n, 2) and ``radius`` (n,): the circle that flows must not enter. ``origin`` and
    ``destination`` (m,) index nodes; a flow onto its own node has no curve and is drawn as a loop.
    ``width`` (m,) of the bands; ``value`` (m,) in persons ranks them. ``frame`` (x0, y0, x1, y1) is
    to be kept, ``obstacles`` (k, 4) boxes to be avoided. ``millimetre`` is one millimetre in the
    problem's unit (3.78 for CSS pixels): gaps and arrowheads scale with it. ``ports`` spreads the
    ends of flows over the circles of their nodes, so that bands abut there and do not overlap: who
    asks for it draws nodes as large as `maps.flow_ports.hub_radii` says. Without it every curve
    aims at the middle of its nodes.
    """

    nodes: FloatArray
    radius: FloatArray
    origin: IntArray
    destination: IntArray
    width: FloatArray
    value: FloatArray
    frame: tuple[float, float, float, float]
    obstacles: FloatArray
    millimetre: float = 1.0
    ports: bool = False

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def runs(self) -> NDArray[np.bool_]:
        """Which flows (m,) lead from one spot to another; the rest have no curve to lay out."""
        run = self.nodes[self.destination] - self.nodes[self.origin]
        return np.asarray(np.hypot(run[:, 0], run[:, 1]) > 0.01 * self.millimetre)

    def only(self, flows: NDArray[np.bool_]) -> "FlowProblem":
        """Return the problem of some flows (m,) between the same nodes."""
        return replace(
            self,
            origin=self.origin[flows],
            destination=self.destination[flows],
            width=self.width[flows],
            value=self.value[flows],
        )


@dataclass(frozen=True, eq=False)
class Ends:
    """Both ends of flows: positions (m, 2) and the radii (m,) that the drawn curve stays out of."""

    tail: FloatArray
    tip: FloatArray
    tail_radius: FloatArray
    tip_radius: FloatArray

    @classmethod
    def of(cls, problem: FlowProblem) -> Self:
        """Return the ends of every flow of a problem, in the middle of their nodes."""
        gap = problem.millimetre
        return cls(
            tail=problem.nodes[problem.origin],
            tip=problem.nodes[problem.destination],
            tail_radius=problem.radius[problem.origin] + TAIL_GAP * gap,
            tip_radius=problem.radius[problem.destination] + TIP_GAP * gap,
        )


def curve_points(
    tail: FloatArray, control: FloatArray, tip: FloatArray, t: FloatArray
) -> FloatArray:
    """Return points (m, s, 2) of quadratic Béziers at parameters ``t``, (s,) or (m, s).

    >>> curve_points(np.array([[0., 0.]]), np.array([[1., 2.]]), np.array([[2., 0.]]), np.array([.5]))
    array([[[1., 1.]]])
    """
    weights = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=-1)
    corners = np.stack([tail, control, tip], axis=1)
    return np.asarray(weights @ corners, dtype=np.float64)


def _leaves(distance: FloatArray, radius: FloatArray, t: FloatArray) -> FloatArray:
    """Return the parameter (m,) where curves first get farther than ``radius`` from their start."""
    outside = np.argmax(distance > radius[:, None], axis=1)
    inside = np.maximum(outside - 1, 0)
    row = np.arange(len(distance))
    near, far = distance[row, inside], distance[row, outside]
    share = np.clip((radius - near) / np.where(far == near, 1.0, far - near), 0, 1)
    return np.asarray(t[inside] + share * (t[outside] - t[inside]))


def drawn_lines(ends: Ends, control: FloatArray, samples: int) -> FloatArray:
    """Return the centre lines (m, samples, 2) clipped to outside the node circles.

    Where circles leave less than a tenth of the curve between them, its middle 40 % are drawn: a
    short arrow between touching symbols beats none.
    """
    t = np.linspace(0, 1, _CLIP_SAMPLES)
    whole = curve_points(ends.tail, control, ends.tip, t)
    from_tail = np.linalg.norm(whole - ends.tail[:, None], axis=2)
    from_tip = np.linalg.norm(whole - ends.tip[:, None], axis=2)
    start = _leaves(from_tail, ends.tail_radius, t)
    stop = 1 - _leaves(from_tip[:, ::-1], ends.tip_radius, t)
    squeezed = (stop - start < 0.1) | (from_tail.max(1) <= ends.tail_radius)
    squeezed |= from_tip.max(1) <= ends.tip_radius
    start, stop = np.where(squeezed, 0.3, start), np.where(squeezed, 0.7, stop)
    return curve_points(
        ends.tail,
        control,
        ends.tip,
        start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, samples),
    )


def head_size(
    width: FloatArray, length: FloatArray, millimetre: float = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Return (length, width) of arrowheads: thin flows get relatively larger heads.

    A head takes at most 35 % of its flow.
    """
    long = np.minimum(1.6 * millimetre + 1.5 * width, 0.35 * length)
    wide = np.maximum(1.7 * width, width + 1.2 * millimetre)
    return np.asarray(long), np.asarray(wide)
