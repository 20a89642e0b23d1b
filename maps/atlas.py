"""An atlas: one page for each unit, all under one legend. Classes and sizes are the whole map's.

A page shows its unit outlined in the middle of the frame, its figures in the margin, and only the
flows that begin or end in it; what lies around stays, so that a page is also a map of the area.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.compose_imprint import imprint_reference
from maps.messages import Messages, messages
from maps.scene import KeyFigure, Scene
from maps.spec import MapSpec, text_in

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["AtlasPage", "atlas_units", "compose_atlas"]

Box = tuple[float, float, float, float]

_MARGIN = 0.18  # of the unit's size, on each side
_SMALLEST = 1.0  # degrees: closer, the embedded borders are too coarse to be looked at
_ORGS = 40  # named in the margin


@dataclass(frozen=True, slots=True)
class AtlasPage:
    """One page: the unit's P-code and its scene."""

    pcode: str
    scene: Scene


def atlas_units(scene: Scene, places: BoundarySet, level: int) -> tuple[str, ...]:
    """Return the P-codes of the pages: the focus country's units, then others with a mark.

    ``scene`` is the whole map. Empty where the vintage has no such level.
    """
    if level not in places.levels:
        return ()
    marked = {
        *(fill.pcode for fill in scene.fills),
        *(mark.place for mark in scene.symbols),
        *(mark.pcode for mark in scene.presence),
        *(node.id for node in scene.nodes),
    }
    with_marks = {
        places.ancestor(pcode, level)
        for pcode in marked
        if pcode in places and places.unit(pcode).level >= level
    }
    pcodes = [str(pcode) for pcode in places.at(level)["pcode"]]
    at_home = [pcode for pcode in pcodes if places.ancestor(pcode, 0) == scene.focus]
    abroad = [pcode for pcode in pcodes if pcode in with_marks and pcode not in at_home]
    return (*at_home, *abroad)


def compose_atlas(
    spec: MapSpec,
    released: ReleasedFigures,
    places: BoundarySet,
    world: BoundarySet,
    towns: "pd.DataFrame",
    *,
    level: int,
    lang: str,
    edition: str = "",
    water: "gpd.GeoDataFrame | None" = None,
) -> Iterator[AtlasPage]:
    """Yield the pages of an atlas in order; arguments and errors as of ``maps.compose.compose``."""

    def draw(asked: MapSpec) -> Scene:
        return compose(
            asked, released, places, world, towns, lang=lang, edition=edition, water=water
        )

    say = messages(lang)
    units = atlas_units(draw(spec), places, level)
    shapes = dict(zip(places.frame["pcode"], places.frame.geometry, strict=True))
    for number, pcode in enumerate(units, start=1):
        name = places.name(pcode, lang)
        title = say.say("atlas.title", unit=name, title=text_in(spec.title, lang))
        asked = replace(spec, title={lang: title}, extent=_frame(shapes[pcode].bounds))
        page = _about(draw(asked), pcode, places, say)
        reference = imprint_reference(spec, say, page=number, pages=len(units))
        yield AtlasPage(pcode, replace(page, highlight=shapes[pcode], reference=reference))


def _frame(bounds: Sequence[float]) -> Box:
    west, south, east, north = bounds
    aside = max(_MARGIN * (east - west), (_SMALLEST - (east - west)) / 2)
    above = max(_MARGIN * (north - south), (_SMALLEST - (north - south)) / 2)
    return (
        max(west - aside, -180.0),
        max(south - above, -89.0),
        min(east + aside, 180.0),
        min(north + above, 89.0),
    )


def _about(scene: Scene, pcode: str, places: BoundarySet, say: Messages) -> Scene:
    """Return the scene with the unit's own figures in the margin, and only its flows."""

    def inside(place: str) -> bool:
        level = places.unit(pcode).level
        return place in places and (
            place == pcode
            or (places.unit(place).level > level and places.ancestor(place, level) == pcode)
        )

    flows = tuple(f for f in scene.flows if inside(f.origin) or inside(f.destination))
    ends = {end for flow in flows for end in (flow.origin, flow.destination)}
    return replace(
        scene,
        key_figures=_figures(scene, pcode, say),
        flows=flows,
        nodes=tuple(node for node in scene.nodes if node.id in ends),
    )


def _figures(scene: Scene, pcode: str, say: Messages) -> tuple[KeyFigure, ...]:
    """Return what the map says of the unit itself, in the map's own words."""
    found: list[KeyFigure] = []
    keys = {key.group: key.label for key in scene.symbol_legend.keys} if scene.symbol_legend else {}
    for mark in scene.symbols:
        if mark.place == pcode:
            found += [
                KeyFigure(part.group, part.colour, part.label, keys.get(part.group, ""), "")
                for part in mark.parts
            ]
    for fill in scene.fills:
        if fill.pcode == pcode and scene.choropleth_legend:
            said = (
                say.rate(fill.value) if fill.value is not None else say.say(f"state.{fill.state}")
            )
            legend = scene.choropleth_legend
            found.append(KeyFigure("", "#666666", said, legend.title, legend.subtitle))
    for badge in scene.presence:
        if badge.pcode == pcode and scene.presence_legend:
            named = [*badge.orgs[:_ORGS], *(["…"] if len(badge.orgs) > _ORGS else [])]
            title = scene.presence_legend.title
            found.append(KeyFigure("", "#0072bc", say.number(badge.count), title, ", ".join(named)))
    return tuple(found)
