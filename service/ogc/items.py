"""One request for features: what was asked, and the page of GeoJSON or the facts of a web page.

Pages are counted from the start (`offset`), in the order of the collection, which never changes
within an edition. ``timeStamp`` is when the edition was published, not the clock: the same edition
answers with the same bytes.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maps.spec import LANGUAGES
from service.documents import notes_of
from service.errors import BadParameter
from service.ogc.collection import Collection
from service.ogc.collections import Collections
from service.ogc.counted_features import FigureChoice
from service.ogc.feature_table import FeatureTable
from service.ogc.links import GEOJSON, HTML, JSON, Site, link
from service.ogc.negotiation import whole_number
from service.ogc.windows import Box, Window, read_box, read_window

__all__ = [
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "FeaturePage",
    "ItemsAsked",
    "feature_page",
    "feature_text",
    "item_parameters",
    "page_links",
    "page_text",
    "read_items_query",
    "time_stamp",
]

DEFAULT_LIMIT, MAX_LIMIT = 100, 2000
_SHARED = ("f", "lang", "limit", "offset", "bbox", "datetime")
_LONGEST = 200  # characters of a filter's value


@dataclass(frozen=True, slots=True)
class ItemsAsked:
    """What is asked of a collection. ``given`` are the parameters as they came, but ``f``."""

    limit: int
    offset: int
    box: Box | None
    window: Window | None
    wanted: Mapping[str, str]
    lang: str
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """Some of the features that match: ``places`` in ``table``, of ``matched`` in all."""

    table: FeatureTable
    places: NDArray[np.intp]
    matched: int


def item_parameters(collection: Collection) -> tuple[str, ...]:
    """Return the parameters its items take."""
    return (*_SHARED, *collection.filters)


def read_items_query(collection: Collection, given: Mapping[str, str]) -> ItemsAsked:
    """Read what is asked; ``given`` holds known parameters only. Raises `BadParameter`."""
    lang = given.get("lang", "en")
    if lang not in LANGUAGES:
        raise BadParameter("lang", expected="a language", known=LANGUAGES)
    limit = whole_number("limit", given.get("limit", str(DEFAULT_LIMIT)), at_least=1)
    wanted = {}
    for name, known in collection.filters.items():
        if name in given:
            if (known and given[name] not in known) or not 0 < len(given[name]) <= _LONGEST:
                raise BadParameter(name, expected="a value there is", known=known)
            wanted[name] = given[name]
    box = window = None
    try:
        at_fault = "bbox"
        box = read_box(given["bbox"]) if "bbox" in given else None
        at_fault = "datetime"
        window = read_window(given["datetime"]) if "datetime" in given else None
    except ValueError as error:
        raise BadParameter(at_fault, expected="another value") from error
    return ItemsAsked(
        limit=min(limit, MAX_LIMIT),
        offset=whole_number("offset", given.get("offset", "0"), at_least=0),
        box=box,
        window=window,
        wanted=wanted,
        lang=lang,
        given={name: value for name, value in sorted(given.items()) if name != "f"},
    )


def feature_page(
    collections: Collections, collection: Collection, asked: ItemsAsked
) -> FeaturePage:
    """Return the features asked for. Of counts, group, measure and time choose the columns."""
    wanted, window, choice = dict(asked.wanted), asked.window, None
    if collection.kind == "counts":
        choice = FigureChoice(wanted.pop("group", None), wanted.pop("measure", None), window)
        window = None
    table = collections.features(collection, asked.lang, choice)
    matching = table.matching(asked.box, window, wanted)
    here = matching[asked.offset : asked.offset + asked.limit]
    return FeaturePage(table, here, len(matching))


def page_text(collection: Collection, asked: ItemsAsked, page: FeaturePage, site: Site) -> str:
    """Return the page as a GeoJSON FeatureCollection; what is said of it are foreign members."""
    features = ",".join(page.table.written(int(place)) for place in page.places)
    head = {
        "timeStamp": time_stamp(collection),
        "numberMatched": page.matched,
        "numberReturned": len(page.places),
        "links": page_links(collection, asked, page, site, GEOJSON),
        **_provenance(collection, asked.lang),
    }
    rest = json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":"))[1:]
    return f'{{"type":"FeatureCollection","features":[{features}],{rest}'


def page_links(
    collection: Collection, asked: ItemsAsked, page: FeaturePage, site: Site, media_type: str
) -> list[dict[str, Any]]:
    """Return a page's links: itself, its other form, its neighbours, its collection."""
    form, other = ("json", "html") if media_type == GEOJSON else ("html", "json")
    other_type = HTML if other == "html" else GEOJSON

    def at(form: str, offset: int) -> str:
        query: dict[str, str | int] = {**asked.given, "f": form}
        query.pop("offset", None)
        return site.at(
            "collections", collection.id, "items", **query, **({"offset": offset} if offset else {})
        )

    links = [
        link(at(form, asked.offset), "self", media_type, "this page"),
        link(at(other, asked.offset), "alternate", other_type, f"this page as {other.upper()}"),
        link(site.at("collections", collection.id), "collection", JSON, "the collection"),
    ]
    after = asked.offset + asked.limit
    if after < page.matched:
        links.append(link(at(form, after), "next", media_type, "next page"))
    if asked.offset:
        before = max(0, asked.offset - asked.limit)
        links.append(link(at(form, before), "prev", media_type, "previous page"))
    return links


def feature_text(
    collection: Collection, table: FeatureTable, place: int, lang: str, site: Site
) -> str:
    """Return one feature as GeoJSON with its links."""
    asked = None if lang == "en" else lang
    here = ("collections", collection.id, "items", table.ids[place])
    links = [
        link(site.at(*here, lang=asked, f="json"), "self", GEOJSON, "this feature"),
        link(site.at(*here, lang=asked, f="html"), "alternate", HTML, "this feature as a page"),
        link(site.at("collections", collection.id), "collection", JSON, "its collection"),
    ]
    return table.written(place, links)


def time_stamp(collection: Collection) -> str:
    """Return when the collection's edition was published, in UTC."""
    published = collection.published.edition.published
    aware = published if published.tzinfo else published.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _provenance(collection: Collection, lang: str) -> dict[str, Any]:
    """Say which boundaries and which edition, and what every answer must say."""
    vintage = {"vintage": collection.published.vintage.id}
    if not collection.situation:
        return vintage
    return {
        "edition": collection.published.edition.id,
        **vintage,
        "notes": notes_of(collection.published, lang),
    }
