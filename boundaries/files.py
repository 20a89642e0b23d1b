"""Boundaries of the user's own: GeoJSON, GeoPackage, shapefile. Every unit has a code, or none is read.

A file is opened by what its bytes say it is (`boundaries.sniffing`). What was mended on the way
(broken polygons, an undeclared encoding, units that had no polygon) is told in the notes of the
set, never passed over.
"""

import re
import warnings
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.assembly import assemble, content_hash, polygons_only, with_missing_parents
from boundaries.columns import Columns, recognise_columns
from boundaries.errors import BadCodes, UnreadableBoundaries
from boundaries.natural_earth import country_codes
from boundaries.sniffing import EXPECTED, Format, sniff
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

__all__ = ["read_boundaries"]

_FIRST_YEAR_MS = 315_532_800_000  # 1980: a number above it in a date column is milliseconds


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
        A GeoJSON, GeoPackage or shapefile (with its ``.dbf`` and ``.shx`` beside it).
    code, name, parent : str, optional
        Columns with the unit's code, its name and the code one level up; recognised where they
        have a usual name (`boundaries.columns`).
    level : str or int, optional
        The column with the level, or the one level of all rows. Else from the columns' names; else
        1 below a country and so on, as the parents say; 1 where nothing does.
    iso3 : str, optional
        The column with ISO 3166-1 alpha-3, or the one code of all rows (three capitals). Else from
        the first two letters of the codes, where they are a country's.
    label, source, licence : str, optional
        For the vintage; the label defaults to the file's name.

    Returns
    -------
    BoundarySet
        In EPSG:4326. The levels above that the file names but does not hold are dissolved from
        those it holds. ``notes`` tells what was mended.

    Raises
    ------
    UnreadableBoundaries
        Not there, another format, no polygons, no code column, no coordinate system, coordinates
        that are not on the Earth.
    BadCodes
        Units without a code, or a code on two units.
    """
    kind = sniff(path)
    tables, notes = _read_layers(path, kind)
    sets, names_above = [], []
    valid_on: set[date] = set()
    for table in tables:
        constant = iso3 if iso3 and re.fullmatch(r"[A-Z]{3}", iso3) else None
        found = recognise_columns(
            table.columns.drop("geometry"),
            code=code, name=name, parent=parent, level=level,
            iso3=None if constant else iso3,
        )  # fmt: skip
        _check_columns(path, table, found)
        sets.append(_units(path, table, found, constant))
        names_above.append(_units_above(table, found))
        valid_on |= _days(table)
    units = gpd.GeoDataFrame(pd.concat(sets, ignore_index=True), crs="EPSG:4326")
    _check_codes(path, units["pcode"])
    units, mended = _mend(path, units)
    above = pd.concat(names_above, ignore_index=True)
    whole = assemble(with_missing_parents(units, above))
    content = content_hash(whole)
    vintage = Vintage(
        id=_slug(path.stem),
        label=label or path.name,
        source=source,
        licence=licence,
        content=content,
        valid_on=valid_on.pop() if len(valid_on) == 1 else None,
    )
    return BoundarySet(vintage, whole, notes=(*notes, *mended))


def _refused(path: Path, found: str, todo: str, expected: str = EXPECTED) -> UnreadableBoundaries:
    return UnreadableBoundaries(path, found=found, expected=expected, todo=todo)


def _read_layers(path: Path, kind: Format) -> tuple[list[gpd.GeoDataFrame], list[str]]:
    """Open the file with its own driver and no other; return the polygon layers in EPSG:4326."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    # the prefix holds GDAL to one driver; the others are held by header and suffix
    address = f"GeoJSON:{path.resolve()}" if kind == "GeoJSON" else str(path.resolve())
    notes: list[str] = []
    tables = []
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            for layer, geometry in pyogrio.list_layers(address):
                if geometry is None or not ("Polygon" in geometry or geometry == "Unknown"):
                    continue
                table, said = _read_layer(path, address, str(layer), kind)
                tables.append(table)
                notes += said
        notes += dict.fromkeys(f"{path.name}: {warning.message}" for warning in heard)
    except (DataSourceError, DataLayerError, shapely.errors.GEOSException) as fault:
        raise _refused(
            path, f"cannot be read ({_first_words(fault)})", "Export it again."
        ) from fault
    tables = [table for table in tables if _has_polygons(table)]
    if not tables:
        raise _refused(path, "holds no polygons", "Give the file with the areas, not the points.")
    return tables, notes


