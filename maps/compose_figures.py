"""The figures of one group for one layer: each country's latest that is not after the map's date.

Countries may so stand side by side with figures of different days; whatever differs from the
map's date is said in a footnote (`compose_words.date_footnotes`). A date in the layer binds all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from geo.counts import CountQuery, CountRow, Counts, DayCounts, counts_of_day
from maps.compose_setting import Dated, Setting
from maps.errors import NothingToDraw, WouldMislead
from maps.palettes import group_colour
from maps.scene_layers import GroupKey
from maps.spec import LayerSpec

__all__ = ["GroupFigures", "ask", "dates_of", "figure_footnotes", "group_keys"]


@dataclass(frozen=True)
class GroupFigures:
    """One group's figures at one level, over the countries that have any.

    ``rows`` holds every unit of these countries, in the order of P-codes; ``value`` None is
    "not reported" (or as ``state`` says), never 0. ``answers`` has one entry per country.
    """

    group: str
    measure: str
    unit: str
    rows: tuple[CountRow, ...]
    answers: tuple[tuple[str, Counts], ...]
    dated: tuple[Dated, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources that the figures come from."""
        return tuple(
            dict.fromkeys(
                source for row in self.rows if row.value is not None for source in row.sources
            )
        )

    @property
    def carried(self) -> frozenset[str]:
        """Units with figures of another vintage's units inside, and these units' codes."""
        return frozenset(
            code for row in self.rows if row.carried for code in (row.pcode, *row.carried)
        )

    @property
    def total(self) -> float:
        """Sum of the figures there are on the map, without those that could not be placed."""
        return sum(row.value for row in self.rows if row.value is not None)

    @property
    def unplaced(self) -> float:
        """What is known of the countries but of none of their units."""
        return sum(answer.unplaced for _, answer in self.answers)

    def period(self, setting: Setting) -> str:
        """Say of when the figures are; an asterisk where countries differ."""
        latest = max(self.dated, key=lambda each: each.date)
        text = setting.say.period(self.measure, latest.start, latest.date)
        mixed = len({(each.start, each.date) for each in self.dated}) > 1
        return f"{text}*" if mixed else text


def group_keys(setting: Setting, asked: Sequence[GroupFigures]) -> tuple[GroupKey, ...]:
    """Return the legend's key of each group: its colour, and its name with the day of its figures."""
    say = setting.say
    return tuple(
        GroupKey(
            figures.group,
            group_colour(figures.group),
            say.say("key.dated", label=say.group(figures.group), period=figures.period(setting)),
        )
        for figures in asked
    )


def figure_footnotes(setting: Setting, asked: Sequence[GroupFigures]) -> tuple[str, ...]:
    """Say what could not be placed, and where parts and stated totals differ."""
    say = setting.say
    nowhere = [
        say.say(
            "note.unplaced.item",
            counted=say.counted(figures.group, answer.unplaced),
            country=setting.name(country),
        )
        for figures in asked
        for country, answer in figures.answers
        if answer.unplaced
    ]
    gaps = [
        say.say(
            "note.stated",
            group=say.group(figures.group),
            country=setting.name(country),
            total=say.number(answer.total),
            stated=say.number(answer.stated_total),
        )
        for figures in asked
        for country, answer in figures.answers
        if answer.stated_total is not None and answer.stated_total != answer.total
    ]
    return (*([say.say("note.unplaced", items=say.joined(nowhere))] if nowhere else []), *gaps)


def ask(
    setting: Setting,
    layer: LayerSpec,
    group: str,
    *,
    measure: str | None = None,
    origin: str | None = None,
    on: date | None = None,
) -> GroupFigures:
    """Return a group's figures at the layer's level.

    Raises `NothingToDraw` where there are none up to the map's date, and `WouldMislead` where
    the layer would have to choose between measures that must not be added or swapped.
    """
    told = _told(setting, layer, group, origin, on=on if measure else None)
    measure = measure or _one_measure(setting, layer, group, sorted(told))
    of_measure = told.get(measure, {})
    usable = [day for day in sorted(of_measure) if (day == on if on else day <= setting.as_of)]
    if not usable:
        table = _at_level(setting, layer, group, origin)
        asked = f"{group} ({measure}) {_when(setting, on)}"
        raise _nothing(setting, layer, asked, table[table["measure"] == measure])
    latest = {setting.country_of(pcode): day for day in usable for pcode in of_measure[day]}
    answers: list[tuple[str, Counts]] = []
    rows: list[CountRow] = []
    dated: list[Dated] = []
    days: dict[date, DayCounts] = {}
    of_countries: dict[date, Counts] = {}
    for code in setting.in_country_order(latest):
        day = latest[code]
        if day not in days:
            query = CountQuery(layer.level, group, day, measure, origin)
            days[day] = counts_of_day(
                setting.released, setting.places, query, lang=setting.say.lang
            )
        if layer.level:
            answer = days[day].within(code)
            rows += answer.rows
        else:
            if day not in of_countries:
                of_countries[day] = days[day].within(None)
            answer = of_countries[day]
            rows += answer.row_of(code)
        answers.append((code, answer))
        dated.append(Dated(code, group, measure, answer.start, day))
    rows.sort(key=lambda row: row.pcode)
    return GroupFigures(
        group, measure, answers[0][1].unit, tuple(rows), tuple(answers), tuple(dated)
    )


