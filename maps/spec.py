"""What a map is asked to be. Frozen and small; solved geometry is never written back into a spec."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["LANGUAGES", "PAPERS", "LayerKind", "LayerSpec", "MapSpec", "Paper", "text_in"]

LANGUAGES = ("en", "fr", "es", "ar")

LayerKind = Literal["choropleth", "symbols", "flows", "presence"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet, millimetres, as it lies."""

    name: str
    width: float
    height: float


PAPERS = {
    "A5": Paper("A5", 210, 148),
    "A4": Paper("A4", 297, 210),
    "A3": Paper("A3", 420, 297),
    "A5-portrait": Paper("A5-portrait", 148, 210),
    "A4-portrait": Paper("A4-portrait", 210, 297),
    "A3-portrait": Paper("A3-portrait", 297, 420),
}


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One thematic layer.

    ``groups`` has one group for a choropleth, one or more for symbols (a composite symbol at each
    place) and flows. ``date`` None is the latest date that has figures at ``level``. ``per`` makes
    a rate of a choropleth: persons per ``per_unit`` inhabitants.
    """

    kind: LayerKind
    groups: tuple[str, ...] = ()
    measure: str | None = None
    date: dt.date | None = None
    level: int = 1
    per: Literal["population"] | None = None
    per_unit: int = 1000
    origin: str | None = None
    classes: int = 5
    scheme: str = "fisher_jenks"
    palette: str = "red-yellow"
    minimum: float = 0
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MapSpec:
    """One map of a situation. ``title`` by language; ``paper`` a key of ``PAPERS``.

    ``extent`` is (west, south, east, north) in degrees, None for the focus country with a margin
    wide enough for every symbol and flow end. ``as_of`` is the map's title date, None for the
    situation's own.
    """

    id: str
    title: Mapping[str, str]
    layers: tuple[LayerSpec, ...]
    paper: str = "A4"
    extent: tuple[float, float, float, float] | None = None
    languages: tuple[str, ...] = LANGUAGES
    notes: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None


def text_in(text: Mapping[str, str], lang: str) -> str:
    """Return ``text`` in ``lang``, else in English, else in the first language there is, else "".

    >>> text_in({"en": "Mali situation", "fr": "Situation au Mali"}, "fr")
    'Situation au Mali'
    """
    return text.get(lang) or text.get("en") or next(iter(text.values()), "")
