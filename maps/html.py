"""One file that is a map anywhere: no request leaves it, no text in it is ever taken for markup.

Leaflet, styles, data and the printed picture are inlined. folium writes the map's script; the page
around it is our own template, with every text escaped. A content security policy in the page allows
exactly the scripts and styles it was written with, by their hashes. With scripts off, the printed picture,
the legend and the tables are there.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from maps.html_layers import MAP_ID, map_script
from maps.html_legend import legend_markup
from maps.messages import messages
from maps.scene import Scene, TableTwin
from maps.web_view import ScreenView

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["scene_html"]

_FORMATS = ("pdf", "svg", "png")
_NUMBER = re.compile(r"[<~]?\d[\d.,\s]*%?")
_SHAPE = re.compile(r' d="([MLZ\d. -]{200,})"')  # land, lines, discs; letters have curves too
_CHAIN = re.compile(r"M[^M]+")
_PAIR = re.compile(r"(-?[\d.]+) (-?[\d.]+)")
_HALOS = re.compile(r'<g opacity="[\d.]+" stroke-linejoin="round">(?:<path [^>]*/>)+</g>')


def scene_html(scene: Scene, *, link_base: str = "", picture_svg: str = "") -> str:
    """Return the scene as one HTML page. The same arguments give the same text.

    Parameters
    ----------
    scene : Scene
        What is drawn; all its texts are escaped here, whatever they hold.
    link_base : str
        Address (absolute or relative, without suffix) at which the same map is served as PDF, SVG
        and PNG, for plain links; "" for a page that links nowhere.
    picture_svg : str
        The printed page as SVG, shown where scripts are off. It is trusted: it comes from our own
        SVG writer.
    """
    view = ScreenView(scene)
    scripts = (_leaflet_js(), _page_js(), map_script(scene, view))
    styles = (_leaflet_css(), _asset("map.css"))
    say = messages(scene.lang).say
    page: str = _template().render(
        scene=scene,
        map_id=MAP_ID,
        policy=_policy(scripts, (*styles, _without_scripts())),
        styles=styles,
        without_scripts=_without_scripts(),
        scripts=scripts,
        legend=legend_markup(scene, view),
        picture=_bare_svg(picture_svg),
        links=[(kind.upper(), f"{link_base}.{kind}") for kind in _FORMATS] if link_base else [],
        words={word: say(f"word.{word}") for word in ("legend", "notes", "sources", "table")},
        numeric_columns=_numeric_columns,
    )
    return page


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("maps"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("map.html.j2")


def _numeric_columns(twin: TableTwin) -> set[int]:
    """Return the columns that hold numbers, the first (the place) aside."""
    return {
        column
        for column in range(1, len(twin.columns))
        if any(_NUMBER.fullmatch(row[column]) for row in twin.rows)
    }


@cache
def _asset(name: str) -> str:
    return (files("maps") / "assets" / "web" / name).read_text("utf-8")


@cache
def _page_js() -> str:
    """Return what folium's layers call; a module's export has no place in a plain script."""
    placing = re.sub(r"^export [^\n]*\n", "", _asset("placing.js"), flags=re.MULTILINE)
    return placing + _asset("map.js")


@cache
def _leaflet_js() -> str:
    """Return Leaflet without the reference to its source map, which a browser would ask for."""
    text = (files("maps") / "assets" / "leaflet" / "leaflet.js").read_text("utf-8")
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)


@cache
def _leaflet_css() -> str:
    """Return Leaflet's styles without the declarations that point at picture files."""
    text = (files("maps") / "assets" / "leaflet" / "leaflet.css").read_text("utf-8")
    return re.sub(r"^[^\n{}]*\burl\([^\n]*\n", "", text, flags=re.MULTILINE)


def _without_scripts() -> str:
    """Return the style for readers without scripts: the picture stands where the map would."""
    return (
        f"#{MAP_ID} {{ display: none }} "
        ".map { height: auto; min-height: 0; max-height: none; background: none }"
    )


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return a content security policy: these scripts and styles, nothing from anywhere."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Sequence[str]) -> str:
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in texts
    )


def _bare_svg(svg: str) -> str:
    """Return an SVG document to stand inside a page: half as heavy, alike on a screen.

    Halos are the outlines of letters; in a browser a style makes them. Shapes keep tenths of a
    millimetre, a third of a pixel where the sheet is as wide as a desk's window.
    """
    if "<svg" not in svg:
        return ""
    bare = _HALOS.sub("", svg[svg.index("<svg") :])
    return _SHAPE.sub(_coarser, bare)


def _coarser(shape: re.Match[str]) -> str:
    """Write a shape in tenths of a millimetre as steps from point to point: half the bytes."""
    written = []
    for chain in _CHAIN.findall(shape[1]):
        points = [(round(float(x) * 10), round(float(y) * 10)) for x, y in _PAIR.findall(chain)]
        x, y = points[0]
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points) if a != b]
        closed = "Z" if chain.endswith("Z") else ""
        drawn = " ".join(f"{_tenths(dx)} {_tenths(dy)}" for dx, dy in steps)
        written.append(f"M{_tenths(x)} {_tenths(y)}l{drawn or '0 0'}{closed}")
    return f' d="{"".join(written)}"'


def _tenths(number: int) -> str:
    return f"{number / 10:g}".replace("0.", ".", 1) if abs(number) < 10 else f"{number / 10:g}"
