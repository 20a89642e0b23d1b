"""Bands from a place to a place. What is not drawn is said: nothing falls off the map in silence.

A stock by origin says where people who are present come from; it is no movement, and the legend
says which it is. A stock at a place that holds other places of the same origin is no further band.
"""

from collections.abc import Sequence
from dataclasses import replace

from maps.compose_flow_ends import Turnover, at_map_scale, turnovers
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
from maps.flow_choice import balanced, largest_flows
from maps.palettes import group_colour
from maps.rounding import legend_sizes
from maps.scene import FlowLegend, FlowMark, GroupKey, Node, TableTwin
from maps.spec import LayerSpec, text_in

__all__ = ["compose_flows"]

_TOTALS = 8  # places whose totals are written out; the table beside the map has all
_LISTED = 4  # bands below the minimum are named one by one up to so many


def compose_flows(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[Node, ...], tuple[FlowMark, ...], FlowLegend, LayerWords]:
    """Return the nodes that bands end at, the bands (largest first), the legend and the words."""
    links = asked_links(setting, layer)
    links, fates, raised = at_map_scale(setting, layer, links, fates_of(setting, layer, links))
    drawn = [link for link, fate in zip(links, fates, strict=True) if fate == "drawn"]
    _refuse_mixed_units(setting, layer, drawn)
    marks, notes = _chosen(setting, layer, drawn)
    shown = {(mark.origin, mark.destination, mark.group, mark.measure) for mark in marks}
    fates = [
        "rest" if fate == "drawn" and not _ways(layer, link) & shown else fate
        for link, fate in zip(links, fates, strict=True)
    ]
    drawn = [link for link, fate in zip(links, fates, strict=True) if fate == "drawn"]
    if layer.layout == "tree":
        _refuse_many_roots(setting, layer, marks)
    if raised:
        notes.append(setting.say.say("note.flows.raised"))
    twins = [_twin(setting, layer, links, fates)]
    if layer.totals:
        people = turnovers(links, fates)
        notes += _totals(setting, people)
        twins.append(_totals_twin(setting, layer, links, people))
    ends = dict.fromkeys(end for mark in marks for end in (mark.origin, mark.destination))
    nodes = tuple(node for end in sorted(ends) if (node := node_at(setting, end)) is not None)
    words = LayerWords(
        alt=_alt(setting, marks),
        footnotes=(*_footnotes(setting, layer, links, fates), *notes),
        dated=_dated(setting, drawn),
        sources=tuple(
            source
            for link, fate in zip(links, fates, strict=True)
            if fate not in ("total", "earlier")
            for source in link.sources
        ),
        drawn=frozenset(units_of(setting, ends)),
        twins=tuple(twins),
    )
    return nodes, marks, _legend(setting, layer, drawn, marks), words


def _refuse_mixed_units(setting: Setting, layer: LayerSpec, drawn: Sequence[Link]) -> None:
    units = sorted({link.unit for link in drawn})
    if len(units) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"bands of {' and '.join(units)} cannot share a legend",
            todo="Make a layer, or a map, for each of them.",
        )


def _refuse_many_roots(setting: Setting, layer: LayerSpec, marks: Sequence[FlowMark]) -> None:
    origins = {mark.origin for mark in marks}
    if min(len(origins), len({mark.destination for mark in marks})) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"a tree has one root, and these bands come from {len(origins)} places to several",
            todo='Narrow the layer with origin = "…", or leave layout out.',
        )


# --- which bands there are ------------------------------------------------------------------------


def _ways(layer: LayerSpec, link: Link) -> set[tuple[str, str, str, str]]:
    """Return what a band of this link may be: its own way, or the way back that it is weighed with."""
    way = (link.origin, link.destination, link.group, link.measure)
    back = (link.destination, link.origin, link.group, link.measure)
    return {way} if layer.balance == "two-way" else {way, back}


