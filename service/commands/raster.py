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
    quiet: bool,
    no_progress: bool,
) -> None:
    """Put RASTER (a GeoTIFF of persons) beside the store of FOLDER; `sitmap serve` has its tiles."""
    from geo.sources import Sensitivity
    from service.raster_shelf import keep_raster
    from service.terminal import Terminal

    if not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise click.UsageError(f"--as {name!r}: expected small letters, digits and hyphens.")
    if not (folder / "situation.toml").is_file():
        raise click.UsageError(f"{folder} has no situation.toml; expected a situation's folder.")
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    with terminal.progress(f"Writing {name}"):
        kept = keep_raster(
            raster,
            folder / ".sitmap",
            name,
            publisher=publisher,
            on=on.date(),
            licence=licence,
            sensitivity=Sensitivity(sensitivity),
        )
    terminal.note(
        f"Kept as {kept.name}: darkest from {kept.top:,.4g}. Its tiles are at "
        f"/tiles/rasters/SITUATION/{kept.name}/{{z}}/{{x}}/{{y}}.png."
    )
