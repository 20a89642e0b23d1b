"""`sitmap new`: a situation from spreadsheets. It proposes; the user looks through and completes."""

from pathlib import Path

import click

from service.commands.options import default_option, quiet_option

__all__ = ["command"]


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument(
    "tables",
    nargs=-1,
    required=True,
    metavar="TABLE...",
    type=click.Path(path_type=Path),
)
@click.option("--country", "countries", multiple=True, metavar="ISO3",
              help="A country of the situation [default: told from the tables].")  # fmt: skip
@default_option("What no column says, such as date=2016-12-31 or kind=registered.")
@quiet_option
def command(  # noqa: PLR0917 - one argument per option
    folder: Path,
    tables: tuple[Path, ...],
    countries: tuple[str, ...],
    defaults: dict[str, str],
    quiet: bool,
    no_progress: bool,
) -> None:
    """Start a situation in FOLDER from spreadsheets.

    The tables are copied as they are; situation.toml says how each was understood, and marks what
    only you know. Next: complete it, then `sitmap check FOLDER`.
    """
    from service.starting import start_situation
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    with terminal.progress("Reading") as step:
        step("tables", 0)
        started = start_situation(folder, tables, countries=countries, defaults=defaults)
    for table in started.tables:
        where = f", sheet {table.sheet}" if table.sheet else ""
        terminal.note(f"{table.file}{where}: {table.title}; {table.rows:,} rows.")
        for trouble in table.troubles:
            terminal.note(f"  {trouble.sentence}")
    terminal.note(f"Countries: {', '.join(started.countries)}.")
    terminal.note(
        f"Wrote {folder / 'situation.toml'}: complete what is marked TO WRITE, "
        f"then run: sitmap check {folder}"
    )
