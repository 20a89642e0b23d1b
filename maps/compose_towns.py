"""Towns by rank, as context where the frame is small enough to have room for them."""

import math
from collections.abc import Collection
from typing import TYPE_CHECKING

from maps.scene import PlaceLabel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compose_towns"]

Box = tuple[float, float, float, float]

# Up to which rank (0 the most important, 10 the least) towns stand in a frame of so many degrees.
_RANKS = ((4.0, 10), (7.0, 7), (11.0, 6))
_MOST = 16
_APART = 0.03  # of the frame: of two nearer towns the larger stands
_TOWN_RANK = 8  # of a label


def compose_towns(
    towns: "pd.DataFrame", frame: Box, named: Collection[str], lang: str
) -> tuple[PlaceLabel, ...]:
    """Return the towns of a frame (degrees), the most important first, without those ``named``.

    ``towns`` as in ``maps.compose.compose``. A town without a name in Arabic letters is left out
    of an Arabic map.
    """
    west, south, east, north = frame
    across = max(east - west, north - south)
    most = next((rank for size, rank in _RANKS if across <= size), -1)
    if towns.empty or most < 0:
        return ()
    inside = towns[
        towns["lon"].between(west, east)
        & towns["lat"].between(south, north)
        & (towns["kind"] == "town")
        & (towns["rank"] <= most)
    ].sort_values(["rank", "population", "name"], ascending=[True, False, True], kind="stable")
    taken = {name.casefold() for name in named}
    kept: list[PlaceLabel] = []
    for row in inside.to_dict("records"):
        own = str(row[f"name_{lang}"]) if lang != "en" else ""
        if lang == "ar" and not own:
            continue
        lon, lat = float(row["lon"]), float(row["lat"])
        crowded = any(math.hypot(lon - k.lon, lat - k.lat) < _APART * across for k in kept)
        if not crowded and {own.casefold(), str(row["name"]).casefold()}.isdisjoint(taken):
            kept.append(PlaceLabel(own or str(row["name"]), "settlement", lon, lat, _TOWN_RANK))
        if len(kept) == _MOST:
            break
    return tuple(kept)
