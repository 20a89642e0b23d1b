"""What a boundary file is, from its first bytes. A file's name is a claim and is never trusted.

GDAL opens what it recognises, whatever the name says: an OGR-VRT called ``.geojson`` reads other
files or goes to the network. So a file is opened only when its own bytes say that it is one of
the formats below, and then by that format's reader and no other.
"""

import json
import re
import struct
from pathlib import Path
from typing import Literal

from boundaries.errors import UnreadableBoundaries

__all__ = ["EXPECTED", "READ_SUFFIXES", "Format", "refused", "sniff"]

Format = Literal["GeoJSON", "GPKG", "ESRI Shapefile", "TopoJSON", "Parquet", "FlatGeobuf", "ZIP"]

EXPECTED = (
    "a shapefile (loose or zipped), GeoPackage, GeoJSON, TopoJSON, GeoParquet or FlatGeobuf "
    "with polygons"
)

READ_SUFFIXES = (
    ".geojson", ".json", ".topojson", ".gpkg", ".shp", ".parquet", ".geoparquet", ".fgb", ".zip",
)  # fmt: skip
"""How the names of boundary files end, as a rule."""

_HEAD = 65_536
_SHAPEFILE = struct.pack(">i", 9994)
_SQLITE = b"SQLite format 3\x00"
_GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11", b"GP12", b"GP13")
_FLATGEOBUF = b"fgb\x03fgb"
_PARQUET = b"PAR1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an archive of nothing
_LFS = b"version https://git-lfs"
_UTF8_MARK = b"\xef\xbb\xbf"
_TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')


def sniff(path: Path) -> Format:
    """Return the format of a file by its first bytes.

    Raises
    ------
    UnreadableBoundaries
        The file is not there, empty, something else (a web page, an error answer, a Git LFS
        pointer, XML), or a shapefile without its table.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise refused(path, what, "Check the path.", check="is-there")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as fault:
        why = (fault.strerror or "it cannot be opened").lower()
        raise refused(path, f"cannot be opened ({why})", "Check its rights.") from None
    if head.startswith(_SHAPEFILE):
        return _shapefile(path)
    if head.startswith(_SQLITE):
        if head[68:72] not in _GEOPACKAGE_IDS:
            raise refused(path, "is an SQLite database, not a GeoPackage", "Export it as one.")
        return _named(path, "GPKG", "a GeoPackage", ".gpkg")
    if head.startswith(_FLATGEOBUF):
        return _named(path, "FlatGeobuf", "a FlatGeobuf", ".fgb")
    if head.startswith(_PARQUET):
        return "Parquet"
    if head.startswith(_ZIP):
        return "ZIP"
    text = head.removeprefix(_UTF8_MARK).lstrip()
    if text.startswith(b"{"):
        return _json(path, text)
    found, todo, check = _something_else(path, text)
    raise refused(path, found, todo, check=check)


def refused(
    path: Path, found: str, todo: str, *, expected: str = EXPECTED, check: str = "is-boundaries"
) -> UnreadableBoundaries:
    """Return the refusal of a file, to be raised."""
    return UnreadableBoundaries(path, found=found, expected=expected, todo=todo, check=check)


def _named(path: Path, kind: Format, what: str, suffix: str) -> Format:
    """Hold GDAL to one driver: a driver that goes by names must not get this file."""
    if path.suffix.lower() != suffix:
        raise refused(path, f"is {what} under another name", f"Rename it to {suffix}.")
    return kind


def _shapefile(path: Path) -> Format:
    _named(path, "ESRI Shapefile", "a shapefile", ".shp")
    beside = {file.suffix.lower() for file in path.parent.glob(f"{path.stem}.*")}
    for suffix, holds in ((".dbf", "its codes and names"), (".shx", "its index")):
        if suffix not in beside:
            raise refused(
                path,
                f"is a shapefile whose {suffix} file ({holds}) is missing",
                f"Put {path.stem}{suffix} beside it.",
                check="is-whole",
            )
    return "ESRI Shapefile"


def _json(path: Path, head: bytes) -> Format:
    features, topology = b'"FeatureCollection"' in head, bool(_TOPOLOGY.search(head))
    if features != topology:
        return "GeoJSON" if features else "TopoJSON"
    try:  # the type may stand behind the features
        body = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise refused(
            path, "is not whole JSON", "Fetch or export it again.", check="is-whole"
        ) from None
    if body.get("type") == "FeatureCollection":
        return "GeoJSON"
    if body.get("type") == "Topology":
        return "TopoJSON"
    if "error" in body:
        raise refused(
            path,
            f"is the error answer of a service: {str(body['error'])[:80]}",
            "Fetch the file again.",
            check="is-no-error-answer",
        )
    raise refused(path, f"is JSON of type {body.get('type')!r}", "Export a FeatureCollection.")


def _something_else(path: Path, text: bytes) -> tuple[str, str, str]:
    """Say what a refused file is, what to do, and which check it failed."""
    page = ("is a web page", "Fetch it again; the address may ask for a login.")
    known = (
        (
            _LFS,
            "is a Git LFS pointer, not the file itself",
            "Run `git lfs pull` where it is from.",
            "is-no-pointer",
        ),
        (b"<!doctype html", *page, "is-no-web-page"),
        (b"<html", *page, "is-no-web-page"),
        (
            b"<",
            "is XML, which is not opened (it could point anywhere)",
            "Export it as GeoPackage.",
            "is-no-pointer",
        ),
    )
    if not text:
        return "is empty", "Fetch or export it again.", "is-whole"
    for start, found, todo, check in known:
        if text[:32].lower().startswith(start):
            return found, todo, check
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        return "is a part of a shapefile", "Give the .shp file.", "is-boundaries"
    return "is none of the formats read here", "Export it as GeoPackage.", "is-boundaries"
