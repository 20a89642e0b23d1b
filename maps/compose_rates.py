"""Rates of units, each with its state: a rate is missing where either of its two counts is."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.counts import CountRow
from geo.indicators import rate
from maps.classes import NO_DATA, ClassBreaks, class_breaks, manual_breaks, most_classes
from maps.compose_figures import GroupFigures, ask
from maps.compose_setting import Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import RAMPS, ZERO_COLOUR, empty_colour, ramp
from maps.spec import LayerSpec

__all__ = ["NO_POPULATION", "Shades", "UnitRates", "denominator", "rates_of", "shades_of"]

NO_POPULATION = "no_population"  # a figure, but nothing to relate it to

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class UnitRates:
    """The rates of one group: ``values[i]`` (NaN: none) and ``states[i]`` belong to row i.

    ``people`` are the inhabitants by P-code, None where they are not known.
    """

    figures: GroupFigures
    inhabitants: GroupFigures
    values: Floats
    states: tuple[str, ...]
    people: dict[str, float | None]

    @property
    def rows(self) -> tuple[CountRow, ...]:
        """The counts behind the rates, in the order of P-codes."""
        return self.figures.rows


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

    def labels(self, setting: Setting) -> tuple[str, ...]:
        """Say each class so that no value falls between two or into two."""
        say, upper = setting.say, self.breaks.upper
        lower = (0.0 if self.apart else None, *upper[:-1])
        return tuple(
            say.say("class.up_to", upper=say.rate(high))
            if low is None
            else say.say("class.over", lower=say.rate(low), upper=say.rate(high))
            for low, high in zip(lower, upper, strict=True)
        )


def rates_of(
    setting: Setting, layer: LayerSpec, group: str, *, on: date | None = None
) -> UnitRates:
    """Return a group's rates at the layer's level; raises as `ask` does."""
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    measure = layer.measure if group == layer.groups[0] else None
    figures = ask(setting, layer, group, measure=measure, origin=origin, on=on or layer.date)
    inhabitants = ask(setting, layer, "POP")
    people = dict(inhabitants.answers)
    found = {
        each.pcode: each
        for country, answer in figures.answers
        if country in people
        for each in rate(answer, people[country], layer.per_unit).rows
    }
    values = np.array(
        [found[row.pcode].value if row.pcode in found else np.nan for row in figures.rows],
        dtype=np.float64,
    )
    return UnitRates(
        figures,
        inhabitants,
        values,
        tuple(_state(row, value) for row, value in zip(figures.rows, values, strict=True)),
        {pcode: each.population for pcode, each in found.items()},
    )


def _state(row: CountRow, value: float) -> str:
    if row.value is None:
        return str(row.state)
    return NO_POPULATION if np.isnan(value) else "figure"


def shades_of(setting: Setting, layer: LayerSpec, values: Floats) -> Shades:
    """Divide rates into classes, by the layer's own breaks or its scheme, zero apart."""
    positive = np.where(values > 0, values, np.nan)
    apart = bool((values == 0).any() and (values > 0).any())
    known = positive if (values > 0).any() else values
    if np.isnan(known).all():
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked=f"{layer.groups[0]} per population: no unit has both a figure and inhabitants",
            there_is="one without the other",
        )
    by_hand = tuple(bound for bound in layer.breaks if bound > 0)
    if by_hand:
        breaks = manual_breaks(by_hand, known)
    else:
        breaks = class_breaks(known, most_classes(known, layer.classes), layer.scheme)
    most = max(len(colours) for colours in RAMPS.values())
    if len(breaks) > most:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"the breaks {', '.join(f'{b:g}' for b in breaks.upper)} make {len(breaks)} classes, "
            "which cannot be told apart",
            todo=f"Give at most {most - 1} breaks.",
        )
    return Shades(breaks, ramp(layer.palette, len(breaks)), apart)


def denominator(setting: Setting, inhabitants: GroupFigures) -> str:
    """Say whose count of inhabitants a rate is of."""
    named = [
        f"{source.publisher}, {setting.say.date(source.date)}"
        for source in (setting.sources.get(each) for each in inhabitants.sources)
        if source
    ]
    return setting.say.listed(named) or inhabitants.period(setting)
