"""Two things at once: a rate against another rate, or against partner presence. Nine colours at most.

Each variable has three classes, so that a reader can hold the square in mind. Where presence is one
of them, units that nobody reported are a class of their own, named "none reported": that is a fact
about reports and not about the place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.terms import GROUP_NAMES, State
from maps.classes import NO_DATA, ClassBreaks, class_breaks, manual_breaks
from maps.compose_areas import empty_keys, people_footnotes, refuse_counts
from maps.compose_figures import figure_footnotes
from maps.compose_rates import UnitRates, rates_of, refuse_other_bases
from maps.compose_setting import LayerWords, Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import BIVARIATE, bivariate_colour, empty_colour
from maps.presence_units import UnitPresence, presence_of
from maps.rate_words import explained, rate_title
from maps.scene import AreaFill, TableTwin
from maps.scene_layers import BivariateAxis, BivariateLegend
from maps.spec import LayerSpec, text_in

__all__ = ["PRESENCE", "compose_bivariate"]

PRESENCE = "presence"
_CLASSES = 3
_STEPS: Mapping[int, tuple[int, ...]] = {1: (1,), 2: (0, 2), 3: (0, 1, 2)}  # of the square's three
_SILENT = State.NOT_REPORTED.value

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Variable:
    """One of the two: values by P-code (NaN: none), what is written of each, and its classes."""

    title: str
    subtitle: str
    values: Mapping[str, float]
    states: Mapping[str, str]
    texts: Mapping[str, str]
    cells: Mapping[str, str]
    breaks: ClassBreaks
    labels: tuple[str, ...]

    def step(self, pcode: str) -> int:
        """Return which of the square's three steps a unit is on, `NO_DATA` for none."""
        klass = int(self.breaks.assign(np.array([self.values.get(pcode, np.nan)]))[0])
        return NO_DATA if klass == NO_DATA else _STEPS[len(self.breaks)][klass]

    def text(self, setting: Setting, pcode: str) -> str:
        """Say a unit's value, or that the variable has none there."""
        say = setting.say
        silent = say.say("fill.empty", name=self.title, state=say.say(f"state.{_SILENT}"))
        return self.texts.get(pcode, silent)

    def axis(self, setting: Setting) -> BivariateAxis:
        """Return how the legend names it."""
        ends = tuple(setting.say.rate(bound) for bound in (0.0, *self.breaks.upper))
        return BivariateAxis(self.title, self.subtitle, self.breaks.upper, self.labels, ends)


def compose_bivariate(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[AreaFill, ...], BivariateLegend, LayerWords]:
    """Return the fills, the square of classes and the words.

    A unit is filled where both variables have a value; else it shows why it has none, the first
    variable's emptiness before the second's.
    """
    refuse_other_bases(setting, layer)
    layer = replace(layer, per="population")
    refuse_counts(setting, layer)
    _refuse_nonsense(setting, layer)
    say = setting.say
    rates = rates_of(setting, layer, layer.groups[0])
    first = _rate_variable(setting, layer, rates, layer.breaks)
    others: UnitRates | UnitPresence
    if layer.against == PRESENCE:
        others = presence_of(setting, layer)
        told = {setting.country_of(pcode) for pcode in others.units}
        covered = [row.pcode for row in rates.rows if setting.country_of(row.pcode) in told]
        second = _presence_variable(setting, layer, others, covered)
    else:
        others = rates_of(setting, layer, str(layer.against))
        second = _rate_variable(setting, layer, others, layer.against_breaks)

    palette = layer.palette if layer.palette in BIVARIATE else next(iter(BIVARIATE))
    fills = []
    for row in rates.rows:
        steps = (first.step(row.pcode), second.step(row.pcode))
        state = next(
            (s for v in (first, second) if (s := v.states.get(row.pcode, _SILENT)) != "figure"),
            "figure",
        )
        known = state == "figure"
        texts = [each.text(setting, row.pcode) for each in (first, second)]
        fills.append(
            AreaFill(
                pcode=row.pcode,
                name=setting.name(row.pcode),
                geometry=setting.shapes[row.pcode],
                value=first.values[row.pcode] if known else None,
                count=row.value if known else None,
                state=state,
                klass=steps[1] * _CLASSES + steps[0] if known else NO_DATA,
                colour=bivariate_colour(palette, *steps) if known else empty_colour(state),
                text=say.say("fill.empty", name=setting.name(row.pcode), state=say.joined(texts)),
            )
        )
    title = text_in(layer.title, say.lang) or say.say(
        "bivariate.title", first=first.title, second=second.title
    )
    legend = BivariateLegend(
        title=text_in(layer.title, say.lang),
        note=say.say("bivariate.note.presence") if layer.against == PRESENCE else "",
        first=first.axis(setting),
        second=second.axis(setting),
        colours=tuple(
            tuple(bivariate_colour(palette, i, j) for i in _STEPS[len(first.breaks)])
            for j in _STEPS[len(second.breaks)]
        ),
        empty=empty_keys(setting, fills),
    )
    related = [each for each in (rates, others) if isinstance(each, UnitRates)]
    asked = [each.figures for each in related]
    words = LayerWords(
        alt=_alt(setting, title, fills, second),
        footnotes=(
            *figure_footnotes(setting, asked),
            *people_footnotes(setting, related),
            *(others.footnotes(setting) if isinstance(others, UnitPresence) else ()),
        ),
        dated=(
            *(each for figures in asked for each in figures.dated),
            *(others.dated(setting) if isinstance(others, UnitPresence) else ()),
        ),
        sources=(
            *(source for figures in asked for source in figures.sources),
            *rates.sources,
            *(others.sources if isinstance(others, UnitPresence) else ()),
        ),
        drawn=frozenset(fill.pcode for fill in fills),
        carried=frozenset(code for figures in asked for code in figures.carried)
        | (others.carried if isinstance(others, UnitPresence) else frozenset()),
        twins=(_twin(setting, title, rates, first, second),),
    )
    return tuple(fills), legend, words


