"""`sitmap lint`: the cartographic checklist over a situation's maps. Errors make it exit with 1."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands.options import folder_argument, quiet_option, store_option

if TYPE_CHECKING:
    from maps.lint import LintFinding
    from service.stores import Address

__all__ = ["command"]


@click.command("lint")
@folder_argument
@click.option("--map", "maps", multiple=True, metavar="ID", help="Look at this map; repeatable.")
@click.option(
    "--lang",
    multiple=True,
    type=click.Choice(["en", "fr", "es", "ar"]),
    help="Look at pages in this language; repeatable [default: all of the map's].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON on stdout.")
@store_option
@quiet_option
def command(
    *,
    folder: Path,
    maps: tuple[str, ...],
    lang: tuple[str, ...],
    as_json: bool,
    store: "Address | None",
    quiet: bool,
    no_progress: bool,
) -> None:
    """Look at the maps of FOLDER with the eyes of a cartographer: what misleads, and how to mend it.

    Each map is looked at as it is asked for, as it is composed, and as it is drawn. Exit code 1
    says that a map has an error which its [[map.override]] does not explain.
    """
    from maps.lint import failing
    from service.linting import finding_document, lint_map
    from service.publishing import up_to_date
    from service.terminal import Terminal
    from service.terminal_lint import show_findings

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    published = up_to_date(folder, store=store, terminal=terminal)
    specs = [published.map(name) for name in maps] or list(published.maps)
    found: dict[str, tuple[LintFinding, ...]] = {}
    with terminal.progress("Looking at", total=len(specs)) as step:
        for spec in specs:
            step(spec.id, 0)
            found[spec.id] = lint_map(published, spec, lang or spec.languages)
            step(spec.id, 1)
    if as_json:
        document: dict[str, Any] = {
            "situation": published.released.situation,
            "edition": published.edition.id,
            "maps": [
                {"map": name, "findings": [finding_document(each) for each in findings]}
                for name, findings in found.items()
            ],
        }
        terminal.data_json(document)
    show_findings(terminal, found)
    if any(failing(findings) for findings in found.values()):
        raise click.exceptions.Exit(1)
