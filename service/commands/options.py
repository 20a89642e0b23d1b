"""Arguments and options that several commands share, so that they read the same everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from service.stores import Address

__all__ = ["default_option", "folder_argument", "quiet_option", "store_option"]

folder_argument: Callable[..., Any] = click.argument(
    "folder", type=click.Path(path_type=Path), metavar="FOLDER"
)

store_option: Callable[..., Any] = click.option(
    "--store",
    callback=lambda _ctx, _param, text: None if text is None else _store(text),
    metavar="FILE|URL",
    help="Where to publish: an SQLite file, or postgresql://USER@HOST/DATABASE "
    "[default: FOLDER/.sitmap/store.sqlite].",
)


def _store(text: str) -> "Address":
    from service.stores import parsed_address

    address = parsed_address(text)
    if isinstance(address, Path) and address.is_dir():
        raise click.BadParameter(f"File {text!r} is a directory.")
    return address


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
