"""`sitmap counts`: what `GET …/counts` answers, for the terminal and for scripts."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import folder_argument, quiet_option, store_option

if TYPE_CHECKING:
    from service.stores import Address

__all__ = ["command"]

_FORMATS = ("table", "csv", "json", "geojson", "gpkg", "parquet", "xlsx")


@click.command("counts")
@folder_argument
@click.option("--level", type=click.IntRange(0, 3), required=True, help="0 country, 1 region, …")
@click.option("--group", metavar="CODE", help="Population group, as IDP [default: the only one].")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="As-of date [default: the latest].")
@click.option("--measure", type=click.Choice(["stock", "new", "cumulative"]))
@click.option("--origin", metavar="CODE", help="Country of origin, as MLI, or 'unknown'.")
@click.option("--parent", metavar="PCODE", help="Only units within this one.")
@click.option(
    "--lang", type=click.Choice(["en", "fr", "es", "ar"]), default="en", show_default=True
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@store_option
@quiet_option
def command(
    *,
    folder: Path,
    level: int,
    group: str | None,
    date: dt.datetime | None,
    measure: str | None,
    origin: str | None,
    parent: str | None,
    lang: str,
    form: str,
    out: Path | None,
    store: "Address | None",
    quiet: bool,
    no_progress: bool,
) -> None:
    """Print persons per region of the situation in FOLDER, building first where it changed.

    "not reported" (null) is not zero. Exit code 1 says that something is open in the figures.
    """
    from service.counting import CountsAsked, ask
    from service.counts_files import BINARY, counts_file
    from service.files import write_one
    from service.publishing import up_to_date
    from service.terminal import Terminal

    if form in BINARY and out is None and sys.stdout.isatty():
        raise click.UsageError(f"--format {form} is not text: add --out FILE, or redirect.")
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    published = up_to_date(folder, store=store, terminal=terminal)
    answer = ask(
        published,
        CountsAsked(
            level=level,
            group=group,
            date=date.date() if date else None,
            measure=measure,
            origin=origin,
            parent=parent,
            lang=lang,
        ),
    )
    if form == "table" and out is None:
        terminal.counts(answer)
    else:
        content = counts_file(answer, "csv" if form == "table" else form, published)
        if out is not None:
            write_one(out, content)
            terminal.wrote({out: content})
        else:
            sys.stdout.buffer.write(content)
    if published.open:
        terminal.note(f"{published.open} finding(s) are open. See `sitmap check`.")
        raise click.exceptions.Exit(1)
