"""`sitmap serve`: build what changed, then serve. The serving process only reads the stores."""

import os
from pathlib import Path

import click

from service.commands.options import quiet_option, store_option

__all__ = ["command"]


@click.command("serve")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="FOLDER…")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--base-url", metavar="URL", help="Public address, where it is not http://HOST:PORT.")
@store_option
@quiet_option
def command(
    *,
    folders: tuple[Path, ...],
    host: str,
    port: int,
    workers: int,
    base_url: str | None,
    store: Path | None,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Serve the situations in the FOLDERs: maps, tiles and counts, read-only.

    A new edition published with `sitmap build` is served at once, without a restart.
    """
    import uvicorn

    from service.publishing import up_to_date
    from service.settings import Settings
    from service.terminal import Terminal

    if not folders and store is None:
        raise click.UsageError("name at least one FOLDER, or a --store to serve from.")
    terminal = Terminal(quiet=quiet, progress=not no_progress)
    stores: list[Path] = [] if store is None else [store.resolve()]
    for folder in folders:
        published = up_to_date(folder, store=store, terminal=terminal)
        path = published.store_path.resolve()
        if path not in stores:
            stores.append(path)
    shown = host if host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104
    address = base_url or (f"http://{shown}:{port}" if shown == host else "")
    os.environ["SITMAP_STORES"] = os.pathsep.join(map(str, stores))
    os.environ["SITMAP_BASE_URL"] = address.rstrip("/")
    Settings.from_environment()  # says what is wrong before a worker would
    terminal.serving(f"http://{shown}:{port}", stores)
    uvicorn.run(
        "service.app:app_from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        server_header=False,
        access_log=False,
    )
