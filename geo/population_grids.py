"""A population grid as the table of inhabitants that a situation reads: whole persons, nobody lost.

A unit that the grid does not reach, or of which it lacks a good part, is "not reported": half a unit's
people as all of them would double every rate there.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from boundaries.units import BoundarySet
from geo.crosswalk_weights import UnreadableGrid
from geo.tables import FIGURE_COLUMNS, FigureTable, typed_frame
from geo.terms import Kind, Measure, PopulationGroup, State, Unit
from geo.zonal import NeedsRasterPackages, ZonalSums

__all__ = [
    "GridFacts",
    "PopulationTable",
    "grid_facts",
    "inhabitants_of_grid",
    "population_table",
    "whole_persons",
]

_ENOUGH = 0.98
"""The share of a unit that the grid must cover: drawings of one coast differ by a little."""


@dataclass(frozen=True, slots=True)
class GridFacts:
    """What a raster says of itself. ``cell`` is a cell's width and height in ``unit``.

    ``nodata`` is the number that stands for "no value", None where the file names none.
    """

    columns: int
    rows: int
    cell: tuple[float, float]
    unit: str
    nodata: float | None

    @property
    def sentence(self) -> str:
        """The facts in words.

        >>> GridFacts(360, 180, (1.0, 1.0), "degrees", -1.0).sentence
        'Grid of 360 × 180 cells of 1 × 1 degrees; -1 stands for no value.'
        """
        across, down = self.cell
        silent = (
            "no number stands for no value"
            if self.nodata is None
            else f"{self.nodata:g} stands for no value"
        )
        size = f"{across:.6g} × {down:.6g} {self.unit}"
        return f"Grid of {self.columns:,} × {self.rows:,} cells of {size}; {silent}."


def grid_facts(raster: Path) -> GridFacts:
    """Read a raster's size, cells and no-value number; raises `UnreadableGrid`, `NeedsRasterPackages`."""
    try:
        import rasterio
        from rasterio.errors import RasterioError
    except ImportError:
        raise NeedsRasterPackages("rasterio") from None
    try:
        with rasterio.open(raster) as dataset:
            if dataset.crs is None:
                raise UnreadableGrid(raster, found="has no coordinate system")
            unit = "degrees" if dataset.crs.is_geographic else str(dataset.crs.linear_units)
            across, down = abs(dataset.transform.a), abs(dataset.transform.e)
            silent = None if dataset.nodata is None else float(dataset.nodata)
            return GridFacts(dataset.width, dataset.height, (across, down), unit, silent)
    except RasterioError as fault:
        raise UnreadableGrid(raster, found=f"cannot be read ({str(fault)[:120]})") from fault


def inhabitants_of_grid(
    sums: ZonalSums,
    boundaries: BoundarySet,
    level: int,
    *,
    on: date,
    source: str,
    name: str,
) -> FigureTable:
    """Return inhabitants per unit as figures: estimates of group POP, a row per unit.

    Parameters
    ----------
    sums : ZonalSums
        Of the units of ``level``, in the order of ``boundaries.at(level)``.
    on : date
        What day the grid is of.
    source, name : str
        The source's id, and what messages and provenance call the grid.
    """
    table = population_table(sums, boundaries, level, on=on)
    lacking = dict(table.lacking)
    fixed = {
        "file": name,
        "parent": "",
        "level": str(level),
        "origin": "",
        "group": PopulationGroup.POP.value,
        "measure": Measure.STOCK.value,
        "kind": Kind.ESTIMATE.value,
        "unit": Unit.PERSONS.value,
        "start": None,
        "date": on,
        "qualifier": "estimate",
        "source": source,
    }
    rows = []
    cells = zip(table.frame["place"], table.frame["pcode"], table.frame["value"], strict=True)
    for number, (place, pcode, persons) in enumerate(cells, start=2):
        known = pcode not in lacking
        rows.append(
            fixed
            | {
                "row": number,
                "place": place,
                "pcode": pcode,
                "value": float(persons) if known else np.nan,
                "state": (State.FIGURE if known else State.NOT_REPORTED).value,
                "note": "" if known else f"the grid covers {lacking[pcode]:.0%} of the unit",
            }
        )
    return FigureTable(typed_frame(rows, FIGURE_COLUMNS), disjoint=True)


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
