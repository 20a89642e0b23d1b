"""`sitmap boundaries`: which vintages are at hand, and what one of them (or a file) holds."""

from pathlib import Path

import click

from service.commands.boundaries_compare import compare_command, gazetteer_command
from service.commands.boundaries_import import command as import_command

__all__ = ["command"]


@click.group("boundaries")
def command() -> None:
    """Show boundary vintages and their units, bring in files, compare vintages."""


command.add_command(import_command)
command.add_command(compare_command)
command.add_command(gazetteer_command)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def list_vintages(as_json: bool) -> None:
    """List the vintages at hand."""
    from boundaries.catalogue import vintages_at_hand
    from service.report import vintage_document
    from service.terminal import Terminal

    documents = [vintage_document(vintage) for vintage in vintages_at_hand()]
    terminal = Terminal()
    if as_json:
        terminal.data_json(documents)
    else:
        terminal.vintages(documents)


@command.command("show")
@click.argument("vintage")
@click.option("--country", multiple=True, metavar="ISO3", help="Only this country; repeatable.")
@click.option("--level", type=click.IntRange(0, 5), help="Only units of this level.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def show(vintage: str, country: tuple[str, ...], level: int | None, as_json: bool) -> None:
    """Show a VINTAGE (or a boundary file): what it holds, and with --country its units."""
    from rich.console import Console

    from boundaries.catalogue import open_vintage
    from boundaries.errors import UnknownUnit
    from boundaries.report import describe
    from service.boundary_terminal import show_checks
    from service.report import description_document, units_document
    from service.terminal import Terminal

    units = open_vintage(vintage, base=Path.cwd())
    if country:
        units = units.of_countries(code.upper() for code in country)
        if not len(units):
            raise UnknownUnit(", ".join(country), vintage=vintage)
    document = description_document(describe(units))
    if country or level is not None:
        document["listed"] = units_document(units, level)
    terminal = Terminal()
    if as_json:
        terminal.data_json(document)
    else:
        terminal.boundaries(document)
        show_checks(Console(highlight=False), document["checks"], document["record"])
