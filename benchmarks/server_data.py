"""What the server benchmark serves: figures that mean nothing, of real and of invented units."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from tile_sets import KEPT, world_adm1, world_adm2

from boundaries.natural_earth import NATURAL_EARTH
from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.sqlite_store import SqliteStore
from geo.tables import (
    UNIT_FIGURE_COLUMNS,
    UNIT_FLOW_COLUMNS,
    UNIT_PRESENCE_COLUMNS,
    typed_columns,
    typed_frame,
)
from maps.spec import LayerSpec, MapSpec
from service.published import boundary_file, specs_to_json

__all__ = ["GROUPS", "adm2_within_world", "days", "million", "publish", "two_days"]

GROUPS = ("REF", "ASY", "OIP", "IDP", "RET", "RDP", "STA", "HST", "OOC", "ROC")
SITUATION = "bench"
_CREATED = dt.date(2024, 1, 1)
_SOURCE = Source("survey", "Generated", "Nobody", _CREATED, "CC0", Sensitivity.PUBLIC)
_FIXED = {
    "measure": "stock",
    "kind": "registered",
    "unit": "persons",
    "state": "figure",
    "qualifier": "exact",
    "basis": "stated",
    "sources": "survey",
    "rows": "generated.csv:2",
}


def adm2_within_world() -> BoundarySet:
    """Return the invented second level under the real countries and regions."""
    world, cells = world_adm1(), world_adm2()
    above = world.frame[world.frame["level"] < 2]
    frame = gpd.GeoDataFrame(pd.concat([above, cells.frame], ignore_index=True), crs=4326)
    text = frame.select_dtypes(include=["object", "str"]).columns
    frame[text] = frame[text].fillna("")
    content = hashlib.sha256(KEPT.read_bytes()).hexdigest()[:32]
    return BoundarySet(replace(cells.vintage, content=content), frame)


def days(count: int) -> list[dt.date]:
    return [dt.date(2020, 1, 31) + dt.timedelta(days=30 * i) for i in range(count)]


def two_days(places: BoundarySet, level: int) -> pd.DataFrame:
    """Return inhabitants of each unit, and displaced people and refugees on two days."""
    codes = places.codes(level)
    first, second = days(2)
    series = [("POP", first), ("IDP", first), ("IDP", second), ("REF", first), ("REF", second)]
    rng = np.random.default_rng(7)
    parts = [
        _part(codes, level, group, day, rng.lognormal(11 if group == "POP" else 7, 1.5, len(codes)))
        for group, day in series
    ]
    return pd.concat(parts, ignore_index=True)


def million(
    places: BoundarySet, codes: Sequence[str], *, rows: int, factor: int = 1
) -> pd.DataFrame:
    """Return ``rows`` figures of some units of level 1: by group, day and origin, and all origins."""
    origins = ["", *(code for code in places.codes(0) if code not in codes)]
    dates = days(25)
    rng = np.random.default_rng(11)
    parts, made = [], 0
    for origin in origins:
        for group in GROUPS:
            for day in dates:
                if made < rows:
                    values = rng.lognormal(7, 1.5, len(codes)) * factor
                    parts.append(_part(codes, 1, group, day, values, origin=origin))
                    made += len(codes)
    return pd.concat(parts, ignore_index=True)


def _part(
    codes: Sequence[str],
    level: int,
    group: str,
    day: dt.date,
    values: np.ndarray,
    *,
    origin: str = "",
) -> pd.DataFrame:
    n = len(codes)
    cells = {name: [""] * n for name in UNIT_FIGURE_COLUMNS}
    cells |= {name: [text] * n for name, text in _FIXED.items()}
    cells |= {"pcode": list(codes), "level": [level] * n, "unplaced": [False] * n}
    cells |= {"group": [group] * n, "origin": [origin] * n, "start": [None] * n, "date": [day] * n}
    cells["value"] = np.floor(values).tolist()
    return typed_columns(cells)


def publish(
    folder: Path,
    places: BoundarySet,
    figures: pd.DataFrame,
    *,
    level: int,
    countries: Sequence[str] = (),
) -> tuple[Path, str]:
    """Publish figures in a store of ``folder``; return the store and the edition's id."""
    folder.mkdir(parents=True, exist_ok=True)
    if places.vintage.id != NATURAL_EARTH:
        kept = boundary_file(folder, places.vintage)
        kept.parent.mkdir(exist_ok=True)
        if not kept.exists():
            places.frame.to_parquet(kept)
    everybody = {iso3 for iso3 in places.at(0)["iso3"] if iso3}
    released = ReleasedFigures(
        situation=SITUATION,
        title={"en": "Generated figures"},
        as_of=max(figures["date"]),
        created=_CREATED,
        vintage=places.vintage.id,
        countries=tuple(sorted(countries or everybody)),
        focus=min(countries or everybody),
        figures=figures,
        flows=typed_frame([], UNIT_FLOW_COLUMNS),
        presence=typed_frame([], UNIT_PRESENCE_COLUMNS),
        sources=(_SOURCE,),
    )
    layer = LayerSpec("choropleth", ("IDP",), level=level, per="population")
    specs = specs_to_json((MapSpec("map", {"en": "Generated figures"}, (layer,)),), places.vintage)
    store = folder / "store.sqlite"
    edition = SqliteStore(store).publish(
        released, specs_json=specs, published=dt.datetime.now(dt.UTC)
    )
    return store, edition.id
