"""Released figures and a specification become a scene: everything decided, nothing drawn.

Only released figures come in, so no map can show what may not be seen; and every number in the
scene's words is written from the same value that is drawn.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache

import pandas as pd

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose_areas import compose_areas
from maps.compose_flows import compose_flows
from maps.compose_ground import (
    bounding_box,
    compose_context,
    compose_labels,
    compose_lines,
    compose_world,
    likely_frame,
    projection_for,
)
from maps.compose_presence import compose_presence
from maps.compose_setting import LayerWords, Setting
from maps.compose_symbols import compose_symbols
from maps.compose_words import (
    compose_alt,
    compose_footnotes,
    compose_key_figures,
    compose_sources,
)
from maps.disclaimers import disclaimers_in
from maps.errors import NothingToDraw, WouldMislead
from maps.messages import messages
from maps.scene import (
    AreaFill,
    ChoroplethLegend,
    FlowLegend,
    FlowMark,
    MapLine,
    Node,
    PlaceLabel,
    PresenceLegend,
    PresenceMark,
    Scene,
    SymbolLegend,
    SymbolMark,
    TableTwin,
)
from maps.spec import LayerSpec, MapSpec, text_in

__all__ = ["compose"]


class _Layers:
    """What the layers of a map have put together so far."""

    def __init__(self) -> None:
        self.fills: tuple[AreaFill, ...] = ()
        self.symbols: tuple[SymbolMark, ...] = ()
        self.nodes: dict[str, Node] = {}
        self.flows: tuple[FlowMark, ...] = ()
        self.presence: tuple[PresenceMark, ...] = ()
        self.choropleth_legend: ChoroplethLegend | None = None
        self.symbol_legend: SymbolLegend | None = None
        self.flow_legend: FlowLegend | None = None
        self.presence_legend: PresenceLegend | None = None
        self.words: list[LayerWords] = []


def compose(
    spec: MapSpec,
    released: ReleasedFigures,
    places: BoundarySet,
    world: BoundarySet,
    towns: pd.DataFrame,
    *,
    lang: str,
    edition: str = "",
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
    layers = _compose_layers(setting)
    nodes = tuple(layers.nodes[end] for end in sorted(layers.nodes))
    box = bounding_box(
        setting,
        [
            *((mark.lon, mark.lat) for mark in layers.symbols),
            *((mark.lon, mark.lat) for mark in layers.presence),
        ],
        nodes,
    )
    filled = [fill.pcode for fill in layers.fills]
    marked = {
        *filled,
        *(mark.place for mark in layers.symbols),
        *(mark.pcode for mark in layers.presence),
    }
    lines = compose_lines(setting, box, filled)
    labels = compose_labels(setting, box, towns, nodes, marked)
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
        disclaimers=disclaimers_in(likely_frame(setting, box), lang),
        sources=compose_sources(setting, layers.words, key_sources),
        footnotes=compose_footnotes(setting, layers.words),
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
    )


def _compose_layers(setting: Setting) -> _Layers:
    """Compose each layer; flows of several layers share one legend, other kinds stand once."""
    done = _Layers()
    spec = setting.spec
    if not spec.layers:
        raise NothingToDraw(
            map_id=spec.id, layer="none", asked="a map without layers", there_is="no layer"
        )
    _refuse_doubles(setting, [layer for layer in spec.layers if layer.kind != "flows"])
    for layer in spec.layers:
        words: LayerWords
        if layer.kind == "choropleth":
            done.fills, done.choropleth_legend, words = compose_areas(setting, layer)
        elif layer.kind == "symbols":
            done.symbols, done.symbol_legend, words = compose_symbols(setting, layer)
        elif layer.kind == "presence":
            done.presence, done.presence_legend, words = compose_presence(setting, layer)
        else:
            nodes, flows, legend, words = compose_flows(setting, layer)
            done.nodes.update((node.id, node) for node in nodes)
            done.flows = (*done.flows, *flows)
            done.flow_legend = _joined(setting, done.flow_legend, legend, done.flows)
        done.words.append(words)
    done.flows = tuple(sorted(done.flows, key=lambda mark: -mark.value))
    return done


def _refuse_doubles(setting: Setting, layers: Sequence[LayerSpec]) -> None:
    kinds = [layer.kind for layer in layers]
    for layer in layers:
        if kinds.count(layer.kind) > 1:
            raise WouldMislead(
                map_id=setting.spec.id,
                layer=setting.layer_name(layer),
                why=f"two {layer.kind} layers would lie on top of each other",
                todo="Put several groups into one layer of symbols, or make two maps.",
            )


def _joined(
    setting: Setting, first: FlowLegend | None, second: FlowLegend, flows: Iterable[FlowMark]
) -> FlowLegend:
    """Join the legends of flow layers: one scale for all bands, one key for each meaning."""
    if first is None:
        return second
    kinds = {"stock" if mark.measure == "stock" else "movement" for mark in flows}
    larger = first if first.maximum >= second.maximum else second
    subtitle = setting.say.say(f"flows.subtitle.{'both' if len(kinds) > 1 else min(kinds)}")
    return FlowLegend(
        title=larger.title,
        subtitle=subtitle,
        sizes=larger.sizes,
        labels=larger.labels,
        maximum=larger.maximum,
        keys=tuple(dict.fromkeys((*first.keys, *second.keys))),
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
        for kind in ("capital", "town", "site")
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
