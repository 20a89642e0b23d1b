"""One collection of features: what it holds, of which edition, and by what it can be narrowed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from service.published import Published

__all__ = ["Bounds", "Collection", "Kind"]

Kind = Literal["counts", "figures", "flows", "presence", "sites", "map", "boundaries"]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection. ``interval`` is its first and last day, None where it is about no time.

    ``filters`` are the parameters by which its items can be narrowed, each with the values there
    are (none listed: any code). ``publisher`` names the sources, ``licence`` their licences.
    """

    id: str
    kind: Kind
    title: str
    description: str
    published: "Published"
    bbox: Bounds
    interval: tuple[dt.date, dt.date] | None
    filters: Mapping[str, tuple[str, ...]]
    publisher: str
    licence: str
    level: int = 0
    map_id: str = ""

    @property
    def versions(self) -> tuple[str, ...]:
        """What an answer about the collection is made from."""
        return (self.published.edition.id, self.published.edition.published.isoformat())

    @property
    def situation(self) -> str:
        """The situation it is part of; "" for boundaries, which are nobody's."""
        return "" if self.kind == "boundaries" else self.published.released.situation

    @property
    def tiled(self) -> bool:
        """Whether there are tiles of it."""
        return self.kind in {"boundaries", "map"}
