"""How a terminal looks: calm tables on stderr, data on stdout. Colour is never the only sign."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from geo.ledger import Verdict
from service.terminal_tables import show_recognised

if TYPE_CHECKING:
    from geo.ledger import LedgerEntry
    from geo.store import Edition
    from service.counting import Answer
    from service.pipeline import Built

__all__ = ["Step", "Terminal"]

Step = Callable[[str, int], None]
"""Tells what is being done now, and how many units of work were finished before it."""

_SHOWN_ROWS = 20  # of rows left out: more than a screen helps nobody, the JSON report has them all


class Terminal:
    """Where notes, tables and progress go. ``quiet`` keeps stderr for errors."""

    def __init__(self, *, quiet: bool = False, progress: bool = True) -> None:
        self.quiet = quiet
        self.notes = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=False)
        self._progress = progress and not quiet and self.notes.is_terminal

    @contextmanager
    def progress(self, what: str, *, total: int | None = None) -> Iterator[Step]:
        """Show a progress bar while the block runs, on a terminal only."""
        if not self._progress:
            yield lambda _text, _done: None
            return
        columns = (
            SpinnerColumn(style="cyan"),
            TextColumn(f"{what}  [dim]{{task.description}}"),
            *((BarColumn(bar_width=24),) if total else ()),
        )
        with Progress(*columns, console=self.notes, transient=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda text, done: bar.update(task, description=escape(text), advance=done)

    # --- notes -----------------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Print one sentence."""
        self.notes.print(escape(text))

    def wrote(self, contents: Mapping[Path, bytes]) -> None:
        """Say which files were written, and how large they are."""
        table = _table("", "", right=(1,), header=False)
        for path, content in contents.items():
            table.add_row(Text(os.fspath(path)), Text(_size(len(content)), style="dim"))
        self._show("Written", table)

    def report(self, built: "Built") -> None:
        """Say what became of every row, and what does not add up."""
        from maps.spec import text_in

        situation = built.situation
        self.notes.print()
        self.notes.print(
            Text.assemble(
                (text_in(situation.title, "en"), "bold"),
                ("  " + situation.id, "dim"),
                (f"  as of {situation.as_of.day} {situation.as_of:%B %Y}", "dim"),
            )
        )
        show_recognised(self, built)
        self._show("Read", self._reading(built))
        ledger = built.ledger
        self._entries(ledger.uncertain, "Placed by a name that is not exactly the place's")
        for verdict, title in (
            (Verdict.CARRIED, "Carried from other boundaries"),
            (Verdict.UNPLACED, "Unplaced: counted in the parent, drawn nowhere"),
            (Verdict.LEFT_OUT, "Left out"),
        ):
            self._entries((e for e in ledger.entries if e.verdict is verdict), title)
        self._findings(built)

    def _reading(self, built: "Built") -> Table:
        table = _table("table", "kind", "rows", "placed", "carried", "unplaced", "left out",
                       right=(2, 3, 4, 5, 6))  # fmt: skip
        totals = [0, 0, 0, 0, 0]
        for read in built.tables:
            counted = [built.count(read.name, verdict) for verdict in Verdict]
            cells = [read.rows, *counted]
            totals = [a + b for a, b in zip(totals, cells, strict=True)]
            table.add_row(Text(read.name), Text(read.kind, style="dim"), *_counted(cells))
        table.add_section()
        table.add_row(f"{len(built.tables)} tables", "", *_counted(totals), style="bold")
        return table

    def _entries(self, entries: "Iterable[LedgerEntry]", title: str) -> None:
        """List rows; those of one table and one reason share a line."""
        rows: dict[tuple[str, str, str], list[int]] = {}
        for entry in entries:
            rows.setdefault((entry.file, entry.place, entry.why), []).append(entry.row)
        if not rows:
            return
        table = _table("", "", header=False)
        for (file, place, why), numbers in list(rows.items())[:_SHOWN_ROWS]:
            once = list(dict.fromkeys(numbers))  # a wide row holds several figures
            listed = ", ".join(map(str, once[:8])) + (", …" if len(once) > 8 else "")
            where = Text.assemble((file, "dim"), (f"\nrow {listed}", "dim"))
            table.add_row(where, Text.assemble(place, "\n", (why, "dim")))
        if len(rows) > _SHOWN_ROWS:
            table.add_row("", f"and {len(rows) - _SHOWN_ROWS} more: --json lists all")
        self._show(title, table)

    def _findings(self, built: "Built") -> None:
        if not built.findings:
            self._show("What does not add up", Text("nothing", style="green"))
            return
        table = _table("", "", header=False)
        for finding in built.findings:
            if finding.acknowledged:
                sign, style, more = "settled", "green", finding.why
            elif finding.severity == "stops":
                sign, style, more = "stops", "bold red", finding.todo
            else:
                sign, style, more = "open", "bold yellow", finding.todo
            lines = [finding.what, *([(f"\n{more}", "dim")] if more else ())]
            what = Text.assemble(*lines, (f"\n{finding.id}", "dim italic"))
            table.add_row(Text(sign, style=style), what)
        self._show("What does not add up", table)

    def published(self, edition: "Edition", built: "Built") -> None:
        """Say which edition is current now."""
        state = f"{len(built.open)} open" if built.open else "everything settled"
        self.notes.print()
        self.notes.print(
            Text.assemble("Edition ", (edition.id, "bold"), f" is published: {state}.")
        )

    def serving(self, address: str, stores: Sequence[str]) -> None:
        """Print where to look."""
        self.notes.print()
        self.notes.print(Text.assemble(("Serving on ", ""), (address, "bold cyan underline")))
        for path, what in (("/", "maps and how to use them"), ("/docs", "the API, with examples")):
            self.notes.print(Text.assemble("  ", (address + path, "cyan"), "  ", (what, "dim")))
        for store in stores:
            self.notes.print(Text(f"  from {store}", style="dim"))
        self.notes.print(Text("  Ctrl-C stops.", style="dim"))

    # --- data ------------------------------------------------------------------------------------

    def data_json(self, document: Any) -> None:
        """Print one JSON document on stdout."""
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))

    def counts(self, answer: "Answer") -> None:
        """Print counts as a table on stdout, its notes on stderr."""
        from geo.terms import GROUP_NAMES

        counts = answer.counts
        out = Console(highlight=False)
        table = _table("P-code", "name", counts.unit, right=(2,))
        for row in counts.rows:
            shown = "not reported" if row.value is None else f"{row.value:,.0f}"
            if row.low is not None and row.high is not None:
                shown += f" ({row.low:,.0f}–{row.high:,.0f})"
            style = "dim" if row.value is None else ""
            carried = f" (with {', '.join(row.carried)})" if row.carried else ""
            table.add_row(row.pcode, Text(row.name + carried), Text(shown, style=style))
        if counts.unplaced:
            table.add_row("", "unplaced", f"{counts.unplaced:,.0f}")
        table.add_section()
        table.add_row("", "total", f"{counts.total:,.0f}", style="bold")
        group = GROUP_NAMES.get(counts.group, counts.group)
        out.print(f"{group}, {counts.measure}, {counts.date:%Y-%m-%d}, level {counts.level}")
        out.print(table)
        for note in counts.notes:
            self.notes.print(Text(note, style="dim"))

    def editions(self, situation: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Print the editions of a situation; withdrawn ones say so."""
        table = _table("", "edition", "published", "vintage")
        for document in documents:
            table.add_row(
                "current"
                if document["current"]
                else document["status"]
                if document["status"] != "published"
                else "",
                document["id"],
                document["published"],
                document["vintage"],
            )
        Console(highlight=False).print(
            table if documents else f"{situation}: nothing published yet"
        )

    def vintages(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Print the vintages at hand."""
        table = _table("vintage", "what", "licence")
        for document in documents:
            table.add_row(document["id"], Text(document["label"]), Text(document["licence"]))
        Console(highlight=False).print(table)

    def boundaries(self, document: Mapping[str, Any]) -> None:
        """Print what a vintage holds, and its units where they were asked for."""
        out = Console(highlight=False)
        vintage = document["vintage"]
        facts = _table("", "", header=False)
        for key in ("id", "label", "source", "licence", "content", "valid_on"):
            facts.add_row(
                Text(key.replace("_", " "), style="dim"), Text(str(vintage[key] or "not stated"))
            )
        out.print(facts, "")
        levels = _table("level", "units", "countries", "invalid", "overlapping", "codes",
                        right=(0, 1, 2, 3, 4))  # fmt: skip
        for level in document["levels"]:
            numbers = [level[key] for key in ("units", "countries", "invalid", "overlapping")]
            codes = ", ".join(f"{scheme} {n:,}" for scheme, n in level["code_schemes"].items())
            levels.add_row(str(level["level"]), *_counted(numbers), Text(codes, style="dim"))
        out.print(levels)
        for note in document["notes"]:
            self.notes.print(Text(note, style="dim"))
        if "listed" in document:
            units = _table("P-code", "name", "level", "parent", "country", right=(2,))
            for unit in document["listed"]:
                units.add_row(
                    unit["pcode"],
                    Text(unit["name"]),
                    str(unit["level"]),
                    unit["parent"],
                    unit["iso3"],
                )
            out.print("", units)

    def checks(self, checks: Sequence[Mapping[str, object]]) -> None:
        """Print the doctor's findings."""
        table = _table("", "", "", header=False)
        for check in checks:
            sign = Text("ok", style="green") if check["ok"] else Text("missing", style="bold red")
            table.add_row(sign, str(check["name"]), Text(str(check["found"]), style="dim"))
        Console(highlight=False).print(table)

    def _show(self, title: str, content: Table | Text) -> None:
        self.notes.print()
        self.notes.print(Text(title, style="bold"))
        self.notes.print(Padding(content, (0, 0, 0, 2)))


def _table(*headings: str, right: Sequence[int] = (), header: bool = True) -> Table:
    table = Table(
        box=None, show_header=header, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0)
    )
    for i, heading in enumerate(headings):
        table.add_column(
            heading,
            justify="right" if i in right else "left",
            no_wrap=i in right,
            overflow="fold",
        )
    return table


def _counted(cells: Sequence[int]) -> list[Text]:
    return [Text(f"{cell:,}", style="" if cell else "dim") for cell in cells]


def _size(count: int) -> str:
    return f"{count / 1000:,.0f} kB" if count >= 1000 else f"{count} bytes"
