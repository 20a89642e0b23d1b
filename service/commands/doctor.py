"""`sitmap doctor`: is this installation whole? Exit code 1 where something is missing."""

import importlib
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import store_option

if TYPE_CHECKING:
    from service.stores import Address

__all__ = ["command"]

_PACKAGES = (
    "babel", "click", "fastapi", "folium", "geopandas", "httptools", "mapclassify", "numpy", "pandas", "pyarrow",
    "pydantic", "pyogrio", "pyproj", "rasterio", "resvg-py", "scipy", "shapely", "svg2pdf-py",
    "uharfbuzz", "uvicorn", "xlsxwriter",
)  # fmt: skip
_ROOMS = ("boundaries", "geo", "maps", "service")


@click.command("doctor")
@store_option
@click.option(
    "--bring-up", is_flag=True, help="Make the tables of the --store, or bring older ones up first."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def command(store: "Address | None", bring_up: bool, as_json: bool) -> None:
    """Print versions, where each package was loaded from, boundaries, fonts and store health."""
    from service.terminal import Terminal
    from service.version import sitmap_version

    checks: list[dict[str, object]] = [
        _check("sitmap", True, sitmap_version()),
        _check("python", sys.version_info >= (3, 11), platform.python_version()),
        *(_package(name) for name in _PACKAGES),
        *(_room(name) for name in _ROOMS),
        _boundaries(),
        _fonts(),
    ]
    if bring_up and store is None:
        raise click.UsageError("name the --store whose tables to bring up.")
    if store is not None:
        if bring_up:
            checks.append(_brought_up(store))
        checks.append(_store(store))
    terminal = Terminal()
    if as_json:
        terminal.data_json(checks)
    else:
        terminal.checks(checks)
    if not all(check["ok"] for check in checks):
        raise click.exceptions.Exit(1)


def _check(name: str, ok: bool, found: str) -> dict[str, object]:
    return {"name": name, "ok": ok, "found": found}


def _package(name: str) -> dict[str, object]:
    try:
        return _check(name, True, version(name))
    except PackageNotFoundError:
        return _check(name, False, "not installed")


def _room(name: str) -> dict[str, object]:
    module = importlib.import_module(name)
    return _check(f"{name}/", True, str(Path(str(module.__file__)).parent))


def _boundaries() -> dict[str, object]:
    from boundaries.natural_earth import open_natural_earth

    units = open_natural_earth()
    return _check("boundaries", len(units) > 0, f"{units.vintage.id}, {len(units)} units")


def _fonts() -> dict[str, object]:
    import maps

    folder = Path(str(maps.__file__)).parent / "assets" / "fonts"
    fonts = sorted(p.stem for p in folder.glob("*.ttf"))
    return _check("fonts", bool(fonts), ", ".join(fonts) or "none")


def _brought_up(address: "Address") -> dict[str, object]:
    from boundaries.errors import SitmapError
    from service.stores import brought_up

    try:
        return _check("tables", True, brought_up(address))
    except SitmapError as error:
        return _check("tables", False, str(error))


def _store(path: "Address") -> dict[str, object]:
    from boundaries.errors import SitmapError
    from service.publishing import open_store

    try:
        opened = open_store(path)
        return _check("store", True, f"{opened.health()}; {', '.join(opened.situations())}")
    except SitmapError as error:
        return _check("store", False, str(error))
