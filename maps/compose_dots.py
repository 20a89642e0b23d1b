"""One dot is so many people, somewhere in the unit. Where it lies within the unit says nothing.

Dots are spread evenly by a rule that knows only the unit's outline and code, never a site or town,
and the legend says so: a dot map must not be read as a map of where people shelter. The same figures
give the same dots.
"""

import hashlib
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.compose_figures import GroupFigures, ask, figure_footnotes, group_keys
from maps.compose_setting import LayerWords, Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import group_colour
from maps.scene import TableTwin
from maps.scene_layers import DotLegend, DotMark
from maps.spec import LayerSpec, text_in

__all__ = ["compose_dots", "spread_dots"]

_AIM = 700  # dots on a map whose legend is left to us: enough for a texture, few enough to see one
_MOST = 20_000  # dots on one map: beyond it is a tone, and a file nobody can open
_CHOICE = 24  # places to choose from, per dot
_ROUNDS = 8  # of evening out
_INSET = 0.02  # of a unit's size: how far dots keep from its border
_CROWDED = 0.2  # of a unit covered by dots, from which they are named in a footnote
_DOT_SHARE = 1.1e-5  # of the map's area that one dot covers on paper

Floats = NDArray[np.float64]


def compose_dots(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[DotMark, ...], DotLegend, LayerWords]:
    """Return the dots of each group in each unit, the legend and the words.

    A unit with fewer people than half a dot stands for has none; a footnote names it.
    """
    say = setting.say
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    if not layer.groups:
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked="no group",
            there_is=", ".join(sorted(set(setting.released.figures["group"]))),
        )
    asked = [
        ask(setting, layer, group, measure=layer.measure, origin=origin, on=layer.date)
        for group in layer.groups
    ]
    per_dot = layer.per_dot or _round_number(sum(each.total for each in asked))
    total = sum(each.total for each in asked)
    if total / per_dot > _MOST:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"{total / per_dot:,.0f} dots of {per_dot} people would run together",
            todo=f"Set per_dot to {_round_number(total)}, or leave it out.",
        )
    marks = tuple(
        mark
        for pcode in sorted({row.pcode for figures in asked for row in figures.rows})
        for mark in _unit_marks(setting, asked, pcode, per_dot)
    )
    units = {each.unit for each in asked}
    legend = DotLegend(
        title=text_in(layer.title, say.lang) or say.say(f"unit.{max(units)}"),
        label=say.say("dots.label", number=say.number(per_dot)),
        note=say.say("dots.note"),
        per_dot=per_dot,
        keys=group_keys(setting, asked),
    )
    words = LayerWords(
        alt=tuple(_alt(setting, figures, legend) for figures in asked),
        footnotes=(
            *_dot_notes(setting, marks, per_dot),
            *figure_footnotes(setting, asked),
        ),
        dated=tuple(each for figures in asked for each in figures.dated),
        sources=tuple(source for figures in asked for source in figures.sources),
        drawn=frozenset(mark.pcode for mark in marks),
        carried=frozenset(code for figures in asked for code in figures.carried),
        twins=(_twin(setting, legend, asked, marks),),
    )
    return marks, legend, words


def _round_number(total: float) -> int:
    """Return the number of the 1-2-5 series with which ``total`` makes about as many dots as we aim at.

    >>> _round_number(36_690), _round_number(300)
    (50, 1)
    """
    wanted = total / _AIM
    series = [int(f"{digit}{'0' * power}") for power in range(9) for digit in (1, 2, 5)]
    for low, high in pairwise(series):
        if wanted <= math.sqrt(low * high):
            return low
    return series[-1]


def _dots(value: float, per_dot: int) -> int:
    """Return how many dots stand for so many people, halves rounded up."""
    return math.floor(value / per_dot + 0.5)


def _unit_marks(
    setting: Setting, asked: Sequence[GroupFigures], pcode: str, per_dot: int
) -> list[DotMark]:
    """Return the dots of a unit, one mark per group; the groups' dots are mixed, none on another."""
    say, name = setting.say, setting.name(pcode)
    found = [
        (figures.group, row)
        for figures in asked
        for row in figures.rows
        if row.pcode == pcode and row.value is not None
    ]
    numbers = [_dots(row.value or 0, per_dot) for _, row in found]
    points = spread_dots(setting.shapes[pcode], sum(numbers), seed=pcode)
    of_group = np.repeat(np.arange(len(found)), numbers)
    _random(f"{pcode}/groups").shuffle(of_group)
    return [
        DotMark(
            pcode=pcode,
            name=name,
            group=group,
            value=float(row.value or 0),
            colour=group_colour(group),
            points=tuple((float(x), float(y)) for x, y in points[of_group == i]),
            text=say.say(
                "dots.text",
                name=name,
                counted=say.counted(group, row.value or 0, row.qualifier),
                dots=say.say("dots.count", count=int((of_group == i).sum())),
            ),
        )
        for i, (group, row) in enumerate(found)
    ]


