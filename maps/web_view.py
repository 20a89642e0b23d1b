"""The view for screens: symbol sizes and flow bands, solved in CSS pixels on web mercator.

What a symbol or a band measures is said here once, for the HTML map, the tiles and their legends:
the area of a circle is in proportion to its value, the width of a band grows linearly with it.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box

from maps.flow_bands import flow_bands
from maps.flow_layout import FlowProblem, lay_out_flows
from maps.flow_tree import tree_bands
from maps.scene import Scene, SymbolMark, SymbolPart
from maps.symbol_layout import lay_out_symbols
from maps.tile_address import home_zoom, to_world

__all__ = ["HOME_VIEW", "ScreenCircle", "ScreenView", "WebBand", "flow_width"]

HOME_VIEW = (900.0, 640.0)  # CSS pixels: the map on a desk, which layouts are made for
_LARGEST, _SMALLEST = 34.0, 14.0  # CSS pixels: radius of the largest figure, shrunk where crowded
_LARGEST_SUM = 64.0  # CSS pixels: radius of what stands for a whole country, seen from far away
_THIN, _THICK = 1.2, 16.0  # CSS pixels: a band of next to nobody, and of the largest figure
_THICK_AMONG, _THICKEST_SUM = 8.0, 24.0  # of the largest figure at least, of a sum at most
_MOST_PLACED = 600  # places whose circles are moved apart; more could not be read anyway
_NODE_RADIUS = 5.0
_EDGE = 18.0  # CSS pixels from the frame at which an end outside it is shown
_MILLIMETRE = 96 / 25.4  # in CSS pixels

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScreenCircle:
    """One part of a symbol: offset of its centre from the place and radius, CSS pixels, y down.

    ``to_scale`` is false where the figure is larger than the largest circle there may be.
    """

    dx: float
    dy: float
    radius: float
    part: SymbolPart
    to_scale: bool = True


@dataclass(frozen=True, slots=True)
class WebBand:
    """One flow as drawn. ``index`` into ``Scene.flows``; shapes and positions are in world units.

    ``stubs`` are the (name, x, y) of ends that lie outside the frame and are shown at its edge.
    ``to_scale`` is false where the flow is larger than the widest band there may be.
    """

    index: int
    outline: Polygon
    middle: tuple[float, float]
    stubs: tuple[tuple[str, float, float], ...]
    to_scale: bool = True


def flow_width(value: float, maximum: float) -> float:
    """Return a band's width in CSS pixels, linear in ``value``.

    >>> flow_width(100, 100), flow_width(50, 100)
    (16.0, 8.6)
    """
    return _THIN + (_THICK - _THIN) * value / maximum if maximum > 0 else _THIN


class ScreenView:
    """A scene's symbols and flows on screen.

    ``home`` is the zoom (256-pixel tiles) at which the map fits `HOME_VIEW`. ``circles`` are the
    circles of each of ``Scene.symbols``, largest first; a reported zero has none. Flows are laid out
    for two sizes of the map and drawn for any: between sizes bands keep their curves, so that their
    width stays true.

    One scale serves a map from near and far. It is chosen so that the sum of a country fits too, as
    far as the map's own figures stay readable; what is larger still is drawn at the limit
    (`largest_circle`, 64 CSS pixels; `widest_band`, 24), and says so.
    """

    largest_circle = _LARGEST_SUM
    widest_band = _THICKEST_SUM

    def __init__(
        self, scene: Scene, *, scale: "ScreenView | None" = None, nearest: int | None = None
    ) -> None:
        """View a scene; one of the same map seen wider takes the ``scale`` of the map's own view.

        ``nearest`` is the closest zoom (256-pixel tiles) at which it is shown, if not any.
        """
        self._scene = scene
        self.home = round(home_zoom(scene.bbox, width=HOME_VIEW[0], height=HOME_VIEW[1]))
        if nearest is not None:
            self.home = min(self.home, nearest)
        west, south, east, north = scene.bbox
        corners = to_world(np.array([[west, north], [east, south]]))
        self._frame: FloatArray = corners.ravel()
        self._maximum: float = scale._maximum if scale else _flow_maximum(scene)
        used = {end for flow in scene.flows for end in (flow.origin, flow.destination)}
        self._nodes = [node for node in scene.nodes if node.id in used]
        self._row = {node.id: row for row, node in enumerate(self._nodes)}
        self._factor: float
        self._factor, self.circles = _symbols(
            scene, 256 * 2.0**self.home, factor=scale._factor if scale else None
        )
        reach = {
            symbol.place: max((math.hypot(c.dx, c.dy) + c.radius for c in circles), default=0.0)
            for symbol, circles in zip(scene.symbols, self.circles, strict=True)
        }
        self._radius = tuple(max(_NODE_RADIUS, reach.get(node.id, 0)) for node in self._nodes)

    def radius(self, value: float) -> float:
        """Return the radius in CSS pixels of a circle whose area is in proportion to ``value``."""
        return self._factor * math.sqrt(max(value, 0))

    def width(self, value: float) -> float:
        """Return the width in CSS pixels of a band, linear in ``value`` up to `widest_band`."""
        return min(flow_width(value, self._maximum), _THICKEST_SUM)

    def flow_ends(self) -> list[tuple[float, float]]:
        """Return the (lon, lat) of the flows' ends inside the frame."""
        west, south, east, north = self._scene.bbox
        return [
            (node.lon, node.lat)
            for node in self._nodes
            if west <= node.lon <= east and south <= node.lat <= north
        ]

    def bands(self, zoom: float, *, tile_size: int = 256) -> list[WebBand]:
        """Return the bands at a zoom, largest first (smaller ones are drawn above them)."""
        if not self._scene.flows:
            return []
        pixels = tile_size * 2.0**zoom
        bucket = min(max(math.floor(math.log2(pixels / 256) + 1e-9), self.home - 1), self.home)
        laid_out_at = 256 * 2.0**bucket
        problem, outside = self._problem(pixels)
        at_bucket, _ = self._problem(laid_out_at)
        control = _controls(*_key(at_bucket)) * (pixels / laid_out_at)
        # an end at the frame's edge keeps its distance in pixels: move the curve along with it
        drift = (problem.nodes - at_bucket.nodes * (pixels / laid_out_at)) / 2
        control = control + drift[problem.origin] + drift[problem.destination]
        tree = self._scene.flow_legend is not None and self._scene.flow_legend.tree
        bands = tree_bands(problem) if tree else flow_bands(problem, control)
        shown = [
            WebBand(
                index=i,
                outline=shapely.transform(band.outline, lambda xy: xy / pixels),
                middle=tuple(band.centre[len(band.centre) // 2] / pixels),
                stubs=tuple(
                    (self._nodes[row].name, *(problem.nodes[row] / pixels).tolist())
                    for row in (int(problem.origin[i]), int(problem.destination[i]))
                    if outside[row]
                ),
                to_scale=flow_width(self._scene.flows[i].value, self._maximum) <= _THICKEST_SUM,
            )
            for i, band in enumerate(bands)
        ]
        return sorted(shown, key=lambda band: -self._scene.flows[band.index].value)

    def _problem(self, pixels: float) -> tuple[FlowProblem, list[bool]]:
        flows = self._scene.flows
        frame = self._frame * pixels
        nodes = to_world(np.array([(node.lon, node.lat) for node in self._nodes])) * pixels
        origin = np.array([self._row[flow.origin] for flow in flows], dtype=np.intp)
        destination = np.array([self._row[flow.destination] for flow in flows], dtype=np.intp)
        nodes, outside = _into_frame(nodes, origin, destination, frame)
        problem = FlowProblem(
            nodes=nodes,
            radius=np.array(self._radius),
            origin=origin,
            destination=destination,
            width=np.array([self.width(flow.value) for flow in flows]),
            value=np.array([flow.value for flow in flows], dtype=np.float64),
            frame=(float(frame[0]), float(frame[1]), float(frame[2]), float(frame[3])),
            obstacles=np.empty((0, 4)),
            millimetre=_MILLIMETRE,
        )
        return problem, outside


def _flow_maximum(scene: Scene) -> float:
    """Return the flow that is `_THICK` wide: the largest, or more where sums would be too wide."""
    legend = scene.flow_legend
    if legend is None:
        return max((flow.value for flow in scene.flows), default=0.0)
    above = _THICK - _THIN
    fits = legend.widest * above / (_THICKEST_SUM - _THIN)
    return min(max(legend.maximum, fits), legend.maximum * above / (_THICK_AMONG - _THIN))


def _symbols(
    scene: Scene, pixels: float, *, factor: float | None
) -> tuple[float, list[tuple[ScreenCircle, ...]]]:
    """Lay symbols out with a world ``pixels`` wide: (pixels per root of a person, circles).

    ``factor`` is the scale to keep to, None where it is to be chosen.
    """
    parts = [part.value for symbol in scene.symbols for part in symbol.parts]
    maximum = scene.symbol_legend.maximum if scene.symbol_legend else max(parts, default=0)
    if maximum <= 0:
        return factor or 0.0, [()] * len(scene.symbols)
    widest = scene.symbol_legend.widest if scene.symbol_legend else 0.0
    fits = _LARGEST_SUM * math.sqrt(maximum / max(widest, maximum))
    largest, smallest = min(_LARGEST, max(_SMALLEST, fits)), _SMALLEST
    if factor is not None:
        largest = smallest = factor * math.sqrt(maximum)
    if len(scene.symbols) > _MOST_PLACED:
        factor = factor or _SMALLEST / math.sqrt(maximum)
        return factor, [_in_a_row(symbol, factor) for symbol in scene.symbols]
    shown = [_within_limit(symbol, largest / math.sqrt(maximum)) for symbol in scene.symbols]
    places = to_world(np.array([(symbol.lon, symbol.lat) for symbol in scene.symbols])) * pixels
    factor, clusters = lay_out_symbols(
        shown, places, maximum=maximum, largest=largest, smallest=smallest
    )
    whole = [{part.group: part for part in symbol.parts} for symbol in scene.symbols]
    return factor, [
        tuple(
            ScreenCircle(
                circle.x - float(x),
                circle.y - float(y),
                circle.radius,
                parts_of[circle.part.group],
                to_scale=circle.part.value == parts_of[circle.part.group].value,
            )
            for circle in cluster.circles
        )
        for cluster, parts_of, (x, y) in zip(clusters, whole, places, strict=True)
    ]


def _within_limit(symbol: SymbolMark, factor: float) -> SymbolMark:
    """Return a symbol as it is laid out: no circle of it larger than the largest there may be."""
    most = (_LARGEST_SUM / factor) ** 2
    if all(part.value <= most for part in symbol.parts):
        return symbol
    parts = tuple(replace(part, value=min(part.value, most)) for part in symbol.parts)
    return replace(symbol, parts=parts)


def _in_a_row(symbol: SymbolMark, factor: float) -> tuple[ScreenCircle, ...]:
    """Stand the circles of one place side by side, the largest first, their middle on the place."""
    parts = sorted((part for part in symbol.parts if part.value > 0), key=lambda part: -part.value)
    radii = [min(factor * math.sqrt(part.value), _LARGEST_SUM) for part in parts]
    left = -sum(radii)
    circles = []
    for part, radius in zip(parts, radii, strict=True):
        to_scale = factor * math.sqrt(part.value) <= _LARGEST_SUM
        circles.append(ScreenCircle(left + radius, 0.0, radius, part, to_scale))
        left += 2 * radius
    return tuple(circles)


def _into_frame(
    nodes: FloatArray, origin: NDArray[np.intp], destination: NDArray[np.intp], frame: FloatArray
) -> tuple[FloatArray, list[bool]]:
    """Move ends outside the frame to its edge, towards the ends they are joined to."""
    inner = box(frame[0] + _EDGE, frame[1] + _EDGE, frame[2] - _EDGE, frame[3] - _EDGE)
    inside = shapely.intersects_xy(inner, nodes[:, 0], nodes[:, 1])
    moved = nodes.copy()
    for row in np.flatnonzero(~inside):
        partners = np.concatenate([destination[origin == row], origin[destination == row]])
        partners = partners[inside[partners]]
        if not len(partners):
            continue
        line = LineString([nodes[partners].mean(axis=0), nodes[row]])
        leaving = shapely.get_coordinates(shapely.intersection(inner, line))
        if len(leaving):
            moved[row] = leaving[-1]
    beyond = ~shapely.intersects_xy(
        box(*frame.tolist()), nodes[:, 0], nodes[:, 1]
    )  # an end just inside the edge is moved a little, but is no stub
    return moved, beyond.tolist()


def _key(problem: FlowProblem) -> tuple[bytes, ...]:
    arrays = (
        problem.nodes,
        problem.radius,
        problem.origin,
        problem.destination,
        problem.width,
        problem.value,
        np.array(problem.frame),
    )
    return tuple(array.tobytes() for array in arrays)


@lru_cache(maxsize=64)  # languages and renderers of one map share a layout, its dearest part
def _controls(*key: bytes) -> FloatArray:
    nodes, radius, origin, destination, width, value, frame = key
    x0, y0, x1, y1 = np.frombuffer(frame).tolist()
    problem = FlowProblem(
        nodes=np.frombuffer(nodes).reshape(-1, 2),
        radius=np.frombuffer(radius),
        origin=np.frombuffer(origin, dtype=np.intp),
        destination=np.frombuffer(destination, dtype=np.intp),
        width=np.frombuffer(width),
        value=np.frombuffer(value),
        frame=(x0, y0, x1, y1),
        obstacles=np.empty((0, 4)),
        millimetre=_MILLIMETRE,
    )
    return lay_out_flows(problem)
