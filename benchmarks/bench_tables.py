"""How long the largest real tables take from file to reconciled figures, and how much memory.

Targets on two cores: UNHCR's 138,893 pairs of countries read, matched and reconciled 15 s;
Somalia's 57,666 movements 30 s; 1 GB. Needs the folder of real tables beside the checkout.
Run: python benchmarks/bench_tables.py
"""

import resource
import sys
import time
from pathlib import Path

from bench_matching import SHARED, listed_units
from measure import measure

from boundaries.natural_earth import open_natural_earth
from geo.flow_sums import flows_between, turnover
from geo.gazetteer import Places
from geo.joining import join_figures, join_flows
from geo.ledger import Ledger, Verdict
from geo.matching import match_figures, match_flows
from geo.received import read_received
from geo.reconciling import reconcile
from geo.tables import UNIT_FIGURE_COLUMNS, typed_frame


def processor_seconds() -> float:
    """Of this process and of the child processes that read the files."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


class Laps:
    """Tell the time since the last lap, and of all of them: on the clock, and of the processor."""

    def __init__(self) -> None:
        self.first = self.last = (time.perf_counter(), processor_seconds())

    def lap(self, what: str) -> None:
        now = time.perf_counter(), processor_seconds()
        print(
            f"  {what:<12} {now[0] - self.last[0]:6.2f} s ({now[1] - self.last[1]:.2f} s processor)"
        )
        self.last = now

    def end(self, name: str, what: str, target: float) -> None:
        clock, used = (last - first for first, last in zip(self.first, self.last, strict=True))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        measure(f"tables-{name}", what, clock, "s", at_most=target,
                beside=f"{used:.1f} s of the processor")  # fmt: skip
        measure(f"tables-{name}-memory", "  memory at its peak", peak, "MB", at_most=1000)


def population(shared: Path) -> None:
    places = Places(open_natural_earth())
    places.find("Mali")
    laps = Laps()
    received = read_received(shared / "tables/unhcr/unhcr_population_1951_2025.csv.gz", source="u")
    laps.lap("read")
    matched = match_figures(received.table, places)
    laps.lap("match")
    figures, ledger = join_figures(matched, places)
    laps.lap("join")
    found = reconcile(figures, places, ledger)
    laps.lap("reconcile")
    laps.end("unhcr", f"UNHCR's {received.rows:,} rows, from file to reconciled figures", 15)
    count = {verdict.value: ledger.count(verdict) for verdict in Verdict}
    print(
        f"  {received.rows:,} rows, {len(received.table.frame):,} figures: {count}; {len(found)} findings"
    )


def movements(shared: Path) -> None:
    places = Places(listed_units(shared, ["SOM"]), countries=("SOM",))
    path = shared / "tables/somalia/som_prmn_displacement_2016_2023.xlsx"
    laps = Laps()
    received = read_received(path, source="prmn")
    laps.lap("read")
    matched = match_flows(received.table, places)
    laps.lap("match")
    flows, ledger = join_flows(matched, places)
    laps.lap("join")
    regions = turnover(flows_between(flows, places, 1))
    laps.lap("add up")
    found = reconcile(typed_frame([], UNIT_FIGURE_COLUMNS), places, Ledger(ledger.entries), flows)
    laps.lap("reconcile")
    laps.end("prmn", f"Somalia's {received.rows:,} rows of movements", 30)
    table = received.table.frame
    out = {entry.row for entry in ledger.open}
    lost = table.loc[table["row"].isin(out), "value"].sum()
    told = flows["value"].sum()
    pairs = flows[["origin", "destination"]].drop_duplicates()
    print(f"  {len(table):,} rows, {len(pairs):,} pairs, {told:,.0f} people moved, {lost:,.0f} left out "
          f"with a reason, {table['value'].sum() - told - lost:,.0f} lost; "
          f"{len(regions):,} regions and months; {len(found)} findings")  # fmt: skip


def main(shared: Path = SHARED) -> None:
    if not shared.is_dir():
        sys.exit(f"{shared} is not there: the real tables lie beside the checkout")
    print("UNHCR population, origin by asylum, 1951-2025")
    population(shared)
    print("Somalia PRMN, 2016-2023")
    movements(shared)


if __name__ == "__main__":
    main()
