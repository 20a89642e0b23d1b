"""Who is where: one mark for each unit with organisations. Silence is "not reported", not absence."""

from collections.abc import Sequence

from maps.compose_setting import LayerWords, Setting
from maps.palettes import ramp
from maps.presence_units import UnitPresence, presence_of
from maps.scene import PresenceLegend, PresenceMark, TableTwin
from maps.scene_layers import SectorKey
from maps.sectors import sorted_sectors
from maps.spec import LayerSpec

__all__ = ["compose_presence", "sector_keys"]

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
    presence = presence_of(setting, layer)
    upper = [*(step - 1 for step in _STEPS[1:]), None]
    colours = ramp("blue", len(_STEPS))
    as_sectors = layer.show == "sectors"
    marks = tuple(
        _mark(setting, presence, pcode, colours, as_sectors=as_sectors) for pcode in presence.units
    )
    period = presence.period(setting)
    keys = sector_keys(setting, presence) if as_sectors else ()
    some_inferred = any(each.inferred for mark in marks for each in mark.by_sector)
    legend = PresenceLegend(
        title=presence.title(setting, layer),
        subtitle=say.say(
            "presence.subtitle.sectors" if as_sectors else "presence.subtitle", period=period
        ),
        colours=colours,
        labels=tuple(_label(setting, low, high) for low, high in zip(_STEPS, upper, strict=True)),
        sectors=keys,
        inferred=say.say("presence.sector.inferred") if some_inferred else "",
    )
    items = [say.say("alt.item", name=m.name, number=say.number(m.count)) for m in marks]
    words = LayerWords(
        alt=(say.say("alt.presence", period=period, places=say.listed(items)),) if items else (),
        footnotes=presence.footnotes(setting),
        dated=presence.dated(setting),
        sources=presence.sources,
        drawn=frozenset(mark.pcode for mark in marks),
        carried=presence.carried,
        twins=(_twin(setting, legend, marks),),
    )
    return marks, legend, words


def sector_keys(setting: Setting, presence: UnitPresence) -> tuple[SectorKey, ...]:
    """Return the sectors that occur in any unit, in their order, with their names."""
    there = {code for orgs in presence.units.values() for org in orgs for code in org.sectors}
    return tuple(
        SectorKey(code, setting.say.say(f"sector.{code}")) for code in sorted_sectors(there)
    )


def _mark(
    setting: Setting,
    presence: UnitPresence,
    pcode: str,
    colours: Sequence[str],
    *,
    as_sectors: bool,
) -> PresenceMark:
    say = setting.say
    found = presence.organisations(pcode)
    orgs = tuple(org.label(setting) for org in found)
    name = setting.name(pcode)
    lon, lat = setting.places.unit(pcode).label_point
    rows = presence.placed[presence.placed["unit"] == pcode]
    text = say.say(
        "presence.text",
        name=name,
        organisations=say.say("presence.count", count=len(orgs)),
        orgs=say.listed(orgs),
    )
    by_sector = presence.by_sector(pcode) if as_sectors else ()
    if as_sectors:
        items = [
            say.say("alt.item", name=say.say(f"sector.{each.code}"), number=say.number(each.count))
            for each in by_sector
        ]
        text = say.joined([text, say.listed(items)])
    return PresenceMark(
        pcode=pcode,
        name=name,
        lon=lon,
        lat=lat,
        count=len(orgs),
        orgs=orgs,
        sectors=tuple(sorted({sector for sector in rows["sector"] if sector})),
        colour=colours[sum(len(orgs) >= step for step in _STEPS) - 1],
        text=text,
        by_sector=by_sector,
    )


def _label(setting: Setting, low: int, high: int | None) -> str:
    say = setting.say
    if high is None:
        return say.say("presence.more", low=say.number(low))
    if high == low:
        return say.say("presence.one", number=say.number(low))
    return say.say("presence.range", low=say.number(low), high=say.number(high))


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
