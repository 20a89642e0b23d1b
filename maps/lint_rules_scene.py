"""Rules over a composed map's words and ground: title, dates, sources, disclaimers, borders, places."""

import re
from collections.abc import Iterator

import shapely

from maps.disclaimers import disclaimers, disclaimers_in
from maps.imprint import Override
from maps.lint_rules import RuleBook, Severity
from maps.messages import messages
from maps.scene import Scene
from maps.spec import LANGUAGES, text_in

__all__ = ["BOOK", "overrides_of"]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_YEAR = re.compile(r"\d{4}")
_TWICE = 0.02  # degrees of a boundary drawn a second time: more than a shared end
_EQUAL_AREA = ("laea", "aea", "eqearth", "moll", "sinu", "cea")
_FILE_NAME = re.compile(r"\w+\.(csv|xlsx?|json|geojson|gpkg|shp|tsv)\b|\w+_\w+_\w+", re.IGNORECASE)

BOOK: RuleBook[Scene] = RuleBook()


def overrides_of(scene: Scene) -> tuple[Override, ...]:
    """Return the departures that a scene declares."""
    return tuple(Override(rule, {scene.lang: why}) for rule, why in scene.overrides)


# --- words ------------------------------------------------------------------------------------------


@BOOK.rule(
    "title-block-incomplete",
    ERROR,
    point=2,
    why="Situation, subject and date are what a map is found, cited and trusted by.",
    fix="Give the situation and the map a title.",
)
def _title_block(scene: Scene) -> Iterator[str]:
    if not scene.heading.strip():
        yield "the situation is not named"
    if not scene.title.strip():
        yield "the map's subject is not named"


@BOOK.rule(
    "date-missing",
    ERROR,
    point=2,
    why="Figures without a date are taken for today's.",
    fix="Give the situation, or the map, its `as_of`.",
    binding=True,
)
def _dated(scene: Scene) -> Iterator[str]:
    if not _YEAR.search(_western(scene.as_of)):
        yield f"no as-of date is printed (“{scene.as_of}”)"


def _western(text: str) -> str:
    return text.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789"))


@BOOK.rule(
    "layer-date-missing",
    ERROR,
    point=2,
    why="Layers have dates of their own: a legend without one passes old figures off as the map's.",
    fix="Compose the map from dated figures; a legend's title alone is not enough.",
)
def _layers_dated(scene: Scene) -> Iterator[str]:
    if (areas := scene.choropleth_legend) and not _YEAR.search(
        _western(areas.title + areas.subtitle)
    ):
        yield "the legend of the areas gives no date"
    if scene.panels:  # each panel is headed by its date
        return
    for name, legend in (("symbols", scene.symbol_legend), ("flows", scene.flow_legend)):
        for key in legend.keys if legend else ():
            if not _YEAR.search(_western(key.label)):
                yield f"the legend of the {name} gives no date for “{key.label}”"


@BOOK.rule(
    "sources-missing",
    ERROR,
    point=4,
    why="A figure without a source cannot be checked, and is not believed.",
    fix="Name a [[source]] for each table.",
    binding=True,
)
def _sourced(scene: Scene) -> Iterator[str]:
    if not any(line.strip() for line in scene.sources):
        yield "no source is printed"
    for line in scene.sources:
        if line.strip() and not re.search(r"[^\W\d_]{3}", line):
            yield f"a source is not a name: “{line}”"


@BOOK.rule(
    "created-missing",
    ERROR,
    point=4,
    why="Two prints of one map are told apart by the day they were made.",
    fix="Give the situation its `created`.",
)
def _created(scene: Scene) -> Iterator[str]:
    if not _YEAR.search(_western(scene.created_text)):
        yield "the day the map was made is not printed"


@BOOK.rule(
    "created-before-figures",
    ERROR,
    why="A map made before the day it shows would be a forecast.",
    fix="Correct `created`, or `as_of`.",
)
def _not_a_forecast(scene: Scene) -> Iterator[str]:
    as_of = str(scene.metadata.get("as_of", ""))
    if as_of and scene.created.isoformat() < as_of:
        yield f"made on {scene.created}, as of {as_of}"


@BOOK.rule(
    "disclaimer-missing",
    ERROR,
    point=3,
    why="Where a border or a status is unsettled, a map that does not say so takes a side.",
    fix="Print every sentence for the areas in the frame, in the map's language.",
    binding=True,
)
def _disclaimed(scene: Scene) -> Iterator[str]:
    said = " ".join(scene.disclaimers)
    for sentence in disclaimers_in(scene.bbox, scene.lang):
        if sentence not in said:
            yield f"not printed: “{sentence[:70]}…”"


@BOOK.rule(
    "not-branded",
    ERROR,
    point=5,
    why="A map that does not say whose it is passes for a product of the United Nations.",
    fix="Keep the sentence, or put the publisher's own logo on the map.",
)
def _illustrative(scene: Scene) -> Iterator[str]:
    sentence = next(text_in(d.text, scene.lang) for d in disclaimers() if d.id == "illustrative")
    if not scene.logos and sentence not in " ".join(scene.disclaimers):
        yield "neither a logo nor the sentence that this is no United Nations product"


@BOOK.rule(
    "alt-text-missing",
    ERROR,
    why="Who cannot see the map gets nothing.",
    fix="Compose the map anew; its words are made from its figures.",
    binding=True,
)
def _described(scene: Scene) -> Iterator[str]:
    if len(scene.alt_text.split()) < 5:
        yield "the map has no description in words"


