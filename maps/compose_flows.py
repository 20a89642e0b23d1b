"""Bands from a place to a place. What is not drawn is said: nothing falls off the map in silence.

A stock by origin says where people who are present come from; it is no movement, and the legend
says which it is. A stock at a place that holds other places of the same origin is no further band.
"""

from collections.abc import Sequence

from maps.compose_links import (
    Fate,
    Link,
    asked_links,
    country_of_end,
    fates_of,
    node_at,
    units_of,
)
from maps.compose_setting import Dated, LayerWords, Setting
from maps.errors import WouldMislead
from maps.palettes import group_colour
from maps.rounding import legend_sizes
from maps.scene import FlowLegend, FlowMark, GroupKey, Node, TableTwin
from maps.spec import LayerSpec, text_in

__all__ = ["compose_flows"]

_LISTED = 4  # bands below the minimum are named one by one up to so many


def compose_flows(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[Node, ...], tuple[FlowMark, ...], FlowLegend, LayerWords]:
    """Return the nodes that bands end at, the bands (largest first), the legend and the words."""
    links = asked_links(setting, layer)
    fates = fates_of(setting, layer, links)
    drawn = [link for link, fate in zip(links, fates, strict=True) if fate == "drawn"]
    drawn.sort(key=lambda each: (-each.value, each.origin, each.destination, each.group))
    _refuse_mixed_units(setting, layer, drawn)
    marks = tuple(
        FlowMark(
            origin=link.origin,
            destination=link.destination,
            group=link.group,
            measure=link.measure,
            value=link.value,
            colour=group_colour(link.group),
            label=setting.say.number(link.value, link.qualifier),
            text=_text(setting, link),
        )
        for link in drawn
    )
    ends = dict.fromkeys(end for link in drawn for end in (link.origin, link.destination))
    nodes = tuple(node for end in sorted(ends) if (node := node_at(setting, end)) is not None)
    words = LayerWords(
        alt=_alt(setting, drawn),
        footnotes=tuple(_footnotes(setting, layer, links, fates)),
        dated=_dated(setting, drawn),
        sources=tuple(
            source
            for link, fate in zip(links, fates, strict=True)
            if fate not in ("total", "earlier")
            for source in link.sources
        ),
        drawn=frozenset(units_of(setting, ends)),
        twins=(_twin(setting, layer, links, fates),),
    )
    return nodes, marks, _legend(setting, layer, drawn), words


def _refuse_mixed_units(setting: Setting, layer: LayerSpec, drawn: Sequence[Link]) -> None:
    units = sorted({link.unit for link in drawn})
    if len(units) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"bands of {' and '.join(units)} cannot share a legend",
            todo="Make a layer, or a map, for each of them.",
        )


# --- what a band looks like -----------------------------------------------------------------------


def _text(setting: Setting, link: Link) -> str:
    say = setting.say
    return say.say(
        "flows.text.stock" if link.measure == "stock" else "flows.text.movement",
        origin=setting.name(link.origin),
        destination=setting.name(link.destination),
        counted=say.counted(link.group, link.value, link.qualifier),
        period=say.period(link.measure, link.start, link.date),
    )


def _legend(setting: Setting, layer: LayerSpec, drawn: Sequence[Link]) -> FlowLegend:
    say = setting.say
    maximum = max((link.value for link in drawn), default=0.0)
    sizes = legend_sizes(maximum)
    kinds = {"stock" if link.measure == "stock" else "movement" for link in drawn}
    kind = "both" if len(kinds) > 1 else next(iter(kinds), "stock")
    keys = []
    for group, measure in dict.fromkeys((link.group, link.measure) for link in drawn):
        mine = [link for link in drawn if (link.group, link.measure) == (group, measure)]
        latest = max(mine, key=lambda each: each.date)
        mixed = "*" if len({(link.start, link.date) for link in mine}) > 1 else ""
        label = say.say(f"flows.{measure}", group=say.group(group))
        period = say.period(measure, latest.start, latest.date) + mixed
        keys.append(
            GroupKey(group, group_colour(group), say.say("key.dated", label=label, period=period))
        )
    unit = next((link.unit for link in drawn), "persons")
    return FlowLegend(
        title=text_in(layer.title, say.lang) or say.say(f"unit.{unit}"),
        subtitle=say.say(f"flows.subtitle.{kind}"),
        sizes=sizes,
        labels=tuple(say.number(size) for size in sizes),
        maximum=maximum,
        keys=tuple(keys),
    )


