"""How well figures are carried: truth from the population grid of 2000, weights from that of 2020.

Second-level units of five Sahel countries are taken for what became of their parents: a parent's
people of 2000 are carried to its children and compared with the children's own people of 2000.
Targets: 90 % ranges hold 85 to 95 % of true values; the median error with weights from a grid is at
least 30 % below that with weights by area. Settlements are known for Mali only.

Run: python benchmarks/bench_carry.py. With --calibrate: how `boundaries.crosswalk` came by the
widths of its ranges, from other African countries than the five.
"""

import io
import sys
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import measure

from boundaries.assembly import polygons_only
from boundaries.compare import compare
from boundaries.crosswalk import Weighting
from boundaries.files import read_boundaries
from boundaries.overlay import area_km2
from boundaries.units import BoundarySet
from geo.carrying import carry_over
from geo.crosswalk_weights import best_crosswalk, grid_people
from geo.tables import UNIT_FIGURE_COLUMNS

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "boundaries"
SAHEL = ("MLI", "NER", "BFA", "MRT", "TCD")
AFRICA = (
    "AGO BDI BEN CAF CIV CMR COD COG EGY ETH GIN KEN LBR LBY MOZ MWI NAM NGA SDN SEN SLE SOM SSD "
    "TGO ZBM ZWE"
)
GRID = {year: DATA / "raster" / f"afripop{year}.tif" for year in (2000, 2020)}


def people_of_2000(boundaries: BoundarySet) -> pd.Series:
    shapes = np.array(boundaries.frame.geometry, dtype=object)
    persons = grid_people(GRID[2000], shapes, per_km2=True).round()
    return pd.Series(persons, index=boundaries.frame["pcode"])


def parents_and_children(country: str) -> tuple[BoundarySet, BoundarySet]:
    """Return the regions, and their districts as if they had become regions themselves."""
    both = read_boundaries(DATA / "cod_2019_sahel" / f"{country}_adm2.geojson")
    children = both.at(2).assign(level=1).reset_index(drop=True)
    return (
        BoundarySet(both.vintage, both.at(1).reset_index(drop=True)),
        BoundarySet(both.vintage, gpd.GeoDataFrame(children)),
    )


def figures(people: pd.Series) -> pd.DataFrame:
    row = dict.fromkeys(UNIT_FIGURE_COLUMNS, "") | {
        "level": 1, "unplaced": False, "group": "POP", "measure": "stock", "kind": "estimate",
        "unit": "persons", "start": None, "date": None, "state": "figure", "qualifier": "exact",
        "basis": "stated",
    }  # fmt: skip
    return pd.DataFrame([row | {"pcode": c, "value": float(v)} for c, v in people.items()])


def carried(country: str, weights: str) -> pd.DataFrame:
    """Return value, low, high and truth per child of a parent that has several."""
    old, new = parents_and_children(country)
    known: dict[str, object] = {}
    if weights == "population":
        known = {"grid": GRID[2020], "per_km2": True}
    elif weights == "settlements":
        known = {"settlements": gpd.read_file(DATA / "mli_cod_2015/mli_populated_places_2015.gpkg")}
    crosswalk = best_crosswalk(compare(old, new, level=1), **known)
    told = people_of_2000(old)
    result = carry_over(figures(told), crosswalk)
    assert result.left.empty
    assert result.frame["value"].sum() == told.sum()
    split = {p.new for p in crosswalk.pairs if p.weighting is not Weighting.WHOLE}
    frame = result.frame[result.frame["pcode"].isin(split)].set_index("pcode")
    return frame[["value", "low", "high"]].assign(truth=people_of_2000(new), country=country)


def simulate(weights: str) -> pd.DataFrame:
    countries = ("MLI",) if weights == "settlements" else SAHEL
    frame = pd.concat([carried(country, weights) for country in countries])
    frame["error"] = (frame["value"] - frame["truth"]).abs()
    frame["relative"] = frame["error"] / frame["truth"].clip(lower=1)
    frame["inside"] = (frame["low"] <= frame["truth"]) & (frame["truth"] <= frame["high"])
    return frame


