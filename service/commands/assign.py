"""`sitmap assign`: points, or origins and destinations, summed to units; the table that a situation reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands.options import quiet_option

if TYPE_CHECKING:
    from geo.assign import AssignTask, PartCounts
    from geo.assign_table import Told
    from service.terminal import Terminal

__all__ = ["command"]


@click.command("assign")
@click.argument("points", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--boundaries", default="natural-earth-5.1", show_default=True, metavar="NAME|FILE",
    help="The boundaries.",
)  # fmt: skip
@click.option("--countries", metavar="ISO3,…", help="Only units of these countries.")
@click.option("--level", type=click.IntRange(0, 4), required=True, help="The level of the units.")
@click.option("--lon", required=True, metavar="COLUMN", help="Longitude, WGS 84 degrees.")
@click.option("--lat", required=True, metavar="COLUMN", help="Latitude.")
@click.option("--origin-lon", metavar="COLUMN", help="For movements: longitude they came from.")
@click.option("--origin-lat", metavar="COLUMN", help="For movements: its latitude.")
@click.option("--group", metavar="COLUMN|CODE", help="Population group, or one for all, as IDP.")
@click.option("--date", metavar="COLUMN|DAY", help="As-of date, or one for all, as 2016-12-31.")
@click.option("--count", metavar="COLUMN", help="Persons of a row [default: one].")
@click.option(
    "--measure", type=click.Choice(["stock", "new", "cumulative"]), default="stock",
    show_default=True, help="Present on the date, or counted since the period began.",
)  # fmt: skip
@click.option(
    "--period", type=click.Choice(["day", "month", "year"]), default="day", show_default=True,
    help="With --measure new: what a row's date is summed to.",
)  # fmt: skip
@click.option(
    "--kind", type=click.Choice(["registered", "verified", "government", "estimate", "planning"]),
    help="How the figures came about.",
)  # fmt: skip
@click.option(
    "--unit", type=click.Choice(["persons", "households"]), default="persons", show_default=True,
    help="What a row, or --count, counts.",
)  # fmt: skip
@click.option(
    "--sensitivity", type=click.Choice(["public", "sensitive", "restricted"]), required=True,
    help="How much harm the figures could do.",
)  # fmt: skip
@click.option(
    "--executor", default="serial", show_default=True, metavar="serial|pool[:N]|tcp://…",
    help="In this process, in N processes, or on the Dask cluster at an address.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE",
    help="A .csv (what a situation reads) or .parquet file; its ledger is put beside it.",
)  # fmt: skip
@quiet_option
def command(
    points: tuple[Path, ...],
    *,
    boundaries: str,
    countries: str | None,
    level: int,
    out: Path,
    executor: str,
    quiet: bool,
    no_progress: bool,
    **said: Any,
) -> None:
    """Sum POINTS (CSV or Parquet files, or folders of them) to the units they lie in.

    A point on a border belongs to the smallest P-code. What is left out is counted by reason in
    FILE.ledger.json. A run that was stopped goes on where it was: what is done lies in FILE.parts
    until all is.
    """
    import json
    import shutil

    from boundaries.natural_earth import NATURAL_EARTH
    from geo.assign_run import assign_points
    from geo.assign_table import assigned_table, ledger_document
    from geo.point_files import files_in, partitions
    from service.assigning import NothingPlaced, assign_task, chosen_units, table_bytes
    from service.files import write_all
    from service.situation_file import ledger_beside
    from service.terminal import Terminal

    _check(said, out)
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    files = files_in(points)
    units = chosen_units(boundaries, countries, level)
    with terminal.progress(f"Preparing {len(units.codes(level)):,} units"):
        task, told = assign_task(units, level, files, said)
    parts = partitions(files, task.columns)
    kept = out.with_name(f"{out.name}.parts")
    with terminal.progress("Assigning", total=len(parts)) as step:
        counts = assign_points(
            task,
            parts,
            executor=executor,
            keep_in=kept,
            step=lambda part, _counts: step(part.name, 1),
        )
    ledger = ledger_document(counts, units, level, told)
    if not counts.counts:
        shutil.rmtree(kept, ignore_errors=True)
        raise NothingPlaced(ledger, boundaries=boundaries)
    table = assigned_table(counts, task, units, level, told)
    contents = {
        out: table_bytes(table, out.suffix),
        ledger_beside(out): json.dumps(ledger, ensure_ascii=False, indent=1).encode(),
    }
    write_all(contents)
    shutil.rmtree(kept, ignore_errors=True)
    _report(terminal, ledger, counts)
    if units.vintage.id == NATURAL_EARTH:
        terminal.note(
            "Natural Earth is generalised: near coasts and borders, and in regions that are one city, "
            "points may be in the unit next to theirs. Use the country's own boundaries where you can."
        )
    terminal.wrote(contents)
    _say_what_next(terminal, task, told, out, table.columns)
    if ledger["left_out"]:
        raise click.exceptions.Exit(1)


def _check(said: dict[str, Any], out: Path) -> None:
    if bool(said["origin_lon"]) != bool(said["origin_lat"]):
        raise click.UsageError("movements need both --origin-lon and --origin-lat.")
    if said["period"] != "day" and said["measure"] != "new":
        raise click.UsageError(
            "--period sums what is new within it; a stock of several days must not be added up. "
            "Give --measure new, or leave --period out."
        )
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError(f"--out {out} ends in neither .csv nor .parquet.")


def _report(terminal: "Terminal", ledger: Mapping[str, Any], counts: "PartCounts") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    table.add_row(f"{ledger['rows']:,}", "rows read")
    table.add_row(f"{ledger['placed']:,}", f"placed, {ledger['persons']:,} counted")
    for each in ledger["left_out"]:
        first = each["first"][0]
        where = f"\n{first['file']}, row {first['row']}: {first['value'] or 'empty'}"
        table.add_row(f"{each['rows']:,}", Text.assemble(each["why"], (where, "dim")))
    terminal.notes.print()
    terminal.notes.print(table)
    if ledger["swap_suspected"]:
        share = counts.swapped / counts.tried
        terminal.note(
            f"Longitude and latitude look exchanged: {share:.0%} of the points without a unit lie in "
            "one the other way round. Look at --lon and --lat, or at the files that differ."
        )


def _say_what_next(
    terminal: "Terminal", task: "AssignTask", told: "Told", out: Path, columns: Any
) -> None:
    """Print what a situation needs to read the table."""
    missing = [name for name in ("group", "kind", "date") if name not in columns]
    examples = {"group": "IDP", "kind": "estimate", "date": "2016-12-31"}
    defaults = ", ".join(f'{name} = "{examples[name]}"' for name in missing)
    kind = "flows" if task.by_origin else "figures"
    lines = [
        "[[source]]",
        'id = "points"  # with title, publisher and date',
        f'sensitivity = "{told.sensitivity.value if told.sensitivity else ""}"',
        "",
        "[[table]]",
        f'file = "data/{out.name}"',
        f'kind = "{kind}"',
        'source = "points"',
        *([f"defaults = {{ {defaults} }}  # say what is true"] if missing else []),
    ]
    if out.suffix.lower() == ".csv":
        terminal.note("\nFor situation.toml, with the table in the situation's folder:\n")
        terminal.note("\n".join(f"  {line}" for line in lines))
