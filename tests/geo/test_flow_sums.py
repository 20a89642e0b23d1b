"""Movements add up to wider places and longer periods without losing or doubling anybody."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.adding import MayNotAdd
from geo.flow_sums import flows_between, net_flows, over_time, turnover
from geo.gazetteer import Places
from geo.joining import join_flows
from geo.matching import match_flows
from geo.tables import FLOW_COLUMNS, UNIT_FLOW_COLUMNS, FlowTable, typed_frame

JUNE, JULY = (date(2020, 6, 1), date(2020, 6, 30)), (date(2020, 7, 1), date(2020, 7, 31))
ENDS = [
    "XA01",
    "XA0101",
    "XA0102",
    "XA0301",
    "XA03",
    "site:marches",
    "site:ossa-camp",
    "unknown",
    "XB",
]


@pytest.fixture(scope="module")
def places(xaa_world, xaa_sites):
    return Places(xaa_world, xaa_sites, countries=("XAA",))


def flows(*rows):
    base = {
        **dict.fromkeys(UNIT_FLOW_COLUMNS, ""),
        "group": "IDP",
        "measure": "new",
        "kind": "estimate",
        "unit": "persons",
        "state": "figure",
        "qualifier": "exact",
        "basis": "stated",
    }
    told = []
    for at, (origin, destination, value, *period) in enumerate(rows, start=2):
        start, day = period[0] if period else JUNE
        told.append(
            base
            | {"origin": origin, "destination": destination, "value": float(value)}
            | {"start": start, "date": day, "rows": f"t.csv:{at}"}
        )
    return typed_frame(told, UNIT_FLOW_COLUMNS)


def pairs(frame):
    return sorted(zip(frame["origin"], frame["destination"], frame["value"], strict=True))


def test_movements_between_districts_are_movements_between_their_regions(places):
    moved = flows(
        ("XA0101", "XA0301", 5),
        ("XA0102", "XA0301", 7),
        ("XA0101", "XA0102", 3),
        ("unknown", "XA0301", 2),
        ("site:ossa-camp", "XA0101", 1),
        ("site:marches", "XA0301", 4),
        ("XB", "XA0301", 6),
    )
    assert pairs(flows_between(moved, places, 1)) == [
        ("XA01", "XA01", 3),  # internal movement is kept
        ("XA01", "XA03", 12),
        ("XA03", "XA01", 1),
        ("XB", "XA03", 6),  # what is wider than a region stays what it is
        ("site:marches", "XA03", 4),  # over two regions: not split
        ("unknown", "XA03", 2),
    ]
    at_top = flows_between(moved, places, 0)
    assert ("XA", "XA", 20) in pairs(at_top)
    assert at_top["rows"].str.count(r"\|").sum() + len(at_top) == len(moved)


people = st.lists(
    st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS), st.integers(0, 10**6)), min_size=1
)


@settings(max_examples=40)  # each case joins a table
@given(people, st.integers(0, 2))
def test_nobody_is_lost_or_doubled_on_the_way_up(places, moved, level):
    frame = flows(*moved)
    wider = flows_between(frame, places, level)
    assert wider["value"].sum() == frame["value"].sum()
    assert not wider.duplicated(["origin", "destination"]).any()


@settings(max_examples=40)  # each case joins a table
@given(people)
def test_arrivals_equal_departures_over_all_places(places, moved):
    frame = flows(*moved)
    told = turnover(frame)
    to_nowhere = frame[(frame["destination"] == "unknown") & (frame["origin"] != "unknown")]
    assert told["arrived"].sum() + to_nowhere["value"].sum() == told["left"].sum()
    known = frame[frame["destination"] != "unknown"]["value"].sum()
    assert told[["arrived", "arrived_unknown", "within"]].sum().sum() == known
    net = net_flows(frame)
    assert (net["gross"] == net["net"] + 2 * net["back"]).all()


def test_net_is_what_remains_of_there_and_back():
    net = net_flows(flows(("XA01", "XA03", 5), ("XA03", "XA01", 12), ("XA01", "XA01", 9)))
    assert net[["origin", "destination", "gross", "net", "back"]].to_numpy().tolist() == [
        ["XA03", "XA01", 17, 7, 5]
    ]


def test_new_movements_add_over_periods_and_overlapping_ones_are_refused():
    both = flows(("XA01", "XA03", 5, JUNE), ("XA01", "XA03", 7, JULY), ("XA03", "XA01", 1, JULY))
    total = over_time(both)
    assert pairs(total) == [("XA01", "XA03", 12), ("XA03", "XA01", 1)]
    assert set(zip(total["start"], total["date"], strict=True)) == {(JUNE[0], JULY[1])}
    with pytest.raises(MayNotAdd, match="begins before 2020-06-30 is over"):
        over_time(flows(("XA01", "XA03", 5, JUNE), ("XA01", "XA03", 7, (JUNE[1], JULY[1]))))


def test_what_stands_beside_a_movement_is_not_added_to_it(places):
    twice = flows(("XA01", "XA03", 10116), ("XA01", "XA03", 9112))
    twice.loc[1, "basis"] = "beside"
    assert flows_between(twice, places, 1)["value"].tolist() == [10116]


def test_rows_that_are_parts_of_a_movement_add_up(places):
    row = {
        **dict.fromkeys(FLOW_COLUMNS, ""),
        "file": "t.csv",
        "origin": "Norda",
        "destination": "Tamar",
        "group": "IDP",
        "measure": "new",
        "kind": "estimate",
        "unit": "persons",
        "start": JUNE[0],
        "date": JUNE[1],
        "state": "figure",
        "qualifier": "exact",
        "source": "prmn",
    }
    rows = [row | {"row": at, "value": float(at), "note": f"reason {at}"} for at in (2, 3, 4)]
    table = typed_frame(rows, FLOW_COLUMNS)
    whole, ledger = join_flows(match_flows(FlowTable(table, parts=True), places), places)
    assert whole["value"].tolist() == [9]
    assert whole["rows"].tolist() == ["t.csv:2|t.csv:3|t.csv:4"]
    assert not ledger.open
    first, ledger = join_flows(match_flows(FlowTable(table), places), places)
    assert first["value"].tolist() == [2]
    assert [entry.reason for entry in ledger.open] == ["stated-twice", "stated-twice"]
