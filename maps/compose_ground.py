"""What lies under the figures: the frame, the land, the lines and the names. Degrees throughout.

The frame holds the focus country and everything drawn near it; a far country of origin does not
stretch it. Land and lines reach far enough beyond the frame for any paper, upright or lying.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from weakref import ref

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from boundaries.lines import boundary_lines
from boundaries.names import normalise_name
from boundaries.units import BoundarySet
from maps.compose_setting import Setting
from maps.scene import ContextArea, MapLine, Node, PlaceLabel
from maps.spec import PAPERS

__all__ = [
    "Box",
    "bounding_box",
    "compose_context",
    "compose_labels",
    "compose_lines",
    "compose_world",
    "likely_frame",
    "projection_for",
]

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

_MARGIN = 0.03  # of the frame's size, on each side
_NEAR = 0.35  # a flow's end stretches the frame if it lies within so much of the focus's size
_BEYOND = 0.35  # of the frame's size, on each side
_WIDEST, _TALLEST = 2.1, 1.7  # width to height, and height to width, of any map on any paper
_CONTINENTS = 110.0  # degrees of longitude: in a wider frame only countries with marks are named
_NO_ICE = -58.0  # degrees: a map of the world without Antarctica, unless it is asked for
_WORLD = 200.0  # beyond, the map is cut at 180° East like the data, or shapes would be torn
_ALONG = 0.1  # degrees: two vintages' lines of one border lie within so much of each other
_GLOBE_DETAIL = 0.4  # degrees; the locator globe is 20 mm wide


def bounding_box(
    setting: Setting, points: Iterable[tuple[float, float]], nodes: Iterable[Node]
) -> Box:
    """Return what must be in the frame: the spec's extent, or the focus country and what is drawn.

    Without a focus, all countries of the situation take its place. Symbols always stretch the frame; ends of flows do when they are near. Countries seen whole
    never do: where their middle lies outside, the band goes to the frame's edge.
    """
    if setting.spec.extent is not None:
        return setting.spec.extent
    at_home = [setting.focus] if setting.focus else setting.countries
    west, south, east, north = shapely.total_bounds([setting.shapes[code] for code in at_home])
    reach = _NEAR * max(east - west, north - south)
    near = [
        (node.lon, node.lat)
        for node in nodes
        if node.kind != "country"
        and west - reach <= node.lon <= east + reach
        and south - reach <= node.lat <= north + reach
    ]
    lons, lats = zip(*points, *near, (west, south), (east, north), strict=True)
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    aside, above = _MARGIN * (east - west), _MARGIN * (north - south)
    return (
        max(west - aside, -180.0),
        max(south - above, -90.0),
        min(east + aside, 180.0),
        min(north + above, 90.0),
    )


def projection_for(box: Box) -> str:
    """Return a PROJ string: areas true, centred on the frame, so that shades and circles compare.

    A frame over continents gets Equal Earth (Šavrič, Patterson & Jenny 2019).

    >>> projection_for((-12.5, 9.5, 4.5, 25.5))
    '+proj=laea +lat_0=17.5 +lon_0=-4 +datum=WGS84 +units=m +no_defs'
    """
    lon, lat = round((box[0] + box[2]) / 2, 2), round((box[1] + box[3]) / 2, 2)
    if box[2] - box[0] > _CONTINENTS:
        middle = 0 if box[2] - box[0] > _WORLD else lon
        return f"+proj=eqearth +lon_0={middle:g} +datum=WGS84 +units=m +no_defs"
    return f"+proj=laea +lat_0={lat:g} +lon_0={lon:g} +datum=WGS84 +units=m +no_defs"


def _stretched(box: Box, wide: float, tall: float) -> Box:
    """Widen a box so that it holds any frame round it up to these ratios of width and height."""
    west, south, east, north = box
    middle = (south + north) / 2
    squeeze = max(math.cos(math.radians(middle)), 0.2)
    width, height = (east - west) * squeeze, north - south
    aside = max(0.0, height * wide - width) / 2 / squeeze
    above = max(0.0, width * tall - height) / 2
    return (
        max(west - aside, -180.0),
        max(south - above, -89.0),
        min(east + aside, 180.0),
        min(north + above, 89.0),
    )


def likely_frame(setting: Setting, box: Box) -> Box:
    """Return roughly what the spec's paper will show round the box; the page has the last word."""
    paper = PAPERS[setting.spec.paper]
    width, height = paper.width - 20, paper.height - 45  # margins, title block and notes
    return _stretched(box, width / height, height / width)


