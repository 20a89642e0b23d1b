import datetime as dt
import zipfile

import openpyxl
import pytest

from geo.errors import UnreadableTable
from geo.grids import read_grid
from geo.sandbox import Limits, ReadingStopped
from geo.workbooks import cell_text


def book(tmp_path, fill, name="t.xlsx"):
    workbook = openpyxl.Workbook()
    fill(workbook)
    path = tmp_path / name
    workbook.save(path)
    return path


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def test_all_sheets_are_read_and_hidden_ones_are_marked(tmp_path):
    def fill(workbook):
        workbook.active.append(["place", "n"])
        lists = workbook.create_sheet("Lists")
        lists.append(["a"])
        lists.sheet_state = "hidden"

    sheets = read_grid(book(tmp_path, fill))
    assert [(one.name, one.hidden) for one in sheets] == [("Sheet", False), ("Lists", True)]
    assert sheets[0].siblings == ("Sheet", "Lists")


def test_one_sheet_can_be_asked_for_by_name(tmp_path):
    def fill(workbook):
        workbook.active.append(["x"])
        workbook.create_sheet("Data").append(["place", "n"])

    path = book(tmp_path, fill)
    assert [one.name for one in read_grid(path, sheet="data")] == ["Data"]
    with pytest.raises(UnreadableTable, match="Did you mean 'Data'"):
        read_grid(path, sheet="Dat")


def test_cells_keep_their_place_and_numbers_their_meaning(tmp_path):
    def fill(workbook):
        sheet = workbook.active
        sheet["B3"], sheet["D3"], sheet["B5"], sheet["D5"] = "place", "n", "Norda", 1.234
        sheet["E5"], sheet["F5"] = dt.date(2016, 12, 31), 16.0

    (sheet,) = read_grid(book(tmp_path, fill))
    assert sheet.grid.index.tolist() == [3, 5]
    assert sheet.grid.loc[5].tolist() == ["Norda", "1.2340", "2016-12-31", "16"]


def test_a_fraction_never_has_three_decimals():
    for value in (1.234, 0.125, 12.5, 1234.567, 1e-7):
        decimals = cell_text(value).partition(".")[2]
        assert len(decimals) != 3
        assert float(cell_text(value)) == value


def test_merged_cells_of_the_top_are_known(tmp_path):
    def fill(workbook):
        sheet = workbook.active
        sheet["A1"] = "WHERE"
        sheet.merge_cells("A1:C1")
        sheet.append(["Region", "Cercle", "Commune"])

    (sheet,) = read_grid(book(tmp_path, fill))
    assert sheet.merged == ((1, 1, 1, 3),)


def test_formulas_that_were_never_calculated_are_said(tmp_path):
    def fill(workbook):
        workbook.active.append(["place", "n"])
        workbook.active.append(["Norda", "=1+1"])

    (sheet,) = read_grid(book(tmp_path, fill))
    assert "1 formulas have no saved result" in sheet.notes[0]


def test_one_cell_in_the_last_corner_costs_nothing(tmp_path):
    def fill(workbook):
        workbook.active["XFD1048576"] = "x"

    path = book(tmp_path, fill)
    assert path.stat().st_size < 10_000
    (sheet,) = read_grid(path, limits=Limits(wall=60, cpu=30, memory=1024**3))
    assert sheet.grid.index.tolist() == [1_048_576]
    assert sheet.grid.columns.tolist() == [16_384]


def test_rows_as_wide_as_the_sheet_keep_only_columns_with_text(tmp_path):
    wide = "".join(f'<c r="{a}{{0}}" t="str"><v>x</v></c>' for a in ("A", "XFD"))
    rows = "".join(f'<row r="{n}">{wide.format(n)}</row>' for n in range(1, 200))
    content = parts(book(tmp_path, lambda workbook: workbook.active.append(["x"])))
    name = "xl/worksheets/sheet1.xml"
    head, _, tail = content[name].decode().partition("<sheetData>")
    content[name] = f"{head}<sheetData>{rows}{tail[tail.index('</sheetData>') :]}"
    (sheet,) = read_grid(packed(tmp_path / "wide.xlsx", content))
    assert sheet.grid.shape == (199, 2)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path):
    content = parts(book(tmp_path, lambda workbook: workbook.active.append(["x"])))
    content["xl/sharedStrings.xml"] = b" " * (513 * 1024**2)
    path = packed(tmp_path / "bomb.xlsx", content)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableTable, match="unpacks to more than 512 MB"):
        read_grid(path)


def test_entities_are_refused(tmp_path):
    content = parts(book(tmp_path, lambda workbook: workbook.active.append(["x"])))
    name = "xl/worksheets/sheet1.xml"
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    text = content[name].decode().replace("?>", f"?>{laughs}", 1)
    content[name] = text if laughs in text else laughs + text
    with pytest.raises(UnreadableTable, match="entities"):
        read_grid(packed(tmp_path / "laughs.xlsx", content))


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"data.xlsx": b"x"}, "zip archive that holds data.xlsx"),
        ({"word/document.xml": b"<x/>"}, "Word document"),
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"},
            "OpenDocument spreadsheet",
        ),
        ({"xl/workbook.bin": b"x"}, "XLSB"),
    ],
)
def test_other_archives_get_one_sentence(tmp_path, names, says):
    with pytest.raises(UnreadableTable, match=says):
        read_grid(packed(tmp_path / "t.xlsx", names))


def test_a_damaged_workbook_gets_one_sentence(tmp_path):
    whole = book(tmp_path, lambda workbook: workbook.active.append(["x"])).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableTable):
        read_grid(path)


def test_a_reading_that_takes_too_long_is_stopped(tmp_path):
    path = book(tmp_path, lambda workbook: workbook.active.append(["place", "n"]))
    with pytest.raises(ReadingStopped, match="took more than") as caught:
        read_grid(path, limits=Limits(wall=0.01))
    assert "save it as CSV" in caught.value.todo
