"""Who is where: one mark for each unit with organisations. Silence is "not reported", not absence."""

from collections.abc import Sequence

import pandas as pd

from geo.tables import records
from maps.compose_setting import Dated, LayerWords, Setting
from maps.errors import NothingToDraw
from maps.palettes import ramp
from maps.scene import PresenceLegend, PresenceMark, TableTwin
from maps.spec import LayerSpec, text_in

__all__ = ["compose_presence"]

_STEPS = (1, 3, 6)  # a class begins at so many organisations: one or two, some, many


def compose_presence(
    setting: Setting, layer: LayerSpec
) -> tuple[tuple[PresenceMark, ...], PresenceLegend, LayerWords]:
    """Return a mark for each unit of the layer's level, the legend and the words.

    Presence below the level counts for the unit above it; presence known only for a larger unit
    goes into a footnote. An organisation counts once for a unit; one whose presence is inferred
    in every row there counts too and is marked with °.
    """
    say = setting.say
    table = _rows(setting, layer)
    placed = table[table["unit"] != ""]
    upper = [*(step - 1 for step in _STEPS[1:]), None]
    colours = ramp("blue", len(_STEPS))
    marks, inferred = [], False
    for pcode, rows in placed.groupby("unit", sort=True):
        orgs, some_inferred = _organisations(setting, rows)
        inferred |= some_inferred
        count = len(orgs)
        klass = sum(count >= step for step in _STEPS) - 1
        name = setting.name(str(pcode))
        lon, lat = setting.places.unit(str(pcode)).label_point
        text = say.say(
            "presence.text",
            name=name,
            organisations=say.say("presence.count", count=count),
            orgs=say.listed(orgs),
        )
        sectors = tuple(sorted({sector for sector in rows["sector"] if sector}))
        marks.append(
            PresenceMark(str(pcode), name, lon, lat, count, orgs, sectors, colours[klass], text)
        )
    latest = max(table["date"])
    starts = [start for start in table["start"] if start is not None]
    period = (
        say.period("new", min(starts, default=None), latest)
        if starts
        else say.period("stock", None, latest)
    )
    legend = PresenceLegend(
        title=text_in(layer.title, say.lang) or say.say("presence.title"),
        subtitle=say.say("presence.subtitle", period=period),
        colours=colours,
        labels=tuple(_label(setting, low, high) for low, high in zip(_STEPS, upper, strict=True)),
    )
    words = LayerWords(
        alt=(
            say.say(
                "alt.presence",
                period=period,
                places=say.listed(
                    [say.say("alt.item", name=m.name, number=say.number(m.count)) for m in marks]
                ),
            ),
        ),
        footnotes=_footnotes(setting, table[table["unit"] == ""], inferred=inferred),
        dated=tuple(
            Dated(country, "", "new" if starts else "stock", min(starts, default=None), latest)
            for country in setting.in_country_order(placed["unit"].map(setting.country_of))
        ),
        sources=_sources(table),
        drawn=frozenset(mark.pcode for mark in marks),
        carried=_carried(placed),
        twins=(_twin(setting, legend, marks),),
    )
    return tuple(marks), legend, words


def _rows(setting: Setting, layer: LayerSpec) -> pd.DataFrame:
    """Return the presence up to the map's date, each row with its ``unit`` of the level, or ""."""
    table = setting.released.presence
    day = layer.date or setting.as_of
    known = table["date"].map(lambda each: each is None or each <= day)
    table = table[known].copy()
    if table.empty:
        there = sorted({str(each) for each in setting.released.presence["date"]})
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked=f"partner presence up to {day}",
            there_is=f"presence on {', '.join(there)}" if there else "no presence at all",
        )
    table["date"] = table["date"].map(lambda each: each or day)
    table["unit"] = [
        _unit(setting, str(pcode), int(level), layer.level)
        for pcode, level in zip(table["pcode"], table["level"], strict=True)
    ]
    return table


def _unit(setting: Setting, pcode: str, level: int, wanted: int) -> str:
    if pcode not in setting.places or level < wanted:
        return ""
    return setting.places.ancestor(pcode, wanted)


def _organisations(setting: Setting, rows: pd.DataFrame) -> tuple[tuple[str, ...], bool]:
    """Return the distinct organisations' short names, ascending, and whether any is inferred."""
    explicit: dict[str, bool] = {}
    short: dict[str, str] = {}
    for row in records(rows):
        key = row["org"]
        short[key] = row["acronym"] or row["org"]
        explicit[key] = explicit.get(key, False) or row["basis"] != "inferred"
    names = tuple(
        short[key] if explicit[key] else setting.say.say("presence.inferred", org=short[key])
        for key in sorted(short, key=lambda key: (short[key].casefold(), key))
    )
    return names, not all(explicit.values())


def _label(setting: Setting, low: int, high: int | None) -> str:
    say = setting.say
    if high is None:
        return say.say("presence.more", low=say.number(low))
    if high == low:
        return say.say("presence.one", number=say.number(low))
    return say.say("presence.range", low=say.number(low), high=say.number(high))


def _footnotes(setting: Setting, elsewhere: pd.DataFrame, *, inferred: bool) -> tuple[str, ...]:
    say = setting.say
    notes = [say.say("note.presence.inferred")] if inferred else []
    items = [
        say.say(
            "note.presence.at",
            place=setting.name(str(pcode)),
            orgs=say.listed(_organisations(setting, rows)[0]),
        )
        for pcode, rows in elsewhere.groupby("pcode", sort=True)
    ]
    if items:
        notes.append(say.say("note.presence.elsewhere", items=say.joined(items)))
    return tuple(notes)


def _carried(placed: pd.DataFrame) -> frozenset[str]:
    return frozenset(
        code
        for row in records(placed)
        if row["carried"]
        for code in (row["unit"], *row["carried"].split("|"))
    )


def _sources(table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(each for joined in table["sources"] for each in joined.split("|") if each)
    )


def _twin(setting: Setting, legend: PresenceLegend, marks: Sequence[PresenceMark]) -> TableTwin:
    say = setting.say
    return TableTwin(
        caption=legend.title,
        columns=tuple(
            say.say(f"twin.{key}") for key in ("place", "code", "count", "orgs", "sectors")
        ),
        rows=tuple(
            (
                mark.name,
                mark.pcode,
                say.number(mark.count),
                ", ".join(mark.orgs),
                "; ".join(mark.sectors),
            )
            for mark in marks
        ),
    )
