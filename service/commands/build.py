"""`sitmap build`: from tables to a published edition, telling what became of every row."""

from pathlib import Path

import click

from service.commands.options import folder_argument, quiet_option, store_option

__all__ = ["command"]


@click.command("build")
@folder_argument
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
@quiet_option
def command(
    folder: Path, store: Path | None, as_json: bool, quiet: bool, no_progress: bool
) -> None:
    """Read, match, join, check, release and publish the situation in FOLDER.

    Exit code 0: done. 1: published, but something is open, and every map says so. 2: the input
    is at fault, or a finding would draw something false; nothing was published.
    """
    from service.pipeline import build
    from service.publishing import publish
    from service.report import report_document
    from service.situation_file import load_situation
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    situation = load_situation(folder)
    with terminal.progress("Building") as step:
        built = build(situation, step=step)
    terminal.report(built)
    edition = None
    try:
        edition = publish(built, store=store)
        terminal.published(edition, built)
    finally:
        if as_json:
            terminal.data_json(report_document(built, edition))
    if built.open:
        raise click.exceptions.Exit(1)
