"""The ground the project stands on: dependency files agree, the lock is clean, nothing stray is tracked."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
# Names that differ between the Python index and conda-forge would be mapped here; none does today.
CONDA_NAMES: dict[str, str] = {}


def _split(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(>=.*)", requirement).groups()
    return name.lower(), bound


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _pins(lock: Path) -> set[tuple[str, str, frozenset[str]]]:
    """Return the names, versions and hashes of a lock."""
    found = set()
    for entry in re.split(r"^(?=[a-z0-9_.-]+==)", lock.read_text(encoding="utf-8"), flags=re.M)[1:]:
        name, version = re.match(r"([a-z0-9_.-]+)==([^\s;]+)", entry).groups()
        found.add((name, version, frozenset(re.findall("sha256:[0-9a-f]{64}", entry))))
    return found


def test_environment_yml_names_the_same_packages_and_lower_bounds_as_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = next(entry["pip"] for entry in conda if isinstance(entry, dict))
    plain = [entry for entry in conda if isinstance(entry, str) and entry != "pip"]
    theirs = dict(_split(entry) for entry in [*plain, *from_pip])
    python = theirs.pop("python")
    ours = dict(_split(entry) for entry in _project()["dependencies"])
    assert theirs == {CONDA_NAMES.get(name, name): bound for name, bound in ours.items()}
    assert python == _project()["requires-python"]


def test_every_dependency_is_pinned_with_a_hash_in_the_lock():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9_.-]+)==[^\n]*\\\n(\s+--hash=sha256:[0-9a-f]{64})", lock, re.M)
    pinned = {name for name, _hash in pins}
    project = _project()
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(entry for extra in extras for entry in extra)]
    assert {_split(entry)[0] for entry in wanted} <= pinned
    assert len(re.findall(r"^[a-z0-9_.-]+==", lock, re.M)) == len(pins)


def test_the_image_has_the_same_versions_and_hashes_without_the_tools_of_development():
    ours, images = (
        _pins(ROOT / name) for name in ("requirements.lock", "deploy/requirements.lock")
    )
    assert images
    assert images < ours
    assert not {"pytest", "mypy", "playwright"} & {name for name, _, _ in images}


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/requirements.lock"])
def test_the_lock_has_no_address(lock):
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_versions_agree_between_pyproject_and_the_program():
    from service.version import sitmap_version

    assert _project()["version"] == sitmap_version()


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml", ".sitmap/store.sqlite", "out/map.pdf"])
def test_what_must_not_be_tracked_is_ignored(name):
    asked = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
    if asked.returncode == 128:
        pytest.skip("not a git checkout: clone the repository to run this test")
    assert asked.returncode == 0


def test_embedded_boundaries_stay_below_nine_megabytes():
    data = ROOT / "boundaries" / "data"
    assert sum(file.stat().st_size for file in data.rglob("*")) <= 9_000_000


def test_no_file_of_the_shared_data_is_in_the_project():
    shared = ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("../shared/data is not beside the checkout: put it there to run this test")
    import hashlib

    theirs = {
        hashlib.sha256(file.read_bytes()).hexdigest()
        for file in shared.rglob("*")
        if file.is_file() and file.stat().st_size > 64
    }
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    names = [name for name in listed.stdout.split("\0") if name]
    ours = {
        name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
        for name in names
        if (ROOT / name).is_file()
    }
    assert [name for name, digest in ours.items() if digest in theirs] == []
