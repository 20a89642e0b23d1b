"""What a boundary file is, from its first bytes. A file's name is a claim and is never trusted.

GDAL opens what it recognises, whatever the name says: an OGR-VRT called ``.geojson`` reads other
files or goes to the network. So a file is opened only when its own bytes say that it is one of
three formats, and then by that format's driver.
"""

import json
import struct
from pathlib import Path
from typing import Literal

from boundaries.errors import UnreadableBoundaries

__all__ = ["Format", "sniff"]

Format = Literal["GeoJSON", "GPKG", "ESRI Shapefile"]

EXPECTED = "a GeoJSON, GeoPackage or shapefile with polygons"

_HEAD = 65_536
_SHAPEFILE = struct.pack(">i", 9994)
_SQLITE = b"SQLite format 3\x00"
_GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11", b"GP12", b"GP13")
_LFS = b"version https://git-lfs"
_UTF8_MARK = b"\xef\xbb\xbf"


def sniff(path: Path) -> Format:
    """Return the format of a file by its first bytes.

    Raises
    ------
    UnreadableBoundaries
        The file is not there, empty, something else (a web page, an error answer, a Git LFS
        pointer, a zip, XML), or a shapefile without its table.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise _refused(path, what, "Check the path.")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_SHAPEFILE):
        return _shapefile(path)
    if head.startswith(_SQLITE):
        if head[68:72] not in _GEOPACKAGE_IDS:
            raise _refused(path, "is an SQLite database, not a GeoPackage", "Export it as one.")
        return "GPKG"
    text = head.removeprefix(_UTF8_MARK).lstrip()
    if text.startswith(b"{"):
        return _geojson(path, text)
    raise _refused(path, *_something_else(path, text))


def _refused(path: Path, found: str, todo: str) -> UnreadableBoundaries:
    return UnreadableBoundaries(path, found=found, expected=EXPECTED, todo=todo)


def _shapefile(path: Path) -> Format:
    if path.suffix.lower() != ".shp":
        raise _refused(path, "is a shapefile under another name", "Rename it to .shp.")
    beside = {file.suffix.lower() for file in path.parent.glob(f"{path.stem}.*")}
    for suffix, holds in ((".dbf", "its codes and names"), (".shx", "its index")):
        if suffix not in beside:
            raise _refused(
                path,
                f"is a shapefile whose {suffix} file ({holds}) is missing",
                f"Put {path.stem}{suffix} beside it.",
            )
    return "ESRI Shapefile"


def _geojson(path: Path, head: bytes) -> Format:
    if b'"FeatureCollection"' in head:
        return "GeoJSON"
    try:  # the type may stand behind the features
        body = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise _refused(path, "is not whole JSON", "Fetch or export it again.") from None
    if body.get("type") == "FeatureCollection":
        return "GeoJSON"
    if "error" in body:
        raise _refused(
            path,
            f"is the error answer of a service: {str(body['error'])[:80]}",
            "Fetch the file again.",
        )
    if body.get("type") == "Topology":
        raise _refused(path, "is TopoJSON", "Convert it to GeoJSON or GeoPackage.")
    raise _refused(path, f"is JSON of type {body.get('type')!r}", "Export a FeatureCollection.")


def _something_else(path: Path, text: bytes) -> tuple[str, str]:
    """Say what a refused file is and what to do."""
    known = (
        (_LFS, "is a Git LFS pointer, not the file itself", "Run `git lfs pull` where it is from."),
        (b"<!doctype html", "is a web page", "Fetch it again; the address may ask for a login."),
        (b"<html", "is a web page", "Fetch it again; the address may ask for a login."),
        (b"<", "is XML, which is not opened (it could point anywhere)", "Export it as GeoPackage."),
        (b"pk\x03\x04", "is a zip archive", "Unpack it and give the file inside."),
    )
    if not text:
        return "is empty", "Fetch or export it again."
    for start, found, todo in known:
        if text[:32].lower().startswith(start):
            return found, todo
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        return "is a part of a shapefile", "Give the .shp file."
    return "is none of the formats read here", "Export it as GeoPackage."
