"""Rules over legends: is all that is drawn explained, truly, and nothing else?"""

import math
from collections.abc import Iterator

from maps.colour_vision import closest_pair
from maps.lint_rules import RuleBook, Severity
from maps.lint_rules_spec import APART, same_hue
from maps.messages import Messages, messages
from maps.scene import AreaFill, FlowLegend, Scene, SymbolLegend

__all__ = ["BOOK"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING

BOOK: RuleBook[Scene] = RuleBook()


@BOOK.rule(
    "legend-missing",
    ERROR,
    point=26,
    why="Signs without a legend mean what each reader thinks.",
    fix="Compose the map anew; each layer brings its legend.",
    binding=True,
)
def _has_legends(scene: Scene) -> Iterator[str]:
    for name, marks, legend in (
        ("areas", scene.fills, scene.choropleth_legend),
        ("symbols", scene.symbols, scene.symbol_legend),
        ("flows", scene.flows, scene.flow_legend),
        ("partners", scene.presence, scene.presence_legend),
    ):
        if name == "areas" and scene.bivariate_legend:
            continue
        if marks and not legend:
            yield f"the {name} have no legend"


@BOOK.rule(
    "legend-without-marks",
    ERROR,
    point=26,
    why="Who finds a sign in the legend looks for it on the map.",
    fix="Leave what does not occur out of the legend.",
)
def _legends_used(scene: Scene) -> Iterator[str]:
    for name, marks, legend in (
        ("areas", scene.fills, scene.choropleth_legend),
        ("flows", scene.flows, scene.flow_legend),
        ("partners", scene.presence, scene.presence_legend),
    ):
        if legend and not marks:
            yield f"the legend explains {name} that are not there"


@BOOK.rule(
    "emptiness-unexplained",
    ERROR,
    point=26,
    why="“Not reported”, “not assessed” and “not shown” are three answers; hatching alone is none.",
    fix="Explain each kind of emptiness that occurs.",
    binding=True,
)
def _emptiness_explained(scene: Scene) -> Iterator[str]:
    if not (legend := scene.choropleth_legend):
        return
    there = {fill.state for fill in _every_fill(scene)} - {"figure"}
    explained = {state for state, _, _ in legend.empty}
    for state in sorted(there - explained):
        yield f"areas are “{state}” and the legend does not say what that is"
    for state in sorted(explained - there):
        yield f"the legend explains “{state}”, and no area is so"


def _every_fill(scene: Scene) -> Iterator[AreaFill]:
    """Return the areas that a legend explains: those of all panels, where there are several."""
    yield from scene.fills
    for panel in scene.panels:
        yield from panel.fills


@BOOK.rule(
    "class-unused",
    WARNING,
    point=26,
    why="A class that no area is in takes a shade from those that need it.",
    fix="Choose bounds with areas between them.",
)
def _classes_used(scene: Scene) -> Iterator[str]:
    if not (legend := scene.choropleth_legend):
        return
    used = {
        fill.klass
        for fill in _every_fill(scene)
        if fill.value is not None and not (legend.zero and fill.value == 0)
    }
    for i, label in enumerate(legend.labels):
        if i not in used:
            yield f"no area is in the class “{label}”"


@BOOK.rule(
    "group-unexplained",
    ERROR,
    point=26,
    why="A colour that the legend gives to nobody, or to another group, moves people between groups.",
    fix="Explain each group with the colour that is drawn.",
    binding=True,
)
def _groups_explained(scene: Scene) -> Iterator[str]:
    parts = {(part.group, part.colour) for mark in scene.symbols for part in mark.parts}
    bands = {(mark.group, mark.colour) for mark in scene.flows}
    for name, drawn, legend in (
        ("symbols", parts, scene.symbol_legend),
        ("flows", bands, scene.flow_legend),
    ):
        keys = {(key.group, key.colour) for key in legend.keys} if legend else set()
        for group, colour in sorted(drawn - keys):
            yield f"{name} of {group} are drawn in {colour}, which the legend does not say"


@BOOK.rule(
    "group-unused",
    WARNING,
    point=26,
    why="Who finds a group in the legend and none on the map thinks that nobody is there.",
    fix="Leave the group out, or say in `notes` that it has no figures here.",
)
def _groups_used(scene: Scene) -> Iterator[str]:
    drawn = {mark.group for mark in scene.flows}
    keyed = {key.group: key.label for key in scene.flow_legend.keys} if scene.flow_legend else {}
    for group, label in keyed.items():
        if group not in drawn:
            yield f"no flow is “{label}”"
    drawn = {part.group for mark in scene.symbols for part in mark.parts}
    keyed = {k.group: k.label for k in scene.symbol_legend.keys} if scene.symbol_legend else {}
    for group, label in keyed.items():
        if group not in drawn:
            yield f"no symbol is “{label}”"


@BOOK.rule(
    "group-colours-alike",
    ERROR,
    point=14,
    why="One man in twelve confuses some colours; then one group is taken for another.",
    fix="Show fewer groups on one map, or one group per map.",
)
def _colours_apart(scene: Scene) -> Iterator[str]:
    for name, legend in (("symbols", scene.symbol_legend), ("flows", scene.flow_legend)):
        by_group = {key.group: key.colour for key in legend.keys} if legend else {}
        pair = closest_pair(list(by_group.values()))
        if pair and pair[0] < APART:
            yield f"{name}: {pair[1]} and {pair[2]} are {pair[0]:.1f} apart, under {APART:g}"


@BOOK.rule(
    "hue-on-own-hue",
    ERROR,
    point=14,
    why="Circles and bands of a hue vanish on areas shaded in the same hue.",
    fix="Give the areas another palette: red-yellow, or grey.",
)
def _hue_apart(scene: Scene) -> Iterator[str]:
    shades = scene.choropleth_legend.colours if scene.choropleth_legend else ()
    marked = {part.colour: part.group for mark in scene.symbols for part in mark.parts}
    marked |= {mark.colour: mark.group for mark in scene.flows}
    for colour, group in marked.items():
        if any(same_hue(colour, shade) for shade in shades):
            yield f"{group} ({colour}) lies on areas of its own hue"


@BOOK.rule(
    "size-legend-untrue",
    ERROR,
    point=15,
    why="A reference circle or band larger than any on the map, or labelled with another number, "
    "makes every size a wrong number.",
    fix="Show round values that occur, each with its own number.",
    binding=True,
)
def _sizes_true(scene: Scene) -> Iterator[str]:
    say = messages(scene.lang)
    largest = max((part.value for mark in scene.symbols for part in mark.parts), default=0.0)
    if scene.symbols and scene.symbol_legend:
        yield from _sizes_of("symbols", scene.symbol_legend, largest, say)
    if scene.flows and scene.flow_legend:
        largest = max(mark.value for mark in scene.flows)
        yield from _sizes_of("flows", scene.flow_legend, largest, say)


def _sizes_of(
    name: str, legend: SymbolLegend | FlowLegend, largest: float, say: Messages
) -> Iterator[str]:
    if not math.isclose(legend.maximum, largest):
        yield f"{name} are scaled to {legend.maximum:,.0f}, and the largest is {largest:,.0f}"
    if len(legend.sizes) != len(legend.labels):
        yield f"{name}: {len(legend.sizes)} reference sizes have {len(legend.labels)} labels"
    for size, label in zip(legend.sizes, legend.labels, strict=False):
        if size > largest * (1 + 1e-9):
            yield f"{name}: the reference {size:,.0f} is larger than anything drawn"
        if say.number(size) not in label:
            yield f"{name}: the reference for {size:,.0f} is labelled “{label}”"


@BOOK.rule(
    "size-legend-not-round",
    ERROR,
    point=15,
    why="A reference of 13,592 measures one place; 10,000 measures them all.",
    fix="Use values of the 1-2-5 series.",
)
def _sizes_round(scene: Scene) -> Iterator[str]:
    for name, legend in (("symbols", scene.symbol_legend), ("flows", scene.flow_legend)):
        for size in legend.sizes if legend else ():
            if size <= 0 or float(f"{size:.2g}") != size:
                yield f"{name}: {size:,.0f} is not round"
