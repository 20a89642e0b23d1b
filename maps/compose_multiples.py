"""Small multiples: the same map for several dates, under one classification and one scale.

The classes are found over all dates together, so that a colour means the same in every panel, and a
circle of one size the same number of people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from geo.counts import CountRow
from geo.terms import State
from maps.compose_areas import area_fills, area_legend, people_footnotes, refuse_counts
from maps.compose_figures import GroupFigures, ask, dates_of, figure_footnotes
from maps.compose_rates import UnitRates, rates_of, shades_of
from maps.compose_setting import LayerWords, Setting
from maps.compose_symbols import compose_symbols
from maps.errors import WouldMislead
from maps.palettes import group_colour
from maps.rate_words import explained, layer_title, written
from maps.scene import (
    AreaFill,
    ChoroplethLegend,
    GroupKey,
    Panel,
    SymbolLegend,
    SymbolMark,
    TableTwin,
)
from maps.spec import LayerSpec

__all__ = ["MOST_PANELS", "Multiples", "compose_multiples", "panel_dates"]

MOST_PANELS = 12  # on one page; more are stamps


@dataclass(frozen=True)
class Multiples:
    """The panels, oldest first, what explains them all, and their words."""

    panels: tuple[Panel, ...]
    choropleth_legend: ChoroplethLegend | None
    symbol_legend: SymbolLegend | None
    words: tuple[LayerWords, ...]


def panel_dates(setting: Setting, layers: Iterable[LayerSpec]) -> tuple[date, ...]:
    """Return the dates that a map's layers ask panels for, ascending; none for an ordinary map.

    Raises `WouldMislead` where one layer has panels and another cannot have the same.
    """
    layers = tuple(layers)
    asking = [
        each
        for each in layers
        if each.kind in ("choropleth", "symbols") and (each.dates or each.every_date)
    ]
    if not asking:
        return ()
    for layer in layers:
        if layer not in asking:
            raise WouldMislead(
                map_id=setting.spec.id,
                layer=setting.layer_name(layer),
                why="the other layers are drawn once for each of several dates, and this one is not",
                todo="Give it the same dates (choropleth and symbols can have them), or make it a "
                "map of its own.",
            )
    wanted = {tuple(sorted(set(layer.dates))) for layer in asking if layer.dates}
    if len(wanted) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(asking[0]),
            why="the layers ask for different dates",
            todo='Give all layers the same dates, or dates = "all".',
        )
    days = next(iter(wanted), ()) or tuple(
        sorted(
            {
                day
                for layer in asking
                for group in layer.groups
                for day in dates_of(setting, layer, group)
            }
        )
    )
    if len(days) > MOST_PANELS:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(asking[0]),
            why=f"{len(days)} dates ({days[0]} to {days[-1]}) make stamps of maps on one page",
            todo=f"Choose up to {MOST_PANELS} with dates = [...].",
        )
    return days


def compose_multiples(
    setting: Setting, layers: Sequence[LayerSpec], days: Sequence[date]
) -> Multiples:
    """Return one panel for each day; ``layers`` has at most one choropleth and one of symbols."""
    fills: dict[date, tuple[AreaFill, ...]] = {}
    symbols: dict[date, tuple[SymbolMark, ...]] = {}
    totals: dict[date, dict[str, str]] = {day: {} for day in days}
    choropleth_legend = symbol_legend = None
    words = []
    for layer in layers:
        if layer.kind == "choropleth":
            rates = _rates(setting, layer, days)
            fills, choropleth_legend = _areas(setting, layer, rates)
            words.append(_area_words(setting, layer, rates))
            for day, each in rates.items():
                totals[day][each.figures.group] = _total(setting, each.figures)
        else:
            symbols, symbol_legend, of_layer = _symbols(setting, layer, days, totals)
            words.append(of_layer)
    panels = tuple(
        Panel(
            title=setting.say.date(day),
            subtitle=setting.say.joined(totals[day].values()),
            date=day,
            fills=fills.get(day, ()),
            symbols=symbols.get(day, ()),
        )
        for day in days
    )
    items = [f"{panel.title}: {panel.subtitle}" for panel in panels]
    opening = LayerWords(
        alt=(
            setting.say.say(
                "alt.multiples",
                number=setting.say.number(len(panels)),
                items=setting.say.joined(items),
            ),
        )
    )
    return Multiples(panels, choropleth_legend, symbol_legend, (opening, *words))


def _total(setting: Setting, figures: GroupFigures) -> str:
    return setting.say.counted(figures.group, figures.total + figures.unplaced)


# --- areas ----------------------------------------------------------------------------------------


def _rates(setting: Setting, layer: LayerSpec, days: Sequence[date]) -> dict[date, UnitRates]:
    """Return the rates of each day, over the units of all days: one that is missing has no figure."""
    refuse_counts(setting, layer)
    of_day = {day: rates_of(setting, layer, layer.groups[0], on=day) for day in days}
    every = {row.pcode: row.name for each in of_day.values() for row in each.rows}
    return {day: _completed(each, every) for day, each in of_day.items()}


def _completed(rates: UnitRates, every: dict[str, str]) -> UnitRates:
    known = {
        row.pcode: (row, value, state)
        for row, value, state in zip(rates.rows, rates.values, rates.states, strict=True)
    }
    silent = State.NOT_REPORTED.value
    filled = [
        known.get(pcode, (CountRow(pcode, every[pcode], None, silent), np.nan, silent))
        for pcode in sorted(every)
    ]
    return replace(
        rates,
        figures=replace(rates.figures, rows=tuple(row for row, _, _ in filled)),
        values=np.array([value for _, value, _ in filled], dtype=np.float64),
        states=tuple(state for _, _, state in filled),
    )


def _areas(
    setting: Setting, layer: LayerSpec, rates: dict[date, UnitRates]
) -> tuple[dict[date, tuple[AreaFill, ...]], ChoroplethLegend]:
    shades = shades_of(setting, layer, np.concatenate([each.values for each in rates.values()]))
    fills = {day: area_fills(setting, layer, each, shades) for day, each in rates.items()}
    latest = rates[max(rates)]
    say = setting.say
    span = {"start": say.date(min(rates)), "end": say.date(max(rates))}
    subtitle = explained(setting, layer, "multiples.subtitle", latest.inhabitants, **span)
    everywhere = [fill for of_day in fills.values() for fill in of_day]
    return fills, area_legend(setting, layer, subtitle, shades, everywhere)


def _area_words(setting: Setting, layer: LayerSpec, rates: dict[date, UnitRates]) -> LayerWords:
    figures = [each.figures for each in rates.values()]
    return LayerWords(
        footnotes=(
            *_notes(setting, {day: [each.figures] for day, each in rates.items()}),
            *people_footnotes(setting, list(rates.values())),
        ),
        sources=(
            *(source for each in figures for source in each.sources),
            *rates[max(rates)].sources,
        ),
        drawn=frozenset(row.pcode for each in figures for row in each.rows),
        carried=frozenset(code for each in figures for code in each.carried),
        twins=(_twin(setting, layer, rates),),
    )


def _notes(setting: Setting, figures: dict[date, list[GroupFigures]]) -> tuple[str, ...]:
    return tuple(
        setting.say.say("note.on", date=setting.say.date(day), note=note)
        for day, of_day in figures.items()
        for note in figure_footnotes(setting, of_day)
    )


def _twin(setting: Setting, layer: LayerSpec, rates: dict[date, UnitRates]) -> TableTwin:
    """Return the rates, a column for each date, and how many people they stand for."""
    say = setting.say
    first = next(iter(rates.values()))

    def cell(each: UnitRates, i: int) -> str:
        row = each.rows[i]
        if each.states[i] != State.FIGURE.value or row.value is None:
            return say.say(f"state.{each.states[i]}")
        rate = written(say, layer.per, float(each.values[i]), about=row.pcode in each.about)
        return f"{rate} ({say.number(row.value, row.qualifier)})"

    rows = [
        (setting.name(row.pcode), row.pcode, *(cell(each, i) for each in rates.values()))
        for i, row in enumerate(first.rows)
    ]
    totals = (say.number(each.figures.total + each.figures.unplaced) for each in rates.values())
    rows.append((say.say("twin.total"), "", *totals))
    return TableTwin(
        caption=layer_title(setting, layer),
        columns=(say.say("twin.place"), say.say("twin.code"), *(say.date(day) for day in rates)),
        rows=tuple(rows),
    )


# --- symbols --------------------------------------------------------------------------------------


def _symbols(
    setting: Setting,
    layer: LayerSpec,
    days: Sequence[date],
    totals: dict[date, dict[str, str]],
) -> tuple[dict[date, tuple[SymbolMark, ...]], SymbolLegend, LayerWords]:
    """Return each day's circles under the legend of the day with the largest; fills in ``totals``."""
    known = {group: dates_of(setting, layer, group) for group in layer.groups}
    marks: dict[date, tuple[SymbolMark, ...]] = {}
    legends, words = [], []
    for day in days:
        here = tuple(group for group in layer.groups if day in known[group]) or layer.groups
        of_day = replace(layer, groups=here, date=day)
        marks[day], legend, said = compose_symbols(setting, of_day)
        legends.append(legend)
        words.append(said)
        for group in here:
            totals[day].setdefault(group, _total(setting, _figures(setting, of_day, group, day)))
    largest = max(legends, key=lambda legend: legend.maximum)
    drawn = {part.group for of_day in marks.values() for mark in of_day for part in mark.parts}
    legend = replace(
        largest,
        keys=tuple(
            GroupKey(group, group_colour(group), setting.say.group(group))
            for group in layer.groups
            if group in drawn
        ),
        widest=max(legend.widest for legend in legends),
    )
    together = LayerWords(
        footnotes=tuple(
            setting.say.say("note.on", date=setting.say.date(day), note=note)
            for day, said in zip(days, words, strict=True)
            for note in said.footnotes
        ),
        sources=tuple(source for said in words for source in said.sources),
        drawn=frozenset().union(*(said.drawn for said in words)),
        carried=frozenset().union(*(said.carried for said in words)),
        twins=tuple(
            replace(twin, caption=setting.say.say("key.dated", label=twin.caption, period=name))
            for name, said in zip((setting.say.date(day) for day in days), words, strict=True)
            for twin in said.twins
        ),
    )
    return marks, legend, together


def _figures(setting: Setting, layer: LayerSpec, group: str, day: date) -> GroupFigures:
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    return ask(setting, layer, group, measure=layer.measure, origin=origin, on=day)
