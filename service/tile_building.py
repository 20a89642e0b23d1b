"""Where encoded tiles are kept, and how all of a level's are made at once. Deleting the folder loses nothing.

Tiles are encoded when they are first asked for and kept for every process and every later day. Before a
situation goes before a public, `--tiles` does it for all zooms down to `DEEPEST` beforehand.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from boundaries.shelf import data_folder

if TYPE_CHECKING:
    from boundaries.units import BoundarySet
    from service.terminal import Terminal

__all__ = ["DEEPEST", "encode_levels", "tile_folder"]

DEEPEST = 8
"""The last zoom that is encoded beforehand; a deeper tile holds few units and is soon made."""


def tile_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where encoded tiles are kept: ``SITMAP_TILE_ARCHIVE``, else beside the user's boundaries.

    >>> tile_folder({"SITMAP_TILE_ARCHIVE": "there"}).parts
    ('there',)
    """
    told = environment.get("SITMAP_TILE_ARCHIVE")
    return Path(told) if told else data_folder(environment) / "tiles"


def encode_levels(
    boundaries: "BoundarySet",
    levels: Iterable[int],
    terminal: "Terminal",
    *,
    deepest: int = DEEPEST,
) -> int:
    """Encode all tiles of some levels, from zoom 0 to ``deepest``; returns how many zooms were made.

    What lies in `tile_folder` already is not made again. Says on the terminal what was done.
    """
    from maps.tile_geometry import TileGeometry
    from maps.tile_pyramid import encode_pyramid

    wanted = [level for level in sorted(set(levels)) if len(boundaries.at(level))]
    zooms = range(deepest + 1)
    made = 0
    with terminal.progress("Encoding tiles", total=len(wanted) * len(zooms)) as step:
        for level in wanted:
            geometry = TileGeometry.of(boundaries, level, archives=tile_folder())

            def told(done: int, of: int, level: int = level) -> None:
                step(f"level {level}, zoom {done - 1} of {of - 1}", 1)

            made += encode_pyramid(geometry, zooms, step=told)
    named = ", ".join(map(str, wanted))
    if made:
        terminal.note(f"Tiles of level {named} are encoded for zooms 0 to {deepest}.")
    else:
        terminal.note(f"Tiles of level {named} were encoded already.")
    return made
