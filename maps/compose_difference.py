"""A difference between two dates on the map: less in one hue, more in another, no change white.

What may not be compared is hatched, never drawn as a change (`maps.changes` has the two guards).
Every unit's change is written beside its name too, with its sign: grey print shows no hue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.counts import CountRow
from geo.terms import State
from maps.changes import SMALL_BASE, Change, Changes, changes_of, unlike
from maps.classes import NO_DATA, ClassBreaks, class_breaks, most_classes
from maps.compose_areas import empty_keys
from maps.compose_figures import GroupFigures, figure_footnotes
from maps.compose_people import IN_PART, partly_footnotes
from maps.compose_setting import LayerWords, Setting
from maps.errors import WouldMislead
from maps.messages import Messages
from maps.palettes import DIVERGING, ZERO_COLOUR, diverging, empty_colour
from maps.rate_words import denominator
from maps.scene import AreaFill, ChoroplethLegend, TableTwin
from maps.spec import LayerSpec, text_in

__all__ = ["change_labels", "compose_difference"]

_MOST = 4  # classes on one side of zero


def compose_difference(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[AreaFill, ...], ChoroplethLegend, LayerWords]:
    """Return the fills, the legend and the words of a difference; raises as `changes_of` does."""
    changes = changes_of(setting, layer)
    values = np.array([np.nan if row.value is None else row.value for row in changes.rows])
    classes = _classes(setting, layer, values)
    fills = tuple(_fill(setting, layer, row, classes, changes) for row in changes.rows)
    say = setting.say
    group, number = say.group(layer.groups[0]), say.number(layer.per_unit)
    key = "difference.title.rate" if layer.per else "difference.title.percent"
    title = text_in(layer.title, say.lang) or say.say(key, group=group, number=number)
    before, after = changes.before, changes.after
    inhabitants = changes.people.figures if changes.people else None
    subtitle = say.say(
        "difference.subtitle", before=_when(setting, before), after=_when(setting, after)
    )
    if inhabitants:
        told = denominator(setting, inhabitants)
        subtitle = say.say("difference.subtitle.rate", text=subtitle, denominator=told)
    some_unchanged = bool((values == 0).any()) and classes.breaks.upper != (0.0,)
    legend = ChoroplethLegend(
        title=title,
        subtitle=subtitle,
        upper=classes.breaks.upper,
        colours=classes.colours,
        labels=classes.labels,
        empty=empty_keys(setting, fills),
        zero=(ZERO_COLOUR, say.say("difference.none")) if some_unchanged else None,
    )
    asked = (before, after, *((inhabitants,) if inhabitants else ()))
    words = LayerWords(
        alt=_alt(setting, layer, title, changes.rows),
        footnotes=(
            *_guard_notes(setting, layer, changes.rows),
            *figure_footnotes(setting, [before, after]),
            *_without_people(setting, changes),
        ),
        sources=tuple(source for figures in asked for source in figures.sources),
        drawn=frozenset(fill.pcode for fill in fills),
        carried=before.carried | after.carried,
        twins=(_twin(setting, layer, title, changes),),
    )
    return fills, legend, words


def change_labels(
    setting: Setting, layer: LayerSpec, fills: Sequence[AreaFill]
) -> Mapping[str, str]:
    """Return what stands beside a unit's name, by P-code."""
    return {
        fill.pcode: _signed(setting.say, fill.value, percent=layer.per is None)
        for fill in fills
        if fill.value is not None
    }


# --- classes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Classes:
    breaks: ClassBreaks
    colours: tuple[str, ...]
    labels: tuple[str, ...]


def _classes(setting: Setting, layer: LayerSpec, values: NDArray[np.float64]) -> _Classes:
    """Return signed classes with the same bounds on both sides of zero.

    As everywhere a value equal to an upper bound belongs to the class below it; on the lesser side
    that is the larger decrease, and the labels say so.
    """
    sizes = np.abs(values[~np.isnan(values) & (values != 0)])
    if not len(sizes):
        return _Classes(ClassBreaks((0.0,)), (ZERO_COLOUR,), (setting.say.say("difference.none"),))
    bounds = _bounds(setting, layer, sizes)
    less, more = (_side(values, bounds, sign) for sign in (-1, 1))
    palette = layer.palette if layer.palette in DIVERGING else next(iter(DIVERGING))
    below, above = diverging(palette, less, more)
    ends = [0.0, *bounds]
    return _Classes(
        # -0.0 would be written as such into a style: 0 it is.
        ClassBreaks((*(-ends[i - 1] + 0.0 for i in range(less, 0, -1)), *bounds[:more])),
        (*below[::-1], *above),
        (
            *(
                _label(setting, layer, ends[i - 1], ends[i], less=True, last=i == less)
                for i in range(less, 0, -1)
            ),
            *(
                _label(setting, layer, ends[i - 1], ends[i], less=False, last=True)
                for i in range(1, more + 1)
            ),
        ),
    )


