"""Bad input ends in one sentence that says where, what, and what to do."""

from pathlib import Path

import pytest

from geo.errors import (
    BadCell,
    BadProfile,
    DuplicateRow,
    MissingColumn,
    RaggedRow,
    RepeatedColumn,
    TableError,
    UnreadableTable,
    WrongEncoding,
)
from geo.figure_reading import read_figures, read_flows, read_population, read_presence
from geo.profiles import Profile
from geo.reading import read_csv_text
from geo.tables import FIGURE_COLUMNS, FLOW_COLUMNS, PRESENCE_COLUMNS, FigureTable

HEADER = "place,pcode,group,measure,kind,date,value"
IDP = Profile(defaults={"group": "IDP", "measure": "stock", "kind": "registered"})


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def figures(folder: Path, text: str, profile: Profile = IDP) -> FigureTable:
    return read_figures(written(folder, text), profile, source="survey", name="data/t.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_comma_semicolon_and_tab_are_told_by_the_header(tmp_path, separator):
    text = f"place{separator}value\n'Norda{separator}1 200\n"
    table = read_csv_text(written(tmp_path, "\ufeff" + text))
    assert table.header == ("place", "value")
    assert table.rows == ((2, ("'Norda", "1 200")),)


def test_every_cell_stays_the_text_it_is(tmp_path):
    table = read_csv_text(written(tmp_path, 'iso2,x\nNA,007\nnull,""\n\n,\n"a\nb",1e5\n'))
    assert table.rows == ((2, ("NA", "007")), (3, ("null", "")), (6, ("a\nb", "1e5")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        ("place,value\n".encode("utf-16"), "UTF-16"),
        (b"place\x00value\n", "is not text"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n,\n", "is empty"),
        (b'place,value\n"Norda,1\n', "not well-formed CSV"),
    ],
)
def test_a_file_that_holds_no_table_is_refused_in_one_sentence(tmp_path, content, said):
    with pytest.raises(UnreadableTable, match=said) as caught:
        read_csv_text(written(tmp_path, content), name="data/t.csv")
    assert str(caught.value).startswith("data/t.csv: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_said_to_be_so(tmp_path):
    with pytest.raises(UnreadableTable, match="does not exist"):
        read_csv_text(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableTable, match="is a folder"):
        read_csv_text(tmp_path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_wrong_encoding_names_the_row_and_the_byte(tmp_path, mark):
    content = mark + "place,value\nNorda,1\nSéna,2\n".encode("latin-1")
    with pytest.raises(WrongEncoding) as caught:
        read_csv_text(written(tmp_path, content), name="data/t.csv")
    assert (caught.value.row, caught.value.byte) == (3, 0xE9)
    assert content[caught.value.offset] == 0xE9
    assert "data/t.csv, row 3: byte 0xE9" in str(caught.value)
    assert "CSV UTF-8" in str(caught.value)


def test_a_ragged_row_and_a_repeated_column_are_named(tmp_path):
    with pytest.raises(RaggedRow, match=r"row 3: 3 cells where the header has 2"):
        read_csv_text(written(tmp_path, "a,b\n1,2\n1,2,3\n"))
    with pytest.raises(RepeatedColumn, match="'a'"):
        read_csv_text(written(tmp_path, "a,b,a\n1,2,3\n"))


def test_a_blank_value_is_not_reported_and_a_zero_is_a_figure(tmp_path):
    table = figures(tmp_path, "place,date,value\nNorda,2020-12-31,\nSéna,2020-12-31,0\n").frame
    assert list(table.columns) == list(FIGURE_COLUMNS)
    assert table["state"].tolist() == ["not_reported", "figure"]
    assert table["value"].isna().tolist() == [True, False]
    assert table["row"].tolist() == [2, 3]


def test_a_state_column_says_which_kind_of_emptiness(tmp_path):
    table = figures(tmp_path, "place,date,value,state\nNorda,2020-12-31,-,not_assessed\n").frame
    assert table["state"].tolist() == ["not_assessed"]
    with pytest.raises(BadCell, match="empty, as the row's state is 'suppressed'"):
        figures(tmp_path, "place,date,value,state\nNorda,2020-12-31,5,suppressed\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,200", 1200), ("1 200", 1200), ("1\u202f234\u202f567", 1234567), ("12.0", 12)],
)
def test_thousands_may_be_set_apart(tmp_path, text, value):
    table = figures(tmp_path, f'place;date;value\nNorda;2020-12-31;"{text}"\n').frame
    assert table["value"].tolist() == [value]


@pytest.mark.parametrize("text", ["about 40", "12.5", "1.200", "1,20", "4-5", "1e3", "NA", "inf"])
def test_text_in_a_number_is_refused_with_its_cell(tmp_path, text):
    with pytest.raises(BadCell) as caught:
        figures(tmp_path, f'place;date;value\nNorda;2020-12-31;3\nSéna;2020-12-31;"{text}"\n')
    error = caught.value
    assert (error.file, error.row, error.column, error.value) == ("data/t.csv", 3, "value", text)
    assert "a whole number of persons" in str(error)


def test_negative_persons_are_refused(tmp_path):
    with pytest.raises(BadCell, match=r"row 2, column 'value': '-5' is not .* 0 or more"):
        figures(tmp_path, "place,date,value\nNorda,2020-12-31,-5\n")


@pytest.mark.parametrize(
    ("day", "said"),
    [("2020-12", "Give the day"), ("31/12/2020", "2016-12-31"), ("2020-02-30", "a day")],
)
def test_a_date_is_a_day(tmp_path, day, said):
    with pytest.raises(BadCell, match=said):
        figures(tmp_path, f"place,date,value\nNorda,{day},5\n")


def test_a_word_that_is_not_one_of_ours_gets_the_nearest(tmp_path):
    row = "Norda,,IDP,stok,registered,2020-12-31,1\n"
    with pytest.raises(BadCell, match="Did you mean 'stock'") as caught:
        figures(tmp_path, f"{HEADER}\n{row}", Profile())
    assert caught.value.column == "measure"


def test_a_missing_column_lists_the_headers_there_are(tmp_path):
    with pytest.raises(MissingColumn, match=r"no column 'value'.*the header has place, date"):
        figures(tmp_path, "place,date\nNorda,2020-12-31\n")
    with pytest.raises(MissingColumn, match="no column 'Total'"):
        figures(tmp_path, "place,date,value\n", Profile({"value": "Total"}, IDP.defaults))
    with pytest.raises(MissingColumn, match="'place'"):
        figures(tmp_path, "date,value\n")


def test_a_profile_renames_columns_and_fills_blank_cells(tmp_path):
    profile = Profile({"place": "Région", "value": "PDI"}, {**IDP.defaults, "date": "2020-12-31"})
    table = figures(tmp_path, "RÉGION,pdi,date\nNorda,7,\nSéna,8,2020-06-30\n", profile).frame
    assert [str(day) for day in table["date"]] == ["2020-12-31", "2020-06-30"]
    assert table["source"].tolist() == ["survey", "survey"]
    with pytest.raises(BadProfile, match="Did you mean 'value'"):
        figures(tmp_path, "place\n", Profile({"vlaue": "x"}))


def test_a_new_case_needs_its_period_and_a_stock_has_none(tmp_path):
    with pytest.raises(BadCell, match="first day of the period"):
        figures(tmp_path, f"{HEADER}\nNorda,,IDP,new,estimate,2020-12-31,5\n", Profile())
    with pytest.raises(BadCell, match="a stock has no period"):
        figures(tmp_path, "place,date,start,value\nNorda,2020-12-31,2020-01-01,5\n")
    with pytest.raises(BadCell, match="before the date"):
        figures(
            tmp_path,
            f"{HEADER},start\nNorda,,IDP,new,estimate,2020-12-31,5,2021-01-01\n",
            Profile(),
        )


def test_the_same_figure_twice_names_both_rows(tmp_path):
    with pytest.raises(
        DuplicateRow, match=r"row 4: states IDP .*'norda' again, as row 2"
    ) as caught:
        figures(
            tmp_path,
            "place,date,value\nNorda,2020-12-31,5\nSéna,2020-12-31,5\nnorda,2020-12-31,6\n",
        )
    assert (caught.value.first, caught.value.row) == (2, 4)


def test_population_is_a_stock_of_inhabitants(tmp_path):
    path = written(tmp_path, "pcode,date,value\nXA01,2010-04-01,40000\n")
    row = read_population(path, Profile(), source="census").frame.iloc[0]
    assert (row["group"], row["measure"], row["kind"]) == ("POP", "stock", "government")


def test_flows_have_two_places_and_presence_an_organisation(tmp_path):
    path = written(tmp_path, "origin,destination,date,start,value\nNorda,Tamar,2020-12-31,,5\n")
    flows = read_flows(path, IDP, source="survey").frame
    assert list(flows.columns) == list(FLOW_COLUMNS)
    with pytest.raises(MissingColumn, match="'destination'"):
        read_flows(written(tmp_path, "origin,date,value\n"), IDP, source="survey")
    path = written(tmp_path, "place,org,sector,date\nNorda,Well Diggers,Water,2020-12-31\n")
    presence = read_presence(path, Profile(), source="survey").frame
    assert list(presence.columns) == list(PRESENCE_COLUMNS)
    assert presence["basis"].tolist() == ["explicit"]


def test_every_refusal_is_one_line_with_a_code(tmp_path):
    with pytest.raises(TableError) as caught:
        figures(tmp_path, "place,date,value\nNorda,2020-12-31,x\n")
    assert caught.value.code == "bad-cell"
    assert "\n" not in str(caught.value)