def _everywhere(box: Box) -> Box:
    west, south, east, north = _stretched(box, _WIDEST, _TALLEST)
    # A legend at the side moves the content from the middle: far more lies on that side.
    aside, above = _BEYOND * (east - west), _BEYOND * (north - south)
    bottom = _NO_ICE if box[2] - box[0] > _CONTINENTS and box[1] > _NO_ICE else -89.0
    return (
        max(west - aside, -180.0),
        max(south - above, bottom),
        min(east + aside, 180.0),
        min(north + above, 89.0),
    )


def _countries(setting: Setting, box: Box) -> gpd.GeoDataFrame:
    """Return the countries in a box: the situation's own of its vintage, the others of the world."""
    world, own = setting.world.at(0), setting.places.at(0)
    codes, known = set(own["pcode"]), {iso3 for iso3 in own["iso3"] if iso3}
    others = world[~world["pcode"].isin(codes) & ~world["iso3"].isin(known)]
    table = pd.concat([own, others], ignore_index=True)
    near = shapely.intersects(table.geometry.to_numpy(), shapely.box(*box))
    return gpd.GeoDataFrame(table[near].reset_index(drop=True), crs="EPSG:4326")


def compose_context(setting: Setting, box: Box) -> tuple[ContextArea, ...]:
    """Return the land of the frame and round it, neighbours first, the focus country last."""
    wide = _everywhere(box)
    table = _countries(setting, wide)
    areas = []
    for pcode, shape in zip(table["pcode"], table.geometry, strict=True):
        land = shape if pcode == setting.focus else _polygons(shapely.clip_by_rect(shape, *wide))
        if not land.is_empty:
            areas.append(ContextArea(str(pcode), _role(setting, str(pcode)), land))
    return tuple(sorted(areas, key=lambda area: (area.role == "focus", area.pcode)))


