"""Rules over shaded areas: does a shade say what its value is, to every eye and in grey?"""

import math
from collections.abc import Iterator
from itertools import pairwise

from maps.classes import NO_DATA
from maps.colour_vision import closest_pair, difference, lightness
from maps.lint_rules import RuleBook, Severity
from maps.lint_rules_spec import MOST_CLASSES
from maps.scene import Scene

__all__ = ["BOOK"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING

_STEP, _GREY_STEP = 8.0, 7.0  # CAM02-UCS between neighbouring classes, in colour and in grey
_EMPTY_APART = 5.0  # hatching helps: what has no figure need only not be taken for a class
_SMALL_BASE = 100  # persons, below which a per cent says nothing
_HUMAN_DIGITS = 3  # of a class bound: 16.4 is read, 893.62 is not

BOOK: RuleBook[Scene] = RuleBook()


@BOOK.rule(
    "counts-shaded",
    ERROR,
    point=13,
    why="Shading counts makes a large area look worse off than a small one with more people.",
    fix='Show a rate (per = "population" or "area"), or show the counts as symbols.',
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
