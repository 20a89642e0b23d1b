"""Flow layouts compared: straight lines, equal arcs, the published force-directed method, and ours.

Targets. Mali, 20 flows, and the Mali example: no covered node, no crossing of siblings (flows that
share a node), none under 30 degrees, at most one covered arrowhead, 2 % of overlap, fewer crossings
than the published method, 0.3 s. 80 flows, each set: 65 % of the crossings of straight lines and of
the published method, no siblings, 2 acute, 20 covered nodes, 2 s. 300 flows: 75 % of the crossings, a
quarter of the acute ones, 40 covered nodes, 10 s (40 s without Numba).

Seconds are of the processor, compiled code already loaded. All methods are measured on what they draw, by
`maps.flow_bands.flow_quality`; ours alone has ports. Ours optimises what it is measured by.

Run: python benchmarks/bench_flows.py [mali|world|300|unhcr|somalia]…
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import flow_cases
import numpy as np
from measure import measure
from published_layout import published

from maps.flow_bands import FlowQuality, flow_quality
from maps.flow_curves import FloatArray, FlowProblem
from maps.flow_layout import lay_out_flows

HEAD = (
    f"{'flows':22} {'method':10} {'cross':>6} {'sibl.':>6} {'acute':>6} {'nodes':>6} {'heads':>6}"
    f" {'overlap':>8} {'angles':>7} {'stretch':>8} {'s':>6}"
)


def straight(problem: FlowProblem) -> FloatArray:
    return np.asarray((problem.nodes[problem.origin] + problem.nodes[problem.destination]) / 2)


def arcs(problem: FlowProblem) -> FloatArray:
    """Bend every flow to its right by the same share of its length."""
    run = problem.nodes[problem.destination] - problem.nodes[problem.origin]
    return straight(problem) + 0.22 * np.stack([-run[:, 1], run[:, 0]], axis=1)


METHODS: dict[str, Callable[[FlowProblem], FloatArray]] = {
    "straight": straight,
    "arcs": arcs,
    "published": published,
    "ours": lay_out_flows,
}


def cases(wanted: set[str]) -> Iterator[tuple[str, FlowProblem | None]]:
    if "mali" in wanted:
        for seed in range(4):
            yield f"Mali, 20 ({seed})", flow_cases.mali_20(seed)
        for name, problem in flow_cases.mali_example().items():
            yield f"Mali example, {len(problem)} ({name})"[:22], problem
    if "world" in wanted:
        for seed in range(3):
            yield f"world, 80 ({seed})", flow_cases.world(80, seed)
    if "300" in wanted:
        for seed in (1, 2):
            yield f"world, 300 ({seed})", flow_cases.world(300, seed)
    if "unhcr" in wanted:
        for year in (1994, 2016, 2023):
            yield f"UNHCR {year}, 60", flow_cases.unhcr(year, 60)
    if "somalia" in wanted:
        yield "Somalia regions, 60", flow_cases.somalia(1, 60)
        yield "Somalia districts, 100", flow_cases.somalia(2, 100)


def told(name: str, q: FlowQuality, seconds: float, crossings: dict[str, int]) -> None:
    """Tell the lines of the table: of each set, what its target speaks of."""
    key = "-".join(("flows", *re.findall(r"[a-z0-9]+", name.lower())))
    small, large = name.startswith("Mali"), "300" in name
    most = {"covered": 0, "sibling": 0, "acute": 0, "seconds": 0.3} if small else {}
    if name.startswith("world, 80"):
        most = {"covered": 20, "sibling": 0, "acute": 2, "seconds": 2}
    if large:
        most = {"covered": 40, "acute": q.crossings // 4, "seconds": 10}
    straight = crossings["straight"]
    share = q.crossings / straight if straight else 0.0
    limit = 1.0 if small else 0.75 if large else 0.65 if name.startswith("world") else None
    beside = f"{q.crossings}; straight {straight}, published {crossings['published']}"
    measure(f"{key}-crossings", f"{name}: crossings, of those of straight lines", share, "%",
            at_most=limit, beside=beside)  # fmt: skip
    for what, found, words in (
        ("covered", q.nodes_covered, "nodes covered"),
        ("sibling", q.sibling_crossings, "crossings of siblings"),
        ("acute", q.acute, "crossings under 30°"),
    ):
        measure(f"{key}-{what}", f"  {words}", found, at_most=most.get(what))
    measure(f"{key}-overlap", "  overlap", q.overlap, "%", at_most=0.02 if small else None)
    measure(f"{key}-time", "  time of the processor", seconds, "s", at_most=most.get("seconds"))


def main() -> None:
    wanted = set(sys.argv[1:]) or {"mali", "world", "300", "unhcr", "somalia"}
    for warm in (flow_cases.mali_20(9), flow_cases.world(70, 9)):
        lay_out_flows(warm)
    for name, problem in cases(wanted):
        if problem is None:
            print(f"{name:22} left out: the tables are not at hand")
            continue
        print(HEAD)
        crossings = {}
        for method, lay_out in METHODS.items():
            asked = replace(problem, ports=method == "ours")
            start = time.process_time()
            control = lay_out(asked)
            seconds = time.process_time() - start
            q = flow_quality(asked, control)
            print(
                f"{name:22} {method:10} {q.crossings:6} {q.sibling_crossings:6} {q.acute:6}"
                f" {q.nodes_covered:6} {q.heads_covered:6} {q.overlap:8.1%}"
                f" {q.angular_resolution:7.2f} {q.stretch:8.3f} {seconds:6.2f}",
                flush=True,
            )
            crossings[method] = q.crossings
            if method == "ours":
                told(name, q, seconds, crossings)


if __name__ == "__main__":
    main()
