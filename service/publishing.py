"""From a build to an edition in a store, and back. A folder that did not change is not built again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.files import write_one
from service.published import (
    Published,
    boundary_file,
    current_edition,
    read_published,
    specs_to_json,
)
from service.stores import Address, home_of, is_there, marks_of, open_to_read, open_to_write
from service.version import sitmap_version

if TYPE_CHECKING:
    from geo.store import Edition, Store
    from service.pipeline import Built
    from service.situation import Situation
    from service.terminal import Terminal

_PIECE = 1 << 22  # bytes

__all__ = ["UpToDate", "fingerprint", "open_store", "publish", "store_path", "up_to_date"]


@dataclass(frozen=True)
class UpToDate(Published):
    """A published edition that is as new as its folder."""

    store_path: Address = Path()

    @property
    def open(self) -> int:
        """How many findings are neither settled nor acknowledged."""
        return sum(not finding.acknowledged for finding in self.released.findings)


def store_path(situation: "Situation", store: Address | None) -> Address:
    """Return the store of a situation: the one named, else its own inside the folder."""
    return store if store is not None else situation.folder / ".sitmap" / "store.sqlite"


def open_store(path: Address) -> "Store":
    """Open a store to read from; raises a `StoreError` where it cannot be."""
    return open_to_read(path)


def publish(built: "Built", *, store: Address | None = None) -> "Edition":
    """Publish a build; the same content as the current edition publishes nothing new.

    Raises
    ------
    BuildStops
        A finding would draw something false. Nothing is published.
    StoreError
        The store cannot be written.
    """
    if built.stopping:
        raise built.stop()
    assert built.released is not None  # noqa: S101 - only a stopped build releases nothing
    path = store_path(built.situation, store)
    opened = open_to_write(path)
    _keep_boundaries(built, opened, home_of(path))
    _keep_underlays(built.situation, home_of(path))
    edition = opened.publish(
        built.released,
        specs_json=specs_to_json(built.situation.maps, built.boundaries.vintage),
        published=datetime.now(UTC),
    )
    _remember(path, built.situation, edition.id)
    return edition


def up_to_date(folder: Path, *, store: Address | None, terminal: "Terminal") -> UpToDate:
    """Return the folder's current edition, building first where the folder changed since."""
    from service.situation_file import load_situation

    situation = load_situation(folder)
    path = store_path(situation, store)
    if not _is_current(path, situation):
        from service.pipeline import build

        with terminal.progress("Building") as step:
            built = build(situation, step=step)
        if built.open or built.stopping:
            terminal.report(built)
        publish(built, store=store)
    opened = open_store(path)
    found = read_published(opened, current_edition(opened, situation.id), home=home_of(path))
    built_last = _read_marks(path).get(situation.id, {}).get("edition")
    if built_last != found.edition.id:
        terminal.note(
            f"Shown is edition {found.edition.id}, not {built_last} of the folder as it is: that "
            "was decided with `sitmap editions`."
        )
    return UpToDate(
        found.edition, found.released, found.maps, found.vintage, found.home, store_path=path
    )


def fingerprint(situation: "Situation") -> str:
    """Return a hash of all an edition is made from: inputs, vintages at hand, and the program."""
    from boundaries.natural_earth import natural_earth_vintage
    from boundaries.shelf import kept_content

    collected = {table.collected.vintage for table in situation.tables if table.collected}
    kept = [kept_content(name) for name in sorted({situation.vintage} | collected)]
    made_with = [sitmap_version(), natural_earth_vintage().content, *kept]
    digest = hashlib.sha256("\0".join(made_with).encode())
    for path in situation.inputs:
        size = path.stat().st_size if path.is_file() else 0
        name = path.relative_to(situation.folder).as_posix()
        digest.update(f"\0{name}\0{size}\0".encode())
        if size:
            with path.open("rb") as file:  # piece by piece: a grid may be larger than the memory
                for piece in iter(lambda: file.read(_PIECE), b""):
                    digest.update(piece)
    return digest.hexdigest()


# --- beside the store ------------------------------------------------------------------------------


def _keep_boundaries(built: "Built", store: "Store", home: Path) -> None:
    """Keep boundaries of the user's own with the store, so that serving needs no file of theirs."""
    from boundaries.natural_earth import NATURAL_EARTH
    from geo.postgres_store import PostgresStore

    vintage = built.boundaries.vintage
    path = boundary_file(home, vintage)
    ours = vintage.id == NATURAL_EARTH
    if not ours and not path.exists():
        import io

        content = io.BytesIO()
        built.boundaries.frame.to_parquet(content, index=False, compression="zstd")
        write_one(path, content.getvalue())
    if isinstance(store, PostgresStore) and built.released is not None:
        units = built.boundaries.of_countries(built.released.countries)
        store.keep_boundaries(units, None if ours else path.read_bytes())


def _keep_underlays(situation: "Situation", home: Path) -> None:
    """Keep declared grids beside the store, to be shown under maps; those there already stay."""
    from service.raster_shelf import forget_others, keep_raster, kept_rasters, raster_key

    there = {kept.name: kept.declared for kept in kept_rasters(home, situation.id)}
    sources = {source.id: source for source in situation.sources}
    shown = [raster for raster in situation.rasters if raster.underlay]
    for raster in shown:
        source = sources[raster.source]
        key = raster_key(raster.path, source, raster.per_km2)
        if there.get(raster.id) != key:
            keep_raster(
                raster.path,
                home,
                situation.id,
                raster.id,
                publisher=source.publisher,
                on=source.date,
                licence=source.licence,
                sensitivity=source.sensitivity,
                per_km2=raster.per_km2,
                declared=key,
            )
    forget_others(home, situation.id, [raster.id for raster in shown])


def _read_marks(path: Address) -> dict[str, Any]:
    try:
        marks = json.loads(marks_of(path).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return marks if isinstance(marks, dict) else {}


def _remember(path: Address, situation: "Situation", edition: str) -> None:
    mark = {"inputs": fingerprint(situation), "edition": edition}
    marks = {**_read_marks(path), situation.id: mark}
    write_one(marks_of(path), json.dumps(marks, indent=1, sort_keys=True).encode())


def _is_current(path: Address, situation: "Situation") -> bool:
    """Whether the store has the edition of the folder as it is now, shown or not."""
    mark = _read_marks(path).get(situation.id)
    if not mark or not is_there(path) or mark.get("inputs") != fingerprint(situation):
        return False
    opened = open_store(path)
    if situation.id not in opened.situations():
        return False
    # withdrawn or stepped behind another: a person decided that, and building again would undo it
    return mark.get("edition") in {edition.id for edition in opened.editions(situation.id)}
