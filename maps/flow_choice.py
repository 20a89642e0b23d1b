"""Which flows are drawn, and as what. A stock by origin is no movement: it has no net.

Functions of marks alone: what is left out, merged or balanced is returned beside what is kept, so
that the map can say so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from maps.errors import WouldMislead
from maps.scene import FlowMark

__all__ = ["MOST_BANDS", "Balance", "Rest", "balanced", "largest_flows"]

MOST_BANDS = 80  # that a reader can tell apart on one page

Balance = Literal["two-way", "gross", "net"]
"""*two-way*: a band each way. *gross*: one band of both ways' sum, in the direction of the larger.
*net*: one band of the difference, in its direction."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What a choice leaves out: how many flows, of how many persons, of all flows' persons."""

    count: int
    value: float
    total: float

    @property
    def share(self) -> float:
        """The share of all persons, 0 to 1."""
        return self.value / self.total if self.total else 0.0


def largest_flows(
    marks: Sequence[FlowMark], most: int = MOST_BANDS
) -> tuple[tuple[FlowMark, ...], Rest]:
    """Return the largest flows, largest first, and what the others come to ("other").

    Flows as large as the first one left out are left out too: no two equal flows are treated
    differently, unless more than half of the places would stay empty for it.
    """
    ordered = sorted(marks, key=lambda m: (-m.value, m.origin, m.destination, m.group))
    kept = ordered[:most]
    if len(ordered) > most:
        larger = [mark for mark in kept if mark.value > ordered[most].value]
        if len(larger) * 2 >= most:
            kept = larger
    total = sum(mark.value for mark in ordered)
    value = total - sum(mark.value for mark in kept)
    return tuple(kept), Rest(len(ordered) - len(kept), value, total)


def balanced(
    marks: Sequence[FlowMark], balance: Balance, written: Callable[[float], str]
) -> tuple[FlowMark, ...]:
    """Return the flows as one wants the two ways between places shown.

    Ways are set against each other within one group and measure only. ``written`` formats a figure
    that no table states. Flows that balance out have no net and are left out of it.

    Raises
    ------
    WouldMislead
        A net is asked of stocks by origin, which did not move from place to place.
    """
    if balance == "two-way":
        return tuple(marks)
    stocks = sorted({mark.group for mark in marks if mark.measure == "stock"})
    if balance == "net" and stocks:
        raise WouldMislead(
            map_id="",
            layer="flows",
            why=f"people present by origin ({', '.join(stocks)}) cannot be balanced: "
            "those who left A for B and those who left B for A are all still away",
            todo="Show both ways, or their sum.",
        )
    pairs: dict[tuple[str, str, str, str], list[FlowMark]] = {}
    for mark in marks:
        one, other = sorted((mark.origin, mark.destination))
        pairs.setdefault((one, other, mark.group, mark.measure), []).append(mark)
    return tuple(
        each for pair in pairs.values() if (each := _as_one(pair, balance, written)) is not None
    )


def _as_one(
    pair: Sequence[FlowMark], balance: Balance, written: Callable[[float], str]
) -> FlowMark | None:
    ways: dict[str, float] = {}
    for mark in pair:
        ways[mark.origin] = ways.get(mark.origin, 0.0) + mark.value
    origin = max(sorted(ways), key=lambda place: ways[place])
    there, back = ways[origin], sum(ways.values()) - ways[origin]
    value = there + back if balance == "gross" else there - back
    if value <= 0:
        return None
    mark = next(mark for mark in pair if mark.origin == origin)
    if len(pair) == 1:
        return mark
    text = " + ".join(each.text for each in pair) if balance == "gross" else mark.text
    return replace(mark, value=value, label=written(value), text=text)
