"""A scene on paper. Order matters: furniture leaves room, room sets the scale, scale sets the rest.

`draw_page` decides nothing about the figures: classes, colours, sizes in persons and texts are the
scene's. It solves what depends on the sheet: radii, curves, label places, the legend's shape.
"""

from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import Point, box

from maps.display import Box, Layer, Page, PathItem
from maps.globe import globe_items
from maps.legend_blocks import legend_blocks
from maps.map_body import ground_layers
from maps.map_dots import dot_layers
from maps.map_flows import DrawnFlows, draw_flows
from maps.map_labels import Beneath, label_layers
from maps.marginalia import frame_line, scale_bar
from maps.matrix_page import draw_matrix
from maps.multiples_page import draw_multiples
from maps.north import ARROW, north_arrow
from maps.page_furniture import finished, furniture, placed
from maps.page_plan import Plan, arranged, plan_page, room_scale, settled
from maps.projection import MapFrame, fit_frame, projected_size
from maps.scene import Scene
from maps.spec import PAPERS, Paper
from maps.symbol_layout import Cluster, lay_out_symbols
from maps.symbology import WHITE, Symbology

__all__ = ["draw_page"]

_GAP = 2.0  # mm between the frame and globe, scale or panel
_COLUMN_WIDTHS = (1.0, 1.15, 1.3)  # of the usual width of a legend column
_SPECK = 0.9  # mm, a radius of which a white rim would leave little
_SMALLEST_SHARE = 0.45  # of the largest circle's radius, below which overlaps are accepted


def draw_page(scene: Scene, paper: Paper | None = None) -> Page:
    """Lay a scene out on a sheet; ``paper`` None is the scene's own. Deterministic."""
    paper = paper or PAPERS[scene.paper]
    if scene.matrix is not None:
        return draw_matrix(scene, scene.matrix, paper)
    if scene.panels:
        return draw_multiples(scene, paper)
    symbology = Symbology.for_paper(paper)
    around = furniture(scene, paper, symbology)
    frame_box = around.frame
    plan, column = _plan(scene, symbology, frame_box)
    frame = _frame(scene, paper, frame_box, plan)
    scene = _with_keys_in_sight(scene, frame)
    per_root, clusters = _symbols(scene, frame, symbology, _hidden(scene, plan, paper))
    blocks = legend_blocks(scene, symbology, per_root=per_root, width=column)
    plan = settled(blocks, plan)
    rtl = scene.direction == "rtl"
    taken = [_flipped(ground, paper.width) if rtl else ground for ground in plan.grounds]
    globe_box, scale_box, corner_items = _corners(scene, frame, symbology, taken)
    panels = [*taken, globe_box, scale_box]
    tree = scene.flow_legend is not None and scene.flow_legend.tree
    flows = draw_flows(scene, frame, symbology, clusters, panels, tree=tree)

    layers = [
        *ground_layers(scene, frame, symbology),
        *dot_layers(scene, frame, symbology),
        *_mark_layers(clusters, flows, frame),
        *label_layers(scene, frame, symbology, Beneath(clusters, flows, panels)),
        Layer("frame", (frame_line(frame_box),)),
        Layer("legend", placed(arranged(blocks, plan), scene, paper)),
        *corner_items,
    ]
    return finished(scene, paper, around, layers)


def _plan(scene: Scene, symbology: Symbology, frame_box: Box) -> tuple[Plan, float]:
    """Return the plan in which the map is largest, and the width of its legend's columns.

    Planned with circles as large as they may become; they can only shrink afterwards.
    """
    maximum = scene.symbol_legend.maximum if scene.symbol_legend else 1.0
    per_root = symbology.largest_circle / float(np.sqrt(maximum))
    size = projected_size(scene.projection, scene.bbox)
    plans = []
    for stretch in _COLUMN_WIDTHS:
        width = stretch * symbology.legend_column
        blocks = legend_blocks(scene, symbology, per_root=per_root, width=width)
        plans.append((plan_page(blocks, frame_box, size), width))
    return max(plans, key=lambda plan: room_scale(plan[0].room, size))


def _frame(scene: Scene, paper: Paper, frame_box: Box, plan: Plan) -> MapFrame:
    room = _flipped(plan.room, paper.width) if scene.direction == "rtl" else plan.room
    return fit_frame(scene.projection, scene.bbox, box=frame_box, room=room)


def _with_keys_in_sight(scene: Scene, frame: MapFrame) -> Scene:
    """Return the scene without keys for boundaries that lie beyond this frame.

    The plan's legend can only become lower by it; the key of agreed boundaries stays.
    """
    rare = [line for line in scene.lines if line.rank >= 0 and line.status != "agreed"]
    seen = {line.status for line in rare if not frame.shape(line.geometry).is_empty} | {"agreed"}
    return replace(scene, line_keys=tuple(key for key in scene.line_keys if key[0] in seen))


def _flipped(side: Box, width: float) -> Box:
    return (width - side[2], side[1], width - side[0], side[3])


def _hidden(scene: Scene, plan: Plan, paper: Paper) -> Box | None:
    """Return what the legend hides on a page of an atlas, whose surroundings are only context."""
    if scene.highlight is None or plan.panel is None:
        return None
    return _flipped(plan.panel, paper.width) if scene.direction == "rtl" else plan.panel


