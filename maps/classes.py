"""Class breaks for choropleths. A value equal to a break belongs to the class below it.

Breaks are found by a scheme and then moved within the gap between two neighbouring values to the
roundest number there: the classes stay exactly the scheme's, the legend gets human numbers.
"""

import difflib
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.errors import MapError
from maps.rounding import ceiling, roundest_between

__all__ = [
    "NO_DATA",
    "SCHEMES",
    "ClassBreaks",
    "TooFewValues",
    "UnknownScheme",
    "class_breaks",
    "manual_breaks",
    "most_classes",
]

NO_DATA = -1  # class of a unit with no figure; a reported zero is a value, not NO_DATA

Floats = NDArray[np.float64]


class TooFewValues(MapError):
    """There is nothing to divide into classes."""

    code = "too-few-values"

    def __init__(self, *, known: int) -> None:
        self.known = known
        super().__init__(
            f"{known} known value(s) cannot be divided into classes; expected at least one. "
            "Choose a level or a date that has figures."
        )


class UnknownScheme(MapError):
    """A classification scheme by a name nobody gave it."""

    code = "unknown-scheme"

    def __init__(self, scheme: str, *, known: Sequence[str]) -> None:
        self.scheme, self.known = scheme, tuple(known)
        near = difflib.get_close_matches(scheme, known, n=1)
        super().__init__(
            f"classification scheme {scheme!r} is not known; expected one of {', '.join(known)}. "
            + (f"Did you mean {near[0]!r}? " if near else "")
            + "Change `scheme` in situation.toml."
        )


@dataclass(frozen=True, slots=True)
class ClassBreaks:
    """Ascending upper bounds of the classes, in the unit of the mapped values.

    ``fit`` is the goodness of variance fit (0…1, 1 is perfect) of the values it was made from.
    """

    upper: tuple[float, ...]
    fit: float = 1.0

    def __len__(self) -> int:
        return len(self.upper)

    def assign(self, values: Floats) -> NDArray[np.int64]:
        """Return each value's class, `NO_DATA` for NaN; values above the last break are in the last.

        >>> ClassBreaks((2.5, 4.0)).assign(np.array([0.0, 2.5, 2.6, np.nan])).tolist()
        [0, 0, 1, -1]
        """
        klass = np.searchsorted(np.asarray(self.upper), values, side="left").astype(np.int64)
        klass = np.minimum(klass, len(self.upper) - 1)
        klass[np.isnan(values)] = NO_DATA
        return klass


def _fisher_jenks(values: Floats, k: int) -> list[int]:
    """Return where each class but the first starts, least squared deviation within classes.

    Exact dynamic programme over the ascending values (Fisher 1958, "On grouping for maximum
    homogeneity", JASA 53). Ties among equal values cannot be split: only distinct values are
    given, weighted by nothing, because a map's reader sees units, not repetitions.
    """
    n = len(values)
    total = np.concatenate([[0.0], np.cumsum(values)])
    square = np.concatenate([[0.0], np.cumsum(values**2)])

    def spread(start: NDArray[np.int64], stop: NDArray[np.int64]) -> Floats:
        size = stop - start
        part = total[stop] - total[start]
        return np.asarray(square[stop] - square[start] - part**2 / size, dtype=np.float64)

    cost = np.full((k + 1, n + 1), np.inf)
    cut = np.zeros((k + 1, n + 1), dtype=np.int64)
    cost[0, 0] = 0.0
    for classes in range(1, k + 1):
        # a class that ends later starts no earlier, so each half looks between its neighbours' cuts:
        # n log n steps, not n squared; all halves of one size are looked at together
        halves = np.array([[classes, n, classes - 1, n - 1]], dtype=np.int64)
        while len(halves):
            low, high, first, last = halves.T
            stop = (low + high) // 2
            size = np.minimum(last, stop - 1) + 1 - first
            begins = np.cumsum(size) - size
            half = np.repeat(np.arange(len(halves)), size)
            starts = np.arange(len(half)) - begins[half] + first[half]
            candidates = cost[classes - 1, starts] + spread(starts, stop[half])
            least = np.minimum.reduceat(candidates, begins)
            at_least = np.flatnonzero(candidates == least[half])
            where = np.searchsorted(at_least, begins)  # the first of equals
            here = starts[at_least[where]]
            cost[classes, stop], cut[classes, stop] = least, here
            left = np.column_stack([low, stop - 1, first, here])[low < stop]
            right = np.column_stack([stop + 1, high, here, last])[stop < high]
            halves = np.concatenate([left, right])
    starts_at: list[int] = []
    stop = n
    for classes in range(k, 1, -1):
        stop = int(cut[classes, stop])
        starts_at.append(stop)
    return starts_at[::-1]


