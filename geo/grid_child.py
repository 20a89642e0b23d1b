"""The child that parses one file. It knows no places and no people, only cells of text.

Run as ``python -m geo.grid_child FOLDER`` by `geo.grids.read_grid`, which see.
"""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geo.encodings import decoded, mended, mended_text
from geo.json_grids import BadRecords, rows_of_records
from geo.sandbox import main_of_child
from geo.separated import BadSeparated, separated_rows
from geo.workbooks import BadWorkbook, open_workbook

__all__ = ["parse"]

MOST_CELLS = 40_000_000
_MOST_BYTES = 512 * 1024**2
_SAVE_AS = "Save the table as XLSX or 'CSV UTF-8' and name that file."
_SEPARATED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_REFUSED = {
    b"\xd0\xcf\x11\xe0": (
        "is an old Excel workbook (XLS) or a workbook with a password",
        "Open it in a spreadsheet program and save it as XLSX without a password.",
    ),
    b"%PDF": (
        "is a PDF document",
        "Ask its publisher for the table, or copy the table into a spreadsheet and save it as XLSX.",
    ),
    b"\x89PNG": ("is a picture", "Type its table into a spreadsheet and save it as XLSX."),
    b"\xff\xd8\xff": ("is a picture", "Type its table into a spreadsheet and save it as XLSX."),
    b"Rar!": ("is a RAR archive", "Unpack it and name the table's own file."),
    b"7z\xbc\xaf": ("is a 7z archive", "Unpack it and name the table's own file."),
    b"PAR1": ("is a Parquet file", _SAVE_AS),
    b"SQLite format 3": ("is a database (SQLite or GeoPackage)", _SAVE_AS),
}


class _Refused(Exception):
    def __init__(self, found: str, todo: str) -> None:
        self.found, self.todo = found, todo
        super().__init__(found)


class _Cells:
    """The cells of one sheet: rows with text, and only the columns that hold any."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.rows: list[list[str]] = []
        self.filled: set[int] = set()
        self._same: dict[str, str] = {}  # equal cells share one text

    def add(self, number: int, cells: Iterable[str]) -> None:
        row = list(cells)
        while row and not row[-1]:
            row.pop()
        if not row:
            return
        same = self._same
        row = [same.setdefault(cell, cell) for cell in row]
        self.numbers.append(number)
        self.rows.append(row)
        if len(self.filled) < len(row):
            self.filled.update(at for at, cell in enumerate(row) if cell)
        if len(self.rows) * len(self.filled) > MOST_CELLS:
            raise _Refused(
                f"holds more than {MOST_CELLS:,} cells",
                "Copy the rows and columns that are needed into a new file and save it as CSV.",
            )

    def mend(self) -> tuple[int, tuple[str, ...]]:
        """Mend broken accents cell by cell. Returns how many cells, and examples."""
        new = {cell: mended(cell) for cell in self._same if not cell.isascii() or "+" in cell}
        new = {old: text for old, text in new.items() if old != text}
        if not new:
            return 0, ()
        count = sum(cell in new for row in self.rows for cell in row)
        self.rows = [[new.get(cell, cell) for cell in row] for row in self.rows]
        return count, tuple(f"{old} → {text}" for old, text in list(new.items())[:3])

    def write(self, path: Path) -> None:
        """Write an Arrow file: ``row`` (int64), then one text column per column that has text."""
        import pyarrow as pa

        # a column may fill only in rows too short to be looked at above
        columns = sorted(
            self.filled | {at for row in self.rows for at, cell in enumerate(row) if cell}
        )
        arrays = [pa.array(self.numbers, pa.int64())]
        for at in columns:
            cells = [row[at] if at < len(row) else "" for row in self.rows]
            arrays.append(pa.array(cells, pa.large_string()))
        table = pa.table(arrays, names=["row", *(str(at + 1) for at in columns)])
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)


def parse(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Parse ``job["path"]`` and write its sheets; say what they are, or why there are none."""
    path = Path(job["path"])
    try:
        with path.open("rb") as file:
            head = file.read(16)
        _refuse_by_first_bytes(head)
        if head.startswith(b"PK\x03\x04"):
            return {"sheets": _workbook(path, folder, job.get("sheet"))}
        return {"sheets": [_text_file(path, head, folder)]}
    except _Refused as refused:
        return {"refused": {"found": refused.found, "todo": refused.todo}}
    except BadWorkbook as bad:
        return {"refused": {"found": bad.found, "todo": bad.todo}}
    except Exception as error:
        if isinstance(error, MemoryError):
            raise
        name = type(error).__name__
        if "Forbidden" in name:  # defusedxml: EntitiesForbidden, DTDForbidden, …
            found = "declares XML entities, which no table does and attacks do"
            return {"refused": {"found": found, "todo": "Do not open it; ask who made it."}}
        return {"refused": {"found": f"cannot be read ({name}: {error})", "todo": _SAVE_AS}}


