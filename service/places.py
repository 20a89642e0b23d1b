"""Where a situation's people may be: its boundaries, the world round them, and its declared places."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.sites import Site
from boundaries.units import BoundarySet
from geo.decisions import DECISIONS_FILE, read_decisions
from geo.matching import Places
from service.errors import BadSituation
from service.situation_file import SITUATION_FILE

if TYPE_CHECKING:
    from service.situation import DeclaredPlace, Situation

__all__ = ["Ground", "ground_of", "within_world"]


@dataclass(frozen=True)
class Ground:
    """``boundaries`` are the situation's countries in its vintage; ``places`` is what names may mean."""

    boundaries: BoundarySet
    places: Places


def ground_of(situation: "Situation") -> Ground:
    """Open the boundaries and set up the places of a situation.

    Raises
    ------
    BoundaryError
        The vintage is not at hand or its file cannot be read.
    BadSituation
        A country, or a unit that a ``[[place]]`` lies in, is not in the boundaries.
    """

    from boundaries.natural_earth import open_natural_earth

    world = open_natural_earth()
    own = _own(situation)
    everywhere = own if own.vintage.id == world.vintage.id else within_world(own, world)
    boundaries = everywhere.of_countries(situation.countries)
    there = set(boundaries.frame["iso3"])
    absent = [country for country in situation.countries if country not in there]
    if absent:
        raise BadSituation(
            situation.folder / SITUATION_FILE,
            where="[boundaries], countries",
            found=f"vintage {own.vintage.id} has no country {', '.join(absent)}",
            todo="Write ISO 3166-1 codes of three letters, as MLI.",
        )
    sites = tuple(_site(place, everywhere, situation) for place in situation.places)
    decided = read_decisions(situation.folder / DECISIONS_FILE, name=DECISIONS_FILE)
    places = Places(everywhere, sites, situation.carries, situation.countries, decided)
    return Ground(boundaries, places)


def _own(situation: "Situation") -> BoundarySet:
    """Open the situation's own vintage, with the columns it names where it names any."""
    from boundaries.catalogue import open_vintage
    from boundaries.files import read_boundaries

    if not situation.columns:
        return open_vintage(situation.vintage, base=situation.folder)
    return read_boundaries(situation.folder / situation.vintage, **situation.columns)


def within_world(own: BoundarySet, world: BoundarySet) -> BoundarySet:
    """Return boundaries of the user's own, completed by the world's for all other countries.

    Where a country comes without its own outline (level 0), the world's stands in as the parent of
    its regions. The vintage stays the user's.
    """
    import geopandas as gpd
    import pandas as pd

    mine, theirs = own.frame.copy(), world.frame
    of_mine = set(mine["iso3"]) - {""}
    outlined = set(mine.loc[mine["level"] == 0, "iso3"])
    is_outline = (theirs["level"] == 0) & theirs["iso3"].isin(of_mine - outlined)
    outlines = theirs[is_outline & ~theirs["pcode"].isin(mine["pcode"])]
    parent_of = dict(zip(outlines["iso3"], outlines["pcode"], strict=True))
    orphans = (mine["level"] == 1) & (mine["parent"] == "") & mine["iso3"].isin(list(parent_of))
    mine.loc[orphans, "parent"] = mine.loc[orphans, "iso3"].map(parent_of)
    others = theirs[~theirs["iso3"].isin(of_mine) & ~theirs["pcode"].isin(mine["pcode"])]
    frame = pd.concat([mine, outlines, others], ignore_index=True)
    frame = frame.sort_values(["level", "pcode"], ignore_index=True)
    return BoundarySet(own.vintage, gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"))


def _site(place: "DeclaredPlace", units: BoundarySet, situation: "Situation") -> Site:
    unknown = [pcode for pcode in place.within if pcode not in units]
    if unknown:
        raise BadSituation(
            situation.folder / SITUATION_FILE,
            where=f"[[place]] {place.id!r}, within",
            found=f"P-code {', '.join(unknown)} is not in vintage {units.vintage.id}",
            todo="Look codes up with `sitmap boundaries show`.",
        )
    lon, lat = place.lon, place.lat
    if lon is None or lat is None:
        points = [units.unit(pcode).label_point for pcode in place.within]
        lon = sum(point[0] for point in points) / len(points)
        lat = sum(point[1] for point in points) / len(points)
    return Site(place.id, place.names, lon, lat, place.within, place.kind, place.aliases)
