"""What does not add up is said, by how much, and stays said until a person explains it."""

from datetime import date

import pytest

from geo.errors import UnknownFinding
from geo.ledger import Ledger, LedgerEntry, Verdict
from geo.matching import Places
from geo.reconciling import acknowledge, reconcile
from geo.tables import UNIT_FIGURE_COLUMNS, UNIT_FLOW_COLUMNS, typed_frame


def figures(*rows):
    base = {
        **dict.fromkeys(UNIT_FIGURE_COLUMNS, ""),
        "level": 0,
        "unplaced": False,
        "group": "REF",
        "measure": "stock",
        "unit": "persons",
        "start": None,
        "date": date(2016, 12, 31),
        "state": "figure",
        "qualifier": "exact",
    }
    return typed_frame([base | row for row in rows], UNIT_FIGURE_COLUMNS)


STATED = {"pcode": "XA", "basis": "stated", "value": 100.0, "rows": "t.csv:2"}
SUMMED = {"pcode": "XA", "basis": "summed", "value": 90.0, "rows": "t.csv:3|t.csv:4"}


@pytest.fixture
def places(xaa):
    return Places(xaa)


def test_a_gap_says_by_how_much_and_has_a_stable_id(places):
    (finding,) = reconcile(figures(STATED, SUMMED), places)
    assert finding.id == "gap:REF:stock:2016-12-31:XA"
    assert finding.severity == "open"
    assert "the parts sum to 90, 10 less than the 100 stated for Xaaland" in finding.what
    assert finding.facts["gap"] == 10
    (more,) = reconcile(figures(STATED, SUMMED | {"value": 101.0, "qualifier": "at_least"}), places)
    assert "1 more than" in more.what
    (by_origin,) = reconcile(figures(STATED | {"origin": "XB"}, SUMMED | {"origin": "XB"}), places)
    assert by_origin.id == "gap:REF:stock:2016-12-31:XA:XB"


def test_parts_that_add_up_or_are_not_all_reported_are_no_gap(places):
    assert reconcile(figures(STATED, SUMMED | {"value": 100.0}), places) == ()
    assert reconcile(figures(STATED, SUMMED | {"qualifier": "at_least"}), places) == ()
    assert reconcile(figures(STATED, SUMMED | {"date": date(2017, 12, 31)}), places) == ()


def entries(reason, out, placed):
    left = [
        LedgerEntry("t.csv", row, "Foo", Verdict.LEFT_OUT, "no place", reason=reason)
        for row in range(out)
    ]
    return Ledger((*left, *[LedgerEntry("t.csv", 9, "Norda", Verdict.PLACED, "")] * placed))


def test_rows_left_out_are_one_finding_per_file_and_reason(places):
    (finding,) = reconcile(figures(), places, entries("unknown-place", 4, 1))
    assert (finding.id, finding.severity) == ("left-out:t.csv:unknown-place", "open")
    assert finding.what == "4 rows of t.csv left out: row 0 (Foo): no place; and 3 more"


def test_a_wide_row_is_left_out_once_whatever_it_holds(places):
    two = [
        LedgerEntry("t.csv", row, "Foo", Verdict.LEFT_OUT, "no place", reason="unknown-place")
        for row in (3, 3, 4, 4)
    ]
    (finding,) = reconcile(figures(), places, Ledger(tuple(two)))
    assert finding.what == "2 rows of t.csv left out: row 3 (Foo): no place; and 1 more"
    assert finding.where == "t.csv, row 3, 4"


def test_a_table_on_other_boundaries_stops_the_build(places):
    (stops,) = reconcile(figures(), places, entries("unknown-code", 4, 3))
    (slip,) = reconcile(figures(), places, entries("unknown-code", 2, 1))
    (some,) = reconcile(figures(), places, entries("code-and-name-disagree", 3, 3))
    assert [each.severity for each in (stops, slip, some)] == ["stops", "open", "open"]


def test_a_movement_of_two_sources_is_said(places):
    flow = {
        **dict.fromkeys(UNIT_FLOW_COLUMNS, ""),
        "origin": "site:marches",
        "destination": "XA03",
        "group": "IDP",
        "measure": "new",
        "start": date(2020, 12, 1),
        "date": date(2020, 12, 31),
        "state": "figure",
        "basis": "stated",
        "sources": "survey",
        "value": 10116.0,
    }
    rows = [flow, flow | {"basis": "beside", "sources": "other", "value": 9112.0}]
    (finding,) = reconcile(figures(), places, flows=typed_frame(rows, UNIT_FLOW_COLUMNS))
    assert finding.id == "two-sources:IDP:new:2020-12-31:site:marches>XA03"
    assert "9,112" in finding.what
    assert "10,116" in finding.what


def test_an_acknowledged_finding_keeps_its_reason_and_an_unknown_one_gets_the_nearest(places):
    findings = reconcile(figures(STATED, SUMMED), places)
    (settled,) = acknowledge(findings, {"gap:REF:stock:2016-12-31:XA": "small cells are rounded"})
    assert settled.acknowledged
    assert settled.why == "small cells are rounded"
    with pytest.raises(UnknownFinding, match="nearest is 'gap:REF:stock:2016-12-31:XA'"):
        acknowledge(findings, {"gap:REF:stock:2016-12-31:XB": "?"})
    with pytest.raises(UnknownFinding, match="none now"):
        acknowledge((), {"gap:x": "?"})
