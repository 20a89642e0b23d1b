"""Points to units: how fast, how exact, and what a killed worker changes.

Targets: 8 million points/s on one core for the first-level units of the world and 10 times geopandas'
join in the same run; no difference from an exact test on 10⁶ random and 10⁵ adversarial points; a Dask
cluster of two workers 1.5 times one process; a killed worker changes nothing; 10⁹ points in 4 GiB.

Run: python benchmarks/bench_assign.py [--points 4e6] [--executors] [--billion] [--folder DIR]
Without --executors and --billion all is one process, timed by the processor's clock. Dask's part needs the
extra sitmap[bulk].
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from measure import measure

from boundaries.id_grid import IdGrid
from boundaries.id_grid_files import open_grid
from boundaries.id_grid_shelf import keep_grid
from boundaries.natural_earth import open_natural_earth
from geo.assign import AssignTask, PartCounts
from geo.assign_run import assign_points
from geo.point_files import Partition, files_in, partitions

WORLD = ((-180, -60), (180, 80))


def cloud(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Half the points anywhere, half near the middles of units, as people are."""
    random = np.random.default_rng(seed)
    anywhere = random.uniform(*WORLD, (count // 2, 2))
    units = open_natural_earth().at(1)
    centres = units[["label_lon", "label_lat"]].to_numpy()[
        random.integers(0, len(units), count - count // 2)
    ]
    near = centres + random.normal(0, 0.4, centres.shape)
    points = np.vstack([anywhere, near])
    points[:, 0] = (points[:, 0] + 180) % 360 - 180
    points[:, 1] = np.clip(points[:, 1], -90, 90)
    random.shuffle(points)
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def speed(grid: IdGrid, count: int) -> None:
    lon, lat = cloud(count, 0)
    grid.positions(lon[:100_000], lat[:100_000])  # prepares the polygons
    best = min(cpu(lambda: grid.positions(lon, lat)) for _ in range(3))
    rate = count / best
    measure("assign-grid", "id grid, world, first level, half near towns, one core", rate / 1e6,
            "M points/s", at_least=8)  # fmt: skip
    few = min(count, 200_000)
    units = gpd.GeoDataFrame({"at": range(len(grid.pcodes))}, geometry=grid.polygons, crs=4326)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon[:few], lat[:few]), crs=4326)
    peer = few / cpu(lambda: gpd.sjoin(points, units, predicate="intersects"))
    measure("assign-sjoin", "id grid against geopandas' sjoin", rate / peer, "times", at_least=10,
            beside=f"sjoin {peer / 1e6:.3f} M points/s")  # fmt: skip


def exact(grid: IdGrid, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the smallest position of a unit that each point touches, by a tree of all units."""
    tree = shapely.STRtree(grid.polygons)
    point, unit = tree.query(shapely.points(lon, lat), predicate="intersects")
    found = np.full(len(lon), len(grid.pcodes))
    np.minimum.at(found, point, unit)
    found[found == len(grid.pcodes)] = -1
    return found


def exactness(grid: IdGrid, random_points: int, adversarial: int) -> None:
    lon, lat = cloud(random_points, 1)
    wrong = int((grid.positions(lon, lat) != exact(grid, lon, lat)).sum())
    measure("assign-random", f"{random_points:,} random points that differ from the exact test", wrong,
            at_most=0)  # fmt: skip
    random = np.random.default_rng(2)
    corners = shapely.get_coordinates(shapely.boundary(grid.polygons))
    corners = corners[(np.abs(corners[:, 0]) < 180) & (np.abs(corners[:, 1]) < 90)]
    at = random.integers(0, len(corners) - 1, adversarial)
    part = random.choice([0.0, 0.5, 1 / 3], (adversarial, 1))
    next_to = np.abs(np.diff(corners, axis=0)).max(axis=1)[at, None] < 5  # the same ring
    points = corners[at] + np.where(next_to, part * (corners[at + 1] - corners[at]), 0)
    away = random.choice([0.0, 1e-15, 1e-13, 1e-11, 1e-9, 1e-6, 1e-3], (adversarial, 1))
    angle = random.uniform(0, 2 * np.pi, adversarial)
    points = points + away * np.column_stack([np.cos(angle), np.sin(angle)])
    cells = random.random(adversarial) < 0.2  # on the lines between the grid's own cells
    points[cells] = np.round(points[cells] * grid.per_degree) / grid.per_degree
    lon, lat = np.clip(points[:, 0], -179.999999, 179.999999), np.clip(points[:, 1], -89.99, 89.99)
    wrong = int((grid.positions(lon, lat) != exact(grid, lon, lat)).sum())
    measure("assign-borders", f"{adversarial:,} points on and next to borders that differ", wrong,
            at_most=0)  # fmt: skip


def write_points(folder: Path, files: int, each: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(files):
        path = folder / f"part{at:05}.parquet"
        if path.exists():
            continue
        lon, lat = cloud(each, 100 + at)
        group = np.random.default_rng(at).integers(0, 3, each).astype("int8")
        groups = pa.DictionaryArray.from_arrays(pa.array(group), ["IDP", "REF", "RET"])
        pq.write_table(
            pa.table({"x": lon, "y": lat, "g": groups}), path, compression="zstd",
            use_dictionary=["g"], row_group_size=1 << 20,
        )  # fmt: skip


def run(
    task: AssignTask, parts: list[Partition], executor: str, **more: object
) -> tuple[PartCounts, float]:
    begun = time.perf_counter()
    counts = assign_points(task, parts, executor=executor, **more)  # type: ignore[arg-type]
    return counts, time.perf_counter() - begun


def whole_files(task: AssignTask, parts: list[Partition], rows: int) -> PartCounts:
    counts = PartCounts()

    def work() -> None:
        nonlocal counts
        counts = assign_points(task, parts)

    seconds = min(cpu(work) for _ in range(3))
    measure("assign-files", "with reading Parquet, groups and the matrix, one core",
            rows / seconds / 1e6, "M points/s", at_least=8)  # fmt: skip
    return counts


def differing(one: PartCounts, other: PartCounts) -> int:
    """Return how many keys of either are not the same in both; -1 where something else differs."""
    if one != other and one.counts == other.counts:
        return -1
    keys = one.counts.keys() | other.counts.keys()
    return sum(one.counts.get(key) != other.counts.get(key) for key in keys)


def workers_of(address: str, count: int) -> list[subprocess.Popen[bytes]]:
    start = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return [
        subprocess.Popen([*start, "--nthreads", "1", "--no-dashboard"], **quiet)  # type: ignore[call-overload]
        for _ in range(count)
    ]


def executors(task: AssignTask, parts: list[Partition], rows: int) -> None:
    """Compare by the clock on the wall, which needs a machine that does nothing else, and by processors' time."""
    begun = time.process_time()
    serial, alone = run(task, parts, "serial")
    spent = time.process_time() - begun
    measure("assign-alone", "one process, by the clock", rows / alone / 1e6, "M points/s")
    pooled, seconds = run(task, parts, "pool:2")
    measure("assign-pool", "a pool of two, with its start", rows / seconds / 1e6, "M points/s")
    measure(
        "assign-pool-same", "counts that differ with the pool", differing(pooled, serial), at_most=0
    )
    try:
        import distributed
    except ImportError:
        print("Dask is not installed: sitmap[bulk]")
        return
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as scheduler:
        address = scheduler.scheduler_address
        workers = workers_of(address, 2)
        try:
            with distributed.Client(address) as client:
                client.wait_for_workers(2)
                for _ in range(
                    3
                ):  # as a cluster that has been in use: each worker has the grid at hand
                    run(task, parts[:8], address)
                before = sum(client.run(time.process_time).values())
                clustered, seconds = run(task, parts, address)
                busy = sum(client.run(time.process_time).values()) - before
            measure("assign-dask", "Dask with two workers against one process, by the clock",
                    alone / seconds, "times", at_least=1.5,
                    beside=f"{rows / seconds / 1e6:.1f} M points/s")  # fmt: skip
            measure("assign-dask-cpu", "  by the processors' time, were both cores free",
                    2 * spent / busy, "times")  # fmt: skip
            measure("assign-dask-same", "counts that differ with Dask", differing(clustered, serial),
                    at_most=0)  # fmt: skip
            killing = threading.Timer(seconds / 3, workers[0].kill)
            killing.start()
            after, _ = run(task, parts, address)
            killing.join()
            measure("assign-killed", "counts that differ after a worker was killed in mid-run",
                    differing(after, serial), at_most=0)  # fmt: skip
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()


def billion(task: AssignTask, folder: Path) -> None:
    """Count 10⁹ points: 50 different files of two million, ten names for each."""
    write_points(folder, 50, 2_000_000)
    for again in range(1, 10):
        for path in sorted(folder.glob("part?????.parquet")):
            link = path.with_name(f"again{again}-{path.name}")
            if not link.exists():
                link.symlink_to(path.name)
    parts = partitions(files_in([folder]), task.columns)
    rows = sum(part.rows for part in parts)
    begun = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    counts, seconds = run(task, parts, "pool:2")
    own, children = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    spent = sum(
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        for before, after in zip(begun, (own, children), strict=True)
    )
    measure("assign-billion", f"{rows:,} points, a pool of two, by the clock", seconds, "s",
            beside=f"{spent:.0f} s of the processors; {counts.placed:,} placed")  # fmt: skip
    # each of the two workers at most as large as the largest
    peak = (own.ru_maxrss + 2 * children.ru_maxrss) / 2**20
    measure("assign-billion-memory", "  memory at its peak, all processes", peak, "GiB", at_most=4)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--points", type=float, default=4e6)
    asked.add_argument("--random", type=float, default=1e6)
    asked.add_argument("--adversarial", type=float, default=1e5)
    asked.add_argument("--executors", action="store_true")
    asked.add_argument("--billion", action="store_true")
    asked.add_argument("--folder", type=Path)
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = said.folder or Path(made)
        begun = time.process_time()
        place = keep_grid(open_natural_earth(), 1, folder=folder / "data")
        grid = open_grid(place)
        measure("assign-making", "making the grid of the world's first level",
                time.process_time() - begun, "s")  # fmt: skip
        size = (grid.cells.nbytes + grid.coarse.nbytes) / 1e6
        measure("assign-size", "its size", size, "MB",
                beside=f"{grid.border_share:.2%} of the cells are left to the exact test")  # fmt: skip
        task = AssignTask(place, "x", "y", group="g")
        speed(grid, int(said.points))
        exactness(grid, int(said.random), int(said.adversarial))
        write_points(folder / "points", 12 if said.executors else 2, int(said.points))
        parts = partitions(files_in([folder / "points"]), task.columns)
        rows = sum(part.rows for part in parts)
        whole_files(task, parts, rows)
        if said.executors:
            executors(task, parts, rows)
        if said.billion:
            billion(task, folder / "billion")


if __name__ == "__main__":
    main()
