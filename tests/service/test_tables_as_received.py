"""Tables in the shapes people send, from the file to the counts; nothing about them is declared."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from boundaries.units import BoundarySet
from service.cli import main

Edited = Callable[[str, str, str], Path]

ROWS = [
    ("Norda", "XA01", 1200),
    ("Séna", "XA02", 0),
    ("Tamar", "XA03", 240),
    ("Quarta", "XA04", 100),
]


def sitmap(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def counts(folder: Path, *more: object) -> dict[str, int | None]:
    result = sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "json", *more)
    assert result.exit_code in (0, 1), result.output
    return {row["pcode"]: row["value"] for row in json.loads(result.stdout)["rows"]}


def report(folder: Path, *, exit_code: int = 0) -> dict[str, object]:
    result = sitmap("check", folder, "--json")
    assert result.exit_code == exit_code, result.stderr
    document: dict[str, object] = json.loads(result.stdout)
    return document


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


TITLED = [
    ["Internally displaced people in Xaaland"],
    ["As of 31 December 2020"],
    [],
    ["Region", "P-code", "IDPs"],
    *map(list, ROWS),
    ["Total", "", 1540],
    ["Source: an invented survey"],
]


@pytest.fixture
def as_workbook(edited: Edited) -> Path:
    """The situation with its table as a workbook that has titles, a total and a sheet of notes."""
    folder = edited("situation.toml", 'file = "idps.csv"', 'file = "idps.xlsx"')
    notes = [["Read me first"], ["Figures are invented"]]
    workbook(folder / "idps.xlsx", {"Notes": notes, "IDPs": TITLED})
    return folder


def test_a_workbook_with_title_rows_builds_the_figures_of_the_plain_table(
    as_workbook: Path, published_folder: Path
) -> None:
    assert counts(as_workbook) == counts(published_folder) == {"XA01": 1200, "XA02": 0, "XA03": 340}


def test_what_was_recognised_and_dropped_is_reported_and_the_total_is_checked(
    as_workbook: Path,
) -> None:
    document = report(as_workbook)
    (table, _) = document["tables"]  # type: ignore[misc]
    assert table["read"]["sheet"] == "IDPs"
    assert table["read"]["columns"]["value"] == "IDPs"
    reasons = [drop["reason"] for drop in table["read"]["no_data"]]
    assert reasons == ["title", "title", "footnote"]
    assert table["rows"] == table["placed"] + table["carried"] + table["left_out"] == 5
    (total,) = [e for e in document["ledger"] if e["reason"] == "total"]  # type: ignore[attr-defined]
    assert total["row"] == 9
    assert total["why"] == "total of the table: 1,540 stated, 1,540 in 4 rows; it adds up"


def test_a_total_that_its_rows_do_not_sum_to_is_open(as_workbook: Path) -> None:
    rows = [["Total", "", 1550] if row[:1] == ["Total"] else row for row in TITLED]
    workbook(as_workbook / "idps.xlsx", {"IDPs": rows})
    (finding,) = report(as_workbook, exit_code=1)["findings"]  # type: ignore[misc]
    assert finding["id"].startswith("total:idps.xlsx:9")
    assert "1,550 stated, 1,540 in 4 rows; 10 apart" in finding["what"]


def test_the_sheet_may_be_named_and_one_that_is_not_there_is_bad_input(as_workbook: Path) -> None:
    file = as_workbook / "situation.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('"idps.xlsx"', '"idps.xlsx"\nsheet = "IDP"'), "utf-8")
    result = sitmap("check", as_workbook)
    assert result.exit_code == 2
    assert "idps.xlsx: has no sheet 'IDP', only 'Notes', 'IDPs'" in " ".join(result.stderr.split())


def test_hxl_tags_say_what_columns_hold_whatever_their_headers(edited: Edited) -> None:
    folder = edited("situation.toml", 'file = "idps.csv"', 'file = "idps.csv"\nprofile = "auto"')
    lines = [f"{place},{code},{value}" for place, code, value in ROWS]
    text = ["A,B,C", "#adm1+name,#adm1+code,#affected+idps", *lines]
    (folder / "idps.csv").write_text("\n".join(text), "utf-8")
    assert counts(folder) == {"XA01": 1200, "XA02": 0, "XA03": 340}
    read = report(folder)["tables"][0]["read"]  # type: ignore[index]
    assert "it carries HXL tags" in read["reasons"]


def test_any_encoding_and_separator_is_read_where_the_profile_is_found_out(edited: Edited) -> None:
    folder = edited("situation.toml", 'file = "idps.csv"', 'file = "idps.csv"\nprofile = "auto"')
    lines = [f"{place};{code};{value}" for place, code, value in ROWS]
    (folder / "idps.csv").write_bytes("\r\n".join(["Région;P-code;PDI", *lines]).encode("cp1252"))
    assert counts(folder) == {"XA01": 1200, "XA02": 0, "XA03": 340}


def test_columns_and_defaults_of_the_table_go_before_what_is_recognised(edited: Edited) -> None:
    folder = edited(
        "situation.toml",
        'file = "idps.csv"',
        'file = "idps.csv"\nprofile = "auto"\ncolumns = { value = "Verified" }',
    )
    lines = [f"{place},{code},9,{value}" for place, code, value in ROWS]
    (folder / "idps.csv").write_text(
        "\n".join(["Region,P-code,Refugees,Verified", *lines]), "utf-8"
    )
    assert counts(folder) == {"XA01": 1200, "XA02": 0, "XA03": 340}


def test_a_column_that_the_table_does_not_have_is_bad_input(as_workbook: Path) -> None:
    file = as_workbook / "situation.toml"
    text = file.read_text("utf-8")
    columns = '"idps.xlsx"\ncolumns = { value = "Persons" }'
    file.write_text(text.replace('"idps.xlsx"', columns), "utf-8")
    result = sitmap("check", as_workbook)
    assert result.exit_code == 2
    said = " ".join(result.stderr.split())
    assert "no column 'Persons' (the profile says it holds 'value')" in said
    assert "the header has Region, P-code, IDPs" in said


def test_a_table_of_another_kind_than_declared_is_bad_input(as_workbook: Path) -> None:
    workbook(as_workbook / "idps.xlsx", {"Sheet": [["a", "b"], ["x", "y"], ["z", "w"]]})
    result = sitmap("check", as_workbook)
    assert result.exit_code == 2
    assert "Say in columns which of its headers hold what: a, b." in " ".join(result.stderr.split())


def test_every_row_is_on_the_map_or_in_the_ledger_with_a_reason(as_workbook: Path) -> None:
    odd = [
        ["Region", "P-code", "IDPs"],
        ["Norda", "XA01", 1200],
        ["Séna", "XA02", "about a dozen or two"],
        ["", "", 7],
        ["Tamar", "XA03", "-"],
        ["Atlantis", "", 5],
    ]
    workbook(as_workbook / "idps.xlsx", {"IDPs": odd})
    document = report(as_workbook, exit_code=1)
    table = document["tables"][0]  # type: ignore[index]
    ends = [table[verdict] for verdict in ("placed", "carried", "unplaced", "left_out")]
    assert table["rows"] == 5 == sum(ends)
    left = {
        entry["row"]: entry["reason"]
        for entry in document["ledger"]  # type: ignore[attr-defined]
        if entry["file"] == "idps.xlsx" and entry["verdict"] == "left_out"
    }
    assert left == {3: "bad-number", 4: "no-place", 6: "unknown-place"}
    (trouble,) = table["read"]["troubles"]
    assert (trouble["code"], trouble["rows"], trouble["column"]) == ("bad-number", [3], "IDPs")


# --- one table alone ------------------------------------------------------------------------------


def test_a_table_alone_tells_what_was_read_and_matched(tmp_path: Path, folder: Path) -> None:
    table = tmp_path / "idps_2020-12.csv"
    lines = [f"{place},{code},{value},stock,registered" for place, code, value in ROWS[:3]]
    table.write_text("\n".join(["Region,P-code,IDPs,measure,kind", *lines]), "utf-8")
    result = sitmap("check", table, "--boundaries", folder / "boundaries.geojson")
    assert result.exit_code == 0, result.stderr
    assert "A table of figures" in result.stderr or "reads as" in result.stderr
    assert "2020-12-31 is proposed" in " ".join(result.stderr.split())
    assert not list(tmp_path.glob(".sitmap"))


def test_a_table_alone_with_names_that_are_no_places_is_open(tmp_path: Path, folder: Path) -> None:
    table = tmp_path / "idps_2020-12.csv"
    lines = ["Norda,9,stock,registered", "Atlantis,5,stock,registered", "Tamar,5,stock,registered"]
    table.write_text("\n".join(["Region,IDPs,measure,kind", *lines]), "utf-8")
    asked = ("--boundaries", folder / "boundaries.geojson", "--countries", "xaa", "--json")
    result = sitmap("check", table, *asked)
    assert result.exit_code == 1, result.stderr
    document = json.loads(result.stdout)
    assert [(e["place"], e["pcode"]) for e in document["ledger"]] == [
        ("Norda", "XA01"),
        ("Atlantis", ""),
        ("Tamar", "XA03"),
    ]


def test_a_table_alone_that_is_no_table_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("<html><body>Not found</body></html>", "utf-8")
    result = sitmap("check", tmp_path / "page.csv")
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_a_country_that_the_boundaries_do_not_have_is_bad_input(
    tmp_path: Path, folder: Path
) -> None:
    table = tmp_path / "idps_2020.csv"
    table.write_text("Region,IDPs,measure,kind\nNorda,9,stock,registered\n", "utf-8")
    asked = ("--boundaries", folder / "boundaries.geojson", "--countries", "XZZ")
    result = sitmap("check", table, *asked)
    assert result.exit_code == 2
    assert "has no country XZZ" in result.stderr


@pytest.mark.shared
def test_the_table_of_unhcr_by_location_builds_36690_displaced_in_mali_at_the_end_of_2016(
    tmp_path: Path, shared_data: Path, xaa: BoundarySet
) -> None:
    source = shared_data / "tables" / "mali" / "unhcr_mali_by_location_2001_2025.csv"
    (tmp_path / "located.csv").write_bytes(source.read_bytes())
    (tmp_path / "situation.toml").write_text(
        """\
