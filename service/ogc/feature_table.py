"""Features as columns. Only those that are sent become GeoJSON; "not reported" leaves as null, never 0."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.counting import exact
from service.ogc.windows import Box, Window

__all__ = ["FeatureTable", "distinct", "plain_value", "readable"]

_DIGITS = 7  # about a centimetre, as RFC 7946 advises

Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """``n`` features, their properties and where they are.

    ``ids`` (n,) are unique. ``frame`` (n rows) holds the properties, one column each. ``shapes``
    (m,) are geometries in degrees and ``at`` (n,) each feature's place among them, -1 for none:
    features of one place share it. ``since`` and ``until`` (n,) are the first and last day a feature
    is about, None where it is about no time. Treat everything as read-only.
    """

    ids: tuple[str, ...]
    frame: pd.DataFrame
    shapes: Shapes
    at: NDArray[np.intp]
    since: Sequence[dt.date | None]
    until: Sequence[dt.date | None]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _place_of(self) -> dict[str, int]:
        return {each: i for i, each in enumerate(self.ids)}

    @cached_property
    def _written(self) -> dict[int, str]:
        """Geometries written so far; there are as many as places, however many features."""
        return {}

    def place(self, feature_id: str) -> int | None:
        """Return where a feature is in the table, None where there is no such feature."""
        return self._place_of.get(feature_id)

    def matching(
        self,
        box: Box | None = None,
        window: Window | None = None,
        wanted: Mapping[str, str] | None = None,
    ) -> NDArray[np.intp]:
        """Return the places of the features that touch the box and the window and equal ``wanted``.

        A feature without time is in every window, one without place in no box: so OGC API Features
        says of the first, and leaves the second to the server.
        """
        keep = np.ones(len(self), dtype=bool)
        for column, value in (wanted or {}).items():
            there = column in self.frame  # a map of flows has no P-codes
            keep &= (self.frame[column].astype(str) == value).to_numpy(bool) if there else False
        if window is not None:
            spans = zip(self.since, self.until, strict=True)
            keep &= np.fromiter(
                (a is None or b is None or window.holds(a, b) for a, b in spans),
                dtype=bool,
                count=len(self),
            )
        if box is not None:
            import shapely

            area = box.shape()
            shapely.prepare(area)
            touched = np.append(shapely.intersects(self.shapes, area), False)  # -1: nowhere
            keep &= touched[self.at]
        return np.flatnonzero(keep)

    def written(self, place: int, links: Sequence[Mapping[str, Any]] = ()) -> str:
        """Return one feature as GeoJSON text (RFC 7946)."""
        tail = f',"links":{_json(list(links))}' if links else ""
        return (
            f'{{"type":"Feature","id":{_json(self.ids[place])},"geometry":{self._geometry(place)},'
            f'"properties":{_json(self.properties(place))}{tail}}}'
        )

    def shape(self, place: int) -> Any:
        """Return a feature's geometry, None where it has none."""
        at = int(self.at[place])
        return None if at < 0 else self.shapes[at]

    def properties(self, place: int) -> dict[str, Any]:
        """Return a feature's properties as JSON values."""
        row = {str(name): plain_value(value) for name, value in self.frame.iloc[place].items()}
        for name in self._decimal:
            row[name] = None if row[name] is None else float(row[name])
        return row

    @cached_property
    def _decimal(self) -> tuple[str, ...]:
        """Columns with a number that is not whole: all their numbers are written as decimals."""
        return tuple(str(name) for name in self.frame.columns if _has_fractions(self.frame[name]))

    def _geometry(self, place: int) -> str:
        at = int(self.at[place])
        if at < 0 or self.shapes[at] is None:
            return "null"
        if at not in self._written:
            self._written[at] = _geojson(self.shapes[at])
        return self._written[at]


def readable(table: FeatureTable) -> FeatureTable:
    """Return the table so that readers who look at its first features only take it for what it is.

    GDAL and QGIS take the type of a column from the first ten features. So features with something
    in the columns that are often empty come first, and areas are all MultiPolygons where one is (and
    lines likewise). Otherwise the order stays.
    """
    order = _telling_first(table.frame)
    return FeatureTable(
        ids=tuple(table.ids[i] for i in order),
        frame=table.frame.iloc[order].reset_index(drop=True),
        shapes=_one_kind(table.shapes),
        at=table.at[order],
        since=[table.since[i] for i in order],
        until=[table.until[i] for i in order],
    )


def _has_fractions(column: "pd.Series[Any]") -> bool:
    if pd.api.types.is_float_dtype(column.dtype):
        return bool((column.dropna() % 1 > 0).any())
    mixed = pd.api.types.is_object_dtype(column.dtype)
    return mixed and any(isinstance(value, float) and value % 1 > 0 for value in column)


def _telling_first(frame: pd.DataFrame) -> NDArray[np.intp]:
    """Return the order of the rows: some that have something in each column, then the others."""
    there = frame.notna().to_numpy(dtype=bool)
    often = there.sum(axis=0)
    first: list[int] = []
    for column in np.argsort(often, kind="stable"):  # what the rarest tells, others tell too
        if often[column] and not there[first, column].any():
            first.append(int(there[:, column].argmax()))
    others = np.delete(np.arange(len(frame), dtype=np.intp), first)
    return np.concatenate([np.array(first, dtype=np.intp), others])


def _one_kind(shapes: Shapes) -> Shapes:
    """Return the shapes as collections of parts where one of their dimension is such a collection."""
    import shapely

    kinds = {None if shape is None else str(shape.geom_type) for shape in shapes}
    makers = {
        "Polygon": shapely.multipolygons,
        "LineString": shapely.multilinestrings,
    }
    many = [kind for kind in makers if {kind, f"Multi{kind}"} <= kinds]
    if not many:
        return shapes
    found = shapes.copy()
    for i, shape in enumerate(shapes):
        if shape is not None and shape.geom_type in many:
            found[i] = makers[shape.geom_type]([shape])
    return found


def distinct(ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids so that each is there once: a second "a" becomes "a.2".

    >>> distinct(["a", "b", "a"])
    ('a', 'b', 'a.2')
    """
    seen: dict[str, int] = {}
    found = []
    for each in ids:
        seen[each] = seen.get(each, 0) + 1
        found.append(each if seen[each] == 1 else f"{each}.{seen[each]}")
    return tuple(found)


def plain_value(value: Any) -> Any:
    """Return a cell as a JSON value: a day as text, a whole number as int, nothing as None.

    >>> plain_value(1200.0), plain_value(float("nan")), plain_value(dt.date(2020, 6, 30))
    (1200, None, '2020-06-30')
    """
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.integer | np.floating):
        return exact(float(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)


def _geojson(shape: Any) -> str:
    """Write a geometry: exteriors counter-clockwise, as RFC 7946 wants them."""
    import shapely

    turned = shapely.orient_polygons(shape)
    rounded = shapely.transform(turned, lambda points: np.round(points, _DIGITS))
    return str(shapely.to_geojson(rounded))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
