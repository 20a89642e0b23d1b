"""`sitmap boundaries import`, `compare`, `gazetteer` and `show`, as a user calls them."""

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result
from shapely import Polygon, box

from service.cli import main


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def xaa(tmp_path: Path) -> gpd.GeoDataFrame:
    squares = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)]
    return gpd.GeoDataFrame(
        {
            "pcode": ["XA01", "XA02", "XA03", "XA04"],
            "name": ["Alpha", "Béta", "C", "D"],
            "iso3": "XAA",
        },
        geometry=squares,
        crs=4326,
    )


def sitmap(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_a_file_is_brought_in_listed_shown_and_used_by_name(
    xaa: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    xaa.set_geometry([bow, *xaa.geometry[1:]]).to_file(tmp_path / "x.gpkg")
    done = sitmap(
        "boundaries", "import", tmp_path / "x.gpkg", "--as", "xaa-2019", "--source", "XAA"
    )
    assert done.exit_code == 0, done.output
    assert "XA01 Alpha: broken ring rebuilt" in " ".join(done.stderr.split())
    assert "Kept as xaa-2019" in done.stderr
    assert done.stdout == ""
    assert "xaa-2019" in sitmap("boundaries", "list").stdout
    shown = json.loads(sitmap("boundaries", "show", "xaa-2019", "--json").stdout)
    assert shown["vintage"]["source"] == "XAA"
    checks = {check["id"]: check for check in shown["record"]["checks"]}
    assert checks["invalid-geometry"]["first"] == ["XA01 Alpha"]
    assert {check["id"]: check["count"] for check in shown["checks"]}["invalid-geometry"] == 0
    assert "invalid-geometry" in sitmap("boundaries", "show", "xaa-2019").stdout


def test_without_a_name_nothing_is_kept(xaa: gpd.GeoDataFrame, tmp_path: Path, shelf: Path) -> None:
    xaa.to_file(tmp_path / "x.gpkg")
    done = sitmap(
        "boundaries", "import", tmp_path / "x.gpkg", "--write-profile", tmp_path / "p.toml"
    )
    assert done.exit_code == 0
    assert not shelf.exists()
    profile = (tmp_path / "p.toml").read_text()
    assert 'code = "pcode"' in profile
    (tmp_path / "p.toml").write_text(profile.replace('code = "pcode"', 'code = "name"'))
    done = sitmap(
        "boundaries",
        "import",
        tmp_path / "x.gpkg",
        "--as",
        "x",
        "--profile",
        tmp_path / "p.toml",
        "--json",
    )
    assert json.loads(done.stdout)["vintage"]["id"] == "x"
    assert "Béta" in sitmap("boundaries", "show", "x", "--country", "XAA").stdout


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ('{"error": {"code": 400}}', (), "error answer of a service"),
        ("version https://git-lfs", (), "git lfs pull"),
        ('{"type": "FeatureCollection", "features": []}', (), "holds no polygons"),
        ("", ("--as", "Not A Name"), "cannot name a vintage"),
    ],
)
def test_a_refused_import_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, shelf: Path, content: str, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "x.geojson").write_text(content)
    done = sitmap("boundaries", "import", tmp_path / "x.geojson", "--as", "x", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(shelf.rglob("*"))


def test_two_vintages_are_compared_code_by_ground(xaa: gpd.GeoDataFrame, tmp_path: Path) -> None:
    xaa.to_file(tmp_path / "old.gpkg")
    swapped = xaa.assign(pcode=["XA02", "XA01", "XA03", "XA04"])
    swapped.to_file(tmp_path / "new.gpkg")
    done = sitmap("boundaries", "compare", tmp_path / "old.gpkg", tmp_path / "new.gpkg", "--json")
    compared = json.loads(done.stdout)
    assert compared["counts"]["recoded"] == 2
    assert compared["code_join_error"] == 0.5
    table = sitmap("boundaries", "compare", tmp_path / "old.gpkg", tmp_path / "new.gpkg")
    assert "recoded" in table.stdout
    assert "moved nobody" in " ".join(table.stderr.split())
    refused = sitmap(
        "boundaries", "compare", tmp_path / "old.gpkg", tmp_path / "new.gpkg", "--level", "3"
    )
    assert refused.exit_code == 2


def test_the_gazetteer_is_csv_on_stdout(xaa: gpd.GeoDataFrame, tmp_path: Path) -> None:
    xaa.to_file(tmp_path / "x.gpkg")
    done = sitmap("boundaries", "gazetteer", tmp_path / "x.gpkg", "--level", "1")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["pcode"] for row in rows] == ["XA01", "XA02", "XA03", "XA04"]
    assert rows[1]["key"] == "beta"
