"""Vector tiles. Geometry is encoded once per vintage; values are spliced in per map.

The layer ``units`` is the constant bytes of `prepared_tile`, then the rows of the map's value table
gathered by the tile's units (`maps.tile_splice` has the layout). ``value`` is a double in every
feature (NaN without a figure) beside the text ``state``: the column stays numeric for GDAL and QGIS,
and nobody can take a missing figure for zero.

Beside ``units`` a map tile has ``boundaries`` (lines, each once), ``flows`` (bands as polygons),
``dots``, ``symbols`` (circles) and ``labels`` (names), where the map has them. Flows, symbols and labels
are those of the level that is shown at the tile's zoom (`maps.tile_levels`).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.assembly import polygons_only
from maps.mvt_encoding import (
    Feature,
    Value,
    encode_layer,
    line_commands,
    point_commands,
    polygon_commands,
)
from maps.tile_address import EXTENT, check_tile, to_world
from maps.tile_geometry import BUFFER, TileGeometry
from maps.tile_splice import KeptBytes, PreparedTile, no_units, prepared, splice, splice_gzip
from maps.tile_values import SceneValues

__all__ = [
    "LAND",
    "TILE_LAYERS",
    "geometry_tile",
    "map_tile",
    "map_tile_gzip",
    "prepared_tile",
]

TILE_LAYERS = ("units", "boundaries", "flows", "dots", "symbols", "labels")
"""What a map tile holds, in this order."""
LAND = "land"
"""The ground beneath, which a tile holds only where it is asked for: the focus and its neighbours."""

_STEPS_PER_PIXEL = EXTENT / 512
_FRAME = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


def geometry_tile(geometry: TileGeometry, z: int, x: int, y: int) -> bytes:
    """Return the units of a tile with ``pcode`` and ``name``, feature ids for joining values.

    Empty bytes where no unit lies. Raises `NoSuchTile` outside the world. The bytes depend on the
    vintage's content, the level and the address alone.
    """
    return prepared_tile(geometry, z, x, y).head


def map_tile(
    values: SceneValues,
    geometry: TileGeometry,
    z: int,
    x: int,
    y: int,
    *,
    layers: Sequence[str] = TILE_LAYERS,
) -> bytes:
    """Return a tile of a map: the units' geometry with the scene's values, and its other layers.

    ``layers`` leaves out what it does not name, and may name `LAND`. Raises `NoSuchTile` outside
    the world.
    """
    others = _drawn_layers(values, layers, z, x, y).plain
    if "units" not in layers:
        return others
    return splice(prepared_tile(geometry, z, x, y, values.table.shape), values.table) + others


def map_tile_gzip(
    values: SceneValues,
    geometry: TileGeometry,
    z: int,
    x: int,
    y: int,
    *,
    layers: Sequence[str] = TILE_LAYERS,
) -> bytes:
    """Return `map_tile` as gzip. What no value changes is deflated once and kept."""
    others = _drawn_layers(values, layers, z, x, y)
    shape = values.table.shape
    units = prepared_tile(geometry, z, x, y, shape) if "units" in layers else no_units(shape)
    return splice_gzip(units, values.table, others)


def prepared_tile(
    geometry: TileGeometry, z: int, x: int, y: int, shape: tuple[tuple[str, ...], int] = ((), 0)
) -> PreparedTile:
    """Return what of a tile no value changes, for value tables of a ``shape``; kept once made.

    Raises `NoSuchTile` outside the world.
    """
    check_tile(z, x, y)
    return geometry.memory.kept(
        (z, x, y, shape),
        lambda: prepared(geometry.shapes(z, x, y), geometry.texts, shape),
    )


def _drawn_layers(values: SceneValues, layers: Sequence[str], z: int, x: int, y: int) -> KeptBytes:
    """Return the layers that are not the units; kept once made."""
    others = tuple(name for name in layers if name != "units")
    check_tile(z, x, y)
    return values.memory.kept(
        (others, z, x, y),
        lambda: KeptBytes(b"".join(_other_layer(values, name, z, x, y) for name in others)),
    )


# --- the other layers: few features, encoded when first asked for ----------------------------------


def _other_layer(values: SceneValues, name: str, z: int, x: int, y: int) -> bytes:
    features = {
        LAND: _land_features,
        "boundaries": _boundary_features,
        "flows": _flow_features,
        "dots": _dot_features,
        "symbols": _symbol_features,
        "labels": _label_features,
    }[name]
    return encode_layer(name, features(values, z, x, y))


def _land_features(values: SceneValues, z: int, x: int, y: int) -> list[Feature]:
    near = [
        (shape, role)
        for (shape, role), there in zip(
            values.land,
            shapely.intersects([s for s, _ in values.land], _world_box(z, x, y)),
            strict=True,
        )
        if there
    ]
    if not near:
        return []
    shapes = shapely.simplify(
        _in_steps([shape for shape, _ in near], z, x, y), _STEPS_PER_PIXEL / 2
    )
    cut = shapely.intersection(shapely.make_valid(shapes), _FRAME, grid_size=1.0)
    kept = [
        (shape, role)
        for shape, (_, role) in zip(polygons_only(cut), near, strict=True)
        if shape is not None
    ]
    blobs = polygon_commands(np.array([shape for shape, _ in kept], dtype=object))
    return [
        Feature("polygon", blob, {"role": role})
        for blob, (_, role) in zip(blobs, kept, strict=True)
    ]


def _world_box(z: int, x: int, y: int) -> Any:
    side, edge = 2.0**-z, BUFFER / EXTENT * 2.0**-z
    return shapely.box(
        x * side - edge, y * side - edge, (x + 1) * side + edge, (y + 1) * side + edge
    )


def _boundary_features(values: SceneValues, z: int, x: int, y: int) -> list[Feature]:
    if not values.lines:
        return []
    near = shapely.clip_by_rect(
        np.array([shape for shape, _ in values.lines], dtype=object), *_world_box(z, x, y).bounds
    )
    drawn = np.flatnonzero(shapely.length(near) > 0)
    lines = shapely.simplify(_in_steps(near[drawn], z, x, y), _STEPS_PER_PIXEL / 2)
    return [
        Feature("line", blob, values.lines[each][1])
        for blob, each in zip(line_commands(lines), drawn.tolist(), strict=True)
        if blob
    ]


def _flow_features(values: SceneValues, z: int, x: int, y: int) -> list[Feature]:
    marks = values.marks(z)
    bands = marks.bands(z)
    shapes = _in_steps([band.outline for band in bands], z, x, y)
    whole = shapely.intersection(shapes, _FRAME, grid_size=1.0)  # on the grid, so that it is valid
    drawn = [
        (band, shape)
        for band, shape in zip(bands, polygons_only(whole), strict=True)
        if shape is not None  # where a thin band collapses on the grid, its head is still there
    ]
    blobs = polygon_commands(np.array([shape for _, shape in drawn], dtype=object))
    return [
        Feature("polygon", blob, marks.flows[band.index] | {"to_scale": int(band.to_scale)})
        for (band, _), blob in zip(drawn, blobs, strict=True)
    ]


def _dot_features(values: SceneValues, z: int, x: int, y: int) -> list[Feature]:
    features = []
    for mark in values.scene.dots:
        if not mark.points:
            continue
        about: dict[str, Value] = {"pcode": mark.pcode, "group": mark.group, "colour": mark.colour}
        at = (to_world(np.array(mark.points)) * 2**z - [x, y]) * EXTENT
        features += [
            Feature("point", point_commands(int(column), int(row)), about)
            for column, row in at.tolist()
            if _inside(column, row)
        ]
    return features


def _symbol_features(values: SceneValues, z: int, x: int, y: int) -> list[Feature]:
    return [
        Feature("point", point_commands(math.floor(column), math.floor(row)), circle.attributes)
        for column, row, circle in values.marks(z).near(z, x, y)
    ]


def _label_features(values: SceneValues, z: int, x: int, y: int) -> list[Feature]:
    marks = values.marks(z)
    features = [
        Feature("point", point_commands(column, row), label.attributes)
        for column, row, label in marks.labels_in(z, x, y)
    ]
    stubs = {stub for band in marks.bands(z) for stub in band.stubs}
    for name, at_x, at_y in sorted(stubs):
        column, row = (at_x * 2**z - x) * EXTENT, (at_y * 2**z - y) * EXTENT
        if _inside(column, row):
            about: dict[str, Value] = {"text": name, "kind": "stub", "rank": 0, "level": 0}
            features.append(Feature("point", point_commands(int(column), int(row)), about))
    return features


def _inside(column: float, row: float) -> bool:
    """Whether a point is this tile's own; it is in no other, so that nothing is drawn twice."""
    return 0 <= column < EXTENT and 0 <= row < EXTENT


def _in_steps(
    shapes: Sequence[Any] | NDArray[np.object_], z: int, x: int, y: int
) -> NDArray[np.object_]:
    """Return shapes in world units as shapes in tile steps."""
    corner = np.array([x, y], dtype=np.float64) * EXTENT
    return np.asarray(
        shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * (EXTENT * 2**z) - corner),
        dtype=object,
    )
