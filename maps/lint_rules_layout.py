"""Rules over where things lie on a page: nothing covers what it must not, and all that counts is drawn."""

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import box

from maps.display import PathItem, TextItem
from maps.lint_rules import RuleBook, Severity
from maps.page_case import PageCase

__all__ = ["BOOK"]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_TOUCH = 0.02  # mm²: rounding, not overlap
_COVERED = 0.15  # of a circle under a name or a band
_THINNEST = 0.5  # mm
_OFF_SCALE = 0.01

BOOK: RuleBook[PageCase] = RuleBook()


def _circles(case: PageCase) -> list[PathItem]:
    return [item for item in case.page.paths if item.role.startswith("circle-")]


def _named(item: TextItem) -> str:
    return f"“{item.text[:40]}”"


@BOOK.rule(
    "texts-overlap",
    ERROR,
    point=20,
    why="Two texts on top of each other are both lost.",
    fix="Use a larger sheet, or fewer labels.",
    binding=True,
)
def _texts_apart(case: PageCase) -> Iterator[str]:
    texts = [item for item in case.page.texts if item.text.strip()]
    boxes = np.array([box(*item.box) for item in texts], dtype=object)
    if len(boxes) < 2:
        return
    tree = shapely.STRtree(boxes)
    for a, b in zip(*tree.query(boxes, predicate="intersects"), strict=True):
        if a < b and boxes[a].intersection(boxes[b]).area > _TOUCH:
            yield f"{_named(texts[a])} and {_named(texts[b])}"


@BOOK.rule(
    "text-off-page",
    ERROR,
    point=20,
    why="A text that is cut at the edge is read as another word.",
    fix="Shorten the text, or choose a larger sheet.",
    binding=True,
)
def _texts_on_page(case: PageCase) -> Iterator[str]:
    for item in case.page.texts:
        x0, y0, x1, y1 = item.box
        if x0 < 0 or y0 < 0 or x1 > case.page.width or y1 > case.page.height:
            yield f"{_named(item)} leaves the page"


@BOOK.rule(
    "label-off-map",
    ERROR,
    point=20,
    why="A name cut by the frame, or under the legend, names something else or nothing.",
    fix="Drop the label, or widen the frame.",
)
def _labels_on_map(case: PageCase) -> Iterator[str]:
    if not case.frame:
        return
    frame = box(*case.frame).buffer(0.1)
    panels = shapely.union_all(
        [item.geometry for item in case.paths("panel", "globe-frame") if item.geometry.area]
    )
    for layer in case.page.layers:
        if layer.id != "labels":
            continue
        for item in layer.items:
            if isinstance(item, TextItem):
                here = box(*item.box)
                if not frame.contains(here):
                    yield f"{_named(item)} crosses the map's frame"
                elif here.intersection(panels).area > _TOUCH:
                    yield f"{_named(item)} lies under the legend or the globe"


@BOOK.rule(
    "name-on-circle",
    ERROR,
    point=20,
    why="A name across a circle hides its size and its number.",
    fix="Move or drop the label.",
)
def _names_off_circles(case: PageCase) -> Iterator[str]:
    circles = [item.geometry for item in _circles(case)]
    if not circles:
        return
    tree = shapely.STRtree(circles)
    for item in case.page.texts:
        if item.role.startswith("name-"):
            here = box(*item.box)
            if item.halo is None and any(circles[i].contains(here) for i in tree.query(here)):
                continue  # written into its own circle, without a halo
            covered = sum(here.intersection(circles[i]).area for i in tree.query(here))
            if covered > _COVERED * here.area:
                yield f"{_named(item)} lies on a circle"


@BOOK.rule(
    "mark-under-panel",
    ERROR,
    point=20,
    why="People under the legend are not on the map.",
    fix="Let the page plan give the content room, or choose a larger sheet.",
    binding=True,
)
def _marks_seen(case: PageCase) -> Iterator[str]:
    panels = shapely.union_all([item.geometry for item in case.paths("panel")])
    for item in _circles(case):
        if item.geometry.intersection(panels).area > 0.05 * item.geometry.area:
            yield f"a circle of {item.value or 0:,.0f} lies under the legend"


