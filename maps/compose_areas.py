"""Areas shaded by a rate. A count is never shaded: large areas would look worse off than small ones."""

from typing import Any

import numpy as np

from geo.counts import CountRow
from geo.indicators import rate
from maps.classes import NO_DATA, class_breaks, most_classes
from maps.compose_figures import GroupFigures, ask, figure_footnotes
from maps.compose_setting import LayerWords, Setting
from maps.errors import WouldMislead
from maps.palettes import ZERO_COLOUR, empty_colour, ramp
from maps.scene import AreaFill, ChoroplethLegend, TableTwin
from maps.spec import LayerSpec, text_in

__all__ = ["compose_areas"]

NO_POPULATION = "no_population"  # a figure, but nothing to relate it to


def compose_areas(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[AreaFill, ...], ChoroplethLegend, LayerWords]:
    """Return the fills, the legend and the words of a choropleth.

    Every unit of the countries that have figures is filled: one without a figure, or without
    inhabitants to relate it to, in the colour of its kind of emptiness.
    """
    _refuse_counts(setting, layer)
    figures = ask(
        setting,
        layer,
        layer.groups[0],
        measure=layer.measure,
        origin=_origin(setting, layer),
        on=layer.date,
    )
    inhabitants = ask(setting, layer, "POP")
    rates, people = _rates(figures, inhabitants, layer.per_unit)
    states = [_state(row, value) for row, value in zip(figures.rows, rates, strict=True)]

    positive = np.where(rates > 0, rates, np.nan)
    zeros = bool((rates == 0).any())
    known = positive if (rates > 0).any() else rates
    breaks = class_breaks(known, most_classes(known, layer.classes), layer.scheme)
    classes = breaks.assign(rates)
    colours = ramp(layer.palette, len(breaks))
    apart = zeros and bool((rates > 0).any())  # zero stands apart only beside something greater

    shapes = dict(zip(setting.places.frame["pcode"], setting.places.frame.geometry, strict=True))
    fills = tuple(
        AreaFill(
            pcode=row.pcode,
            name=setting.name(row.pcode),
            geometry=shapes[row.pcode],
            value=float(value) if state == "figure" else None,
            count=row.value if state == "figure" else None,
            state=state,
            klass=int(klass),
            colour=_colour(state, float(value), int(klass), colours, apart=apart),
            text=_text(setting, layer, row, state, float(value)),
        )
        for row, value, state, klass in zip(figures.rows, rates, states, classes, strict=True)
    )
    title = text_in(layer.title, setting.say.lang) or setting.say.say(
        "choropleth.title",
        group=setting.say.group(figures.group),
        number=setting.say.number(layer.per_unit),
    )
    legend = ChoroplethLegend(
        title=title,
        subtitle=setting.say.say(
            "choropleth.subtitle",
            group=setting.say.group(figures.group),
            period=figures.period(setting),
            denominator=_denominator(setting, inhabitants),
        ),
        upper=breaks.upper,
        colours=colours,
        labels=_labels(setting, breaks.upper, apart=apart),
        empty=tuple(
            (state, empty_colour(state), setting.say.say(f"state.{state}"))
            for state in sorted(set(states) - {"figure"})
        ),
        zero=(ZERO_COLOUR, setting.say.say("class.zero")) if apart else None,
    )
    words = LayerWords(
        alt=_alt(setting, title, fills),
        footnotes=figure_footnotes(setting, [figures]),
        dated=figures.dated,
        sources=(*figures.sources, *inhabitants.sources),
        drawn=frozenset(fill.pcode for fill in fills),
        carried=figures.carried,
        twins=(_twin(setting, title, figures, people, fills, per_unit=layer.per_unit),),
    )
    return fills, legend, words


def _refuse_counts(setting: Setting, layer: LayerSpec) -> None:
    where: dict[str, Any] = {"map_id": setting.spec.id, "layer": setting.layer_name(layer)}
    if layer.per is None:
        raise WouldMislead(
            **where,
            why="a choropleth of counts shades large areas as if more people were affected there",
            todo='Add per = "population" to show a rate, or kind = "symbols" to show the counts.',
        )
    if len(layer.groups) != 1:
        raise WouldMislead(
            **where,
            why=f"a choropleth shows one group, not {len(layer.groups)}",
            todo="Name one group, or use symbols.",
        )
    if not 2 <= layer.classes <= 6:
        raise WouldMislead(
            **where,
            why=f"{layer.classes} classes cannot be told apart; expected 2 to 6",
            todo="Set classes to 3, 4 or 5.",
        )


