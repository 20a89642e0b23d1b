"""The units a written place may mean, by code and by every name. A name of two units keeps both.

Names are compared as keys (`normalise_name`) and searched within the situation's countries;
units elsewhere are known by their codes, and countries by their names too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from boundaries.names import normalise_name
from boundaries.units import LANGUAGES, BoundarySet
from geo.aliases import Alias, place_aliases
from geo.place_texts import unit_types
from geo.place_words import folded

__all__ = ["IndexedUnit", "PlaceIndex", "index_by_name"]

_PREFIX = re.compile(r"([A-Z]{2,3})[0-9]")


@dataclass(frozen=True, slots=True)
class IndexedUnit:
    """A unit with its keys.

    ``names`` are its own in any language, ``aliases`` other spellings of its boundary file,
    ``known_as`` those of the alias table, ``types`` the folded words for what it is.
    """

    pcode: str
    level: int
    parent: str
    iso3: str
    name: str
    names: frozenset[str]
    aliases: frozenset[str]
    known_as: tuple[Alias, ...]
    types: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name} ({self.pcode}, level {self.level})"


@dataclass(frozen=True)
class PlaceIndex:
    """Every unit of a vintage, searched by name in ``countries`` (ISO3; empty: everywhere)."""

    boundaries: BoundarySet
    countries: tuple[str, ...] = ()

    @cached_property
    def units(self) -> dict[str, IndexedUnit]:
        """All units by P-code."""
        frame = self.boundaries.frame
        columns = ["pcode", "level", "parent", "iso3", "name", "aliases", "type"]
        languages = [f"name_{lang}" for lang in LANGUAGES]
        units = {}
        for row in zip(*(frame[column] for column in [*columns, *languages]), strict=True):
            pcode, level, parent, iso3, name, aliases, kind, *names = row
            is_searched = level == 0 or not self.countries or iso3 in self.countries
            texts = (name, *names) if is_searched else ()  # others are known by their code only
            other_texts = aliases.split("|") if is_searched else ()
            main = frozenset(normalise_name(text) for text in texts if text)
            other = frozenset(normalise_name(text) for text in other_texts if text)
            units[pcode] = IndexedUnit(
                pcode=pcode,
                level=int(level),
                parent=parent,
                iso3=iso3,
                name=name,
                names=main,
                aliases=other - main,
                known_as=_known_as(iso3, int(level), main),
                types=unit_types().get((iso3, int(level)), frozenset()) | ({folded(kind)} - {""}),
            )
        return units

    @cached_property
    def searched(self) -> tuple[IndexedUnit, ...]:
        """The units whose names are searched."""
        units = self.units.values()
        return tuple(u for u in units if not self.countries or u.iso3 in self.countries)

    @cached_property
    def by_name(self) -> dict[str, list[IndexedUnit]]:
        """Units by each of their own names."""
        return index_by_name((unit, unit.names) for unit in self.searched)

    @cached_property
    def by_alias(self) -> dict[str, list[IndexedUnit]]:
        """Units by the other spellings of their boundary file."""
        return index_by_name((unit, unit.aliases) for unit in self.searched)

    @cached_property
    def _by_known_alias(self) -> dict[str, list[tuple[Alias, IndexedUnit]]]:
        found: dict[str, list[tuple[Alias, IndexedUnit]]] = {}
        for unit in self.searched:
            for alias in unit.known_as:
                found.setdefault(alias.key, []).append((alias, unit))
        return found

    def known_as(self, key: str, day: date | None) -> list[tuple[Alias, IndexedUnit]]:
        """Return the units of which a key is a known alias in use on ``day``."""
        return [(a, unit) for a, unit in self._by_known_alias.get(key, []) if a.holds(day)]

    @cached_property
    def dated_keys(self) -> frozenset[str]:
        """The keys of aliases that were not in use at all times."""
        found = self._by_known_alias.items()
        return frozenset(key for key, pairs in found if any(a.since or a.until for a, _ in pairs))

    @cached_property
    def countries_by_name(self) -> dict[str, list[IndexedUnit]]:
        """The world's countries by each of their names."""
        countries = [unit for unit in self.units.values() if unit.level == 0]
        return index_by_name((unit, unit.names | unit.aliases) for unit in countries)

    @cached_property
    def country_by_iso3(self) -> dict[str, IndexedUnit]:
        """The world's countries by ISO 3166-1 alpha-3."""
        countries = [unit for unit in self.units.values() if unit.level == 0 and unit.iso3]
        return {unit.iso3: unit for unit in reversed(countries)}

    def country_of_code(self, text: str) -> IndexedUnit | None:
        """Return the country of a P-code or country code, in our vintage or not; None for a name.

        Of a code that no unit has, the letters before its first digit tell: SO1101 is Somali.
        """
        unit = self.units.get(text) or self.country_by_iso3.get(text)
        if unit is None and (match := _PREFIX.match(text)):
            unit = self.units.get(match[1]) or self.country_by_iso3.get(match[1])
        return unit

    @cached_property
    def _deepest(self) -> dict[str, int]:
        deepest: dict[str, int] = {}
        for unit in self.units.values():
            deepest[unit.iso3] = max(unit.level, deepest.get(unit.iso3, 0))
        return deepest

    def deepest(self, iso3: str = "") -> int:
        """Return the deepest level of a country, or of all that are searched."""
        if iso3:
            return self._deepest.get(iso3, 0)
        return max((self._deepest.get(u.iso3, 0) for u in self.searched), default=0)

    @cached_property
    def _types(self) -> dict[str, dict[str, frozenset[int]]]:
        """The words for units by country, longest first, with the levels they speak of."""
        words: dict[str, dict[str, frozenset[int]]] = {}
        told = [(iso3, level, types) for (iso3, level), types in unit_types().items()]
        told += [(unit.iso3, unit.level, unit.types) for unit in self.units.values()]
        for iso3, level, types in told:
            known = words.setdefault(iso3, {})
            for word in types:
                known[word] = known.get(word, frozenset()) | {level}
        by_length = {
            iso3: sorted(known.items(), key=lambda each: (-len(each[0]), each[0]))
            for iso3, known in words.items()
        }
        return {iso3: dict(known) for iso3, known in by_length.items()}

    def of_level_said(self, units: Sequence[IndexedUnit], written: str) -> list[IndexedUnit] | None:
        """Return those units that are what the text calls them; None where it calls them nothing.

        A district of a country whose districts are level 1 is of level 1. A type word that is
        part of a unit's own name says nothing of it.
        """
        fitting, said = [], False
        for unit in units:
            levels = self._levels_said(written, unit)
            said = said or bool(levels)
            if not levels or unit.level in levels:
                fitting.append(unit)
        return fitting if said else None

    def _levels_said(self, written: str, unit: IndexedUnit) -> frozenset[int]:
        text = f" {folded(written)} "
        for word, levels in self._types.get(unit.iso3, {}).items():
            own = any(f" {word} " in f" {name} " for name in unit.names)
            if f" {word} " in text and not own:  # the longest: "sub-district" holds "district"
                return levels
        return frozenset()


def _known_as(iso3: str, level: int, names: Iterable[str]) -> tuple[Alias, ...]:
    table = place_aliases()
    found = (alias for name in sorted(names) for alias in table.get((iso3, level, name), ()))
    return tuple(alias for alias in dict.fromkeys(found) if alias.key not in names)


def index_by_name(
    pairs: Iterable[tuple[IndexedUnit, Iterable[str]]],
) -> dict[str, list[IndexedUnit]]:
    """Return units by key, in the order given."""
    index: dict[str, list[IndexedUnit]] = {}
    for unit, names in pairs:
        for name in names:
            index.setdefault(name, []).append(unit)
    return index


def like(written: str, names: Mapping[str, list[IndexedUnit]]) -> list[str]:
    """Return up to three names of units like ``written``."""
    from geo.likeness import alike_names

    near = alike_names(normalise_name(written), names)
    return list(dict.fromkeys(names[each.name][0].name for each in near))
