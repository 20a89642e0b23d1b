"""The flows that layouts are compared on: generated ones by seed, and published ones where at hand.

Values of the generated sets are invented; only places and who is linked to whom are real.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maps.flow_curves import FlowProblem

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"

# Public positions (degrees) of towns and camps, and links between them in 2012 to 2017.
_PLACES = {
    "Bamako": (-7.99, 12.65),
    "Sikasso": (-5.67, 11.32),
    "Ségou": (-6.26, 13.43),
    "Mopti": (-4.19, 14.49),
    "Tombouctou": (-3.01, 16.77),
    "Gao": (-0.05, 16.27),
    "Kidal": (1.41, 18.44),
    "Ménaka": (2.40, 15.92),
    "Mbera": (-5.77, 15.82),
    "Abala": (3.43, 14.93),
    "Mangaïzé": (1.95, 14.68),
    "Tabareybarey": (0.95, 14.75),
    "Mentao": (-1.68, 14.05),
    "Goudoubo": (-0.04, 14.02),
    "Bobo-Dioulasso": (-4.30, 11.18),
    "Tamanrasset": (5.52, 22.79),
    "Abidjan": (-4.03, 6.90),
}
_LINKS = (
    "Tombouctou>Mbera Mopti>Mbera Gao>Tabareybarey Ménaka>Abala Ménaka>Mangaïzé Gao>Goudoubo "
    "Tombouctou>Mentao Mopti>Bobo-Dioulasso Kidal>Tamanrasset Mbera>Tombouctou Tabareybarey>Gao "
    "Mentao>Tombouctou Abala>Ménaka Sikasso>Abidjan Tombouctou>Bamako Gao>Bamako Mopti>Ségou "
    "Kidal>Gao Gao>Mopti Tombouctou>Ségou"
)


_SPELT = {"Baidoa": "Baydhaba", "Kismayo": "Kismaayo"}


def on_page(
    points: np.ndarray,
    links: Sequence[tuple[int, int]],
    value: np.ndarray,
    *,
    page: tuple[float, float],
    pad: float,
    width: tuple[float, float],
    radius: float,
) -> FlowProblem:
    """Fit projected points (y up) to a page in mm; bands are linear in value."""
    low, high = points.min(0), points.max(0)
    scale = min((page[0] - 2 * pad) / (high[0] - low[0]), (page[1] - 2 * pad) / (high[1] - low[1]))
    nodes = (points - (low + high) / 2) * scale * (1, -1) + np.array(page) / 2
    origin, destination = np.array(links, dtype=np.intp).T
    thin, wide = width
    return FlowProblem(
        nodes=nodes,
        radius=np.full(len(nodes), radius),
        origin=origin,
        destination=destination,
        width=thin + (wide - thin) * value / value.max(),
        value=value,
        frame=(0.0, 0.0, *page),
        obstacles=np.empty((0, 4)),
    )


def mali_20(seed: int) -> FlowProblem:
    """Twenty links between towns and camps in and around Mali; the persons are generated."""
    from pyproj import Transformer

    names = list(_PLACES)
    project = Transformer.from_crs(
        "EPSG:4326", "+proj=laea +lat_0=17 +lon_0=-3 +datum=WGS84", always_xy=True
    )
    points = np.stack(project.transform(*np.array(list(_PLACES.values())).T), axis=1)
    ends = [link.split(">") for link in _LINKS.split()]
    links = [(names.index(origin), names.index(destination)) for origin, destination in ends]
    value = np.random.default_rng(seed).lognormal(8.3, 1.1, len(links)).clip(100, 47_000).round()
    return on_page(points, links, value, page=(190, 190), pad=22, width=(0.5, 6.0), radius=1.5)


def _countries() -> tuple[list[str], np.ndarray]:
    """Return ISO codes and positions (Equal Earth, metres) of countries of more than 4,000 km²."""
    from pyproj import Transformer

    from boundaries.natural_earth import open_natural_earth

    frame = open_natural_earth().at(0)
    frame = frame[frame.geometry.to_crs("+proj=eqearth").area > 4e9]
    frame = frame[frame["iso3"] != "ATA"]
    project = Transformer.from_crs("EPSG:4326", "+proj=eqearth", always_xy=True)
    x, y = project.transform(frame["label_lon"].to_numpy(float), frame["label_lat"].to_numpy(float))
    return list(frame["iso3"]), np.stack([x, y], axis=1)


def _world(points: np.ndarray, links: Sequence[tuple[int, int]], value: np.ndarray) -> FlowProblem:
    return on_page(points, links, value, page=(400, 200), pad=8, width=(0.25, 3.0), radius=0.8)


def world(flows: int, seed: int) -> FlowProblem:
    """Generated flows from sixty countries, by gravity: heavy tails, most of them short."""
    _, points = _countries()
    rng = np.random.default_rng(seed)
    n = len(points)
    mass, pull = rng.lognormal(0, 1.3, n), rng.lognormal(0, 1.0, n)
    away = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    chance = np.where(away < 3.5e5, 0, mass[:, None] * pull[None] / away**2.4)
    chance[np.argsort(-mass)[60:]] = 0
    drawn = rng.choice(n * n, flows, replace=False, p=(chance / chance.sum()).ravel())
    links = [divmod(int(pair), n) for pair in drawn]
    value = chance.ravel()[drawn] * rng.lognormal(0, 0.6, flows)
    return _world(points, links, value)


def unhcr(year: int, flows: int) -> FlowProblem | None:
    """The largest refugee populations by origin and asylum at the end of a year (UNHCR)."""
    import pandas as pd

    path = SHARED / "tables" / "unhcr" / "unhcr_population_1951_2025.csv.gz"
    if not path.exists():
        return None
    names, points = _countries()
    table = pd.read_csv(path, usecols=["year", "coo_iso", "coa_iso", "refugees"])
    table = table[(table["year"] == year) & (table["coo_iso"] != table["coa_iso"])]
    table = table[table["coo_iso"].isin(names) & table["coa_iso"].isin(names)]
    table = table.nlargest(flows, "refugees")
    links = [
        (names.index(o), names.index(a))
        for o, a in zip(table["coo_iso"], table["coa_iso"], strict=True)
    ]
    return _world(points, links, table["refugees"].to_numpy(float))


def somalia(level: int, flows: int) -> FlowProblem | None:
    """Displacement between regions (1) or districts (2) of Somalia, 2016 to 2023 (UNHCR PRMN)."""
    import geopandas as gpd
    import pandas as pd

    path = SHARED / "tables" / "somalia" / "som_prmn_displacement_2016_2023.xlsx"
    borders = SHARED / "boundaries" / "cod_global_2020" / "cod_topojson_2020.zip"
    if not path.exists() or not borders.exists():
        return None
    shapes = gpd.read_file(f"/vsizip/{borders}/SOM/SOM_adm{level}.topojson").set_crs(4326)
    inner = shapes.to_crs("+proj=laea +lat_0=6 +lon_0=46").geometry.representative_point()
    names = shapes[f"admin{level}Name"].tolist()
    unit = {1: "Region", 2: "District"}[level]
    ends = [f"Previous (Departure) {unit}", f"Current (Arrival) {unit}"]
    table = pd.read_excel(path, usecols=[*ends, "Number of Individuals"])
    table = table.replace(_SPELT)
    summed = table.groupby(ends)["Number of Individuals"].sum().reset_index()
    known = summed[ends].isin(names).all(axis=1) & (summed[ends[0]] != summed[ends[1]])
    summed = summed[known].nlargest(flows, "Number of Individuals")
    links = [
        (names.index(o), names.index(d))
        for o, d in zip(summed[ends[0]], summed[ends[1]], strict=True)
    ]
    points = np.stack([inner.x.to_numpy(), inner.y.to_numpy()], axis=1)
    value = summed["Number of Individuals"].to_numpy(float)
    return on_page(points, links, value, page=(190, 260), pad=15, width=(0.4, 5.0), radius=1.2)


def mali_example() -> dict[str, FlowProblem]:
    """Return what the layout is asked for the flow maps of the Mali example, on their own paper."""
    from bench_page import scenes

    from maps import map_flows
    from maps.page import draw_page

    asked: dict[str, FlowProblem] = {}
    plain = map_flows.lay_out_flows
    for name, scene in scenes().items():

        def noted(problem: FlowProblem, name: str = name) -> np.ndarray:
            asked[name] = problem
            return plain(problem)

        map_flows.lay_out_flows = noted
        draw_page(scene)
    map_flows.lay_out_flows = plain
    return asked
