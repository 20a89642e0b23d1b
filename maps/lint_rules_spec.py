"""Rules over what a map is asked to be, before anything is composed. They look at no figure."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo.release import ReleasedFigures
from maps.classes import SCHEMES
from maps.colour_vision import closest_pair, hue_and_chroma
from maps.lint_rules import RuleBook, Severity
from maps.palettes import RAMPS, group_colour
from maps.spec import PAPERS, LayerSpec, MapSpec

__all__ = [
    "APART",
    "BOOK",
    "MOST_CLASSES",
    "SpecCase",
    "area_layers",
    "layer_name",
    "same_hue",
    "says_movement",
    "unlike",
]

ERROR, WARNING = Severity.ERROR, Severity.WARNING

MOST_CLASSES = 5
APART = 12.0  # CAM02-UCS: categories nearer than this are confused in print
_MOST_GROUPS = 4  # circles at one place
_SAME_HUE, _COLOURFUL = 30.0, 12.0  # degrees; chroma below which a colour has no hue to speak of

# Words that say people moved, in any of the languages.
_MOVEMENT = re.compile(
    r"\b(movements?|moved|arrivals?|arrived|fled|flee(ing)?|crossed|crossings?|influx|"
    r"mouvements?|arrivées?|fui(te|ent)?|déplacements? récents?|"
    r"movimientos?|llegadas?|hui(da|das|eron)|cruces?)\b|تحركات|حركة|وصول|فرار",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SpecCase:
    """A specification and the figures it asks for."""

    spec: MapSpec
    released: ReleasedFigures


BOOK: RuleBook[SpecCase] = RuleBook()


def layer_name(spec: MapSpec, layer: LayerSpec) -> str:
    """Name a layer by its number and kind, as its writer would find it."""
    number = next(i for i, each in enumerate(spec.layers, 1) if each is layer)
    return f"layer {number} ({layer.kind})"


def area_layers(spec: MapSpec) -> list[LayerSpec]:
    """Return the layers that shade areas with a ramp of classes."""
    return [layer for layer in spec.layers if layer.kind == "choropleth"]


def unlike(word: str, known: Sequence[str]) -> str:
    """Return how to mend a word that is not known: the nearest one, and all there are."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known are {', '.join(known)}"


def says_movement(text: str) -> str:
    """Return the word by which a text claims that people moved; "" where it claims nothing.

    >>> says_movement("Arrivals in Norda"), says_movement("Refugees by country of origin")
    ('Arrivals', '')
    """
    found = _MOVEMENT.search(text)
    return found.group(0) if found else ""


def same_hue(a: str, b: str) -> bool:
    """Whether two colours are of one hue, both of them colourful enough to have one.

    >>> same_hue("#0072bc", "#8fc1e1"), same_hue("#0072bc", "#f8c27a"), same_hue("#999999", "#f8c27a")
    (True, False, False)
    """
    (hue_a, chroma_a), (hue_b, chroma_b) = hue_and_chroma(a), hue_and_chroma(b)
    turn = abs((hue_a - hue_b + 180) % 360 - 180)
    return min(chroma_a, chroma_b) >= _COLOURFUL and turn < _SAME_HUE


# --- what the map is --------------------------------------------------------------------------------


@BOOK.rule(
    "title-missing",
    ERROR,
    point=2,
    why="A map without a title cannot be cited, and is read as whatever its reader expects.",
    fix="Give the map a title: what is shown, and where.",
)
def _titled(case: SpecCase) -> Iterator[str]:
    if not any(text.strip() for text in case.spec.title.values()):
        yield "the map has no title"


@BOOK.rule(
    "title-untranslated",
    Severity.NOTE,
    why="A page whose title is in another language than its legend looks unfinished.",
    fix="Add the title in that language, or take the language out of `languages`.",
)
def _translated(case: SpecCase) -> Iterator[str]:
    missing = [lang for lang in case.spec.languages if lang not in case.spec.title]
    if missing and case.spec.title:
        yield f"the title is not given in {', '.join(missing)}"


@BOOK.rule(
    "paper-unknown",
    ERROR,
    point=1,
    why="Sizes of type, symbols and margins are those of a known sheet.",
    fix="Choose one of the sheets.",
    binding=True,
)
def _on_known_paper(case: SpecCase) -> Iterator[str]:
    if case.spec.paper not in PAPERS:
        yield f"paper {case.spec.paper!r} is not known; {unlike(case.spec.paper, list(PAPERS))}"


@BOOK.rule(
    "no-layer",
    ERROR,
    why="A map without a layer shows no figures.",
    fix="Add a [[map.layer]].",
    binding=True,
)
def _has_layers(case: SpecCase) -> Iterator[str]:
    if not case.spec.layers:
        yield "the map has no layer"


@BOOK.rule(
    "layers-hide-each-other",
    ERROR,
    why="Two layers of areas, or two of symbols, lie on top of each other: one hides the other.",
    fix="Put several groups into one layer of symbols, or make two maps.",
    binding=True,
)
def _one_of_each(case: SpecCase) -> Iterator[str]:
    areas = {"choropleth", "bivariate", "difference"}
    for family in (areas, {"symbols"}, {"presence"}):
        layers = [layer for layer in case.spec.layers if layer.kind in family]
        if len(layers) > 1:
            names = ", ".join(layer_name(case.spec, layer) for layer in layers)
            yield f"{names} are drawn at the same places"


