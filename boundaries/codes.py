"""One code for each unit, and no code made up that could be taken for a published one.

A code that two units share means neither: a table that uses it must match none of them rather than
the wrong one. So both get codes of their own, ``CODE~1`` and ``CODE~2``; a unit without a code gets its
parent's and a number, ``PARENT~1``. The sign ``~`` is in no published scheme.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.assembly import polygons_only
from boundaries.checks import first_five, labels
from boundaries.errors import BadCodes
from boundaries.names import normalise_name
from boundaries.record import Check, Listed, Repair

__all__ = ["Settled", "settle_codes"]


@dataclass(frozen=True)
class Settled:
    """Units with one code each; rows joined to another are ``listed``."""

    units: gpd.GeoDataFrame
    listed: tuple[Listed, ...]
    checks: tuple[Check, ...]
    repairs: tuple[Repair, ...]


def settle_codes(path: Path, units: gpd.GeoDataFrame, *, give_codes: bool) -> Settled:
    """Join the parts of a unit, and see that every unit has a code that no other has.

    Rows with one code, one name and one parent are parts of one unit and are joined.

    Parameters
    ----------
    path : Path
        For messages.
    units : GeoDataFrame
        ``pcode``, ``name``, ``level``, ``parent``, ``row`` (of the file, from 1), ``geometry``.
    give_codes : bool
        Give codes of their own to units whose code is blank or on another unit as well; else the
        file is refused.

    Raises
    ------
    BadCodes
        Blank or double codes, without ``give_codes``.
    """
    whole, listed, parts = _joined(units)
    names, rows = labels(whole), whole["row"].to_numpy()
    blank = (whole["pcode"] == "").to_numpy()
    twice = whole["pcode"].duplicated(keep=False).to_numpy() & ~blank
    if blank.any() and not give_codes:
        raise BadCodes(path, problem="blank", codes=(), rows=[int(row) for row in rows[blank]])
    if twice.any() and not give_codes:
        codes = sorted(set(whole.loc[twice, "pcode"]))
        raise BadCodes(path, problem="twice", codes=codes, rows=[int(row) for row in rows[twice]])
    checks = (
        Check("blank-code", "units without a code", int(blank.sum()), first_five(
            [f"row {row} {name}".strip() for row, name in zip(rows[blank], names[blank], strict=True)]
        )),
        Check("duplicate-code", "units whose code another unit has as well", int(twice.sum()), first_five(names[twice])),
        Check("split-unit", "rows that are parts of a unit in another row", len(listed), first_five([one.unit for one in listed])),
    )  # fmt: skip
    given, repairs = _given(whole, blank, twice)
    return Settled(given, listed, checks, (*parts, *repairs))


def _joined(units: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Listed, ...], list[Repair]]:
    """Join rows that have code, name, level and parent in common."""
    key = units["name"].map(normalise_name)
    same = [units["pcode"], units["level"], units["parent"], key]
    doubled = pd.concat(same, axis=1).duplicated(keep=False) & (units["pcode"] != "")
    if not doubled.any():
        return units, (), []
    geometry = units.geometry.to_numpy().copy()
    listed, repairs, drop = [], [], []
    for _, group in units[doubled].groupby([series[doubled] for series in same], sort=False):
        called = labels(group)[0]
        positions = units.index.get_indexer(group.index)
        shapes = polygons_only(geometry[positions])
        shapes = shapes[~shapely.is_missing(shapes)]
        geometry[positions[0]] = shapely.union_all(shapes) if len(shapes) else None
        drop += list(group.index[1:])
        for row in group["row"].iloc[1:]:
            listed.append(
                Listed(int(row), str(called), f"part of {called} in row {group['row'].iloc[0]}")
            )
        what = f"{called}: {len(group)} rows with one code and name joined"
        repairs.append(Repair("split-unit", (str(called),), 0.0, what))
    joined = units.set_geometry(gpd.GeoSeries(geometry, index=units.index, crs=units.crs))
    return joined.drop(index=drop), tuple(listed), repairs


def _given(
    units: gpd.GeoDataFrame, blank: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    twice: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> tuple[gpd.GeoDataFrame, list[Repair]]:  # fmt: skip
    """Give codes to units without one, and to all that share one."""
    codes, parents = units["pcode"].tolist(), units["parent"].tolist()
    taken, number = set(codes), Counter[str]()
    repairs = []
    for position in np.flatnonzero(blank | twice):
        was = codes[position]
        stem = was or parents[position] or units["iso3"].iat[position] or "unit"
        while True:
            number[stem] += 1
            code = f"{stem}~{number[stem]}"
            if code not in taken:
                break
        codes[position] = code
        taken.add(code)
        name = units["name"].iat[position] or f"row {units['row'].iat[position]}"
        why = f"its code {was} is on another unit as well" if was else "it has no code"
        repairs.append(
            Repair(
                "duplicate-code" if was else "blank-code",
                (code,),
                0.0,
                f"{name}: {why}; called {code}",
            )
        )
    given = units.assign(pcode=codes)
    given["name"] = given["name"].where(given["name"] != "", given["pcode"])
    doubled = set(units.loc[twice, "pcode"])
    return _with_parents_found(given, doubled), repairs


def _with_parents_found(units: gpd.GeoDataFrame, doubled: set[str]) -> gpd.GeoDataFrame:
    """Give the children of a code that meant two units to the one they lie in."""
    lost = units["parent"].isin(doubled).to_numpy()
    if not lost.any():
        return units
    parents = units["parent"].tolist()
    geometry = units.geometry.to_numpy()
    middles = shapely.point_on_surface(geometry)
    for position in np.flatnonzero(lost):
        meant = units["pcode"].str.startswith(f"{parents[position]}~").to_numpy()
        holds = np.flatnonzero(meant & shapely.intersects(geometry, middles[position]))
        parents[position] = units["pcode"].iat[int(holds[0])] if len(holds) else ""
    return units.assign(parent=parents)
