"""Names a person has matched once, so that nobody is asked twice. `decisions.csv` replays them.

A decision holds for one file, name as written and parent; an empty file means every table.
Writing is atomic: either the whole new list is there, or the old one still is.
"""

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import DuplicateRow, MissingColumn
from geo.ledger import LedgerEntry, Suggestion
from geo.reading import read_csv_text

__all__ = [
    "DECISIONS_FILE",
    "LEAVE_OUT",
    "Decision",
    "Question",
    "questions",
    "read_decisions",
    "write_decisions",
]

DECISIONS_FILE = "decisions.csv"
LEAVE_OUT = "leave out"
"""What stands in ``pcode`` where a name is to stay off the map."""

_COLUMNS = ("file", "place", "parent", "pcode", "why", "who", "when")
_NEEDED = ("place", "pcode")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a written name means: a P-code, ``site:ID``, or `LEAVE_OUT`.

    ``file`` "" holds for every table. ``who`` and ``when`` may be empty; ``why`` is printed in
    the ledger.
    """

    file: str
    place: str
    parent: str
    pcode: str
    why: str = ""
    who: str = ""
    when: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it decides about."""
        return self.file, self.place, self.parent

    @property
    def leaves_out(self) -> bool:
        """Whether the name is to stay off the map."""
        return self.pcode.casefold() == LEAVE_OUT


@dataclass(frozen=True, slots=True)
class Question:
    """One name that waits for a decision, with the rows of one file that bear it."""

    file: str
    place: str
    parent: str
    rows: tuple[int, ...]
    reason: str
    why: str
    suggestions: tuple[Suggestion, ...] = ()

    def decided(self, pcode: str, *, why: str = "", who: str = "", when: str = "") -> Decision:
        """Return the decision that answers it."""
        return Decision(self.file, self.place, self.parent, pcode, why, who, when)


def questions(entries: Iterable[LedgerEntry]) -> tuple[Question, ...]:
    """Return the queue: each name that could not be matched, once, the most frequent first."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    first: dict[tuple[str, str, str], tuple[LedgerEntry, tuple[Suggestion, ...]]] = {}
    for entry in entries:
        for asked in entry.asked:
            key = entry.file, asked.place, asked.parent
            rows.setdefault(key, []).append(entry.row)
            first.setdefault(key, (entry, asked.suggestions))
    queue = [
        Question(*key, tuple(rows[key]), entry.reason, entry.why, suggestions)
        for key, (entry, suggestions) in first.items()
    ]
    return tuple(sorted(queue, key=lambda q: (-len(q.rows), q.file, q.place, q.parent)))


def read_decisions(path: Path, *, name: str | None = None) -> tuple[Decision, ...]:
    """Read ``decisions.csv``; none where there is no file.

    Raises
    ------
    TableError
        A column is missing, or one name is decided twice in two ways.
    """
    if not path.exists():
        return ()
    table = read_csv_text(path, name=name or path.name)
    at = {header.casefold(): i for i, header in enumerate(table.header)}
    for column in _NEEDED:
        if column not in at:
            found = [header for header in table.header if header]
            raise MissingColumn(
                table.file, column=column, needed_for="what was decided", found=found
            )
    decided: dict[tuple[str, str, str], tuple[int, Decision]] = {}
    for number, cells in table.rows:
        decision = Decision(*(cells[at[c]] if c in at else "" for c in _COLUMNS))
        if not decision.place or not decision.pcode:
            continue
        earlier = decided.get(decision.key)
        if earlier is not None and earlier[1].pcode != decision.pcode:
            codes = f"{earlier[1].pcode} and {decision.pcode}"
            what = f"what {decision.place!r} means ({codes})"
            raise DuplicateRow(table.file, row=number, first=earlier[0], what=what)
        decided[decision.key] = number, decision
    return tuple(decision for _, decision in decided.values())


def write_decisions(path: Path, decisions: Sequence[Decision]) -> None:
    """Write the whole list, in the order of file, parent and place, in one step."""
    latest = {decision.key: decision for decision in decisions}
    ordered = sorted(latest.values(), key=lambda d: (d.file, d.parent, d.place))
    handle, name = tempfile.mkstemp(prefix=".decisions-", suffix=".csv", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            writer.writerows([getattr(each, column) for column in _COLUMNS] for each in ordered)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