def _role(setting: Setting, pcode: str) -> Literal["focus", "neighbour"]:
    return "focus" if pcode == setting.focus else "neighbour"


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """Keep the areas of a clipped shape: a rectangle through a corner leaves points and lines."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in getattr(shape, "geoms", ()) if part.geom_type == "Polygon"]
    return shapely.multipolygons(parts) if parts else shapely.Polygon()


def compose_lines(setting: Setting, box: Box, filled: Iterable[str]) -> tuple[MapLine, ...]:
    """Return each boundary once: international everywhere, internal where the map speaks of units.

    ``filled`` are units in colour; beside the focus country, theirs are the countries whose
    internal boundaries are drawn.
    """
    wide = _everywhere(box)
    filled = sorted(set(filled))
    level = max((setting.places.unit(pcode).level for pcode in filled), default=1)
    level = 0 if _whole_countries(setting) else min(level, max(setting.places.levels))
    inside = frozenset({setting.focus} | {setting.country_of(pcode) for pcode in filled})
    key = (id(setting.places), id(setting.world), level, inside, wide)
    kept = _LINES.get(key)
    if kept is None or kept[0]() is not setting.places or kept[1]() is not setting.world:
        kept = ref(setting.places), ref(setting.world), _lines_of(setting, level, inside, wide)
        while len(_LINES) >= _LINES_KEPT:
            _LINES.pop(next(iter(_LINES)), None)
        _LINES[key] = kept
    return kept[2]


_LINES_KEPT = 8
_LINES: dict[
    tuple[int, int, int, frozenset[str], Box],
    tuple[ref[BoundarySet], ref[BoundarySet], tuple[MapLine, ...]],
] = {}
"""The lines of the last maps: another group or day has the same borders, and they take seconds."""


def _lines_of(
    setting: Setting, level: int, inside: frozenset[str], wide: Box
) -> tuple[MapLine, ...]:
    table = _countries(setting, wide)
    units = setting.places.at(level)
    country = [setting.country_of(pcode) for pcode in setting.places.codes(level)]
    units = units[np.array([code in inside for code in country], dtype=np.bool_)]
    covered = inside.intersection(country)
    whole = table[~table["pcode"].isin(covered)]

    # Borders shared by two vintages do not have the same vertices and would come out twice.
    foreign = setting.places.vintage.content != setting.world.vintage.content
    own = whole["pcode"].isin(list(setting.places.at(0)["pcode"]))
    mine = pd.concat([units, whole[own] if foreign else whole], ignore_index=True)
    found = _lines(gpd.GeoDataFrame(mine, crs="EPSG:4326"), wide)
    if foreign and not own.all():
        others = _lines(gpd.GeoDataFrame(whole[~own], crs="EPSG:4326"), wide)
        found += _apart_from(mine.geometry.to_numpy(), others)
    return tuple(sorted(found, key=lambda line: (-line.rank, line.status)))


def _apart_from(shapes: NDArray[np.object_], lines: Sequence[MapLine]) -> list[MapLine]:
    """Return lines without what runs inside some shapes, or along them."""
    parts = shapely.get_parts([line.geometry for line in lines])
    # of a world of small units only those near a line cut it; what lies farther off shapes no edge
    near = np.unique(shapely.STRtree(shapes).query(parts, "dwithin", 3 * _ALONG)[1])
    ours = shapely.union_all(shapes[near]).buffer(_ALONG)
    return [
        MapLine(line.rank, line.status, rest)
        for line in lines
        if not (rest := shapely.difference(line.geometry, ours)).is_empty
    ]


def _whole_countries(setting: Setting) -> bool:
    """Whether every layer speaks of countries: then nothing inside them is drawn or named."""
    return all(layer.level == 0 for layer in setting.spec.layers)


def _lines(units: gpd.GeoDataFrame, box: Box) -> list[MapLine]:
    table = boundary_lines(units)
    clipped = shapely.clip_by_rect(table.geometry.to_numpy(), *box)
    merged: dict[tuple[int, Any], list[BaseGeometry]] = {}
    for rank, status, shape in zip(table["rank"], table["status"], clipped, strict=True):
        if not shape.is_empty:
            merged.setdefault((int(rank), status), []).append(shape)
    return [
        MapLine(rank, status, shapely.line_merge(shapely.union_all(shapes)))
        for (rank, status), shapes in sorted(merged.items())
    ]


def compose_world(setting: Setting) -> tuple[ContextArea, ...]:
    """Return all countries, coarsely, for the locator globe; a focus of one's own vintage too."""
    table = setting.world.at(0)
    coarse = shapely.simplify(table.geometry.to_numpy(), _GLOBE_DETAIL, preserve_topology=False)
    focus_iso3 = setting.released.focus
    areas = [
        ContextArea(
            str(pcode), "focus" if focus_iso3 and iso3 == focus_iso3 else "neighbour", shape
        )
        for pcode, iso3, shape in zip(table["pcode"], table["iso3"], coarse, strict=True)
        if not shape.is_empty
    ]
    if setting.focus and not any(area.role == "focus" for area in areas):
        areas.append(ContextArea(setting.focus, "focus", setting.shapes[setting.focus]))
    return tuple(areas)


# --- names ----------------------------------------------------------------------------------------

_FOCUS, _CAPITAL, _COUNTRY, _SITE, _UNIT, _FOREIGN_CAPITAL, _TOWN = range(7)
"""Ranks: what is dropped last comes first."""

_SMALLEST_LAND = 0.004  # of the frame: less of a neighbour in sight gets no name


def compose_labels(
    setting: Setting,
    box: Box,
    towns: pd.DataFrame,
    nodes: Sequence[Node],
    marked: Iterable[str],
) -> tuple[PlaceLabel, ...]:
    """Return the names to be placed, the most important first.

    Countries in the frame, the units of the focus country and all units that carry a mark, the
    sites that bands end at, capitals, and the focus country's regional capitals. A unit that
    bears the name of the capital inside it is named once.
    """
    frame = likely_frame(setting, box)
    end_names = {node.name for node in nodes}
    in_sight = _town_labels(setting, towns, frame, end_names)
    capitals = {label.text for label, _ in in_sight if label.kind == "capital"}
    sites = [
        PlaceLabel(node.name, "site", node.lon, node.lat, _SITE)
        for node in nodes
        if node.kind in ("site", "area") and node.name not in capitals
    ]
    ends = {node.id for node in nodes if node.kind == "unit"}
    units = _unit_labels(
        setting,
        {*marked, *ends},
        {known for label, known in in_sight if label.kind == "capital"},
    )
    taken = {known for _, names in units for known in names}
    taken |= {normalise_name(site.text) for site in sites}
    places = [label for label, known in in_sight if label.kind == "capital" or known not in taken]
    wide = frame[2] - frame[0] > _CONTINENTS
    countries = _nation_labels(setting, marked) if wide else _country_labels(setting, frame)
    labels = [*countries, *sites, *places, *(label for label, _ in units)]
    return tuple(sorted(labels, key=lambda each: (each.rank, each.text)))