def _random(seed: str) -> np.random.Generator:
    digest = hashlib.sha256(seed.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def spread_dots(shape: BaseGeometry, count: int, *, seed: str) -> Floats:
    """Return ``count`` places (n, 2) inside a unit, in degrees, spread evenly over its ground.

    Many places are drawn evenly over the area (on the sphere) and shared out among the dots, each to
    the nearest; each dot moves to the middle of its share, a few times over (Lloyd 1982, "Least
    squares quantization in PCM", IEEE Trans. Inf. Theory 28). Same unit, count and seed, same
    places.
    """
    from scipy.spatial import cKDTree

    if not count:
        return np.empty((0, 2))
    west, south, east, north = shape.bounds
    inner = shape.buffer(-_INSET * math.sqrt(shape.area))
    inside = inner if inner.area > 0.3 * shape.area else shape
    shapely.prepare(inside)
    random = _random(seed)
    wanted = min(max(_CHOICE * count, 400), 40_000)
    pool = np.empty((0, 2))
    low, high = math.sin(math.radians(south)), math.sin(math.radians(north))
    while len(pool) < wanted:
        # Equal areas of ground are equal steps of the sine of latitude.
        lon = random.uniform(west, east, 4 * wanted)
        lat = np.degrees(np.arcsin(random.uniform(low, high, 4 * wanted)))
        held = shapely.contains_xy(inside, lon, lat)
        pool = np.concatenate([pool, np.column_stack([lon[held], lat[held]])])
        if not len(pool) and inside is shape and shape.area == 0:
            return np.repeat(shapely.get_coordinates(shape.representative_point()), count, axis=0)
    pool = pool[:wanted]
    if len(pool) < count:  # more dots than places to choose from: they run together anyhow
        return pool[random.integers(0, len(pool), count)]
    flat = _equal_area(pool, math.radians((south + north) / 2))
    at = _farthest(flat, count)
    for _ in range(_ROUNDS):
        nearest = cKDTree(flat[at]).query(flat)[1]
        size = np.bincount(nearest, minlength=count)
        share = np.maximum(size, 1)
        middle = np.column_stack(
            [np.bincount(nearest, flat[:, axis], minlength=count) / share for axis in (0, 1)]
        )
        middle[size == 0] = flat[at][size == 0]
        # The middle of a bent share may lie outside the unit: take the place nearest to it.
        at = cKDTree(flat).query(middle)[1]
    return np.round(pool[at], 5)


def _equal_area(points: Floats, parallel: float) -> Floats:
    """Project degrees onto a cylinder that keeps areas, and shapes along a parallel (radians)."""
    lon, lat = np.radians(points).T
    across = math.cos(parallel)
    return np.column_stack([lon * across, np.sin(lat) / across])


def _farthest(points: Floats, count: int) -> NDArray[np.int64]:
    """Return the indices of a start: the first place, then always the one farthest from those before."""
    chosen = np.zeros(count, dtype=np.int64)
    distance = np.full(len(points), np.inf)
    for i in range(1, count):
        distance = np.minimum(distance, ((points - points[chosen[i - 1]]) ** 2).sum(1))
        chosen[i] = int(np.argmax(distance))
    return chosen


def _dot_notes(setting: Setting, marks: Sequence[DotMark], per_dot: int) -> tuple[str, ...]:
    """Name who is too few for a dot, and where dots lie too close to be counted."""
    say = setting.say
    few = [mark for mark in marks if mark.value > 0 and not mark.points]
    notes = []
    if few:
        items = [
            say.say(
                "alt.item",
                name=mark.name,
                number=say.counted(mark.group, mark.value),
            )
            for mark in few
        ]
        least = say.number(math.ceil(per_dot / 2))
        notes.append(say.say("note.dots.few", least=least, items=say.joined(items)))
    areas = {mark.pcode: setting.shapes[mark.pcode] for mark in marks}
    x0, y0, x1, y1 = shapely.total_bounds(list(areas.values())) if areas else (0, 0, 1, 1)
    covered: dict[str, int] = {}
    for mark in marks:
        covered[mark.pcode] = covered.get(mark.pcode, 0) + len(mark.points)
    dot = _DOT_SHARE * (x1 - x0) * (y1 - y0)
    crowded = [
        setting.name(pcode)
        for pcode, count in covered.items()
        if count * dot > _CROWDED * areas[pcode].area and count > 1
    ]
    if crowded:
        notes.append(say.say("note.dots.crowded", places=say.listed(crowded)))
    return tuple(notes)


def _alt(setting: Setting, figures: GroupFigures, legend: DotLegend) -> str:
    say = setting.say
    known = sorted(((row.value, row.pcode) for row in figures.rows if row.value), reverse=True)
    places = [
        say.say("alt.item", name=setting.name(pcode), number=say.number(value))
        for value, pcode in known[:3]
    ]
    return say.say(
        "alt.dots",
        label=legend.label,
        group=say.group(figures.group),
        period=figures.period(setting),
        total=say.number(figures.total),
        places=say.listed(places) or "–",
    )


def _twin(
    setting: Setting,
    legend: DotLegend,
    asked: Sequence[GroupFigures],
    marks: Sequence[DotMark],
) -> TableTwin:
    say = setting.say
    found = {figures.group: {row.pcode: row for row in figures.rows} for figures in asked}
    dots = {(mark.pcode, mark.group): len(mark.points) for mark in marks}

    def cell(group: str, pcode: str) -> str:
        row = found[group].get(pcode)
        if row is None or row.value is None:
            return say.say(f"state.{row.state if row else 'not_reported'}")
        count = say.say("dots.count", count=dots.get((pcode, group), 0))
        return f"{say.number(row.value, row.qualifier)} ({count})"

    rows = [
        (setting.name(pcode), pcode, *(cell(figures.group, pcode) for figures in asked))
        for pcode in sorted({row.pcode for figures in asked for row in figures.rows})
    ]
    totals = (say.number(figures.total + figures.unplaced) for figures in asked)
    rows.append((say.say("twin.total"), "", *totals))
    return TableTwin(
        caption=f"{legend.title}: {legend.label}",
        columns=(say.say("twin.place"), say.say("twin.code"), *(k.label for k in legend.keys)),
        rows=tuple(rows),
    )
