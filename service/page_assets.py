"""What served pages load: our own files, under an address that changes when any of them does."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["Asset", "assets", "assets_digest"]

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is and compressed once."""

    content: bytes
    compressed: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Return every file by its name; nothing else of the package can be asked for."""
    shared = files("maps") / "assets"
    found: dict[str, Traversable] = {"placing.js": shared / "web" / "placing.js"}
    for folder, there in (
        ("maplibre", shared / "maplibre"),
        ("explorer", files("service") / "assets" / "explorer"),
    ):
        found |= {f"{folder}/{file.name}": file for file in there.iterdir()}
    return {
        name: _asset(file, suffix)
        for name, file in sorted(found.items())
        if (suffix := name[name.rfind(".") :]) in _TYPES
    }


def _asset(file: Traversable, suffix: str) -> Asset:
    content = file.read_bytes()
    return Asset(content, gzip.compress(content, 9, mtime=0), f"{_TYPES[suffix]}; charset=utf-8")


@cache
def assets_digest() -> str:
    """Return what stands in the address: the same files, the same address."""
    together = hashlib.sha256()
    for name, asset in assets().items():
        together.update(name.encode() + b"\0" + asset.content)
    return together.hexdigest()[:12]