def _quantiles(values: Floats, k: int) -> list[int]:
    """Return class starts so that each class holds as equal a number of distinct values as can be."""
    return [round(len(values) * i / k) for i in range(1, k)]


def _equal_interval(values: Floats, k: int) -> list[int]:
    """Return class starts at equal steps between the least and the greatest value."""
    edges = np.linspace(values[0], values[-1], k + 1)[1:-1]
    return [int(i) for i in np.searchsorted(values, edges, side="right")]


def _mapclassify(name: str) -> Callable[[Floats, int], list[int]]:
    def starts(values: Floats, k: int) -> list[int]:
        # Seconds to import: only for the schemes we do not have ourselves, and of those only the
        # ones that draw no random numbers.
        import mapclassify

        makers = {
            "box_plot": lambda: mapclassify.BoxPlot(values),
            "head_tail_breaks": lambda: mapclassify.HeadTailBreaks(values),
            "jenks_caspall": lambda: mapclassify.JenksCaspall(values, k=k),
            "maximum_breaks": lambda: mapclassify.MaximumBreaks(values, k=k),
            "percentiles": lambda: mapclassify.Percentiles(values),
            "std_mean": lambda: mapclassify.StdMean(values),
        }
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # it warns of few values; we ask for as many as there are
            bins = makers[name]().bins
        return [int(i) for i in np.searchsorted(values, bins[:-1], side="right")]

    return starts


def _geometric(values: Floats, k: int) -> list[int]:
    """Return class starts at equal ratios between the least value above 0 and the greatest."""
    edges = np.geomspace(values[values > 0][0], values[-1], k + 1)[1:-1]
    return [int(i) for i in np.searchsorted(values, edges, side="right")]


def _pretty(values: Floats, k: int) -> list[float]:
    """Return equal steps of the 1-2-5 series, at most ``k``, of which the last covers the greatest.

    Of all schemes only this one keeps classes that hold nothing: equal steps are what it is for.
    """
    low, high = float(values[0]), float(values[-1])
    power = math.floor(math.log10(high / k)) - 1
    for step in (
        digit * 10.0**exponent for exponent in range(power, power + 4) for digit in (1, 2, 2.5, 5)
    ):
        # A value on a bound belongs to the class below it.
        first, last = max(math.ceil(low / step - 1e-9) - 1, 0), math.ceil(high / step - 1e-9)
        if last - first <= k:
            return [round(i * step, 10) for i in range(first + 1, last + 1)]
    return [ceiling(high)]


SCHEMES: dict[str, Callable[[Floats, int], list[int]] | None] = {
    "fisher_jenks": _fisher_jenks,
    "quantiles": _quantiles,
    "equal_interval": _equal_interval,
    "geometric": _geometric,
    "pretty_breaks": None,  # bounds, not starts: see `_pretty`
    **{
        name: _mapclassify(name)
        for name in (
            *("box_plot", "head_tail_breaks", "jenks_caspall", "maximum_breaks", "percentiles"),
            "std_mean",
        )
    },
}
"""How to find breaks, by the names of mapclassify; each gives the starts of all classes but the first.

Of its schemes those that draw random numbers (natural breaks, max-p, samples) are left out.
"""


