"""Names of countries written into their circles, over the figure, where the circle has room for both."""

import math
from collections.abc import Sequence

from maps.display import TextItem
from maps.label_wishes import Place
from maps.symbol_layout import Cluster
from maps.symbology import Symbology, readable_on
from maps.text import CAP_HEIGHT, POINT, TextStyle, text_width

__all__ = ["names_in_circles"]

_FILL = 0.9  # of the chord at a line's height that text may take


def names_in_circles(
    places: Sequence[Place], clusters: Sequence[Cluster], symbology: Symbology
) -> tuple[list[TextItem], list[Place]]:
    """Return the names that fit into a circle that stands alone, and the places still to be named.

    The figure keeps the middle of its circle, the name stands a line above it. Only countries of
    small-scale maps are named so: a region's name says where its border is.
    """
    alone = {c.mark.name: c for c in clusters if len(c.circles) == 1}
    texts, left = [], []
    style = TextStyle(symbology.note)
    rise = CAP_HEIGHT * style.size * POINT
    for place in places:
        cluster = alone.get(place.label.text) if place.label.kind == "nation" else None
        if cluster is None:
            left.append(place)
            continue
        circle = cluster.circles[0]
        lift = symbology.leading  # from the figure's baseline to the name's
        top = lift - rise / 2 + rise  # from the middle to the name's capitals
        chord = 2 * math.sqrt(max(circle.radius**2 - top**2, 0.0))
        if text_width(place.label.text, style) > _FILL * chord:
            left.append(place)
            continue
        colour = readable_on(circle.part.colour)
        baseline = circle.y + rise / 2 - lift
        texts.append(
            TextItem(
                place.label.text, circle.x, baseline, style, colour, "middle", role="name-nation"
            )
        )
    return texts, left