def dates_of(setting: Setting, layer: LayerSpec, group: str) -> tuple[date, ...]:
    """Return the days up to the map's date with figures of a group, ascending.

    Of the focus country where it has any: the days of one country can be compared with each other.
    Raises as `ask` does.
    """
    origin = (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
    table = _at_level(setting, layer, group, origin)
    measure = layer.measure or _one_measure(setting, layer, group, sorted(set(table["measure"])))
    table = table[(table["measure"] == measure) & ~table["unplaced"]]
    usable = table[table["date"].map(lambda day: day <= setting.as_of)]
    at_home = usable[usable["pcode"].map(setting.country_of) == setting.focus]
    days = at_home if len(at_home) else usable
    if days.empty:
        raise _nothing(setting, layer, f"{group} ({measure}) {_when(setting, None)}", table)
    return tuple(sorted(set(days["date"])))


def _told(
    setting: Setting, layer: LayerSpec, group: str, origin: str | None, *, on: date | None
) -> dict[str, dict[date, list[str]]]:
    """Return the units of the layer's level with figures, by measure and day (``on`` alone, if given).

    Raises `NothingToDraw` where there are none on any day.
    """
    released, places = setting.released, setting.places
    told: dict[str, dict[date, list[str]]] = {}
    for series, level, days in released.index.offered():
        if (series[0], level, series[3]) != (group, layer.level, origin or ""):
            continue
        for day in days if on is None else {on}.intersection(days):
            index = released.index.of_day(series, day)
            rows = index.at_level(index.rows(series, day), level)
            codes = index.cells(rows[index.is_figure(rows)], "pcode")
            if there := [code for code in codes if code in places]:
                told.setdefault(series[1], {}).setdefault(day, []).extend(there)
    if not told:
        _at_level(setting, layer, group, origin)  # raises, and says what there is
    return told


def _at_level(setting: Setting, layer: LayerSpec, group: str, origin: str | None) -> pd.DataFrame:
    figures = setting.released.figures
    table = figures[
        (figures["state"] == "figure")
        & (figures["group"] == group)
        & (figures["level"] == layer.level)
        & (figures["origin"] == (origin or ""))
    ]
    there = [code in setting.places for code in table["pcode"].tolist()]
    table = table[np.array(there, dtype=np.bool_)]
    if table.empty:
        raise _nothing(setting, layer, f"{group} at level {layer.level}", figures)
    return table


def _one_measure(setting: Setting, layer: LayerSpec, group: str, there: Sequence[str]) -> str:
    if "stock" in there:
        return "stock"
    if len(there) == 1:
        return there[0]
    raise WouldMislead(
        map_id=setting.spec.id,
        layer=setting.layer_name(layer),
        why=f"the figures for {group} are {' and '.join(there)}, which must not be mixed",
        todo=f"Add measure = {there[0]!r} (or another of them) to the layer.",
    )


def _when(setting: Setting, on: date | None) -> str:
    return f"on {on}" if on else f"up to {setting.as_of}"


def _nothing(setting: Setting, layer: LayerSpec, asked: str, table: pd.DataFrame) -> NothingToDraw:
    there = sorted(
        {
            f"{group} ({measure}) at level {level} on {day}"
            for group, measure, level, day in zip(
                table["group"], table["measure"], table["level"], table["date"], strict=True
            )
        }
    )
    listed = ", ".join(there[:6]) + (" and more" if len(there) > 6 else "")
    return NothingToDraw(
        map_id=setting.spec.id,
        layer=setting.layer_name(layer),
        asked=asked,
        there_is=listed or "nothing at all",
    )
