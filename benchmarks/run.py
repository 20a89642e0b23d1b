"""All benchmarks, one after the other, and one table of what they measured: `docs/measured.md`.

    python benchmarks/run.py                        # all, as the targets ask: hours, and 12 GB
    python benchmarks/run.py --quick                # the same questions with smaller numbers, no table
    python benchmarks/run.py --only tiles,stores    # some; the table keeps the others' last lines
    python benchmarks/run.py --only server -- --only soak --soak 10     # with words of its own: a part of one

A part of the table says when it was measured, on which kind of machine and how busy that was, so parts of
several runs may stand together; a peer was always run in the same run as the value beside it.
"""

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import KEPT

HERE = Path(__file__).parent
RECORD = HERE / "measured.json"
TABLE = HERE.parent / "docs" / "measured.md"


@dataclass(frozen=True)
class Benchmark:
    """A file, what it is about, and how it is started for the table and for a quick look."""

    name: str
    title: str
    whole: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """The script."""
        return HERE / f"bench_{self.name}.py"


BENCHMARKS = (
    Benchmark("demo", "How long a user waits"),
    Benchmark("boundaries_import", "Boundaries: importing"),
    Benchmark("boundaries_compare", "Boundaries: comparing vintages"),
    Benchmark("carry", "Figures carried to another vintage"),
    Benchmark("matching", "Place names"),
    Benchmark("tables", "The largest real tables"),
    Benchmark("flows", "Flow layout", quick=("mali",)),
    Benchmark("labels", "Labels"),
    Benchmark("page", "Pages of paper"),
    Benchmark("browser", "In the browser", quick=("--quick",)),
    Benchmark(
        "tiles", "Tiles, in process", quick=("--sets", "adm1", "--tiles", "30", "--no-pyramid")
    ),
    Benchmark(
        "server",
        "Tiles and counts over HTTP",
        whole=("--soak", "10"),
        quick=("--quick", "--without-adm2"),
    ),
    Benchmark(
        "stores",
        "Stores",
        whole=("--figures", "10000000", "--asks", "500", "--kills", "200",
               "--reads", "100000", "--outage", "60"),
    ),
    Benchmark("assign", "Points to places", whole=("--executors", "--billion")),
    Benchmark("zonal", "Rasters", whole=("--full",)),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="names, by commas: tiles,stores")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--table", action="store_true", help="write the table anew, measure nothing"
    )
    parser.add_argument("words", nargs="*", help="after --: what one is started with instead")
    asked = parser.parse_args()
    wanted = [] if asked.table else chosen(asked.only)
    failed = []
    for benchmark in wanted:
        load = os.getloadavg()[0]
        planned = benchmark.quick if asked.quick else benchmark.whole
        lines, code = run(benchmark, tuple(asked.words) or planned)
        if code:
            failed.append(benchmark.name)
        elif not asked.quick:
            record = kept()
            before = record.get(benchmark.name, {}).get("lines", []) if asked.words else []
            record[benchmark.name] = {
                "when": str(dt.date.today()),
                "machine": f"{machine()}; load {load:.1f} before",
                "lines": merged(before, lines),
            }
            RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if not asked.quick:
        TABLE.write_text(table(kept()), "utf-8")
        print(f"\n{TABLE.relative_to(HERE.parent)} is written.")
    if failed:
        sys.exit(f"failed, their lines left as they were: {', '.join(failed)}")


def kept() -> dict[str, Any]:
    """Return what was measured so far, by benchmark."""
    return json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}


def chosen(names: str) -> list[Benchmark]:
    """Return the benchmarks of some names, all for none; says which there are for an unknown one."""
    known = {each.name: each for each in BENCHMARKS}
    asked = [name for name in names.split(",") if name]
    if unknown := [name for name in asked if name not in known]:
        sys.exit(f"{', '.join(unknown)}: no such benchmark. There are {', '.join(known)}.")
    return [known[name] for name in asked or known]


def run(benchmark: Benchmark, words: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
    """Run one in a process of its own; return its lines and how it ended."""
    print(f"\n== {benchmark.title}: {benchmark.file.name} {' '.join(words)}".rstrip(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "measured.jsonl"
        begun = time.perf_counter()
        code = subprocess.run(
            [sys.executable, str(benchmark.file), *words],
            env={**os.environ, KEPT: str(kept)},
            check=False,
        ).returncode
        print(f"   ({time.perf_counter() - begun:,.0f} s)", flush=True)
        text = kept.read_text("utf-8") if kept.exists() else ""
        return [json.loads(line) for line in text.splitlines()], code


def merged(
    before: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the lines of a part of a benchmark among those that stood there: in their places, new ones last."""
    new = {line["id"]: line for line in lines}
    known = {line["id"] for line in before}
    return [
        *(new.get(line["id"], line) for line in before),
        *(line for name, line in new.items() if name not in known),
    ]


def machine() -> str:
    """Say what kind of machine this is, without naming it."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in _lines(Path("/proc/cpuinfo"))
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def table(record: Mapping[str, Any]) -> str:
    """Return the page: a section per benchmark, a line per value, with a place to link to."""
    said = [
        "# What was measured",
        "",
        "Written by `python benchmarks/run.py` from what the benchmarks found; nothing here is typed by hand.",
        "A peer was run in the same run as the value beside it. **Not met** is a target that is missed.",
        "",
    ]
    for benchmark in BENCHMARKS:
        if benchmark.name not in record:
            continue
        part = record[benchmark.name]
        words = " ".join((f"python benchmarks/{benchmark.file.name}", *benchmark.whole))
        said += [f"## {benchmark.title}", "", f"`{words}`, {part['when']}; {part['machine']}.", ""]
        said += ["| what | measured | target | beside |", "| --- | --- | --- | --- |"]
        said += _rows(part["lines"])
        said.append("")
    return "\n".join(said)


def _rows(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    rows = []
    for line in lines:
        target = line["target"] if line["met"] is not False else f"{line['target']}, **not met**"
        cells = (f'<a id="{line["id"]}"></a>{line["what"]}', line["found"], target, line["beside"])
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return rows


if __name__ == "__main__":
    main()
