import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnreadableTable
from geo.grids import read_grid
from geo.separated import BadSeparated, best_separator, separated_rows


def read(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_grid(path, name=name)


def test_every_cell_keeps_its_row_and_column(tmp_path):
    (sheet,) = read(tmp_path, "a,,b\n\n1,,2\n\n\n,,NA\n")
    assert sheet.grid.index.tolist() == [1, 3, 6]
    assert sheet.grid.columns.tolist() == [1, 3]
    assert sheet.grid.loc[6, 3] == "NA"
    assert sheet.grid.loc[6, 1] == ""


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_found(tmp_path, separator):
    rows = [["Region", "Note", "IDPs"], ["Norda", "a, b; c", "1 200"], ["Tamar", "d|e", "3,5"]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    (sheet,) = read(tmp_path, text)
    assert sheet.grid.to_numpy().tolist() == rows


def test_decimals_by_comma_do_not_look_like_separators():
    assert best_separator("place;a;b\nNorda;1,5;2,5\nTamar;0,5;1,0\n") == ";"


def test_the_separator_line_of_a_spreadsheet_is_obeyed_and_is_no_row():
    separator, rows = separated_rows("sep=;\na;b\n")
    assert separator == ";"
    assert list(rows) == [["a", "b"]]


def test_a_cell_with_line_breaks_is_one_row(tmp_path):
    (sheet,) = read(tmp_path, 'place,note\nNorda,"one\ntwo"\nTamar,three\n')
    assert sheet.grid.index.tolist() == [1, 2, 3]
    assert sheet.grid.loc[2, 2] == "one\ntwo"


def test_a_quote_that_is_never_closed_is_said_and_swallows_nothing():
    _, rows = separated_rows('place,n\n"Norda,5\nTamar,6\n')
    with pytest.raises(BadSeparated):
        list(rows)


def test_a_gzipped_table_is_read(tmp_path):
    (sheet,) = read(tmp_path, gzip.compress(b"place,n\nNorda,5\n"), "t.csv.gz")
    assert sheet.grid.loc[2, 2] == "5"


def test_records_of_a_data_service_become_rows(tmp_path):
    (sheet,) = read(tmp_path, '{"items": [{"place": "Norda", "n": 5}]}', "t.json")
    assert sheet.grid.to_numpy().tolist() == [["place", "n"], ["Norda", "5"]]


@pytest.mark.parametrize(
    ("content", "says", "todo"),
    [
        (b"", "is empty", "Put the table into it"),
        (b" \n \n", "is empty", "Put the table into it"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 50, "old Excel workbook", "save it as XLSX"),
        (b"%PDF-1.7 ...", "PDF", "Ask its publisher"),
        (b"<!doctype html><html></html>", "web page", "Download the table"),
        (b"PK\x03\x04 broken", "damaged zip", "Get the file again"),
        (b"\x1f\x8b\x08 broken", "damaged gzip", "Get the file again"),
        (bytes(range(256)) * 4, "is not text", "Save the table"),
        (b'place,n\n"Norda,5\n', "not well-formed text from row", "double quote"),
        (b'{"a": 1}', "JSON without a list", "Save the table"),
        (b'{"type": "FeatureCollection", "features": []}', "is a map", "boundaries"),
    ],
)
def test_what_is_no_table_gets_one_sentence_with_what_to_do(tmp_path, content, says, todo):
    with pytest.raises(UnreadableTable) as caught:
        read(tmp_path, content, "x.csv")
    assert "x.csv" in str(caught.value)
    assert says in caught.value.found
    assert todo in caught.value.todo


def test_a_missing_file_is_said_before_anything_starts(tmp_path):
    with pytest.raises(UnreadableTable, match="does not exist"):
        read_grid(tmp_path / "nothing.csv")


@settings(max_examples=4)
@given(
    st.lists(
        st.lists(
            st.text(alphabet="abcé1 ,;\"'\n", max_size=6).map(str.strip), min_size=3, max_size=3
        ),
        min_size=3,
        max_size=8,
    )
)
def test_a_written_table_is_read_cell_by_cell(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("grid") / "t.csv"
    head = ["one", "two", "three"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([head, *rows])
    (sheet,) = read_grid(path)
    for number, row in enumerate([head, *rows], start=1):
        for column, cell in enumerate(row, start=1):
            there = number in sheet.grid.index and column in sheet.grid.columns
            assert (sheet.grid.loc[number, column] if there else "") == cell
