"""Persons are neither lost nor made: not by sums, not by carries, not by the order of rows."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.joining import join_figures, join_flows, join_presence
from geo.ledger import Verdict
from geo.matching import Carry, Places, match_figures, match_flows, match_presence
from geo.settling import apportioned
from geo.standing import standing_figures
from geo.tables import (
    FIGURE_COLUMNS,
    FLOW_COLUMNS,
    PRESENCE_COLUMNS,
    UNIT_FIGURE_COLUMNS,
    FigureTable,
    FlowTable,
    PresenceTable,
    typed_frame,
)

DAY = date(2020, 12, 31)
CARRY = Carry("XA04", ("Velm",), (("XA03", 1.0),))
SPLIT = Carry("XA05", ("Wend",), (("XA01", 0.5), ("XA02", 0.3), ("XA03", 0.2)))


@pytest.fixture(scope="module")
def places(xaa_world, xaa_sites):
    return Places(xaa_world, xaa_sites, (CARRY, SPLIT), countries=("XAA",))


def figure(pcode, value, row=2, **more):
    """One row; a value of None is not reported. ``pcode`` may be a name."""
    base = {
        **dict.fromkeys(FIGURE_COLUMNS, ""),
        "file": "t.csv",
        "row": row,
        "place": pcode,
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
    }
    return base | more


def joined(rows, places):
    rows = [row | {"row": at} for at, row in enumerate(rows, start=2)]
    return join_figures(
        match_figures(FigureTable(typed_frame(rows, FIGURE_COLUMNS)), places), places
    )


def values(frame: pd.DataFrame, **where):
    """Values by P-code of the rows that stand."""
    frame = standing_figures(frame)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return dict(zip(frame["pcode"], frame["value"], strict=True))


def test_regions_sum_to_the_country_and_a_carried_region_to_its_target(places):
    frame, ledger = joined([figure("XA01", 20), figure("XA03", 8571), figure("XA04", 4644)], places)
    assert values(frame) == {"XA": 13235, "XA01": 20, "XA03": 13215}
    tamar = frame[frame["pcode"] == "XA03"].iloc[0]
    assert (tamar["carried"], tamar["basis"], tamar["rows"]) == (
        "XA04",
        "stated",
        "t.csv:3|t.csv:4",
    )
    assert [entry.verdict for entry in ledger.entries][2] is Verdict.CARRIED


def test_a_stated_total_wins_over_the_sum_and_both_are_kept(places):
    frame, _ = joined([figure("XA", 110), figure("XA01", 60), figure("XA02", 40)], places)
    whole = frame[frame["pcode"] == "XA"].set_index("basis")["value"]
    assert whole.to_dict() == {"stated": 110, "summed": 100}
    assert values(frame)["XA"] == 110


def test_what_is_not_reported_is_not_zero_and_makes_a_sum_at_least(places):
    frame, _ = joined([figure("XA01", 60), figure("XA02", 0), figure("XA03", None)], places)
    whole = frame[frame["pcode"] == "XA"].iloc[0]
    assert (whole["value"], whole["qualifier"]) == (60, "at_least")
    assert frame.set_index("pcode")["state"]["XA03"] == "not_reported"
    nothing, _ = joined([figure("XA01", None), figure("XA02", None)], places)
    assert nothing["value"].isna().all()
    assert set(nothing["state"]) == {"not_reported"}


def test_sites_sum_to_their_unit_and_an_area_counts_in_the_common_parent(places):
    rows = [
        figure("Ossa camp", 400),
        figure("The Marches", 50),
        figure("unknown", 7),
        figure("XA01", 1),
    ]
    frame, ledger = joined(rows, places)
    assert values(frame, unplaced=False) == {"XA": 458, "XA01": 1, "XA03": 400}
    assert values(frame, unplaced=True) == {"XA": 57}
    lost = frame[frame["unplaced"]].iloc[0]
    assert (lost["level"], lost["sites"]) == (1, "marches")
    assert frame.set_index("pcode")["sites"]["XA03"] == "ossa-camp"
    assert ledger.count(Verdict.UNPLACED) == 2


def test_what_is_not_placed_in_a_district_is_in_the_region_and_the_country(places):
    frame, _ = joined([figure("unknown", 5, parent="XA01"), figure("XA0101", 3)], places)
    assert values(frame, unplaced=False) == {"XA": 8, "XA01": 8, "XA0101": 3}
    assert frame.loc[frame["unplaced"], ["pcode", "level"]].values.tolist() == [["XA01", 2]]


def test_origins_sum_to_all_origins_unless_those_are_stated(places):
    by_origin = [
        figure("XA01", 50, group="REF", origin="XBB"),
        figure("XA01", 20, group="REF", origin="XCC"),
        figure("Ossa camp", 400, group="REF", origin="XBB"),
        figure("dispersed", 30, group="REF", origin="XBB"),
    ]
    frame, _ = joined(by_origin, places)
    assert values(frame, origin="", unplaced=False) == {"XA": 500, "XA01": 70, "XA03": 400}
    assert values(frame, origin="XB", unplaced=False) == {"XA": 480, "XA01": 50, "XA03": 400}
    stated, _ = joined([*by_origin, figure("XA01", 75, group="REF")], places)
    assert values(stated, origin="", unplaced=False) == {"XA": 505, "XA01": 75, "XA03": 400}


def test_dates_measures_groups_and_units_are_never_added(places):
    new = {"measure": "new", "start": date(2020, 12, 1)}
    rows = [
        figure("XA01", 1),
        figure("XA02", 2, date=date(2020, 6, 30)),
        figure("XA02", 4, group="RET"),
        figure("XA02", 8, unit="households"),
        figure("XA02", 16, **new),
        figure("XA03", 32, measure="new", start=date(2020, 11, 1)),
    ]
    frame, _ = joined(rows, places)
    assert sorted(frame.loc[frame["pcode"] == "XA", "value"]) == [
        1,
        2,
        4,
        8,
    ]  # periods differ: none


def test_a_second_source_for_the_same_figure_is_set_aside_with_the_reason(places):
    rows = [
        figure("XA01", 10),
        figure("Norda", 12, source="other"),
        figure("XA02", None),
        figure("XA02", 5, source="other"),
    ]
    frame, ledger = joined(rows, places)
    assert values(frame) == {"XA": 15, "XA01": 10, "XA02": 5}
    assert [e.reason for e in ledger.open] == ["another-source"]
    assert "12 (other, registered) set aside: t.csv, row 2 states 10" in ledger.open[0].why


def test_one_source_that_writes_a_place_in_two_ways_states_two_parts_of_it(places):
    frame, ledger = joined(
        [figure("Norda", 10), figure("Norda : Region", 3), figure("NORDA", 99)], places
    )
    assert values(frame)["XA01"] == 13
    assert [entry.reason for entry in ledger.open] == ["stated-twice"]


def test_a_sum_is_as_weak_as_its_weakest_part(places):
    rows = [figure("XA01", 1, qualifier="approx"), figure("XA02", 2, kind="estimate")]
    whole = joined(rows, places)[0].query("pcode == 'XA'").iloc[0]
    assert (whole["qualifier"], whole["kind"]) == ("approx", "estimate")


DISTRICTS = ["XA0101", "XA0102", "XA0201", "XA0202", "XA0301", "XA0302"]
WHERE = [
    *DISTRICTS,
    "XA01",
    "XA02",
    "XA03",
    "XA04",
    "XA05",
    "Ossa camp",
    "The Marches",
    "unknown",
    "?",
]
persons = st.one_of(st.none(), st.integers(0, 10**7))


@st.composite
def tables(draw, where=WHERE):
    places = draw(st.lists(st.sampled_from(where), unique=True, max_size=8))
    return [
        figure(
            place, draw(persons), group="REF", origin=draw(st.sampled_from(["", "XBB", "unknown"]))
        )
        for place in places
    ]


@settings(max_examples=40)  # each case joins a table
@given(
    tables(
        where=["XA01", "XA02", "XA03", "XA04", "XA05", "Ossa camp", "The Marches", "unknown", "?"]
    )
)
def test_every_row_is_in_the_ledger_once(places, rows):
    _, ledger = joined(rows, places)
    assert [entry.row for entry in ledger.entries] == [at for at, _ in enumerate(rows, start=2)]
    assert sum(ledger.count(verdict) for verdict in Verdict) == len(rows)
    assert all(entry.why for entry in ledger.open)


@settings(max_examples=40)  # each case joins a table
@given(tables(where=["XA01", "XA02", "XA04", "XA05", "Ossa camp", "The Marches", "unknown", "?"]))
def test_persons_are_conserved_by_carries_sites_and_sums(places, rows):
    known = [row["value"] for row in rows if row["state"] == "figure" and row["place"] != "?"]
    frame, _ = joined(rows, places)
    whole = values(frame, pcode="XA", origin="", unplaced=False)
    assert whole.get("XA", 0) == sum(known) or (not known and whole["XA"] != whole["XA"])


@settings(max_examples=40)  # each case joins a table
@given(tables(where=DISTRICTS))
def test_missing_never_becomes_zero(places, rows):
    frame, _ = joined(rows, places)
    assert (frame["value"].isna() == (frame["state"] != "figure")).all()
    positive = [row for row in rows if row["value"] != 0]
    if len(positive) == len(rows):
        assert (frame["value"] != 0).all()


@settings(max_examples=40)  # each case joins a table
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(places, rows, random):
    rows = [row | {"row": at} for at, row in enumerate(rows, start=2)]
    shuffled = random.sample(rows, len(rows))
    frames = [
        join_figures(
            match_figures(FigureTable(typed_frame(order, FIGURE_COLUMNS)), places), places
        )[0]
        for order in (rows, shuffled)
    ]
    pd.testing.assert_frame_equal(*frames)


@settings(max_examples=40)  # each case joins a table
@given(tables())
def test_a_cell_has_at_most_one_stated_and_one_summed_row(places, rows):
    frame, _ = joined(rows, places)
    key = ["pcode", "level", "unplaced", "group", "measure", "unit", "date", "origin", "basis"]
    assert not frame.duplicated(key).any()
    assert list(frame.columns) == list(UNIT_FIGURE_COLUMNS)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 1000), min_size=1, max_size=9))
def test_apportioned_persons_are_whole_and_sum_exactly(value, weights):
    total = sum(weights)
    shares = apportioned(value, [weight / total for weight in weights])
    assert sum(shares) == value
    assert all(share == int(share) >= 0 for share in shares)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - value * weight / total) < 1 + 1e-6


# --- flows and presence ----------------------------------------------------------------------------


def flow(origin, destination, value, **more):
    base = {column: cell for column, cell in figure("", value).items() if column in FLOW_COLUMNS}
    ends = dict.fromkeys(
        ("origin_pcode", "origin_parent", "destination_pcode", "destination_parent"), ""
    )
    return base | ends | {"origin": origin, "destination": destination, "row": 2} | more


def flows_of(rows, places, figures=()):
    rows = [row | {"row": at} for at, row in enumerate(rows, start=2)]
    matched = match_flows(FlowTable(typed_frame(rows, FLOW_COLUMNS)), places)
    stocks = FigureTable(
        typed_frame([r | {"row": at} for at, r in enumerate(figures, 2)], FIGURE_COLUMNS)
    )
    return join_flows(matched, places, match_figures(stocks, places))


def ends_of(frame):
    columns = (frame[name] for name in ("origin", "destination", "value", "basis"))
    return sorted(zip(*columns, strict=True))


def test_a_movement_keeps_its_ends_and_a_second_source_stands_beside_it(places):
    rows = [
        flow("The Marches", "Tamar", 10116, source="survey"),
        flow("The Marches", "Tamar", 9112, source="other"),
        flow("The Marches", "TAMAR", 10116, source="survey"),
        flow("unknown", "Norda", 3),
    ]
    frame, ledger = flows_of(rows, places)
    assert ends_of(frame) == [
        ("site:marches", "XA03", 9112, "beside"),
        ("site:marches", "XA03", 10116, "stated"),
        ("unknown", "XA01", 3, "stated"),
    ]
    assert [entry.reason for entry in ledger.entries] == ["", "", "stated-twice", ""]


def test_refugees_by_origin_are_flows_to_the_finest_place_stated(places):
    refugees = {"group": "REF", "origin": "XBB"}
    figures = [
        figure("XA", 500, **refugees),
        figure("XA03", 450, **refugees),
        figure("Ossa camp", 400, **refugees),
        figure("XA01", 50, **refugees),
        figure("XA01", 9, group="REF", origin="unknown"),
        figure("XA02", 70, group="RET", origin="XBB"),
        figure("XA02", 70, group="REF", origin="XAA"),
    ]
    frame, _ = flows_of([], places, figures)
    assert ends_of(frame) == [
        ("XB", "XA01", 50, "by-origin"),
        ("XB", "site:ossa-camp", 400, "by-origin"),
        ("unknown", "XA01", 9, "by-origin"),
    ]


def test_refugees_dispersed_in_a_country_flow_to_the_country(places):
    figures = [
        figure("dispersed", 30, group="REF", origin="XBB"),
        figure("Norda", 20, group="REF", origin="XBB"),
        figure("XAA", 50, group="REF", origin="XBB"),
    ]
    frame, _ = flows_of([], places, figures)
    assert ends_of(frame) == [("XB", "XA", 30, "by-origin"), ("XB", "XA01", 20, "by-origin")]


def test_an_organisation_at_a_site_or_in_a_carried_unit_is_present_in_the_unit(places):
    row = {
        **dict.fromkeys(PRESENCE_COLUMNS, ""),
        "file": "p.csv",
        "start": None,
        "date": DAY,
        "org": "Hearth",
        "sector": "Shelter",
        "basis": "explicit",
        "source": "survey",
    }
    rows = [
        row | {"place": place, "row": at}
        for at, place in enumerate(["Ossa camp", "Velm", "Tamar", "?", "Norda"], 2)
    ]
    matched = match_presence(PresenceTable(typed_frame(rows, PRESENCE_COLUMNS)), places)
    frame, ledger = join_presence(matched, places)
    assert frame["pcode"].tolist() == ["XA01", "XA03"]
    assert frame["rows"].tolist() == ["p.csv:6", "p.csv:2|p.csv:3|p.csv:4"]
    assert frame["carried"].tolist() == ["", "XA04"]
    assert len(ledger.entries) == 5