def _country_labels(setting: Setting, frame: Box) -> list[PlaceLabel]:
    window = shapely.box(*frame)
    table = _countries(setting, frame)
    labels = []
    for pcode, iso3, shape in zip(table["pcode"], table["iso3"], table.geometry, strict=True):
        if not iso3:  # an area held by no recognised State bears no State's name
            continue
        text = setting.name(str(pcode)).upper()
        if pcode == setting.focus:
            lon, lat = setting.places.unit(setting.focus).label_point
            labels.append(PlaceLabel(text, "focus", lon, lat, _FOCUS, shape))
            continue
        seen = _polygons(shapely.clip_by_rect(shape, *frame))
        if seen.area < _SMALLEST_LAND * window.area:
            continue
        point = shapely.maximum_inscribed_circle(seen, tolerance=0.1).coords[0]
        labels.append(PlaceLabel(text, "country", point[0], point[1], _COUNTRY, seen))
    return labels


def _nation_labels(setting: Setting, marked: Iterable[str]) -> list[PlaceLabel]:
    """Return the names of the countries that carry a mark, small: for maps of continents."""
    labels = []
    for pcode in sorted(set(marked)):
        if pcode in setting.places and setting.places.unit(pcode).level == 0:
            lon, lat = setting.places.unit(pcode).label_point
            shape = setting.shapes[pcode]
            labels.append(PlaceLabel(setting.name(pcode), "nation", lon, lat, _UNIT, shape))
    return labels


def _unit_labels(
    setting: Setting, marked: Iterable[str], capitals: set[str]
) -> list[tuple[PlaceLabel, frozenset[str]]]:
    """Return the units' labels, each with all its names, normalised."""
    if _whole_countries(setting):
        return []
    marked = set(marked)
    places, shapes = setting.places, setting.shapes
    levels = {places.unit(pcode).level for pcode in marked if pcode in places}
    labels = []
    for pcode in places.codes(max(levels - {0}, default=1)):
        if pcode not in marked and setting.country_of(pcode) != setting.focus:
            continue
        names = places.keys_of_names(pcode)
        if not names & capitals:
            at = places.unit(pcode).label_point
            label = PlaceLabel(setting.name(pcode), "unit", *at, _UNIT, shapes[pcode])
            labels.append((label, names))
    return labels


def _town_labels(
    setting: Setting, towns: pd.DataFrame, frame: Box, ends: set[str]
) -> list[tuple[PlaceLabel, str]]:
    """Return the capitals' labels, each with its name as the source writes it, normalised."""
    west, south, east, north = frame
    if east - west > _CONTINENTS:
        return []
    inside = towns[
        towns["lon"].between(west, east)
        & towns["lat"].between(south, north)
        & towns["kind"].isin(["capital", "adm1_capital"])
    ]
    column = f"name_{setting.say.lang}"
    home = setting.released.focus
    labels = []
    for row in inside.to_dict("records"):
        capital = row["kind"] == "capital"
        if not capital and (not home or row["iso3"] != home or _whole_countries(setting)):
            continue
        name = str(row.get(column) or row["name"])
        rank = _TOWN
        if capital:
            abroad = _SITE if name in ends else _FOREIGN_CAPITAL
            rank = _CAPITAL if home and row["iso3"] == home else abroad
        kind: Literal["capital", "town"] = "capital" if capital else "town"
        label = PlaceLabel(name, kind, float(row["lon"]), float(row["lat"]), rank)
        labels.append((label, normalise_name(str(row["name"]))))
    return labels
