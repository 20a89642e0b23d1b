"""A private PostgreSQL with PostGIS for as long as a block runs. No cluster of the machine is touched.

As root it runs as the user `postgres`, as anyone else as oneself. It listens on a free loopback port
and keeps its files in a temporary folder that is removed at the end.

    python benchmarks/postgis_cluster.py      # start one, print its address, stop with Ctrl-C
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cluster", "PostgisMissing", "cpu_seconds", "postgis_cluster"]

HOW_TO_GET_IT = (
    "On Debian or Ubuntu (as root): apt install postgresql postgis postgresql-15-postgis-3"
)
_PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql-15")
_TICKS = os.sysconf("SC_CLK_TCK")


class PostgisMissing(RuntimeError):
    """PostgreSQL or PostGIS is not installed; the sentence says how to get it."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. ``url`` is what psycopg, tipg and psql take; anyone on this machine may enter."""

    folder: Path
    port: int
    pid: int
    binaries: Path
    settings: str = ""

    @property
    def url(self) -> str:
        return self.url_as("sitmap")

    def url_as(self, user: str, database: str = "sitmap") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def stop(self, how: str = "fast") -> None:
        """Stop the server, for as long as until `start`; ``immediate`` is a crash."""
        _as_server(*self._control, "-m", how, "stop")

    def start(self) -> None:
        """Start the server again on the same port."""
        _as_server(*self._control, "-l", str(self.folder / "log"), "-o", self.settings, "start")

    @property
    def _control(self) -> tuple[str, ...]:
        return (str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-w")

    def sql(self, *statements: str) -> str:
        """Run statements with psql; return what the last ones print, unaligned."""
        commands = [part for statement in statements for part in ("-c", statement)]
        return _run(
            [str(self.binaries / "psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", self.url, *commands]
        )

    def cpu(self) -> float:
        """Return the CPU seconds of the server and all its backends, living and ended."""
        return cpu_seconds(self.pid)


@contextmanager
def postgis_cluster(
    *, shared_buffers: str = "256MB", options: Sequence[str] = ("fsync=off",)
) -> Iterator[Cluster]:
    """Start a server with PostGIS and stop it at the end; raises `PostgisMissing`."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="sitmap-postgis-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    folder.chmod(0o700)
    data, port = folder / "data", _free_port()
    settings = (
        f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}",
        f"shared_buffers={shared_buffers}", "max_wal_size=2GB", *options,
    )  # fmt: skip
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    try:
        _as_server(
            str(binaries / "initdb"), "-D", str(data), "-U", "sitmap", "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        words = " ".join(f"-c {setting}" for setting in settings)
        _as_server(*control, "-l", str(folder / "log"), "-o", words, "start")
        pid = int(_as_server("head", "-n", "1", str(data / "postmaster.pid")))
        reach = ["-h", "127.0.0.1", "-p", str(port), "-U", "sitmap"]
        _as_server(str(binaries / "createdb"), *reach, "sitmap")
        cluster = Cluster(folder, port, pid, binaries, words)
        try:
            cluster.sql("CREATE EXTENSION postgis")
        except RuntimeError as error:
            raise PostgisMissing(f"This PostgreSQL has no PostGIS. {HOW_TO_GET_IT}") from error
        yield cluster
    finally:
        with suppress(RuntimeError):
            _as_server(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its children; 0 for one that has ended."""
    return _own_seconds(pid) + sum(map(cpu_seconds, _children(pid)))


def _own_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS  # own and waited-for children's user and system


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listed.read_text().split())
    return found


def _binaries() -> Path:
    found = [path.parent for place in _PLACES for path in Path(place).glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    if not found:
        raise PostgisMissing(f"PostgreSQL is not installed. {HOW_TO_GET_IT}")
    return max(found, key=lambda path: [int(n) for n in path.parent.name.split(".") if n.isdigit()])


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _as_server(*command: str) -> str:
    """Run a command as the user the server runs as: it refuses to be root."""
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return _run([*as_postgres, *command])


def _run(command: Sequence[str]) -> str:
    # files, not pipes: the server inherits them and would keep a pipe open for ever
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd="/", check=False
        )
        out.seek(0), err.seek(0)
        if done.returncode:
            said = (err.read() or out.read()).decode(errors="replace").strip()
            raise RuntimeError(f"{Path(command[-1]).name}: {said}")
        return out.read().decode()


def main() -> None:
    def ended(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt  # so that the server is stopped and its folder removed

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, ended)
    with suppress(KeyboardInterrupt), postgis_cluster() as cluster:
        print(cluster.url, flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
