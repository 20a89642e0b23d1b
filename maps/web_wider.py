"""What stands for a map on screen from farther away, as JSON values: circles, bands and names of wider units."""

import math
from typing import Any

import numpy as np

from geo.terms import Unit
from maps.compose_wider import WiderScene
from maps.messages import messages
from maps.scene import Scene
from maps.tile_address import from_world
from maps.tile_levels import LevelRange, MapLevels
from maps.web_view import ScreenView

__all__ = ["wider_marks"]

_DEGREES = 4  # decimals: ten metres
_PRECISE = 20  # parts of a pixel that a band's corner is written to


def wider_marks(scene: Scene, seen: MapLevels) -> list[dict[str, Any]]:
    """Return what is shown instead of a map's own marks, the widest level first.

    Parameters
    ----------
    scene : Scene
        The map at its own level: its scale is kept.
    seen : MapLevels
        The same map from far and near.

    Returns
    -------
    list of dict
        ``below`` is the zoom (512-pixel tiles) under which a level is shown, ``note`` what it is.
        ``circles`` are [lon, lat, dx, dy, value, colour, label, text, name] with offsets in CSS
        pixels; ``limit`` the radius that none exceeds. ``rows`` are of flows as in a map's values,
        ``bands`` by zoom as in its marks.
    """
    own = ScreenView(scene)
    return [
        _level(each, shown, own, scene.lang)
        for each, shown in zip(seen.scenes[:-1], seen.ranges[:-1], strict=True)
    ]


def _level(seen: WiderScene, shown: LevelRange, own: ScreenView, lang: str) -> dict[str, Any]:
    view = ScreenView(seen.scene, scale=own, nearest=shown.last + 1)
    return {
        "level": shown.level,
        "below": shown.last + 1,
        "note": _note(seen, lang),
        "limit": view.largest_circle,
        "circles": [
            [
                round(symbol.lon, _DEGREES),
                round(symbol.lat, _DEGREES),
                round(circle.dx, 1),
                round(circle.dy, 1),
                circle.part.value,
                circle.part.colour,
                circle.part.label,
                symbol.text,
                symbol.name,
            ]
            for symbol, circles in zip(seen.scene.symbols, view.circles, strict=True)
            for circle in circles
        ],
        "rows": [
            [flow.origin, flow.destination, flow.group, flow.colour, flow.value, flow.label, flow.text]
            for flow in seen.scene.flows
        ],
        "bands": {
            zoom: _bands(view, zoom) for zoom in range(shown.first + 1, shown.last + 2)
        } if seen.scene.flows else {},
        "ends": [[round(x, _DEGREES), round(y, _DEGREES)] for x, y in view.flow_ends()],
        "labels": [
            [label.text, label.kind, round(label.lon, _DEGREES), round(label.lat, _DEGREES)]
            for label in seen.scene.labels
        ],
    }  # fmt: skip


def _note(seen: WiderScene, lang: str) -> str:
    """Say what is shown, and who is in no band because they moved within one place."""
    say = messages(lang)
    note = say.say("wider.countries" if seen.level == 0 else "wider.units")
    moved = [
        say.counted(each.group, each.inside)
        if each.unit == Unit.PERSONS.value
        else f"{say.say(f'unit.{each.unit}')} {say.number(each.inside)}"
        for each in seen.flows
        if each.inside
    ]
    return f"{note} {say.say('wider.inside', items=say.joined(moved))}" if moved else note


def _bands(view: ScreenView, zoom: int) -> list[Any]:
    """Return bands as `maps.web_columns.scene_marks` does; ``zoom`` counts 256-pixel tiles."""
    decimals = math.ceil(math.log10(_PRECISE * 256 * 2.0**zoom / 360))

    def degrees(xy: Any) -> list[list[float]]:
        points: list[list[float]] = from_world(np.asarray(xy)).round(decimals).tolist()
        return points

    return [
        [
            band.index,
            degrees(band.outline.exterior.coords),
            *degrees([band.middle]),
            [[name, *degrees([(x, y)])[0]] for name, x, y in band.stubs],
        ]
        for band in view.bands(zoom)
    ]
