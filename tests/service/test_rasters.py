"""A population grid beside the store: only public ones, and its tiles in greys, never in a map's colours."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from maps.raster_tile import grey_pixels
from service.app import create_app
from service.cli import main
from service.routes import rasters
from service.settings import Settings

# rio-tiler and affine warn of their own futures
pytestmark = pytest.mark.filterwarnings(
    "ignore::PendingDeprecationWarning", "ignore::FutureWarning"
)

Connect = Callable[..., Any]


def sitmap(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """One degree cells from 10° E, 12° N: nobody, 10, no value / 100, 1000, 10."""
    import rasterio
    from rasterio import Affine

    cells = np.array([[0.0, 10, -1], [100, 1000, 10]], dtype=np.float32)
    path = tmp_path / "people.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=3, height=2, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(1, 0, 10, 0, -1, 12), nodata=-1,
    ) as dataset:  # fmt: skip
        dataset.write(cells, 1)
    return path


def keep(folder: Path, grid: Path, *more: str, sensitivity: str = "public") -> Result:
    told = ("--publisher", "Xaaland statistics", "--date", "2020-12-31")
    words = (*told, "--sensitivity", sensitivity, *more)
    return sitmap("raster", folder, grid, "--as", "people", *words)


@pytest.fixture
def client(published_folder: Path, grid: Path, connect: Connect) -> Any:
    done = keep(published_folder, grid, "--licence", "CC0")
    assert done.exit_code == 0, done.stderr
    app = create_app(Settings(stores=(published_folder / ".sitmap" / "store.sqlite",)))
    if not any("/tiles/rasters" in str(getattr(route, "path", "")) for route in app.routes):
        app.include_router(rasters.router)
    return connect(app)


def pixels_of(answer: Any) -> Any:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def test_a_tile_is_grey_where_people_live_and_clear_where_nobody_does(client: Any) -> None:
    answer = client.get("/tiles/rasters/xaa-2020/people/4/8/7.png")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    pixels = pixels_of(answer)
    assert pixels.shape == (256, 256, 4)
    seen = pixels[pixels[..., 3] > 0]
    assert len(seen)
    assert (seen[:, 0] == seen[:, 1]).all()
    assert (seen[:, 1] == seen[:, 2]).all()
    # 22.5° are 256 pixels: 12.5° E, 11.5° N is no value, 11.5° E, 10.5° N are the thousand
    assert pixels[122, 142, 3] == 0
    assert pixels[135, 131, 3] == pixels[..., 3].max()
    assert not pixels_of(client.get("/tiles/rasters/xaa-2020/people/4/0/0.png")).any()


def test_who_has_a_tile_already_gets_304(client: Any) -> None:
    address = "/tiles/rasters/xaa-2020/people/4/8/7.png"
    tag = client.get(address).headers["etag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_its_tilejson_says_whose_it_is_and_of_which_day(client: Any) -> None:
    told = client.get("/tiles/rasters/xaa-2020/people.json").json()
    assert told["attribution"] == "Xaaland statistics, 2020-12-31, CC0"
    assert told["bounds"] == pytest.approx([10, 10, 13, 12])
    assert told["tiles"] == ["/tiles/rasters/xaa-2020/people/{z}/{x}/{y}.png"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("xaa-2020/gone/4/8/7.png", 404, "unknown-raster"),
        ("nowhere/people/4/8/7.png", 404, "unknown-situation"),
        ("xaa-2020/people/4/99/7.png", 404, "no-such-tile"),
        ("xaa-2020/people/4/8/7.png?show=flows", 400, "unknown-parameter"),
    ],
)
def test_what_is_not_there_is_a_problem(client: Any, path: str, status: int, code: str) -> None:
    answer = client.get(f"/tiles/rasters/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("sensitivity", ["sensitive", "restricted"])
def test_a_raster_that_is_not_public_is_never_put_where_it_could_be_served(
    published_folder: Path, grid: Path, sensitivity: str, tmp_path: Path
) -> None:
    before = sorted((published_folder / ".sitmap").rglob("*.tif"))
    done = keep(published_folder, grid, sensitivity=sensitivity)
    assert done.exit_code == 2
    assert sensitivity in done.stderr
    assert sorted((published_folder / ".sitmap").rglob("*.tif")) == before


def test_more_people_are_never_lighter() -> None:
    values = np.concatenate([[np.nan, -5, 0], np.geomspace(0.01, 1e6, 60)])
    shade = grey_pixels(values, top=1000)[:, 3].astype(int)
    assert shade[:3].tolist() == [0, 0, 0]
    assert (np.diff(shade[2:]) >= 0).all()
    assert shade[-1] == 190


# --- grids that begin at 0° ---------------------------------------------------------------------------


def written(path: Path, cells: Any, *, west: float, north: float, step: float) -> Path:
    import rasterio
    from rasterio import Affine

    with rasterio.open(
        path, "w", driver="GTiff", width=cells.shape[1], height=cells.shape[0], count=1,
        dtype="float32", crs="EPSG:4326", transform=Affine(step, 0, west, 0, -step, north), nodata=-1,
    ) as dataset:  # fmt: skip
        dataset.write(cells.astype(np.float32), 1)
    return path


def alpha_at(client: Any, name: str, lon: float, lat: float, zoom: int = 4) -> int:
    """Return the alpha of a raster's tile at a place."""
    from maps.tile_address import to_world

    ((x, y),) = to_world(np.array([[lon, lat]])) * 2**zoom
    answer = client.get(f"/tiles/rasters/xaa-2020/{name}/{zoom}/{int(x)}/{int(y)}.png")
    assert answer.status_code == 200
    return int(pixels_of(answer)[int(y % 1 * 256), int(x % 1 * 256), 3])


