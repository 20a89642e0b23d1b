"""Parsing what others send happens in a child process that may be lost: never in this one.

The child gets a job, limits on time, memory and file size, and a folder to write into; it comes
back with plain data (JSON and Arrow), never with pickled objects. A child that exceeds a limit is
killed together with everything it started, and the caller gets one sentence.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from geo.errors import UnreadableTable

__all__ = ["Limits", "ReadingStopped", "main_of_child", "run_apart"]

_ANSWER = "answer.json"
_MOST_ANSWER = 50_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may use. Where the system has no rlimits, ``wall`` and the cell cap hold.

    ``wall`` and ``cpu`` are seconds, ``memory`` and ``file`` bytes. A table of 140,000 rows needs
    about 3 s and 0.5 GB.
    """

    wall: float = 120.0
    cpu: int = 90
    memory: int = 2 * 1024**3
    file: int = 1024**3


class ReadingStopped(UnreadableTable):
    """Reading a file took more time or memory than any table of people does."""

    def __init__(self, file: str, *, why: str) -> None:
        self.why = why
        super().__init__(
            file,
            found=f"reading it was stopped: {why}",
            expected="a table of at most some hundred thousand rows",
            todo="Copy the rows of the one sheet that is needed into a new file and save it as CSV.",
        )


def run_apart(
    module: str, job: Mapping[str, Any], folder: Path, *, file: str, limits: Limits | None = None
) -> dict[str, Any]:
    """Run ``python -m module`` on ``job`` in a child, and return its answer.

    ``folder`` is a folder of the caller's that the child writes into. The child inherits no
    environment beyond what Python needs to start, so it knows no secrets.

    Raises
    ------
    ReadingStopped
        The child exceeded a limit, or died.
    """
    limits = limits if limits is not None else Limits()
    answer = folder / _ANSWER
    command = [sys.executable, "-P", "-s", "-W", "ignore", "-m", module, str(folder)]
    child = subprocess.Popen(  # noqa: S603 -- our own module, no shell, no user text in the command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_bare_environment(),
        start_new_session=True,
    )
    try:
        child.communicate(json.dumps({"limits": asdict(limits), **job}).encode(), limits.wall)
    except subprocess.TimeoutExpired:
        raise ReadingStopped(file, why=f"it took more than {limits.wall:g} seconds") from None
    finally:
        _kill(child)
    if not answer.is_file() or answer.stat().st_size > _MOST_ANSWER:
        raise ReadingStopped(file, why=_why_it_died(child.returncode, limits))
    said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if said.get("stopped") == "memory":
        raise ReadingStopped(file, why=_too_much_memory(limits))
    return said


def _bare_environment() -> dict[str, str]:
    kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    roots = [str(Path(__file__).resolve().parent.parent), *(p for p in sys.path if p)]
    return env | {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(roots)),
        "PYTHONIOENCODING": "utf-8",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve gigabytes of addresses
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End a child that still runs, and whatever it started."""
    if child.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()


def _why_it_died(code: int, limits: Limits) -> str:
    if code == -getattr(signal, "SIGXCPU", 24):
        return f"it took more than {limits.cpu} seconds of processor time"
    return f"the reader broke down on it (exit {code})"


def _too_much_memory(limits: Limits) -> str:
    return f"it needs more than {limits.memory / 1024**3:.1f} GB of memory"


def main_of_child(work: "Any") -> None:
    """Be the child: take the job from stdin, lower the limits, work, write the answer.

    ``work`` is a function of the job and the folder that returns what goes into the answer.
    """
    folder = Path(sys.argv[1])
    job: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    _lower(Limits(**job.pop("limits")))
    try:
        said = work(job, folder)
    except MemoryError:
        said = {"stopped": "memory"}
    (folder / _ANSWER).write_text(json.dumps(said), encoding="utf-8")


def _lower(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows: the wall clock and the cap on cells remain
        return
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu + 1),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # over the soft limit of time a process gets a signal that says so; over the hard one SIGKILL
        soft = max(1, allowed - 1) if what == resource.RLIMIT_CPU else allowed
        resource.setrlimit(what, (soft, allowed))
