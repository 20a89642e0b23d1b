"""Rules over what bands and partner marks claim: did people move, and is silence absence?"""

from collections.abc import Iterator

from maps.lint_rules import RuleBook, Severity
from maps.lint_rules_spec import says_movement
from maps.messages import messages
from maps.scene import Scene

__all__ = ["BOOK"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING

BOOK: RuleBook[Scene] = RuleBook()


@BOOK.rule(
    "stock-as-movement",
    ERROR,
    point=26,
    why="People present, by origin, are a stock of years. Drawn as a movement, they read as news.",
    fix="Let the legend say that bands link people present to where they come from.",
    binding=True,
)
def _stock_said(scene: Scene) -> Iterator[str]:
    legend = scene.flow_legend
    measures = {mark.measure for mark in scene.flows}
    if not legend or not measures:
        return
    say = messages(scene.lang).say
    if "stock" in measures and (
        not legend.subtitle.strip() or legend.subtitle == say("flows.subtitle.movement")
    ):
        yield "bands are stocks by origin, and the legend does not say so"
    if "stock" not in measures and legend.subtitle == say("flows.subtitle.stock"):
        yield "bands are movements, and the legend calls them stocks"
    if measures == {"stock"} and (word := says_movement(scene.title)):
        yield f"every band is a stock by origin, and the title says “{word}”"


@BOOK.rule(
    "flow-without-end",
    ERROR,
    point=18,
    why="A band that begins or ends nowhere is not drawn, and its people fall off the map.",
    fix="Name a place that is known for each end, or list the flow as unplaced.",
    binding=True,
)
def _flows_end(scene: Scene) -> Iterator[str]:
    known = {node.id for node in scene.nodes}
    for band in scene.flows:
        for end in (band.origin, band.destination):
            if end not in known:
                yield f"{band.origin} to {band.destination}: {end!r} is no place of the map"
        if band.origin == band.destination:
            yield f"{band.origin}: a flow from a place to itself cannot be drawn"


@BOOK.rule(
    "absence-unsaid",
    ERROR,
    why="No mark means that nothing was reported. Read as “nobody works there”, it wastes a visit.",
    fix="Let the legend of partners say what no mark means.",
)
def _absence_said(scene: Scene) -> Iterator[str]:
    if scene.presence and scene.presence_legend and not scene.presence_legend.subtitle.strip():
        yield "the legend of partners does not say what no mark means"
