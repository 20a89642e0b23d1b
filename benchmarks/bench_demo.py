"""How long a user waits: the demo without serving, and counts from a cold start.

Targets, on two cores after install: `make demo SERVE=0` 20 s; `sitmap counts … --format json` 3 s,
with the folder built before and without. Run: python benchmarks/bench_demo.py
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import measure

ROOT = Path(__file__).parents[1]
SITMAP = Path(sys.executable).with_name("sitmap")


def timed(*words: str, cwd: Path = ROOT) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stderr
    return seconds, done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "mali-2017"
        shutil.copytree(
            ROOT / "examples" / "mali-2017", folder, ignore=shutil.ignore_patterns(".sitmap")
        )
        words = [str(SITMAP), "counts", str(folder), "--level", "1", "--group", "IDP"]
        for name, what in (("cold", "never built"), ("warm", "built before")):
            seconds, out = timed(*words, "--format", "json")
            total = json.loads(out)["total"]
            measure(f"demo-counts-{name}", f"sitmap counts, the Mali example, {what}", seconds, "s",
                    at_most=3, beside=f"total {total:,}")  # fmt: skip
            assert total == 36_690
        shutil.rmtree(folder / ".sitmap")
        render = [str(SITMAP), "render", str(folder), "--format", "pdf,svg,png,html"]
        seconds, _ = timed(*render, "--out", str(Path(scratch) / "out"))
        files = sorted(file.name for file in (Path(scratch) / "out").iterdir())
        measure("demo", "make demo SERVE=0, without installing", seconds, "s", at_most=20,
                beside=f"{len(files)} files")  # fmt: skip


if __name__ == "__main__":
    main()
