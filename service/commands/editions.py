"""`sitmap editions`: what was published, newest first. Reading changes nothing."""

from pathlib import Path

import click

from service.commands.options import folder_argument, store_option

__all__ = ["command"]


@click.command("editions")
@folder_argument
@click.argument("action", type=click.Choice(["list"]), default="list")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def command(folder: Path, action: str, store: Path | None, as_json: bool) -> None:  # noqa: ARG001
    """List the published editions of the situation in FOLDER."""
    from service.publishing import open_store, store_path
    from service.report import edition_document
    from service.situation_file import load_situation
    from service.terminal import Terminal

    situation = load_situation(folder)
    path = store_path(situation, store)
    editions = []
    current = ""
    if path.exists():
        opened = open_store(path)
        if situation.id in opened.situations():
            current = opened.current(situation.id).id
            editions = list(opened.editions(situation.id))
    documents = [edition_document(e) | {"current": e.id == current} for e in editions]
    terminal = Terminal()
    if as_json:
        terminal.data_json(documents)
    else:
        terminal.editions(situation.id, documents)
