"""A map in another site's page: it is framed where the operator allows it, and nowhere else."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

pytestmark = pytest.mark.browser

PORTAL = Path(__file__).resolve().parents[2] / "examples" / "portal"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere(tmp_path):
    """Another site: serves a folder on an address of its own."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    site.server_close()


def test_the_sample_portal_shows_three_maps(service, visit, elsewhere):
    folder, site = elsewhere
    page = (PORTAL / "index.html").read_text("utf-8")
    for theirs, ours in (
        ("situation", "overview"),
        ("movements?group=REF", "movements"),
        ("partners?lang=fr", "overview?lang=fr"),
    ):
        page = page.replace(
            f"http://127.0.0.1:8000/embed/mali-2017/{theirs}", f"{service}/embed/xaa-2020/{ours}"
        )
    (folder / "index.html").write_text(page, "utf-8")
    (folder / "portal.css").write_text((PORTAL / "portal.css").read_text("utf-8"), "utf-8")
    with visit(f"{site}/index.html") as shown:
        for number in range(3):
            frame = shown.page.locator("iframe").nth(number)
            frame.scroll_into_view_if_needed()
            frame.content_frame.locator("html[data-ready]").wait_for(state="attached")
            assert frame.content_frame.locator(".pane canvas").is_visible()
        assert (
            "Personnes déplacées"
            in shown.page.locator("iframe").nth(2).content_frame.locator("#title").inner_text()
        )
        assert shown.complaints == []
        # tall enough for all three at once: a frame out of sight is not painted
        shown.page.set_viewport_size({"width": 1280, "height": 2300})
        shown.page.wait_for_timeout(800)
        shown.picture("portal")


def test_a_site_that_is_not_named_cannot_frame_a_map(
    write_xaa, serve_store, visit, elsewhere, tmp_path_factory
):
    store = write_xaa(tmp_path_factory.mktemp("framed") / "xaa")
    base = serve_store(store, embed_origins=("https://portal.example",))
    folder, site = elsewhere
    (folder / "index.html").write_text(
        f'<iframe src="{base}/embed/xaa-2020/overview"></iframe>', "utf-8"
    )
    with visit(f"{site}/index.html") as shown:
        shown.page.wait_for_timeout(1500)
        assert any("frame-ancestors" in words for words in shown.complaints)
        assert (
            "https://portal.example"
            in httpx.get(f"{base}/embed/xaa-2020/overview").headers["content-security-policy"]
        )


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_an_embedded_map_fits_its_frame(service, visit, size):
    with visit(f"{service}/embed/xaa-2020/overview?lang=ar", size) as shown:
        shown.ready()
        assert shown.complaints == []
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert shown.page.locator("#controls").count() == 0
        assert (
            shown.page.locator("a[data-view]")
            .get_attribute("href")
            .startswith("/view/xaa-2020/overview?lang=ar")
        )
        shown.picture(f"embed-{size}-ar")


def test_oembed_gives_the_frame_and_a_picture_that_is_there(service):
    address = f"{service}/view/xaa-2020/overview?group=REF"
    page = httpx.get(address).text
    found = (
        page.split('type="application/json+oembed" href="')[1].split('"')[0].replace("&amp;", "&")
    )
    answer = httpx.get(found).json()
    assert (answer["type"], answer["version"]) == ("rich", "1.0")
    assert f'src="{service}/embed/xaa-2020/overview?group=REF"' in answer["html"]
    picture = httpx.get(answer["thumbnail_url"])
    assert picture.headers["content-type"] == "image/png"
    assert (
        httpx.get(
            f"{service}/oembed?url={quote('https://elsewhere.example/view/xaa-2020/overview')}"
        ).status_code
        == 404
    )
