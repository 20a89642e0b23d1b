"""How sensitive the points behind a table were, as `sitmap assign` wrote it beside the table.

Whoever assigned the points knew them; a source that later declares less would publish what was to be
protected. A grid that `sitmap density` wrote carries the same word inside.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import ReleaseRefused
from geo.sources import Sensitivity
from service.errors import BadSituation
from service.situation_file import SITUATION_FILE, ledger_beside

if TYPE_CHECKING:
    from service.situation import Situation

__all__ = ["DeclaredTooOpen", "check_declared", "check_grid", "stated_by_grid"]

_ORDER = (Sensitivity.PUBLIC, Sensitivity.SENSITIVE, Sensitivity.RESTRICTED)


class DeclaredTooOpen(ReleaseRefused):
    """A source that declares less sensitivity than its file was made with."""

    code = "declared-too-open"

    def __init__(self, source: str, *, declared: str, stated: str, file: str, where: str) -> None:
        self.source, self.declared, self.stated, self.file = source, declared, stated, file
        super().__init__(
            f"source {source!r} is declared {declared!r}, but {where} says that {file} was made from "
            f"points that are {stated!r}. Declare that, or make the table again from points of which "
            "you know that they are no more sensitive."
        )


def check_declared(situation: "Situation") -> None:
    """Hold the sources' sensitivity against what stands beside tables and inside grids.

    Raises
    ------
    DeclaredTooOpen
        A source declares less than a ledger or a grid of its own states.
    BadSituation
        A ledger cannot be read, so that nobody knows what it states.
    """
    declared = {source.id: source.sensitivity for source in situation.sources}
    for table in situation.tables:
        ledger = ledger_beside(table.path)
        if ledger.is_file():
            stated = _stated(situation, ledger)
            _compare(table.source, declared.get(table.source), stated, table.name, ledger.name)
    for raster in situation.rasters:
        check_grid(raster.path, raster.source, declared.get(raster.source), name=raster.name)


def check_grid(path: Path, source: str, declared: Sensitivity | None, *, name: str) -> None:
    """Raise `DeclaredTooOpen` where a grid states inside that it is more sensitive than declared."""
    _compare(source, declared, stated_by_grid(path), name, "the file itself")


def stated_by_grid(path: Path) -> Sensitivity | None:
    """Return what a grid states of itself; None where it states nothing, or is no readable grid."""
    try:
        import rasterio
        from rasterio.errors import RasterioError
    except ImportError:
        return None
    try:
        with rasterio.open(path) as dataset:
            written = str(dataset.tags().get("SENSITIVITY", "")).lower()
    except RasterioError:
        return None  # reading it for its people says what is wrong
    return Sensitivity(written) if written in {*Sensitivity} else None


def _stated(situation: "Situation", ledger: Path) -> Sensitivity | None:
    try:
        document: Any = json.loads(ledger.read_text(encoding="utf-8"))
        written = document["sensitivity"]
        return None if written is None else Sensitivity(written)
    except (OSError, ValueError, KeyError, TypeError):
        raise BadSituation(
            situation.folder / SITUATION_FILE,
            where=f"the ledger {ledger.name}",
            found="says in no readable way how sensitive its points are",
            todo="Assign the points again, or take the ledger away if it is of something else.",
        ) from None


def _compare(
    source: str, declared: Sensitivity | None, stated: Sensitivity | None, file: str, where: str
) -> None:
    if declared is None or stated is None:  # undeclared sources are refused by `release`
        return
    if _ORDER.index(declared) < _ORDER.index(stated):
        raise DeclaredTooOpen(
            source, declared=declared.value, stated=stated.value, file=file, where=where
        )
