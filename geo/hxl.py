"""HXL hashtags. A tag says what a column holds; the order and case of its attributes are free.

References
----------
HXL 1.1 (hxlstandard.org, 2018), and the 2014 alpha tags that old files still carry.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Tag", "hxl_share", "is_tag", "tag_in"]

_TAG = re.compile(r"#\s*([a-z][a-z0-9_]*)((?:\s*[+/]\s*[a-z0-9_]+)*)", re.IGNORECASE)
_NOT_TAGS = {"#n/a", "#na", "#ref", "#value", "#name", "#num", "#null", "#div"}

_ALPHA: Mapping[str, str] = {  # 2014 → 1.1
    "#report_date": "#date+reported",
    "#from_date": "#date+start",
    "#to_date": "#date+end",
    "#period_date": "#date",
    "#source": "#meta+source",
    "#source_id": "#meta+source+code",
    "#country_id": "#country+code",
    "#region_id": "#region+code",
    "#loc_id": "#loc+code",
    "#loctype": "#loc+type",
    **{f"#adm{level}_id": f"#adm{level}+code" for level in range(1, 6)},
    "#lat_deg": "#geo+lat",
    "#lon_deg": "#geo+lon",
    "#sex": "#gender",
    "#origin": "#country+origin",
    "#origin_id": "#country+code+origin",
    "#people_num": "#affected",
    "#aff_num": "#affected",
    "#households_num": "#affected+hh",
    "#females_num": "#affected+f",
    "#males_num": "#affected+m",
    "#idp_num": "#affected+idps",
    "#refugee_num": "#affected+refugees",
    "#inneed_num": "#inneed",
    "#targeted_num": "#targeted",
    "#reached_num": "#reached",
    "#org_id": "#org+code",
    "#impl": "#org+impl",
    "#impl_id": "#org+impl+code",
    "#funder": "#org+funder",
    "#prog": "#org+prog",
    "#sector_id": "#sector+code",
    "#activity_id": "#activity+code",
}
_MISSPELT = {f"#admin{level}": f"#adm{level}" for level in range(6)} | {
    "#adm0": "#country",
    "#organisation": "#org",
    "#organization": "#org",
    "#cluster": "#sector+cluster",
    "#pcode": "#loc+code",
    "#refugees": "#affected+refugees",
    "#idps": "#affected+idps",
    "#population_group": "#group",
}
_ATTRIBUTES = {
    "occured": "occurred",
    "pcode": "code",
    "p_code": "code",
    "id": "code",
    "acronyms": "acronym",
    "implementing": "impl",
    "implementer": "impl",
    "partner": "impl",
    "idp": "idps",
    "refugee": "refugees",
    "returnee": "returnees",
    "ind": "individuals",
    "hhs": "hh",
    "households": "hh",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag and its attributes, in today's spelling.

    >>> Tag("#adm1", frozenset({"code"})).has("code"), Tag("#adm1", frozenset()).level
    (True, 1)
    """

    name: str
    attributes: frozenset[str]

    def has(self, *attributes: str) -> bool:
        """Whether all of ``attributes`` are there."""
        return self.attributes.issuperset(attributes)

    @property
    def level(self) -> int | None:
        """Level of an admin unit's column: 0 for a country, None for what is no unit."""
        if self.name == "#country":
            return 0
        match = re.fullmatch(r"#adm([0-5])", self.name)
        return int(match[1]) if match else None


def is_tag(cell: str) -> bool:
    """Whether a cell is a hashtag, well spelled or not.

    >>> [is_tag(cell) for cell in ("#adm1 +name", "#country/fr", "#N/A", "# of girls", "adm1")]
    [True, True, False, False, False]
    """
    text = cell.strip().lower()
    return _TAG.fullmatch(text) is not None and text not in _NOT_TAGS


def hxl_share(cells: Sequence[str]) -> float:
    """Return which share of a row's filled cells are hashtags."""
    filled = [cell for cell in cells if cell]
    return sum(map(is_tag, filled)) / len(filled) if filled else 0.0


def tag_in(cell: str) -> Tag | None:
    """Return the tag in a cell, in today's spelling, or None.

    >>> tag = tag_in(" #Adm1 + origin +pcode")
    >>> tag.name, sorted(tag.attributes)
    ('#adm1', ['code', 'origin'])
    >>> tag_in("#refugee_num") == tag_in("#affected+refugees")
    True
    """
    if not is_tag(cell):
        return None
    match = _TAG.fullmatch(cell.strip().lower())
    if match is None:  # pragma: no cover -- is_tag has said so
        return None
    name = f"#{match[1]}"
    name = _MISSPELT.get(name, _ALPHA.get(name, name))
    name, *own = name.split("+")
    given = re.findall(r"[a-z0-9_]+", match[2])
    if "/" in match[2]:  # 2014: #adm1/fr names a language
        given = [word for word in given if len(word) > 2]
    return Tag(name, frozenset([*own, *(_ATTRIBUTES.get(word, word) for word in given)]))
