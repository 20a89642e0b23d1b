import pytest

from geo.hxl import hxl_share, is_tag, tag_in
from geo.shapes.roles import role_of_words
from geo.shapes.tag_roles import role_of_tag


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("#ADM1 +Code", "#adm1+code"),
        ("#adm1+origin+pcode", "#adm1+code+origin"),
        ("#admin1+name", "#adm1+name"),
        ("#idp_num", "#affected+idps"),
        ("#adm1_id", "#adm1+code"),
        ("#date+occured", "#date+occurred"),
        ("#country/fr", "#country"),
    ],
)
def test_old_and_misspelt_tags_are_todays(written, same):
    assert tag_in(written) == tag_in(same)


@pytest.mark.parametrize("cell", ["#N/A", "# of girls", "#REF!", "#1", "adm1", ""])
def test_what_only_looks_like_a_tag_is_none(cell):
    assert not is_tag(cell)


def test_a_row_that_tags_few_columns_is_still_all_tags():
    assert hxl_share(["", "#adm1+name", "", "#sector", "", "", ""]) == 1.0


@pytest.mark.parametrize(
    ("tag", "what", "group"),
    [
        ("#affected+refugees+returnees", "value", "RET"),
        ("#affected+idps+returnees", "value", "RDP"),
        ("#affected+idps", "value", "IDP"),
        ("#affected+f+idps", "split", ""),
        ("#inneed+idps", "mark", ""),
        ("#population", "value", "POP"),
        ("#org+funder", "mark", ""),
    ],
)
def test_a_tag_says_whom_it_counts_and_need_is_not_displacement(tag, what, group):
    role = role_of_tag(tag_in(tag))
    assert (role.what, role.group) == (what, group)


@pytest.mark.parametrize(
    ("header", "what", "level", "code"),
    [
        ("admin1Pcod", "place", 1, True),
        ("ADM2_FR", "place", 2, False),
        ("Cercle", "place", None, False),
        ("Pays d'origine", "origin", 0, False),
        ("Previous (Departure) District", "origin", None, False),
        ("Current (Arrival) Region", "destination", None, False),
        ("Organisation Accronyme", "acronym", None, False),
        ("Type Organisation", "org_type", None, False),
        ("Nom Organisation", "org", None, False),
        ("Bailleur de fond", None, None, False),
        ("Secteur", "sector", None, False),
        ("المحافظة", "place", None, False),
        ("Total Femmes ciblées", "mark", None, False),
        ("Latitude", "mark", None, False),
    ],
)
def test_header_words_say_what_a_column_is_for(header, what, level, code):
    role = role_of_words(header)
    if what is None:
        assert role is None
    else:
        assert (role.what, role.level, role.code) == (what, level, code)


@pytest.mark.parametrize(
    ("header", "group", "unit"),
    [
        ("PDI (ménages)", "IDP", "households"),
        ("Réfugiés", "REF", ""),
        ("Number of IDPs", "IDP", ""),
        ("Rapatriés", "RET", ""),
        ("Retournés PDI", "RDP", ""),
        ("النازحين", "IDP", ""),
        ("Demandeurs d’asile", "ASY", ""),
        ("Population totale", "POP", ""),
    ],
)
def test_header_words_say_whom_a_column_counts(header, group, unit):
    role = role_of_words(header)
    assert (role.what, role.group, role.unit) == ("value", group, unit)
