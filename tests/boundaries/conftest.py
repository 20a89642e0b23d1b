"""The invented country XAA: four square regions around (1, 1), and its neighbour XBB to the east."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

SHARED = Path(__file__).parents[3] / "shared" / "data" / "boundaries"


@pytest.fixture(autouse=True)
def own_shelf(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep imported vintages in a folder of the test, never in the user's."""
    folder = tmp_path_factory.mktemp("sitmap-data")
    monkeypatch.setenv("SITMAP_DATA", str(folder))
    return folder


@pytest.fixture
def xaa() -> gpd.GeoDataFrame:
    """Level 1 of XAA: XA01 south-west, XA02 south-east, XA03 north-west, XA04 north-east."""
    squares = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)]
    return gpd.GeoDataFrame(
        {
            "pcode": ["XA01", "XA02", "XA03", "XA04"],
            "name": ["Région de Béta", "Alpha", "Côte d’Or", "Delta"],
            "parent": "XA",
            "iso3": "XAA",
            "level": 1,
        },
        geometry=squares,
        crs="EPSG:4326",
    )


@pytest.fixture
def shared() -> Path:
    """The folder with real boundaries, which lies beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not beside the checkout: put it there to run this test")
    return SHARED
