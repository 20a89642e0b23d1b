"""The table of what was measured: written by the benchmarks, and every speed the docs claim points into it."""

import importlib
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "measured.md"
RECORD = ROOT / "benchmarks" / "measured.json"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# A page of rules that are no claims of speed, and the table itself.
NOT_CLAIMS = {"checklist.md", "measured.md"}
SPEED = re.compile(
    r"\d[\d.,]*\s?(?:ms|s|CPU-s|GB|GiB|points/s|figures/s|requests/s|times as|× as|times (?:fewer|less|faster))\b"
)


def _script(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def run() -> ModuleType:
    return _script("run")


def test_the_page_is_what_the_record_says(run):
    record = json.loads(RECORD.read_text("utf-8"))
    assert TABLE.read_text("utf-8") == run.table(record)


def test_every_benchmark_is_run_by_the_one_command(run):
    files = {path.name for path in (ROOT / "benchmarks").glob("bench_*.py")}
    assert files == {benchmark.file.name for benchmark in run.BENCHMARKS}


def test_every_line_of_the_table_has_a_name_of_its_own():
    names = re.findall(r'<a id="([^"]+)">', TABLE.read_text("utf-8"))
    assert names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_into_the_table_lead_to_a_line(page):
    names = set(re.findall(r'<a id="([^"]+)">', TABLE.read_text("utf-8")))
    linked = set(re.findall(r"measured\.md#([A-Za-z0-9-]+)", page.read_text("utf-8")))
    assert linked <= names


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in NOT_CLAIMS], ids=lambda page: page.name
)
def test_a_paragraph_that_claims_a_speed_or_a_size_links_to_its_line(page):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    bare = [
        part
        for part in re.split(r"\n\s*\n", text)
        if SPEED.search(re.sub(r"\]\([^)]*\)|`[^`]*`", "", part)) and "measured.md" not in part
    ]
    assert not bare


def test_a_line_says_whether_its_target_was_met(tmp_path, monkeypatch, capsys):
    measure = _script("measure")
    kept = tmp_path / "kept.jsonl"
    monkeypatch.setenv(measure.KEPT, str(kept))
    assert measure.measure("a", "within", 2.0, "s", at_most=3).met is True
    assert measure.measure("b", "beyond", 4.0, "s", at_most=3).met is False
    assert measure.measure("c", "in a range", 0.9, "%", at_least=0.85, at_most=0.95).met is True
    assert measure.measure("d", "below a range", 0.8, "%", at_least=0.85, at_most=0.95).met is False
    assert measure.measure("e", "only to be known", 4.0).met is None
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["found"] for line in lines] == ["2 s", "4 s", "90 %", "80 %", "4"]
    assert capsys.readouterr().out.count("NOT MET") == 2


def test_a_benchmark_that_fails_leaves_its_lines_as_they_were(run, tmp_path, monkeypatch):
    old = {"demo": {"when": "2026-01-02", "machine": "a machine", "lines": [
        {"id": "demo", "what": "x", "value": 1.0, "found": "1 s", "target": "", "met": None, "beside": ""}
    ]}}  # fmt: skip
    record, page = tmp_path / "measured.json", tmp_path / "measured.md"
    record.write_text(json.dumps(old), "utf-8")
    monkeypatch.setattr(run, "RECORD", record)
    monkeypatch.setattr(run, "TABLE", page)
    monkeypatch.setattr(run, "HERE", tmp_path / "benchmarks")
    monkeypatch.setattr(run, "run", lambda *_: ([], 1))
    monkeypatch.setattr(sys, "argv", ["run.py", "--only", "demo"])
    with pytest.raises(SystemExit, match="demo"):
        run.main()
    assert json.loads(record.read_text("utf-8")) == old
    assert '<a id="demo"></a>x | 1 s' in page.read_text("utf-8")


def test_a_part_of_a_benchmark_replaces_its_own_lines_alone(run):
    before = [{"id": "a", "found": "1"}, {"id": "b", "found": "2"}]
    lines = [{"id": "c", "found": "4"}, {"id": "b", "found": "3"}]
    assert run.merged(before, lines) == [
        {"id": "a", "found": "1"},
        {"id": "b", "found": "3"},
        {"id": "c", "found": "4"},
    ]