def _bounds(setting: Setting, layer: LayerSpec, sizes: NDArray[np.float64]) -> list[float]:
    bounds = sorted({abs(bound) for bound in layer.breaks if bound})
    if not bounds:
        return list(class_breaks(sizes, most_classes(sizes, 3), layer.scheme).upper)
    if bounds[-1] < sizes.max():
        bounds.append(float(class_breaks(sizes, 1).upper[-1]))
    if len(bounds) > _MOST:
        raise WouldMislead(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            why=f"the breaks make {len(bounds)} classes on each side of zero, which cannot be told "
            "apart",
            todo=f"Give at most {_MOST - 1} breaks, without signs: they hold for both sides.",
        )
    return bounds


def _side(values: NDArray[np.float64], bounds: Sequence[float], sign: int) -> int:
    """Return how many classes one side of zero takes: as many as its largest change needs."""
    largest = float(np.nanmax(sign * values))
    if largest <= 0:
        return 0
    reached = [bound for bound in bounds if (bound < largest if sign > 0 else bound <= largest)]
    return min(len(reached) + 1, len(bounds))


def _label(
    setting: Setting, layer: LayerSpec, low: float, high: float, *, less: bool, last: bool
) -> str:
    say = setting.say
    lower, upper = say.rate(low), say.rate(high)
    if layer.per is None:
        upper = say.say("percent", number=upper)
    if not less:
        key = "class.over" if low else "class.up_to"
    elif low:
        key = "class.to" if last else "class.to_under"
    else:
        key = "class.up_to" if last else "class.under"
    size = say.say(key, lower=lower, upper=upper)
    return say.say("difference.less" if less else "difference.more", size=size)


def _fill(
    setting: Setting, layer: LayerSpec, change: Change, classes: _Classes, changes: Changes
) -> AreaFill:
    klass, colour = NO_DATA, empty_colour(change.state)
    if change.value is not None:
        klass = int(classes.breaks.assign(np.array([change.value]))[0])
        colour = ZERO_COLOUR if change.value == 0 else classes.colours[klass]
    return AreaFill(
        pcode=change.pcode,
        name=setting.name(change.pcode),
        geometry=setting.shapes[change.pcode],
        value=change.value,
        count=change.after.value if change.after and change.value is not None else None,
        state=change.state,
        klass=klass,
        colour=colour,
        text=_text(setting, layer, change, changes),
    )


# --- words ----------------------------------------------------------------------------------------


def _signed(say: Messages, value: float, *, percent: bool) -> str:
    """Write a change with its sign: +12 %, −3.4, and ±0 for none, which is no per cent of anything.

    >>> from maps.messages import messages
    >>> _signed(messages("en"), -12.34, percent=True).split()
    ['−12.3', '%']
    """
    if value == 0:
        return "\u00b10"
    # So little that no decimal is left to show: a sign before "<0.01" would only puzzle.
    text = "\u22480" if 0 < abs(value) < 0.005 else _sign(say, value) + say.rate(abs(value))
    return say.say("percent", number=text) if percent else text


def _when(setting: Setting, figures: GroupFigures) -> str:
    """Say of when figures are: of a stock its day, else the period."""
    if figures.measure == "stock":
        return setting.say.date(figures.dated[0].date)
    return figures.period(setting)


def _sign(say: Messages, value: float) -> str:
    """Return a value's sign; in a line read from the right it must be told to stand on the left."""
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return f"\u200e{sign}" if sign and say.direction == "rtl" else sign


def _figure(setting: Setting, row: CountRow | None) -> str:
    say = setting.say
    if row is None or row.value is None:
        return say.say(f"state.{row.state if row else State.NOT_REPORTED.value}")
    return say.number(row.value, row.qualifier)


