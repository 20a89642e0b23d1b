"""The layers of a map, put together: which kinds may lie on one sheet, and what each gives to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from maps.compose_areas import compose_areas
from maps.compose_bivariate import compose_bivariate
from maps.compose_difference import change_labels, compose_difference
from maps.compose_dots import compose_dots
from maps.compose_flows import compose_flows
from maps.compose_matrix import compose_matrix
from maps.compose_multiples import Multiples, compose_multiples, panel_dates
from maps.compose_presence import compose_presence
from maps.compose_setting import LayerWords, Setting
from maps.compose_symbols import compose_symbols
from maps.errors import NothingToDraw, WouldMislead
from maps.scene import (
    AreaFill,
    ChoroplethLegend,
    FlowLegend,
    FlowMark,
    Node,
    Panel,
    PlaceLabel,
    PresenceLegend,
    PresenceMark,
    SymbolLegend,
    SymbolMark,
)
from maps.scene_layers import BivariateLegend, DotLegend, DotMark, PresenceMatrix
from maps.spec import LayerSpec

__all__ = ["Layers", "compose_layers", "with_figures"]

_AREAS = ("choropleth", "bivariate", "difference")


@dataclass
class Layers:
    """What the layers of a map have put together so far.

    ``figures`` stand beside the names of units, by P-code.
    """

    fills: tuple[AreaFill, ...] = ()
    symbols: tuple[SymbolMark, ...] = ()
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: tuple[FlowMark, ...] = ()
    presence: tuple[PresenceMark, ...] = ()
    dots: tuple[DotMark, ...] = ()
    panels: tuple[Panel, ...] = ()
    matrix: PresenceMatrix | None = None
    choropleth_legend: ChoroplethLegend | None = None
    bivariate_legend: BivariateLegend | None = None
    symbol_legend: SymbolLegend | None = None
    flow_legend: FlowLegend | None = None
    presence_legend: PresenceLegend | None = None
    dot_legend: DotLegend | None = None
    figures: Mapping[str, str] = field(default_factory=dict)
    words: list[LayerWords] = field(default_factory=list)


def compose_layers(setting: Setting) -> Layers:
    """Compose each layer; flows of several layers share one legend, other kinds stand once.

    Raises
    ------
    NothingToDraw
        There is no layer, or a layer asks for figures that are not there.
    WouldMislead
        Two layers would lie on each other, or one would draw something false.
    """
    done = Layers()
    spec = setting.spec
    if not spec.layers:
        raise NothingToDraw(
            map_id=spec.id, layer="none", asked="a map without layers", there_is="no layer"
        )
    _refuse_doubles(setting, [layer for layer in spec.layers if layer.kind != "flows"])
    days = panel_dates(setting, spec.layers)
    if len(days) > 1:
        _panels(done, compose_multiples(setting, spec.layers, days))
        return done
    for layer in spec.layers:
        _add(setting, done, replace(layer, date=days[0]) if days else layer)
    done.flows = tuple(sorted(done.flows, key=lambda mark: -mark.value))
    return done


def _panels(done: Layers, multiples: Multiples) -> None:
    done.panels = multiples.panels
    done.fills, done.symbols = done.panels[-1].fills, done.panels[-1].symbols
    done.choropleth_legend = multiples.choropleth_legend
    done.symbol_legend = multiples.symbol_legend
    done.words += multiples.words


def _add(setting: Setting, done: Layers, layer: LayerSpec) -> None:
    words: LayerWords
    if layer.kind == "choropleth":
        done.fills, done.choropleth_legend, words = compose_areas(setting, layer)
    elif layer.kind == "bivariate":
        done.fills, done.bivariate_legend, words = compose_bivariate(setting, layer)
    elif layer.kind == "difference":
        done.fills, done.choropleth_legend, words = compose_difference(setting, layer)
        done.figures = change_labels(setting, layer, done.fills)
    elif layer.kind == "symbols":
        done.symbols, done.symbol_legend, words = compose_symbols(setting, layer)
    elif layer.kind == "dots":
        done.dots, done.dot_legend, words = compose_dots(setting, layer)
    elif layer.kind == "presence":
        done.presence, done.presence_legend, words = compose_presence(setting, layer)
        if layer.show == "matrix":
            done.matrix, words = compose_matrix(setting, layer)
    else:
        nodes, flows, legend, words = compose_flows(setting, layer)
        done.nodes.update((node.id, node) for node in nodes)
        done.flows = (*done.flows, *flows)
        done.flow_legend = _joined(setting, done.flow_legend, legend, done.flows)
    done.words.append(words)


def _refuse_doubles(setting: Setting, layers: Sequence[LayerSpec]) -> None:
    kinds = ["area" if layer.kind in _AREAS else layer.kind for layer in layers]
    for layer, kind in zip(layers, kinds, strict=True):
        if kinds.count(kind) > 1:
            raise WouldMislead(
                map_id=setting.spec.id,
                layer=setting.layer_name(layer),
                why=f"two {layer.kind if kind != 'area' else 'area'} layers would lie on top of "
                "each other",
                todo="Put several groups into one layer of symbols, or make two maps.",
            )
        if layer.kind == "presence" and layer.show == "matrix" and len(setting.spec.layers) > 1:
            raise WouldMislead(
                map_id=setting.spec.id,
                layer=setting.layer_name(layer),
                why="a matrix is a page of its own, on which no other layer can be drawn",
                todo='Make a map of its own of it, or set show = "counts".',
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
        tree=first.tree and second.tree,
        widest=max(first.widest, second.widest),
    )


def with_figures(
    setting: Setting, labels: Iterable[PlaceLabel], figures: Mapping[str, str]
) -> tuple[PlaceLabel, ...]:
    """Return the labels, those of units with their figure behind the name."""
    if not figures:
        return tuple(labels)
    at = {
        (setting.name(pcode), *setting.places.unit(pcode).label_point): text
        for pcode, text in figures.items()
    }
    out, capitals = [], {name: text for (name, _, _), text in at.items()}
    for label in labels:
        text = at.get((label.text, label.lon, label.lat)) if label.kind == "unit" else None
        if label.kind in ("capital", "town"):  # a unit that bears its capital's name is named once
            text = capitals.get(label.text)
        if text is not None:
            capitals.pop(label.text, None)
        out.append(replace(label, text=f"{label.text} {text}") if text is not None else label)
    return tuple(out)
