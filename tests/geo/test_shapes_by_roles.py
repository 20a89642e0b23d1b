from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.grids import Sheet
from geo.headers import find_header
from geo.recognising import recognise
from geo.shaping import to_table


def laid_out(*rows, file="xaa.csv", name=""):
    width = max(len(row) for row in rows)
    frame = pd.DataFrame(
        [[str(cell) for cell in row] + [""] * (width - len(row)) for row in rows],
        index=range(1, len(rows) + 1),
        columns=range(1, width + 1),
        dtype="str",
    )
    sheet = Sheet(file, name, frame.loc[(frame != "").any(axis=1), (frame != "").any(axis=0)])
    header = find_header(sheet)
    return sheet, header, recognise(sheet, header)


def read(*rows, **how):
    sheet, header, shape = laid_out(*rows, **how)
    return shape, to_table(sheet, header, shape, source="s")


def cells(shaped, *columns):
    return [tuple(row) for row in shaped.table.frame[list(columns)].to_numpy().tolist()]


def test_a_french_3w_is_presence_with_its_levels_and_codes():
    shape, shaped = read(
        [
            "Organisation Accronyme",
            "Nom Organisation",
            "Type Organisation",
            "admin1Pcod",
            "Region",
            "admin2Pcod",
            "Cercle",
            "Cluster",
            "Date début",
            "Date fin",
        ],
        [
            "ONGX",
            "Organisation X",
            "ONG Nat",
            "XA01",
            "Norda",
            "XA0101",
            "Alto",
            "WASH",
            "01/03/2020",
            "31/12/2020",
        ],
        ["ONGY", "", "ONG Int", "XA02", "Séna", "", "", "Santé", "15/03/2020", "30/06/2020"],
        ["", "", "", "XA03", "Tamar", "", "", "", "15/03/2020", "30/06/2020"],
    )
    assert (shape.id, shape.kind) == ("ocha-3w", "presence")
    assert cells(shaped, "row", "org", "sector", "pcode", "level", "parent", "start", "date") == [
        (2, "Organisation X", "WASH", "XA0101", "2", "XA01", date(2020, 3, 1), date(2020, 12, 31)),
        (3, "ONGY", "Santé", "XA02", "1", "", date(2020, 3, 15), date(2020, 6, 30)),
    ]
    assert [(drop.first, drop.reason) for drop in shaped.dropped] == [(4, "no-organisation")]


def test_p_codes_hide_under_any_header():
    shape, shaped = read(
        ["Title", "Province", "Departement", "Cluster", "Organisation"],
        ["XA01", "Norda", "", "WASH", "Org X"],
        ["XA02", "Séna", "Quirim", "WASH", "Org X"],
        ["XA03", "Tamar", "", "Nutrition", "Org Y"],
    )
    assert [(level.level, level.name, level.code) for level in shape.place] == [
        (1, 2, 1),
        (2, 3, None),
    ]
    assert cells(shaped, "place", "pcode", "parent") == [
        ("Norda", "XA01", ""),
        ("Quirim", "", "XA02"),
        ("Tamar", "XA03", ""),
    ]


def test_who_pays_is_not_who_is_there():
    shape, _ = read(
        ["Donor / Funding Organization", "Donor Acronym", "Partner", "Province", "Cluster"],
        ["Fund", "F", "Org X", "Norda", "WASH"],
        ["Fund", "F", "Org Y", "Séna", "WASH"],
    )
    assert shape.columns["org"] == 3
    assert "acronym" not in shape.columns


def test_a_name_above_the_coded_levels_is_no_level_of_its_own():
    shape, _ = read(
        ["State", "Region", "Region Pcode", "District", "District_Pcode", "Organization"],
        ["West", "Norda", "XA01", "Alto", "XA0101", "Org X"],
        ["East", "Séna", "XA02", "Quirim", "XA0202", "Org X"],
    )
    assert [(level.level, level.name, level.code) for level in shape.place] == [
        (None, 1, None),
        (1, 2, 3),
        (2, 4, 5),
    ]


