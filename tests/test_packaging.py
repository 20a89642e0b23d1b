"""The wheel is whole: installed away from the checkout, it draws the packaged example."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("sitmap-*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """An environment with the wheel in it. The dependencies are borrowed by path from ours (a path
    entry does not follow our editable install), so that the test needs no network."""
    home = tmp_path_factory.mktemp("env")
    venv.create(home, with_pip=False, symlinks=sys.platform != "win32")
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    zipfile.ZipFile(wheel).extractall(site)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def _run(python, *words, cwd):
    return subprocess.run(
        [python, "-c", "from service.cli import main; main()", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_data_fonts_leaflet_licences_and_the_example(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "boundaries/data/natural_earth.parquet",
        "boundaries/data/disputes.csv",
        "service/examples/mali-2017/situation.toml",
        "service/examples/mali-2017/data/idps_2016.csv",
        "maps/assets/leaflet/leaflet.js",
    ):
        assert wanted in names
    assert any(name.startswith("maps/assets/fonts/") and name.endswith(".ttf") for name in names)
    assert any("OFL" in name for name in names)
    assert not any(name.startswith(("tests/", "out/", "derive/", "benchmarks/")) for name in names)


def test_the_packages_load_from_the_installed_wheel_and_not_from_the_checkout(elsewhere, tmp_path):
    code = "import boundaries, geo, maps, service; print(boundaries.__file__, service.__file__)"
    done = subprocess.run(
        [elsewhere, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert str(ROOT) not in done.stdout


def test_an_installed_sitmap_draws_the_packaged_example_from_another_directory(elsewhere, tmp_path):
    version = _run(elsewhere, "--version", cwd=tmp_path)
    assert version.returncode == 0, version.stderr
    copied = _run(elsewhere, "example", "mali-2017", "mali", cwd=tmp_path)
    assert copied.returncode == 0, copied.stderr
    words = ["render", "mali", "--map", "situation", "--format", "pdf", "--out", "drawn"]
    drawn = _run(elsewhere, *words, cwd=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "drawn" / "situation.pdf").read_bytes().startswith(b"%PDF")
