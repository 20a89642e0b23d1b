"""Every published file of the test collection, imported: loaded valid, or refused in one sentence.

The 146 TopoJSON files (31,873 features, 14 million corners, a quarter of the polygons broken) and the files
with known defects. Targets on two cores: 120 s for all; no traceback; features in = features out +
listed; afterwards no invalid polygon and no overlap of more than 1 m² between neighbours of one file.
Run: python benchmarks/bench_boundaries_import.py
"""

import sys
import tempfile
import time
import traceback
import zipfile
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from measure import measure

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "boundaries"
CORES = 2


@dataclass(frozen=True)
class Result:
    name: str
    outcome: str  # loaded, refused, or traceback
    said: str = ""
    features: int = 0
    units: int = 0
    listed: int = 0
    broken: int = 0
    repairs: int = 0
    moved_km2: float = 0.0
    invalid_after: int = 0
    overlaps_after: int = 0
    read_s: float = 0.0
    cpu_s: float = 0.0


def import_one(job: tuple[str, str]) -> Result:
    path, shelf = Path(job[0]), Path(job[1])
    from boundaries.checks import overlaps
    from boundaries.errors import SitmapError
    from boundaries.shelf import import_boundaries

    start, cpu = time.perf_counter(), time.process_time()
    try:
        name = path.stem.lower().replace("_", "-")
        kept = import_boundaries(path, name, folder=shelf).boundaries
    except SitmapError as refusal:
        outcome = "traceback" if "\n" in str(refusal) else "refused"
        return Result(path.name, outcome, str(refusal))
    except Exception:
        return Result(path.name, "traceback", traceback.format_exc())
    read_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    record = kept.record
    assert record is not None
    return Result(
        path.name,
        "loaded",
        features=record.features,
        units=record.units,
        listed=len(record.listed),
        broken=next(c.count for c in record.checks if c.id == "invalid-geometry"),
        repairs=len(record.repairs),
        moved_km2=record.moved_km2,
        invalid_after=int((~kept.frame.is_valid).sum()),
        overlaps_after=sum(
            len(overlaps(kept.at(level).geometry.to_numpy())) for level in kept.levels
        ),
        read_s=read_s,
        cpu_s=cpu_s,
    )


def main() -> None:
    archive = DATA / "cod_global_2020" / "cod_topojson_2020.zip"
    if not archive.is_file():
        sys.exit(f"the test collection is not at {DATA}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with zipfile.ZipFile(archive) as bundle:
            bundle.extractall(folder)
        files = sorted(folder.rglob("*.topojson"), key=lambda file: -file.stat().st_size)
        defects = sorted((DATA / "defects").glob("*.geojson")) + sorted(
            (DATA / "defects").glob("*.shp")
        )
        jobs = [(str(file), str(folder / "shelf")) for file in (*files, *defects)]
        start = time.perf_counter()
        with get_context("spawn").Pool(CORES) as pool:
            results = list(pool.imap_unordered(import_one, jobs))
        seconds = time.perf_counter() - start
        leftovers = [p for p in (folder / "shelf").rglob("*") if p.name.startswith(".")]
    by = {
        kind: [r for r in results if r.outcome == kind]
        for kind in ("loaded", "refused", "traceback")
    }
    loaded = by["loaded"]
    lost = [r for r in loaded if r.features != r.units + r.listed]
    print(f"{len(files)} TopoJSON files and {len(defects)} with defects on {CORES} cores")
    measure(
        "import-time",
        f"{len(jobs)} files imported and checked, by the clock",
        seconds,
        "s",
        at_most=120,
    )
    print(f"  processor time of the imports    {sum(r.cpu_s for r in loaded):8.1f} s")
    measure("import-tracebacks", "  tracebacks", len(by["traceback"]), at_most=0,
            beside=f"{len(loaded)} loaded, {len(by['refused'])} refused in a sentence")  # fmt: skip
    measure("import-lost", "  files that lost a feature", len(lost), at_most=0,
            beside=f"{sum(r.features for r in loaded):,} features = {sum(r.units for r in loaded):,} units"
                   f" + {sum(r.listed for r in loaded):,} listed")  # fmt: skip
    measure("import-invalid", "  invalid polygons afterwards", sum(r.invalid_after for r in loaded),
            at_most=0, beside=f"{sum(r.broken for r in loaded):,} before")  # fmt: skip
    measure("import-overlaps", "  overlaps over 1 m² afterwards", sum(r.overlaps_after for r in loaded),
            at_most=0)  # fmt: skip
    print(
        f"  repairs listed                   {sum(r.repairs for r in loaded):,}, {sum(r.moved_km2 for r in loaded):,.1f} km² moved"
    )
    print(f"  left behind by failed imports    {len(leftovers)}")
    for r in sorted(by["refused"], key=lambda r: r.name):
        print(f"  refused: {r.said.replace(scratch, '…')}")
    for r in by["traceback"]:
        print(f"  TRACEBACK in {r.name}: {r.said}")
    for r in sorted(loaded, key=lambda r: -r.moved_km2)[:3]:
        print(f"  most moved: {r.name} {r.moved_km2:,.2f} km² in {r.repairs} repairs")
    for r in sorted(loaded, key=lambda r: -r.cpu_s)[:3]:
        print(f"  slowest: {r.name} {r.cpu_s:.1f} s of processor")
    wrong = (
        by["traceback"]
        or lost
        or leftovers
        or any(r.invalid_after or r.overlaps_after for r in loaded)
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
