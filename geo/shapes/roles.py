"""What the words of a header say a column is for, in five languages and in services' field names.

English, French, Spanish, Arabic and Russian are known. What the words do not say is left open,
never guessed.
"""

import re
from dataclasses import dataclass

from geo.emptiness import folded

__all__ = ["STRAY_CODE", "Role", "group_of_words", "header_words", "role_of_words"]


_QUESTION = 10  # words: longer headers are questions of a form
_FUNDING = re.compile(r"\b(?:donors?|funders?|funding|bailleurs?|donantes?|doadores)\b")
STRAY_CODE = 9.0  # rank of a code that does not say whose it is


@dataclass(frozen=True, slots=True)
class Role:
    """What one column is for.

    ``what``: place, origin, destination, value, group, measure, kind, unit, qualifier, state,
    date, start, level, org, acronym, org_type, sector, sector_code, activity, role, source, note,
    part (sex, age: splits people), split (a column for some of them: females), mark (of no use).
    ``rank`` orders place words (region before district) where no level is said.
    """

    what: str
    level: int | None = None
    code: bool = False
    rank: float = 0.0
    group: str = ""
    unit: str = ""
    measure: str = ""


def header_words(name: str) -> str:
    """Return a header as plain words: no case, accents, camel case, points or underscores.

    >>> header_words("ADM1_PCODE"), header_words("admin1Name_fr"), header_words("TypeOrganisation")
    ('adm1 pcode', 'admin1 name fr', 'type organisation')
    """
    name = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])", " ", name)
    return " ".join(re.sub(r"[._\-/*#:?¿|]+", " ", folded(name)).split())


# --- groups --------------------------------------------------------------------------------------

_GROUPS: tuple[tuple[str, str], ...] = (
    (
        "RDP",
        r"rdp|(?:returned|retournee?s?|retornados?) (?:idps?|pdis?|deplaces?)(?: internes?)?|"
        r"idps? return(?:ee|ed)?s?|returned internally displaced.*|retournes? (?:interne|pdi)s?",
    ),
    (
        "RET",
        r"ret|returned refugees?|refugees? return(?:ee|ed)s?|rapatrie?s?|returnees?|"
        r"refugies? (?:retournes?|rapatries?)|retournes?|retornados|العائدون|العائدين|возвращенцы",
    ),
    ("ROC", r"roc|refugee like(?: situations?)?"),
    ("IOC", r"ioc|idp like(?: situations?)?"),
    ("ASY", r"asy|asylum ?seekers?|demandeurs? d'asile|solicitantes de asilo|طالبو اللجوء"),
    ("OIP", r"oip|other people in need of international protection|venezuelans displaced abroad"),
    (
        "IDP",
        r"idps?|(?:internally )?displaced(?: (?:persons?|people|population))?|pdis?|"
        r"deplace?s?(?: internes?)?|personnes deplacees(?: internes?)?|desplazados(?: internos)?|"
        r"(?:new |total )?displacements?|النازحون|النازحين|نازح|نازحين|впл|внутренне перемещенные лица|internally displaced.*",
    ),
    ("REF", r"refs?|refugees?|refugie?s?|refugiados|اللاجئون|اللاجئين|لاجئ|беженцы"),
    ("STA", r"sta|stateless(?: (?:persons?|people))?|apatrides?|apatridas"),
    ("OOC", r"ooc|others of concern|autres personnes relevant.*"),
    ("HST", r"hst|host(?: communit(?:y|ies))?|communautes? hotes?|comunidad de acogida"),
    (
        "POP",
        r"pop|(?:total |baseline )?population(?: totale?)?|inhabitants|habitants|habitantes|t tl|"
        r"residents?|السكان|население",
    ),
)
_GROUP = [(group, re.compile(words)) for group, words in _GROUPS]
_COUNTING = re.compile(
    r"\b(?:number of|number|no|nb|nbre|nombre|numero de|num|total|totals?|effectifs?|count|de|d'|of|"
    r"des|present|individuals?|individus|ind|persons?|personnes?|people|pers|households?|hhs?|hh|"
    r"menages?|familles|families|stock|new|nouveaux|cumulative|cumul|\(|\)|end|fin|(?:19|20)\d\d)\b"
)


def group_of_words(text: str) -> str:
    """Return the population group that words name, or "".

    >>> [group_of_words(text) for text in ("Number of IDPs", "Refugees", "Rapatriés", "Total", "PDI")]
    ['IDP', 'REF', 'RET', '', 'IDP']
    """
    said = header_words(text)
    bare = " ".join(_COUNTING.sub(" ", said).replace("(", " ").replace(")", " ").split())
    for words in (said, bare):
        for group, pattern in _GROUP:
            if words and pattern.fullmatch(words):
                return group
    return ""


# --- header words --------------------------------------------------------------------------------

