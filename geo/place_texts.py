"""What a cell says of a place beside its name: a level, a kind, what it lies in.

Tables write ``Kayes : Region``, ``Mbera : Point``, ``San [Admin 2]`` or
``Sanga (within Admin 1: Mopti ) [Admin 3: PRP]``. The name is what is left; none of the rest may
be thrown away, because it tells a region from the town of the same name.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from geo.encodings import mended
from geo.place_words import folded

__all__ = ["PlaceText", "read_place", "unit_types"]

_LEVEL = re.compile(r"\[\s*adm(?:in)?\s*(\d)\b[^\]]*\]", re.IGNORECASE)
_WITHIN = re.compile(r"\(\s*within\s+adm(?:in)?\s*(\d)\s*:\s*([^()]*?)\s*\)", re.IGNORECASE)
_KIND = re.compile(r"^(?P<name>.*\S)\s*:\s*(?P<kind>[^:]+)$")
_POINTS = frozenset(
    [
        "point",
        "site",
        "urban site",
        "camp",
        "refugee camp",
        "idp camp",
        "settlement",
        "village",
        "town",
        "city",
        "quarter",
        "localite",
        "ville",
        "quartier",
        "site urbain",
        "camp de refugies",
        "localidad",
        "ciudad",
        "pueblo",
        "localidade",
        "cidade",
        "aldeia",
        "مخيم",
        "مدينه",
        "قريه",
    ]
)


@dataclass(frozen=True, slots=True)
class PlaceText:
    """``name`` without what is said of it; ``level`` 0-9 as stated, None where it is not.

    ``kind`` are the folded words behind a colon ("region"); ``point`` tells that the text means a
    town, camp or site. ``within`` is the unit it is said to lie in, of level ``within_level``.
    """

    name: str
    level: int | None = None
    kind: str = ""
    point: bool = False
    within: str = ""
    within_level: int | None = None


def read_place(written: str) -> PlaceText:
    """Take a written place apart; broken accents are mended.

    >>> read_place("Sanga (within Admin 1: Mopti ) [Admin 3: PRP]")
    PlaceText(name='Sanga', level=3, kind='', point=False, within='Mopti', within_level=1)
    >>> read_place("Kayes : R+¬gion").kind, read_place("Mbera : Point").point
    ('region', True)
    >>> read_place("Bulamari (Jororo)").name
    'Bulamari (Jororo)'
    """
    text = mended(written)
    level = within_level = None
    within = kind = ""
    if found := _WITHIN.search(text):
        within_level, within = int(found[1]), found[2]
        text = _WITHIN.sub(" ", text)
    if found := _LEVEL.search(text):
        level = int(found[1])
        text = _LEVEL.sub(" ", text)
    if found := _KIND.match(text.strip()):
        said = folded(found["kind"])
        if said in _POINTS or said in _type_words():
            text, kind = found["name"], said
    name = " ".join(text.split())
    return PlaceText(name, level, kind, _is_point(kind, name), within, within_level)


def _is_point(kind: str, name: str) -> bool:
    """Whether the kind, or the name's own first or last words, say town, camp or site."""
    words = folded(name).split()
    ends = {" ".join(words[:1]), " ".join(words[-1:]), " ".join(words[-2:])}
    return kind in _POINTS or (len(words) > 1 and bool(ends & _POINTS))


@cache
def unit_types() -> Mapping[tuple[str, int], frozenset[str]]:
    """Return the folded words for units by country (ISO3) and level: ``("MLI", 2)`` is a cercle."""
    path = resources.files("geo.data").joinpath("unit_types.csv")
    with path.open(encoding="utf-8") as file:
        return {
            (row["iso3"], int(row["level"])): frozenset(map(folded, row["words"].split("|")))
            for row in csv.DictReader(file)
        }


@cache
def _type_words() -> frozenset[str]:
    return frozenset().union(*unit_types().values())
