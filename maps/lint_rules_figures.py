"""Rules over what a map asks for and the figures there are: what would be drawn small, old or false."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from geo.standing import standing_figures
from geo.terms import GROUP_NAMES, State
from maps.lint_rules import RuleBook, Severity
from maps.lint_rules_spec import SpecCase, area_layers, layer_name
from maps.spec import LayerSpec

__all__ = ["BOOK"]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_SMALL_BASE = 1000  # inhabitants, below which one family moves the rate
_OLD = 12  # years from one census to the results of the next
_APART = 4.5  # years in which the people of a displaced region can have become others
_FEW = 10  # persons, of whom one more or less moves a ratio by a tenth
_YEAR = 365.25  # days
_SPREAD = 366  # days between the figures of one layer
_HIDDEN = 0.2  # share of the people that a minimum may leave out
_MOST_BANDS = 80
_EMPTY = 0.5  # share of a layer's units without a figure

BOOK: RuleBook[SpecCase] = RuleBook()


def _as_of(case: SpecCase) -> date:
    return case.spec.as_of or case.released.as_of


def _figures(case: SpecCase, layer: LayerSpec, group: str) -> pd.DataFrame:
    """Return the standing rows a layer can draw of a group: its level, measure, and no later day."""
    table = standing_figures(case.released.figures)
    wanted = (
        (table["group"] == group)
        & (table["level"] == layer.level)
        & ~table["unplaced"]
        & (table["origin"] == "")
        & table["date"].map(lambda day: day is not None and day <= _as_of(case))
    )
    if layer.measure:
        wanted &= table["measure"] == layer.measure
    return table[wanted]


def _latest(table: pd.DataFrame, on: date | None) -> pd.DataFrame:
    if table.empty:
        return table
    day = on or max(table["date"])
    return table[table["date"].map(lambda each: each == day)]


def _bands(case: SpecCase, layer: LayerSpec) -> pd.DataFrame:
    table = case.released.flows
    wanted = table["group"].isin(layer.groups) & (table["state"] == State.FIGURE.value)
    if layer.measure:
        wanted &= table["measure"] == layer.measure
    return table[wanted]


def _known(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["state"] == State.FIGURE.value]


def _of_inhabitants(case: SpecCase) -> Iterator[LayerSpec]:
    """Yield the layers that shade a rate whose denominator or numerator are inhabitants."""
    for layer in area_layers(case.spec):
        if layer.per in ("population", "displaced") and layer.groups:
            yield layer


@BOOK.rule(
    "no-figures",
    ERROR,
    why="A layer that draws nothing is read as “nobody is there”.",
    fix="Correct the group, level, date or measure, add the table, or take the layer out.",
    binding=True,
)
def _has_figures(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.kind == "presence":
            if case.released.presence.empty:
                yield f"{layer_name(case.spec, layer)}: no presence table"
            continue
        for group in layer.groups:
            there = (
                _bands(case, layer)
                if layer.kind == "flows"
                else _known(_figures(case, layer, group))
            )
            if there.empty or group not in set(there["group"]):
                name = GROUP_NAMES.get(group, group)
                yield f"{layer_name(case.spec, layer)}: no figures of {name} to draw"


@BOOK.rule(
    "figures-after-map",
    ERROR,
    why="A map of a day cannot show what was counted after it.",
    fix="Take the date out of the layer, or give the map a later `as_of`.",
    binding=True,
)
def _not_later(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.date and layer.date > _as_of(case):
            yield (
                f"{layer_name(case.spec, layer)} asks for {layer.date}, after the map's date "
                f"{_as_of(case)}"
            )


@BOOK.rule(
    "flow-measure-unsaid",
    ERROR,
    why="Stocks by origin and movements drawn as one kind of band cannot be told apart.",
    fix='Add measure = "stock", "new" or "cumulative" to the layer.',
)
def _measure_said(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.kind == "flows" and layer.measure is None:
            measures = sorted(set(_bands(case, layer)["measure"]))
            if len(measures) > 1:
                yield f"{layer_name(case.spec, layer)} mixes {' and '.join(measures)} figures"


@BOOK.rule(
    "units-mixed",
    ERROR,
    why="A household is about five people: on one scale the circles say something false.",
    fix="Make a layer, or a map, for each unit of count.",
    binding=True,
)
def _one_unit(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        rows = [_latest(_figures(case, layer, group), layer.date) for group in layer.groups]
        units = sorted({str(unit) for table in rows for unit in _known(table)["unit"]})
        if layer.kind == "symbols" and len(units) > 1:
            yield f"{layer_name(case.spec, layer)} counts {' and '.join(units)}"


@BOOK.rule(
    "kinds-mixed",
    WARNING,
    why="A registered figure beside an estimate or a planning figure suggests a difference between "
    "places that is one between ways of counting.",
    fix="Use figures of one kind, or say in `notes` which places are estimates.",
)
def _one_kind(case: SpecCase) -> Iterator[str]:
    firm, weak = {"registered", "verified", "government"}, {"estimate", "planning"}
    if any(text.strip() for text in case.spec.notes.values()):
        return
    for layer in case.spec.layers:
        for group in layer.groups:
            kinds = set(_known(_latest(_figures(case, layer, group), layer.date))["kind"])
            if kinds & firm and kinds & weak and layer.kind != "flows":
                yield f"{layer_name(case.spec, layer)}: {group} is {' and '.join(sorted(kinds))}"


@BOOK.rule(
    "dates-far-apart",
    WARNING,
    why="Places counted more than a year apart are not one situation.",
    fix="Set the layer's `date`, or leave the older figures to a second map.",
)
def _one_time(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.kind not in ("choropleth", "symbols"):
            continue
        latest = [
            max(table["date"])
            for group in layer.groups
            if len(table := _known(_latest(_figures(case, layer, group), layer.date)))
        ]
        if latest and (max(latest) - min(latest)).days > _SPREAD:
            yield (
                f"{layer_name(case.spec, layer)} puts figures of {min(latest)} beside those of "
                f"{max(latest)}"
            )


@BOOK.rule(
    "rate-on-tiny-base",
    ERROR,
    why="Where few people live, one family makes a high rate, and the darkest shade.",
    fix="Show these counts as symbols, or shade a higher level.",
)
def _large_bases(case: SpecCase) -> Iterator[str]:
    for layer in _of_inhabitants(case):
        people = _known(_latest(_figures(case, layer, "POP"), None))
        counted = set(_known(_latest(_figures(case, layer, layer.groups[0]), layer.date))["pcode"])
        small = people[people["pcode"].isin(list(counted)) & (people["value"] < _SMALL_BASE)]
        if len(small):
            units = ", ".join(sorted(small["pcode"])[:5])
            yield f"{layer_name(case.spec, layer)}: fewer than {_SMALL_BASE:,} inhabitants in {units}"


@BOOK.rule(
    "denominator-missing",
    ERROR,
    why="Without inhabitants there is no rate, and the area looks empty of people in need.",
    fix="Add a population table for these units.",
)
def _has_denominators(case: SpecCase) -> Iterator[str]:
    for layer in _of_inhabitants(case):
        people = set(_known(_figures(case, layer, "POP"))["pcode"])
        counted = _known(_latest(_figures(case, layer, layer.groups[0]), layer.date))
        missing = sorted(set(counted[counted["value"] > 0]["pcode"]) - people)
        if missing:
            units = ", ".join(missing[:5])
            yield f"{layer_name(case.spec, layer)}: no inhabitants known for {units}"


@BOOK.rule(
    "denominator-old",
    WARNING,
    why="In twelve years a population can grow by a third: the rates come out too high.",
    fix="Use a projection for the year of the figures, or say in `notes` why not.",
)
def _recent_denominators(case: SpecCase) -> Iterator[str]:
    for layer, counted, lived in _ages(case):
        years = (counted - lived).days / _YEAR
        if years > _OLD and not any(case.spec.notes.values()):
            yield f"{layer_name(case.spec, layer)}: inhabitants are {years:.0f} years older"


@BOOK.rule(
    "denominator-of-another-year",
    NOTE,
    why="Inhabitants of one year under people counted in another: who came or left between them is "
    "in one count and not in the other.",
    fix="Use inhabitants of the year of the figures (a projection, a population grid).",
)
def _denominators_of_the_day(case: SpecCase) -> Iterator[str]:
    for layer, counted, lived in _ages(case):
        years = abs((counted - lived).days) / _YEAR
        if years >= _APART:
            yield (
                f"{layer_name(case.spec, layer)}: inhabitants of {lived.year}, people counted in "
                f"{counted.year}, {years:.0f} years apart"
            )


def _ages(case: SpecCase) -> Iterator[tuple[LayerSpec, date, date]]:
    """Yield the layers with inhabitants, the day of their figures and the inhabitants' own."""
    for layer in _of_inhabitants(case):
        people = _latest(_known(_figures(case, layer, "POP")), None)
        counted = _latest(_known(_figures(case, layer, layer.groups[0])), layer.date)
        if len(people) and len(counted):
            yield layer, max(counted["date"]), max(people["date"])


