"""Which column says what, by names and, where no name tells, by content. A guess says why it was made.

Names come first (`boundaries.columns`). What they leave open is looked for in the cells: a code is
filled, unique and looks like one; a name is words; a parent is what codes begin with, or another
row's code. Every choice by content is told in ``how``, so that a person can confirm or correct it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from boundaries.cells import days, text
from boundaries.columns import Columns, recognise_columns
from boundaries.units import LANGUAGES

__all__ = ["explain", "recognise"]

_CODE_LIKE = re.compile(r"[A-Z]{0,4}[-_.:]?(?=[^ ]*\d)[0-9A-Z][0-9A-Z._:\-]{0,30}")
_LETTERED = re.compile(r"[A-Z]{2,3}[-_.]?\d")
_WORDS = re.compile(r"[^\W\d_][\w'’ʼ`.,()/ \-]*")
_CODE_HINT = re.compile(r"cod|pcod|_id$|^id_|gid|iso_?3166|hasc")
_NAME_HINT = re.compile(r"nam|nom|label|libel|toponym|اسم|admin\d?$")
_MEASURES = re.compile(
    r"object_?id|^o?g?fid|^shape[_.]|area|len|perim|^date|^valid|^x_|^y_|lat|lon|pop"
)
_LEVEL = re.compile(r"(?:adm(?:in)?|level)?[_ ]?([0-5])", re.IGNORECASE)
_MOSTLY = 0.9
_ENOUGH = 2.0


def recognise(
    table: pd.DataFrame,
    *,
    code: str | None = None,
    name: str | None = None,
    parent: str | None = None,
    level: str | int | None = None,
    iso3: str | None = None,
) -> Columns:
    """Return what each column of a table says.

    Parameters
    ----------
    table : DataFrame
        As read; a ``geometry`` column is not looked at.
    code, name, parent, level, iso3 : str, optional
        Columns named by the user (``level`` also the one level of all rows): taken as they are.

    Examples
    --------
    >>> found = recognise(pd.DataFrame({"GEO": ["XA0101", "XA0102"], "Zone": ["XA01", "XA01"],
    ...                                 "Libellé": ["Alpha", "Béta"]}))
    >>> found.code, found.parent, found.names, found.how["code"]
    ('GEO', 'Zone', ('Libellé',), '2 of 2 rows have a code of their own, like XA0101')
    """
    given = [str(column) for column in table.columns if column != "geometry"]
    found = recognise_columns(given, code=code, name=name, parent=parent, level=level, iso3=iso3)
    if any(column is not None and column not in given for column in (code, name, parent, iso3)):
        return found  # a column that was named and is not there is the caller's to refuse
    cells = {column: text(table[column]) for column in given}
    how: dict[str, str] = {}
    found = _levels_in_types(found, cells)
    found = _unique_country_code(found, cells)
    if found.code is None:
        found = _code(found, cells, how)
    if not found.names and not found.languages:
        found = _name(found, cells, how)
    if found.code is not None and found.parent is None and not found.codes_above:
        found = _parents(found, cells, how)
    return replace(found, languages=_stated_languages(found, given, cells), how=how)


def explain(found: Columns, table: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Return what was recognised as rows to show: what, column, why, an example from the table."""
    rows = []

    def tell(what: str, column: str | None, key: str = "") -> None:
        if column is not None and column in table:
            filled = [value for value in text(table[column]) if value]
            why = found.how.get(key or what, "by its name")
            rows.append((what, column, why, filled[0] if filled else ""))

    tell("code", found.code)
    for column in found.names:
        tell("name", column)
    for lang, column in found.languages.items():
        tell(f"name ({lang})", column, "language")
    for column in found.aliases:
        tell("other name", column)
    if found.nested_codes:
        rows.append(("parent", str(found.code), found.how["parent"], ""))
    tell("parent", found.parent)
    for above, column in sorted(found.codes_above.items()):
        tell(f"code of level {above}", column, "parent")
    tell("level", found.level)
    if found.fixed_level is not None:
        rows.append(
            (
                "level",
                "",
                found.how.get("level", "by the names of the columns"),
                str(found.fixed_level),
            )
        )
    tell("country", found.iso3)
    tell("type", found.type)
    for what, of_day in (("valid from", found.valid_on), ("valid to", found.valid_to)):
        if of_day is not None and of_day in table:
            day = min(days(table[of_day]), default=None)
            rows.append((what, of_day, "by its name", day.isoformat() if day else ""))
    return rows


def _share(cells: "pd.Series[str]", pattern: re.Pattern[str]) -> float:
    filled = cells[cells != ""]
    return float(filled.str.fullmatch(pattern).mean()) if len(filled) else 0.0


def _unique(cells: "pd.Series[str]") -> float:
    return cells[cells != ""].nunique() / max(len(cells), 1)


def _levels_in_types(found: Columns, cells: Mapping[str, "pd.Series[str]"]) -> Columns:
    """Take a type column that says ADM1, ADM2… for what it is: the level."""
    if found.type is None or found.level is not None or found.fixed_level is not None:
        return found
    if _share(cells[found.type], re.compile(r"ADM[0-5]")) < 1:
        return found
    return replace(found, level=found.type, type=None)


def _unique_country_code(found: Columns, cells: Mapping[str, "pd.Series[str]"]) -> Columns:
    """Choose, in a Natural Earth table of parts of countries, the code that tells the parts apart."""
    if found.style != "natural-earth" or found.fixed_level != 0 or found.code is None:
        return found
    by_low = {column.lower(): column for column in cells}
    for low in ("adm0_a3", "gu_a3", "su_a3", "brk_a3"):
        if low in by_low and _unique(cells[by_low[low]]) == 1:
            return replace(found, code=by_low[low])
    return found


