"""One map looked at in all its forms: as asked for, as composed, and as drawn in each language."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from maps.errors import MapError
from maps.lint import (
    LintFinding,
    Severity,
    lint_page,
    lint_scene,
    lint_spec,
    unused_overrides,
)

if TYPE_CHECKING:
    from maps.spec import MapSpec
    from service.published import Published

__all__ = ["finding_document", "lint_map"]

_ORDER = {severity: i for i, severity in enumerate(Severity)}


def lint_map(
    published: "Published", spec: "MapSpec", languages: Sequence[str]
) -> tuple[LintFinding, ...]:
    """Return what is wrong with a map, errors first; what is wrong in every language once.

    A map that cannot be composed has that as its finding.
    """
    from maps.page import draw_page

    found = list(lint_spec(spec, published.released))
    for lang in languages:
        try:
            scene = published.scene(spec.id, lang)
        except MapError as error:
            if not any(each.severity is Severity.ERROR for each in found):
                found.append(_refused(error))
            break
        found += lint_scene(scene)
        found += lint_page(draw_page(scene), scene)
    found += unused_overrides(spec.overrides, found)
    return tuple(sorted(_once(found), key=lambda each: (_ORDER[each.severity], each.rule)))


def _once(findings: Iterable[LintFinding]) -> list[LintFinding]:
    """Keep one of findings that differ only in the language's words: the first of each rule's."""
    return list(dict.fromkeys(findings))


def _refused(error: MapError) -> LintFinding:
    return LintFinding(
        error.code,
        Severity.ERROR,
        str(error),
        "A map that cannot be composed is not drawn.",
        "Change the map as the sentence says.",
    )


def finding_document(finding: LintFinding) -> dict[str, Any]:
    """Return one finding as JSON values."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "what": finding.what,
        "why": finding.why,
        "fix": finding.fix,
        "overridden": finding.overridden or None,
    }