def _fit(values: Floats, klass: NDArray[np.int64]) -> float:
    spread = float(((values - values.mean()) ** 2).sum())
    if spread == 0:
        return 1.0
    within = sum(
        float(((values[klass == c] - values[klass == c].mean()) ** 2).sum())
        for c in np.unique(klass)
    )
    return 1.0 - within / spread


def class_breaks(
    values: Floats, k: int = 5, scheme: str = "fisher_jenks", *, by_ratio: bool = False
) -> ClassBreaks:
    """Divide the known values into at most ``k`` classes with human breaks.

    Parameters
    ----------
    values : array of float, shape (n,)
        What is mapped, >= 0. NaN is "not reported" and is left out; 0 is a value and counts.
    k : int
        Classes wanted; fewer come out where there are fewer distinct values.
    scheme : str
        A name in `SCHEMES`.
    by_ratio : bool
        Fisher's scheme tells classes apart by how many times one value is of another, not by their
        difference: for values over several powers of ten of which the small ones matter.

    Raises
    ------
    TooFewValues
        No known value at all.
    UnknownScheme
        ``scheme`` is not in `SCHEMES`.

    References
    ----------
    Slocum et al. (2009), "Thematic Cartography and Geovisualization", chapter 4.

    Examples
    --------
    >>> class_breaks(np.array([0.2, 0.3, 6.1, 7.0, 24.4, np.nan]), k=3).upper
    (1.0, 10.0, 25.0)
    """
    if scheme not in SCHEMES:
        raise UnknownScheme(scheme, known=sorted(SCHEMES))
    known = values[~np.isnan(values)]
    if not len(known):
        raise TooFewValues(known=0)
    distinct = np.unique(known)
    if distinct[-1] == 0:
        return ClassBreaks((0.0,))
    find = SCHEMES[scheme]
    if find is None:
        return _fitted(_pretty(distinct, k), known)
    count = min(k, len(distinct))
    ratios = by_ratio and scheme == "fisher_jenks" and distinct[0] > 0
    starts = find(np.log(distinct) if ratios else distinct, count) if count > 1 else []
    # Schemes that choose their number of classes give the commonest values first: keep those.
    inner = sorted({start for start in starts if 0 < start < len(distinct)})[: k - 1]
    upper = [roundest_between(float(distinct[i - 1]), float(distinct[i])) for i in inner]
    return _fitted((*upper, max(ceiling(float(distinct[-1])), float(distinct[-1]))), known)


def _fitted(upper: Sequence[float], known: Floats) -> ClassBreaks:
    breaks = ClassBreaks(tuple(upper))
    return ClassBreaks(breaks.upper, fit=_fit(known, breaks.assign(known)))


def most_classes(values: Floats, wanted: int) -> int:
    """Return how many classes so many values bear: nine regions in five classes are a list.

    Sturges (1926), "The choice of a class interval", JASA 21: 1 + log2 n, rounded.

    >>> most_classes(np.arange(9.0), 5), most_classes(np.arange(100.0), 5)
    (4, 5)
    """
    known = int((~np.isnan(values)).sum())
    return max(1, min(wanted, round(1 + math.log2(max(known, 1)))))


def manual_breaks(upper: Sequence[float], values: Floats) -> ClassBreaks:
    """Take breaks as given; a last class is added where the values go beyond them.

    >>> manual_breaks((1, 10), np.array([0.5, 42.0])).upper
    (1.0, 10.0, 45.0)
    """
    bounds = sorted({float(bound) for bound in upper})
    known = values[~np.isnan(values)]
    if not len(known):
        raise TooFewValues(known=0)
    if not bounds or known.max() > bounds[-1]:
        bounds.append(ceiling(float(known.max())))
    return _fitted(bounds, known)
