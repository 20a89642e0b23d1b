"""The embedded places: the world from Natural Earth. Its codes are its own; see ``code_scheme``.

Natural Earth draws borders as they are held; where United Nations practice differs, the
derivation (``derive/natural_earth.py``) says what was put right. It is generalised for maps of
countries: a region of a city (Bamako, Niamey, Nouakchott) is only roughly where it is, so points
near such a city are not to be assigned with it.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "NATURAL_EARTH",
    "country_codes",
    "natural_earth_vintage",
    "open_natural_earth",
    "open_towns",
    "open_water",
]

NATURAL_EARTH = "natural-earth-5.1"

_DATA = Path(__file__).parent / "data"


@cache
def natural_earth_vintage() -> Vintage:
    """Return what the embedded borders are. The source gives no day on which they were in force.

    What is known: India has Ladakh apart (October 2019), Mali still has the nine regions it had
    until 2016 (no Ménaka, no Taoudénit), Burkina Faso's first level is its 45 provinces, and
    Côte d'Ivoire has the 19 regions of before 2011.
    """
    about = json.loads((_DATA / "natural_earth.json").read_text(encoding="utf-8"))
    return Vintage(
        id=NATURAL_EARTH,
        label="Natural Earth 5.1, countries and first level (Mali: nine regions)",
        source="Natural Earth",
        licence="Public domain",
        content=about["content"],
    )


@cache
def open_natural_earth(
    countries: tuple[str, ...] = (), *, level0_everywhere: bool = False
) -> BoundarySet:
    """Read the embedded units: the world, or some countries.

    Parameters
    ----------
    countries : tuple of str
        ISO 3166-1 alpha-3 codes. Empty is all. A code that no unit has finds nothing.
    level0_everywhere : bool
        With ``countries``: all other countries too, but only as countries (level 0).

    Returns
    -------
    BoundarySet
        Levels 0 and 1. One and the same object on every call with the same arguments.
    """
    where: list[list[tuple[str, str, Any]]] | None = None
    if countries:
        where = [[("iso3", "in", list(countries))]]
        if level0_everywhere:
            where.append([("level", "==", 0)])
    frame = gpd.read_parquet(_DATA / "natural_earth.parquet", filters=where)
    return BoundarySet(natural_earth_vintage(), frame.reset_index(drop=True))


@cache
def country_codes() -> Mapping[str, str]:
    """Return ISO 3166-1 alpha-3 by alpha-2, which is how OCHA's P-codes begin.

    >>> country_codes()["ML"]
    'MLI'
    """
    import pandas as pd

    table = pd.read_parquet(
        _DATA / "natural_earth.parquet",
        columns=["pcode", "iso3"],
        filters=[("level", "==", 0), ("iso3", "!=", "")],
    )
    return dict(zip(table["pcode"], table["iso3"], strict=True))


@cache
def open_towns() -> "pd.DataFrame":
    """Read the towns of the world: capitals first, then by rank and population.

    Columns: ``name``; ``name_fr``, ``name_es``, ``name_ar`` ("" where not known); ``lon``, ``lat`` in
    degrees; ``iso3`` ("" in areas without a code); ``kind`` (capital, adm1_capital, town);
    ``rank`` (0 is the most important, 10 the least); ``population`` (persons, a rough figure of about
    2010 for ranking only; 0 is not known). Treat the table as read-only.
    """
    import pandas as pd

    return pd.read_parquet(_DATA / "towns.parquet")


@cache
def open_water() -> gpd.GeoDataFrame:
    """Read the main rivers (lines) and lakes (polygons), EPSG:4326.

    Columns: ``kind`` (lake, river), ``name`` ("" where not known), ``rank`` (0 is the most important, 7
    the least), ``geometry``. Lakes lie over the units, which are not cut out for them.
    """
    return gpd.read_parquet(_DATA / "water.parquet")
