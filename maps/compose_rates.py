"""Rates of units, each with its state: a rate is missing where either of its two counts is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from boundaries.units import BoundarySet
from geo.counts import CountRow, Counts
from geo.denominators import Inhabitants, KnownParts
from geo.indicators import Rate, density, hosts, rate
from geo.terms import Unit
from maps.classes import NO_DATA, ClassBreaks, class_breaks, manual_breaks, most_classes
from maps.compose_figures import GroupFigures, ask
from maps.compose_people import IN_PART, people_of
from maps.compose_setting import Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import RAMPS, ZERO_COLOUR, empty_colour, ramp
from maps.rate_words import written
from maps.spec import LayerSpec

__all__ = [
    "NONE_DISPLACED",
    "NO_POPULATION",
    "Shades",
    "UnitRates",
    "layer_breaks",
    "rates_of",
    "refuse_other_bases",
    "related",
    "shades_of",
]

NO_POPULATION = "no_population"  # a figure, but nothing to relate it to
NONE_DISPLACED = "none_displaced"  # a reported zero, by which nothing can be divided

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class UnitRates:
    """The rates of one group: ``values[i]`` (NaN: none) and ``states[i]`` belong to row i.

    ``inhabitants`` is None where people are related to ground. ``base`` are the inhabitants or km² by
    P-code, None where they are not known; ``about`` the units of which a count is not exact;
    ``partly`` those of which the inhabitants of a part only are known: no base, no rate.
    """

    figures: GroupFigures
    inhabitants: GroupFigures | None
    values: Floats
    states: tuple[str, ...]
    base: dict[str, float | None]
    about: frozenset[str] = frozenset()
    partly: Mapping[str, KnownParts] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[CountRow, ...]:
        """The counts behind the rates, in the order of P-codes."""
        return self.figures.rows

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources of both counts."""
        return (*self.figures.sources, *(self.inhabitants.sources if self.inhabitants else ()))


@dataclass(frozen=True)
class Shades:
    """Classes and their colours. ``apart``: zero is no class but has a colour of its own."""

    breaks: ClassBreaks
    colours: tuple[str, ...]
    apart: bool

    def klass(self, value: float) -> int:
        """Return a value's class, `NO_DATA` for NaN."""
        return int(self.breaks.assign(np.array([value]))[0])

    def colour(self, value: float, state: str) -> str:
        """Return a value's colour; that of its kind of emptiness where it is NaN."""
        klass = self.klass(value)
        if klass == NO_DATA:
            return empty_colour(state)
        return ZERO_COLOUR if self.apart and value == 0 else self.colours[klass]

    def labels(self, setting: Setting, layer: LayerSpec) -> tuple[str, ...]:
        """Say each class so that no value falls between two or into two."""
        say, upper = setting.say, self.breaks.upper
        lower = (0.0 if self.apart else None, *upper[:-1])
        return tuple(
            say.say("class.up_to", upper=written(say, layer.per, high))
            if low is None
            else say.say(
                "class.over",
                lower=written(say, layer.per, low),
                upper=written(say, layer.per, high),
            )
            for low, high in zip(lower, upper, strict=True)
        )


def rates_of(
    setting: Setting, layer: LayerSpec, group: str, *, on: date | None = None
) -> UnitRates:
    """Return a group's rates at the layer's level; raises as `ask` does."""
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    measure = layer.measure if group == layer.groups[0] else None
    figures = ask(setting, layer, group, measure=measure, origin=origin, on=on or layer.date)
    _refuse_households(setting, layer, figures)
    people = None if layer.per == "area" else people_of(setting, layer)
    partly = people.partly if people else {}
    found = {
        each.pcode: each
        for country, answer in figures.answers
        for each in related(
            setting.places, layer, answer, people.by_country.get(country) if people else None
        )
        # at level 0 a country's answer of its day may speak of others
        if layer.level or each.pcode == country
    }
    values = np.array(
        [found[row.pcode].value if row.pcode in found else np.nan for row in figures.rows],
        dtype=np.float64,
    )
    return UnitRates(
        figures,
        people.figures if people else None,
        values,
        tuple(
            _state(layer, row, value, in_part=row.pcode in partly)
            for row, value in zip(figures.rows, values, strict=True)
        ),
        {pcode: each.base for pcode, each in found.items()},
        frozenset(pcode for pcode, each in found.items() if each.about),
        partly,
    )


def related(
    places: BoundarySet, layer: LayerSpec, figures: Counts, people: Inhabitants | None
) -> tuple[Rate, ...]:
    """Return counts related as the layer asks; none without inhabitants to relate them to."""
    if layer.per == "area":
        return density(figures, places.km2(layer.level))
    if people is None:
        return ()
    if layer.per == "displaced":
        return hosts(figures, people)
    return rate(figures, people, layer.per_unit).rows


def refuse_other_bases(setting: Setting, layer: LayerSpec) -> None:
    """Raise `WouldMislead` where a layer that knows rates of inhabitants only is asked for others."""
    if layer.per not in (None, "population"):
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"a {layer.kind} layer relates people to inhabitants, not per = {layer.per!r}",
            todo='Set per = "population", or make it a choropleth.',
        )


def _refuse_households(setting: Setting, layer: LayerSpec, figures: GroupFigures) -> None:
    """Raise `WouldMislead` where households would be called people."""
    if layer.per in ("area", "displaced") and figures.unit != Unit.PERSONS.value:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"the figures for {figures.group} count {figures.unit}, not persons",
            todo="Show them as symbols.",
        )


def _state(layer: LayerSpec, row: CountRow, value: float, *, in_part: bool) -> str:
    if row.value is None:
        return str(row.state)
    if not np.isnan(value):
        return "figure"
    if layer.per == "displaced" and row.value == 0:
        return NONE_DISPLACED
    return IN_PART if in_part else NO_POPULATION


def layer_breaks(layer: LayerSpec, known: Floats) -> ClassBreaks:
    """Divide values into classes by the layer's scheme."""
    return class_breaks(
        known,
        most_classes(known, layer.classes),
        layer.scheme,
        by_ratio=layer.per == "displaced",  # a tenth as many hosts is ten times the load
    )


def shades_of(setting: Setting, layer: LayerSpec, values: Floats) -> Shades:
    """Divide rates into classes, by the layer's own breaks or its scheme, zero apart."""
    positive = np.where(values > 0, values, np.nan)
    apart = bool((values == 0).any() and (values > 0).any())
    known = positive if (values > 0).any() else values
    if np.isnan(known).all():
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked=f"{layer.groups[0]} per {layer.per or 'population'}: no unit has both counts above 0",
            there_is="one without the other, or inhabitants of a part of the unit only",
        )
    by_hand = tuple(bound for bound in layer.breaks if bound > 0)
    breaks = manual_breaks(by_hand, known) if by_hand else layer_breaks(layer, known)
    most = max(len(colours) for colours in RAMPS.values())
    if len(breaks) > most:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"the breaks {', '.join(f'{b:g}' for b in breaks.upper)} make {len(breaks)} classes, "
            "which cannot be told apart",
            todo=f"Give at most {most - 1} breaks.",
        )
    colours = ramp(layer.palette, len(breaks))
    # few inhabitants for each is the heavy load, and the dark shade is read as the heavy one
    return Shades(breaks, colours[::-1] if layer.per == "displaced" else colours, apart)
