"""`sitmap population`: inhabitants per unit from a population grid, as the table that rates are made with."""

import datetime as dt
from pathlib import Path

import click

from service.commands.options import quiet_option

__all__ = ["command"]


@click.command("population")
@click.argument("raster", type=click.Path(path_type=Path))
@click.option(
    "--boundaries", default="natural-earth-5.1", show_default=True, metavar="NAME|FILE",
    help="The boundaries.",
)  # fmt: skip
@click.option("--countries", metavar="ISO3,…", help="Only units of these countries.")
@click.option("--level", type=click.IntRange(0, 4), required=True, help="The level of the units.")
@click.option(
    "--date", "on", type=click.DateTime(["%Y-%m-%d"]), required=True,
    help="The day or year's end that the grid is of, as 2020-12-31.",
)  # fmt: skip
@click.option("--per-km2", is_flag=True, help="The grid is a density, not persons per cell.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE",
    help="A .csv (what a situation reads) or .parquet file.",
)  # fmt: skip
@quiet_option
def command(
    raster: Path,
    *,
    boundaries: str,
    countries: str | None,
    level: int,
    on: dt.datetime,
    per_km2: bool,
    out: Path,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Sum the persons of a population grid RASTER (GeoTIFF) over units.

    A cell on a border counts for each side by the part of it that lies there. Exit code 1 says that
    the grid does not cover all units; these are "not reported".
    """
    import numpy as np

    from geo.population_grids import population_table
    from geo.zonal import zonal_sums
    from service.assigning import chosen_units, table_bytes
    from service.files import write_one
    from service.terminal import Terminal

    if out.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError(f"--out {out} ends in neither .csv nor .parquet.")
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    units = chosen_units(boundaries, countries, level)
    polygons = np.asarray(units.at(level).geometry.values, dtype=object)
    with terminal.progress(f"Summing {raster.name}", total=100) as step:
        sums = zonal_sums(raster, polygons, per_km2=per_km2, step=step)
    table = population_table(sums, units, level, on=on.date())
    content = table_bytes(table.frame, out.suffix)
    write_one(out, content)
    terminal.note(
        f"{table.total:,} inhabitants in {len(table.frame) - len(table.lacking):,} of "
        f"{len(table.frame):,} units, from {sums.cells / 1e6:,.1f} million cells."
    )
    for code, share in table.lacking[:10]:
        terminal.note(
            f"{units.name(code)} ({code}): the grid covers {share:.0%} of it; not reported."
        )
    if len(table.lacking) > 10:
        terminal.note(f"… and {len(table.lacking) - 10} more units.")
    terminal.wrote({out: content})
    if out.suffix.lower() == ".csv":
        lines = (
            "[[source]]",
            'id = "grid"  # with title, publisher and licence of the grid',
            f"date = {on:%Y-%m-%d}",
            'sensitivity = "public"',
            "",
            "[[table]]",
            f'file = "data/{out.name}"',
            'kind = "population"',
            'source = "grid"',
        )
        terminal.note(
            "\nA situation that has the grid in its folder can sum it itself: see [[raster]]."
        )
        terminal.note("\nFor situation.toml, with the table in the situation's folder:\n")
        terminal.note("\n".join(f"  {line}" for line in lines))
    if table.lacking:
        raise click.exceptions.Exit(1)
