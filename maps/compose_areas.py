"""Areas shaded by a rate. A count is never shaded: large areas would look worse off than small ones."""

from collections.abc import Sequence
from typing import Any

from geo.counts import CountRow
from maps.compose_figures import figure_footnotes
from maps.compose_people import IN_PART, partly_cell, partly_footnotes
from maps.compose_rates import Shades, UnitRates, rates_of, shades_of
from maps.compose_setting import LayerWords, Setting
from maps.errors import WouldMislead
from maps.palettes import ZERO_COLOUR, empty_colour
from maps.rate_words import base_cell, columns, explained, layer_title, said, written
from maps.scene import AreaFill, ChoroplethLegend, TableTwin
from maps.spec import LayerSpec

__all__ = [
    "area_fills",
    "area_legend",
    "compose_areas",
    "empty_keys",
    "people_footnotes",
    "refuse_counts",
]

_EMPTY = (
    *("not_reported", "not_assessed", "suppressed", "out_of_scope"),
    *("no_population", IN_PART, "none_displaced", "not_comparable", "small_base"),
)
"""In the order of the legend: what nobody knows first, then what cannot be worked out."""


def compose_areas(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[AreaFill, ...], ChoroplethLegend, LayerWords]:
    """Return the fills, the legend and the words of a choropleth.

    Every unit of the countries that have figures is filled: one without a figure, or without
    inhabitants to relate it to, in the colour of its kind of emptiness.
    """
    refuse_counts(setting, layer)
    rates = rates_of(setting, layer, layer.groups[0])
    shades = shades_of(setting, layer, rates.values)
    fills = area_fills(setting, layer, rates, shades)
    title = layer_title(setting, layer)
    figures = rates.figures
    subtitle = explained(
        setting,
        layer,
        "choropleth.subtitle",
        rates.inhabitants,
        group=setting.say.group(figures.group),
        period=figures.period(setting),
    )
    words = LayerWords(
        alt=_alt(setting, layer, title, fills),
        footnotes=(*figure_footnotes(setting, [figures]), *people_footnotes(setting, [rates])),
        dated=figures.dated,
        sources=rates.sources,
        drawn=frozenset(fill.pcode for fill in fills),
        carried=figures.carried,
        twins=(_twin(setting, layer, title, rates, fills),),
    )
    legend = area_legend(setting, layer, subtitle, shades, fills)
    return fills, legend, words


def people_footnotes(setting: Setting, several: Sequence[UnitRates]) -> tuple[str, ...]:
    """Say where there is no rate because only a part of the inhabitants is known."""
    partly = {pcode: parts for rates in several for pcode, parts in rates.partly.items()}
    without = {
        row.pcode
        for rates in several
        for row, state in zip(rates.rows, rates.states, strict=True)
        if state == IN_PART
    }
    return partly_footnotes(setting, partly, without)


def area_fills(
    setting: Setting, layer: LayerSpec, rates: UnitRates, shades: Shades
) -> tuple[AreaFill, ...]:
    """Return the units in the colours of their classes."""
    shapes = setting.shapes
    return tuple(
        AreaFill(
            pcode=row.pcode,
            name=setting.name(row.pcode),
            geometry=shapes[row.pcode],
            value=float(value) if state == "figure" else None,
            count=row.value if state == "figure" else None,
            state=state,
            klass=shades.klass(value),
            colour=shades.colour(value, state),
            text=_text(setting, layer, rates, row, state, float(value)),
        )
        for row, value, state in zip(rates.rows, rates.values, rates.states, strict=True)
    )


def area_legend(
    setting: Setting, layer: LayerSpec, subtitle: str, shades: Shades, fills: Sequence[AreaFill]
) -> ChoroplethLegend:
    """Explain the classes, and the kinds of emptiness that occur."""
    return ChoroplethLegend(
        title=layer_title(setting, layer),
        subtitle=subtitle,
        upper=shades.breaks.upper,
        colours=shades.colours,
        labels=shades.labels(setting, layer),
        empty=empty_keys(setting, fills),
        zero=(ZERO_COLOUR, setting.say.say("class.zero")) if shades.apart else None,
    )


def empty_keys(setting: Setting, fills: Sequence[AreaFill]) -> tuple[tuple[str, str, str], ...]:
    """Return (state, colour, label) of each kind of emptiness that occurs."""
    there = sorted({fill.state for fill in fills} - {"figure"}, key=_EMPTY.index)
    return tuple((state, empty_colour(state), setting.say.say(f"state.{state}")) for state in there)


def refuse_counts(setting: Setting, layer: LayerSpec) -> None:
    """Raise `WouldMislead` where a layer would shade counts, or more than can be told apart."""
    where: dict[str, Any] = {"map_id": setting.spec.id, "layer": setting.layer_name(layer)}
    if layer.per is None:
        raise WouldMislead(
            **where,
            why="a choropleth of counts shades large areas as if more people were affected there",
            todo='Add per = "population" (or "area", "displaced") to show a rate, or '
            'kind = "symbols" to show the counts.',
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


def _text(  # noqa: PLR0917 - one row of three parallel lists
    setting: Setting, layer: LayerSpec, rates: UnitRates, row: CountRow, state: str, value: float
) -> str:
    say, name = setting.say, setting.name(row.pcode)
    counted = (
        say.counted(layer.groups[0], row.value, row.qualifier) if row.value is not None else ""
    )
    if state == "figure":
        return said(
            setting,
            layer,
            place=name,
            rate=written(say, layer.per, value, about=row.pcode in rates.about),
            counted=counted,
            base=rates.base[row.pcode],
        )
    empty = say.say(f"state.{state}")
    return say.say(
        "fill.empty", name=name, state=say.joined([counted, empty]) if counted else empty
    )


def _alt(
    setting: Setting, layer: LayerSpec, title: str, fills: tuple[AreaFill, ...]
) -> tuple[str, ...]:
    say = setting.say
    known = sorted((fill.value, fill.pcode, fill) for fill in fills if fill.value is not None)
    missing = [fill.name for fill in fills if fill.value is None]
    lines = []
    if known:
        low, high = known[0][2], known[-1][2]
        facts: dict[str, Any] = {
            "title": title,
            "high": written(say, layer.per, known[-1][0]),
            "high_place": high.name,
            "low": written(say, layer.per, known[0][0]),
            "low_place": low.name,
        }
        lines.append(say.say("alt.choropleth" if len(known) > 1 else "alt.single", **facts))
    if missing:
        lines.append(say.say("alt.missing", places=say.listed(missing)))
    return tuple(lines)


def _twin(
    setting: Setting,
    layer: LayerSpec,
    title: str,
    rates: UnitRates,
    fills: tuple[AreaFill, ...],
) -> TableTwin:
    say, figures = setting.say, rates.figures
    rows = [
        (
            setting.name(row.pcode),
            row.pcode,
            say.number(row.value, row.qualifier)
            if row.value is not None
            else say.say(f"state.{row.state}"),
            partly_cell(setting, rates.partly[row.pcode])
            if row.pcode in rates.partly
            else base_cell(setting, layer, rates.base.get(row.pcode)),
            written(say, layer.per, fill.value, about=row.pcode in rates.about)
            if fill.value is not None
            else say.say(f"state.{fill.state}"),
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
            *columns(setting, layer),
        ),
        rows=tuple(rows),
    )
