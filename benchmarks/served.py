"""Servers that benchmarks start and stop, and what they cost: CPU of whole process trees, not wall time."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from postgis_cluster import cpu_seconds

__all__ = ["Load", "Server", "free_port", "load", "nginx", "resident", "sitmap", "tipg"]

ROOT = Path(__file__).parents[1]
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    base: str
    pid: int

    def cpu(self) -> float:
        return cpu_seconds(self.pid)

    def cpu_precise(self) -> float:
        """Return CPU seconds of the threads there are now, to the microsecond."""
        return sum(
            int((task / "schedstat").read_text().split()[0]) for pid in _tree(self.pid)
            for task in Path(f"/proc/{pid}/task").iterdir()
        ) / 1e9  # fmt: skip

    def get(self, path: str, **headers: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = httpx.get(self.base + path, headers=named, timeout=600)
        answer.raise_for_status()
        return answer.content


@dataclass(frozen=True, slots=True)
class Load:
    """What a server answered under load. ``cpu`` in microseconds a request; times in milliseconds."""

    per_second: float
    cpu: float
    p50: float
    p99: float
    failed: int


def load(
    server: Server,
    paths: Sequence[str],
    *,
    seconds: float = 3,
    cpu_of: Sequence[object] = (),
    accept_encoding: str = "identity",
) -> Load:
    """Ask for ``paths`` in turn over 8 connections for some seconds.

    ``cpu_of`` are others whose CPU counts too (they have a ``cpu()``).
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "paths.lua"
        listed = ",".join(f'"{path}"' for path in paths)
        script.write_text(
            f"local paths = {{{listed}}}\nlocal at = 0\n"
            f"local headers = {{['Accept-Encoding'] = '{accept_encoding}'}}\n"
            "request = function() at = at % #paths + 1 return wrk.format('GET', paths[at], headers) end\n"
            "done = function(summary, latency)\n"
            "  io.write(string.format('P50 %f P99 %f FAILED %d\\n', latency:percentile(50) / 1000,\n"
            "    latency:percentile(99) / 1000, summary.errors.status + summary.errors.read +\n"
            "    summary.errors.timeout + summary.errors.connect))\nend\n"
        )
        counted = [server, *cpu_of]
        before = sum(each.cpu() for each in counted)  # type: ignore[attr-defined]
        said = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "-s", str(script), server.base],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        after = sum(each.cpu() for each in counted)  # type: ignore[attr-defined]
    requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    told = re.search(r"P50 (\S+) P99 (\S+) FAILED (\d+)", said)
    assert told is not None, said
    rate = float(re.search(r"Requests/sec:\s+(\S+)", said)[1])  # type: ignore[index]
    return Load(
        rate, (after - before) / requests * 1e6, float(told[1]), float(told[2]), int(told[3])
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def resident(server: Server) -> float:
    """Return the resident memory of a server and its children, in MB."""
    total = 0.0
    for pid in _tree(server.pid):
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{pid}/status").read_text()
            total += int(re.search(r"VmRSS:\s+(\d+)", said)[1]) / 1000  # type: ignore[index]
    return total


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    pids = [pid]
    while pids:
        one = pids.pop()
        yield one
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                pids += map(int, listed.read_text().split())


@contextlib.contextmanager
def sitmap(
    store: Path, *, workers: int = 1, server: str = "uvicorn", **settings: str
) -> Iterator[Server]:
    """Serve a store with `sitmap serve`."""
    port = free_port()
    words = [str(Path(sys.executable).with_name("sitmap")), "serve", "--store", str(store)]
    words += ["--port", str(port), "--workers", str(workers), "--server", server, "--quiet"]
    with _running(words, port, "/healthz", environment=settings) as running:
        yield running


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """Serve the files of a folder, by one worker."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        conf = Path(home) / "nginx.conf"
        conf.write_text(
            "worker_processes 1;\ndaemon off;\n"
            f"{'user root;' if os.geteuid() == 0 else ''}\n"
            f"pid {home}/pid;\nerror_log {home}/errors.log;\nevents {{}}\n"
            "http {\n  access_log off; sendfile on; open_file_cache max=10000;\n"
            "  types { application/vnd.mapbox-vector-tile mvt; }\n"
            f"  server {{ listen 127.0.0.1:{port}; root {folder}; keepalive_requests 10000000; }}\n"
            "}\n"
        )
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        with _running([program, "-c", str(conf)], port, "/") as running:
            yield running


@contextlib.contextmanager
def tipg(environment: Path, database: str) -> Iterator[Server]:
    """Serve a database with tipg, by one worker of uvicorn."""
    port = free_port()
    words = [str(environment / "bin" / "uvicorn"), "tipg.main:app", "--port", str(port)]
    words += ["--log-level", "error", "--workers", "1"]
    settings = {
        "DATABASE_URL": database,
        "TIPG_MAX_FEATURES_PER_TILE": "100000",
        "TIPG_TILE_CLIP": "TRUE",
    }
    with _running(words, port, "/healthz", environment=settings) as running:
        yield running


@contextlib.contextmanager
def _running(
    words: Sequence[str], port: int, ready: str, *, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    process = subprocess.Popen(
        words, cwd=ROOT, env=os.environ | dict(environment or {}), stdout=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"{words[0]} ended before it served")
            with contextlib.suppress(httpx.TransportError):
                httpx.get(base + ready, timeout=5)
                break
            time.sleep(0.1)
        yield Server(base, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
