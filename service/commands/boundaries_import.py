"""`sitmap boundaries import`: bring in a boundary file under a name, or show how it would be read."""

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="What to call the vintage, as mali-2019.")
@click.option(
    "--profile",
    type=click.Path(path_type=Path),
    help="A profile (TOML) that says which column is what.",
)
@click.option("--code", metavar="COLUMN", help="The column with the units' codes.")
@click.option("--name-column", metavar="COLUMN", help="The column with their names.")
@click.option("--parent", metavar="COLUMN", help="The column with the code one level up.")
@click.option(
    "--level", metavar="COLUMN|N", help="The column with the level, or the one level of all."
)
@click.option(
    "--country", metavar="COLUMN|ISO3", help="The column with ISO 3166-1 alpha-3, or one code."
)
@click.option("--member", metavar="NAME", help="In an archive of many files, the one wanted.")
@click.option("--crs", metavar="EPSG:N", help="The coordinate system of a file that declares none.")
@click.option(
    "--encoding", metavar="NAME", help="The encoding of text that is not UTF-8, as windows-1256."
)
@click.option("--label", metavar="TEXT", help="What the vintage is, in words.")
@click.option("--source", metavar="TEXT", help="Who publishes it.")
@click.option("--licence", metavar="TEXT", help="Under which licence.")
@click.option(
    "--valid-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="A day on which the borders were in force.",
)
@click.option(
    "--write-profile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write how the file is read, to correct and use again.",
)
@click.option(
    "--replace",
    "replace_old",
    is_flag=True,
    help="Put it in the place of the vintage of that name.",
)
@click.option("--tiles", is_flag=True, help="Encode the vintage's map tiles too, for zooms 0 to 8.")
@click.option("--yes", is_flag=True, help="Do not ask whether the columns are right.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was read and mended as JSON on stdout."
)
def command(
    file: Path,
    name: str | None,
    *,
    replace_old: bool,
    tiles: bool,
    yes: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Read a boundary FILE, check and mend it, and keep it as a vintage.

    Without --as nothing is kept: the file is only read, and what was recognised and mended is shown.
    An import that fails leaves nothing behind.
    """
    from boundaries.files import read_with_profile
    from boundaries.profiles import profile_text
    from boundaries.report import describe
    from boundaries.shelf import check_name, keep_vintage
    from service.boundary_terminal import show_checks, show_reading
    from service.files import write_one
    from service.report import description_document
    from service.terminal import Terminal

    terminal = Terminal()
    if tiles and name is None:
        raise click.UsageError("--tiles needs --as NAME: tiles are of a vintage that is kept.")
    if name is not None:
        check_name(name, replace_old=replace_old)
    with terminal.progress(f"Reading {file.name}"):
        reading = read_with_profile(file, _profile(said), given=_given(said), give_codes=True)
        document = description_document(describe(reading.boundaries))
    show_reading(terminal.notes, document["record"])
    show_checks(terminal.notes, document["checks"], document["record"])
    for note in reading.boundaries.notes:
        terminal.note(note)
    if said["write_profile"]:
        write_one(said["write_profile"], profile_text(reading.profile).encode())
        terminal.note(f"How it was read is written to {said['write_profile']}.")
    if name is not None:
        asks = not yes and sys.stdin.isatty() and sys.stderr.isatty()
        if asks and not click.confirm(f"Keep this as {name}?", default=True, err=True):
            terminal.note("Nothing was kept. Correct the columns with options or a profile.")
            raise click.exceptions.Exit(1)
        kept = keep_vintage(reading, name, replace_old=replace_old).boundaries
        document["vintage"]["id"] = kept.vintage.id
        levels = ", ".join(f"{len(kept.at(level)):,} of level {level}" for level in kept.levels)
        terminal.note(f'Kept as {name}: {levels}. Use it as vintage = "{name}" in situation.toml.')
        if tiles:
            from service.tile_building import encode_levels

            encode_levels(kept, kept.levels, terminal)
    if as_json:
        terminal.data_json(document)


def _profile(said: dict[str, Any]) -> Any:
    """Return the profile named, with what the options say in its place."""
    from dataclasses import replace

    from boundaries.profiles import BoundaryProfile, read_profile

    profile = read_profile(said["profile"]) if said["profile"] else BoundaryProfile()
    keys = ("label", "source", "licence", "crs", "encoding", "member")
    told: dict[str, Any] = {key: said[key] for key in keys if said[key]}
    day: datetime | None = said["valid_on"]
    if day is not None:
        told["valid_on"] = day.date()
    return replace(profile, **told)


def _given(said: dict[str, Any]) -> dict[str, Any]:
    level: str | None = said["level"]
    number = int(level) if level is not None and re.fullmatch("[0-5]", level) else level
    return {
        "code": said["code"],
        "name": said["name_column"],
        "parent": said["parent"],
        "level": number,
        "iso3": said["country"],
    }
