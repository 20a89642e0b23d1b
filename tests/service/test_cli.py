"""The command line on the invented country: what it prints, how it ends, what it leaves behind."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main

Edited = Callable[[str, str, str], Path]


def sitmap(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def _files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


# --- what it does --------------------------------------------------------------------------------


def test_the_version_is_printed_without_loading_a_geometry_library() -> None:
    code = (
        "import sys\n"
        "from service.cli import main\n"
        "main(['--version'], standalone_mode=False)\n"
        "heavy = {'pandas', 'numpy', 'geopandas', 'shapely', 'pydantic', 'fastapi', 'rich'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.startswith("sitmap ")


def test_a_build_tells_what_became_of_every_row_and_publishes(folder: Path) -> None:
    result = sitmap("build", folder)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "XA04 is not in our vintage: carried into Tamar" in " ".join(result.stderr.split())
    assert "everything settled" in result.stderr
    assert (folder / ".sitmap" / "store.sqlite").is_file()


def test_the_report_as_json_has_one_entry_per_row(folder: Path) -> None:
    report = json.loads(sitmap("build", folder, "--json").stdout)
    assert [table["rows"] for table in report["tables"]] == [5, 3]
    assert len(report["ledger"]) == 8
    assert [e["place"] for e in report["ledger"] if e["verdict"] == "carried"] != []
    assert report["edition"]


def test_building_again_publishes_nothing_new(folder: Path) -> None:
    first = json.loads(sitmap("build", folder, "--json").stdout)["edition"]
    second = json.loads(sitmap("build", folder, "--json").stdout)["edition"]
    assert first == second
    editions = json.loads(sitmap("editions", folder, "--json").stdout)
    assert [(e["id"], e["current"]) for e in editions] == [(first, True)]


def test_check_publishes_nothing(folder: Path) -> None:
    before = _files(folder)
    assert sitmap("check", folder).exit_code == 0
    assert _files(folder) == before


def test_a_gap_is_open_until_it_is_acknowledged(edited: Edited) -> None:
    folder = edited("idps.csv", "1,540", "1,550")
    result = sitmap("build", folder, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["edition"]
    (finding,) = report["findings"]
    assert finding["state"] == "open"

    with (folder / "situation.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[acknowledge]]\nfinding = "{finding["id"]}"\nwhy = "Ten live abroad."\n')
    settled = sitmap("build", folder)
    assert settled.exit_code == 0
    assert "Ten live abroad." in settled.stderr


def test_an_acknowledgement_of_nothing_is_bad_input(folder: Path) -> None:
    with (folder / "situation.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[acknowledge]]\nfinding = "gap:none"\nwhy = "?"\n')
    assert sitmap("build", folder).exit_code == 2


def test_counts_build_first_and_again_only_where_the_folder_changed(folder: Path) -> None:
    def answer() -> dict[str, object]:
        document = json.loads(
            sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "json").stdout
        )
        return {row["pcode"]: row["value"] for row in document["rows"]}

    assert answer() == {"XA01": 1200, "XA02": 0, "XA03": 340}
    table = folder / "idps.csv"
    table.write_text(
        table.read_text("utf-8").replace("240", "250").replace("1,540", "1,550"), "utf-8"
    )
    assert answer() == {"XA01": 1200, "XA02": 0, "XA03": 350}


def test_counts_as_a_table_say_not_reported_and_total(edited: Edited) -> None:
    folder = edited("idps.csv", "Séna,XA02,0", "Séna,XA02,")
    result = sitmap("counts", folder, "--level", 1, "--group", "IDP")
    assert "not reported" in result.stdout
    assert "1,540" in result.stdout
    assert "Quarta is shown within Tamar." in result.stderr


def test_counts_as_csv_never_hold_a_formula(folder: Path) -> None:
    from service.counts_files import plain_cell

    result = sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["value"] for row in rows] == ["1200", "0", "340"]
    assert plain_cell("=1+1").startswith("'")


def test_binary_counts_go_to_a_file(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "counts.xlsx"
    result = sitmap(
        "counts", folder, "--level", 1, "--group", "IDP", "--format", "xlsx", "--out", out
    )
    assert result.exit_code == 0
    assert out.read_bytes().startswith(b"PK")


def test_render_writes_every_form_of_every_map(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "maps"
    assert sitmap("render", folder, "--out", out, "--lang", "en,fr").exit_code == 0
    assert _files(out) == {
        f"idps{lang}.{form}" for lang in ("", ".fr") for form in ("pdf", "svg", "png", "html")
    }


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        sitmap("render", folder, "--out", tmp_path / name, "--format", "svg,html,png")
    for file in _files(tmp_path / "one"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_an_example_is_copied_into_a_new_folder_only(tmp_path: Path) -> None:
    assert sitmap("example", "mali-2017", tmp_path / "new").exit_code == 0
    assert (tmp_path / "new" / "situation.toml").is_file()
    again = sitmap("example", "mali-2017", tmp_path / "new")
    assert again.exit_code == 2
    assert "not an empty folder" in again.stderr


def test_the_boundaries_at_hand_can_be_looked_up(folder: Path) -> None:
    assert "natural-earth-5.1" in sitmap("boundaries", "list").stdout
    shown = sitmap(
        "boundaries", "show", folder / "boundaries.geojson", "--country", "XAA", "--json"
    )
    assert [unit["pcode"] for unit in json.loads(shown.stdout)["listed"]][:2] == ["XA", "XA01"]


def test_the_doctor_finds_this_installation_whole() -> None:
    result = sitmap("doctor", "--json")
    assert [check for check in json.loads(result.stdout) if not check["ok"]] == []


# --- bad input -----------------------------------------------------------------------------------


def _told(result: Result, code: int = 2) -> str:
    """Return the one sentence a bad input ended in."""
    assert result.exit_code == code, result.output
    last = result.stderr.rstrip("\n").splitlines()[-1]
    assert last.startswith("sitmap: ")
    assert "Traceback" not in result.output
    return last


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("place,pcode,value", "place,pcode,persons"),
            ("idps.csv", "value", "place, pcode, persons"),
        ),
        (("XA03,240", "XA03,about 240"), ("idps.csv", "row 4", "value", "about 240")),
        (("XA03,240", "XA03,-240"), ("idps.csv", "row 4", "value", "-240")),
        (("XA03,240", "XA03,240\nTamar,XA03,240"), ("idps.csv", "row 5", "row 4")),
        (("XA03,240", "XA03"), ("idps.csv", "row 4")),
    ],
)
@pytest.mark.parametrize("command", ["build", "render"])
def test_a_bad_cell_ends_in_one_sentence_and_leaves_everything_as_it_was(
    edited: Edited, tmp_path: Path, command: str, change: tuple[str, str], told: tuple[str, ...]
) -> None:
    folder = edited("idps.csv", *change)
    out = tmp_path / "out"
    out.mkdir()
    (out / "idps.svg").write_text("an older map", "utf-8")
    before = _files(tmp_path)
    arguments = ["--out", out] if command == "render" else []
    sentence = _told(sitmap(command, folder, *arguments))
    assert all(part in sentence for part in told), sentence
    assert _files(tmp_path) == before
    assert (out / "idps.svg").read_text("utf-8") == "an older map"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"place,pcode,value\nNorda,XA01,1\nS\xe9na,XA02,2\n", ("idps.csv", "UTF-8")),
        (b"", ("idps.csv",)),
        (b"PK\x03\x04\x00\x00binary\x00", ("idps.csv",)),
        (None, ("idps.csv",)),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    folder: Path, content: bytes | None, told: tuple[str, ...]
) -> None:
    if content is None:
        (folder / "idps.csv").unlink()
    else:
        (folder / "idps.csv").write_bytes(content)
    sentence = _told(sitmap("build", folder))
    assert all(part in sentence for part in told), sentence
    assert not (folder / ".sitmap").exists()


def test_an_unknown_region_is_left_out_open_and_told_with_its_nearest(edited: Edited) -> None:
    folder = edited("idps.csv", "Norda,XA01", "Nordaa,")
    result = sitmap("build", folder)
    assert result.exit_code == 1
    text = " ".join(result.stderr.split())
    assert "'Nordaa'" in text
    assert "Norda (XA01" in text


def test_a_boundary_file_that_is_an_error_page_is_told(folder: Path) -> None:
    (folder / "boundaries.geojson").write_text(
        "<!DOCTYPE html><html><head><title>503</title></head></html>", "utf-8"
    )
    sentence = _told(sitmap("build", folder))
    assert "boundaries.geojson" in sentence
    assert not (folder / ".sitmap").exists()


def test_an_undeclared_sensitivity_publishes_nothing(edited: Edited) -> None:
    folder = edited("situation.toml", 'sensitivity = "public"\n', "")
    assert "'survey' declares no sensitivity" in _told(sitmap("build", folder))
    assert not (folder / ".sitmap" / "store.sqlite").exists()


def test_a_country_that_the_boundaries_do_not_have_is_told(edited: Edited) -> None:
    folder = edited("situation.toml", 'countries = ["XAA"]', 'countries = ["XAA", "QQQ"]')
    assert "no country QQQ" in _told(sitmap("build", folder))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--level", 1, "--group", "REF"), "'REF'"),
        (("--level", 1), "IDP, POP"),
        (("--level", 3, "--group", "IDP"), "level 3"),
        (("--level", 1, "--group", "IDP", "--date", "2019-01-01"), "2020-12-31"),
        (("--level", 1, "--group", "IDP", "--parent", "ZZ"), "'ZZ'"),
    ],
)
def test_counts_that_are_not_there_are_told(
    folder: Path, arguments: tuple[object, ...], told: str
) -> None:
    assert told in _told(sitmap("counts", folder, *arguments))


def test_an_unknown_map_is_told_with_those_there_are(folder: Path) -> None:
    assert "it has idps. Did you mean 'idps'?" in _told(sitmap("render", folder, "--map", "idp"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", ".", "--format", "gif"),
        ("render", ".", "--paper", "A9"),
        ("render", ".", "--lang", "xx"),
        ("counts", "."),
        ("counts", ".", "--level", "9"),
        ("biuld", "."),
        ("serve",),
    ],
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    result = sitmap(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_an_unknown_example_is_told_with_those_there_are(tmp_path: Path) -> None:
    assert "mali-2017" in _told(sitmap("example", "mali", tmp_path / "x"))


def test_a_store_that_is_none_exits_3(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    store.write_bytes(b"no database at all, but long enough to be read as one" * 40)
    _told(sitmap("build", folder, "--store", store), code=3)


def test_a_fault_of_the_program_is_told_as_such(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("service.pipeline.build", broken)
    assert "a fault of the program (RuntimeError)" in _told(sitmap("build", folder), code=70)
