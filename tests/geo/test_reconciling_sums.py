"""Sums that do not come out are found, by how much, and in words a reader can check."""

import csv
from datetime import date

import pytest

from boundaries.natural_earth import open_natural_earth
from geo.gazetteer import Places
from geo.joining import join_figures
from geo.ledger import Verdict
from geo.matching import match_figures
from geo.reconciling import reconcile
from geo.reconciling_sums import StatedPart, parts_against_totals
from geo.tables import FIGURE_COLUMNS, FigureTable, typed_frame

DAY = date(2020, 12, 31)


@pytest.fixture(scope="module")
def places(xaa_world):
    return Places(xaa_world, countries=("XAA",))


def figure(place, value, **more):
    return {
        **dict.fromkeys(FIGURE_COLUMNS, ""),
        "file": "t.csv",
        "place": place,
        "group": "IDP",
        "measure": "stock",
        "kind": "registered",
        "unit": "persons",
        "start": None,
        "date": DAY,
        "value": float("nan") if value is None else float(value),
        "state": "not_reported" if value is None else "figure",
        "qualifier": "exact",
        "source": "survey",
    } | more


def reconciled(rows, places):
    listed = [row | {"row": at} for at, row in enumerate(rows, start=2)]
    matched = match_figures(FigureTable(typed_frame(listed, FIGURE_COLUMNS)), places)
    joined, ledger = join_figures(matched, places)
    return {each.id: each for each in reconcile(joined, places, ledger)}, ledger


# --- totals of tables -------------------------------------------------------------------------------


def test_a_total_row_is_checked_against_its_rows_and_counted_nowhere(places):
    rows = [figure("Norda", 10), figure("Tamar", 20), figure("?", 5), figure("Total", 35)]
    found, ledger = reconciled(rows, places)
    assert list(found) == ["left-out:t.csv:unknown-place"]
    total = ledger.entries[3]
    assert (total.verdict, total.reason) == (Verdict.LEFT_OUT, "total")
    assert total.why == "total of the table: 35 stated, 35 in rows 2, 3, 4; it adds up"


def test_a_total_that_its_rows_do_not_sum_to_is_found(places):
    rows = [figure("Norda", 10), figure("Tamar", 20), figure("TOTAL", 31)]
    found, _ = reconciled(rows, places)
    (finding,) = found.values()
    assert finding.id == "total:t.csv:4:IDP:stock:2020-12-31"
    assert finding.facts["gap"] == 1
    assert "31 stated, 30 in rows 2, 3; 1 apart" in finding.what


def test_a_total_is_that_of_the_widest_rows_of_its_group_and_day(places):
    rows = [
        figure("Norda", 10),
        figure("Alto Norda", 6),
        figure("unknown", 3, parent="XAA"),
        figure("Norda", 99, group="REF"),
        figure("Norda", 98, date=date(2019, 12, 31)),
        figure("Total", 13),
    ]
    found, ledger = reconciled(rows, places)
    assert ledger.entries[5].facts["summed"] == 13
    assert not any(each.startswith("total:") for each in found)


def test_the_refugees_of_february_2013_add_up_and_show_their_mixed_kinds():
    # UNHCR, Malian refugees; Niger's figure was a planning figure pending registration
    hosted = {"MRT": 67605, "NER": 50000, "BFA": 45988, "DZA": 1500, "GIN": 26, "TGO": 20}
    more = {"group": "REF", "origin": "MLI", "date": date(2013, 2, 28)}
    rows = [
        figure(country, value, kind="planning" if country == "NER" else "registered", **more)
        for country, value in hosted.items()
    ]
    rows.append(figure("Total", 165139, **more))
    places = Places(open_natural_earth(), countries=tuple(hosted))
    found, ledger = reconciled(rows, places)
    assert ledger.entries[-1].facts["gap"] == 0
    (finding,) = found.values()
    assert finding.id == "kinds:t.csv:8:REF:stock:2013-02-28"
    assert "the total of 165,139 adds planning and registered figures" in finding.what


# --- children, groups, origins ----------------------------------------------------------------------


def test_children_are_compared_with_their_parent(places):
    rows = [figure("Norda", 10), figure("Alto Norda", 6), figure("Basso Norda", 5)]
    found, _ = reconciled(rows, places)
    assert found["gap:IDP:stock:2020-12-31:XA01"].facts["gap"] == -1


def test_the_groups_of_september_2016_sum_to_456_more_than_is_stated():
    # UNHCR Mali factsheet of September 2016, as printed
    day = date(2016, 9, 30)
    groups = {"ASY": 284, "RET": 52028, "REF": 17881, "IDP": 33042, "RDP": 474231}
    rows = [
        figure(
            "Mali",
            value,
            group=group,
            date=day,
            measure="cumulative" if group in ("RET", "RDP") else "stock",
        )
        for group, value in groups.items()
    ]
    rows.append(figure("Mali", 577010, group="POC", date=day))
    places = Places(open_natural_earth(), countries=("MLI",))
    found, _ = reconciled(rows, places)
    finding = found["groups:POC:2016-09-30:ML"]
    assert finding.facts["gap"] == -456
    assert "456 more than the 577,010 stated for all" in finding.what
    assert "cumulative and stock added" in finding.what
    assert "474,231 returned internally displaced people" in finding.what


def test_more_people_of_known_origins_than_of_all_is_impossible(places):
    rows = [
        figure("Norda", 5, group="REF"),
        figure("Norda", 80, group="REF", origin="XBB"),
        figure("Norda", 20, group="REF", origin="XCC"),
        figure("Tamar", 50, group="REF"),
        figure("Tamar", 40, group="REF", origin="XBB"),  # the main origin only: no gap
    ]
    found, _ = reconciled(rows, places)
    finding = found["origins:REF:stock:level-1"]
    assert "Norda, 2020-12-31: the origins sum to 100, 95 more than the 5 stated" in finding.what


def test_two_sources_of_one_day_are_told_with_their_difference(places):
    rows = [figure("Norda", 61621, source="dtm"), figure("Norda", 99816, source="unhcr")]
    found, _ = reconciled(rows, places)
    (finding,) = found.values()
    assert finding.id == "two-sources:IDP:stock:2020-12-31:XA01:t.csv:3"
    assert "99,816 (unhcr) beside the 61,621 (dtm) that counts, 38,195 more" in finding.what


# --- parts of published numbers ---------------------------------------------------------------------


def test_parts_with_one_unknown_may_be_less_and_other_units_are_no_parts():
    whole = StatedPart("a", 49, "reached")
    known = StatedPart("b", 35, "refugees", "a")
    assert parts_against_totals([whole, known, StatedPart("c", None, "hosts", "a")]) == ()
    assert parts_against_totals([whole, known, StatedPart("c", 9, "sites", "a", "sites")]) == ()
    (over,) = parts_against_totals([whole, known, StatedPart("c", 15, "hosts", "a")])
    assert over.facts["gap"] == -1


@pytest.mark.shared
def test_the_one_gap_of_the_source_documents_is_found(shared_data):
    with (shared_data / "seeds" / "mali_figures.csv").open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))

    def number(text):
        return float(text) if text.replace(".", "", 1).isdigit() else None

    found = parts_against_totals(
        StatedPart(
            fact["fact_id"],
            number(fact["value"]),
            fact["topic"] or fact["group_as_written"],
            fact["part_of"],
            fact["unit"],
            fact["measure"],
        )
        for fact in facts
    )
    assert [(each.facts["stated"], each.facts["summed"]) for each in found] == [(49, 50)]
