"""Bands from a place to a place. What is not drawn is said: nothing falls off the map in silence.

A stock by origin says where people who are present come from; it is no movement, and the legend
says which it is. A stock at a place that holds other places of the same origin is no further band.
"""

from collections.abc import Sequence

from maps.compose_bands import decided_flows, flow_ends, flow_text, nodes_at
from maps.compose_flow_ends import Turnover, turnovers
from maps.compose_links import Fate, Link, country_of_end, units_of
from maps.compose_setting import Dated, LayerWords, Setting
from maps.errors import WouldMislead
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
    decided = decided_flows(setting, layer)
    links, fates, marks = decided.links, decided.fates, decided.marks
    if layer.layout == "tree":
        _refuse_many_roots(setting, layer, marks)
    notes = list(decided.notes)
    twins = [_twin(setting, layer, links, fates)]
    if layer.totals:
        people = turnovers(links, fates)
        notes += _totals(setting, people)
        twins.append(_totals_twin(setting, layer, links, people))
    ends = flow_ends(marks)
    words = LayerWords(
        alt=_alt(setting, marks),
        footnotes=(*_footnotes(setting, layer, links, fates), *notes),
        dated=_dated(setting, decided.drawn),
        sources=tuple(
            source
            for link, fate in zip(links, fates, strict=True)
            if fate not in ("total", "earlier")
            for source in link.sources
        ),
        drawn=frozenset(units_of(setting, ends)),
        twins=tuple(twins),
    )
    return nodes_at(setting, ends), marks, _legend(setting, layer, decided.drawn, marks), words


def _refuse_many_roots(setting: Setting, layer: LayerSpec, marks: Sequence[FlowMark]) -> None:
    origins = {mark.origin for mark in marks}
    if min(len(origins), len({mark.destination for mark in marks})) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"a tree has one root, and these bands come from {len(origins)} places to several",
            todo='Narrow the layer with origin = "…", or leave layout out.',
        )


# --- what a band looks like -----------------------------------------------------------------------


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
    between: dict[tuple[str, ...], float] = {}
    for link in drawn:
        ends = (country_of_end(setting, link.origin), country_of_end(setting, link.destination))
        if ends[0] != ends[1]:
            key = (*ends, link.group, link.measure)
            between[key] = between.get(key, 0.0) + link.value
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
        widest=max(between.values(), default=0.0),
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
        return say.joined(flow_text(setting, link) for link in by_fate[fate])

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
            items = say.joined(flow_text(setting, link) for link in mine)
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
