"""One file that is a map anywhere: no request leaves it, no text in it is ever taken for markup.

Leaflet, styles, data and the printed picture are inlined. folium writes the map's script; the page
around it is our own template, with every text escaped. A content security policy in the page allows
exactly the three scripts it was written with, by their hashes. With scripts off, the printed picture,
the legend and the tables are there.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
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
_FINE = re.compile(r"(\d*\.\d)\d+")
_REPEATED = re.compile(r"(L[\d. -]+)(?:\1(?![\d.]))+")
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
    scripts = (_leaflet_js(), _asset("map.js"), map_script(scene, view))
    say = messages(scene.lang).say
    page: str = _template().render(
        scene=scene,
        map_id=MAP_ID,
        policy=_policy(scripts),
        styles=(_leaflet_css(), _asset("map.css")),
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
def _leaflet_js() -> str:
    """Return Leaflet without the reference to its source map, which a browser would ask for."""
    text = (files("maps") / "assets" / "leaflet" / "leaflet.js").read_text("utf-8")
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)


@cache
def _leaflet_css() -> str:
    """Return Leaflet's styles without the declarations that point at picture files."""
    text = (files("maps") / "assets" / "leaflet" / "leaflet.css").read_text("utf-8")
    return re.sub(r"^[^\n{}]*\burl\([^\n]*\n", "", text, flags=re.MULTILINE)


def _policy(scripts: Sequence[str]) -> str:
    """Return a content security policy: these scripts, inline styles, nothing from anywhere."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
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
    tenths = _FINE.sub(r"\1", shape[1])
    once = _REPEATED.sub(r"\1", tenths)
    return f' d="{once}"'
