"""`--tiles`: everything encoded beforehand, in the place the service looks at."""

import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result
from shapely import box

from geo.sqlite_store import SqliteStore
from maps.tile_geometry import TileGeometry
from service.cli import main
from service.published import read_published
from service.tile_building import DEEPEST, tile_folder


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SITMAP_TILE_ARCHIVE", raising=False)
    return tmp_path / "data"


def sitmap(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_boundaries_are_brought_in_with_their_tiles(shelf: Path, tmp_path: Path) -> None:
    columns = {"pcode": ["XA01", "XA02"], "name": ["Alpha", "Béta"], "iso3": "XAA"}
    squares = [box(0, 0, 1, 1), box(1, 0, 2, 1)]
    gpd.GeoDataFrame(columns, geometry=squares, crs=4326).to_file(tmp_path / "x.gpkg")
    done = sitmap("boundaries", "import", tmp_path / "x.gpkg", "--as", "xaa-2019", "--tiles")
    assert done.exit_code == 0, done.output
    assert f"encoded for zooms 0 to {DEEPEST}" in " ".join(done.stderr.split())
    assert list((shelf / "tiles").glob("*/tiles-08"))


def test_tiles_without_a_name_to_keep_them_under_are_refused(tmp_path: Path) -> None:
    done = sitmap("boundaries", "import", tmp_path / "x.gpkg", "--tiles")
    assert done.exit_code == 2
    assert "--as" in done.stderr


def test_a_build_with_tiles_encodes_what_its_maps_are_served_from(
    published_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "situation"
    shutil.copytree(published_folder, folder)
    done = sitmap("build", folder, "--tiles")
    assert done.exit_code in {0, 1}, done.output
    path = folder / ".sitmap" / "store.sqlite"
    store = SqliteStore.open_readonly(path)
    (situation,) = store.situations()
    published = read_published(store, store.current(situation), home=path.parent)
    for level in {layer.level for each in published.maps for layer in each.layers}:
        served = TileGeometry.of(published.boundaries, level, archives=tile_folder())
        assert served.archive is not None
        assert all(served.archive.has_all(zoom) for zoom in range(DEEPEST + 1))
    again = sitmap("build", folder, "--tiles")
    assert "encoded already" in " ".join(again.stderr.split())
