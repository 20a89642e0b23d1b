"""What a map wants to say in words: names, figures, partners, and where each may stand.

The layout decides among the places offered here. Ranks: names of countries and of flow ends stay
longest, then figures, then names of units, then towns; partners' acronyms go first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.display import TextItem
from maps.flow_bands import Band
from maps.label_layout import FloatArray, area_boxes, centred_boxes, line_boxes, point_boxes
from maps.map_flows import DrawnFlows, FlowEnd
from maps.projection import MapFrame
from maps.scene import PlaceLabel, PresenceMark, Scene
from maps.symbol_layout import Circle, Cluster
from maps.symbology import NEIGHBOUR, RULE, WHITE, LabelLook, Symbology, darkened, readable_on
from maps.text import CAP_HEIGHT, POINT, TextStyle, text_width, wrap

__all__ = [
    "BAND_COST",
    "LEADING",
    "Place",
    "Wish",
    "badge_radius",
    "circle_figures",
    "end_names",
    "flow_figures",
    "place_names",
    "presence_wishes",
    "text_size",
]

LEADING = 1.16  # of the size, between lines of one label
_DEPTH = 0.2  # of the size, below the last baseline
_AREA_KINDS = ("country", "focus", "nation", "unit", "water")
_RANKS = {
    "focus": 0,
    "country": 1,
    "nation": 2,
    "capital": 1,
    "site": 2,
    "unit": 4,
    "town": 6,
    "settlement": 7,
    "water": 7,
}
_END_RANK, _FIGURE_RANK, _PRESENCE_RANK = 0, 3, 5
_GAPS = (0.6, 1.6, 3.2)  # mm from a symbol to its name
_FAR_GAPS = (0.7, 1.8, 3.5, 6.0)
_DOUBT, _CLEARLY = 6.0, 2.0  # cost of a figure that could belong to another band, within mm
_ON_BAND = 2.2  # mm; a figure may stand on a band so thin, which its halo interrupts
_BROAD = 0.5  # cost of a millimetre of band that a figure on it hides
BAND_COST = 9.0  # what a label pays to cover bands in full; a figure covers its own for nothing
_FROM_POINT = 0.12  # cost of a millimetre from a unit's point to its badge
_OUTSIDE = 6.0  # cost of a badge's names outside their unit, as for the names of areas
_UNLED = 1.6  # mm from a circle within which its figure needs no line to it
_LED = 0.8  # cost of a badge outside its unit, which a line leads to


@dataclass(frozen=True, slots=True)
class Place:
    """A name of the scene and where its point lies on the page."""

    label: PlaceLabel
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Wish:
    """A label with its candidates: ``boxes`` (k, 4), their ``cost`` (k,), and which of the
    ``variants`` of its lines each holds (k,). A partner badge stands left of its lines. Where a
    candidate is ``led`` (k,), a line joins it to the point ``leader``."""

    variants: tuple[tuple[str, ...], ...]
    style: TextStyle
    colour: str
    boxes: FloatArray
    cost: FloatArray
    variant: FloatArray
    rank: int
    role: str
    badge: PresenceMark | None = None
    halo: str = WHITE
    leader: tuple[float, float] | None = None
    led: NDArray[np.bool_] | None = None


def text_size(lines: Sequence[str], style: TextStyle) -> tuple[float, float]:
    """Return width and height in mm of a label's box."""
    size = style.size * POINT
    width = max(text_width(line, style) for line in lines)
    return width, size * (CAP_HEIGHT + _DEPTH + LEADING * (len(lines) - 1))


def _plain(  # one line, one variant
    text: str,
    look: LabelLook,
    candidates: tuple[FloatArray, FloatArray],
    *,
    rank: int,
    role: str,
) -> Wish:
    boxes, cost = candidates
    which = np.zeros(len(cost))
    return Wish(((text,),), look.style, look.colour, boxes, cost, which, rank, role)


# --- names ----------------------------------------------------------------------------------------


