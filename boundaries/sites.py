"""Named places that are not admin units: camps, sites, towns, and areas that cross unit borders.

A figure at a site counts for the one unit the site lies in. A site that lies in several units
(an area across a border) is never split between them: its figures count for their common parent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Site", "SiteKind"]

SiteKind = Literal["camp", "site", "town", "area"]


@dataclass(frozen=True, slots=True)
class Site:
    """A point, or an area known by its middle. ``lon`` and ``lat`` in degrees (WGS 84)."""

    id: str
    names: Mapping[str, str]
    lon: float
    lat: float
    within: tuple[str, ...]
    kind: SiteKind = "site"
    aliases: tuple[str, ...] = field(default=())

    def name(self, lang: str = "en") -> str:
        """Return the name in ``lang``, else the English one, else the first there is."""
        return self.names.get(lang) or self.names.get("en") or next(iter(self.names.values()))
