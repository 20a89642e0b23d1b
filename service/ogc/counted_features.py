"""Figures as features: one per unit with its latest figures, or one per figure.

Both show what stands (a stated figure before a sum), of all origins together and placed in a unit.
Stock, new and cumulative figures stay apart, and so do persons and households: each has a column of
its own, and all units show a series on the same day.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.terms import State, Unit
from service.ogc.feature_table import FeatureTable, distinct
from service.ogc.windows import Window

if TYPE_CHECKING:
    from service.published import Published

__all__ = ["FigureChoice", "counts_table", "figures_table", "series_name"]

_FIGURE_COLUMNS = ("group", "measure", "kind", "unit", "value", "low", "high", "state", "qualifier",
                   "basis", "start", "date", "carried", "sources")  # fmt: skip
_BOUNDS = ("low", "high")  # there only where a figure is a range


@dataclass(frozen=True, slots=True)
class FigureChoice:
    """Which figures the units of `counts_table` carry; None is all."""

    group: str | None = None
    measure: str | None = None
    window: Window | None = None


def series_name(group: str, measure: str, unit: str = Unit.PERSONS.value) -> str:
    """Return the column of a series.

    >>> series_name("IDP", "stock"), series_name("IDP", "new", "households")
    ('IDP_stock', 'IDP_new_households')
    """
    return f"{group}_{measure}" + ("" if unit == Unit.PERSONS.value else f"_{unit}")


def counts_table(
    published: "Published", level: int, lang: str, choice: FigureChoice
) -> FeatureTable:
    """Return one feature per unit of a level, called by its P-code.

    A series has three columns: the number (null where there is none), ``…_state`` which says why,
    and ``…_date``, the day all units show: the latest with a figure, within the window where there
    is one. With a window only units that have a row in it are there, and those that have no row at
    all and so are about no time.
    """
    units = _units(published, level, lang)
    rows = _standing(published, level)
    for column, value in (("group", choice.group), ("measure", choice.measure)):
        if value is not None:
            rows = rows[rows[column] == value]
    if choice.window is not None:
        inside = _inside(rows, choice.window)
        outside = set(rows["pcode"]) - set(rows.loc[inside, "pcode"])
        units = units[~units["pcode"].isin(outside)].reset_index(drop=True)
        rows = rows[inside]
    frame = units[["pcode", "name"]].copy()
    codes = frame["pcode"].tolist()
    for (group, measure, unit), series in rows.groupby(["group", "measure", "unit"], sort=True):
        known = series.loc[series["state"] == State.FIGURE.value, "date"]
        day = max(known if len(known) else series["date"])
        of_day = series[series["date"] == day].set_index("pcode")
        values, states = of_day["value"].to_dict(), of_day["state"].to_dict()
        name = series_name(str(group), str(measure), str(unit))
        frame[name] = [values.get(code, float("nan")) for code in codes]
        frame[f"{name}_state"] = [states.get(code, State.NOT_REPORTED.value) for code in codes]
        frame[f"{name}_date"] = [day] * len(codes)
    for column in ("level", "parent", "iso3"):
        frame[column] = units[column]
    return _table(tuple(codes), frame, units)


def figures_table(published: "Published", level: int, lang: str) -> FeatureTable:
    """Return one feature per figure of a level: a unit, a group, a measure and a day.

    Called P-CODE.GROUP.MEASURE.DAY. It is about its day, or about its period where it has a start.
    """
    units = _units(published, level, lang)
    places = {code: i for i, code in enumerate(units["pcode"])}
    rows = _standing(published, level)
    rows = rows[rows["pcode"].isin(list(places))]
    rows = rows.sort_values(["pcode", "group", "measure", "unit", "date"], kind="stable")
    rows = rows.reset_index(drop=True)
    at = np.array([places[code] for code in rows["pcode"]], dtype=np.intp)
    frame = pd.DataFrame({"pcode": rows["pcode"], "name": units["name"].to_numpy()[at]})
    frame["level"] = level
    for column in _FIGURE_COLUMNS:
        if column in rows and not (column in _BOUNDS and rows[column].isna().all()):
            cells = rows[column]
            joined = column in {"carried", "sources"}
            frame[column] = cells.str.replace("|", " ") if joined else cells
    ids = [
        f"{pcode}.{group}.{measure}.{day}" + ("" if unit == Unit.PERSONS.value else f".{unit}")
        for pcode, group, measure, day, unit in zip(
            *(rows[name] for name in ("pcode", "group", "measure", "date", "unit")), strict=True
        )
    ]
    since, until = _spans(rows)
    return FeatureTable(distinct(ids), frame, units.geometry.to_numpy(), at, since, until)


def _units(published: "Published", level: int, lang: str) -> Any:
    units = published.boundaries.at(level).sort_values("pcode").reset_index(drop=True)
    units["name"] = [published.boundaries.name(code, lang) for code in units["pcode"]]
    return units


def _standing(published: "Published", level: int) -> pd.DataFrame:
    """Return the figures of one level that stand, of all origins together and placed."""
    from geo.standing import standing_figures

    figures = published.released.figures
    here = figures[
        (figures["level"] == level) & ~figures["unplaced"].astype(bool) & (figures["origin"] == "")
    ]
    return standing_figures(here)


def _inside(rows: pd.DataFrame, window: Window) -> "pd.Series[bool]":
    since, until = _spans(rows)
    held = [window.holds(a, b) for a, b in zip(since, until, strict=True)]
    return pd.Series(held, index=rows.index, dtype=bool)


def _spans(rows: pd.DataFrame) -> tuple[list[dt.date], list[dt.date]]:
    """Return first and last days: a stock is about its day, a flow about its period."""
    until: list[dt.date] = rows["date"].tolist()
    starts = rows["start"].tolist()
    since = [s if isinstance(s, dt.date) else day for s, day in zip(starts, until, strict=True)]
    return since, until


def _table(ids: tuple[str, ...], frame: pd.DataFrame, units: Any) -> FeatureTable:
    none: list[dt.date | None] = [None] * len(ids)
    at = np.arange(len(ids), dtype=np.intp)
    return FeatureTable(ids, frame, units.geometry.to_numpy(), at, none, none)
