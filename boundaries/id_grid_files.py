"""An id grid as a folder of plain arrays, mapped into memory: all processes of a machine share one copy.

This module loads no table library, so that a worker that only looks points up starts at once.
"""

import json
import os
import secrets
import shutil
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely

from boundaries.errors import BoundaryError, CannotKeep
from boundaries.id_grid import IdGrid

__all__ = ["LostGrid", "is_kept", "open_grid", "write_grid"]

_ABOUT = "grid.json"
_ARRAYS = ("coarse", "cells", "starts", "members")


class LostGrid(BoundaryError):
    """A kept grid that is not where it was said to be."""

    code = "lost-grid"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder}: there is no id grid; expected the one that `sitmap assign` made. Workers on "
            "other machines need SITMAP_DATA on a disk that they share."
        )


def is_kept(place: Path) -> bool:
    """Whether there is a grid at a place: grids are moved there whole."""
    return (place / _ABOUT).is_file()


def write_grid(grid: IdGrid, place: Path) -> None:
    """Write a grid beside its place, then move it there; who comes second leaves the first there.

    Raises `CannotKeep`.
    """
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        beside.mkdir(parents=True)
        for name in _ARRAYS:
            np.save(beside / f"{name}.npy", getattr(grid, name))
        shapes = [bytes(shape) for shape in shapely.to_wkb(grid.polygons).tolist()]
        np.save(beside / "wkb.npy", np.frombuffer(b"".join(shapes), dtype=np.uint8))
        np.save(beside / "ends.npy", np.cumsum([len(shape) for shape in shapes]))
        about = {
            "pcodes": grid.pcodes,
            "west": grid.west,
            "south": grid.south,
            "per_degree": grid.per_degree,
            "fine": grid.fine,
        }
        (beside / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        try:
            os.rename(beside, place)  # noqa: PTH104 - fails where the place is taken
        except OSError:
            if not is_kept(place):
                raise
    except OSError as fault:
        why = (fault.strerror or "it cannot be written").lower()
        raise CannotKeep(place.parent, why=why) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@lru_cache(maxsize=4)
def open_grid(place: Path) -> IdGrid:
    """Open a kept grid; one and the same object on every call. Raises `LostGrid`."""
    try:
        about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        wkb, ends = np.load(place / "wkb.npy").tobytes(), np.load(place / "ends.npy").tolist()
    except (OSError, ValueError) as fault:
        raise LostGrid(place) from fault
    shapes = [wkb[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return IdGrid(
        pcodes=tuple(about["pcodes"]),
        polygons=shapely.from_wkb(np.array(shapes, dtype=object)),
        west=about["west"],
        south=about["south"],
        per_degree=about["per_degree"],
        fine=about["fine"],
        **arrays,
    )
