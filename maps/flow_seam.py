"""Flows across the edge of a map of the world: they leave on one side and come in on the other.

Only for maps that show all longitudes. Anywhere else the edge of the data is not in the frame.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from maps.projection import MapFrame
from maps.scene import FlowMark, Node

__all__ = ["SEAM", "central_meridian", "split_at_seam"]

SEAM = "seam:"
"""What the ids of ends begin with that stand at the map's edge for the other side."""

_WHOLE = (
    330.0  # degrees of longitude that a frame shows, or it does not show both sides of the seam
)
_CLEAR = 5.0  # degrees between the seam and an end
_INSIDE = 2.0  # degrees from the seam to such an end, so that its band has an end on the map


def split_at_seam(
    marks: Sequence[FlowMark], nodes: Sequence[Node], frame: MapFrame
) -> tuple[tuple[FlowMark, ...], tuple[Node, ...]]:
    """Return flows and nodes with each flow that is shorter across 180° cut in two there.

    The second part bears the figure; both have its width.
    """
    west, _, east, _ = frame.window
    if east - west < _WHOLE:
        return tuple(marks), tuple(nodes)
    at = {node.id: node for node in nodes}
    out: list[FlowMark] = []
    ends: list[Node] = list(nodes)
    for i, mark in enumerate(marks):
        origin, destination = at.get(mark.origin), at.get(mark.destination)
        if origin is None or destination is None or abs(origin.lon - destination.lon) <= 180:
            out.append(mark)
            continue
        leaves, comes = _edges(origin, destination)
        lon = 180 - _INSIDE if origin.lon > 0 else _INSIDE - 180
        exit_ = Node(f"{SEAM}{i}:exit", destination.name, lon, leaves, "country")
        entry = Node(f"{SEAM}{i}:entry", origin.name, -lon, comes, "country")
        ends += [exit_, entry]
        out += [
            replace(mark, destination=exit_.id, label=""),
            replace(mark, origin=entry.id),
        ]
    return tuple(out), tuple(ends)


def _edges(origin: Node, destination: Node) -> tuple[float, float]:
    """Return the latitudes at which the straight way over 180° leaves the map and comes in."""
    to_seam = 180 - abs(origin.lon)
    from_seam = 180 - abs(destination.lon)
    share = to_seam / max(to_seam + from_seam, 1e-9)
    lat = origin.lat + share * (destination.lat - origin.lat)
    return lat, lat


def central_meridian(
    origin: Sequence[float], destination: Sequence[float], value: Sequence[float]
) -> float:
    """Return the longitude to centre a map of the world on, so that the fewest persons' flows are cut.

    Longitudes in degrees. Of equally good meridians the one nearest to Greenwich is taken.

    >>> central_meridian([140, 151], [-100, -157], [900, 20])  # across the Pacific
    -45.0
    """
    start, stop, size = (np.asarray(each, dtype=float) for each in (origin, destination, value))
    run = (stop - start + 180) % 360 - 180  # the shorter way, eastwards positive
    west, length = np.where(run >= 0, start, stop), np.abs(run)
    centres = np.arange(-180.0, 180.0, 5.0)
    past = (centres[:, None] + 180 - west) % 360  # from a flow's western end to the seam
    # A seam through an end, or close by, would cut its flow or its symbol.
    cut = ((past < length + _CLEAR) | (past > 360 - _CLEAR)) @ size
    best = np.flatnonzero(cut <= cut.min() + 1e-9)
    return float(centres[best[np.abs(centres[best]).argmin()]])
