"""Rules over what a composed map draws: areas, symbols, flows, partners, and the legends' truth about them."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from maps.classes import NO_DATA
from maps.colour_vision import closest_pair, difference, lightness
from maps.lint_rules import RuleBook, Severity
from maps.lint_rules_spec import APART, MOST_CLASSES, same_hue, says_movement
from maps.messages import Messages, messages
from maps.scene import AreaFill, FlowLegend, Scene, SymbolLegend

__all__ = ["BOOK"]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_STEP, _GREY_STEP = 8.0, 7.0  # CAM02-UCS between neighbouring classes, in colour and in grey
_EMPTY_APART = 5.0  # hatching helps: what has no figure need only not be taken for a class
_SMALL_BASE = 100  # persons, below which a per cent says nothing
_HUMAN_DIGITS = 3  # of a class bound: 16.4 is read, 893.62 is not

BOOK: RuleBook[Scene] = RuleBook()


# --- areas ------------------------------------------------------------------------------------------


@BOOK.rule(
    "counts-shaded",
    ERROR,
    point=13,
    why="Shading counts makes a large area look worse off than a small one with more people.",
    fix='Show a rate (per = "population"), or show the counts as symbols.',
    binding=True,
)
def _rates_shaded(scene: Scene) -> Iterator[str]:
    known = [fill for fill in scene.fills if fill.value and fill.count]
    if known and all(fill.value == fill.count for fill in known):
        yield "the areas are shaded by the count of people itself"


@BOOK.rule(
    "no-data-as-data",
    ERROR,
    point=12,
    why="An area without a figure that looks like a class is read as “few”, and nobody goes there.",
    fix="Give areas without a figure no class, and a colour of their own.",
    binding=True,
)
def _emptiness_apart(scene: Scene) -> Iterator[str]:
    legend = scene.choropleth_legend
    for fill in scene.fills:
        if fill.state != "figure" and (fill.klass != NO_DATA or fill.value is not None):
            yield f"{fill.name} has no figure ({fill.state}) and is drawn in class {fill.klass}"
    if not legend:
        return
    shades = [*legend.colours, *([legend.zero[0]] if legend.zero else [])]
    for state, colour, _ in legend.empty:
        nearest = min((difference(colour, shade) for shade in shades), default=math.inf)
        if nearest < _EMPTY_APART:
            yield f"“{state}” is {nearest:.1f} from a class, under {_EMPTY_APART:g}"


@BOOK.rule(
    "figure-as-no-data",
    ERROR,
    point=12,
    why="A reported zero is a figure. Drawn as missing, it sends somebody to ask again.",
    fix="Give every figure, zero too, a class.",
    binding=True,
)
def _figures_classed(scene: Scene) -> Iterator[str]:
    for fill in scene.fills:
        if fill.state == "figure" and (fill.klass == NO_DATA or fill.value is None):
            yield f"{fill.name} has a figure and is drawn as if it had none"


@BOOK.rule(
    "value-outside-class",
    ERROR,
    point=12,
    why="A shade that is not the legend's for the value is a wrong number.",
    fix="Assign classes by the legend's bounds; a value equal to a bound is in the class below.",
    binding=True,
)
def _values_in_class(scene: Scene) -> Iterator[str]:
    legend = scene.choropleth_legend
    if not legend:
        return
    for fill in scene.fills:
        if fill.value is None or not 0 <= fill.klass < len(legend.upper):
            continue
        if legend.zero and fill.value == 0:
            if fill.colour != legend.zero[0]:
                yield f"{fill.name} is 0 and not in the colour of zero"
            continue
        low = legend.upper[fill.klass - 1] if fill.klass else -math.inf
        if not low < fill.value <= legend.upper[fill.klass] * (1 + 1e-9):
            yield f"{fill.name} ({fill.value:g}) is not within class {fill.klass + 1}"
        elif fill.colour != legend.colours[fill.klass]:
            yield f"{fill.name} does not have the colour of its class"


@BOOK.rule(
    "classes-overlap",
    ERROR,
    point=12,
    why="Bounds that do not rise give classes with gaps, or a value two classes.",
    fix="Give each class an upper bound above the one before, one colour and one label.",
    binding=True,
)
def _classes_in_order(scene: Scene) -> Iterator[str]:
    if not (legend := scene.choropleth_legend):
        return
    if not len(legend.upper) == len(legend.colours) == len(legend.labels):
        yield "bounds, colours and labels are not as many as each other"
    if any(a >= b for a, b in zip(legend.upper, legend.upper[1:], strict=False)):
        yield f"the bounds do not rise: {', '.join(f'{upper:g}' for upper in legend.upper)}"


@BOOK.rule(
    "too-many-shades",
    ERROR,
    point=12,
    why="More than five shades cannot be told apart when each stands alone on a map.",
    fix="Set classes to 3, 4 or 5.",
)
def _few_shades(scene: Scene) -> Iterator[str]:
    if scene.choropleth_legend and len(scene.choropleth_legend.colours) > MOST_CLASSES:
        yield f"the legend has {len(scene.choropleth_legend.colours)} classes"


@BOOK.rule(
    "bounds-not-human",
    ERROR,
    point=12,
    why="“16.438 to 893.627” is a machine's legend; nobody remembers or compares it.",
    fix="Round the bounds within the gaps between values.",
)
def _human_bounds(scene: Scene) -> Iterator[str]:
    for upper in scene.choropleth_legend.upper if scene.choropleth_legend else ():
        if upper and float(f"{upper:.{_HUMAN_DIGITS}g}") != upper:
            yield f"a class ends at {upper!r}"


@BOOK.rule(
    "shades-alike",
    ERROR,
    point=14,
    why="Neighbouring classes that some eyes cannot tell apart are one class to them.",
    fix="Use fewer classes, or another palette.",
)
def _shades_apart(scene: Scene) -> Iterator[str]:
    legend = scene.choropleth_legend
    pair = closest_pair(legend.colours, neighbours=True) if legend else None
    if pair and pair[0] < _STEP:
        sight = "all" if pair[3] == "normal" else f"{pair[3]}opic"
        yield f"{pair[1]} and {pair[2]} are {pair[0]:.1f} apart to {sight} eyes, under {_STEP:g}"


@BOOK.rule(
    "shades-alike-in-grey",
    ERROR,
    point=28,
    why="Maps are photocopied: without steps of lightness a grey print shows one shade.",
    fix="Use a ramp that runs from light to dark.",
)
def _grey_apart(scene: Scene) -> Iterator[str]:
    colours = scene.choropleth_legend.colours if scene.choropleth_legend else ()
    shades = [lightness(colour) for colour in colours]
    steps = [abs(a - b) for a, b in pairwise(shades)]
    if steps and min(steps) < _GREY_STEP:
        yield f"the smallest step of lightness is {min(steps):.1f}, under {_GREY_STEP:g}"


@BOOK.rule(
    "per-cent-on-tiny-base",
    ERROR,
    why="“+300 %” from 5 people to 20 is noise that reads as an alarm.",
    fix="Give the numbers, or leave the area out of the comparison.",
)
def _large_bases(scene: Scene) -> Iterator[str]:
    for fill in scene.fills:
        if "%" in fill.text and fill.count is not None and fill.count < _SMALL_BASE:
            yield f"{fill.name}: a per cent of {fill.count:g} people"


# --- what the legend says, and what is there --------------------------------------------------------


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


# --- numbers ----------------------------------------------------------------------------------------


@BOOK.rule(
    "number-not-the-figure",
    ERROR,
    point=25,
    why="A numeral that is not the figure drawn beside it is an error nobody can find later.",
    fix="Write every numeral from the value that is drawn.",
    binding=True,
)
def _numbers_trace(scene: Scene) -> Iterator[str]:
    say = messages(scene.lang)
    for mark in scene.symbols:
        for part in mark.parts:
            if math.isfinite(part.value) and say.number(part.value) not in part.label:
                yield f"{mark.name}: {part.value:,.0f} {part.group} is written “{part.label}”"
    for band in scene.flows:
        possible = math.isfinite(band.value) and bool(band.label)
        if possible and say.number(band.value) not in band.label:
            yield f"{band.origin} to {band.destination}: {band.value:,.0f} is “{band.label}”"


@BOOK.rule(
    "number-not-in-table",
    ERROR,
    point=25,
    why="Map and table are read side by side: they must say the same.",
    fix="Make the table from the same figures as the map.",
    binding=True,
)
def _numbers_tabled(scene: Scene) -> Iterator[str]:
    cells = {cell for twin in scene.twins for row in twin.rows for cell in row}
    if not cells:
        return
    labels = [
        *((mark.name, part.label) for mark in scene.symbols for part in mark.parts),
        *((f"{band.origin} to {band.destination}", band.label) for band in scene.flows),
    ]
    for name, label in labels:
        if label and label not in cells:
            yield f"{name}: {label} is on the map and not in the table"


@BOOK.rule(
    "impossible-number",
    ERROR,
    why="There are no negative people, and a size cannot show what is not a number.",
    fix="Correct the table.",
    binding=True,
)
def _possible_numbers(scene: Scene) -> Iterator[str]:
    for mark in scene.symbols:
        for part in mark.parts:
            if not math.isfinite(part.value) or part.value < 0:
                yield f"{mark.name}: {part.value} {part.group}"
    for band in scene.flows:
        if not math.isfinite(band.value) or band.value <= 0:
            yield f"{band.origin} to {band.destination}: {band.value} {band.group}"
    for badge in scene.presence:
        if badge.count != len(set(badge.orgs)) or badge.count < 1:
            yield f"{badge.name}: {badge.count} organisations, {len(set(badge.orgs))} named"


@BOOK.rule(
    "drawn-twice",
    ERROR,
    why="A place drawn twice counts its people twice.",
    fix="Join the rows of a place before drawing it.",
    binding=True,
)
def _drawn_once(scene: Scene) -> Iterator[str]:
    yield from _repeated("area", [fill.pcode for fill in scene.fills])
    yield from _repeated("symbol", [mark.place for mark in scene.symbols])
    yield from _repeated("partner mark", [mark.pcode for mark in scene.presence])
    bands = [f"{b.origin} to {b.destination}, {b.group} {b.measure}" for b in scene.flows]
    yield from _repeated("flow", bands)


def _repeated(what: str, ids: Sequence[str]) -> Iterator[str]:
    for each, times in Counter(ids).items():
        if times > 1:
            yield f"the {what} {each} is there {times} times"


# --- flows and partners -----------------------------------------------------------------------------


@BOOK.rule(
    "stock-as-movement",
    ERROR,
    point=26,
    why="People present, by origin, are a stock of years. Drawn as a movement, they read as news.",
    fix="Let the legend say that bands link people present to where they come from.",
    binding=True,
)
def _stock_said(scene: Scene) -> Iterator[str]:
    legend = scene.flow_legend
    measures = {mark.measure for mark in scene.flows}
    if not legend or not measures:
        return
    say = messages(scene.lang).say
    if "stock" in measures and (
        not legend.subtitle.strip() or legend.subtitle == say("flows.subtitle.movement")
    ):
        yield "bands are stocks by origin, and the legend does not say so"
    if "stock" not in measures and legend.subtitle == say("flows.subtitle.stock"):
        yield "bands are movements, and the legend calls them stocks"
    if measures == {"stock"} and (word := says_movement(scene.title)):
        yield f"every band is a stock by origin, and the title says “{word}”"


@BOOK.rule(
    "flow-without-end",
    ERROR,
    point=18,
    why="A band that begins or ends nowhere is not drawn, and its people fall off the map.",
    fix="Name a place that is known for each end, or list the flow as unplaced.",
    binding=True,
)
def _flows_end(scene: Scene) -> Iterator[str]:
    known = {node.id for node in scene.nodes}
    for band in scene.flows:
        for end in (band.origin, band.destination):
            if end not in known:
                yield f"{band.origin} to {band.destination}: {end!r} is no place of the map"
        if band.origin == band.destination:
            yield f"{band.origin}: a flow from a place to itself cannot be drawn"


@BOOK.rule(
    "absence-unsaid",
    ERROR,
    why="No mark means that nothing was reported. Read as “nobody works there”, it wastes a visit.",
    fix="Let the legend of partners say what no mark means.",
)
def _absence_said(scene: Scene) -> Iterator[str]:
    if scene.presence and scene.presence_legend and not scene.presence_legend.subtitle.strip():
        yield "the legend of partners does not say what no mark means"