def place_names(
    places: Iterable[Place], frame: MapFrame, clusters: Sequence[Cluster], symbology: Symbology
) -> list[Wish]:
    """Ask for the names of areas inside them, for those of points beside their symbols."""
    wishes = []
    for place in places:
        kind = place.label.kind
        look = symbology.label(kind, place.label.text)
        text = place.label.text.upper() if look.caps else place.label.text
        rank = _RANKS[kind] + min(place.label.rank, 3)
        course = _course(place.label, frame)
        if course is not None:
            candidates = line_boxes(course, 0.2, *text_size((text,), look.style))
            wishes.append(_plain(text, look, candidates, rank=rank, role=f"name-{kind}"))
        elif kind in _AREA_KINDS and place.label.geometry is not None:
            area = frame.shape(place.label.geometry)
            wish = _in_area(area, _broken(text), look, rank=rank, role=f"name-{kind}")
            wishes.append(_or_beside_circles(wish, area, place.label.text, clusters))
        else:
            size = text_size((text,), look.style)
            candidates = point_boxes((place.x, place.y), size, look.marker, _GAPS)
            wishes.append(_plain(text, look, candidates, rank=rank, role=f"name-{kind}"))
    return wishes


def _course(label: PlaceLabel, frame: MapFrame) -> FloatArray | None:
    """Return points a few millimetres apart along a river's longest run in the frame (n, 2)."""
    if label.geometry is None or "Line" not in label.geometry.geom_type:
        return None
    runs = shapely.get_parts(frame.shape(label.geometry))
    run = max(runs, key=lambda each: each.length, default=None)
    if run is None or run.length < 1:
        return None
    stations = shapely.line_interpolate_point(run, np.linspace(0, 1, 16), normalized=True)
    points: NDArray[np.float64] = shapely.get_coordinates(stations)
    return points


def _broken(text: str) -> tuple[tuple[str, ...], ...]:
    """Return a name on one line and, where it has words, on two of about equal length.

    >>> _broken("BURKINA FASO")
    (('BURKINA FASO',), ('BURKINA', 'FASO'))
    """
    words = text.split()
    if len(words) < 2:
        return ((text,),)
    halves = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    return (text,), min(halves, key=lambda pair: abs(len(pair[0]) - len(pair[1])))


def _in_area(
    area: BaseGeometry,
    variants: tuple[tuple[str, ...], ...],
    look: LabelLook,
    *,
    rank: int,
    role: str,
) -> Wish:
    offers = [area_boxes(area, *text_size(lines, look.style)) for lines in variants]
    return Wish(
        variants,
        look.style,
        look.colour,
        boxes=np.concatenate([boxes for boxes, _ in offers]),
        cost=np.concatenate([cost + 0.3 * i for i, (_, cost) in enumerate(offers)]),
        variant=np.concatenate([np.full(len(cost), i) for i, (_, cost) in enumerate(offers)]),
        rank=rank,
        role=role,
        halo=NEIGHBOUR if role == "name-country" else WHITE,
    )


def _or_beside_circles(
    wish: Wish, area: BaseGeometry, name: str, clusters: Sequence[Cluster]
) -> Wish:
    """Offer places around the circles that an area holds too: they may cover all of it."""
    shapely.prepare(area)
    for cluster in clusters:
        # A cluster that stepped aside for a capital's symbol may have left a small area.
        here = cluster.mark.name == name or shapely.contains_xy(area, cluster.x, cluster.y)
        if not cluster.circles or not here:
            continue
        for i, lines in enumerate(wish.variants):
            size = text_size(lines, wish.style)
            boxes, cost = point_boxes((cluster.x, cluster.y), size, cluster.radius, _GAPS[:2])
            inside = shapely.area(shapely.intersection(shapely.box(*boxes.T), area))
            cost = cost + 4 * (1 - inside / (size[0] * size[1]))
            wish = replace(
                wish,
                boxes=np.concatenate([wish.boxes, boxes]),
                cost=np.concatenate([wish.cost, cost + 1.5]),
                variant=np.concatenate([wish.variant, np.full(len(cost), i)]),
            )
    return wish


def end_names(flows: DrawnFlows, places: Sequence[Place], symbology: Symbology) -> list[Wish]:
    """Ask for the names of flow ends that no other label names, above all those at the edge."""
    named = {place.label.text.casefold() for place in places}
    wishes = []
    for end in flows.ends:
        name = end.node.name
        if name.casefold() in named:
            continue
        look = symbology.label("site", name)
        look = LabelLook(TextStyle(look.style.size, italic=end.outside), look.colour)
        boxes, cost = point_boxes(
            (end.x, end.y), text_size((name,), look.style), end.drawn, _FAR_GAPS
        )
        candidates = (boxes, cost + _mistaken(boxes, end, flows.ends))
        rank = _END_RANK if end.outside else _RANKS["site"]
        wishes.append(_plain(name, look, candidates, rank=rank, role="name-end"))
    return wishes


