"""The examples are settled and pass the checklist; the gallery shows them in small pictures."""

import re
from pathlib import Path

import pytest

from maps.lint import Severity, lint_page, lint_scene, lint_spec
from maps.page import draw_page
from service.pipeline import build
from service.situation_file import load_situation

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/situation.toml"))
GALLERY = ROOT / "docs" / "gallery"
COVER = "mali-situation.png"


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_is_settled_and_its_maps_have_nothing_to_mend(folder, published_example):
    built = build(load_situation(folder))
    assert built.stopping == ()
    assert [finding.id for finding in built.open] == []
    published = published_example(folder.name)
    for spec in published.maps:
        scene = published.scene(spec.id)
        found = (
            *lint_spec(spec, published.released),
            *lint_scene(scene),
            *lint_page(draw_page(scene), scene),
        )
        assert [each for each in found if each.severity is not Severity.NOTE] == []


def test_an_example_says_where_its_figures_were_read():
    for folder in EXAMPLES:
        text = (folder / "README.md").read_text("utf-8")
        for table in (folder / "data").iterdir():
            assert table.stem.rsplit("_", 1)[0].split("_")[0] in text, table.name


def test_the_gallery_has_a_dozen_small_pictures_and_shows_each():
    pictures = sorted(GALLERY.glob("*.png"))
    assert len(pictures) >= 12
    sizes = {picture.name: picture.stat().st_size for picture in pictures}
    assert sizes.pop(COVER) <= 300_000
    assert max(sizes.values()) <= 200_000
    assert sum(sizes.values()) <= 3_000_000
    shown = re.findall(r"\]\(([\w-]+\.png)\)", (GALLERY / "README.md").read_text("utf-8"))
    assert sorted(shown) == [picture.name for picture in pictures]


def test_every_map_of_the_examples_is_in_the_gallery():
    pictures = {picture.stem for picture in GALLERY.glob("*.png")}
    for folder in EXAMPLES:
        short = folder.name.rpartition("-")[0]
        for spec in load_situation(folder).maps:
            assert f"{short}-{spec.id}" in pictures, "run `make gallery`"


def test_the_readme_opens_with_the_demo_map():
    opening = (ROOT / "README.md").read_text("utf-8")[:1500]
    assert f"docs/gallery/{COVER}" in opening
