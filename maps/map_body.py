"""The ground of the map: water, land, areas by class, boundaries. Every line is drawn once."""

from dataclasses import replace

import shapely
from shapely.geometry import box

from maps.display import Item, Layer, PathItem
from maps.emptiness import emptiness_pattern
from maps.projection import MapFrame
from maps.scene import Scene
from maps.symbology import FOCUS, HIGHLIGHT, NEIGHBOUR, WATER, Symbology

__all__ = ["ground_layers"]


def ground_layers(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[Layer]:
    """Return the layers under symbols and labels."""
    return [
        Layer("water", (PathItem(box(*frame.box), fill=WATER, role="water"),)),
        Layer("land", tuple(_land(scene, frame))),
        Layer("areas", tuple(_areas(scene, frame))),
        Layer("rivers", tuple(_water(scene, frame, symbology))),
        Layer("lines", tuple(_lines(scene, frame, symbology))),
        Layer("highlight", tuple(_highlight(scene, frame, symbology))),
    ]


def _land(scene: Scene, frame: MapFrame) -> list[PathItem]:
    colours = {"neighbour": NEIGHBOUR, "focus": FOCUS}
    shapes = [(area.role, frame.shape(area.geometry)) for area in scene.context]
    # Neighbours first: where a coarse neighbour laps over the focus country, the latter wins.
    shapes.sort(key=lambda shape: shape[0] == "focus")
    return [
        # The hairline closes the seam that anti-aliasing leaves between abutting areas.
        PathItem(shape, fill=colours[role], stroke=colours[role], stroke_width=0.2, role=role)
        for role, shape in shapes
        if not shape.is_empty
    ]


def _areas(scene: Scene, frame: MapFrame) -> list[Item]:
    items: list[Item] = []
    hatched: list[Item] = []
    for fill in scene.fills:
        shape = frame.shape(fill.geometry)
        if shape.is_empty:
            continue
        items.append(
            PathItem(
                shape,
                fill=fill.colour,
                stroke=fill.colour,
                stroke_width=0.2,
                role=f"area-{fill.pcode}",
                value=fill.value,
            )
        )
        if fill.klass < 0 and fill.state != "figure":
            hatched.append(emptiness_pattern(shape, fill.state))
    return items + hatched


def _water(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[PathItem]:
    """Draw lakes over the areas, which are not cut out for them, then rivers."""
    items = []
    for each in scene.water:
        shape = frame.shape(each.geometry)
        if not shape.is_empty:
            items.append(replace(symbology.water(each.kind, each.rank), geometry=shape))
    return items


def _lines(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[PathItem]:
    items = []
    for line in sorted(scene.lines, key=lambda line: (line.rank < 0, -line.rank)):
        shape = frame.shape(line.geometry)
        if shape.is_empty:
            continue
        stroke = symbology.line(line.rank, line.status)
        items.append(
            PathItem(
                shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape,
                stroke=stroke.stroke,
                stroke_width=stroke.stroke_width,
                dash=stroke.dash,
                role=f"line-{line.rank}-{line.status}",
            )
        )
    return items


def _highlight(scene: Scene, frame: MapFrame, symbology: Symbology) -> list[PathItem]:
    """Outline the unit that the page is about."""
    if scene.highlight is None:
        return []
    width = 2 * symbology.line(0, "agreed").stroke_width
    shape = frame.shape(scene.highlight.boundary)
    return [PathItem(shape, stroke=HIGHLIGHT, stroke_width=width, role="highlight")]
