"""Which sheet of a workbook holds the data. Chosen from what the sheets hold, never just the first."""

import math
import re
from dataclasses import dataclass

from geo.emptiness import folded
from geo.errors import UnreadableTable
from geo.grids import Sheet
from geo.headers import Header, find_header
from geo.recognising import recognise
from geo.shapes.shape import Shape

__all__ = ["Candidate", "choose_sheet"]

_HELPERS = re.compile(
    r"lookup|look up|list(?:e|es|s)?\b|^list|drop ?down|valid|admin\b|adminname|ref(?:erence)?s?\b|"
    r"param|read ?me|lisez|instruction|guide|notes?\b|metadata|meta\b|method|definition|glossa|legend|"
    r"figure|chart|graph|dashboard|cover|about|log\b|change|code|org ?list|note technique"
)
_DERIVED = re.compile(
    r"pivot|\btcd\b|synth|summary|resume|analyse|analysis|count|total|report|unique|matrix|tableau"
)
_OLD = re.compile(
    r"\(\d+\)|\bold\b|ancien|\barch|archive|copy|copie|backup|\bbak\b|prev(?:ious)?\b|draft|sheet\d+$|"
    r"feuil\d+$|test\b|tmp|deleted"
)


@dataclass(frozen=True)
class Candidate:
    """One sheet, how it reads, and what speaks for (positive) and against it."""

    sheet: Sheet
    header: Header | None
    shape: Shape | None
    score: float
    reasons: tuple[str, ...]


def choose_sheet(sheets: list[Sheet]) -> tuple[Sheet, tuple[str, ...]]:
    """Return the sheet that holds the data, and the reasons in a few words each.

    A recognised shape counts most, then rows; hidden sheets, lookup lists, old copies, pivots and
    notes lose. Where another sheet comes near, the reasons name it, and the user may name it too.

    Raises
    ------
    UnreadableTable
        No sheet holds a table.
    """
    ranked = sorted((_judged(sheet) for sheet in sheets), key=lambda one: -one.score)
    best = ranked[0]
    if best.header is None:
        raise UnreadableTable(
            best.sheet.file,
            found=f"none of its {len(sheets)} sheets holds a table"
            if len(sheets) > 1
            else "holds no table",
            expected="a sheet with a header row and data under it",
            todo="Give every column a name in one row, and the data in the rows under it.",
        )
    reasons = list(best.reasons)
    if len(sheets) == 1:
        return best.sheet, (*reasons, "it is the only sheet")
    for other in ranked[1:]:
        if other.shape is not None and other.shape.kind != "unknown":
            against = "; ".join(other.reasons)
            reasons.append(f"sheet {other.sheet.name!r} could be meant as well ({against})")
            break
    return best.sheet, tuple(reasons)


def _judged(sheet: Sheet) -> Candidate:
    try:
        header = find_header(sheet)
    except UnreadableTable as error:
        return Candidate(sheet, None, None, -math.inf, (f"it {error.found}",))
    if not len(header.data):
        return Candidate(sheet, None, None, -math.inf, ("it has a header and no rows",))
    shape = recognise(sheet, header)
    points: list[tuple[float, str]] = [
        (1.5 * math.log10(len(header.data) + 1), f"{len(header.data)} rows of data"),
    ]
    if shape.kind != "unknown":
        points.append((6.0, f"it reads as: {shape.title}"))
    else:
        points.append((-4.0, "it counts no people and names no partners"))
    if header.hxl is not None:
        points.append((1.0, "it carries HXL tags"))
    if len(header.columns) < 3:
        points.append((-2.0, "it has one or two columns"))
    if sheet.hidden:
        points.append((-5.0, "it is hidden"))
    name = folded(sheet.name).replace("_", " ")
    for pattern, cost, why in (
        (_HELPERS, 4.0, "its name is that of a list or of notes"),
        (_DERIVED, 3.0, "its name is that of a summary"),
        (_OLD, 3.0, "its name is that of a copy"),
    ):
        if pattern.search(name):
            points.append((-cost, why))
    score = sum(point for point, _ in points)
    return Candidate(sheet, header, shape, score, tuple(why for _, why in points))
