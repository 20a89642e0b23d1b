"""Numbers a person would choose: the 1-2-5 series. A reference value never exceeds what it explains."""

import math

__all__ = ["ceiling", "legend_sizes", "roundest_between"]

_STEPS = (5, 2, 1)  # within a power of ten, coarsest first


def _clean(number: float, exponent: int) -> float:
    """Drop the binary dust of a multiple of a power of ten: 0.30000000000000004 is 0.3."""
    return round(number, max(0, -exponent) + 1)


def roundest_between(low: float, high: float) -> float:
    """Return the roundest number r with ``low <= r < high``; both must be >= 0.

    A number of the 1-2-5 series wins, of several the one nearest the middle as ratios go; else a
    multiple of the coarsest 1-2-5 step that has one in the gap, nearest the middle.

    >>> roundest_between(4.2, 9.8), roundest_between(6.5, 20.1), roundest_between(20.1, 24.4)
    (5.0, 10.0, 22.0)
    """
    if not 0 <= low < high:
        raise ValueError(f"expected 0 <= low < high, got {low} and {high}")
    top = math.floor(math.log10(high))
    lowest = math.floor(math.log10(low)) if low > 0 else top - 1
    series = [
        number
        for exponent in range(lowest, top + 1)
        for digit in _STEPS
        if low <= (number := _clean(digit * 10.0**exponent, exponent)) < high
    ]
    if series:
        middle = math.sqrt(max(low, series[0] / 10) * high)
        return min(series, key=lambda number: (abs(math.log(number / middle)), number))
    for exponent in range(math.floor(math.log10(high)) + 1, -16, -1):
        for digit in _STEPS:
            step = digit * 10.0**exponent
            first, last = math.ceil(low / step - 1e-9), math.ceil(high / step - 1e-9) - 1
            inside = [
                number
                for number in (_clean(i * step, exponent) for i in range(first, last + 1))
                if low <= number < high and number > 0
            ]
            if inside:
                return min(inside, key=lambda number: (abs(number - (low + high) / 2), number))
    return low  # a gap narrower than any decimal worth printing


def ceiling(value: float) -> float:
    """Return the smallest half step of its power of ten that is not below ``value`` (> 0).

    >>> ceiling(24.4), ceiling(13_592), ceiling(91), ceiling(100)
    (25.0, 15000.0, 95.0, 100.0)
    """
    exponent = math.floor(math.log10(value))
    step = 0.5 * 10.0**exponent
    return _clean(math.ceil(value / step - 1e-9) * step, exponent - 1)


def legend_sizes(maximum: float, count: int = 3) -> tuple[float, ...]:
    """Return up to ``count`` round values for a size legend, largest first, none above ``maximum``.

    The largest is the greatest 1-2-5 number that still occurs; each next is about a fifth of the
    one before, so that nested circles stay apart. Persons: nothing below 1.

    >>> legend_sizes(15_232)
    (10000.0, 2000.0, 500.0)
    >>> legend_sizes(113)
    (100.0, 20.0, 5.0)
    >>> legend_sizes(3)
    (2.0, 1.0)
    """
    if maximum < 1:
        return ()
    exponent = math.floor(math.log10(maximum) + 1e-12)
    series = [
        digit * 10.0**power
        for power in range(exponent, -1, -1)
        for digit in _STEPS
        if digit * 10.0**power <= maximum
    ]
    sizes = [series[0]]
    for number in series:
        if len(sizes) < count and number <= sizes[-1] / 4 + 1e-9:
            sizes.append(number)
    if len(sizes) == 1 and len(series) > 1:
        sizes.append(series[-1])
    return tuple(sizes)
