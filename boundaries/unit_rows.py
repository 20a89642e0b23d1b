"""From the columns of a file to the columns of a unit. One row of the file is one row here."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from boundaries.cells import first_filled, text
from boundaries.columns import Columns
from boundaries.natural_earth import country_codes
from boundaries.sniffing import refused

__all__ = ["check_columns", "unit_rows", "units_above"]

_LEVEL = re.compile(r"(?:adm(?:in)?|level)?[_ ]?([0-5])", re.IGNORECASE)
_ISO3 = re.compile(r"[A-Z]{3}")


def check_columns(path: Path, table: pd.DataFrame, found: Columns) -> None:
    """Refuse a file without a code column, or without a column that was asked for."""
    there = [str(column) for column in table.columns if column != "geometry"]
    asked = [found.code, found.parent, found.level, found.iso3, found.type, *found.names]
    asked += [*found.languages.values(), *found.aliases, *found.codes_above.values()]
    for column in asked:
        if column is not None and column not in there:
            raise refused(
                path, f"has no column {column!r}", f"Its columns are {', '.join(there)}.",
                check="has-columns",
            )  # fmt: skip
    if found.code is None:
        raise refused(
            path,
            "has no column with the units' codes that is known by its name or its content",
            f"Say which it is (code = …); its columns are {', '.join(there) or 'none'}.",
            expected="one like admin1Pcode, ADM1_PCODE or pcode",
            check="has-codes",
        )


def unit_rows(
    path: Path, table: gpd.GeoDataFrame, found: Columns, iso3: str | None
) -> gpd.GeoDataFrame:
    """Return the rows of a layer with the columns of a unit; codes may be blank or double still.

    Parameters
    ----------
    path : Path
        For messages.
    table : GeoDataFrame
        A layer as read.
    found : Columns
        What its columns say; checked by `check_columns`.
    iso3 : str, optional
        ISO 3166-1 alpha-3 of every row.
    """
    codes = text(table[str(found.code)])
    parents = _parents(table, found, codes)
    data: dict[str, Any] = {
        "pcode": codes,
        "parent": parents,
        "level": _levels(path, table, found, codes, parents),
        "iso3": _countries(table, found, codes, iso3),
        "code_scheme": "ocha" if _is_ocha(found) else "own",
        "name": first_filled(table, (*found.names, *found.languages.values(), *found.aliases)),
        "type": text(table[found.type]) if found.type else "",
    }
    data["name"] = data["name"].where(data["name"] != "", codes)
    for lang, column in found.languages.items():
        data[f"name_{lang}"] = first_filled(table, (column,))
    for column in found.names:  # a second name column of a shapefile loses its language (Na_1)
        if "ar" not in found.languages and _is_arabic(cells := first_filled(table, (column,))):
            data["name_ar"] = cells
    data["aliases"] = _aliases(table, found, data)
    own = gpd.GeoDataFrame(data, geometry=table.geometry.to_numpy(), crs="EPSG:4326")
    own.loc[own["level"] == 0, "parent"] = ""
    return own


def _is_arabic(names: "pd.Series[str]") -> bool:
    return bool((names != "").any() and names[names != ""].str.match(r"[\u0600-\u06ff]").all())


def _is_ocha(found: Columns) -> bool:
    return found.style == "cod" and (
        bool(found.codes_above) or "pcod" in str(found.code).lower().replace("_", "")
    )


def _aliases(table: pd.DataFrame, found: Columns, data: dict[str, Any]) -> list[str]:
    """Return the other names of each row, joined with '|'; none is said twice."""
    columns = [c for c in (*found.names, *found.aliases) if c not in found.languages.values()]
    other = [first_filled(table, (column,)).tolist() for column in columns]
    known = [list(data["name"])]
    known += [list(data[key]) for key in data if key.startswith("name_")]
    made = []
    for row in range(len(table)):
        said = {names[row] for names in known}
        more = [part.strip() for names in other for part in names[row].split("|")]
        made.append("|".join(dict.fromkeys(name for name in more if name and name not in said)))
    return made


def _parents(table: pd.DataFrame, found: Columns, codes: "pd.Series[str]") -> "pd.Series[str]":
    if found.parent:
        parents = text(table[found.parent])
        return parents.where(parents != codes, "")
    if not found.nested_codes:
        return pd.Series("", index=table.index)
    known = set(codes) - {""}

    def longest(code: str) -> str:
        return next((code[:n] for n in range(len(code) - 1, 0, -1) if code[:n] in known), "")

    return codes.map(longest).astype("str")


def _levels(
    path: Path,
    table: pd.DataFrame,
    found: Columns,
    codes: "pd.Series[str]",
    parents: "pd.Series[str]",
) -> "pd.Series[int]":
    """Return each row's level: as a column or the columns' names say, else by counting parents."""
    if found.fixed_level is not None:
        return pd.Series(found.fixed_level, index=table.index)
    if found.level is not None:
        said = text(table[found.level])
        levels = pd.to_numeric(
            said.str.extract(f"^{_LEVEL.pattern}$", flags=re.I)[0], errors="coerce"
        )
        if levels.isna().any():
            raise refused(
                path,
                f"column {found.level!r} holds {said[levels.isna()].iloc[0]!r}, "
                f"which is no level from 0 to 5 ({int(levels.isna().sum())} rows)",
                "Correct it.",
                check="has-levels",
            )
        return levels.astype("int64")
    above = dict(zip(codes, parents, strict=True))

    def depth(code: str) -> int:
        steps, seen = 0, {code}
        while (code := above.get(code, "")) and code not in seen:
            seen.add(code)
            steps += 1
        return steps

    named = (parents != "").any()
    top = 1 if not named or not parents[parents != ""].isin(codes).all() else 0
    start = codes.map(depth).astype("int64")
    if top == 0 and found.nested_codes and not codes[start == 0].str.fullmatch("[A-Z]{2,3}").all():
        return start + 1  # the shortest codes are no country's: they are level 1
    return start if top == 0 else start.clip(lower=1)


def _countries(
    table: pd.DataFrame, found: Columns, codes: "pd.Series[str]", iso3: str | None
) -> "pd.Series[str]":
    """Return ISO 3166-1 alpha-3 by row; "" where neither a column nor the codes tell it."""
    if iso3:
        return pd.Series(iso3, index=table.index)
    if found.iso3:
        said = text(table[found.iso3]).str.upper()
        return said.where(said.str.fullmatch(_ISO3), "")
    by_two = country_codes()
    three = set(by_two.values())
    first = text(table[found.codes_above[0]]) if 0 in found.codes_above else codes

    def country(code: str) -> str:
        if code[:2].upper() in by_two and not (len(code) == 3 and code.isalpha()):
            return by_two[code[:2].upper()]
        return code[:3].upper() if code[:3].upper() in three else ""

    return first.map(country).astype("str")


def units_above(table: pd.DataFrame, found: Columns) -> pd.DataFrame:
    """Return code, parent and name of every unit above that the rows name."""
    made = []
    for level, column in found.codes_above.items():
        higher = found.codes_above.get(level - 1)
        names: Sequence[str] = found.names_above.get(level, ())
        made.append(
            pd.DataFrame(
                {
                    "pcode": text(table[column]),
                    "parent": text(table[higher]) if higher else "",
                    "name": first_filled(table, names),
                }
            )
        )
    if not made:
        return pd.DataFrame({"pcode": [], "parent": [], "name": []}, dtype="str")
    above = pd.concat(made, ignore_index=True)
    above["name"] = above["name"].where(above["name"] != "", above["pcode"])
    return above[above["pcode"] != ""].drop_duplicates("pcode")
