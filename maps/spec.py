"""What a map is asked to be. Frozen and small; solved geometry is never written back into a spec."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from maps.imprint import Imprint, Override

__all__ = [
    "LANGUAGES",
    "PAPERS",
    "FlowBalance",
    "FlowLayout",
    "LayerKind",
    "LayerSpec",
    "MapSpec",
    "Paper",
    "Per",
    "PresenceShow",
    "text_in",
]

LANGUAGES = ("en", "fr", "es", "ar")

LayerKind = Literal["choropleth", "symbols", "flows", "presence", "bivariate", "difference", "dots"]
PresenceShow = Literal["counts", "sectors", "matrix"]
FlowBalance = Literal["two-way", "gross", "net"]
FlowLayout = Literal["bands", "tree"]
Per = Literal["population", "area", "displaced"]


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
    a rate of a choropleth: "population" persons per ``per_unit`` inhabitants, "area" persons per km²
    of the unit, "displaced" inhabitants for each person counted (darker the fewer). ``breaks`` are upper bounds of
    classes chosen by hand; empty leaves them to ``scheme``.

    ``dates`` of a choropleth or of symbols are small multiples, one panel for each under one
    classification; of a difference they are (from, to). ``every_date`` stands for all there are.
    A bivariate layer relates its rate to ``against``: a second group's rate, or "presence". A
    difference gives no per cent on a base under ``small_base`` persons, and none where source or
    kind changed, unless ``comparable`` says, by language, why the two may be compared.
    ``per_dot`` persons are one dot; None is the roundest number that keeps dots apart.
    ``show`` is how presence is drawn; ``sectors`` leaves only these in (codes; a code holds those
    that it begins, as PRO holds PRO-CPN).

    Flows: ``balance`` sets the two ways between places against each other, ``most`` bands are drawn
    and the others summed up in a note, ``ends`` is the level that bands end at (None: what can be
    told apart at the map's scale), ``totals`` writes who came, left and stayed into the notes, and
    ``layout`` "tree" joins the bands of one origin, or to one destination.
    """

    kind: LayerKind
    groups: tuple[str, ...] = ()
    measure: str | None = None
    date: dt.date | None = None
    level: int = 1
    per: Per | None = None
    per_unit: int = 1000
    origin: str | None = None
    classes: int = 5
    scheme: str = "fisher_jenks"
    palette: str = "red-yellow"
    minimum: float = 0
    title: Mapping[str, str] = field(default_factory=dict)
    breaks: tuple[float, ...] = ()
    dates: tuple[dt.date, ...] = ()
    every_date: bool = False
    against: str | None = None
    against_breaks: tuple[float, ...] = ()
    small_base: int = 100
    comparable: Mapping[str, str] = field(default_factory=dict)
    per_dot: int | None = None
    show: PresenceShow = "counts"
    sectors: tuple[str, ...] = ()
    balance: FlowBalance = "two-way"
    most: int = 80
    ends: int | None = None
    totals: bool = False
    layout: FlowLayout = "bands"


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
    imprint: Imprint = field(default_factory=Imprint)
    overrides: tuple[Override, ...] = ()


def text_in(text: Mapping[str, str], lang: str) -> str:
    """Return ``text`` in ``lang``, else in English, else in the first language there is, else "".

    >>> text_in({"en": "Mali situation", "fr": "Situation au Mali"}, "fr")
    'Situation au Mali'
    """
    return text.get(lang) or text.get("en") or next(iter(text.values()), "")
