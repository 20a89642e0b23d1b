"""Every page, looked over by axe-core: nothing serious, nothing critical."""

import hashlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[1] / "assets" / "axe"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
PAGES = {
    "home": "/",
    "home-ar": "/?lang=ar",
    "docs": "/docs",
    "explorer": "/view/xaa-2020/overview?group=IDP&place=XA01",
    "explorer-ar": "/view/xaa-2020/movements?lang=ar",
    "explorer-compare": "/view/xaa-2020/overview?group=IDP&date=2020-12-31&compare=2020-03-31",
    "embed": "/embed/xaa-2020/overview",
    "one-file": "/maps/xaa-2020/overview.html",
    "one-file-ar": "/maps/xaa-2020/movements.html?lang=ar",
}


def test_the_checks_are_those_that_were_published():
    stated = dict(
        re.findall(r"\| `([\w.]+)` \| `([0-9a-f]{64})` \|", (AXE / "README.md").read_text("utf-8"))
    )
    assert set(stated) == {"axe.min.js", "LICENSE"}
    for name, digest in stated.items():
        assert hashlib.sha256((AXE / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_serious_finding(service, visit, page):
    with visit(f"{service}{PAGES[page]}", bypass_csp=True) as shown:
        if page.startswith(("explorer", "embed")):
            shown.ready().settled()
        shown.page.evaluate((AXE / "axe.min.js").read_text("utf-8"))
        for size, (width, height) in SIZES.items():
            shown.page.set_viewport_size({"width": width, "height": height})
            found = shown.page.evaluate(
                "axe.run(document, {resultTypes: ['violations']}).then((done) => done.violations.map("
                "(each) => [each.impact, each.id, each.nodes.map((node) => node.html.slice(0, 160))]))"
            )
            shown.picture(f"{page}-{size}", whole=page.startswith("home"))
            assert [each for each in found if each[0] in ("serious", "critical")] == [], size
            wide = shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert wide, "the page must not scroll sideways"
