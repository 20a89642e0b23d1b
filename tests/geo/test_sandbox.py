import sys

import pytest

from geo.sandbox import Limits, ReadingStopped, run_apart

CHILD = """
import os, sys, time
from geo.sandbox import main_of_child

def work(job, folder):
    if job["do"] == "memory":
        list(range(10**9))
    if job["do"] == "die":
        os._exit(3)
    if job["do"] == "spin":
        while True:
            pass
    if job["do"] == "fill":
        with open(folder / "big", "wb") as file:
            for _ in range(100):
                file.write(b"x" * 10**6)
    return {"secret": os.environ.get("SITMAP_SECRET", ""), "cwd": os.getcwd() == str(folder)}

main_of_child(work)
"""


@pytest.fixture
def child(tmp_path, monkeypatch):
    (tmp_path / "a_child.py").write_text(CHILD)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "scratch"
    folder.mkdir()

    def run(do, **limits):
        return run_apart(
            "a_child", {"do": do}, folder.resolve(), file="t.csv", limits=Limits(**limits)
        )

    return run


def test_the_child_answers_and_knows_no_secrets(child, monkeypatch):
    monkeypatch.setenv("SITMAP_SECRET", "x")
    assert child("answer") == {"secret": "", "cwd": True}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rlimits")
@pytest.mark.parametrize(
    ("do", "limits", "why"),
    [
        ("memory", {"memory": 300 * 1024**2}, "GB of memory"),
        ("spin", {"cpu": 1}, "processor time"),
        ("fill", {"file": 10**7}, "broke down"),
    ],
)
def test_a_child_over_a_limit_is_lost_and_this_process_is_not(child, do, limits, why):
    with pytest.raises(ReadingStopped, match=why):
        child(do, **limits)


def test_a_child_that_dies_is_said(child):
    with pytest.raises(ReadingStopped, match="broke down on it"):
        child("die")


def test_a_child_over_the_wall_clock_is_killed(child):
    with pytest.raises(ReadingStopped, match=r"more than 1\.5 seconds"):
        child("spin", wall=1.5)
