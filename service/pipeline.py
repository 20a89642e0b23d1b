"""The walk of a figure, in one direction: read, match, join, reconcile, release. Nothing is written.

A table of other boundaries is matched on its own and carried to ours before it is joined with the rest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from boundaries.units import BoundarySet
from geo.bringing import Walk, bring_figures
from geo.bringing_ends import bring_flows, bring_presence
from geo.brought import Brought, settle_brought
from geo.figure_reading import read_figures, read_flows, read_population, read_presence
from geo.findings import Finding
from geo.joining import join_figures, join_flows, join_presence
from geo.ledger import Ledger, Verdict
from geo.matching import MatchedFigures, match_figures, match_flows, match_presence
from geo.received import Received, read_received
from geo.reconciling import acknowledge, reconcile
from geo.release import Note, ReleasedFigures, release
from service.assigned_ledgers import check_declared
from service.errors import BuildStops
from service.grid_tables import GridTable, read_grid_tables, with_grids_said
from service.places import Ground, ground_of
from service.vintages import Vintages

if TYPE_CHECKING:
    from geo.tables import FigureTable, FlowTable, PresenceTable
    from service.situation import Situation, Table

__all__ = ["Built", "Step", "TableRead", "build"]

Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table as read: how many rows it has, and how it was recognised where it had to be.

    ``vintage`` is the label of the boundaries it was carried from, "" for the situation's own.
    ``grid`` is what a raster says of itself, "" for a table.
    """

    name: str
    kind: str
    rows: int
    received: Received | None = None
    vintage: str = ""
    grid: str = ""


@dataclass(frozen=True)
class Built:
    """What a build found. ``released`` is None where a finding stops it, or nothing was to be."""

    situation: "Situation"
    boundaries: BoundarySet
    tables: tuple[TableRead, ...]
    ledger: Ledger
    findings: tuple[Finding, ...]
    released: ReleasedFigures | None

    @property
    def stopping(self) -> tuple[Finding, ...]:
        """Findings that would draw something false; no acknowledgement makes it true."""
        return tuple(finding for finding in self.findings if finding.severity == "stops")

    @property
    def open(self) -> tuple[Finding, ...]:
        """Findings that leave something out or unexplained, and nobody has explained."""
        return tuple(f for f in self.findings if f.severity == "open" and not f.acknowledged)

    def stop(self) -> BuildStops:
        """Return the error of a stopped build."""
        first = self.stopping[0]
        return BuildStops(
            self.situation.id,
            findings=[finding.id for finding in self.stopping],
            first=first.what,
            todo=first.todo,
        )

    def count(self, file: str, verdict: Verdict) -> int:
        """Return how many rows of one table ended so."""
        return self._ends.get((file, verdict), 0)

    @cached_property
    def _ends(self) -> Mapping[tuple[str, Verdict], int]:
        """Rows by file and verdict. A row of several figures ended where the best of them did."""
        order = list(Verdict)
        best: dict[tuple[str, int], Verdict] = {}
        for entry in self.ledger.entries:
            key = entry.file, entry.row
            best[key] = min(best.get(key, entry.verdict), entry.verdict, key=order.index)
        ends: dict[tuple[str, Verdict], int] = {}
        for (file, _), verdict in best.items():
            ends[file, verdict] = ends.get((file, verdict), 0) + 1
        return ends


def _silent(_text: str, _done: int) -> None:
    return None


def build(
    situation: "Situation",
    *,
    step: Step = _silent,
    known: Mapping[str, Received] | None = None,
    to_release: bool = True,
) -> Built:
    """Walk a situation's tables to released figures.

    Parameters
    ----------
    situation : Situation
    step : callable
        Told what is being done.
    known : mapping, optional
        Tables that were read already, by name.
    to_release : bool
        False stops before the release, which only declared sources pass: a look, no publication.

    Raises
    ------
    SitmapError
        A file cannot be used; the sentence names file, row, column and value.
    """
    check_declared(situation)
    step("boundaries", 0)
    ground = ground_of(situation)
    read: dict[str, _Read] = {}
    for table in situation.tables:
        step(table.name, 0)
        read[table.name] = _read(table, known or {})
    grids = read_grid_tables(situation, ground.boundaries, step)
    vintages = Vintages(situation, ground)
    doubts = [
        f for table in situation.tables for f in vintages.suspicions(table, read[table.name].frame)
    ]
    step("joining", 0)
    walked = _walked(situation, ground, vintages, read, grids, step=step)
    reconciled = reconcile(walked.figures, ground.places, walked.ledger, walked.flows)
    findings = acknowledge((*doubts, *reconciled), situation.acknowledged)
    released = None
    if to_release and not any(finding.severity == "stops" for finding in findings):
        released = release(
            situation=situation.id,
            title=situation.title,
            as_of=situation.as_of,
            created=situation.created,
            vintage=ground.boundaries.vintage.id,
            countries=situation.countries,
            focus=situation.focus,
            figures=walked.figures,
            flows=walked.flows,
            presence=walked.presence,
            sources=with_grids_said(situation.sources, grids),
            sites=ground.places.sites,
            notes=(*_carry_notes(situation, walked.ledger), *walked.notes, *situation.notes),
            findings=findings,
        )
    tables = tuple(
        TableRead(
            name=table.name,
            kind=table.kind,
            rows=read[table.name].rows,
            received=read[table.name].received,
            vintage=vintages.old(table.collected).label if table.collected else "",
        )
        for table in situation.tables
    )
    tables += tuple(
        TableRead(
            name=grid.raster.name,
            kind="population",
            rows=len(grid.table.frame),
            grid=grid.facts.sentence,
        )
        for grid in grids
    )
    return Built(situation, ground.boundaries, tables, walked.ledger, findings, released)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Read:
    """A table's rows; ``received`` tells how they were found where that was not declared."""

    table: "FigureTable | FlowTable | PresenceTable"
    received: Received | None = None

    @property
    def frame(self) -> Any:
        return self.table.frame

    @property
    def rows(self) -> int:
        return self.received.rows if self.received else len(self.table.frame)