def _read_layer(
    path: Path, address: str, layer: str, kind: Format
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read one layer; text of a shapefile that declares no encoding is UTF-8 or, failing that, Latin-1."""
    import pyogrio

    notes = []
    declared = kind != "ESRI Shapefile" or any(
        file.suffix.lower() == ".cpg" for file in path.parent.glob(f"{path.stem}.*")
    )
    try:
        encoding = None if declared else "UTF-8"
        table = pyogrio.read_dataframe(address, layer=layer, encoding=encoding)
    except UnicodeDecodeError:
        table = pyogrio.read_dataframe(address, layer=layer, encoding="ISO-8859-1")
        notes.append(
            f"{path.name}: no .cpg file and not UTF-8; read as Latin-1, check the accents."
        )
    if not isinstance(table, gpd.GeoDataFrame):  # a table without geometry
        return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs="EPSG:4326"), notes
    if table.crs is None:
        raise _refused(
            path,
            "has no coordinate system",
            "Add the .prj file, or export it again with one."
            if kind == "ESRI Shapefile"
            else "Export it again with one.",
        )
    return table.to_crs("EPSG:4326"), notes


def _has_polygons(table: gpd.GeoDataFrame) -> bool:
    kinds = shapely.get_type_id(table.geometry.to_numpy())
    return bool(np.isin(kinds, (3, 6)).any())


def _check_columns(path: Path, table: gpd.GeoDataFrame, found: Columns) -> None:
    """Refuse a file without a code column, or without a column that was asked for."""
    there = list(table.columns.drop("geometry"))
    asked = [found.code, found.parent, found.level, found.iso3, *found.names]
    for column in asked:
        if column is not None and column not in there:
            raise _refused(
                path, f"has no column {column!r}", f"Its columns are {', '.join(there)}."
            )
    if found.code is None:
        raise _refused(
            path,
            "has no column with the units' codes that is known by its name",
            f"Say which it is (code = …); its columns are {', '.join(there)}.",
            "one like admin1Pcode, ADM1_PCODE or pcode",
        )


def _text(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Return a column as trimmed text; missing is "". Whole numbers keep no decimal point."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("object").where(column.notna(), "").astype("str").str.strip()


def _first_filled(table: gpd.GeoDataFrame, columns: Sequence[str]) -> "pd.Series[str]":
    """Return, row by row, the first of some columns that says something."""
    said = pd.Series("", index=table.index)
    for column in columns:
        text = _text(table[column])
        said = said.where(said != "", text.where(text != "-", ""))
    return said


def _units(
    path: Path, table: gpd.GeoDataFrame, found: Columns, iso3: str | None
) -> gpd.GeoDataFrame:
    """Return the rows of a layer with the columns of a unit."""
    codes = _text(table[str(found.code)])
    parents = _text(table[found.parent]) if found.parent else pd.Series("", index=table.index)
    data: dict[str, Any] = {
        "pcode": codes,
        "parent": parents,
        "level": _levels(path, table, found, codes, parents),
        "iso3": _countries(table, found, codes, iso3),
        "code_scheme": "ocha" if found.codes_above or _is_ocha(found) else "own",
        "name": _first_filled(table, (*found.names, *found.languages.values())),
        "type": _text(table[found.type]) if found.type else "",
    }
    data["name"] = data["name"].where(data["name"] != "", codes)
    for lang, column in found.languages.items():
        data[f"name_{lang}"] = _text(table[column])
    for column in found.names:  # a second name column of a shapefile loses its language (Na_1)
        if "ar" not in found.languages and _is_arabic(text := _text(table[column])):
            data["name_ar"] = text
    own = gpd.GeoDataFrame(data, geometry=table.geometry.to_numpy(), crs="EPSG:4326")
    own.loc[own["level"] == 0, "parent"] = ""
    return own


def _is_arabic(names: "pd.Series[str]") -> bool:
    return bool((names != "").any() and names[names != ""].str.match(r"[\u0600-\u06ff]").all())


def _is_ocha(found: Columns) -> bool:
    return found.fixed_level is not None and "pcod" in str(found.code).lower()


def _levels(
    path: Path,
    table: gpd.GeoDataFrame,
    found: Columns,
    codes: "pd.Series[str]",
    parents: "pd.Series[str]",
) -> "pd.Series[int]":
    """Return each row's level: as a column or the columns' names say, else by counting parents."""
    if found.fixed_level is not None:
        return pd.Series(found.fixed_level, index=table.index)
    if found.level is not None:
        levels = pd.to_numeric(_text(table[found.level]).str.removeprefix("ADM"), errors="coerce")
        if levels.isna().any() or not levels.isin(range(6)).all():
            bad = _text(table[found.level])[~levels.isin(range(6))].iloc[0]
            raise _refused(
                path,
                f"column {found.level!r} holds {bad!r}, which is no level from 0 to 5",
                "Correct it.",
            )
        return levels.astype("int64")
    above = dict(zip(codes, parents, strict=True))

    def depth(code: str) -> int:
        steps, seen = 0, {code}
        while (code := above.get(code, "")) and code not in seen:
            seen.add(code)
            steps += 1
        return steps

    named = (parents != "").any()
    top = 1 if not named or not parents[parents != ""].isin(codes).all() else 0
    start = codes.map(depth).astype("int64")
    return start if top == 0 else start.clip(lower=1)


def _countries(
    table: gpd.GeoDataFrame, found: Columns, codes: "pd.Series[str]", iso3: str | None
) -> "pd.Series[str]":
    """Return ISO 3166-1 alpha-3 by row; "" where neither a column nor the codes tell it."""
    if iso3:
        return pd.Series(iso3, index=table.index)
    if found.iso3:
        return _text(table[found.iso3]).str.upper()
    first = _text(table[found.codes_above[0]]) if 0 in found.codes_above else codes.str[:2]
    return first.map(lambda two: country_codes().get(two, "")).astype("str")


def _units_above(table: gpd.GeoDataFrame, found: Columns) -> pd.DataFrame:
    """Return code, parent and name of every unit above that the rows name."""
    made = []
    for level, column in found.codes_above.items():
        higher = found.codes_above.get(level - 1)
        names = found.names_above.get(level, ())
        made.append(
            pd.DataFrame(
                {
                    "pcode": _text(table[column]),
                    "parent": _text(table[higher]) if higher else "",
                    "name": _first_filled(table, names),
                }
            )
        )
    if not made:
        return pd.DataFrame({"pcode": [], "parent": [], "name": []}, dtype="str")
    above = pd.concat(made, ignore_index=True)
    above["name"] = above["name"].where(above["name"] != "", above["pcode"])
    return above.drop_duplicates("pcode")


def _days(table: gpd.GeoDataFrame) -> set[date]:
    """Return the days on which the file says its borders were in force."""
    column = next((c for c in table.columns if c.lower() == "validon"), None)
    days: set[date] = set()
    for value in [] if column is None else table[column].dropna().unique():
        if isinstance(value, int | float | np.number) and float(value) > _FIRST_YEAR_MS:
            days.add(datetime.fromtimestamp(float(value) / 1000, UTC).date())
        elif not isinstance(value, int | float | np.number):
            day = pd.to_datetime(str(value), errors="coerce")
            days |= set() if pd.isna(day) else {day.date()}
    return days


def _check_codes(path: Path, codes: "pd.Series[str]") -> None:
    """Refuse blank codes and codes on two units."""
    blank = [int(row) + 1 for row in np.flatnonzero(codes == "")]
    if blank:
        raise BadCodes(path, problem="blank", codes=(), rows=blank)
    twice = sorted(set(codes[codes.duplicated()]))
    if twice:
        rows = [int(row) + 1 for row in np.flatnonzero(codes.isin(twice))]
        raise BadCodes(path, problem="twice", codes=twice, rows=rows)


def _mend(path: Path, units: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Rebuild broken polygons and leave out units without one; say so."""
    geometry: NDArray[Any] = units.geometry.to_numpy()
    coordinates = shapely.get_coordinates(geometry)
    on_earth = np.isfinite(coordinates).all() and (np.abs(coordinates) <= (360.0, 90.5)).all()
    if not on_earth:
        raise _refused(path, "has coordinates that are not on the Earth", "Check its system.")
    broken = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    mended = units.set_geometry(
        gpd.GeoSeries(polygons_only(geometry), index=units.index, crs=units.crs)
    )
    without = mended.geometry.isna()
    notes = []
    if broken.any():
        some = ", ".join(units.loc[broken, "pcode"].head(5))
        notes.append(f"{path.name}: {int(broken.sum())} broken polygon(s) were rebuilt: {some}.")
    if without.any():
        some = ", ".join(units.loc[without, "pcode"].head(5))
        notes.append(
            f"{path.name}: {int(without.sum())} unit(s) have no polygon, left out: {some}."
        )
    return mended[~without].reset_index(drop=True), notes


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "boundaries"


def _first_words(fault: Exception) -> str:
    return str(fault).split("\n")[0].split(";")[0][:100].rstrip(".")
