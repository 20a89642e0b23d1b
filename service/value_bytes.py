"""The values of a map as bytes, for levels of tens of thousands of units: nine or more bytes a unit.

Little-endian, one block after the other; n is the number of units:

======  ==================  =====================================================================
bytes   what                meaning
======  ==================  =====================================================================
4       ``SMV1``            version of this layout
4       uint32              n
4       uint32              flags: 1 places follow, 2 counts follow
4 n     uint32              place of each unit among the level's P-codes, which is its feature's
                            id in tiles; only with flag 1, else the places are 0…n-1
8 n     float64             value; NaN is "not reported", exactly where the state says so
8 n     float64             persons behind a rate; only with flag 2
n       int8                class, -1 for a unit without a figure
n       uint8               state: its place in `STATES`
======  ==================  =====================================================================
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geo.terms import State

if TYPE_CHECKING:
    from maps.scene import Scene

__all__ = ["STATES", "value_bytes"]

STATES = tuple(state.value for state in State)
"""The states by number."""

_PLACES, _COUNTS = 1, 2


def value_bytes(
    scene: "Scene", pcodes: Sequence[str], places: Sequence[int] | None = None
) -> bytes:
    """Return what a scene shows of some units, in their order.

    A choropleth's value and count; without one, what a unit's circles add up to. ``places`` are
    given where ``pcodes`` are not a whole level.
    """
    n = len(pcodes)
    value, count = np.full((2, n), np.nan)
    klass = np.full(n, -1, dtype=np.int8)
    state = np.full(n, STATES.index(State.OUT_OF_SCOPE.value), dtype=np.uint8)
    at = {pcode: i for i, pcode in enumerate(pcodes)}
    for fill in scene.fills:
        i = at.get(fill.pcode)
        if i is not None:
            value[i] = np.nan if fill.value is None else fill.value
            count[i] = np.nan if fill.count is None else fill.count
            klass[i], state[i] = fill.klass, STATES.index(fill.state)
    if not scene.fills:
        for symbol in scene.symbols:
            i = at.get(symbol.place)
            if i is not None:
                value[i] = sum(part.value for part in symbol.parts)
                state[i] = STATES.index(State.FIGURE.value)
    rates = bool(scene.fills) and not np.array_equal(value, count, equal_nan=True)
    flags = _PLACES * (places is not None) + _COUNTS * rates
    return b"".join(
        (
            b"SMV1",
            np.array([n, flags], dtype="<u4").tobytes(),
            b"" if places is None else np.array(places, dtype="<u4").tobytes(),
            value.astype("<f8").tobytes(),
            count.astype("<f8").tobytes() if rates else b"",
            klass.tobytes(),
            state.tobytes(),
        )
    )
