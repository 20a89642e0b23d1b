"""The names a situation could not place, and what a person says they mean.

Nothing is asked twice: each answer is written to ``decisions.csv`` at once, and every later build
replays it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.decisions import (
    DECISIONS_FILE,
    LEAVE_OUT,
    Decision,
    Question,
    questions,
    read_decisions,
    write_decisions,
)
from service.errors import CannotWrite

if TYPE_CHECKING:
    from geo.gazetteer import Places
    from service.situation import Situation

__all__ = ["Queue", "keep", "meant", "open_queue", "question_document"]


@dataclass(frozen=True)
class Queue:
    """What waits for a decision, and where the answers may lie."""

    questions: tuple[Question, ...]
    places: "Places"


def open_queue(situation: "Situation") -> Queue:
    """Match the situation's tables and return the names that are left.

    Raises
    ------
    SitmapError
        A file of the situation cannot be used.
    """
    from service.pipeline import build
    from service.places import ground_of

    built = build(situation, to_release=False)
    return Queue(questions(built.ledger.entries), ground_of(situation).places)


def meant(queue: Queue, question: Question, answer: str) -> str | None:
    """Return the code that an answer means, or None where it means none.

    An answer is the number of a suggestion, a P-code, ISO3 or ``site:ID``, "leave out" (or "x"),
    or the exact name of a place.
    """
    text = answer.strip()
    if text.casefold() in ("x", LEAVE_OUT):
        return LEAVE_OUT
    if text.isdigit() and 1 <= int(text) <= len(question.suggestions):
        return question.suggestions[int(text) - 1].pcode
    found = queue.places.find("", text)
    if not found.target:
        found = queue.places.find(text, parent=question.parent)
    if not found.target:
        found = queue.places.find(text)
    return found.target or None


def keep(folder: Path, decision: Decision) -> None:
    """Add a decision to the folder's ``decisions.csv``; one on the same name is replaced.

    Raises
    ------
    TableError
        The file that is there cannot be used.
    CannotWrite
        The file cannot be written; it is as it was.
    """
    path = folder / DECISIONS_FILE
    known = read_decisions(path)
    try:
        write_decisions(path, [*known, decision])
    except OSError as error:
        raise CannotWrite(
            path,
            why=(error.strerror or "it cannot be written").lower(),
            todo="Close it in other programs and check that you may write to the folder.",
        ) from None


def question_document(question: Question) -> dict[str, Any]:
    """Return one question as JSON values."""
    return {
        "file": question.file,
        "place": question.place,
        "parent": question.parent,
        "rows": list(question.rows),
        "reason": question.reason,
        "why": question.why,
        "suggestions": [
            {"pcode": each.pcode, "place": each.said, "ratio": each.ratio}
            for each in question.suggestions
        ],
    }
