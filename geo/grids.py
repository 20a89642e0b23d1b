"""A file as sheets of text cells, each with the row and column number it has in the file.

Nothing is interpreted here: what is a header, a number or a day is said by `geo.headers`,
`geo.loose_numbers` and `geo.loose_dates`. The file itself is parsed in a child process
(`geo.sandbox`), so that a hostile one cannot hurt.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geo.errors import UnreadableTable, cannot_open, nearest
from geo.sandbox import Limits, run_apart

__all__ = ["Sheet", "read_grid"]

_EXPECTED = "a table as XLSX, CSV or TSV"


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or the one table of a text file.

    ``grid`` holds text without outer spaces, "" where nothing stands. Its index are row numbers
    and its columns are column numbers, as a spreadsheet counts them (from 1; a cell with line
    breaks is one row). Blank rows and columns are left out, so both may have gaps.

    ``name`` is "" for a text file. ``merged`` are areas of merged cells near the top: first row,
    last row, first column, last column. ``notes`` say what a user should know of the reading.
    """

    file: str
    name: str
    grid: pd.DataFrame
    position: int = 1
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    notes: tuple[str, ...] = ()
    format: str = ""
    encoding: str = ""
    siblings: tuple[str, ...] = field(default=(), repr=False)
    """Names of all sheets of the workbook."""

    @property
    def where(self) -> str:
        """File and sheet, for messages."""
        return f"{self.file}, sheet {self.name!r}" if self.name else self.file


def read_grid(
    path: Path, *, sheet: str | None = None, name: str | None = None, limits: Limits | None = None
) -> list[Sheet]:
    """Read all sheets of a file, or the one called ``sheet``.

    Read are CSV and TSV in any encoding and with any usual separator, also gzipped; XLSX and
    XLSM; and JSON answers that are a list of records. ``name`` is what messages call the file.

    Raises
    ------
    UnreadableTable
        The file is missing, is something else, is damaged, or has no such sheet.
    ReadingStopped
        It needs more time or memory than ``limits``.
    """
    file = name if name is not None else str(path)
    try:
        path.open("rb").close()
    except OSError as fault:
        raise cannot_open(file, fault, expected=_EXPECTED) from None
    with tempfile.TemporaryDirectory(prefix="sitmap-") as scratch:
        folder = Path(scratch).resolve()
        job = {"path": str(path.resolve()), "sheet": sheet}
        said = run_apart("geo.grid_child", job, folder, file=file, limits=limits)
        if "refused" in said:
            raise UnreadableTable(file, expected=_EXPECTED, **said["refused"])
        names = tuple(entry["name"] for entry in said["sheets"])
        sheets = [
            Sheet(
                file=file,
                name=entry["name"],
                grid=_grid(folder / f"{entry['position']}.arrow"),
                position=entry["position"],
                hidden=entry["hidden"],
                merged=tuple(tuple(area) for area in entry["merged"]),
                notes=tuple(entry["notes"]),
                format=entry["format"],
                encoding=entry.get("encoding", ""),
                siblings=names,
            )
            for entry in said["sheets"]
            if not entry.get("skipped")
        ]
    if sheet is not None and names != ("",) and not sheets:
        raise UnreadableTable(
            file,
            found=f"has no sheet {sheet!r}, only {', '.join(map(repr, names))}",
            expected="the name of one of its sheets",
            todo=nearest(sheet, names).strip() or "Name one of them.",
        )
    if all(one.grid.empty for one in sheets):
        raise UnreadableTable(
            file, found="is empty", expected=_EXPECTED, todo="Put the table into it."
        )
    return sheets


def _grid(path: Path) -> pd.DataFrame:
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as file:
        table = pa.ipc.open_file(file).read_all()
    table.validate(full=True)  # offsets out of range would be read as memory
    frame: pd.DataFrame = table.to_pandas().set_index("row")
    frame.columns = pd.Index([int(name) for name in frame.columns], dtype="int64")
    return frame.astype("str")
