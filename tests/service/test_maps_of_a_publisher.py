"""Imprint, atlas and checklist from `situation.toml` to files and exit codes, on the invented country."""

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from maps.imprint import Imprint
from maps.lint import rules
from service.cli import main
from service.errors import BadLogo
from service.logos import LARGEST, read_logo
from service.situation_file import load_situation

Edited = Callable[[str, str, str], Path]

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10">
<defs><linearGradient id="g"><stop offset="0" stop-color="#0072BC"/></linearGradient></defs>
<rect width="40" height="10" fill="url(#g)"/><use href="#g"/></svg>"""

IMPRINT = """
[imprint]
glide = "CE-2020-000001-XAA"
contact = { en = "Write to maps@example.org", fr = "Écrire à maps@example.org" }
logos = ["logo.svg"]
file_names = "ocha"

[[map]]
id = "idps"
number = "XAA-003"
"""


def sitmap(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def told(result: Result) -> str:
    return " ".join(result.stderr.split())


def png(width: int, height: int) -> bytes:
    """Return a PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\x00" + b"\x00\x72\xbc" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def published(edited: Edited) -> Path:
    """The situation with an imprint, a map number and a logo."""
    folder = edited("situation.toml", '[[map]]\nid = "idps"\n', IMPRINT.lstrip("\n"))
    (folder / "logo.svg").write_text(DRAWING)
    return folder


# --- imprint ----------------------------------------------------------------------------------------


def test_the_imprint_is_read_and_reaches_the_page(published: Path, tmp_path: Path) -> None:
    done = sitmap("render", published, "--format", "svg", "--lang", "fr", "--out", tmp_path / "o")
    assert done.exit_code == 0, done.stderr
    svg = (tmp_path / "o" / "XAA-003_idps_A4_20210115.fr.svg").read_text("utf-8")
    assert "Carte XAA-003 – GLIDE CE-2020-000001-XAA" in svg
    assert "Écrire à maps@example.org" in svg
    assert "data:image/svg+xml;base64," in svg


def test_a_logo_travels_with_the_edition_and_is_an_input_of_the_build(published: Path) -> None:
    assert sitmap("build", published).exit_code == 0
    before = load_situation(published)
    assert (published / "logo.svg") in before.inputs
    assert before.maps[0].imprint.logos[0].width == 40
    (published / "logo.svg").unlink()
    lost = sitmap("build", published)
    assert lost.exit_code == 2
    assert "logo.svg: no such file" in told(lost)


