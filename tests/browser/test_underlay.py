"""A population grid under the explorer's map: chosen by keyboard, explained, linked, and gone again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from geo.sources import Sensitivity

pytestmark = [
    pytest.mark.browser,
    # rio-tiler and affine warn of their own futures
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def served(
    write_xaa: Callable[..., Path],
    serve_store: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The address of a service with a grid: a town in the middle of each region, fewer round it."""
    import rasterio
    from rasterio import Affine

    from service.raster_shelf import keep_raster

    home = tmp_path_factory.mktemp("under")
    store = write_xaa(home / "xaa")
    east, south = np.meshgrid(np.linspace(0, 3, 60, endpoint=False), np.linspace(0, 2, 40))
    cells = 3000 * np.exp(-20 * ((east % 1 - 0.5) ** 2 + (south - 1.2) ** 2)).astype(np.float32)
    with rasterio.open(
        home / "grid.tif", "w", driver="GTiff", width=60, height=40, count=1, dtype="float32",
        crs="EPSG:4326", transform=Affine(0.05, 0, 10, 0, -0.05, 12), nodata=-1,
    ) as dataset:  # fmt: skip
        dataset.write(np.where(cells < 1, -1, cells), 1)
    keep_raster(
        home / "grid.tif",
        store.parent,
        "xaa-2020",
        "people",
        publisher="Xaa Grids",
        on=date(2020, 7, 1),
        licence="CC BY 4.0",
        sensitivity=Sensitivity.PUBLIC,
    )
    return serve_store(store)


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ar"])
def test_the_grid_comes_by_keyboard_with_its_legend_and_its_tiles_and_goes(served, visit, lang):
    with visit(f"{served}/view/xaa-2020/overview?lang={lang}&show=choropleth&group=IDP") as shown:
        shown.ready().settled()
        assert not any("/tiles/rasters/" in address for address in shown.asked)
        box = shown.page.locator('#controls [name="under"]')
        box.focus()
        shown.page.keyboard.press("Space")
        shown.settled()
        shown.page.wait_for_timeout(800)
        assert any("/tiles/rasters/xaa-2020/people/" in address for address in shown.asked)
        legend = shown.page.locator("#legend").inner_text()
        for fact in ("Xaa Grids", "2020", "CC BY 4.0", "0.05°"):
            assert fact in legend
        assert "under=people" in shown.page.url
        assert shown.complaints == []
        shown.picture(f"explorer-underlay-{lang}")
        shown.page.keyboard.press("Space")
        shown.settled()
        assert "under=" not in shown.page.url
        assert "Xaa Grids" not in shown.page.locator("#legend").inner_text()


@pytest.mark.parametrize("kind", ["view", "embed"])
def test_an_address_shows_the_grid_in_a_window_and_in_a_frame(served, visit, kind):
    with visit(f"{served}/{kind}/xaa-2020/overview?under=people", "phone") as shown:
        shown.ready().settled()
        assert "Xaa Grids" in shown.page.locator("#legend").inner_text()
        assert any("/tiles/rasters/xaa-2020/people/" in address for address in shown.asked)
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert shown.complaints == []
        shown.picture(f"explorer-underlay-{kind}-phone")


def test_areas_over_the_grid_are_as_pale_as_their_samples(served, visit):
    with visit(f"{served}/view/xaa-2020/overview?under=people") as shown:
        shown.ready().settled()
        pale = shown.page.locator(".key.areas rect").first.evaluate(
            "rect => Number(getComputedStyle(rect).fillOpacity)"
        )
        assert pale == pytest.approx(0.5)


def test_a_map_without_a_grid_offers_none(service, visit):
    with visit(f"{service}/view/xaa-2020/overview") as shown:
        shown.ready()
        assert shown.page.locator('[name="under"]').count() == 0