def _mistaken(boxes: FloatArray, end: FlowEnd, ends: Sequence[FlowEnd]) -> FloatArray:
    """Return what it costs a name to stand nearer to another end than to its own (k,)."""
    others = [each for each in ends if each is not end]
    if not others:
        return np.zeros(len(boxes))
    shapes = shapely.box(*boxes.T)
    own = shapely.distance(shapes, shapely.Point(end.x, end.y)) - end.drawn
    at = shapely.points([[each.x, each.y] for each in others])
    away = shapely.distance(shapes[:, None], at) - np.array([each.drawn for each in others])
    return np.asarray(_DOUBT * np.clip(1 - (away.min(1) - own) / _CLEARLY, 0, 1))


# --- figures --------------------------------------------------------------------------------------


def circle_figures(
    clusters: Sequence[Cluster], markers: Sequence[tuple[float, float]], symbology: Symbology
) -> tuple[list[TextItem], list[Wish]]:
    """Return figures written into their circles, and wishes for those that do not fit.

    ``markers`` are the points of places, whose symbols would hide a figure.
    """
    style = TextStyle(symbology.note, bold=True)
    rise = CAP_HEIGHT * style.size * POINT
    inside, beside = [], []
    for cluster in clusters:
        for circle in cluster.circles:
            label = circle.part.label
            width = text_width(label, style)
            free = not any(
                abs(x - circle.x) < width / 2 + 1.5 and abs(y - circle.y) < rise + 1.0
                for x, y in markers
            )
            if free and width < 1.72 * circle.radius and circle.radius > rise:
                colour = readable_on(circle.part.colour)
                baseline = circle.y + rise / 2
                inside.append(
                    TextItem(label, circle.x, baseline, style, colour, "middle", role="figure")
                )
            else:
                look = LabelLook(style, darkened(circle.part.colour))
                candidates = _around(circle, cluster, *text_size((label,), style))
                wish = _plain(label, look, candidates, rank=_FIGURE_RANK, role="figure")
                beside.append(_led_to(wish, circle))
    return inside, beside


def _led_to(wish: Wish, circle: Circle) -> Wish:
    """Ask for a line to the circle where a figure stands too far off to be taken for its own."""
    away = shapely.distance(shapely.box(*wish.boxes.T), shapely.Point(circle.x, circle.y))
    return replace(wish, leader=(circle.x, circle.y), led=away - circle.radius > _UNLED)


def _around(
    circle: Circle, cluster: Cluster, width: float, height: float
) -> tuple[FloatArray, FloatArray]:
    """Return boxes and costs around a circle, better ones away from the middle of its cluster."""
    out = []
    outward = np.array([circle.x - cluster.x, circle.y - cluster.y])
    off_centre = float(np.hypot(*outward))
    for gap in (0.3, 1.0, 2.2, 4.0):
        for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
            way = np.array([np.cos(angle), np.sin(angle)])
            # Far enough along the angle for the box to clear the circle.
            reach = circle.radius + gap + abs(way[0]) * width / 2 + abs(way[1]) * height / 2
            x, y = circle.x + way[0] * reach, circle.y + way[1] * reach
            cost = 0.3 * abs(way[1]) + gap
            if off_centre > 0.1:
                cost = 0.5 * (1 - float(way @ outward) / off_centre) + gap
            out.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2, cost))
    table = np.array(out)
    return table[:, :4], table[:, 4]


def flow_figures(flows: DrawnFlows, symbology: Symbology) -> list[Wish]:
    """Ask for each band's figure on it or beside it, where it cannot be taken for another's."""
    style = TextStyle(symbology.note, bold=True)
    wishes = []
    for mark, band, width in zip(flows.marks, flows.bands, flows.widths, strict=True):
        if mark.label:
            size = text_size((mark.label,), style)
            boxes, cost = line_boxes(band.centre, width, *size)
            if width <= _ON_BAND:
                on, price = centred_boxes(band.centre, *size)
                boxes = np.concatenate([on, boxes])
                cost = np.concatenate([price + _BROAD * width, cost + 0.6])
            cost = cost + _doubt(boxes, band, [b for b in flows.bands if b is not band])
            cost = cost - BAND_COST * _share_covered(boxes, band)
            look = LabelLook(style, darkened(mark.colour))
            wish = _plain(mark.label, look, (boxes, cost), rank=_FIGURE_RANK, role="figure")
            wishes.append(wish)
    return wishes


