"""TopoJSON to polygons. Borders are stored once, so neighbours stay neighbours to the last digit.

GDAL is not used for it: its decoder skips positions of more than two numbers, and then moves every
polygon without a word (whole countries lie on one spot; seen in published files whose first
position of an arc has four). Here only the first two numbers of a position count.

TopoJSON has no coordinate system: it is WGS 84, degrees.
"""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.sniffing import refused

__all__ = ["read_topojson"]

_AGAIN = "Export it again, or give the same boundaries as GeoJSON or GeoPackage."
_MEET = 1e-9  # degrees; arcs of one ring share their end to the last digit of the writer

_Arcs = list[NDArray[np.float64]]


def read_topojson(path: Path) -> tuple[dict[str, gpd.GeoDataFrame], list[str]]:
    """Decode every object of a topology.

    Returns
    -------
    dict of str to GeoDataFrame
        By the object's name: its properties, the feature's own ``id`` where it has one and no
        property of that name, and polygons in EPSG:4326. Other geometry becomes None. Rings are
        as the file has them: not yet mended.
    list of str
        What is to be said: rings that the file's grid has shrunk to a line or point, which hold
        no area and are left out.

    Raises
    ------
    UnreadableBoundaries
        Not whole, no arcs, arcs that are not there or do not meet.

    References
    ----------
    Bostock and Metcalf (2013), "The TopoJSON Format Specification", version 1.0.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"))
        arcs = _arcs(body)
        objects = dict(body["objects"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise refused(
            path, "is TopoJSON that is not whole (its arcs cannot be read)", _AGAIN,
            check="is-whole",
        ) from None  # fmt: skip
    tables, shrunk = {}, 0
    try:
        for name, thing in objects.items():
            members = thing["geometries"] if thing["type"] == "GeometryCollection" else [thing]
            decoded = [_polygon(member, arcs) for member in members]
            shrunk += sum(lost for _, lost in decoded)
            geometry = np.array([polygon for polygon, _ in decoded], dtype=object)
            tables[str(name)] = gpd.GeoDataFrame(
                _properties(members), geometry=geometry, crs="EPSG:4326"
            )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise refused(
            path, "is TopoJSON whose arcs do not meet in rings", _AGAIN, check="is-whole"
        ) from None
    notes = []
    if shrunk:
        notes.append(
            f"{path.name}: {shrunk} ring(s) are smaller than the grid the file was rounded to and "
            "hold no area: left out."
        )
    return tables, notes


def _arcs(body: dict[str, Any]) -> _Arcs:
    """Return every arc in degrees, shape (n, 2) each."""
    stored: list[list[Sequence[float]]] = body["arcs"]
    lengths = [len(arc) for arc in stored]
    starts = np.cumsum([0, *lengths])
    flat = np.array([position[:2] for arc in stored for position in arc], dtype=np.float64)
    flat = flat.reshape(-1, 2)
    if transform := body.get("transform"):  # positions are steps on a grid, each from the last
        walked = np.vstack([[0.0, 0.0], np.cumsum(flat, axis=0)])
        flat = walked[1:] - np.repeat(walked[starts[:-1]], lengths, axis=0)
        flat = flat * np.array(transform["scale"]) + np.array(transform["translate"])
    return [flat[start:end] for start, end in pairwise(starts)]


def _properties(members: list[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        {**({"id": member["id"]} if "id" in member else {}), **(member.get("properties") or {})}
        for member in members
    ]
    table = pd.DataFrame(rows, index=range(len(members)))
    nested = [c for c in table if table[c].map(lambda value: isinstance(value, dict | list)).any()]
    return table.drop(columns=nested)


def _polygon(member: dict[str, Any], arcs: _Arcs) -> tuple[Any, int]:
    """Return a polygon (None where there is no area) and how many rings hold none."""
    kind = member.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        return None, 0
    parts = [member["arcs"]] if kind == "Polygon" else member["arcs"]
    made, lost = [], 0
    for rings in parts:
        closed = [_ring(ring, arcs) for ring in rings]
        lost += sum(ring is None for ring in closed)
        if closed and closed[0] is not None:
            made.append(
                shapely.Polygon(closed[0], [hole for hole in closed[1:] if hole is not None])
            )
    if not made:
        return None, lost
    return (made[0] if kind == "Polygon" else shapely.MultiPolygon(made)), lost


def _ring(indices: Sequence[int], arcs: _Arcs) -> Any:
    """Join arcs to a closed ring; a negative index is the arc ``~index`` walked backwards."""
    pieces: list[NDArray[np.float64]] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        if pieces and np.abs(pieces[-1][-1] - arc[0]).max() > _MEET:
            raise ValueError("arcs do not meet")
        pieces.append(arc[1:] if pieces else arc)
    walk = np.concatenate(pieces)
    if np.abs(walk[0] - walk[-1]).max() > _MEET:
        raise ValueError("ring is not closed")
    walk[-1] = walk[0]
    return shapely.linearrings(walk) if len(walk) >= 4 else None
