"""Write docs/checklist.md from the rules themselves, so that the page cannot fall behind them."""

from pathlib import Path

from maps.lint import rules
from maps.lint_rules import Rule, Severity

HEAD = """# The cartographic checklist

`sitmap lint FOLDER` looks at each map as it is asked for, as it is composed, and as it is drawn, and says what
misleads, why it matters and how to mend it. An **error** misleads or leaves out what a reader must know: the
command then exits with 1. A **warning** hinders, a *note* informs.

A map may depart from a rule on purpose. It says so in `situation.toml`, and prints the reason in its notes:

```toml
[[map.override]]
rule = "too-many-classes"
why = { en = "Six classes, as in the national atlas." }
```

Rules marked *binding* cannot be overridden: their breach would be a falsehood. The number is the point of the
checklist (UNHCR's mapping guidelines of February 2024, and what the literature on flow maps adds) that a rule
holds; rules without a number are the program's own.

| rule | | point | what it guards against | what to do |
| --- | --- | --- | --- | --- |
"""

_WORDS = {Severity.ERROR: "**error**", Severity.WARNING: "warning", Severity.NOTE: "*note*"}


def row(rule: Rule[object]) -> str:
    """Return a rule as a row of the table."""
    kind = _WORDS[rule.severity] + (", *binding*" if rule.binding else "")
    return f"| `{rule.id}` | {kind} | {rule.point or ''} | {rule.why} | {rule.fix} |"


def main() -> None:
    """Write the page beside this script."""
    page = HEAD + "\n".join(row(rule) for rule in rules()) + "\n"  # type: ignore[arg-type]
    (Path(__file__).parent / "checklist.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
