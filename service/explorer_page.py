"""What the explorer starts from. An address that asks for what is not there is answered, and told so.

The page takes its whole state from its address. What cannot be read, or names what the map does not
have, falls back to the map as published; the page says which part fell back, in its own words, and
never repeats what was sent.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from geo.errors import FigureError
from geo.terms import Measure
from maps.errors import MapError
from maps.messages import format_number, messages
from maps.spec import text_in
from service.documents import name_of
from service.narrowing import AS_PUBLISHED, SHOWN, Narrowing, narrowed, offers_of
from service.raster_shelf import kept_rasters
from service.underlays import underlay_document
from service.words import LANGUAGE_NAMES, page_words

if TYPE_CHECKING:
    from service.published import Published

__all__ = ["LARGE", "Asked", "explorer_document", "read_address"]

LARGE = 10_000  # units of a level above which the page asks for those it shows, not for all

_PLACE = re.compile(r"[A-Za-z0-9.-]{1,32}")
_VIEW = re.compile(r"\d{1,2}(?:\.\d{1,2})?/-?\d{1,2}(?:\.\d{1,4})?/-?\d{1,3}(?:\.\d{1,4})?")
_LEVELLED = ("choropleth", "symbols")  # kinds of layer that can be asked for at a level
_NARROWING = ("show", "group", "measure", "date", "level", "origin")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, as far as it is there.

    ``place`` and ``inside`` are P-codes, ``compare`` a second day, ``view`` "zoom/lat/lon"; each ""
    where it is not asked for; ``under`` a raster's name. ``missed`` are the parts that fell back, by their words' keys.
    """

    lang: str
    narrowing: Narrowing = AS_PUBLISHED
    place: str = ""
    inside: str = ""
    compare: str = ""
    view: str = ""
    under: str = ""
    missed: tuple[str, ...] = ()


def read_address(published: "Published", map_id: str, query: Mapping[str, str]) -> Asked:
    """Read an explorer's address; raises `UnknownMap` and nothing else."""
    spec = published.map(map_id)
    missed: list[str] = []

    def known(key: str, fits: bool, word: str = "") -> str:
        text = query.get(key, "")
        if text and not fits:
            missed.append(word or key)
        return text if fits else ""

    lang = known("lang", query.get("lang") in spec.languages, "language") or "en"
    lang = lang if lang in spec.languages else spec.languages[0]
    narrowing, fell = _narrowing(published, map_id, query)
    missed += fell
    codes = published.boundaries
    place, inside = (
        known(key, bool(_PLACE.fullmatch(query.get(key, ""))) and query[key] in codes, "place")
        for key in ("place", "inside")
    )
    other = _day(query.get("compare", ""))
    beside = replace(narrowing, date=other)
    compare = known("compare", other is not None and _there(published, map_id, beside))
    view = known("at", bool(_VIEW.fullmatch(query.get("at", ""))), "map")
    rasters = kept_rasters(published.home, published.released.situation)
    under = known("under", query.get("under") in {each.name for each in rasters}, "grid")
    strange = set(query) - {*_NARROWING, "lang", "place", "inside", "compare", "at", "under"}
    missed += ["controls"] if strange else []
    told = tuple(dict.fromkeys(missed))
    return Asked(lang, narrowing, place, inside, compare, view, under, told)


def _narrowing(
    published: "Published", map_id: str, query: Mapping[str, str]
) -> tuple[Narrowing, list[str]]:
    """Read what narrows the map, part by part; a part that leaves nothing to show is left out."""
    read: dict[str, Any] = {
        "show": query.get("show") if query.get("show") in SHOWN else None,
        "group": query.get("group"),
        "measure": query.get("measure") if query.get("measure") in {*Measure} else None,
        "date": _day(query.get("date", "")),
        "level": int(query["level"]) if query.get("level", "") in {"0", "1", "2", "3"} else None,
        "origin": query.get("origin"),
    }
    missed = [key for key in _NARROWING if query.get(key) and read[key] is None]
    asked = AS_PUBLISHED
    for key in ("group", "show", "measure", "level", "origin", "date"):
        if not read[key] and read[key] != 0:
            continue
        further = replace(asked, **{key: read[key]})
        if _there(published, map_id, further):
            asked = further
        else:
            missed.append(key)
    return _at_its_level(published, map_id, asked), missed


def _there(published: "Published", map_id: str, asked: Narrowing) -> bool:
    try:
        narrowed(published, map_id, asked)
    except (FigureError, MapError):
        return False
    return True


def _at_its_level(published: "Published", map_id: str, asked: Narrowing) -> Narrowing:
    """Name the level of figures the published map does not show: controls and other days keep to it."""
    if not asked or asked.level is not None:
        return asked
    own, shown = (
        {layer.level for layer in spec.layers if layer.kind in _LEVELLED}
        for spec in (published.map(map_id), narrowed(published, map_id, asked))
    )
    return replace(asked, level=min(shown)) if shown and not shown & own else asked


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def explorer_document(
    published: "Published", map_id: str, asked: Asked, *, embedded: bool
) -> dict[str, Any]:
    """Return everything the page's scripts need to know, as JSON values."""
    released, spec = published.released, published.map(map_id)
    say = messages(asked.lang)
    words = page_words(asked.lang)
    series = offers_of(published, spec)
    origins = sorted({offer.origin for offer in series if offer.origin})
    return {
        "situation": released.situation,
        "map": map_id,
        "title": text_in(spec.title, asked.lang),
        "lang": asked.lang,
        "direction": say.direction,
        "languages": {lang: LANGUAGE_NAMES[lang] for lang in spec.languages},
        "thousands": format_number(1_000_000, asked.lang)[1:2],
        "embedded": embedded,
        "words": {key: text for key, text in words.items() if not key.startswith("home.")},
        "vintage": published.vintage.content,
        "countries": ",".join(released.countries),
        "focus": released.focus,
        "as_of": (spec.as_of or released.as_of).isoformat(),
        "levels": list(published.boundaries.levels),
        "large": [
            level
            for level in published.boundaries.levels
            if len(published.boundaries.codes(level)) > LARGE
        ],
        "groups": {group: say.group(group) for group in sorted({o.group for o in series} - {""})},
        "names": {
            group: say.group(group)
            for group in sorted({*released.figures["group"], *released.flows["group"]})
        },
        "origins": {code: name_of(published, code, asked.lang) for code in origins},
        "offers": [
            [
                offer.show,
                offer.group,
                offer.measure,
                offer.level,
                [day.isoformat() for day in offer.dates],
                offer.origin,
            ]
            for offer in series
        ],
        "layers": [
            {"kind": layer.kind, "groups": list(layer.groups), "level": layer.level}
            for layer in spec.layers
        ],
        "underlays": [
            underlay_document(each, asked.lang)
            for each in kept_rasters(published.home, released.situation)
        ],
        "state": _state(asked),
        "missed": [words[key] for key in asked.missed],
    }


def _state(asked: Asked) -> dict[str, Any]:
    narrowing = asdict(asked.narrowing)
    narrowing["date"] = asked.narrowing.date and asked.narrowing.date.isoformat()
    kept = {key: value for key, value in narrowing.items() if value is not None}
    more = {
        "place": asked.place,
        "inside": asked.inside,
        "compare": asked.compare,
        "under": asked.under,
    }
    view = {"at": asked.view} if asked.view else {}
    return {**kept, **{key: value for key, value in more.items() if value}, **view}
