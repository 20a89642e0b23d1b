"""What the options of `sitmap assign` mean: a task for the workers, and what is told of all rows."""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundaries.catalogue import open_vintage
from boundaries.errors import UnknownUnit
from boundaries.id_grid_shelf import keep_grid
from boundaries.natural_earth import NATURAL_EARTH, open_natural_earth
from geo.assign import AssignTask
from geo.assign_table import Told
from geo.errors import TableError
from geo.point_files import headers_of
from geo.sources import Sensitivity
from geo.terms import PopulationGroup
from service.errors import UnknownLevel

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.units import BoundarySet

__all__ = ["NothingPlaced", "assign_task", "chosen_units", "table_bytes"]

_LAND_CELLS = 32  # per degree: the land is only to tell the sea from a neighbour


class NothingPlaced(TableError):
    """Points of which none lies in a unit; nothing was written."""

    code = "nothing-placed"

    def __init__(self, ledger: Mapping[str, Any], *, boundaries: str) -> None:
        self.ledger, self.boundaries = ledger, boundaries
        reasons = "; ".join(f"{each['rows']:,} {each['why']}" for each in ledger["left_out"])
        todo = "Look at the columns, and at --boundaries and --countries."
        if ledger["swap_suspected"]:
            todo = "Longitude and latitude look exchanged: change --lon and --lat over."
        super().__init__(
            f"none of the {ledger['rows']:,} points lies in a unit of {boundaries}"
            f"{': ' if reasons else ''}{reasons}. {todo}"
        )


def chosen_units(boundaries: str, countries: str | None, level: int) -> "BoundarySet":
    """Open the boundaries that points are assigned to.

    Raises
    ------
    BoundaryError
        They are not at hand, cannot be read, or have no such country.
    UnknownLevel
        They have no units of that level.
    """
    units = open_vintage(boundaries, base=Path.cwd())
    if countries:
        units = units.of_countries(code.strip().upper() for code in countries.split(","))
        if not len(units):
            raise UnknownUnit(countries, vintage=boundaries)
    if level not in units.levels:
        raise UnknownLevel(known=[str(each) for each in units.levels])
    return units


def assign_task(
    units: "BoundarySet", level: int, files: Sequence[Path], said: Mapping[str, Any]
) -> tuple[AssignTask, Told]:
    """Return the task, with its grids made, and what is told of all rows.

    A group or date is a column where the first file has one of that name; else a population group's
    code, or a day, is meant for all rows.
    """
    header = headers_of(files[0])
    group, date_ = said["group"] or "", said["date"] or ""
    one_group = group not in header and group.upper() in PopulationGroup.__members__
    one_date = date_ not in header and _is_day(date_)
    whole_world = units.vintage.id == NATURAL_EARTH and {"CHN", "BRA"} <= set(units.frame["iso3"])
    task = AssignTask(
        grid=keep_grid(units, level),
        lon=said["lon"],
        lat=said["lat"],
        group="" if one_group else group,
        date="" if one_date else date_,
        count=said["count"] or "",
        origin_lon=said["origin_lon"] or "",
        origin_lat=said["origin_lat"] or "",
        period=said["period"],
        land=None if whole_world else keep_grid(open_natural_earth(), 0, per_degree=_LAND_CELLS),
    )
    told = Told(
        group=group.upper() if one_group else "",
        date=date_ if one_date else "",
        measure=said["measure"],
        kind=said["kind"] or "",
        unit=said["unit"],
        sensitivity=Sensitivity(said["sensitivity"]),
    )
    return task, told


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def table_bytes(table: "pd.DataFrame", suffix: str) -> bytes:
    """Return a table as CSV (UTF-8) or Parquet; the same table gives the same bytes."""
    if suffix.lower() == ".csv":
        return table.to_csv(index=False, lineterminator="\n").encode()
    held = io.BytesIO()
    table.to_parquet(held, index=False, compression="zstd")
    return held.getvalue()
