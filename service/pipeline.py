"""The walk of a figure, in one direction: read, match, join, reconcile, release. Nothing is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boundaries.units import BoundarySet
from geo.figure_reading import read_figures, read_flows, read_population, read_presence
from geo.findings import Finding
from geo.joining import join_figures, join_flows, join_presence
from geo.ledger import Ledger, Verdict
from geo.matching import match_figures, match_flows, match_presence
from geo.reconciling import acknowledge, reconcile
from geo.release import Note, ReleasedFigures, release
from service.errors import BuildStops
from service.places import ground_of

if TYPE_CHECKING:
    from service.situation import Situation, Table

__all__ = ["Built", "TableRead", "build"]

Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table as read: how many rows it has."""

    name: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Built:
    """What a build found. ``released`` is None where a finding stops it."""

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
        return sum(e.file == file and e.verdict is verdict for e in self.ledger.entries)


def _silent(_text: str, _done: int) -> None:
    return None


def build(situation: "Situation", *, step: Step = _silent) -> Built:
    """Walk a situation's tables to released figures.

    Raises
    ------
    SitmapError
        A file cannot be used; the sentence names file, row, column and value.
    """
    step("boundaries", 0)
    ground = ground_of(situation)
    places = ground.places
    read: dict[str, Any] = {}
    for table in situation.tables:
        step(table.name, 0)
        read[table.name] = _read(table)
    step("joining", 0)
    figures = [match_figures(t, places) for t in _of(situation, read, "figures", "population")]
    flows = [match_flows(t, places) for t in _of(situation, read, "flows")]
    present = [match_presence(t, places) for t in _of(situation, read, "presence")]
    unit_figures, figure_ledger = join_figures(figures, places)
    unit_flows, flow_ledger = join_flows(flows, places, figures)
    unit_presence, presence_ledger = join_presence(present, places)
    ledger = _in_order(situation, (figure_ledger, flow_ledger, presence_ledger))
    findings = acknowledge(
        reconcile(unit_figures, places, ledger, unit_flows), situation.acknowledged
    )
    released = None
    if not any(finding.severity == "stops" for finding in findings):
        released = release(
            situation=situation.id,
            title=situation.title,
            as_of=situation.as_of,
            created=situation.created,
            vintage=ground.boundaries.vintage.id,
            countries=situation.countries,
            focus=situation.focus,
            figures=unit_figures,
            flows=unit_flows,
            presence=unit_presence,
            sources=situation.sources,
            sites=places.sites,
            notes=(*_carry_notes(situation, ledger), *situation.notes),
            findings=findings,
        )
    tables = tuple(
        TableRead(table.name, table.kind, len(read[table.name].frame)) for table in situation.tables
    )
    return Built(situation, ground.boundaries, tables, ledger, findings, released)


_READERS: dict[str, Callable[..., Any]] = {
    "figures": read_figures,
    "population": read_population,
    "flows": read_flows,
    "presence": read_presence,
}


def _read(table: "Table") -> Any:
    reader = _READERS[table.kind]
    return reader(table.path, table.profile, source=table.source, name=table.name)


def _of(situation: "Situation", read: dict[str, Any], *kinds: str) -> list[Any]:
    return [read[table.name] for table in situation.tables if table.kind in kinds]


def _in_order(situation: "Situation", ledgers: Sequence[Ledger]) -> Ledger:
    """Return one ledger in the order of the tables and their rows."""
    order = {table.name: i for i, table in enumerate(situation.tables)}
    entries = [entry for ledger in ledgers for entry in ledger.entries]
    return Ledger(tuple(sorted(entries, key=lambda e: (order.get(e.file, len(order)), e.row))))


def _carry_notes(situation: "Situation", ledger: Ledger) -> list[Note]:
    """Return the notes of the carries that carried somebody."""
    carried = {e.pcode for e in ledger.entries if e.verdict is Verdict.CARRIED}
    targets = {
        carry.from_code: tuple(pcode for pcode, _ in carry.into) for carry in situation.carries
    }
    return [
        Note("carry", dict(carry.note), about=targets[carry.from_code])
        for carry in situation.carries
        if carry.note and (carried & {carry.from_code, *targets[carry.from_code]})
    ]
