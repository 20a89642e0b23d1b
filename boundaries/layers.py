"""The polygon layers of a file, as they are: opened, in degrees, text readable, nothing mended yet.

Whatever had to be supposed on the way (an undeclared encoding or coordinate system) is said in the
notes. A file that is beyond what a map can need, or whose coordinates are not on the Earth, is refused here,
before any geometry is computed with.
"""

import re
import tempfile
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.archives import unpack
from boundaries.sniffing import Format, refused, sniff
from boundaries.topojson import read_topojson

__all__ = ["MAX_UNIT_VERTICES", "MAX_VERTICES", "Layer", "read_layers"]

MAX_VERTICES = 20_000_000
MAX_UNIT_VERTICES = 2_000_000
"""Corners of all polygons and of one: the world's finest published coastlines stay below."""

_MAX_PARTS = 200_000
_AGAIN = "Export it again."
_SCRAMBLED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")


@dataclass(frozen=True)
class Layer:
    """One table of polygons in EPSG:4326, with the columns the file has.

    ``name`` is the layer's, or the file's in an archive. ``notes`` tell what was supposed.
    """

    name: str
    table: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()


def read_layers(
    path: Path, *, member: str | None = None, crs: str | None = None, encoding: str | None = None
) -> tuple[list[Layer], list[str]]:
    """Read every polygon layer of a file.

    Parameters
    ----------
    path : Path
        A shapefile (with its ``.dbf`` and ``.shx`` beside it, or zipped), GeoPackage, GeoJSON,
        TopoJSON, GeoParquet or FlatGeobuf. Its first bytes decide, not its name.
    member : str, optional
        In an archive, the one file wanted.
    crs : str, optional
        The coordinate system (``EPSG:32629``) of a file that declares none.
    encoding : str, optional
        The encoding of text that is not UTF-8 where the file declares none; else Latin-1.

    Returns
    -------
    list of Layer
        At least one; layers without polygons are left out.
    list of str
        What was supposed, a sentence each.

    Raises
    ------
    UnreadableBoundaries
        Not there, another format, not whole, no polygons, no coordinate system, too large, or
        coordinates that are not on the Earth.
    """
    kind = sniff(path)
    if kind == "ZIP":
        layers = _unzipped(path, member, crs, encoding)
    else:
        layers = _opened(path, kind, crs, encoding)
    notes = [note for layer in layers for note in layer.notes]
    layers = [layer for layer in layers if _has_polygons(layer.table)]
    if not layers:
        raise refused(
            path, "holds no polygons", "Give the file with the areas, not the points.",
            check="has-polygons",
        )  # fmt: skip
    _check_size(path, layers)
    return layers, list(dict.fromkeys(notes))


def _unzipped(path: Path, member: str | None, crs: str | None, encoding: str | None) -> list[Layer]:
    """Read the files of an archive; an archive is read whole or not at all."""
    layers = []
    with tempfile.TemporaryDirectory(prefix="sitmap-") as scratch:
        for name, file in unpack(path, Path(scratch), member=member):
            kind = sniff(file)
            if kind == "ZIP":
                raise refused(path, f"holds an archive within the archive ({name})", "Unpack it.")
            found = _opened(file, kind, crs, encoding)
            several = len(found) > 1  # one file, one layer: the file's name tells more
            layers += [
                replace(layer, name=f"{name}:{layer.name}" if several else name) for layer in found
            ]
    return layers


def _opened(path: Path, kind: Format, crs: str | None, encoding: str | None) -> list[Layer]:
    if kind == "TopoJSON":
        tables, notes = read_topojson(path)
        supposed = f"{path.name}: declares no coordinate system; TopoJSON is WGS 84 (EPSG:4326)."
        return [
            _readable(path, Layer(name, table, (*notes, supposed)))
            for name, table in tables.items()
        ]
    if kind == "Parquet":
        return [_readable(path, _parquet(path, crs))]
    return [_readable(path, layer) for layer in _through_gdal(path, kind, crs, encoding)]


def _parquet(path: Path, crs: str | None) -> Layer:
    import pyarrow

    try:
        table = gpd.read_parquet(path)
    except (ValueError, KeyError, TypeError, OSError, pyarrow.ArrowException) as fault:
        said = "has no geometry" if "geo metadata" in str(fault) else _first_words(fault)
        raise refused(path, f"is Parquet that cannot be read ({said})", _AGAIN) from None
    table = table.rename_geometry("geometry") if table.geometry.name != "geometry" else table
    degrees, notes = _in_degrees(path, table.reset_index(drop=True), crs, _AGAIN)
    return Layer(path.stem, degrees, tuple(notes))


