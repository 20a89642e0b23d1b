"""Arguments and options that several commands share, so that they read the same everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["folder_argument", "quiet_option", "store_option"]

folder_argument: Callable[..., Any] = click.argument(
    "folder", type=click.Path(path_type=Path), metavar="FOLDER"
)

store_option: Callable[..., Any] = click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="SQLite file to publish to [default: FOLDER/.sitmap/store.sqlite].",
)


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--quiet`` and ``--no-progress``."""
    command = click.option("--no-progress", is_flag=True, help="Show no progress bar.")(command)
    return click.option("--quiet", "-q", is_flag=True, help="Print errors only.")(command)