def shares(country: str, children: gpd.GeoDataFrame, parent: np.ndarray) -> pd.DataFrame:
    """Return the log-odds of the children's shares of people in both years, and of area."""
    shapes = np.array(children.geometry, dtype=object)
    amounts = {
        "truth": grid_people(GRID[2000], shapes, per_km2=True),
        "grid": grid_people(GRID[2020], shapes, per_km2=True),
        "area": area_km2(shapes),
    }
    if country == "MLI":
        points = gpd.read_file(DATA / "mli_cod_2015/mli_populated_places_2015.gpkg").geometry
        found = shapely.STRtree(shapes).query(points.to_numpy(), "intersects")[1]
        amounts["settlements"] = np.bincount(found, minlength=len(shapes)).astype(float)
    frame = pd.DataFrame(amounts).groupby(np.asarray(parent), group_keys=False)
    share = frame.transform(lambda column: column / column.sum())[
        frame["truth"].transform("size") > 1
    ]
    share = share[(share > 0).all(axis=1)].clip(0.001, 0.999)
    return np.log(share / (1 - share)).assign(country=country)


def other_countries() -> pd.DataFrame:
    """Return `shares` of the African countries of the large collection, the five left out."""
    frames = []
    with zipfile.ZipFile(DATA / "cod_global_2020" / "cod_topojson_2020.zip") as bundle:
        for name in sorted(bundle.namelist()):
            country = Path(name).name[:3]
            if country not in AFRICA.split() or not name.endswith("_adm2.topojson"):
                continue
            children, parents = (
                gpd.read_file(io.BytesIO(bundle.read(n))).set_crs("EPSG:4326", allow_override=True)
                for n in (name, name.replace("adm2", "adm1"))
            )
            for side in (children, parents):
                side["geometry"] = polygons_only(np.array(side.geometry, dtype=object))
            children = children[children.geometry.notna()].reset_index(drop=True)
            inside = children.set_geometry(children.representative_point())[["geometry"]]
            found = gpd.sjoin(inside, parents[["geometry"]], how="inner")["index_right"]
            found = found[~found.index.duplicated()]
            frames.append(shares(country, children.loc[found.index], found.to_numpy()))
    return pd.concat(frames)


def quantile(values: pd.Series, country: pd.Series, q: float = 0.9) -> float:
    """Return a quantile in which each country counts the same, however many units it has."""
    weight = 1 / country.groupby(country).transform("size")
    order = np.argsort(values.to_numpy())
    reached = np.cumsum(weight.to_numpy()[order]) / weight.sum()
    return float(values.to_numpy()[order][np.searchsorted(reached, q)])


def calibrate() -> None:
    odds = other_countries()
    apart = np.sqrt(1 + (odds["grid"] - odds["area"]) ** 2)
    print(f"{odds['country'].nunique()} countries, {len(odds)} units")
    error = (odds["grid"] - odds["truth"]).abs()
    print(f"population grid   half width {quantile(error / apart, odds['country']):.3f}")
    error = (odds["area"] - odds["truth"]).abs()
    print(f"area              half width {quantile(error, odds['country']):.3f}")
    both = read_boundaries(DATA / "cod_2019_sahel" / "MLI_adm2.geojson").at(2)
    odds = shares("MLI", both, both["parent"].to_numpy())
    apart = np.sqrt(1 + (odds["settlements"] - odds["area"]) ** 2)
    error = (odds["settlements"] - odds["truth"]).abs()
    print(
        f"settlements       half width {quantile(error / apart, odds['country']):.3f}   (Mali alone)"
    )


def main() -> None:
    if not DATA.is_dir():
        print("bench_carry: ../shared/data is not beside the checkout; nothing to measure")
        return
    if "--calibrate" in sys.argv:
        calibrate()
        return
    median = {}
    for weights in ("population", "settlements", "area"):
        start = time.perf_counter()
        frame = simulate(weights)
        median[weights] = frame[["relative", "error"]].median()
        measure(
            f"carry-{weights}", f"{len(frame)} units by {weights}: the range of 90 % holds for",
            frame["inside"].mean(), "%", digits=1,
            at_least=0.85, at_most=0.95,
            beside=f"median error {median[weights]['relative']:.1%}, "
                   f"{median[weights]['error']:,.0f} persons; {time.perf_counter() - start:.1f} s",
        )  # fmt: skip
        by = frame.groupby("country")["inside"].mean()
        print(
            "             " + ", ".join(f"{country} {share:.0%}" for country, share in by.items())
        )
    for of, called in (("relative", "relative error"), ("error", "error in persons")):
        better = 1 - median["population"][of] / median["area"][of]
        measure(
            f"carry-{of}",
            f"median {called} with a grid, below that by area",
            better,
            "%",
            at_least=0.3,
        )
        assert better >= 0.3


if __name__ == "__main__":
    main()
