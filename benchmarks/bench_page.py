"""The Mali example as pages of paper: how fast, how large, and do all forms show the same?

Targets, warm, A4: drawing, SVG and PDF 1.0 s; PNG at 200 dpi 1.5 s; PDF 250 KiB; every form the
same bytes on repeat; PNG and PDF alike on 99.5 % of pixels; widths of bands, measured back from the
SVG, within 1 % of what their figures ask for. Run: python benchmarks/bench_page.py
"""

import io
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measure import measure
from PIL import Image

from maps.flow_curves import FloatArray
from maps.page import draw_page
from maps.pdf import svg_pdf
from maps.png import svg_png
from maps.scene import Scene
from maps.spec import PAPERS
from maps.svg import page_svg
from maps.symbology import Symbology

ROOT = Path(__file__).parents[1]
SEEN = 32  # of 255: a difference in a channel that an eye may notice
DPI, SHRINK = 400, 4  # compared at 100 dpi, so that the two renderers' anti-aliasing is no matter


def scenes() -> dict[str, Scene]:
    """Build the Mali example in a folder of its own and decide its maps."""
    import shutil

    from service.publishing import up_to_date
    from service.terminal import Terminal

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "mali-2017"
        shutil.copytree(
            ROOT / "examples" / "mali-2017", folder, ignore=shutil.ignore_patterns(".sitmap")
        )
        published = up_to_date(folder, store=None, terminal=Terminal(quiet=True, progress=False))
        return {spec.id: published.scene(spec.id) for spec in published.maps}


def timed(task: Callable[[], object], times: int = 3) -> float:
    """Return the least CPU seconds of some runs; the first, cold one is not counted."""
    task()
    taken = []
    for _ in range(times):
        start = time.process_time()
        task()
        taken.append(time.process_time() - start)
    return min(taken)


def agreement(svg: str, pdf: bytes) -> float:
    """Return the share of pixels that PNG and PDF agree on."""
    import pypdfium2

    page = pypdfium2.PdfDocument(pdf)[0]
    width = round(page.get_width() * DPI / 72)
    one = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
    other = Image.open(io.BytesIO(svg_png(svg, width=width))).convert("RGB")
    size = (other.width // SHRINK, other.height // SHRINK)
    # One of the two may round the sheet's height up: compare what both have.
    both = [
        np.asarray(picture.crop((0, 0, *other.size)).resize(size, Image.Resampling.BOX), dtype=int)
        for picture in (one, other)
    ]
    return float((np.abs(both[0] - both[1]).max(2) <= SEEN).mean())


def width_error(scene: Scene, svg: str) -> float | None:
    """Return the largest relative error of a band's width; None for a map without flows."""
    group = re.search(r'<g id="flows">(.*?)</g>', svg, re.DOTALL)
    if group is None or scene.flow_legend is None:
        return None
    symbology = Symbology.for_paper(PAPERS[scene.paper])
    measured = sorted(
        float(np.hypot(*(points[0] - points[-1])))
        for path in re.findall(
            r'<path d="([^"]*)" fill="#[0-9A-Fa-f]*"[^>]*opacity', group.group(1)
        )
        for points in [_numbers(path)]
    )
    asked = sorted(symbology.band_width(m.value, scene.flow_legend.maximum) for m in scene.flows)
    asked = asked[len(asked) - len(measured) :]
    return float(np.max(np.abs(np.array(measured) / asked - 1)))


def _numbers(data: str) -> FloatArray:
    return np.array(re.findall(r"-?[0-9.]+", data), dtype=float).reshape(-1, 2)


def main() -> None:
    for name, scene in scenes().items():
        svg = page_svg(draw_page(scene))
        pdf = svg_pdf(svg)
        repeats = (
            page_svg(draw_page(scene)) == svg
            and svg_pdf(svg) == pdf
            and svg_png(svg, width=800) == svg_png(svg, width=800)
        )
        page = timed(lambda scene=scene: svg_pdf(page_svg(draw_page(scene))))
        png = timed(lambda svg=svg: svg_png(svg))
        error = width_error(scene, svg)
        measure(f"page-pdf-{name}", f"{name}, A4: drawn, SVG and PDF", page, "s", at_most=1)
        measure(f"page-png-{name}", "  PNG of 200 dpi", png, "s", at_most=1.5)
        measure(f"page-size-{name}", "  PDF", len(pdf) / 1024, "KiB", at_most=250)
        measure(
            f"page-repeats-{name}",
            "  forms whose bytes differ on repeat",
            int(not repeats),
            at_most=0,
        )
        measure(f"page-alike-{name}", "  pixels on which PNG and PDF agree", agreement(svg, pdf), "%",
                at_least=0.995, digits=2)  # fmt: skip
        if error is not None:
            measure(f"page-widths-{name}", "  widths of bands beside their figures, largest error", error,
                    "%", at_most=0.01, digits=2)  # fmt: skip


if __name__ == "__main__":
    main()
