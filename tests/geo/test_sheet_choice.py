import pandas as pd
import pytest

from geo.errors import UnreadableTable
from geo.grids import Sheet
from geo.sheet_choice import choose_sheet

HEAD = ["Organisation Accronyme", "Nom Organisation", "Region", "Cercle", "Cluster"]


def sheet(name, rows, *, hidden=False):
    width = max(len(row) for row in rows)
    frame = pd.DataFrame(
        [[*row, *[""] * (width - len(row))] for row in rows],
        index=range(1, len(rows) + 1),
        columns=range(1, width + 1),
        dtype="str",
    )
    return Sheet("xaa.xlsx", name, frame, hidden=hidden)


def three_w(rows):
    return [HEAD, *([f"ORG{n}", f"Org {n}", "Norda", "Alto", "WASH"] for n in range(rows))]


LISTS = sheet("ListOrganisation", [["Acronyme", "Nom organisation"], *[["A", "B"]] * 90])
NOTES = sheet("Lisez moi", [["About this workbook and who to write to when it is wrong"]])


def test_the_data_sheet_wins_over_larger_copies_lists_and_notes():
    data = sheet("ML_5W", three_w(40))
    others = [
        NOTES,
        sheet("ML_5W (2)", three_w(90), hidden=True),
        sheet("Arch", three_w(95), hidden=True),
        sheet("Synthese", three_w(80)),
        LISTS,
    ]
    chosen, reasons = choose_sheet([*others, data])
    assert chosen is data
    assert "40 rows of data" in reasons
    assert "could be meant as well" in reasons[-1]


def test_the_first_sheet_is_not_assumed():
    data = sheet("3W", three_w(5))
    assert choose_sheet([LISTS, data])[0] is data
    assert choose_sheet([data, LISTS])[0] is data


def test_of_two_data_sheets_the_larger_is_chosen_and_the_other_is_named():
    large, small = sheet("Operational", three_w(50)), sheet("Physical", three_w(10))
    chosen, reasons = choose_sheet([small, large])
    assert chosen is large
    assert "'Physical' could be meant as well" in reasons[-1]


def test_a_workbook_without_tables_is_refused():
    with pytest.raises(UnreadableTable, match="holds a table"):
        choose_sheet([NOTES, NOTES])
