"""Released figures and a specification become a scene: everything decided, nothing drawn.

Only released figures come in, so no map can show what may not be seen; and every number in the
scene's words is written from the same value that is drawn.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose_ground import (
    bounding_box,
    compose_context,
    compose_labels,
    compose_lines,
    compose_world,
    likely_frame,
    projection_for,
)
from maps.compose_imprint import (
    imprint_contact,
    imprint_reference,
    override_notes,
    overrides_in,
)
from maps.compose_layers import compose_layers, with_figures
from maps.compose_setting import Setting
from maps.compose_towns import compose_towns
from maps.compose_water import compose_water, name_water
from maps.compose_words import (
    compose_alt,
    compose_footnotes,
    compose_key_figures,
    compose_sources,
)
from maps.disclaimers import disclaimers_in
from maps.messages import messages
from maps.scene import (
    MapLine,
    PlaceLabel,
    Scene,
    TableTwin,
)
from maps.spec import MapSpec, text_in

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["compose"]


def compose(
    spec: MapSpec,
    released: ReleasedFigures,
    places: BoundarySet,
    world: BoundarySet,
    towns: pd.DataFrame,
    *,
    lang: str,
    edition: str = "",
    water: "gpd.GeoDataFrame | None" = None,
) -> Scene:
    """Decide everything about one map in one language.

    Parameters
    ----------
    spec : MapSpec
        What was asked.
    released : ReleasedFigures
        What may be seen.
    places : BoundarySet
        The situation's vintage: its countries, level 0 and below.
    world : BoundarySet
        All countries (level 0 at least): neighbours, countries of origin, the locator globe.
    towns : DataFrame
        Columns name, name_fr, name_es, name_ar, lon, lat (degrees), iso3, kind (capital |
        adm1_capital | town), rank, population.
    lang : str
        One of ``maps.spec.LANGUAGES``.
    edition : str
        Which publication of the figures this is; goes into the scene as it is.
    water : GeoDataFrame or None
        Columns kind (lake | river), name, rank, EPSG:4326; None draws no rivers and lakes.

    Raises
    ------
    NothingToDraw
        A layer asks for figures that are not there.
    WouldMislead
        A layer would draw something false, such as a choropleth of counts.
    UnknownLanguage
        There are no texts in ``lang``.
    """
    setting = Setting(spec, released, places, world, messages(lang))
    say = setting.say
    layers = compose_layers(setting)
    nodes = tuple(layers.nodes[end] for end in sorted(layers.nodes))
    symbols = [*layers.symbols, *(mark for panel in layers.panels for mark in panel.symbols)]
    box = bounding_box(
        setting,
        [
            *((mark.lon, mark.lat) for mark in symbols),
            *((mark.lon, mark.lat) for mark in layers.presence),
            *(places.unit(mark.pcode).label_point for mark in layers.dots if mark.points),
        ],
        nodes,
    )
    filled = [fill.pcode for fill in layers.fills]
    marked = {
        *filled,
        *(mark.place for mark in symbols),
        *(mark.pcode for mark in layers.presence),
        *(mark.pcode for mark in layers.dots),
    }
    lines = compose_lines(setting, box, filled)
    labels = compose_labels(setting, box, towns, nodes, marked)
    labels = with_figures(setting, labels, layers.figures)
    seen = likely_frame(setting, box)
    shapes = compose_water(water, seen) if water is not None else ()
    around = compose_towns(towns, seen, [label.text for label in labels], lang)
    labels = (*labels, *around, *name_water(shapes, seen, lang))
    groups = [group for layer in spec.layers for group in layer.groups]
    key_figures, key_sources = compose_key_figures(setting, groups)
    title = text_in(spec.title, lang)
    as_of = say.say("as_of", date=say.date(setting.as_of))
    twins = tuple(twin for words in layers.words for twin in words.twins)
    return Scene(
        situation=released.situation,
        map_id=spec.id,
        edition=edition,
        vintage=places.vintage.id,
        lang=lang,
        direction=say.direction,
        paper=spec.paper,
        projection=projection_for(box),
        bbox=box,
        created=released.created,
        heading=text_in(released.title, lang),
        title=title,
        as_of=as_of,
        disclaimers=disclaimers_in(seen, lang),
        sources=compose_sources(setting, layers.words, key_sources),
        footnotes=(*compose_footnotes(setting, layers.words), *override_notes(spec, say)),
        created_text=say.say("created", date=say.date(released.created)),
        alt_text=compose_alt(setting, title, as_of, layers.words),
        context=compose_context(setting, box),
        lines=lines,
        fills=layers.fills,
        symbols=layers.symbols,
        nodes=nodes,
        flows=layers.flows,
        presence=layers.presence,
        labels=labels,
        choropleth_legend=layers.choropleth_legend,
        symbol_legend=layers.symbol_legend,
        flow_legend=layers.flow_legend,
        presence_legend=layers.presence_legend,
        dots=layers.dots,
        dot_legend=layers.dot_legend,
        bivariate_legend=layers.bivariate_legend,
        panels=layers.panels,
        matrix=layers.matrix,
        line_keys=_line_keys(setting, lines),
        twins=twins,
        focus=setting.focus,
        world=compose_world(setting),
        metadata={
            "program": f"sitmap {_version()}",
            "situation": released.situation,
            "edition": edition,
            "vintage": places.vintage.id,
            "vintage_content": places.vintage.content,
            "as_of": setting.as_of.isoformat(),
            "figures": _digest(twins),
        },
        key_figures=key_figures,
        place_keys=_place_keys(setting, labels),
        water=shapes,
        reference=imprint_reference(spec, say),
        contact=imprint_contact(spec, say),
        logos=spec.imprint.logos,
        overrides=overrides_in(spec, say),
    )


def _line_keys(setting: Setting, lines: Iterable[MapLine]) -> tuple[tuple[str, str], ...]:
    """Explain the classes of boundary that occur; a coast explains itself."""
    there = {line.status for line in lines if line.rank >= 0}
    order = ("agreed", "undetermined", "disputed", "line_of_control")
    return tuple((status, setting.say.say(f"line.{status}")) for status in order if status in there)


def _place_keys(setting: Setting, labels: Iterable[PlaceLabel]) -> tuple[tuple[str, str], ...]:
    """Explain the place symbols that occur."""
    there = {label.kind for label in labels}
    return tuple(
        (kind, setting.say.say(f"place.{kind}"))
        for kind in ("capital", "town", "settlement", "site")
        if kind in there
    )


def _digest(twins: Iterable[TableTwin]) -> str:
    """Twelve hex digits of what the map says: two scenes with the same digest show the same figures."""
    return hashlib.sha256(repr(tuple(twins)).encode()).hexdigest()[:12]


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sitmap")
    except PackageNotFoundError:  # a checkout on the path, not installed
        return "(not installed)"
