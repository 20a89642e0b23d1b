"""A figure is held against its neighbours in time: what no people do is said, and what settles it."""

from datetime import date

import pytest

from geo.changes import Counted, change
from geo.gazetteer import Places
from geo.joining import join_figures
from geo.matching import match_figures
from geo.reconciling_time import changes_over_time
from geo.tables import FIGURE_COLUMNS, FigureTable, typed_frame


@pytest.fixture(scope="module")
def places(xaa_world):
    return Places(xaa_world, countries=("XAA",))


def end_of(year):
    return date(year, 12, 31)


def told(places, series, **more):
    """Return the findings of ``{place: {year: value}}``; a value may be (value, changes)."""
    rows = []
    for place, values in series.items():
        for year, cell in values.items():
            value, own = cell if isinstance(cell, tuple) else (cell, {})
            rows.append(
                {
                    **dict.fromkeys(FIGURE_COLUMNS, ""),
                    "file": "t.csv",
                    "row": len(rows) + 2,
                    "place": place,
                    "group": "REF",
                    "measure": "stock",
                    "kind": "registered",
                    "unit": "persons",
                    "start": None,
                    "date": end_of(year),
                    "value": float(value),
                    "state": "figure",
                    "qualifier": "exact",
                    "source": "unhcr",
                }
                | more
                | own
            )
    table = FigureTable(typed_frame(rows, FIGURE_COLUMNS))
    figures, _ = join_figures(match_figures(table, places), places)
    return {finding.id: finding for finding in changes_over_time(figures, places)}


def test_two_regions_that_are_swapped_for_one_date_are_found(places):
    found = told(
        places,
        {
            "Norda": {2011: 12345, 2012: 91, 2013: 12806},
            "Tamar": {2011: 97, 2012: 12345, 2013: 93},
        },
        origin="XBB",
    )
    (finding,) = found.values()
    assert finding.id == "swapped:REF:stock:2012-12-31:XA01<>XA03:XB"
    assert "Tamar has 12,345 and Norda 91" in finding.what
    assert "Norda has about 12,576 on the dates before and after" in finding.what
    assert "from Xbbia" in finding.what


def test_people_who_stand_in_another_region_for_one_date_are_found(places):
    found = told(places, {"Norda": {2009: 10482, 2011: 12345}, "Séna : Region": {2010: 10468}})
    (finding,) = found.values()
    assert finding.id == "misplaced:REF:stock:2010-12-31:XA01>XA02"
    assert finding.facts["value"] == 10468


@pytest.mark.parametrize(
    "series",
    [
        {"Norda": {2011: 12345, 2012: 12500, 2013: 12806}, "Tamar": {2011: 97, 2012: 93, 2013: 95}},
        {"Norda": {2011: 12345, 2012: 91, 2013: 90}, "Tamar": {2011: 97, 2012: 12345, 2013: 12400}},
        {"Norda": {2011: 60, 2012: 1, 2013: 60}, "Tamar": {2011: 1, 2012: 60, 2013: 1}},
        {"Norda": {2011: 12345, 2012: 91, 2013: 12806}, "Xbbia": {2012: 12345}},
    ],
    ids=["steady", "moved for good", "few people", "another country"],
)
def test_people_who_stay_move_or_are_few_are_no_swap(places, series):
    found = told(places, series)
    assert not any(each.startswith(("swapped", "misplaced")) for each in found)


def test_a_digit_too_many_is_out_of_line(places):
    found = told(places, {"Norda": {2011: 5000, 2012: 51000, 2013: 5200}})
    finding = found["out-of-line:REF:stock:level-1"]
    assert "Norda 51,000 on 2012-12-31, between 5,000 before and 5,200 after" in finding.what


def test_a_rise_with_another_kind_or_source_is_a_recount(places):
    better = {"kind": "estimate", "source": "dtm"}
    found = told(places, {"Norda": {2012: 118795, 2013: (203845, better)}}, group="IDP")
    finding = found["recount:IDP:stock:level-1"]
    assert "118,795 on 2012-12-31 (registered), 203,845 on 2013-12-31 (estimate)" in finding.what
    same = told(places, {"Norda": {2012: 118795, 2013: 203845}}, group="IDP")
    assert not any(each.startswith("recount") for each in same)


def test_a_figure_that_is_told_again_for_a_later_date_outlives_its_own(places):
    ocha = {"source": "ocha", "date": date(2017, 6, 30)}
    unhcr = {"date": date(2017, 5, 31)}
    found = told(places, {"XAA": {2017: (51961, unhcr), 2018: (51961, ocha)}}, group="IDP")
    finding = found["outlives:IDP:stock:level-0"]
    assert "51,961 on 2017-05-31 (unhcr) and on 2017-06-30 (ocha)" in finding.what


def test_a_large_percentage_on_a_small_base_is_said(places):
    found = told(places, {"Norda": {2016: 20, 2017: 133}})
    assert "(+565 %)" in found["small-base:REF:stock:level-1"].what
    small = Counted(end_of(2016), 20, "registered", frozenset({"unhcr"}))
    after = change(small, Counted(end_of(2017), 133, "estimate", frozenset({"unhcr"})))
    assert (after.difference, after.percent, after.recount) == (113, None, "kind")


def test_many_cases_are_one_finding_with_the_largest_first(places):
    series = {
        "Norda": {2011: 5000, 2012: 51000, 2013: 5200},
        "Tamar": {2011: 5000, 2012: 91000, 2013: 5200},
    }
    found = told(places, series)
    finding = found["out-of-line:REF:stock:level-1"]
    assert finding.facts["cases"] == 2
    assert finding.what.index("Tamar") < finding.what.index("Norda")


def test_what_is_new_in_a_period_has_no_neighbours(places):
    moved = {"measure": "new", "start": date(2011, 1, 1)}
    assert told(places, {"Norda": {2011: 5000, 2012: 51000, 2013: 5200}}, **moved) == {}
