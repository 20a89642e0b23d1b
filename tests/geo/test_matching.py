"""A wrong region is worse than a row left out: every row gets its place, or a reason."""

from datetime import date

import pytest

from boundaries.errors import UnknownUnit
from boundaries.sites import Site
from geo.errors import BadCarry
from geo.ledger import Verdict
from geo.matching import Carry, Places, match_figures, match_flows
from geo.tables import FIGURE_COLUMNS, FLOW_COLUMNS, FigureTable, FlowTable, typed_frame

CARRY = Carry("XA04", ("Velm",), (("XA03", 1.0),), {"en": "Velm is shown within Tamar"})


@pytest.fixture
def places(xaa_world, xaa_sites):
    return Places(xaa_world, xaa_sites, (CARRY,), countries=("XAA",))


def figure(place="", *, origin="", row=2):
    return {
        **dict.fromkeys(FIGURE_COLUMNS, ""),
        "file": "t.csv",
        "row": row,
        "place": place,
        "origin": origin,
        "group": "IDP",
        "measure": "stock",
        "kind": "registered",
        "unit": "persons",
        "start": None,
        "date": date(2020, 12, 31),
        "value": 1.0,
        "state": "figure",
        "qualifier": "exact",
        "source": "survey",
    }


@pytest.mark.parametrize(
    ("written", "target", "how"),
    [
        (("", "XA01", "", ""), "XA01", "code"),
        (("Norda", "XA01", "", ""), "XA01", "code"),
        (("Nordda", "XA01", "", ""), "XA01", "code"),  # the code decides; the name only misspelt
        (("XAA", "", "", ""), "XA", "iso3"),
        (("", "XAA", "", ""), "XA", "iso3"),
        (("XA0301", "", "", ""), "XA0301", "code"),
        (("Région de Nordé", "", "", ""), "XA01", "name"),
        (("نوردا", "", "", ""), "XA01", "name"),
        (("Nordah", "", "", ""), "XA01", "alias"),
        (("Haut Nordé", "", "Norda", ""), "XA0101", "name"),
        (("Sena", "", "", "1"), "XA02", "name"),
        (("Sena", "", "", "2"), "XA0201", "name"),
        (("District of Séna", "", "", ""), "XA0201", "name"),
        (("Séna", "", "Séna", "2"), "XA0201", "name"),
        (("ossa camp", "", "", ""), "site:ossa-camp", "site"),
        (("", "ossa-camp", "", ""), "site:ossa-camp", "site"),
        (("Porto Alto", "", "XAA", ""), "site:port-alto", "site"),
        (("Ossa camp", "XA03", "", ""), "site:ossa-camp", "site"),
        (("Velm", "", "", ""), "carry:XA04", "carry"),
        (("Velm", "XA04", "", ""), "carry:XA04", "carry"),
        (("Total", "", "XAA", ""), "XA", "parent"),
    ],
)
def test_a_place_is_found_by_code_name_site_or_carry(places, written, target, how):
    match = places.find(*written)
    assert (match.target, match.how) == (target, how), match.why


@pytest.mark.parametrize(
    ("written", "reason", "said"),
    [
        (("Nowhereville", "", ""), "unknown-place", "[[place]]"),
        (("Tamarr", "", ""), "unknown-place", "did you mean Tamar (XA03, level 1)?"),
        (("Sena", "", ""), "ambiguous-name", "Séna (XA02, level 1); Séna (XA0201, level 2)"),
        (("Tamar", "XA01", ""), "code-and-name-disagree", "code XA01 is Norda"),
        (("Velm", "XA01", ""), "code-and-name-disagree", "'Velm'"),
        (("Norda", "XA04", ""), "code-and-name-disagree", "code XA04 is Velm"),
        (("", "XA77", ""), "unknown-code", "XA77 is not in vintage xaa-2010"),
        (("Lumo", "XB01", ""), "outside", "outside the situation's countries XAA"),
        (("Lumo", "", ""), "unknown-place", "no place is called 'Lumo'"),
        (("Ossa", "", "Norda"), "unknown-place", "in Norda"),
        (("Ossa", "", "Nordistan"), "unknown-parent", "'Nordistan'"),
        (("Total", "", ""), "total-of-nothing", "total of"),
    ],
)
def test_a_place_that_is_not_certain_is_left_out_with_a_reason(places, written, reason, said):
    match = places.find(*written)
    assert (match.target, match.verdict, match.reason) == ("", Verdict.LEFT_OUT, reason)
    assert said in match.why


def test_an_unknown_code_with_a_name_that_is_certain_is_placed_and_says_so(places):
    match = places.find("Norda", "X-17")
    assert match.target == "XA01"
    assert "X-17 is not in vintage" in match.why


