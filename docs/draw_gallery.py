"""Draw the gallery: every map of the examples, and some of them again in other forms. `make gallery`.

A map with an error of the checklist is not shown: the script stops. Pictures are small on purpose
(they are kept in the repository); the maps themselves are drawn by `sitmap render`.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from maps.lint import Severity, lint_page, lint_scene
from maps.page import draw_page
from maps.png import svg_png
from maps.scene import Scene
from maps.spec import PAPERS
from maps.svg import page_svg
from service.files import write_all
from service.publishing import UpToDate, up_to_date
from service.terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ("mali-2017", "lake-chad-2024", "sudan-2024", "world-2024")
TARGET = ROOT / "docs" / "gallery"

WIDE, HIGH = 1500, 1100  # pixels of a lying and of a standing sheet
LARGEST, LARGEST_COVER = 200_000, 300_000  # bytes
COVER = "mali-situation"


@dataclass(frozen=True)
class Plate:
    """One picture: its file's name, the scene, the sheet, and what is said under it."""

    name: str
    scene: Scene
    paper: str
    caption: str


def plates(store: Path) -> Iterator[Plate]:
    """Yield the gallery's pictures in order."""
    for example in EXAMPLES:
        published = up_to_date(
            ROOT / "examples" / example, store=store, terminal=Terminal(quiet=True)
        )
        short = example.rpartition("-")[0]
        for spec in published.maps:
            scene = published.scene(spec.id)
            yield Plate(f"{short}-{spec.id}", scene, scene.paper, _caption(scene))
        if example == "mali-2017":
            yield from _other_forms(published)


def _other_forms(published: UpToDate) -> Iterator[Plate]:
    """Yield the same situation in other languages, on other sheets, and as a page of an atlas."""
    french = published.scene("situation", "fr")
    yield Plate("mali-situation-fr", french, "A4-portrait", _caption(french))
    arabic = published.scene("movements", "ar")
    yield Plate("mali-movements-ar", arabic, "A4", _caption(arabic))
    gao = next(p.scene for p in published.atlas("situation", 1) if p.pcode == "ML07")
    yield Plate("mali-atlas-gao", gao, "A4", f"{_caption(gao)} Atlas, {gao.reference}.")


def _caption(scene: Scene) -> str:
    return f"{scene.heading}: {scene.title} ({scene.as_of})."


def picture(plate: Plate) -> bytes:
    """Draw a plate as a small PNG of at most 256 colours; stop where the checklist finds an error."""
    page = draw_page(plate.scene, PAPERS[plate.paper])
    errors = [
        finding
        for finding in (*lint_scene(plate.scene), *lint_page(page, plate.scene))
        if finding.severity is Severity.ERROR and not finding.overridden
    ]
    if errors:
        sys.exit(f"{plate.name}: {errors[0].rule}: {errors[0].what}")
    width = WIDE if page.width > page.height else HIGH
    drawn = Image.open(io.BytesIO(svg_png(page_svg(page), width=width))).convert("RGBA")
    sheet = Image.new("RGB", drawn.size, "#FFFFFF")  # the last row of pixels may be half a row
    sheet.paste(drawn, mask=drawn.getchannel("A"))
    small = sheet.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    limit = LARGEST_COVER if plate.name == COVER else LARGEST
    if len(out.getvalue()) > limit:
        sys.exit(f"{plate.name}: {len(out.getvalue()):,} bytes, at most {limit:,} are kept")
    return out.getvalue()


def main() -> None:
    """Draw all plates and the page that shows them."""
    contents: dict[Path, bytes] = {}
    lines = [
        "# Gallery",
        "",
        "Every map of `examples/`, drawn by `make gallery` from published figures; sources, dates and",
        "licences stand on each. All pass the checklist of `sitmap lint`.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for plate in plates(Path(folder) / "store.sqlite"):
            content = picture(plate)
            contents[TARGET / f"{plate.name}.png"] = content
            lines += [f"## {plate.caption}", "", f"![{plate.scene.alt_text}]({plate.name}.png)", ""]
            sys.stderr.write(f"{plate.name}  {len(content) // 1000} kB\n")
    contents[TARGET / "README.md"] = "\n".join(lines).encode()
    write_all(contents)
    for stale in set(TARGET.glob("*.png")) - set(contents):
        stale.unlink()


if __name__ == "__main__":
    main()