@pytest.mark.parametrize(
    ("grid_at", "bounds"),
    [
        ((0, 360), [-180, -10, 180, 10]),  # round the globe from Greenwich
        ((170, 20), [-180, -10, 180, 10]),  # across the 180th meridian
        ((185, 10), [-175, -10, -165, 10]),  # all beyond it
        ((-10, 20), [-10, -10, 10, 10]),
    ],
)
def test_a_grid_that_begins_anywhere_lies_where_its_people_are(
    client: Any,
    published_folder: Path,
    tmp_path: Path,
    grid_at: tuple[float, int],
    bounds: list[float],
) -> None:
    west, columns = grid_at
    cells = np.full((20, columns), -1.0)
    cells[:, 1] = 1000  # just east of the grid's first column
    cells[:, columns - 2] = 1000
    grid = written(tmp_path / "turn.tif", cells, west=west, north=10, step=1)
    name = f"turn-{columns}"
    told = ("--publisher", "X", "--date", "2020-12-31", "--sensitivity", "public")
    assert sitmap("raster", published_folder, grid, "--as", name, *told).exit_code == 0
    assert client.get(f"/tiles/rasters/xaa-2020/{name}.json").json()["bounds"] == pytest.approx(
        bounds
    )

    def turned(lon: float) -> float:
        return (lon + 180) % 360 - 180

    for column in range(columns):
        lon = turned(west + column + 0.5)
        if abs(lon) < 179.8 and column in {0, 1, 2, columns - 3, columns - 2, columns - 1}:
            there = alpha_at(client, name, lon, 2.5) > 0
            assert there == (column in {1, columns - 2}), (column, lon)
    assert alpha_at(client, name, turned(west + 1.5), 12.5) == 0


def test_rasters_of_one_name_belong_each_to_its_own_situation(tmp_path: Path) -> None:
    from datetime import date

    from geo.sources import Sensitivity
    from service.raster_shelf import UnknownRaster, find_raster, keep_raster

    grid = written(tmp_path / "g.tif", np.ones((2, 2)), west=0, north=2, step=1)
    told = {"on": date(2020, 12, 31), "licence": "", "sensitivity": Sensitivity.PUBLIC}
    for situation in ("one", "two"):
        keep_raster(grid, tmp_path, situation, "people", publisher=situation, **told)
    assert find_raster(tmp_path, "one", "people").publisher == "one"
    with pytest.raises(UnknownRaster, match="none"):
        find_raster(tmp_path, "three", "people")
