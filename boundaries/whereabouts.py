"""In which country units lie, where only their codes tell. A code's letters are a claim, not a proof.

OCHA's P-codes begin with a country's two letters, and files are about in which they are not ISO's (``BE``
for Benin is Belgium's), or in which codes are numbers. So a country that was read off codes is held
against the ground: the embedded countries.
"""

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.assembly import polygons_only
from boundaries.checks import first_five, labels
from boundaries.natural_earth import open_natural_earth
from boundaries.record import Check, Repair

__all__ = ["settle_countries"]

_MOST = 0.5  # of the units of one prefix: borders of two sources differ, a country does not


def settle_countries(units: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Check, list[Repair]]:
    """Correct ``iso3`` where most units of a prefix lie in another country than it says.

    Units whose codes begin with no letters and that have no country get the one they lie in. Where
    the embedded world has no country at a unit (at sea, an invented place), nothing is said.

    Parameters
    ----------
    units : GeoDataFrame
        ``pcode``, ``name``, ``iso3`` as read off the codes, ``geometry``.
    """
    lies_in = _located(units)
    prefix = units["pcode"].str.extract(r"^([A-Za-z]{2})")[0].fillna("")
    iso3 = units["iso3"].copy()
    repairs = []
    for letters, group in units.groupby(prefix):
        stated = set(group["iso3"])
        found = lies_in.loc[group.index]
        found = found[found != ""]
        if found.empty or (letters and stated == {""}):
            continue  # letters of no country: an invented or a special code, left alone
        shares = found.value_counts(normalize=True)
        most, share = str(shares.index[0]), float(shares.iloc[0])
        if share < _MOST or (len(stated) == 1 and most in stated):
            continue
        iso3.loc[group.index] = most
        was = ", ".join(sorted(stated - {""})) or "no country"
        what = (
            f"codes that begin with {letters or 'no letters'} say {was}; "
            f"{share:.0%} of their {len(group)} units lie in {most}, and that is taken"
        )
        repairs.append(Repair("country", tuple(labels(group)[:5]), 0.0, what))
    changed = (iso3 != units["iso3"]).to_numpy()
    check = Check(
        "country",
        "units that lie in another country than their code says, or whose code says none",
        int(changed.sum()),
        first_five(labels(units)[changed]),
    )
    return units.assign(iso3=iso3), check, repairs


def _located(units: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return ISO 3166-1 alpha-3 of the country at a point inside each unit; "" where there is none."""
    world = _countries()
    inside = shapely.point_on_surface(polygons_only(units.geometry.to_numpy()))
    unit, country = shapely.STRtree(world.geometry.to_numpy()).query(inside, "intersects")
    found = pd.Series("", index=units.index, dtype="str")
    found.iloc[unit] = world["iso3"].to_numpy()[country]
    return found


def _countries() -> gpd.GeoDataFrame:
    world = open_natural_earth(("",), level0_everywhere=True).at(0)
    return world[world["iso3"] != ""]
