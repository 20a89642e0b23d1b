"""The second stage of a flow layout: min-conflicts on a measured cost. All lengths are millimetres.

One flow at a time, or two that are in each other's way, take the cheapest of many control points;
they move only if the cost falls.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.flow_curves import FloatArray, FlowProblem
from maps.flow_forces import Baseline
from maps.flow_measure import Layout
from maps.flow_pieces import boxes, drawn, heads, port

__all__ = ["Search"]


def _grid(bulges: int, skews: int, skew: float) -> FloatArray:
    """Return offsets (k, 2) from the middle: across the baseline and along it, in its length."""
    across, along = np.meshgrid(np.linspace(-0.5, 0.5, bulges), np.linspace(-skew, skew, skews))
    return np.stack([across.ravel(), along.ravel()], axis=1)


_GRID = _grid(21, 3, 0.18)
_WIDE_GRID = _grid(31, 9, 0.4)  # for a flow that covers a node: gaps may be narrow
_JITTERS = 16  # trial points about the present one, in later sweeps
_HOPELESS = 24.0  # a trial point that costs so much more than the best, other flows aside, is none
_IN_CONFLICT = 4.0  # a flow that costs more is tried again in the next sweep
_TRIES, _MORE_TRIES = 12, 2000  # at the end, to mend one pair each; more, shared by few flows
_PATIENCE = 4
_PARTNERS, _ALL = 8, 64  # trials of each of two flows that are weighed against each other
_GAIN = 1e-3  # a smaller gain is none


@dataclass(frozen=True, eq=False, slots=True)
class _Trials:
    """Control points (k, 2) tried for a flow, their lines (k, s, 2) and cost (k,)."""

    control: FloatArray
    lines: FloatArray
    cost: FloatArray


class Search(Layout):
    """The present layout, and what each other control point of a flow would cost in it.

    After `run`, ``total`` is what the layout costs; ``faulty`` tells whether siblings cross, or any
    flows at an acute angle.
    """

    def __init__(self, problem: FlowProblem, base: Baseline, control: FloatArray) -> None:
        super().__init__(problem, base, control)
        self.total, self.faulty = np.inf, True

    def run(self, rng: np.random.Generator, *, sweeps: int) -> FloatArray:
        """Sweep over flows in conflict, biggest first; return the best control points met."""
        m = len(self.problem)
        dirty = np.ones(m, dtype=bool)
        best, lowest = self.control.copy(), np.inf
        for sweep in range(sweeps):
            by_size = np.argsort(-self.problem.value, kind="stable")
            order = by_size if sweep == 0 else rng.permutation(m)
            moved = self._move_alone([int(f) for f in order], dirty, sweep, rng)
            self.redraw()
            total, conflicts = self.faults()
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
        self.redraw()
        total, pairs = self.faults()
        failures: Counter[tuple[int, int]] = Counter()
        for turn in range(_TRIES + _MORE_TRIES // len(self.problem)):
            tried = sorted((p for p in pairs if failures[p] < _PATIENCE), key=lambda p: failures[p])
            pair = next((p for p in tried if self.is_faulty(p)), None)
            if pair is None:
                break
            before = self.control.copy()
            nobody = np.zeros(len(before), dtype=bool)
            self._move_together([pair], nobody, turn % 4, rng, partners=_ALL)
            self.redraw()
            now, found = self.faults()
            if now < total - _GAIN:
                total, pairs = now, found
                failures.clear()
            else:
                failures[pair] += 1
                self.control = before
                self.redraw()
        self.total, self.faulty = total, any(self.is_faulty(pair) for pair in pairs)

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
        self.changed(flow, line)
        self.control[flow], self.lines[flow] = control, line
        self.low[flow], self.high[flow] = boxes(line)
        self.heads[flow] = heads(line[None], self.long[flow : flow + 1])[0]

    def _beside(self, flow: int, line: FloatArray) -> NDArray[np.bool_]:
        """Return which flows lie near the old or the new curve of a flow (m,)."""
        both = np.concatenate([self.lines[flow], line])
        return self.near_boxes(both.min(0) - 3, both.max(0) + 3)

    def _tried(self, flow: int, trial: FloatArray) -> _Trials:
        """Draw trial control points (k, 2) and return the most hopeful, with what they cost."""
        docks = self.docks
        tail = port(docks.tail_at[flow], trial, self.turns[0][flow], docks.tail_radius[flow])
        tip = port(docks.tip_at[flow], trial, self.turns[1][flow], docks.tip_radius[flow])
        lines = drawn(tail, trial, tip)
        cost = self.own_cost(flow, trial, lines)
        # Faults of its own leave a place little chance among others: it is not looked at further.
        hopeful = np.round(cost, 9) < cost.min() + _HOPELESS
        hopeful[0] = True
        trial, lines, cost = trial[hopeful], lines[hopeful], cost[hopeful]
        others = self.around(flow, lines)
        if len(others):
            cost += self.pair_cost(flow, lines, others, self.lines[others]).sum(1)
        return _Trials(trial, lines, np.round(cost, 9))  # a tie stays a tie on every machine
