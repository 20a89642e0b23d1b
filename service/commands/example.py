"""`sitmap example`: a copy to work on. The folder must be new or empty."""

import shutil
from pathlib import Path

import click

from service.commands.options import quiet_option
from service.errors import CannotWrite, UnknownExample
from service.files import example_folder, examples_at_hand

__all__ = ["command"]


@click.command("example")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@quiet_option
def command(name: str, folder: Path, quiet: bool, no_progress: bool) -> None:  # noqa: ARG001
    """Copy the packaged example NAME into FOLDER."""
    known = examples_at_hand()
    if name not in known:
        raise UnknownExample(name, known=known)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotWrite(folder, why="it is not an empty folder", todo="Name a new folder.")
    try:
        shutil.copytree(
            example_folder(name),
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(".sitmap", "out", "__pycache__"),
        )
    except OSError as error:
        raise CannotWrite(
            folder, why=(error.strerror or "it cannot be written").lower(), todo="Name another."
        ) from None
    if not quiet:
        click.echo(f"Copied {name} to {folder}. Next: sitmap render {folder}", err=True)
