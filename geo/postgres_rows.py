"""Rows and sheets sent to PostgreSQL, and statements run there."""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from geo.coded_frame import CodedFrame, order_by
from geo.edition_rows import FIGURES_KEY, FRAMES, column_of
from geo.sheets import CONTENTS, Sheet, seal_of

if TYPE_CHECKING:
    import psycopg

    Database = psycopg.Connection[Any]

__all__ = ["asked", "send_rows", "send_sheets"]

_AT_ONCE = 100_000  # rows sent together


def asked(db: "Database", sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Run one statement; ``?`` marks a value."""
    return [tuple(row) for row in db.execute(sql.replace("?", "%s").encode(), list(values))]


def send_rows(db: "Database", table: str, edition: str, rows: CodedFrame) -> None:
    """Send rows as one stream into a table of the transaction, and take them over in their order.

    Row security allows no stream into the table itself. Figures are sent in the order of their key:
    those that are asked for together lie together, and the index is made without jumping about.
    """
    columns = ", ".join(map(column_of, FRAMES[table]))
    db.execute(
        f"CREATE TEMPORARY TABLE sent ON COMMIT DROP AS SELECT place, {columns} "
        f"FROM {table} LIMIT 0".encode()
    )
    with db.cursor() as cursor:
        command = f"COPY sent (place, {columns}) FROM STDIN (FORMAT csv)"
        with cursor.copy(command.encode()) as copy:
            for part in _as_csv(rows, table):
                copy.write(part)
    db.execute(
        f"INSERT INTO {table} (edition, place, {columns}) SELECT %s, place, {columns} "
        "FROM sent".encode(),
        [edition],
    )
    db.execute("DROP TABLE sent")


def send_sheets(db: "Database", edition: str, sheets: Iterable[Sheet]) -> None:
    """Send an edition's sheets, and the hash of the list of them."""
    seal = ""

    def listed() -> Iterator[tuple[str, str, str, bytes]]:
        nonlocal seal
        for sheet in sheets:
            if sheet.kind == CONTENTS:
                seal = seal_of(sheet.content)
            yield edition, sheet.kind, sheet.key, sheet.content

    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO sheets VALUES (%s, %s, %s, %s)", listed())
    db.execute("INSERT INTO seals VALUES (%s, %s)", [edition, seal])


def _as_csv(rows: CodedFrame, table: str) -> Iterator[bytes]:
    """Give rows as CSV: a quoted cell is a text, an empty one without quotes is missing."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    plain = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    distinct = {name: pa.array(cells) for name, cells in rows.cells.items()}
    key = FIGURES_KEY if table == "figures" else ()
    order = order_by([rows.ranks(name) for name in key], rows.rows)
    for first in range(0, rows.rows, _AT_ONCE):
        part = order[first : first + _AT_ONCE]
        cells = {
            name: distinct[name].take(pa.array(rows.codes[name][part])) for name in FRAMES[table]
        }
        written = io.BytesIO()
        arrow_csv.write_csv(pa.table({"place": pa.array(part), **cells}), written, plain)
        yield written.getvalue()
