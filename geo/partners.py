"""Who a partner is and what it works in. One organisation is one, however often and however spelled.

Presence says that an organisation works at a place; that no row names a place says nothing about
it. An organisation in three clusters is one organisation: count organisations, never rows.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from boundaries.names import fold_name

__all__ = [
    "Organisation",
    "known_organisation",
    "known_partners",
    "known_role",
    "known_sector",
    "known_type",
    "organisation_key",
    "sector_names",
]

_LINKS = frozenset(
    [
        "a",
        "and",
        "au",
        "aux",
        "by",
        "d",
        "da",
        "das",
        "de",
        "del",
        "della",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
        "et",
        "for",
        "fur",
        "in",
        "l",
        "la",
        "le",
        "les",
        "los",
        "of",
        "on",
        "para",
        "per",
        "por",
        "pour",
        "the",
        "to",
        "und",
        "y",
    ]
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_INITIALS = re.compile(r"\b(?:\w\.){2,}")
_DASHES = re.compile(r"\s+[-–—/]\s+|\s*:\s*")
_SPELLING = 90.0  # ratio from which two long names of one table are one name misspelt
_LONG = 12  # letters of a name whose misspelling can be told from another name
_ROLES = {
    "lead": "lead|lead agency|chef de file|cluster lead|agence chef de file|programming|programming"
    " organization|programme organisation",
    "implementing": "implementing|implementer|implementing partner|implementing organization|impl|"
    "partenaire de mise en oeuvre|partenaire d'execution|mise en oeuvre|partenaire operationnel|"
    "operating partner|socio implementador",
    "donor": "donor|funder|bailleur|bailleur de fonds|bailleur de fond|donante",
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """A known organisation; ``acronym`` may be empty."""

    name: str
    acronym: str
    type: str


def organisation_key(text: str) -> str:
    """Return what two spellings of an organisation's name share: words without links, or letters.

    >>> organisation_key("Haut-Commissariat des Nations Unies pour les Réfugiés")
    'haut commissariat nations unies refugies'
    >>> organisation_key("U.N.I.C.E.F."), organisation_key("UNICEF")
    ('unicef', 'unicef')
    """
    spelled = _INITIALS.sub(lambda match: match[0].replace(".", ""), text.replace("&", " and "))
    plain = fold_name(spelled).split()
    return " ".join([word for word in plain if word not in _LINKS] or plain)


def _rows(name: str) -> list[dict[str, str]]:
    path = resources.files("geo.data").joinpath(name)
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def _organisations() -> Mapping[str, Organisation]:
    known: dict[str, Organisation] = {}
    for row in _rows("organisations.csv"):
        each = Organisation(row["name"], row["acronym"], row["type"])
        for text in (each.name, each.acronym, *row["also"].split("|")):
            if text:
                known.setdefault(organisation_key(text), each)
    return known


@cache
def _sectors() -> Mapping[str, str]:
    known: dict[str, str] = {}
    for row in _rows("sectors.csv"):
        for text in (row["code"], row["en"], row["fr"], *row["also"].split("|")):
            known.setdefault(organisation_key(text), row["code"])
    return known


@cache
def _types() -> Mapping[str, str]:
    rows = _rows("organisation_types.csv")
    return {
        organisation_key(text): row["name"]
        for row in rows
        for text in (row["name"], row["code"], *row["also"].split("|"))
    }


def sector_names() -> Mapping[str, str]:
    """Return the English names of the sectors by their codes (Global Coordination Groups)."""
    return {row["code"]: row["en"] for row in _rows("sectors.csv")}


def _readings(text: str) -> Iterable[str]:
    """Yield what a name may be: the whole, without its brackets, in them, each side of a dash."""
    yield text
    outside = _BRACKETS.sub(" ", text)
    yield outside
    yield from _BRACKETS.findall(text)
    parts = [part for part in _DASHES.split(outside) if part.strip()]
    if len(parts) > 1:
        yield from parts


def known_organisation(name: str, acronym: str = "") -> Organisation | None:
    """Return the organisation of the checked-in table that a name or an acronym means, or None.

    An acronym alone counts only where the name says nothing else: NRC may be two organisations.

    >>> known_organisation("UNCHR").acronym, known_organisation("NRC (Norwegian Refugee Council)").name
    ('UNHCR', 'Norwegian Refugee Council')
    >>> known_organisation("National Resilience Council", "NRC") is None
    True
    """
    table = _organisations()
    for reading in _readings(name):
        found = table.get(organisation_key(reading)) if reading.strip() else None
        if found is not None:
            return found
    if acronym and (not name or organisation_key(name) == organisation_key(acronym)):
        return table.get(organisation_key(acronym))
    return None


def known_sector(written: str) -> str:
    """Return the code of the Global Coordination Groups for a sector as written; "" if unknown.

    What stands behind a colon narrows the sector, and counts where it is known with it.

    >>> [known_sector(text) for text in ("WASH", "Abris et Non vivres", "Santé", "Protection: GBV")]
    ['WSH', 'SHL', 'HEA', 'PRO-GBV']
    >>> known_sector("Protection: monitoring"), known_sector("juggling")
    ('PRO', '')
    """
    outside = _BRACKETS.sub(" ", written)
    head = _DASHES.split(outside)[0]
    for reading in (written, outside, *_BRACKETS.findall(written), head):
        code = _sectors().get(organisation_key(reading)) if reading.strip() else None
        if code is not None:
            return code
    return ""


def known_type(written: str) -> str:
    """Return the type of organisation in the words of the humanitarian list, else as written.

    >>> known_type("ONG Int"), known_type("UN"), known_type("Invented")
    ('International NGO', 'United Nations', 'Invented')
    """
    return _types().get(organisation_key(written), written) if written else ""


def known_role(written: str) -> str:
    """Return lead, implementing or donor where a role says one of them, else as written.

    >>> known_role("Partenaire de mise en œuvre"), known_role("cluster member")
    ('implementing', 'cluster member')
    """
    key = fold_name(written)
    for role, words in _ROLES.items():
        if key in words.split("|"):
            return role
    return written


def known_partners(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return a presence table with each organisation under one name, and a remark per row.

    ``org``, ``acronym`` and ``org_type`` become one organisation's where several spellings mean
    it: those of the checked-in table, else those the table itself uses most. Two spellings are
    one where they share a key, where one is the acronym that stands beside the other, or where
    two long names differ in a few letters. ``sector_code``, ``role`` and ``org_type`` are put
    into the common words where they say one of them. A remark tells which name was taken.
    """
    pairs = list(zip(frame["org"], frame["acronym"], strict=True))
    one = _as_one(Counter(pairs))
    orgs = [one[pair] for pair in pairs]
    types = [
        known_type(written) or (organisation.type if organisation else "")
        for written, (_, _, organisation) in zip(frame["org_type"], orgs, strict=True)
    ]
    codes = {text: known_sector(text) for text in frame["sector"].unique()}
    sectors = [
        code or codes[text]
        for code, text in zip(frame["sector_code"], frame["sector"], strict=True)
    ]
    remarks = [
        f"{written!r} taken as {name}" if written != name else ""
        for written, (name, _, _) in zip(frame["org"], orgs, strict=True)
    ]
    roles = frame["role"].map({text: known_role(text) for text in frame["role"].unique()})
    known = frame.assign(
        org=pd.Series([name for name, _, _ in orgs], dtype="str"),
        acronym=pd.Series([acronym for _, acronym, _ in orgs], dtype="str"),
        org_type=pd.Series(types, dtype="str"),
        role=roles.astype("str"),
        sector_code=pd.Series(sectors, dtype="str"),
    )
    return known, remarks


