"""Several processes behind one address serve the same editions, and go on while the database is away."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
import yaml
from click.testing import CliRunner

from boundaries.units import BoundarySet
from service.cli import main
from service.pipeline import build
from service.publishing import publish
from service.situation_file import load_situation

pytestmark = pytest.mark.postgis

ROOT = Path(__file__).resolve().parents[2]
API = "/api/situations/xaa-2020"
COUNTS = f"{API}/counts?group=IDP"
TILE = "/tiles/maps/xaa-2020/idps/4/8/7.mvt"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def until(true: Callable[[], bool], seconds: float = 120) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.02)
    return time.monotonic() - began


def answers(base: str, path: str = "/healthz") -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(base + path, timeout=5).status_code == 200
    return False


@contextlib.contextmanager
def running(words: list[str], base: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a server until the end of the block; it answers when the block begins."""
    with subprocess.Popen(
        words, env={**os.environ, **environment}, cwd=ROOT, text=True, stderr=subprocess.PIPE
    ) as process:
        try:
            until(lambda: answers(base) or process.poll() is not None)
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(url: str, home: Path) -> Iterator[str]:
    """Serve a database with `sitmap serve`, as a machine of its own: its home is its own."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "service.cli", "serve", "--store", url, "--port", str(port)]
    words += ["--server", "uvicorn"]  # one process; starting is most of the time of these tests
    tiles = str(home.parent / "tiles")  # the archive is shared
    with running(words, base, SITMAP_DATA=str(home), SITMAP_TILE_ARCHIVE=tiles):
        yield base


def edited(folder: Path, old: str, new: str) -> Path:
    table = folder / "idps.csv"
    text = table.read_text("utf-8").replace(",", ",")
    assert old in text
    table.write_text(text.replace(old, new), "utf-8")
    return folder


@pytest.fixture
def address(
    fresh_database: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The database with the situation, published from a machine of its own."""
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path / "publisher"))
    publish(build(load_situation(folder)), store=fresh_database)
    return fresh_database


def total(base: str) -> float:
    answer = httpx.get(base + COUNTS, timeout=10)
    assert answer.status_code == 200, answer.text
    return float(answer.json()["total"])


@contextlib.contextmanager
def shipped_nginx(machines: tuple[str, str], folder: Path) -> Iterator[str]:
    """Put `deploy/nginx.conf` before two machines; nothing but its addresses is changed."""
    port = free_port()
    conf = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for there, here in (
        ("api-1:8000", machines[0].removeprefix("http://")),
        ("api-2:8000", machines[1].removeprefix("http://")),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/tmp/", f"{folder}/"),  # noqa: S108 - what the file says
        ("worker_processes auto;", "worker_processes 1; daemon off;"),
    ):
        assert there in conf
        conf = conf.replace(there, here)
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + conf, "utf-8")
    words = [str(NGINX), "-e", str(folder / "errors.log"), "-c", str(folder / "nginx.conf")]
    base = f"http://127.0.0.1:{port}"
    with running(words, base):
        yield base


@pytest.mark.skipif(
    NGINX is None, reason="nginx is not installed: `make system-packages` brings it"
)
def test_two_machines_behind_one_address_serve_every_new_edition_and_outlive_the_database(
    address: str, folder: Path, postgis: Any, tmp_path: Path
) -> None:
    postgis.sql(
        "DO $$ BEGIN CREATE ROLE portal LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT sitmap_reader TO portal",
    )
    reader = postgis.url_as("portal")  # with the rights of a reader and no more
    with contextlib.ExitStack() as machines:
        one = machines.enter_context(serving(reader, tmp_path / "one"))
        second = machines.enter_context(contextlib.ExitStack())
        two = second.enter_context(serving(reader, tmp_path / "two"))
        front = machines.enter_context(shipped_nginx((one, two), tmp_path))
        ready = httpx.get(f"{one}/readyz").json()
        assert (ready["status"], ready["situations"]) == ("ready", 1)
        tiles = {httpx.get(base + TILE).content for base in (one, two)}
        assert len(tiles) == 1
        assert total(one) == total(two) == 1540
        etags = {httpx.get(base + TILE).headers["etag"] for base in (one, two)}
        assert len(etags) == 1  # a cache in front may hold one for both

        edited(folder, "240", "250")
        edited(folder, "1,540", "1,550")
        publish(build(load_situation(folder)), store=address)
        for base in (one, two):
            until(lambda base=base: total(base) == 1550)  # type: ignore[misc]
        assert total(front) == 1550
        assert httpx.get(one + TILE).headers["etag"] not in etags

        for base in (one, two):
            httpx.get(base + TILE)
        postgis.stop("immediate")
        try:
            until(lambda: httpx.get(f"{one}/readyz").json()["status"] == "degraded")
            for base in (one, two):
                assert total(base) == 1550
                assert httpx.get(base + TILE).status_code == 200
                assert httpx.get(f"{base}{API}").status_code == 200
            degraded = httpx.get(f"{two}/readyz")
            assert (degraded.status_code, degraded.json()["stores_away"]) == (200, 1)
            assert str(postgis.port) not in degraded.text
            second.close()
            # restarted while the database is away, from what the machine keeps
            again = machines.enter_context(serving(reader, tmp_path / "two"))
            assert total(again) == 1550
            assert httpx.get(f"{again}/readyz").json()["status"] == "degraded"
            # its old address is gone: the front passes it over
            got = [httpx.get(f"{front}{COUNTS}&limit={100 + n}").status_code for n in range(10)]
            assert got == [200] * 10
        finally:
            postgis.start()
        until(lambda: httpx.get(f"{one}/readyz").json()["status"] == "ready")
        edited(folder, "1,550", "1,560")
        edited(folder, "250", "260")
        publish(build(load_situation(folder)), store=address)
        until(lambda: total(one) == total(again) == total(front) == 1560)