def _text(setting: Setting, layer: LayerSpec, change: Change, changes: Changes) -> str:
    say = setting.say
    both = say.say(
        "difference.both",
        before=_figure(setting, change.before),
        after=_figure(setting, change.after),
        first=say.date(changes.first),
        last=say.date(changes.last),
    )
    if change.value is None:
        what = change.why or say.say(f"state.{change.state}")
    elif layer.per:
        what = say.say(
            "difference.rate",
            change=_signed(say, change.value, percent=False),
            number=say.number(layer.per_unit),
        )
    else:
        what = _signed(say, change.value, percent=True)
    return say.say("fill.empty", name=setting.name(change.pcode), state=say.joined([what, both]))


def _guard_notes(setting: Setting, layer: LayerSpec, changes: Sequence[Change]) -> tuple[str, ...]:
    """Say which units the guards left out, with their figures, and why."""
    say = setting.say
    notes = []
    small = [each for each in changes if each.state == SMALL_BASE]
    if small:
        items = [
            say.say(
                "note.small_base.item",
                name=setting.name(each.pcode),
                before=_figure(setting, each.before),
                after=_figure(setting, each.after),
            )
            for each in small
        ]
        least = say.number(layer.small_base)
        notes.append(say.say("note.small_base", least=least, items=say.joined(items)))
    by_reason: dict[str, list[str]] = {}
    for each in changes:
        if each.why:
            by_reason.setdefault(each.why, []).append(setting.name(each.pcode))
    notes += [
        say.say("note.not_comparable", places=say.listed(names), why=why)
        for why, names in sorted(by_reason.items())
    ]
    if layer.comparable and any(
        each.before and each.after and unlike(setting, each.before, each.after) for each in changes
    ):
        notes.append(say.say("note.comparable", why=text_in(layer.comparable, say.lang)))
    return tuple(notes)


def _without_people(setting: Setting, changes: Changes) -> tuple[str, ...]:
    without = [each.pcode for each in changes.rows if each.state == IN_PART]
    return partly_footnotes(setting, changes.people.partly if changes.people else {}, without)


def _alt(
    setting: Setting, layer: LayerSpec, title: str, changes: Sequence[Change]
) -> tuple[str, ...]:
    say = setting.say
    known = sorted((each.value, each.pcode) for each in changes if each.value is not None)

    def item(value: float, pcode: str) -> str:
        number = _signed(say, value, percent=layer.per is None)
        return say.say("alt.item", name=setting.name(pcode), number=number)

    lines = []
    rises = [item(*each) for each in known[::-1] if each[0] > 0][:2]
    falls = [item(*each) for each in known if each[0] < 0][:2]
    nothing = say.say("difference.nowhere")
    lines.append(
        say.say(
            "alt.difference",
            title=title,
            rises=say.listed(rises) or nothing,
            falls=say.listed(falls) or nothing,
        )
    )
    missing = [setting.name(each.pcode) for each in changes if each.value is None]
    if missing:
        lines.append(say.say("alt.missing", places=say.listed(missing)))
    return tuple(lines)


def _twin(setting: Setting, layer: LayerSpec, title: str, changes: Changes) -> TableTwin:
    say, percent = setting.say, layer.per is None

    def more(change: Change) -> str:
        people = change.people
        return "" if people is None else _sign(say, people) + say.number(abs(people))

    rows = [
        (
            setting.name(each.pcode),
            each.pcode,
            _figure(setting, each.before),
            _figure(setting, each.after),
            more(each),
            _signed(say, each.value, percent=percent)
            if each.value is not None
            else each.why or say.say(f"state.{each.state}"),
        )
        for each in changes.rows
    ]
    both = (changes.before, changes.after)
    was, now = (say.number(figures.total + figures.unplaced) for figures in both)
    rows.append((say.say("twin.total"), "", was, now, "", ""))
    return TableTwin(
        caption=title,
        columns=(
            say.say("twin.place"),
            say.say("twin.code"),
            *(_when(setting, figures) for figures in both),
            say.say("twin.change"),
            say.say("twin.percent")
            if percent
            else say.say("twin.rate", number=say.number(layer.per_unit)),
        ),
        rows=tuple(rows),
    )
