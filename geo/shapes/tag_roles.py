"""What a column is for, by its HXL tag. Reach, need and sex or age are not displacement."""

from geo.hxl import Tag
from geo.shapes.roles import Role

__all__ = ["role_of_tag"]

_TAG_GROUPS = (
    (("idps", "returnees"), "RDP"),
    (("refugees", "returnees"), "RET"),
    (("returnees",), "RET"),
    (("asylum_seekers",), "ASY"),
    (("refugees",), "REF"),
    (("idps",), "IDP"),
    (("stateless",), "STA"),
    (("oip",), "OIP"),
    (("hst",), "HST"),
    (("others",), "OOC"),
)
_SPLIT_ATTRIBUTES = frozenset(
    {"f", "m", "infants", "children", "adolescents", "adults", "elderly", "girls", "boys"}
    | {"incoming", "outgoing", "disabled"}
)


def role_of_tag(tag: Tag) -> Role | None:
    """Return what a hashtag says the column is for, or None.

    >>> from geo.hxl import tag_in
    >>> role_of_tag(tag_in("#affected+idps+hh")).unit, role_of_tag(tag_in("#adm1+code+origin")).what
    ('households', 'origin')
    """
    if tag.level is not None or tag.name in ("#loc", "#region"):
        return _tagged_place(tag)
    if tag.name in ("#affected", "#population", "#value", "#inneed", "#targeted", "#reached"):
        return _tagged_count(tag)
    code = tag.has("code")
    what = {
        "#org": _tagged_organisation(tag),
        "#sector": "sector_code" if code else "sector",
        "#subsector": "mark",
        "#date": "start" if tag.has("start") else "date",
        "#group": "group",
        "#activity": "mark" if code else "activity",
        "#adm": "level",
        "#gender": "part",
        "#age": "part",
        "#geo": "mark",
        "#meta": "source" if tag.has("source") else "mark",
    }.get(tag.name)
    return Role(what) if what is not None else None


def _tagged_organisation(tag: Tag) -> str:
    if tag.attributes & {"funder", "prog", "code", "presence", "capacity"}:
        return "mark"
    if tag.has("acronym"):
        return "acronym"
    return "org_type" if tag.has("type") else "org"


def _tagged_place(tag: Tag) -> Role:
    what = "origin" if tag.has("origin") else "place"
    if tag.attributes & {"destination", "dest"}:
        what = "destination"
    level = tag.level
    rank = {"#loc": 4.0, "#region": 0.5}.get(tag.name, float(level or 0))
    if tag.has("provider") or tag.attributes & {"alt", "ref"}:
        return Role("mark")
    return Role(what, level=level, code=tag.has("code"), rank=rank)


def _tagged_count(tag: Tag) -> Role:
    if tag.name in ("#inneed", "#targeted", "#reached"):
        return Role("mark")  # reach and need are not displacement
    if tag.attributes & {"group", "status"}:
        return Role("part")
    if tag.attributes & {"killed", "injured", "missing", "funding", "pct"}:
        return Role("mark")
    if tag.attributes & _SPLIT_ATTRIBUTES or any(a.startswith("age_") for a in tag.attributes):
        return Role("split")
    group = next((g for wanted, g in _TAG_GROUPS if tag.has(*wanted)), "")
    if not group and tag.name == "#population":
        group = "POP"
    return Role("value", group=group, unit="households" if tag.has("hh") else "")
