"""Where flows dock: ends that share a node stand side by side on its circle, in the order they leave.

A node whose bands are wider than its circle gets a larger one, its hub. Ports follow from the
control points alone, so that a layout is still one point per flow.
"""

import numpy as np

from maps.flow_curves import TAIL_GAP, TIP_GAP, Ends, FloatArray, FlowProblem, IntArray, head_size

__all__ = ["Docks", "hub_radii", "ported_ends", "spread"]

_APART = 0.3  # mm between the bands of neighbours on the circle
_GROWTH = 3.5  # mm by which a hub may outgrow its node
_STEP = 1.12
_TURN = 0.5  # radians that a port may lie off the way its flow leaves before the hub grows
_MOST_TURN = 0.7
_SIDEWAYS = 0.06  # of a flow's length that its port may lie beside the straight way
_BARBS = 0.3  # of an arrowhead's barbs that neighbours leave room for
_FULL = 0.94  # share of the circle that ports may take


def spread(angle: FloatArray, half: FloatArray) -> FloatArray:
    """Return angles (k,) as near to the given ones as neighbours' half widths (k,) allow.

    Least squares with the order kept (pool adjacent violators), the circle cut at its widest gap.

    >>> spread(np.array([0.0, 0.1, 3.0]), np.array([0.2, 0.2, 0.2])).round(2).tolist()
    [-0.15, 0.25, 3.0]
    """
    if len(angle) < 2:
        return angle.copy()
    half = half * min(1.0, _FULL * np.pi / float(half.sum()))
    order = np.argsort(angle, kind="stable")
    around = angle[order]
    slack = np.diff(around, append=around[0] + 2 * np.pi) - half[order] - np.roll(half[order], -1)
    order = np.roll(order, -int(slack.argmax()) - 1)
    around = np.unwrap(angle[order])
    room = half[order]
    offset = np.concatenate([[0.0], np.cumsum(room[:-1] + room[1:])])
    out = np.empty(len(angle))
    out[order] = _ascending(around - offset) + offset
    return out


def _ascending(values: FloatArray) -> FloatArray:
    """Return the nearest sequence, by least squares, that never falls."""
    pools: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, size = value, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean = (mean * size + before * count) / (size + count)
            size += count
        pools.append((mean, size))
    return np.repeat([mean for mean, _ in pools], [size for _, size in pools])


