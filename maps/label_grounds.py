"""Names on dark areas: white, where grey would drown. A halo alone makes a word grey on grey."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from maps.label_wishes import Place, Wish
from maps.scene import Scene
from maps.symbology import WHITE, luminance

__all__ = ["on_grounds"]

_READS = 3.4  # contrast of white on a ground (WCAG 2) from which white is the better ink


def on_grounds(wishes: Sequence[Wish], places: Sequence[Place], scene: Scene) -> list[Wish]:
    """Return the wishes for names, one for each place, with the ink that its area asks for."""
    dark = [fill for fill in scene.fills if 1.05 / (luminance(fill.colour) + 0.05) >= _READS]
    if not dark or not places:
        return list(wishes)
    tree = shapely.STRtree([fill.geometry for fill in dark])
    points = shapely.points([(place.label.lon, place.label.lat) for place in places])
    below: dict[int, str] = {}
    for i, j in np.transpose(tree.query(points, predicate="within")):
        below.setdefault(int(i), dark[int(j)].colour)
    return [
        replace(wish, colour=WHITE, halo=below[i])
        if i in below and place.label.kind == "unit"
        else wish
        for i, (wish, place) in enumerate(zip(wishes, places, strict=True))
    ]