@BOOK.rule(
    "mark-not-drawn",
    ERROR,
    point=25,
    why="A figure of the table that is not on the map has fallen off it in silence.",
    fix="Widen the frame to hold every mark.",
    binding=True,
)
def _all_drawn(case: PageCase) -> Iterator[str]:
    if not case.single:
        return
    unit = case.scene.highlight  # a page of an atlas owes its readers the marks of its unit
    wanted = Counter(
        part.value
        for mark in case.scene.symbols
        for part in mark.parts
        if part.value > 0 and (unit is None or shapely.contains_xy(unit, mark.lon, mark.lat))
    )
    drawn = Counter(item.value for item in _circles(case) if item.value)
    for value in (wanted - drawn).elements():
        yield f"no circle is drawn for {value:,.0f}"
    there_are = {part.value for mark in case.scene.symbols for part in mark.parts}
    for value in sorted({value for value in drawn if value not in there_are}):
        yield f"a circle of {value:,.0f} is drawn for no figure"
    known = {node.id for node in case.scene.nodes}
    bands = Counter(
        mark.value
        for mark in case.scene.flows
        if mark.value > 0
        and mark.origin != mark.destination
        and {mark.origin, mark.destination} <= known
    )
    there = Counter(item.value for item in case.paths("flow") if item.value)
    for value in (bands - there).elements():
        yield f"no band is drawn for {value:,.0f}"


@BOOK.rule(
    "mark-outside-frame",
    ERROR,
    point=20,
    why="A circle beyond the frame is not on the map, and its people are not either.",
    fix="Widen the frame, or leave its `extent` to the program.",
)
def _marks_in_frame(case: PageCase) -> Iterator[str]:
    if not case.frame:
        return
    frame = box(*case.frame)
    for item in _circles(case):
        if not frame.contains(item.geometry.centroid):
            yield f"a circle of {item.value or 0:,.0f} lies outside the frame"


@BOOK.rule(
    "circles-off-scale",
    ERROR,
    point=15,
    why="Eyes compare areas: a circle whose area is not its number is a wrong number.",
    fix="Draw every circle, the legend's too, with one area per person.",
    binding=True,
)
def _circles_to_scale(case: PageCase) -> Iterator[str]:
    items = [item for item in (*_circles(case), *case.paths("legend-circle")) if item.value]
    if len(items) < 2:
        return
    each = np.array([item.geometry.area / (item.value or 1) for item in items])
    usual = float(np.median(each))
    for item, per_person in zip(items, each, strict=True):
        if abs(per_person / usual - 1) > _OFF_SCALE:
            yield f"the circle of {item.value or 0:,.0f} is {per_person / usual:.2f} of its size"


@BOOK.rule(
    "bands-off-scale",
    ERROR,
    point=16,
    why="A band whose width is not its number is a wrong number.",
    fix="Draw every band, the legend's too, at one width per person above the hairline.",
    binding=True,
)
def _bands_to_scale(case: PageCase) -> Iterator[str]:
    found = sorted(
        (item.value, _band_width(item)) for item in case.paths("legend-band") if item.value
    )
    if len(found) < 3:
        return
    (low, thin), (high, wide) = found[0], found[-1]
    for value, width in found[1:-1]:
        expected = thin + (wide - thin) * (value - low) / (high - low)
        if abs(width - expected) > 0.05:
            yield f"the band of {value:,.0f} is {width:.2f} mm wide, on the scale {expected:.2f}"


def _band_width(item: PathItem) -> float:
    """Return the width of a straight band lying along the page: at its shaft, not at its head."""
    x0, y0, x1, y1 = item.geometry.bounds
    cuts = [
        shapely.LineString([(at, y0 - 1), (at, y1 + 1)])
        for at in (x0 + 0.3 * (x1 - x0), x0 + 0.7 * (x1 - x0))
    ]
    return min(float(item.geometry.intersection(cut).length) for cut in cuts)


