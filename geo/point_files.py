"""Tables of points in parts that are read alone: a CSV file, or some row groups of a Parquet file.

A part is known by a hash of its bytes. Rows are numbered within their file as it is written: a CSV's
header is row 1, the first row of a Parquet file is row 1.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import MissingColumn, TableError, UnreadableTable, cannot_open

__all__ = ["Partition", "batches", "content_of", "files_in", "headers_of", "partitions"]

_ROWS = 8_000_000  # of a partition, about: a second's work, and small enough to be done again
_BATCH = 1 << 19
_BLOCK = 1 << 24  # bytes of a CSV read at once
_EXPECTED = "a table of points: CSV (UTF-8) or Parquet"
_SUFFIXES = (".parquet", ".csv", ".tsv")


@dataclass(frozen=True)
class Partition:
    """Row groups ``first`` … ``last`` of a Parquet file, from row ``row`` on; a CSV is one part.

    ``bytes`` from and to (None: to the end) are what its content is.
    """

    path: Path
    name: str
    first: int = 0
    last: int = -1
    row: int = 1
    rows: int = 0
    start: int = 0
    end: int | None = None


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files of points that are named, those of named folders in order of their names.

    Raises
    ------
    UnreadableTable
        A path that is not there, or a folder without such files.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES)
            if not inside:
                raise UnreadableTable(
                    str(path),
                    found="is a folder without tables",
                    expected=f"files that end in {', '.join(_SUFFIXES)}",
                    todo="Name the files, or the folder they are in.",
                )
            found += inside
        elif path.suffix.lower() not in _SUFFIXES:
            raise UnreadableTable(
                str(path),
                found=f"ends in {path.suffix or 'nothing'}",
                expected=_EXPECTED,
                todo="Save it as CSV UTF-8 or Parquet.",
            )
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def partitions(files: Sequence[Path], columns: Sequence[str]) -> list[Partition]:
    """Return the parts that files are read in.

    Raises
    ------
    UnreadableTable, MissingColumn
        For the first file that cannot be used.
    """
    parts: list[Partition] = []
    for file in files:
        _check_columns(str(file), columns, headers_of(file))
        if file.suffix.lower() == ".parquet":
            parts += _row_groups(file)
        else:
            parts.append(Partition(file, file.name, row=2))
    return parts


def headers_of(file: Path) -> list[str]:
    """Return the names of a file's columns; raises `UnreadableTable`."""
    if file.suffix.lower() == ".parquet":
        return list(_metadata(file).schema.to_arrow_schema().names)
    try:
        with file.open("rb") as stream:
            line = stream.readline(1 << 20)
    except OSError as fault:
        raise cannot_open(str(file), fault, expected=_EXPECTED) from None
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _broken(file, "UTF-8 text") from None
    if not text.strip() or "\0" in text:
        raise _broken(file, "CSV")
    return next(csv.reader([text.rstrip("\r\n")], delimiter=_separator(text)))


def _metadata(file: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(file)
    except FileNotFoundError as fault:
        raise cannot_open(str(file), fault, expected=_EXPECTED) from None
    except (OSError, pa.ArrowInvalid):
        raise _broken(file, "Parquet") from None


def _row_groups(file: Path) -> Iterator[Partition]:
    about = _metadata(file)
    row = first = 1
    start_group, start = 0, 4
    for group in range(about.num_row_groups):
        size = about.row_group(group)
        row += size.num_rows
        ends = group + 1 == about.num_row_groups
        if row - first >= _ROWS or ends:
            end = None if ends else _group_start(about, group + 1)
            yield Partition(file, file.name, start_group, group, first, row - first, start, end)
            first, start_group, start = row, group + 1, end or 0


def _group_start(about: Any, group: int) -> int:
    """Return the first byte of a row group."""
    columns = (about.row_group(group).column(at) for at in range(about.num_columns))
    offsets = (at for c in columns for at in (c.data_page_offset, c.dictionary_page_offset) if at)
    return int(min(offsets))


def _separator(line: str) -> str:
    return max(",;\t", key=line.count)


def _check_columns(file: str, columns: Sequence[str], found: Sequence[str]) -> None:
    for name in columns:
        if name not in found:
            raise _NoColumn(file, column=name, found=found)


class _NoColumn(MissingColumn):
    """A column that an option names and the file does not have."""

    def __init__(self, file: str, *, column: str, found: Sequence[str]) -> None:
        self.file, self.column, self.found = file, column, tuple(found)
        TableError.__init__(
            self,
            f"{file}: no column {column!r}; the header has {', '.join(found[:30])}. "
            "Name the columns with --lon, --lat, --group, --date and --count.",
        )


def _broken(file: Path, what: str) -> UnreadableTable:
    return UnreadableTable(
        str(file),
        found=f"is not well-formed {what}",
        expected=_EXPECTED,
        todo="Get the file again, or save it anew.",
    )


def batches(
    partition: Partition, columns: Sequence[str], words: Sequence[str] = ()
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the columns of some rows at a time as arrow arrays, with the number of the first row.

    ``words`` are the columns of few different texts: they may come as dictionaries.
    """
    import pyarrow as pa

    row = partition.row
    read = _parquet if partition.path.suffix.lower() == ".parquet" else _csv
    try:
        for batch in read(partition, columns, words):
            if batch.num_rows:
                yield row, {name: batch.column(name) for name in columns}
            row += batch.num_rows
    except OSError as fault:
        if isinstance(fault, FileNotFoundError):
            raise cannot_open(str(partition.path), fault, expected=_EXPECTED) from None
        raise _broken(partition.path, "Parquet") from None
    except pa.ArrowInvalid as fault:
        raise UnreadableTable(
            str(partition.path),
            found=f"cannot be read after row {row} ({str(fault).splitlines()[0][:120]})",
            expected=_EXPECTED,
            todo="Correct the row, or save the table anew.",
        ) from None


def _parquet(partition: Partition, columns: Sequence[str], words: Sequence[str]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(partition.path, read_dictionary=list(words)) as file:
        yield from file.iter_batches(
            batch_size=_BATCH,
            row_groups=list(range(partition.first, partition.last + 1)),
            columns=list(columns),
            use_threads=False,  # cores are shared out by the executor
        )


def _csv(partition: Partition, columns: Sequence[str], _words: Sequence[str]) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with partition.path.open("rb") as stream:
        separator = _separator(stream.readline(1 << 20).decode("utf-8-sig"))
    with arrow_csv.open_csv(
        partition.path,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
        parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        # all as text: a cell that is no number is counted, it does not end the reading
        convert_options=arrow_csv.ConvertOptions(
            include_columns=list(columns),
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=False,
        ),
    ) as reader:
        yield from reader


def content_of(partition: Partition) -> str:
    """Return a hash of a part's bytes and of which rows they are."""
    content = hashlib.blake2b(digest_size=16)
    content.update(f"{partition.first}:{partition.last}:{partition.row}".encode())
    left = None if partition.end is None else partition.end - partition.start
    with partition.path.open("rb") as stream:
        stream.seek(partition.start)
        while left is None or left > 0:
            block = stream.read(_BLOCK if left is None else min(_BLOCK, left))
            if not block:
                break
            content.update(block)
            left = None if left is None else left - len(block)
    return content.hexdigest()