def _refuse_nonsense(setting: Setting, layer: LayerSpec) -> None:
    where: dict[str, Any] = {"map_id": setting.spec.id, "layer": setting.layer_name(layer)}
    known = (PRESENCE, *GROUP_NAMES)
    if layer.against not in known:
        raise WouldMislead(
            **where,
            why=f"a rate cannot be related to {layer.against!r}",
            todo=f"Set against to one of {', '.join(known)}.",
        )
    if layer.against in layer.groups:
        raise WouldMislead(
            **where,
            why=f"{layer.against} would be related to itself",
            todo='Set against to another group, or to "presence".',
        )
    for key, breaks in (("breaks", layer.breaks), ("against_breaks", layer.against_breaks)):
        if len(breaks) > _CLASSES:
            raise WouldMislead(
                **where,
                why=f"{key} gives {len(breaks)} classes; a square of more than three by three "
                "cannot be read",
                todo="Give two breaks, or three that cover the greatest value.",
            )


def _three(
    setting: Setting, layer: LayerSpec, values: Floats, by_hand: tuple[float, ...]
) -> ClassBreaks:
    if np.isnan(values).all():
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked=f"{layer.groups[0]} against {layer.against}: one of the two has no value anywhere",
            there_is="nothing to relate",
        )
    breaks = manual_breaks(by_hand, values) if by_hand else class_breaks(values, 3, layer.scheme)
    if len(breaks) > _CLASSES:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"the breaks {', '.join(f'{b:g}' for b in by_hand)} leave values of up to "
            f"{np.nanmax(values):g} in a fourth class",
            todo="Give two breaks, or let the third cover the greatest value.",
        )
    return breaks


def _class_labels(setting: Setting, upper: tuple[float, ...]) -> tuple[str, ...]:
    say = setting.say
    return tuple(
        say.say("class.over", lower=say.rate(upper[i - 1]), upper=say.rate(high))
        if i
        else say.say("class.up_to", upper=say.rate(high))
        for i, high in enumerate(upper)
    )


def _rate_variable(
    setting: Setting, layer: LayerSpec, rates: UnitRates, by_hand: tuple[float, ...]
) -> _Variable:
    say, group = setting.say, rates.figures.group
    number = say.number(layer.per_unit)
    breaks = _three(setting, layer, rates.values, by_hand)
    texts, cells = {}, {}
    for row, value, state in zip(rates.rows, rates.values, rates.states, strict=True):
        if state == "figure" and row.value is not None:
            counted = say.counted(group, row.value, row.qualifier)
            texts[row.pcode] = say.say(
                "bivariate.rate", rate=say.rate(float(value)), number=number, counted=counted
            )
            cells[row.pcode] = say.rate(float(value))
        else:
            cells[row.pcode] = say.say(f"state.{state}")
            texts[row.pcode] = say.say("fill.empty", name=say.group(group), state=cells[row.pcode])
    return _Variable(
        title=rate_title(say, layer, group),
        subtitle=explained(
            setting,
            layer,
            "choropleth.subtitle",
            rates.inhabitants,
            group=say.group(group),
            period=rates.figures.period(setting),
        ),
        values={row.pcode: float(v) for row, v in zip(rates.rows, rates.values, strict=True)},
        states={row.pcode: s for row, s in zip(rates.rows, rates.states, strict=True)},
        texts=texts,
        cells=cells,
        breaks=breaks,
        labels=_class_labels(setting, breaks.upper),
    )


