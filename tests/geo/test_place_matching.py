"""A written place is matched by code, decision, alias, name or strict likeness; the rest is asked."""

from datetime import date

import pandas as pd
import pytest

from boundaries.units import BoundarySet
from geo.decisions import Decision
from geo.gazetteer import Places
from geo.ledger import Verdict
from geo.likeness import taken
from geo.place_matching import match_places
from geo.place_texts import read_place

DAY = date(2020, 12, 31)


@pytest.fixture
def places(xaa_world, xaa_sites):
    return Places(xaa_world, xaa_sites, countries=("XAA",))


def renamed(units: BoundarySet, names: dict[str, str], iso3: str = "") -> BoundarySet:
    """Return the invented units under other names, and in another country's codes."""
    frame = units.frame.copy()
    for pcode, name in names.items():
        frame.loc[frame["pcode"] == pcode, ["name", "name_en", "name_fr"]] = name
        frame.loc[frame["pcode"] == pcode, "aliases"] = ""
    if iso3:
        frame.loc[frame["iso3"] == "XAA", "iso3"] = iso3
    return BoundarySet(units.vintage, frame)


def matched(places, *texts, parent="", day=DAY, pcode="", level="", file="t.csv"):
    frame = pd.DataFrame({"place": list(texts)}).assign(
        file=file, pcode=pcode, parent=parent, level=level
    )
    frame["date"] = [day] * len(texts)
    found = match_places(frame, places)
    return [found.matches[at] for at in found.of_row], found


def one(places, text, **more):
    return matched(places, text, **more)[0][0]


# --- what a text says -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name", "level", "kind", "within"),
    [
        ("Norda : Region", "Norda", None, "region", ""),
        ("Norda : R+¬gion", "Norda", None, "region", ""),
        ("NordÃƒÂ¡", "Nordá", None, "", ""),
        ("Ossa [Admin 2]", "Ossa", 2, "", ""),
        ("Ossa (within Admin 1: Tamar ) [Admin 3: PRP]", "Ossa", 3, "", "Tamar"),
        ("Sites : Norda / Tamar", "Sites : Norda / Tamar", None, "", ""),
    ],
)
def test_a_text_is_taken_apart_and_nothing_of_it_is_lost(written, name, level, kind, within):
    said = read_place(written)
    assert (said.name, said.level, said.kind, said.within) == (name, level, kind, within)


# --- levels, types, parents -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("Norda : Region", "XA01"),
        ("Séna : District", "XA0201"),
        ("Séna : Region", "XA02"),
        ("Séna [Admin 1]", "XA02"),
        ("Ubari (within Admin 1: Tamar)", "XA0302"),
        ("Somewhere (within Admin 1: Tamar ) [Admin 3: PRP]", "XA03"),
        ("Norda : Point", "XA01"),
        ("Norda [Admin 3: POC]", "XA01"),
        ("Norda / Tamar", "XA"),
    ],
)
def test_what_stands_beside_a_name_says_which_unit_is_meant(places, written, target):
    assert one(places, written, parent="XAA").target == target


@pytest.mark.parametrize(
    "written",
    [
        "Norda : District",  # there is a region Norda, and no district of the name
        "Ubari [Admin 1]",
        "Ubari : Point",  # a town may bear the name of a district elsewhere
        "Ubari [Admin 3: PRP]",
        "Ubari (within Admin 1: Norda)",
        "Somewhere (within Admin 1: Atlantis ) [Admin 3: PRP]",
        "Norda / Atlantis",
    ],
)
def test_a_name_that_does_not_fit_what_is_said_of_it_is_left_out(places, written):
    match = one(places, written, parent="XAA")
    assert (match.target, match.verdict) == ("", Verdict.LEFT_OUT)


def test_a_name_of_nested_units_is_read_by_the_rest_of_its_table(places):
    regions, _ = matched(places, "Sena", "Norda")
    assert (regions[0].target, regions[0].confidence) == ("XA02", 1.0)
    districts, _ = matched(places, "Sena", "Ubari")
    assert districts[0].target == "XA0201"
    alone = one(places, "Sena")
    assert (alone.target, alone.how, alone.confidence) == ("XA02", "outer", 0.9)
    both, _ = matched(places, "Sena", "Quirim", "Norda")  # Quirim lies in the region of Sena
    assert (both[0].target, both[0].reason) == ("", "ambiguous-name")


def test_another_days_rows_do_not_say_what_a_name_means(places):
    frame = pd.DataFrame({"place": ["Sena", "Quirim", "Norda"], "date": [DAY, None, None]})
    frame = frame.assign(file="t.csv", pcode="", parent="", level="")
    found = match_places(frame, places)
    assert found.matches[found.of_row[0]].how == "outer"


# --- alike ------------------------------------------------------------------------------------------