def _through_gdal(path: Path, kind: Format, crs: str | None, encoding: str | None) -> list[Layer]:
    """Open the file with its own driver and no other."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    # the prefix holds GDAL to one driver; the others are held by header and suffix
    address = f"GeoJSON:{path.resolve()}" if kind == "GeoJSON" else str(path.resolve())
    layers = []
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            for layer, geometry in pyogrio.list_layers(address):
                if geometry is not None and ("Polygon" in geometry or geometry == "Unknown"):
                    layers.append(
                        _gdal_layer(path, address, str(layer), kind, crs=crs, encoding=encoding)
                    )
    except (
        DataSourceError, DataLayerError, FieldError, shapely.errors.GEOSException,
        UnicodeDecodeError, ValueError, OverflowError,
    ) as fault:  # fmt: skip
        raise refused(
            path, f"cannot be read ({_first_words(fault)})", _AGAIN, check="is-whole"
        ) from fault
    said = tuple(dict.fromkeys(f"{path.name}: {warning.message}" for warning in heard))
    return [Layer(layer.name, layer.table, (*layer.notes, *said)) for layer in layers]


def _gdal_layer(
    path: Path, address: str, layer: str, kind: Format, *, crs: str | None, encoding: str | None
) -> Layer:
    """Read one layer; text of a shapefile that declares no encoding is UTF-8, else the fallback."""
    import pyogrio

    notes = []
    declared = kind != "ESRI Shapefile" or any(
        file.suffix.lower() == ".cpg" for file in path.parent.glob(f"{path.stem}.*")
    )
    try:
        table = pyogrio.read_dataframe(address, layer=layer, encoding=None if declared else "UTF-8")
    except UnicodeDecodeError:
        fallback = encoding or "ISO-8859-1"
        try:
            table = pyogrio.read_dataframe(address, layer=layer, encoding=fallback)
        except LookupError:
            raise refused(
                path, f"cannot be read as {fallback!r}", "Name another encoding."
            ) from None
        why = "its .cpg file is wrong" if declared else "no .cpg file"
        known = "" if encoding else ", check the accents"
        shown = encoding or "Latin-1"
        notes.append(f"{path.name}: {why} and not UTF-8; read as {shown}{known}.")
    if not isinstance(table, gpd.GeoDataFrame):  # a table without geometry
        empty = gpd.GeoDataFrame(table, geometry=[None] * len(table), crs="EPSG:4326")
        return Layer(layer, empty, tuple(notes))
    todo = "Add the .prj file, or export it again with one."
    table, said = _in_degrees(path, table, crs, todo if kind == "ESRI Shapefile" else _AGAIN)
    return Layer(layer, table, (*notes, *said))


def _in_degrees(
    path: Path, table: gpd.GeoDataFrame, crs: str | None, todo: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Bring a table to EPSG:4326; a system is supposed only where the caller names it."""
    if table.crs is not None:
        return table.to_crs("EPSG:4326"), []
    if crs is None:
        raise refused(
            path, "has no coordinate system",
            f"{todo} Or name its system (crs = EPSG:4326, if it is in degrees).",
            check="has-coordinate-system",
        )  # fmt: skip
    said = f"{path.name}: declares no coordinate system; taken as {crs}, as told."
    number = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", crs.strip(), re.IGNORECASE)
    try:  # a number only: a free text could be an address, which some libraries would open
        if number is None:
            raise ValueError
        return table.set_crs(int(number[1])).to_crs("EPSG:4326"), [said]
    except ValueError:
        raise refused(
            path, f"cannot be in {crs!r}", "Write the system as EPSG:4326.",
            check="has-coordinate-system", expected="a coordinate system by its EPSG number",
        ) from None  # fmt: skip


def _has_polygons(table: gpd.GeoDataFrame) -> bool:
    kinds = shapely.get_type_id(table.geometry.to_numpy())
    return bool(np.isin(kinds, (3, 6)).any())


def _readable(path: Path, layer: Layer) -> Layer:
    """Put right text that was UTF-8 and was once read as Latin-1 ("CÃ´te" for "Côte")."""
    mended = []
    table = layer.table
    for column in table.columns.drop("geometry"):
        values = table[column]
        if not pd.api.types.is_object_dtype(values) and not pd.api.types.is_string_dtype(values):
            continue
        right = _unscrambled(values)
        if right is not None:
            table = table.assign(**{column: right})
            mended.append(str(column))
    if not mended:
        return layer
    note = f"{path.name}: text of {', '.join(mended)} was UTF-8 read as Latin-1; put right."
    return Layer(layer.name, table, (*layer.notes, note))


def _unscrambled(values: "pd.Series[Any]") -> "pd.Series[Any] | None":
    """Return the column as it was meant; None where any of it is not scrambled in this way."""
    texts = values.map(lambda value: isinstance(value, str) and not value.isascii())
    foreign = values[texts]
    if foreign.empty or not foreign.str.contains(_SCRAMBLED).all():
        return None
    for taken_for in ("cp1252", "latin-1"):
        try:
            meant = foreign.map(lambda text, via=taken_for: text.encode(via).decode("utf-8"))
        except UnicodeError:
            continue
        right = values.copy()
        right.loc[foreign.index] = meant
        return right
    return None


def _check_size(path: Path, layers: list[Layer]) -> None:
    """Refuse what would take hours or is not on the Earth, before anything is computed with it."""
    geometry = np.concatenate([layer.table.geometry.to_numpy() for layer in layers])
    vertices = shapely.get_num_coordinates(geometry)
    worst = int(vertices.max())
    for found, limit, what in (
        (int(vertices.sum()), MAX_VERTICES, "corners"),
        (worst, MAX_UNIT_VERTICES, "corners in one polygon"),
        (int(shapely.get_num_geometries(geometry).max()), _MAX_PARTS, "parts in one unit"),
    ):
        if found > limit:
            raise refused(
                path, f"has {found:,} {what}; at most {limit:,} are read",
                "Simplify it, as a coverage so that shared borders stay shared.",
                check="is-bounded",
            )  # fmt: skip
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    away = ~np.isfinite(coordinates).all(axis=1) | (np.abs(coordinates) > (360.0, 90.5)).any(axis=1)
    if away.any():
        rows = sorted({int(row) + 1 for row in owner[away]})
        raise refused(
            path,
            f"has coordinates that are not on the Earth ({len(rows)} unit(s), "
            f"rows {', '.join(map(str, rows[:5]))})",
            "Check its coordinate system.",
            check="on-earth",
        )


def _first_words(fault: Exception) -> str:
    return str(fault).split("\n")[0].split(";")[0][:100].rstrip(".")
