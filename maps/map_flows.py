"""Flows on paper. An end outside the frame becomes a stub at its edge, in its true direction.

A flow ends at the circle of its place; where groups are counted there, at the edge of the cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point

from maps.display import Box, PathItem
from maps.flow_bands import Band, flow_bands
from maps.flow_layout import FlowProblem, lay_out_flows
from maps.flow_ports import hub_radii
from maps.flow_seam import SEAM, split_at_seam
from maps.flow_tree import root_of, tree_bands
from maps.projection import MapFrame
from maps.scene import FlowMark, Node, Scene
from maps.symbol_layout import Cluster
from maps.symbology import GREY, RULE, WHITE, Symbology

__all__ = ["DrawnFlows", "FlowEnd", "draw_flows"]

_EDGE = 4.0  # mm from the frame to a stub
_BETWEEN_STUBS = 9.0  # mm
_DETOUR = 0.002  # radians that a millimetre of length outweighs, between places for a stub
_CASING = 0.6  # pt
_CLUSTER = 2.0  # mm, a radius above which an end is a cluster of circles, drawn elsewhere
_AREA = 2.2  # mm, the ring of an area
_HUB = 1.25  # a hub so much larger than its node is drawn


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """A node as drawn. ``outside`` says that it stands at the edge for a place beyond it.

    ``hub`` is the radius of the circle that its bands dock at, at least its own ``radius``.
    """

    node: Node
    x: float
    y: float
    radius: float
    outside: bool
    hub: float = 0.0

    @property
    def drawn(self) -> float:
        """The radius of what is seen there: a cluster, a hub, the ring of an area, or a disc."""
        if self.radius > _CLUSTER or self.outside:
            return self.radius
        if self.node.kind == "area":
            return max(_AREA, self.hub)
        return self.hub if self.hub > _HUB * self.radius else self.radius


@dataclass(frozen=True, eq=False)
class DrawnFlows:
    """Bands beside their marks, and the ends they join."""

    marks: tuple[FlowMark, ...]
    bands: tuple[Band, ...]
    widths: tuple[float, ...]
    ends: tuple[FlowEnd, ...]

    @property
    def items(self) -> tuple[PathItem, ...]:
        """The bands, largest first so that small ones lie on top, then the ends."""
        order = sorted(range(len(self.marks)), key=lambda i: -self.marks[i].value)
        bands = tuple(
            PathItem(
                self.bands[i].outline,
                fill=self.marks[i].colour,
                stroke=WHITE,
                stroke_width=_CASING,
                opacity=0.93,
                role="flow",
                value=self.marks[i].value,
            )
            for i in order
        )
        return bands + tuple(item for end in self.ends for item in _end_marker(end))


def draw_flows(
    scene: Scene,
    frame: MapFrame,
    symbology: Symbology,
    clusters: Sequence[Cluster],
    obstacles: Sequence[Box],
    *,
    tree: bool = False,
) -> DrawnFlows:
    """Lay out the scene's flows; clusters and obstacles (panels) are kept free.

    ``tree`` draws flows of one origin, or to one destination, as branches of one tree; where they
    have neither in common it changes nothing, and it keeps nothing free.
    """
    flows, nodes = split_at_seam(scene.flows, scene.nodes, frame)
    known = {node.id: node for node in nodes}
    marks = tuple(
        mark
        for mark in flows
        if mark.value > 0
        and mark.origin != mark.destination
        and {mark.origin, mark.destination} <= known.keys()
    )
    if not marks:
        return DrawnFlows((), (), (), ())
    named = {end for mark in marks for end in (mark.origin, mark.destination)}
    used = [node for node in nodes if node.id in named]
    ends = _ends(used, marks, frame, clusters, obstacles)
    at = {end.node.id: i for i, end in enumerate(ends)}
    joined = {(end.x, end.y) for end in ends}
    bystanders = [c for c in clusters if c.circles and (c.x, c.y) not in joined]
    maximum = max(
        scene.flow_legend.maximum if scene.flow_legend else 0, *(mark.value for mark in marks)
    )
    widths = [symbology.band_width(mark.value, maximum) for mark in marks]
    problem = FlowProblem(
        nodes=np.array([[e.x, e.y] for e in ends] + [[c.x, c.y] for c in bystanders]),
        radius=np.array([e.radius for e in ends] + [c.radius for c in bystanders]),
        origin=np.array([at[mark.origin] for mark in marks]),
        destination=np.array([at[mark.destination] for mark in marks]),
        width=np.array(widths),
        value=np.array([mark.value for mark in marks]),
        frame=frame.box,
        obstacles=np.array(obstacles, dtype=float).reshape(-1, 4),
        ports=True,
    )
    if tree and root_of(problem) is not None:
        bands = tree_bands(problem)
    else:
        bands = flow_bands(problem, lay_out_flows(problem))
    hubs = hub_radii(problem)[: len(ends)]
    docked = tuple(replace(end, hub=float(hub)) for end, hub in zip(ends, hubs, strict=True))
    return DrawnFlows(marks, tuple(bands), tuple(widths), docked)


def _ends(
    nodes: Sequence[Node],
    marks: Sequence[FlowMark],
    frame: MapFrame,
    clusters: Sequence[Cluster],
    obstacles: Sequence[Box],
) -> list[FlowEnd]:
    points = frame.points(np.array([[node.lon, node.lat] for node in nodes]))
    cluster_of = {cluster.mark.place: cluster for cluster in clusters if cluster.circles}
    place = {node.id: point for node, point in zip(nodes, points, strict=True)}
    free = _edge_points(frame.box, obstacles)
    ends = []
    for node, point in zip(nodes, points, strict=True):
        cluster = cluster_of.get(node.id)
        if node.id.startswith(SEAM):
            ends.append(FlowEnd(node, float(point[0]), float(point[1]), 0.8, outside=True))
        elif cluster:
            ends.append(FlowEnd(node, cluster.x, cluster.y, cluster.radius, outside=False))
        elif _inside(point, frame.box, _EDGE / 2) and not any(
            _inside(point, panel, -1.0) for panel in obstacles
        ):
            ends.append(FlowEnd(node, float(point[0]), float(point[1]), 1.1, outside=False))
        else:
            others = [
                place[mark.destination if mark.origin == node.id else mark.origin]
                for mark in marks
                if node.id in (mark.origin, mark.destination)
            ]
            spot = _edge_spot(free, point, np.mean(others, axis=0))
            free = free[np.hypot(*(free - spot).T) > _BETWEEN_STUBS]
            ends.append(FlowEnd(node, float(spot[0]), float(spot[1]), 0.8, outside=True))
    return ends


def _inside(point: NDArray[np.float64], box: Box, margin: float) -> bool:
    x0, y0, x1, y1 = box
    x, y = point
    return bool(x0 + margin < x < x1 - margin and y0 + margin < y < y1 - margin)


def _edge_points(box: Box, obstacles: Sequence[Box]) -> NDArray[np.float64]:
    """Return places for stubs (n, 2): along the frame's edge and around panels, clear of both."""
    x0, y0, x1, y1 = box[0] + _EDGE, box[1] + _EDGE, box[2] - _EDGE, box[3] - _EDGE
    rims = [(x0, y0, x1, y1)]
    rims += [(a - _EDGE, b - _EDGE, c + _EDGE, d + _EDGE) for a, b, c, d in obstacles]
    spots = np.concatenate([_along(rim) for rim in rims])
    clear = (spots >= (x0, y0)).all(1) & (spots <= (x1, y1)).all(1)
    for left, top, right, bottom in obstacles:
        near = 0.9 * _EDGE
        off = (spots[:, 0] < left - near) | (spots[:, 0] > right + near)
        clear &= off | (spots[:, 1] < top - near) | (spots[:, 1] > bottom + near)
    return np.asarray(spots[clear])


