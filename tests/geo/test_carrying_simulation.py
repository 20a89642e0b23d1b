"""Truth from the population grid of 2000, weights from that of 2020, on real splits of the Sahel."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from boundaries.compare import compare
from boundaries.files import read_boundaries
from boundaries.units import BoundarySet
from geo.carrying import carry_over
from geo.crosswalk_weights import best_crosswalk, grid_people
from geo.tables import UNIT_FIGURE_COLUMNS

pytestmark = pytest.mark.shared

COUNTRIES = ("MLI", "NER", "BFA", "MRT", "TCD")
ROW = dict.fromkeys(UNIT_FIGURE_COLUMNS, "") | {
    "level": 1, "unplaced": False, "group": "POP", "measure": "stock", "kind": "estimate",
    "unit": "persons", "start": None, "date": None, "state": "figure", "qualifier": "exact",
    "basis": "stated",
}  # fmt: skip


def people(folder: Path, year: int, boundaries: BoundarySet) -> pd.Series:
    shapes = np.array(boundaries.frame.geometry, dtype=object)
    persons = grid_people(folder / "raster" / f"afripop{year}.tif", shapes, per_km2=True)
    return pd.Series(persons.round(), index=boundaries.frame["pcode"])


@pytest.fixture(scope="module")
def simulated(shared_data: Path) -> pd.DataFrame:
    """One row per district: the truth, and the figure and range carried by grid and by area."""
    folder = shared_data / "boundaries"
    rows = []
    for country in COUNTRIES:
        both = read_boundaries(folder / "cod_2019_sahel" / f"{country}_adm2.geojson")
        old = BoundarySet(both.vintage, both.at(1).reset_index(drop=True))
        children = gpd.GeoDataFrame(both.at(2).assign(level=1).reset_index(drop=True))
        new = BoundarySet(both.vintage, children)
        comparison = compare(old, new, level=1)
        told = people(folder, 2000, old)
        figures = pd.DataFrame([ROW | {"pcode": c, "value": float(v)} for c, v in told.items()])
        truth = people(folder, 2000, new)
        for weights in ("grid", "area"):
            grid = folder / "raster" / "afripop2020.tif" if weights == "grid" else None
            crosswalk = best_crosswalk(comparison, grid=grid, per_km2=True)
            done = carry_over(figures, crosswalk)
            assert done.frame["value"].sum() == told.sum()
            split = [p.new for p in crosswalk.pairs if p.weight < 1]
            frame = done.frame[done.frame["pcode"].isin(split)].set_index("pcode")
            rows.append(
                frame[["value", "low", "high"]].assign(
                    truth=truth, weights=weights, country=country
                )
            )
    return pd.concat(rows)


def test_ranges_hold_85_to_95_percent_of_true_values(simulated):
    by_grid = simulated[simulated["weights"] == "grid"]
    inside = (by_grid["low"] <= by_grid["truth"]) & (by_grid["truth"] <= by_grid["high"])
    assert len(by_grid) > 250
    assert 0.85 <= inside.mean() <= 0.95


def test_the_median_error_by_grid_is_at_least_30_percent_below_that_by_area(simulated):
    error = (simulated["value"] - simulated["truth"]).abs() / simulated["truth"].clip(lower=1)
    median = error.groupby(simulated["weights"]).median()
    assert median["grid"] <= 0.7 * median["area"]
