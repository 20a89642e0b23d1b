"""One organisation is one, however often and however spelled; a sector has one code."""

from datetime import date

import pytest

from geo.adding import MayNotAdd, count_distinct
from geo.gazetteer import Places
from geo.joining import join_presence
from geo.matching import match_presence
from geo.partners import known_organisation, known_role, known_sector, known_type, sector_names
from geo.tables import PRESENCE_COLUMNS, PresenceTable, typed_frame

ROW = {
    **dict.fromkeys(PRESENCE_COLUMNS, ""),
    "file": "3w.csv",
    "place": "Norda",
    "sector": "WASH",
    "basis": "explicit",
    "start": None,
    "date": date(2020, 12, 31),
    "source": "ocha",
}


@pytest.fixture
def places(xaa):
    return Places(xaa, countries=("XAA",))


def matched(places, *rows):
    listed = [ROW | row | {"row": at} for at, row in enumerate(rows, start=2)]
    return match_presence(PresenceTable(typed_frame(listed, PRESENCE_COLUMNS)), places)


@pytest.mark.parametrize(
    "written",
    [
        "UNHCR",
        "UNCHR",
        "HCR",
        "U.N.H.C.R.",
        "United Nations High Commissioner for Refugees",
        "UNHCR - United Nations High Commissioner for Refugees",
        "Haut-Commissariat des Nations Unies pour les Réfugiés (HCR)",
    ],
)
def test_spellings_and_acronyms_of_a_known_organisation_are_one(written):
    assert known_organisation(written).acronym == "UNHCR"


def test_an_acronym_alone_does_not_make_another_organisation_a_known_one():
    assert known_organisation("Northern Relief Council of XAA", "NRC") is None


def test_spellings_within_a_table_are_one_organisation(places):
    names = [
        {"org": "Well Diggers of Norda", "acronym": "WDN"},
        {"org": "WDN", "sector": "Education"},
        {"org": "Well Digers of Norda", "acronym": ""},
        {"org": "WELL DIGGERS OF NORDA", "sector": "Santé"},
        {"org": "Well Diggers of Tamar"},
    ]
    found = matched(places, *names)
    assert found.frame["org"].nunique() == 2
    assert set(found.frame["acronym"][:4]) == {"WDN"}
    assert found.entries[1].why == "'WDN' taken as Well Diggers of Norda"
    frame, _ = join_presence(found, places)
    assert frame.groupby("org")["sector_code"].nunique()["Well Diggers of Norda"] == 3


def test_one_acronym_of_two_names_stays_ambiguous(places):
    names = [
        {"org": "Hearth and Roof", "acronym": "HR"},
        {"org": "Harvest Relief Group", "acronym": "HR"},
        {"org": "HR"},
    ]
    assert matched(places, *names).frame["org"].nunique() == 3


def test_numbers_tell_long_names_apart(places):
    names = [{"org": "Comité de gestion du site 1"}, {"org": "Comité de gestion du site 2"}]
    assert matched(places, *names).frame["org"].nunique() == 2


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Eau, Hygiène et Assainissement", "WSH"),
        ("Abris et Non vivres", "SHL"),
        ("Cash multi-sectoriel", "Cash"),
        ("Protection: gender-based violence", "PRO-GBV"),
        ("Protection: monitoring", "PRO"),
        ("Education (EiE)", "EDU"),
        ("Sécurité alimentaire", "FSC"),
        ("juggling", ""),
    ],
)
def test_sectors_have_the_codes_of_the_global_coordination_groups(written, code):
    assert known_sector(written) == code
    assert not code or code in sector_names()


def test_a_code_in_the_table_stays_and_words_for_type_and_role_are_common(places):
    frame = matched(
        places, {"org": "X", "sector_code": "EDU", "org_type": "ONG Nat", "role": "Chef de file"}
    ).frame
    assert frame.loc[0, ["sector_code", "org_type", "role"]].tolist() == [
        "EDU",
        "National NGO",
        "lead",
    ]
    assert (known_type("Invented"), known_role("organiser")) == ("Invented", "organiser")


def test_an_organisation_in_three_clusters_is_one():
    clusters = {"WSH": {"NRC", "UNICEF"}, "EDU": {"NRC"}, "PRO": {"NRC"}}
    with pytest.raises(MayNotAdd, match="NRC is in EDU and in PRO") as refused:
        count_distinct(clusters)
    assert refused.value.reason == "organisations"
    assert len(set().union(*clusters.values())) == 2
