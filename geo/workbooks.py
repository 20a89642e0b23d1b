"""Workbooks (XLSX, XLSM) to rows of text: values only, streamed, with every size counted.

Numbers keep their meaning as text: whole numbers have no decimals, a fraction has a point and
never exactly three decimals (1.234 is written ``1.2340``), so that no reader takes it for one
thousand. Days are ISO days. Macros, links to other files, pictures and formulas are not read.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["BadWorkbook", "WorkbookSheet", "cell_text", "open_workbook"]

_MOST_BYTES = 512 * 1024**2
_MOST_MEMBERS = 4_000
_CHUNK = 1 << 20
_TAIL = 4096  # longer than any one tag of a sheet that is looked for
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"'
)
_NO_RESULT = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_MERGED_ROWS = 60  # merged cells matter in headers only
_WHOLE = 1e15  # above, a float no longer holds every whole number


class BadWorkbook(ValueError):
    """A file that is no workbook, or more than one. ``found`` and ``todo`` are for the user."""

    def __init__(self, found: str, todo: str) -> None:
        self.found, self.todo = found, todo
        super().__init__(found)


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet: ``rows`` yields each row in order as texts, with its number; blank rows too.

    ``merged`` are areas (first row, last row, first column, last column) near the top.
    """

    name: str
    hidden: bool
    merged: tuple[tuple[int, int, int, int], ...]
    notes: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


def open_workbook(path: Path) -> Iterator[WorkbookSheet]:
    """Yield the sheets of a workbook, in its order. Each sheet's rows must be used up in turn.

    Raises
    ------
    BadWorkbook
        Not a workbook, damaged, or unpacking to more than 512 MiB (bytes are counted while they
        are unpacked; what the archive says of its own size is not believed).
    """
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]
        InvalidFileException,
    )

    parts = _checked_parts(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise BadWorkbook(f"cannot be read as a workbook ({error})", _SAVE_AGAIN) from error
    try:
        for sheet in book.worksheets:
            part = parts.get(str(getattr(sheet, "_worksheet_path", "")).lstrip("/"), _Part())
            sheet.reset_dimensions()  # what a sheet says of its own size is not believed either
            yield WorkbookSheet(
                sheet.title, sheet.sheet_state != "visible", part.merged, part.notes(), _rows(sheet)
            )
    finally:
        book.close()


_SAVE_AGAIN = "Open it in a spreadsheet program and save it again as XLSX or 'CSV UTF-8'."


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, ["" if value is None else cell_text(value) for value in row]
    except (KeyError, ValueError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise BadWorkbook(
            f"has a sheet {sheet.title!r} that cannot be read ({error})", _SAVE_AGAIN
        ) from error


def cell_text(value: object) -> str:
    """Return a cell's value as text.

    >>> [cell_text(value) for value in (None, 16, 16.0, 0.5, 1.234, True, " Gao\\xa0")]
    ['', '16', '16', '0.5', '1.2340', 'TRUE', 'Gao']
    >>> cell_text(dt.datetime(2016, 12, 31)), cell_text(dt.datetime(2016, 12, 31, 8, 30))
    ('2016-12-31', '2016-12-31T08:30:00')
    """
    match value:
        case None:
            text = ""
        case bool():
            text = "TRUE" if value else "FALSE"
        case float():
            text = _number_text(value)
        case dt.datetime() if value.time() == dt.time():
            text = value.date().isoformat()
        case dt.datetime():
            text = value.isoformat(timespec="seconds")
        case _:
            text = str(value).strip()
    return text


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    text = repr(value)
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals}0" if len(decimals) == 3 and decimals.isdigit() else text


@dataclass(frozen=True)
class _Part:
    merged: tuple[tuple[int, int, int, int], ...] = ()
    without_result: int = 0

    def notes(self) -> tuple[str, ...]:
        if not self.without_result:
            return ()
        return (
            f"{self.without_result} formulas have no saved result and read as empty: open the "
            "file in a spreadsheet program, let it calculate, and save it",
        )


def _checked_parts(path: Path) -> dict[str, _Part]:
    """Unpack every part once to count its bytes; on the way note merged cells and dead formulas."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadWorkbook("is a damaged zip archive", "Get the file again.") from error
    with archive:
        names = archive.namelist()
        _refuse_other_archives(archive, names)
        if len(names) > _MOST_MEMBERS:
            raise _too_big(f"holds {len(names)} parts")
        left = _MOST_BYTES
        parts = {}
        for name in names:
            if not name.endswith((".xml", ".rels")):
                continue  # pictures and macros are never opened
            try:
                with archive.open(name) as stream:
                    parts[name], used = _scanned(stream, left, sheet="/worksheets/" in name)
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
                raise BadWorkbook(f"is a damaged workbook ({error})", _SAVE_AGAIN) from error
            left -= used
        return parts


def _refuse_other_archives(archive: zipfile.ZipFile, names: list[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "mimetype" in names:
        with archive.open("mimetype") as stream:
            kind = stream.read(100).decode("ascii", errors="replace")
        if "opendocument.spreadsheet" in kind:
            raise BadWorkbook("is an OpenDocument spreadsheet (ODS)", "Save it as XLSX.")
        raise BadWorkbook("is an OpenDocument file without a table", "Name the table's own file.")
    if "xl/workbook.bin" in names:
        raise BadWorkbook("is a binary Excel workbook (XLSB)", "Save it as XLSX.")
    if "word/document.xml" in names:
        raise BadWorkbook("is a Word document", "Copy its table into a spreadsheet, save as XLSX.")
    inside = [name for name in names if not name.endswith("/")]
    listed = ", ".join(inside[:3]) + (", …" if len(inside) > 3 else "")
    raise BadWorkbook(
        f"is a zip archive that holds {listed or 'nothing'}",
        "Unpack it and name the table's own file.",
    )


def _too_big(found: str) -> BadWorkbook:
    return BadWorkbook(
        f"{found}, more than any table of people needs",
        "Copy the rows of the one sheet that is needed into a new file and save it as CSV.",
    )


def _scanned(stream: "BinaryIO | Any", left: int, *, sheet: bool) -> tuple[_Part, int]:
    merged: list[tuple[int, int, int, int]] = []
    dead = used = 0
    tail = b""
    while chunk := stream.read(_CHUNK):
        used += len(chunk)
        if used > left:
            raise _too_big(f"unpacks to more than {_MOST_BYTES // 1024**2} MB")
        if sheet:
            text = tail + chunk
            old = len(tail)
            merged += _areas(_MERGED.finditer(text), old)
            if b"<f" in text or b"</f>" in text:
                dead += sum(match.end() > old for match in _NO_RESULT.finditer(text))
            tail = text[-_TAIL:]
    return _Part(tuple(merged), dead), used


def _areas(matches: Iterable[re.Match[bytes]], old: int) -> Iterator[tuple[int, int, int, int]]:
    for match in matches:
        if match.end() <= old:
            continue  # seen at the end of the chunk before
        left, top, right, bottom = match.groups()
        if int(top) <= _MERGED_ROWS:
            yield int(top), min(int(bottom), _MERGED_ROWS), _column(left), _column(right)


def _column(letters: bytes) -> int:
    """Return the number of a column.

    >>> _column(b"A"), _column(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
