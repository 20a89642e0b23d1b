"""Counts per region, asked and answered the same way by the command line and the API."""

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.counts import Counts
    from service.published import Published

__all__ = [
    "Answer",
    "BBox",
    "CountsAsked",
    "ask",
    "counts_document",
    "counts_facts",
    "exact",
    "part_of",
]

BBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CountsAsked:
    """What is asked. ``bbox`` (west, south, east, north; degrees) keeps the units that touch it."""

    level: int = 1
    group: str | None = None
    date: dt.date | None = None
    measure: str | None = None
    origin: str | None = None
    parent: str | None = None
    bbox: BBox | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class Answer:
    """Counts of one edition; their names and notes are in the language asked for."""

    counts: "Counts"
    edition: str
    vintage: str


def ask(published: "Published", asked: CountsAsked) -> Answer:
    """Count persons per unit; raises a `FigureError` where there are no such figures.

    Without a group the only one with figures at the level; `UnknownGroup` names the choices where
    there are several. Without a date the latest that has figures at that level for that group.
    """
    from geo.counts import CountQuery, counts

    answer = counts(
        published.released,
        published.boundaries,
        CountQuery(
            level=asked.level,
            group=asked.group or _only_group(published, asked.level),
            date=asked.date,
            measure=asked.measure,
            origin=asked.origin,
            parent=asked.parent,
        ),
        lang=asked.lang,
    )
    if asked.bbox is not None:
        answer = _within(answer, published, asked.bbox)
    return Answer(answer, published.edition.id, published.vintage.id)


def part_of(answer: Answer, first: int, size: int) -> Answer:
    """Return some of an answer's rows; its totals and notes stay those of all."""
    there = len(answer.counts.columns)
    if not first and size >= there:
        return answer
    some = answer.counts.columns.some(range(first, min(first + size, there)))
    return replace(answer, counts=replace(answer.counts, columns=some))


def counts_document(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON values; None is "not reported", which is not zero.

    Only a figure that is in part shared out has ``low`` and ``high``.
    """
    return counts_facts(answer) | {
        "rows": [
            {
                "pcode": row.pcode,
                "name": row.name,
                "value": exact(row.value),
                **({} if row.low is None else {"low": exact(row.low), "high": exact(row.high)}),
                "state": row.state,
                "carried": list(row.carried),
                "sources": list(row.sources),
            }
            for row in answer.counts.rows
        ],
    }


def counts_facts(answer: Answer) -> dict[str, Any]:
    """Return the members of `counts_document` in their order; ``rows`` is None."""
    counts = answer.counts
    return {
        "situation": counts.situation,
        "edition": answer.edition,
        "vintage": answer.vintage,
        "level": counts.level,
        "group": counts.group,
        "measure": counts.measure,
        "date": counts.date.isoformat(),
        "unit": counts.unit,
        "total": exact(counts.total),
        "unplaced": exact(counts.unplaced),
        "stated_total": exact(counts.stated_total),
        "rows": None,
        "notes": list(counts.notes),
    }


def exact(value: float | None) -> int | float | None:
    """Return a whole number as int, so that JSON shows persons and not decimals; NaN is None.

    >>> exact(13215.0), exact(2.5), exact(float("nan"))
    (13215, 2.5, None)
    """
    if value is None or math.isnan(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def _only_group(published: "Published", level: int) -> str:
    from geo.counts import UnknownGroup

    there = published.released.index.levels
    groups = [group for group, levels in there.items() if level in levels]
    if len(groups) == 1:
        return groups[0]
    raise UnknownGroup("", known=groups)


def _within(counts: "Counts", published: "Published", bbox: BBox) -> "Counts":
    """Keep the rows whose unit touches the box; the totals are then those of the rows kept."""
    import shapely

    frame = published.boundaries.frame
    here = set(frame.loc[shapely.intersects(frame.geometry.values, shapely.box(*bbox)), "pcode"])
    codes = counts.columns.pcode
    columns = counts.columns.some(place for place, code in enumerate(codes) if code in here)
    total = sum(value for value in columns.value if value is not None)
    return replace(counts, columns=columns, total=total, unplaced=0, stated_total=None)