_READERS: dict[str, Callable[..., Any]] = {
    "figures": read_figures,
    "population": read_population,
    "flows": read_flows,
    "presence": read_presence,
}


def _read(table: "Table", known: Mapping[str, Received]) -> _Read:
    received = known.get(table.name)
    if received is None and table.recognised:
        received = read_received(
            table.path,
            source=table.source,
            kind=table.kind,
            profile=table.profile,
            name=table.name,
            sheet=table.sheet,
        )
    if received is not None:
        return _Read(received.table, received)
    reader = _READERS[table.kind]
    return _Read(reader(table.path, table.profile, source=table.source, name=table.name))


# --- joining ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Walked:
    """The three joined frames, the ledger of all tables, and what carried figures must say."""

    figures: Any
    flows: Any
    presence: Any
    ledger: Ledger
    notes: tuple[Note, ...]


def _walked(
    situation: "Situation",
    ground: Ground,
    vintages: Vintages,
    read: Mapping[str, _Read],
    grids: Sequence[GridTable],
    *,
    step: Step,
) -> _Walked:
    places = ground.places
    brought: list[Brought] = []
    figures: list[MatchedFigures] = []
    for tables in _together(situation, read):
        found = [read[table.name].table for table in tables]
        if tables[0].collected is None:
            figures += [match_figures(each, places) for each in found]  # type: ignore[arg-type]
            continue
        old = vintages.old(tables[0].collected)
        step(f"carrying from {old.label}", 0)
        each = bring_figures(found, old.places, places, old.crosswalk_of, label=old.label)  # type: ignore[arg-type]
        brought.append(each)
        figures += each.figures
    figures += [match_figures(grid.table, places) for grid in grids]
    flows = [_flows(table, read, vintages, ground) for table in _of(situation, "flows")]
    present = [_presence(table, read, vintages, ground) for table in _of(situation, "presence")]
    unit_figures, figure_ledger = join_figures(figures, places)
    unit_flows, flow_ledger = join_flows(flows, places, figures)
    unit_presence, presence_ledger = join_presence(present, places)
    settled = settle_brought(unit_figures, unit_flows, figure_ledger, brought)
    aside = Ledger(tuple(e for r in read.values() if r.received for e in r.received.entries))
    return _Walked(
        figures=settled.figures,
        flows=settled.flows,
        presence=unit_presence,
        ledger=_in_order(situation, (settled.ledger, flow_ledger, presence_ledger, aside)),
        notes=tuple(note for each in brought for note in each.notes),
    )


def _of(situation: "Situation", *kinds: str) -> "list[Table]":
    return [table for table in situation.tables if table.kind in kinds]


def _together(situation: "Situation", read: Mapping[str, _Read]) -> "Iterable[list[Table]]":
    """Return the tables of figures, those of one other vintage together where the first of them is."""
    groups: dict[Any, list[Table]] = {}
    for table in _of(situation, "figures", "population"):
        disjoint = getattr(read[table.name].table, "disjoint", False)
        key = table.name if table.collected is None else (table.collected, disjoint)
        groups.setdefault(key, []).append(table)
    return groups.values()


def _flows(table: "Table", read: Mapping[str, _Read], vintages: Vintages, ground: Ground) -> Any:
    if table.collected is None:
        return match_flows(read[table.name].table, ground.places)  # type: ignore[arg-type]
    old = vintages.old(table.collected)
    walk = Walk(old.places, ground.places, old.crosswalk_of)
    return bring_flows(read[table.name].table, walk)  # type: ignore[arg-type]


def _presence(table: "Table", read: Mapping[str, _Read], vintages: Vintages, ground: Ground) -> Any:
    if table.collected is None:
        return match_presence(read[table.name].table, ground.places)  # type: ignore[arg-type]
    old = vintages.old(table.collected)
    walk = Walk(old.places, ground.places, old.crosswalk_of)
    return bring_presence(read[table.name].table, walk)  # type: ignore[arg-type]


def _in_order(situation: "Situation", ledgers: Sequence[Ledger]) -> Ledger:
    """Return one ledger in the order of the tables and their rows."""
    named = [table.name for table in situation.tables]
    named += [raster.name for raster in situation.rasters]
    order = {name: i for i, name in enumerate(named)}
    entries = [entry for ledger in ledgers for entry in ledger.entries]
    return Ledger(tuple(sorted(entries, key=lambda e: (order.get(e.file, len(order)), e.row))))


def _carry_notes(situation: "Situation", ledger: Ledger) -> list[Note]:
    """Return the notes of the carries that carried somebody."""
    ours = {table.name for table in situation.tables if table.collected is None}
    carried = {e.pcode for e in ledger.entries if e.verdict is Verdict.CARRIED and e.file in ours}
    targets = {
        carry.from_code: tuple(pcode for pcode, _ in carry.into) for carry in situation.carries
    }
    return [
        Note("carry", dict(carry.note), about=targets[carry.from_code])
        for carry in situation.carries
        if carry.note and (carried & {carry.from_code, *targets[carry.from_code]})
    ]