@BOOK.rule(
    "table-missing",
    ERROR,
    point=25,
    why="Without the table beside it nobody can check what a map shows.",
    fix="Compose the map anew; its table is made from its figures.",
    binding=True,
)
def _tabled(scene: Scene) -> Iterator[str]:
    drawn = scene.fills or scene.symbols or scene.flows or scene.presence
    if drawn and not any(twin.rows for twin in scene.twins):
        yield "the map has no table of its figures"


@BOOK.rule(
    "file-name-as-text",
    ERROR,
    why="A reader is told what is shown, not what a file or a column is called.",
    fix="Write a title in words.",
)
def _human_words(scene: Scene) -> Iterator[str]:
    titles = [scene.heading, scene.title]
    for legend in (
        scene.choropleth_legend,
        scene.symbol_legend,
        scene.flow_legend,
        scene.presence_legend,
    ):
        if legend:
            titles.append(legend.title)
    for text in titles:
        if _FILE_NAME.search(text):
            yield f"“{text}”"


@BOOK.rule(
    "language-mixed",
    ERROR,
    point=23,
    why="Arabic is read from the right; laid out from the left, its numbers and names are torn apart.",
    fix="Compose the map in the language it is drawn in.",
    binding=True,
)
def _one_language(scene: Scene) -> Iterator[str]:
    if scene.lang not in LANGUAGES:
        yield f"there are no texts in {scene.lang!r}"
    elif scene.direction != messages(scene.lang).direction:
        yield f"{scene.lang} laid out {scene.direction}"


@BOOK.rule(
    "override-unprinted",
    ERROR,
    why="A departure from the checklist is allowed to who says so on the map.",
    fix="Compose the map anew; it prints its departures itself.",
    binding=True,
)
def _says_departures(scene: Scene) -> Iterator[str]:
    printed = " ".join(scene.footnotes)
    for rule, why in scene.overrides:
        if why not in printed:
            yield f"the reason for departing from {rule} is not printed"


# --- ground -----------------------------------------------------------------------------------------


@BOOK.rule(
    "focus-missing",
    ERROR,
    point=7,
    why="Without its country in red the locator globe locates nothing.",
    fix="Set `focus` to a country of the boundaries.",
)
def _located(scene: Scene) -> Iterator[str]:
    if scene.focus and not any(
        area.role == "focus" or area.pcode == scene.focus for area in scene.world
    ):
        yield f"the focus country {scene.focus!r} is not on the globe"
    if scene.focus and not any(area.role == "focus" for area in scene.context):
        yield f"the focus country {scene.focus!r} is not on the map"


@BOOK.rule(
    "areas-not-true",
    WARNING,
    why="Shades and circles are compared by area: a projection that swells the north distorts them.",
    fix="Let the program choose the projection, or name one that keeps areas.",
)
def _equal_area(scene: Scene) -> Iterator[str]:
    if (scene.fills or scene.symbols) and not any(
        f"+proj={name}" in scene.projection for name in _EQUAL_AREA
    ):
        yield f"the projection {scene.projection!r} does not keep areas"


@BOOK.rule(
    "boundary-drawn-twice",
    ERROR,
    point=9,
    why="A line drawn twice is darker than the others, and is taken for a border of more weight.",
    fix="Derive lines from the areas' shared edges, each once.",
)
def _lines_once(scene: Scene) -> Iterator[str]:
    lines = [line for line in scene.lines if not line.geometry.is_empty]
    for i, a in enumerate(lines):
        for b in lines[i + 1 :]:
            if not a.geometry.intersects(b.geometry):
                continue
            shared = shapely.intersection(a.geometry, b.geometry)
            if shared.length > _TWICE:
                yield (
                    f"lines of rank {a.rank} ({a.status}) and {b.rank} ({b.status}) share "
                    f"{shared.length:.2f} degrees"
                )


@BOOK.rule(
    "line-unexplained",
    ERROR,
    point=10,
    why="A dashed or dotted border says that two sides do not agree: the legend must say it too.",
    fix="Explain each status of boundary that occurs.",
    binding=True,
)
def _lines_explained(scene: Scene) -> Iterator[str]:
    there = {line.status for line in scene.lines if line.rank >= 0}
    for status in sorted(there - {status for status, _ in scene.line_keys}):
        yield f"{status} boundaries are drawn and not explained"


@BOOK.rule(
    "key-unused",
    ERROR,
    point=26,
    why="Who finds a sign in the legend looks for it on the map.",
    fix="Leave what does not occur out of the legend.",
)
def _keys_used(scene: Scene) -> Iterator[str]:
    lines = {line.status for line in scene.lines}
    for status, label in scene.line_keys:
        if status not in lines:
            yield f"no line on the map is “{label}”"
    kinds = {label.kind for label in scene.labels}
    kinds |= {"site" for node in scene.nodes if node.kind in ("site", "area")}
    for kind, label in scene.place_keys:
        if kind not in kinds:
            yield f"no place on the map is “{label}”"


@BOOK.rule(
    "place-unexplained",
    ERROR,
    point=26,
    why="A star, a dot and a triangle mean nothing by themselves.",
    fix="Explain each kind of place that occurs.",
)
def _places_explained(scene: Scene) -> Iterator[str]:
    marked = {"capital", "town", "settlement", "site"}
    there = {label.kind for label in scene.labels} & marked
    for kind in sorted(there - {kind for kind, _ in scene.place_keys}):
        yield f"places of kind {kind} are marked and not explained"
