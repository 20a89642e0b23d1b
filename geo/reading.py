"""A table as text: every cell is what the file says, and nothing is turned into a missing value.

Rows are counted as a spreadsheet counts them, the header being row 1.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from geo.errors import RaggedRow, RepeatedColumn, UnreadableTable, WrongEncoding, cannot_open

__all__ = ["TextTable", "read_csv_text"]

_SEPARATORS = ",;\t"
_EXPECTED = "a table as UTF-8 text, separated by comma, semicolon or tab"
_SAVE_AS = "Save the table as 'CSV UTF-8' and name that file."
_CONTAINERS = {
    b"PK\x03\x04": "is a workbook (XLSX or ODS) or another zip archive",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook (XLS)",
    b"%PDF": "is a PDF document",
    b"\xff\xfe": "is UTF-16 text",
    b"\xfe\xff": "is UTF-16 text",
}


@dataclass(frozen=True, slots=True)
class TextTable:
    """A header and rows of text. Every row has as many cells as the header.

    ``file`` is what messages call the table. Each row comes with its number; rows without any
    text are not among them.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_csv_text(path: Path, *, name: str | None = None) -> TextTable:
    """Read a CSV file: UTF-8 with or without byte-order mark; comma, semicolon or tab.

    The separator is the one that occurs most often in the header line. Cells keep their text
    (``NA`` stays ``NA``) without outer spaces.

    Raises
    ------
    UnreadableTable
        The file is missing, empty, binary, or not CSV.
    WrongEncoding
        A byte is not UTF-8.
    RepeatedColumn, RaggedRow
        The header names a column twice; a row is longer or shorter than the header.
    """
    file = name if name is not None else str(path)
    text = _decoded(_bytes_of(path, file), file)
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first_line.count)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UnreadableTable(
            file,
            found=f"is not well-formed CSV ({error})",
            expected=_EXPECTED,
            todo="Look for a double quote that is opened and never closed, or save it again.",
        ) from error
    filled = [
        (number, tuple(cell.strip() for cell in record))
        for number, record in enumerate(records, start=1)
        if any(cell.strip() for cell in record)
    ]
    if not filled:
        raise _empty(file)
    (_, header), *rows = filled
    for at, column in enumerate(header):
        if column and column in header[:at]:
            raise RepeatedColumn(file, column=column)
    for number, cells in rows:
        if len(cells) != len(header):
            raise RaggedRow(file, row=number, found=len(cells), expected=len(header))
    return TextTable(file, header, tuple(rows))


def _bytes_of(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise cannot_open(file, fault, expected=_EXPECTED) from None


def _decoded(raw: bytes, file: str) -> str:
    for magic, found in _CONTAINERS.items():
        if raw.startswith(magic):
            raise UnreadableTable(file, found=found, expected=_EXPECTED, todo=_SAVE_AS)
    if b"\0" in raw:
        raise UnreadableTable(file, found="is not text", expected=_EXPECTED, todo=_SAVE_AS)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the codec drops a byte-order mark before it counts
        offset = error.start + (len(raw) - len(error.object))
        row = raw.count(b"\n", 0, offset) + 1
        raise WrongEncoding(file, row=row, offset=offset, byte=raw[offset]) from error
    if not text.strip():
        raise _empty(file)
    return text


def _empty(file: str) -> UnreadableTable:
    return UnreadableTable(
        file, found="is empty", expected=_EXPECTED, todo="Put the table into it."
    )