def test_only_the_deepest_level_may_have_codes():
    shape, _ = read(
        ["Region", "Zone", "Woreda", "WoredaPcod", "Organization"],
        ["Norda", "Z1", "Alto", "XA010101", "Org X"],
        ["Séna", "Z2", "Quirim", "XA020201", "Org X"],
    )
    assert [(level.level, level.code) for level in shape.place] == [(1, None), (2, None), (3, 4)]


def test_numbered_codes_number_the_names_whatever_they_are_called():
    shape, _ = read(
        ["PCODE 1", "DEPARTMENT", "PCODE 2", "MUNICIPALITY", "ORGANIZATION", "SECTOR"],
        ["XA01", "Norda", "XA0101", "Alto", "Org X", "WASH"],
        ["XA02", "Séna", "XA0202", "Quirim", "Org X", "WASH"],
    )
    assert [(level.level, level.name, level.code) for level in shape.place] == [
        (1, 2, 1),
        (2, 4, 3),
    ]


def test_a_wide_table_gives_a_figure_per_cell_and_empty_cells_stay_not_reported():
    shape, shaped = read(
        ["Région", "PDI", "Réfugiés", "Rapatriés"], ["Norda", "1 200", 0, "-"], ["Séna", 80, 7, 3]
    )
    assert shape.wide
    assert cells(shaped, "row", "group", "state") == [
        (2, "IDP", "figure"),
        (2, "REF", "figure"),
        (2, "RET", "not_reported"),
        (3, "IDP", "figure"),
        (3, "REF", "figure"),
        (3, "RET", "figure"),
    ]
    assert shaped.table.frame["value"].tolist()[:2] == [1200, 0]


def test_a_long_table_takes_its_group_from_a_column():
    _, shaped = read(
        ["Admin1", "Population type", "Country of origin", "Individuals", "Date"],
        ["Norda", "Refugees", "XBB", 10, "31/12/2020"],
        ["Norda", "IDP", "", 20, "31/12/2020"],
        ["Norda", "NAT", "XBB", 5, "31/12/2020"],
    )
    assert cells(shaped, "group", "origin", "value") == [("REF", "XBB", 10), ("IDP", "", 20)]
    assert shaped.dropped[0].reason == "other-group"


def test_a_group_in_the_header_above_names_its_columns():
    shape, _ = read(
        ["", "IDPs", "", "Refugees", ""],
        ["Region", "Individuals", "Households", "Individuals", "Households"],
        ["Norda", 120, 24, 7, 2],
        ["Séna", 50, 10, 3, 1],
    )
    assert [(value.group, value.unit) for value in shape.values] == [
        ("IDP", ""),
        ("IDP", "households"),
        ("REF", ""),
        ("REF", "households"),
    ]


def test_a_tagged_table_is_read_by_its_tags_whatever_the_headers_say():
    shape, shaped = read(
        ["A", "B", "C", "D"],
        ["#adm1+name", "#adm1+code", "#affected+idps", "#date+reported"],
        ["Norda", "XA01", 12, "2020-06-30"],
    )
    assert shape.id == "hxl"
    assert cells(shaped, "place", "pcode", "level", "group", "value", "date") == [
        ("Norda", "XA01", "1", "IDP", 12, date(2020, 6, 30))
    ]


def test_unhcr_codes_are_seen_in_a_plain_column_of_codes():
    _, shaped = read(
        ["Country of asylum", "Country of origin", "Refugees", "Year"],
        ["MAU", "MLI", 5, 2016],
        ["NGR", "MLI", 6, 2016],
        ["BKF", "NIG", 7, 2016],
    )
    assert cells(shaped, "pcode", "origin") == [("MRT", "MLI"), ("NER", "MLI"), ("BFA", "NGA")]


def test_namibia_is_a_country_and_not_a_missing_value():
    _, shaped = read(["Country code", "IDPs"], ["NA", 5], ["N/A", 6])
    assert cells(shaped, "pcode") == [("NA",)]
    assert [drop.reason for drop in shaped.dropped] == ["no-place"]


