"""Weights of cut units from a population grid and from settlements, on an invented grid."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio import Affine
from shapely import Point, box

from boundaries.assembly import assemble
from boundaries.compare import Comparison, compare
from boundaries.crosswalk import Weighting
from boundaries.overlay import area_km2
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage
from geo.crosswalk_weights import (
    UnreadableGrid,
    best_crosswalk,
    grid_people,
    settlements_on_shared_ground,
)
from geo.zonal import NeedsRasterPackages

NODATA = -9999.0


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 × 2 cells of one degree from 0° E, 2° N: 100 persons in the north-west cell, 10 elsewhere.

    The south-east cell has no value.
    """
    persons = np.full((2, 4), 10.0, dtype="float32")
    persons[0, 0], persons[1, 3] = 100, NODATA
    return _written(tmp_path_factory.mktemp("grid") / "persons.tif", persons)


def _written(path: Path, persons: np.ndarray, crs: str | None = "EPSG:4326") -> Path:
    height, width = persons.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=1, dtype="float32",
        crs=crs, transform=Affine(1, 0, 0, 0, -1, 2), nodata=NODATA,
    ) as dataset:  # fmt: skip
        dataset.write(persons, 1)
    return path


@pytest.fixture(params=["exactextract", "rasterio"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sums by either package; cells cut up are exact here, since the parts fall on sub-cells."""
    if request.param == "exactextract":
        pytest.importorskip("exactextract", reason="needs the extra 'raster'")
    else:

        def missing(*_: object, **__: object) -> None:
            raise NeedsRasterPackages("exactextract")

        monkeypatch.setattr("geo.zonal.zonal_sums", missing)
    return request.param


def units(label: str, **shapes: object) -> BoundarySet:
    frame = gpd.GeoDataFrame(
        {"pcode": list(shapes), "name": list(shapes), "level": 1, "iso3": "XAA"},
        geometry=list(shapes.values()),
        crs="EPSG:4326",
    )
    return BoundarySet(Vintage(label, label, "invented", "CC0", ""), assemble(frame))


@pytest.fixture(scope="module")
def halves() -> Comparison:
    old = units("xaa-2010", XA01=box(0, 0, 4, 2))
    return compare(old, units("xaa-2020", XA11=box(0, 0, 2, 2), XA12=box(2, 0, 4, 2)), level=1)


def test_a_cell_counts_by_the_part_that_is_inside(grid, engine):
    shapes = np.array([box(0, 0, 2, 2), box(0, 1.5, 0.5, 2), box(3, 0, 4, 1), box(50, 50, 51, 51)])
    assert grid_people(grid, shapes).tolist() == pytest.approx([130, 25, 0, 0], rel=1e-6, abs=1e-6)


def test_a_density_is_multiplied_by_the_area_of_its_cell(grid, engine):
    cell = np.array([box(1, 1, 2, 2)])
    persons = grid_people(grid, cell, per_km2=True)
    assert persons[0] == pytest.approx(10 * area_km2(cell)[0], rel=1e-6)


def test_the_grid_outweighs_settlements_and_area_and_says_so(grid, halves):
    crosswalk = best_crosswalk(halves, grid=grid, settlements=_settlements((1, 1)))
    assert [pair.weight for pair in crosswalk.into("XA01")] == pytest.approx([130 / 160, 30 / 160])
    assert crosswalk.weightings == (Weighting.POPULATION,)
    assert "by a population grid" in crosswalk.method


def test_a_grid_that_sees_nobody_gives_way(tmp_path, halves):
    empty = _written(tmp_path / "empty.tif", np.zeros((2, 4), dtype="float32"))
    crosswalk = best_crosswalk(
        halves, grid=empty, settlements=_settlements((1, 1), (3, 1), (3, 0.5))
    )
    assert [pair.weight for pair in crosswalk.into("XA01")] == pytest.approx([1 / 3, 2 / 3])
    assert best_crosswalk(halves, grid=empty).weightings == (Weighting.AREA,)


def _settlements(*points: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[Point(*p) for p in points], crs="EPSG:4326")


def test_settlements_count_by_their_people_and_one_on_the_border_counts_once(halves):
    points = _settlements((1, 1), (2, 1), (3, 1), population=[100.0, 50.0, 7.0])
    counted = settlements_on_shared_ground(halves, points)
    assert counted == {("XA01", "XA11"): 150, ("XA01", "XA12"): 7}
    gaps = _settlements((1, 1), (2, 1), (3, 1), population=[100.0, None, 7.0])
    assert settlements_on_shared_ground(halves, gaps) == {
        ("XA01", "XA11"): 2,
        ("XA01", "XA12"): 1,
    }


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_grid_that_is_none_or_lies_nowhere_is_refused_in_a_sentence(tmp_path, halves):
    page = tmp_path / "grid.tif"
    page.write_text("<html>not found</html>")
    with pytest.raises(UnreadableGrid, match=r"grid\.tif: cannot be read"):
        best_crosswalk(halves, grid=page)
    nowhere = _written(tmp_path / "nowhere.tif", np.ones((2, 4), dtype="float32"), crs=None)
    with pytest.raises(UnreadableGrid, match="no coordinate system"):
        best_crosswalk(halves, grid=nowhere)