def _chosen(
    setting: Setting, layer: LayerSpec, drawn: Sequence[Link]
) -> tuple[tuple[FlowMark, ...], list[str]]:
    """Return the bands, largest first, as the layer balances and limits them, and what that hides."""
    say = setting.say
    plain = tuple(
        FlowMark(
            origin=link.origin,
            destination=link.destination,
            group=link.group,
            measure=link.measure,
            value=link.value,
            colour=group_colour(link.group),
            label=say.number(link.value, link.qualifier),
            text=_text(setting, link),
        )
        for link in drawn
    )
    if layer.balance == "net" and any(mark.measure == "stock" for mark in plain):
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why="people present by origin cannot be balanced: those who left A for B and those who "
            "left B for A are all still away",
            todo='Write balance = "gross", or leave it out.',
        )
    ways: dict[object, list[FlowMark]] = {}
    for mark in plain:
        ways.setdefault(_pair(mark), []).append(mark)
    marks = [
        _balanced_text(setting, layer, mark, ways[_pair(mark)])
        for mark in balanced(plain, layer.balance, say.number)
    ]
    notes = []
    uneven = {_pair(mark) for mark in marks}
    even = [mark.text for mark in plain if _pair(mark) not in uneven]
    if even:
        notes.append(say.say("note.flows.balanced", items=say.joined(even)))
    kept, rest = largest_flows(marks, layer.most)
    if rest.count:
        note = say.say(
            "note.flows.rest",
            kept=say.number(len(kept)),
            others=say.number(rest.count),
            number=say.number(rest.value),
            share=say.rate(100 * rest.share),
        )
        notes.append(note)
    return kept, notes


def _pair(mark: FlowMark) -> object:
    """Return what the two ways between places have in common."""
    return (mark.group, mark.measure, frozenset((mark.origin, mark.destination)))


def _balanced_text(
    setting: Setting, layer: LayerSpec, mark: FlowMark, ways: Sequence[FlowMark]
) -> FlowMark:
    """Say on a band that stands for both ways what each of them was."""
    if layer.balance == "two-way" or len(ways) < 2:
        return mark
    say = setting.say
    text = say.say(
        f"flows.text.{layer.balance}",
        origin=setting.name(mark.origin),
        destination=setting.name(mark.destination),
        number=mark.label,
        ways=say.joined(way.text for way in ways),
    )
    return replace(mark, text=text)


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


def _legend(
    setting: Setting, layer: LayerSpec, drawn: Sequence[Link], marks: Sequence[FlowMark]
) -> FlowLegend:
    say = setting.say
    maximum = max((mark.value for mark in marks), default=0.0)
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
        subtitle=say.joined(
            say.say(f"flows.subtitle.{word}") for word in (kind, layer.balance) if word != "two-way"
        ),
        sizes=sizes,
        labels=tuple(say.number(size) for size in sizes),
        maximum=maximum,
        keys=tuple(keys),
        tree=layer.layout == "tree",
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


def _alt(setting: Setting, marks: Sequence[FlowMark]) -> tuple[str, ...]:
    if not marks:
        return ()
    return (setting.say.say("alt.flows", count=len(marks), largest=marks[0].text),)


def _totals(setting: Setting, people: Sequence[Turnover]) -> list[str]:
    """Say of the places with most people who came, left and stayed, a sentence for each kind."""
    say = setting.say
    notes = []
    for group, measure in dict.fromkeys((row.group, row.measure) for row in people):
        mine = [row for row in people if (row.group, row.measure) == (group, measure)]
        items = [
            say.say(
                "flows.total",
                name=setting.name(row.place),
                arrived=say.number(row.arrived),
                left=say.number(row.left),
                within=say.number(row.within),
            )
            for row in mine[:_TOTALS]
        ]
        title = say.say(f"flows.{measure}", group=say.group(group))
        notes.append(say.say("note.flows.totals", group=title, items=say.joined(items)))
    return notes


def _totals_twin(
    setting: Setting, layer: LayerSpec, links: Sequence[Link], people: Sequence[Turnover]
) -> TableTwin:
    say = setting.say
    groups = say.listed([say.group(group) for group in dict.fromkeys(x.group for x in links)])
    title = text_in(layer.title, say.lang) or groups
    return TableTwin(
        caption=say.say("twin.totals", title=title),
        columns=tuple(
            say.say(f"twin.{key}") for key in ("place", "group", "arrived", "left", "within")
        ),
        rows=tuple(
            (
                setting.name(row.place),
                say.say(f"flows.{row.measure}", group=say.group(row.group)),
                *(say.number(value) for value in (row.arrived, row.left, row.within)),
            )
            for row in people
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
