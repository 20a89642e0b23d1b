"""All partitions of a run: each is counted once and kept, so that a run that stopped goes on where it was.

A partition's result is a small file, named by the hash of the task and of the partition's bytes, and
moved into its place in one step. A worker that is killed leaves nothing, or the whole.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from boundaries.errors import SitmapError
from geo.assign import AssignTask, PartCounts, assign_partition
from geo.executors import run_all
from geo.point_files import Partition, content_of

__all__ = ["BadPartition", "assign_points", "kept_partition"]

_FORM = 1  # of the kept results


class BadPartition(SitmapError):
    """A partition that a worker could not count; the sentence is the worker's."""

    code = "bad-partition"


@dataclass(frozen=True)
class _Outcome:
    """What came of a partition: counts, or the sentence of an error. Errors do not travel well."""

    counts: PartCounts
    fault: str = ""


def assign_points(
    task: AssignTask,
    parts: Sequence[Partition],
    *,
    executor: str = "serial",
    keep_in: Path | None = None,
    step: Callable[[Partition, PartCounts], None] | None = None,
) -> PartCounts:
    """Return the counts of all points; the same for every executor, and after any interruption.

    Parameters
    ----------
    task : AssignTask
    parts : sequence of Partition
        From `geo.point_files.partitions`.
    executor : str
        As for `geo.executors.run_all`. Workers on other machines need the same paths.
    keep_in : Path, optional
        A folder for the results of partitions: those that are there already are not counted again.
    step : callable, optional
        Told of each partition that is done.

    Raises
    ------
    BadPartition
        A file cannot be read to its end, or a result cannot be kept.
    ExecutorError
    """
    absolute = [replace(part, path=part.path.resolve()) for part in parts]
    job = partial(kept_partition, task, keep_in and keep_in.resolve())
    whole = PartCounts()
    for at, outcome in run_all(job, absolute, executor):
        if outcome.fault:
            raise BadPartition(outcome.fault)
        whole.add(outcome.counts)
        if step is not None:
            step(parts[at], outcome.counts)
    return whole


def kept_partition(task: AssignTask, folder: Path | None, partition: Partition) -> _Outcome:
    """Return the counts of a partition: those kept in ``folder``, else counted now and kept there."""
    try:
        if folder is None:
            return _Outcome(assign_partition(task, partition))
        place = folder / f"{_name(task, partition)}.json"
        kept = _read(place)
        if kept is None:
            kept = assign_partition(task, partition)
            _write(kept, place)
        return _Outcome(kept)
    except SitmapError as error:
        return _Outcome(PartCounts(), fault=str(error))
    except OSError as fault:
        where, why = fault.filename or partition.path, (fault.strerror or str(fault)).lower()
        return _Outcome(
            PartCounts(), fault=f"{where}: {why}. Free the space, or name another place."
        )


def _name(task: AssignTask, partition: Partition) -> str:
    asked = {key: str(value) for key, value in asdict(task).items()}
    for place in ("grid", "land"):  # the folder's name is the hash of the units
        asked[place] = Path(asked[place]).name
    told = json.dumps([_FORM, asked, partition.name], sort_keys=True)
    return hashlib.blake2b((told + content_of(partition)).encode(), digest_size=16).hexdigest()


def _read(place: Path) -> PartCounts | None:
    """Return a kept result; None where there is none, or one that is damaged."""
    try:
        said = json.loads(place.read_text(encoding="utf-8"))
        counts = {
            (int(unit), int(origin), str(group), str(day)): [int(people), int(points)]
            for unit, origin, group, day, people, points in said["counts"]
        }
        examples = {
            str(reason): [(str(file), int(row), str(cell)) for file, row, cell in rows]
            for reason, rows in said["examples"].items()
        }
        left_out = {str(reason): int(count) for reason, count in said["left_out"].items()}
        rows, tried, swapped = (int(said[name]) for name in ("rows", "tried", "swapped"))
        return PartCounts(counts, rows, left_out, examples, tried, swapped)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(part: PartCounts, place: Path) -> None:
    said = {
        "counts": [[*key, *values] for key, values in sorted(part.counts.items())],
        "rows": part.rows,
        "left_out": part.left_out,
        "examples": part.examples,
        "tried": part.tried,
        "swapped": part.swapped,
    }
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        beside.write_text(json.dumps(said), encoding="utf-8")
        os.replace(beside, place)  # noqa: PTH105 - in one step, over what may be there
    finally:
        beside.unlink(missing_ok=True)
