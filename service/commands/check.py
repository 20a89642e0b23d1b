"""`sitmap check`: the ledger and the reconciliation alone. Nothing is published."""

from pathlib import Path

import click

from service.commands.options import folder_argument, quiet_option

__all__ = ["command"]


@click.command("check")
@folder_argument
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
@quiet_option
def command(folder: Path, as_json: bool, quiet: bool, no_progress: bool) -> None:
    """Say what became of every row of FOLDER's tables, and what does not add up."""
    from service.pipeline import build
    from service.report import report_document
    from service.situation_file import load_situation
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    situation = load_situation(folder)
    with terminal.progress("Checking") as step:
        built = build(situation, step=step)
    terminal.report(built)
    if as_json:
        terminal.data_json(report_document(built, None))
    if built.stopping:
        raise built.stop()
    if built.open:
        raise click.exceptions.Exit(1)