class Docks:
    """The ends of a problem's flows, node by node: circles, half widths, and the ports they get.

    ``hub`` (n,) are the circles' radii; ``tail_radius`` and ``tip_radius`` (m,) are what the ends
    of each flow keep from the middle of their nodes.
    """

    def __init__(self, problem: FlowProblem) -> None:
        self.problem = problem
        origin, destination = problem.origin, problem.destination
        self.tail_at, self.tip_at = problem.nodes[origin], problem.nodes[destination]
        run = self.tip_at - self.tail_at
        self.length = np.hypot(run[:, 0], run[:, 1])
        _, wide = head_size(problem.width, self.length, problem.millimetre)
        # 2 m ends: all tails, then all tips
        barbed = problem.width + _BARBS * (wide - problem.width)
        self._half = np.concatenate([problem.width, barbed]) / 2 + _APART / 2 * problem.millimetre
        node = np.concatenate([origin, destination])
        lone = np.bincount(node, minlength=len(problem.nodes)) < 2
        self._groups = [
            (int(at), np.flatnonzero(node == at))
            for at in np.unique(node)
            if problem.ports and not lone[at]
        ]
        self.hub = self._hubs()
        gap = problem.millimetre
        tail, tip = self.hub[origin] + TAIL_GAP * gap, self.hub[destination] + TIP_GAP * gap
        touching = tail + tip > 0.9 * self.length
        self.tail_radius = np.where(touching, 0.3 * self.length, tail)
        self.tip_radius = np.where(touching, 0.3 * self.length, tip)

    def _hubs(self) -> FloatArray:
        problem, hub = self.problem, self.problem.radius.astype(float).copy()
        angle = self._angles((self.tail_at + self.tip_at) / 2)
        between = np.hypot(*(problem.nodes[:, None] - problem.nodes[None]).transpose(2, 0, 1))
        np.fill_diagonal(between, np.inf)
        reach = np.maximum(0.45 * between.min(1), hub) if len(hub) > 1 else hub
        for node, ends in self._groups:
            most = min(float(reach[node]), float(hub[node]) + _GROWTH * problem.millimetre)
            while hub[node] < most:
                half = self._half_angle(ends, float(hub[node]))
                turned = spread(angle[ends], half) - angle[ends]
                fits = half.sum() <= _FULL * np.pi
                if fits and np.abs(np.angle(np.exp(1j * turned))).max() <= _TURN:
                    break
                hub[node] = min(_STEP * hub[node] + 0.1 * problem.millimetre, most)
        return hub

    def _half_angle(self, ends: IntArray, hub: float) -> FloatArray:
        share = self._half[ends] / (hub + TAIL_GAP * self.problem.millimetre)
        return np.asarray(np.arcsin(np.minimum(share, 1.0)))

    def _angles(self, control: FloatArray) -> FloatArray:
        """Return the way (2 m,) in which flows leave their nodes towards control points (m, 2)."""
        way = np.concatenate([control - self.tail_at, control - self.tip_at])
        return np.asarray(np.arctan2(way[:, 1], way[:, 0]))

    def turns(self, control: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return by how much ports lie off the straight way, at tails (m,) and at tips (m,)."""
        angle = self._angles(control)
        turn = np.zeros(len(angle))
        for node, ends in self._groups:
            half = self._half_angle(ends, float(self.hub[node]))
            turn[ends] = spread(angle[ends], half) - angle[ends]
        turn = np.angle(np.exp(1j * turn))
        radius = np.maximum(np.concatenate([self.tail_radius, self.tip_radius]), 1e-9)
        most = np.minimum(_MOST_TURN, _SIDEWAYS * np.tile(self.length, 2) / radius)
        turn = np.clip(turn, -most, most)
        return turn[: len(control)], turn[len(control) :]

    def ports(
        self, control: FloatArray, turns: tuple[FloatArray, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Return where flows start (m, 2) and end (m, 2) for control points and turns."""
        return (
            _on_circle(self.tail_at, control, turns[0], self.tail_radius),
            _on_circle(self.tip_at, control, turns[1], self.tip_radius),
        )


def _on_circle(
    at: FloatArray, control: FloatArray, turn: FloatArray, radius: FloatArray
) -> FloatArray:
    way = control - at
    away = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
    cos, sin = np.cos(turn) * radius / away, np.sin(turn) * radius / away
    return np.stack(
        [
            at[:, 0] + way[:, 0] * cos - way[:, 1] * sin,
            at[:, 1] + way[:, 0] * sin + way[:, 1] * cos,
        ],
        axis=1,
    )


def hub_radii(problem: FlowProblem) -> FloatArray:
    """Return the radius (n,) of the circle that bands dock at, at least the node's own.

    >>> two = np.array([0, 0]), np.array([1, 2])
    >>> wide = FlowProblem(np.array([[0., 0.], [50., 5.], [50., -5.]]), np.ones(3), *two,
    ...     np.array([6.0, 6.0]), np.array([9.0, 9.0]), (0, -9, 50, 9), np.empty((0, 4)), ports=True)
    >>> bool(hub_radii(wide)[0] > 3)
    True
    """
    return Docks(problem).hub


def ported_ends(problem: FlowProblem, control: FloatArray) -> Ends:
    """Return the ends of flows at their ports, ready to be drawn without further clipping."""
    docks = Docks(problem)
    tail, tip = docks.ports(control, docks.turns(control))
    none = np.zeros(len(problem))
    return Ends(tail, tip, none, none)
