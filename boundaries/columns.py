"""Which column of a boundary file says what, by the columns' names. What a user names wins.

Boundary files call their columns in dozens of ways (42 sets in 88 files of one publisher):
``admin1Pcod`` (cut to ten letters by DBF), ``admin1Pcode``, ``ADM1_PCODE``, ``adm1_pcode``; names are
``admin1Name``, ``admin1Name_fr``, ``ADM1_FR``, ``adm1_name``; GADM has ``GID_1`` and ``NAME_1``,
geoBoundaries ``shapeID``, Natural Earth ``adm1_code``; hand-made files ``pcode``, ``name``, ``parent``.
What no name tells is looked for in the content (`boundaries.recognition`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from boundaries.units import LANGUAGES

__all__ = ["Columns", "recognise_columns"]

_CODE = re.compile(r"adm(?:in)?_?([0-5])_?(?:p_?cod[e]?|code)")
_NAME = re.compile(
    r"adm(?:in)?_?([0-5])_?(?:na(?:me?)?)?(?:_?(en|fr|es|ar)|_(?:pt|ru|uk|fa|ur|so|sw|ht|km|lo|my|ne|vi)|_?\d)?"
)
_REFERENCE = re.compile(r"adm(?:in)?_?([0-5])_?ref(?:n(?:ame)?)?")
_ALIAS = re.compile(r"adm(?:in)?_?([0-5])_?al(?:t(?:n(?:a(?:me?)?)?)?)?_?\d?(?:_?(?:en|fr|es|ar))?")
_GADM_CODE = re.compile(r"gid_([0-5])")
_GADM_NAME = re.compile(r"name_([0-5])")
_VALID = {
    "on": ("validon", "valid_on", "valid_from", "validfrom"),
    "to": ("validto", "valid_to", "valid_until"),
}
_PLAIN = {
    "code": ("pcode", "p_code", "unit_pcode", "unit_code", "code", "shapeid"),
    "name": ("name", "unit_name", "shapename", "label"),
    "parent": ("parent", "parent_pcode", "parent_code", "ppcode"),
    "level": ("level", "admin_level", "adm_level"),
    "iso3": ("iso3", "iso_a3", "adm0_a3", "shapegroup", "country_iso3", "iso3166_1_alpha_3"),
    "type": ("type", "unit_type", "type_en", "shapetype"),
}
_NE_COUNTRY_CODES = ("adm0_a3", "gu_a3", "su_a3", "brk_a3")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table, by what they say; None or empty where there is none.

    ``level`` is a column; ``fixed_level`` the one level of all rows where the columns' own names say
    it (``admin2Pcode``). ``codes_above`` and ``names_above`` are the columns of the levels above, by
    level. ``aliases`` hold other spellings. ``style`` is the publisher's way of naming columns
    ("cod", "gadm", "geoboundaries", "natural-earth", "plain"); ``how`` says, by field, how a column was
    recognised, where not by its name. ``nested_codes``: a code begins with its parent's, and nothing else
    tells the parent.
    """

    code: str | None = None
    parent: str | None = None
    level: str | None = None
    fixed_level: int | None = None
    iso3: str | None = None
    type: str | None = None
    names: tuple[str, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    codes_above: Mapping[int, str] = field(default_factory=dict)
    names_above: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    valid_on: str | None = None
    valid_to: str | None = None
    nested_codes: bool = False
    style: str = "plain"
    how: Mapping[str, str] = field(default_factory=dict)


def recognise_columns(
    columns: Iterable[str],
    *,
    code: str | None = None,
    name: str | None = None,
    parent: str | None = None,
    level: str | int | None = None,
    iso3: str | None = None,
) -> Columns:
    """Return what each column says. What is given by name is taken as it is.

    Examples
    --------
    >>> found = recognise_columns(["OBJECTID", "admin0Pcod", "admin1Pcod", "admin1Name"])
    >>> found.code, found.fixed_level, found.parent, found.names
    ('admin1Pcod', 1, 'admin0Pcod', ('admin1Name',))
    """
    given = list(columns)
    found = None if code else _gadm(given) or _natural_earth(given)
    if found is None:  # a publisher's levels and parents go with the publisher's code
        own_level = level if code and isinstance(level, int) else None
        found = _numbered_or_plain(given, use_styled=code is None, level=own_level)
    valid = {which: _first(given, words) for which, words in _VALID.items()}
    return replace(
        found,
        code=code or found.code,
        names=(name,) if name else found.names,
        parent=parent or found.parent,
        level=level if isinstance(level, str) else None if level is not None else found.level,
        fixed_level=level if isinstance(level, int) else None if level else found.fixed_level,
        iso3=iso3 or found.iso3,
        valid_on=valid["on"],
        valid_to=valid["to"],
    )


def _first(given: list[str], words: Iterable[str]) -> str | None:
    """Return the column that has the first of some names, in capitals or not."""
    by_name = {column.lower(): column for column in reversed(given)}
    return next((by_name[word] for word in words if word in by_name), None)


def _languages(given: list[str]) -> dict[str, str]:
    found = {lang: _first(given, (f"name_{lang}",)) for lang in LANGUAGES}
    return {lang: column for lang, column in found.items() if column is not None}


def _gadm(given: list[str]) -> Columns | None:
    """Recognise GADM 3.6 and later: GID_0 … GID_n. Its codes are its own, its GID_0 is ISO 3166-1."""
    codes = {int(m[1]): c for c in given if (m := _GADM_CODE.fullmatch(c.lower()))}
    if 0 not in codes:
        return None
    own = max(codes)
    names = {int(m[1]): c for c in given if (m := _GADM_NAME.fullmatch(c.lower()))}
    country = names.get(0) or _first(given, ("country",))
    names |= {0: country} if country else {}
    other = (_first(given, (f"varname_{own}",)), _first(given, (f"nl_name_{own}",)))
    return Columns(
        code=codes[own],
        parent=codes.get(own - 1),
        fixed_level=own,
        iso3=codes[0],
        type=_first(given, (f"engtype_{own}", f"type_{own}")),
        names=(names[own],) if own in names else (),
        codes_above={n: c for n, c in codes.items() if n < own},
        names_above={n: (c,) for n, c in names.items() if n < own},
        aliases=tuple(column for column in other if column),
        style="gadm",
    )


def _natural_earth(given: list[str]) -> Columns | None:
    """Recognise Natural Earth. Its LEVEL, TYPE and FIPS columns are not what they seem."""
    if _first(given, ("featurecla",)) is None or _first(given, ("adm0_a3",)) is None:
        return None
    country = str(_first(given, ("adm0_a3",)))
    region = _first(given, ("adm1_code",))
    iso3 = _first(given, ("adm0_a3",) if region else ("iso_a3_eh", "iso_a3", "adm0_a3"))
    name = _first(given, ("name", "admin"))
    admin = _first(given, ("admin",))
    other = (_first(given, ("name_alt",)), _first(given, ("name_local", "name_long")))
    return Columns(
        code=region or country,
        parent=country if region else None,
        fixed_level=1 if region else 0,
        iso3=iso3,
        type=_first(given, ("type_en", "type")),
        names=(name,) if name else (),
        languages=_languages(given),
        codes_above={0: country} if region else {},
        names_above={0: (admin,)} if region and admin else {},
        aliases=tuple(column for column in other if column),
        style="natural-earth",
    )


def _numbered_or_plain(given: list[str], *, use_styled: bool, level: int | None) -> Columns:
    """Recognise columns numbered by level (OCHA's, in every generation), else plain names."""
    codes: dict[int, str] = {}
    names: dict[int, list[str]] = {}
    references: dict[int, list[str]] = {}
    aliases: dict[int, list[str]] = {}
    languages: dict[int, dict[str, str]] = {}
    plain: dict[str, tuple[int, str]] = {}
    for column in given:
        low = column.lower()
        for what, words in _PLAIN.items():
            if low in words and (what not in plain or words.index(low) < plain[what][0]):
                plain[what] = (words.index(low), column)
        if match := _CODE.fullmatch(low):
            codes.setdefault(int(match[1]), column)
        elif match := _REFERENCE.fullmatch(low):
            references.setdefault(int(match[1]), []).append(column)
        elif match := _ALIAS.fullmatch(low):
            aliases.setdefault(int(match[1]), []).append(column)
        elif (match := _NAME.fullmatch(low)) and low != f"adm{match[1]}":
            names.setdefault(int(match[1]), []).append(column)
            if match[2]:
                languages.setdefault(int(match[1]), {}).setdefault(match[2], column)
    languages[-1] = _languages(given)
    chosen = {what: column for what, (_, column) in plain.items()}
    styled = use_styled and bool(codes) and "code" not in chosen
    own = max(codes) if styled else -1
    called = [*names.get(own, ()), *references.get(own, ())]
    if not styled:
        called = [chosen["name"]] if "name" in chosen else []
    of = own if styled else -1 if level is None else level
    above = {n: column for n, column in codes.items() if n < of}
    return Columns(
        code=codes[own] if styled else chosen.get("code"),
        parent=above.get(own - 1) if styled else chosen.get("parent", above.get(of - 1)),
        level=None if styled else chosen.get("level"),
        fixed_level=own if styled else None,
        iso3=chosen.get("iso3"),
        type=chosen.get("type"),
        names=tuple(called),
        languages=languages.get(own, {}),
        codes_above=above,
        names_above={n: (*names.get(n, ()), *references.get(n, ())) for n in above},
        aliases=tuple(aliases.get(own, ())),
        style=_plain_style(given) if not styled else "cod",
    )


def _plain_style(given: list[str]) -> str:
    return "geoboundaries" if _first(given, ("shapeid",)) else "plain"