def _share_covered(boxes: FloatArray, band: Band) -> FloatArray:
    """Return the share of each box (k,) that lies on a band's trunk."""
    shapes = shapely.box(*boxes.T)
    covered = shapely.area(shapely.intersection(shapes, band.outline))
    on_head = shapely.area(shapely.intersection(shapes, band.head))
    return np.asarray((covered - on_head) / shapely.area(shapes))


def _doubt(boxes: FloatArray, band: Band, others: Sequence[Band]) -> FloatArray:
    """Return what it costs a figure to stand nearer to another band than to its own (k,)."""
    if not others:
        return np.zeros(len(boxes))
    shapes = shapely.box(*boxes.T)
    own = shapely.distance(shapes, band.outline)
    outlines = np.array([other.outline for other in others], dtype=object)
    _, nearest = shapely.STRtree(outlines).query_nearest(
        shapes, return_distance=True, all_matches=False
    )
    return np.asarray(_DOUBT * np.clip(1 - (nearest - own) / _CLEARLY, 0, 1))


# --- partners -------------------------------------------------------------------------------------


def badge_radius(symbology: Symbology) -> float:
    """Return the radius of a partner badge in mm."""
    return 0.62 * (symbology.note + 1) * POINT


def _badge_boxes(
    at: tuple[float, float], size: tuple[float, float], radius: float
) -> tuple[FloatArray, FloatArray]:
    """Return boxes whose badge, at the left end, lies on a point or some millimetres from it."""
    out = []
    for away in (0.0, 2.5, 4.5, 7.0, 10.0):
        for angle in np.linspace(0, 2 * np.pi, 16 if away else 1, endpoint=False):
            left = at[0] + away * np.cos(angle) - radius
            top = at[1] + away * np.sin(angle) - size[1] / 2
            out.append((left, top, left + size[0], top + size[1]))
    boxes = np.array(out)
    return boxes, np.zeros(len(boxes))


def _share_inside(boxes: FloatArray, area: BaseGeometry) -> FloatArray:
    """Return the share of each box (k,) that lies in an area."""
    shapes = shapely.box(*boxes.T)
    return np.asarray(shapely.area(shapely.intersection(shapes, area)) / shapely.area(shapes))


def _acronyms(orgs: Sequence[str], style: TextStyle, width: float) -> list[str]:
    """Return as many names as fit on four lines; the count beside them tells how many there are."""
    lines = wrap(", ".join(orgs), style, width)
    shown = len(orgs)
    while len(lines) > 4 and shown > 1:
        shown -= 1
        lines = wrap(", ".join((*orgs[:shown], "…")), style, width)
    return lines


def presence_wishes(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[Wish]:
    """Ask for a place for each badge with its acronyms: in the unit, else beside its point."""
    areas = {fill.pcode: fill.geometry for fill in scene.fills}
    areas |= {p.text: p.geometry for p in scene.labels if p.kind == "unit" and p.geometry}
    style = TextStyle(symbology.note)
    radius = badge_radius(symbology)
    wishes = []
    for mark in scene.presence:
        lines = _acronyms(mark.orgs, style, 0.42 * symbology.legend_column)
        width, height = text_size(lines or ("0",), style)
        size = (2 * radius + (width + 1.0 if lines else 0), max(height, 2 * radius))
        x, y = frame.points(np.array([[mark.lon, mark.lat]]))[0]
        boxes, cost = _badge_boxes((float(x), float(y)), size, radius)
        area = areas.get(mark.pcode, areas.get(mark.name))
        unit = None if area is None else frame.shape(area)
        if unit is not None:
            cost = cost + _OUTSIDE * (1 - _share_inside(boxes, unit))
            inside, price = area_boxes(unit, *size)
            boxes, cost = np.concatenate([boxes, inside]), np.concatenate([cost, price])
        # The badge, at the left end, says where: in its own unit, else on a line to its point.
        badge = np.stack([boxes[:, 0] + radius, boxes[:, 1::2].mean(1)], axis=1)
        away = np.hypot(badge[:, 0] - x, badge[:, 1] - y)
        at_home = away <= radius
        if unit is not None:
            at_home |= shapely.contains_xy(unit, badge[:, 0], badge[:, 1])
        cost = cost + _FROM_POINT * away + np.where(at_home, 0, _LED)
        look = LabelLook(style, RULE)
        wish = _plain("", look, (boxes, cost), rank=_PRESENCE_RANK, role="partners")
        leader = (float(x), float(y))
        wishes.append(
            replace(wish, variants=(tuple(lines),), badge=mark, leader=leader, led=~at_home)
        )
    return wishes