@BOOK.rule(
    "band-too-thin",
    ERROR,
    point=16,
    why="Under half a millimetre a band is taken for a road.",
    fix="Draw bands at least half a millimetre wide.",
    binding=True,
)
def _bands_seen(case: PageCase) -> Iterator[str]:
    for item in case.paths("flow", "legend-band"):
        if item.geometry.is_empty:
            continue
        # Of a long thin shape, twice the area over the outline's length is its mean width.
        width = 2 * item.geometry.area / max(item.geometry.length, 1e-9)
        if width < 0.8 * _THINNEST:
            yield f"the band of {item.value or 0:,.0f} is {width:.2f} mm wide"


@BOOK.rule(
    "band-over-circle",
    WARNING,
    point=18,
    why="A band that runs through a place seems to begin or end there.",
    fix="Lay the flows out anew, on a larger sheet or with a higher `minimum`.",
)
def _bands_off_circles(case: PageCase) -> Iterator[str]:
    bands = [item for item in case.paths("flow") if not item.geometry.is_empty]
    for circle in _circles(case):
        for band in bands:
            covered = circle.geometry.intersection(band.geometry).area
            if covered > 2 * _COVERED * circle.geometry.area:
                yield f"the band of {band.value or 0:,.0f} runs through {circle.value or 0:,.0f}"


@BOOK.rule(
    "emptiness-not-hatched",
    ERROR,
    point=12,
    why="By colour alone an area without a figure passes for a class, in grey print always.",
    fix="Hatch or dot every area without a figure.",
)
def _hatched(case: PageCase) -> Iterator[str]:
    if not case.single:
        return
    marks = [
        item.geometry
        for item in case.page.paths
        if item.role.startswith(("hatch", "dots", "pattern")) and not item.geometry.is_empty
    ]
    drawn = {item.role: item.geometry for item in case.page.paths}
    for fill in case.scene.fills:
        shape = drawn.get(f"area-{fill.pcode}")
        if fill.state == "figure" or shape is None or shape.area < 4:
            continue
        if fill.state != "out_of_scope" and not any(shape.intersects(mark) for mark in marks):
            yield f"{fill.name} ({fill.state}) is shown by colour alone"


@BOOK.rule(
    "figures-unwritten",
    NOTE,
    point=28,
    why="In grey print groups are told apart by the numbers beside them.",
    fix="Use a larger sheet.",
)
def _figures_written(case: PageCase) -> Iterator[str]:
    if not case.single:
        return
    written = Counter(item.text for item in case.texts("figure"))
    wanted = Counter(
        part.label for mark in case.scene.symbols for part in mark.parts if part.value > 0
    ) + Counter(mark.label for mark in case.scene.flows if mark.label)
    missing = sum((wanted - written).values())
    if missing:
        yield f"{missing} of {sum(wanted.values())} figures have no room beside their mark"


@BOOK.rule(
    "names-unplaced",
    NOTE,
    point=20,
    why="A place without its name is found by nobody.",
    fix="Use a larger sheet, or a smaller extent.",
)
def _names_placed(case: PageCase) -> Iterator[str]:
    words = " ".join(item.text for item in case.page.texts).casefold()
    wanted = {label.text for label in case.scene.labels if label.kind in ("unit", "nation", "site")}
    marked = {mark.name for mark in case.scene.symbols} | {node.name for node in case.scene.nodes}
    missing = sorted(
        name for name in wanted & marked if not all(w in words for w in name.casefold().split())
    )
    if missing:
        yield f"no room for {', '.join(missing[:6])}{' …' if len(missing) > 6 else ''}"


@BOOK.rule(
    "page-crowded",
    WARNING,
    point=27,
    why="Where panels take half of the map, the map is an ornament of its legend.",
    fix="Use a larger sheet, or two maps.",
)
def _room_for_map(case: PageCase) -> Iterator[str]:
    if not case.frame:
        return
    whole = box(*case.frame)
    taken = shapely.union_all([item.geometry for item in case.paths("panel")])
    share = taken.intersection(whole).area / whole.area if whole.area else math.nan
    if share > 0.5:
        yield f"panels take {share:.0%} of the map"
