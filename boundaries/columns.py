"""Which column of a boundary file says what. Explicit names win; a guess is never made twice over.

Boundary files call their columns in dozens of ways (42 sets in 88 files of one publisher):
``admin1Pcod`` (cut to ten letters by DBF), ``admin1Pcode``, ``ADM1_PCODE``, ``adm1_pcode``; names are
``admin1Name``, ``admin1Name_fr``, ``ADM1_FR``, ``adm1_name``; hand-made files have ``pcode``, ``name``,
``parent``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from boundaries.units import LANGUAGES

__all__ = ["Columns", "recognise_columns"]

_CODE = re.compile(r"adm(?:in)?_?([0-5])_?(?:p_?cod[e]?|code)")
_NAME = re.compile(r"adm(?:in)?_?([0-5])_?(?:na(?:me?)?)?(?:_?(en|fr|es|ar)|_?(\d))?")
_REFERENCE = re.compile(r"adm(?:in)?_?([0-5])_?refn(?:ame)?")
_PLAIN = {
    "code": ("pcode", "p_code", "unit_pcode", "unit_code", "code", "shapeid"),
    "name": ("name", "unit_name", "shapename", "label"),
    "parent": ("parent", "parent_pcode", "parent_code", "ppcode"),
    "level": ("level", "admin_level", "adm_level"),
    "iso3": ("iso3", "iso_a3", "adm0_a3", "shapegroup", "country_iso3", "iso3166_1_alpha_3"),
    "type": ("type", "unit_type", "type_en", "shapetype"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file, by what they say; None or empty where there is none.

    ``level`` is a column; ``fixed_level`` the one level of all rows where the columns' own names say
    it (``admin2Pcode``). ``codes`` and ``names`` are the columns of the levels above, by level.
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
    codes: dict[int, str] = {}
    names: dict[int, list[str]] = {}
    references: dict[int, list[str]] = {}
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
        elif (match := _NAME.fullmatch(low)) and low != f"adm{match[1]}":
            names.setdefault(int(match[1]), []).append(column)
            if match[2]:
                languages.setdefault(int(match[1]), {}).setdefault(match[2], column)
    for lang in LANGUAGES:
        for column in given:
            if column.lower() == f"name_{lang}":
                languages.setdefault(-1, {})[lang] = column
    chosen = {what: column for what, (_, column) in plain.items()}
    styled = code is None and bool(codes) and "code" not in chosen
    own = max(codes) if styled else -1
    fixed = level if isinstance(level, int) else own if styled else None
    called = [*names.get(own, ()), *references.get(own, ())]
    if not styled:
        called = [chosen["name"]] if "name" in chosen else []
    above = {n: column for n, column in codes.items() if fixed is not None and n < fixed}
    return Columns(
        code=code or (codes[own] if styled else chosen.get("code")),
        parent=parent or (above.get(own - 1) if styled else chosen.get("parent")),
        level=level
        if isinstance(level, str)
        else None
        if fixed is not None
        else chosen.get("level"),
        fixed_level=fixed,
        iso3=iso3 or chosen.get("iso3"),
        type=chosen.get("type"),
        names=(name,) if name else tuple(called),
        languages=languages.get(own, {}),
        codes_above=above,
        names_above={n: (*names.get(n, ()), *references.get(n, ())) for n in above},
    )