@BOOK.rule(
    "ratio-of-few",
    WARNING,
    why="Where a handful of people is counted, one more changes the inhabitants for each by a tenth.",
    fix='Show people per inhabitants (per = "population"), or the counts as symbols.',
)
def _enough_for_a_ratio(case: SpecCase) -> Iterator[str]:
    for layer in _of_inhabitants(case):
        if layer.per != "displaced":
            continue
        counted = _known(_latest(_figures(case, layer, layer.groups[0]), layer.date))
        few = counted[(counted["value"] > 0) & (counted["value"] < _FEW)]
        if len(few):
            units = ", ".join(sorted(few["pcode"])[:5])
            yield f"{layer_name(case.spec, layer)}: fewer than {_FEW} people in {units}"


@BOOK.rule(
    "minimum-hides-people",
    WARNING,
    why="A minimum that leaves out a fifth of the people draws another picture than the table.",
    fix="Lower the layer's `minimum`.",
)
def _shows_most(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.kind == "flows" and layer.minimum > 0:
            values = _bands(case, layer)["value"]
            hidden = values[values < layer.minimum].sum() / max(values.sum(), 1)
            if hidden > _HIDDEN:
                yield (
                    f"{layer_name(case.spec, layer)}: {hidden:.0%} of the people are in bands "
                    f"under {layer.minimum:,.0f}"
                )


@BOOK.rule(
    "too-many-bands",
    WARNING,
    why="Above about eighty bands no layout can be read.",
    fix="Lower the layer's `most`, raise its `minimum`, or draw a higher level.",
)
def _few_bands(case: SpecCase) -> Iterator[str]:
    for layer in case.spec.layers:
        if layer.kind == "flows":
            table = _bands(case, layer)
            number = min(int((table["value"] >= max(layer.minimum, 1)).sum()), layer.most)
            if number > _MOST_BANDS:
                yield f"{layer_name(case.spec, layer)} draws {number} bands"


@BOOK.rule(
    "mostly-empty",
    WARNING,
    why="A choropleth with figures for less than half of its areas shows where data are, not people.",
    fix="Show the counts as symbols, or shade a higher level.",
)
def _mostly_full(case: SpecCase) -> Iterator[str]:
    for layer in area_layers(case.spec):
        if not layer.groups:
            continue
        table = _latest(_figures(case, layer, layer.groups[0]), layer.date)
        units = set(table["pcode"])
        if layer.per != "area":
            # of the countries with figures, whose codes begin alike: the map draws no others
            countries = {pcode[:2] for pcode in units}
            units |= {
                pcode for pcode in _figures(case, layer, "POP")["pcode"] if pcode[:2] in countries
            }
        known = set(_known(table)["pcode"])
        if known and len(known) < _EMPTY * len(units):
            yield f"{layer_name(case.spec, layer)}: {len(known)} of {len(units)} areas have a figure"


@BOOK.rule(
    "single-area",
    WARNING,
    why="One shaded area compares with nothing.",
    fix="Show the figure as a symbol.",
)
def _compares(case: SpecCase) -> Iterator[str]:
    for layer in area_layers(case.spec):
        if layer.groups:
            table = _known(_latest(_figures(case, layer, layer.groups[0]), layer.date))
            if table["pcode"].nunique() == 1:
                yield f"{layer_name(case.spec, layer)} has a figure for one area only"


@BOOK.rule(
    "source-undescribed",
    ERROR,
    point=4,
    why="A figure whose source cannot be named cannot be checked.",
    fix="Give the [[source]] its title and publisher.",
    binding=True,
)
def _sources_described(case: SpecCase) -> Iterator[str]:
    known = {source.id: source for source in case.released.sources}
    for source in known.values():
        if not source.title.strip() or not source.publisher.strip():
            yield f"source {source.id!r} has no title or no publisher"
    frames = (case.released.figures, case.released.flows, case.released.presence)
    used = {each for table in frames for ids in table["sources"] for each in ids.split("|") if each}
    for missing in sorted(used - known.keys()):
        yield f"figures name a source {missing!r} that is not described"


@BOOK.rule(
    "questions-open",
    NOTE,
    point=25,
    why="Totals that do not add up, or rows that were not placed, are open questions on the map.",
    fix="`sitmap check` lists them: correct the table, or acknowledge each with its reason.",
)
def _settled(case: SpecCase) -> Iterator[str]:
    number = sum(not finding.acknowledged for finding in case.released.findings)
    if number:
        yield f"{number} finding(s) about the figures are open"
