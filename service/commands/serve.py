"""`sitmap serve`: build what changed, then serve. The serving process only reads the stores."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import quiet_option, store_option

if TYPE_CHECKING:
    from service.stores import Address
    from service.terminal import Terminal

__all__ = ["command"]

_APP = "service.app:app_from_environment"
_KEPT_OPEN = 75  # seconds: longer than proxies keep their side, so that they are the ones to close
_ENDS_WITHIN = 30  # seconds for answers that are begun when the process is told to stop


@click.command("serve")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="FOLDER…")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--server",
    type=click.Choice(["granian", "uvicorn"]),
    default="uvicorn",
    show_default=True,
    help="What speaks HTTP; tiles at hand leave uvicorn with a tenth of the work.",
)
@click.option("--base-url", metavar="URL", help="Public address, where it is not http://HOST:PORT.")
@store_option
@quiet_option
def command(
    *,
    folders: tuple[Path, ...],
    host: str,
    port: int,
    workers: int,
    server: str,
    base_url: str | None,
    store: "Address | None",
    quiet: bool,
    no_progress: bool,
) -> None:
    """Serve the situations in the FOLDERs: maps, tiles and counts, read-only.

    A new edition published with `sitmap build` is served at once by all workers, without a restart.
    """
    from geo.errors import StoreError
    from service.publishing import up_to_date
    from service.settings import Settings
    from service.stores import at_hand, joined_addresses, shown
    from service.terminal import Terminal
    from service.tile_building import tile_folder

    if not folders and store is None:
        raise click.UsageError("name at least one FOLDER, or a --store to serve from.")
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    stores = [] if store is None else [_settled(store, terminal)]
    for folder in folders:
        try:
            address = _resolved(up_to_date(folder, store=store, terminal=terminal).store_path)
        except StoreError as error:
            if store is None or not at_hand(store):
                raise
            terminal.note(f"{folder} is not built: {error}")
            continue
        if address not in stores:
            stores.append(address)
    here = host if host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104
    public = base_url or (f"http://{here}:{port}" if here == host else "")
    os.environ["SITMAP_STORES"] = joined_addresses(tuple(stores))
    os.environ["SITMAP_BASE_URL"] = public.rstrip("/")
    os.environ.setdefault("SITMAP_TILE_ARCHIVE", str(tile_folder()))
    Settings.from_environment()  # says what is wrong before a worker would
    terminal.serving(f"http://{here}:{port}", [shown(each) for each in stores])
    with _shared_numbers(workers):
        _SERVERS[server](host, port, workers)


def _resolved(address: "Address") -> "Address":
    return address.resolve() if isinstance(address, Path) else address


def _settled(address: "Address", terminal: "Terminal") -> "Address":
    """Look at a store once before serving from it.

    A database that is away is no reason not to start where this machine keeps editions of it.
    """
    from geo.errors import StoreError
    from service.stores import at_hand, open_to_read

    if isinstance(address, Path):
        return address.resolve()
    try:
        open_to_read(address)
    except StoreError as error:
        if not at_hand(address):
            raise
        terminal.note(f"{error} Served is what this machine keeps, until it is back.")
    return address


@contextmanager
def _shared_numbers(workers: int) -> Iterator[None]:
    """Give several workers a folder in which each keeps its numbers for `/metrics`."""
    from service.metrics import FOLDER

    if workers == 1 or FOLDER in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="sitmap-numbers-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def _granian(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels

    Granian(
        _APP,
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGINL,  # nothing to start or stop with the process
        http=HTTPModes.http1,
        loop=Loops.auto,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


def _uvicorn(host: str, port: int, workers: int) -> None:
    import uvicorn

    uvicorn.run(
        _APP,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http="service.short_http:ShortHttp",
        ws="none",
        lifespan="off",  # nothing to start or stop with the process
        interface="asgi3",
        proxy_headers=False,  # addresses and schemes are never taken from a request
        timeout_keep_alive=_KEPT_OPEN,
        timeout_graceful_shutdown=_ENDS_WITHIN,
        log_level="warning",
        server_header=False,
        access_log=False,
    )


_SERVERS = {"granian": _granian, "uvicorn": _uvicorn}
