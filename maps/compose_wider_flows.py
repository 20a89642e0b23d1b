"""The bands of a map at one level, and what became of the persons of their rows: each has one fate."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from geo.tables import records
from geo.terms import State
from maps.compose_bands import DecidedFlows, decided_flows, ways
from maps.compose_flow_ends import COUNTED
from maps.compose_links import Link, units_of
from maps.compose_setting import Setting
from maps.scene import FlowMark
from maps.spec import LayerSpec

__all__ = ["BandRows", "FlowBalance", "LevelFlows", "SilentRows", "silent_rows"]

SilentRows = Mapping[tuple[object, ...], int]
"""Rows of the flow table without a figure, by (origin, destination, group, measure, unit, date), counted
for every pair of units that their ends lie in."""


@dataclass(frozen=True, slots=True)
class FlowBalance:
    """Persons (or households) of all bands of a group and measure at one level: each counted once.

    ``bands`` are drawn, ``inside`` moved within one place, ``below`` are in bands under the map's
    minimum, ``rest`` in bands beyond its largest, or balanced away. ``unplaced`` are those of them
    whose place is known at this level and was not at the map's own.
    """

    group: str
    measure: str
    unit: str
    bands: float
    inside: float
    below: float
    rest: float
    unplaced: float


@dataclass(frozen=True, slots=True)
class BandRows:
    """How many rows of the flow table a band adds up, and how many of its time have no figure."""

    members: int = 1
    missing: int = 0


@dataclass(frozen=True)
class LevelFlows:
    """The bands of all flow layers at one level, largest first, and the rows behind them.

    ``counted`` are by group, measure, unit and fate, ``within`` by place, group, measure and unit,
    ``rows`` by both ends, group and measure of a band. ``units`` are what the bands of each layer
    count, "" for a layer without any.
    """

    marks: tuple[FlowMark, ...]
    units: tuple[str, ...]
    counted: Mapping[tuple[str, str, str, str], float]
    within: Mapping[tuple[str, str, str, str], float]
    rows: Mapping[tuple[str, str, str, str], tuple[Link, ...]]

    @classmethod
    def at_own(cls, setting: Setting, layers: Sequence[LayerSpec]) -> "LevelFlows":
        """Decide the bands of some layers as the map does."""
        return cls._of(layers, [decided_flows(setting, layer) for layer in layers])

    def seen_wider(
        self, setting: Setting, layers: Sequence[LayerSpec], widest: int
    ) -> "LevelFlows":
        """Decide the bands of the same layers with no end deeper than ``widest``."""
        decided = [
            decided_flows(setting, layer, widest=widest, unit=unit)
            for layer, unit in zip(layers, self.units, strict=True)
        ]
        return self._of(layers, decided)

    @classmethod
    def _of(cls, layers: Iterable[LayerSpec], decided: Sequence[DecidedFlows]) -> "LevelFlows":
        counted: dict[tuple[str, str, str, str], float] = {}
        within: dict[tuple[str, str, str, str], float] = {}
        rows: dict[tuple[str, str, str, str], tuple[Link, ...]] = {}
        for layer, flows in zip(layers, decided, strict=True):
            for link, fate in zip(flows.links, flows.fates, strict=True):
                if fate not in COUNTED:
                    continue
                key = (link.group, link.measure, link.unit, fate)
                counted[key] = counted.get(key, 0.0) + link.value
                if fate == "within":
                    place = (link.origin, link.group, link.measure, link.unit)
                    within[place] = within.get(place, 0.0) + link.value
                elif fate == "drawn":
                    for way in ways(layer, link):
                        rows[way] = (*rows.get(way, ()), link)
        return cls(
            marks=tuple(
                sorted((m for flows in decided for m in flows.marks), key=lambda m: -m.value)
            ),
            units=tuple(flows.drawn[0].unit if flows.drawn else "" for flows in decided),
            counted=counted,
            within=within,
            rows=rows,
        )

    def made_of(self, marks: Iterable[FlowMark], silent: SilentRows) -> tuple[BandRows, ...]:
        """Return what each of some bands is made of."""
        of_marks = [
            self.rows.get((mark.origin, mark.destination, mark.group, mark.measure), ())
            for mark in marks
        ]
        return tuple(
            BandRows(
                members=sum(link.rows for link in links),
                missing=sum(silent.get(key, 0) for key in {_key(link) for link in links}),
            )
            for links in of_marks
        )

    def inside(self, place: str, group: str, measure: str, unit: str) -> float | None:
        """Return who moved within a place; None where no row is of the group, measure and unit."""
        what = (group, measure, unit)
        if not any((*what, fate) in self.counted for fate in COUNTED):
            return None
        return self.within.get((place, *what), 0.0)

    def balance(self, own: "LevelFlows") -> tuple[FlowBalance, ...]:
        """Return where the persons of each group and measure are; ``own`` is at the map's own level."""
        return tuple(
            FlowBalance(
                *what,
                bands=self.counted.get((*what, "drawn"), 0.0),
                inside=self.counted.get((*what, "within"), 0.0),
                below=self.counted.get((*what, "below"), 0.0),
                rest=self.counted.get((*what, "rest"), 0.0),
                unplaced=self._all(*what) - own._all(*what),
            )
            for what in dict.fromkeys((g, m, u) for g, m, u, _ in sorted(self.counted))
        )

    def _all(self, group: str, measure: str, unit: str) -> float:
        return sum(self.counted.get((group, measure, unit, fate), 0.0) for fate in COUNTED)


def silent_rows(setting: Setting) -> SilentRows:
    """Count the rows of the flow table that have no figure, at every level."""

    @cache
    def around(end: str) -> frozenset[str]:
        """The end, and the units that hold all of it."""
        chains = [_chain(setting, unit) for unit in units_of(setting, [end])]
        return frozenset({end}).union(frozenset.intersection(*chains) if chains else ())

    table = setting.released.flows
    found: Counter[tuple[object, ...]] = Counter()
    for row in records(table[table["state"] != State.FIGURE.value]):
        what = (row["group"], row["measure"], row["unit"], row["date"])
        for origin in around(row["origin"]):
            for destination in around(row["destination"]):
                found[(origin, destination, *what)] += 1
    return found


def _key(link: Link) -> tuple[object, ...]:
    return (link.origin, link.destination, link.group, link.measure, link.unit, link.date)


def _chain(setting: Setting, unit: str) -> frozenset[str]:
    above = set()
    while unit in setting.places:
        above.add(unit)
        unit = setting.places.parent(unit)
    return frozenset(above or {unit})
