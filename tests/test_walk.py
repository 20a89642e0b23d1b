"""The notebook of the examples runs as it is written, and ends in the map that it promises."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

WALK = Path(__file__).resolve().parents[1] / "examples" / "walk.ipynb"


@pytest.fixture(scope="module")
def walked() -> dict[str, Any]:
    """Run every cell in order, from the notebook's own folder; return what it has named."""
    cells = json.loads(WALK.read_text("utf-8"))["cells"]
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(WALK.parent)
        for cell in cells:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102
    return names


def test_everybody_of_the_table_is_on_the_map(walked: dict[str, Any]) -> None:
    parts = {mark.name: mark.parts[0].value for mark in walked["scene"].symbols}
    assert parts["Gao"] == 13_215
    assert sum(parts.values()) == 36_690


def test_the_scene_shows_itself_as_a_picture_with_its_words(walked: dict[str, Any]) -> None:
    shown = walked["scene"]._repr_html_()
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', shown)
    assert picture
    assert base64.b64decode(picture.group(1)).startswith(b"\x89PNG")
    assert "13,592" in re.search(r'alt="([^"]+)"', shown).group(1)


def test_the_notebook_is_kept_without_its_outputs() -> None:
    for cell in json.loads(WALK.read_text("utf-8"))["cells"]:
        assert not cell.get("outputs")


def test_the_walk_takes_about_ten_lines_after_the_imports() -> None:
    cells = [c for c in json.loads(WALK.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    statements = [compile("".join(c["source"]), c["id"], "exec", 1024) for c in cells[1:]]
    assert sum(len(tree.body) for tree in statements) <= 16
