"""How tables as received look on a terminal: what each was taken for, and what is odd about it."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from geo.received import Received
    from service.pipeline import Built
    from service.terminal import Terminal

__all__ = ["BESIDE", "show_recognised"]

BESIDE = {
    "title": "title",
    "header": "header",
    "hxl": "HXL tags",
    "total": "total",
    "footnote": "footnote",
    "repeated-header": "repeated header",
}
"""What rows that are no data are called."""

_TROUBLES = 6
_COLUMNS = 8


def show_recognised(terminal: "Terminal", built: "Built") -> None:
    """Print how each table was read whose shape was found out, and what is odd about it."""
    for read in built.tables:
        if read.grid:
            terminal.note(f"{read.name}: {read.grid}")
        if read.received is None:
            continue
        received = read.received
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column()
        for what, said in _told(received, read.vintage):
            grid.add_row(what, said)
        terminal.notes.print()
        terminal.notes.print(Text(received.file, style="bold"))
        terminal.notes.print(Padding(grid, (0, 0, 0, 2)))


def _told(received: "Received", vintage: str) -> Iterator[tuple[str, Text]]:
    yield "reads as", Text(received.title)
    if received.sheet:
        yield "sheet", Text(received.sheet)
    if vintage:
        yield "boundaries", Text(f"collected on {vintage}")
    if received.reasons:
        yield "because", Text("; ".join(received.reasons), style="dim")
    for ours, header in received.columns.items():
        yield ours, Text(header)
    if received.unused:
        more = len(received.unused) - _COLUMNS
        names = ", ".join(received.unused[:_COLUMNS]) + (f" and {more} more" if more > 0 else "")
        yield "not read", Text(names, style="dim")
    if received.beside:
        rows = Counter[str]()
        for drop in received.beside:
            rows[BESIDE.get(drop.reason, drop.reason)] += drop.last - drop.first + 1
        yield "no data", Text(", ".join(f"{count} {what}" for what, count in rows.items()))
    for note in received.notes:
        yield "note", Text(note, style="dim")
    for trouble in received.troubles[:_TROUBLES]:
        yield "trouble", Text(trouble.sentence, style="yellow")
    if len(received.troubles) > _TROUBLES:
        yield "", Text(f"and {len(received.troubles) - _TROUBLES} more: --json lists all")
