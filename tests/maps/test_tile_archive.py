import pickle
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE

import geopandas as gpd
import numpy as np
import pytest
import shapely

from boundaries.units import BoundarySet
from maps.mvt import geometry_tile
from maps.tile_address import tiles_covering
from maps.tile_archive import TileArchive
from maps.tile_geometry import TileGeometry
from maps.tile_pyramid import encode_pyramid, zoom_tiles
from maps.tile_turns import in_turn

XAA_BOX = (10.0, 10.0, 13.0, 12.0)
ZOOMS = range(7)
TILE = tiles_covering(XAA_BOX, 5)[0]


def everywhere(geometry: TileGeometry) -> dict[tuple[int, int, int], bytes]:
    return {
        address: geometry_tile(geometry, *address)
        for zoom in ZOOMS
        for address in tiles_covering((9, 9, 14, 13), zoom)
    }


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_tiles_from_the_archive_are_the_tiles_made_without_it(xaa, tmp_path):
    plain = everywhere(TileGeometry.of(xaa, 1))
    for _ in range(2):  # made and kept, then read
        assert everywhere(TileGeometry.of(xaa, 1, archives=tmp_path)) == plain


def test_tiles_made_all_at_once_are_the_tiles_made_one_by_one(xaa, tmp_path):
    plain = everywhere(TileGeometry.of(xaa, 2))
    geometry = TileGeometry.of(xaa, 2, archives=tmp_path)
    told = []
    assert encode_pyramid(geometry, ZOOMS, step=lambda done, of: told.append((done, of))) == 7
    assert told == [(zoom + 1, 7) for zoom in ZOOMS]
    assert everywhere(TileGeometry.of(xaa, 2, archives=tmp_path)) == plain
    assert encode_pyramid(TileGeometry.of(xaa, 2, archives=tmp_path), ZOOMS) == 0


def test_a_zoom_has_exactly_the_tiles_that_hold_units(xaa):
    geometry = TileGeometry.of(xaa, 1)
    made = {(x, y) for x, y, _ in zoom_tiles(geometry.at(6))}
    held = {(x, y) for _, x, y in tiles_covering((5, 5, 40, 20), 6)
            if geometry_tile(geometry, 6, x, y)}  # fmt: skip
    assert made >= held
    assert all(geometry_tile(geometry, 6, x, y) for x, y in made)


def test_whole_zooms_are_read_without_putting_units_on_the_grid(xaa, tmp_path, monkeypatch):
    encode_pyramid(TileGeometry.of(xaa, 1, archives=tmp_path), [4])

    def refused(*_: object) -> None:
        raise AssertionError("nothing is to be made")

    monkeypatch.setattr("maps.tile_geometry.on_grid", refused)
    geometry = TileGeometry.of(xaa, 1, archives=tmp_path)
    assert geometry_tile(geometry, 4, 0, 0) == b""
    assert geometry_tile(geometry, *tiles_covering(XAA_BOX, 4)[0])


def test_other_boundaries_other_levels_and_other_cuts_lie_in_other_folders(xaa, tmp_path):
    moved = BoundarySet(
        xaa.vintage,
        gpd.GeoDataFrame(xaa.frame.assign(geometry=xaa.frame.geometry.translate(0.001))),
    )
    renamed = BoundarySet(replace(xaa.vintage, content="other"), xaa.frame)
    folders = [
        TileGeometry.of(places, level, archives=tmp_path).archive.folder
        for places, level in ((xaa, 1), (xaa, 2), (moved, 1), (xaa.of_countries(["XAA"]), 1))
    ]
    assert len(set(folders[:3])) == 3
    again = TileGeometry.of(renamed, 1, archives=tmp_path).archive.folder
    assert again == folders[0]  # the name is of what is encoded, not of what it is called


def test_nothing_half_written_is_left_and_a_damaged_file_is_made_anew(xaa, tmp_path):
    address = tiles_covering(XAA_BOX, 5)[0]
    plain = geometry_tile(TileGeometry.of(xaa, 1), *address)
    geometry_tile(TileGeometry.of(xaa, 1, archives=tmp_path), *address)
    assert not [name for name in files(tmp_path) if name.startswith(".")]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-4])
    assert geometry_tile(TileGeometry.of(xaa, 1, archives=tmp_path), *address) == plain


def test_a_folder_that_cannot_be_written_keeps_nothing_and_serves_all_the_same(xaa, tmp_path):
    (tmp_path / "tiles").write_text("a file, where a folder should be")
    geometry = TileGeometry.of(xaa, 1, archives=tmp_path / "tiles")
    assert everywhere(geometry) == everywhere(TileGeometry.of(xaa, 1))


