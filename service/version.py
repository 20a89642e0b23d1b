"""The program's version, as installed. Editions, entity tags and files carry it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["sitmap_version"]


@cache
def sitmap_version() -> str:
    """Return the installed version, "0+unknown" where the folders are used without installing."""
    try:
        return version("sitmap")
    except PackageNotFoundError:
        return "0+unknown"
