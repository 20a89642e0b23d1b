"""How a table of units is made whole. Order, label points and content hash are decided here once."""

import hashlib
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.units import UNIT_COLUMNS

__all__ = ["assemble", "content_hash", "label_points", "polygons_only", "with_missing_parents"]

_HASH_DECIMALS = 6  # about 0.1 m: two writers of the same file agree to that
_PASSES = (
    3  # a rebuilt ring can cross itself by a rounding of its new corners; a second pass ends that
)


def polygons_only(geometry: NDArray[Any]) -> NDArray[Any]:
    """Return valid Polygons and MultiPolygons; None where a geometry holds no area.

    Self-crossing rings are rebuilt by GEOS's ``structure`` method, and the lines and points that
    a repair leaves behind are dropped.
    """
    geometry = np.asarray(geometry, dtype=object).copy()
    for _ in range(_PASSES):
        broken = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
        if not broken.any():
            break
        geometry[broken] = shapely.make_valid(
            geometry[broken], method="structure", keep_collapsed=False
        )
    for i in np.flatnonzero(
        shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    ):
        parts = shapely.get_parts(geometry[i])
        areal = parts[np.isin(shapely.get_type_id(parts), (3, 6))]
        geometry[i] = shapely.union_all(areal) if len(areal) else None
    without_area = ~np.isin(shapely.get_type_id(geometry), (3, 6)) | shapely.is_empty(geometry)
    geometry[without_area] = None
    return geometry


def label_points(geometry: NDArray[Any]) -> NDArray[np.float64]:
    """Return a point well inside each unit, for its label and symbol.

    It is the pole of inaccessibility (the centre of the largest inscribed circle) of the unit's
    largest part, found in coordinates stretched by cos(latitude), so that the circle is round on
    the ground and not in degrees.

    Parameters
    ----------
    geometry : array of Polygon or MultiPolygon, shape (n,)
        In degrees (EPSG:4326).

    Returns
    -------
    array of float, shape (n, 2)
        Longitude and latitude in degrees, to 5 decimals.

    References
    ----------
    Garcia-Castellanos and Lombardo (2007), "Poles of inaccessibility", Scottish Geogr. J. 123(3).

    Examples
    --------
    >>> label_points(np.array([shapely.box(0, -1, 2, 1)])).tolist()
    [[1.0, 0.0]]
    """
    points = np.empty((len(geometry), 2))
    for i, unit in enumerate(geometry):
        parts = shapely.get_parts(unit)
        part = parts[int(np.argmax(shapely.area(parts)))]
        middle = (part.bounds[1] + part.bounds[3]) / 2
        squeeze = np.array([max(np.cos(np.radians(middle)), 0.05), 1.0])
        flat = shapely.transform(part, lambda xy, squeeze=squeeze: xy * squeeze)
        circle = shapely.maximum_inscribed_circle(flat, tolerance=np.sqrt(flat.area) / 200)
        exact = shapely.get_coordinates(circle)[0] / squeeze
        rounded = np.round(exact, 5) + 0.0
        points[i] = rounded if shapely.contains_xy(part, *rounded) else exact
    return points


def content_hash(frame: gpd.GeoDataFrame) -> str:
    """Return 12 hex digits that change with any code or polygon, and with nothing else.

    Names do not count: a corrected spelling leaves a tile as it is. The order of the rows does
    not count either, nor where a ring starts and which way it turns (formats differ in that);
    coordinates count to 6 decimals.
    """
    ordered = frame.sort_values("pcode")
    rounded = shapely.transform(
        ordered.geometry.to_numpy(), lambda xy: np.round(xy, _HASH_DECIMALS) + 0.0
    )
    geometry = shapely.normalize(rounded)
    digest = hashlib.sha256()
    for code, wkb in zip(ordered["pcode"], shapely.to_wkb(geometry, byte_order=1), strict=True):
        digest.update(str(code).encode() + b"\0")
        digest.update(wkb)
    return digest.hexdigest()[:12]


def assemble(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with exactly ``UNIT_COLUMNS``, in order of level, then P-code.

    Text that is not there becomes ""; label points that are not there are worked out.
    """
    whole = frame.copy()
    for column in UNIT_COLUMNS:
        if column in ("level", "label_lon", "label_lat", "geometry"):
            continue
        text = whole[column] if column in whole else pd.Series("", index=whole.index)
        whole[column] = text.astype("str").fillna("")
    whole["level"] = whole["level"].astype("int64")
    if "label_lon" not in whole:
        points = label_points(whole.geometry.to_numpy())
        whole["label_lon"], whole["label_lat"] = points[:, 0], points[:, 1]
    whole = whole.sort_values(["level", "pcode"], ignore_index=True)
    return gpd.GeoDataFrame(whole[list(UNIT_COLUMNS)], geometry="geometry", crs="EPSG:4326")


def with_missing_parents(frame: gpd.GeoDataFrame, names: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the units above that the rows name but the table does not hold, dissolved from below.

    Parameters
    ----------
    frame : GeoDataFrame
        ``pcode``, ``level``, ``parent``, ``iso3``, ``code_scheme``, ``geometry``; one or more levels.
    names : DataFrame
        One row per unit above: ``pcode``, ``parent``, ``name`` and any ``name_fr``… columns.
        A parent without a row here is made too; it is called by its code.
    """
    whole = frame
    known = names.drop_duplicates("pcode").set_index("pcode")
    for level in range(int(frame["level"].max()), 0, -1):
        below = whole[(whole["level"] == level) & (whole["parent"] != "")]
        missing = below[~below["parent"].isin(whole["pcode"])]
        made = []
        for code, children in missing.groupby("parent"):
            about = known.loc[str(code)].to_dict() if code in known.index else {"name": str(code)}
            made.append(
                {
                    **{key: value for key, value in about.items() if pd.notna(value)},
                    "pcode": str(code),
                    "level": level - 1,
                    "parent": str(about.get("parent") or "") if level > 1 else "",
                    "iso3": children["iso3"].iloc[0],
                    "code_scheme": children["code_scheme"].iloc[0],
                    "geometry": _dissolved(children.geometry.to_numpy()),
                }
            )
        if made:
            above = gpd.GeoDataFrame(made, geometry="geometry", crs=frame.crs)
            whole = gpd.GeoDataFrame(pd.concat([whole, above], ignore_index=True), crs=frame.crs)
    return whole


def _dissolved(parts: NDArray[Any]) -> Any:
    """Join polygons; fast where they fit exactly, robust where they do not."""
    if len(parts) == 1:
        return parts[0]
    if shapely.coverage_is_valid(parts):
        return shapely.coverage_union_all(parts)
    return shapely.union_all(parts)
