"""How a written place is read: code, site, carry, name, and words for nowhere. No guesses.

A name is taken only where, freed of accents, case and words such as "région de", it equals exactly
one place's name. A level or a type word beside it must fit; a place smaller than the units of the
vintage is counted in what it is said to lie in, or in the region it is the seat of.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from boundaries.names import normalise_name
from geo.ledger import Suggestion, Verdict
from geo.matches import Match, left_out
from geo.place_index import IndexedUnit
from geo.place_texts import PlaceText, read_place
from geo.place_words import is_everywhere, is_nowhere

if TYPE_CHECKING:
    from geo.gazetteer import Places

__all__ = ["above_of", "candidates", "find_place"]

_SAME_WORD = 0.75  # ratio above which a code's name and the written one differ in spelling only
_SEVERAL = re.compile(r"\s*/\s*|\s*[&+]\s*|\s*,\s*|\s+(?:and|et|y|e)\s+")
_SEAT = 0.95


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says of its place: as written, taken apart, inside what, of which level, when."""

    written: str
    text: PlaceText
    above: IndexedUnit | None
    level: str
    day: date | None

    @property
    def name(self) -> str:
        return normalise_name(self.text.name)

    @property
    def stated(self) -> int | None:
        """The level the row states, by its column or in its text."""
        return int(self.level) if self.level else self.text.level


def find_place(  # noqa: PLR0917 - the cells that name a place
    places: "Places",
    written: str,
    code: str = "",
    parent: str = "",
    level: str = "",
    day: date | None = None,
) -> Match:
    """Find the place that ``written`` or ``code`` means.

    A code counts first, checked against the name where both are given; then declared sites;
    then carried units; then aliases in use on ``day`` and names, within ``parent`` where one
    is given, of ``level`` or of the type written beside them ("Région de …"); then words for
    nowhere within the parent.
    """
    text = read_place(written)
    above, problem = above_of(places, parent, text)
    if code and (match := _by_code(places, code, text.name)):
        return match
    if problem:
        return problem
    remark = f"code {code} is not in vintage {places.boundaries.vintage.id}" if code else ""
    if not written:
        return left_out("unknown-code", f"{remark}; {places.suggest(code)}")
    if is_everywhere(written):
        return _whole(written, above)
    match = _by_text(places, _Said(written, text, above, level, day))
    if remark and match.verdict is not Verdict.LEFT_OUT:
        why = f"{remark}; {match.why or 'found by name'}"
        return Match(match.target, match.level, match.verdict, match.how, why)
    return match


def candidates(
    places: "Places", text: PlaceText, above: IndexedUnit | None, level: str = ""
) -> list[IndexedUnit]:
    """Return the units a text may mean by its parent, level and type words alone."""
    stated = level or ("" if text.level is None else str(text.level))
    units = [u for u in places.index.searched if u.level > 0 and places.lies_in(u, above)]
    if stated:
        return [u for u in units if u.level == int(stated)]
    if text.point:
        return []
    fitting = places.index.of_level_said(units, f"{text.name} {text.kind}")
    return units if fitting is None else fitting


def above_of(
    places: "Places", parent: str, text: PlaceText
) -> tuple[IndexedUnit | None, Match | None]:
    """Return the unit a row lies in, by its parent and by what its text says."""
    unit, problem = _parent(places, parent, None) if parent else (None, None)
    if problem or not text.within:
        return unit, problem
    return _parent(places, text.within, text.within_level, inside=unit)


def _parent(
    places: "Places", parent: str, level: int | None, inside: IndexedUnit | None = None
) -> tuple[IndexedUnit | None, Match | None]:
    unit = places.index.units.get(parent) or places.index.country_by_iso3.get(parent)
    if unit is None:
        name = normalise_name(parent)
        carry = places.named_carry(parent, name)
        known = [each for _, each in places.index.known_as(name, None)]
        named = places.index.by_name.get(name) or known or places.index.by_alias.get(name) or []
        named = [u for u in named if places.lies_in(u, inside) and level in (None, u.level)]
        highest = min((u.level for u in named), default=0)
        found = [u for u in named if u.level == highest]
        if not found and carry and len(carry.into) == 1:
            found = [places.index.units[carry.into[0][0]]]
        unit = found[0] if len(found) == 1 else None
    if unit is None:
        why = f"parent {parent!r} is not a place of the vintage; {places.suggest(parent)}"
        return None, left_out("unknown-parent", why)
    return unit, None


def _by_code(places: "Places", code: str, written: str) -> Match | None:
    """Return what a code means, None where nothing has it."""
    if code.removeprefix("site:") in places.site_by_id:
        return places.at_site(places.site_by_id[code.removeprefix("site:")])
    units, countries = places.index.units, places.index.country_by_iso3
    unit = units.get(code) or units.get(code.upper())
    if unit is not None:
        return _coded(places, unit, "code", code, written)
    if code in countries:
        return _coded(places, countries[code], "iso3", code, written)
    carry = places.carry_by_code.get(code)
    if carry is None:
        return None
    names = {normalise_name(name) for name in carry.from_names}
    if written and names and not _agrees(places, written, names, {code}):
        return _disagree(code, carry.from_names[0], written)
    return places.carried(carry)