def test_a_name_that_is_only_alike_is_placed_and_flagged(xaa_world):
    places = Places(renamed(xaa_world, {"XA01": "Koulikoro"}), countries=("XAA",))
    match = one(places, "Koulikouro : Region")
    assert (match.target, match.how) == ("XA01", "alike")
    assert match.confidence == pytest.approx(0.947, abs=0.001)
    assert "95 % alike" in match.why


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ("Ossa", "Osso"),  # too short to tell
        ("Nordaban", "Sordaban"),  # another first letter
        ("Bagaroua", "Baroua"),  # a village of its own, far away
        ("Tamar Nord", "Tamar Sud"),
        ("Sangare I", "Sangare II"),
        ("Autresse", "Autres"),
        ("Unknowna", "Unknown"),
        ("Totalia", "Total"),
    ],
)
def test_names_that_may_be_others_are_never_taken_for_each_other(xaa_world, known, written):
    places = Places(renamed(xaa_world, {"XA01": known}), countries=("XAA", "XBB"))
    assert one(places, written).target == ""


def test_two_places_that_are_nearly_as_alike_are_left_to_a_person(xaa_world):
    units = renamed(xaa_world, {"XA01": "Marandela", "XA02": "Marandola"})
    match = one(Places(units, countries=("XAA",)), "Marandala")
    assert match.target == ""
    assert {each.pcode for each in match.suggestions} >= {"XA01", "XA02"}


def test_two_names_of_one_place_are_no_rivals():
    assert taken("marandala", {"marandela": "XA01", "marandola": "XA01"}) is not None


def test_likeness_stays_within_the_parent(xaa_world):
    places = Places(renamed(xaa_world, {"XA0302": "Marandela"}), countries=("XAA",))
    assert one(places, "Marandella", parent="Tamar").target == "XA0302"
    outside = one(places, "Marandella", parent="Norda")
    assert outside.target == ""
    assert "outside Norda" in outside.suggestions[0].said


# --- aliases ----------------------------------------------------------------------------------------


def test_an_alias_holds_for_the_days_it_was_in_use(xaa_world):
    units = renamed(xaa_world, {"XA01": "Cascades"}, iso3="BFA")
    places = Places(units, countries=("BFA",))
    assert one(places, "Tannounyan", day=date(2025, 12, 31)).how == "alias"
    assert one(places, "Tannounyan", day=date(2016, 12, 31)).target == ""


def test_aliases_are_read_both_ways_but_for_seats(xaa_world):
    french = Places(renamed(xaa_world, {"XA01": "Tombouctou"}, iso3="MLI"), countries=("MLI",))
    english = Places(renamed(xaa_world, {"XA01": "Timbuktu"}, iso3="MLI"), countries=("MLI",))
    assert one(french, "Timbuktu").target == one(english, "Tombouctou").target == "XA01"
    town = Places(renamed(xaa_world, {"XA0101": "Ouagadougou"}, iso3="BFA"), countries=("BFA",))
    assert one(town, "Kadiogo").target == ""


# --- nowhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["Dispersed in the country / territory", "Autres", "unknown"])
def test_words_for_nowhere_are_unplaced_whatever_they_are_like(places, written):
    match = one(places, written, parent="XAA")
    assert (match.target, match.verdict) == ("XA", Verdict.UNPLACED)


# --- decisions --------------------------------------------------------------------------------------


def test_a_decision_comes_before_names_and_after_codes(xaa_world):
    decided = (
        Decision("t.csv", "Upper Norda", "", "XA0101", "asked the cluster", "A. N.", "2021-01-15"),
        Decision("", "Norda", "", "XA02"),
        Decision("", "Market", "", "leave out", "a market, nobody lives there"),
        Decision("", "Gone", "", "XA99"),
    )
    places = Places(xaa_world, countries=("XAA",), decisions=decided)
    upper = one(places, "Upper Norda")
    assert (upper.target, upper.how) == ("XA0101", "decision")
    assert upper.why == "decided: asked the cluster (A. N., 2021-01-15)"
    assert one(places, "Upper Norda", file="other.csv").target == ""
    assert one(places, "Norda").target == "XA02"
    assert one(places, "Norda", pcode="XA01").target == "XA01"
    out = one(places, "Market")
    assert (out.verdict, out.reason) == (Verdict.LEFT_OUT, "decided-out")
    assert "which vintage xaa-2010 does not have" in one(places, "Gone").why


def test_a_decision_settles_a_code_and_a_name_that_disagree(xaa_world):
    decided = (Decision("", "Tamar", "", "XA03"),)
    asked = Places(xaa_world, countries=("XAA",))
    assert one(asked, "Tamar", pcode="XA01").reason == "code-and-name-disagree"
    settled = Places(xaa_world, countries=("XAA",), decisions=decided)
    assert one(settled, "Tamar", pcode="XA01").target == "XA03"


def test_only_what_a_person_can_settle_is_asked(places):
    matches, found = matched(places, "Nordastan", "Norda", "unknown", "Nordastan")
    assert len(found.written) == 3  # each name once
    assert [bool(found.asked(at)) for at in range(3)] == [True, False, False]
    assert matches[0] == matches[3]
    (asked,) = found.asked(0)
    assert asked.suggestions[0].pcode == "XA01"
