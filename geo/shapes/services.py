"""Tables of data services and offices with fixed headers: HAPI, DTM, COD-PS, PRMN.

Several of them state the same people more than once: at every level, and split by sex and age.
"""

import re
from collections.abc import Mapping

from geo.shapes.shape import Level, Shape, Value

__all__ = ["cod_population", "dtm", "hapi", "prmn"]

_ALL = frozenset({"all", "total", "both", "t", "tl", "t_tl", ""})


def hapi(at: Mapping[str, int]) -> Shape | None:
    """Recognise one of the tables of HDX HAPI (API or bulk CSV, versions 1 and 2)."""
    if "reference_period_end" not in at:
        return None
    for read in (_hapi_refugees, _hapi_presence, _hapi_idps, _hapi_population):
        shape = read(at)
        if shape is not None:
            return shape
    return None


_REASON = ("has HAPI's field names and its reference period",)
_PARTS = "rows by sex and age are parts of the rows for all"
_LEVELS = "the same people are stated at several levels: never add across them"


def _splits(at: Mapping[str, int]) -> dict[int, frozenset[str]]:
    return {at[name]: _ALL for name in ("gender", "age_range") if name in at}


def _hapi_refugees(at: Mapping[str, int]) -> Shape | None:
    if not {"asylum_location_code", "origin_location_code", "population_group"} <= set(at):
        return None
    return Shape(
        id="hapi-refugees",
        title="HDX HAPI, refugees and returnees",
        kind="figures",
        place=(Level(0, at.get("asylum_location_name"), at["asylum_location_code"]),),
        origin=(Level(0, at.get("origin_location_name"), at["origin_location_code"]),),
        values=(Value(at["population"], rounded_to=5),),
        columns={"date": at["reference_period_end"], "group": at["population_group"]},
        defaults={"kind": "registered"},
        whole=_splits(at),
        returns=True,
        reasons=_REASON,
        notes=(_PARTS,),
    )


def _hapi_presence(at: Mapping[str, int]) -> Shape | None:
    if not {"org_name", "sector_code"} <= set(at):
        return None
    texts = {
        "org": "org_name",
        "acronym": "org_acronym",
        "org_type": "org_type_description",
        "sector": "sector_name",
        "sector_code": "sector_code",
        "note": "warning",
        "date": "reference_period_end",
        "start": "reference_period_start",
        "level": "admin_level",
    }
    return Shape(
        id="hapi-operational-presence",
        title="HDX HAPI, operational presence",
        kind="presence",
        place=_hapi_places(at),
        columns={ours: at[name] for ours, name in texts.items() if name in at},
        reasons=_REASON,
    )


def _hapi_idps(at: Mapping[str, int]) -> Shape | None:
    if "population" not in at or not {"reporting_round", "assessment_type"} & set(at):
        return None
    texts = {"date": "reference_period_end", "note": "operation", "level": "admin_level"}
    return Shape(
        id="hapi-idps",
        title="HDX HAPI, internally displaced people",
        kind="figures",
        place=_hapi_places(at),
        values=(Value(at["population"], "IDP", "stock"),),
        columns={ours: at[name] for ours, name in texts.items() if name in at},
        defaults={"kind": "estimate"},
        reasons=_REASON,
        notes=(_LEVELS,),
    )


def _hapi_population(at: Mapping[str, int]) -> Shape | None:
    if "population" not in at or not _splits(at) or {"sector_code", "population_status"} & set(at):
        return None
    texts = {"date": "reference_period_end", "level": "admin_level"}
    return Shape(
        id="hapi-population",
        title="HDX HAPI, baseline population",
        kind="population",
        place=_hapi_places(at),
        values=(Value(at["population"], "POP", "stock"),),
        columns={ours: at[name] for ours, name in texts.items() if name in at},
        defaults={"kind": "government"},
        whole=_splits(at),
        reasons=_REASON,
        notes=(_PARTS, _LEVELS),
    )


def _hapi_places(at: Mapping[str, int]) -> tuple[Level, ...]:
    """The matched code and, where there is no match, the name that the provider gave."""
    levels = []
    if "location_code" in at:
        levels.append(Level(0, at.get("location_name"), at["location_code"]))
    for level in (1, 2):
        name = at.get(f"admin{level}_name", at.get(f"provider_admin{level}_name"))
        provider = at.get(f"provider_admin{level}_name")
        if provider is not None and provider != name:
            levels.append(Level(level, provider, at.get(f"admin{level}_code")))
        elif name is not None:
            levels.append(Level(level, name, at.get(f"admin{level}_code")))
    return tuple(levels)


