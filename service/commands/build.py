"""`sitmap build`: from tables to a published edition, telling what became of every row."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import folder_argument, quiet_option, store_option

if TYPE_CHECKING:
    from service.stores import Address

__all__ = ["command"]


@click.command("build")
@folder_argument
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
@click.option("--tiles", is_flag=True, help="Encode the maps' tiles too, for zooms 0 to 8.")
@quiet_option
def command(
    folder: Path,
    store: "Address | None",
    *,
    as_json: bool,
    tiles: bool,
    quiet: bool,
    no_progress: bool,
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
        if tiles and built.released is not None:
            from service.tile_building import encode_levels

            units = built.boundaries.of_countries(built.released.countries)
            shown = {layer.level for each in situation.maps for layer in each.layers}
            encode_levels(units, shown, terminal)
    finally:
        if as_json:
            terminal.data_json(report_document(built, edition))
    if built.open:
        raise click.exceptions.Exit(1)