@pytest.mark.parametrize(
    "word", ["unknown", "Dispersed in the country / territory", "Autres", "non placés"]
)
def test_people_of_no_stated_place_count_within_the_parent_only(places, word):
    match = places.find(word, parent="Norda")
    assert (match.target, match.level, match.verdict) == ("XA01", 2, Verdict.UNPLACED)
    assert places.find(word).target == "XA"  # the only country there is


def test_nowhere_in_one_of_several_countries_is_left_out(xaa_world):
    match = Places(xaa_world, countries=("XAA", "XBB")).find("unknown")
    assert match.reason == "nowhere"


def test_an_area_over_several_units_is_not_split(places):
    match = places.find("The Marches")
    assert (match.target, match.level, match.verdict) == ("site:marches", 1, Verdict.UNPLACED)


@pytest.mark.parametrize(
    ("written", "pcode"),
    [
        ("XBB", "XB"),
        ("XB", "XB"),
        ("Xbbie", "XB"),
        ("إكسبيا", "XB"),
        ("Unknown", "unknown"),
        ("Atlantis", None),
    ],
)
def test_a_country_of_origin_may_be_any_of_the_world(places, written, pcode):
    assert places.origin(written) == pcode


def test_every_row_is_in_the_ledger_and_a_misspelt_origin_leaves_its_row_out(places):
    rows = [
        figure("Norda", origin="XBB"),
        figure("Norda", origin="Xbbja", row=3),
        figure("?", row=4),
    ]
    matched = match_figures(FigureTable(typed_frame(rows, FIGURE_COLUMNS)), places)
    assert [entry.row for entry in matched.entries] == [2, 3, 4]
    assert matched.frame["matched"].tolist() == ["XA01", "", ""]
    assert matched.frame["origin_code"].tolist()[0] == "XB"
    assert matched.entries[1].reason == "unknown-origin"
    assert "Xbbia" in matched.entries[1].why


def test_flow_ends_are_sites_units_countries_of_the_world_or_unknown(places):
    flow = {k: v for k, v in figure().items() if k in FLOW_COLUMNS} | {
        **dict.fromkeys(("origin_pcode", "origin_parent"), ""),
        **dict.fromkeys(("destination_pcode", "destination_parent"), ""),
    }
    ends = [
        ("The Marches", "Tamar"),
        ("Norda", "Xbbia"),
        ("unknown", "Velm"),
        ("Norda", "Norda"),
        ("?", "Ossa"),
    ]
    rows = [
        flow | {"origin": start, "destination": stop, "row": at}
        for at, (start, stop) in enumerate(ends, start=2)
    ]
    matched = match_flows(FlowTable(typed_frame(rows, FLOW_COLUMNS)), places)
    pairs = zip(matched.frame["origin_matched"], matched.frame["destination_matched"], strict=True)
    assert list(pairs) == [
        ("site:marches", "XA03"),
        ("XA01", "XB"),
        ("unknown", "XA03"),
        ("XA01", "XA01"),
        ("", ""),
    ]
    assert [e.reason for e in matched.entries][3:] == ["", "unknown-place"]
    assert "within one place" in matched.entries[3].why


def test_a_carry_shares_out_the_whole_and_goes_to_units_there_are(xaa):
    with pytest.raises(BadCarry, match=r"sum to 0\.9"):
        Carry("XA04", (), (("XA01", 0.4), ("XA02", 0.5)))
    with pytest.raises(UnknownUnit, match="XA99"):
        Places(xaa, carries=(Carry("XA04", (), (("XA99", 1.0),)),))
    with pytest.raises(UnknownUnit, match="XA98"):
        Places(xaa, sites=(Site("s", {"en": "S"}, 0, 0, ("XA98",)),))


def test_what_lies_in_one_of_the_smallest_units_is_counted_in_it(places):
    rows = [figure("Camp Nord"), figure("Camp Nord", row=3), figure("Camp Nord", row=4)]
    for row, parent in zip(rows, ("Alto Norda", "XA0101", "Norda"), strict=True):
        row["parent"] = parent
    matched = match_figures(FigureTable(typed_frame(rows, FIGURE_COLUMNS)), places)
    assert matched.frame["matched"].tolist() == ["XA0101", "XA0101", ""]
    by_name, by_code, out = matched.entries
    assert by_name.verdict is by_code.verdict is Verdict.PLACED
    assert "smaller than the units of the vintage: counted in Alto Norda" in by_name.why
    # Norda has districts: which of them is meant is not ours to say
    assert out.reason == "unknown-place"
