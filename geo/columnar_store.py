"""Large editions in columns as well, for questions that touch every figure. Only a whole copy is ever read.

A row store reads all of a row to add up one number of it. An edition's standing figures are written
once as Parquet files in a folder of the edition's own, and a manifest with their sizes and hashes is
put beside them last, in one step: without it there is no copy, and whatever lies there is swept up.
DuckDB reads the files in-process. The store stays the one that counts: a copy that is missing or
damaged costs time and nothing else.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.standing import CELL, standing_figures

__all__ = ["ColumnarEdition", "ColumnarStore"]

_MANIFEST = "manifest.json"
_KEPT = (*CELL, "state", "value")
_PER_FILE = 2_500_000  # rows
_FORM = 1  # of the manifest


@dataclass(frozen=True, slots=True)
class ColumnarEdition:
    """One edition's standing figures in ``files``, sorted by series and day."""

    files: tuple[Path, ...]

    def values(self, query: str, parameters: Sequence[object]) -> pd.DataFrame:
        """Run a query on the table ``figures``; ``$1``… are the parameters.

        Raises `duckdb.Error` where a file has gone or changed since it was opened.
        """
        import duckdb

        paths = [str(path) for path in self.files]
        with duckdb.connect(":memory:") as db:
            db.execute("SET enable_progress_bar = false")
            db.from_parquet(paths).create_view("figures")
            found: pd.DataFrame = db.execute(query, list(parameters)).df()
        return found


class ColumnarStore:
    """Columnar copies of editions in ``folder``; several processes may write and read at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, edition: str, figures: pd.DataFrame) -> None:
        """Keep a copy of an edition's figures, columns ``UNIT_FIGURE_COLUMNS``, unless there is one.

        Raises OSError where the folder cannot be written to.
        """
        if self.edition(edition) is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=f"{edition}.", suffix=".part", dir=self.folder))
        try:
            files = _write_files(making, standing_figures(figures[[*_KEPT, "basis"]]))
            _write_manifest(making, edition, files)
            home = self.folder / edition
            shutil.rmtree(home, ignore_errors=True)  # no manifest, or one of a damaged copy
            with suppress(OSError):  # another process was first: its copy says the same
                making.rename(home)
        finally:
            shutil.rmtree(making, ignore_errors=True)
        self.sweep()

    def edition(self, edition: str) -> ColumnarEdition | None:
        """Return an edition's copy, None where there is no whole one."""
        home = self.folder / edition
        try:
            manifest = json.loads((home / _MANIFEST).read_text("utf-8"))
            if manifest["form"] != _FORM or manifest["edition"] != edition:
                return None
            files = tuple(home / each["name"] for each in manifest["files"])
            sizes = [each["bytes"] for each in manifest["files"]]
            if [path.stat().st_size for path in files] != sizes:
                return None
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return ColumnarEdition(files)

    def is_whole(self, edition: str) -> bool:
        """Return whether an edition's files hold to the byte what was written; reads all of them."""
        found = self.edition(edition)
        if found is None:
            return False
        manifest = json.loads((self.folder / edition / _MANIFEST).read_text("utf-8"))
        wanted = [each["sha256"] for each in manifest["files"]]
        return [_hash(path) for path in found.files] == wanted

    def sweep(self, keep: Sequence[str] | None = None) -> list[str]:
        """Take away what a killed writer left an hour ago; return the names of what went.

        With ``keep`` also editions that are not in it: only where no other store keeps its own here.
        """
        gone = []
        for path in sorted(self.folder.glob("*")) if self.folder.is_dir() else []:
            if path.suffix == ".part":
                if _is_fresh(path):
                    continue  # somebody may be at it
            elif keep is None or (path.name in keep and self.edition(path.name) is not None):
                continue
            shutil.rmtree(path, ignore_errors=True)
            gone.append(path.name)
        return gone


_AN_HOUR = 3600.0


def _is_fresh(path: Path) -> bool:
    import time

    try:
        return time.time() - path.stat().st_mtime < _AN_HOUR
    except OSError:
        return False


def _write_files(folder: Path, figures: pd.DataFrame) -> list[Path]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {}
    for name in _KEPT:
        if name == "date":
            columns[name] = pa.array(figures[name].tolist(), pa.date32())
        else:
            columns[name] = pa.array(figures[name], from_pandas=True)
    table = pa.table(columns)
    table = table.sort_by([(n, "ascending") for n in ("group", "measure", "level", "date")])
    files = []
    for number, first in enumerate(range(0, max(len(table), 1), _PER_FILE)):
        path = folder / f"figures-{number:04}.parquet"
        pq.write_table(
            table.slice(first, _PER_FILE), path, compression="zstd", row_group_size=250_000
        )
        files.append(path)
    return files


def _write_manifest(folder: Path, edition: str, files: Sequence[Path]) -> None:
    told = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": _hash(path)} for path in files
    ]
    part = folder / f"{_MANIFEST}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump({"form": _FORM, "edition": edition, "files": told}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / _MANIFEST)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