def _presence_variable(
    setting: Setting, layer: LayerSpec, presence: UnitPresence, pcodes: list[str]
) -> _Variable:
    """Return presence as classes of organisations; "none reported" is the lowest where it occurs."""
    say = setting.say
    counts = {pcode: len(presence.organisations(pcode)) for pcode in pcodes}
    values = np.array([float(counts[pcode]) for pcode in pcodes])
    positive = np.where(values > 0, values, np.nan)
    silent = bool((values == 0).any())
    if layer.against_breaks:
        upper = list(_three(setting, layer, positive, layer.against_breaks).upper)
    else:
        upper = _whole_breaks(positive, _CLASSES - silent)
    upper = [float(np.floor(bound)) for bound in upper if bound >= 1]
    if silent and len(upper) == _CLASSES:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why='units that nobody reported are a class of their own ("none reported"), which '
            "leaves two classes, and against_breaks makes three",
            todo="Give one break, or two that cover the greatest number of organisations.",
        )
    if silent:
        upper = [0.0, *upper]
    lowest = 0 if silent else 1
    labels = []
    for i, high in enumerate(upper):
        low = upper[i - 1] + 1 if i else lowest
        if high == 0:
            labels.append(say.say("presence.none"))
        elif low == high:
            labels.append(say.say("presence.one", number=say.number(high)))
        else:
            labels.append(say.say("presence.range", low=say.number(low), high=say.number(high)))
    return _Variable(
        title=presence.title(setting, layer),
        subtitle=say.say(
            "fill.empty",
            name=presence.title(setting, layer),
            state=presence.period(setting),
        ),
        values={pcode: float(count) for pcode, count in counts.items()},
        states=dict.fromkeys(pcodes, "figure"),
        texts={
            pcode: say.say("presence.count", count=count) if count else say.say("presence.none")
            for pcode, count in counts.items()
        },
        cells={
            pcode: say.number(count) if count else say.say("presence.none")
            for pcode, count in counts.items()
        },
        breaks=ClassBreaks(tuple(upper)),
        labels=tuple(labels),
    )


def _whole_breaks(values: Floats, k: int) -> list[float]:
    """Divide counts of organisations into at most ``k`` classes that end at whole numbers."""
    known = values[~np.isnan(values)]
    if not len(known):
        return []
    distinct = np.unique(known)
    upper = [np.floor(bound) for bound in class_breaks(known, min(k, len(distinct))).upper[:-1]]
    return sorted({*(float(bound) for bound in upper), float(distinct[-1])})


def _alt(setting: Setting, title: str, fills: list[AreaFill], second: _Variable) -> tuple[str, ...]:
    """Say where the first is highest, and what the second is there: what such a map is read for."""
    say = setting.say
    known = sorted(
        (fill for fill in fills if fill.value is not None),
        key=lambda fill: (-(fill.value or 0), fill.pcode),
    )
    lines = []
    if known:
        items = [
            say.say(
                "alt.bivariate.item",
                name=fill.name,
                rate=say.rate(fill.value or 0),
                other=second.texts[fill.pcode],
            )
            for fill in known[:3]
        ]
        lines.append(say.say("alt.bivariate", title=title, items=say.joined(items)))
    missing = [fill.name for fill in fills if fill.value is None]
    if missing:
        lines.append(say.say("alt.missing", places=say.listed(missing)))
    return tuple(lines)


def _twin(
    setting: Setting, title: str, rates: UnitRates, first: _Variable, second: _Variable
) -> TableTwin:
    say = setting.say
    rows = [
        (
            setting.name(row.pcode),
            row.pcode,
            say.number(row.value, row.qualifier)
            if row.value is not None
            else say.say(f"state.{row.state}"),
            first.cells[row.pcode],
            second.cells.get(row.pcode, say.say("state.not_reported")),
        )
        for row in rates.rows
    ]
    return TableTwin(
        caption=title,
        columns=(
            say.say("twin.place"),
            say.say("twin.code"),
            say.group(rates.figures.group),
            first.title,
            second.title,
        ),
        rows=tuple(rows),
    )
