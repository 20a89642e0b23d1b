"""From a recognised sheet to figures, flows or presence. Every row is in the table or left out with why.

Nothing is matched or added up here: places stay as written, and each row keeps its file and row
number. Zeros of sparse tables, parts of totals and groups that are no displacement are left out,
and said to be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.grids import Sheet
from geo.headers import Dropped, Header
from geo.shapes.shape import Shape
from geo.shaping_rows import Reading
from geo.tables import (
    FIGURE_COLUMNS,
    FLOW_COLUMNS,
    PRESENCE_COLUMNS,
    FigureTable,
    FlowTable,
    PresenceTable,
)
from geo.troubles import Trouble

__all__ = ["Shaped", "to_figures", "to_flows", "to_presence", "to_table"]


@dataclass(frozen=True)
class Shaped:
    """A table as read, the rows it leaves out, and what is odd.

    ``dropped`` are data rows without any figure in ``table``, each with its reason: no-figure,
    part-of-total, other-group, no-place, no-organisation, bad-number, bad-date. Together with the
    rows of ``table`` they are exactly the data rows of the header.
    """

    table: FigureTable | FlowTable | PresenceTable
    dropped: tuple[Dropped, ...]
    troubles: tuple[Trouble, ...]


def to_table(sheet: Sheet, header: Header, shape: Shape, *, source: str) -> Shaped:
    """Read a sheet into the kind of table its shape says.

    Raises
    ------
    ValueError
        The shape is unknown: the caller has to give a profile first.
    """
    if shape.kind == "flows":
        return to_flows(sheet, header, shape, source=source)
    if shape.kind == "presence":
        return to_presence(sheet, header, shape, source=source)
    if shape.kind == "unknown":
        raise ValueError(f"{sheet.where}: {shape.title}")
    return to_figures(sheet, header, shape, source=source)


def to_figures(sheet: Sheet, header: Header, shape: Shape, *, source: str) -> Shaped:
    """Read figures at places: the columns of ``FIGURE_COLUMNS``, one row per count.

    A bare year is the year's last day for a stock, and the whole year for what is new in it.
    """
    reading = Reading(sheet, header, shape, source)
    place = reading.places(shape.place) if shape.place else reading.one_place()
    frame = reading.counted(place, reading.places(shape.origin))
    table = FigureTable(_typed(frame, FIGURE_COLUMNS))
    return Shaped(table, reading.left_out(), tuple(reading.troubles))


def to_flows(sheet: Sheet, header: Header, shape: Shape, *, source: str) -> Shaped:
    """Read movements from a place to a place: the columns of ``FLOW_COLUMNS``, one row per count."""
    reading = Reading(sheet, header, shape, source)
    frame = reading.counted(reading.places(shape.place), reading.places(shape.origin), flows=True)
    return Shaped(
        FlowTable(_typed(frame, FLOW_COLUMNS)), reading.left_out(), tuple(reading.troubles)
    )


def to_presence(sheet: Sheet, header: Header, shape: Shape, *, source: str) -> Shaped:
    """Read who does what where: the columns of ``PRESENCE_COLUMNS``, one row per row.

    A row without an organisation is left out: in 3W tables such rows list places that nobody
    works in, which is "not reported", never presence.
    """
    reading = Reading(sheet, header, shape, source)
    frame = reading.present(reading.places(shape.place))
    return Shaped(
        PresenceTable(_typed(frame, PRESENCE_COLUMNS)), reading.left_out(), tuple(reading.troubles)
    )


_TYPES = {"value": "float64", "row": "int64", "start": "object", "date": "object"}


def _typed(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the frame with exactly our columns and the types `geo.tables` promises."""
    typed: dict[str, Any] = {}
    for name in columns:
        typed[name] = pd.Series(frame[name], dtype=_TYPES.get(name, "str"))
    return pd.DataFrame(typed)