def _code(found: Columns, cells: Mapping[str, "pd.Series[str]"], how: dict[str, str]) -> Columns:
    scores: dict[str, float] = {}
    for column, said in cells.items():
        low = column.lower()
        if column in (found.parent, found.iso3, *found.names) or _MEASURES.search(low):
            continue
        if (said != "").mean() < _MOSTLY or _unique(said) < _MOSTLY:
            continue
        pattern = _share(said, _CODE_LIKE)
        if pattern < _MOSTLY or _is_running(said):
            continue
        lettered = said.str.match(_LETTERED).mean()
        scores[column] = pattern + (1.0 if _CODE_HINT.search(low) else 0.0) + lettered
    best = max(scores, key=lambda column: scores[column], default=None)
    if best is None or scores[best] < _ENOUGH:
        return found
    said = cells[best]
    how["code"] = (
        f"{said[said != ''].nunique()} of {len(said)} rows have a code of their own, "
        f"like {said[said != ''].iloc[0]}"
    )
    return replace(found, code=best)


def _is_running(said: "pd.Series[str]") -> bool:
    """Return whether a column only counts the rows."""
    numbers = pd.to_numeric(said, errors="coerce")
    if numbers.isna().any():
        return False
    return bool(
        numbers.min() in (0, 1) and numbers.max() <= len(numbers) and (numbers % 1 == 0).all()
    )


def _name(found: Columns, cells: Mapping[str, "pd.Series[str]"], how: dict[str, str]) -> Columns:
    scores: dict[str, float] = {}
    for column, said in cells.items():
        low = column.lower()
        if column in (found.code, found.parent, found.iso3, found.type) or _MEASURES.search(low):
            continue
        words = _share(said, _WORDS)
        if words < 0.7 or _share(said, _CODE_LIKE) > 0.5 or _unique(said) < 0.5:
            continue
        hint = 1.0 if _NAME_HINT.search(low) else 0.0
        scores[column] = words + _unique(said) + hint + 0.5 * float((said != "").mean())
    best = max(scores, key=lambda column: scores[column], default=None)
    if best is None:
        return found
    said = cells[best]
    how["name"] = (
        f"words, {said[said != ''].nunique()} of them different, like {said[said != ''].iloc[0]}"
    )
    return replace(found, names=(best,))


def _parents(found: Columns, cells: Mapping[str, "pd.Series[str]"], how: dict[str, str]) -> Columns:
    """Find the columns that codes begin with, or the one that holds other rows' codes."""
    codes = cells[str(found.code)]
    known = set(codes) - {""}
    begins: dict[str, float] = {}
    for column, said in cells.items():
        if column in (found.code, *found.names, *found.languages.values()):
            continue
        filled = (said != "") & (codes != "")
        if not filled.any() or (said == codes).any():
            continue
        if filled.mean() < 1 and set(said[filled]) <= known:
            how["parent"] = "every value is the code of another row"
            return replace(found, parent=column)
        pairs = zip(codes[filled], said[filled], strict=True)
        if (
            filled.all()
            and said.nunique() < codes.nunique()
            and all(c.startswith(p) for c, p in pairs)
        ):
            begins[column] = float(said.str.len().mean())
    if begins and found.level is None:
        return _stacked(found, cells, begins, how)
    if found.level is None and found.fixed_level is None and _nested(known):
        how["parent"] = "codes begin with the code of their parent"
        return replace(found, nested_codes=True)
    return found


def _stacked(
    found: Columns,
    cells: Mapping[str, "pd.Series[str]"],
    begins: Mapping[str, float],
    how: dict[str, str],
) -> Columns:
    """Number the levels by the columns that codes begin with, the shortest first."""
    ordered: dict[float, str] = {}
    for column in sorted(begins, key=lambda column: begins[column]):
        ordered.setdefault(begins[column], column)  # two columns of one length say the same
    columns = list(ordered.values())
    country = cells[columns[0]].str.fullmatch(r"[A-Za-z]{2,3}").all()
    above = dict(enumerate(columns, start=0 if country else 1))
    own = max(above) + 1
    how["parent"] = "codes begin with it"
    how["level"] = f"{len(columns)} column(s) hold what the codes begin with"
    fixed = own if found.fixed_level is None else found.fixed_level
    if fixed != own:  # the user says the level: only the nearest column is sure
        above = {fixed - 1: columns[-1]}
    return replace(found, parent=above[fixed - 1], codes_above=above, fixed_level=fixed,
                   names_above=dict.fromkeys(above, ()))  # fmt: skip


def _nested(codes: set[str]) -> bool:
    """Return whether most codes that are longer than the shortest begin with another one."""
    shortest = min((len(code) for code in codes), default=0)
    longer = [code for code in codes if len(code) > shortest]
    held = [code for code in longer if any(code[:n] in codes for n in range(shortest, len(code)))]
    return bool(longer) and len(held) >= _MOSTLY * len(longer)


def _stated_languages(
    found: Columns, given: list[str], cells: Mapping[str, "pd.Series[str]"]
) -> dict[str, str]:
    """Add the languages that columns ``lang``, ``lang1``… state for name, name1… (OCHA since 2023)."""
    languages = dict(found.languages)
    by_low: dict[str, Any] = {column.lower(): column for column in given}
    for column in found.names:
        number = re.search(r"name(\d?)$", column.lower())
        stated = by_low.get(f"lang{number[1]}") if number else None
        if stated is None:
            continue
        said = set(cells[stated]) - {""}
        lang = next(iter(said)).lower()[:2] if len(said) == 1 else ""
        if lang in LANGUAGES:
            languages.setdefault(lang, column)
    return languages