def test_single_tiles_are_kept_as_long_as_there_is_room(xaa, tmp_path):
    geometry = TileGeometry.of(xaa, 1, archives=tmp_path)
    addresses = tiles_covering(XAA_BOX, 6)
    for limit, kept in ((0, 0), (10**6, len(addresses))):
        archive = TileArchive(tmp_path / str(limit), most_kept=limit)
        for address in addresses:
            archive.keep(*address, geometry.shapes(*address))
        assert sum(archive.shapes(*address) is not None for address in addresses) == kept


def test_the_coverage_on_the_grid_is_kept_as_it_is(xaa, tmp_path):
    whole = TileGeometry.of(xaa, 2).at(8).polygons
    archive = TileArchive(tmp_path)
    assert archive.grid(8) is None
    archive.keep_grid(8, whole)
    kept = TileArchive(tmp_path).grid(8)
    assert kept is not None
    assert shapely.equals_exact(shapely.normalize(kept), shapely.normalize(
        np.array([shapely.multipolygons(shapely.get_parts(each)) for each in whole])
    )).all()  # fmt: skip


@pytest.mark.parametrize("zoom", [3, 7])
def test_no_unit_is_in_no_tile(xaa, zoom):
    geometry = TileGeometry.of(xaa, 2)
    found = {unit for _, _, shapes in zoom_tiles(geometry.at(zoom)) for unit in shapes.index}
    assert found == set(range(len(geometry)))


WORKER = """
import pickle, sys, time
from pathlib import Path

import maps.tile_geometry as tiles

folder, slow, seconds, zoom = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
make = getattr(tiles, slow)

def slowly(*given):
    with (folder / "made").open("a") as said:
        said.write("once\\n")
    time.sleep(seconds)
    return make(*given)

setattr(tiles, slow, slowly)
places = pickle.loads((folder / "places").read_bytes())
geometry = tiles.TileGeometry.of(places, 2, archives=folder / "tiles")
print("ready", flush=True)
sys.stdin.readline()
shapes = geometry.shapes(zoom, int(sys.argv[5]), int(sys.argv[6]))
print(shapes.commands.hex(), flush=True)
"""


@pytest.fixture
def started(xaa, tmp_path):
    """Start processes that make one tile of XAA and are slow at one step; they begin when told."""
    (tmp_path / "places").write_bytes(pickle.dumps(xaa))
    running = []

    def start(slow: str, seconds: float) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, tmp_path, slow, str(seconds), *map(str, TILE)],
            cwd=Path(__file__).parents[2], stdin=PIPE, stdout=PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def begin(process: subprocess.Popen) -> None:
    process.stdin.write("begin\n")
    process.stdin.flush()


def times_made(folder: Path) -> int:
    return (folder / "made").read_text().count("once") if (folder / "made").exists() else 0


@pytest.mark.skipif(sys.platform == "win32", reason="no flock")
@pytest.mark.parametrize("slow", ["on_grid", "encoded_tile"])
def test_what_two_processes_ask_for_at_once_is_made_once(xaa, tmp_path, started, slow):
    if slow == "encoded_tile":
        TileGeometry.of(xaa, 2, archives=tmp_path / "tiles").at(TILE[0])
    both = [started(slow, 1.0) for _ in range(2)]
    for process in both:
        begin(process)
    plain = TileGeometry.of(xaa, 2).shapes(*TILE).commands.hex()
    assert [process.stdout.readline().strip() for process in both] == [plain, plain]
    assert times_made(tmp_path) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no flock")
def test_what_a_killed_process_did_not_finish_another_makes(xaa, tmp_path, started):
    first = started("on_grid", 600.0)
    begin(first)
    while not times_made(tmp_path):
        time.sleep(0.01)
    second = started("on_grid", 0.0)
    begin(second)
    first.kill()
    plain = TileGeometry.of(xaa, 2).shapes(*TILE).commands.hex()
    assert second.stdout.readline().strip() == plain
    assert times_made(tmp_path) == 2


def test_a_turn_that_cannot_be_taken_is_not_waited_for(tmp_path):
    (tmp_path / "file").write_text("where a folder should be")
    with (
        in_turn(tmp_path / "file" / "turn") as first,
        in_turn(tmp_path / "file" / "turn") as second,
    ):
        assert (first, second) == (False, False)
