"""How long comparing two vintages takes, and what it finds between Mali 2015 and 2019.

Targets, on one core: two vintages of 700 units 5 s; of 1,000 units and more 15 s.
Run: python benchmarks/bench_boundaries_compare.py
"""

import io
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from measure import measure

from boundaries.assembly import assemble, polygons_only
from boundaries.compare import Comparison, code_join_error, compare
from boundaries.compare_report import comparison_sentences
from boundaries.files import read_boundaries
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "boundaries"
WEST_AND_CENTRAL = "BEN BFA CAF CIV CMR COD COG GIN LBR MLI MRT NER NGA SEN SLE TCD TGO"


def timed(old: BoundarySet, new: BoundarySet, level: int, target: int) -> Comparison:
    start, busy = time.perf_counter(), time.process_time()
    found = compare(old, new, level=level)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    sizes = f"{len(found.old_codes):,} and {len(found.new_codes):,} units"
    measure(f"compare-{len(found.old_codes)}", f"{sizes} compared", seconds, "s", at_most=target,
            beside=f"{busy:.2f} s of one core")  # fmt: skip
    return found


def units(bundle: zipfile.ZipFile, names: list[str]) -> BoundarySet:
    """Return the units of TopoJSON files as one set of level 2, under codes of their own."""
    frames = [gpd.read_file(io.BytesIO(bundle.read(name))) for name in names]
    shapes = polygons_only(np.concatenate([np.array(f.geometry, dtype=object) for f in frames]))
    called = pd.concat([f["admin2Name"].fillna("").astype("str") for f in frames]).to_numpy()
    frame = gpd.GeoDataFrame(
        {"pcode": [f"U{at:04}" for at in range(len(shapes))], "name": called, "level": 2},
        geometry=shapes,
        crs="EPSG:4326",
    )
    frame = frame[frame.geometry.notna()]
    points = frame.representative_point()
    frame = assemble(frame.assign(label_lon=points.x, label_lat=points.y))
    return BoundarySet(Vintage(names[0], names[0], "COD-AB", "", ""), frame)


def main() -> None:
    if not DATA.is_dir():
        print("bench_boundaries_compare: ../shared/data is not beside the checkout")
        return
    for level, file in ((2, "adm2_gov_ocha_itos"), (3, "adm3_gov_ocha")):
        old = read_boundaries(DATA / "mli_cod_2015" / f"mli_admbnda_{file}.shp")
        new = read_boundaries(DATA / "cod_2019_sahel" / f"MLI_adm{level}.geojson")
        found = timed(old, new, level, target=5)
        print(
            f"    {len(found.recoded)} recoded, {len(found.redrawn)} redrawn, {len(found.kept)} kept "
            f"their ground; a join by code would be wrong for {code_join_error(found):.0%}"
        )
        print("    " + "\n    ".join(comparison_sentences(found)))
    with zipfile.ZipFile(DATA / "cod_global_2020" / "cod_topojson_2020.zip") as bundle:
        (together,) = (n for n in bundle.namelist() if n.endswith("WCA_adm2.topojson"))
        national = [
            name
            for name in sorted(bundle.namelist())
            if name.endswith("_adm2.topojson") and Path(name).name[:3] in WEST_AND_CENTRAL.split()
        ]
        found = timed(units(bundle, [together]), units(bundle, national), 2, target=15)
    print("    " + comparison_sentences(found)[0])


if __name__ == "__main__":
    main()
