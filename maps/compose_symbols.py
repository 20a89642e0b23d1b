"""Counts as circles, one for each group at a place. Not reported draws nothing; zero is a figure."""

from geo.counts import CountRow
from maps.compose_figures import GroupFigures, ask, figure_footnotes, group_keys
from maps.compose_setting import LayerWords, Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import group_colour
from maps.rounding import legend_sizes
from maps.scene import SymbolLegend, SymbolMark, SymbolPart, TableTwin
from maps.spec import LayerSpec, text_in

__all__ = ["asked_figures", "compose_symbols"]


def compose_symbols(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[SymbolMark, ...], SymbolLegend, LayerWords]:
    """Return a mark for each unit with a figure of any of the groups, the legend and the words.

    A zero is a part with value 0: it has no circle, but it is said. The groups are never added:
    they may be measured in different ways, and a person may be in two of them.
    """
    say = setting.say
    if not layer.groups:
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked="no group",
            there_is=", ".join(sorted(set(setting.released.figures["group"]))),
        )
    asked = asked_figures(setting, layer)
    units = {each.unit for each in asked}
    if len(units) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"circles of {' and '.join(sorted(units))} cannot share a legend",
            todo="Make a layer, or a map, for each of them.",
        )
    found = {figures.group: {row.pcode: row for row in figures.rows} for figures in asked}
    pcodes = sorted({pcode for rows in found.values() for pcode in rows})
    marks = tuple(
        mark for pcode in pcodes if (mark := _mark(setting, pcode, layer.groups, found)) is not None
    )
    values = [part.value for mark in marks for part in mark.parts]
    maximum = max(values, default=0.0)
    sizes = legend_sizes(maximum)
    legend = SymbolLegend(
        title=text_in(layer.title, say.lang) or say.say(f"unit.{units.pop()}"),
        subtitle=say.say("symbols.subtitle"),
        sizes=sizes,
        labels=tuple(say.number(size) for size in sizes),
        maximum=maximum,
        keys=group_keys(setting, asked),
        widest=_widest(asked) if layer.level else 0.0,
    )
    words = LayerWords(
        alt=tuple(_alt(setting, figures) for figures in asked),
        footnotes=figure_footnotes(setting, asked),
        dated=tuple(each for figures in asked for each in figures.dated),
        sources=tuple(source for figures in asked for source in figures.sources),
        drawn=frozenset(mark.place for mark in marks),
        carried=frozenset(code for figures in asked for code in figures.carried),
        twins=(_twin(setting, legend, asked, found, pcodes),),
    )
    return marks, legend, words


def asked_figures(setting: Setting, layer: LayerSpec) -> list[GroupFigures]:
    """Return the figures of each of the layer's groups; raises as `compose_figures.ask` does."""
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    return [
        ask(setting, layer, group, measure=layer.measure, origin=origin, on=layer.date)
        for group in layer.groups
    ]


def _widest(asked: list[GroupFigures]) -> float:
    answers = [answer for figures in asked for _, answer in figures.answers]
    return max((max(a.total, a.stated_total or 0.0) for a in answers), default=0.0)


def _mark(
    setting: Setting,
    pcode: str,
    groups: tuple[str, ...],
    found: dict[str, dict[str, CountRow]],
) -> SymbolMark | None:
    say = setting.say
    parts, items = [], []
    for group in groups:
        row = found[group].get(pcode)
        if row is None:  # the group has no figures in this country at all
            continue
        if row.value is None:
            state = say.say(f"state.{row.state}")
            items.append(say.say("fill.empty", name=say.group(group), state=state))
            continue
        parts.append(
            SymbolPart(group, row.value, group_colour(group), say.number(row.value, row.qualifier))
        )
        items.append(say.counted(group, row.value, row.qualifier))
    if not parts:
        return None
    name = setting.name(pcode)
    lon, lat = setting.places.unit(pcode).label_point
    text = say.say("symbols.text", name=name, items=say.joined(items))
    return SymbolMark(pcode, name, lon, lat, tuple(parts), text)


def _alt(setting: Setting, figures: GroupFigures) -> str:
    say = setting.say
    known = [(row.value, row.pcode) for row in figures.rows if row.value]
    known.sort(key=lambda each: (-each[0], each[1]))
    places = [
        say.say("alt.item", name=setting.name(pcode), number=say.number(value))
        for value, pcode in known[:3]
    ]
    return say.say(
        "alt.symbols",
        group=say.group(figures.group),
        period=figures.period(setting),
        total=say.number(figures.total),
        places=say.listed(places) or "–",
    )


def _has_figure(found: dict[str, dict[str, CountRow]], pcode: str) -> bool:
    return any(pcode in rows and rows[pcode].value is not None for rows in found.values())


def _twin(
    setting: Setting,
    legend: SymbolLegend,
    asked: list[GroupFigures],
    found: dict[str, dict[str, CountRow]],
    pcodes: list[str],
) -> TableTwin:
    say = setting.say

    def cell(group: str, pcode: str) -> str:
        row = found[group].get(pcode)
        if row is None:
            return say.say("state.not_reported")
        if row.value is None:
            return say.say(f"state.{row.state}")
        return say.number(row.value, row.qualifier)

    rows = [
        (setting.name(pcode), pcode, *(cell(each.group, pcode) for each in asked))
        for pcode in pcodes
        if setting.country_of(pcode) == setting.focus or _has_figure(found, pcode)
    ]
    if any(each.unplaced for each in asked):
        unplaced = (say.number(each.unplaced) for each in asked)
        rows.append((say.say("twin.unplaced"), "", *unplaced))
    totals = (say.number(each.total + each.unplaced) for each in asked)
    rows.append((say.say("twin.total"), "", *totals))
    return TableTwin(
        caption=legend.title,
        columns=(
            say.say("twin.place"),
            say.say("twin.code"),
            *(key.label for key in legend.keys),
        ),
        rows=tuple(rows),
    )
