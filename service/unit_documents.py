"""One unit as a JSON document: what `geo.unit_profiles` knows, with names beside the codes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from service.counting import exact
from service.counts_files import json_bytes
from service.documents import name_of, notes_of
from service.row_texts import codes_cell, json_rows, number_cell, plain_cell

if TYPE_CHECKING:
    from service.published import Published

__all__ = ["unit_bytes"]


_COUNTED: dict[str, Callable[[Any], str]] = {
    "group": plain_cell,
    "measure": plain_cell,
    "kind": plain_cell,
    "unit": plain_cell,
    "start": plain_cell,
    "date": plain_cell,
    "origin": plain_cell,
    "value": number_cell,
    "state": plain_cell,
    "qualifier": plain_cell,
    "basis": plain_cell,
    "carried": codes_cell,
    "sources": codes_cell,
    "low": number_cell,
    "high": number_cell,
}
"""How each column of a unit's figures is written."""


def unit_bytes(published: "Published", pcode: str, lang: str) -> bytes:
    """Return one unit's counts, flows, partners and neighbours as JSON; raises `UnknownUnit`."""
    from geo.unit_profiles import unit_profile

    profile = unit_profile(published.released, published.boundaries, pcode, lang=lang)
    carried = any(joined.strip("|") for joined in set(profile.counted["carried"]))
    before = {
        "situation": published.released.situation,
        "edition": published.edition.id,
        "vintage": published.vintage.id,
        "pcode": profile.pcode,
        "name": profile.name,
        "level": profile.level,
        "iso3": profile.iso3,
        "bbox": [round(float(edge), 4) for edge in published.boundaries.bounds(pcode)],
        "parents": [_brief(published, code, lang) for code in profile.parents],
        "children": [_brief(published, code, lang) for code in profile.children],
    }
    after = {
        "flows_in": [_flow(published, _members(flow), lang) for flow in profile.flows_in],
        "flows_out": [_flow(published, _members(flow), lang) for flow in profile.flows_out],
        "partners": [_plain(_members(partner)) for partner in profile.partners],
        "notes": notes_of(published, lang, {pcode}) if carried else [],
    }
    counts = json_rows(profile.counted, _COUNTED).encode()
    return json_bytes(before)[:-1] + b',"counts":[' + counts + b"]," + json_bytes(after)[1:]


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
