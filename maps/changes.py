"""What changed between two dates, unit by unit, and whether the two may be compared at all.

Two guards. On a base of few people no percentage is given: 3 more than 2 is not "150 %". And where
the source or the kind of figure changed, a difference would be one between two ways of counting:
a rise from registered to estimated people is no movement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo.counts import CountRow
from geo.terms import State
from maps.compose_figures import GroupFigures, ask, dates_of
from maps.compose_people import IN_PART, People, people_of
from maps.compose_rates import NO_POPULATION, refuse_other_bases
from maps.compose_setting import Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.spec import LayerSpec

__all__ = ["NOT_COMPARABLE", "SMALL_BASE", "Change", "Changes", "changes_of", "unlike"]

SMALL_BASE, NOT_COMPARABLE = "small_base", "not_comparable"
_LENGTH = 0.1  # by how much two periods may differ in length and still be compared


@dataclass(frozen=True, slots=True)
class Change:
    """One unit on two dates. ``value`` is per cent, or people per so many inhabitants; None where
    ``state`` is not "figure". ``why`` says what makes the two not comparable."""

    pcode: str
    before: CountRow | None
    after: CountRow | None
    value: float | None
    state: str
    why: str = ""

    @property
    def people(self) -> float | None:
        """How many more people, fewer below zero; None where the two may not be compared."""
        was, now = (row.value if row else None for row in (self.before, self.after))
        return None if was is None or now is None or self.why else now - was


@dataclass(frozen=True)
class Changes:
    """Every unit of the countries with figures on either date, in the order of P-codes."""

    first: date
    last: date
    before: GroupFigures
    after: GroupFigures
    people: People | None
    rows: tuple[Change, ...]


def changes_of(setting: Setting, layer: LayerSpec) -> Changes:
    """Return what changed between the layer's two dates, by default the latest two there are.

    Without ``per`` in per cent of the first date's figure; with it in people per ``per_unit``
    inhabitants, the same inhabitants on both dates.

    Raises
    ------
    NothingToDraw
        There are no figures of two dates.
    WouldMislead
        The two are of unlike units or periods, or no unit can be compared.
    """
    _refuse(setting, layer)
    first, last = _dates(setting, layer)
    before, after = (_on(setting, layer, day) for day in (first, last))
    _refuse_unlike_periods(setting, layer, before, after)
    people = people_of(setting, layer) if layer.per else None
    early = {row.pcode: row for row in before.rows}
    late = {row.pcode: row for row in after.rows}
    rows = tuple(
        _change(setting, layer, pcode, (early.get(pcode), late.get(pcode)), people)
        for pcode in sorted({*early, *late})
    )
    if all(each.value is None for each in rows):
        raise _nothing_comparable(setting, layer, rows, first, last)
    return Changes(first, last, before, after, people, rows)


def _refuse(setting: Setting, layer: LayerSpec) -> None:
    refuse_other_bases(setting, layer)
    where: dict[str, Any] = {"map_id": setting.spec.id, "layer": setting.layer_name(layer)}
    if len(layer.groups) != 1:
        raise WouldMislead(
            **where,
            why=f"a difference shows one group, not {len(layer.groups)}",
            todo="Name one group.",
        )
    if layer.dates and len(layer.dates) != 2:
        raise WouldMislead(
            **where,
            why=f"a difference is between two dates, not {len(layer.dates)}",
            todo="Give two dates, or none for the latest two.",
        )


def _dates(setting: Setting, layer: LayerSpec) -> tuple[date, date]:
    if layer.dates:
        first, last = sorted(layer.dates)
    else:
        there = dates_of(setting, layer, layer.groups[0])
        if len(there) < 2:
            raise NothingToDraw(
                map_id=setting.spec.id,
                layer=setting.layer_name(layer),
                asked=f"two dates of {layer.groups[0]} at level {layer.level}",
                there_is=f"only {there[0]}",
            )
        first, last = there[-2:]
    if first == last:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"{first} differs from itself by nothing",
            todo="Give two different dates.",
        )
    return first, last


def _on(setting: Setting, layer: LayerSpec, day: date) -> GroupFigures:
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    return ask(setting, layer, layer.groups[0], measure=layer.measure, origin=origin, on=day)


def _refuse_unlike_periods(
    setting: Setting, layer: LayerSpec, before: GroupFigures, after: GroupFigures
) -> None:
    """New arrivals of a month and of a year cannot be compared; nor two counts of unlike units."""
    where: dict[str, Any] = {"map_id": setting.spec.id, "layer": setting.layer_name(layer)}
    if before.unit != after.unit:
        raise WouldMislead(
            **where,
            why=f"one date counts {before.unit}, the other {after.unit}",
            todo="Choose dates that count alike.",
        )
    starts = {country.country: country for country in before.dated}
    for late in after.dated:
        early = starts.get(late.country)
        if early is None or late.measure == "stock":
            continue
        if late.measure == "cumulative" and early.start == late.start:
            continue
        spans = [(each.date - each.start).days + 1 for each in (early, late) if each.start]
        alike = len(spans) == 2 and abs(spans[0] - spans[1]) <= _LENGTH * max(spans)
        if late.measure == "cumulative" or not alike:
            say = setting.say
            raise WouldMislead(
                **where,
                why=f"the {late.measure} figures are of unlike periods: "
                f"{say.period(early.measure, early.start, early.date)}, and "
                f"{say.period(late.measure, late.start, late.date)}",
                todo="Choose two periods of the same length (cumulative: with the same start).",
            )


def _change(
    setting: Setting,
    layer: LayerSpec,
    pcode: str,
    both: tuple[CountRow | None, CountRow | None],
    people: People | None,
) -> Change:
    before, after = both
    was, now = (row.value if row else None for row in both)
    if before is None or after is None or was is None or now is None:
        silent = after if now is None else before
        state = silent.state if silent else State.NOT_REPORTED.value
        return Change(pcode, before, after, None, state)
    if not layer.comparable and (why := unlike(setting, before, after)):
        return Change(pcode, before, after, None, NOT_COMPARABLE, why)
    value, state = _value(layer, was, now, people.whole.get(pcode) if people else None)
    if state == NO_POPULATION and people and pcode in people.partly:
        state = IN_PART
    return Change(pcode, before, after, value, state)


def _value(
    layer: LayerSpec, was: float, now: float, people: float | None
) -> tuple[float | None, str]:
    """Return a change and its state; of nothing to nothing it is 0, however few they are.

    >>> _value(LayerSpec("difference", ("IDP",)), 200, 150, None)
    (-25.0, 'figure')
    >>> _value(LayerSpec("difference", ("IDP",)), 2, 5, None)
    (None, 'small_base')
    """
    if layer.per:
        if not people:
            return None, NO_POPULATION
        return (now - was) / people * layer.per_unit, State.FIGURE.value
    if was == now:
        return 0.0, State.FIGURE.value
    if was < layer.small_base:
        return None, SMALL_BASE
    return (now - was) / was * 100, State.FIGURE.value


def unlike(setting: Setting, before: CountRow, after: CountRow) -> str:
    """Say how two figures were come by differently; "" where they were not."""
    say = setting.say
    publishers = [
        sorted({s.publisher for each in row.sources if (s := setting.sources.get(each))})
        for row in (before, after)
    ]
    if publishers[0] != publishers[1]:
        early, late = (say.listed(names) for names in publishers)
        return say.say("difference.why.source", before=early, after=late)
    if before.kind and after.kind and before.kind != after.kind:
        early, late = (say.say(f"kind.{row.kind}") for row in (before, after))
        return say.say("difference.why.kind", before=early, after=late)
    return ""


def _nothing_comparable(
    setting: Setting, layer: LayerSpec, changes: Sequence[Change], first: date, last: date
) -> WouldMislead:
    reasons = sorted({each.why for each in changes if each.why})
    small = sum(each.state == SMALL_BASE for each in changes)
    why = f"of {len(changes)} units none can be compared between {first} and {last}"
    if reasons:
        why += f": {'; '.join(reasons)}"
        todo = 'Choose other dates, or say in comparable = "…" why the two count alike.'
    elif small:
        why += f": {small} had fewer than {layer.small_base} people"
        todo = 'Add per = "population" for a difference that needs no base, or use symbols.'
    else:
        todo = "Choose two dates that both have figures for the same units."
    return WouldMislead(map_id=setting.spec.id, layer=setting.layer_name(layer), why=why, todo=todo)