# --- what is said beside --------------------------------------------------------------------------


def _footnotes(
    setting: Setting, layer: LayerSpec, links: Sequence[Link], fates: Sequence[Fate]
) -> list[str]:
    say = setting.say
    by_fate: dict[str, list[Link]] = {}
    for link, fate in zip(links, fates, strict=True):
        by_fate.setdefault(fate, []).append(link)

    def items(fate: Fate) -> str:
        return say.joined(_text(setting, link) for link in by_fate[fate])

    notes = []
    # A later or earlier stock replaces another; a movement of another time is one more event.
    for fate in ("after", "earlier"):
        by_fate[fate] = [link for link in by_fate.get(fate, ()) if link.measure != "stock"]
    if by_fate["after"]:
        day = say.date(setting.as_of)
        notes.append(say.say("note.flows.after", date=day, items=items("after")))
    notes += [
        say.say(
            "note.flows.rival",
            origin=setting.name(link.origin),
            destination=setting.name(link.destination),
            number=say.number(link.value, link.qualifier),
            source=say.joined(setting.source_line(each) for each in link.sources),
        )
        for link in by_fate.get("beside", ())
    ]
    notes += [
        say.say(f"note.flows.{fate}", items=items(fate))
        for fate in ("unknown", "unplaced", "earlier")
        if by_fate.get(fate)
    ]
    notes += [
        say.say(
            "note.flows.within",
            counted=say.counted(link.group, link.value, link.qualifier),
            name=setting.name(link.origin),
        )
        for link in by_fate.get("within", ())
    ]
    notes += _small(setting, layer, by_fate.get("below", []))
    return notes


def _small(setting: Setting, layer: LayerSpec, small: Sequence[Link]) -> list[str]:
    """Say the bands under the layer's minimum: by name where few, else their number and sum."""
    say = setting.say
    notes = []
    minimum = say.number(max(layer.minimum, 1))
    for group, measure in dict.fromkeys((link.group, link.measure) for link in small):
        mine = [link for link in small if (link.group, link.measure) == (group, measure)]
        if len(mine) <= _LISTED:
            items = say.joined(_text(setting, link) for link in mine)
            notes.append(say.say("note.flows.below", minimum=minimum, items=items))
        else:
            people = say.counted(group, sum(link.value for link in mine))
            notes.append(
                say.say("note.flows.below.many", count=len(mine), minimum=minimum, people=people)
            )
    return notes


def _dated(setting: Setting, drawn: Sequence[Link]) -> tuple[Dated, ...]:
    found = {
        Dated(country, link.group, link.measure, link.start, link.date): None
        for link in drawn
        if (country := country_of_end(setting, link.destination)) in setting.countries
    }
    return tuple(found)


def _alt(setting: Setting, drawn: Sequence[Link]) -> tuple[str, ...]:
    if not drawn:
        return ()
    say = setting.say
    return (
        say.say(
            "alt.flows",
            count=len(drawn),
            largest=_text(setting, drawn[0]),
        ),
    )


def _twin(
    setting: Setting, layer: LayerSpec, links: Sequence[Link], fates: Sequence[Fate]
) -> TableTwin:
    say = setting.say
    rows = []
    for link, fate in sorted(
        zip(links, fates, strict=True),
        key=lambda each: (each[1] != "drawn", -each[0].value, each[0].origin, each[0].destination),
    ):
        if fate == "total":
            continue
        rows.append(
            (
                setting.name(link.origin),
                setting.name(link.destination),
                say.group(link.group),
                say.period(link.measure, link.start, link.date),
                say.number(link.value, link.qualifier),
                say.say("twin.yes" if fate == "drawn" else "twin.no"),
            )
        )
    return TableTwin(
        caption=text_in(layer.title, say.lang)
        or say.listed([say.group(group) for group in dict.fromkeys(link.group for link in links)]),
        columns=tuple(
            say.say(f"twin.{key}") for key in ("from", "to", "group", "when", "people", "on_map")
        ),
        rows=tuple(rows),
    )