def _coded(places: "Places", unit: IndexedUnit, how: str, code: str, written: str) -> Match:
    if places.countries and unit.iso3 not in places.countries:
        why = f"code {code} is {unit}, outside the situation's countries"
        return left_out("outside", f"{why} {', '.join(places.countries)}")
    if written:
        sites = places.sites_named(normalise_name(written), written)
        inside = [s for s in sites if unit.pcode in places.chain(places.middle(s))]
        if len(inside) == 1:
            return places.at_site(inside[0])
        if unit.level == 0 and not _names_another_country(places, unit, written):
            return Match(unit.pcode, 0, Verdict.PLACED, how)
        known = {alias.key for alias in unit.known_as}
        if not _agrees(places, written, unit.names | unit.aliases | known, {unit.pcode, code}):
            return _disagree(code, unit.name, written)
    return Match(unit.pcode, unit.level, Verdict.PLACED, how)


def _names_another_country(places: "Places", unit: IndexedUnit, written: str) -> bool:
    """Whether a name beside a country's code is not one of its many long and short names."""
    named = places.index.by_name.get(normalise_name(written), [])
    named = named + places.index.countries_by_name.get(normalise_name(written), [])
    return bool(named) and unit not in named


def _agrees(places: "Places", written: str, names: Iterable[str], codes: set[str]) -> bool:
    """Whether a written name can be the one of the code beside it."""
    name = normalise_name(written)
    if name in names or written in codes:
        return True
    others = places.index.by_name.get(name, [])
    if any(unit.pcode not in codes for unit in others) or places.named_carry(written, name):
        return False
    return any(_spelled_alike(name, known) for known in names)


def _whole(written: str, above: IndexedUnit | None) -> Match:
    if above is None:
        why = f"{written!r} is not a place; name in its parent what it is the total of"
        return left_out("total-of-nothing", why)
    return Match(
        above.pcode, above.level, Verdict.PLACED, "parent", f"{written!r}: stated for {above}"
    )


def _by_text(places: "Places", said: _Said) -> Match:
    if said.written in places.index.country_by_iso3 or said.written in places.index.units:
        return _by_code(places, said.written, "") or left_out("unknown-place", "")
    how, named = _named(places, said.name, said)
    level_said, found = _of_level(places, named, said)
    # a level or a type word means a unit, not the town of that name
    elsewhere = None if level_said and found else _declared(places, said)
    if elsewhere is not None:
        return elsewhere
    if is_nowhere(said.written) and not found:
        return _unplaced(places, said)
    by_kind = said.text.point and (said.text.kind != "" or not found)
    if by_kind or _is_finer(places, said):
        return _finer(places, said)
    if found:
        return _only(found, said.written, how)
    several = None if level_said else _several(places, said)
    return several or _in_no_part(places, said) or _unknown(places, said, level_said=bool(named))


def _unknown(places: "Places", said: _Said, *, level_said: bool) -> Match:
    where = f" in {said.above}" if said.above is not None else ""
    where += " at the level it says" if level_said else ""
    todo = places.suggest(said.text.name, said.above)
    return left_out(
        "unknown-place",
        f"no place is called {said.written!r}{where}; {todo}",
        places.suggestions(said.text.name, said.above),
    )


def _named(places: "Places", name: str, said: _Said) -> tuple[str, list[IndexedUnit]]:
    """Return how a key is known, and the units within what it lies in that it is the name of.

    A place's own name goes before another's alias, a known alias before one of the file.
    """
    known = [unit for _, unit in places.index.known_as(name, said.day)]
    for how, units in (
        ("name", places.index.by_name.get(name, [])),
        ("alias", known),
        ("alias", places.index.by_alias.get(name, [])),
    ):
        inside = [unit for unit in units if places.lies_in(unit, said.above)]
        if inside:
            return how, list(dict.fromkeys(inside))
    return "", []


def _declared(places: "Places", said: _Said) -> Match | None:
    """Return the declared site or carried unit of that name, if there is one."""
    sites = places.sites_named(said.name, said.text.name)
    if said.above is not None:
        sites = [s for s in sites if said.above.pcode in places.chain(places.middle(s))]
    if len(sites) == 1:
        return places.at_site(sites[0])
    if sites:
        ids = ", ".join(site.id for site in sites)
        why = f"{said.written!r} is the name of sites {ids}; write the id of the one meant"
        return left_out("ambiguous-name", why)
    carry = places.named_carry(said.text.name, said.name)
    return places.carried(carry) if carry else None


