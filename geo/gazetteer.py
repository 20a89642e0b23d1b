"""Every place a row may name, and how places lie in each other.

Names are looked up by `geo.place_finding`, exactly; `geo.place_matching` adds what was decided
before, what is only alike, and what the rest of a table tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from boundaries.errors import UnknownUnit
from boundaries.names import normalise_name
from boundaries.sites import Site
from boundaries.units import BoundarySet
from geo.carries import Carry
from geo.decisions import Decision
from geo.ledger import Suggestion, Verdict
from geo.likeness import alike_names
from geo.matches import UNKNOWN, Match
from geo.place_finding import find_place
from geo.place_index import IndexedUnit, PlaceIndex, like
from geo.place_words import folded, is_nowhere

__all__ = ["UNKNOWN", "Carry", "Match", "Places"]

_NO_COUNTRY = frozenset({"stateless", "apatride", "apatrides", "unk", "xxa", "sta"})


@dataclass(frozen=True)
class Places:
    """Every place a row may name: units, sites, and units of other vintages carried into ours.

    ``boundaries`` is the world's, for countries of origin; names are searched only in
    ``countries`` (ISO3; empty: everywhere). ``decisions`` are what a person has decided before.

    Raises
    ------
    UnknownUnit
        A site lies in, or a carry goes into, a unit that the vintage does not have.
    """

    boundaries: BoundarySet
    sites: tuple[Site, ...] = ()
    carries: tuple[Carry, ...] = ()
    countries: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    index: PlaceIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", PlaceIndex(self.boundaries, self.countries))
        known = {*self.index.units, *(carry.from_code for carry in self.carries)}
        targets = [pcode for carry in self.carries for pcode, _ in carry.into]
        for pcode in [*targets, *(pcode for site in self.sites for pcode in site.within)]:
            if pcode not in known:
                raise UnknownUnit(pcode, vintage=self.boundaries.vintage.id)

    @cached_property
    def site_by_id(self) -> dict[str, Site]:
        """The declared sites by their ids."""
        return {site.id: site for site in self.sites}

    @cached_property
    def _sites_by_name(self) -> dict[str, list[Site]]:
        named: dict[str, list[Site]] = {}
        for site in self.sites:
            for name in dict.fromkeys(map(normalise_name, (*site.names.values(), *site.aliases))):
                named.setdefault(name, []).append(site)
        return named

    @cached_property
    def carry_by_code(self) -> dict[str, Carry]:
        """The declared carries by the code that is carried."""
        return {carry.from_code: carry for carry in self.carries}

    @cached_property
    def decided(self) -> dict[tuple[str, str, str], Decision]:
        """The decisions by file, place and parent as written."""
        return {decision.key: decision for decision in self.decisions}

    # -- relations between places ---------------------------------------------------------------

    def level(self, pcode: str) -> int:
        """Return the level of a unit of the vintage; -1 for "", the situation as a whole."""
        return self.index.units[pcode].level if pcode else -1

    def chain(self, pcode: str) -> list[str]:
        """Return a unit and what holds it, up to its country."""
        codes = []
        while pcode in self.index.units:
            codes.append(pcode)
            pcode = self.index.units[pcode].parent
        return codes

    def common_parent(self, pcodes: Sequence[str]) -> str:
        """Return the lowest unit that holds all of ``pcodes``; "" where no country does."""
        shared = self.chain(pcodes[0])
        for pcode in pcodes[1:]:
            others = set(self.chain(pcode))
            shared = [code for code in shared if code in others]
        return shared[0] if shared else ""

    def site(self, site_id: str) -> Site:
        """Return a declared site."""
        return self.site_by_id[site_id]

    def carry(self, code: str) -> Carry:
        """Return a declared carry."""
        return self.carry_by_code[code]

    def within(self, site: Site) -> tuple[str, ...]:
        """Return the units of our vintage a site lies in, carried units resolved."""
        codes: list[str] = []
        for pcode in site.within:
            carry = self.carry_by_code.get(pcode) if pcode not in self.index.units else None
            codes.extend([target for target, _ in carry.into] if carry else [pcode])
        return tuple(dict.fromkeys(codes))

    def lies_in(self, unit: IndexedUnit, above: IndexedUnit | None) -> bool:
        """Whether a unit lies in another, or is it; anything does where there is none."""
        return above is None or above.pcode in self.chain(unit.pcode)

    # -- finding --------------------------------------------------------------------------------

    def origin(self, written: str) -> str | None:
        """Return the P-code of a country of origin, `UNKNOWN`, or None where it is not known.

        ``written`` is an ISO3 or ISO2 code or the country's name in any language.
        """
        code = written.strip()
        if code in self.index.country_by_iso3:
            return self.index.country_by_iso3[code].pcode
        if code in self.index.units and self.index.units[code].level == 0:
            return code
        named = self.index.countries_by_name.get(normalise_name(code), [])
        if len(named) == 1:
            return named[0].pcode
        if is_nowhere(code) or folded(code) in _NO_COUNTRY:
            return UNKNOWN
        return None

    def like_country(self, written: str) -> list[str]:
        """Return up to three names of countries like ``written``."""
        return like(written, self.index.countries_by_name)

    def find(
        self,
        written: str,
        code: str = "",
        parent: str = "",
        level: str = "",
        day: date | None = None,
    ) -> Match:
        """Find the place that ``written`` or ``code`` means; see `geo.place_finding.find_place`."""
        return find_place(self, written, code, parent, level, day)

    # -- sites and carries ----------------------------------------------------------------------

    def middle(self, site: Site) -> str:
        """Return the lowest unit that holds a site."""
        return self.common_parent(self.within(site))

    def sites_named(self, name: str, written: str) -> list[Site]:
        """Return the declared sites of an id or a normalised name."""
        if written in self.site_by_id:
            return [self.site_by_id[written]]
        return self._sites_by_name.get(name, [])

    def at_site(self, site: Site) -> Match:
        """Return the match of a row at a site."""
        units = self.within(site)
        level = max(self.level(pcode) for pcode in units)
        if len(units) == 1:
            return Match(f"site:{site.id}", level, Verdict.PLACED, "site")
        parent = self.common_parent(units)
        whole = self.index.units[parent].name if parent else "the situation as a whole"
        why = f"lies in {', '.join(units)}: counted in {whole}, not split"
        return Match(f"site:{site.id}", level, Verdict.UNPLACED, "site", why)

    def named_carry(self, written: str, name: str) -> Carry | None:
        """Return the carry of a code or a normalised name."""
        for carry in self.carries:
            if written == carry.from_code or name in map(normalise_name, carry.from_names):
                return carry
        return None

    def carried(self, carry: Carry) -> Match:
        """Return the match of a row in a carried unit."""
        level = max(self.level(pcode) for pcode, _ in carry.into)
        units = self.index.units
        shares = ", ".join(
            units[pcode].name if weight == 1 else f"{units[pcode].name} ({weight:.0%})"
            for pcode, weight in carry.into
        )
        why = f"{carry.from_code} is not in our vintage: carried into {shares}"
        return Match(f"carry:{carry.from_code}", level, Verdict.CARRIED, "carry", why)

    # -- suggestions ----------------------------------------------------------------------------

    @cached_property
    def _suggestable(self) -> Mapping[str, str]:
        """Every name there is, with what it means: ``site:ID``, ``carry:CODE`` or a P-code."""
        known: dict[str, str] = {}
        for site in self.sites:
            for name in map(normalise_name, (*site.names.values(), *site.aliases)):
                known.setdefault(name, f"site:{site.id}")
        for carry in self.carries:
            for name in map(normalise_name, carry.from_names):
                known.setdefault(name, f"carry:{carry.from_code}")
        for unit in self.index.searched:
            for name in (*unit.names, *unit.aliases, *(alias.key for alias in unit.known_as)):
                known.setdefault(name, unit.pcode)
        return known

    def suggestions(self, written: str, above: IndexedUnit | None = None) -> tuple[Suggestion, ...]:
        """Return up to three places of names like the written one, the nearest first.

        Where nothing within ``above`` is like it, those elsewhere in the country, and says so.
        """
        near = alike_names(normalise_name(written), self._suggestable, limit=12)
        inside: dict[str, Suggestion] = {}
        outside: dict[str, Suggestion] = {}
        for each in near:
            target = self._suggestable[each.name]
            unit = self.index.units.get(target)
            if unit is None:
                inside.setdefault(target, Suggestion(target, each.name, round(each.ratio, 1)))
                continue
            also = "" if each.name in unit.names else f", also called {each.name}"
            is_inside = self.lies_in(unit, above)
            where = "" if is_inside or above is None else f", outside {above.name}"
            into = inside if is_inside else outside
            if is_inside or (above is not None and unit.iso3 == above.iso3):
                told = Suggestion(target, f"{unit}{also}{where}", round(each.ratio, 1))
                into.setdefault(target, told)
        return tuple((inside or outside).values())[:3]

    def suggest(self, written: str, above: IndexedUnit | None = None) -> str:
        """Return what to do about a name: the nearest ones, or declaring it."""
        near = self.suggestions(written, above)
        if not near:
            return "write its code, or declare it as a [[place]]"
        return f"did you mean {' or '.join(each.said for each in near)}?"
