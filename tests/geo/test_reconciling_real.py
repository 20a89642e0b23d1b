"""What is wrong in the real tables of Mali is found in them."""

import pandas as pd
import pytest

from boundaries.natural_earth import open_natural_earth
from geo.gazetteer import Places
from geo.joining import join_figures
from geo.matching import match_figures
from geo.reconciling import reconcile
from geo.tables import FIGURE_COLUMNS, FigureTable

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def by_location(shared_data):
    path = shared_data / "tables" / "mali" / "unhcr_mali_by_location_2001_2025.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows["row"] = range(2, len(rows) + 2)
    rows = rows[(rows["coa_iso"] == "MLI") & (rows["coo_iso"] == "MRT")]
    frame = pd.DataFrame(dict.fromkeys(FIGURE_COLUMNS, ""), index=rows.index)
    frame = frame.assign(
        file="unhcr_mali_by_location.csv",
        row=rows["row"],
        place=rows["location"],
        parent="MLI",
        origin="MRT",
        group=rows["pop_type"],
        measure="stock",
        kind="registered",
        unit="persons",
        start=None,
        date=pd.to_datetime(rows["year"] + "-12-31").dt.date,
        value=rows["total"].astype(float),
        state="figure",
        qualifier="exact",
        source="unhcr",
    )
    return FigureTable(frame[list(FIGURE_COLUMNS)].reset_index(drop=True), parts=True)


def test_the_mauritanian_refugees_swapped_in_2012_and_misplaced_in_2010_are_found(by_location):
    places = Places(open_natural_earth(), countries=("MLI",))
    matched = match_figures(by_location, places)
    figures, ledger = join_figures(matched, places)
    found = {finding.id: finding for finding in reconcile(figures, places, ledger)}
    swapped = found["swapped:REF:stock:2012-12-31:ML01<>ML09:MR"]
    assert "Bamako has 12,345 and Kayes 91" in swapped.what
    misplaced = found["misplaced:REF:stock:2010-12-31:ML01>ML03:MR"]
    assert "10,468 stand in Sikasso" in misplaced.what
    assert [each for each in found if each.startswith(("swapped", "misplaced"))] == [
        misplaced.id,
        swapped.id,
    ]


def test_nobody_is_lost_between_the_rows_and_the_country(by_location):
    places = Places(open_natural_earth(), countries=("MLI",))
    figures, ledger = join_figures(match_figures(by_location, places), places)
    out = {entry.row for entry in ledger.open}
    table = by_location.frame
    kept = table[~table["row"].isin(out)].groupby(["group", "date"])["value"].sum()
    country = figures[(figures["pcode"] == "ML") & ~figures["unplaced"] & (figures["origin"] == "")]
    assert country.set_index(["group", "date"])["value"].to_dict() == kept.to_dict()
