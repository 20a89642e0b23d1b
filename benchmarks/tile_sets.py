"""Boundaries that tile benchmarks share: the world's regions, and an invented second level of them.

The second level is no real one: ragged Voronoi cells of seeded points, cut by the real regions, so
that it is as large, as dense and as nested as one (more than 60,000 units, 2 million points) and may be
made anywhere. It is a coverage: neighbours share their borders point by point, over regions too. It is
made once and kept in ``out/``.

    python benchmarks/tile_sets.py      # make the second level, print what it is
"""

import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.natural_earth import open_natural_earth
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

__all__ = ["world_adm1", "world_adm2"]

KEPT = Path(__file__).parents[1] / "out" / "benchmarks" / "adm2.parquet"
CELLS, SEED = 64_000, 20_170_228
ROUGHNESS, PIECES = 0.13, 3  # of a border's length, sideways; halvings of each edge
_CELLS_VINTAGE = Vintage(
    id="invented-adm2",
    label="Invented second level of the world",
    source="seeded Voronoi cells within Natural Earth's regions",
    licence="CC0",
    content="",
)


def world_adm1() -> BoundarySet:
    """Return the embedded world; level 1 are its regions."""
    return open_natural_earth()


def world_adm2() -> BoundarySet:
    """Return the invented second level of the world, from ``out/`` where it was made before."""
    if not KEPT.exists():
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        beside = KEPT.with_suffix(".part")
        _made().to_parquet(beside, compression="zstd")
        beside.replace(KEPT)
    return BoundarySet(_CELLS_VINTAGE, gpd.read_parquet(KEPT))


def _made() -> gpd.GeoDataFrame:
    regions = world_adm1().at(1).reset_index(drop=True)
    shapes = np.asarray(regions.geometry.values, dtype=object)
    rng = np.random.default_rng(SEED)
    cuts = []
    share = np.maximum(shapely.area(shapes), 0.02)
    wanted = np.maximum(1, np.rint(CELLS * share / share.sum())).astype(int)
    for shape, count in zip(shapes.tolist(), wanted.tolist(), strict=True):
        if count > 1:
            cuts.append(_cuts(shape, count, rng))
    rings = shapely.get_rings(shapely.get_parts(shapes))
    lines = shapely.get_parts(np.concatenate([np.asarray(cuts, dtype=object), rings]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    inside = shapely.point_on_surface(faces)
    face, region = shapely.STRtree(shapes).query(inside, predicate="within")
    face, first = np.unique(face, return_index=True)
    return _frame(faces[face], inside[face], regions.iloc[region[first]])


def _cuts(shape: Any, count: int, rng: np.random.Generator) -> Any:
    """Return ragged borders that cut a region into about ``count`` cells."""
    west, south, east, north = shape.bounds
    sites: NDArray[np.float64] = np.empty((0, 2))
    while len(sites) < count:
        tried = rng.uniform((west, south), (east, north), size=(4 * count, 2))
        sites = np.vstack([sites, tried[shapely.contains_xy(shape, *tried.T)]])
    cells = shapely.voronoi_polygons(
        shapely.multipoints(sites[:count]), extend_to=shape, only_edges=True
    )
    edges = shapely.get_coordinates(shapely.get_parts(cells)).reshape(-1, 2, 2)
    return shapely.intersection(
        shapely.multilinestrings(shapely.linestrings(_ragged(edges, rng))), shape
    )


def _ragged(edges: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Halve straight edges again and again, moving each middle sideways: (n, points, 2)."""
    for _ in range(PIECES):
        start, end = edges[:, :-1], edges[:, 1:]
        aside = np.stack([start[..., 1] - end[..., 1], end[..., 0] - start[..., 0]], axis=-1)
        push = rng.normal(0, ROUGHNESS, aside.shape[:2])[..., None]
        middle = (start + end) / 2 + np.clip(push, -0.3, 0.3) * aside
        longer = np.empty((len(edges), 2 * edges.shape[1] - 1, 2))
        longer[:, 0::2], longer[:, 1::2] = edges, middle
        edges = longer
    return edges


def _frame(
    faces: NDArray[np.object_], inside: NDArray[np.object_], regions: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    order = np.lexsort((shapely.get_y(inside), shapely.get_x(inside), regions["pcode"]))
    faces, inside, regions = faces[order], inside[order], regions.iloc[order]
    number = regions.groupby("pcode").cumcount() + 1
    codes = [f"{code}-{n:03}" for code, n in zip(regions["pcode"], number, strict=True)]
    columns = {
        "pcode": codes,
        "level": 2,
        "parent": regions["pcode"].to_numpy(),
        "iso3": regions["iso3"].to_numpy(),
        "code_scheme": "own",
        "name": [f"{name} {n}" for name, n in zip(regions["name"], number, strict=True)],
        **dict.fromkeys(("name_en", "name_fr", "name_es", "name_ar", "aliases", "type"), ""),
        "label_lon": shapely.get_x(inside),
        "label_lat": shapely.get_y(inside),
    }
    return gpd.GeoDataFrame(columns, geometry=faces, crs=4326)


def main() -> None:
    start = time.process_time()
    level = world_adm2().at(2)
    shapes = np.asarray(level.geometry.values, dtype=object)
    print(f"{len(level):,} units, {shapely.get_num_coordinates(shapes).sum():,} points")
    print(
        f"a coverage: {shapely.coverage_is_valid(shapes)}; {time.process_time() - start:.0f} CPU-s"
    )


if __name__ == "__main__":
    main()
