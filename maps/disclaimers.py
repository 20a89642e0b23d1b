"""What a map must say about the borders it shows: chosen by the areas in the frame, in its language.

The texts are data (``locales/disclaimers.json``): one general sentence that stands on every map,
and one for each area with an unsettled border or status, with rough outlines of where it lies.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import shapely
from shapely.geometry.base import BaseGeometry

from maps.spec import text_in

__all__ = ["Disclaimer", "disclaimers", "disclaimers_in"]


@dataclass(frozen=True)
class Disclaimer:
    """One sentence and where it applies. ``area`` (degrees) None: on every map."""

    id: str
    text: Mapping[str, str]
    area: BaseGeometry | None


@cache
def disclaimers() -> tuple[Disclaimer, ...]:
    """Return all disclaimers, the general ones first."""
    text = files("maps").joinpath("locales", "disclaimers.json").read_text(encoding="utf-8")
    return tuple(
        Disclaimer(
            each["id"], each["text"], shapely.Polygon(each["area"]) if each["area"] else None
        )
        for each in json.loads(text)
    )


def disclaimers_in(frame: tuple[float, float, float, float], lang: str) -> tuple[str, ...]:
    """Return the sentences for a frame (west, south, east, north, in degrees).

    >>> len(disclaimers_in((-5, 40, 10, 52), "en")), len(disclaimers_in((20, 5, 36, 20), "fr"))
    (2, 4)
    """
    box = shapely.box(*frame)
    return tuple(
        text_in(each.text, lang)
        for each in disclaimers()
        if each.area is None or each.area.intersects(box)
    )