def dtm(at: Mapping[str, int]) -> Shape | None:
    """Recognise IOM DTM figures as its API and its workbooks write them."""
    value = at.get("numpresentidpind", at.get("idp_ind"))
    if value is None or not {"admin0name", "admin0pcode", "admin1name"} & set(at):
        return None
    levels = tuple(
        Level(level, at.get(f"admin{level}name"), at.get(f"admin{level}pcode"))
        for level in range(5)
        if f"admin{level}name" in at or f"admin{level}pcode" in at
    )
    texts = {"date": "reportingdate", "level": "adminlevel", "note": "operation"}
    return Shape(
        id="iom-dtm",
        title="IOM DTM, internally displaced people",
        kind="figures",
        place=levels,
        values=(Value(value, "IDP", "stock"),),
        columns={ours: at[name] for ours, name in texts.items() if name in at},
        defaults={"kind": "estimate"},
        reasons=("has DTM's field names (numPresentIdpInd, admin1Pcode, reportingDate)",),
        notes=(
            "the same people are stated at several levels and in every round: never add across them",
            "DTM's data may not be redistributed: its source's licence must allow what is published",
        ),
    )


_ADM_CODE = re.compile(r"adm(?:in)?([0-4])_?p?code")
_ADM_NAME = re.compile(r"adm(?:in)?([0-4])(?:_?name)?(?:_?(?:en|fr|es|pt|ar|name|ref))?")
_LONG_GROUP = "population_group"


def cod_population(at: Mapping[str, int]) -> Shape | None:
    """Recognise a COD population table, wide (``T_TL``, ``F_00_04``…) or long."""
    levels: dict[int, dict[str, int]] = {}
    for name, column in at.items():
        for kind, pattern in (("code", _ADM_CODE), ("name", _ADM_NAME)):
            if match := pattern.fullmatch(name):
                levels.setdefault(int(match[1]), {}).setdefault(kind, column)
    if not levels:
        return None
    place = tuple(
        Level(level, found.get("name"), found.get("code"))
        for level, found in sorted(levels.items())
    )
    year = at.get("year", at.get("reference_year", at.get("annee")))
    columns = {} if year is None else {"date": year}
    if "t_tl" in at:
        return Shape(
            id="cod-ps-wide",
            title="COD population statistics, one column per sex and age",
            kind="population",
            place=place,
            values=(Value(at["t_tl"], "POP", "stock"),),
            columns=columns,
            defaults={"kind": "government"},
            reasons=("has admin codes and the total T_TL",),
            notes=("the columns by sex and age are parts of T_TL and are not read",),
        )
    if not {"population", _LONG_GROUP, "gender"} <= set(at):
        return None
    splits = {at[n]: _ALL for n in (_LONG_GROUP, "gender", "age_range") if n in at}
    return Shape(
        id="cod-ps-long",
        title="COD population statistics, one row per sex and age",
        kind="population",
        place=place,
        values=(Value(at["population"], "POP", "stock"),),
        columns=columns | ({"note": at["source"]} if "source" in at else {}),
        defaults={"kind": "government"},
        whole=splits,
        reasons=("has admin codes, a population group (T_TL), sex, age and population",),
        notes=("rows by sex and age are parts of the rows for all",),
    )


def prmn(at: Mapping[str, int]) -> Shape | None:
    """Recognise displacement events with a place of departure and of arrival (Somalia PRMN)."""

    def column(*words: str) -> int | None:
        return next((at[name] for name in at if all(word in name for word in words)), None)

    ends = {
        end: [column(word, "region"), column(word, "district")]
        for end, word in (("place", "arrival"), ("origin", "departure"))
    }
    value, month = column("number", "individuals"), column("month")
    if value is None or month is None or None in (*ends["place"], *ends["origin"]):
        return None
    reason = at.get("reason")
    return Shape(
        id="prmn",
        title="PRMN, displacement by place of departure and arrival",
        kind="flows",
        place=tuple(Level(n, one) for n, one in enumerate(ends["place"], start=1)),
        origin=tuple(Level(n, one) for n, one in enumerate(ends["origin"], start=1)),
        values=(Value(value, "IDP", "new"),),
        columns={"date": month} | ({"note": reason} if reason else {}),
        defaults={"kind": "estimate"},
        reasons=("has regions and districts of departure and of arrival, and a number of people",),
        notes=("months are read as whole months: the day is the month's last",),
    )
