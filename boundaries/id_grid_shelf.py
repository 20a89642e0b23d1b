"""Id grids kept beside the vintages, named by the content they were made from: none is ever out of date."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.id_grid_build import build_id_grid
from boundaries.id_grid_files import is_kept, write_grid
from boundaries.shelf import data_folder
from boundaries.units import BoundarySet

__all__ = ["grid_folder", "keep_grid"]

_FORM = "1"  # of the files: another form is another folder


def grid_folder(
    pcodes: tuple[str, ...], polygons: NDArray[Any], *, per_degree: int | None = None
) -> str:
    """Return the name of the grid of some units: a hash of codes, polygons and cell size."""
    content = hashlib.blake2b(digest_size=12)
    content.update(json.dumps([_FORM, per_degree, pcodes]).encode())
    for shape in shapely.to_wkb(polygons).tolist():
        content.update(shape)
    return content.hexdigest()


def keep_grid(
    boundaries: BoundarySet,
    level: int,
    *,
    per_degree: int | None = None,
    folder: Path | None = None,
) -> Path:
    """Return the folder of the grid of one level, making it where it is not kept yet.

    Parameters
    ----------
    boundaries : BoundarySet
        With units of that level.
    level : int
    per_degree : int, optional
        As for `boundaries.id_grid_build.build_id_grid`.
    folder : Path, optional
        Where vintages are kept; default `boundaries.shelf.data_folder`.

    Raises
    ------
    CannotKeep
        The folder cannot be written.
    """
    units = boundaries.at(level)
    pcodes, polygons = tuple(units["pcode"]), np.asarray(units.geometry.values, dtype=object)
    shelf = (folder or data_folder()) / "grids"
    place = shelf / grid_folder(pcodes, polygons, per_degree=per_degree)
    if not is_kept(place):
        write_grid(build_id_grid(pcodes, polygons, per_degree=per_degree), place)
    return place
