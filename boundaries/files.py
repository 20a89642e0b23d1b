"""Boundaries of the user's own, from a file to units. Every feature is a unit, or it is listed.

A file is opened by what its bytes say it is (`boundaries.sniffing`), its columns are recognised
(`boundaries.recognition`) or told by a profile, its codes are settled (`boundaries.codes`) and its
polygons mended (`boundaries.mending`). What was done on the way is told in the notes of the set and, with
numbers, in its record; nothing is passed over.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from boundaries.assembly import assemble, content_hash, with_missing_parents
from boundaries.cells import days
from boundaries.codes import settle_codes
from boundaries.columns import Columns
from boundaries.layers import Layer, read_layers
from boundaries.mending import mend
from boundaries.profiles import BoundaryProfile
from boundaries.recognition import explain, recognise
from boundaries.record import Listed, ReadRecord, Repair
from boundaries.unit_rows import check_columns, unit_rows, units_above
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage
from boundaries.whereabouts import settle_countries

__all__ = ["Reading", "read_boundaries", "read_with_profile"]


@dataclass(frozen=True)
class Reading:
    """Boundaries, and the profile with which the same file reads the same way again."""

    boundaries: BoundarySet
    profile: BoundaryProfile


def read_boundaries(
    path: Path,
    *,
    code: str | None = None,
    name: str | None = None,
    parent: str | None = None,
    level: str | int | None = None,
    iso3: str | None = None,
    label: str | None = None,
    source: str = "",
    licence: str = "",
) -> BoundarySet:
    """Read admin units from a file, all its polygon layers together.

    Parameters
    ----------
    path : Path
        A shapefile (with its ``.dbf`` and ``.shx`` beside it, or zipped), GeoPackage, GeoJSON,
        TopoJSON, GeoParquet or FlatGeobuf.
    code, name, parent : str, optional
        Columns with the unit's code, its name and the code one level up; recognised by their names
        or their content (`boundaries.recognition`).
    level : str or int, optional
        The column with the level, or the one level of all rows. Else from the columns' names; else
        1 below a country and so on, as the parents say; 1 where nothing does.
    iso3 : str, optional
        The column with ISO 3166-1 alpha-3, or the one code of all rows (three capitals). Else from
        the first letters of the codes, where they are a country's.
    label, source, licence : str, optional
        For the vintage; the label defaults to the file's name.

    Returns
    -------
    BoundarySet
        In EPSG:4326. The levels above that the file names but does not hold are dissolved from
        those it holds. ``notes`` and ``record`` tell what was mended.

    Raises
    ------
    UnreadableBoundaries
        Not there, another format, no polygons, no code column, no coordinate system, coordinates
        that are not on the Earth, units that lie on one another.
    BadCodes
        Units without a code, or a code on two units.
    """
    given = {"code": code, "name": name, "parent": parent, "level": level, "iso3": iso3}
    profile = BoundaryProfile(label=label or "", source=source, licence=licence)
    return read_with_profile(path, profile, given=given).boundaries


def read_with_profile(
    path: Path,
    profile: BoundaryProfile | None = None,
    *,
    given: dict[str, Any] | None = None,
    give_codes: bool = False,
) -> Reading:
    """Read admin units from a file, and return as well how it was read.

    Parameters
    ----------
    path : Path
        As for `read_boundaries`.
    profile : BoundaryProfile, optional
        Columns by layer and what the file does not say; what it leaves open is recognised.
    given : dict, optional
        Columns named by the user for layers that are not in the profile: the arguments of
        `boundaries.recognition.recognise`. ``iso3`` may be a country's code instead of a column.
    give_codes : bool
        Keep units whose code is blank or double under codes of their own (`boundaries.codes`);
        else they are refused.

    Raises
    ------
    UnreadableBoundaries, BadCodes
        As for `read_boundaries`.
    """
    profile = profile or BoundaryProfile()
    layers, notes = read_layers(
        path, member=profile.member or None, crs=profile.crs or None,
        encoding=profile.encoding or None,
    )  # fmt: skip
    asked = dict(given or {})
    iso3 = asked.get("iso3") or profile.iso3 or None
    constant = iso3 if iso3 and re.fullmatch(r"[A-Z]{3}", iso3) else None
    asked["iso3"] = None if constant else iso3
    known = {layer.name: profile.layers.get(layer.name) for layer in layers}
    used = {layer.name: known[layer.name] or recognise(layer.table, **asked) for layer in layers}
    units, above, told = _all_rows(path, layers, used, constant)
    settled = settle_codes(path, units, give_codes=give_codes)
    mended = mend(path, settled.units)
    placed = mended.units
    checks, repairs = [*settled.checks, *mended.checks], [*settled.repairs, *mended.repairs]
    if constant is None and all(found.iso3 is None for found in used.values()):
        placed, checked, where = settle_countries(placed)
        checks.append(checked)
        repairs += where
    without = settled.units.iloc[list(mended.left_out)]
    listed = [
        *settled.listed,
        *(Listed(int(row), str(code), "no polygon") for row, code in zip(without["row"], without["pcode"], strict=True)),
    ]  # fmt: skip
    record = ReadRecord(
        file=path.name,
        features=len(units),
        units=len(placed),
        listed=tuple(listed),
        checks=tuple(checks),
        repairs=tuple(repairs),
        recognised=told,
    )
    whole = assemble(with_missing_parents(placed, above))
    valid_on, valid_to = _validity(layers, used)
    vintage = Vintage(
        id=_slug(path.stem),
        label=profile.label or path.name,
        source=profile.source,
        licence=profile.licence,
        content=content_hash(whole),
        valid_on=profile.valid_on or valid_on,
        valid_to=profile.valid_to or valid_to,
    )
    notes += _notes(path, record)
    boundaries = BoundarySet(vintage, whole, notes=tuple(notes), record=record)
    return Reading(boundaries, replace(profile, layers=used, iso3=constant or ""))


def _all_rows(
    path: Path, layers: list[Layer], used: dict[str, Columns], iso3: str | None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, tuple[tuple[str, str, str, str, str], ...]]:
    """Return the rows of all layers, the units above that they name, and what was recognised."""
    rows, above, told = [], [], []
    for layer in layers:
        found = used[layer.name]
        check_columns(path, layer.table, found)
        rows.append(unit_rows(path, layer.table, found, iso3))
        above.append(units_above(layer.table, found))
        told += [(layer.name, *line) for line in explain(found, layer.table)]
    units = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs="EPSG:4326")
    units["row"] = range(1, len(units) + 1)
    return units, pd.concat(above, ignore_index=True), tuple(told)


def _validity(layers: list[Layer], used: dict[str, Columns]) -> tuple[date | None, date | None]:
    """Return from when to when the borders were in force, where the file says one day for all."""
    found: list[date | None] = []
    for which in ("valid_on", "valid_to"):
        said: set[date] = set()
        for layer in layers:
            column = getattr(used[layer.name], which)
            said |= days(layer.table[column]) if column in layer.table else set()
        found.append(said.pop() if len(said) == 1 else None)
    return found[0], found[1]


def _notes(path: Path, record: ReadRecord) -> list[str]:
    """Say in a sentence each what was mended, joined, called and left out."""
    notes = []

    def say(check: str, what: str) -> None:
        done = [repair for repair in record.repairs if repair.check == check]
        if done:
            notes.append(f"{path.name}: {len(done)} {what}: {_some(done)}.")

    say("invalid-geometry", "broken polygon(s) were rebuilt")
    say("split-unit", "unit(s) in several rows were joined")
    say("blank-code", "unit(s) without a code were given one of their own")
    say("duplicate-code", "unit(s) that shared a code were given one of their own")
    notes += [f"{path.name}: {r.what}." for r in record.repairs if r.check == "country"]
    moved = [r for r in record.repairs if r.check in ("overlap", "gap", "sliver", "misfit")]
    if moved:
        km2 = sum(repair.km2 for repair in moved)
        worst = max(moved, key=lambda repair: repair.km2).what
        notes.append(
            f"{path.name}: borders that did not fit were mended in {len(moved)} place(s), "
            f"{km2:,.4g} km² in all; the largest: {worst}."
        )
    bare = [one for one in record.listed if one.why == "no polygon"]
    if bare:
        some = ", ".join(one.unit for one in bare[:5])
        notes.append(f"{path.name}: {len(bare)} unit(s) have no polygon, left out: {some}.")
    return notes


def _some(repairs: list[Repair]) -> str:
    return ", ".join(repair.units[0].split(" ")[0] for repair in repairs[:5])


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "boundaries"
