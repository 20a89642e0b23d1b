"""Which place a written name or code means. A wrong region is worse than a row left out: no guesses.

A name is taken only where, freed of accents, case and words such as "région de", it equals exactly
one place's name. Likeness is used for suggestions to a person, never to place a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property

from boundaries.errors import UnknownUnit
from boundaries.names import normalise_name
from boundaries.sites import Site
from boundaries.units import LANGUAGES, BoundarySet
from geo.carries import Carry
from geo.ledger import Verdict
from geo.place_words import folded, is_everywhere, is_nowhere

__all__ = ["UNKNOWN", "Carry", "Match", "Places"]

UNKNOWN = "unknown"
"""The origin of people whose origin nobody stated."""

_SAME_WORD = 0.75  # ratio above which a code's name and the written one differ in spelling only


@dataclass(frozen=True, slots=True)
class Match:
    """What a written place was found to be.

    ``target`` is a P-code, ``site:ID`` or ``carry:CODE``; the parent's P-code where the verdict
    is UNPLACED; "" where the row is left out, ``reason`` being one stable word for it. ``level``
    is the level the row speaks at, -1 where it is left out.
    """

    target: str
    level: int
    verdict: Verdict
    how: str = ""
    why: str = ""
    reason: str = ""


def _left_out(reason: str, why: str) -> Match:
    return Match("", -1, Verdict.LEFT_OUT, why=why, reason=reason)


def _disagree(code: str, name: str, written: str) -> Match:
    why = f"code {code} is {name}, but the row names {written!r}; correct one of the two"
    return _left_out("code-and-name-disagree", why)


@dataclass(frozen=True, slots=True)
class _Unit:
    pcode: str
    level: int
    parent: str
    iso3: str
    name: str
    names: frozenset[str]
    aliases: frozenset[str]
    type: str

    def __str__(self) -> str:
        return f"{self.name} ({self.pcode}, level {self.level})"


@dataclass(frozen=True)
class Places:
    """Every place a row may name: units, sites, and units of other vintages carried into ours.

    ``boundaries`` is the world's, for countries of origin; names are searched only in
    ``countries`` (ISO3; empty: everywhere).

    Raises
    ------
    UnknownUnit
        A site lies in, or a carry goes into, a unit that the vintage does not have.
    """

    boundaries: BoundarySet
    sites: tuple[Site, ...] = ()
    carries: tuple[Carry, ...] = ()
    countries: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = {*self._units, *(carry.from_code for carry in self.carries)}
        targets = [pcode for carry in self.carries for pcode, _ in carry.into]
        for pcode in [*targets, *(pcode for site in self.sites for pcode in site.within)]:
            if pcode not in known:
                raise UnknownUnit(pcode, vintage=self.boundaries.vintage.id)

    # -- the index ------------------------------------------------------------------------------

    @cached_property
    def _units(self) -> dict[str, _Unit]:
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
            units[pcode] = _Unit(
                pcode, int(level), parent, iso3, name, main, other - main, folded(kind)
            )
        return units

    @cached_property
    def _searched(self) -> tuple[_Unit, ...]:
        units = self._units.values()
        return tuple(u for u in units if not self.countries or u.iso3 in self.countries)

    @cached_property
    def _by_name(self) -> dict[str, list[_Unit]]:
        return _index((unit, unit.names) for unit in self._searched)

    @cached_property
    def _by_alias(self) -> dict[str, list[_Unit]]:
        return _index((unit, unit.aliases) for unit in self._searched)

    @cached_property
    def _countries_by_name(self) -> dict[str, list[_Unit]]:
        countries = [unit for unit in self._units.values() if unit.level == 0]
        return _index((unit, unit.names | unit.aliases) for unit in countries)

    @cached_property
    def _country_by_iso3(self) -> dict[str, _Unit]:
        countries = [unit for unit in self._units.values() if unit.level == 0 and unit.iso3]
        return {unit.iso3: unit for unit in reversed(countries)}

    @cached_property
    def _site_by_id(self) -> dict[str, Site]:
        return {site.id: site for site in self.sites}

    @cached_property
    def _sites_by_name(self) -> dict[str, list[Site]]:
        named: dict[str, list[Site]] = {}
        for site in self.sites:
            for name in dict.fromkeys(map(normalise_name, (*site.names.values(), *site.aliases))):
                named.setdefault(name, []).append(site)
        return named

    @cached_property
    def _carry_by_code(self) -> dict[str, Carry]:
        return {carry.from_code: carry for carry in self.carries}

    # -- relations between places ---------------------------------------------------------------

    def level(self, pcode: str) -> int:
        """Return the level of a unit of the vintage; -1 for "", the situation as a whole."""
        return self._units[pcode].level if pcode else -1

    def chain(self, pcode: str) -> list[str]:
        """Return a unit and what holds it, up to its country."""
        codes = []
        while pcode in self._units:
            codes.append(pcode)
            pcode = self._units[pcode].parent
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
        return self._site_by_id[site_id]

    def carry(self, code: str) -> Carry:
        """Return a declared carry."""
        return self._carry_by_code[code]

    def within(self, site: Site) -> tuple[str, ...]:
        """Return the units of our vintage a site lies in, carried units resolved."""
        codes: list[str] = []
        for pcode in site.within:
            carry = self._carry_by_code.get(pcode) if pcode not in self._units else None
            codes.extend([target for target, _ in carry.into] if carry else [pcode])
        return tuple(dict.fromkeys(codes))

    # -- finding --------------------------------------------------------------------------------

    def origin(self, written: str) -> str | None:
        """Return the P-code of a country of origin, `UNKNOWN`, or None where it is not known.

        ``written`` is an ISO3 or ISO2 code or the country's name in any language.
        """
        code = written.strip()
        if code in self._country_by_iso3:
            return self._country_by_iso3[code].pcode
        if code in self._units and self._units[code].level == 0:
            return code
        named = self._countries_by_name.get(normalise_name(code), [])
        if len(named) == 1:
            return named[0].pcode
        if is_nowhere(code) or folded(code) == "stateless":
            return UNKNOWN
        return None

    def like_country(self, written: str) -> list[str]:
        """Return up to three names of countries like ``written``."""
        return _like(written, self._countries_by_name)

    def find(self, written: str, code: str = "", parent: str = "", level: str = "") -> Match:
        """Find the place that ``written`` or ``code`` means.

        A code counts first, checked against the name where both are given; then declared sites;
        then carried units; then names, within ``parent`` where one is given, of ``level`` or of
        the type written beside them ("Région de …"); then words for nowhere within the parent.
        """
        above, problem = self._above(parent)
        if problem:
            return problem
        if code and (match := self._by_code(code, written)):
            return match
        remark = f"code {code} is not in vintage {self.boundaries.vintage.id}" if code else ""
        if not written:
            return _left_out("unknown-code", f"{remark}; {self._suggest(code)}")
        if is_everywhere(written):
            return self._whole(written, above)
        match = self._by_text(written, above, level)
        if remark and match.verdict is not Verdict.LEFT_OUT:
            why = f"{remark}; {match.why or 'found by name'}"
            return Match(match.target, match.level, match.verdict, match.how, why)
        return match

    def _above(self, parent: str) -> tuple[_Unit | None, Match | None]:
        if not parent:
            return None, None
        unit = self._units.get(parent) or self._country_by_iso3.get(parent)
        if unit is None:
            name = normalise_name(parent)
            carry = self._named_carry(parent, name)
            named = self._by_name.get(name) or self._by_alias.get(name) or []
            highest = min((u.level for u in named), default=0)
            found = [u for u in named if u.level == highest]
            if not found and carry and len(carry.into) == 1:
                found = [self._units[carry.into[0][0]]]
            unit = found[0] if len(found) == 1 else None
        if unit is None:
            why = f"parent {parent!r} is not a place of the vintage; {self._suggest(parent)}"
            return None, _left_out("unknown-parent", why)
        return unit, None

    def _by_code(self, code: str, written: str) -> Match | None:
        """Return what a code means, None where nothing has it."""
        if code.removeprefix("site:") in self._site_by_id:
            return self._at_site(self._site_by_id[code.removeprefix("site:")])
        unit = self._units.get(code) or self._units.get(code.upper())
        if unit is not None:
            return self._coded(unit, "code", code, written)
        if code in self._country_by_iso3:
            return self._coded(self._country_by_iso3[code], "iso3", code, written)
        carry = self._carry_by_code.get(code)
        if carry is None:
            return None
        names = {normalise_name(name) for name in carry.from_names}
        if written and names and not self._agrees(written, names, {code}):
            return _disagree(code, carry.from_names[0], written)
        return self._carried(carry)

    def _coded(self, unit: _Unit, how: str, code: str, written: str) -> Match:
        if self.countries and unit.iso3 not in self.countries:
            why = f"code {code} is {unit}, outside the situation's countries"
            return _left_out("outside", f"{why} {', '.join(self.countries)}")
        if written:
            sites = self._sites_named(normalise_name(written), written)
            inside = [s for s in sites if unit.pcode in self.chain(self._middle(s))]
            if len(inside) == 1:
                return self._at_site(inside[0])
            if not self._agrees(written, unit.names | unit.aliases, {unit.pcode, code}):
                return _disagree(code, unit.name, written)
        return Match(unit.pcode, unit.level, Verdict.PLACED, how)

    def _agrees(self, written: str, names: Iterable[str], codes: set[str]) -> bool:
        """Whether a written name can be the one of the code beside it."""
        name = normalise_name(written)
        if name in names or written in codes:
            return True
        others = self._by_name.get(name, [])
        if any(unit.pcode not in codes for unit in others) or self._named_carry(written, name):
            return False
        return any(SequenceMatcher(None, name, known).ratio() >= _SAME_WORD for known in names)

    def _whole(self, written: str, above: _Unit | None) -> Match:
        if above is None:
            why = f"{written!r} is not a place; name in its parent what it is the total of"
            return _left_out("total-of-nothing", why)
        return Match(
            above.pcode, above.level, Verdict.PLACED, "parent", f"{written!r}: stated for {above}"
        )

    def _by_text(self, written: str, above: _Unit | None, level: str) -> Match:
        if written in self._country_by_iso3 or written in self._units:
            return self._by_code(written, "") or _left_out("unknown-place", "")
        name = normalise_name(written)
        named = self._by_name.get(name) or self._by_alias.get(name) or []
        if above is not None:
            named = [u for u in named if above.pcode in self.chain(u.pcode)]
        level_stated, found = self._of_level(named, written, level)
        # a level or a type word means a unit, not the town of that name
        elsewhere = None if level_stated else self._declared(written, name, above)
        if elsewhere is not None:
            return elsewhere
        if found:
            return self._only(found, written, "name" if name in self._by_name else "alias")
        if is_nowhere(written):
            return self._unplaced(written, above)
        where = f" in {above}" if above is not None else ""
        return _left_out(
            "unknown-place", f"no place is called {written!r}{where}; {self._suggest(written)}"
        )

    def _declared(self, written: str, name: str, above: _Unit | None) -> Match | None:
        """Return the declared site or carried unit of that name, if there is one."""
        sites = self._sites_named(name, written)
        if above is not None:
            sites = [s for s in sites if above.pcode in self.chain(self._middle(s))]
        if len(sites) == 1:
            return self._at_site(sites[0])
        if sites:
            why = f"{written!r} is the name of sites {', '.join(s.id for s in sites)}"
            return _left_out("ambiguous-name", f"{why}; write the id of the one meant")
        carry = self._named_carry(written, name)
        return self._carried(carry) if carry else None

    def _only(self, found: list[_Unit], written: str, how: str) -> Match:
        if len(found) == 1:
            return Match(found[0].pcode, found[0].level, Verdict.PLACED, how)
        meant = "; ".join(str(unit) for unit in found[:4])
        why = f"{written!r} may be {meant}; give its code, its parent or its level"
        return _left_out("ambiguous-name", why)

    def _of_level(self, named: list[_Unit], written: str, level: str) -> tuple[bool, list[_Unit]]:
        """Return whether the row says which level is meant, and the units that are of it."""
        if level:
            return True, [unit for unit in named if unit.level == int(level)]
        words = set(folded(written).split())
        typed = [u for u in named if u.type in words and u.type not in u.names]
        return bool(typed), typed or named

    def _unplaced(self, written: str, above: _Unit | None) -> Match:
        if above is None and len(self.countries) == 1:
            above = self._country_by_iso3.get(self.countries[0])
        if above is None:
            why = f"{written!r} does not say within which country; give it in the parent column"
            return _left_out("nowhere", why)
        why = f"{written!r} within {above.name}: counted there, in none of its parts"
        return Match(above.pcode, above.level + 1, Verdict.UNPLACED, "parent", why)

    # -- sites and carries ----------------------------------------------------------------------

    def _middle(self, site: Site) -> str:
        return self.common_parent(self.within(site))

    def _sites_named(self, name: str, written: str) -> list[Site]:
        if written in self._site_by_id:
            return [self._site_by_id[written]]
        return self._sites_by_name.get(name, [])

    def _at_site(self, site: Site) -> Match:
        units = self.within(site)
        level = max(self.level(pcode) for pcode in units)
        if len(units) == 1:
            return Match(f"site:{site.id}", level, Verdict.PLACED, "site")
        parent = self.common_parent(units)
        whole = self._units[parent].name if parent else "the situation as a whole"
        why = f"lies in {', '.join(units)}: counted in {whole}, not split"
        return Match(f"site:{site.id}", level, Verdict.UNPLACED, "site", why)

    def _named_carry(self, written: str, name: str) -> Carry | None:
        for carry in self.carries:
            if written == carry.from_code or name in map(normalise_name, carry.from_names):
                return carry
        return None

    def _carried(self, carry: Carry) -> Match:
        level = max(self.level(pcode) for pcode, _ in carry.into)
        shares = ", ".join(
            self._units[pcode].name if weight == 1 else f"{self._units[pcode].name} ({weight:.0%})"
            for pcode, weight in carry.into
        )
        why = f"{carry.from_code} is not in our vintage: carried into {shares}"
        return Match(f"carry:{carry.from_code}", level, Verdict.CARRIED, "carry", why)

    def _suggest(self, written: str) -> str:
        names = {**self._by_alias, **self._by_name}
        known: dict[str, list[_Unit]] = dict(names)
        for name in self._sites_by_name:
            known.setdefault(name, [])
        for text in (t for carry in self.carries for t in carry.from_names):
            known.setdefault(normalise_name(text), [])
        near = [
            str(known[key][0]) if known[key] else key
            for key in get_close_matches(normalise_name(written), list(known), n=3, cutoff=0.6)
        ]
        if not near:
            return "write its code, or declare it as a [[place]]"
        return f"did you mean {' or '.join(dict.fromkeys(near))}?"


def _index(pairs: Iterable[tuple[_Unit, Iterable[str]]]) -> dict[str, list[_Unit]]:
    index: dict[str, list[_Unit]] = {}
    for unit, names in pairs:
        for name in names:
            index.setdefault(name, []).append(unit)
    return index


def _like(written: str, names: Mapping[str, list[_Unit]]) -> list[str]:
    close = get_close_matches(normalise_name(written), list(names), n=3, cutoff=0.6)
    return list(dict.fromkeys(names[name][0].name for name in close))