def test_without_an_imprint_there_is_none(folder: Path) -> None:
    assert load_situation(folder).maps[0].imprint == Imprint()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("CE-2020-000001-XAA", "2020/1", "Expected a GLIDE number, as CE-2012-000076-MLI."),
        ('"logo.svg"', '"../logo.svg"', "leads out of the folder"),
        ('"ocha"', '"oca"', "Did you mean 'ocha'?"),
        ("glide", "glid", "unknown key 'glid'"),
        ("XAA-003", "XAA 003", "Expected letters, digits, hyphens, as MLI-003."),
    ],
)
def test_a_wrong_imprint_is_told_at_its_key(published: Path, old: str, new: str, said: str) -> None:
    file = published / "situation.toml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    done = sitmap("build", published)
    assert done.exit_code == 2
    assert said in told(done)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<svg", "neither PNG nor well-formed SVG"),
        ("<html><body>404</body></html>", "it is XML, but no SVG"),
        (DRAWING.replace('viewBox="0 0 40 10"', ""), "does not say its size"),
        (DRAWING.replace("<use", "<script>alert(1)</script><use"), "an element <script>"),
        (DRAWING.replace("<use", "<foreignObject/><use"), "an element <foreignObject>"),
        (DRAWING.replace("<use", "<image/><use"), "an element <image>"),
        (DRAWING.replace("<use", "<style/><use"), "an element <style>"),
        (DRAWING.replace("<rect", '<rect onload="x()"'), "an event handler 'onload'"),
        (DRAWING.replace("#g", "https://example.org/#g"), "something outside itself"),
        (DRAWING.replace("url(#g)", "url(//example.org/a)"), "something outside itself"),
        (DRAWING.replace("0 0 40 10", "0 0 400 10"), "400 wide and 10 high"),
        (
            '<!DOCTYPE svg [<!ENTITY a "b">]>' + DRAWING,
            "neither PNG nor well-formed SVG",
        ),
        ("x" * (LARGEST + 1), "bytes; at most 200,000 are taken"),
    ],
)
def test_a_logo_that_does_more_than_draw_is_refused(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(content)
    with pytest.raises(
        BadLogo, match=f"logo.svg: .*{why.split('<', maxsplit=1)[0]}".replace("(", "\\(")
    ):
        read_logo(path)


def test_a_png_is_taken_as_it_is_and_a_torn_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(png(30, 10))
    logo = read_logo(path)
    assert (logo.media_type, logo.width, logo.height) == ("image/png", 30, 10)
    path.write_bytes(png(30, 10)[:-6])
    with pytest.raises(BadLogo, match="cut short"):
        read_logo(path)


# --- atlas ------------------------------------------------------------------------------------------


def test_an_atlas_has_a_file_for_each_unit(folder: Path, tmp_path: Path) -> None:
    done = sitmap("render", folder, "--atlas", 1, "--format", "svg", "--out", tmp_path)
    assert done.exit_code == 0, done.stderr
    assert sorted(p.name for p in tmp_path.glob("*.svg")) == [f"idps-XA0{n}.svg" for n in (1, 2, 3)]
    assert "page 3 of 3" in (tmp_path / "idps-XA03.svg").read_text("utf-8")


def test_an_atlas_of_a_level_that_is_not_there_is_told(folder: Path, tmp_path: Path) -> None:
    done = sitmap("render", folder, "--atlas", 3, "--format", "svg", "--out", tmp_path / "o")
    assert done.exit_code == 2
    assert "no such level; it has 0, 1, 2" in told(done)
    assert not (tmp_path / "o").exists()


# --- checklist --------------------------------------------------------------------------------------


def test_a_sound_situation_passes_the_checklist(folder: Path) -> None:
    done = sitmap("lint", folder, "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    assert "error" not in told(done)


def test_an_error_is_told_with_reason_and_remedy_and_exits_1(edited: Edited) -> None:
    folder = edited("situation.toml", 'per = "population"', 'per = "population"\nclasses = 6')
    done = sitmap("lint", folder, "--lang", "en")
    assert done.exit_code == 1
    assert "layer 1 (choropleth) asks for 6 classes" in told(done)
    assert "cannot be told apart" in told(done)
    assert "Set classes to 3, 4 or 5." in told(done)


def test_an_override_settles_it_and_stands_on_the_map(edited: Edited, tmp_path: Path) -> None:
    excuse = '\n[[map.override]]\nrule = "too-many-classes"\nwhy = { en = "As in the atlas." }\n'
    folder = edited("situation.toml", 'per = "population"', 'per = "population"\nclasses = 6')
    file = folder / "situation.toml"
    file.write_text(file.read_text("utf-8") + excuse, "utf-8")
    done = sitmap("lint", folder, "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert "settled" in done.stderr
    assert sitmap("render", folder, "--format", "svg", "--out", tmp_path).exit_code == 0
    svg = (tmp_path / "idps.svg").read_text("utf-8")
    assert "too-many-classes" in svg
    assert "As in the atlas." in svg


def test_the_findings_as_json_have_everything_that_is_printed(edited: Edited) -> None:
    folder = edited("situation.toml", 'per = "population"', 'per = "population"\nclasses = 6')
    document = json.loads(sitmap("lint", folder, "--lang", "en", "--json", "-q").stdout)
    (of_map,) = document["maps"]
    assert of_map["map"] == "idps"
    finding = next(f for f in of_map["findings"] if f["rule"] == "too-many-classes")
    assert finding["severity"] == "error"
    assert finding["overridden"] is None
    assert {"what", "why", "fix"} <= finding.keys()


def test_a_map_that_cannot_be_composed_has_that_as_its_finding(edited: Edited) -> None:
    folder = edited(
        "situation.toml", 'kind = "symbols"\ngroup = "IDP"', 'kind = "symbols"\ngroup = "REF"'
    )
    done = sitmap("lint", folder)
    assert done.exit_code == 1
    assert "no figures of refugees to draw" in told(done)


def test_the_checklists_page_has_every_rule() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "checklist.md").read_text("utf-8")
    for rule in rules():
        assert f"`{rule.id}`" in page, f"{rule.id}: run docs/write_checklist.py"
