"""One unit as a JSON document: what `geo.unit_profiles` knows, with names beside the codes."""

import datetime as dt
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from service.counting import exact
from service.documents import name_of, notes_of

if TYPE_CHECKING:
    from geo.unit_profiles import UnitCount
    from service.published import Published

__all__ = ["unit_document"]


def unit_document(published: "Published", pcode: str, lang: str) -> dict[str, Any]:
    """Return one unit's counts, flows, partners and neighbours; raises `UnknownUnit`."""
    from geo.unit_profiles import unit_profile

    profile = unit_profile(published.released, published.boundaries, pcode, lang=lang)
    carried = {code for count in profile.counts for code in count.carried}
    return {
        "situation": published.released.situation,
        "edition": published.edition.id,
        "vintage": published.vintage.id,
        "pcode": profile.pcode,
        "name": profile.name,
        "level": profile.level,
        "iso3": profile.iso3,
        "bbox": _bbox(published, pcode),
        "parents": [_brief(published, code, lang) for code in profile.parents],
        "children": [_brief(published, code, lang) for code in profile.children],
        "counts": [_count(count) for count in profile.counts],
        "flows_in": [_flow(published, _members(flow), lang) for flow in profile.flows_in],
        "flows_out": [_flow(published, _members(flow), lang) for flow in profile.flows_out],
        "partners": [_plain(_members(partner)) for partner in profile.partners],
        "notes": notes_of(published, lang, {pcode}) if carried else [],
    }


def _count(count: "UnitCount") -> dict[str, Any]:
    plain: dict[str, Any] = count._asdict()
    plain["start"] = count.start and _text(count.start)
    plain["date"] = _text(count.date)
    for name in ("value", "low", "high"):
        plain[name] = exact(plain[name])
    return plain  # tuples are lists in JSON


@lru_cache(maxsize=4096)
def _text(day: dt.date) -> str:
    return day.isoformat()


def _bbox(published: "Published", pcode: str) -> list[float]:
    frame = published.boundaries.frame
    shape = frame.loc[frame["pcode"] == pcode].geometry.iloc[0]
    return [round(float(edge), 4) for edge in shape.bounds]


def _brief(published: "Published", pcode: str, lang: str) -> dict[str, Any]:
    unit = published.boundaries.unit(pcode)
    return {"pcode": pcode, "name": published.boundaries.name(pcode, lang), "level": unit.level}


def _flow(published: "Published", flow: dict[str, Any], lang: str) -> dict[str, Any]:
    names = {
        "origin_name": name_of(published, flow["origin"], lang),
        "destination_name": name_of(published, flow["destination"], lang),
    }
    return names | _plain(flow)


def _members(record: Any) -> dict[str, Any]:
    """Return the members of a flat record; there is nothing in it to copy."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with days as text, persons as whole numbers and tuples as lists."""
    plain: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dt.date):
            plain[key] = value.isoformat()
        elif isinstance(value, float):
            plain[key] = exact(value)
        else:
            plain[key] = list(value) if isinstance(value, tuple) else value
    return plain
