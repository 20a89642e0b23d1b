"""Vintages that a user has brought in, kept by name in the user's data folder. None is ever half there.

A vintage is a folder of three files: ``units.parquet``, ``vintage.json`` (what it is, and the record of how it
was read) and ``profile.toml`` (which column said what). It is written beside its place and moved there in
one step; an import that fails leaves nothing behind.
"""

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd

from boundaries.errors import BadVintageName, CannotKeep, UnreadableBoundaries, VintageTaken
from boundaries.files import Reading, read_with_profile
from boundaries.natural_earth import NATURAL_EARTH
from boundaries.profiles import BoundaryProfile, profile_text
from boundaries.record import ReadRecord
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

__all__ = [
    "check_name",
    "data_folder",
    "forget_vintage",
    "import_boundaries",
    "keep_vintage",
    "kept_content",
    "kept_vintages",
    "open_kept",
]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_UNITS, _ABOUT, _PROFILE = "units.parquet", "vintage.json", "profile.toml"


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where a user's vintages are kept: ``SITMAP_DATA``, else the platform's data folder.

    >>> data_folder({"SITMAP_DATA": "there"}).parts
    ('there',)
    """
    if told := environment.get("SITMAP_DATA"):
        return Path(told)
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "sitmap"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "sitmap"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sitmap"


def _shelf(folder: Path | None) -> Path:
    return (folder or data_folder()) / "boundaries"


def import_boundaries(
    path: Path,
    name: str,
    *,
    profile: BoundaryProfile | None = None,
    given: dict[str, Any] | None = None,
    replace_old: bool = False,
    folder: Path | None = None,
) -> Reading:
    """Read a boundary file, mend it, and keep it as a vintage.

    Parameters
    ----------
    path : Path
        Any file that `boundaries.files.read_boundaries` reads.
    name : str
        What to call the vintage: small letters, digits, dots and hyphens.
    profile, given : optional
        As for `boundaries.files.read_with_profile`.
    replace_old : bool
        Put it in the place of a kept vintage of that name.
    folder : Path, optional
        Where vintages are kept; default `data_folder`.

    Returns
    -------
    Reading
        What was kept. Units with a blank or double code are kept under codes of their own; the
        record tells each.

    Raises
    ------
    BadVintageName, VintageTaken
        The name cannot be used.
    UnreadableBoundaries
        The file cannot be used.
    CannotKeep
        The folder cannot be written.
    """
    check_name(name, replace_old=replace_old, folder=folder)
    reading = read_with_profile(path, profile, given=given, give_codes=True)
    return keep_vintage(reading, name, replace_old=replace_old, folder=folder)


def check_name(name: str, *, replace_old: bool = False, folder: Path | None = None) -> None:
    """Refuse a name that no vintage can have, or that one has (unless it is to be replaced)."""
    if not _NAME.fullmatch(name):
        raise BadVintageName(name)
    if name == NATURAL_EARTH or (not replace_old and (_shelf(folder) / name).exists()):
        raise VintageTaken(name)


def keep_vintage(
    reading: Reading, name: str, *, replace_old: bool = False, folder: Path | None = None
) -> Reading:
    """Keep what was read as a vintage; arguments and errors are those of `import_boundaries`."""
    check_name(name, replace_old=replace_old, folder=folder)
    vintage = replace(reading.boundaries.vintage, id=name)
    kept = replace(reading.boundaries, vintage=vintage)
    _keep(kept, reading.profile, _shelf(folder))
    return Reading(kept, reading.profile)


def _keep(boundaries: BoundarySet, profile: BoundaryProfile, shelf: Path) -> None:
    """Write a vintage beside its place, then move it there."""
    place = shelf / boundaries.vintage.id
    beside = shelf / f".{boundaries.vintage.id}.{secrets.token_hex(4)}"
    old = beside.with_name(f"{beside.name}.old")
    about = {
        "vintage": asdict(boundaries.vintage),
        "notes": list(boundaries.notes),
        "record": boundaries.record.document() if boundaries.record else None,
    }
    try:
        beside.mkdir(parents=True)
        boundaries.frame.to_parquet(beside / _UNITS, compression="zstd")
        text = json.dumps(about, ensure_ascii=False, indent=1, default=_as_text)
        (beside / _ABOUT).write_text(text, encoding="utf-8")
        (beside / _PROFILE).write_text(profile_text(profile), encoding="utf-8")
        if place.exists():
            place.rename(old)
        try:
            beside.rename(place)
        except OSError:
            if old.exists():
                old.rename(place)
            raise
    except OSError as fault:
        why = (fault.strerror or "it cannot be written").lower()
        raise CannotKeep(shelf, why=why) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def kept_vintages(folder: Path | None = None) -> list[Vintage]:
    """Return the vintages that were brought in, by name. A folder that is none is passed over."""
    shelf = _shelf(folder)
    found = []
    for place in sorted(shelf.iterdir()) if shelf.is_dir() else []:
        if _NAME.fullmatch(place.name) and (place / _ABOUT).is_file():
            found.append(_vintage(_about(place)))
    return found


def kept_content(name: str, folder: Path | None = None) -> str:
    """Return the content hash of a vintage that was brought in, "" where there is none of that name."""
    place = _shelf(folder) / name
    if not _NAME.fullmatch(name) or not (place / _ABOUT).is_file():
        return ""
    return _vintage(_about(place)).content


def open_kept(name: str, folder: Path | None = None) -> BoundarySet | None:
    """Open a vintage that was brought in; None where there is none of that name.

    Raises
    ------
    UnreadableBoundaries
        Its files are damaged.
    """
    place = _shelf(folder) / name
    if not _NAME.fullmatch(name) or not (place / _ABOUT).is_file():
        return None
    about = _about(place)
    try:
        frame = gpd.read_parquet(place / _UNITS)
    except (OSError, ValueError) as fault:
        raise _damaged(place / _UNITS) from fault
    record = about.get("record")
    return BoundarySet(
        _vintage(about),
        frame,
        notes=tuple(about["notes"]),
        record=ReadRecord.from_document(record) if record else None,
    )


def forget_vintage(name: str, folder: Path | None = None) -> bool:
    """Take a vintage off the shelf; return whether there was one."""
    place = _shelf(folder) / name
    if not _NAME.fullmatch(name) or not place.is_dir():
        return False
    gone = place.with_name(f".{name}.{secrets.token_hex(4)}")
    place.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
    return True


def _about(place: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        about["vintage"]["id"] = place.name
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise _damaged(place / _ABOUT) from fault
    return about


def _vintage(about: Mapping[str, Any]) -> Vintage:
    said = dict(about["vintage"])
    for key in ("valid_on", "valid_to"):
        said[key] = date.fromisoformat(said[key]) if said[key] else None
    return Vintage(**said)


def _damaged(path: Path) -> UnreadableBoundaries:
    return UnreadableBoundaries(
        path,
        found="is damaged",
        expected="what `sitmap boundaries import` wrote",
        todo="Bring the boundaries in again (--replace).",
        check="is-whole",
    )
