"""The cartographic checklist, run by the machine: over a specification, a scene, and a drawn page.

A map with errors is not to be published. A rule may be departed from on purpose: the map then
declares it, with the reason, and prints it. Rules whose breach would be a falsehood are binding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from geo.release import ReleasedFigures
from maps import (
    lint_rules_areas,
    lint_rules_bands,
    lint_rules_figures,
    lint_rules_flows,
    lint_rules_layout,
    lint_rules_legends,
    lint_rules_numbers,
    lint_rules_page,
    lint_rules_scene,
    lint_rules_spec,
    lint_rules_type,
)
from maps.display import Page
from maps.imprint import Override
from maps.lint_rules import LintFinding, Rule, Severity
from maps.lint_rules_scene import overrides_of
from maps.lint_rules_spec import SpecCase, unlike
from maps.page_case import PageCase
from maps.scene import Scene
from maps.spec import MapSpec, text_in

__all__ = [
    "LintFinding",
    "Severity",
    "failing",
    "lint_page",
    "lint_scene",
    "lint_spec",
    "rules",
    "unused_overrides",
]

_OF_SPECS = (lint_rules_spec.BOOK, lint_rules_figures.BOOK)
_OF_SCENES = (
    lint_rules_scene.BOOK,
    lint_rules_areas.BOOK,
    lint_rules_legends.BOOK,
    lint_rules_numbers.BOOK,
    lint_rules_bands.BOOK,
)
_OF_PAGES = (
    lint_rules_page.BOOK,
    lint_rules_type.BOOK,
    lint_rules_layout.BOOK,
    lint_rules_flows.BOOK,
)


def rules() -> tuple[Rule[SpecCase] | Rule[Scene] | Rule[PageCase], ...]:
    """Return every rule, those over specifications first.

    >>> len({rule.id for rule in rules()}) == len(rules())
    True
    """
    return (
        *(rule for book in _OF_SPECS for rule in book.rules),
        *(rule for book in _OF_SCENES for rule in book.rules),
        *(rule for book in _OF_PAGES for rule in book.rules),
    )


def lint_spec(spec: MapSpec, released: ReleasedFigures) -> tuple[LintFinding, ...]:
    """Return what is wrong with what a map is asked to be, given the figures there are."""
    case = SpecCase(spec, released)
    found = [finding for book in _OF_SPECS for finding in book.findings(case)]
    return (*_settled(found, spec.overrides), *_bad_overrides(spec.overrides))


def lint_scene(scene: Scene) -> tuple[LintFinding, ...]:
    """Return what is wrong with a composed map."""
    found = [finding for book in _OF_SCENES for finding in book.findings(scene)]
    return _settled(found, overrides_of(scene))


def lint_page(page: Page, scene: Scene) -> tuple[LintFinding, ...]:
    """Return what is wrong with a page that was drawn from a scene."""
    case = PageCase(page, scene)
    found = [finding for book in _OF_PAGES for finding in book.findings(case)]
    return _settled(found, overrides_of(scene))


def failing(findings: Iterable[LintFinding]) -> tuple[LintFinding, ...]:
    """Return the errors that no override excuses: with one of them a map is not to be published."""
    return tuple(f for f in findings if f.severity is Severity.ERROR and not f.overridden)


def unused_overrides(
    overrides: Sequence[Override], findings: Iterable[LintFinding]
) -> tuple[LintFinding, ...]:
    """Return a finding for each override that excuses nothing in ``findings`` of the whole map."""
    used = {finding.rule for finding in findings if finding.overridden}
    known = {rule.id for rule in rules() if not rule.binding}
    return tuple(
        LintFinding(
            "override-unused",
            Severity.WARNING,
            f"the override of {each.rule!r} excuses nothing",
            "An excuse that stays after its cause is gone hides the next breach.",
            "Take the [[map.override]] out.",
        )
        for each in overrides
        if each.rule in known - used
    )


def _settled(
    findings: Iterable[LintFinding], overrides: Sequence[Override]
) -> tuple[LintFinding, ...]:
    """Return the findings, each with the reason given for it, if its rule is not binding."""
    reasons = {each.rule: text_in(each.why, "en") for each in overrides}
    binding = {rule.id for rule in rules() if rule.binding}
    return tuple(
        finding
        if finding.rule in binding
        else replace(finding, overridden=reasons.get(finding.rule, ""))
        for finding in findings
    )


def _bad_overrides(overrides: Sequence[Override]) -> list[LintFinding]:
    known = {rule.id: rule for rule in rules()}
    found = []
    for each in overrides:
        if each.rule not in known:
            what = f"there is no rule {each.rule!r}; {unlike(each.rule, sorted(known))}"
            found.append(
                LintFinding(
                    "override-unknown",
                    Severity.ERROR,
                    what,
                    "A misspelt override excuses nothing, and its writer believes that it does.",
                    "Write the rule as `sitmap lint` prints it.",
                )
            )
        elif known[each.rule].binding:
            found.append(
                LintFinding(
                    "override-refused",
                    Severity.ERROR,
                    f"{each.rule!r} cannot be overridden",
                    known[each.rule].why,
                    known[each.rule].fix,
                )
            )
    return found
