"""A situation starts from spreadsheets alone; what nobody said is left open, and the files are copied."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from geo.place_index import PlaceIndex
from service.cli import main
from service.situation_file import load_situation
from service.starting import countries_of

IDPS = """\
Region,IDPs
Kayes,20
Koulikoro,"1,482"
Sikasso,37
Segou,"1,818"
Mopti,"1,662"
Total,"5,019"
"""


def sitmap(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "idps 2016.csv"
    path.write_text(IDPS, encoding="utf-8")
    return path


SAID = tuple(
    part
    for said in ("date=2016-12-31", "kind=government", "measure=stock")
    for part in ("--default", said)
)


def test_a_situation_starts_from_a_table_and_builds_once_it_is_completed(
    table: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mali"
    result = sitmap("new", folder, table, *SAID)
    assert result.exit_code == 0, result.stderr
    assert (folder / "data" / table.name).read_bytes() == table.read_bytes()
    situation = load_situation(folder)
    assert (situation.countries, situation.focus) == (("MLI",), "MLI")
    assert [layer.kind for layer in situation.maps[0].layers] == ["symbols"]
    refused = sitmap("build", folder)
    assert refused.exit_code == 2
    assert "sensitivity" in refused.stderr
    toml = folder / "situation.toml"
    toml.write_text(toml.read_text("utf-8").replace("# sensitivity", "sensitivity"), "utf-8")
    built = sitmap("build", folder)
    assert built.exit_code in (0, 1), built.stderr
    counts = sitmap("counts", folder, "--level", "1", "--group", "IDP", "--format", "csv")
    assert "ML04" in counts.stdout


def test_a_workbook_is_a_table_too_and_two_of_one_name_stay_two(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (line.split(",") for line in ("Region,IDPs", "Kayes,20", "Mopti,1662", "Gao,7")):
        sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
    paths = [tmp_path / each / "idps.xlsx" for each in ("one", "two")]
    for path in paths:
        path.parent.mkdir()
        book.save(path)
    folder = tmp_path / "mali"
    assert sitmap("new", folder, *paths, *SAID).exit_code == 0
    assert sorted(each.name for each in (folder / "data").iterdir()) == ["idps-2.xlsx", "idps.xlsx"]
    assert len(load_situation(folder).tables) == 2


def test_without_a_day_nothing_is_written(table: Path, tmp_path: Path) -> None:
    undated = table.rename(tmp_path / "idps.csv")
    result = sitmap("new", tmp_path / "mali", undated)
    assert result.exit_code == 2
    assert "no column 'date'" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "mali").exists()


def test_what_no_column_says_is_left_to_write_and_a_build_asks_for_it(
    table: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mali"
    assert sitmap("new", folder, table, "--default", "date=2016-12-31").exit_code == 0
    toml = folder / "situation.toml"
    lines = toml.read_text("utf-8").splitlines()
    (asked,) = [line for line in lines if line.startswith("# defaults = ")]
    assert "TO WRITE: measure: stock, new or cumulative; kind: registered" in asked
    toml.write_text("\n".join(lines).replace("# sensitivity", "sensitivity"), "utf-8")
    assert "no column 'measure'" in sitmap("check", folder).stderr
    told = [line for line in lines if not line.startswith("defaults = ")]
    completed = "\n".join(told).replace("# defaults", "defaults")
    toml.write_text(completed.replace("# sensitivity", "sensitivity"), "utf-8")
    assert sitmap("build", folder).exit_code in (0, 1)


def test_a_table_of_movements_starts_with_a_map_of_movements(tmp_path: Path) -> None:
    table = tmp_path / "moved.csv"
    table.write_text(
        "Date,Origin region,Destination region,IDPs\n"
        "2016-12-31,Mopti,Segou,20\n2016-12-31,Kidal,Gao,37\n",
        "utf-8",
    )
    folder = tmp_path / "mali"
    result = sitmap("new", folder, table, *SAID[2:])
    assert result.exit_code == 0, result.stderr
    (layer,) = load_situation(folder).maps[0].layers
    assert (layer.kind, layer.groups) == ("flows", ("IDP",))


def test_a_table_without_places_is_about_the_place_that_is_told(tmp_path: Path) -> None:
    table = tmp_path / "monthly.csv"
    table.write_text("Date,IDPs\n2016-11-30,36000\n2016-12-31,36690\n", "utf-8")
    told = (*SAID[2:], "--default", "place=Mali", "--country", "MLI")
    folder = tmp_path / "mali"
    assert sitmap("new", folder, table, *told).exit_code == 0
    toml = folder / "situation.toml"
    toml.write_text(toml.read_text("utf-8").replace("# sensitivity", "sensitivity"), "utf-8")
    assert sitmap("build", folder).exit_code in (0, 1)
    counts = sitmap("counts", folder, "--level", "0", "--group", "IDP", "--format", "csv")
    assert "36690" in counts.stdout


def test_a_folder_that_is_not_empty_and_places_nobody_knows_are_refused(
    table: Path, tmp_path: Path
) -> None:
    assert "not an empty folder" in sitmap("new", tmp_path, table, *SAID).stderr
    nowhere = tmp_path / "nowhere.csv"
    nowhere.write_text("Region,IDPs\nNorda,5\nTamar,7\n", encoding="utf-8")
    result = sitmap("new", tmp_path / "x", nowhere, *SAID)
    assert result.exit_code == 2
    assert "no country could be told" in result.stderr
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
    assert sitmap("new", tmp_path / "y", table, "--default", "date").exit_code == 2


def test_countries_are_told_by_codes_or_by_the_names_that_most_units_bear(xaa_world) -> None:
    import pandas as pd

    index = PlaceIndex(xaa_world)
    empty = {"pcode": "", "parent": ""}
    by_name = pd.DataFrame({"place": ["Norda", "Tamar : Region", "Ossa"]}).assign(**empty)
    by_code = pd.DataFrame({"place": ["x", "y"], "pcode": ["XA01", "XB01"], "parent": ""})
    assert countries_of([by_name], index) == ("XAA",)
    assert set(countries_of([by_code], index)) == {"XAA", "XBB"}
