"""What a rule of the checklist is: a name, a reason, a remedy, and a check that says what is wrong.

A check yields one sentence for each breach and nothing where all is well. It never repairs, and it
never guesses: what it cannot know it lets pass.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

__all__ = ["Check", "LintFinding", "Rule", "RuleBook", "Severity"]

T = TypeVar("T")
Check = Callable[[T], Iterator[str]]


class Severity(StrEnum):
    """An error misleads or leaves out what a reader must know; a warning hinders; a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One breach. ``overridden`` is the reason that the map gives for it, "" where it gives none."""

    rule: str
    severity: Severity
    what: str
    why: str
    fix: str
    overridden: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One rule over a ``T``. A ``binding`` rule cannot be overridden: its breach is a falsehood.

    ``point`` is the number in the checklist of 28 points (docs/checklist.md), 0 for our own.
    """

    id: str
    severity: Severity
    why: str
    fix: str
    check: Check[T]
    point: int = 0
    binding: bool = False

    def findings(self, case: T) -> Iterator[LintFinding]:
        """Yield what the rule finds."""
        for what in self.check(case):
            yield LintFinding(self.id, self.severity, what, self.why, self.fix)


class RuleBook(Generic[T]):
    """Rules over one kind of thing, in the order they were written."""

    def __init__(self) -> None:
        self.rules: list[Rule[T]] = []

    def rule(
        self,
        name: str,
        severity: Severity,
        *,
        why: str,
        fix: str,
        point: int = 0,
        binding: bool = False,
    ) -> Callable[[Check[T]], Check[T]]:
        """Enter the decorated check as a rule."""

        def enter(check: Check[T]) -> Check[T]:
            self.rules.append(Rule(name, severity, why, fix, check, point, binding))
            return check

        return enter

    def findings(self, case: T) -> Iterable[LintFinding]:
        """Return what all rules find, rule by rule."""
        return [finding for rule in self.rules for finding in rule.findings(case)]
