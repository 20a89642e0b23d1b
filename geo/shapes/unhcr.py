"""UNHCR's own tables: population statistics, demographics by location, solutions, and the data portal.

Years are the ends of years. Counts under 5 are rounded to 0 or 5. Country codes ``coo`` and
``coa`` are UNHCR's, ``coo_iso`` and ``coa_iso`` are ISO. A zero says nothing (see `Shape.sparse`).
"""

from collections.abc import Mapping

from geo.shapes.shape import Level, Shape, Value

__all__ = ["demographics", "portal", "statistics"]

_ROUNDED = 5
_KIND = {"kind": "registered"}
_KIND_NOTE = "the table does not say how people were counted; 'registered' is proposed"

# header → group, measure
_STOCKS = {
    "refugees": "REF",
    "ref": "REF",
    "asylum_seekers": "ASY",
    "asy": "ASY",
    "refugee_like": "ROC",
    "roc": "ROC",
    "idps": "IDP",
    "idp": "IDP",
    "stateless": "STA",
    "sta": "STA",
    "ooc": "OOC",
    "oip": "OIP",
    "hst": "HST",
}
_RETURNS = {"returned_refugees": "RET", "ret": "RET", "returned_idps": "RDP", "rdp": "RDP"}
_PAIRS = (("coo_iso", "coo_name", "coa_iso", "coa_name"), ("iso3coo", "", "iso3coa", ""))
_UNHCR_PAIR = ("coo", "coo_name", "coa", "coa_name")


def _pair(at: Mapping[str, int]) -> tuple[Level, Level] | None:
    """Return the levels of asylum and origin, from ISO codes where there are any."""
    for coo, coo_name, coa, coa_name in (*_PAIRS, _UNHCR_PAIR):
        if coo in at and coa in at:
            codes = "unhcr" if (coo, coa) == ("coo", "coa") else "as-written"
            return (
                Level(0, at.get(coa_name), at[coa], codes),  # type: ignore[arg-type]
                Level(0, at.get(coo_name), at[coo], codes),  # type: ignore[arg-type]
            )
    return None


def statistics(at: Mapping[str, int]) -> Shape | None:
    """Recognise a table of origin by asylum by year, with one column per group.

    Stocks, displacement in the year (a ``refugee_like`` column) and solutions in the year
    (``resettlement``, ``naturalisation``) have the same columns and must not be mixed.
    """
    pair = _pair(at)
    if pair is None or "year" not in at or "location" in at:
        return None
    new = "refugee_like" in at
    solutions = bool({"resettlement", "naturalisation", "rst", "nat"} & set(at))
    if "total" in at and not set(_STOCKS) & set(at):  # the table of IDMC's figures
        values: tuple[Value, ...] = (Value(at["total"], "IDP", "stock"),)
        title = "IDPs in UNHCR's statistics, as IDMC counts them"
    else:
        stocks = [(at[name], group) for name, group in _STOCKS.items() if name in at]
        returns = [(at[name], group) for name, group in _RETURNS.items() if name in at]
        measure = "new" if new else "stock"
        values = tuple(
            [Value(column, group, measure, rounded_to=_ROUNDED) for column, group in stocks]
            + [Value(column, group, "new", rounded_to=_ROUNDED) for column, group in returns]
        )
        title = "UNHCR population statistics"
        title = "UNHCR statistics of people displaced in the year" if new else title
        title = "UNHCR statistics of solutions in the year" if solutions else title
    if not values:
        return None
    name = "flows" if new else "solutions" if solutions else "population"
    name = "idmc" if "total" in at and len(values) == 1 else name
    asylum, origin = pair
    return Shape(
        id=f"unhcr-{name}",
        title=title,
        kind="figures",
        place=(asylum,),
        origin=(origin,),
        values=tuple(sorted(values, key=lambda value: value.at)),
        columns={"date": at["year"]},
        defaults=_KIND,
        sparse=True,
        returns=True,
        reasons=("has a year, a country of origin, a country of asylum and groups as columns",),
        notes=(
            _KIND_NOTE,
            "counts under 5 are rounded to 0 or 5 by UNHCR",
            "a zero stands wherever a pair of countries has nobody of a group: it is no figure",
            "returned refugees are placed in the country they returned to; their origin is the "
            "country they came back from",
        ),
    )


def demographics(at: Mapping[str, int]) -> Shape | None:
    """Recognise a table of groups by location; its columns by sex and age are parts of the total."""
    pair = _pair(at)
    group = at.get("pop_type", at.get("pt"))
    if pair is None or group is None or "location" not in at or "total" not in at:
        return None
    asylum, origin = pair
    return Shape(
        id="unhcr-demographics",
        title="UNHCR demographics by location",
        kind="figures",
        place=(asylum, Level(None, at["location"])),
        origin=(origin,),
        values=(Value(at["total"], rounded_to=_ROUNDED),),
        columns={"date": at["year"], "group": group},
        defaults=_KIND,
        reasons=("has a location and a total for each population type, origin and year",),
        notes=(_KIND_NOTE, "the columns by sex and age are parts of the total and are not read"),
    )


def portal(at: Mapping[str, int]) -> Shape | None:
    """Recognise an answer of UNHCR's Operational Data Portal."""
    if not {"geomaster_name", "individuals", "pop_type_code"} <= set(at):
        return None
    origin = at.get("pop_origin_name", at.get("pop_origin_code"))
    return Shape(
        id="unhcr-portal",
        title="UNHCR Operational Data Portal",
        kind="figures",
        place=(Level(None, at["geomaster_name"]),),
        origin=(Level(0, origin),) if origin else (),
        values=(Value(at["individuals"]),),
        columns={
            ours: at[name]
            for ours, name in (
                ("group", "pop_type_code"),
                ("date", "date"),
                ("measure", "pop_frequency_cumulative_code"),
                ("level", "admin_level"),
                ("note", "source"),
            )
            if name in at
        },
        defaults={"kind": "registered", "measure": "stock"},
        reasons=("has the portal's field names (geomaster_name, pop_type_code, individuals)",),
        notes=(_KIND_NOTE,),
    )
