"""Which part of the sheet is for what: the legend goes where it leaves the map largest.

Three shapes are tried for the panel: columns at the side that reading starts from, a strip below
the content, and the corners that the country leaves free. All within the map's frame, so that the
ground runs on beneath.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from maps.display import Box, Item, moved
from maps.legend_blocks import LegendBlock, panel

__all__ = ["Plan", "arranged", "plan_page", "room_scale", "settled"]

_INSET = 2.0  # mm from the frame to a panel
_PADDING = 2.6  # mm within a panel
_BETWEEN = 3.4  # mm between blocks
_GUTTER = 1.5  # mm between columns
_CLEAR = 4.0  # mm between the content and the frame or a panel


@dataclass(frozen=True, slots=True)
class Plan:
    """``panel`` holds the legend, None without one; ``columns`` are the blocks in each column, and
    ``grounds`` the boxes that each column's blocks lie on. ``room`` is left for the content."""

    panel: Box | None
    room: Box
    columns: tuple[tuple[int, ...], ...]
    grounds: tuple[Box, ...] = ()


def plan_page(blocks: Sequence[LegendBlock], frame: Box, size: tuple[float, float]) -> Plan:
    """Return the arrangement in which content of proportions ``size`` is largest."""
    whole = _shrunk(frame)
    if not blocks:
        return Plan(None, whole, ())
    plans = []
    for columns in range(1, 6):
        if columns > len(blocks):
            break
        split = _split([block.height for block in blocks], columns)
        plans += [
            plan
            for side in (True, False)
            if (plan := _placed(blocks, split, frame, at_side=side)) is not None
        ]
    if not plans:  # too much to explain for this sheet: one column, as wide as it is
        split = _split([block.height for block in blocks], min(2, len(blocks)))
        return Plan(_panel(blocks, split, frame, at_side=True), whole, split)
    return max(plans, key=lambda plan: room_scale(plan.room, size))


def _shrunk(box: Box) -> Box:
    return (box[0] + _CLEAR, box[1] + _CLEAR, box[2] - _CLEAR, box[3] - _CLEAR)


def room_scale(room: Box, size: tuple[float, float]) -> float:
    """Return by how much content of proportions ``size`` can be enlarged in a room."""
    return min((room[2] - room[0]) / size[0], (room[3] - room[1]) / size[1])


def _split(heights: Sequence[float], columns: int) -> tuple[tuple[int, ...], ...]:
    """Cut blocks, in order, into columns of which the tallest is as low as can be."""
    if columns == 1:
        return (tuple(range(len(heights))),)
    best: tuple[tuple[int, ...], ...] = ()
    lowest = float("inf")
    for first in range(1, len(heights) - columns + 2):
        rest = _split(heights[first:], columns - 1)
        split = (tuple(range(first)), *(tuple(i + first for i in part) for part in rest))
        tallest = max(sum(heights[i] + _BETWEEN for i in part) for part in split)
        if tallest < lowest - 1e-9:
            best, lowest = split, tallest
    return best


def _panel(
    blocks: Sequence[LegendBlock],
    split: tuple[tuple[int, ...], ...],
    frame: Box,
    *,
    at_side: bool,
) -> Box:
    column = blocks[0].width + 2 * _PADDING
    width = column * len(split) + _GUTTER * (len(split) - 1)
    height = 2 * _PADDING + max(_height(blocks, part) for part in split)
    x0 = frame[0] + _INSET
    y0 = frame[1] + _INSET if at_side else frame[3] - _INSET - height
    return (x0, y0, x0 + width, y0 + height)


def _placed(
    blocks: Sequence[LegendBlock],
    split: tuple[tuple[int, ...], ...],
    frame: Box,
    *,
    at_side: bool,
) -> Plan | None:
    """Return the plan with a panel at the side or below; None where it does not fit."""
    panel = _panel(blocks, split, frame, at_side=at_side)
    if panel[2] > frame[2] - _INSET + 0.01 or panel[1] < frame[1] or panel[3] > frame[3] - _INSET:
        return None
    x0, y0, x1, y1 = _shrunk(frame)
    room = (panel[2] + _CLEAR, y0, x1, y1) if at_side else (x0, y0, x1, panel[1] - _CLEAR)
    if room[2] - room[0] < 20 or room[3] - room[1] < 20:
        return None
    return Plan(panel, room, split)


def arranged(blocks: Sequence[LegendBlock], plan: Plan) -> list[Item]:
    """Return the items of all blocks, each on its ground."""
    items: list[Item] = []
    for part, ground in zip(plan.columns, plan.grounds, strict=True):
        items.append(panel(*ground))
        y = ground[1] + _PADDING
        for i in part:
            items += moved(blocks[i].items, ground[0] + _PADDING, y)
            y += blocks[i].height + _BETWEEN
    return items


def settled(blocks: Sequence[LegendBlock], plan: Plan) -> Plan:
    """Return the plan with a ground for each column, as high as its blocks have become."""
    if plan.panel is None:
        return plan
    x0, y0, _, y1 = plan.panel
    width = blocks[0].width + 2 * _PADDING
    at_top = plan.room[0] > plan.panel[2]
    grounds = []
    for column, part in enumerate(plan.columns):
        height = _height(blocks, part) + 2 * _PADDING
        x = x0 + column * (width + _GUTTER)
        grounds.append(
            (x, y0, x + width, y0 + height) if at_top else (x, y1 - height, x + width, y1)
        )
    return Plan(plan.panel, plan.room, plan.columns, tuple(grounds))


def _height(blocks: Sequence[LegendBlock], part: Sequence[int]) -> float:
    return sum(blocks[i].height for i in part) + _BETWEEN * (len(part) - 1)
