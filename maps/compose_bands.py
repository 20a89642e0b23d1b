"""Which bands a flow layer has: its rows decided, balanced and limited, and what that hides said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from maps.compose_flow_ends import at_map_scale
from maps.compose_links import Fate, Link, asked_links, fates_of, node_at
from maps.compose_setting import Setting
from maps.errors import WouldMislead
from maps.flow_choice import balanced, largest_flows
from maps.palettes import group_colour
from maps.scene import FlowMark, Node
from maps.spec import LayerSpec

__all__ = ["DecidedFlows", "decided_flows", "flow_ends", "flow_text", "nodes_at", "ways"]


@dataclass(frozen=True)
class DecidedFlows:
    """Which bands a layer has, and the fate of each of its rows (or of rows added up).

    ``marks`` are the bands, largest first; ``notes`` say what balancing and limiting them hides.
    """

    links: tuple[Link, ...]
    fates: tuple[Fate, ...]
    marks: tuple[FlowMark, ...]
    notes: tuple[str, ...]

    @property
    def drawn(self) -> list[Link]:
        """The rows that the bands are made of."""
        return [link for link, fate in zip(self.links, self.fates, strict=True) if fate == "drawn"]


def decided_flows(
    setting: Setting, layer: LayerSpec, *, widest: int | None = None, unit: str | None = None
) -> DecidedFlows:
    """Decide the bands of a layer; with ``widest`` as they are seen from farther away.

    With ``unit`` only rows that count in it are drawn: others, too small to be drawn from near, may
    add up from afar. Raises `NothingToDraw` and `WouldMislead` as `compose_flows` does.
    """
    links = asked_links(setting, layer)
    fates = fates_of(setting, layer, links)
    links, fates, raised = at_map_scale(setting, layer, links, fates, widest=widest)
    if unit is not None:
        fates = [
            "below" if fate == "drawn" and link.unit != unit else fate
            for link, fate in zip(links, fates, strict=True)
        ]
    drawn = [link for link, fate in zip(links, fates, strict=True) if fate == "drawn"]
    _refuse_mixed_units(setting, layer, drawn)
    marks, notes = _chosen(setting, layer, drawn)
    shown = {(mark.origin, mark.destination, mark.group, mark.measure) for mark in marks}
    fates = [
        "rest" if fate == "drawn" and not ways(layer, link) & shown else fate
        for link, fate in zip(links, fates, strict=True)
    ]
    if raised:
        notes.append(setting.say.say("note.flows.raised"))
    return DecidedFlows(tuple(links), tuple(fates), marks, tuple(notes))


def flow_ends(marks: Sequence[FlowMark]) -> list[str]:
    """Return the places that bands begin or end at, in order."""
    return sorted({end for mark in marks for end in (mark.origin, mark.destination)})


def nodes_at(setting: Setting, ends: Sequence[str]) -> tuple[Node, ...]:
    """Return the ends of bands that have a position."""
    return tuple(node for end in ends if (node := node_at(setting, end)) is not None)


def _refuse_mixed_units(setting: Setting, layer: LayerSpec, drawn: Sequence[Link]) -> None:
    units = sorted({link.unit for link in drawn})
    if len(units) > 1:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"bands of {' and '.join(units)} cannot share a legend",
            todo="Make a layer, or a map, for each of them.",
        )


def ways(layer: LayerSpec, link: Link) -> set[tuple[str, str, str, str]]:
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
            text=flow_text(setting, link),
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


def flow_text(setting: Setting, link: Link) -> str:
    """Return what a band says: who, from where, to where, when."""
    say = setting.say
    return say.say(
        "flows.text.stock" if link.measure == "stock" else "flows.text.movement",
        origin=setting.name(link.origin),
        destination=setting.name(link.destination),
        counted=say.counted(link.group, link.value, link.qualifier),
        period=say.period(link.measure, link.start, link.date),
    )
