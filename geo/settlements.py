"""Settlements: points that tell where the people of a unit live, with or without how many."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.errors import UnreadableBoundaries
from boundaries.sniffing import sniff
from geo.errors import TableError

__all__ = ["UnreadableSettlements", "read_settlements"]

_POPULATION = ("population", "pop", "persons", "total")


class UnreadableSettlements(TableError):
    """A file of settlements that cannot be used."""

    code = "unreadable-settlements"

    def __init__(self, path: Path, *, found: str) -> None:
        self.path, self.found = path, found
        super().__init__(
            f"{path}: {found}; expected points as GeoPackage, GeoJSON, shapefile, FlatGeobuf or "
            "GeoParquet. Get the file again, or leave it out: shares are then by area."
        )


def read_settlements(path: Path) -> gpd.GeoDataFrame:
    """Read settlements.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4326; a column ``population`` (persons) where the file has one by that name.

    Raises
    ------
    UnreadableSettlements
        Not there, another format, no points, or no coordinate system.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        kind = sniff(path)
    except UnreadableBoundaries as fault:
        raise UnreadableSettlements(path, found=fault.found) from None
    try:
        if kind == "Parquet":
            frame = gpd.read_parquet(path)
        elif kind in ("GeoJSON", "GPKG", "ESRI Shapefile", "FlatGeobuf"):
            # the prefix holds GDAL to the driver that the bytes call for
            prefix = "GeoJSON:" if kind == "GeoJSON" else ""
            frame = pyogrio.read_dataframe(f"{prefix}{path.resolve()}")
        else:
            raise UnreadableSettlements(path, found=f"is {kind}")
    except (DataSourceError, DataLayerError, ValueError, OSError) as fault:
        raise UnreadableSettlements(path, found=f"cannot be read ({str(fault)[:120]})") from None
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise UnreadableSettlements(path, found="has no points, or no coordinate system")
    points = frame[frame.geometry.geom_type == "Point"].to_crs("EPSG:4326")
    if points.empty:
        raise UnreadableSettlements(path, found="holds no points")
    named = {str(name).lower(): name for name in points.columns}
    people = next((named[name] for name in _POPULATION if name in named), None)
    told: dict[str, object] = {"geometry": points.geometry}
    if people is not None:
        counts = pd.to_numeric(points[people], errors="coerce")
        told["population"] = counts.where(counts >= 0, np.nan)
    return gpd.GeoDataFrame(told, crs="EPSG:4326").reset_index(drop=True)
