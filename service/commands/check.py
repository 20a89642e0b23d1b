"""`sitmap check`: the ledger and the reconciliation alone. Nothing is published."""

from pathlib import Path

import click

from service.commands.options import default_option, quiet_option

__all__ = ["command"]


@click.command("check")
@click.argument("what", type=click.Path(path_type=Path), metavar="FOLDER|TABLE")
@click.option(
    "--boundaries",
    metavar="NAME|FILE",
    help="Of a TABLE: the boundaries to match with [default: natural-earth-5.1].",
)
@click.option(
    "--countries",
    metavar="ISO3,…",
    help="Of a TABLE: where names are looked up [default: the countries it names].",
)
@click.option("--sheet", metavar="NAME", help="Of a TABLE that is a workbook [default: found out].")
@default_option("Of a TABLE: what no column says, such as kind=registered.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
@quiet_option
def command(
    *,
    what: Path,
    boundaries: str | None,
    countries: str | None,
    sheet: str | None,
    defaults: dict[str, str],
    as_json: bool,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Say what became of every row of FOLDER's tables, or of one TABLE, and what does not add up.

    Exit code 0: everything is settled. 1: something is open. 2: the input is at fault, or what it
    says would be drawn falsely.
    """
    from service.pipeline import build
    from service.report import report_document
    from service.situation_file import load_situation
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    told = [name for name, value in (("--boundaries", boundaries), ("--countries", countries),
                                     ("--sheet", sheet), ("--default", defaults or None))
            if value is not None]  # fmt: skip
    if what.is_file():
        from service.table_check import check_table

        with terminal.progress("Checking") as step:
            built = check_table(
                what,
                step=step,
                vintage=boundaries,
                countries=[code.strip().upper() for code in (countries or "").split(",") if code],
                sheet=sheet,
                defaults=defaults,
            )
    else:
        if told:
            raise click.UsageError(f"{told[0]} is for a TABLE; a FOLDER says it in situation.toml.")
        situation = load_situation(what)
        with terminal.progress("Checking") as step:
            built = build(situation, step=step)
    terminal.report(built)
    if as_json:
        terminal.data_json(report_document(built, None))
    if built.stopping:
        raise built.stop()
    if built.open:
        raise click.exceptions.Exit(1)