def _only(found: list[IndexedUnit], written: str, how: str) -> Match:
    if len(found) == 1:
        return Match(found[0].pcode, found[0].level, Verdict.PLACED, how)
    meant = "; ".join(str(unit) for unit in found[:4])
    why = f"{written!r} may be {meant}; give its code, its parent or its level"
    return left_out("ambiguous-name", why, [Suggestion(u.pcode, str(u), 100.0) for u in found])


def _of_level(
    places: "Places", named: list[IndexedUnit], said: _Said
) -> tuple[bool, list[IndexedUnit]]:
    """Return whether the row says which level is meant, and the units that are of it."""
    if said.stated is not None:
        return True, [unit for unit in named if unit.level == said.stated]
    fitting = places.index.of_level_said(named, f"{said.text.name} {said.text.kind}")
    return (False, named) if fitting is None else (True, fitting)


def _is_finer(places: "Places", said: _Said) -> bool:
    """Whether the row says a level that the vintage does not go down to."""
    deepest = places.index.deepest(said.above.iso3 if said.above is not None else "")
    return said.stated is not None and said.stated > deepest


def _finer(places: "Places", said: _Said) -> Match:
    """Place a town, or a unit smaller than the vintage's, where what it lies in is certain."""
    above = said.above
    if said.text.within and above is not None:
        return _inside(above, said)
    if (in_no_part := _in_no_part(places, said)) is not None:
        return in_no_part
    aliases = places.index.known_as(said.name, said.day)
    seats = {unit.pcode for alias, unit in aliases if alias.note == "seat"}
    _, named = _named(places, said.name, said)
    seat_of = [unit for unit in named if unit.level == 1 or unit.pcode in seats]
    if len(seat_of) == 1:
        why = f"a place that bears the name of {seat_of[0]} is taken to lie in it"
        unit = seat_of[0]
        return Match(unit.pcode, unit.level, Verdict.PLACED, "seat", why, confidence=_SEAT)
    why = f"{said.written!r} is smaller than the units of the vintage; declare it as a [[place]]"
    return left_out("unknown-place", why, places.suggestions(said.text.name, above))


def _in_no_part(places: "Places", said: _Said) -> Match | None:
    """Return the unit a row lies in, where there is none below it that could be meant."""
    if said.above is None or not _has_no_parts(places, said.above):
        return None
    return _inside(said.above, said)


def _has_no_parts(places: "Places", unit: IndexedUnit) -> bool:
    """Whether a unit is one of the smallest: what lies in it by its parent lies in no unit below."""
    return unit.level > 0 and unit.level == places.index.deepest(unit.iso3)


def _inside(above: IndexedUnit, said: _Said) -> Match:
    why = f"{said.text.name!r} is smaller than the units of the vintage: counted in {above}"
    return Match(above.pcode, above.level, Verdict.PLACED, "within", why)


def _several(places: "Places", said: _Said) -> Match | None:
    """Return what "Dakar / Thies" means where every part is a unit: counted in what holds all."""
    parts = [part for part in _SEVERAL.split(said.text.name) if part]
    if len(parts) < 2:
        return None
    found = [_named(places, normalise_name(part), said)[1] for part in parts]
    if any(len(units) != 1 for units in found):
        return None
    units = [each[0] for each in found]
    if len(set(units)) == 1:
        return Match(units[0].pcode, units[0].level, Verdict.PLACED, "name")
    parent = places.common_parent([unit.pcode for unit in units])
    level = max(unit.level for unit in units)
    if not parent or parent in {unit.pcode for unit in units}:
        return None
    whole = places.index.units[parent].name
    why = f"{', '.join(map(str, units))}: counted in {whole}, not split"
    return Match(parent, level, Verdict.UNPLACED, "name", why)


def _unplaced(places: "Places", said: _Said) -> Match:
    above, written = said.above, said.written
    if above is None and len(places.countries) == 1:
        above = places.index.country_by_iso3.get(places.countries[0])
    if above is None:
        why = f"{written!r} does not say within which country; give it in the parent column"
        return left_out("nowhere", why)
    why = f"{written!r} within {above.name}: counted there, in none of its parts"
    return Match(above.pcode, above.level + 1, Verdict.UNPLACED, "parent", why)


def _disagree(code: str, name: str, written: str) -> Match:
    why = f"code {code} is {name}, but the row names {written!r}; correct one of the two"
    return left_out("code-and-name-disagree", why)


def _spelled_alike(written: str, known: str) -> bool:
    """Whether two names differ in spelling only, or one is the other with more words.

    >>> _spelled_alike("united kingdom great britain northern ireland", "united kingdom")
    True
    """
    words, theirs = set(written.split()), set(known.split())
    if words and theirs and (words <= theirs or theirs <= words):
        return True
    return SequenceMatcher(None, written, known).ratio() >= _SAME_WORD
