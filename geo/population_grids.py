"""A population grid as the table of inhabitants that a situation reads: whole persons, nobody lost.

A unit that the grid does not reach, or of which it lacks a good part, is "not reported": half a unit's
people as all of them would double every rate there.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from boundaries.units import BoundarySet
from geo.zonal import ZonalSums

__all__ = ["PopulationTable", "population_table", "whole_persons"]

_ENOUGH = 0.98
"""The share of a unit that the grid must cover: drawings of one coast differ by a little."""


@dataclass(frozen=True)
class PopulationTable:
    """The table, and by P-code the units the grid does not cover enough, with the share it covers."""

    frame: pd.DataFrame
    lacking: tuple[tuple[str, float], ...]
    total: int


def population_table(
    sums: ZonalSums, boundaries: BoundarySet, level: int, *, on: date
) -> PopulationTable:
    """Return inhabitants per unit in the columns of the plain profile, by P-code.

    Parameters
    ----------
    sums : ZonalSums
        Of the units of ``level``, in the order of ``boundaries.at(level)``.
    on : date
        What day the grid is of.
    """
    codes = list(boundaries.codes(level))
    known = sums.covered >= _ENOUGH
    persons = whole_persons(sums.sums[known])
    value: NDArray[Any] = np.full(len(codes), "", dtype=object)
    value[known] = persons
    frame = pd.DataFrame(
        {
            "place": [boundaries.name(code) for code in codes],
            "pcode": codes,
            "date": f"{on}",
            "kind": "estimate",
            "qualifier": "estimate",
            "value": value,
        }
    )
    lacking = tuple(
        (code, float(share)) for code, share in zip(codes, sums.covered, strict=True)
        if share < _ENOUGH
    )  # fmt: skip
    return PopulationTable(frame, lacking, int(persons.sum()))


def whole_persons(sums: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole numbers that sum to the rounded total: the largest remainders are rounded up.

    >>> whole_persons(np.array([1.4, 1.4, 1.2])).tolist()
    [2, 1, 1]
    """
    whole = np.floor(sums).astype(np.int64)
    left = round(float(sums.sum())) - int(whole.sum())
    first = np.argsort(whole - sums, kind="stable")[: max(left, 0)]
    whole[first] += 1
    return whole
