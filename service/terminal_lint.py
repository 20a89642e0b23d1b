"""The checklist's findings on a terminal: what is wrong, why it matters, what to do."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from maps.lint import LintFinding, Severity

if TYPE_CHECKING:
    from service.terminal import Terminal

__all__ = ["show_findings"]

_SHOWN = 4  # breaches of one rule
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "dim"}


def show_findings(terminal: "Terminal", found: Mapping[str, Sequence[LintFinding]]) -> None:
    """Print each map's findings, and in the end how many there are."""
    for name, findings in found.items():
        terminal.notes.print()
        terminal.notes.print(Text(name, style="bold"))
        terminal.notes.print(Padding(_table(findings) if findings else _well(), (0, 0, 0, 2)))
    terminal.notes.print()
    terminal.notes.print(Text(_summary([each for all_ in found.values() for each in all_])))


def _well() -> Text:
    return Text("nothing to mend", style="green")


def _table(findings: Sequence[LintFinding]) -> Table:
    """Lay out the findings, those of one rule together: their reason is told once."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for _, same in groupby(findings, key=lambda each: (each.rule, each.overridden)):
        breaches = list(same)
        finding = breaches[0]
        word, style = finding.severity.value, _STYLES[finding.severity]
        reason, remedy = finding.why, finding.fix
        if finding.overridden:
            word, style, reason, remedy = "settled", "green", finding.overridden, ""
        whats = [each.what for each in breaches[:_SHOWN]]
        if len(breaches) > _SHOWN:
            whats.append(f"and {len(breaches) - _SHOWN} more: --json lists all")
        lines: list[str | tuple[str, str]] = ["\n".join(whats), (f"\n{reason}", "dim")]
        if remedy:
            lines.append((f"\n{remedy}", "cyan"))
        lines.append((f"\n{finding.rule}", "dim italic"))
        table.add_row(Text(word, style=style), Text.assemble(*lines))
    return table


def _summary(findings: Sequence[LintFinding]) -> str:
    standing = [finding for finding in findings if not finding.overridden]
    counted = [
        f"{number} {severity.value}{'s' if number != 1 else ''}"
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in standing))
    ]
    settled = len(findings) - len(standing)
    counted += [f"{settled} settled by override"] if settled else []
    return ", ".join(counted) or "All maps pass the checklist."