id = "mali"
title = "Mali"
as_of = 2016-12-31
[boundaries]
countries = ["MLI"]
focus = "MLI"
[[source]]
id = "unhcr"
title = "Refugee data finder"
publisher = "UNHCR"
date = 2025-06-30
sensitivity = "public"
[[table]]
file = "located.csv"
kind = "figures"
source = "unhcr"
profile = "auto"
[[carry]]
from = { pcode = "ML10", name = ["Ménaka", "Menaka"] }
into = [{ pcode = "ML07" }]
[[map]]
id = "idps"
title = "Displaced people"
[[map.layer]]
kind = "symbols"
group = "IDP"
""",
        "utf-8",
    )
    result = sitmap("build", tmp_path, "--json")
    assert result.exit_code == 1, (
        result.stderr
    )  # rows of other countries, and of old towns, are open
    (table,) = json.loads(result.stdout)["tables"]
    ends = [table[verdict] for verdict in ("placed", "carried", "unplaced", "left_out")]
    assert table["rows"] == sum(ends) == 1604
    found = counts(tmp_path, "--date", "2016-12-31")
    assert sum(value for value in found.values() if value is not None) == 36_690
    assert found["ML07"] == 8_571 + 4_644


def test_a_table_alone_says_what_was_supposed_of_it_unless_it_is_told(tmp_path: Path) -> None:
    table = tmp_path / "idps.csv"
    table.write_text("Date,Region,IDPs\n2016-12-31,Mopti,20\n2016-12-31,Gao,7\n", "utf-8")
    looked = sitmap("check", table, "--countries", "MLI")
    assert "its measure is supposed to be stock" in " ".join(looked.stderr.split())
    told = ("--default", "measure=stock", "--default", "kind=government")
    assert "supposed" not in sitmap("check", table, "--countries", "MLI", *told).stderr


def test_a_refugee_counted_in_the_country_of_origin_is_no_total(tmp_path: Path) -> None:
    from geo.profiles import Profile
    from geo.received import read_received

    table = tmp_path / "ref.csv"
    table.write_text(
        "Year,Country of asylum,Country of origin,Refugees\n2016,MLI,MLI,5\n2016,MLI,NER,7\n",
        "utf-8",
    )
    said = Profile(defaults={"kind": "registered", "measure": "stock"})
    frame = read_received(table, source="s", profile=said).table.frame
    assert sorted(frame["origin"]) == ["MLI", "NER"]


def test_a_name_that_is_only_alike_is_flagged_and_an_unknown_one_asked_with_what_is_near(
    tmp_path: Path,
) -> None:
    table = tmp_path / "idps 2016.csv"
    table.write_text("Region,IDPs\nTombouktou,20\nKoulikoro,7\nSégoro,5\n", "utf-8")
    told = ("--countries", "MLI", "--default", "measure=stock", "--default", "kind=government")
    result = sitmap("check", table, *told, "--json")
    assert "Placed by a name that is not exactly the place's" in result.stderr
    alike, exact, unknown = json.loads(result.stdout)["ledger"]
    assert (alike["how"], alike["pcode"]) == ("alike", "ML06")
    assert 0.85 <= alike["confidence"] < 1
    assert exact["confidence"] == 1
    assert unknown["verdict"] == "left_out"
    assert unknown["asked"][0]["suggestions"][0]["pcode"] == "ML04"