def _refuse_by_first_bytes(head: bytes) -> None:
    if not head:
        raise _Refused("is empty", "Put the table into it.")
    for magic, (found, todo) in _REFUSED.items():
        if head.startswith(magic):
            raise _Refused(found, todo)


def _workbook(path: Path, folder: Path, wanted: str | None) -> list[dict[str, Any]]:
    said = []
    for position, sheet in enumerate(open_workbook(path), start=1):
        if wanted is not None and sheet.name.strip().casefold() != wanted.strip().casefold():
            said.append({"name": sheet.name, "hidden": sheet.hidden, "skipped": True})
            continue
        cells = _Cells()
        for number, row in sheet.rows:
            cells.add(number, row)
        count, examples = cells.mend()
        cells.write(folder / f"{position}.arrow")
        said.append(
            {
                "name": sheet.name,
                "hidden": sheet.hidden,
                "position": position,
                "merged": sheet.merged,
                "notes": [*sheet.notes, *_mended_note(count, examples, "cells")],
                "format": "XLSX",
            }
        )
    if not said:
        raise _Refused("is a workbook without sheets of cells", _SAVE_AS)
    return said


def _text_file(path: Path, head: bytes, folder: Path) -> dict[str, Any]:
    raw = _unzipped(path) if head.startswith(b"\x1f\x8b") else path.read_bytes()
    _refuse_by_first_bytes(raw[:16])
    text = decoded(raw)
    if text is None:
        raise _Refused("is not text", _SAVE_AS)
    start = text.text[:1000].lstrip().lower()
    if start.startswith(("<!doctype html", "<html")) or "<html" in start:
        raise _Refused(
            "is a web page",
            "Download the table itself, or copy it into a spreadsheet and save it as XLSX.",
        )
    if start.startswith("<?xml"):
        raise _Refused("is an XML document", _SAVE_AS)
    if not start:
        raise _Refused("is empty", "Put the table into it.")
    body, count, examples = mended_text(text.text)
    cells = _Cells()
    form = _fill(cells, body, json=start.startswith(("{", "[")))
    cells.write(folder / "1.arrow")
    notes = [*_mended_note(count, examples, "words")]
    if text.guessed:
        notes.insert(0, f"is not UTF-8; it was read as {text.label}, which is a guess")
    return {
        "name": "",
        "hidden": False,
        "position": 1,
        "merged": [],
        "notes": notes,
        "format": form,
        "encoding": text.label,
    }


def _fill(cells: _Cells, body: str, *, json: bool) -> str:
    if json:
        try:
            for number, row in enumerate(rows_of_records(body), start=1):
                cells.add(number, (cell.strip() for cell in row))
        except BadRecords as error:
            if '"FeatureCollection"' in body[:2000]:
                raise _Refused(
                    "is a map (GeoJSON), not a table",
                    "Name it as boundaries, or save its attribute table as CSV.",
                ) from error
            raise _Refused(str(error), _SAVE_AS) from error
        return "JSON"
    separator, rows = separated_rows(body)
    try:
        for number, row in enumerate(rows, start=1):
            cells.add(number, (cell.strip() for cell in row))
    except BadSeparated as error:
        raise _Refused(
            f"is not well-formed text from row {error.row} on ({error.why})",
            "Look for a double quote that is opened and never closed, or save it again as XLSX.",
        ) from error
    return f"text separated by {_SEPARATED.get(separator, repr(separator))}"


def _unzipped(path: Path) -> bytes:
    parts, size = [], 0
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(1 << 20):
                size += len(chunk)
                if size > _MOST_BYTES:
                    raise _Refused(
                        f"unpacks to more than {_MOST_BYTES // 1024**2} MB",
                        "Unpack it and keep the rows that are needed.",
                    )
                parts.append(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _Refused(f"is a damaged gzip file ({error})", "Get the file again.") from error
    return b"".join(parts)


def _mended_note(count: int, examples: tuple[str, ...], what: str) -> list[str]:
    if not count:
        return []
    return [f"{count} {what} had broken accents and were mended ({'; '.join(examples)})"]


if __name__ == "__main__":
    main_of_child(parse)