def _along(rim: Box) -> NDArray[np.float64]:
    """Return points a millimetre apart along the sides of a box, short of its corners (n, 2)."""
    x0, y0, x1, y1 = rim
    x, y = np.arange(x0 + 8, x1 - 8, 1.0), np.arange(y0 + 4, y1 - 4, 1.0)
    sides = [(x, x * 0 + y0), (x, x * 0 + y1), (y * 0 + x0, y), (y * 0 + x1, y)]
    return np.concatenate([np.stack(side, axis=1) for side in sides])


def _edge_spot(
    free: NDArray[np.float64], beyond: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the free place from which ``beyond`` lies most nearly in its true direction."""
    if not len(free):
        return np.asarray(other, dtype=float)
    true = beyond - other
    seen = free - other
    turn = np.arctan2(
        true[0] * seen[:, 1] - true[1] * seen[:, 0], true[0] * seen[:, 0] + true[1] * seen[:, 1]
    )
    away = np.hypot(seen[:, 0], seen[:, 1])
    return np.asarray(free[(np.abs(turn) + _DETOUR * away).argmin()])


def _end_marker(end: FlowEnd) -> tuple[PathItem, ...]:
    """Return a disc where no other symbol shows the place: as large as the bands at it need."""
    if end.radius > _CLUSTER:
        return ()
    ring: tuple[PathItem, ...] = ()
    if end.hub > _HUB * end.radius and not end.outside:
        shape = Point(end.x, end.y).buffer(end.hub, 48)
        ring = (PathItem(shape, fill=WHITE, stroke=RULE, stroke_width=0.6, role="hub"),)
    if end.node.kind == "site":
        return ring
    shape = Point(end.x, end.y).buffer(0.9 if end.outside else 0.8, 24)
    if end.node.kind == "area":
        area = Point(end.x, end.y).buffer(end.drawn, 32)
        return (
            PathItem(area, stroke=RULE, stroke_width=0.6, dash=(2, 2), role="node-area"),
            PathItem(shape, fill=RULE, role="node"),
        )
    if end.outside:
        return (PathItem(shape, fill=GREY, stroke=WHITE, stroke_width=0.5, role="stub"),)
    if ring:
        return (*ring, PathItem(shape, fill=RULE, role="node"))
    return (PathItem(shape, fill=WHITE, stroke=RULE, stroke_width=0.6, role="node"),)