@BOOK.rule(
    "counts-in-choropleth",
    ERROR,
    point=13,
    why="Shading counts makes a large area look worse off than a small one with more people.",
    fix='Add per = "population", "area" or "displaced" to show a rate, or kind = "symbols" to show '
    "the counts.",
    binding=True,
)
def _normalised(case: SpecCase) -> Iterator[str]:
    for layer in area_layers(case.spec):
        if layer.per is None:
            yield f"{layer_name(case.spec, layer)} shades areas by a count of people"


@BOOK.rule(
    "stock-called-movement",
    ERROR,
    why="People present, by origin, are a stock of years. Called a movement, it is read as news.",
    fix="Say “by origin” in the title, or use figures of measure new.",
)
def _stock_is_no_movement(case: SpecCase) -> Iterator[str]:
    flows = [layer for layer in case.spec.layers if layer.kind == "flows"]
    if flows and all(layer.measure == "stock" for layer in flows):
        for text in case.spec.title.values():
            if word := says_movement(text):
                yield f"the title says “{word}”, but every flow is a stock by origin"
                break
    for layer in flows:
        for text in layer.title.values():
            if layer.measure == "stock" and (word := says_movement(text)):
                yield f"{layer_name(case.spec, layer)} is a stock, and its title says “{word}”"
                break


# --- classes ----------------------------------------------------------------------------------------


@BOOK.rule(
    "too-many-classes",
    ERROR,
    point=12,
    why="More than five shades cannot be told apart when each stands alone on a map.",
    fix="Set classes to 3, 4 or 5.",
)
def _few_classes(case: SpecCase) -> Iterator[str]:
    for layer in area_layers(case.spec):
        asked = len(layer.breaks) or layer.classes
        if asked > MOST_CLASSES:
            yield f"{layer_name(case.spec, layer)} asks for {asked} classes"


@BOOK.rule(
    "breaks-out-of-order",
    ERROR,
    point=12,
    why="Bounds that do not rise give classes with gaps, or a value two classes.",
    fix="Write each bound once, in rising order.",
    binding=True,
)
def _rising_breaks(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        breaks = layer.breaks
        if any(a >= b for a, b in pairwise(breaks)):
            yield f"{layer_name(case.spec, layer)} has breaks {list(breaks)}"


@BOOK.rule(
    "scheme-unknown",
    ERROR,
    why="Nobody could repeat the classification.",
    fix="Choose one of the schemes.",
    binding=True,
)
def _known_scheme(case: SpecCase) -> Iterator[str]:
    for layer in area_layers(case.spec):
        if layer.scheme not in SCHEMES and not layer.breaks:
            name = layer_name(case.spec, layer)
            yield f"{name}: scheme {layer.scheme!r} is not known; {unlike(layer.scheme, list(SCHEMES))}"


# --- colours ----------------------------------------------------------------------------------------


@BOOK.rule(
    "palette-unknown",
    ERROR,
    point=14,
    why="Only ramps that were measured for all eyes and for grey print are offered.",
    fix="Choose one of the ramps.",
    binding=True,
)
def _known_palette(case: SpecCase) -> Iterator[str]:
    for layer in area_layers(case.spec):
        if layer.palette not in RAMPS:
            name = layer_name(case.spec, layer)
            yield f"{name}: no palette {layer.palette!r}; {unlike(layer.palette, list(RAMPS))}"


@BOOK.rule(
    "group-hue-on-ramp",
    ERROR,
    point=14,
    why="Circles and bands of a hue vanish on areas shaded in the same hue.",
    fix="Give the areas another palette: red-yellow, or grey.",
)
def _hue_apart(case: SpecCase) -> Iterator[str]:
    marked = {
        group: None
        for layer in case.spec.layers
        if layer.kind in ("symbols", "flows")
        for group in layer.groups
    }
    for layer in area_layers(case.spec):
        for group in marked:
            shades = RAMPS.get(layer.palette, ())
            if any(same_hue(group_colour(group), shade) for shade in shades):
                yield f"{group} has the hue of the palette {layer.palette!r} beneath it"


@BOOK.rule(
    "groups-alike",
    ERROR,
    point=14,
    why="One man in twelve confuses some colours; then one group is taken for another.",
    fix="Show fewer groups on one map, or one group per map.",
)
def _groups_apart(case: SpecCase) -> Iterator[str]:
    for kind in ("symbols", "flows"):
        groups = dict.fromkeys(
            group for layer in case.spec.layers if layer.kind == kind for group in layer.groups
        )
        by_colour = {group_colour(group): group for group in groups}
        if len(by_colour) < len(groups):
            yield f"several groups of the {kind} share one colour: {', '.join(groups)}"
        pair = closest_pair(list(by_colour))
        if pair and pair[0] < APART:
            apart, a, b, eyes = pair
            sight = "" if eyes == "normal" else f" to {eyes}opic eyes"
            yield f"{by_colour[a]} and {by_colour[b]} are {apart:.0f} apart{sight}, under {APART:.0f}"


@BOOK.rule(
    "too-many-groups",
    WARNING,
    why="A cluster of many circles at every place hides the map, and nobody compares them.",
    fix="Show at most four groups together; make a second map of the others.",
)
def _few_groups(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.kind == "symbols" and len(set(layer.groups)) > _MOST_GROUPS:
            yield f"{layer_name(case.spec, layer)} shows {len(set(layer.groups))} groups at a place"


@BOOK.rule(
    "group-repeated",
    ERROR,
    why="A group named twice is drawn twice: its people are seen double.",
    fix="Name each group once.",
    binding=True,
)
def _groups_once(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        twice = sorted({group for group in layer.groups if layer.groups.count(group) > 1})
        if twice:
            yield f"{layer_name(case.spec, layer)} names {', '.join(twice)} more than once"
