"""How flows bend. A control point moves only when the measured cost falls: same input, same curves.

Two stages: forces spread the curves (`maps.flow_forces`), then one flow at a time takes the
cheapest of many control points (`maps.flow_search`).
"""

from dataclasses import replace

import numpy as np

from maps.errors import TooManyFlows
from maps.flow_choice import MOST_BANDS
from maps.flow_curves import FloatArray, FlowProblem
from maps.flow_forces import Baseline, spread_by_forces
from maps.flow_search import Search

__all__ = ["MOST_FLOWS", "FlowProblem", "lay_out_flows"]

MOST_FLOWS = 500

_SWEEPS, _SWEEPS_OF_FEW = 7, 5
_STARTS, _FEW = 4, 30  # few flows are begun anew, so many times, while a fault is left


def lay_out_flows(problem: FlowProblem, *, seed: int = 0) -> FloatArray:
    """Return control points (m, 2) of the flows' quadratic Béziers, in the problem's unit.

    Deterministic for a seed. Twenty flows take a quarter of a second, eighty about one and
    three hundred about eight with Numba (extra ``speed``), two to three times as long without. A flow that leads nowhere has its node as control point.

    Raises
    ------
    TooManyFlows
        More than `MOST_FLOWS`: lines so many are texture, not flows.

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
    _refuse_too_many(problem)
    runs = problem.runs
    control = (problem.nodes[problem.origin] + problem.nodes[problem.destination]) / 2
    if runs.any():
        control[runs] = _laid_out(problem.only(runs), seed)
    return np.asarray(control)


def _refuse_too_many(problem: FlowProblem) -> None:
    if len(problem) <= MOST_FLOWS:
        return
    largest = np.sort(problem.value)[::-1][:MOST_BANDS]
    share = float(largest.sum() / max(float(problem.value.sum()), 1e-9))
    raise TooManyFlows(
        len(problem), most=MOST_FLOWS, suggested=MOST_BANDS, share=share, minimum=float(largest[-1])
    )


def _laid_out(problem: FlowProblem, seed: int) -> FloatArray:
    page = _in_millimetres(problem)
    rng = np.random.default_rng(seed)
    base = Baseline.of(page)
    best, lowest = base.middle, np.inf
    few = len(page) <= _FEW
    for _ in range(_STARTS if few else 1):
        search = Search(page, base, spread_by_forces(page, base, rng))
        control = search.run(rng, sweeps=_SWEEPS_OF_FEW if few else _SWEEPS)
        if search.total < lowest:
            best, lowest = control, search.total
        if not search.faulty:
            break
    return best * problem.millimetre


def _in_millimetres(problem: FlowProblem) -> FlowProblem:
    unit = problem.millimetre
    x0, y0, x1, y1 = problem.frame
    return replace(
        problem,
        nodes=problem.nodes / unit,
        radius=problem.radius / unit,
        width=problem.width / unit,
        frame=(x0 / unit, y0 / unit, x1 / unit, y1 / unit),
        obstacles=problem.obstacles / unit,
        millimetre=1.0,
    )
