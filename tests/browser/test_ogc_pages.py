"""Pages under /ogc in a browser: the strict policy lets everything on them through, phones show them whole."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

COUNTS = "/ogc/collections/xaa-2020.counts-1"
PAGES = (
    "/ogc",
    "/ogc/collections",
    COUNTS,
    f"{COUNTS}/items",
    f"{COUNTS}/items/XA01",
    "/ogc/collections/xaa-2020.flows/items",
    "/ogc/collections/xaa-2020.map-overview/tiles/WebMercatorQuad",
    "/ogc/api",
)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_pages_load_without_complaint_and_fit_the_window(
    service: str, visit: Callable[..., Any], size: str
) -> None:
    with visit(f"{service}/ogc?f=html", size) as seen:
        width = seen.page.viewport_size["width"]
        for path in PAGES:
            seen.page.goto(f"{service}{path}")  # a browser's Accept header asks for pages
            seen.picture(f"{path[1:].replace('/', '-')}-{size}", whole=True)
            assert seen.page.locator("h1").count() == 1, path
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert seen.complaints == []
        assert all(address.startswith((service, "data:")) for address in seen.asked)


def test_links_lead_from_the_landing_page_to_a_figure(
    service: str, visit: Callable[..., Any]
) -> None:
    with visit(f"{service}/ogc?f=html") as seen:
        seen.page.get_by_role("link", name="Collections").click()
        seen.page.get_by_role("link", name="Counts by region").click()
        seen.page.get_by_role("link", name="Look at the features").click()
        seen.page.get_by_role("link", name="XA01").click()
        assert seen.page.locator("dl.sheet").inner_text().count("1,200") == 1
