"""`sitmap raster`: put a population grid beside a situation's store, to lie under its maps."""

import datetime as dt
import re
from pathlib import Path

import click

from service.commands.options import folder_argument, quiet_option

__all__ = ["command"]


@click.command("raster")
@folder_argument
@click.argument("raster", type=click.Path(path_type=Path))
@click.option("--as", "name", required=True, metavar="NAME", help="Its name in addresses.")
@click.option("--publisher", required=True, metavar="TEXT", help="Who made it.")
@click.option(
    "--date", "on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Of which day."
)
@click.option("--licence", default="", metavar="TEXT", help="Under which licence.")
@click.option(
    "--sensitivity", type=click.Choice(["public", "sensitive", "restricted"]), required=True,
    help="Only public rasters are served.",
)  # fmt: skip
@click.option("--per-km2", is_flag=True, help="Its values are a density, not persons per cell.")
@quiet_option
def command(
    *,
    folder: Path,
    raster: Path,
    name: str,
    publisher: str,
    on: dt.datetime,
    licence: str,
    sensitivity: str,
    per_km2: bool,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Put RASTER (a GeoTIFF of persons) beside the store of FOLDER; `sitmap serve` has its tiles."""
    from geo.sources import Sensitivity
    from service.assigned_ledgers import check_grid
    from service.raster_shelf import keep_raster
    from service.situation_file import load_situation
    from service.terminal import Terminal

    if not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise click.UsageError(f"--as {name!r}: expected small letters, digits and hyphens.")
    situation = load_situation(folder).id
    check_grid(raster, name, Sensitivity(sensitivity), name=raster.name)
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    with terminal.progress(f"Writing {name}"):
        kept = keep_raster(
            raster,
            folder / ".sitmap",
            situation,
            name,
            publisher=publisher,
            on=on.date(),
            licence=licence,
            sensitivity=Sensitivity(sensitivity),
            per_km2=per_km2,
        )
    terminal.note(
        f"Kept as {kept.name}: darkest from {kept.top:,.4g}. Its tiles are at "
        f"/tiles/rasters/{situation}/{kept.name}/{{z}}/{{x}}/{{y}}.png, and the explorer offers it."
    )
