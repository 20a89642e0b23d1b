"""`sitmap assign`, `population` and `density`, as a user calls them; what they write, a situation reads."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from shapely import box

from service.cli import main

pytestmark = pytest.mark.filterwarnings(
    "ignore::PendingDeprecationWarning", "ignore::FutureWarning"
)


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path / "data"))
    # the land of the whole world, at a coarser cell: only to tell the sea from a neighbour
    monkeypatch.setattr("service.assigning._LAND_CELLS", 1)


@pytest.fixture
def boundaries(tmp_path: Path) -> Path:
    """Two regions of one degree side by side from 0° E, 10° N, on land in Mali's neighbourhood."""
    frame = gpd.GeoDataFrame(
        {
            "pcode": ["XA", "XA01", "XA02"],
            "name": ["Xaaland", "Alpha", "Béta"],
            "parent": ["", "XA", "XA"],
            "iso3": "XAA",
            "level": [0, 1, 1],
        },
        geometry=[box(0, 10, 2, 11), box(0, 10, 1, 11), box(1, 10, 2, 11)],
        crs=4326,
    )
    frame.to_file(tmp_path / "xaa.geojson")
    return tmp_path / "xaa.geojson"


def sitmap(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def assign(tmp_path: Path, boundaries: Path, *more: object, points: str = "points.csv") -> Result:
    return sitmap(
        "assign", tmp_path / points, "--boundaries", boundaries, "--level", 1,
        "--sensitivity", "public", "--out", tmp_path / "out.csv", *more,
    )  # fmt: skip


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "points.csv").write_text(text, encoding="utf-8")


def test_points_become_a_table_with_its_ledger(tmp_path: Path, boundaries: Path) -> None:
    write(tmp_path, "x,y,n\n0.5,10.5,3\n1,10.5,4\n1.5,10.5,5\n1.5,20,6\nx,1,1\n")
    done = assign(
        tmp_path, boundaries, "--lon", "x", "--lat", "y", "--count", "n", "--group", "idp",
        "--date", "2020-12-31", "--kind", "estimate",
    )  # fmt: skip
    assert done.exit_code == 1, done.stderr  # two rows were left out
    table = pd.read_csv(tmp_path / "out.csv")
    assert table.to_dict("list") == {
        "place": ["Alpha", "Béta"],
        "pcode": ["XA01", "XA02"],
        "group": ["IDP", "IDP"],
        "measure": ["stock", "stock"],
        "kind": ["estimate", "estimate"],
        "unit": ["persons", "persons"],
        "date": ["2020-12-31", "2020-12-31"],
        "value": [7, 5],
    }
    ledger = json.loads((tmp_path / "out.csv.ledger.json").read_text(encoding="utf-8"))
    assert (ledger["rows"], ledger["placed"], ledger["persons"]) == (5, 3, 12)
    assert ledger["sensitivity"] == "public"
    assert {each["reason"]: each["rows"] for each in ledger["left_out"]} == {
        "outside": 1,
        "text-coordinates": 1,
    }
    assert "a coordinate is text" in " ".join(done.stderr.split())
    assert not (tmp_path / "out.csv.parts").exists()


def test_what_it_writes_a_situation_reads(tmp_path: Path, boundaries: Path) -> None:
    write(tmp_path, "x,y\n" + "0.5,10.5\n" * 40 + "1.5,10.5\n" * 60)
    done = assign(tmp_path, boundaries, "--lon", "x", "--lat", "y", "--group", "IDP",
                  "--date", "2020-12-31", "--kind", "registered")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "situation"
    folder.mkdir()
    for name in ("out.csv", "xaa.geojson"):
        (folder / name).write_bytes((tmp_path / name).read_bytes())
    toml = """
    title = "XAA"
    as_of = 2020-12-31
    [boundaries]
    countries = ["XAA"]
    vintage = "xaa.geojson"
    [[source]]
    id = "points"
    title = "Points"
    publisher = "XAA"
    date = 2020-12-31
    sensitivity = "{0}"
    [[table]]
    file = "out.csv"
    kind = "figures"
    source = "points"
    """
    (folder / "situation.toml").write_text(toml.format("restricted"), encoding="utf-8")
    refused = sitmap("build", folder)
    assert refused.exit_code == 2
    assert "restricted" in refused.stderr
    (folder / "situation.toml").write_text(toml.format("public"), encoding="utf-8")
    counts = sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "csv")
    assert counts.exit_code == 0, counts.stderr
    assert [line.split(",")[0] for line in counts.stdout.splitlines()[1:3]] == ["XA01", "XA02"]
    assert ",40," in counts.stdout
    assert ",60," in counts.stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--lon", "y", "--lat", "x"), "change --lon and --lat over"),
        (("--lon", "z", "--lat", "y"), "no column 'z'"),
        (("--lon", "x", "--lat", "y", "--executor", "cluster"), "expected serial, pool"),
        (("--lon", "x", "--lat", "y", "--origin-lon", "x"), "both --origin-lon"),
        (("--lon", "x", "--lat", "y", "--period", "month"), "must not be added up"),
        (("--lon", "x", "--lat", "y", "--level", 3), "no such level"),
        (("--lon", "x", "--lat", "y", "--countries", "XYZ"), "XYZ"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_writes_nothing(
    tmp_path: Path, boundaries: Path, more: tuple[object, ...], says: str
) -> None:
    write(tmp_path, "x,y\n1.5,10.5\n0.5,10.5\n")
    done = assign(tmp_path, boundaries, *more)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.split())
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("out")) == []


def test_sensitivity_has_to_be_told(tmp_path: Path) -> None:
    write(tmp_path, "x,y\n1,1\n")
    done = sitmap("assign", tmp_path / "points.csv", "--level", 1, "--lon", "x", "--lat", "y",
                  "--out", tmp_path / "out.csv")  # fmt: skip
    assert done.exit_code == 2
    assert "--sensitivity" in done.stderr


def test_a_population_grid_becomes_a_table(tmp_path: Path, boundaries: Path) -> None:
    import rasterio
    from rasterio import Affine

    with rasterio.open(
        tmp_path / "people.tif", "w", driver="GTiff", width=3, height=2, count=1, dtype="float32",
        crs="EPSG:4326", transform=Affine(0.5, 0, 0, 0, -0.5, 11),
    ) as dataset:  # fmt: skip
        dataset.write(np.array([[1.4, 2, 3], [4, 5, 6]], dtype=np.float32), 1)
    done = sitmap(
        "population", tmp_path / "people.tif", "--boundaries", boundaries, "--level", 1,
        "--date", "2020-12-31", "--out", tmp_path / "people.csv",
    )  # fmt: skip
    assert done.exit_code == 1  # half of Béta is not on the grid: its people are not known
    assert "covers 50% of it; not reported" in " ".join(done.stderr.split())
    table = pd.read_csv(tmp_path / "people.csv", keep_default_na=False)
    assert table[["pcode", "value"]].to_numpy().tolist() == [["XA01", "12"], ["XA02", ""]]


def test_points_become_a_density_grid(tmp_path: Path) -> None:
    write(tmp_path, "x,y\n" + "0.5,10.5\n" * 12 + "1.5,10.5\n" * 3)
    done = sitmap(
        "density", tmp_path / "points.csv", "--lon", "x", "--lat", "y", "--source", "XAA",
        "--date", "2020-12-31", "--sensitivity", "public", "--out", tmp_path / "d.tif",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "12 of 15 persons" in " ".join(done.stderr.split())
