"""The values of a map as bytes, for levels of many units: exact, and as few as hold them exactly.

Little-endian; n is the number of units. A header, then columns one after the other:

=====  ============  ===============================================================================
bytes  what          meaning
=====  ============  ===============================================================================
4      ``SMV2``      version of this layout
4      uint32        n
1      letter        how **places** are written
1      letter        how **values** are written; ``-``: value = count / base * per, in float64
1      letter        how **counts** are written; ``-``: a count is the value
1      letter        how **bases** are written; ``*``: they are not sent, as was asked
4      uint32        per
8      bytes         name of the bases: the same name, the same bases; zeros without bases
2      uint16        bytes of the next
…      text          the states there are, "figure" first, with commas between them
n      uint8         state and class: 16 * the state's place in that list + class + 1; a class of -1,
                     which a unit without a figure has, makes 0
…      places        how far each unit's place among the level's P-codes is from the one before, the
                     first from 0; without the column the places are 0…n-1. A place is the id of the
                     unit's feature in tiles
…      values        what is mapped
…      counts        the persons behind a rate
…      bases         what a rate relates them to: inhabitants, as a rule
=====  ============  ===============================================================================

A letter is that of Python's `struct`: ``B`` ``H`` ``I`` are unsigned and ``b`` ``h`` ``i`` signed
whole numbers of 1, 2 and 4 bytes, ``d`` is a float64, ``-`` says that the column is left out. Whole
numbers are written wherever all figures are whole. Of a column the first (lowest) bytes of all units
come first, then all second bytes, and so on: so they pack better. A unit whose state is not "figure"
has no value or count: NaN stands there in float64, and a 0 that means nothing in whole numbers; and
so it is with a base that is not known.

Bases change seldom: a reader who has those of a name asks for the next group or day without them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geo.terms import State

if TYPE_CHECKING:
    from maps.scene import Scene

__all__ = ["value_bytes", "written"]

Floats = NDArray[np.float64]

_FIGURE = State.FIGURE.value
_STATES, _CLASSES = 16, 15  # that one byte has room for
_UNSIGNED, _SIGNED = "BHI", "bhi"
_LEFT_OUT, _NOT_SENT = "-", "*"


def value_bytes(
    scene: "Scene",
    pcodes: Sequence[str],
    places: Sequence[int] | None = None,
    *,
    per: int = 1000,
    inhabitants: Mapping[str, float] | None = None,
    bases: bool = True,
) -> bytes:
    """Return what a scene shows of some units, in their order.

    A choropleth's value and count; without one, what a unit's circles add up to. ``places`` are
    given where ``pcodes`` are not a whole level, ascending. ``per`` and ``inhabitants`` are those of
    the map's rates; rates that do not follow from them are written out. Without ``bases`` their name
    stands for them.
    """
    n = len(pcodes)
    value, count = np.full((2, n), np.nan)
    klass = np.full(n, -1)
    state = [State.OUT_OF_SCOPE.value] * n
    at = {pcode: i for i, pcode in enumerate(pcodes)}
    for fill in scene.fills:
        i = at.get(fill.pcode)
        if i is not None:
            value[i] = np.nan if fill.value is None else fill.value
            count[i] = np.nan if fill.count is None else fill.count
            klass[i], state[i] = fill.klass, fill.state
    if not scene.fills:
        for symbol in scene.symbols:
            i = at.get(symbol.place)
            if i is not None:
                value[i] = count[i] = sum(part.value for part in symbol.parts)
                state[i] = _FIGURE
    known = inhabitants or {}
    base = np.array([known.get(pcode, np.nan) for pcode in pcodes])
    return written(value, count, klass, state, base, places=places, per=per, bases=bases)


def written(
    value: Floats,
    count: Floats,
    klass: NDArray[Any],
    state: Sequence[str],
    base: Floats | None = None,
    *,
    places: Sequence[int] | None = None,
    per: int = 1000,
    bases: bool = True,
) -> bytes:
    """Write columns of (n,) in the layout of this module: NaN exactly where there is no figure.

    Raises ValueError for more states or classes than a byte has room for.
    """
    states = [_FIGURE, *sorted({*state} - {_FIGURE})]
    if len(states) > _STATES or klass.max(initial=-1) >= _CLASSES:
        raise ValueError(f"{len(states)} states, classes up to {klass.max()}: too many for a byte")
    number = {each: i for i, each in enumerate(states)}
    kind = np.array([number[each] for each in state], dtype=np.uint8)
    there = kind == 0
    columns: list[NDArray[Any] | None] = [None, value, count, None]
    known = [np.ones(len(value), dtype=bool), there, there, there]
    if places is not None:
        columns[0] = np.diff(np.asarray(places, dtype=np.float64), prepend=0)
    if np.array_equal(value, count, equal_nan=True):
        columns[2] = None
    elif base is not None and _follows(value[there], count[there], base[there], per):
        columns[1], columns[3], known[3] = None, base, ~np.isnan(base)
    packed = [_column(column, has) for column, has in zip(columns, known, strict=True)]
    letter, content = packed[3]
    named = b"" if letter == _LEFT_OUT else letter.encode() + content
    if named and not bases:
        packed[3] = _NOT_SENT, b""
    said = ",".join(states).encode()
    return b"".join(
        (
            b"SMV2",
            np.array([len(value)], dtype="<u4").tobytes(),
            "".join(letter for letter, _ in packed).encode(),
            np.array([per], dtype="<u4").tobytes(),
            hashlib.sha256(named).digest()[:8] if named else bytes(8),
            np.array([len(said)], dtype="<u2").tobytes(),
            said,
            (kind * 16 + klass + 1).astype(np.uint8).tobytes(),
            *(content for _, content in packed),
        )
    )


def _column(numbers: NDArray[Any] | None, known: NDArray[np.bool_]) -> tuple[str, bytes]:
    """Return the letter of a column and its bytes: whole numbers in as few as hold the largest."""
    if numbers is None:
        return _LEFT_OUT, b""
    figures = numbers[known]
    whole = (
        bool((figures == np.floor(figures)).all()) and not np.signbit(figures[figures == 0]).any()
    )
    if whole and np.isnan(numbers[~known]).all():
        least, most = figures.min(initial=0), figures.max(initial=0)
        for letter in _UNSIGNED if least >= 0 else _SIGNED:
            limits = np.iinfo(letter)
            if limits.min <= least and most <= limits.max:
                kept = np.where(known, numbers, 0).astype(np.dtype(letter).newbyteorder("<"))
                return letter, _by_place(kept)
    return "d", _by_place(numbers.astype("<f8"))


def _by_place(column: NDArray[Any]) -> bytes:
    """Return the lowest bytes of all numbers, then the next ones of all."""
    return column.view(np.uint8).reshape(-1, column.itemsize).T.tobytes()


def _follows(value: Floats, count: Floats, base: Floats, per: int) -> bool:
    """Whether each value is count / base * per to the last bit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array_equal(count / base * per, value)
