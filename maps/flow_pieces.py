"""Lines in pieces: what is near what, what crosses what, without looking at every pair of steps.

A drawn flow is a line of `SAMPLES` points in three pieces of four steps. Pieces whose boxes are far
apart need no further look, which leaves a few per cent of all pairs. Lines are (k, s, 2), in mm.
"""

import numpy as np
from numpy.typing import NDArray

from maps.flow_curves import FloatArray, IntArray

__all__ = [
    "PIECES",
    "SAMPLES",
    "STEPS",
    "boxes",
    "crossings",
    "distance",
    "drawn",
    "heads",
    "overlap",
    "pieces",
    "port",
    "within",
]

PIECES, STEPS = 3, 4  # a line is three pieces of four steps
SAMPLES = PIECES * STEPS + 1
_PIECE = np.arange(PIECES)[:, None] * STEPS + np.arange(STEPS + 1)  # samples of each piece
_T = np.linspace(0, 1, SAMPLES)
_CURVE = np.stack([(1 - _T) ** 2, 2 * _T * (1 - _T), _T**2], axis=1)  # (samples, corners)


def pieces(lines: FloatArray, line: IntArray, piece: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return x and y (points, p) of chosen pieces of lines (k, s, 2)."""
    sample = line * SAMPLES + piece * STEPS + np.arange(STEPS + 1)[:, None]
    x, y = np.ascontiguousarray(lines.reshape(-1, 2).T)
    return np.asarray(x[sample]), np.asarray(y[sample])


def crossings(
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


def port(at: FloatArray, trial: FloatArray, turn: float, radius: float) -> FloatArray:
    """Return where one flow docks (k, 2) for trial control points (k, 2)."""
    way = trial - at
    way *= (radius / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9))[:, None]
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(at + way @ np.array([[cos, sin], [-sin, cos]]))


def drawn(tail: FloatArray, control: FloatArray, tip: FloatArray) -> FloatArray:
    """Return the curves (k, s, 2) from where flows dock (k, 2) to where they end (k, 2)."""
    return np.asarray(_CURVE @ np.stack([tail, control, tip], axis=1))


def boxes(lines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper corners (…, pieces, 2) of the pieces of lines (…, samples, 2)."""
    pieces = lines[..., _PIECE, :]
    return pieces.min(-2), pieces.max(-2)


def overlap(
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


def heads(lines: FloatArray, long: FloatArray) -> FloatArray:
    """Return the middles of arrowheads (m, 2)."""
    step = lines[:, -1] - lines[:, -2]
    step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    return np.asarray(lines[:, -1] - step * (long / 2)[:, None])


def within(
    points: FloatArray, low: FloatArray, high: FloatArray, margin: FloatArray
) -> NDArray[np.bool_]:
    """Return which points (p, 2) lie within their margins (p,) of a box."""
    x, y = points[:, 0], points[:, 1]
    inside = (x > low[0] - margin) & (x < high[0] + margin)
    return np.asarray(inside & (y > low[1] - margin) & (y < high[1] + margin))


def distance(lines: FloatArray, points: FloatArray) -> FloatArray:
    """Return distances (k, p) from polylines (k, s, 2) to points (p, 2)."""
    start, run = lines[:, :-1], np.diff(lines, axis=1)
    to_x = points[:, 0] - start[..., 0, None]
    to_y = points[:, 1] - start[..., 1, None]
    run_x, run_y = run[..., 0, None], run[..., 1, None]
    along = (to_x * run_x + to_y * run_y) / np.maximum(run_x * run_x + run_y * run_y, 1e-12)
    along = np.clip(along, 0, 1)
    to_x, to_y = to_x - along * run_x, to_y - along * run_y
    return np.asarray(np.sqrt((to_x * to_x + to_y * to_y).min(1)))
