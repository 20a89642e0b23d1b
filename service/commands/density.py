"""`sitmap density`: points as a grid of persons per km², a Cloud-Optimised GeoTIFF."""

import datetime as dt
from pathlib import Path

import click

from service.commands.options import quiet_option

__all__ = ["command"]


@click.command("density")
@click.argument("points", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lon", required=True, metavar="COLUMN", help="Longitude, WGS 84 degrees.")
@click.option("--lat", required=True, metavar="COLUMN", help="Latitude.")
@click.option("--count", metavar="COLUMN", help="Persons of a row [default: one].")
@click.option(
    "--per-degree", type=click.IntRange(1, 200), default=20, show_default=True,
    help="Cells across a degree: 20 are about 5.5 km.",
)  # fmt: skip
@click.option(
    "--least", type=click.IntRange(1), default=10, show_default=True,
    help="Cells with fewer persons look like empty ones.",
)  # fmt: skip
@click.option("--source", required=True, metavar="TEXT", help="Whose points, for the file.")
@click.option(
    "--date", "on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Of which day."
)
@click.option(
    "--sensitivity", type=click.Choice(["public", "sensitive", "restricted"]), required=True,
    help="How much harm the grid could do; written into the file.",
)  # fmt: skip
@click.option(
    "--executor", default="serial", show_default=True, metavar="serial|pool[:N]|tcp://…",
    help="In this process, in N processes, or on the Dask cluster at an address.",
)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@quiet_option
def command(
    points: tuple[Path, ...],
    *,
    lon: str,
    lat: str,
    count: str | None,
    per_degree: int,
    least: int,
    source: str,
    on: dt.datetime,
    sensitivity: str,
    executor: str,
    out: Path,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Write POINTS (CSV or Parquet files, or folders of them) as a density grid."""
    from geo.density_grid import DensityTask, count_cells, write_density_grid
    from geo.point_files import files_in, partitions
    from geo.sources import Sensitivity
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    task = DensityTask(lon, lat, count or "", per_degree)
    parts = partitions(files_in(points), task.columns)
    with terminal.progress("Counting", total=len(parts)) as step:
        counts = count_cells(task, parts, executor=executor, step=step)
    shown = write_density_grid(
        counts,
        task,
        out,
        least=least,
        source=source,
        on=on.date(),
        sensitivity=Sensitivity(sensitivity),
    )
    total = int(counts.people.sum())
    terminal.note(
        f"{out}: {shown:,} of {total:,} persons; the others are in cells with fewer than {least}. "
        f"{counts.rows_read:,} rows read, {counts.left_out:,} left out for want of coordinates or count."
    )
    if counts.left_out:
        raise click.exceptions.Exit(1)