_One = tuple[str, str, Organisation | None]  # name, acronym, what the checked-in table knows


def _as_one(pairs: "Counter[tuple[str, str]]") -> dict[tuple[str, str], _One]:
    """Return for each name and acronym of a table the one organisation it stands for."""
    result: dict[tuple[str, str], _One] = {}
    rest: Counter[tuple[str, str]] = Counter()
    for (name, acronym), count in pairs.items():
        known = known_organisation(name, acronym)
        if known is not None:
            result[name, acronym] = known.name, known.acronym, known
        else:
            rest[name, acronym] += count
    groups = _groups(rest)
    for group in groups:
        # the fullest writing that occurs most: an acronym alone is no name
        full = [pair for pair in group if organisation_key(pair[0]) != organisation_key(pair[1])]
        name = max(full or group, key=lambda pair: (rest[pair], len(pair[0]), pair[0]))[0]
        acronym = max((pair[1] for pair in group if pair[1]), key=len, default="")
        for pair in group:
            result[pair] = name, acronym, None
    return result


def _groups(pairs: "Counter[tuple[str, str]]") -> list[list[tuple[str, str]]]:
    """Put the writings of one organisation together; the order of the table is kept."""
    group_of: dict[str, int] = {}
    groups: list[list[tuple[str, str]]] = []
    beside = {
        organisation_key(acronym): organisation_key(name)
        for name, acronym in pairs
        if name and acronym and organisation_key(name) != organisation_key(acronym)
    }
    ambiguous = _ambiguous(pairs)
    for pair in pairs:
        key = organisation_key(pair[0] or pair[1])
        if key in beside and key not in ambiguous:  # the name is an acronym spelled out elsewhere
            key = beside[key]
        if key not in group_of:
            near = _misspelt(key, group_of)
            group_of[key] = group_of[near] if near else len(groups)
            if not near:
                groups.append([])
        groups[group_of[key]].append(pair)
    return groups


def _ambiguous(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the acronyms that a table gives to two different names."""
    names: dict[str, set[str]] = {}
    for name, acronym in pairs:
        if name and acronym and organisation_key(name) != organisation_key(acronym):
            names.setdefault(organisation_key(acronym), set()).add(organisation_key(name))
    return {acronym for acronym, spelled in names.items() if len(spelled) > 1}


def _misspelt(key: str, known: Iterable[str]) -> str:
    """Return the name that a long one is a misspelling of, "" where there is none."""
    from rapidfuzz import fuzz, process

    if len(key) < _LONG:
        return ""
    near = process.extractOne(key, list(known), scorer=fuzz.ratio, score_cutoff=_SPELLING)
    return str(near[0]) if near and _same_numbers(key, near[0]) else ""


def _same_numbers(one: str, other: str) -> bool:
    return re.findall(r"\d+", one) == re.findall(r"\d+", other)