def _symbols(
    scene: Scene, frame: MapFrame, symbology: Symbology, hidden: Box | None
) -> tuple[float, list[Cluster]]:
    maximum = scene.symbol_legend.maximum if scene.symbol_legend else 1.0
    points = frame.points(np.array([[mark.lon, mark.lat] for mark in scene.symbols]))
    x0, y0, x1, y1 = frame.box
    seen = [
        x0 < x < x1
        and y0 < y < y1
        and not (hidden and hidden[0] < x < hidden[2] and hidden[1] < y < hidden[3])
        for x, y in points
    ]
    return lay_out_symbols(
        [mark for mark, inside in zip(scene.symbols, seen, strict=True) if inside],
        points[np.array(seen, dtype=bool)],
        maximum=maximum,
        largest=symbology.largest_circle,
        smallest=_SMALLEST_SHARE * symbology.largest_circle,
        markers=_markers(scene, frame, symbology),
    )


def _markers(
    scene: Scene, frame: MapFrame, symbology: Symbology
) -> list[tuple[float, float, float]]:
    """Return the symbols of named places that will lie over the circles: x, y, radius in mm."""
    marked = [p for p in scene.labels if p.geometry is None and symbology.label(p.kind, "").marker]
    points = frame.points(np.array([[p.lon, p.lat] for p in marked]))
    return [
        (float(x), float(y), symbology.label(place.kind, "").marker)
        for place, (x, y) in zip(marked, points, strict=True)
    ]


def _mark_layers(clusters: list[Cluster], flows: DrawnFlows, frame: MapFrame) -> list[Layer]:
    circles = sorted(
        (circle for cluster in clusters for circle in cluster.circles),
        key=lambda circle: -circle.radius,
    )
    discs = tuple(
        PathItem(
            Point(circle.x, circle.y).buffer(circle.radius, 48),
            fill=circle.part.colour,
            stroke=WHITE,
            stroke_width=0.5 if circle.radius > _SPECK else 0.15,
            opacity=0.86,
            role=f"circle-{circle.part.group}",
            value=circle.part.value,
        )
        for circle in circles
    )
    return [
        Layer("flows", tuple(_clipped(item, frame.box) for item in flows.items)),
        Layer("symbols", tuple(_clipped(disc, frame.box) for disc in discs)),
    ]


def _clipped(item: PathItem, frame: Box) -> PathItem:
    if shapely.box(*frame).contains(item.geometry):
        return item
    return replace(item, geometry=shapely.clip_by_rect(item.geometry, *frame))


def _corners(
    scene: Scene, frame: MapFrame, symbology: Symbology, taken: list[Box]
) -> tuple[Box, Box, list[Layer]]:
    """Put globe and scale into the corners that cover least; they never share one."""
    busy = shapely.union_all(
        [
            *(frame.shape(area.geometry) for area in scene.context if area.role == "focus"),
            *(frame.shape(fill.geometry) for fill in scene.fills),
        ]
    )
    diameter = symbology.globe if scene.focus else 0.0  # a map of the world needs no locator
    globe_box = _free_corner(frame.box, (diameter, diameter), taken, busy, scene.direction)
    radius = diameter / 2
    globe = globe_items(
        scene.world,
        scene.focus,
        x=(globe_box[0] + globe_box[2]) / 2,
        y=(globe_box[1] + globe_box[3]) / 2,
        radius=radius,
    )
    globe = globe if scene.focus else ()
    _, bar_box = scale_bar(frame.ground_per_mm, scene.lang, symbology, right=0, bottom=0)
    size = (bar_box[2] - bar_box[0], bar_box[3] - bar_box[1])
    corner = _free_corner(frame.box, size, [*taken, globe_box], busy, scene.direction)
    scale, scale_box = scale_bar(
        frame.ground_per_mm, scene.lang, symbology, right=corner[2] - 1, bottom=corner[3] - 1
    )
    middle = (scale_box[0] + scale_box[2]) / 2
    above = scale_box[1] if scale_box[1] - frame.box[1] > ARROW else scale_box[3] + ARROW
    scale += north_arrow(frame, symbology, x=middle, bottom=above)
    return globe_box, scale_box, [Layer("globe", globe), Layer("scale", tuple(scale))]


def _free_corner(
    frame: Box,
    size: tuple[float, float],
    taken: list[Box],
    busy: shapely.Geometry,
    direction: str,
) -> Box:
    """Return the box in the corner that covers least; on a tie the upper, then the far side."""
    width, height = size
    x0, y0, x1, y1 = (frame[0] + _GAP, frame[1] + _GAP, frame[2] - _GAP, frame[3] - _GAP)
    far, near = (x1 - width, x0) if direction == "ltr" else (x0, x1 - width)
    corners = [(far, y0), (far, y1 - height), (near, y0), (near, y1 - height)]

    def cost(corner: tuple[float, float]) -> float:
        here = box(corner[0], corner[1], corner[0] + width, corner[1] + height)
        on_panels = sum(float(here.intersection(box(*other)).area) for other in taken)
        return 100 * on_panels + float(here.intersection(busy).area)

    x, y = min(corners, key=cost)
    return (x, y, x + width, y + height)
