"""Rules over numerals and marks: is each the figure it stands for, and there once?"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from maps.lint_rules import RuleBook, Severity
from maps.messages import messages
from maps.scene import Scene

__all__ = ["BOOK"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING

BOOK: RuleBook[Scene] = RuleBook()


@BOOK.rule(
    "number-not-the-figure",
    ERROR,
    point=25,
    why="A numeral that is not the figure drawn beside it is an error nobody can find later.",
    fix="Write every numeral from the value that is drawn.",
    binding=True,
)
def _numbers_trace(scene: Scene) -> Iterator[str]:
    say = messages(scene.lang)
    for mark in scene.symbols:
        for part in mark.parts:
            if math.isfinite(part.value) and say.number(part.value) not in part.label:
                yield f"{mark.name}: {part.value:,.0f} {part.group} is written “{part.label}”"
    for band in scene.flows:
        possible = math.isfinite(band.value) and bool(band.label)
        if possible and say.number(band.value) not in band.label:
            yield f"{band.origin} to {band.destination}: {band.value:,.0f} is “{band.label}”"


@BOOK.rule(
    "number-not-in-table",
    ERROR,
    point=25,
    why="Map and table are read side by side: they must say the same.",
    fix="Make the table from the same figures as the map.",
    binding=True,
)
def _numbers_tabled(scene: Scene) -> Iterator[str]:
    cells = {cell for twin in scene.twins for row in twin.rows for cell in row}
    if not cells:
        return
    labels = [
        *((mark.name, part.label) for mark in scene.symbols for part in mark.parts),
        *((f"{band.origin} to {band.destination}", band.label) for band in scene.flows),
    ]
    for name, label in labels:
        if label and label not in cells:
            yield f"{name}: {label} is on the map and not in the table"


@BOOK.rule(
    "impossible-number",
    ERROR,
    why="There are no negative people, and a size cannot show what is not a number.",
    fix="Correct the table.",
    binding=True,
)
def _possible_numbers(scene: Scene) -> Iterator[str]:
    for mark in scene.symbols:
        for part in mark.parts:
            if not math.isfinite(part.value) or part.value < 0:
                yield f"{mark.name}: {part.value} {part.group}"
    for band in scene.flows:
        if not math.isfinite(band.value) or band.value <= 0:
            yield f"{band.origin} to {band.destination}: {band.value} {band.group}"
    for badge in scene.presence:
        if badge.count != len(set(badge.orgs)) or badge.count < 1:
            yield f"{badge.name}: {badge.count} organisations, {len(set(badge.orgs))} named"


@BOOK.rule(
    "drawn-twice",
    ERROR,
    why="A place drawn twice counts its people twice.",
    fix="Join the rows of a place before drawing it.",
    binding=True,
)
def _drawn_once(scene: Scene) -> Iterator[str]:
    yield from _repeated("area", [fill.pcode for fill in scene.fills])
    yield from _repeated("symbol", [mark.place for mark in scene.symbols])
    yield from _repeated("partner mark", [mark.pcode for mark in scene.presence])
    bands = [f"{b.origin} to {b.destination}, {b.group} {b.measure}" for b in scene.flows]
    yield from _repeated("flow", bands)


def _repeated(what: str, ids: Sequence[str]) -> Iterator[str]:
    for each, times in Counter(ids).items():
        if times > 1:
            yield f"the {what} {each} is there {times} times"
