"""Words on the map: what lies beneath is priced, every wish is weighed, what is chosen is written.

No two labels overlap, and none leaves the frame or runs into a panel or a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point, box

from maps.circle_names import names_in_circles
from maps.display import Box, Item, Layer, PathItem, TextItem
from maps.label_grounds import on_grounds
from maps.label_layout import CostField, FloatArray, LabelRequest, place_labels
from maps.label_wishes import (
    BAND_COST,
    LEADING,
    Place,
    Wish,
    badge_radius,
    circle_figures,
    end_names,
    flow_figures,
    place_names,
    presence_wishes,
    text_size,
)
from maps.map_flows import DrawnFlows
from maps.map_sectors import sector_grid, sector_wishes
from maps.projection import MapFrame
from maps.scene import Scene
from maps.symbol_layout import Cluster
from maps.symbology import BLUE, WHITE, Symbology, readable_on
from maps.text import CAP_HEIGHT, POINT, TextStyle

__all__ = ["Beneath", "label_layers"]

_PANEL, _SYMBOL, _MARKER, _HEAD = 1e3, 250.0, 250.0, 14.0
_BORDER, _COAST = 1.2, 0.6
_CLEAR_OF_PANELS = 1.8  # mm
_SAME_SPOT, _ONE_SYMBOL = 4.0, 1.2  # mm
_LARGEST_END = 5.0  # mm; of a larger cluster, its circles are painted


@dataclass(frozen=True, eq=False)
class Beneath:
    """What was drawn before the labels, and the panels that will be drawn after them."""

    clusters: Sequence[Cluster]
    flows: DrawnFlows
    panels: Sequence[Box]


def label_layers(
    scene: Scene, frame: MapFrame, symbology: Symbology, beneath: Beneath
) -> list[Layer]:
    """Place every label; return the layers of place symbols, partner badges and texts."""
    places = [p for p in _places(scene, frame) if not _hidden(p, beneath.panels)]
    markers = _markers(places, beneath.flows, symbology)
    inside, beside = circle_figures(beneath.clusters, _marked(places, symbology), symbology)
    named, unnamed = names_in_circles(places, beneath.clusters, symbology)
    by_sector = scene.presence_legend is not None and bool(scene.presence_legend.sectors)
    wishes = [
        *on_grounds(place_names(unnamed, frame, beneath.clusters, symbology), unnamed, scene),
        *end_names(beneath.flows, places, symbology),
        *beside,
        *flow_figures(beneath.flows, symbology),
        *(sector_wishes if by_sector else presence_wishes)(scene, frame, symbology),
    ]
    wishes = [wish for wish in wishes if len(wish.boxes)]
    chosen = place_labels(
        [LabelRequest(wish.boxes, wish.cost, wish.rank) for wish in wishes],
        _cost_field(scene, frame, beneath, markers),
    )
    badges: list[Item] = []
    leaders: list[Item] = []
    texts: list[Item] = [*inside, *named]
    for wish, pick in zip(wishes, chosen, strict=True):
        if pick is None:
            continue
        at, lines = wish.boxes[pick], wish.variants[int(wish.variant[pick])]
        if wish.badge is None:
            texts += _written(wish, lines, at)
            leaders += _figure_leader(wish, pick)
        elif by_sector:
            badges += sector_grid(wish, scene, frame, symbology, at)
        else:
            badges += _badge(wish, lines, symbology, at)
            leaders += _leader(wish, pick, symbology)
    return [
        Layer("places", (*leaders, *markers)),
        Layer("presence", tuple(badges)),
        Layer("labels", tuple(texts)),
    ]


def _places(scene: Scene, frame: MapFrame) -> list[Place]:
    """Return what there is to name in the frame, capitals first.

    A name that stands twice in one spot is kept once; so is a place whose symbol would hide another.
    """
    places: list[Place] = []
    for label in sorted(scene.labels, key=lambda label: label.kind != "capital"):
        x, y = (float(v) for v in frame.points(np.array([[label.lon, label.lat]]))[0])
        twice = label.geometry is None and any(
            np.hypot(other.x - x, other.y - y)
            < (_SAME_SPOT if other.label.text.casefold() == label.text.casefold() else _ONE_SYMBOL)
            for other in places
            if other.label.geometry is None
        )
        if not twice and (label.geometry is not None or _within(x, y, frame.box)):
            places.append(Place(label, x, y))
    return places


def _within(x: float, y: float, frame: Box) -> bool:
    return frame[0] + 1 < x < frame[2] - 1 and frame[1] + 1 < y < frame[3] - 1


def _hidden(place: Place, panels: Sequence[Box]) -> bool:
    """Return whether a point lies under a panel or so near that its symbol would."""
    at = Point(place.x, place.y)
    return place.label.geometry is None and any(
        box(*panel).distance(at) < _CLEAR_OF_PANELS for panel in panels
    )


def _marked(places: Iterable[Place], symbology: Symbology) -> list[tuple[float, float]]:
    """Return the points of places that have a symbol."""
    return [(p.x, p.y) for p in places if symbology.label(p.label.kind, "").marker]


def _markers(places: Iterable[Place], flows: DrawnFlows, symbology: Symbology) -> list[PathItem]:
    """Return the symbols of places; an area has its own, drawn with the flows."""
    areas = [(end.x, end.y) for end in flows.ends if end.node.kind == "area"]
    return [
        item
        for place in places
        if symbology.label(place.label.kind, "").marker
        and not any(np.hypot(x - place.x, y - place.y) < 1 for x, y in areas)
        for item in symbology.marker(place.label.kind, place.x, place.y)
    ]


def _cost_field(
    scene: Scene, frame: MapFrame, beneath: Beneath, markers: Sequence[PathItem]
) -> CostField:
    """Price what labels would cover: never panels, circles and symbols, at need bands and lines."""
    x0, y0, x1, y1 = frame.box
    field = CostField((x0 + 1, y0 + 1, x1 - 1, y1 - 1))
    for panel in beneath.panels:
        field.paint(box(*panel).buffer(0.6), _PANEL)
    for cluster in beneath.clusters:
        for circle in cluster.circles:
            field.paint(Point(circle.x, circle.y).buffer(circle.radius), _SYMBOL)
    for marker in markers:
        field.paint(marker.geometry, _MARKER)
    for end in beneath.flows.ends:
        field.paint(Point(end.x, end.y).buffer(min(end.drawn, _LARGEST_END)), _MARKER)
    for band in beneath.flows.bands:
        field.paint(band.outline, BAND_COST)
        field.paint(band.head, _HEAD)
    for line in scene.lines:
        field.trace(frame.shape(line.geometry), _COAST if line.rank < 0 else _BORDER)
    return field


def _written(wish: Wish, lines: Sequence[str], at: FloatArray) -> list[TextItem]:
    """Return the lines of a label, centred in its box."""
    size = wish.style.size * POINT
    x, first = float(at[0] + at[2]) / 2, float(at[1]) + CAP_HEIGHT * size
    return [
        TextItem(
            line,
            x,
            first + i * LEADING * size,
            wish.style,
            wish.colour,
            anchor="middle",
            halo=wish.halo,
            role=wish.role,
        )
        for i, line in enumerate(lines)
    ]


def _leader(wish: Wish, pick: int, symbology: Symbology) -> list[Item]:
    """Return the line to its place of a badge that found no room in its unit."""
    if wish.leader is None or wish.led is None or not wish.led[pick]:
        return []
    at = wish.boxes[pick]
    badge = (float(at[0]) + badge_radius(symbology), float(at[1] + at[3]) / 2)
    line = LineString([wish.leader, badge])
    return [
        PathItem(line, stroke=WHITE, stroke_width=1.6, role="presence-leader"),
        PathItem(line, stroke=BLUE, stroke_width=0.6, role="presence-leader"),
        PathItem(Point(wish.leader).buffer(0.45, 12), fill=BLUE, role="presence-leader"),
    ]


def _figure_leader(wish: Wish, pick: int) -> list[Item]:
    """Return the line from a small circle to its figure, where that found room only farther off."""
    if wish.leader is None or wish.led is None or not wish.led[pick]:
        return []
    circle = Point(wish.leader)
    line = shapely.shortest_line(circle, box(*wish.boxes[pick]))
    return [PathItem(line, stroke=wish.colour, stroke_width=0.4, role="figure-leader")]


def _badge(wish: Wish, lines: Sequence[str], symbology: Symbology, at: FloatArray) -> list[Item]:
    """Return a disc with the number of partners, and their acronyms beside it."""
    if wish.badge is None:
        return []
    mark, radius = wish.badge, badge_radius(symbology)
    x, y = float(at[0]) + radius, float(at[1] + at[3]) / 2
    style = TextStyle(symbology.note, bold=True)
    rise = CAP_HEIGHT * style.size * POINT
    disc = Point(x, y).buffer(radius, 32)
    colour = readable_on(mark.colour)
    width, height = text_size(lines, wish.style) if lines else (0.0, 0.0)
    left = float(at[0]) + 2 * radius + 1.0
    beside = np.array([left, y - height / 2, left + width, y + height / 2])
    return [
        PathItem(disc, fill=mark.colour, stroke=BLUE, stroke_width=0.5, role="presence"),
        TextItem(str(mark.count), x, y + rise / 2, style, colour, "middle", role="presence-count"),
        *(
            TextItem(
                text.text,
                left,
                text.y,
                text.style,
                text.colour,
                halo=text.halo,
                role=text.role,
            )
            for text in _written(wish, lines, beside)
        ),
    ]
