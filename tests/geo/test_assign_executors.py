"""Serial, a pool and a Dask cluster count the same, whoever is killed meanwhile."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from boundaries.id_grid_shelf import keep_grid
from boundaries.units import BoundarySet
from geo.assign import AssignTask, PartCounts
from geo.assign_run import assign_points
from geo.executors import NoCluster, UnknownExecutor, WorkersLost, run_all
from geo.point_files import Partition, files_in, partitions


@pytest.fixture(scope="module")
def run(
    xaa: BoundarySet, tmp_path_factory: pytest.TempPathFactory
) -> tuple[AssignTask, list[Partition], PartCounts]:
    """A task, its partitions, and what one process makes of them."""
    folder = tmp_path_factory.mktemp("points")
    random = np.random.default_rng(0)
    for at in range(12):
        points = random.uniform((9, 9), (14, 13), (20_000, 2))
        pd.DataFrame(points, columns=["x", "y"]).to_parquet(folder / f"part{at:02}.parquet")
    task = AssignTask(keep_grid(xaa, 2, per_degree=16, folder=folder / "data"), "x", "y")
    parts = partitions(files_in([folder]), task.columns)
    return task, parts, assign_points(task, parts)


def test_a_killed_process_changes_nothing(
    run: tuple[AssignTask, list[Partition], PartCounts], tmp_path: Path
) -> None:
    task, parts, serial = run
    killed: list[int] = []

    def kill_one(_part: Partition, _counts: PartCounts) -> None:
        workers = multiprocessing.active_children()
        if not killed and workers and workers[0].pid:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    pooled = assign_points(task, parts, executor="pool:2", keep_in=tmp_path, step=kill_one)
    assert killed
    assert pooled == serial
    assert len(list(tmp_path.glob("*.json"))) == len(parts)


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a Dask scheduler here and worker processes, as on other machines."""
    distributed: Any = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as scheduler:
        address = scheduler.scheduler_address
        start = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        there = [
            subprocess.Popen([*start, "--nthreads", "1", "--no-dashboard"], **quiet)
            for _ in range(workers)
        ]
        try:
            yield address, there
        finally:
            for worker in there:
                worker.kill()
                worker.wait()


def test_a_killed_dask_worker_changes_nothing(
    run: tuple[AssignTask, list[Partition], PartCounts],
) -> None:
    task, parts, serial = run
    with cluster(2) as (address, workers):

        def kill_one(_part: Partition, _counts: PartCounts) -> None:
            workers[0].kill()

        there = assign_points(task, parts, executor=address, step=kill_one)
    assert there == serial


def test_a_place_to_work_that_is_none_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.executors._PATIENCE", 0.5)
    for word in ("thread", "pool:0", "pool:x"):
        with pytest.raises(UnknownExecutor, match="expected serial, pool"):
            list(run_all(abs, [1], word))
    with pytest.raises(NoCluster, match="dask scheduler"):
        list(run_all(abs, [1], "tcp://127.0.0.1:1"))


def test_workers_that_always_die_end_the_run_in_one_sentence() -> None:
    with pytest.raises(WorkersLost, match="what is done is kept"):
        list(run_all(os._exit, [1], "pool:1"))