_HOUSEHOLDS = re.compile(r"\b(?:households?|hhs?|menages?|familles|families|hogares)\b")
_SPLIT = re.compile(
    r"\b(?:fe?males?|males?|wom[ae]n|m[ae]n|girls?|boys?|femmes?|hommes?|filles?|garcons?|children|"
    r"adults?|adultes?|elderly|agees?|enfants?|mujeres|hombres|infants?|youth|[fmt] \d\d|"
    r"[fm] tl|t t[fm]|\d+ \d+|60 ?(?:plus|\+)?|handicap|disabilit\w+)\b|[<>]"
)
_OTHER_COUNT = re.compile(
    r"\b(?:target\w*|cible\w*|reached|atteint\w*|usd|budget|montant|cash|amount|cost|pin|pct|percent|"
    r"in need|besoin|indicator|quantity|quantite|objecti[fv]\w*|achieved|planned|assisted)\b|%"
)
_CODE = re.compile(
    r"\b(?:p ?code?s?|pcod|code?s?|cod|iso ?3?|iso ?2|id|ref|pcode\d?|dode)\b|iso3|pcode"
)
_ORIGIN = re.compile(
    r"\b(?:origin|origine|origen|coo|departure|previous|provenance|depart|from|procedencia|nationality|"
    r"nationalite|المنشأ|происхождения)\b|coo$|co o$|^iso3co o"
)
_DESTINATION = re.compile(
    r"\b(?:destination|arrival|arrivee|accueil|current|asylum|asile|coa|destino|to)\b|co a$"
)
_ADMIN = re.compile(
    r"\badm(?:in)?(?:istrative)?(?: ?(?:level|niveau|division))? ?([0-5])\b|\badm(?:in)?([0-5])|admin ([0-5])"
)
_PLACES: tuple[tuple[float, str], ...] = (
    (0.0, r"country|pays|pais|countries|territory|الدولة|страна"),
    (1.0, r"states?|etats?|estados?"),
    (1.1, r"regions?|governorates?|gov|gobolka|wilayas?|mohafazat|departamento|"
          r"المحافظة|محافظة|область|الولاية|adm1"),
    (1.5, r"provinces?|provincia|prov|oblast"),
    (2.0, r"zones?|departe?ments?|municipios?|municipalit(?:y|ies)|raion"),
    (2.2, r"districts?|cercles?|prefectures?|count(?:y|ies)|lga|dist|distrito|degmada|المديرية|القضاء|"
          r"territoires?|район"),
    (3.0, r"communes?|woredas?|sous ?prefectures?|sub ?prefectures?|sub ?districts?|townships?|ts|"
          r"payam|zone de sante|hromada|arrondissements?|posts?"),
    (3.5, r"wards?|boma|quartiers?|kebele"),
    (4.0, r"villages?|localit(?:y|ies|e|es)|sites?(?: name)?|camps?|settlements?|place|lieu|town|city|"
          r"ville|location name|location as published|geomaster|localidad|location"),
)  # fmt: skip
_PLACE = [(rank, re.compile(rf"\b(?:{words})\b")) for rank, words in _PLACES]
_ORGANISATION = re.compile(
    r"\b(?:org(?:ani[sz]ation|anisme|anizacion)?s?|partners?|partenaires?|agenc(?:y|ies)|agences?|"
    r"acteurs?|ngo|ong|qui|who|implementer|oranisation|المنظمة)\b"
)
_DIRECT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(words))
    for what, words in (
        ("group", r"(?:population|pop) ?(?:type|group|groupe)s?(?: code)?|group(?:e)?(?: code)?|pt|"
                  r"pop type(?: code)?|type de population|population group|categorie de population|grupo|"
                  r"population type"),
        ("measure", r"measure|mesure|stock or flow"),
        ("kind", r"kind"),
        ("qualifier", r"qualifier"),
        ("state", r"state of figure"),
        ("unit", r"units?|unite"),
        ("level", r"(?:adm(?:in)? ?)?level|niveau(?: admin)?"),
        ("source", r"sources?(?: id)?|fuente"),
        ("note", r"notes?|remarks?|remarques?|comments?|commentaires?|reason|motif|cause|observations?"),
        ("start", r"(?:reference )?(?:period )?(?:start|from|begin)(?: date)?|date (?:de )?debut|"
                  r"start|date start|reference period start|fecha de inicio"),
        ("date", r"(?:(?:reporting|reference|report|snapshot|survey|as of|end|month end) ?)?"
                 r"(?:date|dates|month|mois|year|annee|ano|period|periode|fecha|mes|week|semaine)"
                 r"(?: ?(?:month|end|fin|reported|d'intervention|de fin|maj|year))?|as of|date (?:de )?fin|"
                 r"year month|year week|month end|reference year|reference period end|au|التاريخ|السنة|дата|год|"
                 r"end|date fin"),
        ("acronym", r".*\b(?:acronym\w*|accronym\w*|sigle|abbreviation|acr)\b.*"),
        ("sector_code", r"(?:sector|cluster|secteur) ?(?:sector )?(?:code|id|acronym)"),
        ("activity", r".*\b(?:activit\w+|actividad\w*|intervention|what|quoi|projet|project title)\b.*"),
        ("sector", r".*\b(?:sectors?|secteurs?|clusters?|groupe sectoriel|القطاع|сектор)\b.*"),
        ("role", r"role|lead or implementing|main|role (?:de|of) .*"),
        ("part", r"gender|sex|sexe|genre|sexo|age|age ?(?:range|group|groupe)|tranche d'age|"
                 r"(?:min|max) age|age (?:min|max)|population status"),
        ("mark", r"lat\w*|lon\w*|x|y|geo.*|has hrp|in gho|.*resource hdx id|.*dataset hdx id|warning|error|"
                 r"provider .*|path|item type|url|.*\burl\b.*|homepage|link|email|phone|telephone"),
    )
)  # fmt: skip
_VALUE = re.compile(
    r"value|figures?|total|counts?|individuals?|individus|persons?|people|personnes|effectifs?|nombre|"
    r"number|number of (?:individuals?|persons?|people)|nombre de personnes|households?|menages?|"
    r"total (?:individuals?|persons?|people|personnes)|num present.* ind|valeur|valor|العدد|количество|"
    r"number of households|nombre de menages|hh|nb|arrivals|arrivees|people displaced|count of people"
)


