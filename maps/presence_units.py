"""Which organisations are reported in which unit, and in what. Silence is "not reported", not absence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from geo.tables import records
from maps.compose_setting import Dated, Setting
from maps.errors import NothingToDraw
from maps.scene_layers import SectorCount
from maps.sectors import in_sectors, sector_code, sorted_sectors
from maps.spec import LayerSpec, text_in

__all__ = ["Organisation", "UnitPresence", "presence_of"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation in one unit: ``sectors`` maps each code to whether a source states it there."""

    name: str
    short: str
    sectors: Mapping[str, bool]

    @property
    def explicit(self) -> bool:
        """Whether any source states that it is in this very unit."""
        return any(self.sectors.values())

    def label(self, setting: Setting) -> str:
        """Return its short name, marked with ° where its presence is inferred."""
        say = setting.say
        return self.short if self.explicit else say.say("presence.inferred", org=self.short)


@dataclass(frozen=True)
class UnitPresence:
    """Presence up to the map's date; ``table`` has each row's ``unit`` of the level, "" for none."""

    table: pd.DataFrame

    @cached_property
    def placed(self) -> pd.DataFrame:
        """The rows that lie in a unit of the level."""
        return self.table[self.table["unit"] != ""]

    @cached_property
    def units(self) -> Mapping[str, tuple[Organisation, ...]]:
        """The organisations by unit, units and organisations ascending."""
        return {
            str(pcode): _organisations(rows)
            for pcode, rows in self.placed.groupby("unit", sort=True)
        }

    def organisations(self, pcode: str) -> tuple[Organisation, ...]:
        """Return the organisations of a unit; none where nothing was reported of it."""
        return self.units.get(pcode, ())

    def by_sector(self, pcode: str) -> tuple[SectorCount, ...]:
        """Return how many organisations are active in each sector of a unit."""
        orgs = self.organisations(pcode)
        return tuple(
            SectorCount(
                code,
                sum(code in org.sectors for org in orgs),
                inferred=not any(org.sectors.get(code) for org in orgs),
            )
            for code in sorted_sectors(code for org in orgs for code in org.sectors)
        )

    def title(self, setting: Setting, layer: LayerSpec) -> str:
        """Return the layer's own title, else "Organisations present", with the sectors left in."""
        say = setting.say
        if own := text_in(layer.title, say.lang) if layer.kind == "presence" else "":
            return own
        if not layer.sectors:
            return say.say("presence.title")
        named = [say.say(f"sector.{sector_code(code)}") for code in layer.sectors]
        return say.say("presence.title.sectors", sectors=say.listed(named))

    @property
    def _starts(self) -> list[date]:
        return [start for start in self.table["start"] if start is not None]

    def period(self, setting: Setting) -> str:
        """Say of when the presence is."""
        latest = max(self.table["date"])
        if starts := self._starts:
            return setting.say.period("new", min(starts), latest)
        return setting.say.period("stock", None, latest)

    def dated(self, setting: Setting) -> tuple[Dated, ...]:
        """Return whose presence this is and of when, by country."""
        latest, starts = max(self.table["date"]), self._starts
        measure, start = ("new", min(starts)) if starts else ("stock", None)
        countries = self.placed["unit"].map(setting.country_of)
        return tuple(
            Dated(country, "", measure, start, latest)
            for country in setting.in_country_order(countries)
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources."""
        joined = (each for text in self.table["sources"] for each in text.split("|") if each)
        return tuple(dict.fromkeys(joined))

    @property
    def carried(self) -> frozenset[str]:
        """Units with presence of another vintage's units inside, and these units' codes."""
        return frozenset(
            code
            for row in records(self.placed)
            if row["carried"]
            for code in (row["unit"], *row["carried"].split("|"))
        )

    @property
    def inferred(self) -> bool:
        """Whether any organisation is in a unit by inference alone."""
        return any(not org.explicit for orgs in self.units.values() for org in orgs)

    def footnotes(self, setting: Setting) -> tuple[str, ...]:
        """Say what ° means, and who is present without an area on this map."""
        say = setting.say
        notes = [say.say("note.presence.inferred")] if self.inferred else []
        elsewhere = self.table[self.table["unit"] == ""]
        items = [
            say.say(
                "note.presence.at",
                place=setting.name(str(pcode)),
                orgs=say.listed([org.label(setting) for org in _organisations(rows)]),
            )
            for pcode, rows in elsewhere.groupby("pcode", sort=True)
        ]
        if items:
            notes.append(say.say("note.presence.elsewhere", items=say.joined(items)))
        return tuple(notes)


def presence_of(setting: Setting, layer: LayerSpec) -> UnitPresence:
    """Return the presence up to the map's date, in the layer's sectors, by unit of its level.

    Raises `NothingToDraw` where there is none.
    """
    table = setting.released.presence
    day = layer.date or setting.as_of
    usable = table["date"].map(lambda each: each is None or each <= day)
    wanted = table["sector_code"].map(lambda code: in_sectors(sector_code(code), layer.sectors))
    chosen = table[usable & wanted].copy()
    if chosen.empty:
        days = sorted({str(each) for each in table["date"]})
        codes = sorted_sectors(table["sector_code"].map(sector_code))
        of_sectors = f" in {', '.join(layer.sectors)}" if layer.sectors else ""
        there = f"presence on {', '.join(days)} in {', '.join(codes)}" if days else ""
        raise NothingToDraw(
            map_id=setting.spec.id,
            layer=setting.layer_name(layer),
            asked=f"partner presence{of_sectors} up to {day}",
            there_is=there or "no presence at all",
        )
    chosen["date"] = chosen["date"].map(lambda each: each or day)
    chosen["unit"] = [
        _unit(setting, str(pcode), int(level), layer.level)
        for pcode, level in zip(chosen["pcode"], chosen["level"], strict=True)
    ]
    return UnitPresence(chosen)


def _unit(setting: Setting, pcode: str, level: int, wanted: int) -> str:
    if pcode not in setting.places or level < wanted:
        return ""
    return setting.places.ancestor(pcode, wanted)


def _organisations(rows: pd.DataFrame) -> tuple[Organisation, ...]:
    """Return the distinct organisations, by short name."""
    sectors: dict[str, dict[str, bool]] = {}
    short: dict[str, str] = {}
    for row in records(rows):
        key = row["org"]
        short[key] = row["acronym"] or short.get(key) or row["org"]
        of_org = sectors.setdefault(key, {})
        code = sector_code(row["sector_code"])
        of_org[code] = of_org.get(code, False) or row["basis"] != "inferred"
    return tuple(
        Organisation(key, short[key], sectors[key])
        for key in sorted(short, key=lambda key: (short[key].casefold(), key))
    )
