"""Arguments and options that several commands share, so that they read the same everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["default_option", "folder_argument", "quiet_option", "store_option"]

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


def default_option(help_text: str) -> Callable[..., Any]:
    """Return the option ``--default KEY=VALUE``, given to the command as the mapping ``defaults``."""
    return click.option(
        "--default",
        "defaults",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_pairs,
        help=help_text,
    )


def _pairs(_ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    told = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise click.BadParameter(f"{text!r} is not KEY=VALUE, such as date=2016-12-31")
        told[name.strip()] = value.strip()
    return told