def role_of_words(name: str) -> Role | None:
    """Return what a header's words say the column is for, or None.

    >>> role_of_words("DistrictPcode")
    Role(what='place', level=None, code=True, rank=2.2, group='', unit='', measure='')
    >>> role_of_words("Pays d'origine").what, role_of_words("IDPs (HH)").unit
    ('origin', 'households')
    """
    said = header_words(name)
    if not said or len(said.split()) > _QUESTION or _FUNDING.search(said):
        return None  # a question, or who pays: who pays is not who is there
    for what, pattern in _DIRECT:
        if what in ("group", "part", "start", "date", "level", "mark") and pattern.fullmatch(said):
            return Role(what)
    if re.search(r"\bdates?\b|\brounded\b", said):
        return Role("mark")  # the day a row was made or changed, a figure a second time
    return _count(said) or _organisation(said) or _place(said) or _other(said)


def _count(said: str) -> Role | None:
    group = group_of_words(said)
    unit = "households" if _HOUSEHOLDS.search(said) else ""
    if group and not _OTHER_COUNT.search(said):
        measure = "new" if re.search(r"\bnew|nouveaux?\b", said) else ""
        measure = "cumulative" if re.search(r"\bcumul", said) else measure
        return Role("value", group=group, unit=unit, measure=measure)
    if _VALUE.fullmatch(said):
        return Role("value", unit=unit)
    if _OTHER_COUNT.search(said):
        return Role("mark")
    if _SPLIT.search(said) and not _ORGANISATION.search(said):
        return Role("split")
    return None


def _organisation(said: str) -> Role | None:
    if not _ORGANISATION.search(said):
        return None
    if re.search(r"\b(?:acron|accron|sigle|acr)", said):
        return Role("acronym")
    if re.search(r"\btypes?|tipo|categor", said):
        return Role("org_type")
    if re.search(r"\b(?:program\w*|url|id|code)\b", said):
        return Role("mark")
    return Role("org")


def _place(said: str) -> Role | None:
    what = "origin" if _ORIGIN.search(said) else "place"
    if what == "place" and _DESTINATION.search(said):
        what = "destination"
    code = _CODE.search(said) is not None
    level, rank = _level_of(said, what)
    if rank is None:
        return None
    return Role(what, level=level, code=code or rank == STRAY_CODE, rank=rank)


def _level_of(said: str, what: str) -> tuple[int | None, float | None]:
    """Return the level that words say, and the rank of the words; None where they say none."""
    if admin := _ADMIN.search(said) or re.fullmatch(r"p ?code ?([0-4])", said):
        level = int(next(group for group in admin.groups() if group))
        return level, float(level)
    for rank, pattern in _PLACE:
        if pattern.search(said):
            return (0 if rank == 0.0 else None), rank
    if re.fullmatch(r"p ?codes?|(?:geo|loc(?:ation)?|place) ?(?:p ?)?code", said):
        return None, STRAY_CODE
    iso = re.fullmatch(r"iso ?3?|iso ?code|country ?iso3?|iso3 ?code", said)
    if iso or (what != "place" and (_CODE.search(said) or _ENDS.fullmatch(said))):
        return 0, 0.0
    return None, None


_ENDS = re.compile(r".*\b(?:origin|coo|coa|co o|co a|origine|nationalit[ey])\b.*")


def _other(said: str) -> Role | None:
    for what, pattern in _DIRECT:
        if pattern.fullmatch(said):
            return Role(what)
    return None
