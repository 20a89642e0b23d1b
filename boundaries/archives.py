"""Zip archives of boundary files. Bytes are counted as they come out; what an archive declares is not believed.

Only known kinds of files are taken out, under names of our own making below one folder, so that no
member can be written elsewhere, and no archive can fill the disk.
"""

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from boundaries.errors import UnreadableBoundaries
from boundaries.sniffing import refused

__all__ = ["MAX_FILES", "MAX_UNPACKED", "unpack"]

MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes that may come out of one archive."""

MAX_FILES = 400
"""Members that may lie in one archive."""

_CHUNK = 1 << 20
_MAIN = (".shp", ".gpkg", ".geojson", ".json", ".topojson", ".parquet", ".geoparquet", ".fgb")
_PARTS = (".dbf", ".shx", ".prj", ".cpg")
_SMALLER = "Take out the file you need, and give that."
_MANY = 12  # levels come as one file each; more than that is a collection of countries


def unpack(path: Path, folder: Path, *, member: str | None = None) -> list[tuple[str, Path]]:
    """Take the boundary files out of an archive.

    Parameters
    ----------
    path : Path
        The archive.
    folder : Path
        Where to unpack; the caller's, empty, and removed by the caller.
    member : str, optional
        The one boundary file wanted, as the archive names it. Else all.

    Returns
    -------
    list of (str, Path)
        The member's name and where it lies now, in the archive's order: one for each boundary file; the parts of
        a shapefile lie beside it.

    Raises
    ------
    UnreadableBoundaries
        Not a whole archive, encrypted, too large, too many files, no boundary file, no such
        member, or so many boundary files that one must be named.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _wanted(path, archive, member)
            left = MAX_UNPACKED
            taken: list[tuple[str, Path]] = []
            for number, main in enumerate(wanted):
                place = folder / str(number)
                place.mkdir()
                for info in _with_parts(archive, main):
                    target = place / f"{_stem(main)}{_suffix(info)}"
                    left -= _write(path, archive, info, target, left)
                taken.append((main.filename, place / f"{_stem(main)}{_suffix(main)}"))
            return taken
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        why = "it is encrypted" if "encrypted" in str(fault) else "it is damaged or not whole"
        raise refused(
            path, f"is a zip archive that cannot be opened ({why})", "Fetch or pack it again.",
            check="is-whole",
        ) from None  # fmt: skip


def _wanted(path: Path, archive: zipfile.ZipFile, member: str | None) -> list[zipfile.ZipInfo]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MAX_FILES:
        raise _too_much(path, f"holds {len(members)} files; at most {MAX_FILES} are opened")
    mains = [info for info in members if _suffix(info) in _MAIN and not _hidden(info)]
    if not mains:
        what = ", ".join(info.filename for info in members[:3]) or "nothing"
        raise refused(
            path, f"is a zip archive without a boundary file (it holds {what})", "Pack it again."
        )
    if member is not None:
        mains = [info for info in mains if info.filename == member]
        if not mains:
            raise refused(path, f"is a zip archive without {member!r}", "Check the name.")
    if len(mains) > _MANY:
        some = ", ".join(info.filename for info in mains[:3])
        raise refused(
            path, f"is a zip archive of {len(mains)} boundary files ({some}, …)",
            "Say which one (member = …).", expected="one set of boundaries",
        )  # fmt: skip
    return mains


def _with_parts(archive: zipfile.ZipFile, main: zipfile.ZipInfo) -> list[zipfile.ZipInfo]:
    """Return a boundary file and, of a shapefile, what belongs to it."""
    if _suffix(main) != ".shp":
        return [main]
    base = main.filename[: -len(".shp")].lower()
    parts: dict[str, zipfile.ZipInfo] = {".shp": main}
    for info in archive.infolist():
        if _suffix(info) in _PARTS and info.filename[: -len(_suffix(info))].lower() == base:
            parts.setdefault(_suffix(info), info)
    return list(parts.values())


def _write(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left: int
) -> int:
    """Write one member; return how many bytes it has."""
    written = 0
    with archive.open(info) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > left:
                raise _too_much(path, f"unpacks to more than {MAX_UNPACKED // 1024**2} MiB")
            sink.write(chunk)
    return written


def _too_much(path: Path, found: str) -> UnreadableBoundaries:
    return refused(path, f"is a zip archive that {found}", _SMALLER, check="is-bounded")


def _suffix(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename).suffix.lower()


def _stem(info: zipfile.ZipInfo) -> str:
    """Return a name that is safe on any disk and still tells the user which file it was."""
    stem = PurePosixPath(info.filename.replace("\\", "/")).stem
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in stem).strip(".")[:80] or "file"


def _hidden(info: zipfile.ZipInfo) -> bool:
    """Return whether a member is a leftover of macOS (``__MACOSX/._x.shp``)."""
    parts = PurePosixPath(info.filename).parts
    return "__MACOSX" in parts or parts[-1].startswith(".")