def test_a_date_in_the_name_is_proposed_and_said():
    shape, shaped = read(["Region", "IDPs"], ["Norda", 5], file="data/idps_2020-06.csv")
    assert shaped.table.frame["date"].tolist() == [date(2020, 6, 30)]
    assert any("2020-06-30 is proposed" in note for note in shape.notes)


def test_a_month_alone_takes_its_year_from_the_name():
    _, shaped = read(
        ["Month", "Region", "Organization", "Cluster"],
        ["January", "Norda", "Org X", "WASH"],
        ["April", "Norda", "Org X", "WASH"],
        name="3W January - April 2025",
    )
    assert cells(shaped, "date") == [(date(2025, 1, 31),), (date(2025, 4, 30),)]


@pytest.mark.parametrize(
    ("rows", "reason", "code"),
    [
        (
            [["Norda", "5", "2020-06-30"], ["Séna", "many", "2020-06-30"]],
            "bad-number",
            "bad-number",
        ),
        ([["Norda", "5", "2020-06-30"], ["Séna", "-7", "2020-06-30"]], "bad-number", "negative"),
        ([["Norda", "5", "2020-06-30"], ["Séna", "7", "soon"]], "bad-date", "bad-date"),
    ],
)
def test_a_bad_cell_leaves_its_row_out_and_is_said_once(rows, reason, code):
    _, shaped = read(["Region", "IDPs", "Date"], ["Norda", "4", "2020-05-30"], *rows)
    assert [(drop.first, drop.reason) for drop in shaped.dropped] == [(4, reason)]
    assert [trouble.code for trouble in shaped.troubles] == [code]
    assert "row 4" in shaped.troubles[0].sentence


def test_a_row_pasted_twice_is_said_and_both_are_kept():
    _, shaped = read(["Region", "IDPs"], ["Norda", 5], ["Séna", 3], ["Norda", 5])
    assert len(shaped.table.frame) == 3
    assert [(t.code, t.rows) for t in shaped.troubles] == [("repeated-row", (4,))]


def test_a_table_of_something_else_is_unknown():
    _, _, shape = laid_out(["Item", "Price"], ["Rice", "5 USD"], ["Oil", "7 USD"])
    assert shape.kind == "unknown"


def test_the_proposed_profile_names_our_columns_by_their_headers():
    _, header, shape = laid_out(
        ["Region", "Cercle", "PDI", "Date"], ["Norda", "Alto", 5, "2020-06-30"]
    )
    profile = shape.profile(header)
    assert dict(profile.columns) == {
        "date": "Date",
        "place": "Cercle",
        "parent": "Region",
        "value": "PDI",
    }
    assert profile.defaults["group"] == "IDP"
    assert profile.blank("RAS")
    assert not profile.blank("NA")


places = st.sampled_from(["Norda", "Séna", "", "N/A", "Total", "Unknown", "NA"])
counts = st.sampled_from(["12", "1 200", "0", "", "-", "many", "-3", "RAS", "1,234"])
dates = st.sampled_from(["2020-06-30", "30/06/2020", "June 2020", "soon", "", "2020"])


@settings(max_examples=40)
@given(st.lists(st.tuples(places, counts, counts, dates), min_size=1, max_size=15))
def test_every_data_row_is_in_the_table_or_left_out_with_a_reason_never_both(rows):
    sheet, header, shape = laid_out(
        ["Region", "IDPs", "Refugees", "Date"], ["Norda", "7", "8", "2020-06-30"], *rows
    )
    shaped = to_table(sheet, header, shape, source="s")
    kept = set(shaped.table.frame["row"])
    left_out = {drop.first for drop in shaped.dropped}
    assert kept | left_out == set(header.data.tolist())
    assert not kept & left_out


@settings(max_examples=25)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_sums_before_and_after_agree_to_the_person(numbers):
    rows = [[f"P{n}", f"{number:,}"] for n, number in enumerate(numbers)]
    _, shaped = read(["Region", "IDPs"], *rows)
    assert shaped.table.frame["value"].sum() == sum(numbers)
