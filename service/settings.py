"""What an operator may set, by environment variables that start with ``SITMAP_``. Nothing else is read."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from service.errors import BadSetting
from service.stores import Address, split_addresses

__all__ = ["Settings"]

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9.-]{1,253}(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the serving process.

    ``stores`` are the SQLite files it answers from (``SITMAP_STORES``, separated like ``PATH``),
    or URLs of PostgreSQL databases (then one a line).
    (``SITMAP_COLUMNS``, read by `service.stores`, is the folder of a database's columnar copies.)
    ``base_url`` is put before every absolute address it writes (``SITMAP_BASE_URL``); empty means
    relative addresses. It is never taken from a request, so that no request can change what
    another reader gets. ``cache_entries`` bounds each of the in-memory caches
    (``SITMAP_CACHE_ENTRIES``). ``max_zoom`` is the deepest tile zoom (``SITMAP_MAX_ZOOM``).
    ``tile_archive`` is the folder in which encoded tiles are kept, shared by all workers
    (``SITMAP_TILE_ARCHIVE``); None keeps none on disk.
    ``tile_memory`` bounds the answers kept at hand by each worker, in bytes (``SITMAP_TILE_MEMORY_MB``,
    in millions of them).
    ``embed_origins`` are the sites that may show our maps in a frame (``SITMAP_EMBED_ORIGINS``,
    separated by spaces, such as ``https://portal.example``); empty means every site.
    ``hosts`` are the names the service answers to (``SITMAP_HOSTS``, separated by spaces); empty
    means any name.
    """

    stores: tuple[Address, ...]
    base_url: str = ""
    cache_entries: int = 512
    max_zoom: int = 14
    tile_memory: int = 128_000_000
    tile_archive: Path | None = None
    embed_origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def ancestors(self) -> str:
        """Who may frame a map, in the words of ``frame-ancestors``."""
        return " ".join(("'self'", *self.embed_origins)) if self.embed_origins else "*"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; raises `BadSetting` where one makes no sense.

        >>> Settings.from_environment({"SITMAP_STORES": "a.sqlite"}).max_zoom
        14
        """
        stores = split_addresses(environment.get("SITMAP_STORES", ""))
        archive = environment.get("SITMAP_TILE_ARCHIVE", "")
        base_url = environment.get("SITMAP_BASE_URL", "").rstrip("/")
        if base_url and not base_url.startswith(("http://", "https://")):
            raise BadSetting("SITMAP_BASE_URL", expected="an address that starts with https://")
        return cls(
            stores=stores,
            base_url=base_url,
            cache_entries=_whole(environment, "SITMAP_CACHE_ENTRIES", default=512, at_most=100_000),
            max_zoom=_whole(environment, "SITMAP_MAX_ZOOM", default=14, at_most=14),
            tile_archive=Path(archive) if archive else None,
            tile_memory=1_000_000
            * _whole(environment, "SITMAP_TILE_MEMORY_MB", default=128, at_most=100_000),
            embed_origins=_words(
                environment,
                "SITMAP_EMBED_ORIGINS",
                _ORIGIN,
                expected="origins such as https://portal.example, separated by spaces",
            ),
            hosts=_words(
                environment,
                "SITMAP_HOSTS",
                _HOST,
                expected="host names such as maps.example, separated by spaces",
            ),
        )


def _words(
    environment: Mapping[str, str], name: str, form: re.Pattern[str], *, expected: str
) -> tuple[str, ...]:
    words = tuple(environment.get(name, "").split())
    if not all(form.fullmatch(word) for word in words):
        raise BadSetting(name, expected=expected)
    return words


def _whole(environment: Mapping[str, str], name: str, *, default: int, at_most: int) -> int:
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= at_most):
        raise BadSetting(name, expected=f"a whole number from 1 to {at_most}")
    return int(text)