def test_a_new_edition_reaches_a_listening_process_within_a_second(
    address: str, folder: Path, tmp_path: Path
) -> None:
    from service.stores import open_to_serve, open_to_write

    store = open_to_serve(address)
    other = open_to_write(address)
    try:
        first = store.holdings().current["xaa-2020"].id
        edited(folder, "240", "250")
        edited(folder, "1,540", "1,550")
        second = publish(build(load_situation(folder)), store=address).id
        heard: list[float] = []

        def listening(edition: str) -> threading.Thread:
            def wait() -> None:
                heard.append(until(lambda: store.holdings().current["xaa-2020"].id == edition))

            thread = threading.Thread(target=wait)
            thread.start()
            return thread

        listening(second).join()
        thread = listening(first)
        other.withdraw(second)
        thread.join()
        assert len(heard) == 2
    finally:
        store.close()  # type: ignore[attr-defined]
        other.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("words", [["counts", "FOLDER", "--level", "1"], ["build", "FOLDER"],
                                   ["serve"], ["editions", "FOLDER"]])  # fmt: skip
def test_commands_say_in_one_sentence_that_the_database_is_away_and_exit_with_3(
    words: list[str], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path))
    away = f"postgresql://ann:secret@127.0.0.1:{free_port()}/figures"
    words = [str(folder) if word == "FOLDER" else word for word in words]
    done = CliRunner().invoke(main, [*words, "--store", away])
    assert done.exit_code == 3, done.output
    assert "nothing answers at this address" in " ".join(done.output.split())
    assert "secret" not in done.output
    assert "Traceback" not in done.output


def test_another_kind_of_database_is_refused_by_name(folder: Path) -> None:
    done = CliRunner().invoke(main, ["counts", str(folder), "--store", "mysql://ann:pw@db/x"])
    assert done.exit_code == 2
    assert "'mysql'" in done.output
    assert "pw" not in done.output


def test_what_is_published_can_be_listed_taken_back_and_restored(
    address: str, folder: Path, xaa: BoundarySet
) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["editions", str(folder), *words, "--store", address])
        assert done.exit_code == 0, done.output
        return done.output

    (first,) = set(re.findall(r"\b[0-9a-f]{12}\b", run()))
    assert "nothing is shown" in run("withdraw", first)
    assert f"{first} is current" in run("restore", first)
    doctor = CliRunner().invoke(main, ["doctor", "--store", address, "--bring-up"])
    assert "already" in " ".join(doctor.output.split())


def test_desktop_gis_finds_current_figures_with_their_shapes(address: str, postgis: Any) -> None:
    found = postgis.sql(
        "SELECT pcode, value, ST_Area(geom) FROM sitmap.current_figures "
        "WHERE group_ = 'IDP' AND level = 1 AND basis = 'stated' ORDER BY pcode"
    )
    assert found.split() == ["XA01|1200|2", "XA02|0|2", "XA03|340|2"]


def test_the_deployment_files_agree_with_each_other() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
    services = yaml.safe_load(text)["services"]
    nginx = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    upstream = set(re.findall(r"server ([a-z0-9-]+):8000", nginx))
    assert upstream == {name for name in services if name.startswith("api-")}
    for name in upstream:
        words = services[name]["command"]
        command = main.get_command(click.Context(main), words[0])
        assert command is not None
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options
    unit = (ROOT / "deploy" / "sitmap.service").read_text("utf-8")
    start = re.search(r"ExecStart=\S+ (\w+) (.*)", unit)
    assert start is not None
    assert set(re.findall(r"--[a-z-]+", start[2])) <= options
    folders = re.findall(r"^COPY ([a-z]+) ", (ROOT / "deploy" / "Containerfile").read_text(), re.M)
    assert {"boundaries", "geo", "maps", "service", "examples"} <= set(folders)