def _origin(setting: Setting, layer: LayerSpec) -> str | None:
    return (setting.country_code(layer.origin) or layer.origin) if layer.origin else None


def _rates(
    figures: GroupFigures, inhabitants: GroupFigures, per_unit: int
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], dict[str, float | None]]:
    """Return each unit's rate (NaN where it has none) and the inhabitants it was made with."""
    people = dict(inhabitants.answers)
    found = {
        each.pcode: each
        for country, answer in figures.answers
        if country in people
        for each in rate(answer, people[country], per_unit).rows
    }
    rates = [found[row.pcode].value if row.pcode in found else np.nan for row in figures.rows]
    return np.array(rates, dtype=np.float64), {p: each.population for p, each in found.items()}


def _state(row: CountRow, value: float) -> str:
    if row.value is None:
        return str(row.state)
    return NO_POPULATION if np.isnan(value) else "figure"


def _colour(state: str, value: float, klass: int, colours: tuple[str, ...], *, apart: bool) -> str:
    if klass == NO_DATA:
        return empty_colour(state)
    return ZERO_COLOUR if apart and value == 0 else colours[klass]


def _labels(setting: Setting, upper: tuple[float, ...], *, apart: bool) -> tuple[str, ...]:
    """Say each class so that no value falls between two or into two."""
    say = setting.say
    lower = (0.0 if apart else None, *upper[:-1])
    return tuple(
        say.say("class.up_to", upper=say.rate(high))
        if low is None
        else say.say("class.over", lower=say.rate(low), upper=say.rate(high))
        for low, high in zip(lower, upper, strict=True)
    )


def _denominator(setting: Setting, inhabitants: GroupFigures) -> str:
    named = [
        f"{source.publisher}, {setting.say.date(source.date)}"
        for source in (setting.sources.get(each) for each in inhabitants.sources)
        if source
    ]
    return setting.say.listed(named) or inhabitants.period(setting)


def _text(setting: Setting, layer: LayerSpec, row: CountRow, state: str, value: float) -> str:
    say, name = setting.say, setting.name(row.pcode)
    counted = (
        say.counted(layer.groups[0], row.value, row.qualifier) if row.value is not None else ""
    )
    if state == "figure":
        return say.say(
            "fill.text",
            name=name,
            rate=say.rate(value),
            number=say.number(layer.per_unit),
            counted=counted,
        )
    empty = say.say(f"state.{state}")
    return say.say(
        "fill.empty", name=name, state=say.joined([counted, empty]) if counted else empty
    )


def _alt(setting: Setting, title: str, fills: tuple[AreaFill, ...]) -> tuple[str, ...]:
    say = setting.say
    known = sorted((fill.value, fill.pcode, fill) for fill in fills if fill.value is not None)
    missing = [fill.name for fill in fills if fill.value is None]
    lines = []
    if known:
        low, high = known[0][2], known[-1][2]
        facts: dict[str, Any] = {
            "title": title,
            "high": say.rate(known[-1][0]),
            "high_place": high.name,
            "low": say.rate(known[0][0]),
            "low_place": low.name,
        }
        lines.append(say.say("alt.choropleth" if len(known) > 1 else "alt.single", **facts))
    if missing:
        lines.append(say.say("alt.missing", places=say.listed(missing)))
    return tuple(lines)


def _twin(
    setting: Setting,
    title: str,
    figures: GroupFigures,
    people: dict[str, float | None],
    fills: tuple[AreaFill, ...],
    *,
    per_unit: int,
) -> TableTwin:
    say = setting.say
    empty = say.say("state.not_reported")

    def cell(value: float | None) -> str:
        return empty if value is None else say.number(value)

    rows = [
        (
            setting.name(row.pcode),
            row.pcode,
            say.number(row.value, row.qualifier)
            if row.value is not None
            else say.say(f"state.{row.state}"),
            cell(people.get(row.pcode)),
            say.rate(fill.value) if fill.value is not None else say.say(f"state.{fill.state}"),
        )
        for row, fill in zip(figures.rows, fills, strict=True)
    ]
    if figures.unplaced:
        rows.append((say.say("twin.unplaced"), "", say.number(figures.unplaced), "", ""))
    rows.append((say.say("twin.total"), "", say.number(figures.total + figures.unplaced), "", ""))
    return TableTwin(
        caption=say.say("key.dated", label=title, period=figures.period(setting)),
        columns=(
            say.say("twin.place"),
            say.say("twin.code"),
            say.group(figures.group),
            say.say("twin.inhabitants"),
            say.say("twin.rate", number=say.number(per_unit)),
        ),
        rows=tuple(rows),
    )
